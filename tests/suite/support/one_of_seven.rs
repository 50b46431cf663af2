//! Seven tags of which one is broken, asked with the program itself: the other rows have to be there.

use serde_json::{Value, json};

use super::command::Ended;
use super::fake::{FakeRegistry, Fault, RunningRegistry, When};
use super::image::Image;
use super::network::{document, run};

/// All of them.
pub(crate) const TAGS: [&str; 7] = ["1", "2", "3", "4", "5", "6", "7"];

/// What is asked, of `team/app`.
pub(crate) const CREATED: &str = "get tags HOST/team/app --columns TAG:tag,CREATED:created -o json";

/// The image of a tag.
pub(crate) fn image(tag: &str) -> Image {
    Image::new()
        .created(&format!("2025-01-0{tag}T00:00:00Z"))
        .label("tag", tag)
}

/// Tags `1` to `7`, of which `4` is what a test makes of it.
pub(crate) fn described() -> FakeRegistry {
    let tag =
        |registry: FakeRegistry, tag: &&str| registry.tag(&format!("team/app:{tag}"), image(tag));
    TAGS.iter().fold(FakeRegistry::new(), tag)
}

/// The rows of all tags but `4`.
pub(crate) fn others() -> Vec<Value> {
    let others = TAGS.iter().filter(|tag| **tag != "4");
    let row = |tag: &&str| json!({"TAG": tag, "CREATED": format!("2025-01-0{tag}T00:00:00Z")});
    others.map(row).collect()
}

/// The digest of the config of a tag.
pub(crate) fn config(registry: &FakeRegistry, tag: &str) -> String {
    let manifest = registry.document(&registry.digest(&format!("team/app:{tag}")));
    manifest["config"]["digest"].as_str().unwrap().to_owned()
}

/// Asks, and looks whether the row of `4` is marked for this cause while all others are whole.
#[track_caller]
pub(crate) fn breaks_its_row(registry: &RunningRegistry, flags: &str, code: &str, words: &str) {
    let ended = run(registry, &format!("{CREATED} {flags}")).exits(3);
    let result = document(&ended);
    let items = result["items"].as_array().unwrap();
    let (broken, whole): (Vec<Value>, Vec<Value>) =
        items.iter().cloned().partition(|row| row["TAG"] == "4");
    assert_eq!(whole, others(), "{code}");
    assert_eq!(broken.len(), 1);
    assert_eq!(broken[0]["CREATED"], Value::Null);
    let errors = result["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!(
        (&errors[0]["tag"], &errors[0]["field"], &errors[0]["code"]),
        (&json!("4"), &json!("created"), &json!(code)),
        "{errors:#?}"
    );
    assert_eq!(errors[0]["message"], broken[0]["_error"]);
    assert_eq!(
        (&result["gone"], &result["complete"]),
        (&json!(0), &json!(false))
    );
    let ended = ended.says(&format!("({code})")).says("1 answer missing");
    let line = explanation(&ended);
    assert!(line.contains(words), "{words:?} is not in {line:?}");
}

/// The line about the tag `4`.
pub(crate) fn explanation(ended: &Ended) -> &str {
    let mut lines = ended.stderr.lines();
    let found = lines.find(|line| line.contains("/team/app:4: "));
    found.unwrap_or_else(|| panic!("nothing is said about it: {}", ended.stderr))
}

/// The tag `4` goes wrong when its manifest is asked for.
pub(crate) fn manifest(fault: Fault) -> RunningRegistry {
    described()
        .fault("manifests/4", When::Always, fault)
        .start()
}

/// The tag `4` goes wrong when its config is asked for.
pub(crate) fn config_of_4(fault: Fault) -> RunningRegistry {
    let described = described();
    let blob = format!("GET {}", config(&described, "4"));
    described.fault(blob.as_str(), When::Always, fault).start()
}
