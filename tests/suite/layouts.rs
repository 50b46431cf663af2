//! Image layouts are read right, and one broken thing spoils itself only.

use regq::limits::{LAYOUT_MARKER_BYTES, Limits, MIB};
use regq::oci::{Algorithm, Digest, ManifestOrIndex, MediaType};
use regq::registry::counting::Counting;
use regq::registry::{Details, Layout, LayoutRoot, Registry, RegistryError, Transport};
use serde_json::json;
use std::fs;
use std::path::Path;

use super::support::ask::{self, config, head, manifest, reference, wait};
use super::support::image::{Artifact, Image, Index, Raw, Schema1};
use super::support::layout::{Damage, Part, TestLayout};

fn app() -> Image {
    Image::new().created("2025-03-01T10:00:00Z").user("1000")
}

/// A layout of `team/app:1` and `team/app:2`, two different images.
fn two() -> TestLayout {
    TestLayout::new()
        .tag("team/app:1", app())
        .tag("team/app:2", app().label("vendor", "Acme"))
}

fn code<T>(answer: &Result<T, RegistryError>) -> &'static str {
    answer.as_ref().err().map_or("OK", RegistryError::code)
}

#[test]
fn repositories_and_tags_are_listed_in_natural_order_with_descriptors() {
    let layout = TestLayout::new()
        .tag("b/app:10", app())
        .tag("b/app:2", app())
        .tag("a:v", app())
        .ref_name("only-a-tag", app());
    let digest = layout.digest("b/app:2");
    let written = layout.write();
    for layout in written.forms() {
        assert_eq!(ask::repositories(&layout), ["a", "b/app", "layout"]);
        let tags = ask::tags(&layout, "b/app");
        let names: Vec<&str> = tags.iter().map(|entry| entry.tag.as_str()).collect();
        assert_eq!(names, ["10", "2"]);
        let descriptor = tags[1].descriptor.clone().unwrap().unwrap();
        assert_eq!(descriptor.digest.to_string(), digest);
        assert_eq!(descriptor.media_type.as_str(), MediaType::OCI_MANIFEST);
        assert_eq!(layout.capabilities().transport, Transport::Disk);
    }
}

#[test]
fn every_kind_of_content_is_read() {
    let index = Index::of([app(), app().platform("linux/arm64/v8")]);
    let written = TestLayout::new()
        .tag("app:image", app())
        .tag("app:docker", app().docker())
        .tag("app:index", index.clone().attested())
        .tag("app:list", index.docker())
        .tag("app:artifact", Artifact("application/vnd.acme.report"))
        .tag("app:old", Schema1("2015-03-01T12:00:00Z"))
        .write();
    for layout in written.forms() {
        for (tag, kind) in [
            ("image", "image"),
            ("docker", "image"),
            ("index", "index"),
            ("list", "index"),
            ("artifact", "artifact"),
            ("old", "schema1"),
        ] {
            let name = format!("app:{tag}");
            let document = manifest(&layout, &name).unwrap();
            let announced = Some(&document.descriptor.media_type);
            let read = ManifestOrIndex::read(&document.value, announced).unwrap();
            assert_eq!(read.kind().name(), kind, "{tag}");
            assert_eq!(head(&layout, &name), Ok(document.descriptor), "{tag}");
        }
    }
}

#[test]
fn configs_and_children_are_read_by_digest() {
    let written = TestLayout::new()
        .tag("app:1", app())
        .tag(
            "app:index",
            Index::of([app().platform("linux/arm64")]).attested(),
        )
        .write();
    for layout in written.forms() {
        let config = config(&layout, "app:1").unwrap();
        assert_eq!(config.value.at(&["config", "User"]), Some(&"1000".into()));

        let index = manifest(&layout, "app:index").unwrap();
        let Ok(ManifestOrIndex::Index(index)) = ManifestOrIndex::read(&index.value, None) else {
            panic!("app:index is an index");
        };
        let child = index.images().next().unwrap();
        let (repository, which) = reference(&format!("app@{}", child.digest));
        let read = wait(layout.manifest(&repository, &which, Some(child))).unwrap();
        assert_eq!(read.descriptor, *child);
        assert_eq!(
            wait(layout.head(&repository, &which)).unwrap().size,
            child.size
        );
        assert_eq!(index.manifests.len() - index.images().count(), 1);
    }
}

#[test]
fn a_layout_below_a_query_file_is_read() {
    let written = two().write();
    for path in ["layout", "./layout", "layout/."] {
        let root = LayoutRoot::below(written.outside(), Path::new(path)).unwrap();
        let layout = Layout::open(root, format!("oci:{path}"), Limits::default());
        assert_eq!(ask::repositories(&layout), ["team/app"], "{path}");
    }
}

#[cfg(unix)]
#[test]
fn g10_a_link_below_a_query_file_is_refused_and_one_on_the_command_line_is_not() {
    use regq::registry::{Class, Refusal};
    let written = two().write();
    let link = written.outside().join("link");
    std::os::unix::fs::symlink("layout", &link).unwrap();

    let root = LayoutRoot::below(written.outside(), Path::new("link")).unwrap();
    let below = Layout::open(root, "oci:link", Limits::default());
    let refused = ask::all(below.repositories(None, Details::EMPTY)).unwrap_err();
    assert!(
        matches!(
            refused,
            RegistryError::UnsafeFile {
                why: Refusal::Link,
                ..
            }
        ),
        "{refused}"
    );
    assert_eq!(refused.class(), Class::Unsafe);

    let layout = Layout::open(LayoutRoot::anywhere(&link), "oci:link", Limits::default());
    assert_eq!(ask::repositories(&layout), ["team/app"]);
}

#[test]
fn a_broken_manifest_fails_with_its_code_and_spares_the_others() {
    for (damage, expected) in damages() {
        let layout = two().damage("team/app:1", Part::Manifest, damage);
        for layout in layout.write().forms() {
            let about = format!("{damage:?}, {}", layout.name());
            assert_eq!(ask::tags(&layout, "team/app").len(), 2, "{about}");
            let codes = ["team/app:1", "team/app:2"].map(|name| code(&manifest(&layout, name)));
            assert_eq!(codes, [expected, "OK"], "{about}");
        }
    }
}

#[test]
fn a_broken_config_fails_with_its_code_and_spares_its_manifest() {
    for (damage, expected) in damages() {
        let layout = two().damage("team/app:1", Part::Config, damage);
        for layout in layout.write().forms() {
            let about = format!("{damage:?}, {}", layout.name());
            assert_eq!(code(&manifest(&layout, "team/app:1")), "OK", "{about}");
            let codes = ["team/app:1", "team/app:2"].map(|name| code(&config(&layout, name)));
            assert_eq!(codes, [expected, "OK"], "{about}");
        }
    }
}

/// Every damage and what comes of it (threats D1, D3, G5, G10). A pipe that is waited for would hang the test.
fn damages() -> Vec<(Damage, &'static str)> {
    vec![
        (Damage::Missing, "BLOB_UNKNOWN"),
        (Damage::Flipped, "DIGEST_MISMATCH"),
        (Damage::Shortened, "SIZE_MISMATCH"),
        (Damage::Lengthened, "SIZE_MISMATCH"),
        (Damage::Folder, "UNSAFE_FILE"),
        #[cfg(unix)]
        (Damage::Link, "UNSAFE_FILE"),
        #[cfg(unix)]
        (Damage::Pipe, "UNSAFE_FILE"),
    ]
}

#[test]
fn d3_a_size_in_the_index_that_is_one_off_is_an_error() {
    let content = br#"{"manifests":[]}"#;
    let size = content.len();
    let entry = |tag: &str, size: usize| {
        let annotations = json!({"org.opencontainers.image.ref.name": tag});
        let digest = Digest::of(content).to_string();
        json!({"mediaType": MediaType::OCI_INDEX, "digest": digest, "size": size, "annotations": annotations})
    };
    let written = TestLayout::new()
        .tag("unused:1", Raw(r#"{"manifests":[]}"#))
        .entry(entry("less", size - 1))
        .entry(entry("right", size))
        .entry(entry("more", size + 1))
        .write();
    for layout in written.forms() {
        let codes =
            ["less", "right", "more"].map(|tag| code(&manifest(&layout, &format!("layout:{tag}"))));
        assert_eq!(codes, ["SIZE_MISMATCH", "OK", "SIZE_MISMATCH"]);
    }
}

#[test]
fn d1_content_named_by_sha512_is_checked() {
    let content = br#"{"manifests":[]}"#;
    let of = |content: &[u8]| {
        use sha2::Digest as _;
        let hash = sha2::Sha512::digest(content);
        hash.iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let written = two().write();
    let folder = written.path().join("blobs").join(Algorithm::Sha512.name());
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(of(content)), content).unwrap();
    fs::write(folder.join(of(b"else")), content).unwrap();
    for layout in written.forms() {
        let get = |hex: String| manifest(&layout, &format!("team/app@sha512:{hex}"));
        assert_eq!(code(&get(of(content))), "OK");
        assert_eq!(code(&get(of(b"else"))), "DIGEST_MISMATCH");
    }
}

#[test]
fn d4_a_tag_that_points_elsewhere_than_expected_is_an_error() {
    let written = two().write();
    for layout in written.forms() {
        let expected = head(&layout, "team/app:2").unwrap();
        let (repository, which) = reference("team/app:1");
        let answer = wait(layout.manifest(&repository, &which, Some(&expected)));
        assert_eq!(code(&answer), "TAG_MOVED");
    }
}

#[test]
fn e2_a_manifest_with_duplicate_keys_is_malformed() {
    let written = two()
        .tag("team/app:twice", Raw(r#"{"config":1,"config":2}"#))
        .write();
    for layout in written.forms() {
        assert_eq!(code(&manifest(&layout, "team/app:twice")), "MALFORMED");
        assert_eq!(code(&manifest(&layout, "team/app:1")), "OK");
    }
}

#[test]
fn a_manifest_may_be_as_long_as_the_limit_and_no_longer() {
    let limits = Limits {
        manifest_bytes: 5 * MIB,
        ..Limits::default()
    };
    let written = TestLayout::new()
        .tag("app:less", app().padded_to(5 * MIB - 1))
        .tag("app:limit", app().padded_to(5 * MIB))
        .tag("app:more", app().padded_to(5 * MIB + 1))
        .write();
    for layout in written.forms_with(&limits) {
        let codes =
            ["less", "limit", "more"].map(|tag| code(&manifest(&layout, &format!("app:{tag}"))));
        assert_eq!(codes, ["OK", "OK", "TOO_LARGE"]);
    }

    let error = manifest(&written.open(), "app:less")
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("is larger than the limit of 4 MiB"),
        "{error}"
    );
}

#[test]
fn a_manifest_asked_by_digest_alone_is_held_to_the_limit_too() {
    let layout = two();
    let (name, digest) = ("team/app:1", layout.digest("team/app:1"));
    let written = layout.tag("other:1", app()).write();
    let size = head(&written.open(), name).unwrap().size as usize;
    for (limit, expected) in [(size - 1, "TOO_LARGE"), (size, "OK")] {
        let limits = Limits {
            manifest_bytes: limit,
            ..Limits::default()
        };
        for layout in written.forms_with(&limits) {
            let answer = manifest(&layout, &format!("team/app@{digest}"));
            assert_eq!(code(&answer), expected);
        }
    }
}

#[test]
fn configs_and_the_index_have_limits_of_their_own() {
    let written = two().write();
    let size = config(&written.open(), "team/app:1")
        .unwrap()
        .descriptor
        .size as usize;
    for (limit, expected) in [(size - 1, "TOO_LARGE"), (size, "OK"), (size + 1, "OK")] {
        let limits = Limits {
            config_bytes: limit,
            ..Limits::default()
        };
        for layout in written.forms_with(&limits) {
            assert_eq!(code(&config(&layout, "team/app:1")), expected);
        }
    }
    let size = fs::metadata(written.path().join("index.json"))
        .unwrap()
        .len() as usize;
    for (limit, expected) in [(size - 1, "TOO_LARGE"), (size, "OK"), (size + 1, "OK")] {
        let limits = Limits {
            listing_bytes: limit,
            ..Limits::default()
        };
        for layout in written.forms_with(&limits) {
            let found = ask::all(layout.repositories(None, Details::EMPTY));
            assert_eq!(code(&found), expected);
        }
    }
}

#[test]
fn what_is_no_layout_says_why() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 9] = [
        ("NOT_A_LAYOUT", |layout| {
            fs::remove_dir_all(layout).unwrap();
            fs::write(layout, "{}").unwrap();
        }),
        ("NOT_A_LAYOUT", |layout| fs::remove_dir_all(layout).unwrap()),
        ("NOT_A_LAYOUT", |layout| {
            fs::remove_file(layout.join("index.json")).unwrap()
        }),
        ("NOT_A_LAYOUT", |layout| {
            fs::remove_file(layout.join("oci-layout")).unwrap()
        }),
        ("NOT_A_LAYOUT", |layout| {
            fs::write(
                layout.join("oci-layout"),
                r#"{"imageLayoutVersion":"2.0.0"}"#,
            )
            .unwrap();
        }),
        ("MALFORMED", |layout| {
            fs::write(layout.join("oci-layout"), "1.0.0 ").unwrap()
        }),
        ("TOO_LARGE", |layout| {
            fs::write(
                layout.join("oci-layout"),
                " ".repeat(LAYOUT_MARKER_BYTES + 1),
            )
            .unwrap();
        }),
        ("MALFORMED", |layout| {
            fs::write(layout.join("index.json"), "{").unwrap()
        }),
        ("UNSAFE_FILE", |layout| {
            fs::remove_file(layout.join("index.json")).unwrap();
            fs::create_dir(layout.join("index.json")).unwrap();
        }),
    ];
    for (number, (expected, change)) in changes.into_iter().enumerate() {
        let written = two().write();
        change(&written.path());
        let layout = written.open();
        assert_eq!(
            code(&ask::all(layout.repositories(None, Details::EMPTY))),
            expected,
            "change {number}"
        );
        assert_eq!(
            code(&head(&layout, "team/app:1")),
            expected,
            "change {number}"
        );
    }
}

#[cfg(unix)]
#[test]
fn g5_an_index_that_is_a_pipe_or_a_link_is_refused() {
    use super::support::layout::make_pipe;
    let written = two().write();
    let index = written.path().join("index.json");
    let aside = written.outside().join("aside.json");
    fs::rename(&index, &aside).unwrap();
    make_pipe(&index);
    assert_eq!(
        code(&ask::all(written.open().repositories(None, Details::EMPTY))),
        "UNSAFE_FILE"
    );
    fs::remove_file(&index).unwrap();
    std::os::unix::fs::symlink(&aside, &index).unwrap();
    assert_eq!(
        code(&ask::all(written.open().repositories(None, Details::EMPTY))),
        "UNSAFE_FILE"
    );
}

#[test]
fn d5_what_is_not_there_is_absent_and_what_is_broken_is_not() {
    let layout = two().damage("team/app:1", Part::Manifest, Damage::Missing);
    let written = layout.write();
    for layout in written.forms() {
        let absent = |name: &str| manifest(&layout, name).unwrap_err().is_absent();
        assert!(absent("team/app:3"));
        assert!(absent("team/other:1"));
        assert!(!absent("team/app:1"));
        let digest = Digest::of(b"nothing");
        assert!(!absent(&format!("team/app@{digest}")));
        assert!(absent(&format!("team/other@{digest}")));
    }
}

#[test]
fn an_entry_without_media_type_is_described_by_its_document() {
    let layout = two();
    let digest = layout.digest("team/app:1");
    let annotations = json!({"org.opencontainers.image.ref.name": "untyped"});
    let size = layout.files()[&format!("blobs/{}", digest.replace(':', "/"))].len();
    let entry = json!({"digest": digest, "size": size, "annotations": annotations});
    let written = layout.entry(entry).write();
    for layout in written.forms() {
        assert_eq!(ask::tags(&layout, "layout")[0].descriptor, Ok(None));
        let descriptor = head(&layout, "layout:untyped").unwrap();
        assert_eq!(descriptor.media_type.as_str(), MediaType::OCI_MANIFEST);
    }
}

#[test]
fn a_listing_stays_at_its_end() {
    let written = two().write();
    for layout in written.forms() {
        let mut pages = layout.repositories(None, Details::EMPTY);
        wait(async {
            assert!(pages.next().await.unwrap().is_some());
            assert!(pages.next().await.unwrap().is_none());
            assert!(pages.next().await.unwrap().is_none());
        });
    }
}

#[test]
fn the_layout_is_read_once_for_many_questions_at_once() {
    let written = two().write();
    let layout = written.open();
    assert_eq!(ask::repositories(&layout), ["team/app"]);
    fs::remove_file(written.path().join("index.json")).unwrap();
    let (repository, which) = reference("team/app:1");
    let answers = wait(futures_util::future::join_all(
        (0..100).map(|_| layout.manifest(&repository, &which, None)),
    ));
    assert!(answers.iter().all(Result::is_ok));
}

#[test]
fn a_counting_registry_remembers_what_it_was_asked() {
    let written = two().write();
    let layout = Counting::new(written.open());
    let transcript = layout.transcript();
    let digest = config(&layout, "team/app:1").unwrap().descriptor.digest;
    head(&layout, "team/app:2").unwrap();
    ask::repositories(&layout);
    ask::tags(&layout, "team/app");
    assert_eq!(
        transcript.lines(),
        [
            "manifest team/app:1".to_owned(),
            format!("config team/app@{digest}"),
            "head team/app:2".to_owned(),
            "list repositories".to_owned(),
            "list tags team/app".to_owned(),
        ]
    );
}
