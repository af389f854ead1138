//! Events that the client is to acknowledge.

use std::time::Duration;

use serde::Serialize;
use thiserror::Error;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::handle::{SendError, Socket};
use super::packet::{EventArgs, EventPacket, PacketKind};

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
    ) -> Result<EventArgs, AckError> {
        let (sender, receiver) = oneshot::channel();
        let awaited = AckGuard { socket: self, id: self.register(sender)? };
        let namespace = self.namespace().name();
        let packet = EventPacket::encode(PacketKind::Event, namespace, Some(awaited.id), Some(event), args, &[]);
        self.send_or_cut_off(&packet.map_err(SendError::from)?)?;
        match timeout(wait, receiver).await {
            Ok(Ok(args)) => Ok(args),
            Ok(Err(_)) => Err(AckError::Closed),
            Err(_) => Err(AckError::Timeout),
        }
    }

    /// The client acknowledged; an unknown number is one that was given up.
    pub(crate) fn acknowledge(&self, id: u64, args: EventArgs) {
        let sender = self.pending().as_mut().and_then(|pending| pending.end(id));
        if let Some(sender) = sender {
            // The one who waited may have left this very moment.
            let _ = sender.send(args);
        }
    }

    fn register(&self, sender: oneshot::Sender<EventArgs>) -> Result<u64, AckError> {
        let mut pending = self.pending();
        // Looked at under the lock, because the end of the socket empties what is pending.
        if !self.is_connected() {
            return Err(AckError::Closed);
        }
        let most = self.config().max_pending_acks;
        pending.get_or_insert_default().begin(sender, most).ok_or(AckError::TooManyPending)
    }
}

/// Forgets an acknowledgement nobody waits for any more.
struct AckGuard<'a> {
    socket: &'a Socket,
    id: u64,
}

impl Drop for AckGuard<'_> {
    fn drop(&mut self) {
        if let Some(pending) = self.socket.pending().as_mut() {
            pending.end(self.id);
        }
    }
}
