//! FZ1: manifests, indexes and configs. Any bytes are a document or an error; whatever was read can be asked for every
//! fact and written out again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use regq::fields::{self, Evidence, PlatformChoice, Resource, Seen};
use regq::oci::ManifestOrIndex;
use regq::value::{JsonStyle, parse_json, to_json};

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = parse_json(bytes) else {
        return;
    };
    let text = to_json(&document, JsonStyle::Compact);
    assert_eq!(
        parse_json(text.as_bytes()).ok(),
        Some(document.clone()),
        "what is written reads back"
    );
    let repository = "fuzz".parse().expect("the name follows the grammar");
    let mut row = Evidence::of_repository("oci:fuzz".into(), "".into(), repository);
    row.config = Some(document.clone());
    if let Ok(read) = ManifestOrIndex::read(&document, None) {
        row.top = Some(Seen {
            document,
            read: read.into(),
        });
        row.choice = row
            .index()
            .map(|index| PlatformChoice::default().choose(index));
    }
    for (_, field) in fields::of(Resource::Tags) {
        (field.read)(&row);
    }
});
