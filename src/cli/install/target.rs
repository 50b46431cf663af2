//! Which files are meant: docker's plugin, and the names by which kubectl finds us.

use std::path::{Path, PathBuf};

use crate::cli::args::InstallArgs;
use crate::cli::docker_settings;
use crate::cli::plugin::folders::{self, KUBECTL, KUBECTL_COMPLETE, PLUGIN};
use crate::cli::report::UsageError;
use crate::cli::settings::Settings;
use crate::diagnostic::Diagnostic;

/// Whom something is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The user who asks.
    Users,
    /// Everybody on this machine.
    Everybodys,
}

/// What is meant.
pub(super) struct Target {
    /// Whom it is for.
    pub(super) whose: Whose,
    /// Docker's plugin.
    pub(super) plugin: PathBuf,
    /// Where links for kubectl are, or shall be.
    pub(super) kubectl: Option<PathBuf>,
    /// How docker is started so that it looks there.
    pub(super) docker: String,
    /// The folders that docker looks into, in its order.
    pub(super) folders: Vec<PathBuf>,
    /// The folders of `PATH`.
    pub(super) search_path: Vec<PathBuf>,
    /// What is to be said about all this.
    warnings: Vec<Diagnostic>,
}

impl Target {
    /// Finds out what the flags mean here.
    ///
    /// Errors: there is no home; no folder for kubectl can be chosen.
    pub(super) fn of(args: &InstallArgs, settings: &Settings) -> Result<Self, UsageError> {
        let everybody = folders::of_everybody(|name| std::env::var_os(name).map(PathBuf::from));
        let config = settings.credentials.docker_config.as_deref();
        let user = config.map(folders::of_user);
        let (whose, folder) = match args.system {
            true => (Whose::Everybodys, everybody.first()),
            false => (Whose::Users, user.as_ref()),
        };
        let folder = folder.ok_or_else(|| {
            let message = "there is no folder for docker's plugins, because `HOME` is not set";
            UsageError::new(message, ["name docker's: `--config DIR`".to_owned()])
        })?;
        let search_path = settings.credentials.search_path.as_ref();
        let search_path: Vec<PathBuf> = search_path
            .map(|path| std::env::split_paths(path).collect())
            .unwrap_or_default();
        let mut warnings = Vec::new();
        let extra = config.map_or(Ok(Vec::new()), docker_settings::extra_folders);
        let extra = extra.unwrap_or_else(|error| {
            let message = format!("what docker will see is not sure: {error}");
            warnings.push(Diagnostic::warning(message));
            Vec::new()
        });
        let kubectl = match &args.kubectl {
            None => None,
            Some(Some(named)) => Some(settings.here.join(named)),
            // What is to be taken away is found by where it leads.
            Some(None) if args.uninstall => None,
            Some(None) => Some(choose(whose, &search_path)?),
        };
        if let Some(folder) = kubectl.as_ref().filter(|_| !args.uninstall) {
            warnings.extend(off_the_path(folder, &search_path));
        }
        Ok(Self {
            whose,
            plugin: settings.here.join(folder).join(PLUGIN),
            kubectl,
            docker: match (&settings.named_config, whose) {
                (Some(named), Whose::Users) => format!("docker --config {} regq", named.display()),
                _ => "docker regq".to_owned(),
            },
            folders: folders::all(&extra, user.clone(), everybody.clone()),
            search_path,
            warnings,
        })
    }

    /// The names by which kubectl finds us, where links to us were asked for.
    pub(super) fn links(&self) -> Vec<PathBuf> {
        let folder = self.kubectl.iter();
        folder.flat_map(|folder| links_in(folder)).collect()
    }

    /// What is to be said about it, whatever is done.
    pub(super) fn warnings(&self) -> Vec<Diagnostic> {
        self.warnings.clone()
    }
}

/// The names by which kubectl finds us in a folder.
pub(super) fn links_in(folder: &Path) -> [PathBuf; 2] {
    [KUBECTL, KUBECTL_COMPLETE].map(|name| folder.join(name))
}

/// A folder that kubectl searches: one of the user's own, or for everybody the one that is meant for what was not
/// packaged.
fn choose(whose: Whose, search_path: &[PathBuf]) -> Result<PathBuf, UsageError> {
    let known: Vec<PathBuf> = match whose {
        Whose::Everybodys => vec!["/usr/local/bin".into()],
        Whose::Users => {
            let home = etcetera::home_dir().into_iter();
            home.flat_map(|home| [".local/bin", "bin", ".cargo/bin"].map(|name| home.join(name)))
                .collect()
        }
    };
    let mut usable = known
        .into_iter()
        .filter(|folder| search_path.contains(folder) && folder.is_dir());
    usable.next().ok_or_else(|| {
        let message = "no folder of yours is on the `PATH`, where kubectl looks for its plugins";
        UsageError::new(message, ["name one: `--kubectl DIR`".to_owned()])
    })
}

fn off_the_path(folder: &Path, search_path: &[PathBuf]) -> Option<Diagnostic> {
    let is_on_it = search_path.iter().any(|known| known == folder);
    let message = || format!("`{}` is not on the `PATH`", folder.display());
    (!is_on_it).then(|| Diagnostic::warning(message()).hint("kubectl looks nowhere else"))
}
