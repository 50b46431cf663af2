//! A certificate authority of a test, and a certificate of it for loopback.

use std::fs;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// An authority that nobody knows but who is told.
pub(super) struct Ca {
    ca: CertifiedIssuer<'static, KeyPair>,
}

impl Ca {
    /// A new one.
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no name is wrong");
        // OpenSSL takes a certificate whose issuer has its own name for one that signed itself.
        params
            .distinguished_name
            .push(DnType::CommonName, "authority of a test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(params, new_key());
        let ca = ca.expect("a certificate can be signed");
        Self { ca }
    }

    /// Its certificate in DER.
    pub(super) fn der(&self) -> &[u8] {
        self.ca.der()
    }

    /// Writes its certificate as `authority/ca.crt`, by itself as docker and skopeo want it, and one for loopback
    /// with its key as `server.pem` and `server.key`.
    pub(super) fn write_to(&self, folder: &Path) {
        fs::create_dir(folder.join("authority")).unwrap();
        let names = ["127.0.0.1", "localhost"].map(str::to_owned);
        let params = CertificateParams::new(names).expect("the names are valid");
        let key = new_key();
        let server = params.signed_by(&key, &self.ca);
        let server = server.expect("a certificate can be signed");
        for (file, pem) in [
            ("authority/ca.crt", self.ca.pem()),
            ("server.pem", server.pem()),
            ("server.key", key.serialize_pem()),
        ] {
            fs::write(folder.join(file), pem).unwrap();
        }
    }
}

fn new_key() -> KeyPair {
    KeyPair::generate().expect("a key can be made")
}
