//! What is attached to a manifest: the registry's listing, or the tag that stands in for it (distribution-spec 1.1, end-12a,
//! "Referrers Tag Schema").
//!
//! A registry that lists never says 404, so a refusal means that it does not list, for the whole repository: one request
//! finds that out. 400, 405, 406, or an answer that is no index, mean the same of registries that know the path as something else.
//!
//! A listing is never asked with the filter `artifactType`: it takes one type where signatures alone have several, so one
//! request whole is cheaper than several, and what is listed under a type that says nothing would be lost to it.

use super::listing::{Listed, Listing, Name, RemotePages};
use super::memo::Memo;
use super::{PageKey, Remote};
use crate::oci::{Digest, Referrer, Repository, referrers_tag};
use crate::registry::transport::Reply;
use crate::registry::wire::names::Names;
use crate::registry::wire::referrers;
use crate::registry::{Answer, Page, Pages, RegistryError, StandIn};

impl Name for Referrer {
    fn read(listing: &Listing, reply: &Reply) -> Result<Names<Self>, RegistryError> {
        let Listing::Referrers(_, subject) = listing else {
            unreachable!("only a listing of referrers has any")
        };
        let page = referrers::page(reply.first("content-type"), &reply.body, subject)?;
        let status = reply.status;
        page.ok_or(RegistryError::NoReferrers { status })
    }

    fn memo(remote: &Remote) -> &Memo<PageKey, Listed<Self>> {
        &remote.referrer_pages
    }

    fn name(&self) -> &str {
        self.descriptor.digest.hex()
    }

    fn length(&self) -> usize {
        let artifact_type = self.artifact_type.as_ref().map_or(0, String::len);
        size_of::<Self>() + self.annotations.written() + artifact_type
    }
}

/// What is attached to one manifest, on its way.
pub(super) struct ReferrerPages<'a> {
    remote: &'a Remote,
    repository: Repository,
    subject: Digest,
    stand_in: StandIn,
    /// None once the tag was asked in its place.
    listed: Option<RemotePages<'a, Referrer>>,
}

impl<'a> ReferrerPages<'a> {
    pub(super) fn new(
        remote: &'a Remote,
        repository: &Repository,
        subject: &Digest,
        stand_in: StandIn,
    ) -> Self {
        let listing = Listing::Referrers(repository.clone(), subject.clone());
        Self {
            remote,
            repository: repository.clone(),
            subject: subject.clone(),
            stand_in,
            listed: Some(RemotePages::new(remote, listing)),
        }
    }

    async fn turn(&mut self) -> Result<Option<Listed<Referrer>>, RegistryError> {
        let Some(listed) = &mut self.listed else {
            return Ok(None);
        };
        let (repository, subject) = (&self.repository, &self.subject);
        if self.remote.lists_referrers(repository, subject).await {
            match listed.turn().await {
                Err(RegistryError::NoReferrers { .. }) => {}
                answer => return answer,
            }
        }
        self.listed = None;
        match self.stand_in {
            StandIn::MayBe => self.remote.stand_in(repository, subject).await.map(Some),
            StandIn::IsNot => Ok(None),
        }
    }
}

impl Pages<Referrer> for ReferrerPages<'_> {
    fn next(&mut self) -> Answer<'_, Option<Page<Referrer>>> {
        Box::pin(async move {
            let listed = self.turn().await?;
            Ok(listed.map(|listed| listed.page(|referrer| referrer)))
        })
    }

    fn is_over(&self) -> bool {
        self.listed.as_ref().is_none_or(RemotePages::has_ended)
    }
}

impl Remote {
    /// Tells whether a repository's listings of referrers are worth asking for. Whoever is first finds it out with its own
    /// listing; a listing that failed says nothing of the others.
    async fn lists_referrers(&self, repository: &Repository, subject: &Digest) -> bool {
        let key = (
            Listing::Referrers(repository.clone(), subject.clone()),
            None,
        );
        let ask = Box::pin(async {
            let page = self.page::<Referrer>(&key).await;
            Ok(!matches!(page, Err(RegistryError::NoReferrers { .. })))
        });
        let lists = self.lists_referrers.answer(repository, ask, |_| 0).await;
        lists.unwrap_or(true)
    }

    /// What the tag lists that stands in for the registry's listing. No tag lists nothing.
    async fn stand_in(
        &self,
        repository: &Repository,
        subject: &Digest,
    ) -> Result<Listed<Referrer>, RegistryError> {
        let key = (repository.clone(), subject.clone());
        let ask = Box::pin(async {
            let tag = referrers_tag(subject);
            let index = self.optional_manifest(repository, &tag).await?;
            let entries =
                |index: &crate::registry::Document| referrers::entries(&index.value, subject);
            Ok(Listed::whole(
                index.as_ref().map(entries).unwrap_or_default(),
            ))
        });
        self.stand_ins.answer(&key, ask, Listed::weight).await
    }
}
