//! Patterns for names of repositories and tags.
//!
//! A name is kept if any positive pattern matches - without one every name does - and no excluding one, and if the
//! regular expression and the range of versions hold where there are any. The order of patterns does not matter. A
//! parameter's value is a pattern like one written in the file.

use super::parameters::Params;
use super::template::Template;
use super::wildcard::{Set, check_length, refused};
use crate::diagnostic::{Diagnostic, Place};
use crate::pattern::{Regex, is_wild_char};
use crate::version::Range;

/// Patterns as written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PatternSpec {
    /// What is kept, and after a `!` what is not.
    pub include: Vec<Template>,
    /// What is not kept, without a `!`.
    pub exclude: Vec<Template>,
    /// A regular expression to be found anywhere in a name.
    pub regex: Option<Template>,
    /// A range that the name must be a version in.
    pub semver: Option<Template>,
}

/// Patterns ready to match.
#[derive(Debug, Clone)]
pub struct Pattern {
    include: Set,
    exclude: Set,
    regex: Option<Regex>,
    semver: Option<Range>,
    technical: Technical,
}

/// What becomes of the tags that tools use to find signatures and the like beside an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Technical {
    /// There are no such names.
    Unknown,
    /// They are kept only by a positive pattern that starts with `sha256-`.
    OnDemand,
}

impl PatternSpec {
    /// Where the first of it stands, if anything is written.
    pub fn place(&self) -> Option<Place> {
        let listed = self.include.iter().chain(&self.exclude);
        let mut all = listed.chain(&self.regex).chain(&self.semver);
        all.next().map(Template::place)
    }

    /// Checks the patterns that need no parameters.
    pub(super) fn check(&self) -> Vec<Diagnostic> {
        let literal = |templates: &[Template]| -> Vec<Template> {
            templates
                .iter()
                .filter(|template| template.is_literal())
                .cloned()
                .collect()
        };
        let checkable = Self {
            include: literal(&self.include),
            exclude: literal(&self.exclude),
            regex: self.regex.clone().filter(Template::is_literal),
            semver: self.semver.clone().filter(Template::is_literal),
        };
        Pattern::compile(&checkable, &Params::default())
            .err()
            .unwrap_or_default()
    }
}

impl Pattern {
    /// Compiles patterns for repositories.
    ///
    /// Errors: patterns that are none, too long, or too many; all of them together.
    pub fn compile(spec: &PatternSpec, params: &Params) -> Result<Self, Vec<Diagnostic>> {
        Self::build(spec, params, Technical::Unknown)
    }

    /// Compiles patterns for tags: technical ones (`sha256-` and 64 hex digits, also with `.sig`, `.att` or
    /// `.sbom`) are kept only by a positive pattern that starts with `sha256-`.
    ///
    /// Errors: as for repositories.
    pub fn compile_tags(spec: &PatternSpec, params: &Params) -> Result<Self, Vec<Diagnostic>> {
        Self::build(spec, params, Technical::OnDemand)
    }

    fn build(
        spec: &PatternSpec,
        params: &Params,
        technical: Technical,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut findings = Vec::new();
        let (mut include, mut exclude) = (Set::default(), Set::default());
        for (text, place) in filled(&spec.include, params, &mut findings) {
            let added = match text.strip_prefix('!') {
                Some(text) => exclude.add(text, &place),
                None => include.add(&text, &place),
            };
            findings.extend(added.err());
        }
        if include.is_empty() && findings.is_empty() {
            findings.extend(nothing(&spec.include, params));
        }
        for (text, place) in filled(&spec.exclude, params, &mut findings) {
            let added = match text.starts_with('!') {
                true => Err(excluded_twice(&place)),
                false => exclude.add(&text, &place),
            };
            findings.extend(added.err());
        }
        let regex = one(spec.regex.as_ref(), params, regex, &mut findings);
        let semver = one(spec.semver.as_ref(), params, range, &mut findings);
        if !findings.is_empty() {
            return Err(findings);
        }
        Ok(Self {
            include,
            exclude,
            regex,
            semver,
            technical,
        })
    }

    /// Tells whether a name is kept. Case counts.
    pub fn matches(&self, name: &str) -> bool {
        let is_included = match self.technical {
            Technical::OnDemand if is_technical(name) => self.include.asks_for_technical(name),
            _ => self.include.is_empty() || self.include.matches(name),
        };
        is_included
            && !self.exclude.matches(name)
            && self.regex.as_ref().is_none_or(|regex| regex.is_match(name))
            && self.semver.as_ref().is_none_or(|range| range.matches(name))
    }

    /// Tells whether something with these names is kept: one of them is; or nothing says what it should be called, and
    /// none of them is left out. What has no name at all is kept there, too.
    pub fn keeps<'n>(&self, mut names: impl Iterator<Item = &'n str> + Clone) -> bool {
        let is_open = self.include.is_empty() && self.regex.is_none() && self.semver.is_none();
        let is_left_out = |name| self.exclude.matches(name);
        (is_open && !names.clone().any(is_left_out)) || names.any(|name| self.matches(name))
    }

    /// The namespaces that all names lie in that can be kept: what stands before the last slash in front of a wildcard.
    ///
    /// Shape: sorted by bytes, none below another; one empty namespace is all of them.
    pub fn namespaces(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.include.texts().map(namespace).collect();
        if all.is_empty() {
            all.push("");
        }
        all.sort_unstable();
        all.dedup();
        let is_below = |name: &str, other: &str| {
            other.is_empty()
                || name
                    .strip_prefix(other)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        let others = all.clone();
        let is_covered = |name: &&str| {
            others
                .iter()
                .any(|other| other != name && is_below(name, other))
        };
        all.retain(|name| !is_covered(name));
        all
    }

    /// The names that can be kept, if they are known without a listing: none of the positive patterns has a
    /// wildcard, and there is one.
    ///
    /// Shape: sorted by bytes, each once; those that everything else keeps.
    pub fn literals(&self) -> Option<Vec<String>> {
        if self.include.is_empty() || self.include.has_wildcards() {
            return None;
        }
        let names = self.include.names().filter(|name| self.matches(name));
        Some(names.map(str::to_owned).collect())
    }
}

fn namespace(text: &str) -> &str {
    let fixed = &text[..text.find(is_wild_char).unwrap_or(text.len())];
    fixed
        .rsplit_once('/')
        .map_or("", |(namespace, _)| namespace)
}

/// `sha256-` and 64 hex digits, as cosign and the tag schema of referrers write it.
fn is_technical(tag: &str) -> bool {
    let Some((hex, rest)) = tag
        .strip_prefix("sha256-")
        .and_then(|tag| tag.split_at_checked(64))
    else {
        return false;
    };
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    hex.bytes().all(is_hex) && matches!(rest, "" | ".sig" | ".att" | ".sbom")
}

/// A parameter that was to say what is kept, and says nothing: then all would be kept.
fn nothing(include: &[Template], params: &Params) -> Option<Diagnostic> {
    let is_empty = |template: &&Template| {
        let texts = template.fill_all(params);
        texts.is_ok_and(|texts| texts.is_empty())
    };
    let template = include.iter().find(is_empty)?;
    let finding = Diagnostic::error("the list of patterns is empty, which would keep every name");
    let finding = finding.at(&template.place(), "");
    Some(finding.hint("give it an element; `**` keeps every name"))
}

/// Fills templates in, each with its place; what cannot be filled is among the findings.
fn filled(
    templates: &[Template],
    params: &Params,
    findings: &mut Vec<Diagnostic>,
) -> Vec<(String, Place)> {
    let mut filled = Vec::new();
    for template in templates {
        match template.fill_all(params) {
            Ok(texts) => filled.extend(texts.into_iter().map(|text| (text, template.place()))),
            Err(finding) => findings.push(finding),
        }
    }
    filled
}

/// Reads what stands alone under its key, if it is there.
fn one<T>(
    template: Option<&Template>,
    params: &Params,
    read: fn(&str, &Place) -> Result<T, Diagnostic>,
    findings: &mut Vec<Diagnostic>,
) -> Option<T> {
    let template = template?;
    let place = template.place();
    let filled = template.fill(params);
    let checked = filled.and_then(|text| check_length(&text, &place).map(|()| text));
    match checked.and_then(|text| read(&text, &place)) {
        Ok(value) => Some(value),
        Err(finding) => {
            findings.push(finding);
            None
        }
    }
}

fn excluded_twice(place: &Place) -> Diagnostic {
    Diagnostic::error("a pattern under `exclude` has a `!`")
        .at(place, "")
        .hint("`exclude` excludes already; remove the `!`")
}

fn regex(text: &str, place: &Place) -> Result<Regex, Diagnostic> {
    Regex::new(text).map_err(|error| refused(&error, place))
}

fn range(text: &str, place: &Place) -> Result<Range, Diagnostic> {
    Range::parse(text).map_err(|error| {
        Diagnostic::error(format!("`{text}` is no range of versions"))
            .at(place, "")
            .hint(error.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Passage;
    use crate::limits::{PATTERN_BYTES, PATTERNS};

    fn templates(texts: &[&str]) -> Vec<Template> {
        let literal = |text: &&str| Template::literal(Passage::flag("tags", text));
        texts.iter().map(literal).collect()
    }

    fn spec(include: &[&str]) -> PatternSpec {
        PatternSpec {
            include: templates(include),
            ..PatternSpec::default()
        }
    }

    fn pattern(include: &[&str]) -> Pattern {
        Pattern::compile(&spec(include), &Params::default()).expect("the patterns are good")
    }

    fn tags(include: &[&str]) -> Pattern {
        Pattern::compile_tags(&spec(include), &Params::default()).expect("the patterns are good")
    }

    fn error(spec: &PatternSpec) -> Diagnostic {
        Pattern::compile(spec, &Params::default())
            .unwrap_err()
            .remove(0)
    }

    #[test]
    fn namespaces_are_what_stands_before_a_wildcard() {
        for (texts, expected) in [
            (vec![], vec![""]),
            (vec!["*"], vec![""]),
            (vec!["team*"], vec![""]),
            (vec!["team/*"], vec!["team"]),
            (vec!["team/app"], vec!["team"]),
            (vec!["team/a/b-*"], vec!["team/a"]),
            (vec!["b/*", "a/*", "a/x*"], vec!["a", "b"]),
            (vec!["a/*", "a/b/*", "ab/*"], vec!["a", "ab"]),
            (vec!["a/**", "!a/b"], vec!["a"]),
            (vec!["a/*", "b"], vec![""]),
            (vec!["{a,b}/*"], vec![""]),
            (vec!["a/{b,c}/*"], vec!["a"]),
        ] {
            assert_eq!(pattern(&texts).namespaces(), expected, "{texts:?}");
        }
    }

    #[test]
    fn what_has_several_names_or_none_is_kept_by_any_and_left_out_where_nothing_else_is_said() {
        let technical = format!("sha256-{}.sig", "0".repeat(64));
        let none: &[&str] = &[];
        for (texts, names, kept) in [
            (vec![], none, true),
            (vec![], &["1", "latest"], true),
            (vec![], &[technical.as_str()], true),
            (vec!["latest"], &["1", "latest"], true),
            (vec!["*"], none, false),
            (vec!["*"], &[technical.as_str()], false),
            (vec!["!latest"], none, true),
            (vec!["!latest"], &["latest"], false),
            (vec!["!latest"], &["1", "latest"], true),
            (vec!["!latest"], &[technical.as_str()], true),
            (vec!["1*", "!1.1"], &["1.1"], false),
        ] {
            let is_kept = tags(&texts).keeps(names.iter().copied());
            assert_eq!(is_kept, kept, "{texts:?} {names:?}");
        }
    }

    #[test]
    fn wildcards() {
        for (text, yes, no) in [
            (
                "team/*",
                vec!["team/app", "team/.x"],
                vec!["team/a/b", "team", "Team/app"],
            ),
            ("team/**", vec!["team/app", "team/a/b"], vec!["team"]),
            ("**/app", vec!["app", "a/app", "a/b/app"], vec!["a/apps"]),
            ("**", vec!["a", "a/b"], vec![]),
            ("a?c", vec!["abc"], vec!["a/c", "ac"]),
            ("v[0-9]", vec!["v1"], vec!["va", "v10"]),
            ("v[!0-9]", vec!["va"], vec!["v1"]),
            ("{a,b/*}", vec!["a", "b/c"], vec!["c"]),
            ("a\\*", vec!["a*"], vec!["ab"]),
            ("1.20", vec!["1.20"], vec!["1.2", "1x20"]),
        ] {
            let pattern = pattern(&[text]);
            for name in yes {
                assert!(pattern.matches(name), "{text} {name}");
            }
            for name in no {
                assert!(!pattern.matches(name), "{text} {name}");
            }
        }
    }

    #[test]
    fn exclusion_wins_whatever_the_order() {
        for include in [["*", "!*-rc*"], ["!*-rc*", "*"]] {
            let pattern = pattern(&include);
            assert!(pattern.matches("1.0") && !pattern.matches("1.0-rc1"));
        }
        assert!(
            pattern(&["!x"]).matches("y"),
            "without a positive pattern every name is kept"
        );
        assert!(pattern(&[]).matches("anything/at/all"));
    }

    #[test]
    fn all_keys_must_hold() {
        let spec = PatternSpec {
            include: templates(&["*.*.*"]),
            exclude: templates(&["1.0.0"]),
            regex: templates(&["^[0-9]"]).pop(),
            semver: templates(&["<2.0.0"]).pop(),
        };
        let pattern = Pattern::compile(&spec, &Params::default()).unwrap();
        assert!(pattern.matches("1.2.3"));
        for name in ["1.0.0", "v1.2.3", "2.0.0", "1.2"] {
            assert!(!pattern.matches(name), "{name}");
        }
    }

    #[test]
    fn a_regex_is_searched() {
        let spec = PatternSpec {
            regex: templates(&["b+"]).pop(),
            ..PatternSpec::default()
        };
        assert!(
            Pattern::compile(&spec, &Params::default())
                .unwrap()
                .matches("abbc")
        );
    }

    #[test]
    fn technical_tags_are_kept_only_on_demand() {
        let digest = format!("sha256-{}", "0a".repeat(32));
        for name in [
            digest.clone(),
            format!("{digest}.sig"),
            format!("{digest}.att"),
            format!("{digest}.sbom"),
        ] {
            for include in [vec![], vec!["*"], vec!["{sha256-*,x}"], vec!["!x"]] {
                assert!(!tags(&include).matches(&name), "{include:?}");
            }
            for include in [vec!["sha256-*"], vec!["*", "sha256-*"], vec![name.as_str()]] {
                assert!(tags(&include).matches(&name), "{include:?}");
            }
            assert!(pattern(&["*"]).matches(&name), "only tags can be technical");
        }
        for name in ["sha256-abc", &format!("{digest}.x"), "sha256-"] {
            assert!(tags(&["*"]).matches(name), "{name}");
        }
    }

    #[test]
    fn names_are_known_without_a_listing() {
        assert_eq!(
            pattern(&["b", "a", "b", "!c"]).literals(),
            Some(vec!["a".to_owned(), "b".to_owned()])
        );
        assert_eq!(
            pattern(&["a", "b", "!b*"]).literals(),
            Some(vec!["a".to_owned()])
        );
        assert_eq!(pattern(&["a", "!a"]).literals(), Some(vec![]));
        assert_eq!(pattern(&["a", "b*"]).literals(), None);
        assert_eq!(pattern(&["!a"]).literals(), None);
        assert_eq!(pattern(&[]).literals(), None);
    }

    #[test]
    fn bad_patterns_are_explained() {
        for (text, why) in [
            ("a[b", "a `[` has no `]`"),
            ("[z-a]", "`z-a` runs backwards"),
            ("a}", "a `}` has no `{`"),
            ("{a", "a `{` has no `}`"),
            ("a\\", "a `\\` has nothing after it"),
        ] {
            assert_eq!(
                error(&spec(&[text])).message,
                format!("`{text}` is no pattern: {why}")
            );
        }
        assert_eq!(error(&spec(&["!"])).message, "a pattern is empty");
        let twice = PatternSpec {
            exclude: templates(&["!x"]),
            ..PatternSpec::default()
        };
        assert_eq!(error(&twice).message, "a pattern under `exclude` has a `!`");
        let range = PatternSpec {
            semver: templates(&["newest"]).pop(),
            ..PatternSpec::default()
        };
        assert_eq!(error(&range).message, "`newest` is no range of versions");
    }

    #[test]
    fn g9_regular_expressions_are_bounded() {
        let long = "a".repeat(PATTERN_BYTES + 1);
        let nested = "(".repeat(1000) + &")".repeat(1000);
        for (text, message) in [
            (
                "(a{1000}){1000}",
                "takes more than 1048576 bytes when compiled",
            ),
            (
                "(\\w{200}){200}",
                "takes more than 1048576 bytes when compiled",
            ),
            (long.as_str(), "longer than 4096 bytes"),
            (nested.as_str(), "no regular expression"),
            ("a(", "this is no regular expression: unclosed group"),
            ("(?=a)", "look-around"),
        ] {
            let spec = PatternSpec {
                regex: templates(&[text]).pop(),
                ..PatternSpec::default()
            };
            let message_found = error(&spec).message;
            assert!(message_found.contains(message), "{message_found}");
        }
    }

    #[test]
    fn g9_globs_that_are_too_large_or_too_deep_are_refused() {
        let nested = |levels: usize| "{".repeat(levels) + "a" + &"}".repeat(levels);
        assert!(pattern(&[&nested(50)]).matches("a"));
        for text in [nested(300), nested(2000), "{".repeat(4096)] {
            let message = error(&spec(&[&text])).message;
            assert!(message.contains("is no pattern: "), "{message}");
        }
        for unit in ["?", "*", "é?", "[!é]", "{a*,b*}", "?*"] {
            let text = unit.repeat(PATTERN_BYTES / unit.len());
            let _ = Pattern::compile(&spec(&[&text]), &Params::default());
        }
    }

    #[test]
    fn g9_globs_are_bounded() {
        assert!(
            error(&spec(&[&"a".repeat(PATTERN_BYTES + 1)]))
                .message
                .contains("longer than 4096")
        );
        assert!(Pattern::compile(&spec(&[&"a".repeat(PATTERN_BYTES)]), &Params::default()).is_ok());
        let many: Vec<String> = (0..=PATTERNS).map(|n| format!("a{n}*")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(
            error(&spec(&many))
                .message
                .contains("more than 1000 patterns")
        );
        assert!(Pattern::compile(&spec(&many[1..]), &Params::default()).is_ok());
    }
}
