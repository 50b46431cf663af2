//! The command line: clap definitions and nothing else.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::render::terminal::When;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "docker-regq",
    version,
    about = "Answer questions about container registries and image layouts with saved queries",
    long_about = "Answer questions about container registries and image layouts with saved queries.\n\n\
        A query is a small YAML file: where to look, which repositories and tags, and what to show of them, as JMESPath \
        expressions. It asks only what the expressions need.",
    after_help = "Start here:\n  \
        docker-regq get tags oci:./layout                     ask without a file\n  \
        docker-regq run demo                                  run the query that comes with the program\n  \
        docker-regq explain tags                              what can be asked of a tag",
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub(super) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run saved queries
    #[command(after_help = "Examples:\n  \
        docker-regq run queries/stale.yaml\n  \
        docker-regq run stale -p days=30 --sort-by=-size --limit 10\n  \
        docker-regq run report.yaml#sizes -o json --output-file sizes.json")]
    Run(RunArgs),
    /// Ask without a file: the same engine, the same flags
    #[command(after_help = "Examples:\n  \
        docker-regq get tags oci:./layout\n  \
        docker-regq get tags oci:./layout --where \"older_than(created, '30d')\" --sort-by=-created -o json\n  \
        docker-regq get repositories oci:./layout --columns REPOSITORY:repository,TAGS:tag_count")]
    Get(GetArgs),
    /// Show what a query would ask, of whom, and how often; asks nothing
    #[command(after_help = "Examples:\n  \
        docker-regq plan queries/stale.yaml\n  \
        docker-regq plan stale -p days=30 --probe")]
    Plan(PlanArgs),
    /// Check query files, offline
    #[command(
        after_help = "Examples:\n  docker-regq validate queries/*.yaml\n  docker-regq validate - < stale.yaml"
    )]
    Validate(ValidateArgs),
    /// Explain resources, fields and functions
    #[command(after_help = "Examples:\n  \
        docker-regq explain tags\n  docker-regq explain tags.created\n  docker-regq explain functions.older_than")]
    Explain(ExplainArgs),
    /// List the resources: what one row of a result can be
    ApiResources(TableArgs),
    /// List the saved queries that can be named here
    List(TableArgs),
    /// Evaluate an expression on a JSON document
    #[command(after_help = "Examples:\n  \
        docker-regq eval 'length(layers)' manifest.json\n  \
        echo '[3,1,2]' | docker-regq eval 'sort(@)'\n  \
        echo '{\"tag\":\"v1.10\"}' | docker-regq eval -r 'semver(tag).minor'")]
    Eval(EvalArgs),
    /// Print the version
    Version,
}

/// What `run` takes.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// Queries: a path, the name of a saved query, PATH#NAME for one document of a file, `-` for standard input
    #[arg(value_name = "QUERY", required_unless_present = "files")]
    pub(super) queries: Vec<String>,
    /// A query file; the same as naming its path
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(super) files: Vec<String>,
    /// A parameter of the query; repeatable
    #[arg(short, long = "param", value_name = "NAME=VALUE")]
    pub(super) params: Vec<String>,
    /// What both commands share.
    #[command(flatten)]
    pub(super) change: ChangeArgs,
    /// What both commands share.
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

/// What `plan` takes.
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// List first, so that the numbers are those of the rows that are there
    #[arg(long)]
    pub(super) probe: bool,
    /// What `run` takes too.
    #[command(flatten)]
    pub(super) run: RunArgs,
}

/// What `get` takes.
#[derive(Debug, Args)]
pub(super) struct GetArgs {
    /// What one row is: `tags` or `repositories`; `docker-regq api-resources` lists them
    #[arg(value_name = "RESOURCE")]
    pub(super) resource: String,
    /// Where to look: `oci:DIR[:TAG-PATTERN]`
    #[arg(value_name = "TARGET", required = true)]
    pub(super) targets: Vec<String>,
    /// What both commands share.
    #[command(flatten)]
    pub(super) change: ChangeArgs,
    /// What both commands share.
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

/// Flags that change a query.
#[derive(Debug, Args)]
#[command(next_help_heading = "Change the query")]
pub(super) struct ChangeArgs {
    /// Show these columns: NAME:EXPR, or a field alone
    #[arg(long, value_name = "NAME:EXPR,…")]
    pub(super) columns: Option<String>,
    /// Keep rows for which this holds too; repeatable
    #[arg(long = "where", value_name = "EXPR")]
    pub(super) conditions: Vec<String>,
    /// Sort by this, with `-` in front largest first; repeatable
    #[arg(long, value_name = "[-]EXPR", allow_hyphen_values = true)]
    pub(super) sort_by: Vec<String>,
    /// Show at most this many rows
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<String>,
    /// The platform that stands for an index, such as linux/arm64; repeatable
    #[arg(long, value_name = "PLATFORM")]
    pub(super) platform: Vec<String>,
    /// Ask this registry or folder; repeatable
    #[arg(long, value_name = "HOST")]
    pub(super) registry: Vec<String>,
}

/// Flags about the output.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// table, wide, json, ndjson, yaml, csv, tsv or name
    #[arg(short, long, alias = "format", value_name = "FORMAT")]
    pub(super) output: Option<String>,
    /// The same as `-o name`
    #[arg(short, long, conflicts_with = "output")]
    pub(super) quiet: bool,
    /// Leave the headings out
    #[arg(long)]
    pub(super) no_headers: bool,
    /// Do not shorten cells to fit the terminal
    #[arg(long)]
    pub(super) no_trunc: bool,
    /// Use colour: auto, always or never
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        hide_possible_values = true
    )]
    pub(super) color: When,
    /// Write to this file, complete or not at all
    #[arg(long, value_name = "PATH")]
    pub(super) output_file: Option<PathBuf>,
    /// Print nothing unless the result is complete
    #[arg(long)]
    pub(super) strict: bool,
    /// Stop beyond this many requests
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) max_requests: Option<u64>,
}

/// What `validate` takes.
#[derive(Debug, Args)]
pub(super) struct ValidateArgs {
    /// Query files; `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<String>,
    /// Use colour: auto, always or never
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        hide_possible_values = true
    )]
    pub(super) color: When,
}

/// What `explain` takes.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// RESOURCE, RESOURCE.FIELD, `functions` or functions.NAME
    #[arg(value_name = "PATH")]
    pub(super) path: Option<String>,
}

/// What commands that list take.
#[derive(Debug, Args)]
pub(super) struct TableArgs {
    /// table, wide, json, ndjson, yaml, csv, tsv or name
    #[arg(short, long, value_name = "FORMAT")]
    pub(super) output: Option<String>,
    /// Leave the headings out
    #[arg(long)]
    pub(super) no_headers: bool,
}

/// What `eval` takes.
#[derive(Debug, Args)]
pub(super) struct EvalArgs {
    /// The expression
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    pub(super) expression: String,
    /// A JSON file; standard input by default
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Follow the letter of the JMESPath specification, errors on null included
    #[arg(long)]
    pub(super) strict: bool,
    /// Print a text bare, without quotes
    #[arg(short, long)]
    pub(super) raw_output: bool,
}
