//! Opening what a query names: targets become registries, each once per run.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::Dir;

use crate::diagnostic::Diagnostic;
use crate::exec::Source;
use crate::limits::Limits;
use crate::oci::RegistryHost;
use crate::plan::{self, BoundQuery, BoundSource};
use crate::query::Target;
use crate::registry::{Capabilities, Layout, LayoutRoot, Registry, RegistryError};

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
#[derive(Default)]
pub(super) struct Registries {
    open: HashMap<(Author, Target), Arc<dyn Registry>>,
}

impl Registries {
    /// Opens what a query names.
    ///
    /// Errors: the first thing that [`check`] finds.
    pub(super) fn open(
        &mut self,
        query: &BoundQuery,
        author: &Author,
        given: &[(String, String)],
        limits: &Limits,
    ) -> Result<Vec<Source>, Diagnostic> {
        let mut sources = Vec::new();
        for source in &query.sources {
            let author = author_of(source, author, given);
            let root = locate(source, author).map_err(|finding| *finding)?;
            let key = (author.clone(), source.target.clone());
            let layout = || {
                let layout = Layout::open(root, source.name.as_ref(), limits.clone());
                Arc::new(layout) as Arc<dyn Registry>
            };
            sources.push(Source {
                name: Arc::clone(&source.name),
                prefix: Arc::from(""),
                registry: Ok(Arc::clone(self.open.entry(key).or_insert_with(layout))),
            });
        }
        Ok(sources)
    }
}

/// Finds what a query names and may not or cannot be asked, without touching any of it.
pub(super) fn check(
    query: &BoundQuery,
    author: &Author,
    given: &[(String, String)],
) -> Vec<Diagnostic> {
    let located = query
        .sources
        .iter()
        .map(|source| locate(source, author_of(source, author, given)));
    located
        .filter_map(Result::err)
        .map(|finding| *finding)
        .collect()
}

/// The hosts that the user typed: on the command line, or as the value of a parameter that alone says where to look.
pub(super) fn typed(
    queries: &[(BoundQuery, Author)],
    given: &[(String, String)],
) -> Vec<RegistryHost> {
    let sources = queries
        .iter()
        .flat_map(|(query, author)| query.sources.iter().map(move |source| (source, author)));
    let by_user =
        sources.filter(|(source, author)| author_of(source, author, given) == &Author::User);
    by_user
        .filter_map(|(source, _)| match &source.target {
            Target::Host { host, .. } => Some(host.clone()),
            _ => None,
        })
        .collect()
}

/// Who named the place of a source: where a parameter says where to look and its value is among the `given`, it was
/// the user.
fn author_of<'o>(
    source: &BoundSource,
    author: &'o Author,
    given: &[(String, String)],
) -> &'o Author {
    let is_given = |parameter: &String| given.iter().any(|(name, _)| name == parameter);
    match &source.parameter {
        Some(parameter) if is_given(parameter) => &Author::User,
        _ => author,
    }
}

/// Where a layout is that a query names.
///
/// Errors: a target of a kind that this version cannot ask; a path that leads out of the query file's folder.
fn locate(source: &BoundSource, author: &Author) -> Result<LayoutRoot, Box<Diagnostic>> {
    match &source.target {
        Target::Layout(path) => root(path, author).map_err(|_| leads_out(source)),
        Target::Host { .. } => Err(unsupported(source, "a registry over the network")),
        Target::OciArchive(_) | Target::DockerArchive(_) => Err(unsupported(source, "an archive")),
    }
}

/// What all opened registries of a query can do.
pub(super) fn capabilities(sources: &[Source]) -> Capabilities {
    plan::common_capabilities(each(sources).into_iter())
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
        "a file names folders below its own; you may name any: `--registry {name}`"
    )))
}

fn unsupported(source: &BoundSource, what: &str) -> Box<Diagnostic> {
    let message = format!("`{}` is {what}, which this version cannot ask", source.name);
    let finding = Diagnostic::error(message).at(&source.place, "");
    Box::new(finding.hint("it asks image layouts on disk: `oci:DIR`"))
}
