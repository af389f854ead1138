//! Task of a WebSocket connection with a session.

use std::future::poll_fn;
use std::io;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep, sleep_until};

use super::input::UnparsedInput;
use super::read_buffer::with_read_buffer;
use super::session::EngineSession;
use super::session_state::SessionLink;
use super::transmit::FlushResult;
use super::wire::ConnectionWire;
use crate::reason::DisconnectReason;

/// Maximum iterations per poll, so that a busy connection yields to other tasks.
const ROUNDS: usize = 32;

/// A WebSocket connection that carries a session.
pub(super) struct WebSocketConnection {
    session: Arc<EngineSession>,
    wire: ConnectionWire,
    input: UnparsedInput,
    /// Whether the peer has closed its direction of the stream.
    eof: bool,
}

enum ConnectionEnd {
    /// Everything was written, so the client should receive it.
    Finished,
    Dead,
}

impl WebSocketConnection {
    pub(super) fn new(session: Arc<EngineSession>, wire: ConnectionWire, input: UnparsedInput) -> WebSocketConnection {
        WebSocketConnection { session, wire, input, eof: false }
    }

    pub(super) async fn run(mut self) {
        let mut sleep = pin!(sleep_until(Instant::now()));
        let ending = poll_fn(|cx| self.poll(cx, sleep.as_mut())).await;
        // Handlers may keep the session for long, but the stream must be closed now.
        let link = mem::replace(&mut self.session.lock().link, SessionLink::WebSocket(None));
        if matches!(ending, ConnectionEnd::Dead) {
            if !self.eof {
                self.wire.discard_on_close();
            }
            if let SessionLink::WebSocket(Some(writer)) = link {
                writer.forget();
            }
            return;
        }
        drop(link);
        // Closing a socket with unread input resets the connection, and the close frame could be lost. Boxed, as every
        // connection's future would otherwise reserve room for this.
        Box::pin(self.wire.linger()).await;
    }

    fn poll(&mut self, cx: &mut Context<'_>, mut sleep: Pin<&mut Sleep>) -> Poll<ConnectionEnd> {
        for _ in 0..ROUNDS {
            match self.session.poll_flush(cx, &mut self.wire) {
                FlushResult::Live => {}
                FlushResult::Finished => return Poll::Ready(ConnectionEnd::Finished),
                FlushResult::Dead => return Poll::Ready(ConnectionEnd::Dead),
            }
            if self.poll_input(cx).is_ready() {
                continue;
            }
            // Deadlines mostly move into the future, so the timer is only reset when it fires or must fire earlier.
            let Some(deadline) = self.session.tick(Instant::now()) else { continue };
            if sleep.is_elapsed() || deadline < sleep.deadline() {
                sleep.as_mut().reset(deadline);
            }
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Reads once and processes complete messages.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.session.is_behind() || !self.session.is_open() {
            return Poll::Pending;
        }
        if self.input.resume(&self.session) {
            return Poll::Ready(());
        }
        with_read_buffer(|buffer| {
            let read = self.wire.poll_read(cx, buffer);
            match &read {
                Poll::Ready(Ok(count @ 1..)) => self.input.take(&self.session, &mut buffer[..*count]),
                Poll::Ready(end) => {
                    self.eof = true;
                    self.session.abort(match end {
                        Err(error) if error.kind() != io::ErrorKind::ConnectionReset => {
                            DisconnectReason::TransportError
                        }
                        _ => DisconnectReason::TransportClose,
                    });
                }
                Poll::Pending => {}
            }
            read.map(|_| ())
        })
    }
}
