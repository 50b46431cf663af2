//! Who we are to whom: credentials out of Docker's config and helpers, and the tokens that they buy.
//!
//! A secret belongs to one origin and to that origin's token server (threats S1). Nothing here prints, and nothing here
//! is decided by a query file.
//!
//! ```text
//! DOCKER_AUTH_CONFIG, config.json, auth.json
//!    │ docker_config      bytes → documents; what is malformed ends here, with its place
//!    ▼
//! keychain                which document answers for a host, and with what
//!    ├─ key               a key of a document → is it this host's?
//!    ├─ entry             an entry → a credential
//!    └─ helper            a program → a credential, once per run
//! login                   what the registry demanded, and what it is shown: by credential and realm
//!    └─ tokens            each bought once for its scope
//! api                     the same credential, as a vendor's API wants to be shown it
//! ```

mod api;
mod credential;
mod docker_config;
mod entry;
mod failure;
mod helper;
mod key;
mod keychain;
mod login;
mod place;
pub(in crate::registry) mod realm;
#[cfg(test)]
#[cfg(unix)]
mod testing;
mod tokens;

pub(in crate::registry) use api::{ApiLogin, ApiProof, ApiScheme, Purchase};
pub use credential::{Credential, CredentialSource};
pub use docker_config::{ConfigError, ConfigFile, CredentialPlaces};
pub use entry::EntryFlaw;
pub use failure::{AnswerFlaw, CredentialError, HelperEnd, HelperFault};
pub use helper::Helpers;
pub use keychain::Keychain;
pub(in crate::registry) use login::{Login, Proof};
pub use place::ConfigPlace;
pub use realm::Standing;
