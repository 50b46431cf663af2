//! How a registry wants to be logged in to, as a test describes it (distribution, docs/content/spec/auth).

use std::collections::BTreeMap;

use super::pattern::Pattern;
use super::request::Request;

/// What the registry and its token server demand, and of whom.
pub(crate) struct Login {
    pub(super) scheme: Scheme,
    pub(super) accounts: BTreeMap<String, Account>,
    pub(super) public: Vec<String>,
    pub(super) refuses_anonymous: bool,
    pub(super) ready: Vec<String>,
    pub(super) challenges: Vec<(Pattern, Vec<String>)>,
    pub(super) scope: Option<String>,
    pub(super) denied: Vec<String>,
    pub(super) never: bool,
    pub(super) uses: Option<u64>,
    pub(super) has_post: bool,
    pub(super) shape: Shape,
    pub(super) lifetime: Lifetime,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Basic,
    Bearer,
}

/// Somebody who can log in.
pub(super) struct Account {
    pub(super) password: String,
    pub(super) refresh_token: Option<String>,
    pub(super) sees: Vec<String>,
}

/// The members of a token answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `token` and `access_token`, the same (Docker Hub).
    Both,
    /// `token` only (Quay, GitLab).
    Token,
    /// `access_token` only (ACR).
    AccessToken,
    /// `token`, and an empty `access_token` (Harbor).
    EmptyAccessToken,
    /// Both, of which only `token` is good for anything.
    Different,
    /// `token` is `null`, `access_token` is good.
    NullToken,
    /// `token` is a number.
    Number,
    /// `token` has a line break in it, and what would be another header.
    LineBreak,
    /// `token` is so many bytes longer.
    Long(usize),
    /// Neither.
    Nothing,
}

/// How long a token answer says the token is good; it is good as long as [`Login::uses`] says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// It does not say.
    Unsaid,
    /// `expires_in`, be it zero, negative or huge.
    Seconds(i64),
    /// `expires_in` and `issued_at`.
    Issued(i64, &'static str),
}

impl Login {
    fn new(scheme: Scheme) -> Self {
        Self {
            scheme,
            accounts: BTreeMap::new(),
            public: Vec::new(),
            refuses_anonymous: false,
            ready: Vec::new(),
            challenges: Vec::new(),
            scope: None,
            denied: Vec::new(),
            never: false,
            uses: None,
            has_post: true,
            shape: Shape::Both,
            lifetime: Lifetime::Seconds(300),
        }
    }

    /// Name and password with every request.
    pub(crate) fn basic() -> Self {
        Self::new(Scheme::Basic)
    }

    /// Tokens of a token server.
    pub(crate) fn bearer() -> Self {
        Self::new(Scheme::Bearer)
    }

    /// Somebody who sees everything.
    pub(crate) fn account(self, name: &str, password: &str) -> Self {
        self.account_for(name, password, &["*"])
    }

    /// Somebody who sees these repositories only: names, or beginnings with `*` behind them.
    pub(crate) fn account_for(mut self, name: &str, password: &str, sees: &[&str]) -> Self {
        let account = Account {
            password: password.to_owned(),
            refresh_token: None,
            sees: owned(sees),
        };
        self.accounts.insert(name.to_owned(), account);
        self
    }

    /// A refresh token (an identity token) of an account that is there already.
    pub(crate) fn refresh_token(mut self, account: &str, token: &str) -> Self {
        let account = self.accounts.get_mut(account);
        let account = account.expect("a test names the account first");
        account.refresh_token = Some(token.to_owned());
        self
    }

    /// What everybody sees with a token that is given to everybody.
    pub(crate) fn public(mut self, repositories: &[&str]) -> Self {
        self.public = owned(repositories);
        self
    }

    /// Gives no token to those who do not say who they are.
    pub(crate) fn refusing_anonymous(mut self) -> Self {
        self.refuses_anonymous = true;
        self
    }

    /// A token that was there before and is good for everything.
    pub(crate) fn ready_token(mut self, token: &str) -> Self {
        self.ready.push(token.to_owned());
        self
    }

    /// Challenges in these header lines, whatever is asked. `{scope}` is what the request needs; places are filled in as
    /// in [`super::answer::Answer`]. Where a challenge offers Basic, Basic is accepted.
    pub(crate) fn challenge(self, lines: &[&str]) -> Self {
        self.challenge_for("", lines)
    }

    /// Challenges so for these requests; of several that fit, the first is taken. No line is no challenge.
    pub(crate) fn challenge_for(mut self, requests: &str, lines: &[&str]) -> Self {
        let pattern = Pattern::from(requests);
        self.challenges.push((pattern, owned(lines)));
        self
    }

    /// One scope for everything, such as `aws`.
    pub(crate) fn scope(mut self, scope: &str) -> Self {
        self.scope = Some(scope.to_owned());
        self
    }

    /// Does not let anybody see a repository, though tokens for it are given.
    pub(crate) fn denying(mut self, repository: &str) -> Self {
        self.denied.push(repository.to_owned());
        self
    }

    /// Lets nobody see anything, though tokens are given.
    pub(crate) fn never(mut self) -> Self {
        self.never = true;
        self
    }

    /// A token is good for so many requests.
    pub(crate) fn uses(mut self, count: u64) -> Self {
        self.uses = Some(count);
        self
    }

    /// The token server knows GET only and answers 404 to POST.
    pub(crate) fn without_post(mut self) -> Self {
        self.has_post = false;
        self
    }

    /// The members of its answers.
    pub(crate) fn shape(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }

    /// What its answers say of the time.
    pub(crate) fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Whether an account, or nobody in particular, may see a repository.
    pub(super) fn may_see(&self, account: Option<&str>, repository: &str) -> bool {
        let own = account.and_then(|name| self.accounts.get(name));
        let own = own.map_or(&[][..], |account| &account.sees);
        let fits = |pattern: &String| match pattern.strip_suffix('*') {
            Some(beginning) => repository.starts_with(beginning),
            None => pattern == repository,
        };
        own.iter().chain(&self.public).any(fits)
    }

    /// Who has this name and password.
    pub(super) fn who(&self, name: &str, password: &str) -> Option<&str> {
        let (name, account) = self.accounts.get_key_value(name)?;
        (account.password == password).then_some(name.as_str())
    }

    /// The challenge that a test gave for this request.
    pub(super) fn lines(&self, request: &Request) -> Option<&Vec<String>> {
        let mut challenges = self.challenges.iter();
        let found = challenges.find(|(pattern, _)| pattern.fits(request));
        found.map(|(_, lines)| lines)
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
