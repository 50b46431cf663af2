//! A real registry: Debian's `docker-registry`, on a port of loopback and a folder of its own, gone when dropped.
//!
//! Three ways to get in are those that people run it with: open over plain HTTP; a password over TLS; a token that
//! another server gives. What only one of them needs is in a file of its own below.

mod base64;
mod certificate;
mod process;
mod push;
mod tokens;

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::image::Content;
use super::tools::Tool;
use certificate::Ca;
use process::Process;
pub(crate) use push::Pushed;
use push::Pusher;
pub(crate) use tokens::{Client, REFRESH_TOKEN, SERVICE, TokenRequest, TokenServer};

/// The account that every registry with a login knows.
pub(crate) const ACCOUNT: &str = "bob";

/// Its password: with the characters that splitting and decoding stumble over.
pub(crate) const PASSWORD: &str = "hunter2: 100%41";

/// How one gets into a registry.
pub(crate) enum Access {
    /// Plain HTTP, no login.
    Open,
    /// TLS by the authority in this file, which is alone in its folder, and the account's password with each request.
    Password(PathBuf),
    /// Plain HTTP, and a token of this server.
    Token(TokenServer),
}

/// A registry that runs.
pub(crate) struct RealRegistry {
    // Ended before its folder goes.
    process: Process,
    access: Access,
    pusher: Pusher,
    folder: TempDir,
}

impl RealRegistry {
    /// One that lets everybody in, over plain HTTP.
    pub(crate) fn open() -> Option<Self> {
        let registry = tool()?;
        let folder = new_folder();
        Some(Self::start(&registry, folder, "", Access::Open, |base| {
            Pusher::anonymous(base)
        }))
    }

    /// One that asks for the account's password, over TLS.
    pub(crate) fn with_password() -> Option<Self> {
        let registry = tool()?;
        let htpasswd = Tool::find("htpasswd")?;
        let folder = new_folder();
        let path = folder.path();
        // The least rounds of bcrypt: it is paid again on each request.
        let users = htpasswd.run(path, &["-nbBC", "4", ACCOUNT, PASSWORD]);
        fs::write(path.join("htpasswd"), users).unwrap();
        let ca = Ca::new();
        ca.write_to(path);
        let more = format!(
            "  tls: {{certificate: {0}/server.pem, key: {0}/server.key}}\n\
             auth: {{htpasswd: {{realm: acme, path: {0}/htpasswd}}}}\n",
            path.display()
        );
        let access = Access::Password(path.join("authority/ca.crt"));
        Some(Self::start(&registry, folder, &more, access, |base| {
            Pusher::with_password(base, &ca)
        }))
    }

    /// One that asks for a token, which another server gives: to the account for everything, to everybody for what
    /// is under `public/`.
    pub(crate) fn with_token() -> Option<Self> {
        let registry = tool()?;
        let openssl = Tool::find("openssl")?;
        let folder = new_folder();
        let server = TokenServer::start(openssl, folder.path());
        let more = format!(
            "auth: {{token: {{realm: '{}', service: {}, issuer: {}, rootcertbundle: {}}}}}\n",
            server.realm(),
            tokens::SERVICE,
            tokens::ISSUER,
            server.certificate().display(),
        );
        let token = server.token_to_push();
        Some(Self::start(
            &registry,
            folder,
            &more,
            Access::Token(server),
            |base| Pusher::with_token(base, &token),
        ))
    }

    fn start(
        registry: &Tool,
        folder: TempDir,
        more: &str,
        access: Access,
        pusher: impl FnOnce(String) -> Pusher,
    ) -> Self {
        let config = folder.path().join("config.yml");
        fs::write(&config, settings(folder.path(), more)).unwrap();
        let process = Process::start(registry, &config);
        let pusher = pusher(base(process.host(), &access));
        Self {
            process,
            access,
            pusher,
            folder,
        }
    }

    /// Its name: `127.0.0.1:PORT`.
    pub(crate) fn host(&self) -> &str {
        self.process.host()
    }

    /// What all its URLs begin with.
    pub(crate) fn base(&self) -> String {
        base(self.host(), &self.access)
    }

    /// How one gets in.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// Pushes something as `REPOSITORY:TAG`, with all that it needs.
    pub(crate) fn push(&self, name: &str, content: impl Content) -> Pushed {
        self.pusher.push(name, &content)
    }

    /// Where it keeps all it holds, as its own storage driver lays it out (distribution, registry/storage/paths.go).
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("storage/docker/registry/v2")
    }

    /// Takes the tag of `REPOSITORY:TAG` away and leaves what it points to. Over its API this version only deletes what
    /// tags point to; its storage is plain files.
    pub(crate) fn untag(&self, name: &str) {
        let (repository, tag) = name.split_once(':').expect("a test names a tag");
        let tags = format!("repositories/{repository}/_manifests/tags/{tag}");
        fs::remove_dir_all(self.data().join(tags)).expect("the tag is there");
    }

    /// Stores an image of Docker's second format also in its first, under another tag of the same repository. The
    /// registry itself rewrites and signs it. Gives the ID that it then says.
    pub(crate) fn push_as_schema1(&self, name: &str, tag: &str) -> String {
        self.pusher.push_as_schema1(name, tag)
    }
}

/// Finds the registry, and the tools that the recipes ask it with: without them there is nothing to compare.
fn tool() -> Option<Tool> {
    Tool::find("curl")?;
    Tool::find("jq")?;
    Tool::find("docker-registry")
}

fn new_folder() -> TempDir {
    TempDir::new().expect("there is room for a folder")
}

fn base(host: &str, access: &Access) -> String {
    let scheme = match access {
        Access::Password(_) => "https",
        Access::Open | Access::Token(_) => "http",
    };
    format!("{scheme}://{host}")
}

/// The registry's config; `more` goes on within `http`. On port 0 the system chooses one that is free, and the
/// registry says which: no two tests can ever choose the same.
fn settings(folder: &Path, more: &str) -> String {
    let folder = folder.display();
    format!(
        "version: 0.1\n\
         log: {{level: info, accesslog: {{disabled: true}}}}\n\
         storage: {{filesystem: {{rootdirectory: {folder}/storage}}}}\n\
         compatibility: {{schema1: {{enabled: true}}}}\n\
         http:\n  addr: 127.0.0.1:0\n  secret: of this test\n{more}"
    )
}
