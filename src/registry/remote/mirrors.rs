//! Mirrors of a registry: asked before it for what a digest names, and for nothing else.
//!
//! What a digest names is the same everywhere, and is hashed wherever it comes from. Which tags there are and what they
//! point to only the registry itself knows: a mirror lists what it was once asked for, and may be behind. So listings and
//! tags are asked of the registry, and where there are mirrors a tag is asked for its digest first. A mirror is a host of
//! its own, with its own login, consents and limits; nothing of the registry's is shown to it (threats S1).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::session::{Session, Shared};
use crate::oci::{RegistryHost, Repository};
use crate::registry::error::outside;
use crate::registry::talk::Event;
use crate::registry::{Answer, RegistryError};

/// The mirrors of one registry, in the order in which they are asked.
pub(super) struct Mirrors(Vec<Mirror>);

struct Mirror {
    host: RegistryHost,
    session: Session,
    /// How long it is left alone after it failed.
    rest: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    rests_until: Option<Instant>,
    /// The repositories that it does not have, or not for us.
    lacks: HashSet<Repository>,
}

impl Mirrors {
    /// The mirrors that the user has set for a host.
    pub(super) fn of(shared: &Arc<Shared>, host: &RegistryHost) -> Self {
        let mirrors = shared.trust.of(host).mirrors.into_iter();
        let mirror = |host: RegistryHost| Mirror {
            session: Session::of_mirror(Arc::clone(shared), host.clone()),
            host,
            rest: shared.timing.mirror_rest,
            state: Mutex::default(),
        };
        Self(mirrors.map(mirror).collect())
    }

    /// Tells whether one of them would be asked for something of this repository.
    pub(super) fn are_asked(&self, repository: &Repository) -> bool {
        self.0.iter().any(|mirror| mirror.is_asked(repository))
    }

    /// Asks them for something of this repository that its digest names, one after another, and then the registry `own`.
    /// None from a mirror means that it cannot tell.
    ///
    /// Errors: the registry's own.
    pub(super) async fn before<'a, T>(
        &'a self,
        own: &'a Session,
        repository: &Repository,
        ask: impl Fn(&'a Session) -> Answer<'a, Option<T>>,
    ) -> Result<Option<T>, RegistryError> {
        for mirror in &self.0 {
            if !mirror.is_asked(repository) {
                continue;
            }
            match ask(&mirror.session).await {
                Ok(Some(found)) => return Ok(Some(found)),
                Ok(None) => {}
                Err(error @ RegistryError::TooMany(_)) => return Err(error),
                Err(error) => mirror.failed(own, repository, &error),
            }
        }
        ask(own).await
    }
}

impl Mirror {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_asked(&self, repository: &Repository) -> bool {
        let state = self.state();
        let rests = state
            .rests_until
            .is_some_and(|until| Instant::now() < until);
        !rests && !state.lacks.contains(repository)
    }

    /// Learns from a failure whether it is worth asking again, and says so where it matters: that it lacks something is
    /// what mirrors do.
    fn failed(&self, own: &Session, repository: &Repository, error: &RegistryError) {
        match error {
            RegistryError::NoContent(_) | RegistryError::NoTag { .. } => return,
            // What is wrong with the content is told by the registry, if it is wrong there too.
            RegistryError::SizeMismatch { .. }
            | RegistryError::TooLarge { .. }
            | RegistryError::Malformed { .. } => return,
            RegistryError::NoRepository(_) => {
                self.state().lacks.insert(repository.clone());
                return;
            }
            error if error.is_denial() => {
                self.state().lacks.insert(repository.clone());
            }
            _ => self.state().rests_until = Some(Instant::now() + self.rest),
        }
        own.say(Event::MirrorLeft {
            host: own.host().clone(),
            mirror: self.host.clone(),
            why: outside(&error.to_string()),
        });
    }
}
