//! Engine.IO text packets; see [Engine.IO protocol,
//! Protocol](https://socket.io/docs/v4/engine-io-protocol/#protocol).

use thiserror::Error;

/// A text packet from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextPacket<'a> {
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
pub struct MalformedPacket;

impl<'a> TextPacket<'a> {
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
