//! Proxies out of the environment (threats N4).

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use super::support::command::Workplace;
use super::support::fake::FakeRegistry;
use super::support::image::Image;

/// A proxy that answers one request itself, and tells how it was asked.
struct OneRequest {
    address: String,
    asked: JoinHandle<Vec<String>>,
}

impl OneRequest {
    fn answering(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://bob:hunter2@{}", listener.local_addr().unwrap());
        let asked = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let head = lines
                .map(Result::unwrap)
                .take_while(|line| !line.is_empty());
            let head: Vec<String> = head.collect();
            stream.write_all(answer.as_bytes()).unwrap();
            head
        });
        Self { address, asked }
    }
}

#[test]
fn n4_a_plain_request_goes_to_the_proxy_whole_and_its_login_to_nobody_else() {
    let proxy = OneRequest::answering(
        "HTTP/1.1 200 OK\r\nContent-Length: 26\r\nConnection: close\r\n\r\n{\"repositories\":[\"a\",\"b\"]}",
    );
    let place = Workplace::new();
    let host = "registry.invalid:5000";
    let command = place.command(["get", "repositories", host, "--plain-http", host, "-v"]);
    let ended = command.env("http_proxy", &proxy.address).run().exits(0);
    assert_eq!(ended.stdout, "REPOSITORY\na\nb\n");
    let asked = proxy.asked.join().unwrap();
    assert_eq!(
        asked[0],
        "GET http://registry.invalid:5000/v2/_catalog?n=100 HTTP/1.1"
    );
    let login = "proxy-authorization: Basic Ym9iOmh1bnRlcjI=";
    assert!(
        asked.iter().any(|line| line.eq_ignore_ascii_case(login)),
        "{asked:?}"
    );
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}

#[test]
fn n4_over_tls_a_tunnel_is_asked_for_and_a_refusal_is_told() {
    let proxy = OneRequest::answering(
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let place = Workplace::new();
    let command = place.command(["get", "repositories", "registry.invalid", "--retries", "0"]);
    let ended = command.env("HTTPS_PROXY", &proxy.address).run().exits(5);
    let asked = proxy.asked.join().unwrap();
    assert_eq!(asked[0], "CONNECT registry.invalid:443 HTTP/1.1");
    assert!(ended.stderr.contains("proxy"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}

#[test]
fn n4_this_machine_is_never_behind_a_proxy() {
    let registry = FakeRegistry::new().tag("a:1", Image::new()).start();
    let place = Workplace::new();
    for (name, value) in [
        ("http_proxy", "http://127.0.0.1:9"),
        ("ALL_PROXY", "http://127.0.0.1:9"),
    ] {
        let command = place.command(["get", "tags", &format!("{}/a", registry.host())]);
        command.env(name, value).run().exits(0);
    }
}
