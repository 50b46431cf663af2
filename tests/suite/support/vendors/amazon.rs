//! Amazon's registries: an account's own, whose lists go on behind cursors and are called plain text, and the public one,
//! which lists no repositories to anybody.

use super::super::fake::{Answer, FakeRegistry, Fault, Links, When};
use super::super::image::Image;
use super::Vendor;
use super::plain::Plain;

/// An account's own registry, in one region.
pub(crate) const HOST: &str = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";

/// What it says to a password that is over.
pub(crate) const EXPIRED: &str =
    "Your authorization token has expired. Reauthenticate and try again.";

/// An account's own registry.
pub(crate) struct Ecr;

/// The registry that everybody may read.
pub(crate) struct EcrPublic;

/// A refusal as Amazon words it.
pub(crate) fn refusal(status: u16, code: &str, message: &str) -> Answer {
    let error = serde_json::json!({"errors": [{"code": code, "message": message}]});
    Answer::status(status).with_body("text/plain; charset=utf-8", error.to_string())
}

/// Has the ways of an account's own registry: lists are plain text, no digest is in a header, at most a thousand are
/// listed at once, and blobs are somewhere else.
pub(crate) fn ways(registry: FakeRegistry) -> FakeRegistry {
    let plain =
        |_: &_, answer: &mut Answer| answer.set("Content-Type", "text/plain; charset=utf-8");
    let silent = |_: &_, answer: &mut Answer| answer.remove("Docker-Content-Digest");
    registry
        .links(Links::Opaque)
        .largest_page(1000, 405)
        .fault("GET _catalog", When::Always, Fault::edit(plain))
        .fault("GET tags/list", When::Always, Fault::edit(plain))
        .fault("manifests", When::Always, Fault::edit(silent))
        .redirecting_blobs(307)
}

impl Vendor for Ecr {
    fn name(&self) -> &'static str {
        "ecr"
    }

    fn host(&self) -> &'static str {
        HOST
    }

    fn serve(
        &self,
        registry: FakeRegistry,
        page: usize,
        world: &[(&str, &[&str])],
        of: &Image,
    ) -> FakeRegistry {
        ways(Plain.serve(registry, page, world, of))
    }

    fn fact(&self) -> Option<&'static str> {
        None
    }

    fn repositories(&self) -> &'static str {
        "_catalog"
    }

    fn tags(&self) -> &'static str {
        "web/tags/list"
    }
}

impl Vendor for EcrPublic {
    fn name(&self) -> &'static str {
        "ecr-public"
    }

    fn host(&self) -> &'static str {
        "public.ecr.aws"
    }

    fn serve(
        &self,
        registry: FakeRegistry,
        page: usize,
        world: &[(&str, &[&str])],
        of: &Image,
    ) -> FakeRegistry {
        Plain.serve(registry, page, world, of)
    }

    fn lists_repositories(&self) -> bool {
        false
    }

    fn fact(&self) -> Option<&'static str> {
        None
    }

    fn repositories(&self) -> &'static str {
        self.tags()
    }

    fn tags(&self) -> &'static str {
        "web/tags/list"
    }
}
