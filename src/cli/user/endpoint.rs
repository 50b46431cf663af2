//! The address that is asked in place of `https://HOST`, or of a vendor's own API.

use url::Url;

use crate::diagnostic::{Diagnostic, Passage};
use crate::registry::is_this_machine;

/// Why a text is no such address: what a key that takes one is, or has not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum EndpointError {
    /// It is no address at all.
    #[error("is an address such as `https://registry.example:5000`")]
    Address,
    /// It has a name or a password in it (threats K3); neither is repeated.
    #[error("has no user name and no password; they belong in Docker's config")]
    Userinfo,
    /// It says more than where to ask.
    #[error("has no `?` and no `#`")]
    More,
    /// Credentials would leave the machine in the clear.
    #[error("in the clear is on this machine; elsewhere it starts with `https://`")]
    Clear,
}

impl EndpointError {
    /// Shows the error at its place, unless that would show a password with it.
    pub(super) fn explain(&self, key: &str, passage: &Passage) -> Diagnostic {
        let place = passage.place();
        match self {
            Self::Userinfo => {
                let (line, column) = place.line_and_column();
                let name = &place.source.name;
                Diagnostic::error(format!("`{key}` {self} ({name}:{line}:{column})"))
                    .hint("log in with `docker login HOST`")
            }
            _ => Diagnostic::error(format!("`{key}` {self}")).at(&place, ""),
        }
    }
}

/// Reads an endpoint.
pub(super) fn parse(text: &str) -> Result<Url, EndpointError> {
    if text.contains('@') {
        return Err(EndpointError::Userinfo);
    }
    // Readers of addresses repair these silently, each in its own way.
    let is_odd = |c: char| !c.is_ascii_graphic() || c == '\\';
    if text.contains(is_odd) {
        return Err(EndpointError::Address);
    }
    let url = Url::parse(text).map_err(|_| EndpointError::Address)?;
    match url.scheme() {
        _ if !url.has_host() => Err(EndpointError::Address),
        _ if url.query().is_some() || url.fragment().is_some() => Err(EndpointError::More),
        "https" => Ok(url),
        "http" if is_this_machine(&url) => Ok(url),
        "http" => Err(EndpointError::Clear),
        _ => Err(EndpointError::Address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n2_only_this_machine_is_asked_in_the_clear() {
        for good in [
            "https://registry.example",
            "https://registry.example:5000/base/",
            "http://localhost:5000",
            "http://a.localhost",
            "http://127.8.0.1:80",
            "http://[::1]:5000",
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for clear in [
            "http://registry.example",
            "http://10.0.0.1:5000",
            "http://localhost.evil.example",
            "http://[fe80::1]",
        ] {
            assert_eq!(parse(clear), Err(EndpointError::Clear), "{clear}");
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        use EndpointError::{Address, More, Userinfo};
        for (text, error) in [
            ("", Address),
            ("registry.example", Address),
            ("registry.example:5000", Address),
            ("ftp://registry.example", Address),
            ("file:///etc", Address),
            ("unix:/var/run/x", Address),
            ("https://", Address),
            ("https:\\\\registry.example", Address),
            ("https://a b", Address),
            ("https://a/\u{202e}", Address),
            ("https://a?x=1", More),
            ("https://a#x", More),
            ("https://bob:hunter2@a", Userinfo),
            ("https://bob@a", Userinfo),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn k3_a_password_is_not_repeated() {
        let passage = Passage::flag("config.yaml", "https://bob:hunter2@a");
        let finding = parse(passage.text())
            .unwrap_err()
            .explain("endpoint", &passage);
        assert!(!finding.message.contains("hunter2") && finding.labels.is_empty());
    }
}
