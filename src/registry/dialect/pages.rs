//! Pages of a vendor's listing: documents, one after another, as long as they bring something new.
//!
//! What a page says is each dialect's own; that pages chain, that a link stays in its listing, and that there is an end
//! is the same for all (threats B4, B5).

use std::hash::Hash;

use url::Url;

use crate::oci::{Platform, Repository};
use crate::registry::error::{Class, Question, Thing, Unsafe, outside};
use crate::registry::remote::{Chain, Door, Fetched, Remote};
use crate::registry::talk::Event;
use crate::registry::wire::link;
use crate::registry::{
    Answer, Detail, Details, ManifestEntry, Page, Pages, Registry, RegistryError, RepositoryEntry,
    TagEntry, Told,
};
use crate::safe::Safe;
use crate::value::Value;

/// A listing of a vendor.
pub(super) trait VendorListing: Send + Sync {
    /// What it lists.
    type Entry: Entry;

    /// Where it is asked.
    fn door(&self) -> Door<'_>;

    /// The address of its first page, below the base of what is behind the door.
    fn first(&self, base: &Url) -> Url;

    /// What it lists, for errors.
    fn question(&self) -> Question;

    /// Reads a page.
    ///
    /// Errors: a refusal; a document that is not what it should be.
    fn read(&self, page: &Fetched) -> Result<VendorPage<Self::Entry>, RegistryError>;
}

/// Something that is listed under a name.
pub(super) trait Entry: Send {
    /// The name's type.
    type Name: Hash;
    /// The name.
    fn name(&self) -> &Self::Name;
}

/// One page, as a dialect reads it.
pub(super) struct VendorPage<E> {
    /// What it lists.
    pub(super) entries: Vec<E>,
    /// What it lists that cannot be asked.
    pub(super) faults: Vec<RegistryError>,
    /// How many entries the whole listing has, where the page says so.
    pub(super) of: Option<usize>,
    /// Where the next page is.
    pub(super) next: Onward,
}

impl<E> VendorPage<E> {
    /// What comes after the last page.
    pub(super) fn empty() -> Self {
        Self {
            entries: Vec::new(),
            faults: Vec::new(),
            of: None,
            next: Onward::End,
        }
    }

    /// A page of such documents. One that cannot be read is a fault, and the others are there all the same.
    pub(super) fn of(
        documents: &[Value],
        next: Onward,
        entry: impl Fn(&Value) -> Result<E, RegistryError>,
    ) -> Self {
        Self::collect(documents.iter().map(entry), next)
    }

    /// A page of what was read, be it entries or faults.
    pub(super) fn collect(
        read: impl Iterator<Item = Result<E, RegistryError>>,
        next: Onward,
    ) -> Self {
        let (mut entries, mut faults) = (Vec::with_capacity(read.size_hint().0), Vec::new());
        for entry in read {
            match entry {
                Ok(entry) => entries.push(entry),
                Err(fault) => faults.push(fault),
            }
        }
        Self {
            entries,
            faults,
            of: None,
            next,
        }
    }
}

/// The list that a page holds under a name; a missing one is empty.
///
/// Errors: it is none.
pub(super) fn list_of<'d>(
    document: &'d Value,
    member: &str,
    question: Question,
) -> Result<&'d [Value], RegistryError> {
    match document.get(member) {
        None | Some(Value::Null) => Ok(&[]),
        Some(list) => list.as_list().ok_or_else(|| {
            let cause = format!("its `{member}` are no list");
            RegistryError::malformed(Thing::Page(question), cause)
        }),
    }
}

/// A manifest that is listed under this digest, with the tags that point to it. A tag that is no name is not left out:
/// what it points to would look as if nothing did (threats S6).
///
/// Errors: it is no digest, or one of them is no tag.
pub(super) fn manifest_entry<'t>(
    digest: &str,
    tags: impl Iterator<Item = Option<&'t str>>,
    told: Told,
) -> Result<ManifestEntry, RegistryError> {
    let malformed = |cause| RegistryError::malformed(Thing::Page(Question::Manifests), cause);
    let tag = |tag: Option<&str>| {
        let tag = tag.ok_or_else(|| malformed("one of its tags is not a text"))?;
        tag.parse()
            .map_err(|_| RegistryError::InvalidTag(outside(tag)))
    };
    let digest = digest.parse();
    Ok(ManifestEntry {
        digest: digest.map_err(|_| malformed("a manifest in it has no digest"))?,
        descriptor: None,
        tags: tags.map(tag).collect::<Result<_, _>>()?,
        children: None,
        told,
    })
}

/// A repository that is listed by this name.
///
/// Errors: it is no name.
pub(super) fn repository_entry(name: &str, told: Told) -> Result<RepositoryEntry, RegistryError> {
    match name.parse() {
        Ok(repository) => Ok(RepositoryEntry { repository, told }),
        Err(_) => Err(RegistryError::InvalidRepository(outside(name))),
    }
}

/// A tag that is listed by this name.
///
/// Errors: it is no name.
pub(super) fn tag_entry(name: &str, told: Told) -> Result<TagEntry, RegistryError> {
    match name.parse() {
        Ok(tag) => Ok(TagEntry {
            told,
            ..TagEntry::named(tag)
        }),
        Err(_) => Err(RegistryError::InvalidTag(outside(name))),
    }
}

/// Facts that came along. A whole document is kept only where it is wanted; the rest costs little.
pub(super) fn told<const N: usize>(facts: [(Detail, Option<Value>); N], wanted: Details) -> Told {
    const DOCUMENTS: Details = Details::of(&[
        Detail::VendorRepository,
        Detail::VendorTag,
        Detail::VendorManifest,
    ]);
    let is_kept = |detail| !DOCUMENTS.contains(detail) || wanted.contains(detail);
    let kept = facts.into_iter().filter(|(detail, _)| is_kept(*detail));
    kept.filter_map(|(detail, value)| Some((detail, value?)))
        .collect()
}

/// The platforms of a tag's images, attestations left out; none where not all of them say what they are for.
pub(super) fn platforms<'v>(images: impl Iterator<Item = &'v Value>) -> Option<Value> {
    let all: Vec<Platform> = images.map(Platform::read).collect::<Option<_>>()?;
    // An attestation says so of itself.
    let runs = all.into_iter().filter(|platform| !platform.is_unknown());
    let runs: Vec<Value> = runs
        .map(|platform| Value::from(platform.to_string()))
        .collect();
    (!runs.is_empty()).then(|| Value::list(runs))
}

/// Why a vendor that lists below a namespace only lists nothing when asked for all.
pub(super) fn needs_namespace(vendor: &'static str) -> RegistryError {
    let below = true;
    RegistryError::NoListing { vendor, below }
}

/// Where a listing goes on.
pub(super) enum Onward {
    /// Nowhere: this was the last page.
    End,
    /// At this address, which a document gives.
    At(String),
    /// Where the header `Link` says, if it says anything.
    Linked,
    /// Likewise, where the path of the link may be another name of the listing: only its query counts.
    LinkedByQuery,
}

impl Entry for RepositoryEntry {
    type Name = crate::oci::Repository;

    fn name(&self) -> &Self::Name {
        &self.repository
    }
}

impl Entry for TagEntry {
    type Name = crate::oci::Tag;

    fn name(&self) -> &Self::Name {
        &self.tag
    }
}

impl Entry for ManifestEntry {
    type Name = crate::oci::Digest;

    fn name(&self) -> &Self::Name {
        &self.digest
    }
}

/// The pages of a vendor's listing on their way. A name comes once.
pub(super) struct VendorPages<'a, L> {
    remote: &'a Remote,
    listing: L,
    next: Next,
    chain: Chain,
    /// The most entries that a page said the listing has.
    of: usize,
}

enum Next {
    First,
    At(Url),
    /// The listing cannot go on, which is said when it is asked for more.
    Broken(RegistryError),
    Over,
}

impl<'a, L: VendorListing> VendorPages<'a, L> {
    pub(super) fn new(remote: &'a Remote, listing: L) -> Self {
        Self {
            remote,
            listing,
            next: Next::First,
            chain: Chain::default(),
            of: 0,
        }
    }

    /// Tells whether a name was listed.
    pub(super) fn has_listed(&self, name: &<L::Entry as Entry>::Name) -> bool {
        self.chain.has_seen(name)
    }

    /// What is listed, for errors.
    pub(super) fn question(&self) -> Question {
        self.listing.question()
    }

    /// Tells whether fewer names came than the vendor said there are: some were passed over, or moved while pages were
    /// turned.
    pub(super) fn lacks_some(&self) -> bool {
        self.chain.different() < self.of
    }

    async fn turn(&mut self) -> Result<Option<Page<L::Entry>>, RegistryError> {
        let question = self.listing.question();
        let fetched = match std::mem::replace(&mut self.next, Next::Over) {
            Next::Over => return Ok(None),
            Next::Broken(error) => return Err(error),
            Next::First => {
                let first = |base: &Url| self.listing.first(base);
                let door = self.listing.door();
                self.remote.fetch(door, &first, &question).await?
            }
            Next::At(url) => {
                let at = |_: &Url| url.clone();
                let door = self.listing.door();
                self.remote.fetch(door, &at, &question).await?
            }
        };
        let page = self.listing.read(&fetched)?;
        self.of = self.of.max(page.of.unwrap_or_default());
        let mut entries = page.entries;
        entries.retain(|entry| !self.chain.has_seen(entry.name()));
        let (names, others) = (entries.iter().map(Entry::name), page.faults.len());
        self.chain.saw(names, others);
        self.next = self.onward(page.next, &fetched, &question);
        Ok(Some(Page {
            entries,
            faults: page.faults,
        }))
    }

    fn onward(&mut self, next: Onward, page: &Fetched, question: &Question) -> Next {
        let link = match next {
            Onward::End => Ok(None),
            Onward::At(target) => link::follow(&target, &page.url).map(Some),
            Onward::Linked => link::next(page.reply.all("link"), &page.url),
            Onward::LinkedByQuery => link::next_by_query(page.reply.all("link"), &page.url),
        };
        match link {
            Ok(None) => Next::Over,
            Ok(Some(url)) => {
                let most = self.remote.limits().listing_names;
                match self.chain.follow(&url, most, question) {
                    Ok(()) => Next::At(url),
                    Err(error) => Next::Broken(error),
                }
            }
            Err(why) => Next::Broken(
                self.remote
                    .not_safe(Unsafe::Link(outside(&why.to_string()))),
            ),
        }
    }
}

impl<L: VendorListing> Pages<L::Entry> for VendorPages<'_, L> {
    fn next(&mut self) -> Answer<'_, Option<Page<L::Entry>>> {
        Box::pin(self.turn())
    }

    fn is_over(&self) -> bool {
        matches!(self.next, Next::Over)
    }
}

/// The pages of the first of several listings that is there: what is one path may be one thing or another, and nothing but
/// asking tells which.
pub(super) struct FirstOf<'a, L> {
    remote: &'a Remote,
    /// Those that may be there, the first to be asked last.
    rest: Vec<L>,
    pages: Option<VendorPages<'a, L>>,
    /// What was said of the first that is not there.
    absent: Option<RegistryError>,
}

impl<'a, L: VendorListing> FirstOf<'a, L> {
    pub(super) fn new(remote: &'a Remote, listings: impl Iterator<Item = L>) -> Self {
        let mut rest: Vec<L> = listings.collect();
        rest.reverse();
        Self {
            remote,
            rest,
            pages: None,
            absent: None,
        }
    }

    async fn turn(&mut self) -> Result<Option<Page<L::Entry>>, RegistryError> {
        if let Some(pages) = &mut self.pages {
            return pages.next().await;
        }
        while let Some(listing) = self.rest.pop() {
            let mut pages = VendorPages::new(self.remote, listing);
            match pages.next().await {
                Err(RegistryError::Status(status)) if status.status == 404 => {
                    let error = RegistryError::Status(status);
                    self.absent.get_or_insert(error);
                }
                page => {
                    self.rest.clear();
                    self.absent = None;
                    self.pages = Some(pages);
                    return page;
                }
            }
        }
        self.absent.take().map_or(Ok(None), Err)
    }
}

impl<L: VendorListing> Pages<L::Entry> for FirstOf<'_, L> {
    fn next(&mut self) -> Answer<'_, Option<Page<L::Entry>>> {
        Box::pin(self.turn())
    }

    fn is_over(&self) -> bool {
        match &self.pages {
            Some(pages) => pages.is_over(),
            None => self.rest.is_empty() && self.absent.is_none(),
        }
    }
}

/// The tags of a repository, as they are called in what is said of them.
pub(super) fn tags_of(remote: &Remote, repository: &Repository) -> String {
    format!("the tags of {}/{repository}", remote.name())
}

/// Decides whether the registry's own list of this is a way on after an error, and says that it is taken.
///
/// Errors: it is none.
pub(super) fn fall_back(
    remote: &Remote,
    listing: &str,
    error: RegistryError,
) -> Result<(), RegistryError> {
    match &error {
        // Only the registry can tell that there is no such repository.
        RegistryError::Status(status) if status.status == 404 => return Ok(()),
        RegistryError::Paging { .. } | RegistryError::TooMany(_) => return Err(error),
        error if error.class() == Class::Unsafe => return Err(error.clone()),
        _ => {}
    }
    remote.say(Event::NamesOnly {
        listing: Safe::new(listing),
        why: outside(&error.to_string()),
    });
    Ok(())
}

/// Reads a page that is a list of documents.
///
/// Errors: it is none.
pub(super) fn entries<E>(
    list: &Value,
    question: Question,
    entry: impl Fn(&Value) -> Result<E, RegistryError>,
    next: Onward,
) -> Result<VendorPage<E>, RegistryError> {
    Ok(VendorPage::of(documents(list, question)?, next, entry))
}

/// The documents of a page that is a list of them.
///
/// Errors: it is none.
pub(super) fn documents(list: &Value, question: Question) -> Result<&[Value], RegistryError> {
    list.as_list().ok_or_else(|| {
        let cause = "it is no list";
        RegistryError::malformed(Thing::Page(question), cause)
    })
}

/// A name as one segment of a path: its slashes are no longer those of the path. Nothing else in a name of the grammar
/// needs it.
pub(super) fn one_segment(name: &str) -> String {
    name.replace('/', "%2F")
}

/// No pages, or the reason why there are none.
pub(super) struct NoPages(Option<RegistryError>);

impl NoPages {
    pub(super) fn none() -> Self {
        Self(None)
    }

    pub(super) fn because(error: RegistryError) -> Self {
        Self(Some(error))
    }
}

impl<T> Pages<T> for NoPages {
    fn next(&mut self) -> Answer<'_, Option<Page<T>>> {
        let error = self.0.take();
        Box::pin(async move { error.map_or(Ok(None), Err) })
    }

    fn is_over(&self) -> bool {
        self.0.is_none()
    }
}

/// Turns pages until something is found; what is not listed is told nothing of.
pub(super) async fn find<E>(
    mut pages: Box<dyn Pages<E> + '_>,
    found: impl Fn(E) -> Option<Told>,
) -> Result<Told, RegistryError> {
    while let Some(page) = pages.next().await? {
        if let Some(told) = page.entries.into_iter().find_map(&found) {
            return Ok(told);
        }
    }
    Ok(Told::new())
}
