//! Events with acknowledgements.

use std::time::Duration;

use serde::Serialize;
use thiserror::Error;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::handle::{SendError, Socket};
use super::packet::{EventArgs, EventPacket, PacketKind};

/// Reason why no acknowledgement was received.
#[derive(Debug, Error)]
pub enum AckError {
    /// The event could not be sent.
    #[error(transparent)]
    Send(#[from] SendError),
    /// [`SocketIoConfig::max_pending_acks`](crate::SocketIoConfig::max_pending_acks) acknowledgements are pending.
    #[error("too many acknowledgements are awaited")]
    TooManyPending,
    /// The client did not acknowledge in time.
    #[error("no acknowledgement in time")]
    Timeout,
    /// The socket was disconnected.
    #[error("the socket was disconnected")]
    Closed,
}

impl Socket {
    /// Emits an event and waits for the client's acknowledgement.
    ///
    /// If a handler of this socket waits for it, further events of the socket wait as well; choose the timeout
    /// accordingly.
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

    /// Processes an acknowledgement; unknown ids belong to calls that timed out.
    pub(crate) fn acknowledge(&self, id: u64, args: EventArgs) {
        let sender = self.pending().as_mut().and_then(|pending| pending.end(id));
        if let Some(sender) = sender {
            // The caller may have timed out just now.
            let _ = sender.send(args);
        }
    }

    fn register(&self, sender: oneshot::Sender<EventArgs>) -> Result<u64, AckError> {
        let mut pending = self.pending();
        // Checked under the lock: closing the socket drops all pending acknowledgements under the same lock.
        if !self.is_connected() {
            return Err(AckError::Closed);
        }
        let most = self.config().max_pending_acks;
        pending.get_or_insert_default().begin(sender, most).ok_or(AckError::TooManyPending)
    }
}

/// Removes the pending acknowledgement when the caller stops waiting.
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
