//! The names kept, on a folder of the test's own.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::limits::{SEEN_LIFE, SEEN_NAMES, SEEN_REGISTRIES, SEEN_TAGS};

const NOW: i64 = 1_772_496_000;

fn host(text: &str) -> RegistryHost {
    text.parse().unwrap()
}

fn bob() -> Login {
    Login::Somebody("account bob".to_owned())
}

/// `NAME TAG TAG …`, with `$` behind the last tag where there are no others.
fn noted(lines: &[&str]) -> Noted {
    let mut noted = Noted::new();
    for line in lines {
        let mut words = line.split(' ');
        let name = words.next().unwrap().parse().unwrap();
        let met: &mut Met = noted.entry(name).or_default();
        for word in words {
            match word {
                "$" => met.has_no_more = true,
                tag => drop(met.tags.insert(tag.parse().unwrap())),
            }
        }
    }
    noted
}

struct World {
    folder: TempDir,
    shelf: Shelf,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let shelf = Shelf::below(&folder.path().join("cache"));
        Self { folder, shelf }
    }

    fn remember(&self, login: &Login, lines: &[&str], now: i64) {
        let host = host("a.io");
        self.shelf
            .remember(&host, login, noted(lines), now)
            .unwrap();
    }

    fn recall(&self, login: &Login, now: i64) -> Vec<String> {
        let pages = self.shelf.recall(&host("a.io"), login, TagsOf::All, now);
        let repositories = pages.iter().flat_map(|page| &page.repositories);
        let line = |(name, kept): (&Repository, &page::Kept)| {
            let tags = kept.tags.iter().map(|tag| format!(" {tag}"));
            format!("{name}{}", tags.collect::<String>())
        };
        repositories.map(line).collect()
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.shelf.folder()).unwrap();
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
        entries
            .map(|entry| name(entry).into_string().unwrap())
            .collect()
    }
}

#[test]
fn tags_are_read_of_those_repositories_only_that_are_asked_for() {
    let world = World::new();
    world.remember(&bob(), &["app 1", "lib 2"], NOW);
    let tags = |wanted| {
        let pages = world.shelf.recall(&host("a.io"), &bob(), wanted, NOW);
        let kept = pages[0].repositories.values();
        kept.map(|kept| kept.tags.len()).collect::<Vec<_>>()
    };
    assert_eq!(tags(TagsOf::Nothing), [0, 0]);
    assert_eq!(tags(TagsOf::Only("lib")), [0, 1]);
    assert_eq!(tags(TagsOf::All), [1, 1]);
}

#[test]
fn what_runs_meet_adds_up_and_a_whole_listing_replaces() {
    let world = World::new();
    world.remember(&Login::Nobody, &["team/app 1.0 1.1", "lib"], NOW);
    assert_eq!(
        world.recall(&Login::Nobody, NOW),
        ["lib", "team/app 1.0 1.1"]
    );
    world.remember(&Login::Nobody, &["team/app 1.2"], NOW + 1);
    assert_eq!(
        world.recall(&Login::Nobody, NOW + 1)[1],
        "team/app 1.0 1.1 1.2"
    );
    world.remember(&Login::Nobody, &["team/app 1.1 2.0 $"], NOW + 2);
    assert_eq!(world.recall(&Login::Nobody, NOW + 2)[1], "team/app 1.1 2.0");
}

#[test]
fn l2_what_a_login_has_seen_is_offered_to_no_other() {
    let world = World::new();
    world.remember(&Login::Nobody, &["open 1"], NOW);
    world.remember(&bob(), &["private 1"], NOW);
    assert_eq!(world.recall(&bob(), NOW), ["private 1", "open 1"]);
    assert_eq!(world.recall(&Login::Nobody, NOW), ["open 1"]);
    let alice = Login::Somebody("account alice".to_owned());
    assert_eq!(world.recall(&alice, NOW), ["open 1"]);
    let shelf = &world.shelf;
    let only_bob = [host("b.io")];
    shelf
        .remember(&only_bob[0], &bob(), noted(&["x"]), NOW)
        .unwrap();
    assert_eq!(shelf.hosts(|_| bob()), [host("a.io"), host("b.io")]);
    assert_eq!(shelf.hosts(|_| Login::Nobody), [host("a.io")]);
}

#[test]
fn l4_files_are_called_by_hashes() {
    let world = World::new();
    let login = Login::Somebody("account ../../etc".to_owned());
    world.remember(&login, &["team/app 1"], NOW);
    for name in world.files() {
        assert!(
            name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{name}"
        );
    }
}

#[cfg(unix)]
#[test]
fn l1_the_folder_is_its_users_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let world = World::new();
    world.remember(&bob(), &["app 1"], NOW);
    let names = world.shelf.folder().to_owned();
    let regq = names.parent().unwrap().to_owned();
    let file = names.join(&world.files()[0]);
    assert_eq!(
        (mode(&regq), mode(&names), mode(&file)),
        (0o700, 0o700, 0o600)
    );
    // Others may read it: that is put right. Others may write it: it is not used.
    fs::set_permissions(&names, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(world.recall(&bob(), NOW), ["app 1"]);
    assert_eq!(mode(&names), 0o700);
    for folder in [&regq, &names] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o770)).unwrap();
        assert_eq!(world.recall(&bob(), NOW), [""; 0]);
        let refused = world
            .shelf
            .remember(&host("a.io"), &bob(), noted(&["b"]), NOW);
        assert!(
            refused
                .unwrap_err()
                .to_string()
                .ends_with("is not a folder of yours alone")
        );
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    }
    let elsewhere = world.folder.path().join("elsewhere");
    fs::rename(&names, &elsewhere).unwrap();
    symlink(&elsewhere, &names).unwrap();
    assert_eq!(world.recall(&bob(), NOW), [""; 0]);
    assert!(world.shelf.check().is_err());
}

#[test]
fn l6_a_file_that_was_cut_off_or_damaged_holds_no_wrong_name() {
    let world = World::new();
    world.remember(&bob(), &["app 1.18 2.0", "lib 3"], NOW);
    let path = world.shelf.folder().join(&world.files()[0]);
    let whole = fs::read_to_string(&path).unwrap();
    assert!(Page::read(&whole, NOW, TagsOf::All).is_some());
    for end in 0..whole.len() {
        assert_eq!(Page::read(&whole[..end], NOW, TagsOf::All), None, "{end}");
    }
    let damaged = whole
        .replace(" 2.0\n", " \u{1b}[31m\n -x\n")
        .replace("lib ", "../lib ");
    fs::write(&path, damaged).unwrap();
    assert_eq!(world.recall(&bob(), NOW), ["app 1.18"]);
    fs::write(&path, b"\xff\xfe\n.\n").unwrap();
    assert_eq!(world.recall(&bob(), NOW), [""; 0]);
    world.remember(&bob(), &["app 5"], NOW);
    assert_eq!(world.recall(&bob(), NOW), ["app 5"]);
}

#[test]
fn l5_runs_at_the_same_time_leave_what_one_of_them_wrote() {
    let world = World::new();
    std::thread::scope(|scope| {
        for run in 0..8 {
            let world = &world;
            scope.spawn(move || {
                for turn in 0..20 {
                    world.remember(&bob(), &[&format!("app {run}.{turn}")], NOW);
                    assert_eq!(world.recall(&bob(), NOW).len(), 1);
                }
            });
        }
    });
    assert_eq!(world.files().len(), 1);
}

#[test]
fn l8_there_is_an_end_to_how_much_is_remembered() {
    let world = World::new();
    let tags: Vec<String> = (0..=SEEN_TAGS).map(|tag| format!("t{tag}")).collect();
    world.remember(&bob(), &[&format!("app {}", tags.join(" "))], NOW);
    let kept = world.recall(&bob(), NOW);
    assert_eq!(kept[0].split(' ').count(), SEEN_TAGS + 1);
    let mut page = Page::new(host("a.io"));
    let repositories = |from: usize| -> Noted {
        let name = |at: usize| format!("r{at}").parse().unwrap();
        (from..from + SEEN_NAMES)
            .map(|at| (name(at), Met::default()))
            .collect()
    };
    page.take(repositories(0), NOW);
    page.shorten();
    assert_eq!(page.repositories.len(), SEEN_NAMES);
    page.take(
        [("younger".parse().unwrap(), Met::default())].into(),
        NOW + 1,
    );
    page.shorten();
    assert_eq!(page.repositories.len(), SEEN_NAMES);
    assert!(page.repositories.contains_key(&"younger".parse().unwrap()));
    let many = World::new();
    for at in 0..=SEEN_REGISTRIES {
        let host = host(&format!("r{at}.io"));
        many.shelf
            .remember(&host, &bob(), noted(&["a"]), NOW)
            .unwrap();
    }
    assert_eq!(many.files().len(), SEEN_REGISTRIES);
}

#[test]
fn l9_what_was_met_long_ago_or_in_the_future_is_not_offered() {
    let world = World::new();
    let life = i64::try_from(SEEN_LIFE.as_secs()).unwrap();
    world.remember(&bob(), &["app 1"], NOW);
    assert_eq!(world.recall(&bob(), NOW + life), ["app 1"]);
    assert_eq!(world.recall(&bob(), NOW + life + 1), [""; 0]);
    assert_eq!(world.recall(&bob(), NOW - 1), [""; 0]);
    assert_eq!(world.recall(&bob(), i64::MIN), [""; 0]);
}

#[test]
fn what_is_known_is_not_written_again_every_time() {
    let mut page = Page::new(host("a.io"));
    assert!(page.take(noted(&["app 1 $"]), NOW));
    assert!(!page.take(noted(&["app 1 $"]), NOW + 60));
    assert!(page.take(noted(&["app 1 $"]), NOW + 60 + 24 * 60 * 60 + 1));
}

#[test]
fn what_is_forgotten_is_gone_and_nothing_else() {
    let world = World::new();
    assert_eq!(world.shelf.clear().unwrap(), 0);
    assert_eq!(world.shelf.extent(NOW), Extent::default());
    world.remember(&bob(), &["app 1 2", "lib"], NOW);
    let extent = world.shelf.extent(NOW);
    assert_eq!((extent.files, extent.repositories, extent.tags), (1, 2, 2));
    fs::write(world.shelf.folder().join("notes.txt"), "mine").unwrap();
    fs::write(world.shelf.folder().join(".docker-regq-x"), "begun").unwrap();
    assert_eq!(world.shelf.clear().unwrap(), 1);
    assert_eq!(world.files(), ["notes.txt"]);
}
