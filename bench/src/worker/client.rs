//! State machine of one client.

use std::net::Ipv4Addr;

use rustix::event::epoll::EventFlags;
use rustix::fd::OwnedFd;

use super::polling::Polling;
use super::shared::Shared;
use super::socket::{Read, Socket};
use crate::clock::now_ns;
use crate::orders::Transport;
use crate::tally::Tally;
use crate::wire::frame::{self, CLOSE, PING, PONG, Parsed, TEXT};
use crate::wire::packet::{self, Audience, Packet};
use crate::wire::response;

/// Key of all clients' handshakes, and the server's response to it (RFC 6455, section 1.3).
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// A client, connected or not.
pub(super) struct Client {
    socket: Option<Socket>,
    stage: Stage,
    link: Link,
    /// Beginning of an incomplete message.
    rest: Vec<u8>,
    who: Who,
    everyone: Tally,
    some: Tally,
    /// Sequence number of the last event received.
    last_seq: Option<u64>,
    stalled: bool,
    /// Whether it was ever connected; otherwise no events are due to it.
    admitted: bool,
    began_ns: u64,
    outcome: Option<Outcome>,
}

/// Identity and source address of a client.
pub(super) struct Who {
    pub(super) source: Ipv4Addr,
    pub(super) receive_buffer: Option<usize>,
    pub(super) cookie: Box<str>,
    pub(super) auth: Box<str>,
}

/// Result of connecting: the time in microseconds, or the reason of the failure.
pub(super) type Outcome = Result<u32, String>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Not connected.
    Away,
    Opening,
    /// An HTTP request is in progress.
    Asking,
    /// The WebSocket is open, and Socket.IO is connecting.
    Greeting,
    Connected,
}

enum Link {
    WebSocket,
    Polling(Box<Polling>),
}

impl Client {
    pub(super) fn new(who: Who, transport: Transport) -> Self {
        let link = match transport {
            Transport::WebSocket => Link::WebSocket,
            Transport::Polling => Link::Polling(Box::default()),
        };
        let everyone = Tally::default();
        let some = Tally::default();
        Self {
            socket: None,
            stage: Stage::Away,
            link,
            rest: Vec::new(),
            who,
            everyone,
            some,
            last_seq: None,
            stalled: false,
            admitted: false,
            began_ns: 0,
            outcome: None,
        }
    }

    pub(super) fn tally(&self, audience: Audience) -> &Tally {
        match audience {
            Audience::Everyone => &self.everyone,
            Audience::Some => &self.some,
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.stage == Stage::Connected
    }

    pub(super) fn was_admitted(&self) -> bool {
        self.admitted
    }

    pub(super) fn is_stalled(&self) -> bool {
        self.stalled && self.socket.is_some()
    }

    /// Returns the result of connecting, once.
    pub(super) fn take_outcome(&mut self) -> Option<Outcome> {
        self.outcome.take()
    }

    /// Starts connecting.
    pub(super) fn begin(&mut self, epoll: &OwnedFd, index: usize, shared: &mut Shared) {
        self.began_ns = now_ns();
        self.rest = Vec::new();
        self.stalled = false;
        if let Link::Polling(polling) = &mut self.link {
            **polling = Polling::default();
        }
        self.open(epoll, index, shared);
    }

    /// Opens another connection for the next request, for servers that close it after each response.
    pub(super) fn reopen(&mut self, epoll: &OwnedFd, index: usize, shared: &mut Shared) {
        if self.stage != Stage::Away {
            self.rest = Vec::new();
            self.open(epoll, index, shared);
        }
    }

    fn open(&mut self, epoll: &OwnedFd, index: usize, shared: &mut Shared) {
        let Who { source, receive_buffer, .. } = self.who;
        if let Link::Polling(polling) = &mut self.link {
            polling.index = index;
        }
        match Socket::connect(epoll, index as u64, source, shared.server, receive_buffer) {
            Ok(socket) => (self.socket, self.stage) = (Some(socket), Stage::Opening),
            Err(error) => self.end(&format!("no socket: {error}"), shared),
        }
    }

    /// Closes the connection.
    pub(super) fn cut(&mut self) {
        self.socket = None;
        self.stage = Stage::Away;
    }

    pub(super) fn stall(&mut self) {
        self.stalled = true;
    }

    pub(super) fn resume(&mut self, shared: &mut Shared) {
        if std::mem::take(&mut self.stalled) {
            self.read(true, shared);
        }
    }

    /// Handles an epoll event of its socket.
    pub(super) fn event(&mut self, flags: EventFlags, shared: &mut Shared) {
        if self.stalled || self.socket.is_none() {
            return;
        }
        let hung_up = flags.intersects(EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR);
        if self.stage == Stage::Opening && (hung_up || flags.contains(EventFlags::OUT)) {
            if let Some(error) = self.socket.as_ref().and_then(Socket::error) {
                return self.end(&format!("no connection: {error}"), shared);
            }
            self.ask(shared);
        }
        if hung_up || flags.contains(EventFlags::IN) {
            self.read(hung_up, shared);
        }
    }

    /// Sends the next request.
    fn ask(&mut self, shared: &mut Shared) {
        self.stage = if self.has_connected() { Stage::Connected } else { Stage::Asking };
        let server = shared.server;
        let cookie =
            if self.who.cookie.is_empty() { String::new() } else { format!("Cookie: {}\r\n", self.who.cookie) };
        let request = match &mut self.link {
            Link::WebSocket => format!(
                "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {server}\r\nConnection: Upgrade\r\n\
                 Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{cookie}\r\n"
            ),
            Link::Polling(polling) => polling.request(server, &cookie, &packet::connect(&self.who.auth, self.last_seq)),
        };
        self.send(request.as_bytes(), shared);
    }

    fn has_connected(&self) -> bool {
        matches!(&self.link, Link::Polling(polling) if polling.connected)
    }

    fn send(&mut self, bytes: &[u8], shared: &mut Shared) {
        let Some(socket) = &self.socket else { return };
        if let Err(why) = socket.send(bytes) {
            self.end(why, shared);
        }
    }

    fn read(&mut self, to_the_end: bool, shared: &mut Shared) {
        let mut buffer = std::mem::take(&mut shared.buffer);
        while let Some(socket) = &self.socket {
            match socket.read(&mut buffer) {
                Read::More(count) => self.take(&buffer[..count], shared),
                Read::Last(count) => {
                    self.take(&buffer[..count], shared);
                    if !to_the_end {
                        break;
                    }
                }
                Read::Nothing => break,
                Read::End(why) => {
                    if !self.last_response(shared) {
                        self.end(why, shared);
                    }
                    break;
                }
            }
        }
        shared.buffer = buffer;
    }

    /// Processes input together with the incomplete rest of earlier input.
    fn take(&mut self, bytes: &[u8], shared: &mut Shared) {
        if self.rest.is_empty() {
            let used = self.digest(bytes, shared);
            if used < bytes.len() {
                self.rest = bytes[used..].to_vec();
            }
        } else {
            let mut rest = std::mem::take(&mut self.rest);
            rest.extend(bytes);
            let used = self.digest(&rest, shared);
            rest.drain(..used);
            self.rest = if rest.is_empty() { Vec::new() } else { rest };
        }
    }

    /// Processes complete messages; returns the number of bytes consumed.
    fn digest(&mut self, bytes: &[u8], shared: &mut Shared) -> usize {
        let mut used = 0;
        while used < bytes.len() && self.socket.is_some() {
            let taken = match &self.link {
                Link::WebSocket if self.stage != Stage::Asking => self.frame(&bytes[used..], shared),
                _ => self.response(&bytes[used..], false, shared),
            };
            match taken {
                Some(taken) => used += taken,
                None => break,
            }
        }
        used
    }

    /// Processes a response that ends with its connection.
    fn last_response(&mut self, shared: &mut Shared) -> bool {
        let rest = std::mem::take(&mut self.rest);
        matches!(self.link, Link::Polling(_)) && self.response(&rest, true, shared).is_some()
    }

    fn response(&mut self, bytes: &[u8], ended: bool, shared: &mut Shared) -> Option<usize> {
        let (response, taken) = match response::parse(bytes, ended) {
            response::Parsed::Whole(response, taken) => (response, taken),
            response::Parsed::Partial => return None,
            response::Parsed::Broken => {
                self.end("what came was no HTTP", shared);
                return Some(bytes.len());
            }
        };
        match &mut self.link {
            Link::WebSocket if response.status == 101 && response.header("sec-websocket-accept") == Some(ACCEPT) => {
                self.stage = Stage::Greeting;
            }
            Link::Polling(polling) if response.status == 200 => {
                let body = response.body;
                let closes = response.closes || ended;
                for packet in polling.packets(&body) {
                    self.packet(packet, taken, shared);
                }
                self.ask_on(closes, shared);
            }
            _ => {
                let advice = response.header("retry-after").map_or("", |_| ", Retry-After");
                self.end(&format!("HTTP {}{advice}", response.status), shared);
            }
        }
        Some(taken)
    }

    /// Sends the next request of a polling client.
    fn ask_on(&mut self, closes: bool, shared: &mut Shared) {
        let Link::Polling(polling) = &mut self.link else { return };
        polling.advance();
        if self.socket.is_none() {
            return;
        }
        if closes {
            shared.reopen.push(polling.index);
        } else {
            self.ask(shared);
        }
    }

    fn frame(&mut self, bytes: &[u8], shared: &mut Shared) -> Option<usize> {
        let (frame, taken) = match frame::parse(bytes) {
            Parsed::Whole(frame, taken) => (frame, taken),
            Parsed::Partial => return None,
            Parsed::Broken(why) => {
                self.end(why, shared);
                return Some(bytes.len());
            }
        };
        match frame.opcode {
            TEXT => self.packet(&frame.payload(), taken, shared),
            PING => self.send(&frame::from_client(PONG, &frame.payload()), shared),
            CLOSE => self.end("the server closed the WebSocket", shared),
            _ => {}
        }
        Some(taken)
    }

    fn packet(&mut self, bytes: &[u8], wire_bytes: usize, shared: &mut Shared) {
        match packet::read(bytes) {
            Packet::Open(sid) => match &mut self.link {
                Link::WebSocket => {
                    let greeting = packet::connect(&self.who.auth, self.last_seq);
                    self.send(&frame::from_client(TEXT, greeting.as_bytes()), shared);
                }
                Link::Polling(polling) => sid.clone_into(&mut polling.sid),
            },
            Packet::Ping => match &mut self.link {
                Link::WebSocket => self.send(&frame::from_client(TEXT, b"3"), shared),
                Link::Polling(polling) => polling.owes_pong = true,
            },
            Packet::Connected => {
                self.stage = Stage::Connected;
                self.admitted = true;
                if let Link::Polling(polling) = &mut self.link {
                    polling.connected = true;
                }
                let took_us = (now_ns() - self.began_ns) / 1000;
                self.outcome = Some(Ok(u32::try_from(took_us).unwrap_or(u32::MAX)));
            }
            Packet::Refused => self.end("the server refused the credential", shared),
            Packet::Close => self.end("the server said goodbye", shared),
            Packet::Event(event) => {
                self.last_seq = event.seq.or(self.last_seq);
                let tally = match event.audience {
                    Audience::Everyone => &mut self.everyone,
                    Audience::Some => &mut self.some,
                };
                if tally.record(event.mark.number) {
                    shared.receive(&event, wire_bytes);
                }
            }
            Packet::Other => {}
        }
    }

    /// Handles the end of the connection, or a failure to connect.
    fn end(&mut self, why: &str, shared: &mut Shared) {
        if self.is_connected() || self.has_connected() {
            shared.end(why);
        } else {
            self.outcome = Some(Err(why.to_owned()));
        }
        self.cut();
    }
}
