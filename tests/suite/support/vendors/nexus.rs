//! Sonatype Nexus Repository: repositories of its own, behind one port or each behind one of its own, and a REST API whose
//! search tells of tags. Its links have its own path and host in them (help.sonatype.com, "Search API"; sonatype/nexus-public
//! #1011).

use serde_json::{Value, json};

use super::super::fake::{
    Answer, Entries, FakeRegistry, Links, Paging, Request, Route, Shelf, VendorWay,
};
use super::super::image::Image;
use super::Vendor;
use super::plain::Plain;

/// A tag, and what becomes of its manifest.
type Edit = (&'static str, fn(&mut Value));

/// A Nexus.
pub(crate) struct FakeNexus {
    /// Its repositories, with the type of each.
    keys: Vec<(&'static str, &'static str)>,
    /// The one that the port stands for.
    only: Option<&'static str>,
    /// Where a repository has its list of images.
    catalog: &'static str,
    page: usize,
    /// Changes what a search says of such a tag.
    edit: Option<Edit>,
    /// Tags that the search does not find.
    not_found: Vec<&'static str>,
}

impl FakeNexus {
    pub(crate) fn new() -> Self {
        Self {
            keys: Vec::new(),
            only: None,
            catalog: "/v2/KEY/_catalog",
            page: 50,
            edit: None,
            not_found: Vec::new(),
        }
    }

    /// A repository of its own for images: `hosted`, `proxy`, `group`.
    pub(crate) fn key(mut self, key: &'static str, kind: &'static str) -> Self {
        self.keys.push((key, kind));
        self
    }

    /// Stands for this one alone, as the port of a connector does.
    pub(crate) fn only(mut self, key: &'static str) -> Self {
        self.only = Some(key);
        self
    }

    /// Has the list of a repository below its own path, and not below `/v2/`.
    pub(crate) fn listing_below_its_path(mut self) -> Self {
        self.catalog = "/repository/KEY/v2/_catalog";
        self
    }

    /// Finds so many at a time.
    pub(crate) fn finding(mut self, page: usize) -> Self {
        self.page = page;
        self
    }

    /// Says something else of the manifest of a tag.
    pub(crate) fn saying(mut self, tag: &'static str, edit: fn(&mut Value)) -> Self {
        self.edit = Some((tag, edit));
        self
    }

    /// Does not find a tag.
    pub(crate) fn missing(mut self, tag: &'static str) -> Self {
        self.not_found.push(tag);
        self
    }

    /// The name that an image has here, of one that it has in one of the repositories.
    fn name(&self, key: &str, image: &str) -> String {
        match self.only {
            Some(_) => image.to_owned(),
            None => format!("{key}/{image}"),
        }
    }

    fn component(&self, shelf: &Shelf, key: &str, image: &str, pointer: (&str, &str)) -> Value {
        let (tag, digest) = pointer;
        let path = format!("v2/{image}/manifests/{tag}");
        let content = shelf.content(digest).expect("a tag points to something");
        let mut component = json!({
            "id": format!("{key}:{image}:{tag}"), "repository": key, "format": "docker", "group": null,
            "name": image, "version": tag,
            "assets": [{
                "downloadUrl": format!("https://nexus.test/repository/{key}/{path}"), "path": path,
                "id": format!("asset-{tag}"), "repository": key, "format": "docker",
                "checksum": {"sha1": "00", "sha256": digest.trim_start_matches("sha256:")},
                "contentType": shelf.media_type(digest), "fileSize": content.len(),
                "lastModified": "2026-02-27T08:15:30.000+00:00", "lastDownloaded": null, "uploader": "ci",
                "blobCreated": "2026-02-27T08:15:30.000+00:00",
            }],
        });
        if let Some((_, edit)) = self.edit.filter(|(edited, _)| *edited == tag) {
            edit(&mut component["assets"][0]);
        }
        component
    }

    /// A page of what is found; the name that is searched for may be the beginning of another.
    fn search(&self, request: &Request, shelf: &Shelf) -> Answer {
        let asked = |name: &str| request.query(name).unwrap_or_default();
        let (key, image) = (asked("repository"), asked("name"));
        let full = self.name(key, image);
        let found = shelf.names().filter(|name| name.starts_with(&full));
        let components = found.flat_map(|name| {
            let own = match self.only {
                Some(_) => name,
                None => name.split_once('/').map_or(name, |(_, own)| own),
            };
            let pointers = shelf.pointers(name).into_iter();
            let is_found = |tag: &str| !self.not_found.contains(&tag);
            let version = request.query("version");
            let pointers = pointers.filter(move |(tag, _)| {
                is_found(tag) && version.is_none_or(|version| version == *tag)
            });
            pointers
                .map(move |pointer| self.component(shelf, key, own, pointer))
                .collect::<Vec<_>>()
        });
        let all: Vec<Value> = components.collect();
        let first = asked("continuationToken").trim_start_matches("at+");
        let first = first.parse().unwrap_or(0);
        let end = all.len().min(first + self.page);
        let token = (end < all.len()).then(|| format!("at+{end}"));
        Answer::json(&json!({"items": all[first..end], "continuationToken": token}))
    }

    /// A link as Nexus writes it, with its own path and its host.
    fn linked(&self, mut answer: Answer, key: &str) -> Answer {
        let (path, below) = match self.only {
            Some(only) => ("/v2/".to_owned(), only),
            None => (format!("/v2/{key}/"), key),
        };
        for (name, value) in &mut answer.headers {
            if name == "Link" {
                let own = format!("<{{registry}}/repository/{below}/v2/");
                *value = value.replace(&format!("<{path}"), &own);
            }
        }
        answer
    }
}

impl VendorWay for FakeNexus {
    fn answer(&self, request: &Request, shelf: &Shelf, paging: &Paging) -> Option<Answer> {
        match request.path.as_str() {
            "/service/rest/v1/repositories" => {
                let docker = self.keys.iter().map(|(key, kind)| {
                    json!({"name": key, "format": "docker", "type": kind, "attributes": {}})
                });
                let other = json!({"name": "maven-central", "format": "maven2", "type": "proxy"});
                let all: Vec<Value> = docker.chain([other]).collect();
                return Some(Answer::json(&Value::from(all)));
            }
            "/service/rest/v1/search" => return Some(self.search(request, shelf)),
            _ => {}
        }
        for (key, _) in &self.keys {
            if request.path == self.catalog.replace("KEY", key) && self.only.is_none() {
                let below = format!("{key}/");
                let names = shelf.names().filter_map(|name| name.strip_prefix(&below));
                let names: Vec<&str> = names.collect();
                let wrap = |page| json!({"repositories": page});
                let answer = paging.answer(request, &Entries::from(json!(names)), wrap);
                return Some(self.linked(answer, key));
            }
        }
        match Route::of(request) {
            Route::Catalog if self.only.is_none() => Some(Answer::html(404)),
            Route::Tags(name) => {
                let (key, _) = name.split_once('/').unwrap_or_default();
                let entries = shelf.listing(name)?;
                let wrap = |page| json!({"name": name, "tags": page});
                Some(self.linked(paging.answer(request, &entries, wrap), key))
            }
            // What is no registry's path is a bad request to a connector.
            Route::Unknown if self.only.is_some() => Some(Answer::html(400)),
            _ => None,
        }
    }
}

/// Nexus, as the contract of all dialects needs it: by path, on one port.
pub(crate) struct Nexus;

impl Vendor for Nexus {
    fn name(&self) -> &'static str {
        "nexus"
    }

    fn host(&self) -> &'static str {
        "nexus.example"
    }

    fn serve(
        &self,
        registry: FakeRegistry,
        page: usize,
        world: &[(&str, &[&str])],
        of: &Image,
    ) -> FakeRegistry {
        let nexus = FakeNexus::new().key("acme", "hosted").finding(page.min(50));
        let registry = Plain.serve(registry, page, world, of);
        registry.links(Links::Relative).way(nexus)
    }

    fn dialect(&self) -> Option<&'static str> {
        Some("nexus")
    }

    fn fact(&self) -> Option<&'static str> {
        Some("vendor.tag.version")
    }

    fn repositories(&self) -> &'static str {
        "v2/acme/_catalog"
    }

    fn tags(&self) -> &'static str {
        "v2/acme/web/tags/list"
    }
}
