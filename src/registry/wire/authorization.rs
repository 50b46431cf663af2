//! How a credential is sent: the `Authorization` header, and the request for a token.
//!
//! Values of a challenge land in a query or a form here, so they are percent-encoded and cannot bring parameters of their
//! own (threats A5). Nothing is sent here, and nothing decides who may see it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;
use url::form_urlencoded::Serializer;

use super::scope::Scope;
use crate::secret::Secret;

/// How we call ourselves to token servers.
const CLIENT_ID: &str = "docker-regq";

/// Parameters of a token request that are ours to set. A realm that has one already would add to what we ask for: another
/// repository, or a token that never ends (threats A6).
const OURS: [&str; 12] = [
    "service",
    "scope",
    "client_id",
    "account",
    "offline_token",
    "access_type",
    "grant_type",
    "refresh_token",
    "access_token",
    "username",
    "password",
    "client_secret",
];

/// What a token is asked for.
#[derive(Debug, Clone, Copy)]
pub(in crate::registry) struct TokenRequest<'a> {
    /// The challenge's `service`.
    pub(in crate::registry) service: Option<&'a str>,
    /// What the token should allow.
    pub(in crate::registry) scopes: &'a [Scope],
    /// The user's name, where there is a password for it.
    pub(in crate::registry) account: Option<&'a str>,
}

impl TokenRequest<'_> {
    /// The address of a GET for a token, with one `scope` for each.
    pub(in crate::registry) fn url(&self, realm: &Url) -> Url {
        let mut url = without_ours(realm);
        {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(self.service.map(|service| ("service", service)));
            query.extend_pairs(self.scopes().map(|scope| ("scope", scope)));
            query.append_pair("client_id", CLIENT_ID);
            query.extend_pairs(self.account.map(|account| ("account", account)));
        }
        url
    }

    /// Address and body of a POST that buys a token for a refresh token; all scopes in one field.
    pub(in crate::registry) fn form(&self, realm: &Url, refresh_token: &Secret) -> (Url, Secret) {
        let scopes: Vec<&str> = self.scopes().collect();
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "refresh_token");
        form.extend_pairs(self.service.map(|service| ("service", service)));
        form.append_pair("client_id", CLIENT_ID);
        if !scopes.is_empty() {
            form.append_pair("scope", &scopes.join(" "));
        }
        form.append_pair("refresh_token", refresh_token.expose());
        (without_ours(realm), Secret::new(form.finish()))
    }

    fn scopes(&self) -> impl Iterator<Item = &str> {
        let scopes = self.scopes.iter().filter(|scope| !scope.is_none());
        scopes.map(Scope::as_str)
    }
}

/// The realm without what is ours to say, and without a fragment.
fn without_ours(realm: &Url) -> Url {
    let mut url = realm.clone();
    url.set_fragment(None);
    let is_theirs = |name: &str| !OURS.iter().any(|ours| ours.eq_ignore_ascii_case(name));
    let theirs: Vec<_> = realm
        .query_pairs()
        .filter(|(name, _)| is_theirs(name))
        .collect();
    url.set_query(None);
    if !theirs.is_empty() {
        url.query_pairs_mut().extend_pairs(theirs);
    }
    url
}

/// `Authorization` with a token.
pub(in crate::registry) fn bearer(token: &Secret) -> Secret {
    Secret::new(format!("Bearer {}", token.expose()))
}

/// `Authorization` with a user name and a password (RFC 7617, in UTF-8).
pub(in crate::registry) fn basic(user: &str, password: &Secret) -> Secret {
    let pair = Secret::new(format!("{user}:{}", password.expose()));
    Secret::new(format!("Basic {}", STANDARD.encode(pair.expose())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Repository;
    use crate::registry::wire::scope::Wanted;

    const REALM: &str = "https://auth.test/token";

    fn pull(name: &str) -> Scope {
        Scope::pull(&name.parse::<Repository>().unwrap())
    }

    fn url(realm: &str, request: TokenRequest<'_>) -> String {
        request.url(&Url::parse(realm).unwrap()).into()
    }

    fn bare(scopes: &[Scope]) -> TokenRequest<'_> {
        TokenRequest {
            service: None,
            scopes,
            account: None,
        }
    }

    #[test]
    fn a_token_is_asked_for_with_one_scope_each() {
        let request = TokenRequest {
            service: Some("registry.test"),
            scopes: &[pull("acme/web"), Scope::catalog()],
            account: Some("me"),
        };
        assert_eq!(
            url(REALM, request),
            "https://auth.test/token?service=registry.test&scope=repository%3Aacme%2Fweb%3Apull\
             &scope=registry%3Acatalog%3A*&client_id=docker-regq&account=me"
        );
        assert_eq!(
            url(REALM, bare(&[])),
            "https://auth.test/token?client_id=docker-regq"
        );
    }

    #[test]
    fn a_refresh_token_buys_a_token_with_all_scopes_in_one_field() {
        let request = TokenRequest {
            service: Some("acme.azurecr.test"),
            scopes: &[pull("web"), Scope::asked(Some("aws"), Wanted::Catalog)],
            account: Some("never sent here"),
        };
        let (url, body) = request.form(&Url::parse(REALM).unwrap(), &Secret::new("rt&1=2"));
        assert_eq!(url.as_str(), REALM);
        assert_eq!(
            body.expose(),
            "grant_type=refresh_token&service=acme.azurecr.test&client_id=docker-regq\
             &scope=repository%3Aweb%3Apull+aws&refresh_token=rt%261%3D2"
        );
    }

    #[test]
    fn a5_a_challenge_cannot_bring_parameters_of_its_own() {
        let hostile = "s&scope=repository:other:push#x?y=\r\n%26z=1+é";
        let request = TokenRequest {
            service: Some(hostile),
            account: Some(hostile),
            ..bare(&[])
        };
        let pairs = |query: &str| -> Vec<(String, String)> {
            url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect()
        };
        let of = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let asked = request.url(&Url::parse(REALM).unwrap());
        assert_eq!(asked.fragment(), None);
        assert_eq!(
            pairs(asked.query().unwrap()),
            [
                of("service", hostile),
                of("client_id", CLIENT_ID),
                of("account", hostile)
            ]
        );
        let (_, body) = request.form(&Url::parse(REALM).unwrap(), &Secret::new("rt"));
        assert_eq!(pairs(body.expose())[1], of("service", hostile));
        assert_eq!(pairs(body.expose()).len(), 4);
    }

    #[test]
    fn a6_a_realm_cannot_widen_what_is_asked_for() {
        let realm = "https://auth.test/token?scope=repository%3Aother%3Apush&tenant=a%26b&Offline_Token=true#x";
        assert_eq!(
            url(realm, bare(&[pull("web")])),
            "https://auth.test/token?tenant=a%26b&scope=repository%3Aweb%3Apull&client_id=docker-regq"
        );
        let (url, _) = bare(&[]).form(&Url::parse(realm).unwrap(), &Secret::new("rt"));
        assert_eq!(url.as_str(), "https://auth.test/token?tenant=a%26b");
    }

    #[test]
    fn credentials_become_header_values() {
        assert_eq!(bearer(&Secret::new("tok")).expose(), "Bearer tok");
        let basic = basic("Aladdin", &Secret::new("open sesame"));
        assert_eq!(basic.expose(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }

    #[test]
    fn a10_no_password_breaks_out_of_its_header() {
        let value = basic("u", &Secret::new("a\r\nX-Evil: b\0é"));
        assert!(
            value
                .expose()
                .bytes()
                .all(|byte| (0x20..0x7f).contains(&byte))
        );
    }
}
