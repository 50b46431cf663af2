//! Promises held for registries and queries by chance: a plan changes no answer, and an answer is what the documents
//! say.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use regq::rows::Verdict;
use regq::value::Value;

use super::support::image::Image;
use super::support::model::{Model, broken};
use super::support::oracle::{Row, asserted, compile, evaluate, expected, full_row};
use super::support::query::{Answer, Asking};
use super::support::random_query::{
    Base, COLUMNS, CONDITIONS, FAILING, KEYS, RandomQuery, query, query_of_parts, query_with_base,
};
use super::support::random_world::{RandomWorld, broken_world, refuses_a_manifest, sound_world};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn planned(world: &RandomWorld, query: &RandomQuery) -> Answer {
    asking(world, query)
        .at_once(query.at_once)
        .ask(&query.spec())
}

fn naive(world: &RandomWorld, query: &RandomQuery) -> Answer {
    asking(world, query).naively().ask(&query.spec())
}

fn asking(world: &RandomWorld, query: &RandomQuery) -> Asking {
    let asking = Asking::of(&world.model());
    let base = Image::new().layer("base", 100).label("owner", "a");
    match query.base {
        Base::None => asking,
        Base::There => asking.comparing(&Model::new("base").tag("debian:12", base)),
        Base::Broken => asking.comparing_broken(broken("the base")),
    }
}

/// Whether one answer misses no more than the other. It may miss less: a row that a condition drops is not asked
/// whether it is still there, nor whether its repository ever was.
fn is_part_of(planned: &Answer, naive: &Answer) -> bool {
    let (planned, naive) = (&planned.summary, &naive.summary);
    planned
        .errors
        .iter()
        .all(|error| naive.errors.contains(error))
        && planned.gone <= naive.gone
}

/// Everything but HEADs, which may come before the GET that would have replaced them.
fn gets(answer: &Answer) -> usize {
    answer.requests.len() - answer.count("head")
}

/// A plan gives the rows of the naive one, misses nothing that it does not, and gets no more.
fn agree(planned: &Answer, naive: &Answer, query: &RandomQuery) -> Result<(), TestCaseError> {
    prop_assert_eq!(&planned.rows, &naive.rows, "{}", query.spec());
    prop_assert!(is_part_of(planned, naive), "{}", query.spec());
    if query.limit.is_none() {
        prop_assert!(gets(planned) <= gets(naive), "{}", query.spec());
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn a_plan_gives_what_the_naive_plan_gives(world in sound_world(), query in query()) {
        let (planned, naive) = (planned(&world, &query), naive(&world, &query));
        agree(&planned, &naive, &query)?;
        if naive.summary.errors.iter().all(|error| error.code != "NAME_UNKNOWN") {
            prop_assert_eq!(&planned.summary, &naive.summary, "{}", query.spec());
        }
    }

    #[test]
    fn a_plan_gives_what_the_naive_plan_gives_whatever_fails(
        world in broken_world(),
        mut query in query(),
        failing in option::of(select(FAILING)),
    ) {
        query.conditions.extend(failing);
        let (planned, naive) = (planned(&world, &query), naive(&world, &query));
        // A tag that vanished is missed by those alone that ask for it, and others may have taken its rank since.
        if query.looks_around() && planned.summary.gone < naive.summary.gone {
            return Ok(());
        }
        prop_assert_eq!(&planned.rows, &naive.rows, "{}", query.spec());
        prop_assert!(is_part_of(&planned, &naive), "{}", query.spec());
        if (planned.summary.gone, &planned.summary.errors) == (naive.summary.gone, &naive.summary.errors) {
            prop_assert_eq!(&planned.summary.asserts, &naive.summary.asserts, "{}", query.spec());
        }
    }

    #[test]
    fn a_plan_of_parts_gives_what_the_naive_plan_gives(
        world in sound_world(),
        query in query_of_parts(),
    ) {
        agree(&planned(&world, &query), &naive(&world, &query), &query)?;
    }

    #[test]
    fn a_plan_of_parts_gives_what_the_naive_plan_gives_whatever_fails(
        world in broken_world(),
        mut query in query_of_parts(),
        failing in option::of(select(FAILING)),
    ) {
        query.conditions.extend(failing);
        let (planned, naive) = (planned(&world, &query), naive(&world, &query));
        if query.looks_around() && planned.summary.gone < naive.summary.gone {
            return Ok(());
        }
        prop_assert_eq!(&planned.rows, &naive.rows, "{}", query.spec());
        prop_assert!(is_part_of(&planned, &naive), "{}", query.spec());
    }

    #[test]
    fn a_plan_that_compares_gives_what_the_naive_plan_gives(
        world in sound_world(),
        query in query_with_base(),
    ) {
        agree(&planned(&world, &query), &naive(&world, &query), &query)?;
    }

    #[test]
    fn an_answer_is_what_the_documents_say(
        world in sound_world(),
        query in prop_oneof![query(), query_of_parts()],
    ) {
        let answer = planned(&world, &query);
        let cells: Vec<Vec<Value>> = answer.rows.into_iter().map(|row| row.cells).collect();
        // A named repository may not be there; an index may not say which of its children fits.
        if answer.summary.errors.iter().all(|error| error.code == "NAME_UNKNOWN") {
            let (rows, count) = expected(&world, &query);
            // One group of nothing is not told of where nobody knows that there is nothing.
            if cells.is_empty() && query.group == Some(&[]) && !answer.summary.is_complete() {
                return Ok(());
            }
            for (text, checked) in query.asserts.iter().zip(&answer.summary.asserts) {
                let holds = asserted(text, &query, &rows, count);
                let verdict = match holds {
                    true => Verdict::Holds,
                    false if answer.summary.is_complete() => Verdict::Fails,
                    false => Verdict::Undecided,
                };
                prop_assert_eq!(checked.verdict, verdict, "{} {}", text, query.spec());
            }
            prop_assert_eq!(cells, rows, "{}", query.spec());
        }
    }

    #[test]
    fn an_expression_needs_no_more_than_it_says_it_reads(world in sound_world(), query in query()) {
        let model = world.model();
        for (repository, tag) in world.names() {
            let row = full_row(&model, repository, tag, &query);
            for text in CONDITIONS.iter().chain(COLUMNS).chain(KEYS) {
                let expr = compile(&text.replace("PREVIOUS", "tag"));
                let read = row.iter().filter(|(name, _)| expr.reads().contains(name));
                let some: Row = read.cloned().collect();
                prop_assert_eq!(evaluate(&expr, &some), evaluate(&expr, &row), "{}", text);
            }
        }
    }
}

/// Met by chance: what is no index has no attestations of its own, also where a HEAD by digest says less than the listing.
#[test]
fn what_a_listing_says_of_a_tag_is_not_forgotten_for_a_head() {
    let model = refuses_a_manifest().model();
    let attested = |columns: &str| {
        let spec = format!("columns: {{ALL: {columns}, ATTESTED: length(attestations)}}");
        let answer = Asking::of(&model).naively().ask(&spec);
        (answer.rows[0].cells[1].clone(), answer.count("head"))
    };
    assert_eq!(attested("manifest"), (Value::from(1), 0));
    assert_eq!(attested("'[manifest, kind]'"), (Value::from(1), 1));
}
