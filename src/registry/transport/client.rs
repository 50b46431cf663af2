//! The HTTP library's clients: one for each way a connection may be made, built when it is first needed.
//!
//! Everything the library would do by itself is off: redirects, referrers, retries, unpacking (threats B1, C2).

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use url::Url;

use super::certificates::Certificates;
use super::dial::{Checked, Reaches, Zone};
use super::fault::{Fault, Retry};
use super::{Identity, Request, fault};
use crate::limits::ANSWER_HEADERS;
use crate::oci::RegistryHost;
use crate::registry::error::{Unreached, outside};
use crate::registry::trust::{Consent, Trust};
use crate::registry::wire::address::{Reach, literal, told};

/// The clients of a run.
pub(super) struct Clients {
    connect: Duration,
    folders: Vec<PathBuf>,
    proxies: Matcher,
    reaches: Arc<Reaches>,
    certificates: Mutex<HashMap<RegistryHost, Found>>,
    made: Mutex<HashMap<Kind, Result<Client, Fault>>>,
}

/// The certificates set for a host, if there are any and they can be read.
type Found = Result<Option<Arc<Certificates>>, Fault>;

/// What makes connections differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kind {
    dialling: Dialling,
    tls: Tls,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Dialling {
    /// By a proxy the user set, who looks names up. Only literal addresses can be checked (threats A3).
    Proxied,
    /// By us.
    Direct(Zone),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Tls {
    /// None: no certificates are needed, and on a system without any there must be no error.
    Without,
    /// What the system trusts.
    System,
    /// What the user set for this host.
    Own(RegistryHost, Identity),
}

impl Clients {
    pub(super) fn new(connect: Duration, folders: Vec<PathBuf>) -> Self {
        // Somebody else's provider would do as well, so that there is one already is no error.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            connect,
            folders,
            proxies: Matcher::from_system(),
            reaches: Arc::default(),
            certificates: Mutex::default(),
            made: Mutex::default(),
        }
    }

    /// The client that a request goes through.
    ///
    /// Errors: an address that is not dialled; no certificates, or ones that cannot be read.
    pub(super) fn of(&self, request: &Request, trust: &Trust) -> Result<Client, Fault> {
        let url = &request.url;
        if let Some(address) = url.host_str().and_then(literal) {
            let checked = request.zone.check(address);
            checked.map_err(|forbidden| Fault::refused(forbidden.why()))?;
        }
        let consent = trust.of(&request.host);
        let certificates = match url.scheme() {
            "https" => self.certificates(&consent, &request.host)?,
            _ => None,
        };
        let kind = Kind {
            dialling: match self.is_proxied(url) {
                true => Dialling::Proxied,
                false => Dialling::Direct(request.zone),
            },
            tls: match (url.scheme(), &certificates) {
                ("https", None) if !consent.insecure_tls => Tls::System,
                ("https", _) => Tls::Own(request.host.clone(), request.identity),
                _ => Tls::Without,
            },
        };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let build = || self.build(&kind, &consent, certificates.as_deref());
        made.entry(kind.clone()).or_insert_with(build).clone()
    }

    fn certificates(&self, consent: &Consent, host: &RegistryHost) -> Found {
        let mut known = self
            .certificates
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let find = || {
            let found = Certificates::find(consent, host, &self.folders).map_err(setup)?;
            Ok(found.map(Arc::new))
        };
        known.entry(host.clone()).or_insert_with(find).clone()
    }

    /// Whose address decides where its answers may lead; where it was not looked up, the narrowest choice.
    pub(super) fn reach(&self, url: &Url) -> Reach {
        let known = || self.reaches.of(url.host_str()?.trim_end_matches('.'));
        told(url).or_else(known).unwrap_or(Reach::Public)
    }

    /// Loopback is never behind a proxy (threats N4).
    fn is_proxied(&self, url: &Url) -> bool {
        let matches = |uri| self.proxies.intercept(&uri).is_some();
        told(url) != Some(Reach::Loopback) && url.as_str().parse().is_ok_and(matches)
    }

    fn build(
        &self,
        kind: &Kind,
        consent: &Consent,
        certificates: Option<&Certificates>,
    ) -> Result<Client, Fault> {
        let builder = self.plain();
        let builder = match kind.dialling {
            Dialling::Proxied => builder,
            Dialling::Direct(zone) => {
                let reaches = Arc::clone(&self.reaches);
                let checked = Checked { zone, reaches };
                builder.no_proxy().dns_resolver(Arc::new(checked))
            }
        };
        let builder = match kind.tls {
            Tls::Without => builder.tls_certs_only([]),
            Tls::System | Tls::Own(..) => builder,
        };
        let builder = builder.tls_danger_accept_invalid_certs(consent.insecure_tls);
        let builder = match (certificates, &kind.tls) {
            (Some(certificates), Tls::Own(_, identity)) => certificates.add_to(builder, *identity),
            _ => builder,
        };
        builder.build().map_err(|error| {
            let cause = fault::deepest(&error);
            setup(format!("no TLS client can be made: {cause}"))
        })
    }

    fn plain(&self) -> ClientBuilder {
        Client::builder()
            .user_agent(concat!("docker-regq/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .http1_max_headers(ANSWER_HEADERS)
            .connect_timeout(self.connect)
    }
}

fn setup(cause: String) -> Fault {
    Fault::unreached(Unreached::Setup(outside(&cause)), Retry::Useless)
}
