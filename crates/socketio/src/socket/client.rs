//! The Socket.IO part of a session: its sockets, and reassembly of packets with attachments.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;

use super::decode::DecodedPacket;
use super::event::{AckSender, ClientEvent, SocketJob};
use super::handle::Socket;
use super::hub::NamespaceTable;
use super::packet::{EventArgs, EventPacket, PacketKind};
use crate::engine::{EngineSession, MalformedPacket, PacketRefused, SessionHandler, SessionPeer};
use crate::reason::DisconnectReason;

/// Socket.IO client of one session.
struct SocketPeer {
    hub: Arc<NamespaceTable>,
    state: Mutex<ClientState>,
}

#[derive(Default)]
struct ClientState {
    sockets: Vec<Socket>,
    partial: Option<Box<PartialPacket>>,
    /// Whether the session has ended, so that no socket may be added.
    closed: bool,
}

/// A packet whose attachments have not all arrived.
struct PartialPacket {
    text: String,
    attachments: Vec<Bytes>,
    wanted: usize,
    bytes: usize,
}

impl SessionHandler for Arc<NamespaceTable> {
    fn opened(&self, _: &Arc<EngineSession>) -> Box<dyn SessionPeer> {
        Box::new(SocketPeer { hub: Arc::clone(self), state: Mutex::default() })
    }
}

impl SocketPeer {
    fn connect(&self, session: &Arc<EngineSession>, packet: &DecodedPacket<'_>) -> Result<(), MalformedPacket> {
        let auth = packet.auth()?;
        let mut state = self.state.lock();
        state.sockets.retain(|socket| !socket.is_closed());
        // Some clients repeat CONNECT; this is not an error.
        if state.closed || state.sockets.iter().any(|socket| socket.namespace().name() == packet.namespace) {
            return Ok(());
        }
        let limit = session.core.config.max_namespaces_per_connection;
        let refusal = match self.hub.get(packet.namespace) {
            Some(_) if state.sockets.len() >= limit => "Too many namespaces",
            Some(namespace) => {
                let socket = Socket::new(session, namespace);
                state.sockets.push(socket.clone());
                drop(state);
                socket.enqueue_at_once(SocketJob::Connect(auth), packet.data.len());
                return Ok(());
            }
            None => "Invalid namespace",
        };
        drop(state);
        let refusal = EventPacket::connect_error(packet.namespace, refusal, None);
        if session.send(refusal.frames()) == Err(PacketRefused::Full) {
            session.abort(DisconnectReason::QueueOverflow);
        }
        Ok(())
    }

    /// Returns whether attachments should be buffered: only for clients that have joined the namespace. A client that
    /// was disconnected from it may have sent them before it was notified.
    fn takes_attachments(&self, session: &EngineSession, namespace: &str) -> bool {
        let state = self.state.lock();
        let socket = state.sockets.iter().find(|socket| socket.namespace().name() == namespace);
        !session.guest.is_restricted() && socket.is_some_and(|socket| socket.is_connected() || socket.is_closed())
    }

    fn dispatch(&self, packet: &DecodedPacket<'_>, attachments: Vec<Bytes>) -> Result<(), MalformedPacket> {
        let state = self.state.lock();
        let socket = state.sockets.iter().find(|socket| socket.namespace().name() == packet.namespace).cloned();
        drop(state);
        match packet.kind {
            PacketKind::Event => {
                let (name, values) = packet.event()?;
                let bytes = packet.data.len() + attachments.iter().map(Bytes::len).sum::<usize>();
                // Without a socket, the client never joined. A closed socket is not a violation: the client may have
                // sent this before it was notified.
                let socket = socket.ok_or(MalformedPacket)?;
                if name.len() > socket.config().max_event_name {
                    return Err(MalformedPacket);
                }
                if !socket.is_closed() {
                    let ack = packet.id.map(|id| AckSender { socket: socket.clone(), id });
                    let event = ClientEvent { name, args: EventArgs { values, attachments }, ack };
                    socket.enqueue(SocketJob::Event(event), bytes);
                }
            }
            PacketKind::Ack => {
                let args = EventArgs { values: packet.args()?, attachments };
                socket.ok_or(MalformedPacket)?.acknowledge(packet.id.ok_or(MalformedPacket)?, args);
            }
            PacketKind::Connect | PacketKind::Disconnect | PacketKind::ConnectError => {}
        }
        Ok(())
    }
}

impl SessionPeer for SocketPeer {
    fn text(&self, session: &Arc<EngineSession>, message: &str) -> Result<(), MalformedPacket> {
        // Only attachments may follow a packet that announces them.
        if self.state.lock().partial.is_some() {
            return Err(MalformedPacket);
        }
        let packet = DecodedPacket::parse(message)?;
        match packet.kind {
            PacketKind::Connect => self.connect(session, &packet),
            PacketKind::Disconnect => {
                let leaving =
                    self.state.lock().sockets.iter().find(|s| s.namespace().name() == packet.namespace).cloned();
                if let Some(socket) = leaving {
                    socket.end(DisconnectReason::ClientNamespaceDisconnect);
                }
                Ok(())
            }
            _ if packet.attachments > session.core.config.max_attachments => Err(MalformedPacket),
            _ if packet.attachments > 0 && !self.takes_attachments(session, packet.namespace) => {
                session.reject_traffic();
                Err(MalformedPacket)
            }
            _ if packet.attachments > 0 => {
                let partial = PartialPacket {
                    text: message.to_owned(),
                    attachments: Vec::new(),
                    wanted: packet.attachments,
                    bytes: 0,
                };
                self.state.lock().partial = Some(Box::new(partial));
                Ok(())
            }
            _ => self.dispatch(&packet, Vec::new()),
        }
    }

    fn binary(&self, session: &Arc<EngineSession>, message: Bytes) -> Result<(), MalformedPacket> {
        let mut state = self.state.lock();
        let partial = state.partial.as_mut().ok_or(MalformedPacket)?;
        partial.bytes += message.len();
        // Bounds the memory of attachments before the packet is complete.
        if partial.bytes > session.core.config.max_inbound_bytes {
            return Err(MalformedPacket);
        }
        partial.attachments.push(message);
        if partial.attachments.len() < partial.wanted {
            return Ok(());
        }
        let Some(complete) = state.partial.take() else { return Err(MalformedPacket) };
        drop(state);
        self.dispatch(&DecodedPacket::parse(&complete.text)?, complete.attachments)
    }

    fn closed(&self, reason: DisconnectReason) {
        let mut state = self.state.lock();
        state.closed = true;
        state.partial = None;
        let sockets = std::mem::take(&mut state.sockets);
        drop(state);
        for socket in sockets {
            socket.end(reason);
        }
    }
}
