//! One accepted connection, with or without TLS; all that is read from it is entered in the ledger.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tokio::net::TcpSocket;

use super::ledger::Ledger;

/// A connection. Dropping it closes it.
pub(super) struct Channel {
    stream: Stream,
    ledger: Ledger,
    number: usize,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Channel {
    /// A connection without TLS.
    pub(super) fn plain(stream: TcpStream, ledger: &Ledger, number: usize) -> Self {
        Self {
            stream: Stream::Plain(stream),
            ledger: ledger.clone(),
            number,
        }
    }

    /// Lets small pieces go out as they are written.
    pub(super) fn send_at_once(&self) {
        // Without it the pieces come later, and that is all.
        let _slower = self.socket().set_nodelay(true);
    }

    fn socket(&self) -> &TcpStream {
        match &self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => &stream.sock,
        }
    }

    /// Agrees on TLS; why it did not come about is entered in the ledger.
    pub(super) fn agree(self, config: &Arc<ServerConfig>) -> Option<Self> {
        let Stream::Plain(stream) = self.stream else {
            return Some(self);
        };
        let (ledger, number) = (self.ledger, self.number);
        match handshake(config, &stream, &ledger, number) {
            Ok(connection) => {
                ledger.agreed(number);
                let stream = StreamOwned::new(connection, stream);
                Some(Self {
                    stream: Stream::Tls(Box::new(stream)),
                    ledger,
                    number,
                })
            }
            Err(error) => {
                ledger.refused(number, error.to_string());
                None
            }
        }
    }

    /// Lets the end of this connection be a reset. All copies of the socket share this.
    pub(super) fn reset_when_dropped(&self) {
        // The other side may be gone already, and then there is nobody to be told.
        let _gone = self
            .socket()
            .try_clone()
            .and_then(|copy| TcpSocket::from_std_stream(copy).set_zero_linger());
    }

    /// Reads until the other side leaves.
    pub(super) fn drain(&mut self) {
        let mut piece = [0; 1024];
        while self.read(&mut piece).is_ok_and(|length| length > 0) {}
    }
}

fn handshake(
    config: &Arc<ServerConfig>,
    stream: &TcpStream,
    ledger: &Ledger,
    number: usize,
) -> io::Result<ServerConnection> {
    let connection = ServerConnection::new(Arc::clone(config));
    let mut connection = connection.map_err(io::Error::other)?;
    let mut wire = Wire {
        stream,
        ledger,
        number,
    };
    while connection.is_handshaking() {
        let (read, _) = connection.complete_io(&mut wire)?;
        if read == 0 && connection.is_handshaking() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(connection)
}

/// The connection below TLS: a client that does not speak it may send a password instead.
struct Wire<'a> {
    stream: &'a TcpStream,
    ledger: &'a Ledger,
    number: usize,
}

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(buffer)?;
        self.ledger.received(self.number, &buffer[..length]);
        Ok(length)
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Read for Channel {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = match &mut self.stream {
            Stream::Plain(stream) => stream.read(buffer)?,
            Stream::Tls(stream) => stream.read(buffer)?,
        };
        self.ledger.received(self.number, &buffer[..length]);
        Ok(length)
    }
}

impl Write for Channel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.write(bytes),
            Stream::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.flush(),
            Stream::Tls(stream) => stream.flush(),
        }
    }
}
