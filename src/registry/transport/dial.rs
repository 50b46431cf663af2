//! Where a request may lead: addresses are checked when they are dialled, whatever name they hide behind (threats A3).

use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::registry::error::Unsafe;
use crate::registry::wire::address::{Reach, is_loopback_name};

/// Who sends us to an address, which decides what kind of address it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::registry) enum Zone {
    /// The user, by name: anywhere.
    User,
    /// A query file: anywhere but to addresses that no registry has.
    File,
    /// The answer of a host of this reach: not to a narrower network than its own.
    Answer(Reach),
}

impl Zone {
    /// Tells whether an address of this reach may be dialled.
    pub(super) fn allows(self, reach: Reach) -> bool {
        match (self, reach) {
            (Self::User, _) => true,
            (_, Reach::Forbidden) => false,
            (Self::File, _) => true,
            (Self::Answer(own), reach) => own.may_lead_to(reach),
        }
    }

    /// Checks an address.
    pub(super) fn check(self, address: IpAddr) -> Result<(), Forbidden> {
        let reach = Reach::of(address);
        match self.allows(reach) {
            true => Ok(()),
            false => Err(Forbidden { address, reach }),
        }
    }
}

/// An address that is not dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Forbidden {
    address: IpAddr,
    reach: Reach,
}

impl Forbidden {
    pub(super) fn why(&self) -> Unsafe {
        Unsafe::Address {
            address: self.address,
            reach: match self.reach {
                Reach::Forbidden => "an address that no registry has",
                Reach::Loopback => "an address of this machine",
                Reach::Private => "an address of a private network",
                Reach::Public => "a public address",
            },
        }
    }
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.why().fmt(f)
    }
}

impl StdError for Forbidden {}

/// What names turned out to lead to.
#[derive(Debug, Default)]
pub(super) struct Reaches(Mutex<HashMap<String, Reach>>);

impl Reaches {
    pub(super) fn of(&self, name: &str) -> Option<Reach> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(name).copied()
    }

    /// Keeps the widest: an answer may lead at most there.
    fn note(&self, name: &str, addresses: &[SocketAddr]) {
        let widest = addresses.iter().map(|found| Reach::of(found.ip())).max();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(widest) = widest {
            let kept = known.entry(name.to_owned()).or_insert(widest);
            *kept = widest.max(*kept);
        }
    }
}

/// Looks names up, and lets only addresses through that the zone allows.
pub(super) struct Checked {
    pub(super) zone: Zone,
    pub(super) reaches: Arc<Reaches>,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (zone, reaches) = (self.zone, Arc::clone(&self.reaches));
        let name = name.as_str().trim_end_matches('.').to_ascii_lowercase();
        Box::pin(async move {
            let found = look_up(&name).await?;
            reaches.note(&name, &found);
            let checked = found
                .iter()
                .map(|address| zone.check(address.ip()).map(|()| *address));
            let (allowed, refused): (Vec<_>, Vec<_>) = checked.partition(Result::is_ok);
            match refused.into_iter().find_map(Result::err) {
                Some(forbidden) if allowed.is_empty() => Err(forbidden.into()),
                _ => Ok(Box::new(allowed.into_iter().flatten()) as Addrs),
            }
        })
    }
}

/// Names under `localhost` are this machine, whatever a name server says (RFC 6761, section 6.3).
async fn look_up(name: &str) -> std::io::Result<Vec<SocketAddr>> {
    if is_loopback_name(name) {
        let v4 = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let v6 = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
        return Ok(vec![v4, v6]);
    }
    Ok(tokio::net::lookup_host((name, 0)).await?.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESSES: [(&str, Reach); 6] = [
        ("169.254.169.254", Reach::Forbidden),
        ("0.0.0.0", Reach::Forbidden),
        ("127.0.0.1", Reach::Loopback),
        ("::ffff:127.0.0.1", Reach::Loopback),
        ("10.0.0.1", Reach::Private),
        ("1.1.1.1", Reach::Public),
    ];

    fn allowed(zone: Zone) -> Vec<&'static str> {
        let address = |text: &str| text.parse().expect("this is an address");
        let allowed = ADDRESSES
            .iter()
            .filter(|(text, _)| zone.check(address(text)).is_ok());
        allowed.map(|(text, _)| *text).collect()
    }

    #[test]
    fn a3_the_user_is_led_anywhere_a_file_nowhere_forbidden_an_answer_nowhere_narrower() {
        let all = ADDRESSES.map(|(text, _)| text);
        assert_eq!(allowed(Zone::User), all);
        assert_eq!(allowed(Zone::File), all[2..]);
        assert_eq!(allowed(Zone::Answer(Reach::Loopback)), all[2..]);
        assert_eq!(allowed(Zone::Answer(Reach::Private)), all[4..]);
        assert_eq!(allowed(Zone::Answer(Reach::Public)), all[5..]);
    }

    async fn resolved(name: &str, zone: Zone) -> Result<Vec<IpAddr>, String> {
        let reaches = Arc::<Reaches>::default();
        let resolver = Checked { zone, reaches };
        let name = name.parse().expect("this is a name");
        match resolver.resolve(name).await {
            Ok(addresses) => Ok(addresses.map(|address| address.ip()).collect()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[tokio::test]
    async fn a3_names_of_this_machine_are_known_and_checked_like_addresses() {
        let found = resolved("registry.localhost", Zone::File).await.unwrap();
        assert!(found.iter().all(IpAddr::is_loopback) && found.len() == 2);
        let refused = resolved("LOCALHOST.", Zone::Answer(Reach::Public)).await;
        assert!(refused.unwrap_err().contains("this machine"));
    }

    #[tokio::test]
    async fn a3_the_widest_reach_of_a_name_is_remembered() {
        let reaches = Arc::<Reaches>::default();
        let zone = Zone::User;
        let resolver = Checked {
            zone,
            reaches: Arc::clone(&reaches),
        };
        assert!(resolver.resolve("localhost".parse().unwrap()).await.is_ok());
        assert_eq!(reaches.of("localhost"), Some(Reach::Loopback));
        reaches.note("localhost", &[SocketAddr::from(([10, 0, 0, 1], 1))]);
        reaches.note("localhost", &[SocketAddr::from(([127, 0, 0, 1], 1))]);
        assert_eq!(reaches.of("localhost"), Some(Reach::Private));
        assert_eq!(reaches.of("other"), None);
    }
}
