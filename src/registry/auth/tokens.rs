//! The tokens of one registry: each bought once for its scope, used until it nears its end (threats A8, A9).
//!
//! They live in memory only, and only in the login of the registry they are for.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use url::Url;

use crate::registry::RegistryError;
use crate::registry::wire::scope::Scope;
use crate::registry::wire::token::Token;
use crate::secret::Secret;

/// What makes two tokens of a registry differ: the token server, the service, the scope. The credential is the login's own.
pub(super) type Key = (Url, Option<String>, Scope);

/// The tokens of one login, by what makes them differ.
pub(super) struct Tokens<K = Key> {
    slots: Mutex<HashMap<K, Arc<Slot>>>,
    bought: AtomicU64,
}

impl<K> Default for Tokens<K> {
    fn default() -> Self {
        Self {
            slots: Mutex::default(),
            bought: AtomicU64::default(),
        }
    }
}

#[derive(Default)]
struct Slot {
    /// Held while a token is bought, so that whoever comes next waits for it.
    held: tokio::sync::Mutex<Option<Result<Held, RegistryError>>>,
    record: Mutex<Record>,
}

/// How the tokens of a slot fared. They are numbered in the order they were bought.
#[derive(Default)]
struct Record {
    accepted: u64,
    refused: u64,
    /// A token was replaced that never was accepted. The next such is not: it does not allow what is asked, and
    /// neither would another (threats A5).
    gave_second_chance: bool,
    is_final: bool,
}

/// A token as it was handed out.
#[derive(Clone)]
pub(super) struct Held {
    secret: Arc<Secret>,
    number: u64,
    until: Instant,
    slot: Arc<Slot>,
}

impl Held {
    pub(super) fn secret(&self) -> &Secret {
        &self.secret
    }

    fn is_good(&self) -> bool {
        let record = self.slot.record();
        let stands = record.is_final || self.number > record.refused;
        stands && Instant::now() < self.until
    }

    /// Notes that it was accepted.
    pub(super) fn accept(&self) {
        let mut record = self.slot.record();
        record.accepted = record.accepted.max(self.number);
    }

    /// Notes that it was refused, and tells whether a new one is worth a try.
    pub(super) fn refuse(&self) -> bool {
        let mut record = self.slot.record();
        if record.is_final {
            return false;
        }
        if record.refused >= self.number {
            return true;
        }
        let worked = record.accepted >= self.number;
        if !worked && record.gave_second_chance {
            record.is_final = true;
            return false;
        }
        record.gave_second_chance |= !worked;
        record.refused = self.number;
        true
    }
}

impl Slot {
    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq> Tokens<K> {
    /// Gives the token for a key, buying one if there is none that is good. That a token server gave none is
    /// remembered: it would say the same for every row.
    pub(super) async fn get<F>(
        &self,
        key: K,
        buy: impl FnOnce() -> F,
    ) -> Result<Held, RegistryError>
    where
        F: Future<Output = Result<Token, RegistryError>>,
    {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(key).or_default())
        };
        let mut held = slot.held.lock().await;
        match &*held {
            Some(Ok(token)) if token.is_good() => return Ok(token.clone()),
            Some(Err(error)) => return Err(error.clone()),
            _ => {}
        }
        let bought = buy().await.map(|token| Held {
            // Its last fifth may end before the request arrives.
            until: Instant::now() + token.lifetime.mul_f64(0.8),
            secret: Arc::new(token.secret),
            number: self.bought.fetch_add(1, Ordering::Relaxed) + 1,
            slot: Arc::clone(&slot),
        });
        *held = Some(bought.clone());
        bought
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::future::join_all;

    use super::*;
    use crate::oci::Repository;
    use crate::registry::RegistryError;

    fn key(repository: &str) -> Key {
        let repository: Repository = repository.parse().unwrap();
        let realm = "https://auth.example/token".parse().unwrap();
        (realm, None, Scope::pull(&repository))
    }

    /// A shop that counts.
    #[derive(Default)]
    struct Shop {
        tokens: Tokens,
        sold: AtomicU64,
    }

    impl Shop {
        async fn get(&self, repository: &str, lifetime: Duration) -> Held {
            let buy = || async {
                tokio::task::yield_now().await;
                let number = self.sold.fetch_add(1, Ordering::Relaxed) + 1;
                let secret = Secret::new(format!("token {number}"));
                Ok(Token {
                    secret,
                    lifetime,
                    says_lifetime: true,
                })
            };
            self.tokens
                .get(key(repository), buy)
                .await
                .unwrap_or_else(|_| panic!("it sells"))
        }

        async fn text(&self, repository: &str) -> String {
            let held = self.get(repository, Duration::from_secs(60)).await;
            held.secret().expose().to_owned()
        }
    }

    #[tokio::test]
    async fn one_token_per_scope_however_many_ask_at_once() {
        let shop = Shop::default();
        let all = join_all((0..50).map(|_| shop.text("a"))).await;
        assert!(all.iter().all(|text| text == "token 1"));
        assert_eq!(shop.text("b").await, "token 2");
        assert_eq!(shop.text("a").await, "token 1");
    }

    #[tokio::test]
    async fn a9_a_token_is_renewed_before_it_ends() {
        let shop = Shop::default();
        shop.get("a", Duration::ZERO).await;
        assert_eq!(shop.text("a").await, "token 2");
        assert_eq!(shop.text("a").await, "token 2");
    }

    #[tokio::test]
    async fn m4_a_token_that_worked_is_replaced_whenever_it_is_refused() {
        let shop = Shop::default();
        for number in 1..5 {
            let held = shop.get("a", Duration::from_secs(60)).await;
            assert_eq!(held.secret().expose(), format!("token {number}"));
            held.accept();
            assert!(held.refuse() && held.refuse());
        }
    }

    #[tokio::test]
    async fn a5_a_registry_that_refuses_every_token_sees_two() {
        let shop = Shop::default();
        let mut worth = Vec::new();
        for _ in 0..5 {
            worth.push(shop.get("a", Duration::from_secs(60)).await.refuse());
        }
        assert_eq!(worth, [true, false, false, false, false]);
        assert_eq!(shop.sold.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_token_server_that_gives_none_is_asked_once() {
        let tokens = Tokens::default();
        let failure = || RegistryError::InvalidTag("x".into());
        for _ in 0..3 {
            let got = tokens.get(key("a"), || async { Err(failure()) }).await;
            assert!(got.err() == Some(failure()));
        }
        let asked_again = tokens
            .get(key("a"), || async { panic!("it was asked") })
            .await;
        assert!(asked_again.is_err());
    }
}
