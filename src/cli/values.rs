//! Values of flags that have a rule of their own.

use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;

use crate::limits::PARALLEL;

/// How long something may take, as `30s`, `2m`, `1h 30m` or `500ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wait(pub(super) Duration);

/// Why a text is no [`Wait`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum WaitError {
    /// It is no duration, or one that depends on the calendar.
    #[error("a duration is written as `30s`, `2m` or `500ms`")]
    Unreadable,
    /// Nothing can be done in no time.
    #[error("a duration is longer than nothing")]
    Nothing,
}

impl FromStr for Wait {
    type Err = WaitError;

    fn from_str(text: &str) -> Result<Self, WaitError> {
        let parsed: SignedDuration = text.parse().map_err(|_| WaitError::Unreadable)?;
        match Duration::try_from(parsed) {
            Ok(duration) if !duration.is_zero() => Ok(Self(duration)),
            _ => Err(WaitError::Nothing),
        }
    }
}

/// How many requests one host gets at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parallel(pub(super) usize);

/// Why a text is no [`Parallel`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is a whole number from 1 to {PARALLEL}")]
pub(super) struct ParallelError;

impl FromStr for Parallel {
    type Err = ParallelError;

    fn from_str(text: &str) -> Result<Self, ParallelError> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if digits && (1..=PARALLEL).contains(&number) => Ok(Self(number)),
            _ => Err(ParallelError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_read_as_people_write_them() {
        for (text, milliseconds) in [
            ("30s", 30_000),
            ("2m", 120_000),
            ("500ms", 500),
            ("1h", 3_600_000),
            ("1h 30m", 5_400_000),
            ("1m30s", 90_000),
            ("1.5s", 1_500),
        ] {
            let wait: Wait = text.parse().unwrap();
            assert_eq!(wait.0, Duration::from_millis(milliseconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_wait_is_refused() {
        for text in ["", "30", "s", "soon", "2 fortnights", "1y", "1mo"] {
            assert_eq!(text.parse::<Wait>(), Err(WaitError::Unreadable), "{text}");
        }
        for text in ["0s", "-5s", "5s ago"] {
            assert_eq!(text.parse::<Wait>(), Err(WaitError::Nothing), "{text}");
        }
    }

    #[test]
    fn the_bounds_of_parallel() {
        for (text, number) in [
            ("0", None),
            ("1", Some(1)),
            ("64", Some(64)),
            ("65", None),
            ("+1", None),
            ("x", None),
            ("", None),
        ] {
            let read = text.parse::<Parallel>().ok();
            assert_eq!(read.map(|parallel| parallel.0), number, "{text}");
        }
    }
}
