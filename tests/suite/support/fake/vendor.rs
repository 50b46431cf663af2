//! What is a vendor's own: an API beside the registry, or ways of the registry itself.

use super::answer::Answer;
use super::listing::Paging;
use super::request::Request;
use super::shelf::Shelf;

/// An API that answers on a listener of its own. Who may ask what is its own affair.
pub(crate) trait VendorApi: Send + Sync {
    /// Answers a request.
    fn answer(&self, request: &Request) -> Answer;
}

/// What the registry itself does beside the specification, or in its place. Who may ask what is decided as ever.
pub(crate) trait VendorWay: Send + Sync {
    /// Answers what is the vendor's own; the rest is the specification's.
    fn answer(&self, request: &Request, shelf: &Shelf, paging: &Paging) -> Option<Answer>;

    /// The repository that a request of the vendor's own is about.
    fn repository(&self, request: &Request) -> Option<String> {
        let _ = request;
        None
    }

    /// The scope that a request of the vendor's own needs.
    fn scope(&self, request: &Request) -> Option<String> {
        let _ = request;
        None
    }
}
