//! The Socket.IO part of a session: its sockets, and reassembly of packets with attachments.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;

use super::decode::Decoded;
use super::event::{Ack, Event, Job};
use super::handle::Socket;
use super::hub::Hub;
use super::packet::{Args, Kind, Packet};
use crate::engine::{Handler, Malformed, Peer, Refused, Session};
use crate::reason::DisconnectReason;

/// Socket.IO client of one session.
struct Client {
    hub: Arc<Hub>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sockets: Vec<Socket>,
    partial: Option<Box<Partial>>,
    /// Whether the session has ended, so that no socket may be added.
    closed: bool,
}

/// A packet whose attachments have not all arrived.
struct Partial {
    text: String,
    attachments: Vec<Bytes>,
    wanted: usize,
    bytes: usize,
}

impl Handler for Arc<Hub> {
    fn opened(&self, _: &Arc<Session>) -> Box<dyn Peer> {
        Box::new(Client { hub: Arc::clone(self), state: Mutex::default() })
    }
}

impl Client {
    fn connect(&self, session: &Arc<Session>, packet: &Decoded<'_>) -> Result<(), Malformed> {
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
                socket.enqueue_at_once(Job::Connect(auth), packet.data.len());
                return Ok(());
            }
            None => "Invalid namespace",
        };
        drop(state);
        let refusal = Packet::connect_error(packet.namespace, refusal, None);
        if session.send(refusal.frames()) == Err(Refused::Full) {
            session.abort(DisconnectReason::QueueOverflow);
        }
        Ok(())
    }

    /// Returns whether attachments should be buffered: only for clients that have joined the namespace. A client that
    /// was disconnected from it may have sent them before it was notified.
    fn takes_attachments(&self, session: &Session, namespace: &str) -> bool {
        let state = self.state.lock();
        let socket = state.sockets.iter().find(|socket| socket.namespace().name() == namespace);
        !session.guest.is_restricted() && socket.is_some_and(|socket| socket.is_connected() || socket.is_closed())
    }

    fn dispatch(&self, packet: &Decoded<'_>, attachments: Vec<Bytes>) -> Result<(), Malformed> {
        let state = self.state.lock();
        let socket = state.sockets.iter().find(|socket| socket.namespace().name() == packet.namespace).cloned();
        drop(state);
        match packet.kind {
            Kind::Event => {
                let (name, values) = packet.event()?;
                let bytes = packet.data.len() + attachments.iter().map(Bytes::len).sum::<usize>();
                // Without a socket, the client never joined. A closed socket is not a violation: the client may have
                // sent this before it was notified.
                let socket = socket.ok_or(Malformed)?;
                if name.len() > socket.config().max_event_name {
                    return Err(Malformed);
                }
                if !socket.is_closed() {
                    let ack = packet.id.map(|id| Ack { socket: socket.clone(), id });
                    let event = Event { name, args: Args { values, attachments }, ack };
                    socket.enqueue(Job::Event(event), bytes);
                }
            }
            Kind::Ack => {
                let args = Args { values: packet.args()?, attachments };
                socket.ok_or(Malformed)?.acknowledge(packet.id.ok_or(Malformed)?, args);
            }
            Kind::Connect | Kind::Disconnect | Kind::ConnectError => {}
        }
        Ok(())
    }
}

impl Peer for Client {
    fn text(&self, session: &Arc<Session>, message: &str) -> Result<(), Malformed> {
        // Only attachments may follow a packet that announces them.
        if self.state.lock().partial.is_some() {
            return Err(Malformed);
        }
        let packet = Decoded::parse(message)?;
        match packet.kind {
            Kind::Connect => self.connect(session, &packet),
            Kind::Disconnect => {
                let leaving =
                    self.state.lock().sockets.iter().find(|s| s.namespace().name() == packet.namespace).cloned();
                if let Some(socket) = leaving {
                    socket.end(DisconnectReason::ClientNamespaceDisconnect);
                }
                Ok(())
            }
            _ if packet.attachments > session.core.config.max_attachments => Err(Malformed),
            _ if packet.attachments > 0 && !self.takes_attachments(session, packet.namespace) => {
                session.reject_traffic();
                Err(Malformed)
            }
            _ if packet.attachments > 0 => {
                let partial =
                    Partial { text: message.to_owned(), attachments: Vec::new(), wanted: packet.attachments, bytes: 0 };
                self.state.lock().partial = Some(Box::new(partial));
                Ok(())
            }
            _ => self.dispatch(&packet, Vec::new()),
        }
    }

    fn binary(&self, session: &Arc<Session>, message: Bytes) -> Result<(), Malformed> {
        let mut state = self.state.lock();
        let partial = state.partial.as_mut().ok_or(Malformed)?;
        partial.bytes += message.len();
        // Bounds the memory of attachments before the packet is complete.
        if partial.bytes > session.core.config.max_inbound_bytes {
            return Err(Malformed);
        }
        partial.attachments.push(message);
        if partial.attachments.len() < partial.wanted {
            return Ok(());
        }
        let Some(complete) = state.partial.take() else { return Err(Malformed) };
        drop(state);
        self.dispatch(&Decoded::parse(&complete.text)?, complete.attachments)
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
