//! Archives of images. Any bytes are read as one, or are told what is wrong with them, and all of it can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use regq::registry::fuzzing;

fuzz_target!(|bytes: &[u8]| {
    for text in fuzzing::archive(bytes) {
        assert!(!text.contains(regq::safe::is_hidden), "{text}");
    }
});
