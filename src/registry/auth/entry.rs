//! One entry of `auths`, and the credential it is.
//!
//! Of an entry that cannot be decoded only its own host hears (threats H4): the document around it stays good, and
//! the host is never asked without the credential that somebody meant for it (threats A12).

use docker_credential::{DockerCredential, get_credential_from_reader};

use super::credential::Credential;
use crate::secret::Secret;
use crate::value::{JsonStyle, Value, to_json};

/// An entry as it stands in a document; what is empty is not there.
#[derive(Default)]
pub(super) struct Entry {
    auth: Option<Secret>,
    username: Option<String>,
    password: Option<Secret>,
    identity_token: Option<Secret>,
    registry_token: Option<Secret>,
    misshapen: bool,
}

/// Why an entry is no credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryFlaw {
    /// It, or one of its fields, is of another type.
    #[error("it is not an object of texts")]
    Shape,
    /// Its `auth` does not decode.
    #[error("its `auth` is not the base64 of a user name, a colon and a password")]
    Auth,
    /// It has a password without a user name.
    #[error("it has no user name")]
    NoAccount,
    /// It has a user name and nothing else.
    #[error("it has a user name without a password")]
    NoPassword,
    /// A token has characters that cannot be sent.
    #[error("its token has characters that no token has")]
    Token,
}

impl Entry {
    /// Reads an entry; one that is wrong says so when it is asked for its credential.
    pub(super) fn read(value: &Value) -> Self {
        let mut entry = Self::default();
        if value.as_map().is_none() && !value.is_null() {
            entry.misshapen = true;
            return entry;
        }
        let mut text = |name| match value.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::Text(text)) => Some(text.to_string()).filter(|text| !text.is_empty()),
            Some(_) => {
                entry.misshapen = true;
                None
            }
        };
        entry.auth = text("auth").map(Secret::new);
        entry.username = text("username");
        entry.password = text("password").map(Secret::new);
        entry.identity_token = text("identitytoken").map(Secret::new);
        entry.registry_token = text("registrytoken").map(Secret::new);
        entry
    }

    /// Tells whether it is only the mark that `docker login` leaves where a helper has the credential.
    pub(super) fn is_marker(&self) -> bool {
        let texts = [
            &self.auth,
            &self.password,
            &self.identity_token,
            &self.registry_token,
        ];
        !self.misshapen && self.username.is_none() && texts.iter().all(|text| text.is_none())
    }

    /// The credential that it is.
    pub(super) fn credential(&self) -> Result<Credential, EntryFlaw> {
        if self.misshapen {
            return Err(EntryFlaw::Shape);
        }
        // The order of Docker's engine: a token that is sent as it is needs none of the others.
        if let Some(token) = &self.registry_token {
            let sendable = token.expose().bytes().all(|byte| byte.is_ascii_graphic());
            return match sendable {
                true => Ok(Credential::RegistryToken(token.clone())),
                false => Err(EntryFlaw::Token),
            };
        }
        match &self.identity_token {
            Some(token) if token.expose().contains(char::is_control) => Err(EntryFlaw::Token),
            Some(token) => self.identity(token),
            None => self.basic(),
        }
    }

    fn identity(&self, token: &Secret) -> Result<Credential, EntryFlaw> {
        match decode(&[("identitytoken", token.expose())])? {
            DockerCredential::IdentityToken(token) => Ok(Credential::IdentityToken {
                account: self.account(),
                token: Secret::new(token),
            }),
            DockerCredential::UsernamePassword(..) => Err(EntryFlaw::Token),
        }
    }

    /// The user name beside an identity token. The token is what counts, so it need not be readable.
    fn account(&self) -> Option<String> {
        match (&self.auth, self.basic()) {
            (
                Some(_),
                Ok(
                    Credential::Basic { account, .. }
                    | Credential::IdentityToken {
                        account: Some(account),
                        ..
                    },
                ),
            ) => Some(account),
            _ => self.username.clone(),
        }
    }

    fn basic(&self) -> Result<Credential, EntryFlaw> {
        let decoded = match (&self.auth, &self.username, &self.password) {
            // Go's decoder, which Docker uses, skips line breaks.
            (Some(auth), ..) => decode(&[("auth", &auth.expose().replace(['\r', '\n'], ""))]),
            (None, Some(name), Some(password)) => {
                decode(&[("username", name), ("password", password.expose())])
            }
            (None, Some(_), None) => Err(EntryFlaw::NoPassword),
            (None, None, _) => Err(EntryFlaw::NoAccount),
        };
        match decoded? {
            DockerCredential::UsernamePassword(account, _) if account.is_empty() => {
                Err(EntryFlaw::NoAccount)
            }
            DockerCredential::UsernamePassword(account, password) => {
                let password = Secret::new(password.trim_end_matches('\0'));
                Ok(Credential::of_pair(account, password))
            }
            DockerCredential::IdentityToken(_) => Err(EntryFlaw::Auth),
        }
    }
}

/// Decodes fields with the crate that is known to read them as Docker does. It gets a document of this one entry and
/// no helper, because it would choose otherwise than Docker between several, and its own errors show secrets.
fn decode(fields: &[(&str, &str)]) -> Result<DockerCredential, EntryFlaw> {
    const KEY: &str = "entry";
    let object = |key: &str, value| Value::map([(key.into(), value)]);
    let fields = fields
        .iter()
        .map(|(name, text)| ((*name).into(), Value::text(text)));
    let document = object("auths", object(KEY, Value::map(fields)));
    let document = to_json(&document, JsonStyle::Compact);
    get_credential_from_reader(document.as_bytes(), KEY).map_err(|_| EntryFlaw::Auth)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parse_json;

    fn entry(json: &str) -> Entry {
        Entry::read(&parse_json(json.as_bytes()).unwrap())
    }

    /// A credential in one line, secret included, or the flaw.
    fn told(json: &str) -> String {
        match entry(json).credential() {
            Ok(Credential::Anonymous) => "anonymous".to_owned(),
            Ok(Credential::Basic { account, password }) => {
                format!("{account} {}", password.expose())
            }
            Ok(Credential::IdentityToken { account, token }) => {
                format!(
                    "identity {} {}",
                    account.unwrap_or_default(),
                    token.expose()
                )
            }
            Ok(Credential::RegistryToken(token)) => format!("bearer {}", token.expose()),
            Err(flaw) => format!("{flaw:?}"),
        }
    }

    #[test]
    fn every_shape_of_an_entry_is_its_credential() {
        for (json, expected) in [
            // `bob:hunter2`
            (r#"{"auth":"Ym9iOmh1bnRlcjI="}"#, "bob hunter2"),
            (r#"{"auth":"Ym9iOmh1bnRlcjI"}"#, "bob hunter2"),
            (r#"{"auth":"Ym9iOmh1\r\nbnRlcjI=\n"}"#, "bob hunter2"),
            // `bob:a:b:c`, `bob:`, `bob:x` and two NULs
            (r#"{"auth":"Ym9iOmE6Yjpj"}"#, "bob a:b:c"),
            (r#"{"auth":"Ym9iOg=="}"#, "bob "),
            (r#"{"auth":"Ym9iOngAAA=="}"#, "bob x"),
            (r#"{"username":"bob","password":"a\nb"}"#, "bob a\nb"),
            (
                r#"{"username":"bob","password":"\u202eé\"\\"}"#,
                "bob \u{202e}é\"\\",
            ),
            (r#"{"auth":"","username":"eve","password":"p"}"#, "eve p"),
            (
                r#"{"auth":"Ym9iOmh1bnRlcjI=","username":"eve","password":"p"}"#,
                "bob hunter2",
            ),
            (
                r#"{"auth":"Ym9iOmh1bnRlcjI=","identitytoken":"t"}"#,
                "identity bob t",
            ),
            (
                r#"{"auth":"Ym9iOmh1bnRlcjI=","identitytoken":""}"#,
                "bob hunter2",
            ),
            (
                r#"{"auth":"!","username":"eve","identitytoken":"t"}"#,
                "identity eve t",
            ),
            (r#"{"identitytoken":"t"}"#, "identity  t"),
            (r#"{"identitytoken":"t","registrytoken":"r"}"#, "bearer r"),
            (r#"{"auth":"!","registrytoken":"r"}"#, "bearer r"),
            (
                r#"{"registrytoken":"","auth":"Ym9iOmh1bnRlcjI="}"#,
                "bob hunter2",
            ),
            (
                r#"{"auth":null,"email":5,"username":"bob","password":"p"}"#,
                "bob p",
            ),
        ] {
            assert_eq!(told(json), expected, "{json}");
        }
    }

    #[test]
    fn a12_what_cannot_be_decoded_is_a_flaw_and_never_nobody() {
        for (json, flaw) in [
            (r#"{"auth":"!!!"}"#, EntryFlaw::Auth),
            (r#"{"auth":"Ym9i"}"#, EntryFlaw::Auth),
            (r#"{"auth":"/w=="}"#, EntryFlaw::Auth),
            (r#"{"auth":"Ym9iOmh1bnRlcjI_"}"#, EntryFlaw::Auth),
            (
                r#"{"auth":"!","username":"bob","password":"p"}"#,
                EntryFlaw::Auth,
            ),
            (r#"{"auth":"Omh1bnRlcjI="}"#, EntryFlaw::NoAccount),
            (r#"{"password":"p"}"#, EntryFlaw::NoAccount),
            (r#"{"username":"bob"}"#, EntryFlaw::NoPassword),
            (r#"{"username":"bob","password":""}"#, EntryFlaw::NoPassword),
            (r#"{"registrytoken":"a\r\nb"}"#, EntryFlaw::Token),
            (r#"{"registrytoken":"a\n"}"#, EntryFlaw::Token),
            (r#"{"identitytoken":"a\u0000"}"#, EntryFlaw::Token),
            (r#"{"auth":5}"#, EntryFlaw::Shape),
            (
                r#"{"auth":"Ym9iOmh1bnRlcjI=","password":[]}"#,
                EntryFlaw::Shape,
            ),
            ("[]", EntryFlaw::Shape),
            (r#""Ym9iOmh1bnRlcjI=""#, EntryFlaw::Shape),
        ] {
            assert_eq!(told(json), format!("{flaw:?}"), "{json}");
            assert!(!entry(json).is_marker(), "{json}");
        }
    }

    #[test]
    fn an_entry_without_content_is_a_mark_and_no_credential() {
        for json in [
            "{}",
            "null",
            r#"{"auth":""}"#,
            r#"{"auth":null,"identitytoken":""}"#,
            r#"{"email":"bob@acme.dev"}"#,
        ] {
            assert!(entry(json).is_marker(), "{json}");
        }
    }
}
