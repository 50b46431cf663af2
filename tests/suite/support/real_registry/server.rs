//! Which registry is run: Debian's `docker-registry`, or by hand another one, and how each is told what to do.
//!
//! `REGQ_REAL_REGISTRY` names another one, as `distribution3=/path/of/registry` or `zot=/path/of/zot`; `.ci/registries`
//! gets them and runs the tests on each.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::Tool;
use super::tokens::{self, TokenServer};
use crate::suite::support::tools::skipped;

/// A registry that can be started.
pub(super) struct Server {
    kind: Kind,
    program: Tool,
}

/// Whose registry it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// distribution 2.8, as Debian packages it.
    Distribution2,
    /// distribution 3.
    Distribution3,
    /// zot.
    Zot,
}

/// How one is to get in.
pub(super) enum Entry<'a> {
    /// Plain HTTP, no login.
    Open,
    /// TLS and a password, with what is in the registry's folder.
    Password,
    /// A token of this server.
    Token(&'a TokenServer),
}

impl Server {
    /// Finds it, and the tools that the recipes ask it with: without them there is nothing to compare.
    pub(super) fn find() -> Option<Self> {
        Tool::find("curl")?;
        Tool::find("jq")?;
        let (kind, program) = match env::var("REGQ_REAL_REGISTRY") {
            Err(_) => (Kind::Distribution2, Tool::find("docker-registry")?),
            Ok(named) => named_by(&named),
        };
        Some(Self { kind, program })
    }

    /// The word of our settings for its way of listing, where it has one.
    pub(super) fn dialect(&self) -> Option<&'static str> {
        (self.kind == Kind::Zot).then_some("zot")
    }

    /// Tells whether it takes and gives images in Docker's first format.
    pub(super) fn has_schema1(&self) -> bool {
        self.kind == Kind::Distribution2
    }

    /// Tells whether the tests know how its login by token is told.
    pub(super) fn has_tokens(&self) -> bool {
        self.kind != Kind::Zot
    }

    /// Tells whether it lists many tags in pages.
    pub(super) fn pages_tags(&self) -> bool {
        self.kind != Kind::Distribution2
    }

    /// Tells whether it lists what is attached to a manifest.
    pub(super) fn lists_referrers(&self) -> bool {
        self.kind == Kind::Zot
    }

    /// The command that runs it in a folder, with the config written there.
    pub(super) fn command(&self, folder: &Path, entry: &Entry<'_>) -> Command {
        let config = match self.kind {
            Kind::Zot => ("config.json", zot(folder, entry).to_string()),
            Kind::Distribution2 | Kind::Distribution3 => {
                ("config.yml", self.distribution(folder, entry))
            }
        };
        let path = folder.join(config.0);
        fs::write(&path, config.1).unwrap();
        let mut command = self.program.command();
        // Variables of the environment would overrule the config.
        command.arg("serve").arg(path).env_clear();
        command
    }

    /// On port 0 the system chooses one that is free, and the registry says which: no two tests can ever choose the same.
    fn distribution(&self, folder: &Path, entry: &Entry<'_>) -> String {
        let folder = folder.display();
        let old = match self.has_schema1() {
            true => "compatibility: {schema1: {enabled: true}}\n",
            false => "",
        };
        let auth = match entry {
            Entry::Open => String::new(),
            Entry::Password => format!(
                "  tls: {{certificate: {folder}/server.pem, key: {folder}/server.key}}\n\
                 auth: {{htpasswd: {{realm: acme, path: {folder}/htpasswd}}}}\n"
            ),
            Entry::Token(server) => format!(
                "auth: {{token: {{realm: '{}', service: {}, issuer: {}, rootcertbundle: {}}}}}\n",
                server.realm(),
                tokens::SERVICE,
                tokens::ISSUER,
                server.certificate().display(),
            ),
        };
        format!(
            "version: 0.1\n\
             log: {{level: info, accesslog: {{disabled: true}}}}\n\
             storage: {{filesystem: {{rootdirectory: {folder}/storage}}}}\n\
             {old}\
             http:\n  addr: 127.0.0.1:0\n  secret: of this test\n{auth}"
        )
    }
}

fn zot(folder: &Path, entry: &Entry<'_>) -> Value {
    let file = |name: &str| folder.join(name).display().to_string();
    let mut http = json!({"address": "127.0.0.1", "port": "0", "compat": ["docker2s2"]});
    if let Entry::Password = entry {
        http["tls"] = json!({"cert": file("server.pem"), "key": file("server.key")});
        http["auth"] = json!({"htpasswd": {"path": file("htpasswd")}});
    }
    json!({
        "distSpecVersion": "1.1.1", "storage": {"rootDirectory": file("storage"), "gc": false},
        "http": http, "log": {"level": "info"}, "extensions": {"search": {"enable": true}}
    })
}

/// The registry that somebody names. What cannot be run is no reason to skip: it was asked for.
fn named_by(named: &str) -> (Kind, Tool) {
    let (kind, path) = named.split_once('=').unwrap_or((named, ""));
    let kind = match kind {
        "distribution3" => Kind::Distribution3,
        "zot" => Kind::Zot,
        _ => panic!("REGQ_REAL_REGISTRY is `distribution3=PATH` or `zot=PATH`, not `{named}`"),
    };
    let program = Tool::at(path);
    (
        kind,
        program.unwrap_or_else(|| panic!("`{path}` cannot be run")),
    )
}

/// The address in a line of a log: as distribution says it, or as zot does.
pub(super) fn listening(line: &str) -> Option<String> {
    if let Some((_, address)) = line.split_once("msg=\"listening on ") {
        let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == ':';
        let end = address.find(|c| !is_part(c)).unwrap_or(address.len());
        return Some(address[..end].to_owned());
    }
    let said: Value = serde_json::from_str(line).ok()?;
    let is_it = said["message"] == "port is unspecified, listening on kernel chosen port";
    let port = said["port"].as_u64().filter(|_| is_it)?;
    Some(format!("127.0.0.1:{port}"))
}

/// Says that a registry other than Debian's has no such thing, so that its test has nothing to show.
pub(super) fn without(what: &str) {
    skipped(&format!("this registry has no {what}"));
}

#[test]
fn the_address_is_read_out_of_either_log() {
    for (line, address) in [
        (
            "time=\"2026-01-01T00:00:00Z\" level=info msg=\"listening on 127.0.0.1:4321\" go.version=go1.26",
            Some("127.0.0.1:4321"),
        ),
        (
            "{\"level\":\"info\",\"port\":4321,\"address\":\"127.0.0.1\",\"message\":\"port is unspecified, listening on kernel chosen port\"}",
            Some("127.0.0.1:4321"),
        ),
        (
            "{\"level\":\"info\",\"port\":0,\"message\":\"configuration settings\"}",
            None,
        ),
        ("Note: garbage collection is disabled", None),
    ] {
        assert_eq!(listening(line).as_deref(), address, "{line}");
    }
}
