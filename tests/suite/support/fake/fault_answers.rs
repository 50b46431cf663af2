//! Faults in what is answered: another answer, or the one there is with something changed.

use super::answer::Answer;
use super::fault::Fault;
use super::request::Request;

/// Other answers.
impl Fault {
    /// A status with an error of the code that goes with it.
    pub(crate) fn status(status: u16) -> Self {
        let code = match status {
            401 => "UNAUTHORIZED",
            403 => "DENIED",
            404 => "MANIFEST_UNKNOWN",
            405 => "UNSUPPORTED",
            429 => "TOOMANYREQUESTS",
            503 => "UNAVAILABLE",
            _ => "UNKNOWN",
        };
        Self::Instead(Answer::error(status, code, &serde_json::Value::Null))
    }

    /// 429 or 503 with the time after which to come again, in seconds or as a date.
    pub(crate) fn busy(status: u16, retry_after: &str) -> Self {
        let Self::Instead(answer) = Self::status(status) else {
            unreachable!("a status is another answer");
        };
        Self::Instead(answer.header("Retry-After", retry_after))
    }

    /// A redirect; places in the URL are filled in as in [`Answer`].
    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self::Instead(Answer::redirect(status, to))
    }
}

/// Changed answers.
impl Fault {
    /// Changes the answer as a test sees fit.
    pub(crate) fn edit(edit: impl Fn(&Request, &mut Answer) + Send + Sync + 'static) -> Self {
        Self::Edit(Box::new(edit))
    }

    /// One more header.
    pub(crate) fn extra_header(name: &str, value: &str) -> Self {
        let (name, value) = (name.to_owned(), value.to_owned());
        Self::edit(move |_, answer| answer.headers.push((name.clone(), value.clone())))
    }

    /// Another value of a header: of `Docker-Content-Digest`, it lies; of `Content-Type`, so does it.
    pub(crate) fn header(name: &str, value: &str) -> Self {
        let (name, value) = (name.to_owned(), value.to_owned());
        Self::edit(move |_, answer| answer.set(&name, &value))
    }

    /// A header is missing.
    pub(crate) fn no_header(name: &str) -> Self {
        let name = name.to_owned();
        Self::edit(move |_, answer| answer.remove(&name))
    }

    /// A warning that users are to see (distribution-spec 1.1, "Warnings").
    pub(crate) fn warning(text: &str) -> Self {
        Self::extra_header("Warning", &format!("299 - \"{text}\""))
    }

    /// So many headers more.
    pub(crate) fn header_flood(count: usize) -> Self {
        Self::edit(move |_, answer| {
            let more = (0..count).map(|at| (format!("X-Flood-{at}"), "drop".to_owned()));
            answer.headers.extend(more);
        })
    }

    /// Other bytes in the body, all headers left as they are but the length.
    pub(crate) fn content(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::edit(move |_, answer| {
            answer.body = bytes.clone();
            *answer = answer.clone().measured();
        })
    }

    /// One bit in the middle of the body is another.
    pub(crate) fn flipped() -> Self {
        Self::edit(|_, answer| {
            let middle = answer.body.len() / 2;
            if let Some(byte) = answer.body.get_mut(middle) {
                *byte ^= 1;
            }
        })
    }

    /// The length said is the true one and so much more, or less.
    pub(crate) fn length_off_by(more: isize) -> Self {
        Self::edit(move |_, answer| {
            let length = answer.body.len().saturating_add_signed(more);
            answer.set("Content-Length", &length.to_string());
        })
    }

    /// Two lengths, of which the second is the true one.
    pub(crate) fn two_lengths() -> Self {
        Self::edit(|_, answer| {
            let length = answer.body.len();
            answer.set("Content-Length", &(length + 1).to_string());
            *answer = answer.clone().header("Content-Length", &length.to_string());
        })
    }

    /// As many redirects as this, all to the same place with a counter, before the answer.
    pub(crate) fn hops(status: u16, hops: u32) -> Self {
        Self::edit(move |request, answer| {
            let hop = request.query("hop").and_then(|hop| hop.parse().ok());
            let hop: u32 = hop.unwrap_or(0);
            if hop < hops {
                let to = format!("{}?hop={}", request.path, hop + 1);
                *answer = Answer::redirect(status, &to);
            }
        })
    }
}
