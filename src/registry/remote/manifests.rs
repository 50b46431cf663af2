//! Manifests and indexes: HEAD and GET, by tag and by digest (distribution-spec 1.1, end-3).
//!
//! What a registry says about a document is believed as long as nothing better is at hand: of a HEAD there is nothing
//! better, of a GET there is the content (threats D1, D2). Where there are mirrors, they are asked for content, and the
//! registry itself for what a tag points to.

use super::listing::is_a_page;
use super::session::{Ask, Heard, Session};
use super::{Remote, bound, endpoint, not_longer, said_of, twice, weight};
use crate::oci::{Descriptor, Digest, MediaType, Repository, Tag, Which};
use crate::registry::error::{Question, Thing, code, said};
use crate::registry::transport::{Method, Reply};
use crate::registry::wire::error_body::ErrorBody;
use crate::registry::wire::media_type::{self, ACCEPT};
use crate::registry::wire::scope::Wanted;
use crate::registry::{Answer, Document, Registry, RegistryError};

impl Remote {
    pub(super) async fn shared_head(
        &self,
        repository: &Repository,
        which: &Which,
    ) -> Result<Descriptor, RegistryError> {
        let key = (repository.clone(), which.clone());
        let ask = Box::pin(self.read_head(repository, which));
        self.heads
            .answer(&key, ask, |_| size_of::<Descriptor>())
            .await
    }

    pub(super) async fn shared_manifest(
        &self,
        repository: &Repository,
        which: &Which,
        expected: Option<&Descriptor>,
    ) -> Result<Document, RegistryError> {
        let said = expected.and_then(said_of);
        let key = (repository.clone(), which.clone(), said);
        let ask = || -> Answer<'_, Document> {
            Box::pin(self.find_manifest(repository, which, expected))
        };
        let ask = Box::pin(twice(ask));
        let document = self.manifests.answer(&key, ask, weight).await?;
        match expected {
            Some(expected) if expected.digest != document.descriptor.digest => {
                Err(RegistryError::Moved {
                    expected: expected.digest.clone(),
                    found: document.descriptor.digest,
                })
            }
            _ => Ok(document),
        }
    }

    /// One HEAD where its headers say enough, else a GET: some registries know no HEAD, some leave the digest out, and an
    /// error has its reason in a body.
    async fn read_head(
        &self,
        repository: &Repository,
        which: &Which,
    ) -> Result<Descriptor, RegistryError> {
        let ask = |at| -> Answer<'_, Option<Descriptor>> {
            Box::pin(async move {
                let heard = self.heard_head(at, repository, which).await?;
                Ok(heard.as_ref().and_then(announced))
            })
        };
        let announced = match which {
            Which::Tag(_) => ask(&self.session).await?,
            Which::Digest(_) => self.mirrors.before(&self.session, repository, ask).await?,
        };
        match announced {
            Some(descriptor) => Ok(descriptor),
            None => Ok(self.manifest(repository, which, None).await?.descriptor),
        }
    }

    /// The answer to a HEAD, if there is something to be read out of it.
    ///
    /// Errors: it wants to be left alone, or fails; anything else has its reason in the answer to a GET.
    async fn heard_head(
        &self,
        at: &Session,
        repository: &Repository,
        which: &Which,
    ) -> Result<Option<Reply>, RegistryError> {
        let heard = self
            .ask_for(at, Method::Head, repository, which, usize::MAX)
            .await?;
        match heard.reply.status {
            200 => Ok(Some(heard.reply)),
            429 | 500.. => Err(said(&heard.reply, Question::Manifest, heard.asked_as)),
            _ => Ok(None),
        }
    }

    /// Gets a manifest or index: by its digest from a mirror, or from the registry itself; by a tag from the registry, or
    /// by the digest that it points to there.
    async fn find_manifest(
        &self,
        repository: &Repository,
        which: &Which,
        expected: Option<&Descriptor>,
    ) -> Result<Document, RegistryError> {
        if let Which::Tag(_) = which {
            return self.manifest_of_tag(repository, which, expected).await;
        }
        let ask = |at| -> Answer<'_, Option<Document>> {
            Box::pin(async move {
                let read = self.read_manifest(at, repository, which, expected);
                read.await.map(Some)
            })
        };
        let found = self.mirrors.before(&self.session, repository, ask).await?;
        Ok(found.expect("a manifest was read, or an error"))
    }

    async fn manifest_of_tag(
        &self,
        repository: &Repository,
        which: &Which,
        expected: Option<&Descriptor>,
    ) -> Result<Document, RegistryError> {
        if let Some(digest) = self.resolved(repository, which).await? {
            let by_digest = Which::Digest(digest);
            match self.manifest(repository, &by_digest, expected).await {
                // What a HEAD says of a tag may be wrong, and may be over by now (threats D2, D4).
                Err(RegistryError::NoContent(_)) => {}
                found => return found,
            }
        }
        let own = &self.session;
        self.read_manifest(own, repository, which, expected).await
    }

    /// The digest of what a tag points to, by a HEAD of the registry itself, where a mirror may have what it names.
    async fn resolved(
        &self,
        repository: &Repository,
        which: &Which,
    ) -> Result<Option<Digest>, RegistryError> {
        if !self.mirrors.are_asked(repository) {
            return Ok(None);
        }
        if let Some(head) = self.heads.known(&(repository.clone(), which.clone())) {
            return Ok(Some(head.digest));
        }
        let head = self.heard_head(&self.session, repository, which).await?;
        Ok(head.as_ref().and_then(digest))
    }

    pub(super) async fn shared_find(
        &self,
        repository: &Repository,
        tag: &Tag,
    ) -> Result<Option<Descriptor>, RegistryError> {
        let key = (repository.clone(), tag.clone());
        let ask = Box::pin(self.read_find(repository, tag));
        self.found
            .answer(&key, ask, |_| size_of::<Descriptor>())
            .await
    }

    /// One HEAD, which may say that there is no such tag: no reason is wanted, as it is where a tag has to be there. A page
    /// for people says nothing of tags, and what a HEAD leaves open a GET tells.
    async fn read_find(
        &self,
        repository: &Repository,
        tag: &Tag,
    ) -> Result<Option<Descriptor>, RegistryError> {
        let which = Which::Tag(tag.clone());
        let heard = self
            .ask_for(&self.session, Method::Head, repository, &which, usize::MAX)
            .await?;
        let is_for_people = || {
            let said = heard.reply.first("content-type");
            let said = said.and_then(media_type::essence);
            said.is_some_and(|said| said.as_str() == "text/html")
        };
        match heard.reply.status {
            200 => {
                if let Some(descriptor) = announced(&heard.reply) {
                    return Ok(Some(descriptor));
                }
            }
            404 if !is_for_people() => return Ok(None),
            429 | 500.. => return Err(said(&heard.reply, Question::Manifest, heard.asked_as)),
            _ => {}
        }
        let document = self.optional_manifest(repository, tag).await?;
        Ok(document.map(|document| document.descriptor))
    }

    /// Gets what a tag points to that may not be there, in a repository that is.
    pub(super) async fn optional_manifest(
        &self,
        repository: &Repository,
        tag: &Tag,
    ) -> Result<Option<Document>, RegistryError> {
        let which = Which::Tag(tag.clone());
        let thing = || thing(repository, &which);
        let bound = self.limits.manifest_bytes;
        let own = &self.session;
        let heard = self
            .ask_for(own, Method::Get, repository, &which, bound)
            .await?;
        let reply = &heard.reply;
        match reply.status {
            200..=299 => document(reply, thing, &which, None).map(Some),
            404 if code(&ErrorBody::read(&reply.body), 404) == "NAME_UNKNOWN" => {
                Err(RegistryError::NoRepository(repository.clone()))
            }
            404 if !is_a_page(&reply.body) => Ok(None),
            _ => Err(said(reply, Question::Manifest, heard.asked_as)),
        }
    }

    async fn read_manifest(
        &self,
        at: &Session,
        repository: &Repository,
        which: &Which,
        expected: Option<&Descriptor>,
    ) -> Result<Document, RegistryError> {
        let limit = self.limits.manifest_bytes;
        let thing = || thing(repository, which);
        let bound = expected.map_or(Ok(limit), |expected| bound(expected.size, limit, thing))?;
        let heard = self
            .ask_for(at, Method::Get, repository, which, bound)
            .await
            .map_err(|error| match expected {
                Some(expected) => not_longer(error, expected.size, bound),
                None => error,
            })?;
        match heard.reply.status {
            200..=299 => document(&heard.reply, thing, which, expected),
            404 => Err(self.absent(&heard, repository, which).await),
            _ => Err(said(&heard.reply, Question::Manifest, heard.asked_as)),
        }
    }

    pub(super) async fn ask_for(
        &self,
        at: &Session,
        method: Method,
        repository: &Repository,
        which: &Which,
        bound: usize,
    ) -> Result<Heard, RegistryError> {
        let ask = Ask {
            method,
            url: &|base| endpoint::manifest(base, repository, which),
            wanted: Wanted::Repository(repository),
            accept: Some(ACCEPT),
            bound,
            question: Question::Manifest,
            thing: &|| thing(repository, which),
        };
        at.ask(&ask).await
    }

    /// What a 404 means. Distribution says of a tag that it is unknown even where the repository is, so where nobody has
    /// seen the repository yet, its list of tags tells.
    async fn absent(&self, heard: &Heard, repository: &Repository, which: &Which) -> RegistryError {
        let no_repository = || RegistryError::NoRepository(repository.clone());
        if code(&ErrorBody::read(&heard.reply.body), 404) == "NAME_UNKNOWN" {
            return no_repository();
        }
        match which {
            Which::Digest(digest) => RegistryError::NoContent(Thing::Manifest(digest.clone())),
            Which::Tag(tag) => match self.exists(repository).await {
                Ok(false) => no_repository(),
                _ => RegistryError::NoTag {
                    repository: repository.clone(),
                    tag: tag.clone(),
                },
            },
        }
    }
}

fn thing(repository: &Repository, which: &Which) -> Thing {
    match which {
        Which::Digest(digest) => Thing::Manifest(digest.clone()),
        Which::Tag(_) => Thing::Pointed(repository.clone(), which.clone()),
    }
}

fn digest(reply: &Reply) -> Option<Digest> {
    reply.header("docker-content-digest")?.parse().ok()
}

/// What the headers of a HEAD say, if they say all of it.
fn announced(reply: &Reply) -> Option<Descriptor> {
    let digest = digest(reply)?;
    // Some proxies measure the body that a HEAD does not have.
    let size = reply.header("content-length")?.parse().ok();
    let size = size.filter(|size| *size > 0)?;
    Some(Descriptor {
        media_type: media_type(reply)?,
        digest,
        size,
        platform: None,
        reference_type: None,
    })
}

/// What a document is announced as; none where the header says nothing about documents.
fn media_type(reply: &Reply) -> Option<MediaType> {
    media_type::announced(reply.first("content-type"))
}

/// Makes a document of an answer. Its digest is that of what was read: what the header says counts only if it is true of
/// the content.
fn document(
    reply: &Reply,
    thing: impl Fn() -> Thing,
    which: &Which,
    expected: Option<&Descriptor>,
) -> Result<Document, RegistryError> {
    let content = &reply.body;
    let digest = match which {
        Which::Digest(digest) => digest.clone(),
        Which::Tag(_) => {
            let said = digest(reply);
            said.filter(|said| Document::has_digest(content, said))
                .unwrap_or_else(|| Document::digest_of(content))
        }
    };
    let own = Descriptor {
        media_type: media_type(reply).unwrap_or_else(|| MediaType::new("")),
        digest: digest.clone(),
        size: content.len() as u64,
        platform: None,
        reference_type: None,
    };
    // A tag that moved since is told from a document that is not what it should be.
    let announced = expected.filter(|expected| expected.digest == digest);
    Document::manifest_called(thing, content, &digest, Some(announced.unwrap_or(&own)))
}
