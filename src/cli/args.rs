//! The command line: clap definitions and nothing else.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use super::choice;
use super::values::{Parallel, Wait};
use crate::render::terminal::When;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "docker-regq",
    version,
    disable_version_flag = true,
    about = "Answer questions about container registries and image layouts with saved queries.\n\n\
        A query is a small YAML file: where to look, which repositories and tags, and what to show of them, as JMESPath \
        expressions. It asks only what the expressions need.",
    after_help = "Start here:\n  \
        docker-regq run demo                     a query that needs no registry, no login and no network\n  \
        docker-regq get tags alpine --limit 5    ask a registry, without a file\n  \
        docker-regq get tags alpine -o query     the same question, as a file to keep\n  \
        docker-regq list                         the queries that there are\n  \
        docker-regq explain tags                 what can be asked of a tag\n  \
        docker-regq help get                     what a command takes, with examples",
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub(super) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
    /// What Docker has before the command word and we take after it too.
    #[command(flatten)]
    pub(super) global: GlobalArgs,
    /// Print the version
    // It is read before the command word, where these definitions are not asked; it stands here to be shown.
    #[arg(short = 'v', long = "version", action = ArgAction::Version)]
    version: Option<bool>,
}

/// Flags of Docker that every command takes.
#[derive(Debug, Args)]
pub(super) struct GlobalArgs {
    /// Docker's config folder, where it keeps logins
    #[arg(long, value_name = "DIR", global = true)]
    pub(super) config: Option<PathBuf>,
    /// Show each request, as `-v` of a command does
    #[arg(short = 'D', long, global = true)]
    pub(super) debug: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run saved queries
    #[command(
        after_help = "Examples:\n  \
        docker-regq run queries/stale.yaml\n  \
        docker-regq run stale -p days=30 --sort-by=-size --limit 10\n  \
        docker-regq run report.yaml#sizes -o json --output-file sizes.json\n  \
        docker-regq run stale --help           what it is for, and its parameters",
        disable_help_flag = true
    )]
    Run(RunArgs),
    /// Ask without a file: the same engine, the same flags
    #[command(after_help = "Examples:\n  \
        docker-regq get tags alpine --sort-by='-semver_key(tag)' --limit 5 --columns tag,created,size\n  \
        docker-regq get tags 'localhost:5000/team/*:1.*' --where \"older_than(created, '30d')\" -o json\n  \
        docker-regq get repositories localhost:5000 --columns REPOSITORY:repository,TAGS:tag_count\n  \
        docker-regq get tags oci:./layout --sort-by=-created -l org.opencontainers.image.vendor=Acme\n  \
        docker-regq get tags alpine -o query > queries/alpine.yaml")]
    Get(GetArgs),
    /// Show what a query would ask, of whom, and how often; asks nothing
    #[command(
        after_help = "Examples:\n  \
        docker-regq plan queries/stale.yaml\n  \
        docker-regq plan stale -p days=30 --probe",
        disable_help_flag = true
    )]
    Plan(PlanArgs),
    /// Check query files, offline
    #[command(
        after_help = "Examples:\n  docker-regq validate queries/*.yaml\n  docker-regq validate - < stale.yaml"
    )]
    Validate(ValidateArgs),
    /// Explain resources, fields, functions and the keys of query files
    #[command(after_help = "Examples:\n  \
        docker-regq explain tags\n  docker-regq explain tags.created\n  docker-regq explain functions.older_than\n  \
        docker-regq explain query.spec.columns")]
    Explain(ExplainArgs),
    /// List the resources: what one row of a result can be
    #[command(
        after_help = "Examples:\n  docker-regq api-resources\n  docker-regq api-resources --no-headers -o name"
    )]
    ApiResources(TableArgs),
    /// List the saved queries that can be named here
    #[command(after_help = "Examples:\n  \
        docker-regq list                       name, what for, where from, and what hides what\n  \
        docker-regq list -o name               for scripts")]
    List(TableArgs),
    /// Write a query to start from
    #[command(
        after_help = "Examples:\n  docker-regq new old-images\n  docker-regq new > my-query.yaml"
    )]
    New(NewArgs),
    /// Evaluate an expression on a JSON document
    #[command(after_help = "Examples:\n  \
        docker-regq eval 'length(layers)' manifest.json\n  \
        echo '[3,1,2]' | docker-regq eval 'sort(@)'\n  \
        echo '{\"tag\":\"v1.10\"}' | docker-regq eval -r 'semver(tag).minor'")]
    Eval(EvalArgs),
    /// Tell which login a registry gets, whether it is accepted, and what it may
    #[command(after_help = "Examples:\n  \
        docker-regq auth                           all registries that Docker has a login for\n  \
        docker-regq auth docker.io                 who you are there, and how many pulls are left\n  \
        docker-regq auth ghcr.io/acme/app          may you pull it?\n  \
        docker-regq auth registry.acme.dev --trust-token-server auth.acme.example")]
    Auth(AuthArgs),
    /// Ask a registry for a path: one GET or HEAD with your login
    #[command(
        after_help = "A path is asked as it is. `/v2/` may be left out before one of the distribution specification: `_catalog`, \
        `NAME/tags/list`, `NAME/manifests/REFERENCE`, `NAME/blobs/DIGEST`, `NAME/referrers/DIGEST`. What comes is printed \
        as it came; on a terminal only if it is JSON.\n\n\
        Examples:\n  \
        docker-regq api localhost:5000/_catalog --paginate -q 'repositories[]'\n  \
        docker-regq api ghcr.io/v2/acme/app/manifests/1.0 | sha256sum\n  \
        docker-regq api --head docker.io/library/alpine/manifests/latest\n  \
        docker-regq api hub.docker.com/v2/namespaces/library/repositories -q 'results[].name'"
    )]
    Api(ApiArgs),
    /// Print the JSON Schema of query files, for editors
    #[command(
        after_help = "Examples:\n  docker-regq schema > queries/query.schema.json\n  \
        docker-regq schema | docker-regq eval 'keys(@)'"
    )]
    Schema,
    /// Tell what is remembered of earlier runs, or forget it
    #[command(
        after_help = "Completion offers the repositories and tags that runs have met. They are kept in your cache folder, readable by \
        you alone, and forgotten after 90 days. `--no-cache` keeps nothing of a run, `defaults: {remember: false}` in the \
        settings nothing of any.\n\n\
        Examples:\n  docker-regq cache         how much there is, and where\n  docker-regq cache clear   forget it"
    )]
    Cache(CacheArgs),
    /// Print a script that teaches a shell to complete these commands
    #[command(after_help = "Where it goes:\n  \
        bash        ~/.local/share/bash-completion/completions/docker-regq\n  \
        zsh         _docker-regq, in a folder of $fpath\n  \
        fish        ~/.config/fish/completions/docker-regq.fish\n  \
        powershell  at the end of $PROFILE\n  \
        elvish      at the end of ~/.config/elvish/rc.elv\n  \
        kubectl     kubectl_complete-regq, in a folder on the PATH, with chmod +x\n\n\
        Docker's own script completes what comes behind `docker` and our name; `docker completion --help` tells of it.\n\n\
        Examples:\n  \
        docker-regq completion zsh > _docker-regq\n  \
        docker-regq completion kubectl > kubectl_complete-regq && chmod +x kubectl_complete-regq")]
    Completion(CompletionArgs),
    /// Install the program as a plugin, or take it away again
    #[command(after_help = "Examples:\n  \
        docker-regq install                          for you: from now on there is `docker regq`\n  \
        docker-regq install --dry-run --system       what it would do for everybody on this machine\n  \
        docker-regq install --kubectl ~/.local/bin   and `kubectl regq`, with its completion\n  \
        docker-regq install --uninstall              take back what is ours")]
    Install(InstallArgs),
    /// Print the manual's first page, or write all pages into a folder; for packages
    #[command(hide = true)]
    Man(ManArgs),
    /// Print the version
    #[command(after_help = "Examples:\n  docker-regq version\n  docker-regq version -o json")]
    Version(VersionArgs),
}

/// What `run` takes.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// Queries: a path, the name of a saved query, PATH#NAME for one document of a file, `-` for standard input
    #[arg(value_name = "QUERY", required_unless_present_any = ["files", "help"])]
    pub(super) queries: Vec<String>,
    /// A query file; the same as naming its path
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(super) files: Vec<String>,
    /// A parameter of the query; repeatable. For a list, `NAME=@FILE` reads one element per line (`@-`: standard input; `@@…`: an element that begins with `@`)
    #[arg(short, long = "param", value_name = "NAME=VALUE")]
    pub(super) params: Vec<String>,
    /// Print help, and what the queries named are for and take
    #[arg(short, long, display_order = 1000)]
    pub(super) help: bool,
    /// What both commands share.
    #[command(flatten)]
    pub(super) change: ChangeArgs,
    /// What both commands share.
    #[command(flatten)]
    pub(super) network: NetworkArgs,
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
    /// What one row is: one of `docker-regq api-resources`
    #[arg(value_name = "RESOURCE")]
    pub(super) resource: String,
    /// `HOST[:PORT][/REPOSITORY][:TAG]`, patterns too; Docker's short names; `oci:DIR[:TAG]`,
    /// `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:TAG]`
    #[arg(value_name = "TARGET", required = true)]
    pub(super) targets: Vec<String>,
    /// What both commands share.
    #[command(flatten)]
    pub(super) change: ChangeArgs,
    /// What both commands share.
    #[command(flatten)]
    pub(super) network: NetworkArgs,
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
    /// Keep groups and ranks for which this holds too; repeatable
    #[arg(long, value_name = "EXPR")]
    pub(super) having: Vec<String>,
    /// Sort by this, with `-` in front largest first; repeatable
    #[arg(long, value_name = "[-]EXPR", allow_hyphen_values = true)]
    pub(super) sort_by: Vec<String>,
    /// Show at most this many rows
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<String>,
    /// Keep rows with these labels: `a=b`, `a!=b`, `a in (b,c)`, `a`, `!a`; repeatable
    #[arg(short = 'l', long, value_name = "LABELS")]
    pub(super) selector: Vec<String>,
    /// What stands for an index, such as linux/arm64; repeatable
    #[arg(long, value_name = "PLATFORM")]
    pub(super) platform: Vec<String>,
    /// Ask this registry or folder; repeatable
    #[arg(long, value_name = "HOST")]
    pub(super) registry: Vec<String>,
}

/// Flags about who is asked, as whom, and how patiently. A query file has no keys for any of this (threats G1).
#[derive(Debug, Args)]
#[command(next_help_heading = "Network and login")]
pub(super) struct NetworkArgs {
    /// Ask all hosts, or with `=HOST` one, without credentials
    #[arg(
        long,
        value_name = "HOST",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ALL_HOSTS
    )]
    pub(super) anonymous: Vec<String>,
    /// Ask this host in the clear, credentials included; repeatable
    #[arg(long, value_name = "HOST")]
    pub(super) plain_http: Vec<String>,
    /// Ask this host whatever its certificate says; repeatable
    #[arg(long, value_name = "HOST")]
    pub(super) insecure_tls: Vec<String>,
    /// At most this many requests to a host at once, 1 to 64
    #[arg(long, value_name = "N")]
    pub(super) parallel: Option<Parallel>,
    /// Wait at most so long for one answer: 30s, 2m, 500ms
    #[arg(long, value_name = "DURATION")]
    pub(super) request_timeout: Option<Wait>,
    /// Try what failed in passing at most so many times again
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=100))]
    pub(super) retries: Option<u32>,
    /// End the run after so long
    #[arg(long, value_name = "DURATION")]
    pub(super) timeout: Option<Wait>,
    /// Keep nothing of this run: no name it meets is remembered for completion
    #[arg(long)]
    pub(super) no_cache: bool,
    /// Show each request on standard error, without secrets
    #[arg(short, long)]
    pub(super) verbose: bool,
}

/// What `--anonymous` without a host means.
pub(super) const ALL_HOSTS: &str = "*";

/// Flags about the output.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    // What it takes is told in one place.
    #[arg(short, long, alias = "format", value_name = "FORMAT", help = choice::help())]
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
    /// Show how far a run is, on standard error: auto, always or never
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        hide_possible_values = true
    )]
    pub(super) progress: When,
    /// Run again every so often, and mark what changed
    #[arg(
        short,
        long,
        value_name = "DURATION",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "10s"
    )]
    pub(super) watch: Option<Wait>,
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
    /// RESOURCE, RESOURCE.FIELD, `functions`, functions.NAME, `query`, query.spec.KEY or query.spec.KEY.KEY
    #[arg(value_name = "PATH")]
    pub(super) path: Option<String>,
}

/// What commands that list take.
#[derive(Debug, Args)]
pub(super) struct TableArgs {
    #[arg(short, long, value_name = "FORMAT", help = choice::help_of_rows())]
    pub(super) output: Option<String>,
    /// Leave the headings out
    #[arg(long)]
    pub(super) no_headers: bool,
}

/// What `new` takes.
#[derive(Debug, Args)]
pub(super) struct NewArgs {
    /// What it is called: `NAME.yaml` is made here, or in `queries` if that folder is here; without it, it is printed
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
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

/// What `cache` takes.
#[derive(Debug, Args)]
pub(super) struct CacheArgs {
    /// `info`, the default, tells how much there is, and where; `clear` forgets it
    #[arg(
        value_name = "ACTION",
        value_enum,
        default_value_t,
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(super) action: CacheAction,
}

/// What can be done with what is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum CacheAction {
    /// Tell how much there is, and where
    #[default]
    Info,
    /// Forget it
    Clear,
}

/// What `completion` takes.
#[derive(Debug, Args)]
pub(super) struct CompletionArgs {
    /// For whom: `bash`, `zsh`, `fish`, `powershell`, `elvish`, or `kubectl`
    #[arg(value_name = "SHELL", value_enum, hide_possible_values = true)]
    pub(super) shell: Shell,
}

/// Who completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    /// bash, from 3.2 on
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
    /// elvish
    Elvish,
    /// The program that kubectl asks to complete `kubectl regq`
    Kubectl,
}

/// What `install` takes.
#[derive(Debug, Args)]
pub(super) struct InstallArgs {
    /// For everybody on this machine, in docker's system-wide folder; without it for you, in the folder of `--config`
    #[arg(long, conflicts_with = "config")]
    pub(super) system: bool,
    /// Let kubectl find it too, by links in this folder; without DIR in one of yours on the `PATH`
    #[arg(long, value_name = "DIR", num_args = 0..=1)]
    pub(super) kubectl: Option<Option<PathBuf>>,
    /// Take it away again, where it is this program; nothing else is touched
    #[arg(long)]
    pub(super) uninstall: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// What `man` takes.
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Where the pages go: `docker-regq.1` and one for each command
    #[arg(value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
}

/// What `version` takes.
#[derive(Debug, Args)]
pub(super) struct VersionArgs {
    /// `json`: version, commit, platform and C library as one object
    #[arg(short, long, alias = "format", value_name = "FORMAT")]
    pub(super) output: Option<String>,
}

/// What `auth` takes.
#[derive(Debug, Args)]
pub(super) struct AuthArgs {
    /// A registry, or a repository of one: `HOST[:PORT][/REPOSITORY]`; without any, all that Docker has a login for
    #[arg(value_name = "REGISTRY")]
    pub(super) registries: Vec<String>,
    /// Allow this token server to see the login of the one registry that is named, from now on
    #[arg(long, value_name = "HOST")]
    pub(super) trust_token_server: Option<String>,
    #[arg(short, long, value_name = "FORMAT", help = choice::help_of_rows())]
    pub(super) output: Option<String>,
    /// Leave the headings out
    #[arg(long)]
    pub(super) no_headers: bool,
    /// What all commands share that ask.
    #[command(flatten)]
    pub(super) network: NetworkArgs,
}

/// What `api` takes.
#[derive(Debug, Args)]
pub(super) struct ApiArgs {
    /// The registry and the path: `HOST[:PORT]/PATH`
    #[arg(value_name = "HOST/PATH")]
    pub(super) path: String,
    /// `GET` or `HEAD`; nothing else is ever sent
    #[arg(
        short = 'X',
        long,
        value_name = "METHOD",
        default_value = "GET",
        conflicts_with = "head"
    )]
    pub(super) method: String,
    /// Ask for the headers only, and print them: the same as `-X HEAD`
    #[arg(long)]
    pub(super) head: bool,
    /// Print the status and the headers too, secrets hidden
    #[arg(short, long)]
    pub(super) include: bool,
    /// Follow the links to the next pages, and print all of them as one document: lists are joined
    #[arg(long)]
    pub(super) paginate: bool,
    /// Print what this expression gives for the answer
    #[arg(
        short = 'q',
        long = "query",
        value_name = "EXPR",
        allow_hyphen_values = true
    )]
    pub(super) expression: Option<String>,
    /// Print a text that `-q` gives bare, without quotes
    #[arg(short, long, requires = "expression")]
    pub(super) raw_output: bool,
    /// What the answer may be: `Accept: TYPE`. No other header can be set
    #[arg(short = 'H', long, value_name = "HEADER")]
    pub(super) header: Vec<String>,
    /// What all commands share that ask.
    #[command(flatten)]
    pub(super) network: NetworkArgs,
}
