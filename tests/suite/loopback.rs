//! No address but those of this machine is ever opened while tests run: the system itself tells of each one.
#![cfg(target_os = "linux")]

use std::fs;

use super::dialect_contract::{VENDORS, paged, user};
use super::support::command::{TestCommand, Workplace};
use super::support::fake::{Answer, FakeRegistry, Fault, Login, When};
use super::support::golden;
use super::support::image::Image;
use super::support::tools::Tool;
use super::support::user::User;

/// The calls of the system that name an address: to connect to it, or to send something there without.
const CALLS: &str = "trace=connect,sendto,sendmsg,sendmmsg";

/// Runs commands, and writes down what addresses they open.
struct Traced {
    place: Workplace,
    runs: usize,
    opened: Vec<String>,
}

impl Traced {
    fn new() -> Option<Self> {
        Tool::find("strace")?;
        Some(Self {
            place: Workplace::new(),
            runs: 0,
            opened: Vec::new(),
        })
    }

    /// Runs a command to its end, and gives how it ended and how many addresses it opened.
    fn run(&mut self, command: TestCommand) -> (i32, usize) {
        self.runs += 1;
        let trace = self.place.path(&format!("trace-{}", self.runs));
        let path = trace.display().to_string();
        let words = ["-f", "-qq", "-s", "0", "-e", CALLS, "-o", &path];
        let ended = command.under("strace", &words).run();
        let traced = fs::read_to_string(&trace).expect("it was traced");
        let opened: Vec<String> = traced.lines().filter_map(address).collect();
        let count = opened.len();
        self.opened.extend(opened);
        (ended.exit, count)
    }

    /// The addresses that are not of this machine.
    fn elsewhere(self) -> Vec<String> {
        let opened = self.opened.into_iter();
        opened.filter(|address| !is_here(address)).collect()
    }
}

/// The address in a line of a trace, if there is one that a network knows.
fn address(line: &str) -> Option<String> {
    let between = |begin: &str| Some(line.split_once(begin)?.1.split_once('"')?.0.to_owned());
    between("inet_addr(\"").or_else(|| between("inet_pton(AF_INET6, \""))
}

fn is_here(address: &str) -> bool {
    let address = address.parse::<std::net::IpAddr>();
    address.is_ok_and(|address| address.to_canonical().is_loopback())
}

#[test]
fn an_address_is_read_out_of_a_trace() {
    for (line, opened, here) in [
        (
            "7 connect(9, {sa_family=AF_INET, sin_port=htons(4321), sin_addr=inet_addr(\"127.0.0.2\")}, 16) = -1 EINPROGRESS",
            Some("127.0.0.2"),
            true,
        ),
        (
            "7 connect(9, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \"2001:db8::1\", &sin6_addr), sin6_scope_id=0}, 28) = 0",
            Some("2001:db8::1"),
            false,
        ),
        (
            "7 sendto(9, \"\"..., 30, MSG_NOSIGNAL, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr(\"192.0.2.53\")}, 16) = 30",
            Some("192.0.2.53"),
            false,
        ),
        (
            "7 connect(3, {sa_family=AF_UNIX, sun_path=\"/run/x\"}, 110) = 0",
            None,
            true,
        ),
        (
            "7 sendto(9, \"\"..., 90, MSG_NOSIGNAL, NULL, 0) = 90",
            None,
            true,
        ),
    ] {
        let found = address(line);
        assert_eq!(found.as_deref(), opened, "{line}");
        assert_eq!(
            found.is_none_or(|address| is_here(&address)),
            here,
            "{line}"
        );
    }
}

#[test]
fn every_vendor_is_asked_on_this_machine_alone() {
    let Some(mut traced) = Traced::new() else {
        return;
    };
    for vendor in VENDORS {
        for case in golden::entries(&format!("vendors/{}", vendor.name())) {
            let registry = paged(vendor, 1000).start();
            let args = fs::read_to_string(case.join("args")).expect("a case says what is run");
            let (_, opened) = traced.run(user(vendor, &registry).words(args.lines()));
            let asked = registry.stop().lines().len();
            assert!(
                asked == 0 || opened > 0,
                "{}: nothing was traced",
                case.display()
            );
        }
        let registry = paged(vendor, 1000).start();
        let user = user(vendor, &registry);
        for line in [
            "auth",
            "auth HOST",
            "auth HOST/acme/web",
            "api HOST/v2/_catalog",
            "plan --probe tags -p registry=HOST -p repository=acme/web",
        ] {
            traced.run(user.command(&line.replace("HOST", vendor.host())));
        }
    }
    assert_eq!(traced.elsewhere(), Vec::<String>::new());
}

#[test]
fn what_asks_nobody_opens_no_address_at_all() {
    let Some(mut traced) = Traced::new() else {
        return;
    };
    let place = Workplace::with_demo();
    for line in [
        "version",
        "list",
        "explain tags",
        "explain tags.digest",
        "api-resources",
        "schema",
        "new starter",
        "validate starter.yaml",
        "get tags oci:demo --columns tag,digest,created",
        "run catalog -p registry=oci:demo",
        "plan tags -p registry=ghcr.io -p repository=acme/web",
        "get tags ghcr.io/acme/web -o query",
        "plan catalog -p registry=docker.io/library",
        "auth",
        "docker-cli-plugin-metadata",
    ] {
        let ended = traced.run(place.command(line.split(' ')));
        assert_eq!(ended, (0, 0), "{line}");
    }
    assert_eq!(traced.elsewhere(), Vec::<String>::new());
}

#[test]
fn a3_where_no_registry_is_nothing_is_opened_whoever_leads_there() {
    let Some(mut traced) = Traced::new() else {
        return;
    };
    for address in [
        "169.254.169.254",
        "100.100.100.200",
        "[fd00:ec2::254]",
        "[fe80::1]",
    ] {
        let realm = format!("Bearer realm=\"http://{address}/token\"");
        let described = || FakeRegistry::new().tag("team/app:1", Image::new());
        let away = Answer::redirect(307, &format!("http://{address}/latest/meta-data/"));
        for described in [
            described().login(Login::bearer().challenge(&[&realm])),
            described().fault("tags/list", When::Always, Fault::Instead(away)),
        ] {
            let registry = described.start();
            let host = registry.host();
            let settings = format!("registries:\n  {host}: {{plainHttp: true}}\n");
            let spec = format!("registry: {host}\nrepositories: [team/app]");
            let user = User::new()
                .settings(&settings)
                .query("strangers.yaml", &spec);
            let (exit, opened) = traced.run(user.command("run strangers.yaml"));
            assert_eq!(exit, 6, "{address}");
            assert!(opened > 0, "nothing was traced");
        }
    }
    assert_eq!(traced.elsewhere(), Vec::<String>::new());
}
