//! How long the parts of the engine take that grow with files, expressions and rows: `cargo bench`.
//!
//! Times are for reading, not for asserting; what can be counted is counted in the suite.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use divan::{Bencher, black_box};
use jiff::Timestamp;
use regq::diagnostic::{Passage, Source};
use regq::exec::{self, Budget};
use regq::expr::{Context, Expr};
use regq::limits::Limits;
use regq::plan::{self, Plan, Shown};
use regq::query::{self, Given, Params};
use regq::registry::{Layout, LayoutRoot, Registry};
use regq::rows::Session;
use regq::value::{Value, order, parse_json};

fn main() {
    divan::main();
}

const CONDITION: &str = "older_than(created, `90`) && labels.\"org.opencontainers.image.vendor\" != 'Acme' && size > `1000000`";

const ROW: &str = r#"{"created":"2025-02-27T08:15:30Z","labels":{"org.opencontainers.image.vendor":"Other"},"size":31457280}"#;

fn demo() -> Arc<Source> {
    Source::new("demo.yaml", include_str!("../../queries/demo.yaml"))
}

fn bound(source: &Arc<Source>) -> Plan {
    let query = query::read(source).queries.remove(0);
    let params =
        Params::resolve(&query.params, &Given::default()).expect("the demo needs no parameter");
    let bound = plan::bind(&query, Some(&params), Shown::All);
    let capabilities = plan::common_capabilities(std::iter::empty());
    plan::build(bound.query.expect("the demo is valid"), &capabilities)
}

#[divan::bench]
fn a_query_file_is_read() -> usize {
    query::read(black_box(&demo())).queries.len()
}

#[divan::bench]
fn a_query_is_bound_and_planned() -> Plan {
    bound(black_box(&demo()))
}

#[divan::bench]
fn an_expression_is_compiled() -> Expr {
    Expr::compile(Passage::flag("--where", black_box(CONDITION))).expect("it is an expression")
}

#[divan::bench]
fn an_expression_is_evaluated(bencher: Bencher<'_, '_>) {
    let expr = Expr::compile(Passage::flag("--where", CONDITION)).expect("it is an expression");
    let row = parse_json(ROW.as_bytes()).expect("the row is JSON");
    let limits = Limits::default();
    // Late enough that every part of the condition is evaluated.
    let context = Context::new(
        Timestamp::from_second(1_790_000_000).expect("it is a time"),
        &limits,
    );
    bencher.bench_local(|| expr.evaluate(black_box(&row), &context));
}

#[divan::bench(args = [10_000, 100_000])]
fn values_are_sorted(bencher: Bencher<'_, '_>, count: u64) {
    // A multiplicative walk: all different, in no order.
    let values: Vec<Value> = (0..count)
        .map(|at| Value::from(at.wrapping_mul(2_654_435_761) % count))
        .collect();
    bencher
        .with_inputs(|| values.clone())
        .bench_local_values(|mut values| {
            values.sort_by(order);
            values
        });
}

#[divan::bench]
fn the_demo_is_run(bencher: Bencher<'_, '_>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries/demo");
    let plan = bound(&demo());
    let constants = plan.query.constants.clone();
    let session = Session::new(constants, Timestamp::UNIX_EPOCH, Limits::default());
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime can be made");
    bencher.bench_local(|| {
        let layout = Layout::open(LayoutRoot::anywhere(&folder), "oci:demo", Limits::default());
        let sources = [exec::Source {
            name: Arc::from("oci:demo"),
            prefix: Arc::from(""),
            registry: Ok(Arc::new(layout) as Arc<dyn Registry>),
        }];
        let budget = Budget::new(1000);
        let mut rows = 0;
        let mut count = |_| {
            rows += 1;
            ControlFlow::Continue(())
        };
        let report = runtime.block_on(exec::run(&plan, &sources, &session, &budget, &mut count));
        assert!(report.is_ok_and(|report| report.summary.is_complete()) && rows > 0);
    });
}
