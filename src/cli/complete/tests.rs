//! A line typed, and exactly what is answered.

use std::ffi::OsString;
use std::fs;

use tempfile::TempDir;

use super::super::report::Voice;
use super::super::seen::{Login, Met, Noted, Shelf};
use super::super::spelled::Spelled;
use super::*;
use crate::diagnostic::Colour;
use crate::registry::CredentialPlaces;
use crate::render::terminal::Terminal;

const QUERY: &str = "apiVersion: regq/v1
kind: Query
metadata: {name: old, description: 'Images nobody rebuilt'}
spec:
  params:
    registry: {description: where to look}
    repository:
    days: {type: integer, default: 90, description: how old}
    stage: {enum: [dev, prod, 'pre prod']}
    deep: {type: boolean, default: false}
    names: {type: list}
  registry: ${registry}
  repositories: ${repository}
  with: {base: docker.io/library/alpine:3}
  columns:
    TAG: tag
    BUILT BY: author
";

const REPORT: &str = "apiVersion: regq/v1
kind: Query
metadata: {name: sizes, description: How large}
spec: {resource: layers, registry: a.io}
---
apiVersion: regq/v1
kind: Query
metadata: {name: owners}
spec: {registry: a.io, groupBy: {owner: labels.owner, tag: tag}, columns: {OWNER: owner, COUNT: length(rows)}}
";

/// A user with queries, logins and names seen before.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self {
            folder: TempDir::new().unwrap(),
        };
        world.file("here/queries/old.yaml", QUERY);
        world.file("here/report.yaml", REPORT);
        world.file("here/notes.txt", "");
        world.file("here/.hidden/a.yaml", "");
        world.file("here/shop/oci-layout", "{}");
        world.file("here/shop.tar", "");
        world.file(
            "config/regq/config.yaml",
            "registries: {registry.local:5000: {plainHttp: true}}",
        );
        world.file(
            "docker/config.json",
            r#"{"auths": {"ghcr.io": {"auth": "Ym9iOmh1bnRlcjI="}}}"#,
        );
        let see = |host: &str, login: Login, repository: &str, tags: &[&str]| {
            let met = Met {
                tags: tags.iter().map(|tag| tag.parse().unwrap()).collect(),
                has_no_more: true,
            };
            let noted = Noted::from([(repository.parse().unwrap(), met)]);
            let shelf = Shelf::of(&world.settings()).unwrap();
            let now = jiff::Timestamp::now().as_second();
            shelf
                .remember(&host.parse().unwrap(), &login, noted, now)
                .unwrap();
        };
        let bob = || Login::Somebody("account bob".to_owned());
        see(
            "docker.io",
            Login::Nobody,
            "library/alpine",
            &["3.9", "3.18", "latest"],
        );
        see("docker.io", Login::Nobody, "acme/web", &["1"]);
        see("ghcr.io", bob(), "acme/app", &["v1.2", "v1.10"]);
        see("ghcr.io", bob(), "acme/api", &[]);
        see("seen.io:5000", Login::Nobody, "team/app", &["1"]);
        see("other.io", bob(), "x", &["1"]);
        world
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn settings(&self) -> Settings {
        let at = |name: &str| self.folder.path().join(name);
        Settings {
            terminal: Terminal::ask(When::Never),
            voice: Voice {
                colour: Colour::Off,
                spelled: Spelled::Alone,
            },
            debug: false,
            now: jiff::Timestamp::UNIX_EPOCH,
            here: at("here"),
            config: Some(at("config")),
            cache: Some(at("cache")),
            credentials: CredentialPlaces {
                docker_config: Some(at("docker")),
                ..CredentialPlaces::default()
            },
            certs_d: Vec::new(),
            stop_socket: None,
        }
    }

    /// The answer to words, the last being the one that is typed; values alone, the directive last.
    fn answer(&self, words: &[&str]) -> String {
        let lines = self.written(words);
        let value = |line: &str| line.split('\t').next().unwrap_or_default().to_owned();
        lines.lines().map(value).collect::<Vec<_>>().join(" ")
    }

    fn written(&self, words: &[&str]) -> String {
        let args = ["docker-regq", "__complete"]
            .iter()
            .chain(words)
            .map(OsString::from);
        let args: Vec<OsString> = args.collect();
        let asked = Asked::read(&args, &|_| None).unwrap();
        complete(&asked, &self.settings()).written(asked.described, asked.spelled)
    }
}

#[test]
fn x() {
    let world = World::new();
    for words in include_str!("/tmp/f-words.txt").lines() {
        let words: Vec<&str> = words.split('|').collect();
        println!("{words:?}\n    {}", world.answer(&words));
    }
}
