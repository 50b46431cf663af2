//! Archives of images. Any bytes are read as one, or are told what is wrong with them, and all of it can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use regq::registry::fuzzing;

fuzz_target!(|bytes: &[u8]| {
    let mut file = bytes.to_vec();
    file.chunks_exact_mut(512).for_each(put_right);
    for text in fuzzing::archive(&file) {
        assert!(!text.contains(regq::safe::is_hidden), "{text}");
    }
});

/// Gives a header the sum that it should have, or chance would never get behind the first one.
fn put_right(block: &mut [u8]) {
    if block[257..262] != *b"ustar" {
        return;
    }
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
}
