//! From the words of the command line to queries: finding, reading, changing.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{ChangeArgs, RunArgs};
use super::builtin;
use super::choice;
use super::registries::Author;
use super::report::{Failure, UsageError};
use super::settings::Settings;
use crate::diagnostic::{Diagnostic, Passage, Source};
use crate::fields::{self, Resource};
use crate::limits::QUERY_FILES;
use crate::query::{self, Distrust, Found, NotFound, Places, Query, QueryOrigin, Template, flags};

/// A query and who wrote down where it looks.
pub(super) struct Loaded {
    /// The query, changed by the flags.
    pub(super) query: Query,
    /// Who wrote it.
    pub(super) author: Author,
}

/// Queries, and what was found while reading them.
#[derive(Default)]
pub(super) struct Loading {
    /// The files, in the order named.
    pub(super) files: Vec<Arc<Source>>,
    /// The queries in the order named; complete only if no finding is an error.
    pub(super) queries: Vec<Loaded>,
    /// What was found.
    pub(super) findings: Vec<Diagnostic>,
}

/// Reads all queries that a command line names.
///
/// Errors: a word that names none, a file that cannot be read.
pub(super) fn load(args: &RunArgs, settings: &Settings) -> Result<Loading, Failure> {
    let files = args.files.iter().map(|file| (file, Word::Path));
    let words = args
        .queries
        .iter()
        .map(|word| (word, Word::Any))
        .chain(files);
    let mut loading = Loading::default();
    let words: Vec<(&String, Word)> = words.collect();
    if words.len() > QUERY_FILES {
        let message = format!(
            "{} query files are more than the {QUERY_FILES} of one run",
            words.len()
        );
        return Err(UsageError::new(message, []).into());
    }
    for (word, kind) in words {
        let (word, document) = split_document(word);
        let (source, author, notes) = read(word, kind, settings)?;
        loading.findings.extend(notes);
        let reading = query::read(&source);
        loading.files.push(source);
        loading.findings.extend(reading.findings);
        let queries = pick(reading.queries, document, word)?;
        loading.queries.extend(queries.into_iter().map(|query| {
            let author = author.clone();
            Loaded { query, author }
        }));
    }
    Ok(loading)
}

/// Reads the source text of a path, or of `-`.
///
/// Errors: a file that cannot be read.
pub(super) fn read_path(word: &str, settings: &Settings) -> Result<(Arc<Source>, Author), Failure> {
    let (source, author, _) = read(word, Word::Path, settings)?;
    Ok((source, author))
}

/// What a word of the command line may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Any,
    Path,
}

/// `PATH#NAME`: one document of a file.
pub(super) fn split_document(word: &str) -> (&str, Option<&str>) {
    match word.rsplit_once('#') {
        Some((path, name)) if !path.is_empty() && !Path::new(word).exists() => (path, Some(name)),
        _ => (word, None),
    }
}

fn pick(queries: Vec<Query>, document: Option<&str>, word: &str) -> Result<Vec<Query>, Failure> {
    let Some(name) = document else {
        return Ok(queries);
    };
    let names: Vec<String> = queries
        .iter()
        .map(|query| query.name.value.clone())
        .collect();
    let picked: Vec<Query> = queries
        .into_iter()
        .filter(|query| query.name.value == name)
        .collect();
    if picked.is_empty() && !names.is_empty() {
        let message = format!("`{word}` has no query named `{name}`");
        return Err(UsageError::new(message, [format!("it has `{}`", names.join("`, `"))]).into());
    }
    Ok(picked)
}

/// Reads one source text. A file's folder is where its `oci:` paths start.
fn read(
    word: &str,
    kind: Word,
    settings: &Settings,
) -> Result<(Arc<Source>, Author, Vec<Diagnostic>), Failure> {
    if word == "-" {
        let source = query::read_stdin(io::stdin().lock()).map_err(unreadable)?;
        return Ok((source, Author::File(settings.here.clone()), Vec::new()));
    }
    if kind == Word::Path {
        return read_file(Path::new(word), Vec::new());
    }
    let found = with_places(settings, |places| query::find(word, places));
    let found = found.map_err(|error| not_found(&error))?;
    let mut notes = skipped(word, &found, settings);
    notes.extend(hides(word, &found, settings));
    match &found.origin {
        QueryOrigin::File(path) => read_file(settings.shortened(path), notes),
        QueryOrigin::Builtin(builtin) => {
            let source = Source::new(format!("{}.yaml (built in)", builtin.name), builtin.text);
            Ok((source, Author::Program, notes))
        }
    }
}

/// Looks among the saved queries that can be named where the user stands.
pub(super) fn with_places<T>(settings: &Settings, look: impl FnOnce(&Places<'_>) -> T) -> T {
    let builtin = builtin::queries();
    look(&Places {
        here: settings.here.clone(),
        config: settings.config.clone(),
        chosen: settings.docker.query_dir.clone(),
        builtin: &builtin,
    })
}

/// The text of a saved query.
///
/// Errors: a file that cannot be read.
pub(super) fn text_of(origin: &QueryOrigin) -> Result<Arc<Source>, query::ReadError> {
    match origin {
        QueryOrigin::Builtin(builtin) => Ok(Source::new("built in", builtin.text)),
        QueryOrigin::File(path) => query::read_query(path),
    }
}

/// Where a query comes from, for people.
pub(super) fn origin_shown(origin: &QueryOrigin, settings: &Settings) -> String {
    match origin {
        QueryOrigin::Builtin(_) => "built in".to_owned(),
        QueryOrigin::File(path) => settings.shortened(path).display().to_string(),
    }
}

fn read_file(
    path: &Path,
    notes: Vec<Diagnostic>,
) -> Result<(Arc<Source>, Author, Vec<Diagnostic>), Failure> {
    let source = query::read_query(path).map_err(unreadable)?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Ok((source, Author::File(folder.to_owned()), notes))
}

/// A file that would have been meant is not passed over in silence: whoever named it may count on it.
fn skipped(word: &str, found: &Found, settings: &Settings) -> Vec<Diagnostic> {
    let note = |(path, why): &(PathBuf, Distrust)| {
        let path = settings.shortened(path).display();
        Diagnostic::note(format!("`{word}` is not `{path}`, which is {why}"))
    };
    found.skipped.iter().map(note).collect()
}

/// A file that hides a query of the program is announced (threats G12).
fn hides(word: &str, found: &Found, settings: &Settings) -> Vec<Diagnostic> {
    let note = |path: &Path| {
        let path = settings.shortened(path).display();
        let message = format!("`{word}` is `{path}`, which hides the built-in query of this name");
        Diagnostic::note(message)
    };
    match &found.origin {
        QueryOrigin::File(path) if found.hides_builtin() && !is_same(path, &found.hides) => {
            vec![note(path)]
        }
        _ => Vec::new(),
    }
}

/// Tells whether a file is the very query of the program that it hides, as in the repository it was built from.
pub(super) fn is_same(path: &Path, hides: &[QueryOrigin]) -> bool {
    let file = query::read_query(path).ok();
    hides.iter().all(|origin| match (origin, &file) {
        (QueryOrigin::Builtin(builtin), Some(file)) => file.text == builtin.text,
        _ => false,
    })
}

pub(super) fn unreadable(error: query::ReadError) -> Failure {
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
    let hint = match error {
        query::ReadError::NotUtf8 { .. } => Some("save the file as UTF-8".to_owned()),
        _ => None,
    };
    UsageError::new(format!("{error}{}", cause.unwrap_or_default()), hint).into()
}

fn not_found(error: &NotFound) -> Failure {
    let nearest = match error {
        NotFound::Unknown { nearest, .. } => nearest.as_ref(),
        _ => None,
    };
    let hints = nearest.map(|near| format!("did you mean `{near}`?"));
    let list = "`docker-regq list` shows the saved queries; a path has a `/` or ends in `.yaml`"
        .to_owned();
    UsageError::new(error.to_string(), hints.into_iter().chain([list])).into()
}

/// Tells whether the file that a query stands in could not be read as a whole.
pub(super) fn has_errors(reading: &[Diagnostic], query: &Query) -> bool {
    let is_there = |finding: &Diagnostic| {
        let mut places = finding.labels.iter().map(|label| &label.place);
        places.any(|place| Arc::ptr_eq(&place.source, &query.place.source))
    };
    let mut errors = reading.iter().filter(|finding| finding.is_error());
    errors.any(is_there)
}

/// Changes a query as the flags say: conditions are added, everything else replaces. `custom` is what stands after
/// `-o custom-columns=`.
pub(super) fn change(
    query: &mut Query,
    args: &ChangeArgs,
    custom: Option<&Passage>,
) -> Vec<Diagnostic> {
    if !args.registry.is_empty() {
        query.registry = Some(templates("--registry", &args.registry));
    }
    if !args.platform.is_empty() {
        query.platform = templates("--platform", &args.platform);
    }
    if let Some(limit) = &args.limit {
        query.limit = Some(Template::literal(Passage::flag("--limit", limit)));
    }
    let passages = |flag, texts: &[String]| -> Vec<Passage> {
        texts.iter().map(|text| Passage::flag(flag, text)).collect()
    };
    query
        .conditions
        .extend(passages("--where", &args.conditions));
    query.having.extend(passages("--having", &args.having));
    let mut findings = select(query, &args.selector);
    findings.extend(sort(query, &args.sort_by));
    findings.extend(show(query, args.columns.as_deref(), custom));
    findings
}

fn templates(flag: &str, texts: &[String]) -> Vec<Template> {
    let template = |text: &String| Template::literal(Passage::flag(flag, text));
    texts.iter().map(template).collect()
}

/// Adds what labels must be.
fn select(query: &mut Query, selectors: &[String]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for text in selectors {
        if let Some(resource) = without_labels(query) {
            let name = resource.name();
            let message = format!("`{name}` have no labels, which `-l` selects by");
            let finding = Diagnostic::error(message).at(&Passage::flag("-l", text).place(), "");
            findings.push(finding.hint("an image has labels: the rows of `tags` do"));
            continue;
        }
        match query::selected("-l", text) {
            Ok(conditions) => query.conditions.extend(conditions),
            Err(finding) => findings.push(*finding),
        }
    }
    findings
}

/// What one row is, if that has no labels.
fn without_labels(query: &Query) -> Option<Resource> {
    let resource = Resource::named(&query.resource.as_ref()?.value)?;
    let has_labels = fields::lookup(resource, "labels").is_some();
    Some(resource).filter(|_| !has_labels)
}

fn sort(query: &mut Query, keys: &[String]) -> Vec<Diagnostic> {
    if keys.is_empty() {
        return Vec::new();
    }
    query.sort_by.clear();
    let mut findings = Vec::new();
    for text in keys {
        match flags::sort_key(text) {
            Ok(key) => query.sort_by.push(key),
            Err(finding) => findings.push(finding),
        }
    }
    findings
}

fn show(query: &mut Query, columns: Option<&str>, custom: Option<&Passage>) -> Vec<Diagnostic> {
    let read = match (columns, custom) {
        (Some(columns), _) => flags::columns(&Passage::flag("--columns", columns)),
        (None, Some(custom)) => choice::custom_columns(custom),
        (None, None) => return Vec::new(),
    };
    match read {
        Ok(columns) => {
            query.columns = Some(columns);
            Vec::new()
        }
        Err(findings) => findings,
    }
}
