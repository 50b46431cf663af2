//! `-o name`: one reference per line, for `xargs` and loops.

use std::io::{self, Write};

use super::Renderer;
use crate::rows::{Header, ResultRow, Summary};
use crate::safe::{escape, guard_line_start};

/// The renderer of `name`.
pub(super) struct Names<'a> {
    out: &'a mut dyn Write,
}

impl<'a> Names<'a> {
    /// Makes one.
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { out }
    }
}

impl Renderer for Names<'_> {
    fn begin(&mut self, _: &Header) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &ResultRow) -> io::Result<()> {
        writeln!(self.out, "{}", guard_line_start(&escape(&row.name)))
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{print, sample};

    #[test]
    fn one_reference_per_line() {
        let (header, rows, summary) = sample();
        let text = print(Format::Name, &header, &rows, &summary);
        assert_eq!(text, "ghcr.io/team/app:v1\nghcr.io/team/db:v1\n");
    }
}
