//! FZ4: expressions. Any text is an expression or a finding with a place; evaluating one ends, in both modes.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use regq::diagnostic::{Colour, Passage, draw};
use regq::expr::{AnyName, Context, Expr, Mode};
use regq::limits::Limits;
use regq::value::parse_json;

const ROW: &str = r#"{"tag":"v1.2","size":3,"labels":{"a":"b"},"layers":[{"size":1},{"size":2}],"a":[[1,[2]],null]}"#;

fuzz_target!(|text: &str| {
    let row = parse_json(ROW.as_bytes()).expect("the row is JSON");
    match Expr::compile(Passage::flag("--where", text)) {
        Err(findings) => {
            assert!(findings.iter().all(|finding| !finding.labels.is_empty()));
            draw(&findings, Colour::Off);
        }
        Ok(expr) => {
            draw(&expr.check(&AnyName), Colour::Off);
            let limits = Limits {
                expression_steps: 10_000,
                expression_result_bytes: 1 << 16,
                ..Limits::default()
            };
            for mode in [Mode::Lenient, Mode::Strict] {
                let context = Context {
                    mode,
                    ..Context::new(Timestamp::UNIX_EPOCH, &limits)
                };
                let _ = expr.evaluate(&row, &context);
            }
        }
    }
});
