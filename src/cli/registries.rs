//! Opening what a query names: targets become registries, each once per run.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::Dir;

use crate::diagnostic::Diagnostic;
use crate::exec::Source;
use crate::limits::Limits;
use crate::plan::{self, BoundQuery, BoundSource};
use crate::query::Target;
use crate::registry::{Capabilities, Layout, LayoutRoot, Registry, RegistryError};

/// Who wrote down where to look; it decides which folders may be read (threats G10).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Origin {
    /// The user, on the command line: anywhere.
    CommandLine,
    /// A query file: below the folder it stands in.
    File(PathBuf),
    /// A query that comes with the program: among what comes with it.
    BuiltIn,
}

/// The registries of a run.
#[derive(Default)]
pub(super) struct Registries {
    open: HashMap<(Origin, Target), Result<Arc<dyn Registry>, RegistryError>>,
}

impl Registries {
    /// Opens what a query names. Where a parameter says where to look and its value is among the `given`, it was the
    /// user who named the place.
    ///
    /// Errors: a target of a kind that this version cannot ask.
    pub(super) fn open(
        &mut self,
        query: &BoundQuery,
        origin: &Origin,
        given: &[(String, String)],
        limits: &Limits,
    ) -> Result<Vec<Source>, Vec<Diagnostic>> {
        let mut sources = Vec::new();
        let mut findings = Vec::new();
        for source in &query.sources {
            let is_given = |parameter| given.iter().any(|(name, _)| name == parameter);
            let origin = match &source.parameter {
                Some(parameter) if is_given(parameter) => &Origin::CommandLine,
                _ => origin,
            };
            match self.open_one(source, origin, limits) {
                Ok(registry) => sources.push(Source {
                    name: Arc::clone(&source.name),
                    prefix: Arc::from(""),
                    registry,
                }),
                Err(finding) => findings.push(*finding),
            }
        }
        if findings.is_empty() {
            Ok(sources)
        } else {
            Err(findings)
        }
    }

    fn open_one(
        &mut self,
        source: &BoundSource,
        origin: &Origin,
        limits: &Limits,
    ) -> Result<Result<Arc<dyn Registry>, RegistryError>, Box<Diagnostic>> {
        let path = match &source.target {
            Target::Layout(path) => path,
            Target::Host { .. } => return Err(unsupported(source, "a registry over the network")),
            Target::OciArchive(_) | Target::DockerArchive(_) => {
                return Err(unsupported(source, "an archive"));
            }
        };
        let key = (origin.clone(), source.target.clone());
        let open = || {
            let root = root(path, origin)?;
            let layout = Layout::open(root, source.name.as_ref(), limits.clone());
            Ok(Arc::new(layout) as Arc<dyn Registry>)
        };
        Ok(self.open.entry(key).or_insert_with(open).clone())
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

fn root(path: &Path, origin: &Origin) -> Result<LayoutRoot, RegistryError> {
    match origin {
        Origin::CommandLine => Ok(LayoutRoot::anywhere(path)),
        Origin::File(folder) => LayoutRoot::below(folder, path),
        Origin::BuiltIn => Ok(match super::builtin::folder(path) {
            Some(folder) => LayoutRoot::embedded(folder),
            None => LayoutRoot::embedded(&NOTHING),
        }),
    }
}

/// Where a built-in query names a folder that does not come with the program.
static NOTHING: Dir<'static> = Dir::new("", &[]);

fn unsupported(source: &BoundSource, what: &str) -> Box<Diagnostic> {
    let message = format!("`{}` is {what}, which this version cannot ask", source.name);
    let finding = Diagnostic::error(message).at(&source.place, "");
    Box::new(finding.hint("it asks image layouts on disk: `oci:DIR`"))
}
