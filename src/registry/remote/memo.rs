//! What was asked in this run is not asked again: equal questions share one answer, whoever comes first.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::limits::REMEMBERED_BYTES;
use crate::registry::{Answer, RegistryError};

/// Answers by question. A failure is an answer too: what failed once in a run is not tried for every row.
#[derive(Debug)]
pub(super) struct Memo<K, V> {
    cells: Mutex<HashMap<K, Cell<V>>>,
    held: Arc<Held>,
}

type Cell<V> = Arc<OnceCell<Result<V, RegistryError>>>;

/// How much is remembered, in bytes, by all memos of one registry.
#[derive(Debug, Default)]
pub(super) struct Held(AtomicUsize);

impl<K: Hash + Eq + Clone, V: Clone> Memo<K, V> {
    pub(super) fn new(held: &Arc<Held>) -> Self {
        Self {
            cells: Mutex::default(),
            held: Arc::clone(held),
        }
    }

    /// Gives the answer to a question, asking only if nobody did. If whoever asks goes away, the next one asks.
    /// `size` measures what an answer holds, in bytes.
    pub(super) async fn answer(
        &self,
        question: &K,
        ask: Answer<'_, V>,
        size: impl FnOnce(&V) -> usize,
    ) -> Result<V, RegistryError> {
        let cell = {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(question.clone()).or_default())
        };
        let mut is_new = false;
        let ask = async {
            is_new = true;
            ask.await
        };
        let answer = cell.get_or_init(|| ask).await;
        let size = answer.as_ref().map_or(0, size);
        if is_new && !self.held.take(size) {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            cells.remove(question);
        }
        answer.clone()
    }

    /// Forgets the failures, and what need not `stay`; `size` measures as it did when they were remembered.
    pub(super) fn forget(&self, stay: impl Fn(&K) -> bool, size: impl Fn(&V) -> usize) {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        cells.retain(|question, cell| match cell.get() {
            Some(Ok(_)) if stay(question) => true,
            Some(Ok(answer)) => {
                self.held.give_back(size(answer));
                false
            }
            Some(Err(_)) | None => false,
        });
    }

    /// A good answer that is there already; nobody is asked.
    pub(super) fn known(&self, question: &K) -> Option<V> {
        let cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        cells.get(question)?.get()?.as_ref().ok().cloned()
    }
}

impl Held {
    /// Makes room; tells whether there is any.
    fn take(&self, size: usize) -> bool {
        let before = self.0.fetch_add(size, Ordering::Relaxed);
        let fits = before + size <= REMEMBERED_BYTES;
        if !fits {
            self.0.fetch_sub(size, Ordering::Relaxed);
        }
        fits
    }

    fn give_back(&self, size: usize) {
        self.0.fetch_sub(size, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use futures_util::future::join_all;

    use super::*;
    use crate::registry::RegistryError;

    fn memo() -> Memo<u8, usize> {
        Memo::new(&Arc::default())
    }

    #[tokio::test]
    async fn equal_questions_at_the_same_time_are_asked_once() {
        let (memo, asked) = (memo(), AtomicUsize::new(0));
        let ask = || -> Answer<'_, usize> {
            Box::pin(async {
                tokio::task::yield_now().await;
                Ok(asked.fetch_add(1, Ordering::Relaxed))
            })
        };
        assert_eq!(memo.known(&1), None);
        let answers = join_all((0..20).map(|_| memo.answer(&1, ask(), |_| 0))).await;
        assert!(answers.iter().all(|answer| *answer == Ok(0)));
        assert_eq!((memo.known(&1), memo.known(&2)), (Some(0), None));
        assert_eq!(memo.answer(&2, ask(), |_| 0).await, Ok(1));
    }

    #[tokio::test]
    async fn a_failure_is_shared_too() {
        let memo = memo();
        let failure = || RegistryError::InvalidTag("x".into());
        let first = memo
            .answer(&1, Box::pin(async { Err(failure()) }), |_| 0)
            .await;
        let second = memo.answer(&1, Box::pin(async { Ok(7) }), |_| 0).await;
        assert_eq!((first, second), (Err(failure()), Err(failure())));
        assert_eq!(memo.known(&1), None);
    }

    #[tokio::test]
    async fn whoever_goes_away_leaves_the_question_to_the_next() {
        let memo = memo();
        {
            let never = Box::pin(std::future::pending());
            let asking = memo.answer(&1, never, |_| 0);
            tokio::select! {
                biased;
                _ = asking => panic!("nobody answers"),
                () = tokio::task::yield_now() => {}
            }
        }
        assert_eq!(
            memo.answer(&1, Box::pin(async { Ok(7) }), |_| 0).await,
            Ok(7)
        );
    }

    #[tokio::test]
    async fn what_is_forgotten_is_asked_again_and_leaves_its_room() {
        let held = Arc::default();
        let memo: Memo<u8, usize> = Memo::new(&held);
        let failure = || RegistryError::InvalidTag("x".into());
        for question in 1..=2 {
            let answer = Box::pin(async { Ok(7) });
            assert_eq!(memo.answer(&question, answer, |_| 100).await, Ok(7));
        }
        let failed = Box::pin(async { Err(failure()) });
        assert!(memo.answer(&3, failed, |_| 100).await.is_err());
        memo.forget(|question| *question != 1, |_| 100);
        assert_eq!((memo.known(&1), memo.known(&2)), (None, Some(7)));
        assert_eq!(held.0.load(Ordering::Relaxed), 100);
        for (question, expected) in [(1, 8), (2, 7), (3, 8)] {
            let answer = Box::pin(async { Ok(8) });
            assert_eq!(memo.answer(&question, answer, |_| 0).await, Ok(expected));
        }
    }

    #[tokio::test]
    async fn what_does_not_fit_is_given_and_forgotten() {
        let memo = memo();
        let large = |_: &usize| REMEMBERED_BYTES + 1;
        assert_eq!(
            memo.answer(&1, Box::pin(async { Ok(7) }), large).await,
            Ok(7)
        );
        assert_eq!(
            memo.answer(&1, Box::pin(async { Ok(8) }), |_| 1).await,
            Ok(8)
        );
        assert_eq!(
            memo.answer(&1, Box::pin(async { Ok(9) }), |_| 1).await,
            Ok(8)
        );
    }
}
