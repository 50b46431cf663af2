//! Where the roles can be reached: the addresses asked for, and the origins they became.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use super::ledger::Role;
use super::tls::Tls;

/// Where a role is to listen: an address of this machine, with or without TLS. The port is a free one.
#[derive(Clone)]
pub(crate) struct Place {
    pub(super) address: IpAddr,
    pub(super) tls: Option<Tls>,
}

impl Place {
    /// An address such as `127.0.0.2`, so that it is another host.
    pub(crate) fn on(address: &str) -> Self {
        Self {
            address: address.parse().expect("a test's address is one"),
            tls: None,
        }
    }

    /// Demands TLS there.
    pub(crate) fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }
}

impl Default for Place {
    /// 127.0.0.1 without TLS.
    fn default() -> Self {
        Self::on("127.0.0.1")
    }
}

/// The origins of all roles that are there.
#[derive(Clone, Default)]
pub(super) struct Places(BTreeMap<Role, (bool, SocketAddr)>);

impl Places {
    pub(super) fn add(&mut self, role: Role, place: &Place, bound: SocketAddr) {
        self.0.insert(role, (place.tls.is_some(), bound));
    }

    /// `127.0.0.1:4321`. The token server is the registry where it is nowhere else.
    pub(super) fn host(&self, role: Role) -> String {
        self.find(role).1.to_string()
    }

    /// `http://127.0.0.1:4321`
    pub(super) fn origin(&self, role: Role) -> String {
        let (is_tls, address) = self.find(role);
        let scheme = if is_tls { "https" } else { "http" };
        format!("{scheme}://{address}")
    }

    fn find(&self, role: Role) -> (bool, SocketAddr) {
        let own = self.0.get(&role);
        let shared = (role == Role::Token).then(|| &self.0[&Role::Registry]);
        *own.or(shared).expect("a test asks for roles it started")
    }

    pub(super) fn has(&self, role: Role) -> bool {
        self.0.contains_key(&role)
    }

    /// Fills in `{registry}`, `{attacker.host}` and the like.
    pub(super) fn fill(&self, text: &str) -> String {
        let names = [
            (Role::Registry, "registry"),
            (Role::Token, "token"),
            (Role::Api, "api"),
            (Role::Store, "store"),
            (Role::Attacker, "attacker"),
        ];
        let mut filled = text.to_owned();
        for (role, name) in names {
            if filled.contains(&format!("{{{name}")) {
                let (origin, host) = (self.origin(role), self.host(role));
                filled = filled.replace(&format!("{{{name}}}"), &origin);
                filled = filled.replace(&format!("{{{name}.host}}"), &host);
            }
        }
        filled
    }
}
