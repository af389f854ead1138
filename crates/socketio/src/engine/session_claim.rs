//! Upgrade of a session from long-polling to WebSocket.
//!
//! No packet is lost, duplicated or reordered: until the client sends the upgrade packet (`5`), packets wait for polls;
//! from then on the same queue is written to the WebSocket. The switch happens under the queue's lock.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use tokio::time::{Instant, timeout};

use super::connection::WebSocketConnection;
use super::frame::EngineFrame;
use super::input::UnparsedInput;
use super::session::EngineSession;
use super::session_state::{PollingState, SessionLink, SessionPhase, UpgradeState};
use super::wire::{ConnectionWire, DirectWriter};

/// Exclusive right to upgrade a session; released when dropped.
pub(crate) struct SessionClaim(Arc<EngineSession>);

impl SessionClaim {
    /// Claims the session; `None` if it is not on long-polling or another upgrade is in progress.
    pub(super) fn claim(session: Arc<EngineSession>) -> Option<SessionClaim> {
        let claimed = match &mut session.lock().link {
            SessionLink::Polling(PollingState { upgrade: upgrade @ UpgradeState::None, .. }) => {
                *upgrade = UpgradeState::Claimed;
                true
            }
            SessionLink::Polling(_) | SessionLink::WebSocket(_) => false,
        };
        claimed.then(|| SessionClaim(session))
    }

    /// Performs the upgrade; `None` if the client does not complete it.
    pub(super) async fn run(
        self,
        mut wire: ConnectionWire,
        writer: Option<DirectWriter>,
        mut input: UnparsedInput,
    ) -> Option<WebSocketConnection> {
        let session = Arc::clone(&self.0);
        tokio::select! {
            probed = timeout(session.core.config.upgrade_timeout, self.probe(&mut wire, writer.as_ref(), &mut input)) => {
                probed.ok()??;
            }
            () = session.until(|session| session.lock().phase == SessionPhase::Closed) => return None,
        }
        self.switch(writer)?;
        Some(WebSocketConnection::new(session, wire, input))
    }

    async fn probe(
        &self,
        wire: &mut ConnectionWire,
        writer: Option<&DirectWriter>,
        input: &mut UnparsedInput,
    ) -> Option<()> {
        // The order of the protocol: client `2probe`, server `3probe`, client `5`; the pending poll is answered with a
        // noop.
        if read_text(wire, input).await? != "2probe" {
            return None;
        }
        if let SessionLink::Polling(polling) = &mut self.0.lock().link {
            polling.upgrade = UpgradeState::Probed;
            if let Some(poll) = polling.waker.take() {
                poll.wake();
            }
        }
        wire.write_all(writer, &EngineFrame::text("3probe")).await.ok()?;
        (read_text(wire, input).await? == "5").then_some(())
    }

    fn switch(&self, writer: Option<DirectWriter>) -> Option<()> {
        let session = &self.0;
        let mut state = session.lock();
        // A closing session is upgraded as well: after the probe its client no longer polls, so the WebSocket is the
        // only way to deliver its last packets.
        if state.phase == SessionPhase::Closed {
            return None;
        }
        // Wakes the timeout task and a pending poll, which then notice the new transport.
        state.wake_all();
        state.task = None;
        state.link = SessionLink::WebSocket(writer);
        state.stalled_since = (!state.outbox.is_empty()).then(Instant::now);
        session.core.counters.polling.fetch_sub(1, Relaxed);
        session.core.counters.websocket.fetch_add(1, Relaxed);
        Some(())
    }
}

impl Drop for SessionClaim {
    fn drop(&mut self) {
        if let SessionLink::Polling(polling) = &mut self.0.lock().link {
            polling.upgrade = UpgradeState::None;
        }
    }
}

async fn read_text(wire: &mut ConnectionWire, input: &mut UnparsedInput) -> Option<String> {
    let mut buffer = [0; 64];
    let mut read = 0;
    loop {
        if let Some(text) = input.next_text(&buffer[..read]).ok()? {
            return Some(text);
        }
        read = poll_fn(|cx| wire.poll_read(cx, &mut buffer)).await.ok().filter(|count| *count > 0)?;
    }
}
