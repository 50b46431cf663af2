//! Every bound and every wait of the program, in one place.
//!
//! All that comes from outside - documents, query files, expressions, answers - is read under one of
//! these bounds, and the bound that was hit stands in the error's text. Nothing else may live here:
//! a default that is a matter of taste (a column's width, a flag's value) belongs to its room.

use std::time::Duration;

/// One kibibyte.
pub const KIB: usize = 1024;
/// One mebibyte.
pub const MIB: usize = 1024 * KIB;

/// A query file, in bytes (threats G5).
pub const QUERY_FILE_BYTES: usize = MIB;
/// Query files in one run.
pub const QUERY_FILES: usize = 32;
/// YAML nodes after alias expansion (threats G4).
pub const YAML_NODES: usize = 100_000;
/// Nesting of a YAML document.
pub const YAML_DEPTH: usize = 64;
/// An expression's source text, in bytes (threats G7).
pub const EXPRESSION_BYTES: usize = 16 * KIB;
/// Nesting of an expression: brackets, negations, projections.
pub const EXPRESSION_NESTING: usize = 64;
/// Operators that follow one another in an expression.
pub const EXPRESSION_CHAIN: usize = 256;
/// Nesting of any value an expression makes: what is deeper could not be dropped without overflowing the stack
/// (threats G8).
pub const EXPRESSION_RESULT_DEPTH: usize = 128;
/// Parts of what the checks before a run know about one value; of a larger one they know nothing (threats G8).
pub const EXPRESSION_SHAPE: usize = 256;
/// Causes of why a group is incomplete that its mark tells.
pub const GROUP_CAUSES: usize = 5;
/// Keys of one `groupBy` (threats G7).
pub const GROUP_KEYS: usize = 32;
/// Images of one `with`: each is asked for before the first row (threats G7).
pub const COMPANIONS: usize = 8;
/// Asserts of one query (threats G7).
pub const ASSERTS: usize = 100;
/// Expressions in the message of one assert (threats G7).
pub const MESSAGE_EXPRESSIONS: usize = 32;
/// Nesting of a JSON document (threats E1).
pub const JSON_DEPTH: usize = 64;
/// Patterns with wildcards in one place of a query; names without are not counted (threats G9).
pub const PATTERNS: usize = 1000;
/// Findings about one query file; reading ends at the last of them.
pub const FINDINGS: usize = 100;
/// Parameters of one query.
pub const PARAMETERS: usize = 100;
/// Values that a parameter may be limited to.
pub const PARAMETER_VALUES: usize = 1000;
/// A file, or standard input, that a list on the command line is read from, in bytes (threats G5).
pub const LIST_FILE_BYTES: usize = MIB;
/// A pattern of a query file, in bytes (threats G9).
pub const PATTERN_BYTES: usize = 4 * KIB;
/// A compiled regular expression, in bytes (threats G9).
pub const REGEX_PROGRAM_BYTES: usize = MIB;
/// What all patterns written down in one expression take when compiled, in bytes (threats G9).
pub const EXPRESSION_PATTERNS_BYTES: usize = 4 * MIB;
/// Compiled patterns that are kept for the next row, in bytes; beyond them all are forgotten and compiled again
/// (threats G9).
pub const PATTERNS_KEPT_BYTES: usize = 8 * MIB;
/// How a time is to be written, in bytes.
pub const TIME_FORMAT_BYTES: usize = 256;
/// Children of one index (threats B10).
pub const INDEX_CHILDREN: usize = 1000;
/// Things attached to one manifest (threats B10).
pub const REFERRERS: usize = 1000;
/// Things attached to one image that are looked into for what they say (threats B10).
pub const ATTACHED_LOOKED_INTO: usize = 32;
/// Indexes inside indexes (threats B10).
pub const INDEX_DEPTH: usize = 4;
/// The file `oci-layout`, which marks an image layout, in bytes.
pub const LAYOUT_MARKER_BYTES: usize = 4 * KIB;
/// What is read of one extended header or long name of an archive, in bytes (threats S5).
pub const ARCHIVE_HEADER_BYTES: usize = 64 * KIB;
/// The name of one member of an archive, in bytes.
pub const ARCHIVE_NAME_BYTES: usize = 4 * KIB;
/// All names of an archive together, in bytes.
pub const ARCHIVE_NAMES_BYTES: usize = 32 * MIB;
/// Links of an archive that lead to one another.
pub const ARCHIVE_LINKS: usize = 8;
/// Documents of a packed archive that are kept while it is read, in bytes; to get back to the others it is unpacked again.
pub const ARCHIVE_KEPT_BYTES: usize = 64 * MIB;
/// A document with credentials, such as Docker's `config.json`, in bytes (threats H4).
pub const CREDENTIAL_FILE_BYTES: usize = 4 * MIB;
/// The name of a credential helper after `docker-credential-`, in bytes (threats I1).
pub const HELPER_NAME_BYTES: usize = 64;
/// What a credential helper may answer, in bytes (threats I4).
pub const HELPER_STDOUT_BYTES: usize = 64 * KIB;
/// What a credential helper writes to stderr that is held at once, in bytes; it is all thrown away (threats I5).
pub const HELPER_STDERR_BYTES: usize = 8 * KIB;
/// One cell of a table, in bytes; what is longer is marked as cut.
pub const CELL_BYTES: usize = 4 * KIB;
/// Rows of a page for browsers that are held until all are there, so that its drawings have a scale. A page with more has
/// no drawings, and its rows are written as they come.
pub const DRAWN_ROWS: usize = 5000;
/// What those rows take when they are written down, in bytes.
pub const DRAWN_BYTES: usize = 8 * MIB;
/// Requests to one host at once, whatever anybody asks for.
pub const PARALLEL: usize = 64;
/// Different sentences that the network may make us say in one run (threats F-9).
pub const SAID: usize = 100;
/// Text of a far side's error that is shown, in characters (threats F-9).
pub const ERROR_TEXT_CHARS: usize = 500;
/// Text of an answer that is no registry's, such as a login page, in characters (threats C5).
pub const FOREIGN_TEXT_CHARS: usize = 200;
/// One header's value that we take apart, in bytes: a challenge, a link, a warning (threats A5, C6).
pub const HEADER_BYTES: usize = 8 * KIB;
/// Challenges, links or warnings of one answer that are looked at (threats A5).
pub const HEADER_PARTS: usize = 16;
/// A token, in bytes (threats A10).
pub const TOKEN_BYTES: usize = 64 * KIB;
/// Resources, and actions on one of them, that are read out of what a token says it allows.
pub const TOKEN_GRANTS: usize = 32;
/// A token server's answer, in bytes.
pub const TOKEN_ANSWER_BYTES: usize = 256 * KIB;
/// The shortest life a token is given, and the life of one that does not say (threats A9).
pub const TOKEN_LIFE_MIN: Duration = Duration::from_secs(60);
/// The longest life a token is given, whatever it says (threats A9).
pub const TOKEN_LIFE_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// An error's body, in bytes.
pub const ERROR_BODY_BYTES: usize = 64 * KIB;
/// Errors of one error body that are kept.
pub const ERROR_ENTRIES: usize = 16;
/// Names of one page of a listing that break the grammar; a page with more is refused whole, since each is kept with
/// its text (threats S5).
pub const INVALID_NAMES: usize = 1000;
/// Headers of one answer (threats C6).
pub const ANSWER_HEADERS: usize = 100;
/// Headers of one answer together, in bytes (threats C6).
pub const ANSWER_HEADER_BYTES: usize = 64 * KIB;
/// A file of certificates or keys, in bytes.
pub const CERTIFICATE_FILE_BYTES: usize = MIB;
/// Pages of one path that a user asks for, together, in bytes (threats B5, S5).
pub const PAGES_BYTES: usize = 64 * MIB;
/// Times one request is sent again after a 401: once for what the challenge taught, once for a token that ended meanwhile
/// (threats A5, M4).
pub const LOGIN_TRIES: usize = 2;
/// Redirects of one request (threats B3).
pub const REDIRECTS: usize = 5;
/// Pages of a listing, one after another, that bring nothing new (threats B5).
pub const IDLE_PAGES: usize = 3;
/// Times one request is sent that nobody answers: each of them takes long.
pub const TRIES_IN_SILENCE: u32 = 2;
/// Requests to one host, one after another, whose first try fails, after which it is not asked again (threats M2).
pub const STRAIGHT_FAILURES: u32 = 20;
/// The longest a host is left alone that wants to be; more than any run takes, and no more than a clock can add (threats
/// M1).
pub const LEFT_ALONE_MOST: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Retries of one host that are free, where it did not say when to come again; beyond them there is one for every five requests (threats M2).
pub const FREE_RETRIES: u64 = 20;
/// Mirrors of one registry: what none of them has costs a request for each.
pub const MIRRORS: usize = 8;
/// Requests in flight to one host, at the start of a run.
pub const PARALLEL_START: usize = 24;
/// Requests in flight to one host at most.
pub const PARALLEL_MOST: usize = 64;
/// Answers that are remembered for the run, in bytes; beyond them the same question is asked again.
pub const REMEMBERED_BYTES: usize = 64 * MIB;
/// Saved queries whose files completion reads for their descriptions; of more it gives the names.
pub const DESCRIBED_QUERIES: usize = 200;
/// Tags of one repository that completion remembers, and names of one listing that are heard for it (threats L8).
pub const SEEN_TAGS: usize = 5000;
/// Names of one registry that completion remembers, repositories and tags; those seen longest ago are forgotten first.
pub const SEEN_NAMES: usize = 200_000;
/// Registries whose names completion remembers, each under each login.
pub const SEEN_REGISTRIES: usize = 200;
/// The file of one registry's names, in bytes.
pub const SEEN_FILE_BYTES: usize = 16 * MIB;
/// How long a repository is remembered that no run has met again.
pub const SEEN_LIFE: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// What a far side must send in [`Timing::speed`] (threats C3).
pub const SLOWEST_BYTES: usize = 30 * KIB;

/// From the first signal to the end of the process, whatever it is doing; a run that can end by itself has so long for
/// it (threats O2).
pub const STOP_GRACE: Duration = Duration::from_millis(400);
/// Until it is shown how far a run is: one that is over by then needs no such thing.
pub const PROGRESS_AFTER: Duration = Duration::from_millis(500);
/// Between two times that this is shown.
pub const PROGRESS_EVERY: Duration = Duration::from_millis(100);
/// Between two lines that say so where nothing can be written over.
pub const PROGRESS_LINES_EVERY: Duration = Duration::from_secs(5);
/// How long a host gives no answer before that is worth a word.
pub const SILENCE: Duration = Duration::from_secs(2);
/// The least time from one round of a watch to the next: more often would be a burden to the registry.
pub const WATCH_LEAST: Duration = Duration::from_secs(1);
/// How often a watch looks whether its terminal has another size, and counts down.
pub const WATCH_LOOKS_EVERY: Duration = Duration::from_millis(200);
/// For saying that the process was ended: nobody may be reading.
pub const LAST_WORDS: Duration = Duration::from_millis(50);

/// Rows of a group, or of a result, for which an expression may take as many steps as for one row (threats G8).
pub const ROWS_PER_STEPS: usize = 1000;

/// The bounds a run is held to; tests and the user's settings may lower or raise them, a query file
/// may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// A manifest or index, in bytes. distribution-spec asks for 4 MiB at least.
    pub manifest_bytes: usize,
    /// An image config, in bytes.
    pub config_bytes: usize,
    /// A page of tags or repositories, or the `index.json` of a layout, in bytes.
    pub listing_bytes: usize,
    /// Headers of an archive.
    pub archive_members: usize,
    /// What is unpacked of one packed archive in a run, in bytes: getting through it takes as long as there is of it
    /// (threats C2).
    pub unpacked_bytes: u64,
    /// Names of one listing, after which it is not followed any further (threats B5, S5).
    pub listing_names: usize,
    /// Steps an expression may take on one row, or on each [`ROWS_PER_STEPS`] of a group or a result (threats G8).
    pub expression_steps: u64,
    /// Written-out size of any value an expression makes, in bytes of JSON (threats G8).
    pub expression_result_bytes: usize,
    /// Requests of a whole run (threats G13).
    pub requests: u64,
    /// Rows of one registry worked on at once.
    pub rows_in_flight: usize,
    /// Requests to one host at once, where the user says how many.
    pub parallel: Option<usize>,
    /// How often one request is tried.
    pub tries: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            manifest_bytes: 4 * MIB,
            config_bytes: 8 * MIB,
            listing_bytes: 16 * MIB,
            archive_members: 200_000,
            unpacked_bytes: 64 * 1024 * MIB as u64,
            listing_names: 2_000_000,
            expression_steps: 1_000_000,
            expression_result_bytes: 16 * MIB,
            requests: 20_000,
            rows_in_flight: 64,
            parallel: None,
            tries: 5,
        }
    }
}

impl Limits {
    /// The steps that an expression may take on so many rows.
    pub fn steps_for(&self, rows: usize) -> u64 {
        let times = 1 + rows / ROWS_PER_STEPS;
        self.expression_steps
            .saturating_mul(u64::try_from(times).unwrap_or(u64::MAX))
    }
}

/// Every wait of the program. Tests set them to milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until the first byte of an answer.
    pub first_byte: Duration,
    /// Between two pieces of an answer.
    pub idle: Duration,
    /// For a whole answer.
    pub answer: Duration,
    /// For [`SLOWEST_BYTES`] of an answer, over and over.
    pub speed: Duration,
    /// Before the first retry; it doubles with each.
    pub backoff: Duration,
    /// The longest wait before a retry that nobody asked for.
    pub backoff_most: Duration,
    /// For a credential helper.
    pub helper: Duration,
    /// Until it is said that a credential helper is waited for (threats I3).
    pub helper_notice: Duration,
    /// The longest `Retry-After` that is obeyed.
    pub retry_after: Duration,
    /// How long a mirror is left alone that failed.
    pub mirror_rest: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            answer: Duration::from_secs(120),
            speed: Duration::from_secs(30),
            backoff: Duration::from_millis(100),
            backoff_most: Duration::from_secs(30),
            helper: Duration::from_secs(30),
            helper_notice: Duration::from_secs(3),
            retry_after: Duration::from_secs(120),
            mirror_rest: Duration::from_secs(60),
        }
    }
}
