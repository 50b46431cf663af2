//! The program beside what it replaces: shipped queries and the recipe of curl and jq ask the same real registries, and tell
//! the same, whichever way one gets in.

use super::real_registry::fill;
use super::support::command::{Ended, Workplace};
use super::support::image::Image;
use super::support::real_registry::{Access, RealRegistry};
use super::support::real_user::{items, place_of, requests};
use super::support::recipe;
use super::support::tools::Tool;

/// All three, where they can be had.
fn registries() -> impl Iterator<Item = RealRegistry> {
    let each = [
        RealRegistry::open,
        RealRegistry::with_password,
        RealRegistry::with_token,
    ];
    each.into_iter().filter_map(|start| start())
}

/// Runs a shipped query on a registry.
fn run(place: &Workplace, query: &str, registry: &RealRegistry, more: &[&str]) -> Ended {
    let host = format!("registry={}", registry.host());
    let words = ["run", query, "-p", &host];
    place.run(words.iter().chain(more))
}

const SUMMARY: [&str; 6] = [
    "-p",
    "repository=team/app",
    "-o",
    "tsv",
    "--no-headers",
    "-v",
];

#[test]
fn image_summary_tells_what_the_recipe_tells_with_no_more_requests() {
    for registry in registries() {
        let rows = fill(&registry);
        let place = place_of(&registry);
        let told = recipe::image_summary(&registry, "team/app");
        assert_eq!(told.rows, rows);
        let lines = told.rows.iter().map(|row| row.join("\t") + "\n");
        let ended = run(&place, "image-summary", &registry, &SUMMARY);
        let ended = ended.exits(0).prints(&lines.collect::<String>());
        let ours = requests(&ended);
        assert!(ours.len() <= told.requests.len(), "{ours:#?}");
    }
}

#[test]
fn image_summary_shows_ids_as_docker_does_in_its_first_format_too() {
    let Some(registry) = RealRegistry::open_with_schema1() else {
        return;
    };
    let app = Image::new()
        .created("2024-07-01T08:00:00Z")
        .layer("ADD rootfs.tar", 0)
        .stored();
    let id = registry.push("team/app:1", app.docker()).image_id;
    let old = registry.push_as_schema1("team/app:1", "old");
    let ended = run(
        &Workplace::new(),
        "image-summary",
        &registry,
        &["-p", "repository=team/app", "--no-headers"],
    );
    let row = |tag: &str, id: &str| format!("{tag:<3}   2024-07-01 08:00:00   {}\n", &id[..12]);
    let hex = id.strip_prefix("sha256:").unwrap();
    ended
        .exits(0)
        .quietly()
        .prints(&(row("1", hex) + &row("old", &old)));
}

#[test]
fn every_shipped_query_runs_on_every_registry() {
    for registry in registries() {
        let count = fill(&registry).len();
        let place = place_of(&registry);
        let table = |query, more: &[&str]| {
            run(&place, query, &registry, more)
                .exits(0)
                .quietly()
                .stdout
        };
        let app = ["-p", "repository=team/app"];
        let catalog = format!("REPOSITORY   TAGS\nteam/app     {count}\n");
        assert_eq!(table("catalog", &[]), catalog);
        let tags = table("tags", &app);
        let first = |line: &str| line.split(' ').next().unwrap().to_owned();
        let names: Vec<String> = tags.lines().map(first).collect();
        assert_eq!(
            names,
            ["TAG", "3.0", "3.0-amd64", "2.0", "1.1", "1.0", "old"][..=count]
        );
        let stale = table("stale", &["-p", "days=790"]);
        let rows: Vec<_> = stale
            .lines()
            .skip(1)
            .map(|line| line.split_whitespace().nth(1))
            .collect();
        assert_eq!(rows, [Some("2.0")]);
        let new = ["-p", "new=400"];
        let report = table("report", &[app, new].concat());
        for heading in ["all\n", "\nnew\n", "\nstale\n"] {
            assert!(report.contains(heading), "{report}");
        }
        let index = report.lines().find(|line| line.contains(" 3.0 ")).unwrap();
        assert!(index.ends_with("linux/arm64,linux/amd64"), "{index}");
    }
}

#[test]
fn a_catalog_of_many_repositories_is_complete() {
    let Some(registry) = RealRegistry::open() else {
        return;
    };
    let names: Vec<String> = (0..120)
        .map(|at| format!("team-{}/app{at:03}", at / 50))
        .collect();
    for name in &names {
        registry.push(&format!("{name}:1"), Image::new());
    }
    let place = Workplace::new();
    let ended = run(&place, "catalog", &registry, &["-o", "json", "-v"]).exits(0);
    let rows = items(&ended);
    let listed: Vec<_> = rows
        .iter()
        .map(|row| row["REPOSITORY"].as_str().unwrap())
        .collect();
    assert_eq!(listed, names);
    assert!(rows.iter().all(|row| row["TAGS"] == 1));
    let asked = requests(&ended);
    let tags = asked.iter().filter(|line| line.contains("/tags/list"));
    assert_eq!(tags.count(), names.len());
}

#[test]
fn a_registry_that_speaks_http_2_is_spoken_to_in_it() {
    let Some(registry) = RealRegistry::with_password() else {
        return;
    };
    fill(&registry);
    let ended = run(&place_of(&registry), "image-summary", &registry, &SUMMARY).exits(0);
    let said = ended.stderr.lines();
    let answers: Vec<&str> = said.filter(|line| line.contains(" → ")).collect();
    assert!(answers.len() > 10, "{answers:#?}");
    for line in answers {
        assert!(line.ends_with(", HTTP/2"), "{line}");
    }
}

#[test]
fn what_skopeo_pushes_is_summed_up_as_well() {
    let Some(skopeo) = Tool::find("skopeo") else {
        return;
    };
    let Some(registry) = RealRegistry::with_password() else {
        return;
    };
    fill(&registry);
    let Access::Password(ca) = registry.access() else {
        panic!("this registry wants a password");
    };
    let place = place_of(&registry);
    let trust = ca
        .parent()
        .expect("a file is in a folder")
        .display()
        .to_string();
    let config = place
        .home()
        .join(".docker/config.json")
        .display()
        .to_string();
    let copy = |more: &[&str], from: &str, to: &str| {
        let [from, to] = [from, to].map(|name| format!("docker://{}/{name}", registry.host()));
        let words = [
            "copy",
            "-q",
            "--authfile",
            &config,
            "--src-cert-dir",
            &trust,
            "--dest-cert-dir",
            &trust,
        ];
        skopeo.run(&place.path(""), &[&words[..], more, &[&from, &to]].concat());
    };
    copy(&["--all"], "team/app:3.0", "team/copy:index");
    copy(&["--format", "v2s2"], "team/app:1.0", "team/copy:docker");
    copy(&["--format", "oci"], "team/app:1.1", "team/copy:oci");
    let told = recipe::image_summary(&registry, "team/copy");
    let lines = told.rows.iter().map(|row| row.join("\t") + "\n");
    let mut words = SUMMARY;
    words[1] = "repository=team/copy";
    let ended = run(&place, "image-summary", &registry, &words).exits(0);
    ended.prints(&lines.collect::<String>());
}

#[test]
fn a_repository_of_more_tags_than_a_page_has_is_complete() {
    let Some(registry) = RealRegistry::open_with_pages_of_tags() else {
        return;
    };
    let tags: Vec<String> = (0..1_200).map(|at| format!("t{at:04}")).collect();
    registry.push_under(&format!("team/app:{}", tags[0]), &tags[1..], Image::new());
    let target = format!("{}/team/app", registry.host());
    let words = [
        "get",
        "tags",
        &target,
        "--columns",
        "tag",
        "-o",
        "tsv",
        "-v",
    ];
    let ended = Workplace::new().run(words).exits(0);
    let listed: Vec<&str> = ended.stdout.lines().skip(1).collect();
    assert_eq!(listed, tags);
    assert_eq!(requests(&ended).len(), 2, "{}", ended.stderr);
}
