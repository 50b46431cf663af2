//! Dialects: how one vendor departs from the distribution specification, or adds to it. One file for each.
//!
//! A dialect says which hosts it claims, what it can list, and gives only those listings that differ: every hook has the
//! specification's behaviour as default. It is chosen by the host's name, or by the user's settings, and no request is
//! needed for that. Whoever plans and runs a query knows nothing of vendors but [`Capabilities`].
//!
//! A detail is told only where the vendor means exactly what the field of that name means (design §4): what says
//! something else by the same word stays in the vendor's own document, under `vendor`.

mod amazon;
mod artifactory;
mod azure;
mod bulk;
mod bulk_tags;
pub(super) mod docker_hub;
mod gitea;
mod github;
mod gitlab;
mod google;
mod harbor;
mod joined;
mod keyed;
mod namespaced;
mod nexus;
mod pages;
mod quay;
mod zot;

use std::fmt;
use std::str::FromStr;

use url::Url;

use super::remote::{ApiRules, Door, Remote, TagPages};
use super::trust::Consent;
use super::{
    Answer, Capabilities, Detail, Details, ManifestEntry, Pages, RegistryError, RepositoryEntry,
    TagEntry, Told,
};
use crate::oci::{RegistryHost, Repository, Tag};

/// A vendor's way of listing.
pub(super) trait Dialect: Send + Sync {
    /// The word for it in the user's settings.
    fn name(&self) -> &'static str;

    /// Other words for it, of the same kin.
    fn other_names(&self) -> &'static [&'static str] {
        &[]
    }

    /// What people call it.
    fn title(&self) -> &'static str;

    /// Tells whether a host is the vendor's, by its name alone.
    fn claims(&self, host: &RegistryHost) -> bool {
        let _ = host;
        false
    }

    /// The names of one registry that has several: the one that stands for them first, the one that answers last.
    fn names(&self) -> &'static [&'static str] {
        &[]
    }

    /// Its API, if its listings need one beside the registry.
    fn api(&self) -> Option<ApiRules> {
        None
    }

    /// How to find out whether its own listings let in whoever logged in; `repository` is the one that somebody asks about.
    /// By default nobody knows before one is asked.
    fn trial<'a>(&self, repository: Option<&'a Repository>) -> Option<Trial<'a>> {
        let _ = repository;
        None
    }

    /// What it can list, in what order, and what the listings bring along.
    fn capabilities(&self) -> Capabilities {
        Capabilities::DISTRIBUTION
    }

    /// The same for those without a login.
    fn capabilities_for_nobody(&self) -> Capabilities {
        self.capabilities()
    }

    /// How the tags of a repository are asked for where nothing else is wanted of them.
    fn tag_pages(&self) -> TagPages {
        TagPages::Sized
    }

    /// Lists repositories, as [`Registry::repositories`](super::Registry::repositories) does.
    fn repositories<'a>(
        &self,
        remote: &'a Remote,
        below: Option<&str>,
        wanted: Details,
    ) -> Box<dyn Pages<RepositoryEntry> + 'a> {
        let _ = (below, wanted);
        remote.catalog()
    }

    /// Lists the tags of a repository, as [`Registry::tags`](super::Registry::tags) does.
    fn tags<'a>(
        &self,
        remote: &'a Remote,
        repository: &Repository,
        wanted: Details,
    ) -> Box<dyn Pages<TagEntry> + 'a> {
        let _ = wanted;
        remote.tag_names(repository)
    }

    /// Lists the manifests of a repository, as [`Registry::manifests`](super::Registry::manifests) does. Whoever says
    /// in its capabilities that it can has this.
    fn manifests<'a>(
        &self,
        remote: &'a Remote,
        repository: &Repository,
        wanted: Details,
    ) -> Box<dyn Pages<ManifestEntry> + 'a> {
        let _ = (remote, repository, wanted);
        let login = false;
        Box::new(pages::NoPages::because(RegistryError::NoManifests {
            login,
        }))
    }

    /// Tells of one repository, as [`Registry::repository`](super::Registry::repository) does.
    fn repository<'a>(
        &'a self,
        remote: &'a Remote,
        repository: &'a Repository,
    ) -> Answer<'a, Told> {
        let wanted = self.capabilities().offered();
        let below = repository.namespace();
        let pages = self.repositories(remote, below, wanted);
        Box::pin(pages::find(pages, move |entry: RepositoryEntry| {
            (entry.repository == *repository).then_some(entry.told)
        }))
    }

    /// Tells of one tag, as [`Registry::tag`](super::Registry::tag) does: what the listing has, whose pages are read
    /// once for all tags.
    fn tag<'a>(
        &'a self,
        remote: &'a Remote,
        repository: &'a Repository,
        tag: &'a Tag,
    ) -> Answer<'a, Told> {
        let wanted = self.capabilities().offered();
        let pages = self.tags(remote, repository, wanted);
        Box::pin(pages::find(pages, move |entry: TagEntry| {
            (entry.tag == *tag).then_some(entry.told)
        }))
    }
}

/// What shows whether a vendor's own listings let somebody in.
pub(super) enum Trial<'a> {
    /// That the API gives a token for the login.
    Token,
    /// A GET of this path, with its query, below the base of what is behind the door.
    Get(Door<'a>, String),
    /// A GET at the API, at the address that is made of its base.
    At(fn(&Url) -> Url),
}

/// The specification's own.
struct Oci;

impl Dialect for Oci {
    fn name(&self) -> &'static str {
        "oci"
    }

    fn title(&self) -> &'static str {
        "the distribution specification"
    }
}

/// All of them. The first that claims a host is taken, and the specification's own claims none.
static DIALECTS: [&dyn Dialect; 15] = [
    &docker_hub::DockerHub,
    &github::GitHub,
    &gitlab::GitLab,
    &azure::Azure,
    &google::Google::ArtifactRegistry,
    &google::Google::ContainerRegistry,
    &amazon::Amazon::Private,
    &amazon::Amazon::Public,
    &quay::Quay,
    &harbor::Harbor,
    &gitea::Gitea,
    &artifactory::Artifactory,
    &nexus::Nexus,
    &zot::Zot,
    &Oci,
];

/// The specification's own.
pub(super) fn standard() -> &'static dyn Dialect {
    &Oci
}

/// The dialect of a host: the one that the user says, else the one that claims it, else the specification's.
pub(super) fn choose(host: &RegistryHost, consent: &Consent) -> &'static dyn Dialect {
    let said = consent.dialect.map(|name| name.0);
    let claims = || DIALECTS.into_iter().find(|dialect| dialect.claims(host));
    let found = match said {
        Some(said) => DIALECTS.into_iter().find(|dialect| dialect.name() == said),
        None => claims(),
    };
    found.unwrap_or_else(standard)
}

/// The name that stands for a host: another one only where a registry has several.
pub(super) fn one_name(host: RegistryHost) -> RegistryHost {
    match names(&host) {
        [first, ..] => first.parse().expect("a dialect's names are hosts"),
        [] => host,
    }
}

/// The host that answers in place of this one, if another does.
pub(super) fn service(host: &RegistryHost) -> Option<&'static str> {
    names(host).last().copied()
}

/// Tells whether a host lies below a domain, at the port that everybody knows.
fn is_below(host: &RegistryHost, domain: &str) -> bool {
    let below = host.host().strip_suffix(domain);
    host.port().is_none() && below.is_some_and(|below| below.len() > 1 && below.ends_with('.'))
}

fn names(host: &RegistryHost) -> &'static [&'static str] {
    let has = |names: &&[&'static str]| host.port().is_none() && names.contains(&host.host());
    let mut all = DIALECTS.into_iter().map(Dialect::names);
    all.find(has).unwrap_or_default()
}

/// A dialect, by the word for it in the user's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DialectName(&'static str);

/// A word that names no dialect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown dialect `{0}`")]
pub struct UnknownDialect(pub String);

impl DialectName {
    /// All there are.
    pub fn all() -> impl Iterator<Item = Self> {
        DIALECTS.into_iter().map(|dialect| Self(dialect.name()))
    }

    /// The one that a host has by its name; none where it is a registry like any other.
    pub fn of(host: &RegistryHost) -> Option<Self> {
        let claims = DIALECTS.into_iter().find(|dialect| dialect.claims(host))?;
        Some(Self(claims.name()))
    }

    /// Tells whether it has an API that can be somewhere.
    pub fn has_api(self) -> bool {
        self.dialect().api().is_some()
    }

    /// Tells whether nobody knows where a host has its API, unless the user says it.
    pub fn needs_address(self, host: &RegistryHost) -> bool {
        let is_elsewhere = |rules: ApiRules| rules.base.is_some();
        self.dialect().api().is_some_and(is_elsewhere) && !self.dialect().claims(host)
    }

    fn dialect(self) -> &'static dyn Dialect {
        let own = |dialect: &&dyn Dialect| dialect.name() == self.0;
        let own = DIALECTS.into_iter().find(own);
        own.unwrap_or_else(standard)
    }

    /// The word.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

/// The vendors that tell a fact of this name of repositories and tags.
pub fn told_by(fact: &str) -> Vec<&'static str> {
    telling(fact, |can| can.offered())
}

/// The vendors that tell a fact of this name of manifests.
pub fn told_of_manifests_by(fact: &str) -> Vec<&'static str> {
    telling(fact, |can| can.of_manifests().offered())
}

fn telling(fact: &str, offered: impl Fn(Capabilities) -> Details) -> Vec<&'static str> {
    let Some(detail) = Detail::named(fact) else {
        return Vec::new();
    };
    let tells = |dialect: &&dyn Dialect| offered(dialect.capabilities()).contains(detail);
    let vendors = DIALECTS.into_iter().filter(tells);
    vendors.map(Dialect::title).collect()
}

impl FromStr for DialectName {
    type Err = UnknownDialect;

    fn from_str(text: &str) -> Result<Self, UnknownDialect> {
        let is_meant = |dialect: &&dyn Dialect| {
            dialect.name() == text || dialect.other_names().contains(&text)
        };
        let found = DIALECTS.into_iter().find(is_meant);
        let unknown = || UnknownDialect(text.to_owned());
        found.map(|found| Self(found.name())).ok_or_else(unknown)
    }
}

impl fmt::Display for DialectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::RepositoryListing;

    fn chosen(host: &str, dialect: Option<&str>) -> &'static str {
        let consent = Consent {
            dialect: dialect.map(|name| name.parse().unwrap()),
            ..Consent::default()
        };
        choose(&host.parse().unwrap(), &consent).name()
    }

    #[test]
    fn a_dialect_is_chosen_by_the_hosts_name_or_by_the_user() {
        for (host, own) in [
            ("docker.io", "docker-hub"),
            ("INDEX.docker.io", "docker-hub"),
            ("registry-1.docker.io", "docker-hub"),
            ("docker.io:5000", "oci"),
            ("hub.docker.com", "oci"),
            ("evil-docker.io", "oci"),
            ("docker.io.evil.net", "oci"),
            ("ghcr.io", "github"),
            ("a.ghcr.io", "oci"),
            ("registry.gitlab.com", "gitlab"),
            ("registry.gitlab.com:5050", "oci"),
            ("gitlab.com", "oci"),
            ("localhost:5000", "oci"),
            ("acme.azurecr.io", "acr"),
            ("acme.azurecr.cn", "acr"),
            ("azurecr.io", "oci"),
            ("acme.azurecr.io.evil.net", "oci"),
            ("europe-west1-docker.pkg.dev", "artifact-registry"),
            ("gcr.io", "gcr"),
            ("EU.gcr.io", "gcr"),
            ("eu.gcr.io:5000", "oci"),
            ("evil-gcr.io", "oci"),
            ("pkg.dev", "oci"),
            ("quay.io", "quay"),
            ("quay.io:8443", "oci"),
            ("cdn.quay.io", "oci"),
            ("harbor.acme.dev", "oci"),
            ("codeberg.org", "gitea"),
            ("gitea.com", "gitea"),
            ("codeberg.org:5000", "oci"),
            ("evil.codeberg.org", "oci"),
            ("acme.jfrog.io", "artifactory"),
            ("jfrog.io", "oci"),
            ("acme.jfrog.io.evil.net", "oci"),
            ("docker.pkg.dev.evil.net", "oci"),
            ("123456789012.dkr.ecr.eu-central-1.amazonaws.com", "ecr"),
            ("123456789012.dkr-ecr.eu-central-1.on.aws", "ecr"),
            (
                "123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.net",
                "oci",
            ),
            ("public.ecr.aws", "ecr-public"),
            ("ecr-public.aws.com", "ecr-public"),
        ] {
            assert_eq!(chosen(host, None), own, "{host}");
            for name in DialectName::all() {
                assert_eq!(chosen(host, Some(name.as_str())), name.as_str(), "{host}");
            }
        }
    }

    #[test]
    fn every_dialect_has_a_word_of_its_own_and_says_what_it_can() {
        let mut names: Vec<&str> = DIALECTS.iter().map(|dialect| dialect.name()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for dialect in DIALECTS {
            let Capabilities {
                repositories, bulk, ..
            } = dialect.capabilities();
            let tells_of_repositories = !bulk.both(Details::OF_REPOSITORIES).is_empty();
            let lists = repositories != RepositoryListing::Not;
            assert!(lists || !tells_of_repositories, "{}", dialect.name());
            for name in dialect.names() {
                assert!(dialect.claims(&name.parse().unwrap()), "{name}");
            }
        }
    }

    #[test]
    fn kin_go_by_one_dialect() {
        let forgejo: DialectName = "forgejo".parse().unwrap();
        assert_eq!(forgejo.as_str(), "gitea");
        assert_eq!(DialectName::all().count(), DIALECTS.len());
    }

    #[test]
    fn a_registry_of_several_names_is_asked_at_one() {
        let asked = |host: &str| service(&host.parse().unwrap());
        for name in crate::registry::hub::NAMES {
            assert_eq!(asked(name), Some("registry-1.docker.io"));
        }
        assert_eq!(asked("docker.io:443"), None);
        assert_eq!(asked("ghcr.io"), None);
    }
}
