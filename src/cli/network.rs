//! Who may be asked, how, and how patiently: flags and the user's settings made into the values that the network is
//! given. Consent comes from nowhere else (threats G1).

use std::time::Instant;

use super::args::{ALL_HOSTS, NetworkArgs, OutputArgs};
use super::hosts;
use super::listener::Verbosity;
use super::settings::Settings;
use super::user::UserSettings;
use crate::diagnostic::{Diagnostic, Passage};
use crate::limits::{Limits, Timing};
use crate::oci::RegistryHost;
use crate::registry::{Consent, Trust};

/// What is allowed: by the user's settings, by flags, and for the hosts that the user has `typed` as places to look.
///
/// Errors: a flag whose host is none; all of them together.
pub(super) fn trust(
    user: UserSettings,
    flags: &NetworkArgs,
    typed: impl IntoIterator<Item = RegistryHost>,
) -> Result<Trust, Vec<Diagnostic>> {
    let mut trust = Trust::default();
    let mut findings = Vec::new();
    for (host, consent) in user.consents {
        trust.allow(host, consent);
    }
    for host in typed {
        let named = Consent {
            named: true,
            ..Consent::default()
        };
        trust.allow(host, named);
    }
    for (host, consent) in flagged(flags) {
        match host.map(|host| hosts::read(&host)) {
            None => trust.ask_anonymously(),
            Some(Ok(host)) => trust.allow(host, consent),
            Some(Err(finding)) => findings.push(finding),
        }
    }
    match findings.is_empty() {
        true => Ok(trust),
        false => Err(findings),
    }
}

/// What each flag consents to, and for whom: no host means all of them.
fn flagged(flags: &NetworkArgs) -> impl Iterator<Item = (Option<Passage>, Consent)> {
    let anonymous = flags.anonymous.iter().map(|host| {
        let host = Some(host).filter(|host| *host != ALL_HOSTS);
        let consent = Consent {
            anonymous: true,
            ..Consent::default()
        };
        let host = host.map(|host| Passage::flag("--anonymous", host));
        (host, consent)
    });
    let plain_http = flags.plain_http.iter().map(|host| {
        let consent = Consent {
            plain_http: true,
            ..Consent::default()
        };
        (Some(Passage::flag("--plain-http", host)), consent)
    });
    let insecure_tls = flags.insecure_tls.iter().map(|host| {
        let consent = Consent {
            insecure_tls: true,
            ..Consent::default()
        };
        (Some(Passage::flag("--insecure-tls", host)), consent)
    });
    anonymous.chain(plain_http).chain(insecure_tls)
}

/// The bounds of a run, as the user sets them.
pub(super) fn limits(output: &OutputArgs, network: &NetworkArgs) -> Limits {
    let limits = patience(network);
    Limits {
        requests: output.max_requests.unwrap_or(limits.requests),
        ..limits
    }
}

/// The bounds of what asks little, as the user sets them.
pub(super) fn patience(network: &NetworkArgs) -> Limits {
    let limits = Limits::default();
    Limits {
        parallel: network.parallel.map(|parallel| parallel.0),
        tries: network.retries.map_or(limits.tries, |again| again + 1),
        ..limits
    }
}

/// The waits of a run: `--request-timeout` is for all of an answer, so no part of it may take longer.
pub(super) fn timing(network: &NetworkArgs) -> Timing {
    let mut timing = Timing::default();
    if let Some(wait) = network.request_timeout {
        timing.answer = wait.0;
        for part in [
            &mut timing.connect,
            &mut timing.first_byte,
            &mut timing.idle,
        ] {
            *part = wait.0.min(*part);
        }
    }
    timing
}

/// How much is said while asking.
pub(super) fn verbosity(network: &NetworkArgs, settings: &Settings) -> Verbosity {
    match network.verbose || settings.debug {
        true => Verbosity::Requests,
        false => Verbosity::Calm,
    }
}

/// When a run that begins now has to be over.
pub(super) fn deadline(network: &NetworkArgs) -> Option<Instant> {
    Instant::now().checked_add(network.timeout?.0)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::args::{Cli, Command, RunArgs};

    fn run(flags: &str) -> RunArgs {
        let words = format!("docker-regq run q {flags}");
        let cli = Cli::try_parse_from(words.split_whitespace()).unwrap();
        match cli.command {
            Command::Run(args) => args,
            _ => panic!("the command is `run`"),
        }
    }

    fn of(flags: &str, host: &str) -> Consent {
        let trust = trust(UserSettings::default(), &run(flags).network, []);
        trust.unwrap().of(&host.parse().unwrap())
    }

    #[test]
    fn n2_a_flag_consents_for_its_host_and_no_other() {
        let plain = "--plain-http localhost:5000 --plain-http b.example";
        assert!(of(plain, "localhost:5000").plain_http && of(plain, "b.example").plain_http);
        for other in ["localhost", "localhost:5001", "a.b.example"] {
            assert_eq!(of(plain, other), Consent::default(), "{other}");
        }
        let insecure = of("--insecure-tls a.io", "a.io");
        assert!(insecure.insecure_tls && !insecure.plain_http);
    }

    #[test]
    fn anonymous_is_for_all_or_for_one() {
        assert!(of("--anonymous", "a.io").anonymous);
        assert!(of("--anonymous=a.io", "a.io").anonymous);
        assert!(!of("--anonymous=a.io", "b.io").anonymous);
        assert!(!of("--anonymous=a.io --anonymous=b.io", "c.io").anonymous);
        assert_eq!(run("--anonymous demo").queries, ["q", "demo"]);
    }

    #[test]
    fn what_is_typed_is_named_and_settings_hold_beside_it() {
        let host: RegistryHost = "a.io".parse().unwrap();
        let user = UserSettings {
            consents: vec![(
                host.clone(),
                Consent {
                    parallel: Some(3),
                    ..Consent::default()
                },
            )],
            ..UserSettings::default()
        };
        let trust = trust(user, &run("").network, [host.clone()]).unwrap();
        let consent = trust.of(&host);
        assert!(consent.named && consent.parallel == Some(3));
    }

    #[test]
    fn every_flag_that_names_no_host_is_found() {
        let network = run("--plain-http a/b --insecure-tls https://c").network;
        let findings = trust(UserSettings::default(), &network, []).unwrap_err();
        assert_eq!(findings.len(), 2);
    }

    #[test]
    fn waits_and_bounds_are_those_of_the_flags() {
        let args = run("--parallel 7 --retries 0 --request-timeout 2s --max-requests 9");
        let limits = limits(&args.output, &args.network);
        assert_eq!(
            (limits.parallel, limits.tries, limits.requests),
            (Some(7), 1, 9)
        );
        let timing = timing(&args.network);
        let parts = [
            timing.answer,
            timing.connect,
            timing.first_byte,
            timing.idle,
        ];
        assert!(parts.iter().all(|part| part.as_secs() == 2), "{timing:?}");
        assert_eq!(super::timing(&run("").network), Timing::default());
    }
}
