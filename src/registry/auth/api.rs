//! As whom a vendor's API is asked: the registry's credential, in the form that the API takes.
//!
//! Whether it may go there at all is not decided here: a dialect's own table, or the user, says which API belongs to a
//! registry (threats S1).

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;

use super::credential::Credential;
use super::login::header;
use super::tokens::{Held, Tokens};
use crate::registry::error::{AskedAs, RegistryError};
use crate::registry::wire::authorization::{basic, bearer};
use crate::registry::wire::token::Token;
use crate::secret::Secret;
use crate::value::{JsonStyle, Value, to_json};

/// What an API wants to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::registry) enum ApiScheme {
    /// Name and password.
    Basic,
    /// The password, which is an access token.
    Bearer,
    /// A token that is bought for name and password.
    Bought(Purchase),
}

/// How a token of an API is bought: JSON with the name and the secret is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::registry) struct Purchase {
    /// Where, below the API's base.
    pub(in crate::registry) path: &'static str,
    /// What the name is called.
    pub(in crate::registry) name: &'static str,
    /// What the secret is called.
    pub(in crate::registry) secret: &'static str,
    /// How long a token is good that does not say it.
    pub(in crate::registry) lifetime: Duration,
}

/// The login of one API in one run.
pub(in crate::registry) struct ApiLogin {
    scheme: ApiScheme,
    tokens: Tokens<()>,
}

/// What is shown with a request.
pub(in crate::registry) struct ApiProof {
    pub(in crate::registry) header: Option<HeaderValue>,
    pub(in crate::registry) asked_as: AskedAs,
    token: Option<Held>,
}

impl ApiProof {
    /// Notes that it was accepted.
    pub(in crate::registry) fn accept(&self) {
        if let Some(token) = &self.token {
            token.accept();
        }
    }

    /// Notes that it was refused, and tells whether a new one is worth a try.
    pub(in crate::registry) fn refuse(&self) -> bool {
        self.token.as_ref().is_some_and(Held::refuse)
    }
}

impl ApiLogin {
    pub(in crate::registry) fn new(scheme: ApiScheme) -> Self {
        Self {
            scheme,
            tokens: Tokens::default(),
        }
    }

    /// What to show. `buy` posts a body to a path below the API's base and reads the token.
    ///
    /// Errors: a kind of credential that no API takes; no token.
    pub(in crate::registry) async fn proof<F>(
        &self,
        credential: &Arc<Credential>,
        buy: impl FnOnce(&'static str, Secret) -> F,
    ) -> Result<ApiProof, RegistryError>
    where
        F: Future<Output = Result<Token, RegistryError>>,
    {
        let asked_as = AskedAs::of(credential);
        let (account, password) = match &**credential {
            Credential::Basic { account, password } => (account, password),
            Credential::Anonymous => {
                return Ok(ApiProof {
                    header: None,
                    asked_as,
                    token: None,
                });
            }
            // Both are for the registry alone: whoever showed them elsewhere would give them away for nothing.
            Credential::IdentityToken { .. } => {
                return Err(RegistryError::ApiCredential("an identity token"));
            }
            Credential::RegistryToken(_) => {
                return Err(RegistryError::ApiCredential("a registry token"));
            }
        };
        let (header, token) = match self.scheme {
            ApiScheme::Basic => (header(&basic(account, password)), None),
            ApiScheme::Bearer => (header(&bearer(password)), None),
            ApiScheme::Bought(purchase) => {
                let buy = || async {
                    let bought = buy(purchase.path, purchase.body(account, password)).await?;
                    let lifetime = bought.lifetime.max(purchase.lifetime);
                    Ok(Token { lifetime, ..bought })
                };
                let held = self.tokens.get((), buy).await?;
                (header(&bearer(held.secret())), Some(held))
            }
        };
        Ok(ApiProof {
            header,
            asked_as,
            token,
        })
    }
}

impl Purchase {
    fn body(self, account: &str, password: &Secret) -> Secret {
        let entries = [
            (Arc::from(self.name), Value::text(account)),
            (Arc::from(self.secret), Value::text(password.expose())),
        ];
        Secret::new(to_json(&Value::map(entries), JsonStyle::Compact))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURCHASE: Purchase = Purchase {
        path: "login",
        name: "identifier",
        secret: "secret",
        lifetime: Duration::from_secs(600),
    };

    async fn shown(scheme: ApiScheme, credential: Credential) -> Result<String, RegistryError> {
        let buy = |path: &'static str, body: Secret| async move {
            let said = format!("{path}-{}", body.expose().len());
            Ok(Token {
                secret: Secret::new(said),
                lifetime: Duration::from_secs(60),
                says_lifetime: false,
            })
        };
        let login = ApiLogin::new(scheme);
        let proof = login.proof(&Arc::new(credential), buy).await?;
        let header = proof
            .header
            .map(|header| header.to_str().unwrap().to_owned());
        Ok(header.unwrap_or_default())
    }

    fn bob() -> Credential {
        Credential::Basic {
            account: "bob".into(),
            password: Secret::new("hunter2"),
        }
    }

    #[tokio::test]
    async fn each_api_is_shown_what_it_takes() {
        let ask = async |scheme| shown(scheme, bob()).await.unwrap();
        assert_eq!(ask(ApiScheme::Basic).await, "Basic Ym9iOmh1bnRlcjI=");
        assert_eq!(ask(ApiScheme::Bearer).await, "Bearer hunter2");
        let body = r#"{"identifier":"bob","secret":"hunter2"}"#;
        let bought = format!("Bearer login-{}", body.len());
        assert_eq!(ask(ApiScheme::Bought(PURCHASE)).await, bought);
        let nobody = shown(ApiScheme::Bought(PURCHASE), Credential::Anonymous).await;
        assert_eq!(nobody, Ok(String::new()));
    }

    #[tokio::test]
    async fn s1_what_is_for_the_registry_alone_is_shown_to_no_api() {
        let identity = Credential::IdentityToken {
            account: None,
            token: Secret::new("hunter2"),
        };
        let registry = Credential::RegistryToken(Secret::new("hunter2"));
        for credential in [identity, registry] {
            for scheme in [
                ApiScheme::Basic,
                ApiScheme::Bearer,
                ApiScheme::Bought(PURCHASE),
            ] {
                let shown = shown(scheme, credential.clone()).await;
                assert!(matches!(shown, Err(RegistryError::ApiCredential(_))));
            }
        }
    }

    #[test]
    fn k1_what_a_token_is_bought_with_is_written_so_that_it_is_read_back() {
        let body = PURCHASE.body("b\"ob", &Secret::new("p\\w\u{1}\n"));
        let read = crate::value::parse_json(body.expose().as_bytes()).unwrap();
        assert_eq!(read.get("identifier"), Some(&"b\"ob".into()));
        assert_eq!(read.get("secret"), Some(&"p\\w\u{1}\n".into()));
    }
}
