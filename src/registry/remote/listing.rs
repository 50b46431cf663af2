//! Listings, page by page: repositories, tags, what is attached (distribution-spec 1.1, "Listing Tags", "Listing
//! Referrers").
//!
//! A link to the next page is followed as it is (threats B6), within the registry and the listing (threats B4), and only
//! as long as pages bring something new (threats B5).

use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;

use url::Url;

use super::chain::Chain;
use super::memo::Memo;
use super::session::{Ask, Heard};
use super::{Remote, endpoint};
use crate::oci::{Digest, MediaType, Repository, Tag};
use crate::registry::error::{AskedAs, Question, Thing, Unsafe, code, outside, said};
use crate::registry::talk::Event;
use crate::registry::transport::{Method, Reply};
use crate::registry::wire::error_body::ErrorBody;
use crate::registry::wire::foreign::{self, Foreign};
use crate::registry::wire::link;
use crate::registry::wire::names::{self, Names};
use crate::registry::wire::scope::Wanted;
use crate::registry::{Answer, Page, Pages, RegistryError, RepositoryEntry, TagEntry};
use crate::safe::Safe;

/// What can be listed.
pub(super) trait Name: Clone + Send + Sync + Sized + 'static {
    /// Reads a page.
    fn read(listing: &Listing, reply: &Reply) -> Result<Names<Self>, RegistryError>;
    /// What was asked before.
    fn memo(remote: &Remote) -> &Memo<PageKey, Listed<Self>>;
    /// By what it is known from others.
    fn name(&self) -> &str;
    /// How long it is, in bytes.
    fn length(&self) -> usize {
        self.name().len()
    }
}

/// A listing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Listing {
    /// The registry's repositories.
    Repositories,
    /// A repository's tags.
    Tags(Repository),
    /// What is attached to one of a repository's manifests.
    Referrers(Repository, Digest),
}

/// How the tags of a repository are asked for, where registries that say how many they want get them wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::registry) enum TagPages {
    /// So many at a time.
    Sized,
    /// So many at a time; where there are as many and no link goes on, once more without saying how many.
    WholeWhereFull,
    /// Without saying how many.
    Whole,
}

/// One page of a listing: the first, or the one at this address.
pub(super) type PageKey = (Listing, Option<Url>);

/// A page as it was read.
#[derive(Debug)]
pub(super) struct Listed<T> {
    names: Arc<Names<T>>,
    next: Option<Result<Url, RegistryError>>,
    /// Whether nobody knows that it is the last one.
    may_go_on: bool,
}

impl<T> Clone for Listed<T> {
    fn clone(&self) -> Self {
        Self {
            names: Arc::clone(&self.names),
            next: self.next.clone(),
            may_go_on: self.may_go_on,
        }
    }
}

/// The pages of a listing on their way.
pub(super) struct RemotePages<'a, T> {
    remote: &'a Remote,
    listing: Listing,
    next: Next,
    chain: Chain,
    may_go_on: bool,
    of: PhantomData<fn() -> T>,
}

/// What comes next.
enum Next {
    First,
    At(Url),
    /// The listing cannot go on, which is said when it is asked for more.
    Broken(RegistryError),
    Over,
}

impl Name for Repository {
    fn read(listing: &Listing, reply: &Reply) -> Result<Names<Self>, RegistryError> {
        names::repositories(&reply.body).map_err(|error| listing.malformed(error))
    }

    fn memo(remote: &Remote) -> &Memo<PageKey, Listed<Self>> {
        &remote.repository_pages
    }

    fn name(&self) -> &str {
        self.as_str()
    }
}

impl Name for Tag {
    fn read(listing: &Listing, reply: &Reply) -> Result<Names<Self>, RegistryError> {
        names::tags(&reply.body).map_err(|error| listing.malformed(error))
    }

    fn memo(remote: &Remote) -> &Memo<PageKey, Listed<Self>> {
        &remote.tag_pages
    }

    fn name(&self) -> &str {
        self.as_str()
    }
}

impl Listing {
    fn question(&self) -> Question {
        match self {
            Self::Repositories => Question::Repositories,
            Self::Tags(_) => Question::Tags,
            Self::Referrers(..) => Question::Referrers,
        }
    }

    fn wanted(&self) -> Wanted<'_> {
        match self {
            Self::Repositories => Wanted::Catalog,
            Self::Tags(repository) | Self::Referrers(repository, _) => {
                Wanted::Repository(repository)
            }
        }
    }

    /// How many are asked for at once; none where the registry alone decides.
    fn size(&self, tags: TagPages) -> Option<usize> {
        match self {
            Self::Repositories => Some(endpoint::REPOSITORIES_AT_ONCE),
            Self::Tags(_) if tags == TagPages::Whole => None,
            Self::Tags(_) => Some(endpoint::TAGS_AT_ONCE),
            Self::Referrers(..) => None,
        }
    }

    fn accept(&self) -> &'static str {
        match self {
            Self::Repositories | Self::Tags(_) => "application/json",
            Self::Referrers(..) => MediaType::OCI_INDEX,
        }
    }

    fn malformed(&self, cause: impl std::fmt::Display) -> RegistryError {
        RegistryError::malformed(Thing::Page(self.question()), cause)
    }

    fn address(&self, base: &Url) -> Url {
        match self {
            Self::Repositories => endpoint::catalog(base),
            Self::Tags(repository) => endpoint::tags(base, repository),
            Self::Referrers(repository, subject) => endpoint::referrers(base, repository, subject),
        }
    }

    fn shown(&self, remote: &Remote) -> Safe {
        Safe::new(&match self {
            Self::Repositories => format!("the repositories of {}", remote.shown),
            Self::Tags(repository) => format!("the tags of {}/{repository}", remote.shown),
            Self::Referrers(repository, subject) => {
                format!(
                    "what is attached to {}/{repository}@{subject}",
                    remote.shown
                )
            }
        })
    }
}

impl Remote {
    pub(super) async fn page<T: Name>(&self, key: &PageKey) -> Result<Listed<T>, RegistryError> {
        let ask = Box::pin(self.read_page(key));
        T::memo(self).answer(key, ask, Listed::weight).await
    }

    async fn read_page<T: Name>(&self, key: &PageKey) -> Result<Listed<T>, RegistryError> {
        let (listing, at) = key;
        let tags = self.dialect.tag_pages();
        let size = listing.size(tags);
        let bare = |base: &Url| listing.address(base);
        let first = |base: &Url| match size {
            Some(size) => endpoint::paged(bare(base), size),
            None => bare(base),
        };
        let mut sized = at.is_none() && size.is_some();
        let mut heard = match at {
            Some(url) => self.ask_page(listing, &|_| url.clone()).await?,
            None => self.ask_page(listing, &first).await?,
        };
        // Some registries refuse a page size they do not like, in place of taking their own.
        if sized && matches!(heard.reply.status, 400 | 405) {
            sized = false;
            heard = self.ask_page(listing, &bare).await?;
        }
        if !(200..300).contains(&heard.reply.status) {
            return Err(match at {
                None => self.refused(listing, &heard),
                Some(_) => refused_later(listing, &heard),
            });
        }
        let mut listed = self.listed(listing, &heard)?;
        let is_full = |listed: &Listed<T>| listed.next.is_none() && Some(listed.count()) == size;
        let is_tags = matches!(listing, Listing::Tags(_));
        if sized && is_tags && is_full(&listed) && tags == TagPages::WholeWhereFull {
            let heard = self.ask_page(listing, &bare).await?;
            if (200..300).contains(&heard.reply.status) {
                listed = self.listed(listing, &heard)?;
            }
        }
        if sized && is_full(&listed) {
            listed.may_go_on = true;
            let listing = listing.shown(self);
            self.session.say(Event::MaybeMore { listing });
        }
        Ok(listed)
    }

    fn listed<T: Name>(
        &self,
        listing: &Listing,
        heard: &Heard,
    ) -> Result<Listed<T>, RegistryError> {
        Ok(Listed {
            names: Arc::new(T::read(listing, &heard.reply)?),
            next: self.next(heard),
            may_go_on: false,
        })
    }

    fn next(&self, heard: &Heard) -> Option<Result<Url, RegistryError>> {
        let next = link::next(heard.reply.all("link"), &heard.url).transpose()?;
        Some(next.map_err(|why| {
            self.session
                .not_safe(Unsafe::Link(outside(&why.to_string())))
        }))
    }

    async fn ask_page(
        &self,
        listing: &Listing,
        url: &(dyn Fn(&Url) -> Url + Sync),
    ) -> Result<Heard, RegistryError> {
        let ask = Ask {
            method: Method::Get,
            url,
            wanted: listing.wanted(),
            accept: Some(listing.accept()),
            bound: self.limits.listing_bytes,
            question: listing.question(),
            thing: &|| Thing::Page(listing.question()),
        };
        self.session.ask(&ask).await
    }

    fn refused(&self, listing: &Listing, heard: &Heard) -> RegistryError {
        let (reply, asked_as) = (&heard.reply, heard.asked_as.clone());
        match (listing, reply.status) {
            (Listing::Repositories, status @ (404 | 405 | 501)) => {
                RegistryError::NoCatalog { status }
            }
            (Listing::Referrers(..), status @ (400 | 404 | 405 | 406)) => {
                RegistryError::NoReferrers { status }
            }
            (Listing::Tags(repository), _) if is_no_repository(reply) => {
                RegistryError::NoRepository(repository.clone())
            }
            _ => said(reply, listing.question(), asked_as),
        }
    }

    /// Tells whether there is such a repository, by the smallest listing there is.
    ///
    /// Errors: nobody can tell.
    pub(super) async fn exists(&self, repository: &Repository) -> Result<bool, RegistryError> {
        let ask = Box::pin(async {
            match self.lets_pull(repository).await {
                Ok(_) => Ok(true),
                Err(RegistryError::NoRepository(_)) => Ok(false),
                Err(error) => Err(error),
            }
        });
        self.existence.answer(repository, ask, |_| 0).await
    }

    /// Asks for the smallest listing there is, which takes the right to pull; tells as whom it was had.
    ///
    /// Errors: [`RegistryError::NoRepository`]; a refusal.
    pub(super) async fn lets_pull(
        &self,
        repository: &Repository,
    ) -> Result<AskedAs, RegistryError> {
        let listing = Listing::Tags(repository.clone());
        let one = |base: &Url| endpoint::paged(listing.address(base), 1);
        let heard = self.ask_page(&listing, &one).await?;
        match heard.reply.status {
            200..=299 => Ok(heard.asked_as),
            _ => Err(self.refused(&listing, &heard)),
        }
    }
}

/// Tells whether a refused list of tags means that there is no such repository. A page of somebody in between, who blocks
/// the way, is not the registry's word that there is nothing.
pub(super) fn is_no_repository(reply: &Reply) -> bool {
    match reply.status {
        404 => !is_a_page(&reply.body),
        status => code(&ErrorBody::read(&reply.body), status) == "NAME_UNKNOWN",
    }
}

/// Tells whether a body is a page for people, or anything else that is no registry's answer.
pub(super) fn is_a_page(body: &[u8]) -> bool {
    matches!(foreign::check(body), Err(Foreign::Other(_)))
}

/// What a refusal of a later page means: never that there is no such listing, for its beginning was there. zot says 404
/// where the name went that the page was to begin after, and what comes after it is then missing from the answer
/// (threats S6).
fn refused_later(listing: &Listing, heard: &Heard) -> RegistryError {
    said(&heard.reply, listing.question(), heard.asked_as.clone())
}

impl<T: Name> Listed<T> {
    /// A listing that is one page.
    pub(super) fn whole(names: Names<T>) -> Self {
        Self {
            names: Arc::new(names),
            next: None,
            may_go_on: false,
        }
    }

    /// What it takes in memory, in bytes.
    pub(super) fn weight(&self) -> usize {
        let texts: usize = self.names.valid.iter().map(Name::length).sum();
        texts + self.count() * size_of::<String>()
    }

    fn count(&self) -> usize {
        self.names.valid.len() + self.names.faults.len()
    }

    pub(super) fn page<E>(&self, entry: impl Fn(T) -> E) -> Page<E> {
        Page {
            entries: self.names.valid.iter().cloned().map(entry).collect(),
            faults: self.names.faults.clone(),
        }
    }
}

impl<'a, T: Name> RemotePages<'a, T> {
    pub(super) fn new(remote: &'a Remote, listing: Listing) -> Self {
        Self {
            remote,
            listing,
            next: Next::First,
            chain: Chain::default(),
            may_go_on: false,
            of: PhantomData,
        }
    }

    pub(super) async fn turn(&mut self) -> Result<Option<Listed<T>>, RegistryError> {
        let at = match std::mem::replace(&mut self.next, Next::Over) {
            Next::Over => return Ok(None),
            Next::Broken(error) => return Err(error),
            Next::First => None,
            Next::At(url) => Some(url),
        };
        let listed = self.remote.page::<T>(&(self.listing.clone(), at)).await?;
        self.may_go_on |= listed.may_go_on;
        self.next = match &listed.next {
            None => Next::Over,
            Some(Err(error)) => Next::Broken(error.clone()),
            Some(Ok(url)) => self.follow(url, &listed.names),
        };
        Ok(Some(listed))
    }

    /// Tells whether the last page is known to have come.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.next, Next::Over)
    }

    /// Decides about a link.
    fn follow(&mut self, url: &Url, page: &Names<T>) -> Next {
        self.chain
            .saw(page.valid.iter().map(T::name), page.faults.len());
        let most = self.remote.limits.listing_names;
        let question = self.listing.question();
        match self.chain.follow(url, most, &question) {
            Ok(()) => Next::At(url.clone()),
            Err(error) => Next::Broken(error),
        }
    }
}

impl Pages<RepositoryEntry> for RemotePages<'_, Repository> {
    fn next(&mut self) -> Answer<'_, Option<Page<RepositoryEntry>>> {
        Box::pin(async move {
            let listed = self.turn().await?;
            Ok(listed.map(|listed| listed.page(RepositoryEntry::named)))
        })
    }

    fn is_over(&self) -> bool {
        self.has_ended()
    }
}

impl Pages<TagEntry> for RemotePages<'_, Tag> {
    fn next(&mut self) -> Answer<'_, Option<Page<TagEntry>>> {
        Box::pin(async move {
            let listed = self.turn().await?;
            Ok(listed.map(|listed| listed.page(TagEntry::named)))
        })
    }

    fn is_over(&self) -> bool {
        self.has_ended()
    }

    fn may_go_on(&self) -> bool {
        self.may_go_on
    }
}
