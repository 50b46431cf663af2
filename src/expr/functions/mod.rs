//! The functions of expressions: one table.
//!
//! It feeds the checks of number and type, did-you-mean, the evaluator and `explain`; each example in it is run by
//! a test. A new function is one entry in the file of its subject. Functions see their arguments and the run, whose
//! budget they pay from; they do no I/O and know no clock but `context.now`.

mod accept;
mod arithmetic;
mod choice;
mod edits;
mod images;
mod lists;
mod maps;
mod matches;
mod numbers;
mod order;
mod pairs;
mod sets;
mod tallies;
mod texts;
mod times;
mod versions;

pub(super) use accept::Nulls;
pub use accept::{Accept, Parameter};

use super::arguments::Arguments;
use super::context::Mode;
use super::eval::{Outcome, Run};
use crate::fields::Type;
use accept::{is_number, is_text};

pub(super) use images::check_platform;
pub(super) use times::{check_time_format, parse_duration, parse_time};
pub(super) use versions::parse_range;

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

/// How many arguments a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// As many as it has parameters.
    Fixed,
    /// At least as many; the last may be repeated.
    Repeating,
    /// As many, or fewer by up to this number: the last ones may be left out.
    Optional(usize),
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
    /// What the argument at one of these positions is.
    Either(usize, usize),
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

static FUNCTIONS: [&[Function]; 15] = [
    &numbers::FUNCTIONS,
    &arithmetic::FUNCTIONS,
    &texts::FUNCTIONS,
    &edits::FUNCTIONS,
    &matches::FUNCTIONS,
    &lists::FUNCTIONS,
    &sets::FUNCTIONS,
    &tallies::FUNCTIONS,
    &order::FUNCTIONS,
    &maps::FUNCTIONS,
    &pairs::FUNCTIONS,
    &choice::FUNCTIONS,
    &times::FUNCTIONS,
    &versions::FUNCTIONS,
    &images::FUNCTIONS,
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
        let (needed, optional) = names.split_at(self.least());
        let more = match self.arity {
            Arity::Repeating => ", …".to_owned(),
            _ => optional.iter().map(|name| format!("[, {name}]")).collect(),
        };
        format!("{}({}{more})", self.name, needed.join(", "))
    }

    /// What it gives, in words: `list of text`, or `what list is`.
    pub fn result(&self) -> String {
        let name = |at: usize| self.parameters[at].name;
        match self.gives {
            Gives::Is(known) => known.describe(),
            Gives::Like(at) => format!("what {} is", name(at)),
            Gives::ElementOf(at) => format!("an element of {}", name(at)),
            Gives::ListOf(at) => format!("list of what {} gives", name(at)),
            Gives::Either(one, other) => format!("what {} or {} gives", name(one), name(other)),
        }
    }

    /// The parameter that the argument at `at` is for.
    pub(super) fn parameter(&self, at: usize) -> &Parameter {
        &self.parameters[at.min(self.parameters.len() - 1)]
    }

    /// What is wrong with that number of arguments, if anything.
    pub(super) fn wrong_count(&self, given: usize) -> Option<String> {
        let (least, most) = (self.least(), self.parameters.len());
        let (is_right, wanted) = match self.arity {
            Arity::Fixed if most == 0 => (given == 0, "no".to_owned()),
            Arity::Fixed => (given == most, most.to_string()),
            Arity::Repeating => (given >= most, format!("at least {most}")),
            Arity::Optional(_) => (
                (least..=most).contains(&given),
                format!("{least} to {most}"),
            ),
        };
        let noun = if most == 1 { "argument" } else { "arguments" };
        (!is_right).then(|| format!("`{}` takes {wanted} {noun}, not {given}", self.name))
    }

    /// How many arguments it needs.
    fn least(&self) -> usize {
        match self.arity {
            Arity::Optional(optional) => self.parameters.len() - optional,
            Arity::Fixed | Arity::Repeating => self.parameters.len(),
        }
    }

    /// What null and wrong types do to it. The specification knows nothing of our own functions, so they keep the
    /// rules of design §5 whatever is asked for.
    pub(super) fn mode(&self, asked: Mode) -> Mode {
        match self.is_standard() {
            true => asked,
            false => Mode::Lenient,
        }
    }
}

/// A list, and an expression for each of its elements.
const LIST_AND_EXPRESSION: &[Parameter] = &[
    parameter("list", &[Accept::List]),
    parameter("expression", &[Accept::Expression]),
];

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
mod tests;
