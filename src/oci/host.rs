//! Registry hosts and origins: who is asked, and where a secret belongs (threats N5, S1).

use std::fmt;
use std::str::FromStr;

/// Host and port of a registry service, in one canonical spelling: lower case, no trailing dot, the
/// port only where one was given.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegistryHost {
    host: String,
    port: Option<u16>,
}

/// Why a text is no registry host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// There is a scheme in front.
    #[error("a registry is named without a scheme such as `https://`")]
    Scheme,
    /// There is a user name or a password in front (threats K3); neither is repeated.
    #[error("a registry is named without a user name or password; they belong in Docker's config")]
    Userinfo,
    /// The host has a character no host has.
    #[error("a registry is named `HOST` or `HOST:PORT`")]
    Host,
    /// The port is not from 1 to 65535.
    #[error("a port is a number from 1 to 65535")]
    Port,
}

impl RegistryHost {
    /// The host without its port; an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, where one was given.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Where this host is asked by `scheme`.
    pub fn origin(&self, scheme: Scheme) -> Origin {
        Origin {
            scheme,
            host: self.host.clone(),
            port: self.port.unwrap_or(scheme.default_port()),
        }
    }

    /// Tells whether a first path component is a host by Docker's rule: it has a dot or a colon, or is
    /// `localhost`.
    pub fn is_host(component: &str) -> bool {
        component.contains(['.', ':']) || component.eq_ignore_ascii_case("localhost")
    }
}

impl FromStr for RegistryHost {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        if text.contains('@') {
            return Err(HostError::Userinfo);
        }
        if text.contains("://") {
            return Err(HostError::Scheme);
        }
        let (host, port) = split_port(text)?;
        let port = port.map(parse_port).transpose()?;
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        if is_ipv6(&host) || is_name(&host) {
            Ok(Self { host, port })
        } else {
            Err(HostError::Host)
        }
    }
}

fn split_port(text: &str) -> Result<(&str, Option<&str>), HostError> {
    if text.starts_with('[') {
        let end = text.find(']').ok_or(HostError::Host)? + 1;
        let (host, rest) = text.split_at(end);
        return match (rest, rest.strip_prefix(':')) {
            ("", _) => Ok((host, None)),
            (_, Some(port)) => Ok((host, Some(port))),
            _ => Err(HostError::Host),
        };
    }
    Ok(match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    })
}

fn parse_port(text: &str) -> Result<u16, HostError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(port) if digits && port > 0 => Ok(port),
        _ => Err(HostError::Port),
    }
}

fn is_ipv6(host: &str) -> bool {
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok())
}

fn is_name(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    host.len() <= 253 && host.split('.').all(label)
}

impl fmt::Display for RegistryHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => f.write_str(&self.host),
        }
    }
}

/// How a host is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// Over TLS.
    Https,
    /// In the clear.
    Http,
}

impl Scheme {
    fn default_port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
        }
    }
}

/// Scheme, host and port (RFC 6454): what a secret belongs to. The port is always there, so that two
/// spellings of one origin are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    scheme: Scheme,
    host: String,
    port: u16,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Https => "https",
            Scheme::Http => "http",
        };
        if self.port == self.scheme.default_port() {
            write!(f, "{scheme}://{}", self.host)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Result<RegistryHost, HostError> {
        text.parse()
    }

    #[test]
    fn n5_one_spelling_for_one_origin() {
        for (a, b) in [
            ("ghcr.io", "GHCR.io"),
            ("ghcr.io", "ghcr.io."),
            ("ghcr.io", "ghcr.io:443"),
            ("[::1]:5000", "[::1]:05000"),
        ] {
            let origin = |text| host(text).unwrap().origin(Scheme::Https);
            assert_eq!(origin(a), origin(b), "{a} {b}");
        }
        let registry = host("localhost:5000").unwrap();
        assert_ne!(
            registry.origin(Scheme::Http),
            registry.origin(Scheme::Https)
        );
        assert_eq!(
            registry.origin(Scheme::Http).to_string(),
            "http://localhost:5000"
        );
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for (text, error) in [
            ("https://ghcr.io", HostError::Scheme),
            ("user:hunter2@ghcr.io", HostError::Userinfo),
            ("ghcr.io:0", HostError::Port),
            ("ghcr.io:65536", HostError::Port),
            ("ghcr.io:+1", HostError::Port),
            ("a b", HostError::Host),
            ("-a.io", HostError::Host),
            ("", HostError::Host),
            ("[::1", HostError::Host),
            ("a\r\nb", HostError::Host),
        ] {
            assert_eq!(host(text), Err(error), "{text}");
        }
    }

    #[test]
    fn k3_the_message_does_not_repeat_a_password() {
        let message = host("https://user:hunter2@ghcr.io")
            .unwrap_err()
            .to_string();
        assert!(!message.contains("hunter2"));
    }
}
