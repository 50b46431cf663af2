//! Registries, repositories and tags: those that the settings name, and those that runs have met.

use std::path::Path;

use jiff::Timestamp;

use super::answer::{Answer, Candidate};
use super::files;
use crate::cli::seen::{Login, Page, Shelf, TagsOf};
use crate::cli::settings::Settings;
use crate::cli::user;
use crate::fields::Resource;
use crate::oci::{RegistryHost, Repository, Tag};
use crate::query::{CommandTarget, DISK};
use crate::registry::{Keychain, is_hub};
use crate::version::natural_key;

/// So many repositories are shown one by one; of more, the parts that their names begin with.
const ONE_BY_ONE: usize = 100;
/// How images call Docker Hub.
const HUB: &str = "docker.io";
/// Where Docker Hub has the images that are named without an account.
const LIBRARY: &str = "library/";

/// What is known of registries without asking anybody.
pub(super) struct Known<'a> {
    settings: &'a Settings,
    keychain: Keychain,
    shelf: Option<Shelf>,
    now: i64,
}

impl<'a> Known<'a> {
    /// Reads what there is. What is malformed is told when something is asked.
    pub(super) fn of(settings: &'a Settings) -> Self {
        Self {
            settings,
            keychain: Keychain::load(&settings.credentials).unwrap_or_default(),
            shelf: Shelf::of(settings),
            now: Timestamp::now().as_second(),
        }
    }

    /// Where the user stands.
    pub(super) fn here(&self) -> &'a Path {
        &self.settings.here
    }

    /// Registries, as `--registry` names them.
    pub(super) fn registries(&self, typed: &str) -> Answer {
        if let Some(on_disk) = self.on_disk(typed) {
            return on_disk;
        }
        let hosts = self.hosts().into_iter();
        let hosts = hosts.map(|(host, about)| Candidate::new(host.to_string()).about(about));
        Answer::of(hosts.chain(schemes(typed))).starting(typed)
    }

    /// Hosts, as flags name them that are about one.
    pub(super) fn bare_hosts(&self, typed: &str) -> Answer {
        let hosts = self.hosts().into_iter();
        Answer::of(hosts.map(|(host, about)| Candidate::new(host.to_string()).about(about)))
            .starting(typed)
    }

    /// What `auth` is asked about: registries, and behind a slash repositories.
    pub(super) fn logins(&self, typed: &str) -> Answer {
        match typed.split_once('/') {
            Some((host, begin)) => self.of_host(host, begin),
            None => self.bare_hosts(typed),
        }
    }

    /// What `get` is asked of, in as many steps as it has parts.
    pub(super) fn targets(&self, typed: &str, resource: Option<Resource>) -> Answer {
        if let Some(on_disk) = self.on_disk(typed) {
            return on_disk;
        }
        let (first, rest) = typed.split_once('/').unwrap_or((typed, ""));
        let is_host = RegistryHost::is_host(first) && first.parse::<RegistryHost>().is_ok();
        if typed.contains('/') && (is_host || self.is_known(first)) {
            return self.parts(first, rest);
        }
        let is_whole = resource == Some(Resource::Repositories);
        let host = |(host, about): (RegistryHost, &str)| {
            let name = host.to_string();
            let parsed = CommandTarget::parse(&name);
            // Without a slash some are names of Docker Hub.
            let is_target = parsed.is_ok_and(|target| target.registry == name);
            let candidate = match is_whole && is_target {
                true => Candidate::new(name),
                false => Candidate::new(format!("{name}/")).open_if(!is_whole),
            };
            candidate.about(about)
        };
        let hosts = Answer::of(self.hosts().into_iter().map(host).chain(schemes(typed)));
        let hosts = hosts.starting(typed);
        match is_whole {
            true => hosts,
            false => hosts.and(self.short(typed)),
        }
    }

    /// What `api` asks: the paths that distribution-spec has for what a registry is known to hold.
    pub(super) fn paths(&self, typed: &str) -> Answer {
        let Some((host, path)) = typed.split_once('/') else {
            let hosts = self.hosts().into_iter();
            let open = |(host, about)| Candidate::new(format!("{host}/")).about(about).open();
            return Answer::of(hosts.map(open)).starting(typed);
        };
        let before = format!("{host}/");
        let (version, begin) = match path.strip_prefix("v2/") {
            Some(rest) => ("v2/", rest),
            None => ("", path),
        };
        let mut paths = vec![Candidate::new("_catalog").about("its repositories")];
        let named = begin.split_once("/manifests/").map(|(name, _)| name);
        let wanted = named.map_or(TagsOf::Nothing, TagsOf::Only);
        for (name, tags) in self.repositories(host, wanted) {
            let list = format!("{name}/tags/list");
            let manifests = format!("{name}/manifests/");
            if begin.starts_with(&manifests) {
                let tag = |tag: Tag| Candidate::new(format!("{manifests}{tag}"));
                paths.extend(newest_first(tags).into_iter().map(tag));
            } else if format!("{name}/").starts_with(begin)
                || list.starts_with(begin)
                || manifests.starts_with(begin)
            {
                paths.push(Candidate::new(list).about("its tags"));
                paths.push(
                    Candidate::new(manifests)
                        .about("what a tag points to")
                        .open(),
                );
            }
        }
        Answer::of(paths)
            .starting(begin)
            .behind(version)
            .behind(&before)
    }

    /// Repositories of these registries, which may have a prefix.
    pub(super) fn repositories_in(&self, registries: &[String], typed: &str) -> Answer {
        let mut names = Vec::new();
        for registry in registries {
            let (host, prefix) = registry.split_once('/').unwrap_or((registry, ""));
            let prefix = match prefix {
                "" => String::new(),
                prefix => format!("{}/", prefix.trim_end_matches('/')),
            };
            let known = self.repositories(host, TagsOf::Nothing).into_iter();
            names
                .extend(known.filter_map(|(name, _)| {
                    name.as_str().strip_prefix(&prefix).map(str::to_owned)
                }));
        }
        collapsed(names, typed)
    }

    fn parts(&self, host: &str, rest: &str) -> Answer {
        let before = format!("{host}/");
        match rest.split_once(':') {
            Some((name, begin)) => {
                let is_hub = host.parse().is_ok_and(|host| is_hub(&host));
                let full = match is_hub && !name.contains('/') {
                    true => format!("{LIBRARY}{name}"),
                    false => name.to_owned(),
                };
                self.tags(host, &full, begin)
                    .behind(&format!("{name}:"))
                    .behind(&before)
            }
            None => self.of_host(host, rest),
        }
    }

    fn of_host(&self, host: &str, begin: &str) -> Answer {
        let names = self.repositories(host, TagsOf::Nothing).into_iter();
        let names = names.map(|(name, _)| name.as_str().to_owned());
        collapsed(names.collect(), begin).behind(&format!("{host}/"))
    }

    /// Names of Docker Hub, as docker writes them.
    fn short(&self, typed: &str) -> Answer {
        if let Some((name, begin)) = typed.split_once(':') {
            let full = match name.contains('/') {
                true => name.to_owned(),
                false => format!("{LIBRARY}{name}"),
            };
            return self.tags(HUB, &full, begin).behind(&format!("{name}:"));
        }
        let names = self.repositories(HUB, TagsOf::Nothing).into_iter();
        let short = |name: &str| name.strip_prefix(LIBRARY).unwrap_or(name).to_owned();
        collapsed(names.map(|(name, _)| short(name.as_str())).collect(), typed)
    }

    fn tags(&self, host: &str, repository: &str, begin: &str) -> Answer {
        let wanted = TagsOf::Only(repository);
        let known = self.repositories(host, wanted).into_iter();
        let own = known.filter(|(name, _)| name.as_str() == repository);
        let tags: Vec<Tag> = own.flat_map(|(_, tags)| tags).collect();
        let tags = newest_first(tags).into_iter();
        Answer::of(tags.map(|tag| Candidate::new(tag.as_str())))
            .starting(begin)
            .in_order()
    }

    fn is_known(&self, host: &str) -> bool {
        self.hosts()
            .iter()
            .any(|(known, _)| known.to_string() == host)
    }

    /// The repositories that runs have met, each once, with the tags that are `wanted`.
    fn repositories(&self, host: &str, wanted: TagsOf<'_>) -> Vec<(Repository, Vec<Tag>)> {
        let (Some(shelf), Ok(host)) = (&self.shelf, host.parse::<RegistryHost>()) else {
            return Vec::new();
        };
        let login = Login::of(self.keychain.source(&host));
        let pages = shelf.recall(&host, &login, wanted, self.now);
        let mut all: Vec<(Repository, Vec<Tag>)> = Vec::new();
        for Page { repositories, .. } in pages {
            for (name, kept) in repositories {
                match all.binary_search_by(|(known, _)| known.cmp(&name)) {
                    Ok(at) => all[at].1.extend(kept.tags),
                    Err(at) => all.insert(at, (name, kept.tags)),
                }
            }
        }
        for (_, tags) in &mut all {
            tags.sort_unstable();
            tags.dedup();
        }
        all
    }

    /// Every registry that is known, and why; each once.
    fn hosts(&self) -> Vec<(RegistryHost, &'static str)> {
        let mut all: Vec<(RegistryHost, &'static str)> = Vec::new();
        let login = |host: &RegistryHost| Login::of(self.keychain.source(host));
        let seen = self.shelf.iter().flat_map(|shelf| shelf.hosts(login));
        let of_user = user::known(self.settings).consents.into_iter();
        let logins = self.keychain.hosts().into_iter();
        let known = logins
            .map(|host| (host, "with a login"))
            .chain(of_user.map(|(host, _)| (host, "in the settings")))
            .chain(seen.map(|host| (host, "seen before")));
        for (host, about) in known {
            if !all.iter().any(|(known, _)| *known == host) {
                all.push((host, about));
            }
        }
        all
    }

    /// Folders and archives, if that is what is typed.
    fn on_disk(&self, typed: &str) -> Option<Answer> {
        let scheme = DISK.iter().find(|scheme| typed.starts_with(**scheme))?;
        let path = &typed[scheme.len()..];
        let files = match *scheme {
            "oci:" => files::layouts(path, self.here()),
            _ => files::ending(files::ARCHIVES, path, self.here()),
        };
        Some(files.behind(scheme))
    }
}

/// What a target on disk begins with; not before its first letter is typed.
fn schemes(typed: &str) -> impl Iterator<Item = Candidate> {
    let is_wanted = !typed.is_empty();
    let schemes = DISK.iter().filter(move |_| is_wanted);
    schemes.map(|scheme| Candidate::new(*scheme).open())
}

/// Names that begin so; of very many, the parts up to the next slash.
fn collapsed(mut names: Vec<String>, typed: &str) -> Answer {
    names.retain(|name| name.starts_with(typed));
    names.sort();
    names.dedup();
    if names.len() <= ONE_BY_ONE {
        return Answer::of(names.into_iter().map(Candidate::new));
    }
    let mut parts: Vec<Candidate> = Vec::new();
    for name in names {
        let candidate = match name[typed.len()..].find('/') {
            Some(slash) => Candidate::new(&name[..=typed.len() + slash]).open(),
            None => Candidate::new(name),
        };
        if parts.last() != Some(&candidate) {
            parts.push(candidate);
        }
    }
    Answer::of(parts)
}

/// The highest version first.
fn newest_first(mut tags: Vec<Tag>) -> Vec<Tag> {
    tags.sort_by_cached_key(|tag| std::cmp::Reverse(natural_key(tag.as_str())));
    tags
}
