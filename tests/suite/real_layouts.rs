//! Layouts made by skopeo and umoci, and the same layouts read by them and by us. No network.

use std::path::Path;

use regq::limits::Limits;
use regq::oci::{Digest, ManifestOrIndex};
use regq::registry::{Document, Form, Layout, LayoutRoot};
use regq::value::Value;
use serde_json::Value as Json;
use tempfile::TempDir;

use super::support::ask;
use super::support::image::{Image, Index};
use super::support::layout::TestLayout;
use super::support::tools::Tool;

const CREATED: &str = "2025-03-01T10:00:00Z";

fn open(folder: &Path, name: &str) -> Layout {
    let root = LayoutRoot::anywhere(folder.join(name));
    Layout::open(root, format!("oci:{name}"), Limits::default())
}

fn text<'a>(document: &'a Document, path: &[&str]) -> Option<&'a str> {
    document.value.at(path).and_then(Value::as_text)
}

fn tag_names(layout: &Layout, repository: &str) -> Vec<String> {
    let tags = ask::tags(layout, repository);
    tags.iter().map(|entry| entry.tag.to_string()).collect()
}

/// Lets umoci make a layout `made` of two tags of one image.
fn made_by_umoci(umoci: &Tool, folder: &Path) {
    umoci.run(folder, &["init", "--layout", "made"]);
    umoci.run(folder, &["new", "--image", "made:1.0"]);
    umoci.run(
        folder,
        &[
            "config",
            "--image",
            "made:1.0",
            "--created",
            CREATED,
            "--author",
            "Acme",
            "--config.user",
            "1000",
            "--config.label",
            "org.opencontainers.image.vendor=Acme",
            "--config.env",
            "A=b",
            "--history.created",
            CREATED,
        ],
    );
    umoci.run(folder, &["tag", "--image", "made:1.0", "latest"]);
}

#[test]
fn an_empty_layout_of_umoci_is_empty() {
    let Some(umoci) = Tool::find("umoci") else {
        return;
    };
    let folder = TempDir::new().unwrap();
    umoci.run(folder.path(), &["init", "--layout", "made"]);
    assert!(ask::repositories(&open(folder.path(), "made")).is_empty());
}

#[test]
fn a_layout_of_umoci_has_the_tags_umoci_lists() {
    let Some(umoci) = Tool::find("umoci") else {
        return;
    };
    let folder = TempDir::new().unwrap();
    made_by_umoci(&umoci, folder.path());
    let layout = open(folder.path(), "made");
    assert_eq!(ask::repositories(&layout), ["made"]);

    let listed = umoci.run(folder.path(), &["ls", "--layout", "made"]);
    let mut listed: Vec<String> = String::from_utf8(listed)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    listed.sort();
    assert_eq!(tag_names(&layout, "made"), listed);
}

#[test]
fn a_layout_of_umoci_has_the_history_umoci_tells() {
    let Some(umoci) = Tool::find("umoci") else {
        return;
    };
    let folder = TempDir::new().unwrap();
    made_by_umoci(&umoci, folder.path());
    let config = ask::config(&open(folder.path(), "made"), "made:1.0").unwrap();
    let told = umoci.json(folder.path(), &["stat", "--image", "made:1.0", "--json"]);

    let history = config
        .value
        .get("history")
        .and_then(Value::as_list)
        .unwrap();
    let told = told["history"].as_array().unwrap();
    assert_eq!(history.len(), told.len());
    for (ours, theirs) in history.iter().zip(told) {
        for member in ["created", "created_by"] {
            assert_eq!(
                ours.get(member).and_then(Value::as_text),
                theirs[member].as_str()
            );
        }
    }
    assert_eq!(text(&config, &["created"]), Some(CREATED));
    assert_eq!(text(&config, &["config", "User"]), Some("1000"));
}

/// Compares what skopeo says of an image in a layout with what we say.
fn compare(skopeo: &Tool, folder: &Path, reference: &str, ours: (&Layout, &str)) {
    let theirs = skopeo.json(folder, &["inspect", reference]);
    let raw = skopeo.run(folder, &["inspect", "--raw", reference]);
    let manifest = ask::manifest(ours.0, ours.1).unwrap();
    let config = ask::config(ours.0, ours.1).unwrap();

    let digest = manifest.descriptor.digest.to_string();
    assert_eq!(Some(digest.as_str()), theirs["Digest"].as_str());
    assert_eq!(manifest.descriptor.digest, Digest::of(&raw));
    assert_eq!(manifest.descriptor.size, raw.len() as u64);
    for (member, path) in [
        ("Created", ["created"].as_slice()),
        ("Architecture", &["architecture"]),
        ("Os", &["os"]),
    ] {
        assert_eq!(text(&config, path), theirs[member].as_str(), "{member}");
    }
    let labels = config.value.at(&["config", "Labels"]);
    assert_eq!(as_json(labels), theirs["Labels"]);
    assert_eq!(as_json(config.value.at(&["config", "Env"])), theirs["Env"]);
    assert_eq!(layers(&manifest), theirs["Layers"]);
}

fn as_json(value: Option<&Value>) -> Json {
    serde_json::to_value(value).expect("a value is JSON")
}

fn layers(manifest: &Document) -> Json {
    let Ok(ManifestOrIndex::Manifest(manifest)) = ManifestOrIndex::read(&manifest.value, None)
    else {
        panic!("an image has a manifest");
    };
    let digests = manifest.layers.iter();
    digests
        .map(|layer| Json::from(layer.digest.to_string()))
        .collect()
}

#[test]
fn a_layout_of_umoci_says_what_skopeo_says() {
    let (Some(umoci), Some(skopeo)) = (Tool::find("umoci"), Tool::find("skopeo")) else {
        return;
    };
    let folder = TempDir::new().unwrap();
    made_by_umoci(&umoci, folder.path());
    let layout = open(folder.path(), "made");
    compare(
        &skopeo,
        folder.path(),
        "oci:made:1.0",
        (&layout, "made:1.0"),
    );
    compare(
        &skopeo,
        folder.path(),
        "oci:made:latest",
        (&layout, "made:latest"),
    );
}

#[test]
fn layouts_copied_by_skopeo_are_read_under_the_names_it_gave_them() {
    let (Some(umoci), Some(skopeo)) = (Tool::find("umoci"), Tool::find("skopeo")) else {
        return;
    };
    let folder = TempDir::new().unwrap();
    made_by_umoci(&umoci, folder.path());
    let copy = |from: &str, to: &str| {
        skopeo.run(
            folder.path(),
            &["--insecure-policy", "copy", "--quiet", from, to],
        );
    };
    copy("oci:made:1.0", "oci:copied:2.0");
    copy("oci:made:1.0", "oci:copied:shop/web:2.0");
    copy("oci:made:1.0", "docker-archive:made.tar:team/app:1.0");
    copy(
        "docker-archive:made.tar:team/app:1.0",
        "oci:copied:docker.io/team/app:3.0",
    );
    copy("oci:made:1.0", "dir:plain");
    copy("dir:plain", "oci:copied:ghcr.io/team/app:4.0");

    let layout = open(folder.path(), "copied");
    assert_eq!(
        ask::repositories(&layout),
        ["copied", "shop/web", "team/app"]
    );
    assert_eq!(tag_names(&layout, "team/app"), ["3.0", "4.0"]);
    for (theirs, ours) in [
        ("oci:copied:2.0", "copied:2.0"),
        ("oci:copied:shop/web:2.0", "shop/web:2.0"),
        ("oci:copied:docker.io/team/app:3.0", "team/app:3.0"),
        ("oci:copied:ghcr.io/team/app:4.0", "team/app:4.0"),
    ] {
        compare(&skopeo, folder.path(), theirs, (&layout, ours));
    }
}

fn open_archive(folder: &Path, name: &str, form: Form) -> Layout {
    let root = LayoutRoot::anywhere(folder.join(name)).with(form);
    Layout::open(root, format!("archive:{name}"), Limits::default())
}

#[test]
fn archives_of_skopeo_say_what_skopeo_says() {
    let (Some(umoci), Some(skopeo)) = (Tool::find("umoci"), Tool::find("skopeo")) else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    made_by_umoci(&umoci, path);
    std::fs::create_dir(path.join("files")).unwrap();
    for content in ["one", "two"] {
        std::fs::write(path.join("files/file"), content).unwrap();
        let words = [
            "insert",
            "--rootless",
            "--image",
            "made:1.0",
            "files",
            "/opt",
        ];
        umoci.run(path, &words);
    }
    let copy = |to: &str| {
        let words = ["--insecure-policy", "copy", "--quiet", "oci:made:1.0", to];
        skopeo.run(path, &words);
    };
    copy("oci-archive:one.tar:team/app:1.0");
    copy("oci-archive:two.tar:2.0");
    copy("docker-archive:saved.tar:team/app:1.0");
    for (file, ours, theirs) in [
        ("one.tar", "team/app:1.0", "oci-archive:one.tar"),
        ("two.tar", "two:2.0", "oci-archive:two.tar"),
    ] {
        let layout = open_archive(path, file, Form::OciArchive);
        compare(&skopeo, path, theirs, (&layout, ours));
    }

    // Skopeo makes up a manifest, which is nobody's; all it says of the image is the same.
    let saved = open_archive(path, "saved.tar", Form::DockerArchive);
    let document = ask::manifest(&saved, "team/app:1.0").unwrap();
    let theirs = skopeo.json(path, &["inspect", "docker-archive:saved.tar"]);
    let raw = skopeo.json(path, &["inspect", "--raw", "docker-archive:saved.tar"]);
    let config = document.descriptor.digest.to_string();
    assert_eq!(raw["config"]["digest"], config.as_str());
    let layers = document.value.get("layers").and_then(Value::as_list);
    let digests = layers
        .unwrap()
        .iter()
        .map(|layer| as_json(layer.get("digest")));
    let digests: Vec<Json> = digests.collect();
    assert_eq!(
        (digests.len(), Json::from(digests)),
        (2, theirs["Layers"].clone())
    );
    let sizes = |layers: &Json| -> Vec<Json> {
        let layers = layers.as_array().unwrap().iter();
        layers.map(|layer| layer["size"].clone()).collect()
    };
    assert_eq!(
        sizes(&as_json(document.value.get("layers"))),
        sizes(&raw["layers"])
    );
}

#[test]
fn a_layout_made_here_says_to_skopeo_what_it_says_to_us() {
    let Some(skopeo) = Tool::find("skopeo") else {
        return;
    };
    let image = Image::new()
        .layer("base", 29_000_000)
        .created(CREATED)
        .label("vendor", "Acme")
        .env("A", "b");
    let written = TestLayout::new()
        .ref_name("one", image.clone())
        .ref_name("both", Index::of([image]).attested())
        .write();
    let layout = written.open();
    let folder = written.outside();
    compare(&skopeo, folder, "oci:layout:one", (&layout, "layout:one"));

    let raw = skopeo.run(folder, &["inspect", "--raw", "oci:layout:both"]);
    let index = ask::manifest(&layout, "layout:both").unwrap();
    assert_eq!(index.descriptor.digest, Digest::of(&raw));
}
