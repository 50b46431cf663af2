//! The order in which people count: numbers within a text by amount.

use super::number_key;

/// A text whose order by bytes is the natural order of texts: runs of digits by amount, all else by bytes. `r9` comes
/// before `r10`, and a number stands where its first digit would.
///
/// Zeros before a number do not count, so that `007` and `7` are equal.
pub fn natural_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(is_digit).unwrap_or(rest.len());
        key.push_str(&rest[..end]);
        rest = &rest[end..];
        let end = rest.find(|c| !is_digit(c)).unwrap_or(rest.len());
        if end > 0 {
            // A digit opens every number, so that it sorts against other characters as digits do.
            key.push('0');
            key.push_str(&number_key(rest[..end].trim_start_matches('0')));
        }
        rest = &rest[end..];
    }
    key
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_count_by_amount() {
        let sorted = [
            "", "-1", "0", "1", "1-a", "1.2", "1.10", "2", "10", "A", "a", "a1b2", "a1b10", "a2",
            "a10", "b", "build-9", "build-10", "é1",
        ];
        for pair in sorted.windows(2) {
            assert!(natural_key(pair[0]) < natural_key(pair[1]), "{pair:?}");
        }
        assert_eq!(natural_key("v007"), natural_key("v7"));
        assert_eq!(natural_key("00"), natural_key("0"));
    }

    /// The order again, told by walking both texts at once.
    fn compared(left: &str, right: &str) -> Ordering {
        let (left, right) = (pieces(left), pieces(right));
        left.cmp(&right)
    }

    /// A character, or a number as its length without zeros and its digits.
    fn pieces(text: &str) -> Vec<(u32, usize, String)> {
        let mut pieces: Vec<(u32, usize, String)> = Vec::new();
        let mut is_number = false;
        for c in text.chars() {
            match (c.is_ascii_digit(), is_number) {
                (true, true) => {
                    let (_, length, digits) = pieces.last_mut().unwrap();
                    if c != '0' || *length > 0 {
                        *length += 1;
                        digits.push(c);
                    }
                }
                (true, false) if c == '0' => pieces.push((u32::from('0'), 0, String::new())),
                (true, false) => pieces.push((u32::from('0'), 1, c.to_string())),
                (false, _) => pieces.push((u32::from(c), 0, String::new())),
            }
            is_number = c.is_ascii_digit();
        }
        pieces
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn keys_sort_as_the_texts_compare(left in "[0-2a-c.é-]{0,8}|[0-9]{0,40}", right in "[0-2a-c.é-]{0,8}|[0-9]{0,40}") {
            prop_assert_eq!(natural_key(&left).cmp(&natural_key(&right)), compared(&left, &right));
        }
    }
}
