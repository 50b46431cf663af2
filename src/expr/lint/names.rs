//! Names that nobody has, and names that are no names.

use super::{Lint, Use, jq};
use crate::diagnostic::{Diagnostic, nearest};
use crate::expr::shape::Shape;
use crate::expr::tokens::{Span, is_plain_name};
use crate::expr::tree::{Field, Quotes};

const NO_WAY_BACK: &str = "inside of a projection, a pipe or `&…` the current value is another; there is no way back to the row";

/// How many names are listed in a hint, where all of them can be had elsewhere.
const LISTED: usize = 12;

impl<'a> Lint<'a> {
    pub(super) fn constant(&mut self, name: &str, span: Span, current: &Shape, used: Use) -> Shape {
        if let Some(known) = self.scope.known(name) {
            return known.into();
        }
        let name = name.into();
        let quotes = Quotes::None;
        self.field(&Field { name, quotes }, span, current, used)
    }

    pub(super) fn field(&mut self, field: &Field, span: Span, current: &Shape, used: Use) -> Shape {
        let name = &*field.name;
        if is_literal_word(field) && used != Use::Member && !self.is_known(name, current) {
            self.literal_word(name, span);
            return Shape::Any;
        }
        match current {
            Shape::Row => match self.scope.known(name) {
                Some(known) => known.into(),
                None => self.unknown_field(field, span, used),
            },
            Shape::Record(members) => match members.iter().find(|(member, _)| member == name) {
                Some((_, shape)) => shape.clone(),
                None => self.unknown_member(field, span, members, used),
            },
            Shape::Map(inner) => (**inner).clone(),
            Shape::Any => {
                self.suspect_quotes(field, span, used);
                Shape::Any
            }
            other => self.no_member(field, span, other, used),
        }
    }

    fn is_known(&self, name: &str, current: &Shape) -> bool {
        match current {
            Shape::Row => self.scope.known(name).is_some(),
            Shape::Record(members) => members.iter().any(|(member, _)| member == name),
            _ => false,
        }
    }

    /// `true`, `false` and `null` are names like any other, and name nothing.
    fn literal_word(&mut self, name: &str, span: Span) {
        let finding = self
            .error(
                span,
                format!("`{name}` is read as the name of a field"),
                "not a value",
            )
            .hint(format!("the value is written between backticks: `{name}`"));
        self.findings.push(finding);
    }

    fn unknown_field(&mut self, field: &Field, span: Span, used: Use) -> Shape {
        let name = &*field.name;
        let finding = self.error(
            span,
            format!("unknown field `{name}`"),
            &self.scope.describe(),
        );
        let near = nearest(name, self.scope.names());
        let elsewhere = self.scope.elsewhere(name);
        let is_strange = near.is_none() && elsewhere.is_none();
        let may_be_text = used == Use::Operand && (field.quotes == Quotes::Double || is_strange);
        let near = near.map(|near| format!("did you mean `{near}`?"));
        let quotes = may_be_text.then(|| single_quotes(name));
        let hints: Vec<String> = [near, elsewhere, quotes].into_iter().flatten().collect();
        let last = self.scope.listed().filter(|_| hints.is_empty());
        let hints = hints.into_iter().chain(last);
        self.findings.push(hints.fold(finding, Diagnostic::hint));
        Shape::Any
    }

    fn unknown_member(
        &mut self,
        field: &Field,
        span: Span,
        members: &[(String, Shape)],
        used: Use,
    ) -> Shape {
        let name = &*field.name;
        let names: Vec<&str> = members.iter().map(|(member, _)| member.as_str()).collect();
        let finding = match self.is_of_the_row(field, used) {
            true => self
                .warning(
                    span,
                    format!("the row's `{name}` cannot be seen from here"),
                    "read from each element",
                )
                .hint(NO_WAY_BACK),
            false => self.error(
                span,
                format!("unknown member `{name}`"),
                "there is no such member",
            ),
        };
        let finding = match used {
            Use::Operand if field.quotes == Quotes::Double => finding.hint(single_quotes(name)),
            _ => finding.did_you_mean(name, names.iter().copied()),
        };
        let all = self.scope.listed().filter(|_| names.len() > LISTED);
        self.findings.push(match (names.is_empty(), all) {
            (true, _) => finding,
            (false, Some(all)) => finding.hint(all),
            (false, None) => finding.hint(format!("its members are `{}`", names.join("`, `"))),
        });
        Shape::Any
    }

    /// Tells whether a name that the current value lacks is one of the row's, and begins a path.
    fn is_of_the_row(&self, field: &Field, used: Use) -> bool {
        let may_be_meant = used != Use::Member && field.quotes == Quotes::None;
        may_be_meant && self.scope.known(&field.name).is_some()
    }

    /// A name read from what has no members.
    fn no_member(&mut self, field: &Field, span: Span, current: &Shape, used: Use) -> Shape {
        let name = &*field.name;
        let message = format!("{} has no member `{name}`", current.words());
        let finding = self.error(span, message, "always null");
        self.findings.push(match (current, used) {
            (_, Use::Operand) if field.quotes == Quotes::Double => {
                finding.hint(single_quotes(name))
            }
            (_, Use::Operand | Use::Else) if jq::of_piped(name).is_some() => jq::of_piped(name)
                .into_iter()
                .fold(finding, Diagnostic::hint),
            (Shape::List(_), Use::Member) => finding.hint(format!(
                "of every element: `[*].{name}`; of the first: `[0].{name}`"
            )),
            (Shape::Text, Use::Member) => match self.dotted_key(span) {
                Some(key) => finding.hint(format!(
                    "a key with dots is one name in double quotes: \"{key}\""
                )),
                None => finding,
            },
            _ if self.is_of_the_row(field, used) => finding.hint(NO_WAY_BACK),
            _ => finding,
        });
        Shape::Any
    }

    /// The key of a map that has dots in it, as labels and annotations do, and was written without quotes; `span` is
    /// its second part.
    fn dotted_key(&self, span: Span) -> Option<&'a str> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let (before, after) = self.passage.text().split_at(span.start);
        let first = before
            .strip_suffix('.')?
            .rfind(|c| !is_part(c) || c == '.')?;
        let end = after.find(|c| !is_part(c)).unwrap_or(after.len());
        Some(&self.passage.text()[first + 1..span.start + end])
    }

    /// Where nothing is known of the names, quotes that the name does not need tell.
    fn suspect_quotes(&mut self, field: &Field, span: Span, used: Use) {
        let name = &*field.name;
        if used == Use::Operand && field.quotes == Quotes::Double && is_plain_name(name) {
            let finding = self
                .warning(
                    span,
                    format!("`\"{name}\"` is the name of a field"),
                    "double quotes",
                )
                .hint(single_quotes(name));
            self.findings.push(finding);
        }
    }
}

pub(super) fn is_literal_word(field: &Field) -> bool {
    field.quotes == Quotes::None && matches!(&*field.name, "true" | "false" | "null")
}

fn single_quotes(text: &str) -> String {
    format!("text is written in single quotes: '{text}'")
}
