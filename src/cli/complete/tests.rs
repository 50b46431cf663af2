//! A line typed, and exactly what is answered.

use std::ffi::OsString;
use std::fs;

use tempfile::TempDir;

use super::super::report::Voice;
use super::super::seen::{Login, Met, Noted, Shelf};
use super::super::spelled::Spelled;
use super::*;
use crate::cli::activity::Activity;
use crate::cli::docker_settings::DockerSettings;
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

const COMMANDS: &[(&str, &str)] = &[
    (
        "",
        "run get plan validate explain api-resources list new eval auth api schema cache completion install version :36",
    ),
    (
        "regq|",
        "run get plan validate explain api-resources list new eval auth api schema cache completion install version :36",
    ),
    ("regq|r", "run :36"),
    ("ru", "run :36"),
    ("--", "--config --debug --version --help :4"),
    ("--co", "--config :4"),
    ("--config|", ":16"),
    ("--config=x", ":16"),
    ("-D|run|ol", "old :4"),
    ("help|ru", "run :36"),
];

const QUERIES: &[(&str, &str)] = &[
    ("xx|", ":4"),
    ("run|o", "old on-base :4"),
    ("run|que", "queries/ :6"),
    ("run|queries/", "queries/old.yaml :4"),
    ("run|./", "./queries/ ./report.yaml ./shop/ :4"),
    ("run|report#", "report#sizes report#owners :4"),
    ("run|-f|", "queries/ report.yaml shop/ :4"),
    ("run|-f|rep", "report.yaml :4"),
    (
        "run|old|-p|",
        "registry= repository= days= stage= deep= names= :38",
    ),
    ("run|old|-p|st", "stage= :38"),
    (
        "run|old|-p|stage=",
        "stage=dev stage=prod stage=pre prod :4",
    ),
    ("run|old|-p|deep=", "deep=true deep=false :4"),
    ("run|old|-p|days=", "days=90 :4"),
    (
        "run|old|-p|registry=",
        "registry=ghcr.io registry=registry.local:5000 registry=docker.io registry=seen.io:5000 :4",
    ),
    (
        "run|old|-p|registry=ghcr.io|-p|repository=",
        "repository=acme/api repository=acme/app :4",
    ),
    (
        "run|old|-p|registry=ghcr.io|-p|repository=acme/ap",
        "repository=acme/api repository=acme/app :4",
    ),
    (
        "run|old|-p|registry=x|-p|",
        "repository= days= stage= deep= names= :38",
    ),
    ("run|old|--param=stage=p", "stage=prod stage=pre prod :4"),
    ("run|old|-pstage=p", "-pstage=prod -pstage=pre prod :4"),
    ("run|old|--pla", "--platform --plain-http :4"),
    (
        "run|old|--platform|linux/arm",
        "linux/arm64 linux/arm/v7 linux/arm/v6 linux/arm/v5 :36",
    ),
    ("run|old|--color|", "auto always never :36"),
    ("run|old|--limit|", ":4"),
    ("run|old|-l|", ":4"),
    ("plan|--pr", "--probe --progress :4"),
    ("plan|o", "old on-base :4"),
    ("validate|", "queries/ report.yaml shop/ :4"),
    ("new|", ":4"),
    (
        "explain|",
        "repositories tags images layers referrers manifests functions query :36",
    ),
    ("explain|tags.cre", "tags.created :4"),
    (
        "explain|layers.layer.",
        "layers.layer.position layers.layer.digest layers.layer.size layers.layer.media_type layers.layer.created_by :4",
    ),
    (
        "explain|functions.semver",
        "functions.semver functions.semver_key functions.semver_matches :4",
    ),
    (
        "explain|query.",
        "query.apiVersion query.kind query.metadata query.spec :4",
    ),
    ("explain|query.spec.li", "query.spec.limit :4"),
    (
        "explain|query.spec.params.",
        "query.spec.params.type query.spec.params.default query.spec.params.description query.spec.params.enum :4",
    ),
    ("cache|", "info clear :36"),
    ("completion|", "bash zsh fish powershell elvish kubectl :36"),
    ("schema|", ":4"),
    ("run|old|-p|names=@no", "names=@notes.txt :4"),
];

const EXPRESSIONS: &[(&str, &str)] = &[
    (
        "run|old|-o|",
        "table wide json ndjson yaml csv tsv markdown html name custom-columns= jmespath= query :36",
    ),
    ("run|old|-oj", "-ojson -ojmespath= :36"),
    ("run|old|-o=j", "json jmespath= :36"),
    ("run|old|--output=j", "json jmespath= :36"),
    ("run|old|--format|j", "json jmespath= :36"),
    (
        "run|old|-o|custom-columns=A:cr",
        "custom-columns=A:created :6",
    ),
    (
        "run|old|-o|jmespath=items[0].",
        r#"jmespath=items[0]."BUILT BY" jmespath=items[0].TAG :4"#,
    ),
    (
        "run|old|-o|jmespath=it",
        "jmespath=items jmespath=items( :4",
    ),
    ("run|old|-o|jmespath=items[].T", "jmespath=items[].TAG :4"),
    ("run|old|--sort-by|-si", "-signatures -signed -size :4"),
    ("run|old|--sort-by=-si", "-signatures -signed -size :4"),
    ("run|old|--where|older_than(cr", "older_than(created :6"),
    ("run|old|--where|'older_than(cr", "older_than(created :4"),
    ("run|old|--where|older_than(cr)", ":4"),
    ("run|old|--where=older_t", "older_than( :4"),
    ("run|old|--where|tag == 'a", ":4"),
    (
        "run|old|--where|tag == 'a' && si",
        "tag == 'a' && signatures tag == 'a' && signed tag == 'a' && size :4",
    ),
    (
        "run|old|--where|params.",
        "params.days params.deep params.names params.registry params.repository params.stage :4",
    ),
    ("run|old|--where|with.", "with.base. :6"),
    ("run|old|--where|with.base.cr", "with.base.created :4"),
    (
        "run|old|--where|layers[].",
        "layers[].digest layers[].media_type layers[].size :4",
    ),
    ("run|old|--where|layers[0].di", "layers[0].digest :4"),
    ("run|old|--where|layers[?si", "layers[?size :6"),
    (
        "run|old|--where|max_by(layers, &si",
        "max_by(layers, &size :6",
    ),
    (
        "run|old|--where|layers[].{d: di",
        "layers[].{d: difference( layers[].{d: digest layers[].{d: div( :6",
    ),
    (
        "run|old|--where|layers[].[di",
        "layers[].[difference( layers[].[digest layers[].[div( :6",
    ),
    (
        "run|old|--where|history[?contains(created_by, 'x')].cr",
        ":4",
    ),
    ("run|old|--where|labels.", ":4"),
    ("run|old|--where|foo().", ":4"),
    ("run|old|--where|5", ":4"),
    ("run|old|--having|ra", "rank :4"),
    (
        "run|report#owners|--sort-by|",
        "COUNT OWNER owner rows tag :4",
    ),
    (
        "run|report#owners|--columns|A:max_by(rows, &cr",
        "A:max_by(rows, &created :6",
    ),
    (
        "run|report#owners|--columns|A:rows[].di",
        "A:rows[].diff_ids A:rows[].digest :6",
    ),
    (
        "run|report#owners|--columns|A:rows[].layers[].si",
        "A:rows[].layers[].size :6",
    ),
    (
        "run|report#sizes|--where|layer.",
        "layer.created_by layer.digest layer.media_type layer.position layer.size :4",
    ),
    ("run|report#sizes|--where|la", "labels layer. layers :4"),
    ("run|old|--columns|tag,cr", "tag,created :6"),
    (
        "run|old|--columns|A:join(', ', pl",
        "A:join(', ', platform A:join(', ', platform_matches( A:join(', ', platforms :6",
    ),
    (
        "run|old|--columns|A:tag, B:si",
        "A:tag, B:signatures A:tag, B:signed A:tag, B:size :6",
    ),
    ("run|old|--output-file|", ":0"),
    ("get|tags|alpine|--where|la", "labels layers :4"),
    ("get|repositories|ghcr.io|--where|tag_", "tag_count :4"),
    (
        "auth|-o|",
        "table wide json ndjson yaml csv tsv markdown html name :36",
    ),
    ("api|x|-q|len", "length( :6"),
    ("eval|len", "length( :6"),
    ("eval|x|", ":0"),
    (
        "list|-o|",
        "table wide json ndjson yaml csv tsv markdown html name :36",
    ),
    ("run|old|--where|size ", ":4"),
    ("run|old|--where|@.cre", "@.created :4"),
    (
        "run|old|--where|with.base.layers[].si",
        "with.base.layers[].size :4",
    ),
    ("run|old|-vo|js", "json :36"),
];

const PLACES: &[(&str, &str)] = &[
    (
        "run|old|--registry|",
        "ghcr.io registry.local:5000 docker.io seen.io:5000 :4",
    ),
    (
        "run|old|--plain-http|",
        "ghcr.io registry.local:5000 docker.io seen.io:5000 :4",
    ),
    ("run|old|--anonymous=gh", "ghcr.io :4"),
    (
        "get|",
        "repositories tags images layers referrers manifests :36",
    ),
    ("get|r", "repositories referrers :36"),
    ("get|img", "img :4"),
    (
        "get|tags|",
        "ghcr.io/ registry.local:5000/ docker.io/ seen.io:5000/ acme/web alpine :4",
    ),
    ("get|tags|g", "ghcr.io/ :6"),
    ("get|tags|al", "alpine :4"),
    (
        "get|tags|alpine:",
        "alpine:latest alpine:3.18 alpine:3.9 :36",
    ),
    ("get|tags|alpine:3.", "alpine:3.18 alpine:3.9 :36"),
    ("get|tags|acme/", "acme/web :4"),
    (
        "get|tags|docker.io/",
        "docker.io/acme/web docker.io/library/alpine :4",
    ),
    ("get|tags|docker.io/alpine:l", "docker.io/alpine:latest :36"),
    ("get|tags|ghcr.io/", "ghcr.io/acme/api ghcr.io/acme/app :4"),
    (
        "get|tags|ghcr.io/acme/app:",
        "ghcr.io/acme/app:v1.10 ghcr.io/acme/app:v1.2 :36",
    ),
    (
        "get|tags|ghcr.io/acme/app:v1.1",
        "ghcr.io/acme/app:v1.10 :36",
    ),
    ("get|tags|other.io/", ":4"),
    ("get|tags|oci", "oci: oci-archive: :6"),
    ("get|tags|oci:", "oci:queries/ oci:shop :4"),
    (
        "get|tags|oci-archive:s",
        "oci-archive:shop.tar oci-archive:shop/ :4",
    ),
    ("get|tags|ghcr.io/acme/app@sha256:", ":36"),
    (
        "get|repositories|",
        "ghcr.io registry.local:5000 docker.io seen.io:5000 :4",
    ),
    (
        "auth|",
        "ghcr.io registry.local:5000 docker.io seen.io:5000 :4",
    ),
    ("auth|ghcr.io/", "ghcr.io/acme/api ghcr.io/acme/app :4"),
    (
        "api|",
        "ghcr.io/ registry.local:5000/ docker.io/ seen.io:5000/ :6",
    ),
    (
        "api|ghcr.io/",
        "ghcr.io/_catalog ghcr.io/acme/api/tags/list ghcr.io/acme/api/manifests/ ghcr.io/acme/app/tags/list ghcr.io/acme/app/manifests/ :4",
    ),
    (
        "api|ghcr.io/v2/acme/a",
        "ghcr.io/v2/acme/api/tags/list ghcr.io/v2/acme/api/manifests/ ghcr.io/v2/acme/app/tags/list ghcr.io/v2/acme/app/manifests/ :4",
    ),
    (
        "api|ghcr.io/acme/app/manifests/",
        "ghcr.io/acme/app/manifests/v1.10 ghcr.io/acme/app/manifests/v1.2 :4",
    ),
    ("api|-X|", "GET HEAD :4"),
    ("get|tags|docker-", "docker-archive: :6"),
];

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
            named_config: None,
            docker: DockerSettings::default(),
            certs_d: Vec::new(),
            stop_socket: None,
            activity: Activity::default(),
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

/// Words with `|` between them, the last being the one that is typed; the candidates and the directive.
fn check(lines: &[(&str, &str)]) {
    let world = World::new();
    for (line, expected) in lines {
        let words: Vec<&str> = line.split('|').collect();
        assert_eq!(world.answer(&words), *expected, "{line}");
    }
}

#[test]
fn commands_and_what_stands_before_them() {
    check(COMMANDS);
}

#[test]
fn queries_their_parameters_and_other_values() {
    check(QUERIES);
}

#[test]
fn inside_expressions_and_formats() {
    check(EXPRESSIONS);
}

#[test]
fn registries_repositories_and_tags() {
    check(PLACES);
}

#[test]
fn lines_are_what_the_scripts_read() {
    let world = World::new();
    for (words, expected) in [
        (&["regq", "ru"][..], "run\tRun saved queries\n:36\n"),
        (
            &["run", "old", "-p", "d"],
            "days=\thow old (default 90)\ndeep=\tdefault false\n:38\n",
        ),
        (&["run", "report#s"], "report#sizes\tHow large\n:4\n"),
        (&["run", "old", "--output-file", ""], ":0\n"),
        (&["run", "-f", "~/q"], "yaml\nyml\n:8\n"),
    ] {
        assert_eq!(world.written(words), expected, "{words:?}");
    }
}

#[test]
fn f1_text_of_a_query_file_cannot_act_on_a_terminal() {
    let world = World::new();
    let text = QUERY
        .replace("name: old", "name: odd")
        .replace("'Images nobody rebuilt'", r#""red \e[31m\nsecond\tpart""#)
        .replace("[dev, prod, 'pre prod']", r#"["\e[31m", fine]"#);
    world.file("here/odd.yaml", &text);
    let shown = world.written(&["run", "od"]);
    assert_eq!(shown, "odd\tred \\x1b[31m\n:4\n");
    let values = world.written(&["run", "odd", "-p", "stage="]);
    assert_eq!(values, "stage=fine\n:4\n");
}

#[test]
fn the_words_of_docker_kubectl_and_a_shell_are_told_apart() {
    let read = |args: &[&str], variable: Option<&str>| {
        let args: Vec<OsString> = args.iter().map(OsString::from).collect();
        let asked = Asked::read(&args, &|name| (Some(name) == variable).then(|| "0".into()))?;
        Some((asked.spelled, asked.described, asked.typed))
    };
    let docker = (Spelled::DockerPlugin, true, "ru".to_owned());
    assert_eq!(
        read(&["/x/docker-regq", "__complete", "regq", "ru"], None),
        Some(docker)
    );
    let legacy = (Spelled::Alone, false, String::new());
    let args = ["docker-regq", "__completeNoDesc", "run", ""];
    assert_eq!(read(&args, None), Some(legacy));
    let kubectl = (Spelled::KubectlPlugin, true, "x".to_owned());
    for args in [
        &["/x/kubectl_complete-regq", "run", "x"][..],
        &["/x/kubectl-regq", "__complete", "run", "x"],
    ] {
        assert_eq!(read(args, None), Some(kubectl.clone()), "{args:?}");
    }
    for variable in [
        "DOCKER_COMPLETION_DESCRIPTIONS",
        "COBRA_COMPLETION_DESCRIPTIONS",
    ] {
        let (_, described, _) = read(&["docker-regq", "__complete", ""], Some(variable)).unwrap();
        assert!(!described);
    }
    for args in [&["docker-regq"][..], &["docker-regq", "run", "__complete"]] {
        assert_eq!(read(args, None), None);
    }
}

/// A flag whose values nobody thought of is found here: `values::Kind` says what they are.
#[test]
fn every_value_of_the_command_line_is_known() {
    let mut program = Cli::command();
    program.build();
    let mut seen = 0;
    for command in program.get_subcommands() {
        for arg in command.get_arguments() {
            let takes = arg.is_positional() || arg.get_action().takes_values();
            if takes {
                seen += 1;
                let known = values::Kind::of(arg).is_some();
                assert!(known, "{} {}", command.get_name(), arg.get_id());
            }
        }
    }
    assert!(seen > 50, "the definitions were not found");
}

#[test]
fn l7_without_folders_there_is_less_and_no_error() {
    let world = World::new();
    let settings = Settings {
        config: None,
        cache: None,
        here: "/no/such/folder".into(),
        credentials: CredentialPlaces::default(),
        ..world.settings()
    };
    for words in [
        &["run", "ca"][..],
        &["get", "tags", ""],
        &["run", "x", "-p", ""],
        &["run", "./"],
    ] {
        let args = ["docker-regq", "__complete"]
            .iter()
            .chain(words)
            .map(OsString::from);
        let asked = Asked::read(&args.collect::<Vec<_>>(), &|_| None).unwrap();
        let written = complete(&asked, &settings).written(false, Spelled::Alone);
        let expected = match words[1] {
            "ca" => "catalog\n:4\n",
            "x" => ":36\n",
            _ => ":4\n",
        };
        assert_eq!(written, expected, "{words:?}");
    }
}

#[test]
fn h4_malformed_settings_take_their_candidates_away_and_no_others() {
    let world = World::new();
    world.file("docker/config.json", "{broken");
    world.file("config/regq/config.yaml", "registries: [broken");
    assert_eq!(
        world.answer(&["get", "repositories", ""]),
        "docker.io seen.io:5000 :4"
    );
    world.file("here/queries/old.yaml", "spec: {broken");
    assert_eq!(world.answer(&["run", "old", "-p", ""]), ":36");
    assert_eq!(world.answer(&["run", "ol"]), "old :4");
}

#[test]
fn very_many_repositories_are_shown_by_their_beginnings() {
    let world = World::new();
    let name = |at: usize| format!("team-{}/app-{at}", at % 3).parse().unwrap();
    let noted: Noted = (0..150).map(|at| (name(at), Met::default())).collect();
    let shelf = Shelf::of(&world.settings()).unwrap();
    let now = jiff::Timestamp::now().as_second();
    let host = "many.io".parse().unwrap();
    shelf.remember(&host, &Login::Nobody, noted, now).unwrap();
    let all = world.answer(&["get", "tags", "many.io/"]);
    assert_eq!(all, "many.io/team-0/ many.io/team-1/ many.io/team-2/ :6");
    let some = world.answer(&["get", "tags", "many.io/team-1/app-1"]);
    assert_eq!(some.split(' ').count(), 23, "{some}");
}
