//! A path that a user typed: asked as everything else is, and given as it came.
//!
//! Login, redirects and links to the next page follow the same rules as for queries. Nothing but GET and HEAD can be
//! expressed here.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use url::Url;

use super::session::{Ask, Heard};
use super::{Network, Remote};
use crate::limits::{IDLE_PAGES, PAGES_BYTES};
use crate::oci::{RegistryHost, Repository};
use crate::registry::error::{Question, Thing, Unsafe, outside, said};
use crate::registry::transport::Method;
use crate::registry::wire::headers;
use crate::registry::wire::link;
use crate::registry::wire::media_type::ACCEPT;
use crate::registry::wire::scope::Wanted;
use crate::registry::{Answer, RegistryError};
use crate::safe::Safe;

/// A path of a registry, with what stands behind its `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiPath {
    path: String,
    query: Option<String>,
}

/// Why a text is no path that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApiPathError {
    /// It has characters that stand in no address, or that readers of addresses differ on.
    #[error("a path is visible ASCII without blanks, quotes, `\\`, `#` and `<>`")]
    Characters,
    /// It climbs out of where it seems to lead.
    #[error("a path has no `.` or `..` and nothing empty between slashes")]
    Segments,
}

/// What of an answer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it: GET.
    Whole,
    /// Its status and headers: HEAD.
    Head,
}

/// An answer to a path.
#[derive(Debug, Clone)]
pub struct ApiAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Its headers, in their order, as they may be shown.
    pub headers: Vec<(Safe, Safe)>,
    /// Its body, as it came.
    pub body: Vec<u8>,
    /// What kind of body it says that is.
    pub content_type: Option<Safe>,
    /// Why it is no good answer, if it is none.
    pub error: Option<RegistryError>,
}

/// The answers to one path, page by page.
pub struct ApiPages {
    remote: Remote,
    path: ApiPath,
    accept: Option<String>,
    part: Part,
    next: Next,
    hasher: RandomState,
    /// Hashes of the addresses that were asked and of the bodies that came.
    asked: HashSet<u64>,
    seen: HashSet<u64>,
    idle: usize,
    bytes: usize,
}

enum Next {
    First,
    At(Url),
    Broken(RegistryError),
    Over,
}

/// Ends of paths of the distribution specification: how a path is known that leaves `/v2/` out.
const ENDPOINTS: [&str; 4] = ["tags", "manifests", "blobs", "referrers"];

impl ApiPath {
    /// Reads what a user typed after the host. `/v2/` may be left out before a path of the distribution specification:
    /// `_catalog`, `NAME/tags/list`, `NAME/manifests/…`, `NAME/blobs/…`, `NAME/referrers/…`, or nothing at all.
    ///
    /// Errors: what is no path.
    pub fn parse(text: &str) -> Result<Self, ApiPathError> {
        let is_fit = |byte: u8| byte.is_ascii_graphic() && !b"\"\\#<>`{}|^".contains(&byte);
        if !text.bytes().all(is_fit) {
            return Err(ApiPathError::Characters);
        }
        let (path, query) = match text.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (text, None),
        };
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = match path {
            "" | "v2" => "v2/".to_owned(),
            path if path.starts_with("v2/") => path.to_owned(),
            path if is_of_distribution(path) => format!("v2/{path}"),
            path => path.to_owned(),
        };
        let inner = path.strip_suffix('/').unwrap_or(&path);
        // An encoded dot is a dot to some readers.
        let is_dots = |part: &str| {
            let part = part.to_ascii_lowercase().replace("%2e", ".");
            part.is_empty() || part == "." || part == ".."
        };
        match inner.split('/').any(is_dots) {
            true => Err(ApiPathError::Segments),
            false => Ok(Self { path, query }),
        }
    }

    /// As it is asked, beginning with a slash.
    pub fn shown(&self) -> Safe {
        outside(&match &self.query {
            Some(query) => format!("/{}?{query}", self.path),
            None => format!("/{}", self.path),
        })
    }

    fn url(&self, base: &Url) -> Url {
        let mut url = base.clone();
        let root = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{root}/{}", self.path));
        url.set_query(self.query.as_deref());
        url
    }

    /// The repository it is in, as far as rights go.
    fn repository(&self) -> Option<Repository> {
        let path = self.path.strip_prefix("v2/")?;
        let (name, _) = split_endpoint(path)?;
        name.parse().ok()
    }

    fn is_catalog(&self) -> bool {
        self.path == "v2/_catalog"
    }

    fn accept(&self) -> Option<&'static str> {
        let path = self.path.strip_prefix("v2/")?;
        let (_, endpoint) = split_endpoint(path)?;
        (endpoint == "manifests").then_some(ACCEPT)
    }
}

fn is_of_distribution(path: &str) -> bool {
    path == "_catalog" || split_endpoint(path).is_some()
}

/// The repository and the endpoint of a path of the distribution specification, `/v2/` left out.
fn split_endpoint(path: &str) -> Option<(&str, &'static str)> {
    let (rest, last) = path.rsplit_once('/')?;
    let (name, kind) = rest.rsplit_once('/')?;
    let endpoint = ENDPOINTS.into_iter().find(|endpoint| *endpoint == kind)?;
    (endpoint != "tags" || last == "list").then_some((name, endpoint))
}

impl Network {
    /// Makes ready to ask a path. `accept` is what the answer may be, where that is not what queries ask for.
    pub fn path(
        &self,
        host: RegistryHost,
        path: ApiPath,
        part: Part,
        accept: Option<String>,
    ) -> ApiPages {
        let shown = host.to_string();
        ApiPages {
            remote: self.registry(host, shown),
            path,
            accept,
            part,
            next: Next::First,
            hasher: RandomState::new(),
            asked: HashSet::new(),
            seen: HashSet::new(),
            idle: 0,
            bytes: 0,
        }
    }
}

impl ApiPages {
    /// Asks for the first page, then for the one that the last named; none when it named none, or was refused.
    pub fn next_page(&mut self) -> Answer<'_, Option<ApiAnswer>> {
        Box::pin(async {
            let at = match std::mem::replace(&mut self.next, Next::Over) {
                Next::Over => return Ok(None),
                Next::Broken(error) => return Err(error),
                Next::First => None,
                Next::At(url) => Some(url),
            };
            let heard = self.ask(at).await?;
            let error = self.error(&heard);
            if error.is_none() {
                self.next = self.follow(&heard)?;
            }
            let reply = heard.reply;
            Ok(Some(ApiAnswer {
                status: reply.status,
                headers: headers::shown(&reply.headers),
                content_type: reply.header("content-type").map(outside),
                body: reply.body,
                error,
            }))
        })
    }

    async fn ask(&self, at: Option<Url>) -> Result<Heard, RegistryError> {
        let repository = self.path.repository();
        let url = |base: &Url| at.clone().unwrap_or_else(|| self.path.url(base));
        let ask = Ask {
            method: match self.part {
                Part::Whole => Method::Get,
                Part::Head => Method::Head,
            },
            url: &url,
            wanted: match &repository {
                Some(repository) => Wanted::Repository(repository),
                None if self.path.is_catalog() => Wanted::Catalog,
                None => Wanted::Nothing,
            },
            accept: self.accept.as_deref().or(self.path.accept()),
            bound: match self.part {
                Part::Whole => self.remote.limits.listing_bytes,
                // A HEAD announces what it does not send.
                Part::Head => usize::MAX,
            },
            question: self.question(),
            thing: &|| Thing::Path(self.path.shown()),
        };
        self.remote.session.hear(&ask).await
    }

    fn question(&self) -> Question {
        Question::Path(self.path.shown())
    }

    fn error(&self, heard: &Heard) -> Option<RegistryError> {
        let denied = self.remote.session.denied(heard, &self.question());
        denied.or_else(|| match heard.reply.status {
            200..=299 => None,
            _ => Some(said(&heard.reply, self.question(), heard.asked_as.clone())),
        })
    }

    /// Decides about the link to the next page, by the rules of listings (threats B4, B5).
    fn follow(&mut self, heard: &Heard) -> Result<Next, RegistryError> {
        let is_new = self.seen.insert(self.hasher.hash_one(&heard.reply.body));
        self.idle = if is_new { 0 } else { self.idle + 1 };
        self.bytes = self.bytes.saturating_add(heard.reply.body.len());
        let url = match link::next(heard.reply.all("link"), &heard.url) {
            Ok(None) => return Ok(Next::Over),
            Ok(Some(url)) => url,
            Err(why) => {
                let why = Unsafe::Link(outside(&why.to_string()));
                return Ok(Next::Broken(self.remote.session.not_safe(why)));
            }
        };
        let question = self.question();
        let endless = |why| Next::Broken(RegistryError::Paging { question, why });
        let is_known = !self.asked.insert(self.hasher.hash_one(&url));
        Ok(match (is_known, self.idle >= IDLE_PAGES) {
            (true, _) => endless("a page links to one that was read before"),
            (false, true) => endless("its pages bring nothing new"),
            (false, false) if self.bytes >= PAGES_BYTES => Next::Broken(RegistryError::TooLarge {
                thing: Thing::Path(self.path.shown()),
                limit: PAGES_BYTES,
            }),
            (false, false) => Next::At(url),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> String {
        match ApiPath::parse(text) {
            Ok(path) => path.shown().to_string(),
            Err(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn a_path_of_the_protocol_may_leave_v2_out_and_any_other_is_as_it_is() {
        for (text, path) in [
            ("", "/v2/"),
            ("/", "/v2/"),
            ("v2", "/v2/"),
            ("/v2/", "/v2/"),
            ("_catalog", "/v2/_catalog"),
            ("/_catalog?n=5", "/v2/_catalog?n=5"),
            ("v2/_catalog", "/v2/_catalog"),
            ("team/app/tags/list", "/v2/team/app/tags/list"),
            ("app/manifests/1.0", "/v2/app/manifests/1.0"),
            ("app/blobs/sha256:00", "/v2/app/blobs/sha256:00"),
            (
                "app/referrers/sha256:00?artifactType=a/b",
                "/v2/app/referrers/sha256:00?artifactType=a/b",
            ),
            ("/api/v2.0/projects", "/api/v2.0/projects"),
            ("acr/v1/_catalog", "/acr/v1/_catalog"),
            ("v2/repositories/library/", "/v2/repositories/library/"),
            ("team/app/tags", "/team/app/tags"),
            ("a%252Fb/x", "/a%252Fb/x"),
        ] {
            assert_eq!(asked(text), path, "{text}");
        }
    }

    #[test]
    fn b9_a_path_stays_where_it_seems_to_be() {
        for text in [
            "v2/../admin",
            "v2/./x",
            "v2//x",
            "v2/%2e%2e/admin",
            "v2/%2E./admin",
            "//evil.example/x",
        ] {
            assert_eq!(asked(text), "Segments", "{text}");
        }
        for text in [
            "v2/a b",
            "v2/a\r\nX-Evil: 1",
            "v2/\\x",
            "v2/x#y",
            "v2/é",
            "v2/\"",
            "\0",
        ] {
            assert_eq!(asked(text), "Characters", "{text:?}");
        }
    }

    #[test]
    fn rights_are_those_of_the_repository_in_the_path() {
        for (text, repository) in [
            ("team/app/tags/list?n=1", Some("team/app")),
            ("v2/team/app/manifests/1.0", Some("team/app")),
            ("v2/team/app/blobs/sha256:00", Some("team/app")),
            ("_catalog", None),
            ("api/v2.0/projects", None),
            ("v2/", None),
            ("v2/Team/app/tags/list", None),
        ] {
            let path = ApiPath::parse(text).unwrap();
            let found = path.repository().map(|repository| repository.to_string());
            assert_eq!(found.as_deref(), repository, "{text}");
            assert_eq!(
                path.accept().is_some(),
                text.contains("manifests"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_path_hangs_on_the_base() {
        let path = ApiPath::parse("app/tags/list?n=1&last=a%20b").unwrap();
        let url = path.url(&"https://a.test/artifactory/docker/".parse().unwrap());
        assert_eq!(
            url.as_str(),
            "https://a.test/artifactory/docker/v2/app/tags/list?n=1&last=a%20b"
        );
    }
}
