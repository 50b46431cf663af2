//! What holds for every dialect, whoever the vendor is: pages chain, rows come in natural order, what is empty is told
//! from what is missing and from what nobody shows, and no link leads away.
//!
//! A new vendor is one line in [`VENDORS`], its `Vendor` beside its fake, and `vendors/NAME/CASE` for what it is like to
//! ask it: `args` holds the words of a command line, one on a line; `stdout`, `stderr` and `exit` are what comes of it,
//! `requests` is what it cost.

use std::fs;

use super::support::fake::{Answer, FakeRegistry, Fault, Place, Role, RunningRegistry, When};
use super::support::golden;
use super::support::image::Image;
use super::support::user::User;
use super::support::vendors::{
    Vendor, amazon, artifactory, azure, gitea, github, gitlab, google, harbor, hub, nexus, plain,
    quay, zot,
};

/// Everybody who is held to it.
pub(super) const VENDORS: [&dyn Vendor; 14] = [
    &plain::Plain,
    &hub::Hub,
    &github::GitHub,
    &gitlab::GitLab,
    &azure::Azure,
    &google::Google,
    &amazon::Ecr,
    &amazon::EcrPublic,
    &zot::Zot,
    &quay::Quay,
    &harbor::Harbor,
    &gitea::Gitea,
    &artifactory::Artifactory,
    &nexus::Nexus,
];

/// Names of repositories and their tags, in no order.
const WORLD: [(&str, &[&str]); 6] = [
    ("acme/web", &["1.10", "1.9", "latest", "1.2", "Beta"]),
    ("acme/api", &["2"]),
    ("acme/empty", &[]),
    ("acme/zoo", &["b", "a", "c"]),
    ("acme/db", &["x", "y"]),
    ("acme/cli", &["1", "3", "2"]),
];

/// A registry that lists one at a time.
fn described(vendor: &dyn Vendor) -> FakeRegistry {
    paged(vendor, 1)
}

pub(super) fn paged(vendor: &dyn Vendor, page: usize) -> FakeRegistry {
    let registry = FakeRegistry::new().attacker_at(Place::on("127.0.0.2"));
    vendor.serve(
        registry,
        page,
        &WORLD,
        &Image::new().created("2026-01-01T00:00:00Z"),
    )
}

pub(super) fn user(vendor: &dyn Vendor, registry: &RunningRegistry) -> User {
    let (host, settings) = (vendor.host(), vendor.settings(registry));
    let logins = vendor
        .login()
        .map(|(name, password)| (host, name, password));
    let user = match logins {
        Some(login) => User::logged_in(&[login]),
        None => User::new(),
    };
    let user = user.settings(&format!("registries:\n  {host}: {{{settings}}}\n"));
    let names = WORLD.map(|(name, _)| name).join(", ");
    ["repositories", "tags"]
        .iter()
        .fold(user, |user, resource| {
            let spec = format!("registry: {host}\nresource: {resource}\nrepositories: [{names}]");
            user.query(&format!("all-{resource}.yaml"), &spec)
        })
}

/// A question for all that is below `acme`: by a pattern, or where nothing can be listed by its names, which are in a file.
fn all_of_acme(vendor: &dyn Vendor, resource: &str) -> String {
    match vendor.lists_repositories() {
        true => format!("get {resource} {}/acme/*", vendor.host()),
        false => format!("run all-{resource}.yaml"),
    }
}

/// A question that begins with the first listing of a vendor: of repositories, where it lists them.
fn first_question(vendor: &dyn Vendor) -> String {
    let host = vendor.host();
    match vendor.lists_repositories() {
        true => format!("get repositories {host}/acme/*"),
        false => format!("get tags {host}/acme/web"),
    }
}

/// The columns of tags, with what only the vendor's own listing brings.
fn columns(vendor: &dyn Vendor) -> String {
    let more = vendor.fact().map(|fact| format!(",{fact}"));
    format!("repository,tag{}", more.unwrap_or_default())
}

#[test]
fn pages_chain_and_rows_are_in_natural_order() {
    for vendor in VENDORS {
        let registry = described(vendor).start();
        let user = user(vendor, &registry);
        let all = |resource| all_of_acme(vendor, resource);
        let line = format!("{} --columns repository -o csv", all("repositories"));
        let ended = user.run(&line).exits(0).quietly();
        let mut names: Vec<&str> = WORLD.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        let listed: Vec<&str> = ended.stdout.lines().skip(1).collect();
        assert_eq!(listed, names, "{}", vendor.name());

        let line = format!("{} --columns {} -o csv", all("tags"), columns(vendor));
        let ended = user.run(&line).exits(0).quietly();
        let listed: Vec<&str> = ended.stdout.lines().skip(1).collect();
        let row = |(name, tags): &(&str, &[&str])| {
            let row = |tag: &&str| format!("{name},{tag}");
            tags.iter().map(row).collect::<Vec<String>>()
        };
        let mut rows: Vec<String> = WORLD.iter().flat_map(row).collect();
        rows.sort_by_key(|row| row.split(',').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(listed.len(), rows.len(), "{}", vendor.name());
        for (listed, row) in listed.iter().zip(&rows) {
            assert!(listed.starts_with(row.as_str()), "{listed} is not {row}");
            let has_fact = vendor.fact().is_none_or(|_| !listed.ends_with(','));
            assert!(has_fact, "{listed}");
        }
        let ledger = registry.stop();
        for listing in [vendor.repositories(), vendor.tags()] {
            let pages = ledger.lines();
            let pages = pages.iter().filter(|line| line.contains(listing)).count();
            assert!(
                pages > WORLD.len() / 2,
                "{} has one page: {listing}",
                vendor.name()
            );
        }
    }
}

#[test]
fn what_is_empty_is_there_and_what_is_missing_is_an_error() {
    for vendor in VENDORS {
        let registry = described(vendor).start();
        let (host, user) = (vendor.host(), user(vendor, &registry));
        let columns = columns(vendor);
        let line = |name: &str| format!("get tags {host}/acme/{name} --columns {columns} -o name");
        user.run(&line("empty:**")).exits(0).prints("");
        let ended = user.run(&line("nowhere:**")).exits(4).prints("");
        ended.says(&format!("{host}/acme/nowhere: "));
        let line = format!("get repositories {host}/acme/nowhere -o name");
        user.run(&line).exits(4).prints("");
    }
}

#[test]
fn what_nobody_shows_is_an_error_and_no_empty_table() {
    for vendor in VENDORS {
        for status in [401, 403] {
            let denied = Answer::error(status, "DENIED", &serde_json::json!({}));
            let registry = described(vendor);
            let listing = vendor.repositories();
            let listing = vendor.words(listing);
            let registry = registry.fault(listing.as_str(), When::Always, Fault::Instead(denied));
            let registry = registry.start();
            let line = first_question(vendor);
            let ended = user(vendor, &registry).run(&line).exits(4).prints("");
            ended.says(&format!("was answered with {status}"));
        }
    }
}

#[test]
fn m1_who_wants_to_be_left_alone_is_asked_once() {
    for vendor in VENDORS {
        let away = Answer::error(429, "TOOMANYREQUESTS", &serde_json::json!({}));
        let away = away.header("Retry-After", "3600");
        let listing = vendor.words(vendor.repositories());
        let registry = described(vendor);
        let registry = registry.fault(listing.as_str(), When::Always, Fault::Instead(away));
        let registry = registry.start();
        let line = first_question(vendor);
        let ended = user(vendor, &registry).run(&line).exits(4).prints("");
        ended.says("it wants to be left alone for 3600 s");
        assert_eq!(registry.stop().lines().len(), 1, "{}", vendor.name());
    }
}

#[test]
fn b4_a_link_to_another_host_is_refused() {
    for vendor in VENDORS {
        let listings = [vendor.repositories(), vendor.tags()];
        for listing in listings.into_iter().filter(|line| vendor.leads(line)) {
            let path = "/v2/namespaces/acme/repositories?page=2";
            let lead = move |_: &_, answer: &mut Answer| {
                vendor.lead(answer, &format!("{{attacker}}{path}"));
            };
            let words = vendor.words(listing);
            let registry = described(vendor);
            let edit = Fault::Edit(Box::new(lead));
            let registry = registry.fault(words.as_str(), When::Always, edit).start();
            let columns = columns(vendor);
            let all = all_of_acme(vendor, "tags");
            let line = format!("{all} --columns {columns} -o name");
            let ended = user(vendor, &registry).run(&line);
            assert!([3, 6].contains(&ended.exit), "{}", ended.stderr);
            ended.says("the link to the next page leads to another host");
            let attacker = registry.stop().of(Role::Attacker);
            assert_eq!(attacker.connections().len(), 0, "{}", vendor.name());
        }
    }
}

#[test]
fn every_run_is_as_recorded_and_costs_what_is_recorded() {
    let mut wrong = Vec::new();
    for vendor in VENDORS {
        for case in golden::entries(&format!("vendors/{}", vendor.name())) {
            let registry = paged(vendor, 1000).start();
            let args = fs::read_to_string(case.join("args")).expect("a case says what is run");
            let place = user(vendor, &registry);
            let ended = place.words(args.lines()).run();
            let stdout = without_ports(&ended.stdout, &vendor.settings(&registry));
            let mut requests = registry.stop().lines();
            requests.sort();
            let requests: String = requests.iter().map(|line| format!("{line}\n")).collect();
            let exit = match ended.exit {
                0 => String::new(),
                code => format!("{code}\n"),
            };
            let parts = [
                ("stdout", &stdout),
                ("stderr", &ended.stderr),
                ("requests", &requests),
                ("exit", &exit),
            ];
            let differ = parts.map(|(name, text)| golden::compare(&case.join(name), text).err());
            wrong.extend(differ.into_iter().flatten());
        }
    }
    golden::report(&wrong);
}

/// A text without the ports of the fakes, which are others each time.
fn without_ports(text: &str, settings: &str) -> String {
    let addresses = settings
        .split('\'')
        .filter_map(|part| part.strip_prefix("http://"));
    addresses.fold(text.to_owned(), |text, address| {
        let (host, _) = address.split_once(':').expect("a fake has a port");
        text.replace(address, host)
    })
}
