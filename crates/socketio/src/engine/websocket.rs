//! The WebSocket transport: handshake, takeover from polling, and the task of a connection.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{CONNECTION, HeaderMap, HeaderName, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderValue, request};
use hyper::upgrade::OnUpgrade;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use tungstenite::handshake::derive_accept_key;

use super::Transport;
use super::core::Core;
use super::frame::Frame;
use super::input::Input;
use super::session::{Entry, Link, Session};
use super::takeover::Takeover;
use super::transmit::Flushed;
use super::wire::{self, DirectWriter, LINGER, Opened, Wire};
use crate::gate::GuestTicket;
use crate::handshake::Handshake;
use crate::reason::DisconnectReason;
use crate::service::answer::{Answer, Problem};

/// What one read may bring; the buffer belongs to the thread, not to the connection.
const READ_BYTES: usize = 32 * 1024;

/// How often a task may go round before others get their turn.
const ROUNDS: usize = 32;

thread_local! {
    static READ_BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Lends the thread's buffer.
pub(super) fn with_read_buffer<T>(read: impl FnOnce(&mut [u8]) -> T) -> T {
    let mut buffer = READ_BUFFER.take();
    buffer.resize(READ_BYTES, 0);
    let done = read(&mut buffer);
    READ_BUFFER.set(buffer);
    done
}

/// Answers a handshake and spawns the connection's task.
pub(crate) fn accept(
    core: &Arc<Core>,
    mut parts: request::Parts,
    session: Option<Arc<Session>>,
) -> Result<Answer, Problem> {
    let key = accept_key(&parts.headers)?;
    let upgrade = parts.extensions.remove::<OnUpgrade>().ok_or(Problem::BadRequest)?;
    let ticket = core.enter(&parts).map_err(|_| Problem::Unavailable)?;
    let opening = Opening::of(core, parts, session, ticket)?;
    core.spawn(start(Arc::clone(core), upgrade, opening));
    Ok(Answer::switching_protocols(key))
}

/// What a WebSocket is to become.
pub(super) enum Opening {
    New(Box<Entry>),
    Takeover(Takeover, GuestTicket),
    /// The session has a WebSocket already: this one is to be closed, which the protocol wants
    /// done after the handshake.
    Second(GuestTicket),
}

impl Opening {
    pub(super) fn of(
        core: &Arc<Core>,
        parts: request::Parts,
        session: Option<Arc<Session>>,
        ticket: GuestTicket,
    ) -> Result<Opening, Problem> {
        if let Some(session) = session {
            return Ok(match Takeover::claim(session) {
                Some(takeover) => Opening::Takeover(takeover, ticket),
                None => Opening::Second(ticket),
            });
        }
        let permit = core.admit().ok_or(Problem::Unavailable)?;
        let handshake = Handshake::new(parts, Transport::WebSocket, ticket.client());
        Ok(Opening::New(Box::new(Entry { permit, ticket, handshake })))
    }
}

/// Checks the request as RFC 6455, 4.2.1 tells, and computes the proof that it was understood.
pub(super) fn accept_key(headers: &HeaderMap) -> Result<HeaderValue, Problem> {
    let has = |name: HeaderName, token: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(token)))
    };
    if !has(UPGRADE, "websocket") || !has(CONNECTION, "upgrade") {
        return Err(Problem::BadRequest);
    }
    if !has(SEC_WEBSOCKET_VERSION, "13") {
        return Err(Problem::BadWebSocketVersion);
    }
    let key = headers.get(SEC_WEBSOCKET_KEY).ok_or(Problem::BadRequest)?;
    HeaderValue::try_from(derive_accept_key(key.as_bytes())).map_err(|_| Problem::BadRequest)
}

/// Opens the stream and gives it to a task of its own, which is smaller than this one.
async fn start(core: Arc<Core>, upgrade: OnUpgrade, opening: Opening) {
    let Ok(Ok(upgraded)) = timeout(core.config.upgrade_timeout, upgrade).await else { return };
    let Opened { wire, writer, read } = wire::open(upgraded, core.config.send_buffer);
    let input = Input::new(core.config.gate.message_bytes, &read);
    drop(read);
    open(&core, opening, wire, writer, input).await;
}

/// Grants a handshake that was read from a stream of our own, and opens it.
pub(super) fn open_directly(core: &Arc<Core>, opening: Opening, stream: TcpStream, key: &HeaderValue, read: &[u8]) {
    let (mut wire, writer) = wire::split(stream, core.config.send_buffer);
    let granted = Frame::raw(Answer::granted(key));
    let input = Input::new(core.config.gate.message_bytes, read);
    match opening {
        Opening::New(entry) => open_new(core, *entry, Some(granted), wire, Some(writer), input),
        // These take their time, for which the caller does not wait.
        opening => {
            let this = Arc::clone(core);
            core.spawn(async move {
                if wire.write_all(Some(&writer), &granted).await.is_ok() {
                    open(&this, opening, wire, Some(writer), input).await;
                }
            });
        }
    }
}

async fn open(core: &Arc<Core>, opening: Opening, mut wire: Wire, writer: Option<DirectWriter>, input: Input) {
    match opening {
        Opening::New(entry) => open_new(core, *entry, None, wire, writer, input),
        Opening::Takeover(takeover, ticket) => {
            if let Some(Some(connection)) = unless_evicted(&ticket, takeover.run(wire, writer, input)).await {
                core.spawn_for_session(connection.run());
            }
        }
        Opening::Second(ticket) => {
            let farewell = async {
                let _ = timeout(LINGER, wire.write_all(writer.as_ref(), &Frame::close(1008))).await;
                drop(writer);
                wire.linger().await;
            };
            unless_evicted(&ticket, farewell).await;
        }
    }
}

/// Does something for a connection for as long as it has its place.
async fn unless_evicted<T>(ticket: &GuestTicket, work: impl Future<Output = T>) -> Option<T> {
    let evicted = Arc::new(Notify::new());
    let notify = Arc::clone(&evicted);
    ticket.on_eviction(move || notify.notify_one());
    tokio::select! {
        done = work => Some(done),
        () = evicted.notified() => None,
    }
}

fn open_new(
    core: &Arc<Core>,
    entry: Entry,
    granted: Option<Frame>,
    wire: Wire,
    writer: Option<DirectWriter>,
    input: Input,
) {
    let session = Session::open(core, entry, Link::WebSocket(writer), granted);
    core.spawn_for_session(Connection::new(session, wire, input).run());
}

/// A WebSocket that carries a session.
pub(super) struct Connection {
    session: Arc<Session>,
    wire: Wire,
    input: Input,
    /// The peer's side of the stream has ended.
    eof: bool,
}

enum Ending {
    /// Everything was written: the client is to see it.
    Finished,
    Dead,
}

impl Connection {
    pub(super) fn new(session: Arc<Session>, wire: Wire, input: Input) -> Connection {
        Connection { session, wire, input, eof: false }
    }

    async fn run(mut self) {
        let mut sleep = pin!(sleep_until(Instant::now()));
        let ending = poll_fn(|cx| self.poll(cx, sleep.as_mut())).await;
        // The session may be held by others for long; its stream ends here.
        let link = mem::replace(&mut self.session.lock().link, Link::WebSocket(None));
        if matches!(ending, Ending::Dead) {
            if !self.eof {
                self.wire.discard_on_close();
            }
            if let Link::WebSocket(Some(writer)) = link {
                writer.forget();
            }
            return;
        }
        drop(link);
        // Closing with unread input would reset the connection before the farewell is read.
        // On the heap, as all connections would keep the room for what happens once to each.
        Box::pin(self.wire.linger()).await;
    }

    fn poll(&mut self, cx: &mut Context<'_>, mut sleep: Pin<&mut Sleep>) -> Poll<Ending> {
        for _ in 0..ROUNDS {
            match self.session.poll_flush(cx, &mut self.wire) {
                Flushed::Live => {}
                Flushed::Finished => return Poll::Ready(Ending::Finished),
                Flushed::Dead => return Poll::Ready(Ending::Dead),
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
