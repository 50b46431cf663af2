//! Registries by chance: small enough to collide, odd enough to matter.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use regq::value::Value;
use serde_json::json;

use super::attachment::{Attachment, COSIGN_SIGN, NOTATION, SLSA, SPDX, cosign_tag};
use super::image::{Artifact, Image, Index, Nested, Schema1};
use super::model::{Listing, Model};

const NAMES: [&str; 12] = [
    "app:1.0.0",
    "app:1.10.0",
    "app:1.2.0",
    "app:latest",
    "lib:1.0.0",
    "lib:v2",
    "team/app:1.0.0",
    "team/app:1.2.0-rc.1",
    "team/app:latest",
    "team/b:1",
    "team/b:2",
    "team/b:10",
];
const PLATFORMS: [&str; 3] = ["linux/amd64", "linux/arm64", "windows/amd64"];
const TIMES: [&str; 3] = [
    "2024-01-10T20:03:58Z",
    "2025-02-11T09:12:44.5Z",
    "0001-01-01T00:00:00Z",
];
const OWNERS: [&str; 3] = ["a", "b", "7"];

/// What a tag points to.
#[derive(Debug, Clone)]
enum Thing {
    Image(Facts),
    Index(Vec<Facts>),
    Attested(Vec<Facts>),
    Nested(Vec<Facts>),
    Artifact,
    Schema1,
}

/// One image.
#[derive(Debug, Clone)]
struct Facts {
    platform: &'static str,
    created: Option<&'static str>,
    owner: Option<&'static str>,
    layers: usize,
}

/// What is attached to what a tag points to, or to the first image of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extra {
    Notation,
    Sbom,
    Provenance,
    /// A bundle of which the listing says too little.
    Bare(&'static str),
    /// What stands under a tag of cosign.
    Tagged(&'static str),
    /// A signature of the image, and not of the index.
    OfImage,
}

/// What befalls a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Fine,
    Vanished,
    NoHead,
    NoManifest,
    NoAnswer,
    NoChild,
    NoConfig,
    NoReferrers,
    NoTagOfCosign,
    NoStatement,
}

/// A registry.
#[derive(Debug, Clone)]
pub(crate) struct RandomWorld {
    tags: Vec<(&'static str, Thing, Fate)>,
    extras: Vec<Vec<Extra>>,
    broken_listing: Option<&'static str>,
    backwards: bool,
    carries_descriptors: bool,
    page: usize,
    seed: u64,
}

fn facts() -> impl Strategy<Value = Facts> {
    let parts = (
        select(&PLATFORMS[..]),
        option::of(select(&TIMES[..])),
        option::of(select(&OWNERS[..])),
        0..3_usize,
    );
    parts.prop_map(|(platform, created, owner, layers)| Facts {
        platform,
        created,
        owner,
        layers,
    })
}

fn thing() -> impl Strategy<Value = Thing> {
    prop_oneof![
        4 => facts().prop_map(Thing::Image),
        3 => vec(facts(), 0..4).prop_map(Thing::Index),
        2 => vec(facts(), 1..4).prop_map(Thing::Attested),
        1 => vec(facts(), 1..3).prop_map(Thing::Nested),
        1 => Just(Thing::Artifact),
        1 => Just(Thing::Schema1),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    use Fate::*;
    prop_oneof![
        6 => Just(Fine),
        4 => select(vec![Vanished, NoHead, NoManifest, NoAnswer, NoChild, NoConfig]),
        2 => select(vec![NoReferrers, NoTagOfCosign, NoStatement]),
    ]
}

fn extras() -> impl Strategy<Value = Vec<Extra>> {
    use Extra::{Bare, Notation, OfImage, Provenance, Sbom, Tagged};
    let some = [
        Notation,
        Sbom,
        Provenance,
        Bare(COSIGN_SIGN),
        Bare(SLSA),
        Tagged("sig"),
        Tagged("att"),
        Tagged("sbom"),
        OfImage,
    ];
    prop_oneof![2 => Just(Vec::new()), 1 => vec(select(some.to_vec()), 1..4)]
}

/// A registry in which nothing goes wrong.
pub(crate) fn sound_world() -> impl Strategy<Value = RandomWorld> {
    let tags = btree_map(select(&NAMES[..]), thing(), 0..NAMES.len());
    let extras = vec(extras(), NAMES.len());
    (
        tags,
        extras,
        any::<bool>(),
        any::<bool>(),
        1..5_usize,
        any::<u32>(),
    )
        .prop_map(
            |(tags, extras, backwards, carries_descriptors, page, seed)| RandomWorld {
                extras,
                tags: tags
                    .into_iter()
                    .map(|(name, thing)| (name, thing, Fate::Fine))
                    .collect(),
                broken_listing: None,
                backwards,
                carries_descriptors,
                page,
                seed: seed.into(),
            },
        )
}

/// A registry in which some things go wrong.
pub(crate) fn broken_world() -> impl Strategy<Value = RandomWorld> {
    let listings = [
        "tags app 1",
        "tags lib 2",
        "tags team/b 2",
        "repositories 2",
    ];
    let fates = vec(fate(), NAMES.len());
    let broken_listing = option::of(select(listings.to_vec()));
    (sound_world(), fates, broken_listing).prop_map(|(mut world, fates, broken_listing)| {
        for (tag, fate) in world.tags.iter_mut().zip(fates) {
            tag.2 = fate;
        }
        RandomWorld {
            broken_listing,
            ..world
        }
    })
}

impl RandomWorld {
    /// Makes the registry.
    pub(crate) fn model(&self) -> Model {
        let order = if self.backwards {
            Listing::Backwards
        } else {
            Listing::Natural
        };
        let mut model = Model::new("chance")
            .paged(self.page)
            .listing(order)
            .slow(self.seed);
        if self.carries_descriptors {
            model = model.carrying_descriptors();
        }
        for (name, thing, _) in &self.tags {
            model = thing.tag(model, name);
        }
        for ((name, _, _), extras) in self.tags.iter().zip(&self.extras) {
            model = extras
                .iter()
                .fold(model, |model, extra| extra.attach(model, name));
        }
        for (name, _, fate) in &self.tags {
            model = fate.befall(model, name);
        }
        match self.broken_listing {
            Some(listing) => model.breaking(listing),
            None => model,
        }
    }

    /// `REPOSITORY:TAG` of all tags, in natural order.
    pub(crate) fn names(&self) -> Vec<(&'static str, &'static str)> {
        let names = self
            .tags
            .iter()
            .filter_map(|(name, _, _)| name.split_once(':'));
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names
    }
}

impl Thing {
    fn tag(&self, model: Model, name: &str) -> Model {
        let index = |images: &[Facts]| Index::of(images.iter().map(Facts::image));
        match self {
            Self::Image(facts) => model.tag(name, facts.image()),
            Self::Index(images) => model.tag(name, index(images)),
            Self::Attested(images) => {
                let says = [
                    (SLSA, json!({"of": "the first"})),
                    ("https://spdx.dev/Document", json!({})),
                ];
                model.tag(name, index(images).attested_by(0, &says))
            }
            Self::Nested(images) => model.tag(name, Nested(index(images))),
            Self::Artifact => model.tag(name, Artifact("application/vnd.acme.report")),
            Self::Schema1 => model.tag(name, Schema1("2015-03-01T12:00:00Z")),
        }
    }
}

impl Facts {
    fn image(&self) -> Image {
        let image = (0..self.layers).fold(Image::new().platform(self.platform), |image, at| {
            image.layer(&format!("step {at}"), 100)
        });
        let image = self
            .created
            .iter()
            .fold(image, |image, time| image.created(time));
        self.owner
            .iter()
            .fold(image, |image, owner| image.label("owner", owner))
    }
}

impl Extra {
    fn attach(self, model: Model, name: &str) -> Model {
        let top = model.digest(name);
        let says = json!({"name": name});
        match self {
            Self::Notation => model.attach(name, &Attachment::of(NOTATION)),
            Self::Sbom => model.attach(name, &Attachment::of(SPDX).annotation("a", "b")),
            Self::Provenance => model.attach(name, &Attachment::bundle(SLSA, &says)),
            Self::Bare(kind) => model.attach_bare(name, &Attachment::bundle(kind, &says)),
            Self::OfImage => match children(&model, &top).first() {
                Some(image) => model.attach_to(image, &Attachment::by_notation()),
                None => model,
            },
            Self::Tagged(kind) => {
                let (repository, _) = name.split_once(':').expect("a name has a tag");
                let tag = format!("{repository}:{}", cosign_tag(&top, kind));
                match kind {
                    "att" => model.tag(&tag, Attachment::attested(SLSA, &says)),
                    _ => model.tag(&tag, Attachment::by_cosign()),
                }
            }
        }
    }
}

impl Fate {
    fn befall(self, model: Model, name: &str) -> Model {
        let top = model.digest(name);
        let children = children(&model, &top);
        let (repository, _) = name.split_once(':').expect("a name has a tag");
        let manifest = |digest: &String| format!("manifest {digest}");
        let config = |digest: &String| text(&model.blob(digest), &["config", "digest"]);
        let images: Vec<String> = std::iter::once(top.clone())
            .chain(children.clone())
            .collect();
        let broken: Vec<String> = match self {
            Self::Fine => Vec::new(),
            Self::Vanished => return model.without(name),
            Self::NoHead => vec![format!("head {top}")],
            Self::NoManifest => vec![manifest(&top)],
            Self::NoAnswer => vec![format!("head {top}"), manifest(&top)],
            Self::NoChild => children.first().map(manifest).into_iter().collect(),
            Self::NoReferrers => vec![format!("referrers {top}")],
            Self::NoTagOfCosign => vec![format!("find {repository}:{}", cosign_tag(&top, "sig"))],
            Self::NoStatement => children
                .last()
                .and_then(|last| layer(&model, last))
                .into_iter()
                .collect(),
            Self::NoConfig => images
                .iter()
                .filter_map(config)
                .map(|digest| format!("config {digest}"))
                .collect(),
        };
        broken
            .iter()
            .fold(model, |model, request| model.breaking(request))
    }
}

/// The digests of all that an index holds, at any depth.
fn children(model: &Model, digest: &str) -> Vec<String> {
    let document = model.blob(digest);
    let listed = document
        .get("manifests")
        .and_then(Value::as_list)
        .unwrap_or_default();
    let own = listed.iter().filter_map(|child| text(child, &["digest"]));
    own.flat_map(|child| {
        let below = children(model, &child);
        std::iter::once(child).chain(below)
    })
    .collect()
}

/// The request for the first layer of a manifest, as a statement.
fn layer(model: &Model, digest: &str) -> Option<String> {
    let manifest = model.blob(digest);
    let layers = manifest.get("layers").and_then(Value::as_list)?;
    Some(format!("statement {}", text(layers.first()?, &["digest"])?))
}

fn text(document: &Value, path: &[&str]) -> Option<String> {
    Some(document.at(path)?.as_text()?.to_owned())
}

/// A registry whose listing says of an image what it is, and then refuses its manifest; a build attestation is attached.
pub(crate) fn refuses_a_manifest() -> RandomWorld {
    let image = Facts {
        platform: "linux/amd64",
        created: None,
        owner: None,
        layers: 0,
    };
    RandomWorld {
        tags: vec![("app:1.0.0", Thing::Image(image), Fate::NoManifest)],
        extras: vec![vec![Extra::Provenance]; 12],
        broken_listing: None,
        backwards: false,
        carries_descriptors: true,
        page: 1,
        seed: 0,
    }
}
