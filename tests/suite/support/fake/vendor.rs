//! A vendor's own API beside the registry: what it answers is the vendor's own, all else is as with every role.

use super::answer::Answer;
use super::request::Request;

/// An API that answers on a listener of its own. Who may ask what is its own affair.
pub(crate) trait VendorApi: Send + Sync {
    /// Answers a request.
    fn answer(&self, request: &Request) -> Answer;
}
