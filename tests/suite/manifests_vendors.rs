//! Manifests that vendors and layouts list: what no name leads to any more, what it costs to find out, and what is said where a
//! listing cannot be had or is not to be believed.

use regq::registry::{Details, Registry};
use serde_json::json;

use super::support::ask::all;
use super::support::attachment::{Attachment, SPDX};
use super::support::fake::{Answer, FakeRegistry, Fault, Login, Role, RunningRegistry, When};
use super::support::image::{Image, Index};
use super::support::layout::{TestLayout, Written};
use super::support::user::User;
use super::support::vendors::azure::Azure;
use super::support::vendors::github::FakeGitHub;
use super::support::vendors::google::Google;

const TOKEN: &str = "ghp_of_bob";

fn image(step: &str, size: u64) -> Image {
    Image::new()
        .created("2026-01-01T00:00:00Z")
        .layer(step, size)
}

fn both() -> Index {
    Index::of(["linux/amd64", "linux/arm64"].map(|platform| image("app", 500).platform(platform)))
}

/// An index with its images under a tag, an image under another, and two images that were left over.
fn described() -> FakeRegistry {
    FakeRegistry::new()
        .tag("team/web:1.0", both())
        .tag("team/web:0.9", image("old", 400))
        .holding(image("left over", 3000))
        .holding(image("left over and small", 20))
}

fn user(registry: &RunningRegistry, dialect: &str) -> User {
    let host = registry.host();
    let settings = format!("registries:\n  {host}: {{dialect: {dialect}, plainHttp: true}}\n");
    User::new().settings(&settings)
}

/// How many requests had this in their line.
fn count(lines: &[String], part: &str) -> usize {
    lines.iter().filter(|line| line.contains(part)).count()
}

#[test]
fn what_no_name_leads_to_costs_the_list_each_index_and_what_is_left() {
    for (dialect, listing) in [("acr", "_manifests?n=100"), ("gcr", "tags/list?n=10000")] {
        let registry = match dialect {
            "acr" => described().way(Azure).start(),
            _ => described().way(Google).start(),
        };
        let host = registry.host();
        let line = format!("run untagged -p registry={host} -p repository=team/web -o csv");
        let ended = user(&registry, dialect).run(&line).exits(0);
        let kinds = |line: &str| {
            line.split(',')
                .skip(2)
                .take(2)
                .collect::<Vec<_>>()
                .join(" ")
        };
        let rows: Vec<String> = ended.stdout.lines().map(kinds).collect();
        assert_eq!(rows.len(), 3, "{dialect}: {}", ended.stdout);
        assert_eq!(rows[0], "KIND SIZE");
        assert!(
            rows[1..].iter().all(|row| row.starts_with("image ")),
            "{rows:?}"
        );
        let lines = registry.stop().lines();
        assert_eq!(count(&lines, listing), 1, "{lines:#?}");
        // The index, and the two that are left; Google's list has one more, which is gone.
        let gets = if dialect == "acr" { 3 } else { 4 };
        assert_eq!(
            count(&lines, "GET /v2/team/web/manifests/"),
            gets,
            "{lines:#?}"
        );
        assert_eq!(count(&lines, "HEAD"), 0, "{lines:#?}");
    }
}

#[test]
fn a_list_of_manifests_tells_what_it_brings_and_nothing_else_is_asked() {
    for (dialect, pushed, more) in [
        ("acr", "2026-02-27T08:16:39Z", "vendor.manifest.imageSize"),
        (
            "gcr",
            "2026-02-27T08:16:35Z",
            "vendor.manifest.imageSizeBytes",
        ),
    ] {
        let registry = match dialect {
            "acr" => described().way(Azure).paged(2).start(),
            _ => described().way(Google).start(),
        };
        let columns = format!("tags,media_type,pushed,{more}");
        let line = format!(
            "get manifests {}/team/web:* --columns {columns} -o csv --no-headers",
            registry.host()
        );
        let ended = user(&registry, dialect).run(&line).exits(0);
        let mut rows: Vec<&str> = ended.stdout.lines().collect();
        rows.sort_unstable();
        assert_eq!(rows.len(), 2, "{}", ended.stdout);
        assert!(
            rows[1].contains("1.0") && rows[1].contains("index"),
            "{rows:?}"
        );
        assert!(
            rows.iter()
                .all(|row| row.contains(pushed) && row.ends_with("31457280")),
            "{rows:?}"
        );
        let lines = registry.stop().lines();
        assert_eq!(count(&lines, "/manifests/"), 0, "{lines:#?}");
    }
}

fn github(registry: FakeRegistry, broken: bool) -> RunningRegistry {
    let digest = |name: &str| registry.digest(name);
    let index = registry.document(&digest("acme/web:1.0"));
    let mut github = FakeGitHub::new()
        .version("acme/web", &digest("acme/web:1.0"), &["1.0", "latest"])
        .version("acme/web", &digest("acme/web:old"), &[])
        .token(TOKEN, "read:packages");
    for child in index["manifests"].as_array().into_iter().flatten() {
        let digest = child["digest"].as_str().expect("a child has a digest");
        github = github.version("acme/web", digest, &[]);
    }
    if broken {
        github = github.version("acme/web", &digest("acme/web:old").replace(':', "-"), &[]);
    }
    let login = Login::bearer().account("bob", TOKEN).public(&["acme/web"]);
    registry.login(login).vendor(github).start()
}

fn asking(user: User, registry: &RunningRegistry) -> User {
    let [endpoint, api] = [Role::Registry, Role::Api].map(|role| registry.origin_of(role));
    user.settings(&format!(
        "registries:\n  ghcr.io: {{endpoint: '{endpoint}', api: '{api}'}}\n"
    ))
}

fn packages() -> FakeRegistry {
    FakeRegistry::new()
        .tag("acme/web:1.0", both())
        .tag("acme/web:old", image("left over", 3000))
}

#[test]
fn githubs_versions_are_manifests_and_each_may_be_an_index() {
    let registry = github(packages(), false);
    let bob = asking(User::logged_in(&[("ghcr.io", "bob", TOKEN)]), &registry);
    let line = "get manifests ghcr.io/acme/* --columns tags,pushed -o csv --no-headers";
    let ended = bob.run(line).exits(0).keeps(&[TOKEN]);
    assert_eq!(ended.stdout.lines().count(), 4, "{}", ended.stdout);
    assert_eq!(ended.stdout.matches("2026-02-27T08:16:00Z").count(), 4);
    assert_eq!(count(&registry.ledger().lines(), "/manifests/"), 0);
    let ended = bob
        .run("run untagged -p registry=ghcr.io/acme -o name")
        .exits(0);
    let old = packages().digest("acme/web:old");
    assert_eq!(ended.stdout, format!("ghcr.io/acme/web@{old}\n"));
    // GitHub does not say which of them are indexes, so all four are looked at, once.
    let lines = registry.stop().lines();
    assert_eq!(
        count(&lines, "GET /v2/acme/web/manifests/"),
        5,
        "one to learn the login: {lines:#?}"
    );
}

#[test]
fn nobody_is_told_less_than_all_of_githubs_versions() {
    let registry = github(packages(), false);
    let ended = asking(User::new(), &registry).run("run untagged -p registry=ghcr.io/acme");
    ended
        .exits(4)
        .prints("")
        .says("it lists manifests only for those who log in (NO_MANIFEST_LIST)")
        .says("docker login ghcr.io");
    assert_eq!(registry.stop().lines(), [""; 0], "nobody is asked");
    let registry = github(packages(), true);
    let bob = asking(User::logged_in(&[("ghcr.io", "bob", TOKEN)]), &registry);
    let ended = bob.run("get manifests ghcr.io/acme/web -o name");
    ended.exits(5).prints("").says("a version has no digest");
}

#[test]
fn a_registry_of_tags_only_is_not_asked_and_that_is_said() {
    let registry = described().start();
    let host = registry.host();
    let ended = User::new().run(&format!("run untagged -p registry={host}"));
    ended
        .exits(4)
        .prints("")
        .says("it lists tags only, and nobody can tell which manifests have none")
        .says("`oci:DIR`")
        .says("there is no result of `untagged`");
    assert_eq!(registry.stop().lines(), [""; 0]);
    let ended = User::new().run("plan untagged -p registry=registry.acme.dev");
    let ended = ended.exits(0);
    assert!(
        ended.stdout.contains("registry.acme.dev lists tags only"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_listing_that_fails_or_is_none_gives_no_rows_that_look_whole() {
    let refused = Answer::error(401, "UNAUTHORIZED", &json!([{"Action": "metadata_read"}]));
    for (answer, code, says) in [
        (refused, 4, "UNAUTHORIZED"),
        (
            Answer::json(&json!({"manifests": {"sha256:0": []}})),
            5,
            "are no list",
        ),
        (
            Answer::json(&json!({"manifests": [{"digest": "latest", "tags": []}]})),
            3,
            "has no digest",
        ),
        (
            Answer::json(
                &json!({"manifests": [{"digest": format!("sha256:{:064}", 1), "tags": ["ä"]}]}),
            ),
            3,
            "is not a valid tag",
        ),
    ] {
        let registry = described()
            .way(Azure)
            .fault("_manifests", When::Always, Fault::Instead(answer))
            .start();
        let line = format!("get manifests {}/team/web", registry.host());
        let ended = user(&registry, "acr").run(&line).exits(code);
        assert!(ended.stderr.contains(says), "{says}: {}", ended.stderr);
        assert!(!ended.stdout.contains("sha256"), "{}", ended.stdout);
    }
    let registry = described()
        .way(Google)
        .fault(
            "tags/list",
            When::Always,
            Fault::Instead(Answer::json(&json!({"tags": ["1.0"]}))),
        )
        .start();
    let line = format!("get manifests {}/team/web", registry.host());
    user(&registry, "gcr")
        .run(&line)
        .exits(5)
        .says("it has no map of manifests");
}

#[test]
fn an_absent_repository_is_an_error() {
    let registry = described().way(Azure).start();
    let line = format!("get manifests {}/team/nobody", registry.host());
    let ended = user(&registry, "acr").run(&line);
    ended.exits(4).says("there is no repository `team/nobody`");
}

/// The names of the manifests of a layout, and whether each has tags.
fn listed(layout: &Written) -> Vec<String> {
    let path = layout.path();
    let line = format!(
        "get manifests oci:{} --columns R:repository,T:join(',',tags),P:length(parents),S:!!subject -o csv --no-headers",
        path.display()
    );
    let ended = User::new().run(&line).exits(0).quietly();
    let mut rows: Vec<String> = ended.stdout.lines().map(str::to_owned).collect();
    rows.sort();
    rows
}

#[test]
fn a_layout_lists_what_has_no_name_where_it_belongs() {
    let layout = TestLayout::new()
        .tag("team/web:1", both())
        .tag("team/api:1", image("api", 100))
        .attach("team/web:1", &Attachment::of(SPDX))
        .write();
    let rows = listed(&layout);
    assert_eq!(
        rows,
        [
            "team/api,1,0,false",
            "team/web,,0,true",
            "team/web,,1,false",
            "team/web,,1,false",
            "team/web,1,0,false"
        ]
    );
    // Where nothing has a name, the folder is the repository.
    let index = layout.path().join("index.json");
    let text = std::fs::read_to_string(&index).unwrap();
    let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
    for entry in document["manifests"].as_array_mut().unwrap() {
        entry.as_object_mut().unwrap().remove("annotations");
    }
    std::fs::write(&index, document.to_string()).unwrap();
    let rows = listed(&layout);
    assert_eq!(
        rows,
        [
            "layout,,0,false",
            "layout,,0,false",
            "layout,,0,true",
            "layout,,1,false",
            "layout,,1,false"
        ]
    );
}

#[test]
fn a_child_that_was_not_copied_is_no_row_and_one_that_is_broken_hides_no_parent() {
    let layout = TestLayout::new().tag("team/web:1", both());
    let digest = |of: &serde_json::Value| of["digest"].as_str().unwrap().replace(':', "/");
    let content =
        &layout.files()[&format!("blobs/{}", layout.digest("team/web:1").replace(':', "/"))];
    let index: serde_json::Value = serde_json::from_slice(content).unwrap();
    let written = layout.write();
    let child = written
        .path()
        .join("blobs")
        .join(digest(&index["manifests"][0]));
    std::fs::remove_file(&child).unwrap();
    let line = format!(
        "get manifests oci:{} --columns T:join(',',tags),P:length(parents) -o csv --no-headers",
        written.path().display()
    );
    let rows = |exit: i32| {
        let ended = User::new().run(&line).exits(exit);
        let mut rows: Vec<String> = ended.stdout.lines().map(str::to_owned).collect();
        rows.sort();
        rows
    };
    assert_eq!(rows(0), [",1", "1,0"]);
    // It says that it is an image, so it names nothing, whatever it is.
    std::fs::write(&child, "{}").unwrap();
    assert_eq!(rows(0), [",1", ",1", "1,0"]);
    // What may have been an index leaves open whom it named.
    let index = written
        .path()
        .join("blobs")
        .join(layout.digest("team/web:1").replace(':', "/"));
    std::fs::write(&index, "{}").unwrap();
    assert_eq!(rows(3), ["1,"]);
}

#[test]
fn archives_list_what_they_hold_and_one_without_manifests_its_images() {
    let layout = TestLayout::new()
        .tag("team/web:1", both())
        .tag("team/web:2", image("two", 100));
    for layout in layout.write().forms() {
        let repository = "team/web".parse().expect("it is a name");
        let pages = layout.manifests(&repository, Details::EMPTY);
        let page = all(pages).expect("manifests are listed");
        let tagged = page.entries.iter().filter(|entry| !entry.tags.is_empty());
        assert_eq!(
            (page.entries.len(), tagged.count(), page.faults.len()),
            (4, 2, 0)
        );
        let absent = "nowhere".parse().expect("it is a name");
        let error = all(layout.manifests(&absent, Details::EMPTY)).unwrap_err();
        assert!(error.is_absent());
    }
}
