//! Pushing: blobs first, then what names them, as every registry demands it.

use std::fmt::Display;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, RequestBuilder, Response};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use super::base64;
use super::certificate::Ca;
use super::{ACCOUNT, Content, PASSWORD};
use crate::suite::support::image::Blobs;

/// The media type under which the registry gives and takes what it signed itself.
const SCHEMA1: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";

/// What was pushed.
pub(crate) struct Pushed {
    /// What a subject says of what the tag points to.
    pub(crate) descriptor: Value,
    /// The digest of what the tag points to.
    pub(crate) digest: String,
    /// The digest of the config; nothing for an index.
    pub(crate) image_id: String,
}

/// Somebody who may push.
pub(super) struct Pusher {
    runtime: Runtime,
    client: Client,
    base: String,
}

impl Pusher {
    /// Pushes without a login.
    pub(super) fn anonymous(base: String) -> Self {
        Self::new(base, None, None)
    }

    /// Pushes with the account's password.
    pub(super) fn with_password(base: String, ca: &Ca) -> Self {
        let login = base64::standard(format!("{ACCOUNT}:{PASSWORD}").as_bytes());
        Self::new(base, Some(format!("Basic {login}")), Some(ca))
    }

    /// Pushes with a token.
    pub(super) fn with_token(base: String, token: &str) -> Self {
        Self::new(base, Some(format!("Bearer {token}")), None)
    }

    fn new(base: String, login: Option<String>, ca: Option<&Ca>) -> Self {
        let login = login.map(|login| HeaderValue::from_str(&login).expect("it is ASCII"));
        let headers: HeaderMap = login
            .into_iter()
            .map(|login| (AUTHORIZATION, login))
            .collect();
        let client = Client::builder()
            .default_headers(headers)
            .tls_backend_preconfigured(tls(ca))
            .no_proxy();
        Self {
            runtime: Builder::new_current_thread().enable_all().build().unwrap(),
            client: client.build().expect("a client can be made"),
            base,
        }
    }

    /// Pushes something as `REPOSITORY:TAG`.
    pub(super) fn push(&self, name: &str, content: &dyn Content) -> Pushed {
        let (repository, tag) = name.split_once(':').expect("a test names a tag");
        let mut blobs = Blobs::new();
        let descriptor = content.store(&mut blobs);
        let pushing = Pushing {
            client: &self.client,
            base: format!("{}/v2/{repository}", self.base),
            blobs: &blobs,
        };
        self.runtime.block_on(pushing.manifest(&descriptor, tag));
        let config = &pushing.document(&descriptor)["config"]["digest"];
        Pushed {
            digest: text(&descriptor["digest"]),
            descriptor: descriptor.clone(),
            image_id: config.as_str().unwrap_or_default().to_owned(),
        }
    }

    /// Pushes something as `REPOSITORY:TAG`, then its manifest alone under more tags.
    pub(super) fn push_under(&self, name: &str, tags: &[String], content: &dyn Content) {
        self.push(name, content);
        let (repository, _) = name.split_once(':').expect("a test names a tag");
        let mut blobs = Blobs::new();
        let descriptor = content.store(&mut blobs);
        let manifest = blobs
            .get(&text(&descriptor["digest"]))
            .expect("it was stored");
        self.runtime.block_on(async {
            for tag in tags {
                let url = format!("{}/v2/{repository}/manifests/{tag}", self.base);
                let put = self.client.put(url);
                let put = put.header(CONTENT_TYPE, text(&descriptor["mediaType"]));
                send(put.body(manifest.to_vec())).await;
            }
        });
    }

    /// Lets the registry rewrite `REPOSITORY:TAG`, pushes that under another tag, and gives the ID that is in it.
    pub(super) fn push_as_schema1(&self, name: &str, tag: &str) -> String {
        let (repository, from) = name.split_once(':').expect("a test names a tag");
        let url = |tag: &str| format!("{}/v2/{repository}/manifests/{tag}", self.base);
        self.runtime.block_on(async {
            let rewritten = send(self.client.get(url(from))).await;
            assert_eq!(rewritten.headers()[CONTENT_TYPE], SCHEMA1, "{name}");
            let rewritten = rewritten.bytes().await.unwrap();
            let put = self.client.put(url(tag)).header(CONTENT_TYPE, SCHEMA1);
            send(put.body(rewritten.clone())).await;
            schema1_id(&rewritten)
        })
    }
}

/// Trusts the authority of the test and no other.
fn tls(ca: Option<&Ca>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    if let Some(ca) = ca {
        let certificate = CertificateDer::from(ca.der().to_vec());
        roots.add(certificate).expect("it is a certificate");
    }
    let builder = ClientConfig::builder_with_provider(ring::default_provider().into());
    let builder = builder.with_safe_default_protocol_versions();
    let builder = builder.expect("ring knows TLS 1.2 and 1.3");
    builder.with_root_certificates(roots).with_no_client_auth()
}

/// One thing on its way into one repository.
struct Pushing<'a> {
    client: &'a Client,
    base: String,
    blobs: &'a Blobs,
}

impl Pushing<'_> {
    /// Pushes a manifest or index after all that it names.
    async fn manifest(&self, descriptor: &Value, reference: &str) {
        let document = self.document(descriptor);
        for child in members(&document["manifests"]) {
            Box::pin(self.manifest(child, &text(&child["digest"]))).await;
        }
        let config = document.get("config");
        for blob in config.into_iter().chain(members(&document["layers"])) {
            self.blob(blob).await;
        }
        let url = self.url(format_args!("manifests/{reference}"));
        let put = self.client.put(url);
        let put = put.header(CONTENT_TYPE, text(&descriptor["mediaType"]));
        send(put.body(self.content(descriptor).to_vec())).await;
    }

    async fn blob(&self, descriptor: &Value) {
        let content = self.content(descriptor).to_vec();
        let begun = send(self.client.post(self.url("blobs/uploads/"))).await;
        let location = begun.headers()[LOCATION].to_str().unwrap();
        let mut url = begun.url().join(location).expect("it is a URL");
        let digest = text(&descriptor["digest"]);
        url.query_pairs_mut().append_pair("digest", &digest);
        send(self.client.put(url).body(content)).await;
    }

    fn document(&self, descriptor: &Value) -> Value {
        serde_json::from_slice(self.content(descriptor)).expect("a manifest is JSON")
    }

    fn content(&self, descriptor: &Value) -> &[u8] {
        let digest = text(&descriptor["digest"]);
        let content = self.blobs.get(&digest);
        content.unwrap_or_else(|| panic!("{digest} is not stored, so it cannot be pushed"))
    }

    fn url(&self, path: impl Display) -> String {
        format!("{}/{path}", self.base)
    }
}

/// The ID of an image in Docker's first format, as its newest layer says it.
fn schema1_id(manifest: &[u8]) -> String {
    let parsed = |bytes: &[u8]| -> Value { serde_json::from_slice(bytes).expect("it is JSON") };
    let newest = text(&parsed(manifest)["history"][0]["v1Compatibility"]);
    text(&parsed(newest.as_bytes())["id"])
}

fn members(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().expect("this member is a text").to_owned()
}

/// Sends a request that has to succeed.
async fn send(request: RequestBuilder) -> Response {
    let response = request.send().await.expect("the registry answers");
    if response.status().is_success() {
        return response;
    }
    let (status, url) = (response.status(), response.url().clone());
    let said = response.text().await.unwrap_or_default();
    panic!("{url}: {status}: {said}");
}
