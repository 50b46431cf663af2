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
    use super::*;

    #[test]
    fn the_demo_and_its_layout_come_with_the_program() {
        assert!(queries().iter().any(|query| query.name == "demo"));
        assert!(folder(Path::new("demo")).is_some());
    }
}
