//! A document as JSON: read within bounds, and able to say where in it something stands, without a word of it.

use std::path::Path;

use super::ConfigError;
use super::file::{Unread, content};
use crate::limits::CREDENTIAL_FILE_BYTES;
use crate::registry::auth::place::ConfigPlace;
use crate::registry::error::outside;
use crate::safe::Safe;
use crate::value::{Value, parse_json};

/// A document that parses, be it of Docker's or of podman's.
pub struct ConfigFile {
    name: Safe,
    content: Vec<u8>,
    value: Value,
}

impl ConfigFile {
    /// Reads a file; none if it is not there.
    ///
    /// Errors: it cannot be read, is no regular file, is too large, or is not JSON.
    pub fn read(path: &Path) -> Result<Option<Self>, ConfigError> {
        let name = || outside(&path.to_string_lossy());
        match content(path) {
            Ok(content) => Self::parse(&content, name()).map(Some),
            Err(Unread::Absent) => Ok(None),
            Err(Unread::TooLarge) => Err(ConfigError::TooLarge {
                file: name(),
                limit: CREDENTIAL_FILE_BYTES,
            }),
            Err(Unread::Refused(why)) => Err(ConfigError::Refused { file: name(), why }),
            Err(Unread::Io(error)) => Err(ConfigError::Unreadable {
                file: name(),
                cause: outside(&error.to_string()),
            }),
        }
    }

    /// Reads text that has this name.
    ///
    /// Errors: it is not JSON.
    pub(super) fn parse(content: &[u8], name: Safe) -> Result<Self, ConfigError> {
        // Editors on Windows write the mark; Docker's own reader stumbles over it, but nothing is in doubt.
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
        let malformed = |place, fault: &str| ConfigError::Malformed {
            file: name.clone(),
            place,
            fault: Safe::new(fault),
        };
        if content.starts_with(b"\xff\xfe") || content.starts_with(b"\xfe\xff") {
            return Err(malformed(ConfigPlace::new(1, 1), "it is UTF-16, not UTF-8"));
        }
        let value = match content.trim_ascii() {
            [] => Value::Null,
            _ => parse_json(content).map_err(|error| {
                malformed(
                    ConfigPlace::new(error.line(), error.column()),
                    error.fault(),
                )
            })?,
        };
        Ok(Self {
            name,
            content: content.to_owned(),
            value,
        })
    }

    /// What it is called: a path, or `DOCKER_AUTH_CONFIG`.
    pub fn name(&self) -> &Safe {
        &self.name
    }

    /// What it holds.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Where the value under a path of keys begins.
    pub fn place(&self, path: &[&str]) -> ConfigPlace {
        ConfigPlace::of(&self.content, path)
    }

    /// Says that what stands under a path of keys is not what it should be.
    pub fn malformed(&self, path: &[&str], fault: &str) -> ConfigError {
        ConfigError::Malformed {
            file: self.name.clone(),
            place: self.place(path),
            fault: Safe::new(fault),
        }
    }
}
