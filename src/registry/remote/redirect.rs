//! One hop of a redirect: where it may lead (threats B2, B3).

use url::Url;

/// Reads where an answer leads.
///
/// Errors: nowhere, from TLS into the clear, out of HTTP, or with a credential in the address.
pub(super) fn hop(from: &Url, location: Option<&[u8]>) -> Result<Url, &'static str> {
    let location = location.ok_or("it does not say where to")?;
    let location = std::str::from_utf8(location).map_err(|_| "its address is not text")?;
    if location.contains(|c: char| c.is_ascii_control() || c == '\\') {
        return Err("its address is not valid");
    }
    let mut to = from
        .join(location)
        .map_err(|_| "its address is not valid")?;
    match (from.scheme(), to.scheme()) {
        (_, "https") | ("http", "http") => {}
        ("https", "http") => return Err("it leads from TLS to plain HTTP"),
        _ => return Err("it leads out of HTTP"),
    }
    if !to.username().is_empty() || to.password().is_some() {
        return Err("its address has a user name or a password in it");
    }
    to.set_fragment(None);
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(from: &str, location: &str) -> Result<String, &'static str> {
        hop(&from.parse().unwrap(), Some(location.as_bytes())).map(String::from)
    }

    #[test]
    fn b3_relative_addresses_are_resolved_and_fragments_dropped() {
        for (location, to) in [
            ("/blob", "https://a.test/blob"),
            ("blob#x", "https://a.test/v2/blob"),
            ("//b.test/x?sig=1", "https://b.test/x?sig=1"),
            ("https://b.test:8443/", "https://b.test:8443/"),
        ] {
            assert_eq!(from("https://a.test/v2/x", location).as_deref(), Ok(to));
        }
    }

    #[test]
    fn b2_tls_is_not_left_and_neither_is_http() {
        assert!(from("https://a.test/", "http://a.test/").is_err());
        assert!(from("http://a.test/", "http://b.test/").is_ok());
        for location in [
            "file:///etc/passwd",
            "ftp://a.test/",
            "data:,x",
            "javascript:x",
        ] {
            assert!(from("http://a.test/", location).is_err(), "{location}");
        }
    }

    #[test]
    fn b3_what_is_no_address_is_refused() {
        for location in [
            "https://u:p@b.test/",
            "https://u@b.test/",
            "http://[",
            "/a\\b",
            "/a\r\nb",
        ] {
            assert!(from("https://a.test/", location).is_err(), "{location}");
        }
        assert!(hop(&"https://a.test/".parse().unwrap(), None).is_err());
        assert!(hop(&"https://a.test/".parse().unwrap(), Some(b"\xff")).is_err());
    }
}
