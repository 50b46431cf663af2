//! Status and headers of an answer, as they may be shown.

use std::io::{self, Write};

use crate::registry::ApiAnswer;

/// Prints them, and an empty line.
pub(super) fn print(out: &mut dyn Write, answer: &ApiAnswer) -> io::Result<()> {
    writeln!(out, "HTTP {}", answer.status)?;
    for (name, value) in &answer.headers {
        writeln!(out, "{name}: {value}")?;
    }
    writeln!(out)
}
