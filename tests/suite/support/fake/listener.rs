//! The sockets: one thread waits at each listener, one serves each connection.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::channel::Channel;
use super::ledger::Role;
use super::place::Place;
use super::request::Reader;
use super::script::{Ending, Step, play};
use super::stop::AtWork;
use super::world::World;

/// Enough for a handshake, and little enough for hundreds of connections.
const STACK: usize = 512 << 10;

/// A socket that is bound, so that its port is known before anybody is served.
pub(super) struct Bound {
    role: Role,
    place: Place,
    socket: TcpListener,
}

impl Bound {
    pub(super) fn new(role: Role, place: &Place) -> Self {
        let socket = TcpListener::bind((place.address, 0));
        Self {
            role,
            place: place.clone(),
            socket: socket.expect("a loopback address has a free port"),
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("the socket is bound")
    }

    /// Begins to serve.
    pub(super) fn open(self, world: &Arc<World>) -> Listener {
        let address = self.address();
        let last = Arc::new(Mutex::new(None));
        let (world, known) = (Arc::clone(world), Arc::clone(&last));
        let thread = thread::spawn(move || self.accept(&world, &known));
        Listener {
            address,
            last,
            thread,
        }
    }

    /// Accepts until the connection comes that the registry itself makes to end this.
    fn accept(&self, world: &Arc<World>, last: &Mutex<Option<SocketAddr>>) {
        loop {
            let Ok((stream, peer)) = self.socket.accept() else {
                continue;
            };
            let last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if *last == Some(peer) {
                return;
            }
            drop(last);
            self.serve(world, stream);
        }
    }

    fn serve(&self, world: &Arc<World>, stream: TcpStream) {
        let number = world.ledger.connected(self.role);
        let copy = stream.try_clone().expect("a socket can be shared");
        let ticket = world.stop.announce(copy);
        let (world, role, place) = (Arc::clone(world), self.role, self.place.clone());
        let thread = thread::Builder::new().stack_size(STACK).spawn(move || {
            let at_work = world.stop.begin(ticket);
            let channel = Channel::plain(stream, &world.ledger, number);
            serve(&world, role, &place, channel, number, &at_work);
        });
        thread.expect("there is room for a thread");
    }
}

/// A listener that serves.
pub(super) struct Listener {
    address: SocketAddr,
    last: Arc<Mutex<Option<SocketAddr>>>,
    thread: JoinHandle<()>,
}

impl Listener {
    /// Ends it after all who connected before.
    pub(super) fn end(self) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let stream = TcpStream::connect(self.address).expect("the listener is there");
        *last = stream.local_addr().ok();
        drop(last);
        self.thread.join().expect("the listener does not panic");
    }
}

fn serve(
    world: &World,
    role: Role,
    place: &Place,
    mut channel: Channel,
    number: usize,
    at_work: &AtWork<'_>,
) {
    channel.send_at_once();
    let mut rules = world.rules.iter();
    if let Some(steps) = rules.find_map(|rule| rule.befalls_connection(role)) {
        // Whatever comes of it is what the test wanted.
        let _gone = perform(world, steps, &mut channel, at_work);
        return;
    }
    let agreed = match &place.tls {
        Some(tls) => channel.agree(&tls.0),
        None => Some(channel),
    };
    if let Some(mut channel) = agreed {
        // The other side leaves when it likes.
        let _gone = converse(world, role, &mut channel, number, at_work);
    }
}

fn converse(
    world: &World,
    role: Role,
    channel: &mut Channel,
    number: usize,
    at_work: &AtWork<'_>,
) -> std::io::Result<()> {
    let mut reader = Reader::default();
    while let Some(mut request) = reader.next(channel)? {
        request.role = world.role(role, &request);
        let mut flight = Some(world.ledger.asked(number, &mut request));
        world.delay(&request);
        let steps = world.respond(&request);
        if matches!(&steps[..], [Step::Send(_)]) {
            // Whoever has the answer may ask the next thing, and that is not at once with this.
            flight = None;
        }
        let ending = perform(world, steps, channel, at_work)?;
        drop(flight);
        if ending == Ending::Closed || request.is_last() {
            break;
        }
    }
    if reader.is_hello() {
        // As Go's servers answer it.
        let refusal = b"HTTP/1.0 400 Bad Request\r\n\r\n".to_vec();
        let steps = vec![Step::Send(refusal), Step::Stall];
        perform(world, steps, channel, at_work)?;
    }
    Ok(())
}

/// Plays the steps. A reset needs the last copy of the socket to go.
fn perform(
    world: &World,
    steps: Vec<Step>,
    channel: &mut Channel,
    at_work: &AtWork<'_>,
) -> std::io::Result<Ending> {
    let ending = play(steps, channel, &world.stop)?;
    if ending == Ending::Closed {
        at_work.release();
    }
    Ok(ending)
}
