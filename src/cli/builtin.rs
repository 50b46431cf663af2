//! What comes with the program: the repository's own `queries/`, and the layout that the demo asks.

use std::path::Path;

use include_dir::{Dir, include_dir};

use crate::query::Builtin;

static QUERIES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/queries");

/// The queries, by name.
pub(super) fn queries() -> Vec<Builtin> {
    let files = QUERIES.files();
    let query = |file: &'static include_dir::File<'static>| {
        let name = file.path().file_stem()?.to_str()?;
        let is_query = file
            .path()
            .extension()
            .is_some_and(|extension| extension == "yaml");
        let text = file.contents_utf8().filter(|_| is_query)?;
        Some(Builtin { name, text })
    };
    files.filter_map(query).collect()
}

/// A folder beside the queries.
pub(super) fn folder(path: &Path) -> Option<&'static Dir<'static>> {
    QUERIES.get_dir(path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    fn embedded(folder: &Dir<'_>, into: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for file in folder.files() {
            into.insert(file.path().to_owned(), file.contents().to_owned());
        }
        folder.dirs().for_each(|folder| embedded(folder, into));
    }

    fn on_disk(root: &Path, folder: &Path, into: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                on_disk(root, &path, into);
            } else {
                let name = path.strip_prefix(root).unwrap();
                into.insert(name.to_owned(), fs::read(&path).unwrap());
            }
        }
    }

    /// Cargo builds anew when a file changes that was there, but not when one comes or goes.
    #[test]
    fn what_lies_in_the_folder_comes_with_the_program() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries");
        let (mut inside, mut outside) = (BTreeMap::new(), BTreeMap::new());
        embedded(&QUERIES, &mut inside);
        on_disk(&root, &root, &mut outside);
        let differs = |path: &&PathBuf| inside.get(*path) != outside.get(*path);
        let paths = inside.keys().chain(outside.keys());
        let different: Vec<_> = paths.filter(differs).collect();
        assert!(
            different.is_empty(),
            "not what is in `queries`: {different:?}; `touch src/cli/builtin.rs` and build again"
        );
    }

    #[test]
    fn the_demo_and_its_layout_come_with_the_program() {
        assert!(queries().iter().any(|query| query.name == "demo"));
        assert!(folder(Path::new("demo")).is_some());
    }
}
