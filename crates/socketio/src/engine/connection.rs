//! The task of a WebSocket that carries a session.

use std::future::poll_fn;
use std::io;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep, sleep_until};

use super::input::UnparsedInput;
use super::read_buffer::with_read_buffer;
use super::session::{EngineSession, SessionLink};
use super::transmit::FlushResult;
use super::wire::ConnectionWire;
use crate::reason::DisconnectReason;

/// How often a task may go round before others get their turn.
const ROUNDS: usize = 32;

/// A WebSocket that carries a session.
pub(super) struct WebSocketConnection {
    session: Arc<EngineSession>,
    wire: ConnectionWire,
    input: UnparsedInput,
    /// The peer's side of the stream has ended.
    eof: bool,
}

enum ConnectionEnd {
    /// Everything was written: the client is to see it.
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
        // The session may be held by others for long; its stream ends here.
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
        // Closing with unread input would reset the connection before the farewell is read.
        // On the heap, as all connections would keep the room for what happens once to each.
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
            // Deadlines mostly move away from now, so the timer is touched only when it rings.
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

    /// Reads once and hands on what is complete.
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
