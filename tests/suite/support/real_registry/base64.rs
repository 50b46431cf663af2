//! Base64 of RFC 4648, both alphabets; only writing it.

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// As `Authorization: Basic` has it.
pub(super) fn standard(bytes: &[u8]) -> String {
    let text = encode(bytes, ['+', '/']);
    let padding = "=".repeat((4 - text.len() % 4) % 4);
    text + &padding
}

/// As tokens have it: the alphabet of URLs, no padding.
pub(super) fn url(bytes: &[u8]) -> String {
    encode(bytes, ['-', '_'])
}

fn encode(bytes: &[u8], last: [char; 2]) -> String {
    let letter = |at: u32| {
        let letter = LETTERS.get(at as usize);
        letter.map_or(last[at as usize % 2], |letter| char::from(*letter))
    };
    let chunk = |chunk: &[u8]| {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let letters = [18, 12, 6, 0].map(|shift| letter(bits >> shift & 63));
        letters.into_iter().take(chunk.len() + 1)
    };
    bytes.chunks(3).flat_map(chunk).collect()
}

#[test]
fn all_lengths_and_letters_come_out_right() {
    for (bytes, text) in [
        (&b""[..], ""),
        (b"f", "Zg=="),
        (b"fo", "Zm8="),
        (b"foobar", "Zm9vYmFy"),
        (&[0xfb, 0xff, 0xbf], "+/+/"),
    ] {
        assert_eq!(standard(bytes), text);
    }
    assert_eq!(url(&[0xfb, 0xff, 0xbf, 0xff]), "-_-__w");
}
