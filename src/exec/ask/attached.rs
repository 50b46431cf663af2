//! Asking for what is attached, in each of the ways it may be. What one way found stays found where that way fails later, or
//! another one does: a row is told of it, and that there may be more.

use futures_util::stream::{self, StreamExt};

use super::{Asker, CHILDREN_AT_ONCE, Failure};
use crate::fields::Looked;
use crate::limits::{ATTACHED_LOOKED_INTO, REFERRERS};
use crate::oci::{
    Attachment, Descriptor, Digest, Referrer, Statement, is_provenance, provenance_layers,
    referrers_tag,
};
use crate::registry::StandIn;
use crate::rows::{Fault, Row};
use crate::safe::Safe;
use crate::value::Value;

impl Asker<'_> {
    /// Lists what says of itself that it is attached to the row.
    pub(super) async fn referrers(&self, row: &mut Row) -> Result<(), Failure> {
        let (mut looked, mut first) = (Looked::default(), First::default());
        for subject in row.evidence.subjects() {
            let mut things = Vec::new();
            first.note(self.list(row, &subject, &mut things).await)?;
            let mut unclear = things.iter_mut().filter(|thing| thing.is_unclear());
            for thing in unclear.by_ref().take(ATTACHED_LOOKED_INTO) {
                first.note(self.look_at(row, thing).await)?;
            }
            if unclear.next().is_some() {
                first.note::<()>(Err(too_many(ATTACHED_LOOKED_INTO).into()))?;
            }
            looked.things.append(&mut things);
        }
        looked.is_whole = first.is_none();
        row.evidence.attached_mut().referrers = looked;
        first.into_result()
    }

    async fn list(
        &self,
        row: &Row,
        subject: &Digest,
        things: &mut Vec<Referrer>,
    ) -> Result<(), Failure> {
        let stand_in = match row.evidence.may_have(&referrers_tag(subject)) {
            true => StandIn::MayBe,
            false => StandIn::IsNot,
        };
        let repository = &row.evidence.repository;
        let mut pages = self.registry.referrers(repository, subject, stand_in);
        let mut first = First::default();
        while !pages.is_over() {
            self.budget.check()?;
            let Some(page) = self.heard(pages.next().await)? else {
                break;
            };
            self.budget.note_page();
            let faults = page.faults.first();
            first
                .note(faults.map_or(Ok(()), |fault| Err(self.budget.note_failure(fault).into())))?;
            things.extend(page.entries);
            if things.len() > REFERRERS {
                return Err(too_many(REFERRERS).into());
            }
        }
        first.into_result()
    }

    /// Lets a thing's own manifest say what its listing does not.
    async fn look_at(&self, row: &Row, thing: &mut Referrer) -> Result<(), Failure> {
        let descriptor = thing.descriptor.clone();
        let seen = self.get(row, &descriptor).await?;
        *thing = Referrer::of_manifest(&seen.document, descriptor, thing.subject.clone());
        Ok(())
    }

    /// Looks under the tags of cosign for one kind. A listing that told all tags spares the question.
    pub(super) async fn tagged(&self, row: &mut Row, kind: Attachment) -> Result<(), Failure> {
        let (mut looked, mut first) = (Looked::default(), First::default());
        for subject in row.evidence.subjects() {
            let tag = kind.tag_of(&subject);
            let Some(tag) = tag.filter(|tag| row.evidence.may_have(tag)) else {
                continue;
            };
            self.budget.spend()?;
            let answer = self.registry.find(&row.evidence.repository, &tag).await;
            let found = first.note(self.heard(answer))?.flatten();
            let thing = found.map(|found| Referrer::of_tag(kind, found, &subject));
            looked.things.extend(thing);
        }
        looked.is_whole = first.is_none();
        *row.evidence.attached_mut().tags_mut(kind) = looked;
        first.into_result()
    }

    /// Reads the manifests of an index's attestations, which alone say what those attest.
    pub(super) async fn attestations(&self, row: &mut Row) -> Result<(), Failure> {
        let (mut looked, mut first) = (Looked::default(), First::default());
        let asked = row.evidence.own_attestations().map(|attestation| async {
            let seen = self.get(row, &attestation.descriptor).await?;
            let mut attestation = attestation.clone();
            attestation.learn(&seen.document);
            Ok(attestation)
        });
        let answers: Vec<Result<Referrer, Failure>> = stream::iter(asked.collect::<Vec<_>>())
            .buffered(CHILDREN_AT_ONCE)
            .collect()
            .await;
        for answer in answers {
            looked.things.extend(first.note(answer)?);
        }
        looked.is_whole = first.is_none();
        row.evidence.attached_mut().attestations = looked;
        first.into_result()
    }

    /// Reads how the row's image was built out of the attestations of the index about it.
    pub(super) async fn provenance(&self, row: &mut Row) -> Result<(), Failure> {
        let own = row.evidence.own_image().cloned();
        let attestations = row.evidence.own_attestations();
        let about = attestations.filter(|found| found.subject.is_some() && found.subject == own);
        let about: Vec<Referrer> = about.cloned().collect();
        let found = self.first_provenance(row, &about).await?;
        row.evidence.attached_mut().provenance = Some(found);
        Ok(())
    }

    /// The same out of what is attached.
    pub(super) async fn attached_provenance(&self, row: &mut Row) -> Result<(), Failure> {
        let attached = &row.evidence.attached;
        let (listed, tagged) = (&attached.referrers, &attached.attestation_tags);
        let may_say = |thing: &&Referrer| {
            let stated = thing.predicate_type();
            thing.kinds.contains(Attachment::Attestation)
                && stated.is_none_or(|stated| is_provenance(&stated))
        };
        let things = listed.things.iter().chain(&tagged.things);
        let things: Vec<Referrer> = things.filter(may_say).cloned().collect();
        let found = self.first_provenance(row, &things).await?;
        row.evidence.attached_mut().attached_provenance = Some(found);
        Ok(())
    }

    /// What the first statement says that is about how something was built; null if none is.
    async fn first_provenance(&self, row: &Row, things: &[Referrer]) -> Result<Value, Failure> {
        let mut first = First::default();
        for thing in things.iter().take(ATTACHED_LOOKED_INTO) {
            let found = first.note(self.provenance_in(row, &thing.descriptor).await)?;
            if let Some(found) = found.flatten() {
                return Ok(found);
            }
        }
        if things.len() > ATTACHED_LOOKED_INTO {
            return Err(too_many(ATTACHED_LOOKED_INTO).into());
        }
        first.into_result().map(|()| Value::Null)
    }

    async fn provenance_in(
        &self,
        row: &Row,
        attestation: &Descriptor,
    ) -> Result<Option<Value>, Failure> {
        let seen = self.get(row, attestation).await?;
        let layers = provenance_layers(&seen.document);
        let layers = layers.map_err(|error| malformed(attestation, &error.to_string()))?;
        for layer in layers.iter().take(ATTACHED_LOOKED_INTO) {
            self.budget.spend()?;
            let repository = &row.evidence.repository;
            let document = self.heard(self.registry.statement(repository, layer).await)?;
            let statement = Statement::read(&document.value);
            let statement = statement.map_err(|error| malformed(layer, &error.to_string()))?;
            if is_provenance(&statement.predicate_type) && !statement.predicate.is_null() {
                return Ok(Some(statement.predicate));
            }
        }
        match layers.len() > ATTACHED_LOOKED_INTO {
            true => Err(too_many(ATTACHED_LOOKED_INTO).into()),
            false => Ok(None),
        }
    }
}

/// The first of several failures, none of which keeps the others from being asked.
#[derive(Default)]
struct First(Option<Fault>);

impl First {
    /// Errors: the row itself is gone, and nothing more is worth asking.
    fn note<T>(&mut self, answer: Result<T, Failure>) -> Result<Option<T>, Failure> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(Failure::Fault(fault)) => {
                self.0.get_or_insert(fault);
                Ok(None)
            }
            Err(gone) => Err(gone),
        }
    }

    fn is_none(&self) -> bool {
        self.0.is_none()
    }

    fn into_result(self) -> Result<(), Failure> {
        self.0.map_or(Ok(()), |fault| Err(fault.into()))
    }
}

fn too_many(most: usize) -> Fault {
    Fault {
        code: "TOO_MANY_ATTACHED".to_owned(),
        message: Safe::new(&format!(
            "more than {most} things are attached, and not all of them were looked at"
        )),
    }
}

fn malformed(descriptor: &Descriptor, cause: &str) -> Fault {
    Fault {
        code: "MALFORMED".to_owned(),
        message: Safe::new(&format!("{} is malformed: {cause}", descriptor.digest)),
    }
}
