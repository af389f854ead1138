//! From the bytes of a WebSocket to the packets of its session.

use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;
use tungstenite::protocol::frame::coding::CloseCode;

use super::decoder::{ClientItem, FrameError, MessageDecoder};
use super::frame::EngineFrame;
use super::guest::ReportedMemory;
use super::session::{EngineSession, SessionEnd};
use crate::reason::DisconnectReason;

/// The reason in the close frame after a malformed packet; at most 123 bytes (RFC 6455, 5.5).
const BAD_PACKET: &str = "malformed packet (of Socket.IO's parsers only the default one is supported)";

/// What was read and not understood yet: nothing, as a rule.
pub(super) struct UnparsedInput {
    decoder: MessageDecoder,
    pending: Vec<u8>,
    /// `pending` may hold whole frames, left there because handlers were behind.
    unfinished: bool,
}

impl UnparsedInput {
    /// Begins with what was read along with the HTTP request: a copy, because the few bytes would
    /// keep all of the HTTP side's buffer.
    pub(super) fn new(limit: usize, read: &[u8]) -> UnparsedInput {
        UnparsedInput { decoder: MessageDecoder::new(limit), unfinished: !read.is_empty(), pending: read.to_vec() }
    }

    /// Hands on what was left when handlers were behind; whether there was anything.
    pub(super) fn resume(&mut self, session: &Arc<EngineSession>) -> bool {
        let unfinished = mem::take(&mut self.unfinished);
        if unfinished {
            self.consume_pending(session);
            self.report(session);
        }
        unfinished
    }

    /// Hands on what was read, and keeps what is incomplete.
    pub(super) fn take(&mut self, session: &Arc<EngineSession>, read: &mut [u8]) {
        if self.pending.is_empty() {
            let used = self.consume(session, read);
            self.pending.extend_from_slice(&read[used..]);
        } else {
            self.pending.extend_from_slice(read);
            self.consume_pending(session);
        }
        self.report(session);
    }

    /// Reports what is kept of what was read.
    fn report(&self, session: &EngineSession) {
        session.hold(ReportedMemory::Input, self.pending.capacity() + self.decoder.buffered());
    }

    /// The next text message alone; `Ok(None)` asks for more bytes.
    pub(super) fn next_text(&mut self, read: &[u8]) -> Result<Option<String>, FrameError> {
        self.pending.extend_from_slice(read);
        let mut at = 0;
        let text = match self.decoder.next(&mut self.pending, &mut at)? {
            Some(ClientItem::Text(text)) => Some(text.to_owned()),
            Some(_) => return Err(FrameError::Protocol),
            None => None,
        };
        self.pending.drain(..at);
        self.unfinished = !self.pending.is_empty();
        Ok(text)
    }

    fn consume_pending(&mut self, session: &Arc<EngineSession>) {
        let mut pending = mem::take(&mut self.pending);
        let used = self.consume(session, &mut pending);
        if used < pending.len() {
            pending.drain(..used);
            self.pending = pending;
        }
    }

    /// Hands on whole messages while handlers take them; how many bytes were used up.
    fn consume(&mut self, session: &Arc<EngineSession>, data: &mut [u8]) -> usize {
        let mut at = 0;
        while !session.is_behind() {
            self.decoder.set_limit(session.message_limit());
            match self.decoder.next(data, &mut at) {
                Ok(Some(item)) => accept(session, &item),
                Ok(None) => return at,
                Err(error) => {
                    if error == FrameError::TooLarge {
                        session.reject_traffic();
                    }
                    say_farewell(session, DisconnectReason::ParseError, EngineFrame::close(error.code()));
                }
            }
            if !session.is_open() {
                return data.len();
            }
        }
        self.unfinished = true;
        at
    }
}

fn accept(session: &Arc<EngineSession>, item: &ClientItem<'_>) {
    let accepted = match *item {
        ClientItem::Text(text) => session.receive_text(text),
        ClientItem::Binary(data) => session.receive_binary(Bytes::copy_from_slice(data)).map(|()| true),
        ClientItem::Ping(data) => session.count_packet().map(|()| {
            session.answer_ping(data);
            true
        }),
        ClientItem::Pong => session.count_packet().map(|()| true),
        ClientItem::Close(code) => {
            // A code that must not be sent is not sent back either.
            let code = code.filter(|code| CloseCode::from(*code).is_allowed()).unwrap_or(1000);
            return say_farewell(session, DisconnectReason::TransportClose, EngineFrame::close(code));
        }
    };
    match accepted {
        Ok(true) => {}
        Ok(false) => say_farewell(session, DisconnectReason::TransportClose, EngineFrame::close(1000)),
        Err(_) => say_farewell(session, DisconnectReason::ParseError, EngineFrame::close_because(1002, BAD_PACKET)),
    }
}

fn say_farewell(session: &EngineSession, reason: DisconnectReason, close: EngineFrame) {
    let deadline = Instant::now() + session.core.config.write_deadline;
    session.end(reason, SessionEnd::Flush(Some(close), deadline));
}
