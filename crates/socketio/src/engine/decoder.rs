//! Incoming WebSocket frames: whole messages out of a stream cut anywhere.

use std::io::Cursor;

use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// Something a client sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Item<'a> {
    /// A whole text message.
    Text(&'a str),
    /// A whole binary message.
    Binary(&'a [u8]),
    /// A WebSocket ping, to be answered with its own data.
    Ping(&'a [u8]),
    /// A WebSocket pong.
    Pong,
    /// The client closes, with a status code perhaps.
    Close(Option<u16>),
}

/// What the client sent breaks WebSocket's rules (RFC 6455).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameError {
    /// Not a frame a client may send here.
    Protocol,
    /// Text that is not UTF-8.
    Utf8,
    /// A message beyond the limit.
    TooLarge,
}

impl FrameError {
    /// The status code of the Close frame that says so (RFC 6455, 7.4.1).
    pub(crate) fn code(self) -> u16 {
        match self {
            FrameError::Protocol => 1002,
            FrameError::Utf8 => 1007,
            FrameError::TooLarge => 1009,
        }
    }
}

/// Puts messages together; holds nothing but the fragments of an unfinished one.
#[derive(Debug)]
pub(crate) struct Decoder {
    limit: usize,
    fragments: Vec<u8>,
    fragmented: Option<Data>,
}

impl Decoder {
    /// A decoder that refuses messages of more than `limit` bytes.
    pub(crate) fn new(limit: usize) -> Decoder {
        Decoder { limit, fragments: Vec::new(), fragmented: None }
    }

    /// The next item of `input` from `at` on, which is moved behind what was used up.
    ///
    /// `None` asks for more input: call again with everything from `at` on and what came since.
    /// Payloads are unmasked in place, so that nothing is copied unless a message is fragmented.
    pub(crate) fn next<'a>(&'a mut self, input: &'a mut [u8], at: &mut usize) -> Result<Option<Item<'a>>, FrameError> {
        if self.fragmented.is_none() && !self.fragments.is_empty() {
            self.fragments = Vec::new();
        }
        loop {
            let Some((header, start, end)) = self.frame(&input[*at..])? else { return Ok(None) };
            let (start, end) = (*at + start, *at + end);
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

    /// The first frame's header and where its payload lies, once all of it is there.
    fn frame(&self, input: &[u8]) -> Result<Option<(FrameHeader, usize, usize)>, FrameError> {
        let mut cursor = Cursor::new(input);
        let parsed = FrameHeader::parse(&mut cursor).map_err(|_| FrameError::Protocol)?;
        let Some((header, length)) = parsed else { return Ok(None) };
        if header.mask.is_none() || header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(FrameError::Protocol);
        }
        let length = usize::try_from(length).map_err(|_| FrameError::TooLarge)?;
        match header.opcode {
            OpCode::Control(_) if !header.is_final || length > 125 => return Err(FrameError::Protocol),
            OpCode::Data(data) if (data == Data::Continue) != self.fragmented.is_some() => {
                return Err(FrameError::Protocol);
            }
            OpCode::Data(_) if length > self.limit - self.fragments.len().min(self.limit) => {
                return Err(FrameError::TooLarge);
            }
            _ => {}
        }
        let start = usize::try_from(cursor.position()).unwrap_or(usize::MAX);
        Ok((input.len() - start >= length).then_some((header, start, start + length)))
    }
}

fn control_item(control: Control, payload: &[u8]) -> Result<Item<'_>, FrameError> {
    match control {
        Control::Ping => Ok(Item::Ping(payload)),
        Control::Pong => Ok(Item::Pong),
        Control::Close => match payload {
            [] => Ok(Item::Close(None)),
            [high, low, reason @ ..] => {
                str::from_utf8(reason).map_err(|_| FrameError::Utf8)?;
                Ok(Item::Close(Some(u16::from_be_bytes([*high, *low]))))
            }
            [_] => Err(FrameError::Protocol),
        },
        Control::Reserved(_) => Err(FrameError::Protocol),
    }
}

fn data_item(kind: Data, payload: &[u8]) -> Result<Item<'_>, FrameError> {
    match kind {
        Data::Text => str::from_utf8(payload).map(Item::Text).map_err(|_| FrameError::Utf8),
        Data::Binary => Ok(Item::Binary(payload)),
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
