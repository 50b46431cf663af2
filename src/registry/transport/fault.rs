//! Why one attempt failed, read out of the HTTP library's chain of causes, and whether another may help.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use rustls::{CertificateError, InvalidMessage};

use super::SendError;
use super::dial::Forbidden;
use crate::registry::error::{Certificate, Unreached, Unsafe, Waiting, outside};

/// Why one attempt failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) error: SendError,
    pub(super) retry: Retry,
}

/// Whether the same request may do better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retry {
    /// It may.
    Worth,
    /// It may, but each try takes long.
    WorthOnce,
    /// It would fail in the same way, or hide a refusal (threats M7).
    Useless,
}

impl Fault {
    pub(super) fn new(error: SendError, retry: Retry) -> Self {
        Self { error, retry }
    }

    pub(super) fn refused(why: Unsafe) -> Self {
        Self::new(SendError::Unsafe(why), Retry::Useless)
    }

    pub(super) fn unreached(why: Unreached, retry: Retry) -> Self {
        Self::new(SendError::Unreached(why), retry)
    }

    pub(super) fn silent(waited: Duration) -> Self {
        Self::timed_out(Waiting::FirstByte(waited))
    }

    pub(super) fn timed_out(waiting: Waiting) -> Self {
        Self::unreached(Unreached::TimedOut(waiting), Retry::WorthOnce)
    }

    pub(super) fn into_error(self) -> SendError {
        self.error
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error {
            SendError::Unreached(why) => why.fmt(f),
            SendError::Unsafe(why) => why.fmt(f),
            SendError::TooLarge(bound) => write!(f, "more than {bound} bytes"),
            SendError::TooMany(limit) => write!(f, "more than {limit} requests"),
        }
    }
}

/// Reads a cause out of the library's error: its own text names only the address, which may be a secret.
pub(super) fn of(error: &reqwest::Error) -> Fault {
    let chain = || causes(error);
    if let Some(forbidden) = chain().find_map(|cause| cause.downcast_ref::<Forbidden>()) {
        return Fault::refused(forbidden.why());
    }
    if let Some(tls) = chain().find_map(|cause| cause.downcast_ref()) {
        return of_tls(tls);
    }
    let kind = chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .map(io::Error::kind)
        .find(|kind| *kind != io::ErrorKind::Other);
    if let Some(fault) = kind.and_then(of_io) {
        return fault;
    }
    if error.is_timeout() {
        return Fault::unreached(
            Unreached::NoConnection(outside("it did not come about in time")),
            Retry::WorthOnce,
        );
    }
    let deepest = deepest(error);
    if error.is_dns() {
        return Fault::unreached(Unreached::NoAddress, Retry::Useless);
    }
    if error.is_connect() {
        return Fault::unreached(Unreached::NoConnection(outside(&deepest)), Retry::Worth);
    }
    if is_about_the_head(&deepest) {
        return Fault::unreached(Unreached::Garbled(outside(&deepest)), Retry::Worth);
    }
    Fault::unreached(Unreached::Lost, Retry::Worth)
}

/// The library does not say of what kind its errors are but in words: `invalid HTTP version parsed`, `invalid
/// content-length parsed`, `message head is too large`.
fn is_about_the_head(cause: &str) -> bool {
    let is_invalid = cause.starts_with("invalid ") && cause.ends_with(" parsed");
    is_invalid || cause.starts_with("message head")
}

fn of_io(kind: io::ErrorKind) -> Option<Fault> {
    use io::ErrorKind as Kind;
    Some(match kind {
        Kind::ConnectionRefused => Fault::unreached(Unreached::Refused, Retry::Useless),
        Kind::ConnectionReset
        | Kind::ConnectionAborted
        | Kind::BrokenPipe
        | Kind::UnexpectedEof
        | Kind::NotConnected => Fault::unreached(Unreached::Lost, Retry::Worth),
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => {
            let text = outside("the network is unreachable");
            Fault::unreached(Unreached::NoConnection(text), Retry::Worth)
        }
        _ => return None,
    })
}

/// A certificate that does not hold is a refusal of ours and stays one; anything else about TLS is a failure.
fn of_tls(error: &rustls::Error) -> Fault {
    match error {
        rustls::Error::InvalidCertificate(why) => {
            Fault::refused(Unsafe::Certificate(certificate(why)))
        }
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            Fault::unreached(Unreached::PlainHttp, Retry::Useless)
        }
        other => Fault::unreached(
            Unreached::Handshake(outside(&other.to_string())),
            Retry::Useless,
        ),
    }
}

fn certificate(why: &CertificateError) -> Certificate {
    use CertificateError as Why;
    match why {
        Why::UnknownIssuer => Certificate::UnknownIssuer,
        Why::Expired | Why::ExpiredContext { .. } => Certificate::Expired,
        Why::NotValidYet | Why::NotValidYetContext { .. } => Certificate::NotYetValid,
        Why::NotValidForName | Why::NotValidForNameContext { .. } => Certificate::OtherHost,
        other => Certificate::Other(outside(&other.to_string())),
    }
}

fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let cause = next?;
        // What an `io::Error` was made of is not its source but itself.
        let inner = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
        Some(cause)
    })
}

/// The text of the last cause of an error: those before it say what was tried, and the address.
pub(super) fn deepest(error: &reqwest::Error) -> String {
    causes(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}
