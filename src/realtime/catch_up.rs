//! Catch-up: replays what a connection has missed, then switches it to live delivery.

use std::sync::Arc;
use std::time::Duration;

use superbot_domain::Seq;
use superbot_socketio::{DisconnectReason, SendError, Socket};

use super::connection::HubConnection;
use super::hub::{CursorError, EVERYONE, EventHub, SCRAPER_STATUS, room_of};
use super::ring::EncodedEvent;

/// Delay before reading the log again after the store failed.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

impl EventHub {
    /// Switches a socket to live delivery if it has missed almost nothing, which is the usual case; returns whether it did.
    pub(super) async fn catch_up_at_once(&self, connection: &HubConnection, socket: &Socket) -> bool {
        let state = self.state.lock().await;
        let Some(missed) = state.ring.after(connection.cursor()) else { return false };
        if missed.len() > self.portions.piece
            || self.send_all(connection, socket, missed.map(|event| &**event)).is_err()
        {
            return false;
        }
        self.join_live(connection, socket).is_ok()
    }

    /// Replays everything after the socket's cursor, then switches it to live delivery; returns when it is live or closed.
    pub(super) async fn catch_up(self: Arc<Self>, connection: Arc<HubConnection>, socket: Socket) {
        loop {
            // With an empty queue at least one event fits, so every iteration makes progress.
            socket.drained(0).await;
            if !socket.is_connected() {
                return;
            }
            // Held until the socket has joined, so that no event is delivered between the replay and the join.
            let state = self.state.lock().await;
            let upto = state.delivered;
            let sent = if let Some(missed) = state.ring.after(connection.cursor()) {
                let sent = self.send_all(&connection, &socket, missed.map(|event| &**event));
                let joined = sent.and_then(|()| self.join_live(&connection, &socket));
                if joined.is_ok() {
                    return;
                }
                joined
            } else {
                // Too far behind for the ring: reads from the log, without the lock, because that takes longer.
                drop(state);
                self.send_from_log(&connection, &socket, upto).await
            };
            if let Err(SendError::Closed) = sent {
                return;
            }
        }
    }

    /// Sends one batch from the log.
    async fn send_from_log(&self, connection: &HubConnection, socket: &Socket, upto: Seq) -> Result<(), SendError> {
        let events = match self.read_log(connection.viewer(), connection.cursor(), upto).await {
            Ok(events) => events,
            // The tail reports the failure as well. Disconnecting all these clients would make them return before the store
            // does.
            Err(CursorError::Store(error)) => {
                tracing::debug!(%error, "the log cannot be read; retrying");
                tokio::time::sleep(AGAIN_AFTER).await;
                return Ok(());
            }
            Err(CursorError::Pruned) => {
                tracing::warn!("the log was pruned past a client's cursor; disconnecting it");
                socket.close_transport(DisconnectReason::Closed("log pruned"));
                return Err(SendError::Closed);
            }
        };
        let is_last = events.len() < self.portions.batch as usize;
        let encoded: Vec<EncodedEvent> = events.iter().map(EncodedEvent::new).collect();
        self.send_all(connection, socket, encoded.iter())?;
        // The batch covers everything up to `upto`, including events for others, which it does not contain.
        if is_last {
            connection.set_cursor(upto);
        }
        Ok(())
    }

    /// Joins the rooms of a socket that has received everything, unless its queue has no room for the status it subscribed
    /// to. Called under the hub's lock.
    fn join_live(&self, connection: &HubConnection, socket: &Socket) -> Result<(), SendError> {
        if connection.is_subscribed() {
            self.send_status(socket)?;
            let _ = socket.join(SCRAPER_STATUS);
        }
        // Joining fails only if the socket has been disconnected in the meantime.
        let _ = socket.join(EVERYONE);
        if let Some(user) = connection.viewer().user_id() {
            let _ = socket.join(&room_of(user));
        }
        Ok(())
    }

    /// Sends events in order, advancing the cursor, until the queue is half full; the other half is reserved for replies to
    /// the client's own requests.
    fn send_all<'e>(
        &self,
        connection: &HubConnection,
        socket: &Socket,
        events: impl Iterator<Item = &'e EncodedEvent>,
    ) -> Result<(), SendError> {
        let viewer = connection.viewer();
        let mut events = events.peekable();
        let mut piece = Vec::new();
        // In pieces, so that the length of the queue is checked between them.
        while events.peek().is_some() {
            let room = self.half_queue_bytes.checked_sub(socket.queued_bytes()).ok_or(SendError::Full)?;
            let mut bytes = 0;
            let mut cursor = connection.cursor();
            while piece.len() < self.portions.piece
                && bytes <= room
                && let Some(event) = events.next()
            {
                // Also past skipped events, which would otherwise be examined again.
                cursor = event.seq;
                if viewer.is_entitled_to(event.audience) {
                    bytes += event.packet.wire_len();
                    piece.push(&event.packet);
                }
            }
            socket.send_all(piece.drain(..))?;
            connection.set_cursor(cursor);
        }
        Ok(())
    }
}
