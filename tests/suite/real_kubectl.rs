//! Tables beside kubectl's own: what both can show, both print byte for byte.
//!
//! kubectl asks a server, so there is one here that knows one kind of object; what it holds is what our `-o json` says of the
//! demo. kubectl has no answer where columns are aligned to the right, where a cell is of double width, or where it prints a
//! blank that we trim.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;

use serde_json::{Map, Value, json};

use super::support::command::Workplace;
use super::support::tools::Tool;

/// A server of one kind of object, `rows`. It ends with the tests.
struct ApiServer {
    address: String,
}

impl ApiServer {
    /// `items` is asked for by columns; `cells` is what a table of the server's own holds, names first.
    fn start(items: Vec<Value>, cells: Vec<Vec<String>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming() {
                // A client may be gone by now.
                let _ = answer(stream.unwrap(), &items, &cells);
            }
        });
        Self { address }
    }

    fn get(&self, kubectl: &Tool, place: &Workplace, args: &[&str]) -> String {
        let mut command: Command = kubectl.command();
        let command = command
            .env_clear()
            .env("HOME", place.home())
            .args(["--server", &self.address, "get", "rows"])
            .args(args);
        let ended = command.output().expect("kubectl was there a moment ago");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{said}");
        String::from_utf8(ended.stdout).unwrap()
    }
}

fn answer(mut stream: TcpStream, items: &[Value], cells: &[Vec<String>]) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    let mut headers = lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty());
    let is_table = headers.any(|line| line.contains("as=Table"));
    let path = request.split([' ', '?']).nth(1).unwrap_or_default();
    let document = match path {
        "/api" => json!({"kind": "APIVersions", "versions": ["v1"]}),
        "/apis" => json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": []}),
        "/api/v1" => json!({"kind": "APIResourceList", "groupVersion": "v1", "resources": [
            {"name": "rows", "singularName": "row", "namespaced": false, "kind": "Row", "verbs": ["get", "list"]},
        ]}),
        "/api/v1/rows" if is_table => table(cells),
        "/api/v1/rows" => json!({"kind": "RowList", "apiVersion": "v1", "items": items}),
        _ => Value::Null,
    };
    let body = document.to_string();
    let status = if document.is_null() {
        "404 Not Found"
    } else {
        "200 OK"
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

fn object(name: usize) -> Map<String, Value> {
    let object = json!({"kind": "Row", "apiVersion": "v1", "metadata": {"name": name.to_string()}});
    object.as_object().unwrap().clone()
}

fn table(cells: &[Vec<String>]) -> Value {
    let (names, rows) = cells.split_first().unwrap();
    let columns = names.iter().map(|name| {
        json!({"name": name, "type": "string", "format": "", "description": "", "priority": 0})
    });
    let rows = rows.iter().enumerate();
    let rows = rows.map(|(at, cells)| json!({"cells": cells, "object": object(at)}));
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {},
        "columnDefinitions": columns.collect::<Value>(), "rows": rows.collect::<Value>(),
    })
}

/// What each column is called and shows: narrow and wide ones, such that are not everywhere there, numbers.
const COLUMNS: [(&str, &str); 6] = [
    ("O", "split(os, 'inu') | [0]"),
    ("REPOSITORY", "repository"),
    ("N", "length(layers)"),
    ("VENDOR", "labels.\"org.opencontainers.image.vendor\""),
    ("SIZE", "size"),
    ("TAG", "tag"),
];

fn columns(of: impl Fn(&(&str, &str)) -> String) -> String {
    COLUMNS.iter().map(of).collect::<Vec<_>>().join(",")
}

#[test]
fn custom_columns_are_those_of_kubectl() {
    let Some(kubectl) = Tool::find("kubectl") else {
        return;
    };
    let place = Workplace::with_demo();
    let ours = columns(|(name, value)| format!("{name}:{value}"));
    let run = |more: &[&str]| {
        let words = ["get", "tags", "oci:demo"];
        place.run(words.iter().chain(more)).exits(0).stdout
    };
    let document: Value = serde_json::from_str(&run(&["-o", "json", "--columns", &ours])).unwrap();
    let items = document["items"].as_array().unwrap().iter().enumerate();
    let items = items.map(|(at, item)| {
        let mut object = object(at);
        let facts = item.as_object().unwrap().iter();
        // What kubectl has no value for is absent; it has another word for null.
        let facts = facts.filter(|(_, value)| !value.is_null());
        object.extend(facts.map(|(name, value)| (name.clone(), value.clone())));
        Value::Object(object)
    });
    let server = ApiServer::start(items.collect(), Vec::new());
    let theirs = columns(|(name, _)| format!("{name}:.{name}"));
    for more in [&[][..], &["--no-headers"]] {
        // A number is the same to both where it has no unit.
        let plain = ours.replace("SIZE:size", "SIZE:add(size, `0`)");
        let ours = format!("custom-columns={plain}");
        let theirs = format!("custom-columns={theirs}");
        let theirs = server.get(&kubectl, &place, &[&["-o", &theirs], more].concat());
        assert!(
            theirs.lines().count() >= 12 && theirs.contains("<none>"),
            "{theirs}"
        );
        assert_eq!(run(&[&["-o", &ours], more].concat()), theirs);
    }
}

#[test]
fn tables_are_those_of_kubectl() {
    let Some(kubectl) = Tool::find("kubectl") else {
        return;
    };
    let place = Workplace::with_demo();
    let ours = columns(|(name, value)| format!("{name}:{value}"));
    for more in [&[][..], &["--no-headers"]] {
        let words = ["get", "tags", "oci:demo", "--columns", &ours];
        let printed = place.run(words.iter().chain(more)).exits(0).stdout;
        let with_names = place.run(words).exits(0).stdout;
        // No cell of these holds two spaces.
        let cells = |line: &str| {
            let cells = line
                .split("  ")
                .map(str::trim)
                .filter(|cell| !cell.is_empty());
            cells.map(str::to_owned).collect::<Vec<String>>()
        };
        let cells: Vec<Vec<String>> = with_names.lines().map(cells).collect();
        assert!(
            cells.iter().all(|cells| cells.len() == COLUMNS.len()),
            "{with_names}"
        );
        let server = ApiServer::start(Vec::new(), cells);
        assert_eq!(printed, server.get(&kubectl, &place, more));
    }
}
