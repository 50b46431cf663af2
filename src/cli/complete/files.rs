//! Files by their endings. Scripts can look for them too, but not beside other candidates, and that of fish not at all.

use std::fs;
use std::path::Path;

use super::answer::{Answer, Candidate};

/// Endings of query files.
pub(super) const QUERIES: &[&str] = &["yaml", "yml"];
/// Endings of archives.
pub(super) const ARCHIVES: &[&str] = &["tar", "tar.gz", "tgz"];

/// The files below `here` that `typed` begins, and the folders that lead to more.
pub(super) fn ending(endings: &[&str], typed: &str, here: &Path) -> Answer {
    if typed.starts_with('~') {
        return Answer::ending(endings);
    }
    let is_meant = |name: &str| endings.iter().any(|ending| has_ending(name, ending));
    Answer::of(below(typed, here, |_, name| is_meant(name)))
}

/// The image layouts that `typed` begins, and the folders that lead to more.
pub(super) fn layouts(typed: &str, here: &Path) -> Answer {
    let marker = |folder: &Path| folder.join("oci-layout").is_file();
    Answer::of(below(typed, here, |path, _| marker(path)))
}

fn has_ending(name: &str, ending: &str) -> bool {
    let stem = name
        .strip_suffix(ending)
        .and_then(|stem| stem.strip_suffix('.'));
    stem.is_some_and(|stem| !stem.is_empty())
}

fn below(typed: &str, here: &Path, is_meant: impl Fn(&Path, &str) -> bool) -> Vec<Candidate> {
    let start = typed.rfind(std::path::is_separator).map_or(0, |at| at + 1);
    let (folder, begin) = typed.split_at(start);
    let entries = fs::read_dir(here.join(folder))
        .into_iter()
        .flatten()
        .flatten();
    let mut candidates = Vec::new();
    for entry in entries {
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| name.starts_with(begin)) else {
            continue;
        };
        if name.starts_with('.') && !begin.starts_with('.') {
            continue;
        }
        let path = entry.path();
        // A link is what it leads to.
        let is_folder = path.is_dir();
        if is_meant(&path, name) && (is_folder || path.is_file()) {
            candidates.push(Candidate::new(format!("{folder}{name}")));
        } else if is_folder {
            candidates.push(Candidate::new(format!("{folder}{name}/")).open());
        }
    }
    candidates.sort_by(|one, other| one.value.cmp(&other.value));
    candidates
}
