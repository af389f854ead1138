//! Engine.IO packets, as far as they are text.
//!
//! Shapes: [Engine.IO protocol, "Protocol"](https://socket.io/docs/v4/engine-io-protocol/#protocol).

use thiserror::Error;

/// A text packet from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextPacket<'a> {
    /// The client closes the transport.
    Close,
    /// The client tries out a transport; the text comes back in the pong.
    Ping(&'a str),
    /// The answer to the server's ping.
    Pong,
    /// A message for the application.
    Message(&'a str),
    /// The client moves over to the tried transport.
    Upgrade,
    /// Nothing.
    Noop,
}

/// What a client sent is no packet of this protocol.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("malformed packet")]
pub struct MalformedPacket;

impl<'a> TextPacket<'a> {
    /// Reads one packet.
    pub(crate) fn parse(text: &'a str) -> Result<TextPacket<'a>, MalformedPacket> {
        let data = text.get(1..).ok_or(MalformedPacket)?;
        match (text.as_bytes()[0], data) {
            (b'1', "") => Ok(TextPacket::Close),
            (b'2', _) => Ok(TextPacket::Ping(data)),
            (b'3', _) => Ok(TextPacket::Pong),
            (b'4', _) => Ok(TextPacket::Message(data)),
            (b'5', "") => Ok(TextPacket::Upgrade),
            (b'6', "") => Ok(TextPacket::Noop),
            _ => Err(MalformedPacket),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_of_the_protocol_are_read_and_others_refused() {
        assert_eq!(TextPacket::parse("4hello"), Ok(TextPacket::Message("hello")));
        assert_eq!(TextPacket::parse("4"), Ok(TextPacket::Message("")));
        assert_eq!(TextPacket::parse("2probe"), Ok(TextPacket::Ping("probe")));
        assert_eq!(TextPacket::parse("3"), Ok(TextPacket::Pong));
        assert_eq!(TextPacket::parse("1"), Ok(TextPacket::Close));
        for bad in ["", "abc", "0{}", "7", "é", "1x", "9"] {
            assert_eq!(TextPacket::parse(bad), Err(MalformedPacket), "{bad:?}");
        }
    }
}
