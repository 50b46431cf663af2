//! The reports that come with the program, run on real registries that were filled for them.
//!
//! `reports/CASE/args` holds the words of the command line, one on a line; `stdout`, `stderr` and `exit` are what comes of
//! it, `requests` is what it cost: how many of each kind were asked of whom. A report that asks more shows in review.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::support::command::Workplace;
use super::support::filled_registries::FilledRegistries;
use super::support::golden;

#[test]
fn every_report_is_as_recorded_and_costs_what_is_recorded() {
    let Some(registries) = FilledRegistries::start() else {
        return;
    };
    let place = registries.place();
    let cases = golden::entries("reports");
    let wrong = cases
        .iter()
        .flat_map(|case| check(case, &place, &registries));
    golden::report(&wrong.collect::<Vec<String>>());
}

fn check(case: &Path, place: &Workplace, registries: &FilledRegistries) -> Vec<String> {
    let args = fs::read_to_string(case.join("args")).expect("a case says what is run");
    let ended = place.run(args.lines().chain(["-v"]));
    let (requests, said): (Vec<&str>, Vec<&str>) =
        ended.stderr.lines().partition(|line| line.contains(" → "));
    let exit = match ended.exit {
        0 => String::new(),
        code => format!("{code}\n"),
    };
    let said: String = said.iter().map(|line| format!("{line}\n")).collect();
    let parts = [
        ("stdout", &ended.stdout),
        ("stderr", &said),
        ("requests", &costs(&requests, registries)),
        ("exit", &exit),
    ];
    let wrong = parts.map(|(name, text)| golden::compare(&case.join(name), text).err());
    wrong.into_iter().flatten().collect()
}

/// How many requests of each kind were answered, by registry.
fn costs(requests: &[&str], registries: &FilledRegistries) -> String {
    let mut costs = BTreeMap::new();
    for request in requests {
        for (at, (name, registry)) in registries.all().enumerate() {
            if let Some((method, rest)) = request.split_once(&registry.base()) {
                let kind = kind(method.trim(), rest);
                *costs.entry((at, name, kind)).or_insert(0) += 1;
            }
        }
    }
    let line = |((_, name, (_, kind)), count)| format!("{name}   {count:>2} {kind}\n");
    costs.into_iter().map(line).collect()
}

/// What is asked by a method and a path, in the order that things are asked in.
fn kind(method: &str, path: &str) -> (usize, &'static str) {
    let kinds = [
        ("GET", "/_catalog", "list repositories"),
        ("GET", "/tags/list", "list tags"),
        ("GET", "/referrers/", "list referrers"),
        ("GET", "/manifests/sha256-", "GET tag of referrers"),
        ("HEAD", "/manifests/sha256-", "HEAD tag of cosign"),
        ("HEAD", "/manifests/", "HEAD manifest"),
        ("GET", "/manifests/sha256:", "GET child manifest"),
        ("GET", "/manifests/", "GET manifest"),
        ("GET", "/blobs/", "GET config"),
    ];
    let fits = |(of, part, _): &&(&str, &str, &str)| *of == method && path.contains(part);
    let found = kinds.iter().enumerate().find(|(_, kind)| fits(kind));
    let (at, (_, _, kind)) = found.unwrap_or_else(|| panic!("{method} {path} is of no kind"));
    (at, kind)
}
