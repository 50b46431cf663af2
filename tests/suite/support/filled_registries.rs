//! Real registries with what three years of work leave behind: `staging.example`, where everything is built,
//! `release.example`, which has some of it, not all of it the same, and `nothing.example`.
//!
//! Every report that ships has something to find here, and something that only looks like it: images of all formats, an
//! index with an attestation and one without amd64, times that are none, a chart, a signature, a repository without tags.

use serde_json::json;

use super::attachment::{Attachment, NOTATION, SLSA, SPDX, StandIn, cosign_tag, stand_in_tag};
use super::command::Workplace;
use super::image::{Artifact, Content, Image, Index};
use super::real_registry::RealRegistry;
use super::real_user::set;

/// Where everything is built.
pub(crate) const STAGING: &str = "staging.example";

/// Where some of it is released.
pub(crate) const RELEASE: &str = "release.example";

const SOURCE: &str = "org.opencontainers.image.source";
const REVISION: &str = "org.opencontainers.image.revision";
const AMD64: &str = "linux/amd64";
const ARM64: &str = "linux/arm64";

/// Nobody ever pushed there.
const NOTHING: &str = "nothing.example";

/// Registries by the names under which a user knows them.
pub(crate) struct FilledRegistries([(&'static str, RealRegistry); 3]);

impl FilledRegistries {
    /// Starts and fills them, where a registry is installed.
    pub(crate) fn start() -> Option<Self> {
        let staging = RealRegistry::open_with_schema1()?;
        fill_staging(&staging);
        let release = RealRegistry::open()?;
        fill_release(&release);
        let nothing = RealRegistry::open()?;
        let all = [(STAGING, staging), (RELEASE, release), (NOTHING, nothing)];
        Some(Self(all))
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static str, &RealRegistry)> {
        self.0.iter().map(|(name, registry)| (*name, registry))
    }

    /// A place whose user knows them by names that stay the same, whatever ports they got.
    pub(crate) fn place(&self) -> Workplace {
        let endpoint = |(name, registry): (&str, &RealRegistry)| {
            format!("  {name}: {{endpoint: '{}'}}\n", registry.base())
        };
        let endpoints: String = self.all().map(endpoint).collect();
        set(Workplace::new(), &format!("registries:\n{endpoints}"))
    }
}

fn fill_staging(registry: &RealRegistry) {
    fill_bases(registry);
    fill_api(registry);
    fill_web(registry);
    fill_worker(registry);
    fill_tools(registry);
    attach(registry);
    registry.push("team/chart:0.1.0", chart());
    let gone = on("3.20").layer("COPY gone", 4_000);
    registry.push("team/gone:1", gone);
    registry.untag("team/gone:1");
}

fn fill_release(registry: &RealRegistry) {
    registry.push("library/base:3.20", base("3.20", "2025-01-10T06:00:00Z"));
    let api = api("1.2.0", "3.21", "2026-02-20T09:30:00Z");
    let relabelled = api
        .label(REVISION, "b2")
        .label("org.acme.channel", "release");
    registry.push("team/api:1.2.0", Index::of(everywhere(&relabelled)));
    for tag in ["1.9.0", "2.0.0"] {
        registry.push(&format!("team/web:{tag}"), web(tag));
    }
    registry.push("team/web:2.1.0", web("2.1.0").label(REVISION, "a7"));
    registry.push("team/web:latest", web("2.0.0"));
}

/// An image on a base, which brings one layer.
fn on(base: &str) -> Image {
    let rootfs = format!("ADD rootfs-{base}.tar");
    Image::new().layer(&rootfs, 30_000).stored()
}

/// One image for each of the two platforms that everything is built for.
fn everywhere(image: &Image) -> [Image; 2] {
    [AMD64, ARM64].map(|platform| image.clone().platform(platform))
}

fn base(version: &str, created: &str) -> Index {
    Index::of(everywhere(&on(version).created(created)))
}

fn fill_bases(registry: &RealRegistry) {
    registry.push("library/base:3.20", base("3.20", "2025-01-10T06:00:00Z"));
    registry.push("library/base:3.21", base("3.21", "2026-02-01T06:00:00Z"));
}

fn api(version: &str, base: &str, created: &str) -> Image {
    let copy = format!("COPY api {version}");
    on(base).layer(&copy, 8_000).created(created)
}

/// From Docker's first format to an index with an attestation; root under every name it has.
fn fill_api(registry: &RealRegistry) {
    let push = |tag: &str, content: &dyn Content| {
        registry.push(&format!("team/api:{tag}"), content);
    };
    push(
        "1.0.0",
        &api("1.0.0", "3.20", "2024-01-10T20:03:58Z").docker(),
    );
    registry.push_as_schema1("team/api:1.0.0", "1.0.0-schema1");
    let second = api("1.1.0", "3.20", "2025-03-01T10:00:00Z").user("0:0");
    let second = second.env("PATH", "/bin").env("DB_PASSWORD", "hunter2");
    push(
        "1.1.0",
        &second
            .env("DB_PASSWORD_FILE", "/run/db")
            .label(SOURCE, "git"),
    );
    for tag in ["1.2.0", "1.2", "latest"] {
        push(tag, &newest_api());
    }
    let next = api("1.3.0-rc.1", "3.21", "2026-02-28T16:45:00Z").user("api");
    push(
        "1.3.0-rc.1",
        &next.env("GITHUB_TOKEN", "").label(SOURCE, "git"),
    );
    let signature = format!("sha256-{}.sig", "5".repeat(64));
    push(
        &signature,
        &Artifact("application/vnd.dev.cosign.artifact.sig.v1+json"),
    );
}

fn newest_api() -> Index {
    let image = api("1.2.0", "3.21", "2026-02-20T09:30:00Z").user("10001:10001");
    let image = image.label(SOURCE, "git").label(REVISION, "b1");
    Index::of(everywhere(&image)).attested()
}

fn web(version: &str) -> Image {
    let copy = format!("COPY site {version}");
    let image = on("3.21").layer(&copy, 12_000).user("nginx");
    let image = image.label(SOURCE, "git").label(REVISION, "a6");
    image.created("2026-01-15T12:00:00Z")
}

/// The newest web is signed by cosign and says how it was built; the newest api is signed by notation, and has an SBOM. This
/// registry lists nothing of that: it stands under tags.
fn attach(registry: &RealRegistry) {
    let web = registry.push("team/web:2.2.0", web("2.2.0"));
    let built = Attachment::attested(SLSA, &json!({"buildDefinition": {"buildType": "make"}}));
    for (kind, thing) in [("sig", Attachment::by_cosign()), ("att", built)] {
        let tag = cosign_tag(&web.digest, kind);
        registry.push(&format!("team/web:{tag}"), thing);
    }
    let api = registry.push("team/api:1.2.0", newest_api());
    let things = [Attachment::of(NOTATION), Attachment::of(SPDX)];
    let things = things.map(|thing| thing.to(&api.descriptor));
    let tag = stand_in_tag(&api.digest);
    registry.push(&format!("team/api:{tag}"), StandIn::of(things));
}

/// What release has too: the same, something else under the same tag, or nothing.
fn fill_web(registry: &RealRegistry) {
    for tag in ["2.0.0", "2.1.0", "2.2.0"] {
        registry.push(&format!("team/web:{tag}"), web(tag));
    }
    registry.push("team/web:latest", web("2.2.0"));
}

/// A version each half year, of which an old one is still `stable`.
fn fill_worker(registry: &RealRegistry) {
    let versions = [
        ("v0.8", "2023-03-01T00:00:00Z"),
        ("v0.9", "2023-09-01T00:00:00Z"),
        ("v0.10", "2024-03-01T00:00:00Z"),
        ("v0.11", "2024-09-01T00:00:00Z"),
        ("v0.12", "2025-03-01T00:00:00Z"),
        ("nightly", "2026-03-02T02:00:00Z"),
    ];
    let worker = |tag: &str, created: &str| {
        let copy = format!("COPY worker {tag}");
        on("3.20")
            .layer(&copy, 20_000)
            .user("worker")
            .created(created)
    };
    for (tag, created) in versions {
        registry.push(&format!("team/worker:{tag}"), worker(tag, created));
    }
    let (tag, created) = versions[1];
    registry.push("team/worker:stable", worker(tag, created));
}

/// No amd64, no time, a time that only means "the same bytes every time".
fn fill_tools(registry: &RealRegistry) {
    let tool = |tag: &str| {
        let copy = format!("COPY tool {tag}");
        Image::new().layer(&copy, 5_000).user("tool").stored()
    };
    let second = tool("2.0.0").created("2025-06-01T08:00:00Z");
    let second = [ARM64, "linux/arm/v7"].map(|platform| second.clone().platform(platform));
    registry.push("team/tools/cli:2.0.0", Index::of(second));
    registry.push("team/tools/cli:edge", tool("edge"));
    let reproducible = tool("repro").created("1970-01-01T00:00:00Z");
    registry.push("team/tools/cli:repro", reproducible);
}

fn chart() -> Artifact {
    Artifact("application/vnd.cncf.helm.config.v1+json")
}
