//! Input of a WebSocket: from bytes to packets of the session.

use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;
use tungstenite::protocol::frame::coding::CloseCode;

use super::decoder::{ClientItem, FrameError, MessageDecoder};
use super::frame::EngineFrame;
use super::guest::ReportedMemory;
use super::session::EngineSession;
use super::session_state::SessionEnd;
use crate::reason::DisconnectReason;

/// Reason in the close frame after a malformed packet; at most 123 bytes (RFC 6455, section 5.5).
const BAD_PACKET: &str = "malformed packet (of Socket.IO's parsers only the default one is supported)";

/// Bytes that were read but not processed yet; usually none.
pub(super) struct UnparsedInput {
    decoder: MessageDecoder,
    pending: Vec<u8>,
    /// Whether `pending` may contain complete frames, left because handlers were behind.
    unfinished: bool,
}

impl UnparsedInput {
    /// Starts with the bytes that were read together with the HTTP request. They are copied, as they would otherwise
    /// keep the whole HTTP read buffer alive.
    pub(super) fn new(limit: usize, read: &[u8]) -> UnparsedInput {
        UnparsedInput { decoder: MessageDecoder::new(limit), unfinished: !read.is_empty(), pending: read.to_vec() }
    }

    /// Processes input that was left because handlers were behind; returns whether there was any.
    pub(super) fn resume(&mut self, session: &Arc<EngineSession>) -> bool {
        let unfinished = mem::take(&mut self.unfinished);
        if unfinished {
            self.consume_pending(session);
            self.report(session);
        }
        unfinished
    }

    /// Processes newly read input, and keeps what is incomplete.
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

    /// Reports the memory used for input.
    fn report(&self, session: &EngineSession) {
        session.hold(ReportedMemory::Input, self.pending.capacity() + self.decoder.buffered());
    }

    /// Returns the next message, which must be text; `Ok(None)` asks for more bytes.
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

    /// Processes complete messages until handlers are behind; returns the number of bytes consumed.
    fn consume(&mut self, session: &Arc<EngineSession>, data: &mut [u8]) -> usize {
        let mut at = 0;
        while !session.is_behind() {
            // The limit may rise between two messages, when the first one joins a namespace.
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
            // Reserved codes such as 1005 must not be echoed (RFC 6455, section 7.4.1).
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
