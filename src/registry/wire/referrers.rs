//! Listings of what is attached to a manifest: an index, whoever gives it (distribution-spec 1.1, "Listing Referrers").
//!
//! An entry that cannot be read is one fault beside the others: it may be the signature somebody looks for (threats S6).

use super::media_type;
use super::names::Names;
use crate::oci::{Digest, MediaType, Referrer};
use crate::registry::error::{Question, RegistryError, Thing};
use crate::value::{Value, parse_json};

/// Reads a page of a registry's listing; none if it is something else, as where a proxy answers whatever it is asked.
///
/// Errors: it is announced as an index and is none.
pub(in crate::registry) fn page(
    content_type: Option<&[u8]>,
    body: &[u8],
    subject: &Digest,
) -> Result<Option<Names<Referrer>>, RegistryError> {
    let announced = media_type::announced(content_type);
    let is_index = announced
        .as_ref()
        .map(|announced| announced.as_str() == MediaType::OCI_INDEX);
    let document = match (is_index, parse_json(body)) {
        (Some(false), _) | (None, Err(_)) => return Ok(None),
        (Some(true), Err(error)) => return Err(malformed(error)),
        (_, Ok(document)) => document,
    };
    match (is_index, document.get("manifests")) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(malformed("it has no `manifests`")),
        (_, Some(_)) => Ok(Some(entries(&document, subject))),
    }
}

/// Reads the entries of an index that lists what is attached. No list is an empty one (threats D6).
pub(in crate::registry) fn entries(index: &Value, subject: &Digest) -> Names<Referrer> {
    let listed = index.get("manifests").and_then(Value::as_list);
    let mut names = Names::default();
    for entry in listed.unwrap_or_default() {
        match Referrer::read(entry, subject) {
            Ok(referrer) => names.valid.push(referrer),
            Err(error) => names.faults.push(malformed(error)),
        }
    }
    names
}

fn malformed(cause: impl std::fmt::Display) -> RegistryError {
    RegistryError::malformed(Thing::Page(Question::Referrers), cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = "application/vnd.oci.image.index.v1+json; charset=utf-8";

    /// How many entries and faults there are; `other` for something else, else the error's code.
    fn read(content_type: &str, body: &str) -> String {
        let content_type = (!content_type.is_empty()).then_some(content_type.as_bytes());
        match page(content_type, body.as_bytes(), &Digest::of(b"")) {
            Ok(Some(names)) => format!("{} {}", names.valid.len(), names.faults.len()),
            Ok(None) => "other".to_owned(),
            Err(error) => error.code().to_owned(),
        }
    }

    #[test]
    fn an_index_is_a_listing_and_anything_else_is_something_else() {
        let entry = format!(r#"{{"digest":"{}","size":1}}"#, Digest::of(b"it"));
        let good = format!(r#"{{"manifests":[{entry}]}}"#);
        for (content_type, body, expected) in [
            (INDEX, good.as_str(), "1 0"),
            ("application/json", &good, "1 0"),
            ("", &good, "1 0"),
            (INDEX, r#"{"manifests":null}"#, "0 0"),
            ("application/vnd.oci.image.manifest.v1+json", &good, "other"),
            ("text/html", "<html>", "other"),
            ("application/json", r#"{"status":"ok"}"#, "other"),
            ("application/json", "{", "other"),
            (INDEX, "{", "MALFORMED"),
            (INDEX, "{}", "MALFORMED"),
            (INDEX, "", "MALFORMED"),
        ] {
            assert_eq!(read(content_type, body), expected, "{content_type} {body}");
        }
    }

    #[test]
    fn s6_an_entry_that_cannot_be_read_is_a_fault_beside_the_others() {
        let entry = format!(r#"{{"digest":"{}","size":1}}"#, Digest::of(b"it"));
        let md5 = entry.replace("sha256", "md5");
        let body = format!(r#"{{"manifests":[{entry},{md5},5,{entry}]}}"#);
        assert_eq!(read(INDEX, &body), "2 2");
    }
}
