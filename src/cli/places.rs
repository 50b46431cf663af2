//! Where credentials and certificates may lie on this machine: paths out of the environment. Nothing of them is read
//! here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::registry::CredentialPlaces;

/// The environment, as far as places depend on it.
pub(super) struct Environment<'a> {
    /// The variables.
    pub(super) variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// The user's home.
    pub(super) home: Option<PathBuf>,
    /// The number of the user, where users have one.
    pub(super) user: Option<u32>,
}

impl Environment<'_> {
    /// A variable that says something: an empty one is as good as none.
    fn said(&self, name: &str) -> Option<OsString> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.said(name).map(PathBuf::from)
    }

    /// The user's config folder by the rule that Docker and podman share, whatever the system's own rule is.
    fn config_home(&self) -> Option<PathBuf> {
        let home = || Some(self.home.as_ref()?.join(".config"));
        self.path("XDG_CONFIG_HOME").or_else(home)
    }

    /// Where credentials may be found, `flag` being what `--config` says.
    pub(super) fn credentials(&self, flag: Option<&Path>) -> CredentialPlaces {
        let home = || Some(self.home.as_ref()?.join(".docker"));
        let flag = flag.map(Path::to_owned);
        let auth = self.said("DOCKER_AUTH_CONFIG");
        CredentialPlaces {
            docker_auth_config: auth.map(|text| text.to_string_lossy().into_owned()),
            docker_config: flag.or_else(|| self.path("DOCKER_CONFIG")).or_else(home),
            podman: self.podman(),
            search_path: self.said("PATH"),
        }
    }

    fn podman(&self) -> Vec<PathBuf> {
        // A file that is named is the only one.
        if let Some(named) = self.path("REGISTRY_AUTH_FILE") {
            return vec![named];
        }
        let own = || Some(PathBuf::from(format!("/run/containers/{}", self.user?)));
        let runtime = self.path("XDG_RUNTIME_DIR");
        let runtime = runtime.map(|folder| folder.join("containers")).or_else(own);
        let config = self.config_home().map(|folder| folder.join("containers"));
        let folders = runtime.into_iter().chain(config);
        folders.map(|folder| folder.join("auth.json")).collect()
    }

    /// The folders of certificates by host. Docker without root reads the user's in place of the system's.
    pub(super) fn certificates(&self) -> Vec<PathBuf> {
        let folder = if self.said("ROOTLESSKIT_STATE_DIR").is_some() {
            self.config_home().map(|folder| folder.join("docker"))
        } else if cfg!(windows) {
            self.path("ProgramData").map(|folder| folder.join("docker"))
        } else {
            Some(PathBuf::from("/etc/docker"))
        };
        let folder = folder.map(|folder| folder.join("certs.d"));
        folder.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks an environment of these variables, with the home `/h` and the user 7.
    fn with<T>(variables: &[(&str, &str)], ask: impl Fn(&Environment<'_>) -> T) -> T {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        ask(&Environment {
            variable: &variable,
            home: Some("/h".into()),
            user: Some(7),
        })
    }

    fn docker(variables: &[(&str, &str)], flag: Option<&str>) -> PathBuf {
        let places = with(variables, |known| known.credentials(flag.map(Path::new)));
        places.docker_config.unwrap()
    }

    #[test]
    fn the_flag_beats_the_variable_and_that_the_home() {
        let set = [("DOCKER_CONFIG", "/e")];
        assert_eq!(docker(&set, Some("/f")), Path::new("/f"));
        assert_eq!(docker(&set, None), Path::new("/e"));
        assert_eq!(
            docker(&[("DOCKER_CONFIG", "")], None),
            Path::new("/h/.docker")
        );
        assert_eq!(docker(&[], None), Path::new("/h/.docker"));
    }

    #[test]
    fn podmans_files_stand_in_podmans_order() {
        let podman = |variables: &[(&str, &str)]| {
            let paths = with(variables, |known| known.credentials(None)).podman;
            let shown = paths.iter().map(|path| path.display().to_string());
            shown.collect::<Vec<_>>().join(" ")
        };
        for (variables, expected) in [
            (
                &[][..],
                "/run/containers/7/auth.json /h/.config/containers/auth.json",
            ),
            (
                &[("XDG_RUNTIME_DIR", "/r"), ("XDG_CONFIG_HOME", "/c")],
                "/r/containers/auth.json /c/containers/auth.json",
            ),
            (
                &[("REGISTRY_AUTH_FILE", "/only"), ("XDG_RUNTIME_DIR", "/r")],
                "/only",
            ),
        ] {
            assert_eq!(podman(variables), expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn without_root_the_users_certificates_count() {
        let folders = |variables: &[(&str, &str)]| with(variables, |known| known.certificates());
        let rootless = ("ROOTLESSKIT_STATE_DIR", "/x");
        assert_eq!(folders(&[]), [Path::new("/etc/docker/certs.d")]);
        assert_eq!(
            folders(&[rootless]),
            [Path::new("/h/.config/docker/certs.d")]
        );
        assert_eq!(
            folders(&[rootless, ("XDG_CONFIG_HOME", "/c")]),
            [Path::new("/c/docker/certs.d")]
        );
    }

    #[test]
    fn what_stands_in_the_environment_is_handed_down() {
        let set = [("DOCKER_AUTH_CONFIG", "{}"), ("PATH", "/bin")];
        let places = with(&set, |known| known.credentials(None));
        assert_eq!(places.docker_auth_config.as_deref(), Some("{}"));
        assert_eq!(places.search_path, Some("/bin".into()));
        let none = with(&[("PATH", "")], |known| known.credentials(None));
        assert!(none.docker_auth_config.is_none() && none.search_path.is_none());
    }
}
