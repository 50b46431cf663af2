//! The images that rows are compared with: each is asked for before the first row, and no more of it than is read.

use futures_util::future::join_all;

use super::ask::{Asked, Asker};
use super::families::Families;
use super::listed::{absent_reference, referenced};
use super::{Budget, Source};
use crate::fields::Facet;
use crate::plan::{BoundCompanion, Plan, unoffered};
use crate::rows::{Companion, Companions, Fault, Row};

/// Asks for them, all at once. Their sources stand after those of the rows; one of which nothing is read has none.
pub(super) async fn companions(
    plan: &Plan,
    sources: &[Source],
    budget: &Budget,
    families: &Families,
) -> Companions {
    let mut sources = sources.iter().skip(plan.query.sources.len());
    let asked = plan.query.companions.iter().map(|companion| {
        let source = match companion.needs.is_empty() {
            true => None,
            false => sources.next(),
        };
        ask(companion, source, plan, budget, families)
    });
    let asked: Vec<_> = asked.collect();
    Companions::new(join_all(asked).await)
}

async fn ask(
    companion: &BoundCompanion,
    source: Option<&Source>,
    plan: &Plan,
    budget: &Budget,
    families: &Families,
) -> Companion {
    let references = companion.source.references.iter().flatten();
    let mut row = references
        .map(|name| referenced(&companion.source.name, name))
        .next()
        .expect("an image to compare with is one reference");
    match source.map(|source| &source.registry) {
        None => {}
        Some(Err(error)) => fail(&mut row, &budget.note_failure(error)),
        Some(Ok(registry)) => {
            row.unoffered = unoffered(&registry.capabilities());
            let asker = Asker {
                registry: registry.as_ref(),
                platform: &plan.query.platform,
                tags: &plan.query.tags,
                budget,
                families,
            };
            if let Asked::Gone(absent) = asker.complete(&mut row, companion.needs).await {
                let fault = budget.note_failure(&absent_reference(&row, absent));
                fail(&mut row, &fault);
            }
        }
    }
    row.settle(companion.needs);
    Companion {
        name: companion.name.clone(),
        row,
        needs: companion.needs,
    }
}

/// Nothing of the image can be had.
fn fail(row: &mut Row, fault: &Fault) {
    let asked = Facet::ALL.into_iter();
    for facet in asked.filter(|facet| !matches!(facet, Facet::Name | Facet::Tag)) {
        row.fail(facet, fault.clone());
    }
}
