//! An answer before it is sent: status, headers, body. Nothing in it need be true or go together.

use serde_json::{Value, json};

/// What is to be answered. Headers keep their order and may come twice.
///
/// In header values, and in what a vendor's API answers, places are filled in when it is sent: `{registry}`, `{token}`,
/// `{api}`, `{store}` and `{attacker}` are origins such as `http://127.0.0.9:4321`, `{attacker.host}` is what stands after the slashes, `{target}` is what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// `200`
    pub(crate) status: u16,
    /// The length is one of them.
    pub(crate) headers: Vec<(String, String)>,
    /// Left out where the request is a HEAD.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A status and an empty body.
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
        .measured()
    }

    /// 200 and a body.
    pub(crate) fn of(media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::status(200).with_body(media_type, body)
    }

    /// 200 and a document.
    pub(crate) fn json(document: &Value) -> Self {
        Self::of("application/json", document.to_string())
    }

    /// A status and an error as the distribution spec writes it.
    pub(crate) fn error(status: u16, code: &str, detail: &Value) -> Self {
        let message = code.to_lowercase().replace('_', " ");
        let error = json!({"code": code, "message": message, "detail": detail});
        let body = json!({"errors": [error]}).to_string();
        Self::status(status).with_body("application/json", body)
    }

    /// A status and the page of a proxy that is not the registry.
    pub(crate) fn html(status: u16) -> Self {
        let page = "<!DOCTYPE html><html><body>sign in to the network</body></html>";
        Self::status(status).with_body("text/html", page)
    }

    /// A redirect.
    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).header("Location", to)
    }

    /// 200 and JSON of this many lists in each other.
    pub(crate) fn deep(depth: usize) -> Self {
        let body = "[".repeat(depth) + &"]".repeat(depth);
        Self::of("application/json", body)
    }

    /// Another body, and its length.
    pub(crate) fn with_body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.set("Content-Type", media_type);
        self.measured()
    }

    /// One more header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Gives a header this value and no other.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Leaves a header out.
    pub(crate) fn remove(&mut self, name: &str) {
        let is_it = |header: &str| header.eq_ignore_ascii_case(name);
        self.headers.retain(|(header, _)| !is_it(header));
    }

    /// Says the length the body has.
    pub(crate) fn measured(mut self) -> Self {
        let length = self.body.len().to_string();
        self.set("Content-Length", &length);
        self
    }

    /// The status line and the headers, as they are sent.
    pub(super) fn head(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        head.into_bytes()
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        300..=399 => "Redirect",
        401 => "Unauthorized",
        404 => "Not Found",
        405 => "Method Not Allowed",
        429 => "Too Many Requests",
        _ => "Status",
    }
}
