//! `Link`: where a listing goes on (RFC 8288; distribution-spec 1.1, "Listing Tags").
//!
//! The next page is asked with a credential, so a link that could lead it elsewhere is refused (threats B4). It cannot
//! even in principle: what is returned is the request's own address with the link's query, which is opaque (threats B6).
//! Whether pages go round in circles is for whoever remembers them (threats B5).

use url::Url;

use crate::limits::{HEADER_BYTES, HEADER_PARTS};

/// Why a link is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::registry) enum LinkError {
    /// It leads to another scheme, host or port.
    #[error("the link to the next page leads to another host")]
    OtherOrigin,
    /// It leads to another listing.
    #[error("the link to the next page leads to another path")]
    OtherPath,
    /// It is no address we accept.
    #[error("the link to the next page is malformed")]
    Malformed,
}

/// Finds the next page among all `Link` headers of an answer to `request`: the first link with the relation `next`.
///
/// Errors: see [`LinkError`]; a link with another relation is never an error.
pub(in crate::registry) fn next<'a>(
    headers: impl IntoIterator<Item = &'a [u8]>,
    request: &Url,
) -> Result<Option<Url>, LinkError> {
    for header in headers.into_iter().take(HEADER_PARTS) {
        if let Some(target) = target(header)? {
            return follow(&target, request).map(Some);
        }
    }
    Ok(None)
}

/// Finds the next page as [`next`] does, of a listing that goes by several paths: GitHub links to the owner's number in place
/// of its name. Only the link's query is taken, and only where it leads to the same host.
///
/// Errors: see [`LinkError`].
pub(in crate::registry) fn next_by_query<'a>(
    headers: impl IntoIterator<Item = &'a [u8]>,
    request: &Url,
) -> Result<Option<Url>, LinkError> {
    for header in headers.into_iter().take(HEADER_PARTS) {
        if let Some(target) = target(header)? {
            return resolve(&target, request).map(|link| Some(turned(request, &link)));
        }
    }
    Ok(None)
}

fn target(header: &[u8]) -> Result<Option<String>, LinkError> {
    if header.len() > HEADER_BYTES {
        return Err(LinkError::Malformed);
    }
    let text = String::from_utf8_lossy(header);
    let mut links = Links(&text);
    Ok(links
        .find(|link| link.is_next)
        .map(|link| link.target.to_owned()))
}

/// The page that a target leads to, as seen from an answer to `request`.
///
/// Errors: see [`LinkError`].
pub(in crate::registry) fn follow(target: &str, request: &Url) -> Result<Url, LinkError> {
    let link = resolve(target, request)?;
    match is_same_listing(link.path(), request.path()) {
        true => Ok(turned(request, &link)),
        false => Err(LinkError::OtherPath),
    }
}

fn turned(request: &Url, link: &Url) -> Url {
    let mut next = request.clone();
    next.set_query(link.query());
    next
}

/// The address that a target is, of the request's own host.
fn resolve(target: &str, request: &Url) -> Result<Url, LinkError> {
    // Readers of addresses differ on backslashes and drop tabs and line breaks; bytes that were no text are now U+FFFD.
    if target.contains(|c: char| c.is_control() || c == '\\' || c == char::REPLACEMENT_CHARACTER) {
        return Err(LinkError::Malformed);
    }
    let link = request.join(target).map_err(|_| LinkError::Malformed)?;
    let has_user = !link.username().is_empty() || link.password().is_some();
    if has_user || link.fragment().is_some() {
        return Err(LinkError::Malformed);
    }
    // Other schemes have opaque origins, which are equal to none.
    match link.origin() == request.origin() {
        true => Ok(link),
        false => Err(LinkError::OtherOrigin),
    }
}

/// Tells whether two paths are of one listing: the same, or one with a prefix that the other side of a reverse proxy sees.
///
/// Nexus links to `/repository/NAME/v2/…`, asked for `/v2/…`. Artifactory leaves its repository's key out: asked for
/// `/v2/KEY/…`, or for `/artifactory/api/docker/KEY/v2/…`, it links to `/v2/…`.
fn is_same_listing(link: &str, request: &str) -> bool {
    let Some(api) = request.find("/v2/") else {
        return link == request;
    };
    let listing = &request[api..];
    link.ends_with(listing) || lacks_key(link, listing)
}

/// Tells whether a link is a repository's listing without the first part of its name, or with it at the end of what stands
/// before `/v2/`. `_catalog` has no name.
fn lacks_key(link: &str, listing: &str) -> bool {
    let Some((key, rest)) = repository(listing).and_then(|name| name.split_once('/')) else {
        return false;
    };
    let (before, link) = link.split_at(link.find("/v2/").unwrap_or_default());
    let is_its = before.is_empty() || before.rsplit('/').next() == Some(key);
    is_its && repository(link) == Some(rest)
}

fn repository(listing: &str) -> Option<&str> {
    listing.strip_prefix("/v2/")?.strip_suffix("/tags/list")
}

/// The links of one header, with `<>` around the target or without.
struct Links<'a>(&'a str);

struct Link<'a> {
    target: &'a str,
    is_next: bool,
}

impl<'a> Iterator for Links<'a> {
    type Item = Link<'a>;

    fn next(&mut self) -> Option<Link<'a>> {
        self.0 = self.0.trim_start_matches([' ', '\t', ',']);
        if self.0.is_empty() {
            return None;
        }
        let (target, rest) = match self.0.strip_prefix('<') {
            Some(text) => text.split_once('>').unwrap_or((text, "")),
            None => bare_target(self.0),
        };
        let (is_next, rest) = relation(rest);
        self.0 = rest;
        let target = target.trim();
        Some(Link { target, is_next })
    }
}

/// A target without `<>` ends where its relation begins: its query may have commas and semicolons of its own.
fn bare_target(text: &str) -> (&str, &str) {
    let mut ends = text.match_indices(';').map(|(at, _)| at);
    let is_relation = |at: &usize| {
        let name = text[at + 1..].trim_start();
        let after = name.get(3..).unwrap_or_default().trim_start();
        name.get(..3)
            .is_some_and(|name| name.eq_ignore_ascii_case("rel"))
            && after.starts_with('=')
    };
    match ends.find(is_relation) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    }
}

/// Reads the parameters of a link: whether the first `rel` among them says `next`, and what follows the link.
fn relation(text: &str) -> (bool, &str) {
    let mut rest = text;
    let mut rel = None;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        let Some(param) = rest.strip_prefix(';') else {
            break;
        };
        let (name, value, after) = parameter(param);
        if name.eq_ignore_ascii_case("rel") {
            rel = rel.or(Some(value));
        }
        rest = after;
    }
    let mut relations = rel.unwrap_or_default().split_ascii_whitespace();
    let is_next = relations.any(|relation| relation.eq_ignore_ascii_case("next"));
    // What is neither parameter nor comma belongs to no link.
    let end = rest.find(',').unwrap_or(rest.len());
    (is_next, &rest[end..])
}

/// One parameter: its name, its value as it stands between the quotes, and what follows.
fn parameter(text: &str) -> (&str, &str, &str) {
    let end = text.find(['=', ';', ',']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let Some(value) = rest.strip_prefix('=') else {
        return (name.trim(), "", rest);
    };
    let value = value.trim_start_matches([' ', '\t']);
    match value.strip_prefix('"') {
        Some(quoted) => {
            let end = closing_quote(quoted);
            let after = quoted.get(end + 1..).unwrap_or_default();
            (name.trim(), &quoted[..end], after)
        }
        None => {
            let end = value.find([';', ',']).unwrap_or(value.len());
            (name.trim(), &value[..end], &value[end..])
        }
    }
}

/// Where a quoted value ends; relations have nothing to escape, but the values beside them may.
fn closing_quote(text: &str) -> usize {
    let mut escaped = false;
    let mut bytes = text.bytes();
    let closes = |byte| {
        let plain = !escaped;
        escaped = byte == b'\\' && plain;
        byte == b'"' && plain
    };
    bytes.position(closes).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TAGS: &str = "https://registry.test/v2/acme/web/tags/list?n=3";
    const CATALOG: &str = "https://registry.test:443/v2/_catalog?n=2";

    fn next_of(request: &str, header: &str) -> Result<Option<String>, LinkError> {
        let request = Url::parse(request).unwrap();
        Ok(next([header.as_bytes()], &request)?.map(String::from))
    }

    fn at(query: &str) -> Result<Option<String>, LinkError> {
        Ok(Some(format!(
            "https://registry.test/v2/acme/web/tags/list?{query}"
        )))
    }

    #[test]
    fn links_of_known_registries() {
        for (link, query) in [
            (
                r#"</v2/acme/web/tags/list?last=1.2.0&n=3>; rel="next""#,
                "last=1.2.0&n=3",
            ),
            (
                r#"<https://registry.test/v2/acme/web/tags/list?last=ZXlKd1lXZGxJam95ZlE>; rel="next""#,
                "last=ZXlKd1lXZGxJam95ZlE",
            ),
            (
                r#"<https://registry.test:443/v2/acme/web/tags/list?n=3&next_page=gAAAA-opaque%3D>; rel="next""#,
                "n=3&next_page=gAAAA-opaque%3D",
            ),
            (
                r#"</v2/acme/web/tags/list?last=b&n=2&orderby=>; rel="next""#,
                "last=b&n=2&orderby=",
            ),
            (
                r#"</v2/acme/web/tags/list?last=a/b c&n=2>; rel="next""#,
                "last=a/b%20c&n=2",
            ),
            (r#"<list?last=a>; rel="next""#, "last=a"),
            (r#"<?last=a>; rel="next""#, "last=a"),
            (
                r#"<//registry.test/v2/acme/web/tags/list?last=a>; rel="next""#,
                "last=a",
            ),
        ] {
            assert_eq!(next_of(TAGS, link), at(query), "{link}");
        }
        let catalog = r#"</v2/_catalog?last=acme%2Fweb&n=2>; rel="next""#;
        let expected = "https://registry.test/v2/_catalog?last=acme%2Fweb&n=2";
        assert_eq!(next_of(CATALOG, catalog), Ok(Some(expected.to_owned())));
    }

    #[test]
    fn b6_sloppy_forms_are_read_as_they_were_meant() {
        for link in [
            "<TARGET>;rel=next",
            "<TARGET>; REL=\"NEXT\"",
            "<TARGET> ; rel = \"next\"",
            "<TARGET>; rel=\"last next\"",
            "<TARGET>; title=\"a, b; rel=\\\"prev\\\"\"; rel=\"next\"",
            "<TARGET>; rel=next; rel=prev",
            "<TARGET>; rel=\"next",
            "< TARGET >; rel=next",
            "TARGET; rel=\"next\"",
            "TARGET;rel=next",
            ",, <TARGET>; rel=next, ",
            "</v2/acme/web/tags/list?last=z>; rel=\"last\", <TARGET>; rel=\"next\"",
            "</v2/acme/web/tags/list?last=z>; rel=\"prev\",TARGET; rel=\"next\"",
            "/v2/acme/web/tags/list?last=z; rel=prev, TARGET; rel=next",
            "<https://evil.example/>; rel=\"help\", <TARGET>; rel=\"next\"",
            "<TARGET>; rel=\"next\", <https://evil.example/>; rel=\"next\"",
        ] {
            for query in ["last=a&n=3", "last=a,b;c&n=3"] {
                let header = link.replace("TARGET", &format!("/v2/acme/web/tags/list?{query}"));
                assert_eq!(next_of(TAGS, &header), at(query), "{header}");
            }
        }
    }

    #[test]
    fn what_is_no_next_is_none() {
        for header in [
            "",
            ",",
            ";",
            "<>",
            "</v2/acme/web/tags/list?last=a>",
            "</v2/acme/web/tags/list?last=a>; rel=\"prev\"",
            "</v2/acme/web/tags/list?last=a>; rel=nextish",
            "</v2/acme/web/tags/list?last=a>; rel",
            "</v2/acme/web/tags/list?last=a>; rel=prev; rel=next",
            "</v2/acme/web/tags/list?last=a>; title=\"; rel=next\"",
            "<https://evil.example/>; rel=\"help\"",
            "next",
        ] {
            assert_eq!(next_of(TAGS, header), Ok(None), "{header}");
        }
        assert_eq!(next([], &Url::parse(TAGS).unwrap()), Ok(None));
    }

    #[test]
    fn links_in_several_headers_are_found() {
        let request = Url::parse(TAGS).unwrap();
        let headers = [&b"<x>; rel=prev"[..], b"<?last=a>; rel=next"];
        let found = next(headers, &request).map(|url| url.map(String::from));
        assert_eq!(found, at("last=a"));
    }

    #[test]
    fn b4_a_link_to_another_host_is_refused() {
        for target in [
            "https://evil.example/v2/acme/web/tags/list?last=a",
            "//evil.example/v2/acme/web/tags/list?last=a",
            "http://registry.test/v2/acme/web/tags/list?last=a",
            "http://registry.test:443/v2/acme/web/tags/list?last=a",
            "https://registry.test:8443/v2/acme/web/tags/list?last=a",
            "https://registry.test./v2/acme/web/tags/list?last=a",
            "https://registry.test.evil.example/v2/acme/web/tags/list?last=a",
            "https://evil.registry.test/v2/acme/web/tags/list?last=a",
            "ftp://registry.test/v2/acme/web/tags/list",
            "file:///v2/acme/web/tags/list",
            "data:/v2/acme/web/tags/list",
        ] {
            let header = format!("<{target}>; rel=\"next\"");
            assert_eq!(
                next_of(TAGS, &header),
                Err(LinkError::OtherOrigin),
                "{target}"
            );
        }
    }

    #[test]
    fn b4_a_listing_of_several_paths_keeps_its_own_and_its_host() {
        let request = Url::parse("https://api.test/orgs/acme/packages?per_page=2").unwrap();
        let of = |header: &str| {
            let found = next_by_query([header.as_bytes()], &request);
            found.map(|url| url.map(String::from))
        };
        let numbered = "<https://api.test/organizations/42/packages?page=2>; rel=next";
        let expected = "https://api.test/orgs/acme/packages?page=2";
        assert_eq!(of(numbered), Ok(Some(expected.to_owned())));
        assert_eq!(of("<https://api.test/x?page=9>; rel=\"last\""), Ok(None));
        let away = "<https://evil.example/orgs/acme/packages?page=2>; rel=next";
        assert_eq!(of(away), Err(LinkError::OtherOrigin));
        let odd = "<https://bob@api.test/orgs/acme/packages?page=2>; rel=next";
        assert_eq!(of(odd), Err(LinkError::Malformed));
    }

    #[test]
    fn b4_a_link_to_another_listing_is_refused() {
        for target in [
            "/v2/acme/other/tags/list?last=a",
            "/v2/acme/web/manifests/latest",
            "/v2/acme/web/tags/list/?last=a",
            "/v2/acme/web/tags/list/x",
            "/v2/acme/web/tags/LIST",
            "/v2/_catalog?last=a",
            "/v2/acme%2fweb/tags/list?last=a",
            "/v2/acme/web%2ftags/list?last=a",
            "/v2/acme%5cweb/tags/list?last=a",
            "/v2/xacme/web/tags/list",
            "/v2/tags/list",
            "/acme/web/tags/list",
            "/repository/x/v2/acme/other/tags/list?last=a",
            "/repository/x/v2/web/tags/list?last=a",
            "/repository/acme/x/v2/web/tags/list?last=a",
            "/repository/xacme/v2/web/tags/list?last=a",
            "/v2/acme/web/../other/tags/list",
            "/v2/acme/web/%2e%2e/other/tags/list",
            "..",
            "/",
        ] {
            let header = format!("<{target}>; rel=\"next\"");
            assert_eq!(
                next_of(TAGS, &header),
                Err(LinkError::OtherPath),
                "{target}"
            );
        }
        let deep = "https://registry.test/v2/a/b/c/tags/list";
        let skipping_two = "</v2/c/tags/list?last=a>; rel=next";
        assert_eq!(next_of(deep, skipping_two), Err(LinkError::OtherPath));
        let catalog = "</v2/catalog>; rel=next";
        assert_eq!(next_of(CATALOG, catalog), Err(LinkError::OtherPath));
    }

    #[test]
    fn b4_a_link_that_readers_could_differ_about_is_refused() {
        for target in [
            "/v2/acme/web/tags/list?last=a#fragment",
            "https://user@registry.test/v2/acme/web/tags/list",
            "https://registry.test@evil.example/v2/acme/web/tags/list",
            "https://:secret@registry.test/v2/acme/web/tags/list",
            "\\\\evil.example/v2/acme/web/tags/list",
            "/\\evil.example/v2/acme/web/tags/list",
            "/v2\\acme/web/tags/list",
            "/v2/acme/web/tags/list?last=\\",
            "/v2/acme/web/tags/list?last=a\tb",
            "/v2/acme/web/tags/list?last=a\r\nb",
            "/\t/evil.example/v2/acme/web/tags/list",
            "/v2/acme/web/tags/list?last=\0",
            "https://",
            "https://registry.test:99999/",
        ] {
            let header = format!("<{target}>; rel=\"next\"");
            assert_eq!(
                next_of(TAGS, &header),
                Err(LinkError::Malformed),
                "{target:?}"
            );
        }
        let request = Url::parse(TAGS).unwrap();
        let not_text = b"</v2/acme/web/tags/list?last=\xff>; rel=next";
        assert_eq!(next([&not_text[..]], &request), Err(LinkError::Malformed));
    }

    #[test]
    fn b4_a_prefix_that_a_proxy_left_behind_is_repaired() {
        for (request, target) in [
            // Nexus on a connector's port.
            (
                "/v2/acme/web/tags/list?n=2",
                "/repository/docker/v2/acme/web/tags/list?last=a&n=2",
            ),
            ("/v2/_catalog", "/repository/docker/v2/_catalog?last=a&n=2"),
            // Nexus by path.
            (
                "/v2/docker/web/tags/list",
                "/repository/docker/v2/web/tags/list?last=a&n=2",
            ),
            // Artifactory, by repository path and by its own path.
            ("/v2/key/web/tags/list", "/v2/web/tags/list?last=a&n=2"),
            (
                "/v2/key/acme/web/tags/list",
                "/v2/acme/web/tags/list?last=a&n=2",
            ),
            (
                "/artifactory/api/docker/key/v2/web/tags/list",
                "/v2/web/tags/list?last=a&n=2",
            ),
            (
                "/artifactory/api/docker/key/v2/_catalog",
                "/v2/_catalog?last=a&n=2",
            ),
        ] {
            let request = format!("https://registry.test{request}");
            let header = format!("<{target}>; rel=\"next\"");
            let mut expected = Url::parse(&request).unwrap();
            expected.set_query(Some("last=a&n=2"));
            assert_eq!(
                next_of(&request, &header),
                Ok(Some(expected.into())),
                "{request} {target}"
            );
        }
    }

    #[test]
    fn c6_a_link_beyond_the_limit_is_refused() {
        let sized = |bytes: usize| {
            let frame = "<?last=>; rel=next".len();
            format!("<?last={}>; rel=next", "x".repeat(bytes - frame))
        };
        assert!(next_of(TAGS, &sized(HEADER_BYTES)).is_ok_and(|next| next.is_some()));
        assert_eq!(
            next_of(TAGS, &sized(HEADER_BYTES + 1)),
            Err(LinkError::Malformed)
        );
    }

    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "<",
            ">",
            ";",
            ",",
            " rel=next",
            "rel=\"next\"",
            "https:",
            "http:",
            "//",
            "/",
            "\\",
            "evil.example",
            "registry.test",
            "registry.test:443",
            "@",
            ":",
            "#",
            "?",
            "%2f",
            "%2e",
            "..",
            ".",
            "/v2/acme/web/tags/list",
            "/v2/",
            "last=a",
            "é",
            "\t",
            "[::1]",
            "\"",
        ]);
        prop::collection::vec(piece, 0..16)
            .prop_map(|pieces| format!("<{}>; rel=\"next\"", pieces.concat()))
    }

    proptest! {
        #[test]
        fn b4_the_next_page_is_never_of_another_listing(header in pieces()) {
            let request = Url::parse(TAGS).unwrap();
            if let Ok(Some(next)) = next([header.as_bytes()], &request) {
                prop_assert_eq!(next.origin(), request.origin());
                prop_assert_eq!(next.path(), request.path());
                prop_assert_eq!((next.username(), next.password(), next.fragment()), ("", None, None));
            }
        }

        #[test]
        fn b4_any_bytes_are_read_without_a_panic(header in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = next([&header[..]], &Url::parse(TAGS).unwrap());
        }
    }
}
