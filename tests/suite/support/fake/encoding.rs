//! The spellings in which bytes travel: base64, hex, percent. Nothing here knows what the bytes mean.

/// The two alphabets of base64 (RFC 4648, sections 4 and 5).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// With `+`, `/` and padding.
    Standard,
    /// With `-`, `_` and no padding.
    Url,
}

impl Alphabet {
    fn letter(self, sextet: u32) -> char {
        let letters = match self {
            Self::Standard => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            Self::Url => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        };
        char::from(letters[(sextet & 63) as usize])
    }
}

/// Writes bytes as base64.
pub(crate) fn base64(bytes: &[u8], alphabet: Alphabet) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let octet = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
        for at in 0..=group.len() as u32 {
            text.push(alphabet.letter(bits >> (18 - 6 * at)));
        }
        if alphabet == Alphabet::Standard {
            text.push_str(&"="[..usize::from(group.len() < 3)]);
            text.push_str(&"="[..usize::from(group.len() < 2)]);
        }
    }
    text
}

/// Reads base64 in either alphabet, padded or not; nothing, where another character stands.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let sextet = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(sextet);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}

/// Writes bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a text so that it can stand as a value in a query.
pub(crate) fn percent_encoded(text: &str) -> String {
    let spell = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(spell).collect()
}

/// Reads what is percent-encoded; a `%` without two digits stays what it is.
pub(crate) fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let byte = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| !digits.contains('+'))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    decoded
}

/// Reads a value of a query or a form, where `+` is a space.
pub(crate) fn form_decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    String::from_utf8_lossy(&percent_decoded(spaced.as_bytes())).into_owned()
}

/// Reads the pairs of a query or a form.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (form_decoded(name), form_decoded(value)))
        .collect()
}
