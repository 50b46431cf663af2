//! FZ7 and FZ11: headers that steer what is asked next, and when. A link never leaves the listing it came with, a wait is
//! a wait, and a warning is text that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use regq::registry::fuzzing;

const LISTING: &str = "https://registry.test/v2/acme/web/tags/list";

fuzz_target!(|bytes: &[u8]| {
    if let Some(next) = fuzzing::link(bytes, LISTING) {
        let rest = next
            .strip_prefix(LISTING)
            .expect("the next page is of the same listing");
        assert!(rest.is_empty() || rest.starts_with('?'), "{next}");
        assert!(
            next.bytes().all(|byte| byte.is_ascii_graphic()) && !next.contains('#'),
            "{next}"
        );
    }
    let middle = bytes.len() / 2;
    let _ = fuzzing::retry(&bytes[..middle], &bytes[middle..]);
    let _ = fuzzing::retry(bytes, b"Sun, 06 Nov 1994 08:49:37 GMT");
    let warnings = fuzzing::warnings(bytes);
    assert!(
        warnings
            .iter()
            .all(|text| !text.contains(regq::safe::is_hidden))
    );
});
