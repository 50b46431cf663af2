//! Addresses: how far one reaches, in whatever spelling it comes (threats A3).
//!
//! A registry's answers name hosts: token servers, redirects, links. Without a look at where they lead, a registry on the
//! internet could have the network behind us asked, or a cloud's metadata service, and read the answer. The look is taken
//! at what a name resolved to, when the connection is made; here is only the arithmetic.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::oci::RegistryHost;

/// How far an address reaches, from nowhere to everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::registry) enum Reach {
    /// Link-local, metadata, unspecified, multicast: no registry is there.
    Forbidden,
    /// This machine.
    Loopback,
    /// The network behind us.
    Private,
    /// The internet.
    Public,
}

/// Metadata services that do not sit at a link-local address: Alibaba's, Oracle's and Azure's.
const METADATA_V4: [Ipv4Addr; 3] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
];

/// The same in IPv6: Amazon's and Google's.
const METADATA_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];

impl Reach {
    /// How far `address` reaches.
    pub(in crate::registry) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => match embedded(address) {
                Some(inner) => of_v4(inner),
                None => of_v6(address),
            },
        }
    }

    /// Tells whether a host of this reach may send us to one of reach `target`: never somewhere narrower, never to a
    /// forbidden address.
    pub(in crate::registry) fn may_lead_to(self, target: Self) -> bool {
        target != Self::Forbidden && target >= self
    }
}

fn of_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        _ if METADATA_V4.contains(&address) => Reach::Forbidden,
        // "This network", link-local, multicast, and what is reserved, broadcast included.
        [0, ..] | [169, 254, ..] | [224..=255, ..] => Reach::Forbidden,
        [127, ..] => Reach::Loopback,
        // RFC 1918; carriers' shared addresses (RFC 6598); test networks, where some proxies put all names (RFC 2544).
        [10, ..]
        | [172, 16..=31, ..]
        | [192, 168, ..]
        | [100, 64..=127, ..]
        | [198, 18..=19, ..] => Reach::Private,
        _ => Reach::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Reach {
    let first = address.segments()[0];
    match address {
        Ipv6Addr::LOCALHOST => Reach::Loopback,
        Ipv6Addr::UNSPECIFIED => Reach::Forbidden,
        _ if METADATA_V6.contains(&address) => Reach::Forbidden,
        // Link-local, multicast.
        _ if first & 0xffc0 == 0xfe80 || first & 0xff00 == 0xff00 => Reach::Forbidden,
        // Unique local, and the site-local of old.
        _ if first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfec0 => Reach::Private,
        _ => Reach::Public,
    }
}

/// The IPv4 address that an IPv6 address stands for: a packet to the one ends up at the other.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0..=1] => None,
        // Compatible, mapped, translated (RFC 4291, RFC 2765).
        [0, 0, 0, 0, 0, 0 | 0xffff, a, b] | [0, 0, 0, 0, 0xffff, 0, a, b] => v4(a, b),
        // NAT64, for everybody and for one network (RFC 6052, RFC 8215).
        [0x64, 0xff9b, 0 | 1, _, _, _, a, b] => v4(a, b),
        // 6to4 (RFC 3056).
        [0x2002, a, b, ..] => v4(a, b),
        // Teredo, which writes it inverted (RFC 4380).
        [0x2001, 0, _, _, _, _, a, b] => v4(!a, !b),
        _ => None,
    }
}

/// The address that a host in a URL is, if it is one: with brackets or without, and IPv4 in every spelling that a URL
/// allows (`127.1`, `0x7f.1`, `2130706433`, `0177.0.0.1`).
pub(in crate::registry) fn literal(host: &str) -> Option<IpAddr> {
    if let Ok(address) = host.parse() {
        return Some(address);
    }
    match Host::parse(host).ok()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

/// How far a URL's host reaches by its own words, without asking anybody: an address, or a name of this machine. None where
/// only looking it up can tell.
pub(in crate::registry) fn told(url: &Url) -> Option<Reach> {
    let host = url.host_str()?;
    match literal(host) {
        Some(address) => Some(Reach::of(address)),
        None => is_loopback_name(host).then_some(Reach::Loopback),
    }
}

/// Host and port of a URL, named as a registry is; none where nobody could name it so.
pub(in crate::registry) fn host_of(url: &Url) -> Option<RegistryHost> {
    let host = url.host_str()?;
    match url.port() {
        Some(port) => format!("{host}:{port}").parse().ok(),
        None => host.parse().ok(),
    }
}

/// Tells whether a name means this machine, whatever a resolver says: `localhost` and what ends in it (RFC 6761).
pub(in crate::registry) fn is_loopback_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let top = host.rsplit('.').next().unwrap_or_default();
    top.eq_ignore_ascii_case("localhost") && !host.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(host: &str) -> Reach {
        Reach::of(literal(host).unwrap_or_else(|| panic!("{host} is an address")))
    }

    /// IPv4 addresses and how far they reach, at the edges of every range.
    const V4: [(&str, Reach); 44] = [
        ("0.0.0.0", Reach::Forbidden),
        ("0.255.255.255", Reach::Forbidden),
        ("1.0.0.0", Reach::Public),
        ("9.255.255.255", Reach::Public),
        ("10.0.0.0", Reach::Private),
        ("10.255.255.255", Reach::Private),
        ("11.0.0.0", Reach::Public),
        ("100.63.255.255", Reach::Public),
        ("100.64.0.0", Reach::Private),
        ("100.100.100.200", Reach::Forbidden),
        ("100.100.100.201", Reach::Private),
        ("100.127.255.255", Reach::Private),
        ("100.128.0.0", Reach::Public),
        ("126.255.255.255", Reach::Public),
        ("127.0.0.0", Reach::Loopback),
        ("127.0.0.1", Reach::Loopback),
        ("127.255.255.255", Reach::Loopback),
        ("128.0.0.0", Reach::Public),
        ("168.63.129.16", Reach::Forbidden),
        ("169.253.255.255", Reach::Public),
        ("169.254.0.0", Reach::Forbidden),
        ("169.254.169.254", Reach::Forbidden),
        ("169.254.255.255", Reach::Forbidden),
        ("169.255.0.0", Reach::Public),
        ("172.15.255.255", Reach::Public),
        ("172.16.0.0", Reach::Private),
        ("172.31.255.255", Reach::Private),
        ("172.32.0.0", Reach::Public),
        ("192.0.0.192", Reach::Forbidden),
        ("192.0.2.1", Reach::Public),
        ("192.167.255.255", Reach::Public),
        ("192.168.0.0", Reach::Private),
        ("192.168.255.255", Reach::Private),
        ("192.169.0.0", Reach::Public),
        ("198.17.255.255", Reach::Public),
        ("198.18.0.0", Reach::Private),
        ("198.19.255.255", Reach::Private),
        ("198.20.0.0", Reach::Public),
        ("198.51.100.1", Reach::Public),
        ("203.0.113.1", Reach::Public),
        ("223.255.255.255", Reach::Public),
        ("224.0.0.0", Reach::Forbidden),
        ("240.0.0.0", Reach::Forbidden),
        ("255.255.255.255", Reach::Forbidden),
    ];

    #[test]
    fn a3_ipv4_addresses_reach_so_far() {
        for (address, expected) in V4 {
            assert_eq!(reach(address), expected, "{address}");
        }
    }

    #[test]
    fn a3_ipv6_addresses_reach_so_far() {
        for (address, expected) in [
            ("::", Reach::Forbidden),
            ("::1", Reach::Loopback),
            ("[::1]", Reach::Loopback),
            ("[fe80::1]", Reach::Forbidden),
            ("[febf:ffff::1]", Reach::Forbidden),
            ("[fec0::1]", Reach::Private),
            ("[ff02::1]", Reach::Forbidden),
            ("[fd00:ec2::254]", Reach::Forbidden),
            ("[fd20:ce::254]", Reach::Forbidden),
            ("[fd00:ec2::255]", Reach::Private),
            ("[fc00::1]", Reach::Private),
            ("[fdff:ffff::1]", Reach::Private),
            ("[fe00::1]", Reach::Public),
            ("[fe7f::1]", Reach::Public),
            ("[2001:db8::1]", Reach::Public),
            ("[2606:4700::1111]", Reach::Public),
        ] {
            assert_eq!(reach(address), expected, "{address}");
        }
    }

    #[test]
    fn a3_an_ipv4_address_inside_an_ipv6_one_is_what_it_is() {
        for (address, expected) in V4 {
            let inner: Ipv4Addr = address.parse().unwrap();
            let [a, b, c, d] = inner.octets();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            for outer in [
                format!("::ffff:{address}"),
                format!("::ffff:0:{address}"),
                format!("64:ff9b::{address}"),
                format!("64:ff9b:1::{address}"),
                format!("2002:{high:x}:{low:x}::1"),
                format!("2001:0:102:304:8000:1:{:x}:{:x}", !high, !low),
            ] {
                assert_eq!(reach(&outer), expected, "{outer}");
            }
            if inner != Ipv4Addr::UNSPECIFIED {
                assert_eq!(reach(&format!("::{address}")), expected, "::{address}");
            }
        }
    }

    #[test]
    fn a3_every_spelling_of_an_address_is_that_address() {
        for spelling in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "017700000001",
            "127.0.0.1.",
            "127.0.0.0x1",
            "%31%32%37.0.0.1",
        ] {
            assert_eq!(
                literal(spelling),
                Some(Ipv4Addr::LOCALHOST.into()),
                "{spelling}"
            );
        }
        for spelling in ["::1", "[::1]", "[0:0:0:0:0:0:0:1]", "[::0001]"] {
            assert_eq!(
                literal(spelling),
                Some(Ipv6Addr::LOCALHOST.into()),
                "{spelling}"
            );
        }
        for name in [
            "",
            "localhost",
            "a.b",
            "127.0.0.1.example",
            "[::1",
            "[fe80::1%eth0]",
            "256.0.0.1",
            "a b",
        ] {
            assert_eq!(literal(name), None, "{name}");
        }
    }

    #[test]
    fn a3_nobody_leads_to_a_narrower_place() {
        use Reach::{Forbidden, Loopback, Private, Public};
        for (from, to) in [
            (Public, &[Public] as &[Reach]),
            (Private, &[Private, Public]),
            (Loopback, &[Loopback, Private, Public]),
            (Forbidden, &[Loopback, Private, Public]),
        ] {
            for target in [Forbidden, Loopback, Private, Public] {
                assert_eq!(
                    from.may_lead_to(target),
                    to.contains(&target),
                    "{from:?} {target:?}"
                );
            }
        }
    }

    #[test]
    fn names_of_this_machine() {
        for name in [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "registry.localhost",
            "a.b.Localhost.",
        ] {
            assert!(is_loopback_name(name), "{name}");
        }
        for name in [
            "",
            ".",
            "localhost.example",
            "notlocalhost",
            ".localhost",
            "localhost..",
            "127.0.0.1",
        ] {
            assert!(!is_loopback_name(name), "{name}");
        }
    }
}
