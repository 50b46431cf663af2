//! Docker's image manifest, version 2, schema 1 (distribution 2.8, docs/spec/manifest-v2-1.md).
//!
//! There is no config and there are no sizes; what a config would say stands as JSON inside a string, newest
//! layer first.

use super::manifest::DocumentError;
use super::{Digest, Platform};
use crate::value::{Value, parse_json};

/// A schema 1 manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema1 {
    /// `fsLayers[].blobSum`, lowest first (the document has them newest first).
    pub layers: Vec<Digest>,
    /// `history[0].v1Compatibility`: what an image config would say.
    pub image: Value,
    /// All of `history[].v1Compatibility`, oldest first.
    pub history: Vec<Value>,
}

impl Schema1 {
    pub(super) fn read(document: &Value) -> Result<Self, DocumentError> {
        let list = |name| {
            document
                .get(name)
                .and_then(Value::as_list)
                .unwrap_or_default()
        };
        let layers: Result<Vec<Digest>, DocumentError> = list("fsLayers")
            .iter()
            .rev()
            .map(|layer| {
                let digest = layer.get("blobSum").and_then(Value::as_text);
                Ok(digest.ok_or(DocumentError::Missing("blobSum"))?.parse()?)
            })
            .collect();
        let history: Result<Vec<Value>, DocumentError> =
            list("history").iter().rev().map(compatibility).collect();
        let history = history?;
        Ok(Self {
            layers: layers?,
            image: history
                .last()
                .cloned()
                .ok_or(DocumentError::Missing("history"))?,
            history,
        })
    }

    /// Whom it runs on; `linux` where it does not say.
    pub fn platform(&self) -> Option<Platform> {
        Platform::read(&self.image).or_else(|| {
            Some(Platform {
                os: "linux".to_owned(),
                architecture: self.image.get("architecture")?.as_text()?.to_owned(),
                variant: None,
            })
        })
    }
}

fn compatibility(entry: &Value) -> Result<Value, DocumentError> {
    let text = entry
        .get("v1Compatibility")
        .and_then(Value::as_text)
        .ok_or(DocumentError::Missing("v1Compatibility"))?;
    parse_json(text.as_bytes()).map_err(|error| DocumentError::V1Compatibility(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::manifest::tests::json;
    use super::super::{Kind, ManifestOrIndex};
    use super::*;

    const LAYER: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn the_newest_entry_describes_the_image() {
        let document = json(&format!(
            r#"{{"schemaVersion":1,"fsLayers":[{{"blobSum":"{LAYER}"}}],"history":[
               {{"v1Compatibility":"{{\"architecture\":\"amd64\",\"created\":\"2015-03-01T12:00:00Z\"}}"}},
               {{"v1Compatibility":"{{\"created\":\"2015-02-01T12:00:00Z\"}}"}}]}}"#
        ));
        let Ok(ManifestOrIndex::Schema1(read)) = ManifestOrIndex::read(&document, None) else {
            panic!("schema 1 is recognised by its schemaVersion");
        };
        assert_eq!(
            read.image.get("created"),
            Some(&"2015-03-01T12:00:00Z".into())
        );
        assert_eq!(read.history.len(), 2);
        assert_eq!(read.platform().unwrap().to_string(), "linux/amd64");
        assert_eq!(ManifestOrIndex::Schema1(read).kind(), Kind::Schema1);
    }

    #[test]
    fn history_that_is_no_json_is_an_error() {
        let document = json(r#"{"schemaVersion":1,"history":[{"v1Compatibility":"{"}]}"#);
        assert!(matches!(
            ManifestOrIndex::read(&document, None),
            Err(DocumentError::V1Compatibility(_))
        ));
    }
}
