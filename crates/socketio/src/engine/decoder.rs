//! Decoder for client WebSocket frames: reassembles messages from a stream split at any byte.

use std::io::Cursor;

use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// A decoded message or control frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ClientItem<'a> {
    /// A complete text message.
    Text(&'a str),
    /// A complete binary message.
    Binary(&'a [u8]),
    /// A ping, whose data the pong must repeat.
    Ping(&'a [u8]),
    Pong,
    /// A close frame, with its status code if present.
    Close(Option<u16>),
}

/// A violation of the WebSocket protocol (RFC 6455).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameError {
    /// A frame that a client may not send in this state.
    Protocol,
    /// A text message that is not UTF-8.
    Utf8,
    /// A message that exceeds the limit.
    TooLarge,
}

impl FrameError {
    /// Returns the status code for the close frame (RFC 6455, section 7.4.1).
    pub(crate) fn code(self) -> u16 {
        match self {
            FrameError::Protocol => 1002,
            FrameError::Utf8 => 1007,
            FrameError::TooLarge => 1009,
        }
    }
}

/// Reassembles messages; buffers only the fragments of an incomplete message.
#[derive(Debug)]
pub(crate) struct MessageDecoder {
    limit: usize,
    fragments: Vec<u8>,
    fragmented: Option<Data>,
}

impl MessageDecoder {
    /// Creates a decoder that rejects messages of more than `limit` bytes.
    pub(crate) fn new(limit: usize) -> MessageDecoder {
        MessageDecoder { limit, fragments: Vec::new(), fragmented: None }
    }

    /// Changes the limit, which applies from the next frame on.
    pub(crate) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Returns the memory used for an incomplete message, in bytes.
    pub(crate) fn buffered(&self) -> usize {
        self.fragments.capacity()
    }

    /// Decodes the next item of `input` from `at` on, and advances `at` past it.
    ///
    /// `None` asks for more input: call again with everything from `at` on followed by new data. Payloads are unmasked
    /// in place, so that nothing is copied unless a message is fragmented.
    pub(crate) fn next<'a>(
        &'a mut self,
        input: &'a mut [u8],
        at: &mut usize,
    ) -> Result<Option<ClientItem<'a>>, FrameError> {
        // The previous call returned a reference into the fragments; only now can they be freed.
        if self.fragmented.is_none() && !self.fragments.is_empty() {
            self.fragments = Vec::new();
        }
        loop {
            let Some((header, start, end)) = self.frame(&input[*at..])? else { return Ok(None) };
            let start = *at + start;
            let end = *at + end;
            unmask(&mut input[start..end], header.mask.unwrap_or_default());
            *at = end;
            match header.opcode {
                OpCode::Control(control) => return control_item(control, &input[start..end]).map(Some),
                OpCode::Data(data) if header.is_final && data != Data::Continue => {
                    return data_item(data, &input[start..end]).map(Some);
                }
                OpCode::Data(data) => {
                    self.fragments.extend_from_slice(&input[start..end]);
                    if data != Data::Continue {
                        self.fragmented = Some(data);
                    } else if header.is_final {
                        let kind = self.fragmented.take().ok_or(FrameError::Protocol)?;
                        return data_item(kind, &self.fragments).map(Some);
                    }
                }
            }
        }
    }

    /// Parses the next frame; returns its header and the range of its payload once it is complete.
    fn frame(&self, input: &[u8]) -> Result<Option<(FrameHeader, usize, usize)>, FrameError> {
        let mut cursor = Cursor::new(input);
        let parsed = FrameHeader::parse(&mut cursor).map_err(|_| FrameError::Protocol)?;
        let Some((header, length)) = parsed else { return Ok(None) };
        // Clients must mask (RFC 6455, section 5.1), and no extension that uses the reserved bits is negotiated (5.2).
        if header.mask.is_none() || header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(FrameError::Protocol);
        }
        let length = usize::try_from(length).map_err(|_| FrameError::TooLarge)?;
        match header.opcode {
            // Control frames: not fragmented, at most 125 bytes (5.5).
            OpCode::Control(_) if !header.is_final || length > 125 => return Err(FrameError::Protocol),
            OpCode::Data(data) if (data == Data::Continue) != self.fragmented.is_some() => {
                return Err(FrameError::Protocol);
            }
            // Checked before the payload arrives, so that an oversized message is never buffered.
            OpCode::Data(_) if length > self.limit - self.fragments.len().min(self.limit) => {
                return Err(FrameError::TooLarge);
            }
            _ => {}
        }
        let start = usize::try_from(cursor.position()).unwrap_or(usize::MAX);
        Ok((input.len() - start >= length).then_some((header, start, start + length)))
    }
}

fn control_item(control: Control, payload: &[u8]) -> Result<ClientItem<'_>, FrameError> {
    match control {
        Control::Ping => Ok(ClientItem::Ping(payload)),
        Control::Pong => Ok(ClientItem::Pong),
        Control::Close => match payload {
            [] => Ok(ClientItem::Close(None)),
            [high, low, reason @ ..] => {
                str::from_utf8(reason).map_err(|_| FrameError::Utf8)?;
                Ok(ClientItem::Close(Some(u16::from_be_bytes([*high, *low]))))
            }
            [_] => Err(FrameError::Protocol),
        },
        Control::Reserved(_) => Err(FrameError::Protocol),
    }
}

fn data_item(kind: Data, payload: &[u8]) -> Result<ClientItem<'_>, FrameError> {
    match kind {
        Data::Text => str::from_utf8(payload).map(ClientItem::Text).map_err(|_| FrameError::Utf8),
        Data::Binary => Ok(ClientItem::Binary(payload)),
        Data::Continue | Data::Reserved(_) => Err(FrameError::Protocol),
    }
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    for chunk in payload.chunks_mut(4) {
        for (byte, key) in chunk.iter_mut().zip(mask) {
            *byte ^= key;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Encodes a masked frame, as clients must send (RFC 6455, section 5.3).
    fn frame(opcode: u8, fin: bool, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
        let opcode = OpCode::from(opcode);
        let header = FrameHeader { is_final: fin, opcode, mask: Some(mask), ..FrameHeader::default() };
        let mut out = Vec::new();
        header.format(payload.len() as u64, &mut out).unwrap();
        let start = out.len();
        out.extend_from_slice(payload);
        unmask(&mut out[start..], mask);
        out
    }

    /// Feeds the pieces as a connection does, and returns the decoded items.
    fn decode(pieces: &[&[u8]], limit: usize) -> Result<Vec<String>, FrameError> {
        let mut decoder = MessageDecoder::new(limit);
        let mut pending = Vec::new();
        let mut out = Vec::new();
        for piece in pieces {
            pending.extend_from_slice(piece);
            let mut at = 0;
            while let Some(item) = decoder.next(&mut pending, &mut at)? {
                out.push(format!("{item:?}"));
            }
            pending.drain(..at);
        }
        Ok(out)
    }

    proptest! {
        #[test]
        fn any_split_of_the_stream_gives_the_same_messages(
            messages in prop::collection::vec((prop::collection::vec(".{0,60}", 1..4), any::<[u8; 4]>(), any::<bool>()), 1..6),
            mut cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            let mut stream = Vec::new();
            let mut expected = Vec::new();
            for (fragments, mask, ping) in &messages {
                let last = fragments.len() - 1;
                for (number, fragment) in fragments.iter().enumerate() {
                    stream.extend(frame(u8::from(number == 0), number == last, fragment.as_bytes(), *mask));
                    if *ping {
                        stream.extend(frame(9, true, b"hi", *mask));
                        expected.push(format!("{:?}", ClientItem::Ping(b"hi")));
                    }
                }
                let whole = format!("{:?}", ClientItem::Text(&fragments.concat()));
                // The ping is sent before the last fragment, so it is decoded before the message.
                let at = expected.len() - usize::from(*ping);
                expected.insert(at, whole);
            }
            let mut points: Vec<usize> = cuts.drain(..).map(|cut| cut.index(stream.len())).collect();
            points.extend([0, stream.len()]);
            points.sort_unstable();
            let pieces: Vec<&[u8]> = points.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
            prop_assert_eq!(decode(&pieces, 10_000), Ok(expected));
        }

        #[test]
        fn the_decoder_never_panics_and_never_exceeds_its_limit(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..16),
            limit in 0_usize..100,
        ) {
            let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            let _ = decode(&pieces, limit);
        }
    }

    #[test]
    fn the_limit_counts_all_fragments() {
        let mask = [1, 2, 3, 4];
        let first = frame(2, false, &[0; 6], mask);
        assert_eq!(decode(&[&first, &frame(0, true, &[0; 4], mask)], 10).unwrap().len(), 1);
        assert_eq!(decode(&[&first, &frame(0, true, &[0; 5], mask)], 10), Err(FrameError::TooLarge));
        // Detected from the header alone, before the payload arrives.
        assert_eq!(decode(&[&frame(2, true, &[0; 11], mask)[..6]], 10), Err(FrameError::TooLarge));
        assert_eq!(decode(&[&[0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]], 10), Ok(vec![]));
    }
}
