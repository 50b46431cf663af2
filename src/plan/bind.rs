//! Names get their meaning: a query as written becomes one in which nothing unresolved can be expressed.
//!
//! Everything that can be wrong with a name, an expression, a pattern or a value is found here, all of it in one
//! go, before anything is asked.

use std::str::FromStr;
use std::sync::Arc;

use super::asserts;
use super::bound::{BoundQuery, Children};
use super::clause::clause;
use super::columns;
use super::scope::{KeyName, Names};
use super::standard;
use crate::diagnostic::{Diagnostic, Passage};
use crate::expr::Expr;
use crate::fields::{PlatformChoice, Resource, Type};
use crate::oci::{NameError, Platform, Repository, Tag};
use crate::query::{Params, Pattern, Query, Template};
use crate::rows::{Clause, Columns, Condition, Key, SortKey};
use crate::value::Value;

/// Which columns are going to be shown: what is not shown is not fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Those a table shows: columns marked `wide` are left out.
    Narrow,
    /// All that the query writes.
    All,
    /// All, and where the query writes none, the resource's wide ones too.
    Wide,
}

/// What binding found.
#[derive(Debug)]
pub struct Bound {
    /// The query, unless an error was found.
    pub query: Option<BoundQuery>,
    /// What was found, errors and warnings, in the order of the file.
    pub findings: Vec<Diagnostic>,
}

/// Binds a query. Without values for its parameters everything that does not depend on one is checked.
pub fn bind(query: &Query, params: Option<&Params>, shown: Shown) -> Bound {
    let mut binder = Binder {
        query,
        params,
        findings: Vec::new(),
    };
    let bound = binder.bind(shown);
    let mut findings = binder.findings;
    findings.sort_by_key(Diagnostic::sort_key);
    let is_good = params.is_some() && !findings.iter().any(Diagnostic::is_error);
    Bound {
        query: bound.filter(|_| is_good),
        findings,
    }
}

/// What `platform` says for all children of an index.
const ALL: &str = "all";

fn all_platforms(resource: Resource) -> Diagnostic {
    let message = match resource {
        Resource::Layers => "`all` platforms have several images, and the layers are those of one",
        Resource::Referrers => {
            "`all` platforms have several images, and what a row says of its image is of one"
        }
        Resource::Manifests => {
            "`all` platforms have several images, and what a row of an index says is of one"
        }
        _ => "`all` platforms make several rows of a tag, and a row of `tags` is one tag",
    };
    Diagnostic::error(message).hint("`resource: images` has a row for each")
}

/// The images for any of these platforms; all, where there are none.
fn wanted_images(wanted: &[Platform], names: &Names) -> Option<Condition> {
    let tests: Vec<String> = wanted
        .iter()
        .map(|platform| format!("platform_matches(platform, '{platform}')"))
        .collect();
    if tests.is_empty() {
        return None;
    }
    let expr = Expr::compile(Passage::flag("platform", &tests.join(" || ")));
    let expr = expr.expect("a platform's name needs no escape");
    Some(Condition {
        clause: clause(expr, names, &Columns::default()),
    })
}

/// A query on its way to being bound, and what was found.
pub(super) struct Binder<'a> {
    pub(super) query: &'a Query,
    pub(super) params: Option<&'a Params>,
    pub(super) findings: Vec<Diagnostic>,
}

impl Binder<'_> {
    fn bind(&mut self, shown: Shown) -> Option<BoundQuery> {
        let sources = self.sources();
        let resource = self.resource();
        let companions = self.companions();
        self.check_references(resource);
        let repositories =
            self.pattern(|query, params| Pattern::compile(&query.repositories, params));
        let tags = self.pattern(|query, params| Pattern::compile_tags(&query.tags, params));
        let query = self.query;
        self.check_names::<Repository>(repositories.as_ref(), &query.repositories.include);
        self.check_names::<Tag>(tags.as_ref(), &query.tags.include);
        let platform = self.platform(resource);
        let limit = self.limit();
        let mut names = Names::new(resource?, self.query.with.iter());
        let columns = self.query.columns.iter().flatten();
        names.announce(columns.map(|column| column.name.value.as_str()));
        let none = Columns::default();
        let mut conditions = self.conditions(&query.conditions, &names, &none);
        if resource == Some(Resource::Images) {
            conditions.extend(wanted_images(&platform.wanted, &names));
        }
        let children = self.children();
        let group = self.group(&mut names);
        let declared = &self.query.params;
        let columns = match &self.query.columns {
            Some(written) => {
                columns::written(written, declared, &mut names, shown, &mut self.findings)
            }
            None if group.is_some() => standard::of_groups(&mut names, &mut self.findings),
            None => standard::of_rows(resource?, &mut names, shown),
        };
        let sort = self.sort(&names, &columns);
        let rank_by = self.rank_by(&names, &columns);
        let having = self.conditions(&query.having, &names.with_rank(), &columns);
        self.check_rank(&having);
        let written = &self.query.asserts;
        let asserts = asserts::bind(written, declared, &names, &mut self.findings);
        let description = self
            .query
            .description
            .as_ref()
            .and_then(|text| self.fill(text));
        let mut bound = BoundQuery {
            name: self.query.name.value.clone(),
            description,
            sources,
            companions,
            resource: resource?,
            repositories: repositories?,
            tags: tags?,
            platform,
            children,
            conditions,
            group,
            columns,
            sort,
            rank_by,
            having,
            limit,
            asserted: asserts::columns(&asserts, &names),
            asserts,
            constants: Value::map([(Arc::from("params"), self.params?.value())]),
        };
        bound.note_companions();
        self.check_companions(&bound);
        Some(bound)
    }

    /// Fills a template in; without values only where it needs none.
    fn fill(&mut self, template: &Template) -> Option<String> {
        self.fill_all(template).into_iter().next()
    }

    pub(super) fn fill_all(&mut self, template: &Template) -> Vec<String> {
        let none = Params::default();
        let params = match self.params {
            Some(params) => params,
            None if template.is_literal() => &none,
            None => return Vec::new(),
        };
        match template.fill_all(params) {
            Ok(texts) => texts,
            Err(finding) => {
                self.findings.push(finding);
                Vec::new()
            }
        }
    }

    fn resource(&mut self) -> Option<Resource> {
        let Some(named) = &self.query.resource else {
            return Some(Resource::Tags);
        };
        let available = Resource::ALL.map(Resource::name);
        if let Some(resource) = Resource::named(&named.value) {
            return Some(resource);
        }
        let message = format!("unknown resource `{}`", named.value);
        let finding = Diagnostic::error(message)
            .at(&named.place, "")
            .did_you_mean(&named.value, available)
            .hint(format!("there are `{}`", available.join("`, `")));
        self.findings.push(finding);
        None
    }

    fn pattern(
        &mut self,
        compile: impl Fn(&Query, &Params) -> Result<Pattern, Vec<Diagnostic>>,
    ) -> Option<Pattern> {
        let params = self.params?;
        match compile(self.query, params) {
            Ok(pattern) => Some(pattern),
            Err(findings) => {
                self.findings.extend(findings);
                None
            }
        }
    }

    /// Finds names that nothing can have: they would be asked for, and quietly be no row.
    fn check_names<T: FromStr<Err = NameError>>(
        &mut self,
        pattern: Option<&Pattern>,
        written: &[Template],
    ) {
        for name in pattern.and_then(Pattern::literals).unwrap_or_default() {
            let Err(error) = name.parse::<T>() else {
                continue;
            };
            let writes_it = |template: &&Template| {
                let texts = self.params.map(|params| template.fill_all(params));
                texts.is_some_and(|texts| texts.is_ok_and(|texts| texts.contains(&name)))
            };
            let place = written.iter().find(writes_it).map(Template::place);
            let finding = Diagnostic::error(format!("nothing can be named `{name}`"));
            let finding = finding.at(place.as_ref().unwrap_or(&self.query.place), "");
            self.findings.push(finding.hint(error.to_string()));
        }
    }

    fn platform(&mut self, resource: Option<Resource>) -> PlatformChoice {
        let mut wanted = Vec::new();
        for template in &self.query.platform {
            for text in self.fill_all(template) {
                let finding = match text.parse::<Platform>() {
                    Ok(platform) => {
                        wanted.push(platform);
                        continue;
                    }
                    Err(_) if text == ALL => match resource {
                        Some(Resource::Images) | None => continue,
                        Some(resource) => all_platforms(resource),
                    },
                    Err(error) => Diagnostic::error(format!("`{text}` is no platform"))
                        .hint(error.to_string()),
                };
                self.findings.push(finding.at(&template.place(), ""));
            }
        }
        PlatformChoice { wanted }
    }

    /// Which children of an index are images; what stands beside `all` was refused before.
    fn children(&mut self) -> Children {
        let mut platforms = self.query.platform.iter();
        match platforms.any(|template| self.fill_all(template).contains(&ALL.to_owned())) {
            true => Children::All,
            false => Children::Runnable,
        }
    }

    fn limit(&mut self) -> Option<usize> {
        let none = Params::default();
        let is_literal = self.query.limit.as_ref().is_some_and(Template::is_literal);
        let params = self.params.or(is_literal.then_some(&none))?;
        match self.query.row_limit(params) {
            Ok(limit) => limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)),
            Err(finding) => {
                self.findings.push(finding);
                None
            }
        }
    }

    fn conditions(
        &mut self,
        written: &[Passage],
        names: &Names,
        columns: &Columns,
    ) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for passage in written {
            let Some(expr) = self.compile(passage, names) else {
                continue;
            };
            for part in expr.conjuncts() {
                let clause = clause(part, names, columns);
                conditions.push(Condition { clause });
            }
        }
        conditions
    }

    /// The keys of groups, which what comes after sees in place of the fields.
    fn group(&mut self, names: &mut Names) -> Option<Vec<Key>> {
        let written = self.query.group_by.as_ref()?;
        let (mut keys, mut known) = (Vec::new(), Vec::new());
        for key in written {
            self.findings
                .extend(standard::shares_name(&key.name, self.query));
            let expr = self.compile(&key.expression, names);
            let seen = expr.as_ref();
            known.push(KeyName {
                name: key.name.value.clone(),
                kind: seen.map_or(Type::Any, |expr| expr.result_type(names)),
                unit: seen.and_then(|expr| columns::bare_field(expr, names)),
            });
            if let Some(expr) = expr {
                keys.push(Key {
                    name: Arc::from(key.name.value.as_str()),
                    clause: clause(expr, names, &Columns::default()),
                });
            }
        }
        *names = names.of_groups(known);
        Some(keys)
    }

    fn rank_by(&mut self, names: &Names, columns: &Columns) -> Option<Clause> {
        let passage = self.query.rank_by.as_ref()?;
        let expr = self.compile(passage, names)?;
        Some(clause(expr, names, columns))
    }

    /// Ranks that nobody reads change nothing, which was hardly meant.
    fn check_rank(&mut self, having: &[Condition]) {
        let Some(passage) = &self.query.rank_by else {
            return;
        };
        let is_broken = having.len() < self.query.having.len();
        if is_broken || having.iter().any(|condition| condition.clause.rank) {
            return;
        }
        let finding = Diagnostic::warning("`rankBy` changes nothing, because nothing reads `rank`");
        let hint = "the first five of each are kept by `having: rank <= `5``";
        self.findings
            .push(finding.at(&passage.place(), "").hint(hint));
    }

    fn sort(&mut self, names: &Names, columns: &Columns) -> Vec<SortKey> {
        let mut keys = Vec::new();
        for key in &self.query.sort_by {
            if let Some(expr) = self.compile(&key.expression, names) {
                keys.push(SortKey {
                    clause: clause(expr, names, columns),
                    descending: key.descending,
                });
            }
        }
        keys
    }

    fn compile(&mut self, passage: &Passage, names: &Names) -> Option<Expr> {
        columns::compile(passage, names, &self.query.params, &mut self.findings)
    }
}
