//! A connection to the limit server: HTTP requests, then possibly a WebSocket.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::fd::OwnedFd;
use sha1::{Digest as _, Sha1};

use crate::wire::frame::{self, CLOSE, Parsed, TEXT};

/// The GUID that a server appends to the client's key (RFC 6455, section 1.3).
const PROOF: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

pub(super) struct Connection {
    socket: OwnedFd,
    stage: Stage,
    rest: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Http,
    WebSocket,
    Connected,
}

/// A request of a client.
pub(super) enum Wish {
    /// Send this response.
    Answer(Vec<u8>),
    /// Join a room.
    Join(Box<str>),
    /// Publish to everyone, or to a room.
    Publish { room: Option<String>, payload: String },
    /// Close the connection.
    HangUp,
}

impl Connection {
    pub(super) fn new(socket: OwnedFd) -> Self {
        Self { socket, stage: Stage::Http, rest: Vec::new() }
    }

    pub(super) fn socket(&self) -> &OwnedFd {
        &self.socket
    }

    pub(super) fn is_connected(&self) -> bool {
        self.stage == Stage::Connected
    }

    /// Processes input, and buffers what is incomplete.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<Wish> {
        let mut all = std::mem::take(&mut self.rest);
        let bytes = if all.is_empty() {
            bytes
        } else {
            all.extend(bytes);
            &all
        };
        let mut used = 0;
        let mut wishes = Vec::new();
        while used < bytes.len() {
            let step =
                if self.stage == Stage::Http { self.request(&bytes[used..]) } else { self.frame(&bytes[used..]) };
            let Some((wanted, taken)) = step else { break };
            wishes.extend(wanted);
            used += taken;
        }
        self.rest = if used < bytes.len() { bytes[used..].to_vec() } else { Vec::new() };
        wishes
    }

    fn request(&mut self, bytes: &[u8]) -> Option<(Vec<Wish>, usize)> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let head = String::from_utf8_lossy(&bytes[..end]);
        let header = |name: &str| {
            let lines = head.lines().filter_map(|line| line.split_once(':'));
            lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
        };
        if let Some(key) = header("sec-websocket-key") {
            self.stage = Stage::WebSocket;
            return Some((vec![Wish::Answer(upgrade(key))], end));
        }
        let length: usize = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let body = bytes.get(end..end + length)?;
        let room = head.strip_prefix("POST /to/").and_then(|rest| rest.split(' ').next()).map(str::to_owned);
        let payload = String::from_utf8_lossy(body).into_owned();
        Some((vec![Wish::Publish { room, payload }], end + length))
    }

    fn frame(&mut self, bytes: &[u8]) -> Option<(Vec<Wish>, usize)> {
        let (frame, taken) = match frame::parse(bytes) {
            Parsed::Whole(frame, taken) => (frame, taken),
            Parsed::Partial => return None,
            Parsed::Broken(_) => return Some((vec![Wish::HangUp], bytes.len())),
        };
        let payload = frame.payload();
        let wishes = match (frame.opcode, payload.strip_prefix(b"40")) {
            (TEXT, Some(auth)) => {
                self.stage = Stage::Connected;
                let room = std::str::from_utf8(auth).ok().and_then(|auth| auth.split_once("\"room\":\""));
                let room = room.and_then(|(_, rest)| rest.split('"').next());
                let join = room.map(|room| Wish::Join(room.into()));
                let answer = frame::from_server(TEXT, b"40{\"sid\":\"limit\"}");
                join.into_iter().chain([Wish::Answer(answer)]).collect()
            }
            (CLOSE, _) => vec![Wish::HangUp],
            _ => Vec::new(),
        };
        Some((wishes, taken))
    }
}

/// Returns the response to an upgrade together with the OPEN packet, for a single write.
fn upgrade(key: &str) -> Vec<u8> {
    let accept = STANDARD.encode(Sha1::digest(format!("{key}{PROOF}")));
    let mut answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    )
    .into_bytes();
    let open = br#"0{"sid":"limit","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
    answer.extend(frame::from_server(TEXT, open));
    answer
}
