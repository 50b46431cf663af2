//! How many requests a host gets at once: found out, unless the user says so.
//!
//! It starts at a number most registries bear, grows while answers come no slower than before, and is halved when the
//! host pushes back.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::limits::{PARALLEL_MOST, PARALLEL_START};

/// The places of one host.
#[derive(Debug)]
pub(super) struct Limit {
    places: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    allowed: usize,
    /// Places that are to go when whoever has them leaves.
    surplus: usize,
    /// Whether the number is found out.
    adaptive: bool,
    fastest: Option<Duration>,
    halved: Option<Instant>,
}

/// How an answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pressure {
    /// Well, after this time.
    Fine(Duration),
    /// The host asks for less: 429, 503, or a broken connection.
    Pushback,
    /// In a way that says nothing about the load.
    Unclear,
}

/// One place, until it is given back.
pub(super) struct Place<'a> {
    limit: &'a Limit,
    permit: Option<SemaphorePermit<'a>>,
    since: Instant,
}

impl Limit {
    /// A limit of `fixed` places, or one that is found out.
    pub(super) fn new(fixed: Option<usize>) -> Self {
        let allowed = fixed.unwrap_or(PARALLEL_START).clamp(1, PARALLEL_MOST);
        Self {
            places: Semaphore::new(allowed),
            state: Mutex::new(State {
                allowed,
                surplus: 0,
                adaptive: fixed.is_none(),
                fastest: None,
                halved: None,
            }),
        }
    }

    /// Waits for a place.
    pub(super) async fn enter(&self) -> Place<'_> {
        let permit = self.places.acquire().await;
        Place {
            limit: self,
            permit: permit.ok(),
            since: Instant::now(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns from an answer to a request that was sent at `since`.
    fn learn(&self, pressure: Pressure, since: Instant) {
        let is_full = self.places.available_permits() == 0;
        let mut state = self.state();
        if !state.adaptive {
            return;
        }
        match pressure {
            Pressure::Fine(took) => {
                let fastest = state.fastest.map_or(took, |fastest| fastest.min(took));
                state.fastest = Some(fastest);
                // Twice as slow is still no queue: answers differ in size.
                let holds = took <= fastest * 2 + Duration::from_millis(5);
                if is_full && holds && state.allowed < PARALLEL_MOST {
                    state.allowed += 1;
                    match state.surplus.checked_sub(1) {
                        Some(less) => state.surplus = less,
                        None => self.places.add_permits(1),
                    }
                }
            }
            // One push is felt by everything in flight; it counts once.
            Pressure::Pushback if state.halved.is_none_or(|halved| since > halved) => {
                let fewer = (state.allowed / 2).max(1);
                state.surplus += state.allowed - fewer;
                state.allowed = fewer;
                state.halved = Some(Instant::now());
            }
            Pressure::Pushback | Pressure::Unclear => {}
        }
    }
}

impl Place<'_> {
    /// Gives the place back, and says how it went.
    pub(super) fn end(self, pressure: Pressure) {
        self.limit.learn(pressure, self.since);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.limit.state();
        if let (Some(permit), Some(less)) = (self.permit.take(), state.surplus.checked_sub(1)) {
            state.surplus = less;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(limit: &Limit) -> usize {
        limit.state().allowed
    }

    async fn full(limit: &Limit) -> Vec<Place<'_>> {
        let mut places = Vec::new();
        while limit.places.available_permits() > 0 {
            places.push(limit.enter().await);
        }
        places
    }

    const FAST: Pressure = Pressure::Fine(Duration::from_millis(20));

    #[tokio::test]
    async fn it_grows_while_all_places_are_taken_and_answers_stay_fast() {
        let limit = Limit::new(None);
        for _ in 0..100 {
            let mut places = full(&limit).await;
            places.pop().unwrap().end(FAST);
        }
        assert_eq!(allowed(&limit), PARALLEL_MOST);
    }

    #[tokio::test]
    async fn it_does_not_grow_when_answers_slow_down_or_places_are_free() {
        let limit = Limit::new(None);
        limit.enter().await.end(FAST);
        for place in full(&limit).await {
            place.end(Pressure::Fine(Duration::from_secs(1)));
        }
        assert_eq!(allowed(&limit), PARALLEL_START);
    }

    #[tokio::test]
    async fn m1_one_push_felt_by_all_in_flight_halves_once() {
        let limit = Limit::new(None);
        for place in full(&limit).await {
            place.end(Pressure::Pushback);
        }
        assert_eq!(allowed(&limit), PARALLEL_START / 2);
        assert_eq!(full(&limit).await.len(), PARALLEL_START / 2);
    }

    #[tokio::test]
    async fn it_never_falls_below_one() {
        let limit = Limit::new(None);
        for _ in 0..20 {
            tokio::task::yield_now().await;
            limit.enter().await.end(Pressure::Pushback);
        }
        assert_eq!(allowed(&limit), 1);
        limit.enter().await.end(FAST);
    }

    #[tokio::test]
    async fn what_the_user_says_stays() {
        let limit = Limit::new(Some(3));
        for place in full(&limit).await {
            place.end(Pressure::Pushback);
        }
        assert_eq!(full(&limit).await.len(), 3);
    }
}
