//! The yardstick: what people do with curl and jq, as scripts, run against a real registry.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Instant;

use tempfile::TempDir;

use super::real_registry::{ACCOUNT, Access, PASSWORD, RealRegistry, SERVICE};
use super::tools::Tool;

const IMAGE_SUMMARY: &str = include_str!("recipe/image-summary.sh");
const CREATED: &str = include_str!("recipe/created.sh");

/// What a recipe printed.
pub(crate) struct Summary {
    /// Tag, created, image ID: the newest first.
    pub(crate) rows: Vec<[String; 3]>,
    /// The URLs it asked, in order.
    pub(crate) requests: Vec<String>,
}

/// Asks for all tags of a repository with their times and image IDs; how long it took is said on stderr.
#[allow(
    clippy::print_stderr,
    reason = "the time is for whoever compares it with ours"
)]
pub(crate) fn image_summary(registry: &RealRegistry, repository: &str) -> Summary {
    let folder = kitchen(registry);
    let begun = Instant::now();
    let ran = run(registry, folder.path(), IMAGE_SUMMARY, repository, "");
    let took = begun.elapsed();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    let rows = String::from_utf8(ran.stdout).expect("the recipe prints UTF-8");
    let requests = fs::read_to_string(folder.path().join("requests")).unwrap();
    let summary = Summary {
        rows: rows.lines().map(cells).collect(),
        requests: requests.lines().map(str::to_owned).collect(),
    };
    let (tags, requests) = (summary.rows.len(), summary.requests.len());
    eprintln!("recipe: {tags} tags, {requests} requests, {took:?}");
    summary
}

/// Asks when an image was created, in the oldest way.
///
/// Errors: what curl says when the registry does not rewrite the image.
pub(crate) fn created(
    registry: &RealRegistry,
    repository: &str,
    tag: &str,
) -> Result<String, String> {
    let folder = kitchen(registry);
    let ran = run(registry, folder.path(), CREATED, repository, tag);
    let said = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
    let time = String::from_utf8_lossy(&ran.stdout).trim().to_owned();
    match said.is_empty() {
        true => Ok(time),
        false => Err(said),
    }
}

/// As whom curl asks.
pub(crate) enum As<'a> {
    /// Nobody.
    Nobody,
    /// The account, with its password.
    Account,
    /// The account, with a password that is not its own.
    Stranger,
    /// Whoever a token was given to.
    Bearer(&'a str),
    /// Whoever fills in this form.
    Form(&'a str),
}

/// Asks one URL with curl and gives the status and, after the headers, the body.
pub(crate) fn curl(registry: &RealRegistry, client: As<'_>, url: &str) -> (String, String) {
    let folder = kitchen(registry);
    let curl = Tool::find("curl").expect("the registry was found together with curl");
    let url = match url.starts_with('/') {
        true => registry.base() + url,
        false => url.to_owned(),
    };
    fs::write(folder.path().join("asking"), options(registry, client)).unwrap();
    let accept = "Accept: application/vnd.oci.image.index.v1+json, \
                  application/vnd.oci.image.manifest.v1+json, \
                  application/vnd.docker.distribution.manifest.v2+json";
    let args = ["-qsSi", "-K", "asking", "-w", "\n%{http_code}", "-H"];
    let printed = curl.run(folder.path(), &[&args[..], &[accept, &url]].concat());
    let printed = String::from_utf8(printed).expect("the registry answers in UTF-8");
    let (answer, status) = printed.rsplit_once('\n').expect("the status comes last");
    (status.to_owned(), answer.to_owned())
}

/// curl's options to ask a registry, or its token server, as somebody.
fn options(registry: &RealRegistry, client: As<'_>) -> String {
    let login = match client {
        As::Nobody => String::new(),
        As::Account => format!("user = \"{ACCOUNT}:{PASSWORD}\"\n"),
        As::Stranger => format!("user = \"{ACCOUNT}:guessed\"\n"),
        As::Form(form) => format!("data = \"{form}\"\n"),
        As::Bearer(token) => format!("header = \"Authorization: Bearer {token}\"\n"),
    };
    match registry.access() {
        Access::Password(ca) => format!("{login}cacert = \"{}\"\n", ca.display()),
        Access::Open | Access::Token(_) => login,
    }
}

/// A folder with the files of options that scripts are given.
fn kitchen(registry: &RealRegistry) -> TempDir {
    let folder = TempDir::new().expect("there is room for a folder");
    let client = match registry.access() {
        Access::Password(_) => As::Account,
        Access::Open | Access::Token(_) => As::Nobody,
    };
    let put = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    put("options", options(registry, client));
    put("login", options(registry, As::Account));
    folder
}

fn run(
    registry: &RealRegistry,
    folder: &Path,
    script: &str,
    repository: &str,
    tag: &str,
) -> Output {
    let system = std::env::var_os("PATH").unwrap_or_default();
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(folder);
    // Neither a proxy nor somebody's `.curlrc` may come between.
    command.env_clear().env("PATH", system).env("HOME", folder);
    command.env("BASE", registry.base());
    command.env("REPOSITORY", repository).env("TAG", tag);
    for name in ["options", "login", "requests"] {
        command.env(name.to_uppercase(), folder.join(name));
    }
    if let Access::Token(server) = registry.access() {
        command.env("REALM", server.realm()).env("SERVICE", SERVICE);
    }
    command.output().expect("there is a shell")
}

fn cells(line: &str) -> [String; 3] {
    let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
    cells.try_into().expect("the recipe prints three columns")
}
