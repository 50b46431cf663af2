//! The names of queries: as Kubernetes names things.

/// The longest name, in bytes.
const LONGEST: usize = 63;

/// Tells whether a text is `[a-z0-9]([a-z0-9-]*[a-z0-9])?`, at most 63 bytes.
pub(super) fn is_name(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.len() <= LONGEST
        && text.starts_with(is_word)
        && text.ends_with(is_word)
        && text.chars().all(|c| is_word(c) || c == '-')
}

/// The name that is nearest to a text: its words in small letters, as far as they fit.
pub fn name_near(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut name = words.join("-").to_ascii_lowercase();
    name.truncate(LONGEST);
    let name = name.trim_end_matches('-');
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_of_the_words_of_a_text() {
        let long = "word ".repeat(20);
        for text in ["Alpine", "team/app_1.*", "--", "größe", "a--b", &long, "x"] {
            assert!(name_near(text).is_none_or(|name| is_name(&name)), "{text}");
        }
        assert_eq!(name_near("team/App_1.*").as_deref(), Some("team-app-1"));
        assert_eq!(name_near("**"), None);
    }
}
