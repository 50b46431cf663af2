//! docker-regq answers questions about container registries and image layouts: a saved YAML query goes in, a table
//! comes out, and nothing is asked that the answer does not need.
//!
//! # How an answer comes about
//!
//! ```text
//! queries/stale.yaml
//!    │ query::read           text → Query; every scalar keeps its place in the file
//!    ▼
//! Query                      as written; flags of the command line change it here
//!    │ plan::bind            names → fields, text → expressions, globs → patterns, parameters → values;
//!    ▼                       every finding of every file together, then the end or no error at all
//! BoundQuery                 nothing unresolved can be expressed
//!    │ plan::build           × what the registries can do → which conditions come before the order
//!    ▼
//! Plan                       printed by `plan`; offline ends here
//!    │ exec::run             registries ⇒ repositories ⇒ tags, or manifests ⇒ images, layers or referrers of tags, where those are rows
//!    │                       ⇒ for each row, one by one, or once all of them are there
//!    │                       where they are grouped or ranked, until nothing is missing:
//!    │                         plan::next    what is needed − what is there → the next request, or done
//!    │                         registry      the request → a document that matches its digest
//!    │                         fields        the document → facts
//!    │                         rows          facts → condition, group, sort key, rank, cell, assert
//!    ▼
//! ResultRow, Summary         in order; what could not be had is marked and counted, never dropped
//!    │ render                table, json, ndjson, yaml, csv, tsv, markdown, html, name
//!    ▼
//! stdout                     words go to stderr through cli::report, which also knows the exit code; how far it is meanwhile,
//!                            cli::progress tells, and cli::console keeps one from being written into the other
//! ```
//!
//! # The one idea: a field has sources
//!
//! A [`fields::Field`] is const data: what it is, which facets can bring it (a listing, HEAD, GET of a manifest, of a
//! child, of a config), and a reader that looks at the evidence gathered for a row and gives the fact, or says that it
//! cannot tell yet. An expression reads names, names are fields, fields have sources: [`plan::next`] turns that into
//! the next request. There is no second place that decides to fetch anything. `plan` runs it on a typical
//! row, execution on real ones, and the property tests compare what it gives with a plan that fetches everything.
//!
//! # A question on its way out
//!
//! ```text
//! registry::dialect          how one vendor lists in its own way, and what its listings tell besides; by default nothing
//! registry::remote           manifest of team/app:1.0 → GET /v2/team/app/manifests/1.0; asked before in this run? shared
//!    │ remote::mirrors       what a digest names is asked of the mirrors first; tags and listings never are
//!    │ remote::session       the first question goes alone and teaches scheme and login; redirects are followed here,
//!    │                       and what is shown is decided anew at each hop
//!    ├─ auth::login          what was demanded × the credential × who may see it → a header, or a token to be bought
//!    │     keychain, helper  Docker's config → one entry, or one program asked once
//!    ▼
//! transport::send            the host's limit → where the name leads → send → read within bounds → again? → say so
//!    ▼
//! registry::wire             challenge, link, listing, error, wait, limit: text of strangers → values; no I/O
//! registry::document         bytes → hashed, measured, parsed
//! ```
//!
//! A layout on disk, in a folder or in an archive, answers the same questions from files: `registry/layout`. Both are a [`registry::Registry`].
//!
//! # The rooms, and who may look into whom
//!
//! ```text
//! floor 5   main ─► cli ─► everything below
//! floor 4   exec     ─► plan query rows fields registry oci
//! floor 3   plan     ─► query expr fields rows oci diagnostic, and registry::Capabilities
//!           render   ─► rows fields diagnostic, and how yaml quotes
//! floor 2   rows     ─► expr fields diagnostic
//!           expr     ─► fields oci diagnostic version pattern
//! floor 1   query    ─► yaml oci diagnostic version pattern (expressions are still text with a place here)
//!           registry ─► oci                         (the only room that waits for a far side)
//!           fields   ─► oci
//! floor 0   yaml ─► diagnostic; oci diagnostic ─► value ─► safe, limits; pattern ─► safe, limits; version; units; secret
//! ```
//!
//! Everybody may use `limits`, `safe`, `units` and `value`. `tests/architecture.rs` holds these arrows, and what may happen
//! only in one room: waiting, the clock, the environment, printing.
//!
//! Comments give the reason, where there is one that the code does not show: an attack by its number in the project's threat
//! model ("threats G8"; the tests that hold it carry the number in their names), a rule by its section in the project's
//! contract ("design §5"), a fact by the specification it comes from.
//!
//! # Where things go
//!
//! - A field from something already fetched: one entry in a file of [`fields`].
//! - A field from a new request: a variant of [`fields::Facet`], its needs in `plan/cover.rs`, an arm in `exec/ask.rs`, a
//!   method of [`registry::Registry`].
//! - A function: one entry in `expr/functions/`, its example is a test.
//! - A key of `spec`: `query/keys.rs` tells of it and of its shape, `query/decode/` reads it, `plan/bind.rs` gives it its
//!   meaning; `explain` and the JSON Schema follow.
//! - An output format: one file in [`render`], one variant of [`render::Format`].
//! - A vendor that lists in its own way: one file in `registry/dialect/`, one line in its `mod.rs`; its fake and one line in
//!   the contract of dialects among the tests.
//! - What a registry does in its own way on the wire: the grammar in `registry/wire/` that reads it, with its name.
//! - What completion offers for a value: `cli/complete/values.rs`, by the name the value has in `cli/args.rs`; commands and
//!   flags come by themselves.
//! - A bound or a wait: [`limits`]. Advice to users: `cli/report.rs`. What docker hands to its plugins: `cli/plugin.rs`;
//!   where it looks for them: `cli/plugin/folders.rs`; what its config sets for us: `cli/docker_settings.rs`.
//! - A habit of docker, kubectl or jq: `cli/habits.rs` and `cli/habits/commands.rs`; of jq's functions `expr/lint/jq.rs`.
//! - What the manual says besides help: the tables in `cli/man.rs`.

pub mod cli;

pub mod exec;

pub mod plan;
pub mod render;

pub mod expr;
pub mod rows;

pub mod fields;
pub mod query;
pub mod registry;

pub mod diagnostic;
pub mod limits;
pub mod oci;
pub mod pattern;
pub mod safe;
pub mod secret;
pub mod units;
pub mod value;
pub mod version;
pub mod yaml;
