//! What real tools attach to images of a real registry, whichever way each of them has: regctl names a subject, cosign
//! pushes under a tag. `.ci/registries` brings both; without them there is nothing to look at.

use std::path::Path;

use serde_json::{Value, json};

use super::support::attachment::{NOTATION, SPDX};
use super::support::image::{Image, Index};
use super::support::real_registry::{Pushed, RealRegistry};
use super::support::real_user::{items, place_of};
use super::support::tools::Tool;

/// A registry with an image and an index, and what was pushed.
fn filled() -> Option<(RealRegistry, [Pushed; 2])> {
    let registry = RealRegistry::open()?;
    let image = |what: &str| Image::new().layer(what, 10).stored();
    let both = Index::of([image("a"), image("b").platform("linux/arm64")]);
    let pushed = [
        registry.push("team/app:image", image("c")),
        registry.push("team/app:index", both),
    ];
    registry.push("team/app:plain", image("d"));
    Some((registry, pushed))
}

/// What we say of each tag.
fn told(registry: &RealRegistry) -> Vec<Value> {
    let columns =
        "TAG:tag,SIGNED:signed,SBOMS:length(sboms),ATTESTED:length(attestations),BUILT:provenance";
    let target = format!("{}/team/app", registry.host());
    let words = ["get", "tags", &target, "--columns", columns, "-o", "json"];
    items(&place_of(registry).run(words).exits(0).quietly())
}

fn row(tag: &str, signed: bool, sboms: u8, attested: u8, built: &Value) -> Value {
    json!({"TAG": tag, "SIGNED": signed, "SBOMS": sboms, "ATTESTED": attested, "BUILT": built})
}

#[test]
fn what_regctl_attaches_is_found() {
    let (Some(regctl), Some((registry, _))) = (Tool::by_hand("regctl"), filled()) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let host = format!("reg={},tls=disabled", registry.host());
    std::fs::write(folder.path().join("thing"), "{}").unwrap();
    for (tag, kind) in [("image", SPDX), ("index", NOTATION), ("index", SPDX)] {
        let subject = format!("{}/team/app:{tag}", registry.host());
        let put = ["artifact", "put", "--artifact-type", kind, "-f", "thing"];
        let words = [&["--host", &host], &put[..], &["--subject", &subject]].concat();
        run(&regctl, folder.path(), &words);
    }
    let none = Value::Null;
    let expected = [
        row("image", false, 1, 0, &none),
        row("index", true, 1, 0, &none),
        row("plain", false, 0, 0, &none),
    ];
    assert_eq!(told(&registry), expected);

    let target = format!("{}/team/app:index", registry.host());
    let columns = "TYPE:referrer.artifact_type";
    let words = [
        "get",
        "referrers",
        &target,
        "--columns",
        columns,
        "-o",
        "json",
    ];
    let rows = items(&place_of(&registry).run(words).exits(0).quietly());
    let mut types: Vec<&str> = rows.iter().filter_map(|row| row["TYPE"].as_str()).collect();
    types.sort_unstable();
    assert_eq!(types, [SPDX, NOTATION]);
}

#[test]
fn what_cosign_signs_and_attests_is_found_in_either_of_its_forms() {
    // Under a tag of its own, as versions 1 and 2 have it; in a bundle that names the subject, as 3 does.
    for form in ["--new-bundle-format=false", "--new-bundle-format=true"] {
        let (Some(cosign), Some((registry, pushed))) = (Tool::by_hand("cosign"), filled()) else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let built = json!({
            "buildDefinition": {"buildType": "https://acme.example/make", "externalParameters": {}},
            "runDetails": {"builder": {"id": "https://acme.example/builder"}, "metadata": {}}
        });
        std::fs::write(folder.path().join("built.json"), built.to_string()).unwrap();
        run(&cosign, folder.path(), &["generate-key-pair"]);
        let [image, index] = pushed.map(|pushed| {
            let host = registry.host();
            format!("{host}/team/app@{}", pushed.digest)
        });
        for (first, rest) in [
            ("sign", vec![&*index]),
            (
                "attest",
                vec![
                    "--predicate",
                    "built.json",
                    "--type",
                    "slsaprovenance1",
                    &image,
                ],
            ),
        ] {
            run(
                &cosign,
                folder.path(),
                &[&[first, form], &ALONE[..], &rest].concat(),
            );
        }
        let none = Value::Null;
        let expected = [
            row("image", false, 0, 1, &built),
            row("index", true, 0, 0, &none),
            row("plain", false, 0, 0, &none),
        ];
        assert_eq!(told(&registry), expected, "{form}");
    }
}

/// How cosign signs and tells nobody: there is no log, and the key is a file.
const ALONE: [&str; 6] = [
    "--key",
    "cosign.key",
    "--tlog-upload=false",
    "--allow-http-registry",
    "--allow-insecure-registry",
    "-y",
];

/// Runs a tool that has no home but this folder.
fn run(tool: &Tool, folder: &Path, words: &[&str]) {
    let mut command = tool.command();
    command.args(words).current_dir(folder);
    command.env("HOME", folder).env("COSIGN_PASSWORD", "");
    let ran = command.output().expect("the tool was there a moment ago");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{words:?}: {said}");
}
