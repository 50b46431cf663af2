//! Scripts that make shells ask us. They know the program's names and the protocol, and nothing of its commands.

use crate::cli::args::Shell;

/// The names that the program may be started by, the first being its own.
const NAMES: [&str; 3] = ["docker-regq", "regq", "kubectl-regq"];

/// The script for a shell.
pub(super) fn of(shell: Shell) -> String {
    let template = match shell {
        Shell::Bash => include_str!("scripts/bash"),
        Shell::Zsh => include_str!("scripts/zsh"),
        Shell::Fish => include_str!("scripts/fish"),
        Shell::Powershell => include_str!("scripts/powershell"),
        Shell::Elvish => include_str!("scripts/elvish"),
        Shell::Kubectl => include_str!("scripts/kubectl"),
    };
    let quoted = NAMES.map(|name| format!("'{name}'"));
    template
        .replace("@QUOTED@", &quoted.join(", "))
        .replace("@NAMES@", &NAMES.join(" "))
}
