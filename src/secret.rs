//! Secrets: passwords, tokens, signed addresses (threats K1).
//!
//! A secret is wrapped where it is made. The type has no `Debug`, `Display` or `Serialize`, so
//! code that would print one does not compile, and its memory is wiped when it goes.

use secrecy::{ExposeSecret, SecretString};

/// A text that must not be shown.
///
/// ```compile_fail
/// let secret = regq::secret::Secret::new("hunter2");
/// println!("{secret:?}");
/// ```
///
/// ```compile_fail
/// let secret = regq::secret::Secret::new("hunter2");
/// println!("{secret}");
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// Hands out the text, for the one place that sends it to where it belongs.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Tells whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k1_a_secret_gives_itself_only_when_exposed() {
        let secret = Secret::new("hunter2");
        assert_eq!(secret.expose(), "hunter2");
        assert!(!secret.is_empty() && Secret::new("").is_empty());
    }
}
