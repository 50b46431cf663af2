//! The layout in `queries/demo`: what the README's first command reads.
//!
//! It is made here and committed. To renew it after a change: `REGQ_RENEW=1 cargo test --test suite committed`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use regq::limits::Limits;
use regq::oci::ManifestOrIndex;
use regq::registry::{Layout, LayoutRoot};

use serde_json::{Value, json};

use super::support::ask;
use super::support::attachment::{Attachment, NOTATION, SLSA};
use super::support::image::{Image, Index};
use super::support::layout::TestLayout;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("queries/demo")
}

/// The images of Acme's web shop. The web front is built on the nginx of its day, so a base that was never
/// updated can be found; `1.4.0` was not built for arm64; two images lack the labels that Acme asks for. The newest
/// web front is signed, and attested.
pub(crate) fn demo() -> TestLayout {
    let nginx = nginx("1.27.4", 44_214_016).created("2025-02-11T09:12:44Z");
    let api = api("2.0.0", "b81f6a2", "2026-02-27T08:15:30Z");
    let web = Index::of([web("1.4.2", "amd64"), web("1.4.2", "arm64")]);
    let web = web.attested_by(0, &statements());
    TestLayout::new()
        .tag("base/nginx:1.25.3", nginx_of_2024())
        .tag("base/nginx:1.27", nginx.clone())
        .tag("base/nginx:1.27.4", nginx)
        .tag(
            "shop/api:1.9.3",
            self::api("1.9.3", "3c0de77", "2025-01-20T15:41:07Z"),
        )
        .tag("shop/api:2.0.0", api)
        .tag(
            "shop/api:2.0.0-rc.1",
            self::api("2.0.0-rc.1", "90a1b5e", "2026-02-03T17:20:11Z"),
        )
        .tag("shop/web:1.3.0", web_of_2024())
        .tag("shop/web:1.4.0", Index::of([self::web("1.4.0", "amd64")]))
        .tag("shop/web:1.4.2", web.clone())
        .tag("shop/web:latest", web)
        .tag(
            "shop/worker:nightly",
            worker("2026-03-01T02:00:09Z", 118_260_736),
        )
        .tag(
            "shop/worker:v0.9.0",
            worker("2024-09-05T10:30:00Z", 97_517_568).docker(),
        )
        .attach("shop/web:1.4.2", &Attachment::of(NOTATION))
}

/// How the newest web front was built, and what is in it.
fn statements() -> [(&'static str, Value); 2] {
    let built = json!({
        "buildDefinition": {"buildType": "https://mobyproject.org/buildkit@v1"},
        "runDetails": {"builder": {"id": "https://ci.acme.example/shop/web/142"}},
    });
    let packages = json!({"spdxVersion": "SPDX-2.3", "packages": []});
    [(SLSA, built), ("https://spdx.dev/Document", packages)]
}

fn nginx(version: &str, size: u64) -> Image {
    Image::new()
        .layer("debian 12", 28_204_865)
        .layer(&format!("nginx {version}"), size)
        .cmd(&["nginx", "-g", "daemon off;"])
}

fn nginx_of_2024() -> Image {
    nginx("1.25.3", 41_377_920).created("2024-01-10T20:03:58Z")
}

fn web_of_2024() -> Image {
    nginx_of_2024()
        .layer("COPY dist /srv # 1.3.0", 6_912_044)
        .created("2024-05-21T13:08:00Z")
}

fn web(version: &str, architecture: &str) -> Image {
    let (day, revision) = match version {
        "1.4.0" => ("2025-06-30", "5d2e9c4"),
        _ => ("2026-02-19", "e7f3a10"),
    };
    let size = if architecture == "arm64" {
        43_502_336
    } else {
        44_214_016
    };
    labelled(nginx("1.27.4", size), "web", revision)
        .platform(&format!("linux/{architecture}"))
        .layer(&format!("COPY dist /srv # {version}"), 7_340_032)
        .created(&format!("{day}T11:45:02Z"))
        .user("nginx")
}

fn api(version: &str, revision: &str, created: &str) -> Image {
    labelled(Image::new(), "api", revision)
        .layer(&format!("COPY api / # {version}"), 17_825_792)
        .created(created)
        .user("10001:10001")
}

fn worker(created: &str, size: u64) -> Image {
    Image::new()
        .layer(&format!("RUN pip install worker # {}", &created[..4]), size)
        .created(created)
        .env("QUEUE", "orders")
}

fn labelled(image: Image, name: &str, revision: &str) -> Image {
    image
        .label("org.opencontainers.image.vendor", "Acme")
        .label(
            "org.opencontainers.image.source",
            &format!("https://git.acme.example/{name}"),
        )
        .label("org.opencontainers.image.revision", revision)
}

/// The files of a folder by their path with `/`.
fn files_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.expect("a folder can be read").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let below = path.strip_prefix(folder).expect("it is in the folder");
            let name = below
                .to_str()
                .expect("its name is ASCII")
                .replace('\\', "/");
            files.insert(name, fs::read(&path).expect("a file can be read"));
        }
    }
    files
}

#[test]
fn the_committed_demo_is_what_is_made_here() {
    if std::env::var_os("REGQ_RENEW").is_some_and(|value| value == "1") {
        fs::remove_dir_all(folder()).ok();
        demo().write_to(&folder());
    }
    assert!(
        files_of(&folder()) == demo().files(),
        "`queries/demo` is out of date: REGQ_RENEW=1 cargo test --test suite committed"
    );
}

#[test]
fn the_demo_is_small() {
    let files = demo().files();
    let size: usize = files.values().map(Vec::len).sum();
    assert!(size < 20 * 1024, "{size} bytes");
}

#[test]
fn every_document_of_the_demo_can_be_read() {
    let demo = Layout::open(
        LayoutRoot::anywhere(folder()),
        "oci:demo",
        Limits::default(),
    );
    let repositories = ask::repositories(&demo);
    assert_eq!(
        repositories,
        ["base/nginx", "shop/api", "shop/web", "shop/worker"]
    );
    let mut tags = 0;
    for repository in &repositories {
        for entry in ask::tags(&demo, repository) {
            let document = ask::manifest(&demo, &format!("{repository}:{}", entry.tag)).unwrap();
            assert_eq!(entry.descriptor, Ok(Some(document.descriptor.clone())));
            read_below(&demo, repository, &document.value);
            tags += 1;
        }
    }
    assert_eq!(tags, 12);
}

#[test]
fn the_demo_can_be_named_in_a_query_file_of_the_folder_we_are_in() {
    let root = LayoutRoot::below("", Path::new("queries/demo")).unwrap();
    let demo = Layout::open(root, "oci:queries/demo", Limits::default());
    assert_eq!(ask::repositories(&demo).len(), 4);
}

#[test]
fn the_demo_can_be_read_out_of_the_binary() {
    static DEMO: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/queries/demo");
    let demo = Layout::open(LayoutRoot::embedded(&DEMO), "oci:demo", Limits::default());
    let config = ask::config(&demo, "base/nginx:1.27").unwrap();
    assert!(config.value.get("created").is_some());
    assert_eq!(ask::tags(&demo, "shop/web").len(), 4);
}

/// Reads the config of a manifest, the children of an index.
fn read_below(demo: &Layout, repository: &str, document: &regq::value::Value) {
    match ManifestOrIndex::read(document, None).unwrap() {
        ManifestOrIndex::Manifest(manifest) => {
            use regq::registry::Registry as _;
            let repository = repository.parse().unwrap();
            let config = ask::wait(demo.config(&repository, &manifest.config)).unwrap();
            assert!(config.value.get("rootfs").is_some());
        }
        ManifestOrIndex::Index(index) => {
            for child in &index.manifests {
                let name = format!("{repository}@{}", child.digest);
                read_below(demo, repository, &ask::manifest(demo, &name).unwrap().value);
            }
        }
        ManifestOrIndex::Schema1(_) | ManifestOrIndex::Saved(_) => {
            panic!("the demo has manifests and indexes")
        }
    }
}

#[test]
fn the_demo_has_something_to_find() {
    let demo = Layout::open(
        LayoutRoot::anywhere(folder()),
        "oci:demo",
        Limits::default(),
    );
    let read = |name| {
        let document = ask::manifest(&demo, name).unwrap();
        ManifestOrIndex::read(&document.value, None).unwrap()
    };
    let layers = |name| match read(name) {
        ManifestOrIndex::Manifest(manifest) => manifest.layers,
        _ => panic!("{name} is an image"),
    };
    let platforms = |name| match read(name) {
        ManifestOrIndex::Index(index) => (index.images().count(), index.manifests.len()),
        _ => panic!("{name} is an index"),
    };
    let has_vendor = |name| {
        let config = ask::config(&demo, name).unwrap();
        let path = ["config", "Labels", "org.opencontainers.image.vendor"];
        config.value.at(&path).is_some()
    };
    assert_eq!(platforms("shop/web:1.4.2"), (2, 3));
    assert_eq!(platforms("shop/web:1.4.0"), (1, 1));
    assert!(layers("shop/web:1.3.0").starts_with(&layers("base/nginx:1.25.3")));
    assert!(has_vendor("shop/api:2.0.0") && !has_vendor("shop/worker:nightly"));
}
