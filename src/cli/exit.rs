//! Exit codes, named and explained (design: "Exit codes").

use std::process::ExitCode;

use crate::registry::Class;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// Everything was answered, or the reader went away.
    Done = 0,
    /// The command line, a setting or a query file is wrong; nothing was asked.
    Usage = 2,
    /// Some source answered, but something is missing from the result.
    Incomplete = 3,
    /// No source answered: the registry said no.
    Refused = 4,
    /// No source answered: it was not reached, or does not speak the protocol.
    Unreachable = 5,
    /// No source answered, because we would not go on for safety; or an expression cost too much.
    Unsafe = 6,
    /// A bug of ours.
    Bug = 70,
    /// The terminal went away (SIGHUP).
    HungUp = 129,
    /// The user interrupted it (SIGINT).
    Interrupted = 130,
    /// It was told to end (SIGTERM, or by Docker).
    Terminated = 143,
}

impl Exit {
    /// How a run ends that is complete or not, with or without an answer, after these failures.
    pub(super) fn of_run(complete: bool, any_answer: bool, failures: &[Class]) -> Self {
        match (complete, any_answer) {
            (true, _) => Self::Done,
            (false, true) => Self::Incomplete,
            (false, false) => [
                (Class::Unsafe, Self::Unsafe),
                (Class::Refused, Self::Refused),
            ]
            .into_iter()
            .find(|(class, _)| failures.contains(class))
            .map_or(Self::Unreachable, |(_, exit)| exit),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_applies() {
        use Class::{Refused, Unreachable, Unsafe};
        for (complete, any_answer, failures, exit) in [
            (true, true, vec![], Exit::Done),
            (true, false, vec![], Exit::Done),
            (false, true, vec![Unsafe], Exit::Incomplete),
            (
                false,
                false,
                vec![Unreachable, Refused, Unsafe],
                Exit::Unsafe,
            ),
            (false, false, vec![Unreachable, Refused], Exit::Refused),
            (false, false, vec![Unreachable], Exit::Unreachable),
        ] {
            assert_eq!(Exit::of_run(complete, any_answer, &failures), exit);
        }
    }
}
