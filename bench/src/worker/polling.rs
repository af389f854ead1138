//! A long-polling client: sequential requests on one connection, as long as the server keeps it open.

use std::net::SocketAddr;

use crate::wire::packet::SEPARATOR;

/// State of a polling client.
#[derive(Default)]
pub(super) struct Polling {
    /// Index of the client, with which it requests another connection.
    pub(super) index: usize,
    /// Session id, once known.
    pub(super) sid: String,
    /// Whether a ping has not been answered yet.
    pub(super) owes_pong: bool,
    /// Whether the namespace was joined.
    pub(super) connected: bool,
    step: Step,
}

/// The current request.
#[derive(Default, Clone, Copy)]
enum Step {
    #[default]
    Open,
    Greet,
    Poll,
    Pong,
}

impl Polling {
    /// Formats the current request.
    pub(super) fn request(&self, server: SocketAddr, cookie: &str, greeting: &str) -> String {
        let sid = if self.sid.is_empty() { String::new() } else { format!("&sid={}", self.sid) };
        let head = |method: &str| {
            format!("{method} /socket.io/?EIO=4&transport=polling{sid} HTTP/1.1\r\nHost: {server}\r\n{cookie}")
        };
        let post = |body: &str| {
            let length = body.len();
            format!("{}Content-Type: text/plain;charset=UTF-8\r\nContent-Length: {length}\r\n\r\n{body}", head("POST"))
        };
        match self.step {
            Step::Open | Step::Poll => format!("{}\r\n", head("GET")),
            Step::Greet => post(greeting),
            Step::Pong => post("3"),
        }
    }

    /// Splits a response's body into packets; responses to POST contain none.
    pub(super) fn packets<'a>(&self, body: &'a [u8]) -> Vec<&'a [u8]> {
        match self.step {
            Step::Open | Step::Poll => body.split(|byte| *byte == SEPARATOR).collect(),
            Step::Greet | Step::Pong => Vec::new(),
        }
    }

    /// Advances to the next request after a response.
    pub(super) fn advance(&mut self) {
        self.step = match self.step {
            Step::Open => Step::Greet,
            Step::Poll if std::mem::take(&mut self.owes_pong) => Step::Pong,
            Step::Greet | Step::Pong | Step::Poll => Step::Poll,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ping_is_answered_between_two_polls() {
        let server = SocketAddr::from(([127, 0, 0, 1], 80));
        let mut polling = Polling::default();
        let mut asked = Vec::new();
        for owes_pong in [false, false, false, true, false, false] {
            let request = polling.request(server, "", "40{}");
            let (head, body) = request.split_once("\r\n\r\n").unwrap_or_default();
            asked.push(format!("{}{body}", head.split(' ').next().unwrap_or_default()));
            polling.owes_pong |= owes_pong;
            polling.advance();
        }
        assert_eq!(asked, ["GET", "POST40{}", "GET", "GET", "POST3", "GET"]);
    }

    #[test]
    fn a_body_holds_several_packets() {
        let mut polling = Polling::default();
        assert_eq!(polling.packets(b"40{}\x1e2"), [&b"40{}"[..], b"2"]);
        polling.advance();
        assert!(polling.packets(b"ok").is_empty());
    }
}
