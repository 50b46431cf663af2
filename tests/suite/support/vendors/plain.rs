//! A registry of no vendor: what the distribution specification says, and nothing else.

use super::super::fake::{FakeRegistry, Links};
use super::super::image::Image;
use super::Vendor;

/// The specification's own.
pub(crate) struct Plain;

impl Vendor for Plain {
    fn name(&self) -> &'static str {
        "oci"
    }

    fn host(&self) -> &'static str {
        "plain.example"
    }

    fn serve(
        &self,
        registry: FakeRegistry,
        page: usize,
        world: &[(&str, &[&str])],
        of: &Image,
    ) -> FakeRegistry {
        let mut registry = registry.paged(page).links(Links::Relative);
        for (repository, tags) in world {
            registry = registry.repository(repository);
            for tag in *tags {
                registry = registry.tag(&format!("{repository}:{tag}"), of.clone());
            }
            registry = registry.listed(repository, serde_json::json!(tags));
        }
        let names: Vec<&str> = world.iter().map(|(name, _)| *name).collect();
        registry.catalog(serde_json::json!(names))
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
