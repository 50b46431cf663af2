//! One moment of a run as a line of text, no wider than the terminal: what matters least goes first.

use std::time::Duration;

use crate::exec;
use crate::render::{cell, columns_of, shorten};
use crate::safe::Safe;

/// What a line tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moment {
    /// The query that runs.
    pub(super) query: Safe,
    /// What is counted, such as `tags`.
    pub(super) noun: &'static str,
    /// How far it has come.
    pub(super) progress: exec::Progress,
    /// Requests of the run so far.
    pub(super) requests: u64,
    /// Requests per second, if that can be told yet.
    pub(super) rate: Option<f64>,
    /// How long the rest is going to take, if that can be told.
    pub(super) left: Option<Duration>,
    /// What is waited for.
    pub(super) wait: Option<String>,
}

/// The parts of a line, by how soon they are left out where it is too long: the first of these first.
const LEAST_WORTH: [Part; 5] = [
    Part::Repositories,
    Part::Rate,
    Part::Requests,
    Part::Query,
    Part::Left,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Query,
    Done,
    Repositories,
    Requests,
    Rate,
    Left,
    Wait,
}

/// The line for a terminal of so many columns.
///
/// `QUERY: 312/2048 tags, 640 requests, 85/s, 20s left; HOST asks to wait 12s`
pub(super) fn text(moment: &Moment, width: usize) -> String {
    let parts = parts(moment);
    let fewer = (0..=LEAST_WORTH.len()).map(|gone| {
        let is_left = |part: &Part| !LEAST_WORTH[..gone].contains(part);
        join(parts.iter().filter(|(part, _)| is_left(part)))
    });
    let mut last = String::new();
    for line in fewer {
        if columns_of(&line) <= width {
            return line;
        }
        last = line;
    }
    shorten(&last, width)
}

fn parts(moment: &Moment) -> Vec<(Part, String)> {
    let Moment {
        query,
        noun,
        progress,
        requests,
        ..
    } = moment;
    let done = match (progress.listed, progress.is_whole) {
        (0, _) => format!("listing {noun}"),
        (listed, true) => format!("{}/{listed} {noun}", progress.done),
        (listed, false) => format!("{} of {listed} {noun} so far", progress.done),
    };
    let mut parts = vec![(Part::Query, query.to_string()), (Part::Done, done)];
    if progress.repositories > 1 {
        let repositories = format!("{} repositories", progress.repositories);
        parts.push((Part::Repositories, repositories));
    }
    match requests {
        0 => {}
        1 => parts.push((Part::Requests, "1 request".to_owned())),
        _ => parts.push((Part::Requests, format!("{requests} requests"))),
    }
    let rate = moment.rate.filter(|rate| *rate > 0.0);
    parts.extend(rate.map(|rate| {
        let rate = match rate {
            10.0.. => format!("{rate:.0}/s"),
            _ => format!("{rate:.1}/s"),
        };
        (Part::Rate, rate)
    }));
    let left = moment.left.map(cell::lasting);
    parts.extend(left.map(|left| (Part::Left, format!("{left} left"))));
    parts.extend(moment.wait.clone().map(|wait| (Part::Wait, wait)));
    parts
}

fn join<'a>(parts: impl Iterator<Item = &'a (Part, String)>) -> String {
    let mut line = String::new();
    let mut before = None;
    for (part, text) in parts {
        line.push_str(match (before, part) {
            (None, _) => "",
            (Some(Part::Query), _) => ": ",
            (_, Part::Wait) => "; ",
            _ => ", ",
        });
        line.push_str(text);
        before = Some(*part);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment() -> Moment {
        Moment {
            query: Safe::new("stale"),
            noun: "tags",
            progress: exec::Progress {
                repositories: 3,
                listed: 2048,
                done: 312,
                is_whole: true,
            },
            requests: 640,
            rate: Some(85.4),
            left: Some(Duration::from_secs(20)),
            wait: Some("a.io asks to wait 12s".to_owned()),
        }
    }

    fn nothing() -> Moment {
        Moment {
            query: Safe::new("get"),
            noun: "tags",
            progress: exec::Progress::default(),
            requests: 0,
            rate: None,
            left: None,
            wait: None,
        }
    }

    #[test]
    fn everything_is_told_where_there_is_room() {
        assert_eq!(
            text(&moment(), 100),
            "stale: 312/2048 tags, 3 repositories, 640 requests, 85/s, 20s left; a.io asks to wait 12s"
        );
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        assert_eq!(text(&nothing(), 80), "get: listing tags");
        let listing = Moment {
            progress: exec::Progress {
                listed: 1000,
                done: 64,
                repositories: 1,
                is_whole: false,
            },
            requests: 1,
            rate: Some(1.25),
            ..nothing()
        };
        assert_eq!(
            text(&listing, 80),
            "get: 64 of 1000 tags so far, 1 request, 1.2/s"
        );
    }

    #[test]
    fn o3_the_narrower_it_is_the_less_is_told_and_never_more_than_fits() {
        for (width, expected) in [
            (
                89,
                "stale: 312/2048 tags, 3 repositories, 640 requests, 85/s, 20s left; a.io asks to wait 12s",
            ),
            (
                88,
                "stale: 312/2048 tags, 640 requests, 85/s, 20s left; a.io asks to wait 12s",
            ),
            (
                70,
                "stale: 312/2048 tags, 640 requests, 20s left; a.io asks to wait 12s",
            ),
            (60, "stale: 312/2048 tags, 20s left; a.io asks to wait 12s"),
            (50, "312/2048 tags, 20s left; a.io asks to wait 12s"),
            (40, "312/2048 tags; a.io asks to wait 12s"),
            (20, "312/2048 tags; a.io…"),
            (1, "…"),
        ] {
            assert_eq!(text(&moment(), width), expected, "{width}");
        }
        for width in 1..200 {
            assert!(columns_of(&text(&moment(), width)) <= width, "{width}");
        }
        assert_eq!(text(&moment(), 0), "…");
    }
}
