//! A registry that serves: where it is, what it saw, and its end.

use std::sync::{Arc, PoisonError, RwLockWriteGuard};

use super::super::image::Content;
use super::guard::Guard;
use super::ledger::{Ledger, Role};
use super::listener::{Bound, Listener};
use super::shelf::Shelf;
use super::world::World;

/// A registry that serves until it is dropped.
pub(crate) struct RunningRegistry {
    world: Arc<World>,
    listeners: Vec<Listener>,
}

impl RunningRegistry {
    pub(super) fn new(world: World, bound: Vec<Bound>) -> Self {
        let world = Arc::new(world);
        let open = |bound: Bound| bound.open(&world);
        let listeners = bound.into_iter().map(open).collect();
        Self { world, listeners }
    }

    /// `127.0.0.1:4321`
    pub(crate) fn host(&self) -> String {
        self.host_of(Role::Registry)
    }

    /// The host and port of a role.
    pub(crate) fn host_of(&self, role: Role) -> String {
        self.world.places.host(role)
    }

    /// `http://127.0.0.1:4321`, or with `https`.
    pub(crate) fn origin_of(&self, role: Role) -> String {
        self.world.places.origin(role)
    }

    /// What it saw so far.
    pub(crate) fn ledger(&self) -> Ledger {
        self.world.ledger.clone()
    }

    /// Every token it gave, in order, those that were there before too: none of them may get out.
    pub(crate) fn tokens(&self) -> Vec<String> {
        let guard = self.world.guard.as_ref();
        guard.map(Guard::issued).unwrap_or_default()
    }

    /// Tags some content `REPOSITORY:TAG` from now on.
    pub(crate) fn tag(&self, name: &str, content: impl Content) {
        self.shelf().tag(name, &[&content]);
    }

    /// Has a tag no more from now on.
    pub(crate) fn untag(&self, name: &str) {
        self.shelf().untag(name);
    }

    /// Ends it and gives all it saw, with what was on its way.
    pub(crate) fn stop(mut self) -> Ledger {
        self.end();
        self.ledger()
    }

    fn end(&mut self) {
        let listeners = self.listeners.drain(..);
        listeners.for_each(Listener::end);
        self.world.stop.end();
    }

    fn shelf(&self) -> RwLockWriteGuard<'_, Shelf> {
        let shelf = self.world.shelf.write();
        shelf.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for RunningRegistry {
    fn drop(&mut self) {
        self.end();
    }
}
