//! Certificates good and bad, from an authority made for this process, and what a listener does with them.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

/// An authority that signs certificates.
pub(crate) struct TestCa {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate and its key, both as PEM.
#[derive(Clone)]
pub(crate) struct Certificate {
    /// The certificate.
    pub(crate) chain: String,
    /// Its private key.
    pub(crate) key: String,
}

impl TestCa {
    /// The authority of this process: made once, for keys take time.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<TestCa> = OnceLock::new();
        SHARED.get_or_init(|| Self::new("test authority"))
    }

    /// Another authority of this process, whom nobody told the client to trust.
    pub(crate) fn other() -> &'static Self {
        static OTHER: OnceLock<TestCa> = OnceLock::new();
        OTHER.get_or_init(|| Self::new("other authority"))
    }

    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params.self_signed(&key).expect("the authority signs");
        Self {
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    /// The authority's own certificate, as PEM.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// Writes it to a file, as a user names it with `--ca`.
    pub(crate) fn write(&self, path: &Path) {
        std::fs::write(path, &self.pem).expect("there is room for a certificate");
    }

    /// A store that trusts this authority and nobody else.
    pub(crate) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_slice(self.pem.as_bytes());
        let added = roots.add(certificate.expect("the authority is written as PEM"));
        added.expect("the authority can be trusted");
        roots
    }

    /// A certificate for these host names and addresses.
    pub(crate) fn certify(&self, names: &[&str]) -> Certificate {
        self.sign(&params(names))
    }

    /// A certificate that was good until 2020.
    pub(crate) fn certify_expired(&self, names: &[&str]) -> Certificate {
        let mut params = params(names);
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
        self.sign(&params)
    }

    /// A certificate that is good from 2090 on.
    pub(crate) fn certify_too_early(&self, names: &[&str]) -> Certificate {
        let mut params = params(names);
        params.not_before = date_time_ymd(2090, 1, 1);
        params.not_after = date_time_ymd(2099, 1, 1);
        self.sign(&params)
    }

    /// A certificate for those who ask, not for those who are asked.
    pub(crate) fn certify_client(&self, names: &[&str]) -> Certificate {
        let mut params = params(names);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(&params)
    }

    /// A certificate of an authority below this one.
    pub(crate) fn certify_authority(&self, names: &[&str]) -> Certificate {
        let mut params = params(names);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        self.sign(&params)
    }

    fn sign(&self, params: &CertificateParams) -> Certificate {
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params.signed_by(&key, &self.issuer);
        Certificate {
            chain: certificate.expect("the authority signs").pem(),
            key: key.serialize_pem(),
        }
    }
}

impl Certificate {
    /// A certificate that nobody but itself vouches for.
    pub(crate) fn self_signed(names: &[&str]) -> Self {
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params(names).self_signed(&key);
        Self {
            chain: certificate.expect("a certificate signs itself").pem(),
            key: key.serialize_pem(),
        }
    }

    /// The certificate as rustls takes it.
    pub(crate) fn chain(&self) -> Vec<CertificateDer<'static>> {
        let certificate = CertificateDer::from_pem_slice(self.chain.as_bytes());
        vec![certificate.expect("it was written as PEM")]
    }

    /// The key as rustls takes it.
    pub(crate) fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(self.key.as_bytes()).expect("it was written as PEM")
    }
}

fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("a test's names are names");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2049, 1, 1);
    params
}

/// What a listener demands of those who connect.
#[derive(Clone)]
pub(crate) struct Tls(pub(super) Arc<ServerConfig>);

impl Tls {
    /// TLS with this certificate.
    pub(crate) fn with(certificate: &Certificate) -> Self {
        let config = ServerConfig::builder_with_provider(provider());
        let config = config.with_safe_default_protocol_versions();
        let config = config.expect("ring has them").with_no_client_auth();
        Self::finish(config.with_single_cert(certificate.chain(), certificate.key()))
    }

    /// TLS with this certificate, for clients that have one of this authority themselves.
    pub(crate) fn demanding(certificate: &Certificate, of: &TestCa) -> Self {
        let roots = Arc::new(of.roots());
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
        let config = ServerConfig::builder_with_provider(provider());
        let config = config.with_safe_default_protocol_versions();
        let config = config
            .expect("ring has them")
            .with_client_cert_verifier(verifier.expect("there is an authority"));
        Self::finish(config.with_single_cert(certificate.chain(), certificate.key()))
    }

    /// HTTP/1.1 is all that is spoken.
    fn finish(config: Result<ServerConfig, rustls::Error>) -> Self {
        let mut config = config.expect("the key is the certificate's");
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self(Arc::new(config))
    }
}

/// The provider of both sides.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
