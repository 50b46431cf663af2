//! Image layouts for tests, described in a few words, the same bytes every time, and broken on purpose.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use regq::limits::Limits;
use regq::registry::{Form, Layout, LayoutRoot};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::archive;
use super::attachment::Attachment;
use super::image::{Blobs, Content};

/// A layout that is being described.
#[derive(Default)]
pub(crate) struct TestLayout {
    blobs: Blobs,
    entries: Vec<Value>,
    tagged: BTreeMap<String, Value>,
    damages: Vec<(String, Damage)>,
}

/// Which blob of an image is broken.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Manifest,
    Config,
}

/// How a blob is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    /// It is not there.
    Missing,
    /// One bit is another.
    Flipped,
    /// One byte is gone.
    Shortened,
    /// One byte is too many.
    Lengthened,
    /// It is a folder.
    Folder,
    /// It is a link to the same bytes outside the layout.
    #[cfg(unix)]
    Link,
    /// It is a named pipe that nobody writes to.
    #[cfg(unix)]
    Pipe,
}

/// A layout on disk, gone when dropped.
pub(crate) struct Written {
    dir: TempDir,
}

impl TestLayout {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Tags some content `REPOSITORY:TAG`, in both annotations as buildx does.
    pub(crate) fn tag(self, name: &str, content: impl Content) -> Self {
        let tag = name
            .rsplit_once(':')
            .expect("a test names a tag")
            .1
            .to_owned();
        self.tag_as(
            name,
            json!({
                "io.containerd.image.name": format!("acme.example/{name}"),
                "org.opencontainers.image.ref.name": tag,
            }),
            content,
        )
    }

    /// Lists some content under a `ref.name` and nothing else, as skopeo does.
    pub(crate) fn ref_name(self, name: &str, content: impl Content) -> Self {
        let annotations = json!({"org.opencontainers.image.ref.name": name});
        self.tag_as(name, annotations, content)
    }

    fn tag_as(mut self, name: &str, annotations: Value, content: impl Content) -> Self {
        let descriptor = content.store(&mut self.blobs);
        let mut entry = descriptor.clone();
        entry["annotations"] = annotations;
        self.tagged.insert(name.to_owned(), descriptor);
        self.entry(entry)
    }

    /// Attaches something to what was tagged `name`, and lists it under no name, as oras does.
    pub(crate) fn attach(mut self, name: &str, thing: &Attachment) -> Self {
        let thing = thing.clone().to(&self.tagged[name]);
        let entry = thing.entry(&mut self.blobs);
        self.entry(entry)
    }

    /// Adds an entry to `index.json` as it is.
    pub(crate) fn entry(mut self, entry: Value) -> Self {
        self.entries.push(entry);
        self
    }

    /// Breaks one blob of what was tagged `name`.
    pub(crate) fn damage(mut self, name: &str, part: Part, damage: Damage) -> Self {
        let manifest = self.digest(name);
        let digest = match part {
            Part::Manifest => manifest,
            Part::Config => {
                let manifest = &self.blobs[&manifest];
                let manifest: Value = serde_json::from_slice(manifest).expect("a manifest is JSON");
                text(&manifest["config"]["digest"])
            }
        };
        self.damages.push((digest, damage));
        self
    }

    /// The digest of what was tagged `name`.
    pub(crate) fn digest(&self, name: &str) -> String {
        text(&self.tagged[name]["digest"])
    }

    /// All files, by path, before anything is broken.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let index = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": self.entries,
        });
        let blobs = self.blobs.iter();
        let blobs = blobs.map(|(digest, content)| (blob_path(digest), content.clone()));
        let marker = br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec();
        blobs
            .chain([
                ("index.json".to_owned(), index.to_string().into_bytes()),
                ("oci-layout".to_owned(), marker),
            ])
            .collect()
    }

    /// Writes the files below `folder` and breaks what is to be broken.
    pub(crate) fn write_to(&self, folder: &Path) {
        for (path, content) in self.files() {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("a file is in a folder")).unwrap();
            fs::write(path, content).unwrap();
        }
        for (digest, damage) in &self.damages {
            damage.inflict(&folder.join(blob_path(digest)));
        }
    }

    /// Writes the layout into a folder `layout` of a new temporary folder.
    pub(crate) fn write(&self) -> Written {
        let written = Written {
            dir: TempDir::new().expect("there is room for a folder"),
        };
        self.write_to(&written.path());
        written
    }
}

impl Written {
    /// The layout's folder.
    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("layout")
    }

    /// The folder around it.
    pub(crate) fn outside(&self) -> &Path {
        self.dir.path()
    }

    /// Opens it as the command line would.
    pub(crate) fn open(&self) -> Layout {
        self.open_with(Limits::default())
    }

    /// Opens it with other bounds.
    pub(crate) fn open_with(&self, limits: Limits) -> Layout {
        Layout::open(LayoutRoot::anywhere(self.path()), "oci:layout", limits)
    }

    /// Opens it as a folder, as a tar file, and as a packed one.
    pub(crate) fn forms(&self) -> [Layout; 3] {
        self.forms_with(&Limits::default())
    }

    /// Opens it in every form, with other bounds.
    pub(crate) fn forms_with(&self, limits: &Limits) -> [Layout; 3] {
        let plain = archive::packed(&self.path());
        let archived = |file: &str, content: &[u8]| {
            let path = self.outside().join(file);
            fs::write(&path, content).unwrap();
            let root = LayoutRoot::anywhere(path).with(Form::OciArchive);
            Layout::open(root, format!("oci-archive:{file}"), limits.clone())
        };
        [
            self.open_with(limits.clone()),
            archived("layout.tar", &plain),
            archived("layout.tgz", &archive::gzip(&plain)),
        ]
    }
}

impl Damage {
    fn inflict(self, path: &Path) {
        let content = fs::read(path).expect("a blob is broken once");
        fs::remove_file(path).unwrap();
        match self {
            Self::Missing => {}
            Self::Flipped => {
                let mut content = content;
                content[0] ^= 1;
                fs::write(path, content).unwrap();
            }
            Self::Shortened => fs::write(path, &content[1..]).unwrap(),
            Self::Lengthened => fs::write(path, [content, vec![b'\n']].concat()).unwrap(),
            Self::Folder => fs::create_dir(path).unwrap(),
            #[cfg(unix)]
            Self::Link => {
                let target = path.with_extension("target");
                fs::write(&target, content).unwrap();
                std::os::unix::fs::symlink(target, path).unwrap();
            }
            #[cfg(unix)]
            Self::Pipe => make_pipe(path),
        }
    }
}

/// Makes a named pipe.
#[cfg(unix)]
pub(crate) fn make_pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.expect("`mkfifo` is part of every Unix").success());
}

fn blob_path(digest: &str) -> String {
    format!("blobs/{}", digest.replace(':', "/"))
}

fn text(value: &Value) -> String {
    value.as_str().expect("this member is a text").to_owned()
}
