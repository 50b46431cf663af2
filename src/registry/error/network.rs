//! What can go wrong between a host and us: not reached, not answered, or not followed for safety.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use crate::safe::Safe;

/// Why a host gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreached {
    /// The name has no address.
    #[error("the name cannot be resolved")]
    NoAddress,
    /// Nobody listens there.
    #[error("the connection was refused")]
    Refused,
    /// The connection did not come about.
    #[error("no connection: {0}")]
    NoConnection(Safe),
    /// The connection broke before the answer was whole.
    #[error("the connection broke before the answer was complete")]
    Lost,
    /// Nothing came in time.
    #[error("{0}")]
    TimedOut(Waiting),
    /// The answer is no HTTP.
    #[error("the answer is not valid HTTP: {0}")]
    Garbled(Safe),
    /// It answered a TLS hello in the clear.
    #[error("it speaks plain HTTP where TLS was expected")]
    PlainHttp,
    /// The TLS handshake failed for another reason than the certificate.
    #[error("the TLS handshake failed: {0}")]
    Handshake(Safe),
    /// It failed so often that it is not asked again.
    #[error("it failed {0} times in a row and is not asked again")]
    GivenUp(u32),
    /// There is no client for it: no certificates on this system, a file that cannot be read.
    #[error("{0}")]
    Setup(Safe),
}

/// What was waited for in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// A connection or the first byte.
    FirstByte(Duration),
    /// The next piece of an answer.
    NextPiece(Duration),
    /// The end of an answer.
    End(Duration),
    /// An answer at a speed that leads somewhere.
    Speed,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstByte(time) => write!(f, "no answer within {time:?}"),
            Self::NextPiece(time) => write!(f, "the answer stopped for {time:?}"),
            Self::End(time) => write!(f, "the answer was not complete after {time:?}"),
            Self::Speed => f.write_str("the answer came too slowly"),
        }
    }
}

/// What was not done, for safety.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsafe {
    /// A certificate that does not hold (threats N1).
    #[error("its certificate {0}")]
    Certificate(Certificate),
    /// An address nobody is sent to by a file or an answer (threats A3).
    #[error("{address} is {reach}, where a query file or an answer does not lead")]
    Address {
        /// The address.
        address: IpAddr,
        /// What kind of address it is.
        reach: &'static str,
    },
    /// A token server that the registry's credential is not for (threats A1).
    #[error(
        "its credential was not sent to the token server `{0}`, which is not known to belong to it"
    )]
    TokenServer(Safe),
    /// A token server that is asked less safely than the registry, or has no address at all (threats A2).
    #[error("the token server it names is not asked: {0}")]
    Realm(Safe),
    /// A redirect that is not followed (threats B1, B2, B3).
    #[error("its redirect is not followed: {0}")]
    Redirect(&'static str),
    /// A link to a next page that is not followed (threats B4).
    #[error("{0}, and is not followed")]
    Link(Safe),
    /// A compressed answer, which nobody asked for (threats C2).
    #[error("its answer is encoded as `{0}`, and only `identity` was asked for")]
    Encoding(Safe),
    /// More headers than any answer needs (threats C6).
    #[error("its answer has more headers than {0} bytes")]
    Headers(usize),
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Certificate {
    /// It was issued by nobody we know, itself included.
    #[error("was issued by an authority that is not trusted here")]
    UnknownIssuer,
    /// It is over.
    #[error("has expired")]
    Expired,
    /// It has not begun.
    #[error("is not valid yet; is the clock of this machine right")]
    NotYetValid,
    /// It is for another host.
    #[error("is for another host")]
    OtherHost,
    /// Anything else.
    #[error("is not accepted: {0}")]
    Other(Safe),
}

impl Unreached {
    /// A stable word for the cause.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::NoAddress => "HOST_NOT_FOUND",
            Self::Refused => "CONNECTION_REFUSED",
            Self::NoConnection(_) => "NO_CONNECTION",
            Self::Lost => "CONNECTION_LOST",
            Self::TimedOut(_) => "TIMED_OUT",
            Self::Garbled(_) => "NOT_HTTP",
            Self::PlainHttp => "PLAIN_HTTP",
            Self::Handshake(_) => "TLS_FAILED",
            Self::GivenUp(_) => "GIVEN_UP",
            Self::Setup(_) => "NO_CLIENT",
        }
    }
}

impl Unsafe {
    /// A stable word for the cause.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Certificate(_) => "CERTIFICATE",
            Self::Address { .. } => "FORBIDDEN_ADDRESS",
            Self::TokenServer(_) => "TOKEN_SERVER_NOT_TRUSTED",
            Self::Realm(_) => "TOKEN_SERVER_REFUSED",
            Self::Redirect(_) => "REDIRECT_REFUSED",
            Self::Link(_) => "LINK_REFUSED",
            Self::Encoding(_) => "ENCODED",
            Self::Headers(_) => "TOO_MANY_HEADERS",
        }
    }
}
