//! The repositories of a namespace, with a word where there are none: of vendors that say of a namespace that does not
//! exist what they say of an empty one.

use crate::registry::remote::Remote;
use crate::registry::talk::Event;
use crate::registry::{Answer, Page, Pages, RepositoryEntry};
use crate::safe::Safe;

/// The repositories of a namespace.
pub(super) struct Namespaced<'a, P> {
    remote: &'a Remote,
    vendor: &'static str,
    namespace: Safe,
    pages: P,
    has_some: bool,
}

impl<'a, P: Pages<RepositoryEntry>> Namespaced<'a, P> {
    /// The pages of a vendor's listing below a namespace.
    pub(super) fn new(remote: &'a Remote, vendor: &'static str, namespace: Safe, pages: P) -> Self {
        Self {
            remote,
            vendor,
            namespace,
            pages,
            has_some: false,
        }
    }
}

impl<P: Pages<RepositoryEntry>> Pages<RepositoryEntry> for Namespaced<'_, P> {
    fn next(&mut self) -> Answer<'_, Option<Page<RepositoryEntry>>> {
        Box::pin(async move {
            let page = self.pages.next().await?;
            let has_any =
                |page: &Page<RepositoryEntry>| !page.entries.is_empty() || !page.faults.is_empty();
            self.has_some |= page.as_ref().is_some_and(has_any);
            if !self.has_some && self.pages.is_over() {
                self.has_some = true;
                self.remote.say(Event::NothingBelow {
                    vendor: self.vendor,
                    namespace: self.namespace.clone(),
                });
            }
            Ok(page)
        })
    }

    fn is_over(&self) -> bool {
        self.pages.is_over()
    }

    fn may_go_on(&self) -> bool {
        self.pages.may_go_on()
    }
}
