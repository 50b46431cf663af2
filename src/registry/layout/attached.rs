//! What of a layout is attached to what: manifests that `index.json` lists, under a name or not, and that name a subject
//! (image-spec 1.1, manifest.md, `subject`).
//!
//! Which they are stands in the manifests alone, so all of them are read, once. One that cannot be read may be attached
//! to anything (threats S6).

use std::collections::{HashMap, HashSet};

use crate::oci::{Descriptor, Digest, Referrer};
use crate::registry::{Document, Page, RegistryError};

/// What is neither manifest nor index may be listed, and is nobody's affair (image-spec 1.1, image-layout.md).
fn may_have_subject(listed: &Descriptor) -> bool {
    let media_type = &listed.media_type;
    media_type.is_manifest() || media_type.is_index() || media_type.as_str().is_empty()
}

/// What is attached, by what it is attached to.
pub(super) struct Attached {
    by_subject: HashMap<Digest, Vec<Referrer>>,
    fault: Option<RegistryError>,
}

impl Attached {
    /// Reads everything that is listed.
    pub(super) fn find(
        entries: &[Result<Descriptor, RegistryError>],
        read: impl Fn(&Descriptor) -> Result<Document, RegistryError>,
    ) -> Self {
        let mut found = Self {
            by_subject: HashMap::new(),
            fault: None,
        };
        let mut visited = HashSet::new();
        for entry in entries {
            let document = match entry {
                Ok(listed) if !may_have_subject(listed) => continue,
                Ok(listed) if !visited.insert(&listed.digest) => continue,
                Ok(listed) => read(listed),
                Err(error) => Err(error.clone()),
            };
            match document {
                Ok(document) => found.add(document),
                Err(error) => found.fault = found.fault.or(Some(error)),
            }
        }
        found
    }

    fn add(&mut self, document: Document) {
        let Some(subject) = document.value.get("subject").map(Descriptor::read) else {
            return;
        };
        // A subject of a digest that nobody can check is none of ours.
        if let Ok(Descriptor { digest, .. }) = subject {
            let referrer =
                Referrer::of_manifest(&document.value, document.descriptor, Some(digest.clone()));
            self.by_subject.entry(digest).or_default().push(referrer);
        }
    }

    /// What is attached to a manifest.
    pub(super) fn to(&self, subject: &Digest) -> Page<Referrer> {
        let found = self.by_subject.get(subject);
        Page {
            entries: found.cloned().unwrap_or_default(),
            faults: self.fault.iter().cloned().collect(),
        }
    }
}
