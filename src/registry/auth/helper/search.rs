//! Which program a helper's name stands for (threats I1).
//!
//! The name comes from a file. It can only become the rest of a program's name, and the program only lies in a folder
//! that PATH names in full: never in the folder that we happen to be in, which may be a stranger's.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::limits::HELPER_NAME_BYTES;
use crate::registry::auth::HelperFault;

/// The program of a helper.
pub(super) fn program(name: &str) -> Result<String, HelperFault> {
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let inner = |byte: u8| lower(byte) || b"._-".contains(&byte);
    match name.as_bytes() {
        [first, rest @ ..]
            if lower(*first)
                && rest.iter().all(|byte| inner(*byte))
                && name.len() <= HELPER_NAME_BYTES =>
        {
            Ok(format!("docker-credential-{name}"))
        }
        _ => Err(HelperFault::Name),
    }
}

/// Finds a program on a search path.
pub(super) fn find(program: &str, search_path: &OsStr) -> Option<PathBuf> {
    let folders = folders(search_path).filter(|folder| folder.is_absolute());
    let mut found = folders.map(|folder| folder.join(file_name(program)));
    found.find(|path| is_program(path))
}

#[cfg(unix)]
fn folders(search_path: &OsStr) -> impl Iterator<Item = &Path> {
    use std::os::unix::ffi::OsStrExt;
    let entries = search_path.as_bytes().split(|byte| *byte == b':');
    entries.map(|entry| Path::new(OsStr::from_bytes(entry)))
}

/// An entry in quotes is not absolute, so it is passed over.
#[cfg(not(unix))]
fn folders(search_path: &OsStr) -> impl Iterator<Item = &Path> {
    let entries = search_path.to_str().unwrap_or_default().split(';');
    entries.map(Path::new)
}

#[cfg(unix)]
fn file_name(program: &str) -> String {
    program.to_owned()
}

/// Only programs: a script would go through a shell, which reads its arguments again.
#[cfg(not(unix))]
fn file_name(program: &str) -> String {
    match program.ends_with(".exe") {
        true => program.to_owned(),
        false => format!("{program}.exe"),
    }
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use rustix::fs::{Access, access};
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i1_a_helpers_name_is_the_rest_of_a_programs_name_and_nothing_else() {
        let longest = "a".repeat(HELPER_NAME_BYTES);
        for name in ["pass", "ecr-login", "desktop.exe", "0_a", "a", &longest] {
            assert_eq!(program(name), Ok(format!("docker-credential-{name}")));
        }
        let too_long = "a".repeat(HELPER_NAME_BYTES + 1);
        for name in [
            "",
            "../../tmp/x",
            "/bin/sh",
            "a/b",
            "a\\b",
            "-x",
            ".",
            "..",
            "_a",
            "a b",
            "a\0b",
            "a\nb",
            "Pass",
            "a;b",
            "a$b",
            "é",
            " pass",
            "pass ",
            "C:x",
            &too_long,
        ] {
            assert_eq!(program(name), Err(HelperFault::Name), "{name:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn i1_only_an_executable_file_in_a_folder_named_in_full_is_found() {
        use std::fs::{self, Permissions};
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::TempDir::new().unwrap();
        let folder = |name: &str| dir.path().join(name);
        let make = |name: &str, mode: u32| {
            fs::create_dir(folder(name)).unwrap();
            let program = folder(name).join("x");
            fs::write(&program, "").unwrap();
            fs::set_permissions(program, Permissions::from_mode(mode)).unwrap();
        };
        make("plain", 0o644);
        make("good", 0o755);
        make("later", 0o755);
        fs::create_dir_all(folder("dir/x")).unwrap();
        fs::create_dir(folder("linked")).unwrap();
        symlink(folder("good/x"), folder("linked/x")).unwrap();
        fs::create_dir(folder("dangling")).unwrap();
        symlink("nowhere", folder("dangling/x")).unwrap();

        let search = |names: &[&str]| {
            let full = names.iter().map(|name| folder(name).display().to_string());
            find("x", full.collect::<Vec<_>>().join(":").as_ref())
        };
        let passed_over = ["absent", "plain", "dir", "dangling"];
        assert_eq!(search(&passed_over), None);
        let all = [&passed_over[..], &["good", "later"]].concat();
        assert_eq!(search(&all), Some(folder("good/x")));
        assert_eq!(search(&["linked"]), Some(folder("linked/x")));
    }

    #[cfg(unix)]
    #[test]
    fn i1_the_folder_we_are_in_is_not_searched() {
        // Tests run in the package's folder, which has `.ci/run`.
        assert!(is_program(Path::new(".ci/run")));
        for search_path in ["", ".", ":", ".ci", "./.ci", ":.ci:", "src/../.ci"] {
            assert_eq!(find("run", search_path.as_ref()), None, "{search_path}");
        }
    }
}
