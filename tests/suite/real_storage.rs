//! What a registry stores, to the byte: the report adds up what manifests say, and the registry's data folder is what there
//! is (distribution 2.8, registry/storage/paths.go).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::support::filled_registries::{FilledRegistries, RELEASE, STAGING};
use super::support::real_user::items;

/// How many files in each registry are neither a manifest nor counted: in staging what only the attestation names, its config
/// and its statement, config and layer of the image without a tag, and what the four things hold that are attached.
const LEFT_OUT: [(&str, usize); 2] = [(STAGING, 2 + 2 + 4), (RELEASE, 0)];

#[test]
fn distinct_blobs_are_the_bytes_in_the_data_folder() {
    let Some(registries) = FilledRegistries::start() else {
        return;
    };
    let place = registries.place();
    for ((name, registry), (_, left_out)) in registries.all().zip(LEFT_OUT) {
        let param = format!("registry={name}");
        let run = ["run", "stored-size", "-p", &param, "-o", "json"];
        let rows = items(&place.run(run).exits(0).quietly());
        let stored = Stored::read(&registry.data());
        let counted = stored.counted();
        let bytes: u64 = counted.iter().map(|digest| stored.files[digest]).sum();
        assert_eq!(rows[0]["STORED"], bytes, "{name}");
        assert_eq!(rows[0]["BLOBS"], counted.len(), "{name}");
        assert_eq!(stored.other_files(&counted), left_out, "{name}");
    }
}

/// The data folder of a registry, as it lies there.
struct Stored {
    /// The size of each file, by digest: manifests are files like all others.
    files: BTreeMap<String, u64>,
    /// All manifests of all repositories, with and without a tag.
    manifests: BTreeMap<String, Value>,
    /// Repository, tag, and the digest of what the tag points to.
    tags: Vec<(String, String, String)>,
}

impl Stored {
    fn read(data: &Path) -> Self {
        let file = |digest: &str| {
            let hex = digest.strip_prefix("sha256:").expect("it is a digest");
            data.join(format!("blobs/sha256/{}/{hex}/data", &hex[..2]))
        };
        let blobs = files(&data.join("blobs/sha256")).into_iter();
        let files_by_digest = blobs.map(|path| {
            let hex = path.parent().and_then(Path::file_name).unwrap();
            let digest = format!("sha256:{}", hex.to_str().unwrap());
            (digest, fs::metadata(&path).unwrap().len())
        });
        let (mut manifests, mut tags) = (BTreeMap::new(), Vec::new());
        let repositories = data.join("repositories");
        for link in files(&repositories) {
            let path = link.strip_prefix(&repositories).unwrap().to_str().unwrap();
            let Some((repository, rest)) = path.split_once("/_manifests/") else {
                continue;
            };
            let digest = fs::read_to_string(&link).unwrap();
            let rest: Vec<&str> = rest.split('/').collect();
            match rest[..] {
                ["tags", tag, "current", "link"] => {
                    tags.push((repository.to_owned(), tag.to_owned(), digest));
                }
                ["revisions", ..] => {
                    let document = fs::read(file(&digest)).unwrap();
                    manifests.insert(digest, serde_json::from_slice(&document).unwrap());
                }
                _ => {}
            }
        }
        Self {
            files: files_by_digest.collect(),
            manifests,
            tags,
        }
    }

    /// The configs and layers of all images that tags lead to, the tags of signatures left out. Some of them are in several
    /// repositories.
    fn counted(&self) -> BTreeSet<String> {
        let is_technical = |tag: &str| tag.starts_with("sha256-");
        let tags = self.tags.iter().filter(|(_, tag, _)| !is_technical(tag));
        let with_repository = tags.flat_map(|(repository, _, digest)| {
            let blobs = self.images(digest).into_iter().flat_map(sized_blobs);
            blobs.map(|blob| (blob, repository.as_str()))
        });
        let with_repository: BTreeSet<(String, &str)> = with_repository.collect();
        let everywhere = with_repository.len();
        let distinct = with_repository.into_iter().map(|(blob, _)| blob);
        let distinct: BTreeSet<String> = distinct.collect();
        assert!(distinct.len() < everywhere, "repositories share nothing");
        distinct
    }

    /// The images behind a digest: of an index its children, attestations left out.
    fn images(&self, digest: &str) -> Vec<&Value> {
        let manifest = &self.manifests[digest];
        let Some(children) = manifest["manifests"].as_array() else {
            return vec![manifest];
        };
        let images = children
            .iter()
            .filter(|child| child["platform"]["os"] != "unknown");
        images
            .map(|child| &self.manifests[text(&child["digest"])])
            .collect()
    }

    /// How many files are neither a manifest nor counted. Some manifest names each of them.
    fn other_files(&self, counted: &BTreeSet<String>) -> usize {
        let named = self.manifests.values().flat_map(|manifest| {
            let first_format = members(manifest, "fsLayers").map(|layer| &layer["blobSum"]);
            let first_format = first_format.map(|digest| text(digest).to_owned());
            first_format.chain(sized_blobs(manifest))
        });
        let named: BTreeSet<String> = named.collect();
        let is_manifest = |digest: &&String| self.manifests.contains_key(*digest);
        let files = self.files.keys().filter(|digest| !is_manifest(digest));
        let files: BTreeSet<String> = files.cloned().collect();
        assert_eq!(files, named);
        files.difference(counted).count()
    }
}

/// The config and the layers of a manifest, which say how large they are; none for an image in the first format.
fn sized_blobs(manifest: &Value) -> Vec<String> {
    let config = manifest.get("config").into_iter();
    let blobs = config.chain(members(manifest, "layers"));
    blobs.map(|blob| text(&blob["digest"]).to_owned()).collect()
}

fn members<'a>(document: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    document[list].as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("this member is a text")
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.unwrap().path());
    let below = paths.flat_map(|path| match path.is_dir() {
        true => files(&path),
        false => vec![path],
    });
    below.collect()
}
