//! Which saved queries are found, in folders of the test's own.

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
            chosen: Some(self.root.path().join("chosen")),
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
        "chosen/stale.yaml",
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
    fn in_a_folder_that_was_chosen_they_are_meant() {
        let world = World::new("", &["stale.yaml", "chosen/stale.yaml"]);
        let found = strangers(&world).find("stale").unwrap();
        assert_eq!(world.show(&found.origin), "chosen/stale.yaml");
        assert_eq!(found.skipped.len(), 1);
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
