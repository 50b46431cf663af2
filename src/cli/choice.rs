//! What `-o` asks for: rows in some form, one value, or the query itself.
//!
//! The forms of rows are [`Format`]s; what else there is stands here. Help, messages and README take the names from this
//! one place.

use super::args::OutputArgs;
use super::habits;
use super::report::UsageError;
use crate::diagnostic::{Diagnostic, Passage, nearest};
use crate::query::{Column, flags};
use crate::render::Format;
use crate::safe::Safe;

/// What `-o` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    /// Rows in this form.
    Rows(Format),
    /// Rows in a table with these columns.
    Columns(Passage),
    /// The value of this expression over the document that `json` prints.
    Value(Passage),
    /// The queries themselves, as a file.
    Query,
}

/// What is no form of rows: its name, what stands after it, and where a query file says it.
struct Special {
    name: &'static str,
    takes: Option<&'static str>,
    in_a_file: &'static str,
}

const CUSTOM_COLUMNS: Special = Special {
    name: "custom-columns",
    takes: Some("NAME:EXPR,…"),
    in_a_file: "in a file, `columns:` says which columns there are",
};
const JMESPATH: Special = Special {
    name: "jmespath",
    takes: Some("EXPR"),
    in_a_file: "a file says what its rows are; one value of them is printed by `-o jmespath=EXPR`",
};
const QUERY: Special = Special {
    name: "query",
    takes: None,
    in_a_file: "the query itself is printed by `-o query`",
};
const SPECIALS: [Special; 3] = [CUSTOM_COLUMNS, JMESPATH, QUERY];

impl Special {
    /// How it is written after `-o`.
    fn written(&self) -> String {
        match self.takes {
            Some(takes) => format!("{}={takes}", self.name),
            None => self.name.to_owned(),
        }
    }

    /// Says that it needs something after it.
    fn bare(&self) -> UsageError {
        let message = format!("nothing follows `-o {}`", self.name);
        UsageError::new(message, [format!("write `-o {}`", self.written())])
    }
}

impl Choice {
    /// What the flags ask for; none if they leave it open.
    ///
    /// Errors: a word that names no output, or that lacks what stands after it.
    pub(super) fn of(args: &OutputArgs) -> Result<Option<Self>, UsageError> {
        match (&args.output, args.quiet) {
            (_, true) => Ok(Some(Self::Rows(Format::Name))),
            (Some(written), false) => Self::parse(written).map(Some),
            (None, false) => Ok(None),
        }
    }

    fn parse(written: &str) -> Result<Self, UsageError> {
        let (name, after) = match written.split_once('=') {
            Some((name, _)) => (name, Some(name.len() + 1)),
            None => (written, None),
        };
        let passage = |start: usize| {
            let flag = Passage::flag("-o", written);
            Some(flag.slice(start..written.len())).filter(|rest| !rest.text().trim().is_empty())
        };
        let rest = after.and_then(passage);
        match (name, rest) {
            ("custom-columns", Some(columns)) => Ok(Self::Columns(columns)),
            ("jmespath", Some(expression)) => Ok(Self::Value(expression)),
            ("custom-columns", None) => Err(CUSTOM_COLUMNS.bare()),
            ("jmespath", None) => Err(JMESPATH.bare()),
            ("query", None) if after.is_none() => Ok(Self::Query),
            _ => match Format::parse(written) {
                Ok(format) => Ok(Self::Rows(format)),
                Err(_) => Err(unknown(written, name)),
            },
        }
    }
}

fn unknown(written: &str, name: &str) -> UsageError {
    let names = names();
    let message = format!("unknown output format `{}`", Safe::cut(written, 64));
    if let Some(habit) = habits::of_output(written) {
        return UsageError::new(message, [habit.to_owned()]);
    }
    let short = |name: &String| name.split('=').next().unwrap_or_default().to_owned();
    let shorts: Vec<String> = names.iter().map(short).collect();
    let near = nearest(name, shorts.iter().map(String::as_str));
    let near = near.and_then(|near| shorts.iter().position(|short| short == near));
    let near = near.map(|at| format!("did you mean `{}`?", names[at]));
    let all = format!("there are `{}`", names.join("`, `"));
    UsageError::new(message, near.into_iter().chain([all]))
}

/// All that `-o` takes, as it is written.
pub(super) fn names() -> Vec<String> {
    let formats = Format::NAMED.iter().map(|(name, _)| (*name).to_owned());
    formats
        .chain(SPECIALS.iter().map(Special::written))
        .collect()
}

/// What the help of `-o` says.
pub(super) fn help() -> String {
    listed(&names())
}

/// What the help of `-o` says where nothing but rows can be printed.
pub(super) fn help_of_rows() -> String {
    listed(&Format::NAMED.map(|(name, _)| name.to_owned()))
}

fn listed(names: &[String]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => names.concat(),
    }
}

/// A page wants a file to go to, which no query names.
const PAGE_IN_A_FILE: &str =
    "whoever runs the query says where a page goes: `-o html --output-file report.html`";

/// What helps a query file that names as its `output` what is for `-o` alone.
pub(super) fn hint_for_file(written: &str) -> Option<&'static str> {
    if written == Format::Html.name() {
        return Some(PAGE_IN_A_FILE);
    }
    let name = written.split('=').next().unwrap_or(written);
    let special = SPECIALS.iter().find(|special| special.name == name);
    special.map(|special| special.in_a_file)
}

/// Reads what stands after `custom-columns=`.
///
/// Errors: as for `--columns`; expressions of kubectl, which are JSONPath.
pub(super) fn custom_columns(written: &Passage) -> Result<Vec<Column>, Vec<Diagnostic>> {
    let columns = flags::columns(written)?;
    let findings: Vec<Diagnostic> = columns.iter().filter_map(json_path).collect();
    match findings.is_empty() {
        true => Ok(columns),
        false => Err(findings),
    }
}

fn json_path(column: &Column) -> Option<Diagnostic> {
    let (name, text) = (&column.name.value, column.expression.text());
    let inner = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'));
    let path = inner.unwrap_or(text).strip_prefix('.')?;
    let finding =
        Diagnostic::error("this is JSONPath, as kubectl has it, and here JMESPath is read");
    let finding = finding.at(&column.expression.place(), "");
    Some(match path.is_empty() {
        true => finding,
        false => finding.hint(format!("without the `.` it is JMESPath: `{name}:{path}`")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(written: &str) -> Result<Choice, (String, String)> {
        let told = |error: UsageError| (error.to_string(), error.hints().join("; "));
        Choice::parse(written).map_err(told)
    }

    #[test]
    fn every_name_is_read() {
        for (name, format) in Format::NAMED {
            assert_eq!(parse(name), Ok(Choice::Rows(format)));
        }
        assert_eq!(parse("query"), Ok(Choice::Query));
        let Ok(Choice::Columns(columns)) = parse("custom-columns=A:a,B:b == 'c'") else {
            panic!("these are columns");
        };
        assert_eq!(
            (columns.text(), columns.place().start),
            ("A:a,B:b == 'c'", 15)
        );
        let Ok(Choice::Value(expression)) = parse("jmespath=items[?a=='b']") else {
            panic!("this is an expression");
        };
        assert_eq!(expression.text(), "items[?a=='b']");
    }

    #[test]
    fn what_is_none_is_told_what_is() {
        for (written, message, hint) in [
            (
                "jsno",
                "unknown output format `jsno`",
                "did you mean `json`?",
            ),
            (
                "qeury",
                "unknown output format `qeury`",
                "did you mean `query`?",
            ),
            (
                "jmspath=a",
                "unknown output format `jmspath=a`",
                "did you mean `jmespath=EXPR`?",
            ),
            (
                "custom-column=A:a",
                "unknown output format `custom-column=A:a`",
                "did you mean `custom-columns=NAME:EXPR,…`?",
            ),
            (
                "xml",
                "unknown output format `xml`",
                "`name`, `custom-columns=NAME:EXPR,…`, `jmespath=EXPR`, `query`",
            ),
            (
                "query=x",
                "unknown output format `query=x`",
                "did you mean `query`?",
            ),
            (
                "json=x",
                "unknown output format `json=x`",
                "did you mean `json`?",
            ),
            (
                "jmespath",
                "nothing follows `-o jmespath`",
                "write `-o jmespath=EXPR`",
            ),
            (
                "jmespath= ",
                "nothing follows `-o jmespath`",
                "write `-o jmespath=EXPR`",
            ),
            (
                "custom-columns=",
                "nothing follows `-o custom-columns`",
                "write `-o custom-columns=NAME:EXPR,…`",
            ),
        ] {
            let (said, hints) = parse(written).unwrap_err();
            assert_eq!(said, message);
            assert!(hints.contains(hint), "{written}: {hints}");
        }
    }

    #[test]
    fn json_path_is_told_how_it_is_written_here() {
        for (written, hint) in [
            (
                "NAME:.metadata.name",
                "without the `.` it is JMESPath: `NAME:metadata.name`",
            ),
            (
                "A:a,NAME:{.tag}",
                "without the `.` it is JMESPath: `NAME:tag`",
            ),
        ] {
            let findings = custom_columns(&Passage::flag("-o", written)).unwrap_err();
            assert_eq!(findings.len(), 1);
            assert_eq!(findings[0].hints, [hint]);
        }
        assert!(custom_columns(&Passage::flag("-o", "A:a.b,B:{c: d}")).is_ok());
    }

    #[test]
    fn the_readme_and_help_tell_of_all() {
        let readme = include_str!("../../README.md");
        for name in names() {
            assert!(readme.contains(&format!("`{name}`")), "{name}");
        }
        assert!(help().ends_with("custom-columns=NAME:EXPR,…, jmespath=EXPR or query"));
        assert!(help_of_rows().starts_with("table, wide, json, "));
    }
}
