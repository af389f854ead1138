//! Events from clients, and acknowledgements both ways.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use thiserror::Error;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::packet::{Args, Kind, Packet};
use crate::socket::{SendError, Socket};

/// An event a client sent.
#[derive(Debug)]
#[non_exhaustive]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub args: Args,
    /// Where to send the acknowledgement, when the client asked for one.
    pub ack: Option<Ack>,
}

/// The right to acknowledge an event, once; dropping it sends nothing.
#[derive(Debug)]
pub struct Ack {
    pub(crate) socket: Socket,
    pub(crate) id: u64,
}

/// Why no acknowledgement came.
#[derive(Debug, Error)]
pub enum AckError {
    /// The event was not sent.
    #[error(transparent)]
    Send(#[from] SendError),
    /// Too many acknowledgements are awaited from this socket.
    #[error("too many acknowledgements are awaited")]
    TooManyPending,
    /// None came in time.
    #[error("no acknowledgement in time")]
    Timeout,
    /// The socket was disconnected first.
    #[error("the socket was disconnected")]
    Closed,
}

/// The acknowledgements a socket is waited on for.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    next: u64,
    waiting: HashMap<u64, oneshot::Sender<Args>>,
}

impl Ack {
    /// Acknowledges with arguments, read as [`Packet::event`] reads them.
    pub fn send(self, args: &(impl Serialize + ?Sized)) -> Result<(), SendError> {
        self.send_with_attachments(args, &[])
    }

    /// Acknowledges with arguments that refer to binary data.
    pub fn send_with_attachments(
        self,
        args: &(impl Serialize + ?Sized),
        attachments: &[Bytes],
    ) -> Result<(), SendError> {
        let namespace = self.socket.namespace().name();
        let packet = Packet::encode(Kind::Ack, namespace, Some(self.id), None, args, attachments)?;
        self.socket.send_or_cut_off(&packet)
    }
}

impl Socket {
    /// Emits an event and waits for the client's acknowledgement.
    ///
    /// While a handler of this socket waits, its further events wait too: give a timeout that the
    /// client's other events can bear.
    pub async fn emit_with_ack(
        &self,
        event: &str,
        args: &(impl Serialize + ?Sized),
        wait: Duration,
    ) -> Result<Args, AckError> {
        let (sender, receiver) = oneshot::channel();
        let awaited = Awaited { socket: self, id: self.register(sender)? };
        let namespace = self.namespace().name();
        let packet = Packet::encode(Kind::Event, namespace, Some(awaited.id), Some(event), args, &[]);
        self.send_or_cut_off(&packet.map_err(SendError::from)?)?;
        match timeout(wait, receiver).await {
            Ok(Ok(args)) => Ok(args),
            Ok(Err(_)) => Err(AckError::Closed),
            Err(_) => Err(AckError::Timeout),
        }
    }

    /// The client acknowledged; an unknown number is one that was given up.
    pub(crate) fn acknowledge(&self, id: u64, args: Args) {
        let sender = self.pending().as_mut().and_then(|pending| pending.waiting.remove(&id));
        if let Some(sender) = sender {
            // The one who waited may have left this very moment.
            let _ = sender.send(args);
        }
    }

    fn register(&self, sender: oneshot::Sender<Args>) -> Result<u64, AckError> {
        let mut pending = self.pending();
        // Looked at under the lock, because the end of the socket empties what is pending.
        if !self.is_connected() {
            return Err(AckError::Closed);
        }
        let pending = pending.get_or_insert_default();
        if pending.waiting.len() >= self.config().max_pending_acks {
            return Err(AckError::TooManyPending);
        }
        let id = pending.next;
        pending.next += 1;
        pending.waiting.insert(id, sender);
        Ok(id)
    }
}

/// Forgets an acknowledgement nobody waits for any more.
struct Awaited<'a> {
    socket: &'a Socket,
    id: u64,
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        if let Some(pending) = self.socket.pending().as_mut() {
            pending.waiting.remove(&self.id);
        }
    }
}
