//! Working on many things at once and handing them over in order.

use std::cell::Cell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{Fuse, FuturesOrdered, Stream, StreamExt};

use super::background::Background;

/// How many sources are worked on at once.
pub(super) const SOURCES_AT_ONCE: usize = 16;

/// How many things may be worked on at once; it may change on the way.
#[derive(Debug)]
pub(super) struct Window {
    most: usize,
    /// What is still wanted, where that is known: no more than this is begun.
    wanted: Cell<Option<usize>>,
    /// What was handed over and not kept. As much may be begun beyond what is wanted, so that a condition that drops
    /// nearly everything is not tried one by one; at most half of the work is then in vain.
    dropped: Cell<usize>,
}

impl Window {
    /// A window of at most `most`, for `wanted` things if only so many are wanted.
    pub(super) fn new(most: usize, wanted: Option<usize>) -> Self {
        Self {
            most: most.max(1),
            wanted: Cell::new(wanted),
            dropped: Cell::new(0),
        }
    }

    /// Notes that one was kept.
    pub(super) fn kept(&self) {
        self.wanted
            .set(self.wanted.get().map(|wanted| wanted.saturating_sub(1)));
    }

    /// Notes that one was not kept.
    pub(super) fn dropped(&self) {
        self.dropped.set(self.dropped.get() + 1);
    }

    /// Tells whether all that was wanted was kept.
    pub(super) fn is_satisfied(&self) -> bool {
        self.wanted.get() == Some(0)
    }

    fn size(&self) -> usize {
        match self.wanted.get() {
            Some(wanted) => self.most.min(wanted.saturating_add(self.dropped.get())),
            None => self.most,
        }
    }
}

/// Works on what the sources bring, as much at once as the window allows of each, and hands results to `take` in the
/// order of the sources, until `take` says stop, the window is satisfied, or nothing is left. What is under way then is
/// dropped.
///
/// So many sources are worked on at once: one that is slow, or not there, then holds back only what is handed over after
/// it, and not the work (threats Q5).
///
/// Errors: the first error of `work`, in order.
pub(super) async fn in_order<T, R, E, F>(
    sources: impl IntoIterator<Item = impl Stream<Item = T>>,
    at_once: usize,
    work: impl Fn(T) -> F,
    window: &Window,
    background: &Background<'_>,
    mut take: impl FnMut(R) -> bool,
) -> Result<(), E>
where
    F: Future<Output = Result<R, E>>,
{
    let mut lanes: VecDeque<_> = sources.into_iter().map(Lane::new).collect();
    while !window.is_satisfied() {
        let next = poll_fn(|context| {
            loop {
                for lane in lanes.iter_mut().take(at_once) {
                    lane.go_on(context, &work, window.size());
                }
                background.go_on(context);
                match lanes.front_mut().map(Lane::hand_over) {
                    None => return Poll::Ready(None),
                    Some(Poll::Ready(None)) => drop(lanes.pop_front()),
                    Some(polled) => return polled,
                }
            }
        });
        let Some(result) = next.await else {
            break;
        };
        if !take(result?) {
            break;
        }
        // Work that waits for nobody would let nobody else in: neither a signal nor the end of the time (threats O2).
        tokio::task::coop::consume_budget().await;
    }
    Ok(())
}

/// One source, and the work on what it brought.
struct Lane<S: Stream, F: Future> {
    source: Pin<Box<Fuse<S>>>,
    under_way: FuturesOrdered<F>,
    /// What is done, and not handed over yet.
    done: VecDeque<F::Output>,
}

impl<S: Stream, F: Future> Lane<S, F> {
    fn new(source: S) -> Self {
        Self {
            source: Box::pin(source.fuse()),
            under_way: FuturesOrdered::new(),
            done: VecDeque::new(),
        }
    }

    /// Begins what there is room for, and goes on with all that was begun.
    fn go_on(&mut self, context: &mut Context<'_>, work: impl Fn(S::Item) -> F, room: usize) {
        while !self.source.is_done() && self.under_way.len() + self.done.len() < room {
            match self.source.as_mut().poll_next(context) {
                Poll::Ready(Some(thing)) => self.under_way.push_back(work(thing)),
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
        while let Poll::Ready(Some(done)) = self.under_way.poll_next_unpin(context) {
            self.done.push_back(done);
        }
    }

    fn hand_over(&mut self) -> Poll<Option<F::Output>> {
        match self.done.pop_front() {
            Some(done) => Poll::Ready(Some(done)),
            None if self.source.is_done() && self.under_way.is_empty() => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::convert::Infallible;
    use std::iter;

    use futures_util::stream;

    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime can be made").block_on(future)
    }

    /// Lets others go first a few times, the earlier the more often.
    async fn slow(number: usize) -> Result<usize, Infallible> {
        for _ in 0..(20 - number) {
            tokio::task::yield_now().await;
        }
        Ok(number)
    }

    async fn in_order_of<R, E, F: Future<Output = Result<R, E>>>(
        sources: impl IntoIterator<Item = std::ops::Range<usize>>,
        work: impl Fn(usize) -> F,
        window: &Window,
        take: impl FnMut(R) -> bool,
    ) -> Result<(), E> {
        let sources = sources.into_iter().map(stream::iter);
        in_order(sources, 2, work, window, &Background::default(), take).await
    }

    #[test]
    fn results_come_in_the_order_of_the_source() {
        let mut taken = Vec::new();
        let window = Window::new(8, None);
        let done = in_order_of([0..7, 7..20], slow, &window, |number| {
            taken.push(number);
            true
        });
        assert_eq!(block_on(done), Ok(()));
        assert_eq!(taken, (0..20).collect::<Vec<_>>());
    }

    #[test]
    fn q5_a_source_that_is_slow_holds_back_no_work_of_the_next_one() {
        let (begun, mut taken) = (RefCell::new(Vec::new()), Vec::new());
        let work = async |number: usize| {
            begun.borrow_mut().push(number);
            if number < 10 {
                while begun.borrow().len() < 4 {
                    tokio::task::yield_now().await;
                }
            }
            Ok::<usize, Infallible>(number)
        };
        let window = Window::new(2, None);
        let done = in_order_of([0..3, 10..12, 20..22], work, &window, |number| {
            taken.push(number);
            true
        });
        assert_eq!(block_on(done), Ok(()));
        assert_eq!(taken, [0, 1, 2, 10, 11, 20, 21]);
    }

    /// Keeps every `keep`th of 1000 until three are kept; gives how many were begun.
    fn begun(keep: usize) -> usize {
        let begun = Cell::new(0);
        let window = Window::new(64, Some(3));
        let work = |number: usize| {
            begun.set(begun.get() + 1);
            async move { Ok::<usize, Infallible>(number) }
        };
        let done = in_order_of(iter::once(1..1000), work, &window, |number| {
            match number % keep {
                0 => window.kept(),
                _ => window.dropped(),
            }
            true
        });
        assert_eq!(block_on(done), Ok(()));
        begun.get()
    }

    #[test]
    fn no_more_is_begun_than_wanted_while_everything_is_kept() {
        assert_eq!(begun(1), 3);
    }

    #[test]
    fn at_most_half_of_the_work_is_in_vain() {
        let needed = 30;
        assert!((needed..=2 * needed).contains(&begun(10)));
    }

    #[test]
    fn an_error_ends_it() {
        let window = Window::new(4, None);
        let work =
            |number: usize| async move { if number == 2 { Err(number) } else { Ok(number) } };
        let done = in_order_of(iter::once(0..9), work, &window, |_| true);
        assert_eq!(block_on(done), Err(2));
    }
}
