//! Which saved queries can be named, and where they are.
//!
//! The only corner of this room that touches the file system: it looks for files by name and, in `read`,
//! reads one. A query runs only when named, and a file that a search comes upon counts only if it
//! belongs to us: a checkout or a shared folder may hold what a stranger planted (threats G12).

mod read;

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use crate::diagnostic::nearest;
use crate::safe::Safe;

pub use read::{ReadError, read_list, read_list_from, read_query, read_stdin, read_text};

/// A query that is part of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtin {
    /// What it is called.
    pub name: &'static str,
    /// Its file's text.
    pub text: &'static str,
}

/// Where saved queries are looked for.
#[derive(Debug, Clone)]
pub struct Places<'a> {
    /// The folder the program was started in, as an absolute path.
    pub here: PathBuf,
    /// The user's configuration folder, the one `regq/queries` is in.
    pub config: Option<PathBuf>,
    /// The queries that are part of the program.
    pub builtin: &'a [Builtin],
}

/// Where a query comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// The program itself.
    Builtin(Builtin),
}

/// What a name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The query meant.
    pub origin: Origin,
    /// The queries of the same name that it hides, next in line first.
    pub hides: Vec<Origin>,
    /// The files that would have been meant before it, and why they are not.
    pub skipped: Vec<(PathBuf, Distrust)>,
}

impl Found {
    /// Tells whether a query of the program is hidden, which is to be announced.
    pub fn hides_builtin(&self) -> bool {
        self.hides
            .iter()
            .any(|origin| matches!(origin, Origin::Builtin(_)))
    }
}

/// One saved query, for `list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether its name leads to it.
    pub standing: Standing,
}

/// What becomes of a query when its name is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is the one meant, and hides these.
    Meant(Vec<Origin>),
    /// That one is meant.
    HiddenBy(Origin),
    /// It is passed over.
    Skipped(Distrust),
}

/// Why a file that was found is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// It, or the link that leads to it, belongs to somebody else.
    #[error("owned by user {0}")]
    Owner(u32),
}

/// Why a name leads to no query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// It cannot be one.
    #[error("`{name}` cannot be the name of a query")]
    BadName {
        /// What was written.
        name: Safe,
    },
    /// There is none.
    #[error("no saved query `{name}`")]
    Unknown {
        /// What was written.
        name: Safe,
        /// The name it is most likely a slip of.
        nearest: Option<String>,
    },
    /// There is one, but it is not trusted.
    #[error("saved query `{name}` is not used: `{path}` is {why}")]
    Skipped {
        /// What was written.
        name: Safe,
        /// The file that would have been meant.
        path: Safe,
        /// Why it is not.
        why: Distrust,
    },
}

/// Finds the query that `name` means: a path as it is, if it has a separator or ends in `.yaml` or `.yml`;
/// else the first saved query of that name.
///
/// Order: the folder itself, its `queries` and its `.regq`, here and in each parent up to the git root
/// (outside git: here only); then the user's configuration; then the program.
/// Errors: words that cannot be names, names that lead nowhere, or only to files of others.
pub fn find(name: &str, places: &Places<'_>) -> Result<Found, NotFound> {
    if is_path(name) {
        return Ok(Found {
            origin: Origin::File(PathBuf::from(name)),
            hides: Vec::new(),
            skipped: Vec::new(),
        });
    }
    if !is_name(name) {
        let name = Safe::cut(name, 64);
        return Err(NotFound::BadName { name });
    }
    Search::new(places, current_user()).find(name)
}

/// Lists every saved query by name, those of one name in the order they are looked for. Folders that cannot be
/// listed hold none.
pub fn list(places: &Places<'_>) -> Vec<Entry> {
    Search::new(places, current_user()).list()
}

/// Tells whether a word is a path rather than a name.
fn is_path(text: &str) -> bool {
    text.contains(std::path::is_separator) || stem(text).is_some()
}

/// Tells whether a word can be a query's name: ASCII letters, digits, `.`, `_`, `-`, the first a letter or digit.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// Endings of query files; the first is looked for first.
const ENDINGS: [&str; 2] = [".yaml", ".yml"];

fn stem(file: &str) -> Option<&str> {
    ENDINGS.iter().find_map(|ending| file.strip_suffix(ending))
}

/// The user this process acts as, where the system has such a thing.
#[cfg(unix)]
fn current_user() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn current_user() -> Option<u32> {
    None
}

/// The user a file belongs to, where the system has such a thing.
#[cfg(unix)]
fn owner(file: &Metadata) -> Option<u32> {
    Some(std::os::unix::fs::MetadataExt::uid(file))
}

#[cfg(not(unix))]
fn owner(_: &Metadata) -> Option<u32> {
    None
}

/// A file or built-in query that has the name looked for.
struct Candidate {
    origin: Origin,
    distrust: Option<Distrust>,
}

/// A search over folders that are settled.
struct Search<'a> {
    folders: Vec<PathBuf>,
    builtin: &'a [Builtin],
    user: Option<u32>,
}

impl<'a> Search<'a> {
    fn new(places: &Places<'a>, user: Option<u32>) -> Self {
        let levels = levels(&places.here).into_iter();
        let around = levels.flat_map(|level| {
            let inner = ["queries", ".regq"].map(|name| level.join(name));
            std::iter::once(level.to_owned()).chain(inner)
        });
        let mut folders: Vec<PathBuf> = around.collect();
        if let Some(config) = &places.config {
            let of_user = config.join("regq").join("queries");
            // Whoever works in the configuration folder has met it already.
            if !folders.contains(&of_user) {
                folders.push(of_user);
            }
        }
        Self {
            folders,
            builtin: places.builtin,
            user,
        }
    }

    fn find(&self, name: &str) -> Result<Found, NotFound> {
        let mut skipped = Vec::new();
        for entry in self.entries(name) {
            match (entry.standing, entry.origin) {
                (Standing::Meant(hides), origin) => {
                    return Ok(Found {
                        origin,
                        hides,
                        skipped,
                    });
                }
                (Standing::Skipped(why), Origin::File(path)) => skipped.push((path, why)),
                _ => {}
            }
        }
        Err(match skipped.first() {
            Some((path, why)) => NotFound::Skipped {
                name: Safe::new(name),
                path: Safe::new(&path.to_string_lossy()),
                why: *why,
            },
            None => NotFound::Unknown {
                name: Safe::new(name),
                nearest: self.nearest(name),
            },
        })
    }

    fn list(&self) -> Vec<Entry> {
        let names = self.names();
        names.iter().flat_map(|name| self.entries(name)).collect()
    }

    /// Everything of that name, in the order it is looked for.
    fn entries(&self, name: &str) -> Vec<Entry> {
        let candidates = self.candidates(name);
        let trusted = candidates.iter().filter(|one| one.distrust.is_none());
        let trusted: Vec<Origin> = trusted.map(|one| one.origin.clone()).collect();
        let entry = |Candidate { origin, distrust }| {
            let standing = match (distrust, trusted.split_first()) {
                (Some(why), _) => Standing::Skipped(why),
                (None, Some((meant, _))) if *meant != origin => Standing::HiddenBy(meant.clone()),
                (None, meant) => Standing::Meant(meant.map_or(&[][..], |(_, rest)| rest).to_vec()),
            };
            Entry {
                name: name.to_owned(),
                origin,
                standing,
            }
        };
        candidates.into_iter().map(entry).collect()
    }

    fn candidates(&self, name: &str) -> Vec<Candidate> {
        let folders = self.folders.iter();
        let paths =
            folders.flat_map(|folder| ENDINGS.map(|ending| folder.join(format!("{name}{ending}"))));
        let files = paths.filter_map(|path| self.candidate(path));
        let builtin = self.builtin.iter().filter(|builtin| builtin.name == name);
        let builtin = builtin.map(|builtin| Candidate {
            distrust: None,
            origin: Origin::Builtin(*builtin),
        });
        files.chain(builtin).collect()
    }

    fn candidate(&self, path: PathBuf) -> Option<Candidate> {
        let target = path.metadata().ok()?;
        let link = path.symlink_metadata().ok()?;
        target.is_file().then(|| Candidate {
            distrust: self.distrust([&link, &target]),
            origin: Origin::File(path),
        })
    }

    /// Every name there is a file or a built-in query for.
    fn names(&self) -> BTreeSet<String> {
        let listings = self
            .folders
            .iter()
            .filter_map(|folder| fs::read_dir(folder).ok());
        let files = listings.flatten().flatten().map(|file| file.file_name());
        let stems = files.filter_map(|file| stem(file.to_str()?).map(str::to_owned));
        let builtin = self.builtin.iter().map(|builtin| builtin.name.to_owned());
        stems.filter(|name| is_name(name)).chain(builtin).collect()
    }

    fn nearest(&self, name: &str) -> Option<String> {
        let entries = self.list();
        let usable = entries
            .iter()
            .filter(|entry| matches!(entry.standing, Standing::Meant(_)));
        nearest(name, usable.map(|entry| entry.name.as_str())).map(str::to_owned)
    }

    /// Finds a fault with who owns a file. Both the link and what it leads to must be ours; root's files are
    /// not, unless we are root.
    fn distrust(&self, link_and_target: [&Metadata; 2]) -> Option<Distrust> {
        let mut owners = link_and_target.into_iter().filter_map(owner);
        let foreign = owners.find(|owner| self.user != Some(*owner));
        foreign.map(Distrust::Owner)
    }
}

/// The folder and its parents up to the git root; without one, the folder alone. A worktree's `.git` is a file.
fn levels(here: &Path) -> Vec<&Path> {
    let is_root = |folder: &&Path| folder.join(".git").symlink_metadata().is_ok();
    match here.ancestors().position(|folder| is_root(&folder)) {
        Some(root) => here.ancestors().take(root + 1).collect(),
        None => vec![here],
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const BUILTIN: [Builtin; 2] = [
        Builtin {
            name: "stale",
            text: "stale",
        },
        Builtin {
            name: "big",
            text: "big",
        },
    ];

    /// A folder with these files in it, and a search from `here` below it.
    struct World {
        root: TempDir,
        here: &'static str,
    }

    impl World {
        fn new(here: &'static str, files: &[&str]) -> Self {
            let root = TempDir::new().unwrap();
            fs::create_dir_all(root.path().join(here)).unwrap();
            for file in files {
                let path = root.path().join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "").unwrap();
            }
            Self { root, here }
        }

        fn places(&self) -> Places<'static> {
            Places {
                here: self.root.path().join(self.here),
                config: Some(self.root.path().join("config")),
                builtin: &BUILTIN,
            }
        }

        /// Paths from the root of this world; built-in queries in brackets.
        fn show(&self, origin: &Origin) -> String {
            match origin {
                Origin::File(path) => {
                    let path = path.strip_prefix(self.root.path()).unwrap();
                    path.to_str().unwrap().replace('\\', "/")
                }
                Origin::Builtin(builtin) => format!("[{}]", builtin.name),
            }
        }

        /// What is found and, after it, what is hidden.
        fn find(&self, name: &str) -> Vec<String> {
            let found = find(name, &self.places()).unwrap();
            let all = std::iter::once(&found.origin).chain(&found.hides);
            all.map(|origin| self.show(origin)).collect()
        }
    }

    #[test]
    fn the_nearest_folder_wins_then_the_configuration_then_the_program() {
        let files = [
            ".git/HEAD",
            "a/b/stale.yaml",
            "a/b/queries/stale.yaml",
            "a/b/.regq/stale.yaml",
            "a/stale.yml",
            "queries/stale.yaml",
            "config/regq/queries/stale.yaml",
        ];
        let world = World::new("a/b", &files);
        let expected: Vec<&str> = files[1..].iter().copied().chain(["[stale]"]).collect();
        assert_eq!(world.find("stale"), expected);
    }

    #[test]
    fn parents_are_searched_only_up_to_the_git_root() {
        for marker in ["a/.git/HEAD", "a/.git"] {
            let world = World::new("a/b", &[marker, "x.yaml", "a/x.yaml"]);
            assert_eq!(world.find("x"), ["a/x.yaml"], "{marker}");
        }
    }

    #[test]
    fn outside_git_only_this_folder_is_searched() {
        let world = World::new("a/b", &["a/x.yaml", "a/b/queries/y.yaml"]);
        assert!(find("x", &world.places()).is_err());
        assert_eq!(world.find("y"), ["a/b/queries/y.yaml"]);
    }

    #[test]
    fn the_long_ending_comes_before_the_short_one() {
        let world = World::new("", &["x.yml", "x.yaml"]);
        assert_eq!(world.find("x"), ["x.yaml", "x.yml"]);
    }

    #[test]
    fn a_file_met_twice_does_not_hide_itself() {
        let world = World::new("config/regq", &["config/regq/queries/x.yaml"]);
        assert_eq!(world.find("x"), ["config/regq/queries/x.yaml"]);
    }

    #[test]
    fn hiding_a_built_in_query_is_told() {
        let world = World::new("", &["stale.yaml", "own.yaml"]);
        assert!(find("stale", &world.places()).unwrap().hides_builtin());
        assert!(!find("own", &world.places()).unwrap().hides_builtin());
        assert!(!find("big", &world.places()).unwrap().hides_builtin());
    }

    #[test]
    fn a_path_is_taken_as_it_is() {
        let world = World::new("", &["queries/x.yaml"]);
        for path in ["queries/x", "./x", "x.yaml", "x.yml", "/x", "queries/"] {
            let found = find(path, &world.places()).unwrap();
            assert_eq!(found.origin, Origin::File(PathBuf::from(path)), "{path}");
        }
    }

    #[test]
    fn odd_words_are_no_names() {
        let world = World::new("", &[]);
        for word in ["", "-", ".hidden", "..", "a b", "é", "a\u{1b}[31m", "a:b"] {
            let error = find(word, &world.places()).unwrap_err();
            assert!(matches!(error, NotFound::BadName { .. }), "{word}: {error}");
            assert!(!error.to_string().contains('\u{1b}'));
        }
    }

    #[test]
    fn a_slip_is_told_the_right_name() {
        let world = World::new("", &["weekly.yaml"]);
        for (typed, meant) in [
            ("weakly", Some("weekly")),
            ("stael", Some("stale")),
            ("q", None),
        ] {
            let error = find(typed, &world.places()).unwrap_err();
            let expected = NotFound::Unknown {
                name: Safe::new(typed),
                nearest: meant.map(str::to_owned),
            };
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn the_list_says_what_hides_what() {
        let world = World::new("", &["stale.yaml", "notes.txt", ".x.yaml", "a b.yaml"]);
        let entries = list(&world.places());
        let shown: Vec<String> = entries
            .iter()
            .map(|entry| {
                let origin = world.show(&entry.origin);
                match &entry.standing {
                    Standing::Meant(hides) => format!("{origin} hides {}", hides.len()),
                    Standing::HiddenBy(other) => format!("{origin} under {}", world.show(other)),
                    Standing::Skipped(why) => format!("{origin} {why}"),
                }
            })
            .collect();
        let expected = [
            "[big] hides 0",
            "stale.yaml hides 1",
            "[stale] under stale.yaml",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn folders_of_that_name_are_not_queries() {
        let world = World::new("", &["x.yaml/inner"]);
        assert!(find("x", &world.places()).is_err());
        assert_eq!(list(&world.places()).len(), BUILTIN.len());
    }

    #[cfg(unix)]
    mod owners {
        use super::*;

        fn strangers(world: &World) -> Search<'static> {
            let stranger = current_user().map(|user| user + 1);
            Search::new(&world.places(), stranger)
        }

        #[test]
        fn g12_files_of_others_are_skipped_and_it_is_said_why() {
            let world = World::new("", &["stale.yaml", "x.yaml"]);
            let search = strangers(&world);
            let owner = current_user().unwrap();

            let found = search.find("stale").unwrap();
            assert_eq!(found.origin, Origin::Builtin(BUILTIN[0]));
            let passed = world.root.path().join("stale.yaml");
            assert_eq!(found.skipped, [(passed, Distrust::Owner(owner))]);
            assert!(!found.hides_builtin());

            let error = search.find("x").unwrap_err().to_string();
            assert!(
                error.ends_with(&format!("x.yaml` is owned by user {owner}")),
                "{error}"
            );

            let entries = search.list();
            let skipped = Standing::Skipped(Distrust::Owner(owner));
            assert!(
                entries
                    .iter()
                    .any(|entry| entry.name == "x" && entry.standing == skipped)
            );
        }

        #[test]
        fn g12_a_file_of_another_is_not_offered_as_the_right_name() {
            let world = World::new("", &["weekly.yaml"]);
            let error = strangers(&world).find("weakly").unwrap_err();
            assert!(
                matches!(error, NotFound::Unknown { nearest: None, .. }),
                "{error}"
            );
        }

        #[test]
        fn a_link_of_ours_to_a_file_of_ours_is_fine() {
            let world = World::new("here", &["elsewhere/x.yaml"]);
            let link = world.root.path().join("here/x.yaml");
            std::os::unix::fs::symlink("../elsewhere/x.yaml", link).unwrap();
            assert_eq!(world.find("x"), ["here/x.yaml"]);
        }

        #[test]
        fn a_link_that_leads_nowhere_is_no_query() {
            let world = World::new("", &[]);
            std::os::unix::fs::symlink("gone", world.root.path().join("x.yaml")).unwrap();
            assert!(find("x", &world.places()).is_err());
        }

        #[test]
        fn g12_a_link_of_ours_to_a_file_of_another_is_skipped() {
            let world = World::new("", &[]);
            let search = Search::new(&world.places(), current_user());
            // A file that belongs to root; as root it is ours, and there is nothing to see.
            std::os::unix::fs::symlink("/etc/passwd", world.root.path().join("x.yaml")).unwrap();
            let foreign = current_user() != Some(0);
            assert_eq!(search.find("x").is_err(), foreign);
        }
    }
}
