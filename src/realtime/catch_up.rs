//! Serves a connection from its cursor until it has everything, then joins it live.

use std::sync::Arc;
use std::time::Duration;

use superbot_domain::Seq;
use superbot_socketio::{DisconnectReason, SendError, Socket};

use super::connection::HubConnection;
use super::hub::{CursorError, EVERYONE, EventHub, SCRAPER_STATUS, room_of};
use super::ring::EncodedEvent;

/// How long to wait for a store that cannot be read.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

impl EventHub {
    /// Joins a socket live that has next to nothing to catch up with, as most have; whether it could.
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

    /// Sends a socket everything after its cursor, then joins it live; ends when it is closed.
    pub(super) async fn catch_up(self: Arc<Self>, connection: Arc<HubConnection>, socket: Socket) {
        loop {
            // With nothing queued, at least one event fits: every round gets further.
            socket.drained(0).await;
            if !socket.is_connected() {
                return;
            }
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
            // The log's tail says so too. To let all these clients go would only have them back before the store is.
            Err(CursorError::Store(error)) => {
                tracing::debug!(%error, "the log cannot be read; trying again");
                tokio::time::sleep(AGAIN_AFTER).await;
                return Ok(());
            }
            Err(CursorError::Pruned) => {
                tracing::warn!("the log was pruned past a client's place; the client is to come back");
                socket.close_transport(DisconnectReason::Closed("log pruned"));
                return Err(SendError::Closed);
            }
        };
        let is_last = events.len() < self.portions.batch as usize;
        let encoded: Vec<EncodedEvent> = events.iter().map(EncodedEvent::new).collect();
        self.send_all(connection, socket, encoded.iter())?;
        if is_last {
            connection.set_cursor(upto);
        }
        Ok(())
    }

    /// Puts a socket that has everything into its rooms, unless it has no room left for the scrapers' status that it asked
    /// for; called under the hub's lock.
    fn join_live(&self, connection: &HubConnection, socket: &Socket) -> Result<(), SendError> {
        if connection.is_subscribed() {
            self.send_status(socket)?;
            let _ = socket.join(SCRAPER_STATUS);
        }
        // Joining fails only where a socket was disconnected meanwhile.
        let _ = socket.join(EVERYONE);
        if let Some(user) = connection.viewer().user_id() {
            let _ = socket.join(&room_of(user));
        }
        Ok(())
    }

    /// Sends events in order, moving the cursor along, until the queue is half full: the other half is for answers
    /// to what the client itself asks meanwhile.
    fn send_all<'e>(
        &self,
        connection: &HubConnection,
        socket: &Socket,
        events: impl Iterator<Item = &'e EncodedEvent>,
    ) -> Result<(), SendError> {
        let viewer = connection.viewer();
        let mut events = events.peekable();
        let mut piece = Vec::new();
        while events.peek().is_some() {
            let room = self.half_queue_bytes.checked_sub(socket.queued_bytes()).ok_or(SendError::Full)?;
            let mut bytes = 0;
            let mut cursor = connection.cursor();
            while piece.len() < self.portions.piece
                && bytes <= room
                && let Some(event) = events.next()
            {
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
