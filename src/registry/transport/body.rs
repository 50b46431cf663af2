//! Reading an answer: every byte of it is counted, and every wait for one is bounded (threats C1, C2, C3).

use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use reqwest::{Response, Version};
use tokio::time::{Instant, timeout_at};

use super::fault::{Fault, Retry};
use super::{Reply, SendError, fault};
use crate::limits::{ANSWER_HEADER_BYTES, ERROR_BODY_BYTES, SLOWEST_BYTES, Timing};
use crate::registry::error::{Unsafe, Waiting, outside};

/// Reads an answer to its end. Of one that says no, only so much is read as an explanation can have.
///
/// Errors: a body beyond `bound`, compressed, broken off, or too slow.
pub(super) async fn read(
    mut response: Response,
    bound: usize,
    timing: &Timing,
) -> Result<Reply, Fault> {
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    check_headers(&headers)?;
    let is_good = (200..300).contains(&status);
    let mut body = Vec::new();
    if is_good {
        check_encoding(&headers)?;
        check_length(&headers, bound)?;
        whole(&mut response, bound, timing, &mut body).await?;
    } else {
        // What is longer is cut: it is for people, and nothing is parsed out of it that must be whole. A short one is
        // read to its end, so that the connection serves the next request too.
        let read = whole(&mut response, ERROR_BODY_BYTES, timing, &mut body).await;
        let is_long = |fault: &Fault| matches!(fault.error, SendError::TooLarge(_));
        read.or_else(|fault| if is_long(&fault) { Ok(()) } else { Err(fault) })?;
    }
    Ok(Reply {
        status,
        headers,
        body,
    })
}

async fn whole(
    response: &mut Response,
    bound: usize,
    timing: &Timing,
    body: &mut Vec<u8>,
) -> Result<(), Fault> {
    let began = Instant::now();
    let end = began + timing.answer;
    let mut pace = (began + timing.speed, 0);
    loop {
        let patience = Instant::now() + timing.idle;
        let piece = match timeout_at(patience.min(end), response.chunk()).await {
            Ok(piece) => piece.map_err(|error| fault::of(&error))?,
            Err(_) if patience < end => {
                return Err(Fault::timed_out(Waiting::NextPiece(timing.idle)));
            }
            Err(_) => return Err(Fault::timed_out(Waiting::End(timing.answer))),
        };
        let Some(piece) = piece else {
            return Ok(());
        };
        let room = bound - body.len();
        if piece.len() > room {
            body.extend_from_slice(&piece[..room]);
            return Err(too_large(bound));
        }
        body.extend_from_slice(&piece);
        let now = Instant::now();
        if now >= pace.0 {
            if body.len() - pace.1 < SLOWEST_BYTES {
                return Err(Fault::timed_out(Waiting::Speed));
            }
            pace = (now + timing.speed, body.len());
        }
    }
}

fn too_large(bound: usize) -> Fault {
    Fault::new(SendError::TooLarge(bound), Retry::Useless)
}

fn check_length(headers: &HeaderMap, bound: usize) -> Result<(), Fault> {
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match length {
        Some(length) if length > bound as u64 => Err(too_large(bound)),
        _ => Ok(()),
    }
}

fn check_encoding(headers: &HeaderMap) -> Result<(), Fault> {
    let encodings = headers.get_all(CONTENT_ENCODING).into_iter();
    let other = encodings
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .find(|value| !value.is_empty() && !value.eq_ignore_ascii_case("identity"));
    match other {
        Some(encoding) => Err(Fault::refused(Unsafe::Encoding(outside(&encoding)))),
        None => Ok(()),
    }
}

fn check_headers(headers: &HeaderMap) -> Result<(), Fault> {
    let sizes = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    if sizes.sum::<usize>() > ANSWER_HEADER_BYTES {
        return Err(Fault::refused(Unsafe::Headers(ANSWER_HEADER_BYTES)));
    }
    Ok(())
}

/// The protocol of an answer, as people write it.
pub(super) fn version(response: &Response) -> &'static str {
    match response.version() {
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_11 => "HTTP/1.1",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP",
    }
}
