//! Whom a query asks: registries, single references, and the images that rows are compared with.

use std::sync::Arc;

use super::bind::Binder;
use super::bound::{BoundCompanion, BoundQuery, BoundSource};
use crate::diagnostic::{Diagnostic, Place};
use crate::fields::{FieldSet, Resource};
use crate::query::{NamedReference, Target, TargetError, Template};

impl Binder<'_> {
    /// Whom the query asks.
    pub(super) fn sources(&mut self) -> Vec<BoundSource> {
        if let Some(templates) = &self.query.references {
            return self.references(templates);
        }
        let Some(templates) = &self.query.registry else {
            let message = "nothing says which registry to ask";
            let finding = Diagnostic::error(message).at(&self.query.place, "");
            let hint =
                "name it with `registry:` in `spec`, or with `--registry`; or name `references:`";
            self.findings.push(finding.hint(hint));
            return Vec::new();
        };
        let mut sources = Vec::new();
        for template in templates {
            let found = self.findings.len();
            let texts = self.fill_all(template);
            if texts.is_empty() && self.params.is_some() && self.findings.len() == found {
                let finding = Diagnostic::error("the list of registries to ask is empty");
                self.findings.push(finding.at(&template.place(), ""));
            }
            for text in texts {
                match Target::parse(&text) {
                    Ok(target) => sources.push(BoundSource {
                        name: Arc::from(text.as_str()),
                        target,
                        place: template.place(),
                        parameter: template.place_parameter().map(str::to_owned),
                        references: None,
                    }),
                    Err(error) => self.findings.push(wrong(&error, &text, template)),
                }
            }
        }
        sources
    }

    /// The sources of single references: one for each registry, and for each parameter that alone says where to look.
    fn references(&mut self, templates: &[Template]) -> Vec<BoundSource> {
        let mut sources: Vec<BoundSource> = Vec::new();
        for template in templates {
            let found = self.findings.len();
            let texts = self.fill_all(template);
            if texts.is_empty() && self.params.is_some() && self.findings.len() == found {
                let finding = Diagnostic::error("the list of references is empty");
                self.findings.push(finding.at(&template.place(), ""));
            }
            for text in texts {
                if let Some(source) = self.reference(&text, template) {
                    add(&mut sources, source);
                }
            }
        }
        for names in sources
            .iter_mut()
            .filter_map(|source| source.references.as_mut())
        {
            names.sort();
            names.dedup();
        }
        sources
    }

    /// The source of one reference.
    fn reference(&mut self, text: &str, template: &Template) -> Option<BoundSource> {
        match NamedReference::parse(text) {
            Ok(reference) => Some(BoundSource {
                name: Arc::from(reference.registry.as_str()),
                target: Target::Host {
                    host: reference.host,
                    prefix: None,
                },
                place: template.place(),
                parameter: template.place_parameter().map(str::to_owned),
                references: Some(vec![reference.name]),
            }),
            Err(error) => {
                self.findings.push(wrong(&error, text, template));
                None
            }
        }
    }

    /// The images that rows are compared with; what is read of them is found out later.
    pub(super) fn companions(&mut self) -> Vec<BoundCompanion> {
        let mut companions = Vec::new();
        for companion in &self.query.with {
            for text in self.fill_all(&companion.reference) {
                if let Some(source) = self.reference(&text, &companion.reference) {
                    companions.push(BoundCompanion {
                        name: Arc::from(companion.name.value.as_str()),
                        source,
                        needs: FieldSet::EMPTY,
                    });
                }
            }
        }
        companions
    }

    /// Images that nothing is compared with are not asked for, which was hardly meant.
    pub(super) fn check_companions(&mut self, bound: &BoundQuery) {
        let is_wrong = self.findings.iter().any(Diagnostic::is_error);
        if is_wrong || bound.companions.len() != self.query.with.len() {
            return;
        }
        for companion in &self.query.with {
            let name = companion.name.value.as_str();
            let mut read = bound.companions.iter();
            if read.any(|known| &*known.name == name && known.needs.is_empty()) {
                let message = format!("nothing reads `with.{name}`");
                let finding = Diagnostic::warning(message).at(&companion.name.place, "");
                let hint = format!("its layers, say, are `with.{name}.layers`");
                self.findings.push(finding.hint(hint));
            }
        }
    }

    /// References leave nothing else to name, and a row of them is a manifest or a part of one.
    pub(super) fn check_references(&mut self, resource: Option<Resource>) {
        let query = self.query;
        let Some(first) = query.references.as_ref().and_then(|all| all.first()) else {
            return;
        };
        let place_of = |templates: &[Template]| templates.first().map(Template::place);
        let registry = query.registry.as_deref().and_then(place_of);
        let others = [
            ("registry", registry),
            ("repositories", query.repositories.place()),
            ("tags", query.tags.place()),
        ];
        for (key, place) in others {
            if let Some(place) = place {
                self.findings
                    .push(beside_references(key, &place, &first.place()));
            }
        }
        let message = match resource {
            Some(Resource::Repositories) => {
                Some("`references` name manifests, and a row is a repository")
            }
            Some(Resource::Manifests) => {
                Some("`references` name manifests, and those of `manifests` are listed")
            }
            _ => None,
        };
        if let Some(message) = message {
            let named = query.resource.as_ref();
            let place = named.map_or_else(|| first.place(), |named| named.place.clone());
            let finding = Diagnostic::error(message);
            let hint = "leave `resource` out, or make it `tags`, `images` or `layers`";
            self.findings.push(finding.at(&place, "").hint(hint));
        }
    }
}

/// Says what is wrong with a text; where parameters made it, what they made.
fn wrong(error: &TargetError, text: &str, template: &Template) -> Diagnostic {
    let finding = error.explain(text, &template.place());
    let is_shown = !template.is_literal() && !error.hides_text();
    match is_shown {
        true => finding.hint(format!("with its parameters it is `{text}`")),
        false => finding,
    }
}

fn beside_references(key: &str, place: &Place, references: &Place) -> Diagnostic {
    let message = format!("`{key}` and `references` cannot stand together");
    let finding = Diagnostic::error(message).at(place, "");
    finding
        .at(references, "these say all of it")
        .hint("leave one of them out: a reference names its own registry, repository and tag")
}

/// Adds a source, or its references to one that is the same.
fn add(sources: &mut Vec<BoundSource>, source: BoundSource) {
    let is_same = |other: &&mut BoundSource| {
        (&other.target, &other.parameter) == (&source.target, &source.parameter)
    };
    match sources.iter_mut().find(is_same) {
        Some(known) => {
            let more = source.references.into_iter().flatten();
            known.references.get_or_insert_default().extend(more);
        }
        None => sources.push(source),
    }
}
