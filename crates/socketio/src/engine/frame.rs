//! Outgoing WebSocket frames, encoded once and shared by all recipients.

use bytes::Bytes;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// Maximum length of an unmasked frame header: 2 bytes and an 8-byte length (RFC 6455, section 5.2).
const HEADER_ROOM: usize = 10;

/// One Engine.IO packet as a complete WebSocket frame; long-polling extracts the payload.
#[derive(Clone, Debug)]
pub struct EngineFrame {
    wire: Bytes,
    header: u8,
}

impl EngineFrame {
    /// Encodes an Engine.IO text packet as a text frame.
    pub fn text(packet: &str) -> EngineFrame {
        let mut builder = FrameBuilder::with_capacity(packet.len());
        builder.payload().extend_from_slice(packet.as_bytes());
        builder.finish(OpCode::Data(Data::Text))
    }

    /// Encodes a text message, with the packet type `4`, as a text frame.
    pub fn message(text: &str) -> EngineFrame {
        let mut builder = FrameBuilder::with_capacity(text.len() + 1);
        builder.payload().push(b'4');
        builder.payload().extend_from_slice(text.as_bytes());
        builder.finish(OpCode::Data(Data::Text))
    }

    /// Encodes a binary message; binary frames have no packet type.
    pub fn binary(data: &[u8]) -> EngineFrame {
        let mut builder = FrameBuilder::with_capacity(data.len());
        builder.payload().extend_from_slice(data);
        builder.finish(OpCode::Data(Data::Binary))
    }

    pub(crate) fn close(code: u16) -> EngineFrame {
        EngineFrame::close_because(code, "")
    }

    pub(crate) fn close_because(code: u16, reason: &str) -> EngineFrame {
        let mut builder = FrameBuilder::with_capacity(2 + reason.len());
        builder.payload().extend_from_slice(&code.to_be_bytes());
        builder.payload().extend_from_slice(reason.as_bytes());
        builder.finish(OpCode::Control(Control::Close))
    }

    pub(crate) fn pong(data: &[u8]) -> EngineFrame {
        let mut builder = FrameBuilder::with_capacity(data.len());
        builder.payload().extend_from_slice(data);
        builder.finish(OpCode::Control(Control::Pong))
    }

    /// Wraps bytes that precede the first frame, such as the handshake response.
    pub(crate) fn raw(bytes: String) -> EngineFrame {
        EngineFrame { wire: Bytes::from(bytes), header: 0 }
    }

    /// Returns the bytes sent over the network.
    pub(crate) fn wire(&self) -> &Bytes {
        &self.wire
    }

    /// Returns the packet without the frame header, sharing the frame's memory.
    pub(crate) fn payload(&self) -> Bytes {
        self.wire.slice(usize::from(self.header)..)
    }

    /// Returns the packet without the frame header.
    pub(crate) fn payload_bytes(&self) -> &[u8] {
        &self.wire[usize::from(self.header)..]
    }

    pub(crate) fn is_binary(&self) -> bool {
        self.wire[0] & 0x0f == u8::from(OpCode::Data(Data::Binary))
    }

    /// Returns the length of the frame in bytes, header included.
    pub(crate) fn len(&self) -> usize {
        self.wire.len()
    }
}

/// Builds a frame in place: room for the header is reserved in front of the payload, whose length determines the
/// header's size.
pub(crate) struct FrameBuilder(Vec<u8>);

impl FrameBuilder {
    pub(crate) fn with_capacity(payload: usize) -> FrameBuilder {
        let mut buffer = Vec::with_capacity(HEADER_ROOM + payload);
        buffer.resize(HEADER_ROOM, 0);
        FrameBuilder(buffer)
    }

    /// Returns the buffer to which the payload is appended.
    pub(crate) fn payload(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }

    pub(crate) fn finish_text(self) -> EngineFrame {
        self.finish(OpCode::Data(Data::Text))
    }

    fn finish(mut self, opcode: OpCode) -> EngineFrame {
        let header = FrameHeader { opcode, ..FrameHeader::default() };
        let length = (self.0.len() - HEADER_ROOM) as u64;
        let header_len = header.len(length);
        let start = HEADER_ROOM - header_len;
        // The header was measured, so formatting it into this slice cannot fail.
        let written = header.format(length, &mut &mut self.0[start..HEADER_ROOM]);
        debug_assert!(written.is_ok());
        EngineFrame { wire: Bytes::from(self.0).slice(start..), header: u8::try_from(header_len).unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_as_long_as_the_payload_needs() {
        for (length, header) in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            let frame = EngineFrame::binary(&vec![7; length]);
            assert_eq!(frame.len(), length + header);
            assert_eq!(frame.payload().len(), length);
            assert!(frame.is_binary());
        }
        assert_eq!(EngineFrame::message("hi").wire().as_ref(), b"\x81\x034hi");
        assert_eq!(EngineFrame::close(1002).wire().as_ref(), b"\x88\x02\x03\xea");
    }
}
