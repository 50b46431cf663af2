//! The documents that have credentials or name helpers: `DOCKER_AUTH_CONFIG`, Docker's `config.json`, podman's
//! `auth.json`.
//!
//! Bytes in, documents out, and nothing is decided yet. What else stands in them is left alone: `HttpHeaders` and
//! `proxies` are meant for the engine and go to no registry (threats A11). What is malformed is told with its place and
//! without a word of its content (threats H4). Nothing here writes.

mod file;
mod json;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use json::ConfigFile;

use super::entry::Entry;
use super::key::{self, Keys};
use super::place::ConfigPlace;
use crate::oci::RegistryHost;
use crate::registry::Refusal;
use crate::registry::error::in_words;
use crate::safe::Safe;
use crate::value::Value;

/// Where credentials may lie. `cli` makes it of flags and the environment.
#[derive(Clone, Default)]
pub struct CredentialPlaces {
    /// The content of `DOCKER_AUTH_CONFIG`.
    pub docker_auth_config: Option<String>,
    /// The folder that has Docker's `config.json`.
    pub docker_config: Option<PathBuf>,
    /// Podman's `auth.json` files, in the order in which they are asked.
    pub podman: Vec<PathBuf>,
    /// `PATH`, on which helpers are looked up.
    pub search_path: Option<OsString>,
}

/// Why a document cannot be used. It never repeats what stands in the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It is not JSON, or not of the right shape.
    #[error("`{file}` is malformed at line {}, column {}: {fault}", .place.line, .place.column)]
    Malformed {
        /// The document.
        file: Safe,
        /// Where in it.
        place: ConfigPlace,
        /// What is wrong there.
        fault: Safe,
    },
    /// It is beyond our bound.
    #[error("`{file}` is larger than the limit of {}", in_words(*.limit as u64))]
    TooLarge {
        /// The document.
        file: Safe,
        /// The bound, in bytes.
        limit: usize,
    },
    /// It is no regular file.
    #[error("`{file}` was not read: {why}")]
    Refused {
        /// The document.
        file: Safe,
        /// What it is.
        why: Refusal,
    },
    /// The operating system failed.
    #[error("`{file}` cannot be read: {cause}")]
    Unreadable {
        /// The document.
        file: Safe,
        /// What it says.
        cause: Safe,
    },
}

impl ConfigError {
    /// The document: a path, or `DOCKER_AUTH_CONFIG`.
    pub fn file(&self) -> &Safe {
        match self {
            Self::Malformed { file, .. }
            | Self::TooLarge { file, .. }
            | Self::Refused { file, .. }
            | Self::Unreadable { file, .. } => file,
        }
    }

    /// Where in the document, if it is about its content.
    pub fn place(&self) -> Option<ConfigPlace> {
        match self {
            Self::Malformed { place, .. } => Some(*place),
            _ => None,
        }
    }
}

/// One document.
pub(super) struct Document {
    file: Safe,
    keys: Keys,
    auths: BTreeMap<String, Entry>,
    helpers: BTreeMap<String, String>,
    store: Option<String>,
}

/// What answers for a host in a document.
pub(super) enum Responsible<'a> {
    /// A helper of that name, asked with that key.
    Helper { name: &'a str, key: String },
    /// An entry under that key.
    Entry { key: &'a str, entry: &'a Entry },
}

impl Document {
    /// Reads all documents there are, in the order in which they are asked.
    pub(super) fn read_all(places: &CredentialPlaces) -> Result<Vec<Self>, ConfigError> {
        let variable = places.docker_auth_config.iter();
        let variable = variable.map(|text| {
            Self::parse(
                text.as_bytes(),
                Safe::new("DOCKER_AUTH_CONFIG"),
                Keys::Exact,
            )
        });
        let docker = places.docker_config.iter();
        let docker = docker.map(|folder| (folder.join("config.json"), Keys::Docker));
        let podman = places
            .podman
            .iter()
            .map(|file| (file.clone(), Keys::Podman));
        let files = docker.chain(podman);
        let files = files.filter_map(|(file, keys)| Self::read(&file, keys).transpose());
        variable.chain(files).collect()
    }

    /// What it is called.
    pub(super) fn file(&self) -> &Safe {
        &self.file
    }

    /// Finds what answers for a host here. Where a helper does, entries for the host do not count, whatever the
    /// helper will say: Docker keeps old ones beside it (threats A7).
    pub(super) fn responsible(&self, host: &RegistryHost) -> Option<Responsible<'_>> {
        let named = self.helpers.iter().filter_map(|(key, name)| {
            let keys = match self.keys {
                Keys::Podman => Keys::Podman,
                Keys::Exact | Keys::Docker => Keys::Exact,
            };
            Some((keys.rank(key, host)?, key, name))
        });
        match (named.min(), &self.store) {
            (Some((.., key, name)), _) if !name.is_empty() => Some(Responsible::Helper {
                name,
                key: self.asked_with(key, host),
            }),
            // An empty name means the file, whatever the store for all the others is.
            (Some(_), _) | (None, None) => self.entry(host),
            (None, Some(name)) => Some(Responsible::Helper {
                name,
                key: key::server(host),
            }),
        }
    }

    /// The hosts that it has something for, as far as it says: a helper for all of them may know of more.
    pub(super) fn hosts(&self) -> impl Iterator<Item = RegistryHost> {
        let keys = self.auths.keys().chain(self.helpers.keys());
        keys.filter_map(|key| self.keys.host(key))
    }

    /// The helper that answers for every host which no other does.
    pub(super) fn store(&self) -> Option<&str> {
        self.store.as_deref()
    }

    /// Podman stores with a helper under the name it was configured for, `docker.io` for Docker Hub; Docker under its
    /// own key. Asked with the other's key, a helper would have nothing.
    fn asked_with(&self, key: &str, host: &RegistryHost) -> String {
        match (self.keys, key.parse::<RegistryHost>()) {
            (Keys::Podman, Ok(named)) => named.to_string(),
            _ => key::server(host),
        }
    }

    fn entry(&self, host: &RegistryHost) -> Option<Responsible<'_>> {
        let entries = self.auths.iter().filter(|(_, entry)| !entry.is_marker());
        let fitting = entries.filter_map(|(key, entry)| {
            let rank = self.keys.rank(key, host)?;
            Some((rank, key, entry))
        });
        let best = fitting.min_by(|one, other| (one.0, one.1).cmp(&(other.0, other.1)));
        best.map(|(_, key, entry)| Responsible::Entry { key, entry })
    }

    /// Reads a file; none if it is not there.
    fn read(path: &Path, keys: Keys) -> Result<Option<Self>, ConfigError> {
        let file = ConfigFile::read(path)?;
        file.map(|file| Self::of_file(&file, keys)).transpose()
    }

    fn parse(content: &[u8], file: Safe, keys: Keys) -> Result<Self, ConfigError> {
        Self::of_file(&ConfigFile::parse(content, file)?, keys)
    }

    fn of_file(file: &ConfigFile, keys: Keys) -> Result<Self, ConfigError> {
        let wrong = |Misshapen { path, fault }: Misshapen<'_>| file.malformed(&path, fault);
        Self::of(file.value(), file.name().clone(), keys).map_err(wrong)
    }

    fn of(value: &Value, file: Safe, keys: Keys) -> Result<Self, Misshapen<'_>> {
        let mut document = Self {
            file,
            keys,
            auths: BTreeMap::new(),
            helpers: BTreeMap::new(),
            store: None,
        };
        if value.as_map().is_none() && !value.is_null() {
            let fault = "it is not an object";
            return Err(Misshapen {
                path: vec![],
                fault,
            });
        }
        for (key, entry) in entries(value, "auths", "`auths` is not an object")? {
            document.auths.insert(key.to_owned(), Entry::read(entry));
        }
        // The variable has entries and nothing else that counts; podman has no store.
        if keys != Keys::Exact {
            document.helpers = helpers(value)?;
        }
        if keys == Keys::Docker {
            document.store = store(value)?;
        }
        Ok(document)
    }
}

/// What in a document is of another type than it should be.
struct Misshapen<'v> {
    path: Vec<&'v str>,
    fault: &'static str,
}

fn entries<'v>(
    value: &'v Value,
    field: &'static str,
    fault: &'static str,
) -> Result<impl Iterator<Item = (&'v str, &'v Value)>, Misshapen<'v>> {
    let map = match value.get(field) {
        None | Some(Value::Null) => None,
        Some(found) => Some(found.as_map().ok_or(Misshapen {
            path: vec![field],
            fault,
        })?),
    };
    let all = map.into_iter().flatten();
    Ok(all.map(|(key, value)| (key.as_ref(), value)))
}

fn helpers(value: &Value) -> Result<BTreeMap<String, String>, Misshapen<'_>> {
    let field = "credHelpers";
    let all = entries(value, field, "`credHelpers` is not an object")?;
    let named = all.map(|(key, name)| match name {
        Value::Null => Ok((key.to_owned(), String::new())),
        Value::Text(name) => Ok((key.to_owned(), name.to_string())),
        _ => Err(Misshapen {
            path: vec![field, key],
            fault: "the name of a credential helper is not a text",
        }),
    });
    named.collect()
}

fn store(value: &Value) -> Result<Option<String>, Misshapen<'_>> {
    let field = "credsStore";
    match value.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Text(name)) => Ok(Some(name.to_string()).filter(|name| !name.is_empty())),
        Some(_) => Err(Misshapen {
            path: vec![field],
            fault: "`credsStore` is not a text",
        }),
    }
}

#[cfg(test)]
mod tests;
