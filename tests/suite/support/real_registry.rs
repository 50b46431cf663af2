//! A real registry: Debian's `docker-registry`, or another one that is named, on a port of loopback and a folder of its own, gone when dropped.
//!
//! Three ways to get in are those that people run it with: open over plain HTTP; a password over TLS; a token that
//! another server gives. What only one of them needs is in a file of its own below.

mod base64;
mod certificate;
mod process;
mod push;
mod server;
mod tokens;

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::image::Content;
use super::tools::Tool;
use certificate::Ca;
use process::Process;
pub(crate) use push::Pushed;
use push::Pusher;
use server::{Entry, Server};
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
    server: Server,
    access: Access,
    pusher: Pusher,
    folder: TempDir,
}

impl RealRegistry {
    /// One that lets everybody in, over plain HTTP.
    pub(crate) fn open() -> Option<Self> {
        let server = Server::find()?;
        Some(Self::start(server, new_folder(), Access::Open, |base| {
            Pusher::anonymous(base)
        }))
    }

    /// Likewise, and it bears images in Docker's first format.
    pub(crate) fn open_with_schema1() -> Option<Self> {
        let registry = Self::open()?;
        if !registry.has_schema1() {
            server::without("images in Docker's first format");
            return None;
        }
        Some(registry)
    }

    /// Likewise, and it lists nothing of what is attached to a manifest.
    pub(crate) fn open_without_referrers() -> Option<Self> {
        let registry = Self::open()?;
        if registry.server.lists_referrers() {
            server::without("want of a list of what is attached");
            return None;
        }
        Some(registry)
    }

    /// Likewise, and it lists many tags in pages.
    pub(crate) fn open_with_pages_of_tags() -> Option<Self> {
        let registry = Self::open()?;
        if !registry.server.pages_tags() {
            server::without("pages in its lists of tags");
            return None;
        }
        Some(registry)
    }

    /// One that asks for the account's password, over TLS.
    pub(crate) fn with_password() -> Option<Self> {
        let server = Server::find()?;
        let htpasswd = Tool::find("htpasswd")?;
        let folder = new_folder();
        let path = folder.path();
        // The least rounds of bcrypt: it is paid again on each request.
        let users = htpasswd.run(path, &["-nbBC", "4", ACCOUNT, PASSWORD]);
        fs::write(path.join("htpasswd"), users).unwrap();
        let ca = Ca::new();
        ca.write_to(path);
        let access = Access::Password(path.join("authority/ca.crt"));
        Some(Self::start(server, folder, access, |base| {
            Pusher::with_password(base, &ca)
        }))
    }

    /// One that asks for a token, which another server gives: to the account for everything, to everybody for what
    /// is under `public/`.
    pub(crate) fn with_token() -> Option<Self> {
        let server = Server::find()?;
        let openssl = Tool::find("openssl")?;
        if !server.has_tokens() {
            server::without("login by token that the tests know");
            return None;
        }
        let folder = new_folder();
        let tokens = TokenServer::start(openssl, folder.path());
        let token = tokens.token_to_push();
        Some(Self::start(server, folder, Access::Token(tokens), |base| {
            Pusher::with_token(base, &token)
        }))
    }

    fn start(
        server: Server,
        folder: TempDir,
        access: Access,
        pusher: impl FnOnce(String) -> Pusher,
    ) -> Self {
        let entry = match &access {
            Access::Open => Entry::Open,
            Access::Password(_) => Entry::Password,
            Access::Token(tokens) => Entry::Token(tokens),
        };
        let process = Process::start(&mut server.command(folder.path(), &entry));
        let pusher = pusher(base(process.host(), &access));
        Self {
            process,
            server,
            access,
            pusher,
            folder,
        }
    }

    /// Tells whether it takes and gives images in Docker's first format.
    pub(crate) fn has_schema1(&self) -> bool {
        self.server.has_schema1()
    }

    /// Whose way of listing it has, where its name does not tell.
    pub(crate) fn dialect(&self) -> Option<&'static str> {
        self.server.dialect()
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

    /// Pushes something as `REPOSITORY:TAG`, and has more tags point to it.
    pub(crate) fn push_under(&self, name: &str, tags: &[String], content: impl Content) {
        self.pusher.push_under(name, tags, &content);
    }

    /// Where distribution keeps all it holds, as its own storage driver lays it out (registry/storage/paths.go).
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
