//! What the image config says: who built the image, when, and how it runs. For schema 1 its
//! `v1Compatibility` says the same.

use std::sync::Arc;

use super::Resource;
use super::{Evidence, Facet, Field, Type, Unit, time};
use crate::value::Value;

pub(super) const FIELDS: &[Field] = &[
    Field {
        name: "config",
        kind: Type::Any,
        doc: "the image's config, verbatim; null for artifacts and schema 1",
        spec: "image-spec config.md",
        example: r#"{"architecture": "amd64", "os": "linux", "config": {}}"#,
        read: |row| {
            if row.has_no_config() || row.schema1().is_some() {
                return Some(Value::Null);
            }
            row.config.clone()
        },
        ..CONFIG
    },
    Field {
        name: "created",
        kind: Type::Time,
        unit: Unit::Time,
        doc: "when the image was built, as its builder says; null where it does not say",
        spec: "image-spec config.md `created`",
        example: r#""2026-02-27T08:15:30Z""#,
        read: |row| of_config(row, |config| time::shown(config.get("created"))),
        ..CONFIG
    },
    Field {
        name: "author",
        kind: Type::Text,
        doc: "who built the image",
        spec: "image-spec config.md `author`",
        example: r#""ci@acme.example""#,
        read: |row| of_config(row, |config| text(config.get("author"))),
        ..CONFIG
    },
    Field {
        name: "labels",
        kind: Type::Map(&Type::Text),
        doc: "the labels of the image; annotations are something else",
        spec: "image-spec config.md `config.Labels`",
        example: r#"{"org.opencontainers.image.vendor": "Acme"}"#,
        read: |row| {
            of_execution(row, "Labels", |labels| {
                labels
                    .filter(|found| found.as_map().is_some())
                    .cloned()
                    .unwrap_or(Value::map([]))
            })
        },
        ..CONFIG
    },
    Field {
        name: "env",
        kind: Type::Map(&Type::Text),
        doc: "the environment the image sets; the last of two equal names wins",
        spec: "image-spec config.md `config.Env`",
        example: r#"{"PATH": "/usr/bin:/bin"}"#,
        read: |row| of_execution(row, "Env", env),
        ..CONFIG
    },
    Field {
        name: "entrypoint",
        kind: Type::List(&Type::Text),
        doc: "the command that always runs",
        spec: "image-spec config.md `config.Entrypoint`",
        example: r#"["/app/serve"]"#,
        read: |row| of_execution(row, "Entrypoint", list),
        ..CONFIG
    },
    Field {
        name: "cmd",
        kind: Type::List(&Type::Text),
        doc: "the default arguments, or the default command",
        spec: "image-spec config.md `config.Cmd`",
        example: r#"["--port", "8080"]"#,
        read: |row| of_execution(row, "Cmd", list),
        ..CONFIG
    },
    Field {
        name: "user",
        kind: Type::Text,
        doc: "whom the image runs as; null means root",
        spec: "image-spec config.md `config.User`",
        example: r#""1000:1000""#,
        read: |row| of_execution(row, "User", text),
        ..CONFIG
    },
    Field {
        name: "workdir",
        kind: Type::Text,
        doc: "the directory the image runs in",
        spec: "image-spec config.md `config.WorkingDir`",
        example: r#""/app""#,
        read: |row| of_execution(row, "WorkingDir", text),
        ..CONFIG
    },
    Field {
        name: "exposed_ports",
        kind: Type::List(&Type::Text),
        doc: "the ports the image says it listens on, sorted",
        spec: "image-spec config.md `config.ExposedPorts`",
        example: r#"["443/tcp", "8080/tcp"]"#,
        read: |row| of_execution(row, "ExposedPorts", sorted_keys),
        ..CONFIG
    },
    Field {
        name: "volumes",
        kind: Type::List(&Type::Text),
        doc: "the directories the image wants as volumes, sorted",
        spec: "image-spec config.md `config.Volumes`",
        example: r#"["/data"]"#,
        read: |row| of_execution(row, "Volumes", sorted_keys),
        ..CONFIG
    },
    Field {
        name: "healthcheck",
        kind: Type::Any,
        doc: "how docker checks the image's health, verbatim",
        spec: "Docker image config `config.Healthcheck`",
        example: r#"{"Test": ["CMD", "/app/health"], "Interval": 30000000000}"#,
        read: |row| {
            of_execution(row, "Healthcheck", |found| {
                found.cloned().unwrap_or_default()
            })
        },
        ..CONFIG
    },
    Field {
        name: "stop_signal",
        kind: Type::Text,
        doc: "the signal that stops the image",
        spec: "image-spec config.md `config.StopSignal`",
        example: r#""SIGTERM""#,
        read: |row| of_execution(row, "StopSignal", text),
        ..CONFIG
    },
    Field {
        name: "history",
        kind: Type::List(&Type::Any),
        doc: "the steps that made the image, oldest first, verbatim",
        spec: "image-spec config.md `history`; schema 1 `history[].v1Compatibility`",
        example: r#"[{"created": "2026-02-20T00:00:00Z", "created_by": "COPY app /app"}]"#,
        read: |row| match row.schema1() {
            Some(schema1) => Some(Value::list(schema1.history.clone())),
            None => of_config(row, |config| list(config.get("history"))),
        },
        ..CONFIG
    },
    Field {
        name: "diff_ids",
        kind: Type::List(&Type::Text),
        doc: "the digests of the uncompressed layers, lowest first",
        spec: "image-spec config.md `rootfs.diff_ids`",
        example: r#"["sha256:05c1…"]"#,
        read: |row| of_config(row, |config| list(config.at(&["rootfs", "diff_ids"]))),
        ..CONFIG
    },
];

const CONFIG: Field = Field {
    name: "",
    kind: Type::Any,
    unit: Unit::None,
    resources: Resource::OF_MANIFESTS,
    sources: &[Facet::Config],
    doc: "",
    spec: "",
    example: "",
    read: |_| None,
};

/// Reads the config, or what schema 1 has in its place; null where it is settled that there is none.
fn of_config(row: &Evidence, read: impl Fn(&Value) -> Value) -> Option<Value> {
    if row.has_no_config() {
        return Some(Value::Null);
    }
    if let Some(schema1) = row.schema1() {
        return Some(read(&schema1.image));
    }
    row.config.as_ref().map(read)
}

/// Reads a member of the config's `config`, which may be missing or null as a whole.
fn of_execution(
    row: &Evidence,
    member: &str,
    read: impl Fn(Option<&Value>) -> Value,
) -> Option<Value> {
    of_config(row, |config| {
        read(
            config
                .at(&["config", member])
                .filter(|found| !found.is_null()),
        )
    })
}

/// A text; an empty one is how Go writes "not set".
fn text(found: Option<&Value>) -> Value {
    match found {
        Some(Value::Text(text)) if !text.is_empty() => Value::Text(Arc::clone(text)),
        _ => Value::Null,
    }
}

/// A list; a missing one is empty, because the document was read.
fn list(found: Option<&Value>) -> Value {
    match found {
        Some(list @ Value::List(_)) => list.clone(),
        _ => Value::list(Vec::new()),
    }
}

fn sorted_keys(found: Option<&Value>) -> Value {
    let keys = found
        .and_then(Value::as_map)
        .into_iter()
        .flat_map(|map| map.keys());
    let mut keys: Vec<&Arc<str>> = keys.collect();
    keys.sort();
    Value::list(
        keys.into_iter()
            .map(|key| Value::Text(Arc::clone(key)))
            .collect(),
    )
}

fn env(found: Option<&Value>) -> Value {
    let lines = found.and_then(Value::as_list).unwrap_or_default();
    let pair = |line: &Value| {
        let (name, value) = line.as_text()?.split_once('=')?;
        Some((Arc::from(name), Value::text(value)))
    };
    Value::map(lines.iter().filter_map(pair))
}
