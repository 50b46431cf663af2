//! Exit codes, named and explained (design: "Exit codes").

use std::process::ExitCode;

use crate::registry::Class;
use crate::rows::{Summary, Verdict};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// Everything was answered, or the reader went away.
    Done = 0,
    /// Everything was answered, and an assert does not hold.
    NotHeld = 1,
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

/// What each exit code means, for the manual.
pub(super) const MEANINGS: [(&str, &str); 9] = [
    (
        "0",
        "Everything was answered, or the reader of a pipe went away.",
    ),
    ("1", "Everything was answered, and an assert does not hold."),
    (
        "2",
        "The command line, a setting or a query file is wrong; nothing was asked.",
    ),
    (
        "3",
        "Some source answered, but something is missing from the result.",
    ),
    (
        "4",
        "No source answered: it said no, or a credential helper failed.",
    ),
    (
        "5",
        "No source answered: it was not reached, or does not speak the protocol.",
    ),
    (
        "6",
        "No source answered, because it was refused for safety; or an expression would cost too much.",
    ),
    ("70", "A bug of the program."),
    ("129, 130, 143", "Stopped by a signal, or by docker."),
];

/// How the results of a run are, the worst last: of several queries it is the worst that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Results {
    /// Complete, and all that is asserted holds.
    Good,
    /// Complete, and an assert does not hold.
    NotHeld,
    /// Something is missing, so that an assert may be undecided.
    Incomplete,
}

impl Results {
    /// How one result is.
    pub(super) fn of(summary: &Summary) -> Self {
        let any = |verdict| {
            summary
                .asserts
                .iter()
                .any(|assert| assert.verdict == verdict)
        };
        if !summary.is_complete() || any(Verdict::Undecided) {
            Self::Incomplete
        } else if any(Verdict::Fails) {
            Self::NotHeld
        } else {
            Self::Good
        }
    }
}

impl Exit {
    /// How a run ends whose results are so, with or without an answer, after these failures.
    pub(super) fn of_run(results: Results, any_answer: bool, failures: &[Class]) -> Self {
        match (results, any_answer) {
            (Results::Good, _) => Self::Done,
            (Results::NotHeld, _) => Self::NotHeld,
            (Results::Incomplete, true) => Self::Incomplete,
            (Results::Incomplete, false) => [
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
        use Results::{Good, Incomplete, NotHeld};
        for (results, any_answer, failures, exit) in [
            (Good, true, vec![], Exit::Done),
            (Good, false, vec![], Exit::Done),
            (NotHeld, true, vec![], Exit::NotHeld),
            (Incomplete, true, vec![Unsafe], Exit::Incomplete),
            (
                Incomplete,
                false,
                vec![Unreachable, Refused, Unsafe],
                Exit::Unsafe,
            ),
            (Incomplete, false, vec![Unreachable, Refused], Exit::Refused),
            (Incomplete, false, vec![Unreachable], Exit::Unreachable),
        ] {
            assert_eq!(Exit::of_run(results, any_answer, &failures), exit);
        }
    }

    #[test]
    fn the_worst_of_several_results_counts() {
        let results = [Results::NotHeld, Results::Incomplete, Results::Good];
        assert_eq!(results.into_iter().max(), Some(Results::Incomplete));
    }
}
