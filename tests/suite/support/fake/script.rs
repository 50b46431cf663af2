//! How bytes are put on the wire, well or badly: an answer becomes a few steps, and the steps are played.

use std::io::{self, Write};
use std::time::Duration;

use super::answer::Answer;
use super::channel::Channel;
use super::stop::Stop;

/// One thing done to a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Sends bytes one at a time, with a pause before each.
    Trickle(Vec<u8>, Duration),
    /// Sends the same bytes until the other side has enough of it.
    Endless(Vec<u8>),
    /// Does nothing until the other side leaves or the registry is stopped.
    Stall,
    /// Ends the connection so that the other side is told of a fault (RST).
    Reset,
    /// Ends the connection; with TLS, without saying so in it.
    Close,
}

/// What becomes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The next request may come.
    Open,
    Closed,
}

/// The answer as it should be sent.
pub(super) fn plain(answer: &Answer, is_head: bool) -> Vec<Step> {
    let mut bytes = answer.head();
    if !is_head {
        bytes.extend_from_slice(&answer.body);
    }
    vec![Step::Send(bytes)]
}

/// Plays the steps on a connection.
pub(super) fn play(steps: Vec<Step>, channel: &mut Channel, stop: &Stop) -> io::Result<Ending> {
    for step in steps {
        match step {
            Step::Send(bytes) => send(channel, &bytes)?,
            Step::Trickle(bytes, pause) => {
                for byte in bytes {
                    stop.wait(pause);
                    send(channel, &[byte])?;
                }
            }
            Step::Endless(bytes) => loop {
                send(channel, &bytes)?;
            },
            Step::Stall => {
                channel.drain();
                return Ok(Ending::Closed);
            }
            Step::Reset => {
                channel.reset_when_dropped();
                return Ok(Ending::Closed);
            }
            Step::Close => return Ok(Ending::Closed),
        }
    }
    Ok(Ending::Open)
}

fn send(channel: &mut Channel, bytes: &[u8]) -> io::Result<()> {
    channel.write_all(bytes)?;
    channel.flush()
}
