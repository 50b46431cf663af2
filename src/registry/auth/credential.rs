//! What is sent for a host, and where it comes from.
//!
//! Values only: how a credential is found is `keychain`'s affair, how it is sent the wire's.

use std::fmt;

use crate::registry::error::{AskedAs, outside};
use crate::safe::Safe;
use crate::secret::Secret;

/// What is sent for a host.
#[derive(Clone)]
pub enum Credential {
    /// Nothing: no credential is configured for the host.
    Anonymous,
    /// A user name and a password.
    Basic {
        /// The user name; never empty.
        account: String,
        /// The password; it may be empty, as `az acr login` leaves it.
        password: Secret,
    },
    /// A refresh token, which buys access tokens at the host's token server.
    IdentityToken {
        /// The user name, where one is known.
        account: Option<String>,
        /// The token.
        token: Secret,
    },
    /// A bearer token that is sent as it is.
    RegistryToken(Secret),
}

impl AskedAs {
    /// As whom a credential speaks.
    pub(in crate::registry) fn of(credential: &Credential) -> Self {
        credential.account().map_or(Self::Nobody, Self::Account)
    }
}

/// The name of nobody that Azure's tools log in to a registry with, whose password is a refresh token (Azure/acr,
/// docs/AAD-OAuth.md).
const AZURE_NOBODY: &str = "00000000-0000-0000-0000-000000000000";

impl Credential {
    /// What a name and a password are.
    pub(super) fn of_pair(account: String, password: Secret) -> Self {
        match account.as_str() {
            AZURE_NOBODY => Self::IdentityToken {
                account: Some(account),
                token: password,
            },
            _ => Self::Basic { account, password },
        }
    }

    /// As whom the host is asked, as it may be shown; none for nobody.
    pub fn account(&self) -> Option<Safe> {
        match self {
            Self::Anonymous => None,
            Self::Basic { account, .. } => Some(outside(account)),
            Self::IdentityToken { account, .. } => Some(match account {
                Some(account) => outside(account),
                None => Safe::new("an identity token"),
            }),
            Self::RegistryToken(_) => Some(Safe::new("a registry token")),
        }
    }

    /// Tells whether nothing is sent.
    pub fn is_anonymous(&self) -> bool {
        matches!(self, Self::Anonymous)
    }
}

/// Shows the kind and the account (threats K1).
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Anonymous => "Anonymous",
            Self::Basic { .. } => "Basic",
            Self::IdentityToken { .. } => "IdentityToken",
            Self::RegistryToken(_) => "RegistryToken",
        };
        match self.account() {
            Some(account) => write!(f, "{kind}({account:?})"),
            None => f.write_str(kind),
        }
    }
}

/// What would answer for a host, as far as it is known without running anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialSource {
    /// No credential is configured for it.
    None,
    /// An entry of a document.
    Entry {
        /// The document: a path, or `DOCKER_AUTH_CONFIG`.
        file: Safe,
        /// The entry's key.
        key: Safe,
        /// As whom; none where the entry cannot be decoded.
        account: Option<Safe>,
    },
    /// A credential helper, which may know of none.
    Helper {
        /// Its name as configured, without `docker-credential-`.
        name: Safe,
        /// The document that names it.
        file: Safe,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_azures_nobody_is_for_the_token_server_alone() {
        let kind = |account: &str| {
            let pair = Credential::of_pair(account.to_owned(), Secret::new("hunter2"));
            matches!(pair, Credential::IdentityToken { .. })
        };
        assert!(kind("00000000-0000-0000-0000-000000000000"));
        for account in ["bob", "00000000-0000-0000-0000-000000000001", ""] {
            assert!(!kind(account), "{account}");
        }
    }

    #[test]
    fn k1_a_credential_shows_its_account_and_no_secret() {
        let secret = || Secret::new("hunter2");
        let token = |account: Option<&str>| Credential::IdentityToken {
            account: account.map(str::to_owned),
            token: secret(),
        };
        let basic = Credential::Basic {
            account: "bob\u{1b}".to_owned(),
            password: secret(),
        };
        for (credential, account, debug) in [
            (Credential::Anonymous, None, "Anonymous"),
            (basic, Some("bob\\x1b"), r#"Basic("bob\\x1b")"#),
            (token(Some("eve")), Some("eve"), r#"IdentityToken("eve")"#),
            (
                token(None),
                Some("an identity token"),
                r#"IdentityToken("an identity token")"#,
            ),
            (
                Credential::RegistryToken(secret()),
                Some("a registry token"),
                r#"RegistryToken("a registry token")"#,
            ),
        ] {
            let shown = credential.account();
            assert_eq!(shown.as_ref().map(Safe::as_str), account);
            assert_eq!(format!("{credential:?}"), debug);
            assert_eq!(credential.is_anonymous(), account.is_none());
        }
    }
}
