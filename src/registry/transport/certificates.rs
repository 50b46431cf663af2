//! Certificates the user set for one host: an authority of its own, a client certificate (docker's `certs.d`, threats N3).

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use reqwest::{Certificate, ClientBuilder, Identity};

use super::Identity as Shows;
use crate::limits::CERTIFICATE_FILE_BYTES;
use crate::oci::RegistryHost;
use crate::registry::trust::Consent;

/// What is trusted for a host beside the system's authorities, and what is shown to it.
pub(super) struct Certificates {
    authorities: Vec<Certificate>,
    identity: Option<Identity>,
}

impl Certificates {
    /// Reads what there is for a host; none where there is nothing.
    ///
    /// Errors: a file that cannot be read or is not what its name says, in words that name it.
    pub(super) fn find(
        consent: &Consent,
        host: &RegistryHost,
        folders: &[PathBuf],
    ) -> Result<Option<Self>, String> {
        let own = |folder: &PathBuf| Some(folder.join(host.to_string())).filter(|own| own.is_dir());
        let folder = folders.iter().find_map(own);
        if folder.is_none() && consent.ca.is_none() {
            return Ok(None);
        }
        let mut found = Self {
            authorities: Vec::new(),
            identity: None,
        };
        if let Some(file) = &consent.ca {
            found.authorities.extend(authorities(file)?);
        }
        if let Some(folder) = folder {
            found.read_folder(&folder)?;
        }
        Ok(Some(found))
    }

    /// `*.crt` is an authority; `X.cert` with `X.key` is what we show; other names mean nothing.
    fn read_folder(&mut self, folder: &Path) -> Result<(), String> {
        let unreadable = |error| cannot_read(folder, error);
        let entries = fs::read_dir(folder).map_err(unreadable)?;
        let mut files: Vec<PathBuf> = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .map_err(unreadable)?;
        files.sort();
        for file in &files {
            match file.extension().and_then(|extension| extension.to_str()) {
                Some("crt") => self.authorities.extend(authorities(file)?),
                Some("cert") => {
                    let identity = identity(file, &file.with_extension("key"))?;
                    self.identity.get_or_insert(identity);
                }
                Some("key") if !file.with_extension("cert").exists() => {
                    return Err(format!(
                        "`{}` has no client certificate `{}` beside it",
                        file.display(),
                        file.with_extension("cert").display()
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Adds them to a client.
    pub(super) fn add_to(&self, builder: ClientBuilder, identity: Shows) -> ClientBuilder {
        let builder = builder.tls_certs_merge(self.authorities.iter().cloned());
        match (&self.identity, identity) {
            (Some(own), Shows::Shown) => builder.identity(own.clone()),
            _ => builder,
        }
    }
}

fn authorities(file: &Path) -> Result<Vec<Certificate>, String> {
    let found = Certificate::from_pem_bundle(&read(file)?).unwrap_or_default();
    if found.is_empty() {
        return Err(format!("`{}` holds no PEM certificate", file.display()));
    }
    Ok(found)
}

fn identity(certificate: &Path, key: &Path) -> Result<Identity, String> {
    if !key.exists() {
        return Err(format!(
            "`{}` has no key `{}` beside it; an authority is a file `*.crt`",
            certificate.display(),
            key.display()
        ));
    }
    let mut pem = read(certificate)?;
    pem.push(b'\n');
    pem.extend(read(key)?);
    // What is wrong with a key is not said: the message could hold a piece of it.
    Identity::from_pem(&pem).map_err(|_| {
        format!(
            "`{}` and `{}` are no certificate with its unencrypted PEM key",
            certificate.display(),
            key.display()
        )
    })
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    let mut content = Vec::new();
    let bound = CERTIFICATE_FILE_BYTES as u64;
    let unreadable = |error| cannot_read(file, error);
    // What is no file is not even opened: opening a pipe can wait for ever (threats G5).
    if !fs::metadata(file).map_err(unreadable)?.is_file() {
        return Err(format!("`{}` is not a regular file", file.display()));
    }
    let opened = File::open(file).map_err(unreadable)?;
    let read = opened.take(bound + 1).read_to_end(&mut content);
    read.map_err(unreadable)?;
    match content.len() as u64 > bound {
        true => Err(format!("`{}` is larger than {bound} bytes", file.display())),
        false => Ok(content),
    }
}

fn cannot_read(path: &Path, error: std::io::Error) -> String {
    format!("`{}` cannot be read: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use tempfile::TempDir;

    use super::*;

    const HOST: &str = "registry.test:5000";

    /// A folder like `certs.d` with these files for [`HOST`].
    fn folder(files: &[(&str, &str)]) -> TempDir {
        let dir = TempDir::new().unwrap();
        let own = dir.path().join(HOST);
        fs::create_dir(&own).unwrap();
        for (name, content) in files {
            fs::write(own.join(name), content).unwrap();
        }
        dir
    }

    fn pair() -> (String, String) {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed([HOST.to_owned()]).unwrap();
        (cert.pem(), signing_key.serialize_pem())
    }

    fn find(dir: &TempDir, host: &str) -> Result<Option<(usize, bool)>, String> {
        let folders = [PathBuf::from("/nowhere"), dir.path().to_owned()];
        let consent = Consent::default();
        let found = Certificates::find(&consent, &host.parse().unwrap(), &folders)?;
        Ok(found.map(|found| (found.authorities.len(), found.identity.is_some())))
    }

    #[test]
    fn n3_certificates_are_those_of_one_host_and_port() {
        let (certificate, key) = pair();
        let both = format!("{certificate}{certificate}");
        let dir = folder(&[
            ("a.crt", &both),
            ("b.crt", &certificate),
            ("client.cert", &certificate),
            ("client.key", &key),
            ("readme.pem", "nothing"),
        ]);
        assert_eq!(find(&dir, HOST), Ok(Some((3, true))));
        for other in [
            "registry.test",
            "registry.test:5001",
            "a.registry.test:5000",
        ] {
            assert_eq!(find(&dir, other), Ok(None), "{other}");
        }
    }

    #[test]
    fn n3_half_a_pair_and_what_is_no_certificate_are_told_by_name() {
        let (certificate, key) = pair();
        for (files, named) in [
            (vec![("client.cert", certificate.as_str())], "client.key"),
            (vec![("client.key", key.as_str())], "client.cert"),
            (vec![("a.crt", "nothing")], "a.crt"),
            (
                vec![("a.cert", certificate.as_str()), ("a.key", "x")],
                "a.key",
            ),
        ] {
            let message = find(&folder(&files), HOST).unwrap_err();
            assert!(message.contains(named), "{message}");
        }
    }

    #[test]
    fn k1_a_key_that_cannot_be_read_is_not_shown() {
        let (certificate, _) = pair();
        let dir = folder(&[("a.cert", &certificate), ("a.key", "hunter2")]);
        assert!(!find(&dir, HOST).unwrap_err().contains("hunter2"));
    }

    #[test]
    fn an_authority_the_user_names_counts_beside_the_folder() {
        let (certificate, _) = pair();
        let dir = folder(&[("a.crt", &certificate)]);
        let consent = Consent {
            ca: Some(dir.path().join(HOST).join("a.crt")),
            ..Consent::default()
        };
        let host = HOST.parse().unwrap();
        let found = Certificates::find(&consent, &host, &[dir.path().to_owned()]);
        assert_eq!(found.unwrap().unwrap().authorities.len(), 2);
    }

    #[test]
    #[cfg(unix)]
    fn n3_a_pipe_is_not_waited_for() {
        let dir = folder(&[]);
        let pipe = dir.path().join(HOST).join("a.crt");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let (done, is_done) = std::sync::mpsc::channel();
        std::thread::spawn(move || done.send(find(&dir, HOST)));
        let found = is_done.recv_timeout(std::time::Duration::from_secs(20));
        assert!(found.unwrap().unwrap_err().contains("not a regular file"));
    }
}
