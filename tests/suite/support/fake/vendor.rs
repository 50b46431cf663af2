//! What a vendor's registry does beside the specification, or in its place.

use super::answer::Answer;
use super::listing::Paging;
use super::request::Request;
use super::shelf::Shelf;

/// A vendor's own way; the rest is the specification's.
pub(crate) trait Vendor: Send + Sync {
    /// Answers what is the vendor's own.
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
