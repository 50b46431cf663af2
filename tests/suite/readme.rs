//! What the README shows is what the program does. Generated parts are renewed by
//! `REGQ_RENEW=1 cargo test readme`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regq::expr;
use regq::fields::{self, Facet, Field, Resource};
use regq::registry::{told_by, told_of_manifests_by};

use super::support::command::Workplace;
use super::support::real_user::items;

#[test]
fn the_fields_are_those_of_the_catalogue() {
    let mut table = String::from(
        "| field | what | of | type | comes with |\n| --- | --- | --- | --- | --- |\n",
    );
    for (_, field) in fields::all() {
        let resources: Vec<&str> = field
            .resources
            .iter()
            .map(|resource: &Resource| resource.name())
            .collect();
        table.push_str(&format!(
            "| `{}` | {} | {} | {} | {} |\n",
            field.name,
            field.doc,
            resources.join(", "),
            field.kind.describe(),
            comes_with(field)
        ));
    }
    compare("fields", &table);
}

#[test]
fn the_functions_are_those_of_the_table() {
    let mut table = String::from("| function | what |\n| --- | --- |\n");
    let own = expr::functions().filter(|function| !function.is_standard());
    for function in own {
        table.push_str(&format!(
            "| `{}` | {} |\n",
            function.signature(),
            function.documentation
        ));
    }
    compare("functions", &table);
}

#[test]
fn the_reports_are_those_that_come_with_the_program() {
    let listed = Workplace::new().run(["list", "-o", "json"]).exits(0);
    let mut table = String::from("| report | what it shows |\n| --- | --- |\n");
    for report in items(&listed) {
        let text = |key: &str| report[key].as_str().unwrap().to_owned();
        table.push_str(&format!(
            "| `{}` | {} |\n",
            text("NAME"),
            text("DESCRIPTION")
        ));
    }
    compare("reports", &table);
}

#[test]
fn the_table_on_top_is_what_the_demo_prints() {
    let output = Command::new(env!("CARGO_BIN_EXE_docker-regq"))
        .args(["run", "queries/demo.yaml"])
        .env("SOURCE_DATE_EPOCH", DAY)
        .current_dir(root())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.lines().count() > 3, "{printed}");
    compare("demo", &format!("```\n{printed}```\n"));
}

#[test]
fn the_query_it_shows_is_valid() {
    let readme = readme();
    let query = readme
        .split("```yaml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stale.yaml");
    fs::write(&file, query).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_docker-regq"))
        .arg("validate")
        .arg(&file)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_error_it_shows_is_the_one_that_comes() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("queries")).unwrap();
    let query = "apiVersion: regq/v1\nkind: Query\nmetadata: {name: stale}\nspec:\n  registry: oci:layout\n  columns:\n    TAG: tag\n    ID: digset\n";
    fs::write(folder.path().join("queries/stale.yaml"), query).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_docker-regq"))
        .args(["run", "queries/stale.yaml"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    compare("error", &format!("```\n{said}```\n"));
}

/// The clock of the demo's table: 2026-11-20.
const DAY: &str = "1795132800";

/// What brings a field, in the words of the README.
fn comes_with(field: &Field) -> String {
    let asked: Vec<&str> = field
        .sources
        .iter()
        .filter(|facet| !matches!(facet, Facet::Name | Facet::Tag))
        .map(|facet| facet.request())
        .collect();
    match field.sources.first() {
        Some(Facet::Name | Facet::Tag) if asked.is_empty() => "the listing".to_owned(),
        _ if field.is_vendors() => {
            let mut vendors = told_by(field.name);
            let of_manifests = told_of_manifests_by(field.name).into_iter();
            let more: Vec<&str> = of_manifests
                .filter(|name| !vendors.contains(name))
                .collect();
            vendors.extend(more);
            format!("the listing of {}", vendors.join(", "))
        }
        Some(Facet::Tag) => format!("the listing, else {}", asked.join(", else ")),
        _ if field.is_put_together() => asked.join(", and "),
        _ => asked.join(", else "),
    }
}

/// Compares what stands between the marks with what should stand there, or puts it there.
fn compare(mark: &str, expected: &str) {
    let text = readme();
    let begin = format!("<!-- {mark}: renewed by REGQ_RENEW=1 cargo test readme -->\n");
    let end = format!("<!-- {mark} end -->");
    let start = text.find(&begin).expect("the mark is there") + begin.len();
    let stop = start + text[start..].find(&end).expect("the mark is there");
    if std::env::var_os("REGQ_RENEW").is_some() {
        let renewed = format!("{}{expected}{}", &text[..start], &text[stop..]);
        fs::write(root().join("README.md"), renewed).unwrap();
    } else {
        assert_eq!(
            &text[start..stop],
            expected,
            "renew it with REGQ_RENEW=1 cargo test readme"
        );
    }
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}
