//! Engine.IO text packets; see [Engine.IO protocol,
//! "Protocol"](https://socket.io/docs/v4/engine-io-protocol/#protocol).

use thiserror::Error;

/// A text packet from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packet<'a> {
    /// Type `1`: the client closes the session.
    Close,
    /// Type `2`: the client probes a transport; the pong must repeat the data.
    Ping(&'a str),
    /// Type `3`: response to the server's ping.
    Pong,
    /// Type `4`: a message for the application.
    Message(&'a str),
    /// Type `5`: the client switches to the probed transport.
    Upgrade,
    /// Type `6`: no operation.
    Noop,
}

/// The client sent an invalid packet.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("malformed packet")]
pub struct Malformed;

impl<'a> Packet<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Packet<'a>, Malformed> {
        let data = text.get(1..).ok_or(Malformed)?;
        match (text.as_bytes()[0], data) {
            (b'1', "") => Ok(Packet::Close),
            (b'2', _) => Ok(Packet::Ping(data)),
            (b'3', _) => Ok(Packet::Pong),
            (b'4', _) => Ok(Packet::Message(data)),
            (b'5', "") => Ok(Packet::Upgrade),
            (b'6', "") => Ok(Packet::Noop),
            _ => Err(Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_of_the_protocol_are_read_and_others_refused() {
        assert_eq!(Packet::parse("4hello"), Ok(Packet::Message("hello")));
        assert_eq!(Packet::parse("4"), Ok(Packet::Message("")));
        assert_eq!(Packet::parse("2probe"), Ok(Packet::Ping("probe")));
        assert_eq!(Packet::parse("3"), Ok(Packet::Pong));
        assert_eq!(Packet::parse("1"), Ok(Packet::Close));
        for bad in ["", "abc", "0{}", "7", "é", "1x", "9"] {
            assert_eq!(Packet::parse(bad), Err(Malformed), "{bad:?}");
        }
    }
}
