//! FZ5: query files. Any text gives queries or findings, and every finding can be drawn; what is valid can be bound, and
//! what is written of it reads back to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use regq::diagnostic::{Colour, Diagnostic, Source, draw};
use regq::plan::{Shown, bind};
use regq::query::{Given, Params, read, write};

fuzz_target!(|text: &str| {
    let reading = read(&Source::new("fuzz.yaml", text));
    let drawn = draw(&reading.findings, Colour::Off);
    assert!(!drawn.contains(|c| c != '\n' && regq::safe::is_hidden(c)));
    for query in &reading.queries {
        let params = Params::resolve(&query.params, &Given::default()).ok();
        draw(
            &bind(query, params.as_ref(), Shown::Wide).findings,
            Colour::Off,
        );
    }
    if !reading.findings.iter().any(Diagnostic::is_error) {
        let written = write(&reading.queries);
        let again = read(&Source::new("again.yaml", written.as_str()));
        assert!(!again.findings.iter().any(Diagnostic::is_error), "{written}");
        assert_eq!(write(&again.queries), written);
    }
});
