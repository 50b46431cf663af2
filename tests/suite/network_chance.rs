//! Faults by chance: those that pass change nothing, and those that stay take no row away without a word (threats S6).
//!
//! A seed that fails is printed; the same seed throws the same dice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use regq::rows::ResultRow;
use regq::value::Value;

use super::support::fake::{Answer, At, FakeRegistry, Fault, Login, RunningRegistry, When};
use super::support::image::{Image, Index};
use super::support::network::Online;
use super::support::query::{Answer as Asked, Asking};

const SEEDS: u64 = 60;

const QUERIES: [&str; 5] = [
    "columns: {N: name, T: tag, D: digest, S: total_size, L: labels.tag}",
    "where: starts_with(digest, 'sha256')\ncolumns: {N: name, T: tag, C: created, P: platforms}",
    "where: labels.tag != '3'\nsortBy: [-created, name]\ncolumns: {N: name, T: tag, C: created}",
    "repositories: [team/app, team/lib]\nsortBy: -tag\ncolumns: {N: name, T: tag, D: digest}",
    "resource: repositories\ncolumns: {N: name, C: tag_count}",
];

/// Numbers that look like chance (splitmix64).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn of<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.throw(from.len() as u64) as usize]
    }
}

/// Three repositories of eight tags, images and indexes, in pages of three.
fn described() -> FakeRegistry {
    let mut described = FakeRegistry::new().paged(3);
    for repository in ["app", "lib", "web"] {
        for tag in 1..=8 {
            let name = format!("team/{repository}:{tag}");
            let of = |platform: &str| {
                let label = tag.to_string();
                let time = format!("2025-01-{:02}T00:00:00Z", tag * 3 % 7 + 1);
                let image = Image::new().created(&time).label("tag", &label);
                image.platform(platform).layer(&name, 7)
            };
            described = match tag % 3 {
                0 => described.tag(&name, Index::of([of("linux/amd64"), of("linux/arm64")])),
                _ => described.tag(&name, of("linux/amd64")),
            };
        }
    }
    described
}

/// Asks as somebody would whose luck is the dice's.
fn ask(registry: &RunningRegistry, query: &str, dice: &mut Dice) -> Asked {
    let parallel = [None, Some(1), Some(2), Some(7)][dice.throw(4) as usize];
    let online = Online::of(registry).limits(|limits| {
        // More than all faults of a run together, so that none of them is the last one.
        (limits.tries, limits.parallel) = (20, parallel);
    });
    let rows = [1, 2, 5, 64][dice.throw(4) as usize];
    Asking::of(&online).at_once(rows).ask(query)
}

fn clean(query: &str) -> Asked {
    ask(&described().start(), query, &mut Dice(0))
}

fn passing(dice: &mut Dice) -> Fault {
    let at = [At::Start, At::Headers, At::Byte(3), At::Body][dice.throw(4) as usize];
    match dice.throw(9) {
        0 => Fault::busy(429, "0"),
        1 => Fault::status(429),
        2 => Fault::status(500),
        3 => Fault::Instead(Answer::html(502)),
        4 => Fault::busy(503, "0"),
        5 => Fault::closed(at),
        6 => Fault::reset(at),
        7 => Fault::bad_chunk(),
        _ => Fault::bytes("HTTP/9 nonsense\r\n\r\n"),
    }
}

fn described_with_luck(dice: &mut Dice) -> FakeRegistry {
    let latency = Duration::from_micros(dice.throw(3) * 700);
    let described = described().latency(latency);
    match dice.throw(2) {
        0 => described.login(Login::bearer().public(&["*"])),
        _ => described,
    }
}

#[test]
fn s6_faults_that_pass_change_nothing_whenever_they_come() {
    let clean = QUERIES.map(clean);
    for seed in 0..SEEDS {
        let mut dice = Dice(seed);
        let mut described = described_with_luck(&mut dice);
        for _ in 0..=dice.throw(4) {
            let requests = dice.of(&[
                "tags/list",
                "_catalog",
                "HEAD",
                "GET manifests",
                "blobs",
                "token",
                "",
            ]);
            let when = match dice.throw(2) {
                0 => When::First(dice.throw(3) + 1),
                _ => When::Nth(dice.throw(20) + 1),
            };
            described = described.fault(requests, when, passing(&mut dice));
        }
        if dice.throw(2) == 0 {
            let nth = When::Nth(dice.throw(9) + 1);
            described = described.fault("GET blobs", nth, Fault::flipped());
        }
        let which = dice.throw(QUERIES.len() as u64) as usize;
        let answer = ask(&described.start(), QUERIES[which], &mut dice);
        assert_eq!(answer.errors(), Vec::<String>::new(), "seed {seed}");
        assert_eq!(answer.rows, clean[which].rows, "seed {seed}");
        assert_eq!(answer.summary, clean[which].summary, "seed {seed}");
    }
}

fn staying(dice: &mut Dice) -> Fault {
    match dice.throw(10) {
        0 => Fault::status(500),
        1 => Fault::status(403),
        2 => Fault::status(404),
        3 => Fault::reset(At::Body),
        4 => Fault::closed(At::Headers),
        5 => Fault::edit(|request, answer| {
            // Nobody can tell of what has no digest.
            if let (true, Some(last)) = (request.path.contains(":"), answer.body.last_mut()) {
                *last ^= 1;
            }
        }),
        6 => Fault::content("{\"a\":"),
        7 => Fault::Instead(Answer::html(200)),
        8 => Fault::busy(429, "9999"),
        _ => Fault::extra_header("Content-Encoding", "gzip"),
    }
}

/// Rows by what they are about.
fn by_name(answer: &Asked) -> BTreeMap<&str, &ResultRow> {
    let rows = answer.rows.iter();
    rows.map(|row| (row.name.as_str(), row)).collect()
}

/// Whether something of a row, or all of it, is said to be missing.
fn is_explained(name: &str, answer: &Asked) -> bool {
    answer.summary.errors.iter().any(|error| {
        let repository = error.repository.as_ref();
        let whole =
            repository.is_none_or(|repository| name.starts_with(&format!("fake/{repository}")));
        match &error.tag {
            None => whole,
            Some(tag) => whole && name.ends_with(&format!(":{tag}")),
        }
    })
}

/// How many things went, if these rows are missing: a repository of which nothing is left went as one.
fn vanished(missing: &[&str], found: &BTreeMap<&str, &ResultRow>) -> u64 {
    let repository = |name: &str| name.split(':').next().unwrap_or_default().to_owned();
    let left: BTreeSet<String> = found.keys().map(|name| repository(name)).collect();
    let things = missing
        .iter()
        .map(|name| match left.contains(&repository(name)) {
            true => (*name).to_owned(),
            false => repository(name),
        });
    things.collect::<BTreeSet<String>>().len() as u64
}

/// Looks whether a row that is not as it should be lacks only what it is said to lack.
fn is_marked(name: &str, whole: &ResultRow, row: &ResultRow, answer: &Asked, seed: u64) {
    let mut pairs = whole.cells.iter().zip(&row.cells);
    let is_fine = pairs.all(|(whole, cell)| whole == cell || *cell == Value::Null);
    assert!(is_fine, "seed {seed}: {name} is another");
    assert!(row.error.is_some(), "seed {seed}: {name} is not marked");
    assert!(
        is_explained(name, answer),
        "seed {seed}: {name} is not explained"
    );
}

/// Looks whether whatever is not as it should be is said.
fn loses_nothing_silently(clean: &Asked, answer: &Asked, seed: u64) {
    let (expected, found) = (by_name(clean), by_name(answer));
    assert_eq!(
        found.len(),
        answer.rows.len(),
        "seed {seed}: a row is there twice"
    );
    let mut missing = Vec::new();
    for (name, row) in &expected {
        match found.get(name) {
            None if is_explained(name, answer) => {}
            None => missing.push(*name),
            Some(other) if other.cells == row.cells => {}
            Some(other) => is_marked(name, row, other, answer, seed),
        }
    }
    let gone = vanished(&missing, &found);
    assert!(
        gone <= answer.summary.gone,
        "seed {seed}: {missing:?} {:?}",
        answer.errors()
    );
    for (name, row) in &found {
        // What a condition could not drop is there, and marked.
        let is_known = expected.contains_key(name) || row.error.is_some();
        assert!(is_known, "seed {seed}: {name} is invented");
    }
}

#[test]
fn s6_faults_that_stay_take_nothing_away_without_a_word() {
    let clean = QUERIES.map(clean);
    for seed in 0..SEEDS {
        let mut dice = Dice(seed ^ 0xfa17);
        let mut described = described_with_luck(&mut dice);
        for _ in 0..=dice.throw(3) {
            let requests = dice.of(&[
                "tags/list",
                "team/lib/tags/list",
                "_catalog last",
                "HEAD",
                "manifests/3",
                "GET manifests",
                "blobs",
                "team/web/blobs",
                "token",
                "",
            ]);
            let when = match dice.throw(3) {
                0 => When::Always,
                1 => When::Every(dice.throw(4) + 2),
                _ => When::First(dice.throw(30) + 1),
            };
            described = described.fault(requests, when, staying(&mut dice));
        }
        let which = dice.throw(QUERIES.len() as u64) as usize;
        let answer = ask(&described.start(), QUERIES[which], &mut dice);
        loses_nothing_silently(&clean[which], &answer, seed);
    }
}
