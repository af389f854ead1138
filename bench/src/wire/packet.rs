//! Engine.IO 4 and Socket.IO 5 packets, as needed by the benchmark's clients.

use super::mark::{Mark, find_seq};

/// A packet from a server.
#[derive(Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// Engine.IO: the session was opened; its id.
    Open(&'a str),
    Ping,
    /// Engine.IO: the session was closed; or Socket.IO: the socket was disconnected.
    Close,
    /// Socket.IO: the namespace was joined.
    Connected,
    /// Socket.IO: joining was refused.
    Refused,
    /// Socket.IO: an event published by this run.
    Event(Event),
    /// Any other packet, which is ignored.
    Other,
}

/// A received event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    pub audience: Audience,
    pub mark: Mark,
    /// Its sequence number, if the server has a log.
    pub seq: Option<u64>,
}

/// Audience of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Every client.
    Everyone,
    /// One user, or the members of a room.
    Some,
}

/// Prefixes of packets with events.
const EVENT: &[u8] = b"42[\"";
const TO_SOME: &[u8] = b"42[\"notification\"";

/// Separator of packets in a polling response.
pub const SEPARATOR: u8 = 0x1e;

pub fn read(bytes: &[u8]) -> Packet<'_> {
    match bytes {
        [b'0', rest @ ..] => std::str::from_utf8(rest).ok().and_then(session_id).map_or(Packet::Other, Packet::Open),
        [b'1', ..] | [b'4', b'1', ..] => Packet::Close,
        [b'2', ..] => Packet::Ping,
        [b'4', b'0', ..] => Packet::Connected,
        [b'4', b'4', ..] => Packet::Refused,
        event if event.starts_with(EVENT) => match Mark::find(event) {
            Some(mark) => {
                let audience = if event.starts_with(TO_SOME) { Audience::Some } else { Audience::Everyone };
                Packet::Event(Event { audience, mark, seq: find_seq(event) })
            }
            None => Packet::Other,
        },
        _ => Packet::Other,
    }
}

/// Extracts the value of `"sid"`; ids contain no escapes.
fn session_id(open: &str) -> Option<&str> {
    open.split_once("\"sid\":\"")?.1.split('"').next()
}

/// Returns the CONNECT packet, with credentials and, when reconnecting, the cursor.
pub fn connect(auth: &str, since: Option<u64>) -> String {
    match (auth.strip_prefix('{'), since) {
        (Some("}"), Some(since)) => format!("40{{\"since\":{since}}}"),
        (Some(rest), Some(since)) => format!("40{{\"since\":{since},{rest}"),
        _ => format!("40{auth}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_told_apart() {
        assert_eq!(read(b"0{\"sid\":\"abc\",\"upgrades\":[]}"), Packet::Open("abc"));
        assert_eq!(read(b"2"), Packet::Ping);
        assert_eq!(read(b"41"), Packet::Close);
        assert_eq!(read(b"40{\"sid\":\"x\"}"), Packet::Connected);
        assert_eq!(read(b"44{\"message\":\"no\"}"), Packet::Refused);
        assert_eq!(read(b"42[\"connection_status\",{\"seq\":4}]"), Packet::Other);
    }

    #[test]
    fn events_tell_whom_they_are_for() {
        let mark = Mark { number: 3, published_ns: 44 };
        let event = |name: &str| format!("42[\"{name}\",{{\"data\":\"{mark}\",\"seq\":8}}]");
        let read = |name| match read(event(name).as_bytes()) {
            Packet::Event(event) => event,
            other => panic!("{other:?}"),
        };
        assert_eq!(read("notification"), Event { audience: Audience::Some, mark, seq: Some(8) });
        assert_eq!(read("new_listing").audience, Audience::Everyone);
        assert_eq!(read("notification_read").audience, Audience::Everyone);
    }

    #[test]
    fn a_client_that_comes_back_says_since_when() {
        assert_eq!(connect("{}", None), "40{}");
        assert_eq!(connect("{}", Some(5)), "40{\"since\":5}");
        assert_eq!(connect("{\"token\":\"t\"}", Some(5)), "40{\"since\":5,\"token\":\"t\"}");
        assert_eq!(connect("", None), "40");
    }
}
