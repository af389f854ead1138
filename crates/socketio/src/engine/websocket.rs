//! The WebSocket transport, from the handshake to the connection's task.

use std::sync::Arc;

use http::header::{CONNECTION, HeaderMap, HeaderName, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderValue, request};
use hyper::upgrade::OnUpgrade;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;
use tungstenite::handshake::derive_accept_key;

use super::answer::{Answer, Problem};
use super::connection::Connection;
use super::core::Core;
use super::frame::Frame;
use super::handshake::Handshake;
use super::input::Input;
use super::session::{Entry, Link, Session};
use super::takeover::Takeover;
use super::transport::Transport;
use super::wire::{self, DirectWriter, LINGER, Opened, Wire};
use crate::gate::GuestTicket;

/// Responds to a handshake and spawns the connection's task.
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

/// Purpose of a new WebSocket.
pub(crate) enum Opening {
    New(Box<Entry>),
    Takeover(Takeover, GuestTicket),
    /// The session has a WebSocket already or is being upgraded. This one is closed, after the handshake as the
    /// protocol requires.
    Second(GuestTicket),
}

impl Opening {
    pub(crate) fn of(
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

/// Validates a handshake request (RFC 6455, section 4.2.1) and computes its `Sec-WebSocket-Accept`.
pub(crate) fn accept_key(headers: &HeaderMap) -> Result<HeaderValue, Problem> {
    let has = |name: HeaderName, token: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            // Both headers are comma-separated lists of case-insensitive tokens.
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

/// Waits for the upgrade, and passes the stream to its own task, whose future is smaller than this one.
async fn start(core: Arc<Core>, upgrade: OnUpgrade, opening: Opening) {
    let Ok(Ok(upgraded)) = timeout(core.config.upgrade_timeout, upgrade).await else { return };
    let Opened { wire, writer, read } = wire::open(upgraded, core.config.send_buffer);
    let input = Input::new(core.config.gate.message_bytes, &read);
    drop(read);
    open(&core, opening, wire, writer, input).await;
}

/// Completes a handshake that was read directly from a TCP stream.
pub(crate) fn open_directly(core: &Arc<Core>, opening: Opening, stream: TcpStream, key: &HeaderValue, read: &[u8]) {
    let (mut wire, writer) = wire::split(stream, core.config.send_buffer);
    let granted = Frame::raw(Answer::granted(key));
    let input = Input::new(core.config.gate.message_bytes, read);
    match opening {
        Opening::New(entry) => open_new(core, *entry, Some(granted), wire, Some(writer), input),
        // Upgrades and rejections wait for the client; the caller must not.
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

/// Runs `work` for a connection unless its place in the budget is evicted first.
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
