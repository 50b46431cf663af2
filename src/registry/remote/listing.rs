//! Listings, page by page: repositories and tags (distribution-spec 1.1, "Listing Tags").
//!
//! A link to the next page is followed as it is (threats B6), within the registry and the listing (threats B4), and only
//! as long as pages bring something new (threats B5).

use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, RandomState};
use std::marker::PhantomData;
use std::sync::Arc;

use url::Url;

use super::memo::Memo;
use super::session::{Ask, Heard};
use super::{Remote, endpoint};
use crate::limits::IDLE_PAGES;
use crate::oci::{Repository, Tag};
use crate::registry::error::{AskedAs, Question, Thing, Unsafe, code, outside, said};
use crate::registry::talk::Event;
use crate::registry::transport::Method;
use crate::registry::wire::error_body::ErrorBody;
use crate::registry::wire::foreign::{self, Foreign};
use crate::registry::wire::link;
use crate::registry::wire::names::{self, Names, NamesError};
use crate::registry::wire::scope::Wanted;
use crate::registry::{Answer, Page, Pages, RegistryError, RepositoryEntry, TagEntry};
use crate::safe::Safe;

/// What can be listed: repositories and tags.
pub(super) trait Name: Clone + Hash + Send + Sync + Sized + 'static {
    /// Reads a page.
    fn read(body: &[u8]) -> Result<Names<Self>, NamesError>;
    /// What was asked before.
    fn memo(remote: &Remote) -> &Memo<PageKey, Listed<Self>>;
    /// How long it is, in bytes.
    fn length(&self) -> usize;
}

/// A listing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Listing {
    /// The registry's repositories.
    Repositories,
    /// A repository's tags.
    Tags(Repository),
}

/// One page of a listing: the first, or the one at this address.
pub(super) type PageKey = (Listing, Option<Url>);

/// A page as it was read.
#[derive(Debug)]
pub(super) struct Listed<T> {
    names: Arc<Names<T>>,
    next: Option<Result<Url, RegistryError>>,
}

impl<T> Clone for Listed<T> {
    fn clone(&self) -> Self {
        Self {
            names: Arc::clone(&self.names),
            next: self.next.clone(),
        }
    }
}

/// The pages of a listing on their way.
pub(super) struct RemotePages<'a, T> {
    remote: &'a Remote,
    listing: Listing,
    next: Next,
    hasher: RandomState,
    /// Hashes of the addresses asked and the names seen; a listing may have a million of them.
    asked: HashSet<u64>,
    seen: HashSet<u64>,
    /// How many names came, those that are none too.
    count: usize,
    idle: usize,
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
    fn read(body: &[u8]) -> Result<Names<Self>, NamesError> {
        names::repositories(body)
    }

    fn memo(remote: &Remote) -> &Memo<PageKey, Listed<Self>> {
        &remote.repository_pages
    }

    fn length(&self) -> usize {
        self.as_str().len()
    }
}

impl Name for Tag {
    fn read(body: &[u8]) -> Result<Names<Self>, NamesError> {
        names::tags(body)
    }

    fn memo(remote: &Remote) -> &Memo<PageKey, Listed<Self>> {
        &remote.tag_pages
    }

    fn length(&self) -> usize {
        self.as_str().len()
    }
}

impl Listing {
    fn question(&self) -> Question {
        match self {
            Self::Repositories => Question::Repositories,
            Self::Tags(_) => Question::Tags,
        }
    }

    fn wanted(&self) -> Wanted<'_> {
        match self {
            Self::Repositories => Wanted::Catalog,
            Self::Tags(repository) => Wanted::Repository(repository),
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Repositories => endpoint::REPOSITORIES_AT_ONCE,
            Self::Tags(_) => endpoint::TAGS_AT_ONCE,
        }
    }

    fn address(&self, base: &Url) -> Url {
        match self {
            Self::Repositories => endpoint::catalog(base),
            Self::Tags(repository) => endpoint::tags(base, repository),
        }
    }

    fn shown(&self, remote: &Remote) -> Safe {
        Safe::new(&match self {
            Self::Repositories => format!("the repositories of {}", remote.shown),
            Self::Tags(repository) => format!("the tags of {}/{repository}", remote.shown),
        })
    }
}

impl Remote {
    async fn page<T: Name>(&self, key: &PageKey) -> Result<Listed<T>, RegistryError> {
        let ask = Box::pin(self.read_page(key));
        T::memo(self).answer(key, ask, Listed::weight).await
    }

    async fn read_page<T: Name>(&self, key: &PageKey) -> Result<Listed<T>, RegistryError> {
        let (listing, at) = key;
        let size = listing.size();
        let first = |base: &Url| endpoint::paged(listing.address(base), size);
        let mut sized = at.is_none();
        let mut heard = match at {
            Some(url) => self.ask_page(listing, &|_| url.clone()).await?,
            None => self.ask_page(listing, &first).await?,
        };
        // Some registries refuse a page size they do not like, in place of taking their own.
        if sized && matches!(heard.reply.status, 400 | 405) {
            sized = false;
            let bare = |base: &Url| listing.address(base);
            heard = self.ask_page(listing, &bare).await?;
        }
        if !(200..300).contains(&heard.reply.status) {
            return Err(match at {
                None => self.refused(listing, &heard),
                Some(_) => refused_later(listing, &heard),
            });
        }
        let malformed = |error| RegistryError::malformed(Thing::Page(listing.question()), error);
        let listed = Listed {
            names: Arc::new(T::read(&heard.reply.body).map_err(malformed)?),
            next: self.next(&heard),
        };
        if sized && listed.next.is_none() && listed.count() == size {
            let listing = listing.shown(self);
            self.session.say(Event::MaybeMore { listing });
        }
        Ok(listed)
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
            accept: Some("application/json"),
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
            // A page of somebody in between, who blocks the way, is not the registry's word that there is nothing.
            (Listing::Tags(_), 404) if is_a_page(&reply.body) => {
                said(reply, listing.question(), asked_as)
            }
            (Listing::Tags(repository), 404) => RegistryError::NoRepository(repository.clone()),
            (Listing::Tags(repository), _)
                if code(&ErrorBody::read(&reply.body), reply.status) == "NAME_UNKNOWN" =>
            {
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

fn is_a_page(body: &[u8]) -> bool {
    matches!(foreign::check(body), Err(Foreign::Other(_)))
}

/// What a refusal of a later page means: never that there is no such listing, for its beginning was there. zot says 404
/// where the name went that the page was to begin after, and what comes after it is then missing from the answer
/// (threats S6).
fn refused_later(listing: &Listing, heard: &Heard) -> RegistryError {
    said(&heard.reply, listing.question(), heard.asked_as.clone())
}

impl<T: Name> Listed<T> {
    /// What it takes in memory, in bytes.
    fn weight(&self) -> usize {
        let texts: usize = self.names.valid.iter().map(Name::length).sum();
        texts + self.count() * size_of::<String>()
    }

    fn count(&self) -> usize {
        self.names.valid.len() + self.names.faults.len()
    }

    fn page<E>(&self, entry: impl Fn(T) -> E) -> Page<E> {
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
            hasher: RandomState::new(),
            asked: HashSet::new(),
            seen: HashSet::new(),
            count: 0,
            idle: 0,
            of: PhantomData,
        }
    }

    async fn turn(&mut self) -> Result<Option<Listed<T>>, RegistryError> {
        let at = match std::mem::replace(&mut self.next, Next::Over) {
            Next::Over => return Ok(None),
            Next::Broken(error) => return Err(error),
            Next::First => None,
            Next::At(url) => Some(url),
        };
        let listed = self.remote.page::<T>(&(self.listing.clone(), at)).await?;
        self.next = match &listed.next {
            None => Next::Over,
            Some(Err(error)) => Next::Broken(error.clone()),
            Some(Ok(url)) => self.follow(url, &listed.names),
        };
        Ok(Some(listed))
    }

    /// Decides about a link: whoever sends us in a circle, or on and on with nothing new, has no more to tell.
    fn follow(&mut self, url: &Url, page: &Names<T>) -> Next {
        let before = self.seen.len();
        let hashes = page.valid.iter().map(|name| self.hasher.hash_one(name));
        self.seen.extend(hashes);
        self.idle = match self.seen.len() > before {
            true => 0,
            false => self.idle + 1,
        };
        let endless = |why| {
            let question = self.listing.question();
            Next::Broken(RegistryError::Paging { question, why })
        };
        self.count += page.valid.len() + page.faults.len();
        if self.count >= self.remote.limits.listing_names {
            return endless("it goes on after more names than we take");
        }
        let is_known = !self.asked.insert(self.hasher.hash_one(url));
        match (is_known, self.idle >= IDLE_PAGES) {
            (true, _) => endless("a page links to one that was read before"),
            (false, true) => endless("its pages bring nothing new"),
            (false, false) => Next::At(url.clone()),
        }
    }
}

impl Pages<RepositoryEntry> for RemotePages<'_, Repository> {
    fn next(&mut self) -> Answer<'_, Option<Page<RepositoryEntry>>> {
        Box::pin(async move {
            let listed = self.turn().await?;
            Ok(listed.map(|listed| listed.page(|repository| RepositoryEntry { repository })))
        })
    }

    fn is_over(&self) -> bool {
        matches!(self.next, Next::Over)
    }
}

impl Pages<TagEntry> for RemotePages<'_, Tag> {
    fn next(&mut self) -> Answer<'_, Option<Page<TagEntry>>> {
        Box::pin(async move {
            let listed = self.turn().await?;
            Ok(listed.map(|listed| listed.page(named)))
        })
    }

    fn is_over(&self) -> bool {
        matches!(self.next, Next::Over)
    }
}

/// A tag that the listing only names.
fn named(tag: Tag) -> TagEntry {
    let descriptor = Ok(None);
    TagEntry { tag, descriptor }
}
