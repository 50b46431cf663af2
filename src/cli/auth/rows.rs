//! How registries take us, as rows: what programs read.

use std::sync::Arc;
use std::time::Duration;

use super::words;
use crate::cli::args::AuthArgs;
use crate::cli::output::Output;
use crate::cli::report::{self, Failure};
use crate::cli::settings::Settings;
use crate::fields::{Align, CellFormat};
use crate::registry::{
    Access, AskedAs, CredentialSource, Demanded, Examination, Listings, RateLimit, RegistryError,
    Standing, TokenAsked,
};
use crate::render::{Format, Look, Marks, Queries, renderer};
use crate::rows::{Header, Heading, ResultRow, RowError, Summary};
use crate::safe::Safe;
use crate::value::Value;

/// The columns, and whether they are for programs only.
const COLUMNS: [(&str, bool); 12] = [
    ("REGISTRY", false),
    ("REPOSITORY", false),
    ("ACCEPTED", false),
    ("ACCOUNT", false),
    ("CONCLUSION", false),
    ("CREDENTIAL", true),
    ("ADDRESS", true),
    ("DEMANDED", true),
    ("TOKENS", true),
    ("LIMIT", true),
    ("LISTINGS", true),
    ("NEXT", true),
];

/// Prints what was found.
pub(super) fn print(
    found: &[Examination],
    format: Format,
    args: &AuthArgs,
    settings: &Settings,
) -> Result<(), Failure> {
    let heading = |(name, wide): (&str, bool)| Heading {
        name: name.to_owned(),
        format: CellFormat::Plain,
        align: Align::Left,
        wide,
    };
    let look = Look {
        width: settings.terminal.stdout.width,
        headers: !args.no_headers,
        truncate: true,
        marks: Marks::InRows,
        colour: settings.terminal.stdout.colour,
        now: settings.now,
    };
    let summary = Summary {
        errors: found.iter().filter_map(error).collect(),
        ..Summary::default()
    };
    let mut output = Output::standard(settings.terminal.stdout.is_terminal());
    let mut renderer = renderer(format, Queries::One, look, &mut output);
    renderer.begin(&Header::new("auth", COLUMNS.map(heading).into()))?;
    for found in found {
        renderer.row(&row(found))?;
    }
    renderer.finish(&summary)?;
    renderer.close()?;
    drop(renderer);
    output.finish()?;
    Ok(())
}

fn row(found: &Examination) -> ResultRow {
    let name = found.host.to_string();
    let repository = found.repository.as_ref();
    let next: Vec<Value> = report::next(found).into_iter().map(Value::from).collect();
    let tokens: Vec<Value> = found.tokens.iter().map(token).collect();
    let account = match (&found.answer, &found.account) {
        (Ok(asked_as), _) | (Err(_), Ok(asked_as)) => account(asked_as),
        (Err(_), Err(_)) => Value::Null,
    };
    ResultRow {
        cells: vec![
            name.as_str().into(),
            repository.map_or(Value::Null, |name| name.as_str().into()),
            found.answer.is_ok().into(),
            account,
            words::conclusion(found).into(),
            credential(found.source.as_ref()),
            text(&found.address),
            found.demanded.as_ref().map_or(Value::Null, demanded),
            tokens.into(),
            found.limit.as_ref().map_or(Value::Null, limit),
            found
                .listings
                .as_ref()
                .map_or(Value::Null, |own| listings(own, found)),
            next.into(),
        ],
        name: repository.map_or(name.clone(), |repository| format!("{name}/{repository}")),
        error: None,
    }
}

fn error(found: &Examination) -> Option<RowError> {
    let error: &RegistryError = found.answer.as_ref().err()?;
    let repository = found.repository.as_ref();
    Some(RowError {
        registry: found.host.to_string(),
        repository: repository.map(ToString::to_string),
        tag: None,
        field: None,
        code: error.code().to_owned(),
        message: Safe::new(&error.to_string()),
    })
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::map(entries.map(|(name, value)| (Arc::from(name), value)))
}

fn text(text: &Safe) -> Value {
    text.as_str().into()
}

fn perhaps(text: Option<&Safe>) -> Value {
    text.map_or(Value::Null, |text| text.as_str().into())
}

fn list(texts: &[Safe]) -> Value {
    let texts: Vec<Value> = texts.iter().map(text).collect();
    texts.into()
}

fn seconds(time: Duration) -> Value {
    Value::int(time.as_secs().into())
}

fn account(asked_as: &AskedAs) -> Value {
    match asked_as {
        AskedAs::Account(account) => text(account),
        AskedAs::Nobody => Value::Null,
    }
}

fn credential(source: Option<&CredentialSource>) -> Value {
    match source {
        None | Some(CredentialSource::None) => Value::Null,
        Some(CredentialSource::Entry { file, key, .. }) => map([
            ("file", text(file)),
            ("key", text(key)),
            ("helper", Value::Null),
        ]),
        Some(CredentialSource::Helper { name, file }) => map([
            ("file", text(file)),
            ("key", Value::Null),
            ("helper", text(name)),
        ]),
    }
}

fn demanded(demanded: &Demanded) -> Value {
    let (scheme, realm, service, scope) = match demanded {
        Demanded::Basic => ("basic", None, None, None),
        Demanded::Bearer {
            realm,
            service,
            scope,
        } => ("bearer", Some(realm), service.as_ref(), scope.as_ref()),
    };
    map([
        ("scheme", scheme.into()),
        ("realm", perhaps(realm)),
        ("service", perhaps(service)),
        ("scope", perhaps(scope)),
    ])
}

fn token(asked: &TokenAsked) -> Value {
    let standing = match asked.standing {
        Standing::Same => "same",
        Standing::Parent => "parent",
        Standing::Known => "known",
        Standing::Allowed => "allowed",
        Standing::Foreign => "foreign",
    };
    let given = asked.outcome.as_ref().ok();
    let error = asked.outcome.as_ref().err();
    let access = given.map_or(Value::Null, |given| match &given.access {
        Access::Unsaid => Value::Null,
        Access::Said(grants) => {
            let grants = grants.iter().map(|grant| {
                let actions = list(&grant.actions);
                map([("resource", text(&grant.resource)), ("actions", actions)])
            });
            grants.collect::<Vec<_>>().into()
        }
    });
    map([
        ("server", text(&asked.server)),
        ("standing", standing.into()),
        ("account", account(&asked.asked_as)),
        ("scope", perhaps(asked.scope.as_ref())),
        ("access", access),
        (
            "lacking",
            given.map_or(Value::Null, |given| list(&given.lacking)),
        ),
        (
            "lifetime",
            given.map_or(Value::Null, |given| seconds(given.lifetime)),
        ),
        (
            "error",
            error.map_or(Value::Null, |error| error.code().into()),
        ),
    ])
}

fn listings(listings: &Listings, found: &Examination) -> Value {
    let answer = listings.answer.as_ref();
    let accepted = answer.map_or(Value::Null, |answer| answer.is_ok().into());
    let error = answer.and_then(|answer| answer.as_ref().err());
    map([
        ("vendor", listings.title.into()),
        ("api", perhaps(listings.api.as_ref())),
        ("accepted", accepted),
        ("conclusion", words::taken(listings, found).into()),
        (
            "error",
            error.map_or(Value::Null, |error| error.code().into()),
        ),
    ])
}

fn limit(limit: &RateLimit) -> Value {
    let number = |number: Option<u64>| number.map_or(Value::Null, |it| Value::int(it.into()));
    let resets_at = limit.resets_at.map(|at| at.to_string());
    map([
        ("limit", number(limit.limit)),
        ("remaining", number(limit.remaining)),
        ("window", limit.window.map_or(Value::Null, seconds)),
        ("resets_at", resets_at.map_or(Value::Null, Value::from)),
        ("counted_for", perhaps(limit.counted_for.as_ref())),
    ])
}
