//! Archives are read as the folders in them would be, and what is wrong with one is told. That both say the same of the
//! same content is tested with the layouts.

use std::fs;

use regq::limits::{
    ARCHIVE_HEADER_BYTES, ARCHIVE_KEPT_BYTES, ARCHIVE_NAME_BYTES, KIB, Limits, MIB,
};
use regq::oci::{Digest, MediaType};
use regq::registry::{Class, Details, Form, Layout, LayoutRoot, Registry, RegistryError};
use serde_json::json;
use tempfile::TempDir;

use super::support::archive::{Tar, gzip, packed};
use super::support::ask::{self, config, manifest};
use super::support::command::Workplace;
use super::support::image::Image;
use super::support::layout::TestLayout;

const MARKER: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

/// Opens these bytes as a file `layout.tar`, and asks.
fn ask<T>(content: &[u8], limits: &Limits, question: impl FnOnce(&Layout) -> T) -> T {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("layout.tar");
    fs::write(&path, content).unwrap();
    let root = LayoutRoot::anywhere(path).with(Form::OciArchive);
    let layout = Layout::open(root, "oci-archive:layout.tar", limits.clone());
    question(&layout)
}

/// How many repositories there are, or what is wrong.
fn listed_within(content: &[u8], limits: &Limits) -> Result<usize, RegistryError> {
    let count = |layout: &Layout| {
        Ok(ask::all(layout.repositories(None, Details::EMPTY))?
            .entries
            .len())
    };
    ask(content, limits, count)
}

/// `repositories: N`, or what is wrong.
fn listed(content: &[u8]) -> String {
    told(listed_within(content, &Limits::default()))
}

fn told(listed: Result<usize, RegistryError>) -> String {
    let in_words = |error: RegistryError| match error.to_string().split_once(": ") {
        Some((_, why)) if error.code() == "NOT_AN_ARCHIVE" => why.to_owned(),
        _ => error.to_string(),
    };
    listed.map_or_else(in_words, |count| format!("repositories: {count}"))
}

/// An index of one image `app:1` that nobody has.
fn index() -> String {
    let digest = Digest::of(b"").to_string();
    let annotations = json!({"org.opencontainers.image.ref.name": "app:1"});
    let entry = json!({"mediaType": MediaType::OCI_MANIFEST, "digest": digest, "size": 0, "annotations": annotations});
    json!({"schemaVersion": 2, "manifests": [entry]}).to_string()
}

/// A layout's files, ready for more.
fn layout() -> Tar {
    Tar::new()
        .file("oci-layout", MARKER)
        .file("index.json", index())
}

#[test]
fn names_are_found_however_they_are_written() {
    let (marker, index) = (|| Tar::new().file("oci-layout", MARKER), index());
    let index = index.as_bytes();
    let long = format!("{}/index.json", "./".repeat(60) + ".");
    let zero = b"00000000000";
    for (how, tar) in [
        ("plain", marker().file("index.json", index)),
        ("dotted", marker().file("./index.json", index)),
        ("of old", marker().entry(0, "index.json", "", index)),
        ("contiguous", marker().entry(b'7', "index.json", "", index)),
        ("long, of GNU", marker().long_name(&long).file("cut", index)),
        (
            "of pax",
            marker().pax(&[("path", &long)]).file("cut", index),
        ),
        (
            "sized by pax",
            marker()
                .pax(&[("size", &index.len().to_string())])
                .header(b'0', "index.json", "", zero)
                .content(index),
        ),
        (
            "sized in binary",
            marker()
                .header(b'0', "index.json", "", &binary(index.len() as u64))
                .content(index),
        ),
        (
            "after words for all",
            marker()
                .entry(b'g', "pax_global_header", "", "13 comment=x\n")
                .file("index.json", index),
        ),
        (
            "a hard link",
            marker()
                .file("other", index)
                .entry(b'1', "index.json", "other", ""),
        ),
        (
            "a link",
            marker()
                .link("index.json", "a/../other")
                .file("other", index),
        ),
        // What a header says that cannot have content is no size: so Go reads it.
        (
            "after a folder with a size",
            marker()
                .header(b'5', "folder", "", b"00000001000")
                .file("index.json", index),
        ),
    ] {
        let content = tar.end();
        assert_eq!(listed(&content), "repositories: 1", "{how}");
        assert_eq!(listed(&gzip(&content)), "repositories: 1", "{how}, packed");
    }
}

/// A size in base 256.
fn binary(size: u64) -> [u8; 12] {
    let mut field = [0; 12];
    field[0] = 0x80;
    field[4..].copy_from_slice(&size.to_be_bytes());
    field
}

#[test]
fn an_end_is_not_needed_and_nothing_is_read_behind_one() {
    assert_eq!(listed(&layout().open_ended()), "repositories: 1");
    let behind = [layout().end(), layout().end(), b"rest".to_vec()].concat();
    assert_eq!(listed(&behind), "repositories: 1");
    let twice = [
        gzip(&layout().open_ended()),
        gzip(&Tar::new().file("x", "").end()),
    ]
    .concat();
    assert_eq!(listed(&twice), "repositories: 1");
}

#[test]
fn g10_c5_what_could_be_read_in_two_ways_is_refused_when_it_is_asked_for() {
    let elsewhere = "`index.json` was not read: it leads out of its folder";
    let twice = "`index.json` was not read: it stands there more than once, and readers differ in which one they take";
    let marker = || Tar::new().file("oci-layout", MARKER);
    for (tar, expected) in [
        (layout().file("index.json", index()), twice),
        (layout().file("./index.json", index()), twice),
        (layout().file("/index.json", index()), twice),
        (layout().file("../index.json", index()), twice),
        (layout().link("index.json", "other"), twice),
        (marker().file("/index.json", index()), elsewhere),
        (marker().file("../../index.json", index()), elsewhere),
        (marker().file("a/../index.json", index()), elsewhere),
        (marker().link("index.json", "/etc/passwd"), elsewhere),
        (marker().link("index.json", "../index.json"), elsewhere),
        (marker().entry(b'1', "index.json", "../x", ""), elsewhere),
        (
            marker().link("index.json", "index.json"),
            "`index.json` was not read: its links lead nowhere",
        ),
        (
            marker().folder("index.json"),
            "`index.json` was not read: it is a folder",
        ),
        (
            marker().entry(b'6', "index.json", "", ""),
            "`index.json` was not read: it is not a regular file",
        ),
        (
            marker().entry(b'3', "index.json", "", ""),
            "`index.json` was not read: it is not a regular file",
        ),
        (
            marker().entry(b'Z', "index.json", "", index()),
            "`index.json` was not read: it is not a regular file",
        ),
        (
            marker()
                .pax(&[("GNU.sparse.major", "1"), ("GNU.sparse.name", "index.json")])
                .file("GNUSparseFile.0/index.json", index()),
            "`index.json` was not read: it is stored as a sparse file",
        ),
    ] {
        let content = tar.end();
        assert_eq!(listed(&content), expected);
        assert_eq!(listed(&gzip(&content)), expected);
    }
}

#[test]
fn what_nobody_asks_for_spoils_nothing() {
    let strange = layout()
        .file("../../etc/cron.d/x", "x")
        .file("/etc/passwd", "x")
        .file("a", "x")
        .file("a", "y")
        .link("blobs", "/etc")
        .folder("blobs/")
        .entry(b'6', "pipe", "", "")
        .link("loop", "loop")
        .file("\u{1b}[2J", "x")
        .pax(&[("path", "")])
        .file("nameless", "x")
        .end();
    assert_eq!(listed(&strange), "repositories: 1");
}

/// An old sparse file of GNU tar goes on telling of its parts in blocks that no header announces.
#[test]
fn a_sparse_file_is_passed_by() {
    let mut header = Tar::new()
        .header(b'S', "sparse", "", b"00000001000")
        .open_ended();
    header[257..265].copy_from_slice(b"ustar  \0");
    header[482] = 1;
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut extended = vec![0; 1024];
    extended[504] = 1;
    let content = [header, extended, vec![b'x'; 512], layout().end()].concat();
    assert_eq!(listed(&content), "repositories: 1");
}

#[test]
fn what_is_no_archive_says_what_it_is() {
    let later = {
        let mut content = layout().file("x", "").end();
        content[1024 + 2] ^= 1;
        content
    };
    let text = Tar::new()
        .header(b'0', "oci-layout", "", b"not a number")
        .end();
    let grown = Tar::new().header(b'0', "x", "", b"77777777777").end();
    for (content, expected) in [
        (Vec::new(), "it is not a tar file"),
        (b"hello".to_vec(), "it is not a tar file"),
        (vec![b'x'; 2048], "it is not a tar file"),
        (later, "there is no valid header at byte 1024"),
        (text, "the size of one of its members is not valid"),
        (grown, "it is cut off"),
        (
            Tar::new().header(b'0', "x", "", &binary(u64::MAX)).end(),
            "it is cut off",
        ),
        (
            Tar::new().pax(&[("size", "-1")]).file("x", "").end(),
            "the size of one of its members is not valid",
        ),
        (
            Tar::new().entry(b'x', "x", "", "99 path=a\n").end(),
            "one of its extended headers is malformed",
        ),
        (b"\x1f\x8b".to_vec(), "it is cut off"),
        (
            b"\x1f\x8b\x08garbage that is none".to_vec(),
            "what gzip packed is damaged",
        ),
        (gzip(b"hello"), "it is not a tar file"),
        (
            b"\x28\xb5\x2f\xfd....".to_vec(),
            "it is packed with zstd, and only what is packed with gzip is read",
        ),
        (
            b"\xfd7zXZ\0..".to_vec(),
            "it is packed with xz, and only what is packed with gzip is read",
        ),
        (
            b"PK\x03\x04....".to_vec(),
            "it is packed with zip, and only what is packed with gzip is read",
        ),
        (gzip(&gzip(&layout().end())), "it is not a tar file"),
        (
            vec![0; 1024],
            "`oci-archive:layout.tar` is not an OCI image layout: it has no file `oci-layout`",
        ),
        (
            Tar::new().file("oci-layout", MARKER).end(),
            "`oci-archive:layout.tar` is not an OCI image layout: it has no file `index.json`",
        ),
    ] {
        assert_eq!(listed(&content), expected);
    }
}

#[test]
fn what_is_not_there_or_no_file_is_told() {
    let folder = TempDir::new().unwrap();
    let told = |name: &str| {
        let root = LayoutRoot::anywhere(folder.path().join(name)).with(Form::OciArchive);
        let layout = Layout::open(root, format!("oci-archive:{name}"), Limits::default());
        ask::all(layout.repositories(None, Details::EMPTY))
            .unwrap_err()
            .to_string()
    };
    fs::write(folder.path().join("file"), "").unwrap();
    for (name, why) in [
        ("none.tar", "there is no file of that name"),
        ("", "it is a folder"),
    ] {
        assert!(told(name).ends_with(why), "{name}: {}", told(name));
    }
}

#[cfg(unix)]
#[test]
fn g5_a_pipe_is_refused_at_once() {
    let folder = TempDir::new().unwrap();
    let pipe = folder.path().join("pipe");
    super::support::layout::make_pipe(&pipe);
    for form in [Form::OciArchive, Form::DockerArchive] {
        let root = LayoutRoot::anywhere(&pipe).with(form);
        let layout = Layout::open(root, "oci-archive:pipe", Limits::default());
        let error = ask::all(layout.repositories(None, Details::EMPTY)).unwrap_err();
        assert_eq!(
            (error.code(), error.class()),
            ("UNSAFE_FILE", Class::Unsafe)
        );
    }
}

/// Everything a layout of one image has to say, or what is wrong with it.
fn all_of_it(content: &[u8]) -> Result<String, RegistryError> {
    ask(content, &Limits::default(), |layout| {
        let names: Vec<String> = ask::all(layout.repositories(None, Details::EMPTY))?
            .entries
            .iter()
            .map(|entry| entry.repository.to_string())
            .collect();
        let document = manifest(layout, "app:1")?;
        let config = config(layout, "app:1")?;
        Ok(format!("{names:?} {:?} {:?}", document.value, config.value))
    })
}

#[test]
fn c4_what_is_cut_off_says_the_same_or_that_something_is_wrong() {
    let written = TestLayout::new()
        .tag("app:1", Image::new().user("1000"))
        .write();
    let plain = packed(&written.path());
    let whole = all_of_it(&plain).unwrap();
    for content in [plain.clone(), gzip(&plain)] {
        assert_eq!(all_of_it(&content).unwrap(), whole);
        let mut failed = 0;
        for end in (0..content.len()).step_by(7) {
            match all_of_it(&content[..end]) {
                Ok(said) => assert_eq!(said, whole, "{end}"),
                Err(_) => failed += 1,
            }
        }
        assert!(failed > content.len() / 30, "{failed}");
    }
}

#[test]
fn d1_what_is_damaged_says_the_same_or_that_something_is_wrong() {
    let written = TestLayout::new()
        .tag("app:1", Image::new().user("1000"))
        .write();
    let plain = packed(&written.path());
    let whole = all_of_it(&plain).unwrap();
    for content in [plain.clone(), gzip(&plain)] {
        for at in (0..content.len()).step_by(11) {
            let mut damaged = content.clone();
            damaged[at] ^= 0x41;
            // What names images is covered by no digest where it is not packed.
            let said = all_of_it(&damaged);
            let is_name = |said: &String| said.split(' ').skip(1).eq(whole.split(' ').skip(1));
            assert!(
                said.as_ref().is_err() || said.as_ref().is_ok_and(is_name),
                "{at}: {said:?}"
            );
        }
    }
}

#[test]
fn s5_members_are_counted() {
    let tar = (0..7).fold(layout(), |tar, at| tar.file(&format!("file-{at}"), ""));
    let nine = tar.end();
    for (most, expected) in [
        (8, "it has more than 8 members"),
        (9, "repositories: 1"),
        (10, "repositories: 1"),
    ] {
        let limits = Limits {
            archive_members: most,
            ..Limits::default()
        };
        let found = listed_within(&nine, &limits);
        let is_ours = found
            .as_ref()
            .is_err_and(|error| error.class() == Class::Unsafe);
        assert_eq!(is_ours, most == 8);
        assert_eq!(told(found), expected);
    }
    // Words about no member are headers too.
    let words = (0..9).fold(layout(), |tar, _| tar.pax(&[("comment", "x")]));
    let limits = Limits {
        archive_members: 10,
        ..Limits::default()
    };
    assert_eq!(
        told(listed_within(&words.end(), &limits)),
        "it has more than 10 members"
    );
}

#[test]
fn s5_names_and_words_have_a_length() {
    let name = |length: usize| "x".repeat(length);
    for (length, expected) in [
        (ARCHIVE_NAME_BYTES, "repositories: 1"),
        (
            ARCHIVE_NAME_BYTES + 1,
            "one of its names is longer than 4 KiB",
        ),
    ] {
        let (of_gnu, of_pax) = (layout(), layout());
        let long = name(length);
        let of_gnu = of_gnu.long_name(&long).file("cut", "").end();
        let of_pax = of_pax.pax(&[("path", &long)]).file("cut", "").end();
        let link = layout()
            .pax(&[("linkpath", &long)])
            .link("link", "cut")
            .end();
        for content in [of_gnu, of_pax, link] {
            assert_eq!(listed(&content), expected, "{length}");
        }
    }
    let words = |length: usize| {
        layout()
            .entry(b'x', "x", "", "\n".repeat(length))
            .file("y", "")
    };
    let (most, more) = (words(ARCHIVE_HEADER_BYTES), words(ARCHIVE_HEADER_BYTES + 1));
    assert_eq!(listed(&most.end()), "repositories: 1");
    let expected = "one of its extended headers is longer than 64 KiB";
    assert_eq!(listed(&more.end()), expected);
    // It is said to be long, and nothing of it is there.
    let said = layout().header(b'L', "x", "", b"77777777777").end();
    assert_eq!(listed(&said), expected);
}

#[test]
fn c2_what_is_unpacked_has_an_end() {
    let bomb = gzip(&layout().file("layer", vec![0; 40 * MIB]).end());
    assert!(bomb.len() < 400 * KIB);
    let within = |bytes: u64| Limits {
        unpacked_bytes: bytes,
        ..Limits::default()
    };
    let found = listed_within(&bomb, &within(8 * MIB as u64));
    assert_eq!(found.as_ref().unwrap_err().class(), Class::Unsafe);
    assert_eq!(told(found), "more than 8 MiB would have to be unpacked");
    let plain = layout().end();
    let needed = plain.len() as u64;
    for (bytes, is_enough) in [(needed - 1, false), (needed, true), (needed + 1, true)] {
        let found = listed_within(&gzip(&plain), &within(bytes));
        assert_eq!(found.is_ok(), is_enough, "{bytes}");
    }
}

/// A layout whose config does not look like a document, so that nobody keeps it.
fn unkept() -> Vec<u8> {
    let content = format!("{}{{}}", " ".repeat(100));
    let blob = |content: &[u8]| {
        let digest = Digest::of(content);
        (format!("blobs/sha256/{}", digest.hex()), digest.to_string())
    };
    let (path, digest) = blob(content.as_bytes());
    let descriptor =
        json!({"mediaType": MediaType::OCI_CONFIG, "digest": digest, "size": content.len()});
    let manifest = json!({"schemaVersion": 2, "config": descriptor, "layers": []}).to_string();
    let (at, digest) = blob(manifest.as_bytes());
    let annotations = json!({"org.opencontainers.image.ref.name": "app:1"});
    let entry = json!({"mediaType": MediaType::OCI_MANIFEST, "digest": digest, "size": manifest.len(), "annotations": annotations});
    let index = json!({"schemaVersion": 2, "manifests": [entry]}).to_string();
    Tar::new()
        .file("oci-layout", MARKER)
        .file("index.json", index)
        .file(&path, content)
        .file(&at, manifest)
        .end()
}

#[test]
fn what_was_not_kept_is_unpacked_again_within_the_same_bound() {
    let content = gzip(&unkept());
    let passes = |bytes: u64| {
        let limits = Limits {
            unpacked_bytes: bytes,
            ..Limits::default()
        };
        let passed = |layout: &Layout| {
            let all = (0..4).map(|_| config(layout, "app:1"));
            all.filter(Result::is_ok).count()
        };
        ask(&content, &limits, passed)
    };
    assert_eq!(passes(Limits::default().unpacked_bytes), 4);
    let once = unkept().len() as u64;
    assert_eq!(passes(once), 0);
    assert!((1..4).contains(&passes(2 * once)));
    let error = ask(
        &content,
        &Limits {
            unpacked_bytes: once,
            ..Limits::default()
        },
        |layout| config(layout, "app:1").unwrap_err(),
    );
    assert_eq!(error.code(), "UNREADABLE");
    assert!(
        error.to_string().ends_with("would have to be unpacked"),
        "{error}"
    );
}

#[test]
fn s5_more_documents_than_are_kept_are_read_all_the_same() {
    let large = Image::new().padded_to(3 * MIB);
    let count = ARCHIVE_KEPT_BYTES / (3 * MIB) + 2;
    let layout = (0..count).fold(TestLayout::new(), |layout, at| {
        layout.tag(
            &format!("app:{at}"),
            large.clone().label("at", &at.to_string()),
        )
    });
    let written = layout.write();
    let [_, _, packed] = written.forms();
    for at in 0..count {
        assert!(manifest(&packed, &format!("app:{at}")).is_ok(), "{at}");
    }
}

/// The demo as a folder, as a tar file and as a packed one.
fn demo_in(folder: &str) -> Workplace {
    let place = Workplace::new().layout(&format!("{folder}/demo"), &super::demo::demo());
    let packed = packed(&place.path(&format!("{folder}/demo")));
    place
        .file(&format!("{folder}/demo.tar"), &packed)
        .file(&format!("{folder}/demo.tgz"), gzip(&packed))
}

fn query(registry: &str) -> String {
    format!(
        "apiVersion: regq/v1\nkind: Query\nmetadata: {{name: q}}\nspec: {{registry: '{registry}'}}\n"
    )
}

#[test]
fn every_form_gives_the_same_table() {
    let place = demo_in(".");
    let columns = "repository,tag,digest,size,created,labels,platforms";
    for resource in ["tags", "images", "layers", "repositories"] {
        let columns = if resource == "repositories" {
            "repository,tags"
        } else {
            columns
        };
        let rows = |target: &str| {
            let ended = place.run(["get", resource, target, "-o", "csv", "--columns", columns]);
            ended.exits(0).quietly().stdout
        };
        let folder = rows("oci:demo");
        for target in [
            "oci-archive:demo.tar",
            "oci-archive:./demo.tgz",
            "docker-archive:demo.tar",
        ] {
            assert_eq!(rows(target), folder, "{target}");
        }
    }
    let one = place.run(["get", "tags", "-q", "oci-archive:demo.tgz:nightly"]);
    one.exits(0)
        .prints("oci-archive:demo.tgz/shop/worker:nightly\n");
}

#[test]
fn nothing_is_unpacked_to_disk() {
    let place = demo_in(".");
    let (before, home) = (place.names(), place.home());
    place
        .run([
            "get",
            "tags",
            "oci-archive:demo.tgz",
            "--columns",
            "created",
        ])
        .exits(0);
    assert_eq!(place.names(), before);
    assert_eq!(fs::read_dir(home).unwrap().count(), 0);
}

#[test]
fn a_plan_asks_a_file_that_need_not_be_there() {
    let place = Workplace::new().file("q.yaml", query("oci-archive:none.tar"));
    let plan = place.run(["plan", "q.yaml"]).exits(0).stdout;
    assert!(
        plan.contains("ask        oci-archive:none.tar: a file on disk, no login\n"),
        "{plan}"
    );
    let ended = place.run(["run", "q.yaml"]).exits(5);
    ended
        .says("there is no file of that name")
        .says("a folder is `oci:DIR`");
}

#[cfg(unix)]
#[test]
fn g10_a_query_file_looks_into_archives_below_its_folder() {
    use std::os::unix::fs::symlink;
    let place = demo_in("queries");
    fs::copy(place.path("queries/demo.tar"), place.path("outside.tar")).unwrap();
    symlink("../outside.tar", place.path("queries/link.tar")).unwrap();
    symlink("..", place.path("queries/up")).unwrap();
    for scheme in ["oci-archive", "docker-archive"] {
        for (path, from_file) in [
            ("demo.tar", 0),
            ("./demo.tgz", 0),
            ("../outside.tar", 2),
            ("demo/../../outside.tar", 2),
            ("/etc/passwd", 2),
            ("link.tar", 6),
            ("up/outside.tar", 6),
        ] {
            let target = format!("{scheme}:{path}");
            fs::write(place.path("queries/q.yaml"), query(&target)).unwrap();
            let ended = place.run(["run", "queries/q.yaml"]).exits(from_file);
            assert_eq!(
                ended.stdout.contains("shop/web"),
                from_file == 0,
                "{target}"
            );
            if path != "/etc/passwd" {
                // What the user types is theirs to decide.
                let command = place.command(["run", "q.yaml", "--registry", &target]);
                command.within(&place.path("queries")).run().exits(0);
            }
        }
    }
}

/// 32 GiB in a small file: to get through it takes longer than any test may.
fn endless() -> Vec<u8> {
    let (piece, count) = (16 * MIB, 2000);
    let size = binary(piece as u64 * count as u64);
    let header = gzip(&Tar::new().header(b'0', "layer", "", &size).open_ended());
    let piece = gzip(&vec![0; piece]);
    [header, piece.repeat(count)].concat()
}

#[test]
fn c2_nobody_waits_for_what_is_still_unpacked() {
    let place = Workplace::new().file("endless.tgz", endless());
    let ended = place.run(["get", "tags", "oci-archive:endless.tgz", "--timeout", "1s"]);
    ended
        .exits(5)
        .says("the time that `--timeout` gives was over");
}
