//! Where docker looks for its plugins, and under which name; where kubectl looks for its own.
//!
//! Docker takes the first file of a name, also one that is broken, and never goes on to the next (docker/cli,
//! `cli-plugins/manager`, observed with 28.2.2). It does not look at the search path; kubectl looks nowhere else.

use std::path::{Path, PathBuf};

/// What docker takes us by: the name of its plugin's file.
pub(in crate::cli) const PLUGIN: &str = file_name("docker-regq", "docker-regq.exe");
/// What kubectl takes us by.
pub(in crate::cli) const KUBECTL: &str = file_name("kubectl-regq", "kubectl-regq.exe");
/// Whom kubectl asks to complete what is typed after our name (kubernetes/kubectl, `pkg/cmd/plugin/plugin_completion.go`).
pub(in crate::cli) const KUBECTL_COMPLETE: &str =
    file_name("kubectl_complete-regq", "kubectl_complete-regq.exe");

const fn file_name(elsewhere: &'static str, on_windows: &'static str) -> &'static str {
    if cfg!(windows) { on_windows } else { elsewhere }
}

/// The folders of everybody on this machine, in docker's order.
#[cfg(not(windows))]
pub(in crate::cli) fn of_everybody(_: impl Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    [
        "/usr/local/lib/docker/cli-plugins",
        "/usr/local/libexec/docker/cli-plugins",
        "/usr/lib/docker/cli-plugins",
        "/usr/libexec/docker/cli-plugins",
    ]
    .map(PathBuf::from)
    .into()
}

/// The folders of everybody on this machine, in docker's order.
#[cfg(windows)]
pub(in crate::cli) fn of_everybody(variable: impl Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    // The second is for docker up to 28.
    ["ProgramFiles", "ProgramData"]
        .into_iter()
        .filter_map(variable)
        .map(|folder| folder.join("Docker").join("cli-plugins"))
        .collect()
}

/// The folder of one user, below docker's config folder.
pub(in crate::cli) fn of_user(config: &Path) -> PathBuf {
    config.join("cli-plugins")
}

/// All folders, in docker's order: those of `cliPluginsExtraDirs` come before the user's.
pub(in crate::cli) fn all(
    extra: &[PathBuf],
    user: Option<PathBuf>,
    everybody: Vec<PathBuf>,
) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for folder in extra.iter().cloned().chain(user).chain(everybody) {
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders
}

/// Tells whether docker takes a file of this name for a plugin that is called as we are, and ours it is not: what is left
/// of a download or a backup shows up among docker's broken plugins.
pub(in crate::cli) fn is_stray(name: &str) -> bool {
    let rest = name.strip_prefix("docker-regq");
    name != PLUGIN && rest.is_some_and(|rest| rest.starts_with(['.', '-', '_', '~']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_folders_come_first_and_each_once() {
        let extra = [PathBuf::from("/extra"), PathBuf::from("/own")];
        let user = Some(PathBuf::from("/own"));
        let all = all(&extra, user, vec!["/all".into()]);
        assert_eq!(all, ["/extra", "/own", "/all"].map(PathBuf::from));
    }

    #[test]
    fn what_is_left_of_others_is_stray() {
        for (name, stray) in [
            ("docker-regq.bak", true),
            ("docker-regq-v0.1.0", true),
            ("docker-regq~", true),
            ("docker-regqs", false),
            ("docker-compose", false),
            (PLUGIN, false),
        ] {
            assert_eq!(is_stray(name), stray, "{name}");
        }
    }
}
