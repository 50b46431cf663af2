//! Text with `${NAME}` in it, and filling parameters in.
//!
//! A value that is filled in is data: it is never read again as a template or as YAML, and it may not become part
//! of the name of a host (threats G3, S2). Only declared parameters can be named; there is no environment.

use std::ops::Range;

use super::parameters::{Parameter, Params, shown};
use crate::diagnostic::{Diagnostic, Passage, Place};
use crate::limits::FINDINGS;
use crate::oci::RegistryHost;
use crate::value::Value;

/// What starts the name of a place on disk, in `registry`.
pub const DISK: [&str; 3] = ["oci:", "oci-archive:", "docker-archive:"];

/// A text with `${NAME}` in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    passage: Passage,
    uses: Vec<Use>,
}

/// One `${NAME}`.
#[derive(Debug, Clone, PartialEq)]
struct Use {
    name: String,
    /// Where it stands in the text, with `${` and `}`.
    range: Range<usize>,
}

impl Template {
    /// Finds the parameters in a text. What is wrong with them is handed back too; the template is still good
    /// for what comes later in checking the file.
    pub fn parse(passage: Passage, declared: &[Parameter]) -> (Self, Vec<Diagnostic>) {
        let text = passage.text();
        let (mut uses, mut findings) = (Vec::new(), Vec::new());
        let mut from = 0;
        while let Some(start) = text[from..].find("${").map(|found| from + found) {
            if findings.len() >= FINDINGS {
                break;
            }
            let Some(length) = text[start..].find('}') else {
                let finding = Diagnostic::error("this `${` is not closed");
                let finding = finding.at(&passage.place_of(start..start + 2), "");
                findings.push(finding.hint("a parameter is filled in by `${NAME}`"));
                break;
            };
            let range = start..start + length + 1;
            let name = &text[start + 2..range.end - 1];
            findings.extend(undeclared(name, declared, &passage.place_of(range.clone())));
            uses.push(Use {
                name: name.to_owned(),
                range: range.clone(),
            });
            from = range.end;
        }
        (Self { passage, uses }, findings)
    }

    /// A text without parameters, as flags give it.
    pub fn literal(passage: Passage) -> Self {
        Self {
            passage,
            uses: Vec::new(),
        }
    }

    /// The text as written.
    pub fn text(&self) -> &str {
        self.passage.text()
    }

    /// Where it stands.
    pub fn place(&self) -> Place {
        self.passage.place()
    }

    /// Tells whether nothing is to be filled in; a `${` without its `}` was meant to be.
    pub fn is_literal(&self) -> bool {
        self.uses.is_empty() && !self.text().contains("${")
    }

    /// The parameter that is the whole of this text, if it is one.
    fn whole(&self) -> Option<&Use> {
        match self.uses.as_slice() {
            [only] if only.range == (0..self.text().len()) => Some(only),
            _ => None,
        }
    }

    /// The parameter that alone says where to look: it is the whole of this text, or all that comes after `oci:` or
    /// its kin. Whoever gives its value has chosen the place.
    pub fn place_parameter(&self) -> Option<&str> {
        let only = match self.uses.as_slice() {
            [only] if only.range.end == self.text().len() => only,
            _ => return None,
        };
        let head = &self.text()[..only.range.start];
        let decides = head.is_empty() || DISK.contains(&head);
        decides.then_some(only.name.as_str())
    }

    /// Fills the parameters in.
    ///
    /// Errors: a parameter that is a list, since one text is wanted.
    pub fn fill(&self, params: &Params) -> Result<String, Diagnostic> {
        let text = self.text();
        let mut filled = String::with_capacity(text.len());
        let mut from = 0;
        for used in &self.uses {
            filled.push_str(&text[from..used.range.start]);
            filled.push_str(&self.scalar(used, params)?);
            from = used.range.end;
        }
        filled.push_str(&text[from..]);
        Ok(filled)
    }

    /// Fills the parameters in; a text that is one parameter which is a list becomes one text per element.
    ///
    /// Errors: a list that is only a part of the text.
    pub fn fill_all(&self, params: &Params) -> Result<Vec<String>, Diagnostic> {
        let value = self.whole().and_then(|used| params.get(&used.name));
        match value.and_then(Value::as_list) {
            Some(items) => Ok(items.iter().map(shown).collect()),
            None => Ok(vec![self.fill(params)?]),
        }
    }

    fn scalar(&self, used: &Use, params: &Params) -> Result<String, Diagnostic> {
        let name = &used.name;
        let message = match params.get(name) {
            Some(Value::List(_)) => {
                format!("the parameter `{name}` is a list, and here one text is wanted")
            }
            Some(value) => return Ok(shown(value)),
            None => format!("the parameter `{name}` has no value"),
        };
        Err(Diagnostic::error(message).at(&self.passage.place_of(used.range.clone()), ""))
    }

    /// Refuses a parameter that could become part of the name of a host (threats G3): it must be the whole
    /// text, or come after the `/` that ends the host, or after `oci:` and its kin.
    pub(super) fn check_host(&self, key: &str) -> Option<Diagnostic> {
        let first = self.uses.first()?;
        let head = &self.text()[..first.range.start];
        let is_disk = DISK.iter().any(|scheme| head.starts_with(scheme));
        let host = head
            .split_once('/')
            .map(|(host, _)| host.parse::<RegistryHost>());
        if self.whole().is_some() || is_disk || matches!(host, Some(Ok(_))) {
            return None;
        }
        let message = format!(
            "`${{{}}}` may not be a part of which host is asked",
            first.name
        );
        let place = self.passage.place_of(first.range.clone());
        let finding = Diagnostic::error(message).at(&place, "");
        let disk = if key == "registry" { " or `oci:`" } else { "" };
        Some(finding.hint(format!(
            "a parameter is the whole of `{key}`, or stands after `HOST/`{disk}"
        )))
    }
}

fn undeclared(name: &str, declared: &[Parameter], place: &Place) -> Option<Diagnostic> {
    let mut names = declared
        .iter()
        .map(|parameter| parameter.name.value.as_str());
    if names.clone().any(|known| known == name) {
        return None;
    }
    let finding = Diagnostic::error(format!("there is no parameter `{name}`")).at(place, "");
    let near = crate::diagnostic::nearest(name, names.clone());
    Some(match (near, names.next()) {
        (Some(near), _) => finding.hint(format!("did you mean `{near}`?")),
        (None, Some(_)) => {
            let all: Vec<String> = declared
                .iter()
                .map(|p| format!("`{}`", p.name.value))
                .collect();
            finding.hint(format!("`params` declares {}", all.join(", ")))
        }
        (None, None) => finding.hint("declare it under `spec.params`; the environment is not read"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::parameters::ParamType;
    use super::*;
    use crate::diagnostic::Source;

    fn declared(names: &[(&str, ParamType)]) -> Vec<Parameter> {
        let parameter = |(name, kind): &(&str, ParamType)| Parameter::required(name, *kind);
        names.iter().map(parameter).collect()
    }

    fn template(text: &str) -> Template {
        let declared = declared(&[("team", ParamType::String), ("all", ParamType::List)]);
        let (template, findings) = Template::parse(Passage::flag("--x", text), &declared);
        assert!(findings.is_empty(), "{text}: {findings:?}");
        template
    }

    fn params(given: &[(&str, &str)]) -> Params {
        let declared = declared(&[("team", ParamType::String), ("all", ParamType::List)]);
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let given = given.iter().map(owned).collect();
        Params::resolve(&declared, &given).expect("the given values fit")
    }

    #[test]
    fn g3_a_value_is_never_read_again() {
        let params = params(&[("team", "${all}$${team}'\"\n- x: {y}"), ("all", "x")]);
        let filled = template("a/${team}/b").fill(&params).unwrap();
        assert_eq!(filled, "a/${all}$${team}'\"\n- x: {y}/b");
    }

    #[test]
    fn g10_a_place_is_the_users_only_where_the_value_decides_all_of_it() {
        for (text, parameter) in [
            ("${team}", Some("team")),
            ("oci:${team}", Some("team")),
            ("oci:../${team}", None),
            ("oci:${team}/x", None),
            ("ghcr.io/${team}", None),
            ("oci:demo", None),
        ] {
            assert_eq!(template(text).place_parameter(), parameter, "{text}");
        }
    }

    #[test]
    fn a_list_fills_several_items_but_no_part_of_one() {
        let params = params(&[("team", "t"), ("all", "x"), ("all", "y")]);
        assert_eq!(template("${all}").fill_all(&params).unwrap(), ["x", "y"]);
        assert_eq!(template("${team}/z").fill_all(&params).unwrap(), ["t/z"]);
        let finding = template("a/${all}").fill_all(&params).unwrap_err();
        assert_eq!(
            finding.message,
            "the parameter `all` is a list, and here one text is wanted"
        );
        assert_eq!(finding.labels[0].place.text(), "${all}");
    }

    #[test]
    fn undeclared_names_are_found_at_their_place() {
        for (text, message, hint) in [
            (
                "a/${taem}",
                "there is no parameter `taem`",
                "did you mean `team`?",
            ),
            (
                "${HOME}",
                "there is no parameter `HOME`",
                "`params` declares `team`",
            ),
            ("${}", "there is no parameter ``", "`params` declares"),
            ("${team", "this `${` is not closed", "`${NAME}`"),
        ] {
            let declared = declared(&[("team", ParamType::String)]);
            let (_, findings) = Template::parse(Passage::flag("--x", text), &declared);
            assert_eq!(findings[0].message, message);
            assert!(findings[0].hints[0].contains(hint), "{findings:?}");
            assert!(findings[0].labels[0].place.text().starts_with("${"));
        }
    }

    #[test]
    fn a_dollar_alone_is_itself() {
        assert_eq!(
            template("^v1$")
                .fill(&params(&[("team", ""), ("all", "")]))
                .unwrap(),
            "^v1$"
        );
    }

    #[test]
    fn g3_a_parameter_never_becomes_part_of_a_host() {
        for hostile in [
            "${team}.evil.example",
            "evil${team}",
            "ghcr.io${team}",
            "ghcr.io:${team}",
            "ghcr.io:${team}/x",
            "ghcr.${team}/x",
            "${team}/x",
            "${team}${team}",
            " ${team}",
            "${team} ",
            "user:${team}@evil.example/x",
            "${team}@evil.example",
            "https://${team}/x",
            "//${team}",
            "/${team}",
            "o${team}:dir",
            "oci${team}dir",
            "${team}:dir",
            "[::1]${team}/x",
            "evil.example?${team}/",
            "evil.example#${team}",
            "x${team}/ghcr.io",
        ] {
            let finding = template(hostile).check_host("registry").expect(hostile);
            assert_eq!(
                finding.message,
                "`${team}` may not be a part of which host is asked"
            );
        }
    }

    #[test]
    fn a_parameter_may_be_the_whole_or_come_after_the_host() {
        for good in [
            "${team}",
            "ghcr.io/${team}",
            "localhost:5000/${team}/x",
            "[::1]:5000/${team}",
            "oci:${team}",
            "oci:dir/${team}",
            "oci-archive:${team}.tar",
            "docker-archive:${team}",
            "ghcr.io",
        ] {
            assert_eq!(template(good).check_host("registry"), None, "{good}");
        }
    }

    #[test]
    fn places_lead_into_the_file() {
        let source = Source::new("q.yaml", "registry: 'a/${x}'");
        let passage = Passage::decoded(&source, "a/${x}", 10..18, vec![(0, 11)]);
        let (_, findings) = Template::parse(passage, &[]);
        assert_eq!(findings[0].labels[0].place.line_and_column(), (1, 14));
        assert!(findings[0].hints[0].contains("the environment is not read"));
    }
}
