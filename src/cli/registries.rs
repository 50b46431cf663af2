//! Opening what a query names: targets become registries, each once per run.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::Dir;

use super::args::NetworkArgs;
use super::listener;
use super::network;
use super::report::{Failure, UsageError};
use super::seen::Notebook;
use super::settings::Settings;
use super::stop::Stop;

use crate::diagnostic::Diagnostic;
use crate::exec::Source;
use crate::limits::Limits;
use crate::oci::{RegistryHost, Repository};
use crate::plan::{self, BoundQuery, BoundSource, Destination};
use crate::query::{Given, Target};
use crate::registry::{
    Capabilities, CredentialSource, Form, Keychain, Layout, LayoutRoot, Network, NetworkSettings,
    Registry, RegistryError, Trust, Vendor, is_no_registry,
};

/// Who wrote down where to look; it decides which folders may be read (threats G10).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Author {
    /// The user, on the command line: anywhere.
    User,
    /// A query file: below the folder it stands in.
    File(PathBuf),
    /// A query that comes with the program: among what comes with it.
    Program,
}

/// The registries of a run.
pub(super) struct Registries<'a> {
    means: Means<'a>,
    layouts: HashMap<(Author, Form, PathBuf), Arc<dyn Registry>>,
    network: Option<Network>,
    hosts: HashMap<RegistryHost, Arc<dyn Registry>>,
}

/// What registries are opened with.
pub(super) struct Means<'a> {
    /// Where credentials and certificates lie.
    pub(super) settings: &'a Settings,
    /// How the user wants the network used.
    pub(super) flags: &'a NetworkArgs,
    /// What the user allows.
    pub(super) trust: Trust,
    /// Where names are noted that it meets.
    pub(super) notebook: Option<Notebook>,
    /// The bounds of the run.
    pub(super) limits: Limits,
    /// Who ends what is started.
    pub(super) stop: &'a Stop,
}

impl<'a> Registries<'a> {
    /// Makes ready; nothing is read or asked.
    pub(super) fn new(means: Means<'a>) -> Self {
        Self {
            means,
            layouts: HashMap::new(),
            network: None,
            hosts: HashMap::new(),
        }
    }

    /// Begins another round: files are opened again, and registries asked again for what may be otherwise by now.
    pub(super) fn next_round(&mut self) {
        self.layouts.clear();
        self.hosts.values().for_each(|host| host.next_round());
        self.network.iter().for_each(Network::next_round);
    }

    /// Opens what a query names.
    ///
    /// Errors: the first thing that [`check`] finds; credentials that cannot be read.
    pub(super) fn open(
        &mut self,
        query: &BoundQuery,
        author: &Author,
        given: &Given,
    ) -> Result<Vec<Source>, Failure> {
        let open = |source| self.open_one(source, author_of(source, author, given));
        query.asked().map(open).collect()
    }

    fn open_one(&mut self, source: &BoundSource, author: &Author) -> Result<Source, Failure> {
        let (registry, prefix) = match locate(source, author).map_err(|finding| *finding)? {
            Located::Layout(root, form, path) => {
                let key = (author.clone(), form, path.to_owned());
                (self.layout(key, root, source), None)
            }
            Located::Host(host, prefix) => (self.host(host)?, prefix),
        };
        Ok(Source {
            name: Arc::clone(&source.name),
            prefix: prefix.map_or(Arc::from(""), |prefix| Arc::from(format!("{prefix}/"))),
            registry: Ok(registry),
        })
    }

    fn layout(
        &mut self,
        key: (Author, Form, PathBuf),
        root: LayoutRoot,
        source: &BoundSource,
    ) -> Arc<dyn Registry> {
        let open = || {
            let limits = self.means.limits.clone();
            Arc::new(Layout::open(root, source.name.as_ref(), limits)) as Arc<dyn Registry>
        };
        Arc::clone(self.layouts.entry(key).or_insert_with(open))
    }

    /// One host is one registry, whatever prefixes it is named with: its login and its answers are shared.
    fn host(&mut self, host: &RegistryHost) -> Result<Arc<dyn Registry>, Failure> {
        if let Some(open) = self.hosts.get(host) {
            return Ok(Arc::clone(open));
        }
        let remote = self.network()?.registry(host.clone(), host.to_string());
        let remote: Arc<dyn Registry> = Arc::new(remote);
        self.hosts.insert(host.clone(), Arc::clone(&remote));
        Ok(remote)
    }

    /// What each source of a query can do, and as whom it would be asked. Nobody is asked, and no helper is started.
    pub(super) fn destinations(
        &mut self,
        query: &BoundQuery,
        sources: &[Source],
    ) -> Result<Vec<Destination>, Failure> {
        let mut destinations = Vec::new();
        for (bound, source) in query.asked().zip(sources) {
            let Ok(registry) = &source.registry else {
                continue;
            };
            let (mut as_whom, mut mirrors, mut dialect) = (None, Vec::new(), None);
            if let Target::Host { host, .. } = &bound.target {
                as_whom = Some(self.as_whom(host)?);
                dialect = self.network()?.vendor(host).map(in_words);
                for mirror in self.means.trust.of(host).mirrors {
                    mirrors.push((mirror.to_string(), self.as_whom(&mirror)?));
                }
            }
            destinations.push(Destination {
                capabilities: registry.capabilities(),
                as_whom,
                mirrors,
                dialect,
                limit: None,
            });
        }
        Ok(destinations)
    }

    fn as_whom(&mut self, host: &RegistryHost) -> Result<String, Failure> {
        if self.means.trust.of(host).anonymous {
            return Ok("anonymously, because you say so".to_owned());
        }
        Ok(match self.network()?.credential_source(host) {
            CredentialSource::None => "anonymously".to_owned(),
            CredentialSource::Entry {
                file,
                key,
                account: Some(account),
            } => format!("as {account}, by `{key}` in {file}"),
            CredentialSource::Entry { file, key, .. } => {
                format!("by `{key}` in {file}, which cannot be decoded")
            }
            CredentialSource::Helper { name, file } => {
                format!("as docker-credential-{name} says, which {file} names")
            }
        })
    }

    /// The network, made when it is first needed: whoever asks layouts only has no use for Docker's config.
    fn network(&mut self) -> Result<&Network, Failure> {
        if self.network.is_none() {
            let keychain = keychain(self.means.settings)?;
            self.network = Some(self.means.network(keychain));
        }
        let network = self.network.as_ref();
        Ok(network.expect("it was made above"))
    }
}

/// When a run is over, the names that it has met are kept.
impl Drop for Registries<'_> {
    fn drop(&mut self) {
        if let (Some(notebook), Some(network)) = (&self.means.notebook, &self.network) {
            notebook.keep(network, &self.means.trust);
        }
    }
}

/// Reads Docker's config.
///
/// Errors: a document that is malformed or cannot be read.
pub(super) fn keychain(settings: &Settings) -> Result<Keychain, UsageError> {
    Keychain::load(&settings.credentials).map_err(|error| UsageError::new(error.to_string(), []))
}

impl Means<'_> {
    /// Makes the network.
    pub(super) fn network(&self, keychain: Keychain) -> Network {
        let Self {
            settings,
            flags,
            trust,
            notebook,
            limits,
            stop,
        } = self;
        let network = NetworkSettings {
            trust: trust.clone(),
            limits: limits.clone(),
            timing: network::timing(flags),
            certificates: settings.certs_d.clone(),
        };
        stop.ends(keychain.helpers());
        let verbosity = network::verbosity(flags, settings);
        let activity = settings.activity.clone();
        let talk = listener::talk(settings.voice, verbosity, activity, notebook.clone());
        Network::new(network, keychain, talk)
    }
}

/// Finds what a query names and may not or cannot be asked, without touching any of it.
pub(super) fn check(query: &BoundQuery, author: &Author, given: &Given) -> Vec<Diagnostic> {
    let located = query
        .asked()
        .map(|source| locate(source, author_of(source, author, given)));
    located
        .filter_map(Result::err)
        .map(|finding| *finding)
        .collect()
}

/// The hosts that the user typed: on the command line, or as the value of a parameter that alone says where to look.
pub(super) fn typed(queries: &[(BoundQuery, Author)], given: &Given) -> Vec<RegistryHost> {
    let sources = queries
        .iter()
        .flat_map(|(query, author)| query.asked().map(move |source| (source, author)));
    let by_user =
        sources.filter(|(source, author)| author_of(source, author, given) == &Author::User);
    by_user
        .filter_map(|(source, _)| match &source.target {
            Target::Host { host, .. } => Some(host.clone()),
            _ => None,
        })
        .collect()
}

/// How many questions may be asked. Where all of them go over the network, requests are counted where they are sent: a
/// question that was asked before costs none, and a token costs one.
pub(super) fn asked_at_most(queries: &[(BoundQuery, Author)], limits: &Limits) -> u64 {
    let mut sources = queries.iter().flat_map(|(query, _)| query.asked());
    match sources.all(|source| matches!(source.target, Target::Host { .. })) {
        true => u64::MAX,
        false => limits.requests,
    }
}

/// Who named the place of a source: where a parameter says where to look and its value is among the `given`, it was
/// the user.
fn author_of<'o>(source: &BoundSource, author: &'o Author, given: &Given) -> &'o Author {
    match &source.parameter {
        Some(parameter) if given.has(parameter) => &Author::User,
        _ => author,
    }
}

/// Something that can be opened.
enum Located<'s> {
    Layout(LayoutRoot, Form, &'s Path),
    Host(&'s RegistryHost, Option<&'s Repository>),
}

/// Where what a query names is.
///
/// Errors: a path that leads out of the query file's folder; an address that no registry has.
fn locate<'s>(source: &'s BoundSource, author: &Author) -> Result<Located<'s>, Box<Diagnostic>> {
    let on_disk = |path, form| match root(path, author) {
        Ok(root) => Ok(Located::Layout(root.with(form), form, path)),
        Err(_) => Err(leads_out(source)),
    };
    match &source.target {
        Target::Layout(path) => on_disk(path, Form::Folder),
        Target::OciArchive(path) => on_disk(path, Form::OciArchive),
        Target::DockerArchive(path) => on_disk(path, Form::DockerArchive),
        Target::Host { host, .. } if *author != Author::User && is_no_registry(host) => {
            Err(no_registry(source))
        }
        Target::Host { host, prefix } => Ok(Located::Host(host, prefix.as_ref())),
    }
}

/// How a vendor lists.
fn in_words(vendor: Vendor) -> String {
    match vendor.api {
        Some(api) => format!("{} lists at {api}", vendor.title),
        None => format!("listed as {} does", vendor.title),
    }
}

/// What all opened registries of a query's rows can do.
pub(super) fn capabilities(query: &BoundQuery, sources: &[Source]) -> Capabilities {
    let of_rows = &sources[..query.sources.len()];
    plan::common_capabilities(each(of_rows).into_iter())
}

/// What each opened registry of a query can do.
pub(super) fn each(sources: &[Source]) -> Vec<Capabilities> {
    let open = sources
        .iter()
        .filter_map(|source| source.registry.as_ref().ok());
    open.map(|registry| registry.capabilities()).collect()
}

fn root(path: &Path, author: &Author) -> Result<LayoutRoot, RegistryError> {
    match author {
        Author::User => Ok(LayoutRoot::anywhere(path)),
        Author::File(folder) => LayoutRoot::below(folder, path),
        Author::Program => Ok(match super::builtin::folder(path) {
            Some(folder) => LayoutRoot::embedded(folder),
            None => LayoutRoot::embedded(&NOTHING),
        }),
    }
}

/// Where a built-in query names a folder that does not come with the program.
static NOTHING: Dir<'static> = Dir::new("", &[]);

fn leads_out(source: &BoundSource) -> Box<Diagnostic> {
    let name = &source.name;
    let message = format!("`{name}` leads out of the folder of its query file");
    let finding = Diagnostic::error(message).at(&source.place, "");
    Box::new(finding.hint(format!(
        "a file names what lies below its own folder; you may name anything: `--registry {name}`"
    )))
}

fn no_registry(source: &BoundSource) -> Box<Diagnostic> {
    let name = &source.name;
    let message = format!(
        "`{name}` is an address that no registry has, and a query file does not lead there"
    );
    Box::new(Diagnostic::error(message).at(&source.place, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source as Text;
    use crate::query::{self, Params};

    /// The hosts of a query with this `registry` that count as typed.
    fn typed_of(registry: &str, author: Author, given: &[(&str, &str)]) -> Vec<String> {
        let text = format!(
            "apiVersion: regq/v1\nkind: Query\nmetadata: {{name: q}}\nspec:\n  \
             params: {{host: {{default: a.io}}}}\n  registry: {registry}\n"
        );
        let reading = query::read(&Text::new("q.yaml", text));
        let given: Given = given
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let query = &reading.queries[0];
        let params = Params::resolve(&query.params, &given).unwrap();
        let bound = plan::bind(query, Some(&params), plan::Shown::Wide);
        let bound = bound.query.expect("the query is right");
        let hosts = typed(&[(bound, author)], &given);
        hosts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn s2_only_hosts_that_the_user_typed_are_named() {
        let file = || Author::File(PathBuf::from("."));
        let none: [&str; 0] = [];
        assert_eq!(typed_of("b.io", file(), &[]), none);
        assert_eq!(typed_of("b.io:5000", Author::User, &[]), ["b.io:5000"]);
        assert_eq!(typed_of("oci:x", Author::User, &[]), none);
        assert_eq!(typed_of("${host}", file(), &[]), none);
        assert_eq!(typed_of("${host}", file(), &[("host", "c.io")]), ["c.io"]);
        assert_eq!(
            typed_of("[b.io, '${host}']", file(), &[("host", "c.io")]),
            ["c.io"]
        );
    }
}
