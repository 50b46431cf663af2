//! What a command line gives for parameters: texts as they were typed, and for lists the lines of files.
//!
//! Whether `@FILE` names a file is for the declared type to say, so it is found out here; reading the file is not. A
//! query file has no way to name one (threats G3).

use std::sync::Arc;

use super::Located;
use super::parameters::{ParamType, Parameter};
use crate::diagnostic::{Passage, Place, Source};

/// Everything that was given, in the order typed.
#[derive(Debug, Clone, Default)]
pub struct Given(Vec<One>);

/// One `NAME=VALUE`.
#[derive(Debug, Clone)]
struct One {
    name: String,
    text: String,
    /// What stands in the file that `text` names, if some query takes a list here.
    file: Option<Arc<Source>>,
}

impl Given {
    /// Takes pairs of a name and a text. Files are read, each time one is named, by `read`.
    ///
    /// Errors: the first file that cannot be read.
    pub fn new<E>(
        pairs: Vec<(String, String)>,
        declared: &[&Parameter],
        mut read: impl FnMut(&str, &str) -> Result<Arc<Source>, E>,
    ) -> Result<Self, E> {
        let is_list = |name: &str| {
            let mut same = declared.iter().filter(|param| param.name.value == name);
            same.any(|param| param.kind == ParamType::List)
        };
        let mut all = Vec::with_capacity(pairs.len());
        for (name, text) in pairs {
            let path = path(&text).filter(|_| is_list(&name));
            let file = path.map(|path| read(&name, path)).transpose()?;
            all.push(One { name, text, file });
        }
        Ok(Self(all))
    }

    /// Tells whether a parameter was given.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|one| one.name == name)
    }

    /// The names, each as often as it was given, with what was typed.
    pub(super) fn typed(&self) -> impl Iterator<Item = (&str, Place)> {
        let all = self.0.iter();
        all.map(|one| (one.name.as_str(), one.place()))
    }

    /// The texts given for a parameter, of a list its elements; none if it was not given.
    pub(super) fn of(&self, parameter: &Parameter) -> Option<Vec<Located<String>>> {
        let name = &parameter.name.value;
        if !self.has(name) {
            return None;
        }
        let mine = self.0.iter().filter(|one| one.name == *name);
        Some(mine.flat_map(|one| one.texts(parameter.kind)).collect())
    }
}

/// Texts as they were typed, none of them the name of a file.
impl FromIterator<(String, String)> for Given {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        let one = |(name, text)| One {
            name,
            text,
            file: None,
        };
        Self(pairs.into_iter().map(one).collect())
    }
}

impl One {
    fn texts(&self, kind: ParamType) -> Vec<Located<String>> {
        match (kind, &self.file) {
            (ParamType::List, Some(file)) => lines(file),
            (ParamType::List, None) => vec![self.typed(literal(&self.text))],
            _ => vec![self.typed(&self.text)],
        }
    }

    fn typed(&self, text: &str) -> Located<String> {
        Located {
            value: text.to_owned(),
            place: self.place(),
        }
    }

    fn place(&self) -> Place {
        Passage::flag("--param", &format!("{}={}", self.name, self.text)).place()
    }
}

/// The file that a value of a list names.
fn path(text: &str) -> Option<&str> {
    text.strip_prefix('@').filter(|path| !path.starts_with('@'))
}

/// A value of a list that is none: `@@` stands for an `@` that names no file.
fn literal(text: &str) -> &str {
    match text.starts_with("@@") {
        true => &text[1..],
        false => text,
    }
}

/// The elements in a file: one on a line, without the blanks around it; neither empty lines nor those that start with
/// `#` hold one.
fn lines(file: &Arc<Source>) -> Vec<Located<String>> {
    let mut start = 0;
    let mut elements = Vec::new();
    for line in file.text.split('\n') {
        // Editors of Windows put a mark before the first letter.
        let text = line.trim_start_matches('\u{feff}').trim();
        if !text.is_empty() && !text.starts_with('#') {
            let from = start + (line.find(text).unwrap_or_default());
            elements.push(Located {
                value: text.to_owned(),
                place: Place::new(file, from..from + text.len()),
            });
        }
        start += line.len() + 1;
    }
    elements
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(elements: &[Located<String>]) -> Vec<&str> {
        elements.iter().map(|one| one.value.as_str()).collect()
    }

    /// What a list gets from these values, with a file `f` of that text.
    fn list(values: &[&str], file: &str) -> Option<Vec<String>> {
        let parameter = Parameter::required("x", ParamType::List);
        let pairs = values
            .iter()
            .map(|text| ("x".to_owned(), (*text).to_owned()));
        let read = |_: &str, path: &str| match path {
            "f" => Ok(Source::new(path, file)),
            other => Err(other.to_owned()),
        };
        let given = Given::new(pairs.collect(), &[&parameter], read).unwrap();
        let elements = given.of(&parameter)?;
        Some(texts(&elements).into_iter().map(str::to_owned).collect())
    }

    #[test]
    fn a_line_is_an_element() {
        for (file, elements) in [
            ("a\nb\n", vec!["a", "b"]),
            ("a\r\nb\r\n", vec!["a", "b"]),
            ("a", vec!["a"]),
            ("\n# why\n  a b \t\n\n#b\nc # d", vec!["a b", "c # d"]),
            ("\u{feff}a\n", vec!["a"]),
            ("@a\n@@b", vec!["@a", "@@b"]),
            ("", vec![]),
        ] {
            assert_eq!(list(&["@f"], file).unwrap(), elements, "{file:?}");
        }
    }

    #[test]
    fn an_element_of_a_file_knows_its_line() {
        let file = Source::new("f", "# first\n\n  é x\n");
        let elements = lines(&file);
        let place = &elements[0].place;
        assert_eq!((place.text(), place.line_and_column()), ("é x", (3, 3)));
    }

    #[test]
    fn files_and_texts_add_up_in_the_order_given() {
        assert_eq!(
            list(&["z", "@f", "y"], "a\nb").unwrap(),
            ["z", "a", "b", "y"]
        );
        assert_eq!(list(&["@f"], "# none\n").unwrap(), Vec::<String>::new());
        assert_eq!(list(&[], ""), None);
    }

    #[test]
    fn two_signs_stand_for_one_that_names_no_file() {
        assert_eq!(
            list(&["@@a", "@@@a", "a@f"], "").unwrap(),
            ["@a", "@@a", "a@f"]
        );
    }

    #[test]
    fn only_a_list_is_read_from_a_file() {
        let text = Parameter::required("x", ParamType::String);
        let pairs = |value: &str| vec![("x".to_owned(), value.to_owned())];
        for value in ["@f", "@@f", "@"] {
            let never = |_: &str, path: &str| Err::<Arc<Source>, _>(path.to_owned());
            let given = Given::new(pairs(value), &[&text], never).unwrap();
            assert_eq!(texts(&given.of(&text).unwrap()), [value]);
            let unknown = Given::new(pairs(value), &[], never).unwrap();
            assert!(unknown.has("x"));
        }
    }

    #[test]
    fn one_name_may_be_a_list_here_and_a_text_there() {
        let list = Parameter::required("x", ParamType::List);
        let text = Parameter::required("x", ParamType::String);
        let read = |_: &str, path: &str| Ok::<_, ()>(Source::new(path, "a\nb"));
        let pairs = vec![("x".to_owned(), "@f".to_owned())];
        let given = Given::new(pairs, &[&text, &list], read).unwrap();
        assert_eq!(texts(&given.of(&list).unwrap()), ["a", "b"]);
        assert_eq!(texts(&given.of(&text).unwrap()), ["@f"]);
    }
}
