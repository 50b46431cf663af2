//! A deliberately simple HTTP client: one thread, one connection, no second try. What breaks an answer breaks it, which
//! proves that the fault was there.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use super::tls::{Certificate, TestCa, provider};

/// More than this is more than anybody wants.
const LARGEST: u64 = 8 << 20;

/// A client of one host.
pub(crate) struct Naive {
    host: String,
    name: Option<String>,
    tls: Option<Arc<ClientConfig>>,
    patience: Duration,
    headers: String,
}

/// An answer that came whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    /// `200`
    pub(crate) status: u16,
    /// In order.
    pub(crate) headers: Vec<(String, String)>,
    /// Without the framing.
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The values of a header, with `, ` between them.
    pub(crate) fn header(&self, name: &str) -> String {
        let is_it = |header: &&(String, String)| header.0.eq_ignore_ascii_case(name);
        let values = self.headers.iter().filter(is_it);
        let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
        values.join(", ")
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// One connection, for several requests.
pub(crate) struct Session {
    stream: BufReader<Box<dyn Stream>>,
    host: String,
    headers: String,
}

impl Naive {
    /// A client of `127.0.0.1:4321` that waits ten seconds for the next byte.
    pub(crate) fn of(host: &str) -> Self {
        Self {
            host: host.to_owned(),
            name: None,
            tls: None,
            patience: Duration::from_secs(10),
            headers: String::new(),
        }
    }

    /// Speaks TLS, and trusts this authority.
    pub(crate) fn tls(self, ca: &TestCa) -> Self {
        let config = config(ca).with_no_client_auth();
        self.with_config(config)
    }

    /// Speaks TLS, trusts this authority, and shows a certificate of its own.
    pub(crate) fn tls_as(self, ca: &TestCa, own: &Certificate) -> Self {
        let config = config(ca).with_client_auth_cert(own.chain(), own.key());
        self.with_config(config.expect("the key is the certificate's"))
    }

    fn with_config(mut self, config: ClientConfig) -> Self {
        self.tls = Some(Arc::new(config));
        self
    }

    /// Expects a certificate for this name, whatever the address.
    pub(crate) fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Waits no longer for the next byte.
    pub(crate) fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sends this header with every request.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    /// Connects.
    pub(crate) fn connect(&self) -> io::Result<Session> {
        let stream = TcpStream::connect(&self.host)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(self.patience))?;
        let stream: Box<dyn Stream> = match &self.tls {
            None => Box::new(stream),
            Some(config) => {
                let address = self
                    .host
                    .rsplit_once(':')
                    .map_or("", |(address, _)| address);
                let name = self.name.as_deref().unwrap_or(address).to_owned();
                let name = ServerName::try_from(name).map_err(io::Error::other)?;
                let connection = ClientConnection::new(Arc::clone(config), name);
                let connection = connection.map_err(io::Error::other)?;
                Box::new(StreamOwned::new(connection, stream))
            }
        };
        Ok(Session {
            stream: BufReader::new(stream),
            host: self.host.clone(),
            headers: self.headers.clone(),
        })
    }

    /// Asks once, on a connection of its own.
    pub(crate) fn get(&self, target: &str) -> io::Result<Reply> {
        self.connect()?.ask("GET", target, "")
    }

    /// Asks for the head only.
    pub(crate) fn head(&self, target: &str) -> io::Result<Reply> {
        self.connect()?.ask("HEAD", target, "")
    }

    /// Sends a form.
    pub(crate) fn post(&self, target: &str, form: &str) -> io::Result<Reply> {
        self.connect()?.ask("POST", target, form)
    }
}

fn config(ca: &TestCa) -> rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert> {
    let config = ClientConfig::builder_with_provider(provider());
    let config = config.with_safe_default_protocol_versions();
    config
        .expect("ring has them")
        .with_root_certificates(ca.roots())
}

impl Session {
    /// Asks and waits for the whole answer.
    pub(crate) fn ask(&mut self, method: &str, target: &str, body: &str) -> io::Result<Reply> {
        let (host, headers, length) = (&self.host, &self.headers, body.len());
        let head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n{headers}");
        let request = format!("{head}Content-Length: {length}\r\n\r\n{body}");
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.stream.get_mut().flush()?;
        let mut reply = self.read_head()?;
        if method != "HEAD" {
            reply.body = self.read_body(&reply)?;
        }
        Ok(reply)
    }

    fn read_head(&mut self) -> io::Result<Reply> {
        let first = self.read_line()?;
        let mut words = first.split(' ');
        let is_http = words.next() == Some("HTTP/1.1");
        let status = words.next().filter(|_| is_http);
        let status = status.and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("no status: {first:?}")))?;
        let mut headers = Vec::new();
        loop {
            let line = self.read_line()?;
            let Some((name, value)) = line.split_once(": ") else {
                return Ok(Reply {
                    status,
                    headers,
                    body: Vec::new(),
                });
            };
            headers.push((name.to_owned(), value.to_owned()));
        }
    }

    fn read_line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        let length = self.stream.read_line(&mut line)?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_owned()),
            None => Err(io::Error::other(format!("the end after {length} bytes"))),
        }
    }

    fn read_body(&mut self, reply: &Reply) -> io::Result<Vec<u8>> {
        if reply.header("Transfer-Encoding") == "chunked" {
            return self.read_chunks();
        }
        let length = reply.header("Content-Length");
        if length.is_empty() {
            let mut body = Vec::new();
            let stream = &mut self.stream;
            let length = stream.take(LARGEST).read_to_end(&mut body)?;
            let fits = (length as u64) < LARGEST;
            return if fits {
                Ok(body)
            } else {
                Err(io::Error::other("too long"))
            };
        }
        let length = length.parse().map_err(io::Error::other)?;
        self.read_exactly(length)
    }

    fn read_exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        if length as u64 > LARGEST {
            return Err(io::Error::other("too long"));
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }

    fn read_chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.read_line()?;
            let length = usize::from_str_radix(&line, 16).map_err(io::Error::other)?;
            body.extend(self.read_exactly(length)?);
            self.read_exactly(2)?;
            if length == 0 {
                return Ok(body);
            }
        }
    }
}
