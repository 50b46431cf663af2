//! Work that goes on while nobody waits for it.
//!
//! A listing that is on its way has a place at its host. If it stood still because no row is wanted just now, the rows
//! under way, which wait for that place, would wait for ever.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::oneshot;

/// Everything that goes on in the background of one stage of a run.
#[derive(Default)]
pub(super) struct Background<'a> {
    begun: RefCell<Vec<LocalBoxFuture<'a, ()>>>,
    under_way: RefCell<FuturesUnordered<LocalBoxFuture<'a, ()>>>,
}

/// The result of something that goes on in the background.
pub(super) struct Promise<T>(oneshot::Receiver<T>);

impl<'a> Background<'a> {
    /// Begins something; it goes on whenever the background does.
    pub(super) fn begin<T: 'a>(&self, work: impl Future<Output = T> + 'a) -> Promise<T> {
        let (sender, receiver) = oneshot::channel();
        let work = async move {
            // Nobody may be interested any more.
            let _unwanted = sender.send(work.await);
        };
        self.begun.borrow_mut().push(Box::pin(work));
        Promise(receiver)
    }

    /// Goes on with everything that can go on.
    pub(super) fn go_on(&self, context: &mut Context<'_>) {
        let mut under_way = self.under_way.borrow_mut();
        under_way.extend(self.begun.take());
        while let Poll::Ready(Some(())) = under_way.poll_next_unpin(context) {}
    }
}

impl<T> Promise<T> {
    /// The result, if it is there.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<T> {
        let polled = Pin::new(&mut self.0).poll(context);
        polled.map(|kept| kept.expect("what was begun is not given up"))
    }

    /// Waits for the result, while somebody else lets the background go on.
    pub(super) async fn kept(self) -> T {
        self.0.await.expect("what was begun is not given up")
    }
}
