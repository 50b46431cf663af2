//! Documents: what is wrong with them has a place, and what is in them is not repeated.

use super::*;

const SECRET: &str = "hunter2";

fn parse(content: impl AsRef<[u8]>, keys: Keys) -> Result<Document, ConfigError> {
    Document::parse(content.as_ref(), Safe::new("config.json"), keys)
}

/// What answers for a host, in one line.
fn told(content: &str, keys: Keys, host: &str) -> String {
    let document = parse(content, keys).unwrap();
    match document.responsible(&host.parse().unwrap()) {
        None => "none".to_owned(),
        Some(Responsible::Helper { name, key }) => format!("{name} < {key}"),
        Some(Responsible::Entry { key, .. }) => key.to_owned(),
    }
}

#[test]
fn h4_a_malformed_document_is_told_with_its_place_and_without_its_content() {
    for (content, place, fault) in [
        (
            "{\n  \"auths\": {\"hunter2\": {\"auth\": hunter2}}\n}",
            "2:33",
            "expected value",
        ),
        (
            "{\"auths\": {\"a\": {\"auth\": \"hunter2",
            "1:33",
            "EOF while parsing a string",
        ),
        (
            "{\"auths\": {\"hunter2\": {},\n\"hunter2\": {}}}",
            "2:14",
            "duplicate key",
        ),
        ("{} hunter2", "1:4", "trailing characters"),
        ("hunter2", "1:1", "expected value"),
        ("\"hunter2\"", "1:1", "it is not an object"),
        ("[\"hunter2\"]", "1:1", "it is not an object"),
        (
            "{\n\"auths\": \"hunter2\"}",
            "2:10",
            "`auths` is not an object",
        ),
        (
            "{\n\"auths\":[\"hunter2\"]}",
            "2:9",
            "`auths` is not an object",
        ),
        (
            "{\"credHelpers\": \"hunter2\"}",
            "1:17",
            "`credHelpers` is not an object",
        ),
        (
            "{\"credHelpers\": {\"hunter2\": \"x\",\n \"ghcr.io\": [\"hunter2\"]}}",
            "2:13",
            "the name of a credential helper is not a text",
        ),
        (
            "{\"credsStore\": {\"hunter2\": 1}}",
            "1:16",
            "`credsStore` is not a text",
        ),
        (
            "{\"a\": \"\u{1}hunter2\"}",
            "1:8",
            "control character (\\u0000-\\u001F) found while parsing a string",
        ),
    ] {
        let error = parse(content, Keys::Docker).err().expect(content);
        let found = error
            .place()
            .map(|place| format!("{}:{}", place.line, place.column));
        assert_eq!(found.as_deref(), Some(place), "{content}");
        let place = place.replace(':', ", column ");
        let expected = format!("`config.json` is malformed at line {place}: {fault}");
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.file().as_str(), "config.json");
        assert!(!format!("{error:?}").contains(SECRET), "{error:?}");
    }
}

#[test]
fn h4_bytes_that_are_no_text_are_malformed() {
    for content in [
        &b"\xff\xfe{\0}\0"[..],
        b"\xfe\xff\0{",
        b"{\"a\": \"\xff\"}",
        b"\0\0\0",
    ] {
        assert!(parse(content, Keys::Docker).is_err(), "{content:?}");
    }
    let error = parse(b"\xff\xfe{\0}\0", Keys::Docker)
        .err()
        .unwrap()
        .to_string();
    assert!(error.ends_with("it is UTF-16, not UTF-8"), "{error}");
}

#[test]
fn h4_an_empty_document_has_no_credentials() {
    for content in [
        "",
        " \n\t",
        "null",
        "{}",
        "{\"auths\": null}",
        "\u{feff}",
        "\u{feff}{}",
    ] {
        assert_eq!(
            told(content, Keys::Docker, "ghcr.io"),
            "none",
            "{content:?}"
        );
    }
    let marked = "\u{feff}{\"auths\": {\"ghcr.io\": {\"auth\": \"x\"}}}";
    assert_eq!(told(marked, Keys::Docker, "ghcr.io"), "ghcr.io");
}

#[test]
fn a11_what_else_stands_in_a_document_is_left_alone() {
    let content = r#"{"HttpHeaders": {"X-A": "hunter2"}, "proxies": 5, "plugins": [], "auths": {}, "credsStore": null,
        "detachKeys": "a", "credHelpers": null}"#;
    assert_eq!(told(content, Keys::Docker, "ghcr.io"), "none");
}

#[test]
fn a7_a_helper_of_the_host_comes_before_the_store_and_the_store_before_entries() {
    let content = r#"{
        "credHelpers": {"a.io": "one", "b.io": "", "https://c.io": "no", "d.io/x": "no", "E.io": "no", "e.io": "one",
            "docker.io": "no", "index.docker.io": "no"},
        "credsStore": "store",
        "auths": {"a.io": {"auth": "x"}, "https://b.io/v2/": {"auth": "x"}, "c.io": {"auth": "x"}}
    }"#;
    for (host, expected) in [
        ("a.io", "one < a.io"),
        ("b.io", "https://b.io/v2/"),
        ("c.io", "store < c.io"),
        ("d.io", "store < d.io"),
        ("e.io", "one < e.io"),
        ("e.io:443", "store < e.io:443"),
        ("docker.io", "store < https://index.docker.io/v1/"),
        (
            "registry-1.docker.io",
            "store < https://index.docker.io/v1/",
        ),
    ] {
        assert_eq!(told(content, Keys::Docker, host), expected, "{host}");
    }
    let hub = r#"{"credHelpers": {"https://index.docker.io/v1/": "hub", "a.io": ""}}"#;
    for (host, expected) in [
        ("index.docker.io", "hub < https://index.docker.io/v1/"),
        ("registry-1.docker.io", "hub < https://index.docker.io/v1/"),
        ("a.io", "none"),
        ("b.io", "none"),
    ] {
        assert_eq!(told(hub, Keys::Docker, host), expected, "{host}");
    }
}

#[test]
fn an_empty_store_is_none() {
    let content = r#"{"credsStore": "", "auths": {"a.io": {"auth": "x"}}}"#;
    assert_eq!(told(content, Keys::Docker, "a.io"), "a.io");
}

#[test]
fn podman_has_helpers_by_host_and_no_store() {
    let content = r#"{
        "credHelpers": {"a.io": "one", "docker.io": "hub", "b.io/team": "no"},
        "credsStore": "no",
        "auths": {"a.io": {"auth": "x"}, "b.io/team": {"auth": "x"}, "c.io/v2": {"auth": "x"}, "d.io": {"auth": "x"}}
    }"#;
    for (host, expected) in [
        ("a.io", "one < a.io"),
        ("docker.io", "hub < docker.io"),
        ("index.docker.io", "hub < docker.io"),
        ("b.io", "none"),
        ("c.io", "none"),
        ("d.io", "d.io"),
    ] {
        assert_eq!(told(content, Keys::Podman, host), expected, "{host}");
    }
}

#[test]
fn the_variable_has_exact_keys_and_only_entries() {
    let content = r#"{
        "credHelpers": {"a.io": "no"}, "credsStore": ["no"], "x": 1,
        "auths": {"https://a.io": {"auth": "x"}, "b.io": {"auth": "x", "y": 2}, "docker.io": {"auth": "x"}}
    }"#;
    for (host, expected) in [("a.io", "none"), ("b.io", "b.io"), ("docker.io", "none")] {
        assert_eq!(told(content, Keys::Exact, host), expected, "{host}");
    }
    let hub = r#"{"auths": {"https://index.docker.io/v1/": {"auth": "x"}}}"#;
    assert_eq!(
        told(hub, Keys::Exact, "docker.io"),
        "https://index.docker.io/v1/"
    );
}

#[test]
fn a_mark_of_docker_login_hides_no_entry() {
    let content = r#"{"auths": {"a.io": {}, "https://a.io": {"auth": "x"}, "http://a.io": {"auth": "y"},
        "https://index.docker.io/v1/access-token": {"auth": "x"}}}"#;
    assert_eq!(told(content, Keys::Docker, "a.io"), "https://a.io");
    assert_eq!(told(content, Keys::Docker, "docker.io"), "none");
}

#[cfg(unix)]
mod files {
    use std::fs::File;

    use super::*;
    use crate::limits::CREDENTIAL_FILE_BYTES;
    use crate::registry::auth::testing::Folder;

    fn outcome(path: &Path) -> String {
        match Document::read(path, Keys::Docker) {
            Ok(None) => "absent".to_owned(),
            Ok(Some(_)) => "read".to_owned(),
            Err(error) => error
                .to_string()
                .replace(&path.display().to_string(), "FILE"),
        }
    }

    #[test]
    fn h4_a_file_that_is_not_there_has_no_credentials() {
        let folder = Folder::new();
        assert_eq!(outcome(&folder.path("config.json")), "absent");
        assert_eq!(
            outcome(Path::new("/dev/null/.docker/config.json")),
            "absent"
        );
    }

    #[test]
    fn h4_what_is_no_regular_file_is_not_opened() {
        let folder = Folder::new();
        let refused = "`FILE` was not read: it is not a regular file";
        assert_eq!(outcome(&folder.fifo("config.json")), refused);
        assert_eq!(outcome(Path::new("/dev/zero")), refused);
        assert_eq!(
            outcome(&folder.path("")),
            "`FILE` was not read: it is a folder"
        );
    }

    #[test]
    fn h4_a_file_may_be_a_link_and_is_not_changed() {
        let folder = Folder::new();
        let content = r#"{"auths": {"a.io": {}}}"#;
        let file = folder.write("real.json", content);
        let link = folder.path("config.json");
        std::os::unix::fs::symlink(file, &link).unwrap();
        assert_eq!(outcome(&link), "read");
        assert_eq!(folder.read("real.json"), content);
    }

    #[test]
    fn h4_a_file_ends_at_4_mib() {
        let folder = Folder::new();
        for (length, expected) in [
            (CREDENTIAL_FILE_BYTES - 1, "read"),
            (CREDENTIAL_FILE_BYTES, "read"),
            (
                CREDENTIAL_FILE_BYTES + 1,
                "`FILE` is larger than the limit of 4 MiB",
            ),
        ] {
            let file = folder.write("config.json", format!("{{}}{}", " ".repeat(length - 2)));
            assert_eq!(outcome(&file), expected, "{length}");
        }
        let endless = File::create(folder.path("config.json")).unwrap();
        endless.set_len(1 << 40).unwrap();
        assert_eq!(
            outcome(&folder.path("config.json")),
            "`FILE` is larger than the limit of 4 MiB"
        );
    }
}
