//! What a token says that it allows, where it says so: the `access` of a JSON Web Token (distribution's token
//! specification, "Token Authentication Implementation"; RFC 7519).
//!
//! Tokens are opaque to whoever sends them, and nothing is decided by what is read here: it is for people who wonder why
//! a registry refuses them. The signature is not looked at, and nothing but the claim is kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::scope::Scope;
use crate::limits::TOKEN_GRANTS;
use crate::registry::error::outside;
use crate::safe::Safe;
use crate::secret::Secret;
use crate::value::{Value, parse_json};

/// What a token allows, as far as it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// It does not say: it is opaque, or has no such claim.
    Unsaid,
    /// These actions on these resources.
    Said(Vec<Grant>),
}

/// Some actions on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The kind and the name of the resource: `repository:team/app`.
    pub resource: Safe,
    /// What may be done with it.
    pub actions: Vec<Safe>,
}

impl Access {
    /// Reads what a token allows.
    pub(in crate::registry) fn of(token: &Secret) -> Self {
        claimed(token.expose()).map_or(Self::Unsaid, Self::Said)
    }

    /// The actions of a scope that was asked for which a token does not allow; none where nobody can tell.
    pub(in crate::registry) fn lacking(&self, asked: &Scope) -> Vec<Safe> {
        let Some((resource, actions)) = asked.as_str().rsplit_once(':') else {
            return Vec::new();
        };
        let Self::Said(grants) = self else {
            return Vec::new();
        };
        let own = |grant: &&Grant| grant.resource.as_str() == resource;
        let has = |action: &str| {
            let mut granted = grants.iter().filter(own).flat_map(|grant| &grant.actions);
            granted.any(|granted| matches!(granted.as_str(), all if all == action || all == "*"))
        };
        let lacking = actions.split(',').filter(|action| !has(action));
        lacking.map(Safe::new).collect()
    }
}

fn claimed(token: &str) -> Option<Vec<Grant>> {
    let mut parts = token.split('.');
    let (_header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    let claims = parse_json(&claims).ok()?;
    match claims.get("access")? {
        // An empty list may be written so.
        Value::Null => Some(Vec::new()),
        access => Some(grants(access.as_list()?)),
    }
}

fn grants(access: &[Value]) -> Vec<Grant> {
    let grant = |entry: &Value| {
        let text = |name| entry.get(name).and_then(Value::as_text);
        let actions = entry.get("actions").and_then(Value::as_list);
        let actions = actions.unwrap_or_default().iter();
        Some(Grant {
            resource: outside(&format!("{}:{}", text("type")?, text("name")?)),
            actions: actions
                .filter_map(Value::as_text)
                .take(TOKEN_GRANTS)
                .map(outside)
                .collect(),
        })
    };
    access.iter().filter_map(grant).take(TOKEN_GRANTS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Repository;

    fn token(claims: &str) -> Secret {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        Secret::new(format!(
            "{}.{}.{}",
            part("{}"),
            part(claims),
            part("signed")
        ))
    }

    /// What a token allows in one line, and what lacks for pulling `team/app`.
    fn told(token: &Secret) -> (String, String) {
        let access = Access::of(token);
        let app: Repository = "team/app".parse().unwrap();
        let lacking = join(&access.lacking(&Scope::pull(&app)));
        let said = match access {
            Access::Unsaid => "unsaid".to_owned(),
            Access::Said(grants) => {
                let grants = grants.iter();
                let grants =
                    grants.map(|grant| format!("{}:{}", grant.resource, join(&grant.actions)));
                grants.collect::<Vec<_>>().join(" ")
            }
        };
        (said, lacking)
    }

    fn join(texts: &[Safe]) -> String {
        let texts: Vec<&str> = texts.iter().map(Safe::as_str).collect();
        texts.join(",")
    }

    #[test]
    fn a_token_says_what_it_allows() {
        let grant = |actions: &str| {
            format!(
                r#"{{"access":[{{"type":"repository","name":"team/app","actions":[{actions}]}}]}}"#
            )
        };
        for (claims, said, lacking) in [
            (grant(r#""pull""#), "repository:team/app:pull", ""),
            (grant(r#""push","pull""#), "repository:team/app:push,pull", ""),
            (grant(r#""*""#), "repository:team/app:*", ""),
            (grant(r#""push",7"#), "repository:team/app:push", "pull"),
            (grant(""), "repository:team/app:", "pull"),
            (r#"{"access":[]}"#.to_owned(), "", "pull"),
            (r#"{"access":null}"#.to_owned(), "", "pull"),
            (
                r#"{"access":[{"type":"registry","name":"catalog","actions":["*"]},{"name":"x"},7]}"#.to_owned(),
                "registry:catalog:*",
                "pull",
            ),
        ] {
            let told = told(&token(&claims));
            assert_eq!((told.0.as_str(), told.1.as_str()), (said, lacking), "{claims}");
        }
    }

    #[test]
    fn what_says_nothing_lacks_nothing() {
        for token in [
            Secret::new("opaque"),
            Secret::new("a.b.c"),
            Secret::new("a.b.c.d"),
            Secret::new(""),
            token("{}"),
            token("[]"),
            token("not json"),
            token(r#"{"access":"all"}"#),
        ] {
            assert_eq!(told(&token), ("unsaid".to_owned(), String::new()));
        }
    }

    #[test]
    fn f9_a_claim_is_a_strangers_text_and_has_an_end() {
        let hostile =
            r#"{"access":[{"type":"repository","name":"a\u001b[2J","actions":["pull\n::error"]}]}"#;
        let (said, _) = told(&token(hostile));
        assert_eq!(said, "repository:a\\x1b[2J:pull\\n::error");
        let one = r#"{"type":"repository","name":"a","actions":["pull"]}"#;
        let many = format!(r#"{{"access":[{}]}}"#, [one; 1000].join(","));
        let Access::Said(grants) = Access::of(&token(&many)) else {
            panic!("it says so");
        };
        assert_eq!(grants.len(), TOKEN_GRANTS);
    }
}
