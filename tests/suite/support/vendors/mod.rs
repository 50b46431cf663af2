//! The APIs of vendors, as fakes: each behaves as its vendor's published documentation says.

use super::fake::{Answer, FakeRegistry, RunningRegistry};
use super::image::Image;

pub(crate) mod hub;
pub(crate) mod plain;

/// A vendor's fake, as the contract of all dialects needs it.
pub(crate) trait Vendor: Sync {
    /// The dialect's name.
    fn name(&self) -> &'static str;

    /// The host that is asked.
    fn host(&self) -> &'static str;

    /// Serves these repositories with their tags, which all point to this image, so many at a time and in no order.
    fn serve(
        &self,
        registry: FakeRegistry,
        page: usize,
        world: &[(&str, &[&str])],
        of: &Image,
    ) -> FakeRegistry;

    /// What the user sets for the host, so that the fake stands in for it.
    fn settings(&self, registry: &RunningRegistry) -> String;

    /// A fact that only its own listing of tags brings.
    fn fact(&self) -> Option<&'static str>;

    /// What stands in the ledger's line of every page of its repositories.
    fn repositories(&self) -> &'static str;

    /// What stands in the ledger's line of every page of the tags of some repository.
    fn tags(&self) -> &'static str;

    /// The words for the requests with such a line.
    fn words(&self, line: &str) -> String;

    /// Makes a page say that the next one is there.
    fn lead(&self, answer: &mut Answer, to: &str);
}
