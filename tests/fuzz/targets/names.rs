//! FZ2: bodies of listings and of errors. Any bytes are names, faults or an error, and all of it can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use regq::registry::fuzzing;

fuzz_target!(|bytes: &[u8]| {
    for text in fuzzing::bodies(bytes) {
        assert!(!text.contains(regq::safe::is_hidden), "{text}");
    }
});
