//! Who gets in: the registry's side of a login, and the tokens that are about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;

use super::answer::Answer;
use super::encoding::from_base64;
use super::login::{Login, Scheme};
use super::request::Request;
use super::route::Route;
use super::vendor::VendorWay;

/// What the registry says it is.
pub(super) const SERVICE: &str = "fake.registry";

/// The login of a running registry.
pub(super) struct Guard {
    pub(super) login: Login,
    way: Option<Arc<dyn VendorWay>>,
    tokens: Mutex<BTreeMap<String, Grant>>,
}

/// What a token is good for.
pub(super) struct Grant {
    pub(super) account: Option<String>,
    pub(super) scopes: BTreeSet<String>,
    pub(super) uses: Option<u64>,
}

/// Who asks, once they got in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Visitor {
    /// There is no login.
    Anybody,
    /// Somebody with an account.
    Account(String),
    /// Somebody with a token that is given to everybody.
    Anonymous,
    /// Somebody with a token that is good for everything.
    Ready,
}

/// Why somebody does not get in.
enum Refusal {
    /// There was nothing to judge by, or it was wrong.
    Unknown,
    /// The token has been good.
    Expired,
    /// The token is good, but not for this.
    Insufficient,
    /// The account is known, and may not.
    Forbidden,
}

impl Guard {
    pub(super) fn new(login: Login, way: Option<Arc<dyn VendorWay>>) -> Self {
        let ready = |token: &String| {
            let grant = Grant {
                account: None,
                scopes: BTreeSet::from(["*".to_owned()]),
                uses: None,
            };
            (token.clone(), grant)
        };
        let tokens = login.ready.iter().map(ready).collect();
        Self {
            login,
            way,
            tokens: Mutex::new(tokens),
        }
    }

    /// Lets somebody in, or says how they would get in.
    pub(super) fn admit(&self, request: &Request) -> Result<Visitor, Answer> {
        let visitor = match request.header("authorization") {
            None => Err(Refusal::Unknown),
            Some(header) => self.judge(request, header),
        };
        visitor.map_err(|refusal| self.refuse(request, &refusal))
    }

    fn judge(&self, request: &Request, header: &str) -> Result<Visitor, Refusal> {
        let (scheme, value) = header.split_once(' ').ok_or(Refusal::Unknown)?;
        if self.login.never {
            return Err(Refusal::Unknown);
        }
        if scheme.eq_ignore_ascii_case("bearer") && self.login.scheme == Scheme::Bearer {
            self.judge_token(request, value)
        } else if scheme.eq_ignore_ascii_case("basic") && self.takes_basic(request) {
            self.judge_account(request, value)
        } else {
            Err(Refusal::Unknown)
        }
    }

    fn takes_basic(&self, request: &Request) -> bool {
        let lines = self.login.lines(request);
        let offers = |line: &String| format!("{line} ").to_lowercase().contains("basic ");
        self.login.scheme == Scheme::Basic || lines.is_some_and(|lines| lines.iter().any(offers))
    }

    fn judge_account(&self, request: &Request, value: &str) -> Result<Visitor, Refusal> {
        let account = self.account(value).ok_or(Refusal::Unknown)?;
        let account = account.to_owned();
        let may = match self.repository(request) {
            Some(repository) => self.may(Some(&account), &repository),
            None => true,
        };
        match may {
            true => Ok(Visitor::Account(account)),
            false => Err(Refusal::Forbidden),
        }
    }

    /// Whose name and password these are.
    pub(super) fn account(&self, basic: &str) -> Option<&str> {
        let pair = String::from_utf8(from_base64(basic)?).ok()?;
        let (name, password) = pair.split_once(':')?;
        self.login.who(name, password)
    }

    fn judge_token(&self, request: &Request, token: &str) -> Result<Visitor, Refusal> {
        let mut tokens = self.tokens();
        let grant = tokens.get_mut(token).ok_or(Refusal::Unknown)?;
        if let Some(left) = &mut grant.uses {
            *left = left.checked_sub(1).ok_or(Refusal::Expired)?;
        }
        if grant.scopes.contains("*") {
            return Ok(Visitor::Ready);
        }
        let needed = self.scope(request);
        let has = needed.is_none_or(|scope| grant.scopes.contains(&scope));
        let name = self.repository(request);
        let may = name.is_none_or(|name| self.may(grant.account.as_deref(), &name));
        match (has && may, &grant.account) {
            (false, _) => Err(Refusal::Insufficient),
            (true, Some(account)) => Ok(Visitor::Account(account.clone())),
            (true, None) => Ok(Visitor::Anonymous),
        }
    }

    fn may(&self, account: Option<&str>, repository: &str) -> bool {
        let is_denied = self.login.denied.iter().any(|denied| denied == repository);
        !is_denied && self.login.may_see(account, repository)
    }

    /// The repositories that a visitor may see.
    pub(super) fn sees(&self, visitor: &Visitor, repository: &str) -> bool {
        match visitor {
            Visitor::Anybody | Visitor::Ready => true,
            Visitor::Account(name) => self.login.may_see(Some(name), repository),
            Visitor::Anonymous => self.login.may_see(None, repository),
        }
    }

    /// The repository that a request is about.
    fn repository(&self, request: &Request) -> Option<String> {
        let own = Route::of(request).repository();
        let way = self.way.as_ref();
        own.map(str::to_owned).or_else(|| way?.repository(request))
    }

    /// The scope that a request needs.
    fn scope(&self, request: &Request) -> Option<String> {
        let vendors = self.way.as_ref().and_then(|way| way.scope(request));
        if vendors.is_some() {
            return vendors;
        }
        let own = match Route::of(request) {
            Route::Catalog => Some("registry:catalog:*".to_owned()),
            route => route
                .repository()
                .map(|name| format!("repository:{name}:pull")),
        };
        own.map(|own| self.login.scope.clone().unwrap_or(own))
    }

    fn refuse(&self, request: &Request, refusal: &Refusal) -> Answer {
        if matches!(refusal, Refusal::Forbidden) {
            return Answer::error(403, "DENIED", &json!({}));
        }
        let detail = match self.repository(request) {
            Some(name) => json!([{"Type": "repository", "Name": name, "Action": "pull"}]),
            None => json!(null),
        };
        let answer = Answer::error(401, "UNAUTHORIZED", &detail);
        let lines = self.challenge(request, refusal).into_iter();
        lines.fold(answer, |answer, line| {
            answer.header("WWW-Authenticate", &line)
        })
    }

    fn challenge(&self, request: &Request, refusal: &Refusal) -> Vec<String> {
        let scope = self.scope(request);
        if let Some(lines) = self.login.lines(request) {
            let scope = scope.unwrap_or_default();
            let filled = lines.iter().map(|line| line.replace("{scope}", &scope));
            return filled.collect();
        }
        if self.login.scheme == Scheme::Basic {
            return vec![format!("Basic realm=\"{SERVICE}\"")];
        }
        let mut line = format!("Bearer realm=\"{{token}}/token\",service=\"{SERVICE}\"");
        if let Some(scope) = scope {
            line.push_str(&format!(",scope=\"{scope}\""));
        }
        line.push_str(match refusal {
            Refusal::Unknown | Refusal::Forbidden => "",
            Refusal::Expired => ",error=\"invalid_token\"",
            Refusal::Insufficient => ",error=\"insufficient_scope\"",
        });
        vec![line]
    }

    /// Makes a token.
    pub(super) fn issue(&self, grant: Grant) -> String {
        let mut tokens = self.tokens();
        let token = format!("issued-token-{:04}", tokens.len() + 1);
        tokens.insert(token.clone(), grant);
        token
    }

    /// All tokens there are.
    pub(super) fn issued(&self) -> Vec<String> {
        self.tokens().keys().cloned().collect()
    }

    fn tokens(&self) -> MutexGuard<'_, BTreeMap<String, Grant>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
