//! How the program was started, and how its commands are therefore spelled to the reader.
//!
//! Texts of the program name its commands `docker-regq COMMAND`; here, and only here, they become what the reader can
//! type.

use std::borrow::Cow;

/// How our texts name the program.
const WRITTEN: &str = "docker-regq";

/// How the program was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Spelled {
    /// By Docker, as its plugin.
    DockerPlugin,
    /// By its own name.
    #[default]
    Alone,
    /// By kubectl, as its plugin.
    KubectlPlugin,
}

impl Spelled {
    /// What is typed to start it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::DockerPlugin => "docker regq",
            Self::Alone => WRITTEN,
            Self::KubectlPlugin => "kubectl regq",
        }
    }

    /// Spells the commands in a text. A command starts a line, or stands after a blank or a backtick, and has a word
    /// after it: a file or a folder of that name is left as it is.
    pub(super) fn adapt(self, text: &str) -> Cow<'_, str> {
        if self == Self::Alone || !text.contains(WRITTEN) {
            return Cow::Borrowed(text);
        }
        let mut adapted = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(found) = rest.find(WRITTEN) {
            let (before, from) = rest.split_at(found);
            let after = &from[WRITTEN.len()..];
            adapted.push_str(before);
            let starts = adapted.is_empty() || adapted.ends_with([' ', '\n', '`']);
            adapted.push_str(match starts && after.starts_with([' ', '\n']) {
                true => self.name(),
                false => WRITTEN,
            });
            rest = after;
        }
        adapted.push_str(rest);
        Cow::Owned(adapted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_spelled_as_they_were_started() {
        let text = "`docker-regq list` and\n  docker-regq run x | docker-regq eval y";
        assert_eq!(Spelled::Alone.adapt(text), text);
        assert_eq!(
            Spelled::DockerPlugin.adapt(text),
            "`docker regq list` and\n  docker regq run x | docker regq eval y"
        );
        // Help is broken into lines before it gets here.
        let broken = "`docker-regq\n   api-resources` lists them";
        assert!(
            Spelled::DockerPlugin
                .adapt(broken)
                .starts_with("`docker regq\n")
        );
        assert_eq!(
            Spelled::KubectlPlugin.adapt("docker-regq run x"),
            "kubectl regq run x"
        );
    }

    #[test]
    fn what_is_no_command_stays() {
        for text in [
            "`/src/docker-regq/a.yaml`",
            "`docker-regq`",
            "my-docker-regq run",
            "docker-regq",
        ] {
            assert_eq!(Spelled::DockerPlugin.adapt(text), text);
        }
    }
}
