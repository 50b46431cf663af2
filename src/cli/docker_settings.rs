//! What Docker's `config.json` says of us: the settings under `plugins.regq`, and the folders in which docker looks for
//! plugins besides its own.
//!
//! Docker keeps texts there and nothing else, and only what is under `plugins` survives when it writes the file anew.
//! Nothing that lowers security can be set here (threats G1). The file may hold secrets, so nothing of it is repeated but
//! the names of settings, and of those that are ours the value.

use std::path::{Path, PathBuf};

use super::plugin::NAME;
use super::report::UsageError;
use crate::diagnostic::nearest;
use crate::registry::{ConfigError, ConfigFile};
use crate::render::Format;
use crate::safe::Safe;
use crate::value::Value;

/// A setting: what it is called, what it takes, what it is for.
pub(super) struct Setting {
    /// Its key under `plugins.regq`.
    pub(super) key: &'static str,
    /// What it takes, as a message puts it.
    takes: &'static str,
    /// What help says of it.
    pub(super) about: &'static str,
}

const OUTPUT: Setting = Setting {
    key: "output",
    takes: "a format of `-o`, such as `json`",
    about: "how rows are printed where neither `-o`, nor the query, nor your `regq/config.yaml` says",
};
const QUERY_DIR: Setting = Setting {
    key: "queryDir",
    takes: "the absolute path of a folder",
    about: "a folder of saved queries, whoever owns them, looked into before those that come with the program",
};

/// All settings.
pub(super) const ALL: [&Setting; 2] = [&OUTPUT, &QUERY_DIR];

/// What docker itself keeps for every plugin: after which commands it is called (docker/cli, `cli-plugins/hooks`).
const DOCKERS_OWN: [&str; 2] = ["hooks", "error-hooks"];

/// What the file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DockerSettings {
    /// How results are printed where nobody says.
    pub(super) output: Option<Format>,
    /// A folder of saved queries.
    pub(super) query_dir: Option<PathBuf>,
}

/// Why there are no settings.
pub(super) enum Unread {
    /// The file cannot be read at all, which docker and whoever needs its credentials will say too.
    File(ConfigError),
    /// What is set is wrong.
    Setting(UsageError),
}

/// Reads the file of a folder, if it is there.
///
/// Errors: it cannot be read; a setting that there is not, or with a value that it does not take.
pub(super) fn load(folder: &Path) -> Result<DockerSettings, Unread> {
    match file(folder).map_err(Unread::File)? {
        Some(file) => Reader { file: &file }.read().map_err(Unread::Setting),
        None => Ok(DockerSettings::default()),
    }
}

/// The folders that docker looks into before its user's, as they are written. What docker cannot read either is none.
///
/// Errors: the file cannot be read.
pub(super) fn extra_folders(folder: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let file = file(folder)?;
    let listed = file.as_ref().and_then(|file| {
        let listed = file.value().get("cliPluginsExtraDirs")?;
        listed.as_list()
    });
    let texts = listed.into_iter().flatten().filter_map(Value::as_text);
    Ok(texts.map(PathBuf::from).collect())
}

fn file(folder: &Path) -> Result<Option<ConfigFile>, ConfigError> {
    ConfigFile::read(&folder.join("config.json"))
}

struct Reader<'a> {
    file: &'a ConfigFile,
}

impl Reader<'_> {
    fn read(&self) -> Result<DockerSettings, UsageError> {
        let plugins = self.file.value().get("plugins");
        let own = match plugins.and_then(|plugins| plugins.get(NAME)) {
            None | Some(Value::Null) => return Ok(DockerSettings::default()),
            Some(own) => own
                .as_map()
                .ok_or_else(|| self.wrong(None, "is a map of settings", []))?,
        };
        let mut settings = DockerSettings::default();
        for (key, value) in own {
            let known = ALL.iter().find(|setting| setting.key == &**key);
            match known {
                Some(setting) => self.set(&mut settings, setting, value)?,
                None if DOCKERS_OWN.contains(&&**key) => {}
                None => return Err(self.unknown(key)),
            }
        }
        Ok(settings)
    }

    fn set(
        &self,
        settings: &mut DockerSettings,
        setting: &Setting,
        value: &Value,
    ) -> Result<(), UsageError> {
        let takes = format!("takes {}", setting.takes);
        let wrong = |hints: Vec<String>| self.wrong(Some(setting.key), &takes, hints);
        let text = value.as_text().filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| wrong(Vec::new()))?;
        if setting.key == OUTPUT.key {
            let format = Format::parse(text).map_err(|error| wrong(error.hints()))?;
            settings.output = Some(format);
        } else {
            let folder = Path::new(text);
            if !folder.is_absolute() {
                let shown = Safe::cut(text, 64);
                let hint = format!("`{shown}` is relative; neither `~` nor `$HOME` is understood");
                return Err(wrong(vec![hint]));
            }
            settings.query_dir = Some(folder.to_owned());
        }
        Ok(())
    }

    fn unknown(&self, key: &str) -> UsageError {
        let names = ALL.map(|setting| setting.key);
        let near = nearest(key, names).map(|near| format!("did you mean `{near}`?"));
        let all = format!("there are `{}`", names.join("`, `"));
        self.wrong(Some(key), "is no setting", near.into_iter().chain([all]))
    }

    /// Says what is wrong with a setting, and where it is.
    fn wrong(
        &self,
        key: Option<&str>,
        what: &str,
        hints: impl IntoIterator<Item = String>,
    ) -> UsageError {
        let path: Vec<&str> = ["plugins", NAME].into_iter().chain(key).collect();
        let place = self.file.place(&path);
        let (file, path) = (self.file.name(), Safe::cut(&path.join("."), 64));
        let (line, column) = (place.line, place.column);
        let message = format!("`{file}`, line {line}, column {column}: `{path}` {what}");
        UsageError::new(message, hints)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(text: &str) -> Result<DockerSettings, (String, String)> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.json"), text).unwrap();
        load(folder.path()).map_err(|unread| match unread {
            Unread::File(error) => (error.to_string(), String::new()),
            Unread::Setting(error) => {
                let message = error.to_string();
                let (_, message) = message.split_once("config.json`, ").unwrap();
                (message.to_owned(), error.hints().join("; "))
            }
        })
    }

    #[test]
    fn what_is_set_for_us_is_read_and_nothing_else() {
        let text = "{\n\t\"auths\": {\"a.io\": {\"auth\": \"x\"}},\n\t\"plugins\": {\"other\": {\"output\": \"xml\"},\n\
                    \t\"regq\": {\"output\": \"json\", \"queryDir\": \"/srv/q\", \"hooks\": \"pull\"}}\n}";
        let expected = DockerSettings {
            output: Some(Format::Json),
            query_dir: Some("/srv/q".into()),
        };
        assert_eq!(read(text), Ok(expected));
        for nothing in [
            "",
            "{}",
            "{\"plugins\": {}}",
            "{\"plugins\": []}",
            "{\"plugins\": {\"regq\": null}}",
            "{\"plugins\": {\"compose\": {}}}",
        ] {
            assert_eq!(read(nothing), Ok(DockerSettings::default()), "{nothing}");
        }
        let nobody = tempfile::tempdir().unwrap();
        assert!(load(nobody.path()).is_ok());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (own, message, hint) in [
            (
                "{\"ouput\": \"json\"}",
                "line 2, column 31: `plugins.regq.ouput` is no setting",
                "did you mean `output`?; there are `output`, `queryDir`",
            ),
            (
                "{\"output\": \"jsno\"}",
                "line 2, column 32: `plugins.regq.output` takes a format of `-o`, such as `json`",
                "did you mean `json`?",
            ),
            (
                "{\"queryDir\": \"~/q\"}",
                "line 2, column 34: `plugins.regq.queryDir` takes the absolute path of a folder",
                "`~/q` is relative; neither `~` nor `$HOME` is understood",
            ),
            (
                "{\"output\": 5}",
                "line 2, column 32: `plugins.regq.output` takes a format of `-o`, such as `json`",
                "",
            ),
            (
                "{\"queryDir\": \"\"}",
                "line 2, column 34: `plugins.regq.queryDir` takes the absolute path of a folder",
                "",
            ),
            (
                "[]",
                "line 2, column 21: `plugins.regq` is a map of settings",
                "",
            ),
        ] {
            let (said, hints) =
                read(&format!("{{\n\"plugins\": {{\"regq\": {own}}}}}")).unwrap_err();
            assert_eq!(said, message);
            assert!(hints.starts_with(hint), "{own}: {hints}");
        }
    }

    #[test]
    fn h4_nothing_of_the_file_is_repeated() {
        let (said, _) = read("{\"auths\": {\"a.io\": {\"auth\": \"hunter2\"").unwrap_err();
        assert!(said.contains("is malformed at line 1"), "{said}");
        assert!(!said.contains("hunter2"));
    }

    #[test]
    fn the_folders_besides_dockers_own_stand_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let extra = |text: &str| {
            fs::write(folder.path().join("config.json"), text).unwrap();
            extra_folders(folder.path()).unwrap()
        };
        let listed = extra("{\"cliPluginsExtraDirs\": [\"/b\", 5, \"/a\"]}");
        assert_eq!(listed, ["/b", "/a"].map(PathBuf::from));
        assert!(extra("{\"cliPluginsExtraDirs\": null}").is_empty());
    }
}
