//! Digests: algorithm and hash of content (image-spec 1.1, descriptor.md, "Digests").

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256, Sha512};

/// The hash algorithms we can check. Others are refused, never taken unchecked (threats D1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// `sha256`, 64 hex digits.
    Sha256,
    /// `sha512`, 128 hex digits.
    Sha512,
}

impl Algorithm {
    /// The name before the colon.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    fn hex_digits(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha512 => 128,
        }
    }

    fn hash(self, content: &[u8]) -> String {
        let bytes: Vec<u8> = match self {
            Self::Sha256 => Sha256::digest(content).to_vec(),
            Self::Sha512 => Sha512::digest(content).to_vec(),
        };
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A digest that is well formed: known algorithm, right length, lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest {
    algorithm: Algorithm,
    hex: String,
}

/// Why a text is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// There is no `ALGORITHM:` in front.
    #[error("a digest is `sha256:` and 64 hex digits")]
    Shape,
    /// The algorithm is not one we can check.
    #[error("the hash algorithm is neither sha256 nor sha512, so the content cannot be checked")]
    Algorithm,
    /// The hex part has the wrong length or letters.
    #[error("the part after `{}:` is not {} lower-case hex digits", .0.name(), .0.hex_digits())]
    Hex(Algorithm),
}

impl Digest {
    /// Hashes content with sha256.
    pub fn of(content: &[u8]) -> Self {
        Self {
            algorithm: Algorithm::Sha256,
            hex: Algorithm::Sha256.hash(content),
        }
    }

    /// Tells whether this is the digest of `content` (threats S4).
    pub fn matches(&self, content: &[u8]) -> bool {
        self.algorithm.hash(content) == self.hex
    }

    /// The algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The hash in lower-case hex.
    pub fn hex(&self) -> &str {
        &self.hex
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let (name, hex) = text.split_once(':').ok_or(DigestError::Shape)?;
        let algorithm = match name {
            "sha256" => Algorithm::Sha256,
            "sha512" => Algorithm::Sha512,
            _ => return Err(DigestError::Algorithm),
        };
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if hex.len() != algorithm.hex_digits() || !hex.bytes().all(is_hex) {
            return Err(DigestError::Hex(algorithm));
        }
        let hex = hex.to_owned();
        Ok(Self { algorithm, hex })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.name(), self.hex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d1_only_well_formed_digests_of_known_algorithms_exist() {
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(format!("sha256:{hex}").parse(), Ok(Digest::of(b"")));
        for (text, error) in [
            (hex.to_owned(), DigestError::Shape),
            (format!("md5:{hex}"), DigestError::Algorithm),
            (
                format!("sha256:{}", hex.to_uppercase()),
                DigestError::Hex(Algorithm::Sha256),
            ),
            (
                format!("sha256:{}", &hex[1..]),
                DigestError::Hex(Algorithm::Sha256),
            ),
            (format!("sha512:{hex}"), DigestError::Hex(Algorithm::Sha512)),
            (
                "sha256:../../etc/passwd".to_owned(),
                DigestError::Hex(Algorithm::Sha256),
            ),
        ] {
            assert_eq!(text.parse::<Digest>(), Err(error), "{text}");
        }
    }

    #[test]
    fn d1_one_flipped_bit_does_not_match() {
        let sha512 = format!("sha512:{}", Algorithm::Sha512.hash(b"abc"));
        for digest in [Digest::of(b"abc"), sha512.parse().unwrap()] {
            assert!(digest.matches(b"abc"));
            assert!(!digest.matches(b"abb"));
        }
    }
}
