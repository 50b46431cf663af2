//! Hosts that the user names: in flags and in their settings.

use crate::diagnostic::{Diagnostic, Passage};
use crate::oci::{HostError, RegistryHost};

/// Reads a host, perhaps with a port.
///
/// Errors: what is wrong, shown at its place unless that would show a password with it (threats K3).
pub(super) fn read(passage: &Passage) -> Result<RegistryHost, Diagnostic> {
    let text = passage.text();
    text.parse().map_err(|error| {
        let place = passage.place();
        let finding = match error {
            HostError::Userinfo => {
                let (line, column) = place.line_and_column();
                let name = &place.source.name;
                return Diagnostic::error(format!("{error} ({name}:{line}:{column})"))
                    .hint("log in with `docker login HOST`");
            }
            _ => Diagnostic::error(error.to_string()).at(&place, ""),
        };
        match text.split_once("://") {
            Some(("http" | "https", bare)) => {
                finding.hint(format!("write `{}`", bare.trim_end_matches('/')))
            }
            _ => finding.hint("a host is named like `ghcr.io` or `localhost:5000`"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_host_is_told_what_would_be_one() {
        for (text, hint) in [
            ("https://ghcr.io/", "write `ghcr.io`"),
            ("ghcr.io/team", "named like"),
            ("ghcr.io:x", "named like"),
            ("", "named like"),
        ] {
            let finding = read(&Passage::flag("--plain-http", text)).unwrap_err();
            assert!(finding.hints[0].contains(hint), "{text}: {finding:?}");
        }
    }

    #[test]
    fn k3_a_password_is_not_repeated() {
        let finding = read(&Passage::flag("--plain-http", "bob:hunter2@a.io")).unwrap_err();
        assert!(!format!("{finding:?}").contains("hunter2"));
    }
}
