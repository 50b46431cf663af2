//! The token server: GET with or without name and password, POST with a refresh token (distribution, auth/token.md,
//! auth/oauth.md).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::answer::Answer;
use super::guard::{Grant, Guard};
use super::login::{Lifetime, Login, Shape};
use super::request::Request;

impl Guard {
    /// Answers a request for a token.
    pub(super) fn token(&self, request: &Request) -> Answer {
        match request.method.as_str() {
            "POST" if self.login.has_post => self.exchange(&request.form()),
            "POST" => Answer::status(404),
            _ => self.fetch(request),
        }
    }

    fn fetch(&self, request: &Request) -> Answer {
        let basic = request.header("authorization");
        let basic = basic.map(|header| header.strip_prefix("Basic ").unwrap_or_default());
        let account = match basic {
            None if self.login.refuses_anonymous => return wrong(),
            None => None,
            Some(basic) => match self.account(basic) {
                Some(account) => Some(account),
                None => return wrong(),
            },
        };
        self.give(account, &request.query)
    }

    fn exchange(&self, form: &[(String, String)]) -> Answer {
        let member = |name| values(form, name).next().unwrap_or_default();
        let account = match member("grant_type") {
            "refresh_token" => self.login.whose(member("refresh_token")),
            "password" => self.login.who(member("username"), member("password")),
            _ => return Answer::status(400),
        };
        match account {
            Some(account) => self.give(Some(account), form),
            None => wrong(),
        }
    }

    /// As much of what was asked for as the account may have, even if that is nothing.
    fn give(&self, account: Option<&str>, asked: &[(String, String)]) -> Answer {
        let asked = values(asked, "scope").flat_map(str::split_whitespace);
        let granted: BTreeSet<String> = asked
            .flat_map(|scope| self.granted(account, scope))
            .collect();
        let token = self.issue(Grant {
            account: account.map(str::to_owned),
            scopes: granted,
            uses: self.login.uses,
        });
        Answer::json(&self.login.answer(&token))
    }

    /// The rights to pull and to read about it, where they are among those asked for; no other is given.
    fn granted(&self, account: Option<&str>, scope: &str) -> Vec<String> {
        if self.login.scope.as_deref() == Some(scope) || scope == "registry:catalog:*" {
            return vec![scope.to_owned()];
        }
        let repository = scope.strip_prefix("repository:");
        let parts = repository.and_then(|rest| rest.rsplit_once(':'));
        let seen = parts.filter(|(name, _)| self.login.may_see(account, name));
        let Some((name, actions)) = seen else {
            return Vec::new();
        };
        let is_given = |action: &&str| matches!(*action, "pull" | "metadata_read");
        let given = actions.split(',').filter(is_given);
        given
            .map(|action| format!("repository:{name}:{action}"))
            .collect()
    }
}

impl Login {
    fn whose(&self, refresh_token: &str) -> Option<&str> {
        let mut accounts = self.accounts.iter();
        let is_it = |token: &Option<String>| token.as_deref() == Some(refresh_token);
        let found = accounts.find(|(_, account)| is_it(&account.refresh_token));
        found.map(|(name, _)| name.as_str())
    }

    fn answer(&self, token: &str) -> Value {
        let mut answer = match self.shape {
            Shape::Both => json!({"token": token, "access_token": token}),
            Shape::Token => json!({"token": token}),
            Shape::AccessToken => json!({"access_token": token}),
            Shape::EmptyAccessToken => json!({"token": token, "access_token": ""}),
            Shape::Different => json!({"token": token, "access_token": "good-for-nothing"}),
            Shape::NullToken => json!({"token": null, "access_token": token}),
            Shape::Number => json!({"token": 42}),
            Shape::LineBreak => json!({"token": format!("{token}\r\nX-Injected: 1")}),
            Shape::Long(more) => json!({"token": format!("{token}{}", "x".repeat(more))}),
            Shape::Nothing => json!({}),
        };
        match self.lifetime {
            Lifetime::Unsaid => {}
            Lifetime::Seconds(seconds) => answer["expires_in"] = json!(seconds),
            Lifetime::Issued(seconds, at) => {
                answer["expires_in"] = json!(seconds);
                answer["issued_at"] = json!(at);
            }
        }
        answer
    }
}

fn wrong() -> Answer {
    Answer::error(401, "UNAUTHORIZED", &Value::Null)
}

fn values<'a>(pairs: &'a [(String, String)], name: &'a str) -> impl Iterator<Item = &'a str> {
    let named = pairs.iter().filter(move |(key, _)| key == name);
    named.map(|(_, value)| value.as_str())
}
