//! Faults in how an answer is sent: broken off, held back, without end, badly framed.

use std::time::Duration;

use super::answer::Answer;
use super::fault::Fault;
use super::script::{Step, plain};

/// Where an answer breaks off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// Before its first byte.
    Start,
    /// In the middle of the headers.
    Headers,
    /// In the middle of the body; after the headers, where there is no body.
    Body,
    /// After this many bytes of the body.
    Byte(usize),
}

/// Answers sent badly.
impl Fault {
    /// Sends the answer in steps as a test sees fit.
    pub(crate) fn sent(steps: impl Fn(&Answer, bool) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::Sent(Box::new(steps))
    }

    /// The same, but a HEAD, which has no body to be sent badly, is answered well.
    fn body_sent(steps: impl Fn(&Answer) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::sent(move |answer, is_head| match is_head {
            true => plain(answer, is_head),
            false => steps(answer),
        })
    }

    /// Breaks off with a reset.
    pub(crate) fn reset(at: At) -> Self {
        Self::sent(move |answer, is_head| broken_off(answer, is_head, at, Step::Reset))
    }

    /// Breaks off by closing: without an answer, or with a part of it and the length of all of it.
    pub(crate) fn closed(at: At) -> Self {
        Self::sent(move |answer, is_head| broken_off(answer, is_head, at, Step::Close))
    }

    /// Says nothing more, and keeps the connection.
    pub(crate) fn stalled(at: At) -> Self {
        Self::sent(move |answer, is_head| broken_off(answer, is_head, at, Step::Stall))
    }

    /// Sends the body byte by byte, with this pause before each.
    pub(crate) fn trickled(pause: Duration) -> Self {
        Self::body_sent(move |answer| {
            let body = answer.body.clone();
            vec![Step::Send(answer.head()), Step::Trickle(body, pause)]
        })
    }

    /// A body without a length that never ends: after the true one come spaces.
    pub(crate) fn endless() -> Self {
        Self::body_sent(|answer| {
            let mut answer = answer.clone();
            answer.remove("Content-Length");
            let spaces = vec![b' '; 16 << 10];
            vec![
                Step::Send(answer.head()),
                Step::Send(answer.body),
                Step::Endless(spaces),
            ]
        })
    }

    /// A body without a length, which ends with the connection.
    pub(crate) fn without_length() -> Self {
        Self::body_sent(|answer| {
            let mut answer = answer.clone();
            answer.remove("Content-Length");
            [plain(&answer, false), vec![Step::Close]].concat()
        })
    }

    /// A body in two chunks; nothing is wrong with it.
    pub(crate) fn chunked() -> Self {
        Self::body_sent(|answer| vec![Step::Send(in_chunks(answer, b"0\r\n\r\n"))])
    }

    /// A body in two chunks, without the last one that says it is over.
    pub(crate) fn no_last_chunk() -> Self {
        Self::body_sent(|answer| vec![Step::Send(in_chunks(answer, b"")), Step::Close])
    }

    /// A body in two chunks, and then one whose length is no number.
    pub(crate) fn bad_chunk() -> Self {
        Self::body_sent(|answer| vec![Step::Send(in_chunks(answer, b"zz\r\n")), Step::Close])
    }

    /// So many interim answers (1xx) before the real one.
    pub(crate) fn interim_flood(count: usize) -> Self {
        Self::sent(move |answer, is_head| {
            let flood = b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(count);
            [vec![Step::Send(flood)], plain(answer, is_head)].concat()
        })
    }

    /// These bytes in place of an answer, and the end.
    pub(crate) fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::sent(move |_, _| vec![Step::Send(bytes.clone()), Step::Close])
    }
}

fn broken_off(answer: &Answer, is_head: bool, at: At, end: Step) -> Vec<Step> {
    let mut bytes = answer.head();
    let head = bytes.len();
    if !is_head {
        bytes.extend_from_slice(&answer.body);
    }
    let length = match at {
        At::Start => return vec![end],
        At::Headers => head / 2,
        At::Body => head + (bytes.len() - head) / 2,
        At::Byte(count) => (head + count).min(bytes.len()),
    };
    bytes.truncate(length);
    vec![Step::Send(bytes), end]
}

fn in_chunks(answer: &Answer, end: &[u8]) -> Vec<u8> {
    let mut answer = answer.clone();
    answer.set("Transfer-Encoding", "chunked");
    answer.remove("Content-Length");
    let mut bytes = answer.head();
    let (first, second) = answer.body.split_at(answer.body.len() / 2);
    for chunk in [first, second]
        .into_iter()
        .filter(|chunk| !chunk.is_empty())
    {
        bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend(b"\r\n");
    }
    bytes.extend_from_slice(end);
    bytes
}
