//! A request as it came, read from a socket byte by byte; what is not HTTP/1.1 is not a request.

use std::io::{self, Read};
use std::time::Duration;

use super::encoding::pairs;
use super::ledger::Role;

/// More than any client of ours sends; a test that fills the memory should fail instead.
const LARGEST: usize = 4 << 20;

/// One request, and when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// Its place among all requests and connections of all roles.
    pub(crate) number: usize,
    /// Since the registry was started.
    pub(crate) at: Duration,
    /// The number of its connection.
    pub(crate) connection: usize,
    /// Who was asked.
    pub(crate) role: Role,
    /// `GET`.
    pub(crate) method: String,
    /// What stands after the method, as it came.
    pub(crate) target: String,
    /// The part of the target before `?`, as it came.
    pub(crate) path: String,
    /// The part after it, decoded.
    pub(crate) query: Vec<(String, String)>,
    /// In order, as they came, several of one name apart.
    pub(crate) headers: Vec<(String, String)>,
    /// The body without the framing.
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The values of a header, in any case of its name.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter();
        let named = named.filter(|(header, _)| header.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).first().copied()
    }

    /// The first value of a name in the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let mut pairs = self.query.iter();
        let pair = pairs.find(|(key, _)| key == name);
        pair.map(|(_, value)| value.as_str())
    }

    /// The pairs of a body that is a form.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        pairs(&String::from_utf8_lossy(&self.body))
    }

    /// `GET /v2/team/app/tags/list?n=2`, decoded, with the role in front where it is not the registry.
    pub(crate) fn line(&self) -> String {
        let query = self.query.iter();
        let query: Vec<String> = query
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mark = if query.is_empty() { "" } else { "?" };
        let role = self.role.prefix();
        let (method, path) = (&self.method, &self.path);
        format!("{role}{method} {path}{mark}{}", query.join("&"))
    }

    pub(super) fn is_head(&self) -> bool {
        self.method == "HEAD"
    }

    pub(super) fn is_last(&self) -> bool {
        let close = |value: &str| value.eq_ignore_ascii_case("close");
        self.headers("connection").into_iter().any(close)
    }
}

/// Reads requests one after the other from one connection.
#[derive(Default)]
pub(super) struct Reader {
    buffer: Vec<u8>,
}

impl Reader {
    /// Reads the next request; nothing, when the other side is done or does not speak HTTP/1.1.
    pub(super) fn next(&mut self, stream: &mut impl Read) -> io::Result<Option<Request>> {
        let Some(end) = self.fill_until(stream, |bytes| position(bytes, b"\r\n\r\n"))? else {
            return Ok(None);
        };
        let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
        let Some(mut request) = parse(&head[..end]) else {
            return Ok(None);
        };
        let length = request.header("content-length").map(str::parse);
        request.body = match length {
            Some(Ok(length)) => self.take(stream, length)?,
            Some(Err(_)) => return Ok(None),
            None if request.header("transfer-encoding").is_some() => self.chunks(stream)?,
            None => Vec::new(),
        };
        Ok(Some(request))
    }

    /// Tells whether what came begins as TLS does, with a handshake (RFC 8446, section 5.1).
    pub(super) fn is_hello(&self) -> bool {
        self.buffer.first() == Some(&0x16)
    }

    fn fill_until<T>(
        &mut self,
        stream: &mut impl Read,
        found: impl Fn(&[u8]) -> Option<T>,
    ) -> io::Result<Option<T>> {
        loop {
            if let Some(found) = found(&self.buffer) {
                return Ok(Some(found));
            }
            let mut piece = [0; 8192];
            let length = stream.read(&mut piece)?;
            if length == 0 || self.buffer.len() > LARGEST {
                return Ok(None);
            }
            self.buffer.extend_from_slice(&piece[..length]);
            if self.is_hello() {
                return Ok(None);
            }
        }
    }

    fn take(&mut self, stream: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
        let enough = |bytes: &[u8]| (bytes.len() >= length).then_some(());
        let whole = self.fill_until(stream, enough)?;
        whole.ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(self.buffer.drain(..length).collect())
    }

    fn chunks(&mut self, stream: &mut impl Read) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let end = self.fill_until(stream, |bytes| position(bytes, b"\r\n"))?;
            let line = self.take(stream, end.ok_or(io::ErrorKind::UnexpectedEof)? + 2)?;
            let line = String::from_utf8_lossy(&line);
            let length = usize::from_str_radix(line.trim_end(), 16);
            let length = length.map_err(|_| io::ErrorKind::InvalidData)?;
            body.extend(self.take(stream, length)?);
            self.take(stream, 2)?;
            if length == 0 {
                return Ok(body);
            }
        }
    }
}

fn position(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

fn parse(head: &[u8]) -> Option<Request> {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    if words.next().is_some() || version != "HTTP/1.1" {
        return None;
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_owned(), value.trim().to_owned()))
    };
    Some(Request {
        number: 0,
        at: Duration::ZERO,
        connection: 0,
        role: Role::Registry,
        method: method.to_owned(),
        target: target.to_owned(),
        path: path.to_owned(),
        query: pairs(query),
        headers: lines.map(header).collect::<Option<_>>()?,
        body: Vec::new(),
    })
}
