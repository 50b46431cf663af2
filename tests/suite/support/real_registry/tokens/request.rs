//! What a client of the token server sends: a request line, headers, and a form where it is a POST.

use std::io::BufRead;

use reqwest::Url;

use super::{ACCOUNT, Client, PASSWORD, REFRESH_TOKEN, base64};

/// An HTTP request for a token.
pub(super) struct Request {
    /// `GET` or `POST`, if it is a client that knows what it does.
    pub(super) method: String,
    /// The path asked for.
    pub(super) path: String,
    login: Option<String>,
    /// The query of a GET, the form of a POST.
    form: Vec<(String, String)>,
}

impl Request {
    /// Reads one; what it lacks is empty.
    ///
    /// Errors: a client that went away or sent no URL.
    pub(super) fn read(from: &mut impl BufRead) -> std::io::Result<Self> {
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line: &String| !line.is_empty()) {
            let mut line = String::new();
            if from.read_line(&mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            lines.push(line.trim_end().to_owned());
        }
        let header = |name: &str| {
            let mut headers = lines.iter().filter_map(|line| line.split_once(": "));
            let found = headers.find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.to_owned())
        };
        let length = header("content-length").and_then(|length| length.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        from.read_exact(&mut body)?;

        let mut words = lines[0].split(' ').map(str::to_owned);
        let method = words.next().unwrap_or_default();
        let target = words.next().unwrap_or_default();
        let url = Url::parse(&format!("http://127.0.0.1{target}"));
        let url = url.map_err(std::io::Error::other)?;
        let form = match method.as_str() {
            "POST" => url::form_urlencoded::parse(&body).into_owned().collect(),
            _ => url.query_pairs().into_owned().collect(),
        };
        Ok(Self {
            method,
            path: url.path().to_owned(),
            login: header("authorization"),
            form,
        })
    }

    /// What it says under a name, each time it says something.
    pub(super) fn values(&self, name: &str) -> Vec<String> {
        let values = self.form.iter().filter(|(key, _)| key == name);
        values.map(|(_, value)| value.clone()).collect()
    }

    /// A GET names each scope by itself, a POST all of them in one value.
    pub(super) fn scopes(&self) -> Vec<String> {
        let values = self.values("scope");
        let scopes = values.iter().flat_map(|value| value.split(' '));
        scopes
            .filter(|scope| !scope.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Who sent it, by the secret that came with it.
    pub(super) fn client(&self) -> Client {
        let right = base64::standard(format!("{ACCOUNT}:{PASSWORD}").as_bytes());
        match (self.method.as_str(), &self.login) {
            ("POST", _) if self.values("refresh_token") == [REFRESH_TOKEN] => Client::Account,
            ("POST", _) => Client::Stranger,
            (_, Some(login)) if *login == format!("Basic {right}") => Client::Account,
            (_, Some(_)) => Client::Stranger,
            (_, None) => Client::Anonymous,
        }
    }
}
