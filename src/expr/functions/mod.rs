//! The functions of expressions: one table.
//!
//! It feeds the checks of number and type, did-you-mean, the evaluator and `explain`; each example in it is run by
//! a test. A new function is one entry in the file of its subject. Functions see their arguments and the run, whose
//! budget they pay from; they do no I/O and know no clock but `context.now`.

mod lists;
mod maps;
mod numbers;
mod order;
mod texts;
mod times;
mod versions;

use super::arguments::Arguments;
use super::eval::{Outcome, Run};
use crate::fields::Type;
use crate::value::Value;

pub(super) use times::{parse_duration, parse_time};

/// A function and all there is to say about it.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub parameters: &'static [Parameter],
    /// How many of them.
    pub arity: Arity,
    /// What it gives.
    pub gives: Gives,
    /// The unit of what it gives, if that has one.
    pub unit: Option<&'static str>,
    /// One sentence about it.
    pub documentation: &'static str,
    /// An example, which a test runs.
    pub example: Example,
    pub(super) apply: fn(&mut Run<'_>, &Arguments<'_>) -> Outcome,
}

/// One thing a function takes.
#[derive(Debug)]
pub struct Parameter {
    /// What it is called in the documentation.
    pub name: &'static str,
    /// What it may be.
    pub accepts: &'static [Accept],
}

/// How many arguments a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// As many as it has parameters.
    Fixed,
    /// At least as many; the last may be repeated.
    Repeating,
}

/// A kind of value a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// Anything, null included.
    Any,
    /// A text.
    Text,
    /// A text that is a time.
    Time,
    /// A text that is a stretch of time, such as `30d`.
    Duration,
    /// A number.
    Number,
    /// A list.
    List,
    /// A list of numbers.
    Numbers,
    /// A list of texts.
    Texts,
    /// A map.
    Map,
    /// An expression: `&name`.
    Expression,
}

/// What a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// Always this.
    Is(Type),
    /// What the argument at this position is.
    Like(usize),
    /// What the elements of the list at this position are.
    ElementOf(usize),
    /// A list of what the expression at this position gives.
    ListOf(usize),
}

/// An expression, what it is given and what it gives, the latter two as JSON.
#[derive(Debug)]
pub struct Example {
    /// The expression.
    pub expression: &'static str,
    /// The row.
    pub input: &'static str,
    /// The result.
    pub output: &'static str,
}

static FUNCTIONS: [&[Function]; 7] = [
    &numbers::FUNCTIONS,
    &texts::FUNCTIONS,
    &lists::FUNCTIONS,
    &order::FUNCTIONS,
    &maps::FUNCTIONS,
    &times::FUNCTIONS,
    &versions::FUNCTIONS,
];

/// The functions of the JMESPath specification; all others are ours.
const STANDARD: [&str; 26] = [
    "abs",
    "avg",
    "ceil",
    "contains",
    "ends_with",
    "floor",
    "join",
    "keys",
    "length",
    "map",
    "max",
    "max_by",
    "merge",
    "min",
    "min_by",
    "not_null",
    "reverse",
    "sort",
    "sort_by",
    "starts_with",
    "sum",
    "to_array",
    "to_number",
    "to_string",
    "type",
    "values",
];

/// Every function, by subject.
pub fn all() -> impl Iterator<Item = &'static Function> {
    FUNCTIONS.into_iter().flatten()
}

/// The function of that name.
pub fn find(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name == name)
}

impl Function {
    /// Tells whether it is one of the JMESPath specification.
    pub fn is_standard(&self) -> bool {
        STANDARD.contains(&self.name)
    }

    /// How it is called: `sort_by(list, &expression) -> list`.
    pub fn signature(&self) -> String {
        let name = |parameter: &Parameter| match parameter.takes_expression() {
            true => format!("&{}", parameter.name),
            false => parameter.name.to_owned(),
        };
        let names: Vec<String> = self.parameters.iter().map(name).collect();
        let more = match self.arity {
            Arity::Fixed => "",
            Arity::Repeating => ", …",
        };
        format!("{}({}{more})", self.name, names.join(", "))
    }

    /// The parameter that the argument at `at` is for.
    pub(super) fn parameter(&self, at: usize) -> &Parameter {
        &self.parameters[at.min(self.parameters.len() - 1)]
    }

    /// What is wrong with that number of arguments, if anything.
    pub(super) fn wrong_count(&self, given: usize) -> Option<String> {
        let wanted = self.parameters.len();
        let (is_right, least) = match self.arity {
            Arity::Fixed => (given == wanted, ""),
            Arity::Repeating => (given >= wanted, "at least "),
        };
        let noun = if wanted == 1 { "argument" } else { "arguments" };
        let wanted = match wanted {
            0 => "no".to_owned(),
            wanted => format!("{least}{wanted}"),
        };
        (!is_right).then(|| format!("`{}` takes {wanted} {noun}, not {given}", self.name))
    }
}

impl Parameter {
    pub(super) fn takes_expression(&self) -> bool {
        self.accepts.contains(&Accept::Expression)
    }

    /// Tells whether the elements of a list must be looked at.
    pub(super) fn looks_inside(&self) -> bool {
        let inside = |accept: &Accept| matches!(accept, Accept::Numbers | Accept::Texts);
        self.accepts.iter().any(inside)
    }

    /// What it may be, in words: `a text or a list`.
    pub fn wanted(&self) -> String {
        let words: Vec<&str> = self.accepts.iter().map(|accept| accept.words()).collect();
        words.join(" or ")
    }
}

impl Accept {
    fn words(self) -> &'static str {
        match self {
            Self::Any => "anything",
            Self::Text => "a text",
            Self::Time => "a time",
            Self::Duration => "a duration such as '30d'",
            Self::Number => "a number",
            Self::List => "a list",
            Self::Numbers => "a list of numbers",
            Self::Texts => "a list of texts",
            Self::Map => "a map",
            Self::Expression => "an expression such as `&size`",
        }
    }

    /// Tells whether a value is of this kind; `nulls` says what a null within a list is.
    pub(super) fn holds(self, value: &Value, nulls: Nulls) -> bool {
        let all = |is_wanted: fn(&Value) -> bool| {
            let fits =
                |item: &Value| is_wanted(item) || (nulls == Nulls::Skipped && item.is_null());
            value.as_list().is_some_and(|items| items.iter().all(fits))
        };
        match self {
            Self::Any => true,
            Self::Text | Self::Time | Self::Duration => is_text(value),
            Self::Number => is_number(value),
            Self::List => value.as_list().is_some(),
            Self::Numbers => all(is_number),
            Self::Texts => all(is_text),
            Self::Map => value.as_map().is_some(),
            Self::Expression => false,
        }
    }
}

/// What a null within a list of numbers or texts is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nulls {
    Skipped,
    Wrong,
}

fn is_text(value: &Value) -> bool {
    value.as_text().is_some()
}

fn is_number(value: &Value) -> bool {
    value.as_float().is_some()
}

/// A parameter; keeps the tables short.
const fn parameter(name: &'static str, accepts: &'static [Accept]) -> Parameter {
    Parameter { name, accepts }
}

/// An example; keeps the tables short.
const fn example(expression: &'static str, input: &'static str, output: &'static str) -> Example {
    Example {
        expression,
        input,
        output,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::expr::testing::{json, lenient};

    #[test]
    fn every_example_gives_what_it_says() {
        for function in all() {
            let Example {
                expression,
                input,
                output,
            } = function.example;
            let found = lenient(expression, input).map(|found| json(&found));
            assert_eq!(found, Ok(json(output)), "{expression}");
            assert!(
                expression.contains(&format!("{}(", function.name)),
                "{expression}"
            );
        }
    }

    #[test]
    fn every_function_has_a_name_of_its_own_and_a_sentence() {
        let names: BTreeSet<&str> = all().map(|function| function.name).collect();
        assert_eq!(names.len(), all().count());
        for function in all() {
            let sentence = function.documentation;
            assert!(
                sentence.starts_with(char::is_uppercase) && sentence.ends_with('.'),
                "{sentence}"
            );
            assert!(find(function.name).is_some_and(|found| std::ptr::eq(found, function)));
        }
    }

    #[test]
    fn the_whole_standard_is_there() {
        assert_eq!(
            all().filter(|function| function.is_standard()).count(),
            STANDARD.len()
        );
    }

    #[test]
    fn signatures_show_how_to_call() {
        let signature = |name| find(name).map(Function::signature);
        assert_eq!(
            signature("sort_by").as_deref(),
            Some("sort_by(list, &expression)")
        );
        assert_eq!(signature("merge").as_deref(), Some("merge(map, …)"));
        assert_eq!(signature("now").as_deref(), Some("now()"));
    }
}
