//! Why there is no credential for a host.
//!
//! An error names host, document, key or helper, and exit code. It never has a word of what a helper wrote: helpers have
//! been seen to print the secret beside the complaint (threats I4, I5). Advice is `cli`'s affair.

use std::time::Duration;

use super::entry::EntryFlaw;
use crate::oci::RegistryHost;
use crate::registry::error::in_words;
use crate::safe::Safe;

/// Why there is no credential for a host. Another host's is none of its affair (threats A12).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// The entry for the host cannot be decoded.
    #[error("the entry `{key}` of `{file}` for `{host}` cannot be used: {flaw}")]
    Entry {
        /// Whose credential it should be.
        host: RegistryHost,
        /// The document.
        file: Safe,
        /// The entry's key.
        key: Safe,
        /// What is wrong with it.
        flaw: EntryFlaw,
    },
    /// The helper for the host did not give a credential.
    #[error("the credential helper `{name}`, which `{file}` names for `{host}`, {fault}")]
    Helper {
        /// Whose credential it should be.
        host: RegistryHost,
        /// The document that names the helper.
        file: Safe,
        /// The helper's name as configured, without `docker-credential-`.
        name: Safe,
        /// What it did.
        fault: HelperFault,
    },
}

/// What a helper did in place of answering.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HelperFault {
    /// Its name could lead to another program than a helper (threats I1).
    #[error("has a name that no helper has")]
    Name,
    /// There is no such program.
    #[error("was not found on PATH")]
    Missing,
    /// There is, but the system does not start it.
    #[error("could not be started: {0}")]
    NotStarted(Safe),
    /// It failed.
    #[error("failed with {0}")]
    Failed(HelperEnd),
    /// It was too slow (threats I3).
    #[error("did not answer within {0:?}")]
    Late(Duration),
    /// It wrote more than an answer can be.
    #[error("answered with more than {}", in_words(*.0 as u64))]
    TooMuch(usize),
    /// It wrote something else than an answer.
    #[error("answered with nonsense: {0}")]
    Nonsense(AnswerFlaw),
    /// It answered for somebody else (threats I6).
    #[error("answered for another server than it was asked about")]
    OtherServer,
    /// It was asked when the run was over.
    #[error("was not started, because the run is ending")]
    Ending,
}

/// How a helper ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HelperEnd {
    /// By itself.
    #[error("exit code {0}")]
    Code(i32),
    /// By a signal.
    #[error("signal {0}")]
    Signal(i32),
    /// In a way the system does not tell.
    #[error("no exit code")]
    Unknown,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFlaw {
    /// It is not JSON.
    #[error("it is not JSON")]
    Json,
    /// It is not an object of texts.
    #[error("it is not an object of texts")]
    Shape,
    /// It has a secret for nobody.
    #[error("it has a secret without a user name")]
    NoAccount,
    /// It has a user without a secret.
    #[error("it has a user name without a secret")]
    NoSecret,
    /// A user name or secret has line breaks or NULs.
    #[error("its user name or secret has characters that cannot be sent")]
    Characters,
}

impl CredentialError {
    /// A stable word for the cause.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Entry { .. } => "CREDENTIAL_MALFORMED",
            Self::Helper { fault, .. } => fault.code(),
        }
    }

    /// Whose credential it should be.
    pub fn host(&self) -> &RegistryHost {
        match self {
            Self::Entry { host, .. } | Self::Helper { host, .. } => host,
        }
    }
}

impl HelperFault {
    /// A stable word for the cause.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name => "HELPER_NAME_INVALID",
            Self::Missing => "HELPER_MISSING",
            Self::NotStarted(_) => "HELPER_NOT_STARTED",
            Self::Failed(_) => "HELPER_FAILED",
            Self::Late(_) => "HELPER_TIMEOUT",
            Self::TooMuch(_) => "HELPER_TOO_LARGE",
            Self::Nonsense(_) => "HELPER_MALFORMED",
            Self::OtherServer => "HELPER_OTHER_SERVER",
            Self::Ending => "HELPER_ENDED",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::HELPER_STDOUT_BYTES;

    #[test]
    fn every_error_has_its_code_and_text() {
        use HelperFault as F;
        let about = "the credential helper `pass`, which `c.json` names for `ghcr.io`, ";
        for (fault, code, text) in [
            (
                F::Name,
                "HELPER_NAME_INVALID",
                "has a name that no helper has",
            ),
            (F::Missing, "HELPER_MISSING", "was not found on PATH"),
            (
                F::NotStarted("no".into()),
                "HELPER_NOT_STARTED",
                "could not be started: no",
            ),
            (
                F::Failed(HelperEnd::Code(2)),
                "HELPER_FAILED",
                "failed with exit code 2",
            ),
            (
                F::Failed(HelperEnd::Signal(9)),
                "HELPER_FAILED",
                "failed with signal 9",
            ),
            (
                F::Failed(HelperEnd::Unknown),
                "HELPER_FAILED",
                "failed with no exit code",
            ),
            (
                F::Late(Duration::from_secs(30)),
                "HELPER_TIMEOUT",
                "did not answer within 30s",
            ),
            (
                F::TooMuch(HELPER_STDOUT_BYTES),
                "HELPER_TOO_LARGE",
                "answered with more than 64 KiB",
            ),
            (
                F::Nonsense(AnswerFlaw::Json),
                "HELPER_MALFORMED",
                "answered with nonsense: it is not JSON",
            ),
            (
                F::OtherServer,
                "HELPER_OTHER_SERVER",
                "answered for another server than it was asked about",
            ),
            (
                F::Ending,
                "HELPER_ENDED",
                "was not started, because the run is ending",
            ),
        ] {
            let error = CredentialError::Helper {
                host: "ghcr.io".parse().unwrap(),
                file: "c.json".into(),
                name: "pass".into(),
                fault,
            };
            assert_eq!(
                (error.code(), error.to_string()),
                (code, format!("{about}{text}"))
            );
        }
        let entry = CredentialError::Entry {
            host: "ghcr.io".parse().unwrap(),
            file: "c.json".into(),
            key: "https://ghcr.io".into(),
            flaw: EntryFlaw::NoAccount,
        };
        assert_eq!(entry.code(), "CREDENTIAL_MALFORMED");
        assert_eq!(entry.host().to_string(), "ghcr.io");
        let text = "the entry `https://ghcr.io` of `c.json` for `ghcr.io` cannot be used: it has no user name";
        assert_eq!(entry.to_string(), text);
    }
}
