//! Signs tokens as the token login of Docker's registry accepts them: RS256, with the certificate in the token.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::{ISSUER, SERVICE, Tool, base64};

/// Signs tokens with a key whose certificate the registry trusts.
pub(super) struct Signer {
    openssl: Tool,
    folder: PathBuf,
    count: AtomicU64,
}

impl Signer {
    /// Makes a key and its certificate in `folder`.
    pub(super) fn new(openssl: Tool, folder: &Path) -> Self {
        let words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tokens -keyout tokens.key -out tokens.pem";
        openssl.run(folder, &words.split(' ').collect::<Vec<_>>());
        Self {
            openssl,
            folder: folder.to_owned(),
            count: AtomicU64::new(0),
        }
    }

    /// The file of the certificate.
    pub(super) fn certificate(&self) -> PathBuf {
        self.folder.join("tokens.pem")
    }

    /// A token for `access`, as Docker's token specification has it; the certificate comes with it.
    pub(super) fn token(&self, subject: &str, access: &Value) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = now.as_secs();
        let head = json!({"typ": "JWT", "alg": "RS256", "x5c": [self.chain()]});
        let claims = json!({
            "iss": ISSUER,
            "sub": subject,
            "aud": SERVICE,
            "iat": now,
            "nbf": now - 60,
            "exp": now + 300,
            "jti": self.count.fetch_add(1, Ordering::Relaxed).to_string(),
            "access": access,
        });
        let part = |document: &Value| base64::url(document.to_string().as_bytes());
        let signed = format!("{}.{}", part(&head), part(&claims));
        let signature = self.sign(signed.as_bytes());
        format!("{signed}.{}", base64::url(&signature))
    }

    /// The lines between the marks of PEM are DER in base64, which is what `x5c` wants.
    fn chain(&self) -> String {
        let pem = fs::read_to_string(self.certificate()).unwrap();
        let lines = pem.lines().filter(|line| !line.starts_with('-'));
        lines.collect()
    }

    fn sign(&self, text: &[u8]) -> Vec<u8> {
        let mut command = self.openssl.command();
        let command = command.args(["dgst", "-sha256", "-sign", "tokens.key"]);
        let command = command.current_dir(&self.folder);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().expect("it is a pipe");
        stdin.write_all(text).unwrap();
        drop(stdin);
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success());
        ended.stdout
    }
}
