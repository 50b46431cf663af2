//! Bars for amounts, and places on a line of time: what a column looks like at a glance.
//!
//! A drawing says nothing that the text beside it does not say, so it is hidden from who cannot see it. Its measures are
//! numbers of ours, never text.

use jiff::Timestamp;

use crate::safe::Safe;

/// What is drawn of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Mark {
    /// Zero or more, compared with the largest of its column.
    Amount(f64),
    /// From 0 to 1.
    Share(f64),
    /// A time, between the first of its column and the run.
    Instant(Timestamp),
}

/// What the marks of a column are measured with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scale {
    /// Nothing is drawn.
    None,
    /// Amounts up to this.
    Amounts(f64),
    /// Shares of one.
    Shares,
    /// Times from one to the other.
    Instants(Timestamp, Timestamp),
}

/// Times before 1990 mean that nobody set them: reproducible builds write 1970 or 1980. They would leave no room for the
/// others.
const NOT_SET: Timestamp = Timestamp::constant(631_152_000, 0);

/// Width and height of a line of time, and of its dots.
const LINE: (f64, f64) = (84.0, 8.0);
const DOT: f64 = 3.0;
/// The least that a bar of something measures, of a hundred.
const LEAST: f64 = 0.6;

impl Scale {
    /// The scale of a column with these marks, in a run of this instant. One mark alone has nothing to be compared with.
    pub(super) fn of(marks: impl Iterator<Item = Mark>, now: Timestamp) -> Self {
        let mut count = 0;
        let mut scale = Self::None;
        for mark in marks {
            count += 1;
            scale = scale.with(mark, now);
        }
        match scale {
            Self::Shares => scale,
            Self::Amounts(largest) if largest <= 0.0 => Self::None,
            _ if count < 2 => Self::None,
            _ => scale,
        }
    }

    fn with(self, mark: Mark, now: Timestamp) -> Self {
        match (self, mark) {
            (Self::Amounts(largest), Mark::Amount(amount)) => Self::Amounts(largest.max(amount)),
            (_, Mark::Amount(amount)) => Self::Amounts(amount),
            (_, Mark::Share(_)) => Self::Shares,
            (Self::Instants(from, to), Mark::Instant(time)) if time >= NOT_SET => {
                Self::Instants(from.min(time), to.max(time))
            }
            (Self::None, Mark::Instant(time)) if time >= NOT_SET => {
                Self::Instants(time.min(now), time.max(now))
            }
            (scale, Mark::Instant(_)) => scale,
        }
    }

    /// What a line of time spans, for the head of its column.
    pub(super) fn range(&self) -> Option<Safe> {
        let Self::Instants(from, to) = self else {
            return None;
        };
        let day = |time: &Timestamp| time.strftime("%Y-%m-%d").to_string();
        Some(Safe::new(&format!("{} – {}", day(from), day(to))))
    }

    /// Draws a mark; none if it is not of this scale.
    pub(super) fn draw(&self, mark: Mark) -> Option<String> {
        match (*self, mark) {
            (Self::Amounts(largest), Mark::Amount(amount)) => Some(bar(amount / largest)),
            (Self::Shares, Mark::Share(share)) => Some(bar(share)),
            (Self::Instants(from, to), Mark::Instant(time)) => Some(dot(time, from, to)),
            _ => None,
        }
    }
}

fn bar(share: f64) -> String {
    let width = match share * 100.0 {
        nothing if nothing <= 0.0 => 0.0,
        width => width.clamp(LEAST, 100.0),
    };
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect width=\"{width:.1}\" height=\"8\"/></svg>"
    )
}

fn dot(time: Timestamp, from: Timestamp, to: Timestamp) -> String {
    let (width, height) = LINE;
    let span = (to.as_second() - from.as_second()) as f64;
    let passed = (time.as_second() - from.as_second()) as f64;
    let share = if span > 0.0 { passed / span } else { 1.0 };
    let x = DOT + share.clamp(0.0, 1.0) * (width - 2.0 * DOT);
    let class = match time < NOT_SET {
        true => "dot early",
        false => "dot",
    };
    format!(
        "<svg class=\"time\" viewBox=\"0 0 {width} {height}\" aria-hidden=\"true\">\
         <path d=\"M0 4h{width}\"/><circle class=\"{class}\" cx=\"{x:.1}\" cy=\"4\" r=\"{DOT}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn scale(marks: &[Mark]) -> Scale {
        Scale::of(marks.iter().copied(), time("2026-03-01T00:00:00Z"))
    }

    #[test]
    fn bars_are_shares_of_the_largest_and_nothing_has_none() {
        let scale = scale(&[Mark::Amount(50.0), Mark::Amount(200.0), Mark::Amount(0.0)]);
        for (amount, width) in [
            (50.0, "\"25.0\""),
            (200.0, "\"100.0\""),
            (0.0, "\"0.0\""),
            (0.001, "\"0.6\""),
        ] {
            let drawn = scale.draw(Mark::Amount(amount)).unwrap();
            assert!(drawn.contains(&format!("width={width}")), "{drawn}");
        }
    }

    #[test]
    fn what_has_nothing_to_be_compared_with_is_not_drawn() {
        assert_eq!(scale(&[]), Scale::None);
        assert_eq!(scale(&[Mark::Amount(5.0)]), Scale::None);
        assert_eq!(scale(&[Mark::Amount(0.0); 3]), Scale::None);
        assert_eq!(scale(&[Mark::Share(0.5)]), Scale::Shares);
    }

    #[test]
    fn a_line_of_time_runs_from_the_first_to_the_run() {
        let first = Mark::Instant(time("2025-03-01T00:00:00Z"));
        let not_set = Mark::Instant(time("1970-01-01T00:00:00Z"));
        let second = Mark::Instant(time("2025-08-30T12:00:00Z"));
        let scale = scale(&[not_set, first, second]);
        let range = scale.range().unwrap();
        assert_eq!(range.as_str(), "2025-03-01 – 2026-03-01");
        for (mark, place) in [
            (first, "class=\"dot\" cx=\"3.0\""),
            (second, "class=\"dot\" cx=\"42.0\""),
            (not_set, "class=\"dot early\" cx=\"3.0\""),
        ] {
            let drawn = scale.draw(mark).unwrap();
            assert!(drawn.contains(place), "{drawn}");
        }
    }

    #[test]
    fn a_time_ahead_of_the_run_ends_the_line() {
        let ahead = time("2027-01-01T00:00:00Z");
        let marks = [
            Mark::Instant(ahead),
            Mark::Instant(time("2026-01-01T00:00:00Z")),
        ];
        let scale = scale(&marks);
        assert_eq!(scale.range().unwrap().as_str(), "2026-01-01 – 2027-01-01");
    }
}
