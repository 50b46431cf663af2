//! How results are printed: what `-o`, the queries and the user's settings say, and what comes of it.

use super::choice::{self, Choice};
use super::habits;
use super::queries::Loaded;
use super::registries::Author;
use super::report::UsageError;
use crate::diagnostic::Diagnostic;
use crate::expr::Expr;
use crate::plan::{BoundQuery, DocumentNames};
use crate::query::Query;
use crate::render::{Format, Marks};

/// How a result is printed.
#[derive(Debug, Clone)]
pub(super) struct Printing {
    /// The form of its rows.
    pub(super) format: Format,
    /// Where incomplete rows are marked.
    pub(super) marks: Marks,
    /// What is printed in place of the rows: the value of this expression over their document.
    pub(super) value: Option<Expr>,
}

/// Where incomplete rows are marked: `custom-columns` is read by programs, as kubectl's is.
pub(super) fn marks(choice: Option<&Choice>) -> Marks {
    match choice {
        Some(Choice::Columns(_)) => Marks::Elsewhere,
        _ => Marks::InRows,
    }
}

/// What `-o` says, else what the queries say, else the user's default, else a table.
///
/// Errors: more queries than the format has room for.
pub(super) fn format(
    choice: Option<&Choice>,
    own: Option<Format>,
    default: Option<Format>,
    queries: usize,
) -> Result<Format, UsageError> {
    // A default has to fit; it was not written for this run.
    let default = default.filter(|format| queries == 1 || !format.needs_one_query());
    let format = match choice {
        Some(Choice::Rows(format)) => *format,
        Some(Choice::Columns(_)) => Format::Table,
        Some(Choice::Value(_) | Choice::Query) => Format::Json,
        None => own.or(default).unwrap_or(Format::Table),
    };
    if format.needs_one_query() && queries > 1 {
        let name = format.name();
        let message = format!("`-o {name}` takes one query, and these are {queries}");
        let hint = "name one document of a file with `PATH#NAME`".to_owned();
        return Err(UsageError::new(message, [hint]));
    }
    Ok(format)
}

/// The form of rows that `-o` names, where rows are all that can be printed.
///
/// Errors: a word that names none.
pub(super) fn named_format(name: &str) -> Result<Format, UsageError> {
    Format::parse(name).map_err(|error| {
        let habit = habits::of_output(name).map(str::to_owned);
        UsageError::new(error.to_string(), habit.into_iter().chain(error.hints()))
    })
}

/// The first format that a query names, and what is wrong with any.
pub(super) fn own_formats(loaded: &[Loaded]) -> (Option<Format>, Vec<Diagnostic>) {
    let mut first = None;
    let mut wrong = Vec::new();
    for loaded in loaded {
        match own_format(&loaded.query) {
            Ok(format) => first = first.or(format),
            Err(finding) => wrong.push(finding),
        }
    }
    (first, wrong)
}

/// The format that a query names.
///
/// Errors: a word that names none.
pub(super) fn own_format(query: &Query) -> Result<Option<Format>, Diagnostic> {
    let Some(named) = &query.output else {
        return Ok(None);
    };
    let format = Format::parse_for_queries(&named.value);
    format.map(Some).map_err(|error| {
        let message = match choice::hint_for_file(&named.value) {
            Some(_) => format!("`{}` is for `-o` alone", error.given),
            None => error.to_string(),
        };
        let finding = Diagnostic::error(message).at(&named.place, "");
        match choice::hint_for_file(&named.value) {
            Some(hint) => finding.hint(hint),
            None => error.hints().into_iter().fold(finding, Diagnostic::hint),
        }
    })
}

/// The expression that `-o` gives, checked against the document of these queries where all of them are good.
pub(super) fn value(
    choice: Option<&Choice>,
    queries: Option<&[(BoundQuery, Author)]>,
    findings: &mut Vec<Diagnostic>,
) -> Option<Expr> {
    let Some(Choice::Value(passage)) = choice else {
        return None;
    };
    match Expr::compile(passage.clone()) {
        Ok(expr) => {
            let names =
                queries.map(|queries| DocumentNames::of(queries.iter().map(|(query, _)| query)));
            findings.extend(names.iter().flat_map(|names| expr.check(names)));
            Some(expr)
        }
        Err(found) => {
            findings.extend(found);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Passage, Source};
    use crate::expr::{Known, Scope};
    use crate::plan::{self, Shown};
    use crate::query::{self, Params};
    use crate::render::{Documents, Queries, Renderer};
    use crate::rows::{Assert, Header, Summary};
    use crate::value::Value;

    fn bound(spec: &str) -> BoundQuery {
        let text = format!(
            "apiVersion: regq/v1\nkind: Query\nmetadata: {{name: q}}\nspec:\n  registry: oci:x\n  {spec}\n"
        );
        let reading = query::read(&Source::new("q.yaml", text));
        let bound = plan::bind(&reading.queries[0], Some(&Params::default()), Shown::All);
        bound.query.expect("the query is right")
    }

    const WITH_ASSERT: &str = "columns: {TAG: tag, SIZE: size, WIDE: {value: user, wide: true}}\n  assert: [{that: count == `0`}]";

    /// The document of queries without rows.
    fn document(queries: &[BoundQuery]) -> Value {
        let mut documents = Documents::new(match queries {
            [_] => Queries::One,
            _ => Queries::Several,
        });
        for query in queries {
            let header = Header::new(&query.name, query.columns.headings());
            documents.begin(&header).unwrap();
            let asserts = query.asserts.iter().map(Assert::unchecked).collect();
            let summary = Summary {
                asserts,
                ..Summary::default()
            };
            documents.finish(&summary).unwrap();
        }
        documents.document()
    }

    fn keys(map: &Value) -> Vec<String> {
        let map = map.as_map().expect("it is a map");
        map.keys().map(ToString::to_string).collect()
    }

    #[test]
    fn the_names_of_a_document_are_known_before_it_is_there() {
        for queries in [
            vec![bound(WITH_ASSERT)],
            vec![bound("limit: 1")],
            vec![bound("limit: 1"), bound(WITH_ASSERT)],
        ] {
            let names = DocumentNames::of(queries.iter());
            let document = document(&queries);
            assert_eq!(names.names(), keys(&document));
            let results = document.get("items").and_then(Value::as_list).unwrap();
            let Some(Known::Rows(members)) = names.known("items") else {
                panic!("the items are rows");
            };
            for key in results.iter().flat_map(keys) {
                assert!(members.iter().any(|(name, _)| *name == key), "{key}");
            }
        }
    }

    fn found(text: &str, queries: &[BoundQuery]) -> Vec<String> {
        let expr = Expr::compile(Passage::flag("-o", text)).expect(text);
        let findings = expr.check(&DocumentNames::of(queries.iter()));
        findings
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    #[test]
    fn an_expression_is_held_against_the_document() {
        let one = [bound(WITH_ASSERT)];
        for good in [
            "@",
            "items[].TAG",
            "items[?SIZE > `1`].WIDE",
            "errors[].code",
            "asserts[].holds",
            "sum(items[].SIZE)",
            "items[]._error",
        ] {
            assert!(found(good, &one).is_empty(), "{good}");
        }
        for (wrong, message) in [
            ("TAG", "unknown field `TAG`"),
            ("items[].tag", "unknown member `tag`"),
            ("errors[].tga", "unknown member `tga`"),
            (
                "items[?TAG > `1`]",
                "`>` compares numbers, and `TAG` is a text",
            ),
            ("params.x", "unknown field `params`"),
        ] {
            assert_eq!(found(wrong, &one), [message], "{wrong}");
        }
        let several = [bound(WITH_ASSERT), bound("limit: 1")];
        assert!(found("items[0].items[].TAG", &several).is_empty());
        assert_eq!(found("items[].TAG", &several), ["unknown member `TAG`"]);
        assert_eq!(found("complete", &several), ["unknown field `complete`"]);
    }
}
