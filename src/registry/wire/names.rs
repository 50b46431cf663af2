//! Pages of names: the body of `/v2/_catalog` and of `/v2/NAME/tags/list` (distribution-spec 1.1, "Listing Tags").
//!
//! A page may have hundreds of thousands of names, so they are read one by one into their type, without a tree of the
//! document around them. A name that breaks the grammar is one fault beside the others, never part of a request (threats
//! B9, S6). What the `Content-Type` says is not asked: Amazon's registry calls this JSON plain text.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::foreign::{self, Foreign};
use super::skip::Skip;
use crate::limits::INVALID_NAMES;
use crate::oci::{Digest, Repository, Tag};
use crate::registry::RegistryError;
use crate::registry::error::outside;
use crate::safe::Safe;

/// The names of one page.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::registry) struct Names<T> {
    /// Those that can be asked further, in the registry's order; a name that is there twice is there twice.
    pub(in crate::registry) valid: Vec<T>,
    /// Those that cannot, each as an error of its own.
    pub(in crate::registry) faults: Vec<RegistryError>,
}

/// Why a body is no page of names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::registry) enum NamesError {
    /// There is no JSON object to begin with (threats C5).
    #[error(transparent)]
    Foreign(#[from] Foreign),
    /// It has errors where the names should be, and yet came as a success.
    #[error("it has `errors` in place of `{0}`")]
    Errors(&'static str),
    /// It is not the JSON it should be.
    #[error("{0}")]
    Json(Safe),
}

/// Reads a page of tags. Digests among them, as old versions of Artifactory have them, are no tags and passed over.
pub(in crate::registry) fn tags(body: &[u8]) -> Result<Names<Tag>, NamesError> {
    read(body)
}

/// Reads a page of the catalog.
pub(in crate::registry) fn repositories(body: &[u8]) -> Result<Names<Repository>, NamesError> {
    read(body)
}

/// A name that comes in lists.
trait Listed: FromStr {
    /// The list's name.
    const KEY: &'static str;
    /// Tells whether a text is no name of this kind but nothing wrong either.
    fn is_other(text: &str) -> bool;
    /// The error for a text that is no name.
    fn fault(text: Safe) -> RegistryError;
}

impl Listed for Tag {
    const KEY: &'static str = "tags";

    fn is_other(text: &str) -> bool {
        text.parse::<Digest>().is_ok()
    }

    fn fault(text: Safe) -> RegistryError {
        RegistryError::InvalidTag(text)
    }
}

impl Listed for Repository {
    const KEY: &'static str = "repositories";

    fn is_other(_: &str) -> bool {
        false
    }

    fn fault(text: Safe) -> RegistryError {
        RegistryError::InvalidRepository(text)
    }
}

fn read<T: Listed>(body: &[u8]) -> Result<Names<T>, NamesError> {
    foreign::check(body)?;
    let mut reader = serde_json::Deserializer::from_slice(body);
    let page = PageSeed(PhantomData).deserialize(&mut reader);
    let page = page.and_then(|page| reader.end().map(|()| page));
    match page.map_err(|error| NamesError::Json(outside(&error.to_string())))? {
        Page {
            names: Some(names), ..
        } => Ok(names),
        Page {
            has_errors: true, ..
        } => Err(NamesError::Errors(T::KEY)),
        // Gitea and Distribution 2 have no list, or null, where a repository has no tags.
        Page { .. } => Ok(Names::default()),
    }
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self {
            valid: Vec::new(),
            faults: Vec::new(),
        }
    }
}

/// What of a document is of interest.
struct Page<T> {
    names: Option<Names<T>>,
    has_errors: bool,
}

struct PageSeed<T>(PhantomData<T>);

impl<'de, T: Listed> DeserializeSeed<'de> for PageSeed<T> {
    type Value = Page<T>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Page<T>, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, T: Listed> Visitor<'de> for PageSeed<T> {
    type Value = Page<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", T::KEY)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Page<T>, A::Error> {
        let mut names = None;
        let mut has_errors = false;
        while let Some(key) = fields.next_key_seed(KeySeed::<T>(PhantomData))? {
            match key {
                // Of two lists, readers would take different ones (threats E2).
                Member::List if names.is_some() => {
                    return Err(de::Error::custom(format!("duplicate key {:?}", T::KEY)));
                }
                Member::List => names = Some(fields.next_value_seed(ListSeed(PhantomData))?),
                Member::Errors => {
                    fields.next_value_seed(Skip::at(1))?;
                    has_errors = true;
                }
                Member::Other => fields.next_value_seed(Skip::at(1))?,
            }
        }
        Ok(Page { names, has_errors })
    }
}

/// Which member of the document this is.
enum Member {
    List,
    Errors,
    Other,
}

struct KeySeed<T>(PhantomData<T>);

impl<'de, T: Listed> DeserializeSeed<'de> for KeySeed<T> {
    type Value = Member;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Member, D::Error> {
        from.deserialize_str(self)
    }
}

impl<T: Listed> Visitor<'_> for KeySeed<T> {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Member, E> {
        Ok(match key {
            _ if key == T::KEY => Member::List,
            "errors" => Member::Errors,
            _ => Member::Other,
        })
    }
}

struct ListSeed<T>(PhantomData<T>);

impl<'de, T: Listed> DeserializeSeed<'de> for ListSeed<T> {
    type Value = Names<T>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Names<T>, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, T: Listed> Visitor<'de> for ListSeed<T> {
    type Value = Names<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of `{}`", T::KEY)
    }

    fn visit_unit<E>(self) -> Result<Names<T>, E> {
        Ok(Names::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Names<T>, A::Error> {
        let mut names = Names::default();
        while let Some(entry) = entries.next_element_seed(EntrySeed(PhantomData::<T>))? {
            match entry {
                Entry::Name(name) => names.valid.push(name),
                Entry::Fault(fault) => names.faults.push(fault),
                Entry::Nothing => {}
            }
            if names.faults.len() > INVALID_NAMES {
                let message = format!("more than {INVALID_NAMES} of its names are not valid");
                return Err(de::Error::custom(message));
            }
        }
        Ok(names)
    }
}

/// One entry of a list.
enum Entry<T> {
    Name(T),
    Fault(RegistryError),
    /// Null, as Nexus has them, an empty text, or what is no name of this kind.
    Nothing,
}

struct EntrySeed<T>(PhantomData<T>);

impl<'de, T: Listed> DeserializeSeed<'de> for EntrySeed<T> {
    type Value = Entry<T>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Entry<T>, D::Error> {
        from.deserialize_any(self)
    }
}

impl<T: Listed> Visitor<'_> for EntrySeed<T> {
    type Value = Entry<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a text in `{}`", T::KEY)
    }

    fn visit_unit<E>(self) -> Result<Entry<T>, E> {
        Ok(Entry::Nothing)
    }

    fn visit_str<E>(self, text: &str) -> Result<Entry<T>, E> {
        Ok(match text.parse() {
            Ok(name) => Entry::Name(name),
            Err(_) if text.is_empty() || T::is_other(text) => Entry::Nothing,
            Err(_) => Entry::Fault(T::fault(outside(text))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::FOREIGN_TEXT_CHARS;
    use crate::limits::JSON_DEPTH;

    fn listed(body: &str) -> (Vec<String>, Vec<String>) {
        let names = tags(body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"));
        let valid = names.valid.iter().map(Tag::to_string).collect();
        (
            valid,
            names.faults.iter().map(RegistryError::to_string).collect(),
        )
    }

    fn malformed(body: &str) -> String {
        match tags(body.as_bytes()) {
            Err(NamesError::Json(text)) => text.to_string(),
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn pages_of_known_registries() {
        let (valid, faults) = listed(r#"{"name":"acme/web","tags":["1.0.0","1.1.0","1.0.0"]}"#);
        assert_eq!(valid, ["1.0.0", "1.1.0", "1.0.0"]);
        assert!(faults.is_empty());
        let google = r#"{"child":["worker"],"manifest":{"sha256:b":{"tag":["1"],"timeCreatedMs":"0"}},"name":"p/r","tags":["1.2.0"]}"#;
        assert_eq!(listed(google).0, ["1.2.0"]);
        let catalog = repositories(br#"{"repositories":["a/b","c"]}"#).unwrap();
        let expected: Vec<Repository> = ["a/b", "c"].map(|name| name.parse().unwrap()).into();
        assert_eq!(catalog.valid, expected);
    }

    #[test]
    fn d6_a_list_that_is_null_or_missing_is_empty() {
        for body in [
            r#"{"name":"acme/empty","tags":null}"#,
            r#"{"name":"acme/empty"}"#,
            r#"{"tags":[]}"#,
            "{}",
            " \n{}\n",
        ] {
            assert_eq!(listed(body), (vec![], vec![]), "{body}");
        }
    }

    #[test]
    fn entries_that_are_no_tags_are_passed_over() {
        let hex = "1".repeat(64);
        let body = format!(r#"{{"tags":["1.0.0",null,"","sha256:{hex}","sha256-{hex}.sig"]}}"#);
        let (valid, faults) = listed(&body);
        assert_eq!(valid, ["1.0.0".to_owned(), format!("sha256-{hex}.sig")]);
        assert!(faults.is_empty());
    }

    #[test]
    fn b9_a_name_that_breaks_the_grammar_is_a_fault_beside_the_others() {
        let (valid, faults) = listed(r#"{"tags":["a","../b","c","\u001b[2J","sha256:short"]}"#);
        assert_eq!(valid, ["a", "c"]);
        assert_eq!(
            faults,
            [
                "`../b`, which is listed, is not a valid tag",
                "`\\x1b[2J`, which is listed, is not a valid tag",
                "`sha256:short`, which is listed, is not a valid tag",
            ]
        );
        let catalog = repositories(br#"{"repositories":["A","a"]}"#).unwrap();
        assert_eq!(catalog.valid.len(), 1);
        assert_eq!(
            catalog.faults,
            [RegistryError::InvalidRepository("A".into())]
        );
    }

    #[test]
    fn s5_names_that_break_the_grammar_are_bounded() {
        let page = |faults: usize| format!(r#"{{"tags":[{}"a"]}}"#, r#""!","#.repeat(faults));
        assert_eq!(listed(&page(INVALID_NAMES)).1.len(), INVALID_NAMES);
        let error = malformed(&page(INVALID_NAMES + 1));
        assert!(
            error.starts_with("more than 1000 of its names are not valid"),
            "{error}"
        );
    }

    #[test]
    fn e5_entries_and_lists_of_other_types_are_malformed() {
        for node in ["0", "true", "{}", "[]", "1.5", "[null]"] {
            let error = malformed(&format!(r#"{{"tags":["a",{node}]}}"#));
            assert!(error.contains("expected a text in `tags`"), "{error}");
        }
        for node in ["0", "true", "{}", "\"a\""] {
            let error = malformed(&format!(r#"{{"tags":{node}}}"#));
            assert!(error.contains("expected a list of `tags`"), "{error}");
        }
    }

    #[test]
    fn e2_a_list_that_is_there_twice_is_refused() {
        for body in [
            r#"{"tags":["a"],"tags":["b"]}"#,
            r#"{"tags":null,"tags":["b"]}"#,
            r#"{"tags":["a"],"t\u0061gs":[]}"#,
        ] {
            let error = malformed(body);
            assert!(error.contains("duplicate key \"tags\""), "{error}");
        }
        assert_eq!(listed(r#"{"name":1,"name":2,"tags":["a"]}"#).0, ["a"]);
    }

    #[test]
    fn c4_a_page_cut_anywhere_is_refused() {
        let whole = r#"{"name":"acme/web","x":[{"y":1}],"tags":["1.0.0",null,"é"]}"#.as_bytes();
        assert!(tags(whole).is_ok());
        for end in 0..whole.len() {
            assert!(tags(&whole[..end]).is_err(), "cut at {end}");
        }
        assert!(malformed(r#"{"tags":[]} x"#).contains("trailing"));
    }

    #[test]
    fn e1_nesting_in_what_is_passed_over_is_bounded() {
        let nested = |levels: usize| {
            let (open, close) = ("[".repeat(levels), "]".repeat(levels));
            format!(r#"{{"x":{open}{close},"tags":["a"]}}"#)
        };
        // The document itself is the first level.
        assert_eq!(listed(&nested(JSON_DEPTH - 1)).0, ["a"]);
        assert!(malformed(&nested(JSON_DEPTH)).contains("deeper than 64"));
        assert!(tags(nested(1_000_000).as_bytes()).is_err());
        let maps = format!(r#"{{"x":{}1{}}}"#, r#"{"a":"#.repeat(64), "}".repeat(64));
        assert!(malformed(&maps).contains("deeper than 64"));
    }

    #[test]
    fn c5_errors_with_a_good_status_are_malformed() {
        let body = br#"{"errors":[{"code":"DENIED","message":"no"}]}"#;
        let error = tags(body).unwrap_err();
        assert_eq!(error.to_string(), "it has `errors` in place of `tags`");
        let error = repositories(body).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it has `errors` in place of `repositories`"
        );
        assert_eq!(listed(r#"{"errors":[],"tags":["a"]}"#).0, ["a"]);
    }

    #[test]
    fn c5_what_is_no_registrys_answer_is_shown_safe_and_cut() {
        for body in [
            "<html>log in</html>",
            "[]",
            "true",
            "null",
            "\"a\"",
            "\u{feff}{}",
            "moved",
        ] {
            let Err(NamesError::Foreign(Foreign::Other(text))) = tags(body.as_bytes()) else {
                panic!("{body} is no registry's answer");
            };
            assert_eq!(text, Safe::new(body));
        }
        let long = format!("\n <p>\u{1b}[2J{}", "é".repeat(100_000));
        let Err(NamesError::Foreign(Foreign::Other(text))) = tags(long.as_bytes()) else {
            panic!("this is no registry's answer");
        };
        assert!(text.as_str().starts_with("<p>\\x1b[2Jé") && text.as_str().ends_with('…'));
        assert!(text.as_str().chars().count() < FOREIGN_TEXT_CHARS + 10);
        for body in ["", " \r\n\t"] {
            assert_eq!(tags(body.as_bytes()), Err(Foreign::Empty.into()));
        }
    }

    #[test]
    fn e3_bytes_that_are_no_text_are_malformed() {
        for body in [
            &b"{\"tags\":[\"\xff\"]}"[..],
            b"{\"\xff\":1}",
            b"{\"tags\":[\"\\ud800\"]}",
        ] {
            assert!(matches!(tags(body), Err(NamesError::Json(_))));
        }
    }
}
