//! The edge: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    regq::cli::main()
}
