//! What happens when an invariant of ours is broken (threats O7): one line, exit 70.

use std::io::Write;
use std::panic;

use super::console;
use super::exit::Exit;

/// Makes a panic print one line without anything it was about - that may be data, or a secret
/// (threats K1) - and end the program at once, on whatever thread it happens.
pub fn install() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        console::abandon();
        // The reader of stderr may be gone; there is nobody left to tell.
        let _ = writeln!(
            std::io::stderr(),
            "docker-regq: internal error at {place}; this is a bug, and a report of it with the command is welcome"
        );
        #[expect(
            clippy::exit,
            reason = "a broken invariant ends the program here and now"
        )]
        std::process::exit(Exit::Bug as i32);
    }));
}
