//! Parameters: what a query file declares, and the values that users give.
//!
//! A value is data of the declared type. It is not YAML, not an expression and not a template, wherever it comes
//! from (threats G3).

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;

use super::{Given, Located};
use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::limits::FINDINGS;
use crate::safe::escape;
use crate::value::{JsonStyle, Value, to_json};

/// A declared parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// What it is called.
    pub name: Located<String>,
    /// What its values are.
    pub kind: ParamType,
    /// The value it has if none is given; without one it must be given.
    pub default: Option<Value>,
    /// What it is for.
    pub description: Option<String>,
    /// The values it may have; empty means any. Of a list: what its elements may be.
    pub allowed: Vec<Value>,
}

/// What the values of a parameter are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ParamType {
    /// Texts.
    #[default]
    String,
    /// Whole numbers from -2^63 to 2^64-1, exact.
    Integer,
    /// Numbers.
    Number,
    /// `true` and `false`.
    Boolean,
    /// Lists of texts.
    List,
}

impl ParamType {
    /// Every type, under the name it has in query files.
    pub const NAMED: [(&'static str, Self); 5] = [
        ("string", Self::String),
        ("integer", Self::Integer),
        ("number", Self::Number),
        ("boolean", Self::Boolean),
        ("list", Self::List),
    ];

    /// The type of that name.
    pub fn named(name: &str) -> Option<Self> {
        let known = Self::NAMED.iter().find(|(known, _)| *known == name);
        known.map(|(_, kind)| *kind)
    }

    /// What a value of this type is, with its article.
    fn noun(self) -> &'static str {
        match self {
            Self::String => "a text",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "`true` or `false`",
            Self::List => "a list of texts",
        }
    }

    /// Reads one value, of a list one element.
    fn read(self, text: &str) -> Option<Value> {
        match self {
            Self::String | Self::List => Some(Value::text(text)),
            Self::Integer => integer(text),
            Self::Number => integer(text).or_else(|| number(text)),
            Self::Boolean => match text {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                _ => None,
            },
        }
    }
}

impl fmt::Display for ParamType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Self::NAMED.iter().find(|(_, kind)| kind == self);
        f.write_str(known.map_or("", |(name, _)| name))
    }
}

/// A whole number within the exact range, in JSON's spelling.
fn integer(text: &str) -> Option<Value> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: i128 = text.parse().ok().filter(|_| is_plain)?;
    Some(Value::int(number)).filter(|value| matches!(value, Value::Int(_)))
}

/// A finite number in JSON's spelling: no `inf`, no `1_000`, no `.5`.
fn number(text: &str) -> Option<Value> {
    let is_json = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let starts = text
        .trim_start_matches('-')
        .starts_with(|c: char| c.is_ascii_digit());
    let number: f64 = text.parse().ok().filter(|_| is_json && starts)?;
    number.is_finite().then(|| Value::float(number))
}

impl Parameter {
    /// A parameter that must be given, as `NAME:` declares it.
    #[cfg(test)]
    pub(super) fn required(name: &str, kind: ParamType) -> Self {
        let place = crate::diagnostic::Passage::flag("params", name).place();
        Self {
            name: Located {
                value: name.to_owned(),
                place,
            },
            kind,
            default: None,
            description: None,
            allowed: Vec::new(),
        }
    }

    /// Reads a value of this parameter, an element of it if it is a list, and checks it against the values
    /// allowed. The message says what would be right and has no place yet.
    pub(super) fn read(&self, text: &str) -> Result<Value, Diagnostic> {
        let name = &self.name.value;
        let Some(value) = self.kind.read(text) else {
            let wanted = self.kind.noun();
            return Err(Diagnostic::error(format!(
                "`{text}` is no value of `{name}`, which is {wanted}"
            )));
        };
        if self.allowed.is_empty() || self.allowed.contains(&value) {
            return Ok(value);
        }
        let finding = Diagnostic::error(format!("`{text}` is not among the values of `{name}`"));
        let all: Vec<String> = self.allowed.iter().map(shown).collect();
        let near = nearest(text, all.iter().map(String::as_str));
        Err(match near {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding.hint(format!("allowed: {}", all_shown(&self.allowed))),
        })
    }

    /// Makes what is given for it its default.
    ///
    /// Errors: values of another type or not among those allowed, all of them together.
    pub fn preset(&mut self, given: &Given) -> Result<(), Vec<Diagnostic>> {
        self.default = self.value_of(given)?;
        Ok(())
    }

    /// What may be given for it, in a few words: `integer; 90 if not given`.
    fn notes(&self) -> String {
        let mut notes = vec![self.kind.to_string()];
        if !self.allowed.is_empty() {
            notes.push(format!("one of {}", all_shown(&self.allowed)));
        }
        let default = self
            .default
            .as_ref()
            .map(|default| match default.as_list() {
                Some(items) => all_shown(items),
                None => shown(default),
            });
        notes.push(match default {
            Some(default) if default.is_empty() => "empty if not given".to_owned(),
            Some(default) => format!("{default} if not given"),
            None => "must be given".to_owned(),
        });
        notes.join("; ")
    }

    fn value_of(&self, given: &Given) -> Result<Option<Value>, Vec<Diagnostic>> {
        let Some(texts) = given.of(self) else {
            return Ok(self.default.clone());
        };
        let read = |text: &Located<String>| {
            let read = self.read(&text.value);
            read.map_err(|finding| finding.at(&text.place, ""))
        };
        if self.kind != ParamType::List {
            let last = texts.last().map(read).transpose();
            return last.map_err(|finding| vec![finding]);
        }
        let (items, mut findings) = partition(texts.iter().map(read));
        // A file may hold as many wrong lines as it likes.
        findings.truncate(FINDINGS);
        match findings.is_empty() {
            true => Ok(Some(Value::list(items))),
            false => Err(findings),
        }
    }
}

/// Parameters, each on a line: its name, what it is for, and what may be given for it.
pub fn describe<'p>(parameters: impl Iterator<Item = &'p Parameter> + Clone) -> String {
    let widths = parameters.clone();
    let width = widths.map(|one| one.name.value.chars().count()).max();
    let width = width.unwrap_or_default();
    let line = |one: &Parameter| {
        let words = one.description.as_ref();
        let words = words
            .map(|words| format!("{} ", escape(words)))
            .unwrap_or_default();
        let notes = one.notes();
        format!(
            "  {:<width$}  {words}({})\n",
            escape(&one.name.value),
            escape(&notes)
        )
    };
    parameters.map(line).collect()
}

/// Takes results apart, so that every error is seen.
pub(super) fn partition<T>(
    results: impl Iterator<Item = Result<T, Diagnostic>>,
) -> (Vec<T>, Vec<Diagnostic>) {
    let (mut good, mut findings) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(item) => good.push(item),
            Err(finding) => findings.push(finding),
        }
    }
    (good, findings)
}

/// A value as text: texts bare, everything else as JSON.
pub(super) fn shown(value: &Value) -> String {
    match value.as_text() {
        Some(text) => text.to_owned(),
        None => to_json(value, JsonStyle::Compact),
    }
}

/// Values as text, separated by commas.
fn all_shown(values: &[Value]) -> String {
    let shown: Vec<String> = values.iter().map(shown).collect();
    shown.join(", ")
}

/// The values of a query's parameters, in the order declared.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Params(IndexMap<String, Value>);

impl Params {
    /// Gives every declared parameter its value: the one given, else its default. A list takes all that is given for
    /// it, of anything else the last one counts. What is given for others is not looked at.
    ///
    /// Errors: values of another type or not among those allowed, parameters without a value; all of them together.
    pub fn resolve(declared: &[Parameter], given: &Given) -> Result<Self, Vec<Diagnostic>> {
        let (mut values, mut missing) = (IndexMap::new(), Vec::new());
        let mut findings = Vec::new();
        for parameter in declared {
            match parameter.value_of(given) {
                Ok(Some(value)) => {
                    values.insert(parameter.name.value.clone(), value);
                }
                Ok(None) => missing.push(parameter),
                Err(wrong) => findings.extend(wrong),
            }
        }
        findings.extend(missing_values(&missing));
        match findings.is_empty() {
            true => Ok(Self(values)),
            false => Err(findings),
        }
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All values as a map, the constant `params` of expressions.
    pub fn value(&self) -> Value {
        let entries = self.0.iter();
        Value::map(entries.map(|(name, value)| (Arc::from(name.as_str()), value.clone())))
    }
}

/// Finds what is given for parameters that none of these is.
pub fn unknown_names(given: &Given, declared: &[&Parameter]) -> Vec<Diagnostic> {
    let names = || {
        declared
            .iter()
            .map(|parameter| parameter.name.value.as_str())
    };
    let unknown = given
        .typed()
        .filter(|(name, _)| !names().any(|known| known == *name));
    let finding = |(name, place): (&str, Place)| {
        let finding = Diagnostic::error(format!("there is no parameter `{name}`"));
        let finding = finding.at(&place, "").did_you_mean(name, names());
        match declared.is_empty() {
            true => finding.hint("no parameter is declared"),
            false => finding,
        }
    };
    unknown.map(finding).collect()
}

fn missing_values(missing: &[&Parameter]) -> Option<Diagnostic> {
    let names: Vec<String> = missing
        .iter()
        .map(|p| format!("`{}`", p.name.value))
        .collect();
    let message = match missing {
        [] => return None,
        [_] => format!("the parameter {} has no value", names[0]),
        _ => format!("the parameters {} have no value", names.join(", ")),
    };
    let mut finding = Diagnostic::error(message);
    for parameter in missing {
        let words = parameter.description.clone().unwrap_or_default();
        finding = finding.at(&parameter.name.place, words);
    }
    let flags: Vec<String> = missing
        .iter()
        .map(|p| format!("-p {}=…", p.name.value))
        .collect();
    Some(finding.hint(format!("give it: `{}`", flags.join(" "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> Given {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    fn declared() -> Vec<Parameter> {
        let of = |name, kind| Parameter::required(name, kind);
        vec![
            of("registry", ParamType::String),
            Parameter {
                default: Some(Value::int(90)),
                description: Some("since when".to_owned()),
                ..of("days", ParamType::Integer)
            },
            Parameter {
                default: Some(Value::list(Vec::new())),
                ..of("teams", ParamType::List)
            },
            Parameter {
                default: Some("dev".into()),
                allowed: vec!["dev".into(), "prod".into()],
                ..of("stage", ParamType::String)
            },
        ]
    }

    fn resolve(pairs: &[(&str, &str)]) -> Result<Params, Vec<Diagnostic>> {
        Params::resolve(&declared(), &given(pairs))
    }

    #[test]
    fn defaults_stand_until_a_value_is_given() {
        let params = resolve(&[("registry", "ghcr.io")]).unwrap();
        assert_eq!(
            shown(&params.value()),
            r#"{"registry":"ghcr.io","days":90,"teams":[],"stage":"dev"}"#
        );
        let params = resolve(&[("days", "1"), ("registry", "x"), ("days", "2")]).unwrap();
        assert_eq!(params.get("days"), Some(&Value::int(2)));
    }

    #[test]
    fn what_is_given_can_become_the_default() {
        let pairs = given(&[("days", "7"), ("teams", "a"), ("teams", "b")]);
        let mut preset = declared();
        for parameter in &mut preset {
            parameter.preset(&pairs).unwrap();
        }
        let defaults = preset.iter().map(|parameter| parameter.default.as_ref());
        let defaults: Vec<Option<String>> = defaults.map(|value| value.map(shown)).collect();
        let days = Some("7".to_owned());
        assert_eq!(
            defaults,
            [
                None,
                days,
                Some("[\"a\",\"b\"]".to_owned()),
                Some("dev".to_owned())
            ]
        );
        assert!(preset[1].preset(&given(&[("days", "soon")])).is_err());
    }

    #[test]
    fn what_is_given_for_a_list_adds_up() {
        let params = resolve(&[("registry", "x"), ("teams", "a"), ("teams", "b,c")]).unwrap();
        assert_eq!(shown(params.get("teams").unwrap()), r#"["a","b,c"]"#);
    }

    #[test]
    fn values_have_the_declared_type() {
        for (kind, good, bad) in [
            (
                ParamType::Integer,
                vec!["0", "-9223372036854775808", "18446744073709551615", "007"],
                vec![
                    "",
                    "1.0",
                    "1e3",
                    "+1",
                    "0x10",
                    "18446744073709551616",
                    "1_000",
                    " 1",
                    "-",
                ],
            ),
            (
                ParamType::Number,
                vec!["1", "-1.5", "2e3", "1E-2"],
                vec!["", "inf", "NaN", ".5", "1e999", "+1", "1,5"],
            ),
            (
                ParamType::Boolean,
                vec!["true", "false"],
                vec!["True", "yes", "1", ""],
            ),
            (ParamType::String, vec!["", "1.20", "null"], vec![]),
        ] {
            for text in good {
                assert!(kind.read(text).is_some(), "{kind} {text}");
            }
            for text in bad {
                assert!(kind.read(text).is_none(), "{kind} {text}");
            }
        }
        let exact = ParamType::Integer.read("9007199254740993");
        assert_eq!(exact, Some(Value::int(9_007_199_254_740_993)));
    }

    #[test]
    fn everything_wrong_is_said_together() {
        let findings = resolve(&[("dyas", "7"), ("days", "soon"), ("stage", "prd")]).unwrap_err();
        let messages: Vec<&str> = findings.iter().map(|f| f.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "`soon` is no value of `days`, which is a whole number",
                "`prd` is not among the values of `stage`",
                "the parameter `registry` has no value",
            ]
        );
        assert_eq!(findings[0].labels[0].place.text(), "days=soon");
        assert_eq!(findings[1].hints, ["did you mean `prod`?"]);
        assert_eq!(findings[2].hints, ["give it: `-p registry=…`"]);
    }

    #[test]
    fn what_nobody_declares_is_told_its_right_name() {
        let declared = declared();
        let declared: Vec<&Parameter> = declared.iter().collect();
        let findings = unknown_names(&given(&[("dyas", "7"), ("days", "7")]), &declared);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].message, "there is no parameter `dyas`");
        assert_eq!(findings[0].hints, ["did you mean `days`?"]);
        let findings = unknown_names(&given(&[("days", "7")]), &[]);
        assert_eq!(findings[0].hints, ["no parameter is declared"]);
    }

    #[test]
    fn parameters_are_described_one_on_a_line() {
        assert_eq!(
            describe(declared().iter()),
            "  registry  (string; must be given)\n  \
             days      since when (integer; 90 if not given)\n  \
             teams     (list; empty if not given)\n  \
             stage     (string; one of dev, prod; dev if not given)\n"
        );
    }
}
