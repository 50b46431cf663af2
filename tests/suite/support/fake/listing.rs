//! Pages of tags and repositories, and the many forms in which registries say where the next one is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::answer::Answer;
use super::encoding::{Alphabet, base64, percent_encoded};
use super::request::Request;

/// The entries of a listing, as they are to be written.
#[derive(Clone)]
pub(crate) enum Entries {
    /// These, be they names or not.
    Listed(Arc<Vec<Value>>),
    /// So many, named by their index, held nowhere.
    Counted(usize, Arc<dyn Fn(usize) -> String + Send + Sync>),
    /// `null` in place of a list.
    Null,
}

impl Entries {
    fn len(&self) -> usize {
        match self {
            Self::Listed(entries) => entries.len(),
            Self::Counted(count, _) => *count,
            Self::Null => 0,
        }
    }

    fn at(&self, index: usize) -> Value {
        match self {
            Self::Listed(entries) => entries[index].clone(),
            Self::Counted(_, name) => json!(name(index)),
            Self::Null => Value::Null,
        }
    }

    /// Where the page after this name begins, if it stands there once.
    fn after(&self, last: &str) -> Option<usize> {
        let Self::Listed(entries) = self else {
            return None;
        };
        let is_it = |entry: &&Value| entry.as_str() == Some(last);
        let is_once = entries.iter().filter(is_it).count() == 1;
        let at = entries.iter().position(|entry| is_it(&entry));
        at.filter(|_| is_once).map(|at| at + 1)
    }

    /// Where the page after this name begins, if it was removed meanwhile.
    fn beyond(&self, last: &str) -> usize {
        let found = match self {
            Self::Listed(entries) => entries.iter().position(|entry| entry.as_str() > Some(last)),
            Self::Counted(..) | Self::Null => None,
        };
        found.unwrap_or(self.len())
    }
}

impl From<Value> for Entries {
    fn from(value: Value) -> Self {
        match value {
            Value::Array(entries) => Self::Listed(Arc::new(entries)),
            _ => Self::Null,
        }
    }
}

/// How a page says where the next one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    /// `</v2/…?last=b&n=2>; rel="next"` (distribution, Harbor, Gitea, ACR).
    Relative,
    /// With scheme and host (Nexus, Quay).
    Absolute,
    /// With a `last` that is not percent-encoded (zot).
    Unescaped,
    /// Without `<` and `>` (heroku/docker-registry-client #11).
    Bare,
    /// Absolute, with a cursor that is no name, and without `n` (ECR).
    Opaque,
    /// To the attacker.
    OtherHost,
    /// To the attacker, without the scheme.
    SchemeRelative,
    /// To `secret/vault` on the same host.
    OtherRepository,
    /// To the very page it is on.
    ToItself,
    /// From the n-th page back to the first.
    Cycle(usize),
    /// On every page, for ever; after the last entry pages are empty.
    Endless,
    /// On the last page, too, to an empty one (Gitea).
    OneTooMany,
    /// On no page, though there is more.
    Missing,
    /// This, with `{path}` and `{last}` filled in.
    Text(&'static str),
}

/// How listings are paged.
pub(crate) struct Paging {
    pub(super) page: usize,
    pub(super) links: Links,
    /// The largest `n`, and the status with which a larger one is refused.
    pub(super) largest: Option<(usize, u16)>,
    /// Where the page after a cursor begins, by path and cursor, for cursors that do not say it.
    pub(super) cursors: Mutex<HashMap<(String, String), usize>>,
}

impl Default for Paging {
    fn default() -> Self {
        Self {
            page: usize::MAX,
            links: Links::Relative,
            largest: None,
            cursors: Mutex::default(),
        }
    }
}

/// One page: from where to where, of how many.
struct Extent {
    first: usize,
    end: usize,
    of: usize,
    asked: Option<usize>,
}

impl Paging {
    /// Answers with a page, in a document that `wrap` makes of its entries.
    pub(crate) fn answer(
        &self,
        request: &Request,
        entries: &Entries,
        wrap: impl Fn(Value) -> Value,
    ) -> Answer {
        let extent = match self.extent(request, entries) {
            Ok(extent) => extent,
            Err(refusal) => return refusal,
        };
        let page = match entries {
            Entries::Null => Value::Null,
            _ => (extent.first..extent.end)
                .map(|at| entries.at(at))
                .collect(),
        };
        let answer = Answer::json(&wrap(page));
        match self.link(request, entries, &extent) {
            Some(link) => answer.header("Link", &link),
            None => answer,
        }
    }

    fn extent(&self, request: &Request, entries: &Entries) -> Result<Extent, Answer> {
        let asked = match request.query("n") {
            Some(n) => Some(self.checked(n)?),
            None => None,
        };
        let of = entries.len();
        let first = match request.query("last") {
            Some(last) => self.start(&request.path, last, entries),
            None => 0,
        };
        let length = self.page.min(asked.unwrap_or(usize::MAX));
        let end = first.saturating_add(length).min(of);
        Ok(Extent {
            first,
            end,
            of,
            asked,
        })
    }

    fn checked(&self, n: &str) -> Result<usize, Answer> {
        let invalid = |status| {
            let code = match status {
                405 => "UNSUPPORTED",
                _ => "PAGINATION_NUMBER_INVALID",
            };
            Answer::error(status, code, &json!({"n": n}))
        };
        let n: usize = n.parse().map_err(|_| invalid(400))?;
        match self.largest {
            Some((largest, status)) if n > largest => Err(invalid(status)),
            _ => Ok(n),
        }
    }

    fn start(&self, path: &str, last: &str, entries: &Entries) -> usize {
        let cursors = self.cursors.lock().unwrap_or_else(PoisonError::into_inner);
        let known = cursors.get(&(path.to_owned(), last.to_owned())).copied();
        let start = entries.after(last).or(known);
        start
            .unwrap_or_else(|| entries.beyond(last))
            .min(entries.len())
    }

    fn link(&self, request: &Request, entries: &Entries, extent: &Extent) -> Option<String> {
        let is_full = extent.end < extent.of && extent.asked != Some(0);
        let page = extent.first / extent.asked.unwrap_or(self.page).min(self.page).max(1) + 1;
        let has_link = match self.links {
            Links::Missing => false,
            Links::ToItself | Links::Endless => true,
            Links::OneTooMany => extent.first < extent.end,
            Links::Cycle(pages) => page <= pages,
            _ => is_full,
        };
        if !has_link {
            return None;
        }
        let last = self.cursor(request, entries, extent);
        if entries.after(&last).is_none() {
            self.remember(&request.path, &last, extent.end);
        }
        Some(self.spell(request, &last, extent, page))
    }

    /// What `last` says: the last name where there is one, something else otherwise.
    fn cursor(&self, request: &Request, entries: &Entries, extent: &Extent) -> String {
        let name = extent.end.checked_sub(1).map(|at| entries.at(at));
        let name = name.and_then(|name| name.as_str().map(str::to_owned));
        let beyond = || {
            let asked = request.query("last").unwrap_or_default();
            let count = asked.strip_prefix("beyond-").and_then(|at| at.parse().ok());
            format!("beyond-{}", count.unwrap_or(0u64) + 1)
        };
        match self.links {
            Links::Opaque => {
                let cursor = format!("{{\"from\":{}}}", extent.end);
                base64(cursor.as_bytes(), Alphabet::Url)
            }
            Links::Endless if extent.end == extent.of => beyond(),
            _ => name.unwrap_or_else(beyond),
        }
    }

    fn remember(&self, path: &str, cursor: &str, next: usize) {
        let mut cursors = self.cursors.lock().unwrap_or_else(PoisonError::into_inner);
        cursors.insert((path.to_owned(), cursor.to_owned()), next);
    }

    fn spell(&self, request: &Request, last: &str, extent: &Extent, page: usize) -> String {
        let path = &request.path;
        let n = extent.asked.map_or_else(String::new, |n| format!("&n={n}"));
        let target = format!("{path}?last={}{n}", percent_encoded(last));
        let link = |target: &str| format!("<{target}>; rel=\"next\"");
        match self.links {
            Links::Absolute => link(&format!("{{registry}}{target}")),
            Links::Unescaped => link(&format!("{path}?last={last}{n}")),
            Links::Bare => format!("{target}; rel=\"next\""),
            Links::Opaque => link(&format!("{{registry}}{path}?last={last}")),
            Links::OtherHost => link(&format!("{{attacker}}{target}")),
            Links::SchemeRelative => link(&format!("//{{attacker.host}}{target}")),
            Links::OtherRepository => link(&format!("/v2/secret/vault/tags/list?last={last}")),
            Links::ToItself => link("{target}"),
            Links::Cycle(pages) if page == pages => {
                link(&format!("{path}?{}", n.trim_start_matches('&')))
            }
            Links::Text(text) => text.replace("{path}", path).replace("{last}", last),
            _ => link(&target),
        }
    }
}
