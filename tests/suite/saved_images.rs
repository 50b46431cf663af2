//! What `docker save` writes, in its old form and in its new one.

use std::fs;

use regq::limits::Limits;
use regq::oci::{Digest, MediaType};
use regq::registry::{Details, Form, Layout, LayoutRoot, ManifestEntry, Registry, RegistryError};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::archive::{Tar, gzip};
use super::support::ask::{self, manifest};
use super::support::command::Workplace;

/// The config of an image whose layers have this content.
fn config(layers: &[&str]) -> String {
    let diff_ids: Vec<String> = layers
        .iter()
        .map(|layer| Digest::of(layer.as_bytes()).to_string())
        .collect();
    let config = json!({
        "architecture": "arm64", "os": "linux", "created": "2025-03-01T10:00:00Z",
        "config": {"Labels": {"vendor": "Acme"}, "User": "1000"},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    });
    config.to_string()
}

fn id(config: &str) -> String {
    Digest::of(config.as_bytes()).to_string()
}

fn file_of(config: &str) -> String {
    format!("{}.json", Digest::of(config.as_bytes()).hex())
}

/// Adds the list of images.
fn list(tar: Tar, images: &[Value]) -> Vec<u8> {
    tar.file("manifest.json", json!(images).to_string()).end()
}

fn image(config: &str, names: &[&str], layers: &[&str]) -> Value {
    json!({"Config": config, "RepoTags": names, "Layers": layers})
}

/// As docker wrote it until version 24: a folder for each layer, and a link where an image has the same one twice.
pub(super) fn of_old() -> Vec<u8> {
    let (one, two) = (config(&["first", "second", "first"]), config(&["first"]));
    let layers = ["a/layer.tar", "b/layer.tar", "c/layer.tar"];
    let tar = Tar::new()
        .folder("a/")
        .file("a/VERSION", "1.0")
        .file("a/json", "{}")
        .file("a/layer.tar", "first")
        .folder("b/")
        .file("b/layer.tar", "second")
        .folder("c/")
        .link("c/layer.tar", "../a/layer.tar")
        .file(&file_of(&one), &one)
        .file(&file_of(&two), &two)
        .file("repositories", r#"{"team/app":{"1.0":"c","2.0":"a"}}"#);
    let images = [
        image(
            &file_of(&one),
            &["team/app:1.0", "ghcr.io/team/web:1"],
            &layers,
        ),
        image(&file_of(&two), &["team/app:2.0", "alpine:3"], &layers[..1]),
        json!({"Config": file_of(&two), "RepoTags": null, "Layers": ["a/layer.tar"]}),
    ];
    list(tar, &images)
}

fn ask<T>(content: &[u8], question: impl FnOnce(&Layout) -> T) -> T {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("saved.tar");
    fs::write(&path, content).unwrap();
    let root = LayoutRoot::anywhere(path).with(Form::DockerArchive);
    question(&Layout::open(
        root,
        "docker-archive:saved.tar",
        Limits::default(),
    ))
}

/// `REPOSITORY:TAG`, or with the code of its fault; then the faults of the listings.
fn tags(content: &[u8]) -> Vec<String> {
    ask(content, |layout| {
        let page = ask::all(layout.repositories(None, Details::EMPTY)).unwrap();
        let mut told: Vec<String> = Vec::new();
        for entry in &page.entries {
            let tags = ask::all(layout.tags(&entry.repository, Details::EMPTY)).unwrap();
            told.extend(tags.entries.iter().map(|tag| match &tag.descriptor {
                Ok(_) => format!("{}:{}", entry.repository, tag.tag),
                Err(error) => format!("{}:{} {}", entry.repository, tag.tag, error.code()),
            }));
            told.extend(tags.faults.iter().map(ToString::to_string));
        }
        told.extend(page.faults.iter().map(ToString::to_string));
        told
    })
}

/// The rows of `get tags` with these columns.
fn rows(content: &[u8], columns: &str) -> Value {
    let place = Workplace::new().file("saved.tar", content);
    let words = [
        "get",
        "tags",
        "docker-archive:saved.tar",
        "-o",
        "json",
        "--columns",
        columns,
    ];
    let ended = place.run(words).exits(0).quietly();
    let result: Value = serde_json::from_str(&ended.stdout).unwrap();
    result["items"].clone()
}

#[test]
fn images_have_their_names_as_docker_shows_them() {
    for content in [of_old(), gzip(&of_old())] {
        let expected = [
            "library/alpine:3",
            "team/app:1.0",
            "team/app:2.0",
            "team/web:1",
        ];
        assert_eq!(tags(&content), expected);
    }
}

#[test]
fn a_tag_points_to_a_config_and_no_manifest_is_made_up() {
    let one = config(&["first", "second", "first"]);
    for content in [of_old(), gzip(&of_old())] {
        let columns = "tag,digest,media_type,manifest_size,kind,image_id,image_digest,manifest,index,annotations";
        assert_eq!(
            rows(&content, columns)[1],
            json!({
                "TAG": "1.0",
                "DIGEST": id(&one),
                "MEDIA_TYPE": MediaType::DOCKER_CONFIG,
                "MANIFEST_SIZE": one.len(),
                "KIND": "image",
                "IMAGE_ID": id(&one),
                "IMAGE_DIGEST": id(&one),
                "MANIFEST": null,
                "INDEX": null,
                "ANNOTATIONS": {},
            })
        );
    }
}

#[test]
fn layers_have_the_digests_of_the_config_and_the_sizes_of_their_files() {
    let one = config(&["first", "second", "first"]);
    let layer = |content: &str| {
        let digest = Digest::of(content.as_bytes()).to_string();
        json!({"digest": digest, "size": content.len(), "media_type": null})
    };
    assert_eq!(
        rows(
            &of_old(),
            "layers,size,total_size,created,labels,user,platform,platforms"
        )[1],
        json!({
            "LAYERS": [layer("first"), layer("second"), layer("first")],
            // Each blob once.
            "SIZE": one.len() + "firstsecond".len(),
            "TOTAL_SIZE": one.len() + "firstsecond".len(),
            "CREATED": "2025-03-01T10:00:00Z",
            "LABELS": {"vendor": "Acme"},
            "USER": "1000",
            "PLATFORM": "linux/arm64",
            "PLATFORMS": ["linux/arm64"],
        })
    );
}

#[test]
fn images_and_layers_are_rows_too() {
    let place = Workplace::new().file("saved.tar", of_old());
    let target = "docker-archive:saved.tar:1.0";
    let layers = place
        .run(["get", "layers", target, "-q"])
        .exits(0)
        .quietly();
    let names: Vec<&str> = layers.stdout.lines().collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(names[0], names[2]);
    let images = place
        .run(["get", "images", target, "-q"])
        .exits(0)
        .quietly();
    let image = format!(
        "docker-archive:saved.tar/team/app@{}\n",
        id(&config(&["first", "second", "first"]))
    );
    assert_eq!(images.stdout, image);
}

/// As docker writes it since version 25: an image layout, with the list beside it.
#[test]
fn an_archive_that_is_a_layout_has_its_manifests() {
    let image_config = config(&["first"]);
    let blob = |content: &str| {
        let digest = Digest::of(content.as_bytes());
        (format!("blobs/sha256/{}", digest.hex()), digest.to_string())
    };
    let (config_path, config_digest) = blob(&image_config);
    let (layer_path, layer_digest) = blob("first");
    let own = json!({
        "schemaVersion": 2, "mediaType": MediaType::OCI_MANIFEST,
        "config": {"mediaType": MediaType::OCI_CONFIG, "digest": config_digest, "size": image_config.len()},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": layer_digest, "size": 5}],
    })
    .to_string();
    let (manifest_path, manifest_digest) = blob(&own);
    let annotations = json!({
        "io.containerd.image.name": "docker.io/library/alpine:3",
        "org.opencontainers.image.ref.name": "3",
    });
    let index = json!({"schemaVersion": 2, "manifests": [{
        "mediaType": MediaType::OCI_MANIFEST, "digest": manifest_digest, "size": own.len(),
        "annotations": annotations,
    }]});
    let tar = Tar::new()
        .folder("blobs/")
        .folder("blobs/sha256/")
        .file(&layer_path, "first")
        .file(&manifest_path, &own)
        .file(&config_path, &image_config)
        .file("index.json", index.to_string())
        .file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#)
        .file("repositories", r#"{"alpine":{"3":"x"}}"#);
    let content = list(tar, &[image(&config_path, &["alpine:3"], &[&layer_path])]);
    assert_eq!(tags(&content), ["library/alpine:3"]);
    let found = ask(&content, |layout| {
        manifest(layout, "library/alpine:3").unwrap()
    });
    assert_eq!(found.descriptor.digest.to_string(), manifest_digest);
    assert_eq!(
        rows(&content, "digest,image_id,size")[0]["IMAGE_ID"],
        json!(config_digest)
    );
}

#[test]
fn s6_what_is_wrong_with_one_image_is_wrong_with_its_tags() {
    let good = config(&["first"]);
    let file = file_of(&good);
    let tar = Tar::new()
        .file("layer", "first")
        .file(&file, &good)
        .file("array.json", "[]")
        .file("twice.json", "{}")
        .file("twice.json", "{}");
    let images = [
        image(&file, &["app:good"], &["layer"]),
        image("none.json", &["app:none"], &["layer"]),
        image("../up.json", &["app:up"], &["layer"]),
        image("/etc/passwd", &["app:root"], &["layer"]),
        image("twice.json", &["app:twice"], &["layer"]),
        image(&file, &["app:path"], &["../layer"]),
        image(&file, &["app:more"], &["layer", "layer"]),
        image("array.json", &["app:array"], &[]),
        json!({"Config": 5, "RepoTags": ["app:number"], "Layers": []}),
        json!({"RepoTags": ["app:unconfigured"]}),
        json!({"Config": file, "RepoTags": ["app:layers"], "Layers": "layer"}),
        json!({"Config": file, "RepoTags": [5], "Layers": ["layer"]}),
        json!({"Config": file, "RepoTags": "app:text", "Layers": ["layer"]}),
        json!({"Config": file, "RepoTags": ["Bad/Name:1", "bad/tag:1+1"], "Layers": ["layer"]}),
        json!(5),
    ];
    assert_eq!(
        tags(&list(tar, &images)),
        [
            "`1+1`, which is listed, is not a valid tag",
            "library/app:array",
            "library/app:good",
            "library/app:layers MALFORMED",
            "library/app:more MALFORMED",
            "library/app:none BLOB_UNKNOWN",
            "library/app:number MALFORMED",
            "library/app:path UNSAFE_FILE",
            "library/app:root UNSAFE_FILE",
            "library/app:twice UNSAFE_FILE",
            "library/app:unconfigured MALFORMED",
            "library/app:up UNSAFE_FILE",
            "`manifest.json` is malformed: a name of one of its images is not a text",
            "`manifest.json` is malformed: `RepoTags` is not a list",
            "`Bad/Name`, which is listed, is not a valid repository name",
        ]
    );
}

/// What asking for an image comes to, where its tag is listed.
fn asked(content: &[u8]) -> String {
    let found: Result<_, RegistryError> = ask(content, |layout| manifest(layout, "library/app:1"));
    found.map_or_else(|error| error.to_string(), |_| "ok".to_owned())
}

#[test]
fn what_is_wrong_with_layers_is_told_when_they_are_asked_for() {
    let saved = |config: &str, tar: Tar, layers: &[&str]| {
        let tar = tar.file("config.json", config);
        list(tar, &[image("config.json", &["app:1"], layers)])
    };
    let one = config(&["first"]);
    let layer = || Tar::new().file("layer", "first");
    for (content, expected) in [
        (saved(&one, layer(), &["layer"]), "ok"),
        (saved(&one, layer(), &["./layer"]), "ok"),
        (saved(&one, layer(), &["none"]), "`none` is not there"),
        (
            saved(&one, Tar::new().folder("layer"), &["layer"]),
            "`layer` was not read: it is a folder",
        ),
        (
            saved(&one, Tar::new().link("layer", "/dev/zero"), &["layer"]),
            "`layer` was not read: it leads out of its folder",
        ),
        (
            saved(&one, layer(), &["layer", "layer"]),
            "config # is malformed: it tells of another number of layers than there are",
        ),
        (
            saved("{}", layer(), &["layer"]),
            "config # is malformed: it tells of another number of layers than there are",
        ),
        (
            saved(r#"{"rootfs":{"diff_ids":["md5:x"]}}"#, layer(), &["layer"]),
            "config # is malformed: one of its digests is not valid",
        ),
        (
            saved(r#"{"a":1,"a":2}"#, layer(), &[]),
            "config # is malformed: ",
        ),
    ] {
        let said = asked(&content);
        let said = said
            .split(' ')
            .map(|word| match word.starts_with("sha256:") {
                true => "#",
                false => word,
            });
        let said: Vec<&str> = said.collect();
        assert!(said.join(" ").starts_with(expected), "{said:?}");
    }
}

#[test]
fn d1_a_config_that_changed_since_is_not_believed() {
    let (one, other) = (
        config(&["first"]),
        config(&["first"]).replace("Acme", "Evil"),
    );
    let saved = |config: &str| {
        let tar = Tar::new()
            .file("layer", "first")
            .file("config.json", config);
        list(tar, &[image("config.json", &["app:1"], &["layer"])])
    };
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("saved.tar");
    fs::write(&path, saved(&one)).unwrap();
    let root = LayoutRoot::anywhere(&path).with(Form::DockerArchive);
    let layout = Layout::open(root, "docker-archive:saved.tar", Limits::default());
    assert!(manifest(&layout, "library/app:1").is_ok());
    // In place, so that what is held open changes too.
    fs::write(&path, saved(&other)).unwrap();
    let error = manifest(&layout, "library/app:1").unwrap_err();
    assert_eq!(error.code(), "DIGEST_MISMATCH");
}

#[test]
fn one_config_is_one_image() {
    let one = config(&["first"]);
    let tar = Tar::new()
        .file("layer", "first")
        .file("other", "longer than first")
        .file("config.json", &one);
    let images = [
        image("config.json", &["app:1", "app:1"], &["layer"]),
        image("config.json", &["app:2"], &["layer"]),
        image("config.json", &["app:3"], &["other"]),
        image("other.json", &["app:2"], &["layer"]),
    ];
    let tar = tar.file("other.json", config(&["second"]));
    assert_eq!(
        tags(&list(tar, &images)),
        [
            "library/app:1",
            "library/app:2 AMBIGUOUS_TAG",
            "library/app:3 MALFORMED"
        ]
    );
}

#[test]
fn what_holds_no_images_says_so() {
    let told = |content: Vec<u8>| {
        let error = ask(&content, |layout| {
            ask::all(layout.repositories(None, Details::EMPTY)).err()
        });
        error.map(|error| error.to_string()).unwrap_or_default()
    };
    let nothing = told(Tar::new().file("x", "").end());
    assert!(nothing.ends_with("it has neither `index.json` nor `manifest.json`"));
    let text = told(Tar::new().file("manifest.json", "{}").end());
    assert_eq!(
        text,
        "`manifest.json` is malformed: it is not a list of images"
    );
    let unmarked = told(Tar::new().file("index.json", "{}").end());
    assert!(
        unmarked.ends_with("it has no file `oci-layout`"),
        "{unmarked}"
    );
    let twice = Tar::new()
        .file("manifest.json", "[]")
        .file("manifest.json", "[]");
    assert!(told(twice.end()).contains("more than once"));
}

#[test]
fn an_image_that_has_no_name_is_listed_once_where_it_is_tagged_and_else_under_that_of_the_file() {
    let manifests = |content: &[u8], name: &str| {
        let repository = name.parse().unwrap();
        let list = |layout: &Layout| ask::all(layout.manifests(&repository, Details::EMPTY));
        let page = self::ask(content, list).unwrap();
        let told = |entry: &ManifestEntry| (entry.digest.to_string(), entry.tags.len());
        page.entries.iter().map(told).collect::<Vec<_>>()
    };
    let (one, two) = (config(&["first", "second", "first"]), config(&["first"]));
    let mut both = vec![(id(&one), 1), (id(&two), 1)];
    both.sort();
    assert_eq!(manifests(&of_old(), "team/app"), both);
    assert_eq!(manifests(&of_old(), "team/web"), [(id(&one), 1)]);
    let tar = Tar::new()
        .file("a/layer.tar", "first")
        .file(&file_of(&two), &two);
    let nameless = list(tar, &[image(&file_of(&two), &[], &["a/layer.tar"])]);
    let names = self::ask(&nameless, |layout| ask::repositories(layout));
    assert_eq!(names, ["saved"]);
    assert_eq!(manifests(&nameless, "saved"), [(id(&two), 0)]);
}
