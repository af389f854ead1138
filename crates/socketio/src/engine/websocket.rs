//! The WebSocket transport, from the handshake to the connection's task.

use std::sync::Arc;

use http::header::{CONNECTION, HeaderMap, HeaderName, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderValue, request};
use hyper::upgrade::OnUpgrade;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;
use tungstenite::handshake::derive_accept_key;

use super::answer::{HttpAnswer, RequestProblem};
use super::connection::WebSocketConnection;
use super::core::EngineCore;
use super::frame::EngineFrame;
use super::handshake::Handshake;
use super::input::UnparsedInput;
use super::session::{EngineSession, SessionEntry};
use super::session_claim::SessionClaim;
use super::session_state::SessionLink;
use super::transport::TransportKind;
use super::wire::{self, ConnectionWire, DirectWriter, LINGER, UpgradedParts};
use crate::gate::GuestTicket;

/// Responds to a handshake and spawns the connection's task.
pub(crate) fn accept(
    core: &Arc<EngineCore>,
    mut parts: request::Parts,
    session: Option<Arc<EngineSession>>,
) -> Result<HttpAnswer, RequestProblem> {
    let key = accept_key(&parts.headers)?;
    let upgrade = parts.extensions.remove::<OnUpgrade>().ok_or(RequestProblem::BadRequest)?;
    let ticket = core.enter(&parts).map_err(|_| RequestProblem::Unavailable)?;
    let opening = WebSocketOpening::of(core, parts, session, ticket)?;
    core.spawn(start(Arc::clone(core), upgrade, opening));
    Ok(HttpAnswer::switching_protocols(key))
}

/// Purpose of a new WebSocket.
pub(crate) enum WebSocketOpening {
    New(Box<SessionEntry>),
    Takeover(SessionClaim, GuestTicket),
    /// The session has a WebSocket already or is being upgraded. This one is closed, after the handshake as the
    /// protocol requires.
    Second(GuestTicket),
}

impl WebSocketOpening {
    pub(crate) fn of(
        core: &Arc<EngineCore>,
        parts: request::Parts,
        session: Option<Arc<EngineSession>>,
        ticket: GuestTicket,
    ) -> Result<WebSocketOpening, RequestProblem> {
        if let Some(session) = session {
            return Ok(match SessionClaim::claim(session) {
                Some(takeover) => WebSocketOpening::Takeover(takeover, ticket),
                None => WebSocketOpening::Second(ticket),
            });
        }
        let permit = core.admit().ok_or(RequestProblem::Unavailable)?;
        let handshake = Handshake::new(parts, TransportKind::WebSocket, ticket.client());
        Ok(WebSocketOpening::New(Box::new(SessionEntry { permit, ticket, handshake })))
    }
}

/// Validates a handshake request (RFC 6455, section 4.2.1) and computes its `Sec-WebSocket-Accept`.
pub(crate) fn accept_key(headers: &HeaderMap) -> Result<HeaderValue, RequestProblem> {
    let has = |name: HeaderName, token: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            // Both headers are comma-separated lists of case-insensitive tokens.
            .any(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(token)))
    };
    if !has(UPGRADE, "websocket") || !has(CONNECTION, "upgrade") {
        return Err(RequestProblem::BadRequest);
    }
    if !has(SEC_WEBSOCKET_VERSION, "13") {
        return Err(RequestProblem::BadWebSocketVersion);
    }
    let key = headers.get(SEC_WEBSOCKET_KEY).ok_or(RequestProblem::BadRequest)?;
    HeaderValue::try_from(derive_accept_key(key.as_bytes())).map_err(|_| RequestProblem::BadRequest)
}

/// Waits for the upgrade, and passes the stream to its own task, whose future is smaller than this one.
async fn start(core: Arc<EngineCore>, upgrade: OnUpgrade, opening: WebSocketOpening) {
    let Ok(Ok(upgraded)) = timeout(core.config.upgrade_timeout, upgrade).await else { return };
    let UpgradedParts { wire, writer, read } = wire::open(upgraded, core.config.send_buffer);
    let input = UnparsedInput::new(core.config.gate.message_bytes, &read);
    drop(read);
    open(&core, opening, wire, writer, input).await;
}

/// Completes a handshake that was read directly from a TCP stream.
pub(crate) fn open_directly(
    core: &Arc<EngineCore>,
    opening: WebSocketOpening,
    stream: TcpStream,
    key: &HeaderValue,
    read: &[u8],
) {
    let (mut wire, writer) = wire::split(stream, core.config.send_buffer);
    let granted = EngineFrame::raw(HttpAnswer::granted(key));
    let input = UnparsedInput::new(core.config.gate.message_bytes, read);
    match opening {
        WebSocketOpening::New(entry) => open_new(core, *entry, Some(granted), wire, Some(writer), input),
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

async fn open(
    core: &Arc<EngineCore>,
    opening: WebSocketOpening,
    mut wire: ConnectionWire,
    writer: Option<DirectWriter>,
    input: UnparsedInput,
) {
    match opening {
        WebSocketOpening::New(entry) => open_new(core, *entry, None, wire, writer, input),
        WebSocketOpening::Takeover(takeover, ticket) => {
            if let Some(Some(connection)) = unless_evicted(&ticket, takeover.run(wire, writer, input)).await {
                core.spawn_for_session(connection.run());
            }
        }
        WebSocketOpening::Second(ticket) => {
            let farewell = async {
                let _ = timeout(LINGER, wire.write_all(writer.as_ref(), &EngineFrame::close(1008))).await;
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
    core: &Arc<EngineCore>,
    entry: SessionEntry,
    granted: Option<EngineFrame>,
    wire: ConnectionWire,
    writer: Option<DirectWriter>,
    input: UnparsedInput,
) {
    let session = EngineSession::open(core, entry, SessionLink::WebSocket(writer), granted);
    core.spawn_for_session(WebSocketConnection::new(session, wire, input).run());
}
