//! FZ5: query files. Any text gives queries or findings, and every finding can be drawn; what is valid can be bound.
#![no_main]

use libfuzzer_sys::fuzz_target;
use regq::diagnostic::{Colour, Source, draw};
use regq::plan::{Shown, bind};
use regq::query::{Given, Params, read};

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
});
