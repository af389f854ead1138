//! Reconnection: what a client asks for, and what it can be sent.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use superbot_domain::Seq;
use superbot_store::StoreError;
use superbot_wire::{ConnectionEvent, ConnectionState, ConnectionStatus};

use super::connection::HubConnection;
use super::hub::EventHub;
use super::ring::EventViewer;

/// The cursor that a client presents on reconnecting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResumeCursor {
    /// `seq` of the last event it received.
    pub since: Option<Seq>,
    /// Identity of the log that `since` refers to.
    pub epoch: Option<String>,
}

/// Result of resuming, sent to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResumeAnswer {
    /// Whether all missed events are replayed; otherwise the client has to reload.
    pub recovered: bool,
    pub replayed: u64,
    /// The position from which on events are live.
    pub seq: Seq,
}

impl ResumeCursor {
    /// Parses `since` and `epoch` of a CONNECT payload.
    ///
    /// # Errors
    /// A sentence that names the field, its value, and what would be right.
    pub fn from_auth(auth: &Value) -> Result<Self, String> {
        let since = match auth.get("since") {
            None | Some(Value::Null) => None,
            Some(Value::Number(number)) => Some(number.as_u64().ok_or_else(|| wrong_since(&number.to_string()))?),
            Some(Value::String(text)) => Some(Self::parse_since(text)?),
            Some(other) => return Err(wrong_since(&other.to_string())),
        };
        let epoch = match auth.get("epoch") {
            None | Some(Value::Null) => None,
            Some(Value::String(epoch)) => Some(epoch.clone()),
            Some(other) => return Err(format!("auth.epoch is {other}; it must be a string")),
        };
        Ok(Self { since, epoch })
    }

    /// Parses a cursor in decimal digits.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn parse_since(text: &str) -> Result<Seq, String> {
        // `parse` alone would accept a leading `+`.
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().ok_or_else(|| wrong_since(&format!("{text:?}")))
    }
}

fn wrong_since(value: &str) -> String {
    let value: String = value.chars().take(60).collect();
    format!("since is {value}; it must be the last seq seen, a whole number from 0")
}

impl ResumeAnswer {
    /// Returns the first event of the connection.
    pub fn greeting<'a>(&self, hub: &'a EventHub, connection: &'a HubConnection) -> ConnectionEvent<'a> {
        let user = connection.principal.as_ref().and_then(|principal| principal.user());
        ConnectionEvent::Status(ConnectionStatus {
            authenticated: connection.principal.is_some(),
            epoch: hub.records.epoch(),
            recovered: self.recovered,
            replayed: self.replayed,
            seq: self.seq,
            status: ConnectionState::Connected,
            timestamp: hub.clock.now().into(),
            username: user.map(|user| user.username.as_str()),
        })
    }
}

impl EventHub {
    /// Decides what a client with this cursor receives; also returns the cursor to serve it from.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn resume(
        self: &Arc<Self>,
        viewer: EventViewer,
        resume: &ResumeCursor,
        replay_limit: u64,
    ) -> Result<(ResumeAnswer, Seq), StoreError> {
        let live_only = |seq| (ResumeAnswer { recovered: false, replayed: 0, seq }, seq);
        let Some(since) = resume.since else {
            return Ok(live_only(self.delivered()));
        };
        // Another epoch: the store was restored or replaced, and its numbers mean other events.
        let same_log = resume.epoch.as_deref().is_none_or(|epoch| epoch == self.records.epoch());
        let missed = if same_log { self.missed(viewer, since, replay_limit).await? } else { None };
        let Some((replayed, seq)) = missed.filter(|(replayed, _)| *replayed <= replay_limit) else {
            self.metrics.replay(false, 0);
            return Ok(live_only(self.delivered()));
        };
        self.metrics.replay(true, replayed);
        Ok((ResumeAnswer { recovered: true, replayed, seq }, since))
    }

    /// Counts the events after `since` that a viewer has missed, and returns the position up to which it counted; `None` if
    /// some of them were pruned, or `since` is ahead of the log. Counts at most a little beyond `limit`.
    async fn missed(&self, viewer: EventViewer, since: Seq, limit: u64) -> Result<Option<(u64, Seq)>, StoreError> {
        if let Some(counted) = self.missed_of_ring(viewer, since).await {
            return Ok(Some(counted));
        }
        // Ahead of this hub, but not of the log.
        if since > self.delivered() && since <= self.records.log_bounds().await?.head {
            self.wait_for(since).await;
        }
        let seq = self.delivered();
        if since > seq {
            return Ok(None);
        }
        let missed = self.records.count_log_for(viewer.user_id(), since, seq, limit).await?;
        // Checked after counting: events that were pruned before are missing from the count.
        let oldest = self.records.log_bounds().await?.oldest;
        Ok((since + 1 >= oldest).then_some((missed, seq)))
    }

    /// Counts in memory if the ring contains all missed events, because thousands may reconnect at once.
    async fn missed_of_ring(&self, viewer: EventViewer, since: Seq) -> Option<(u64, Seq)> {
        let state = self.state.lock().await;
        if since > state.delivered {
            return None;
        }
        let missed = state.ring.after(since)?.filter(|event| viewer.is_entitled_to(event.audience)).count();
        Some((missed as u64, state.delivered))
    }

    /// Waits until the hub has read the log up to an event that another process, or this one before a restart, has already
    /// delivered. This takes milliseconds; after the timeout the client has to reload.
    async fn wait_for(&self, seq: Seq) {
        let _ = tokio::time::timeout(Duration::from_secs(5), self.follow().wait_for(|head| *head >= seq)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_cursor_is_a_whole_number_or_digits() {
        let since = |auth: Value| ResumeCursor::from_auth(&auth).map(|resume| resume.since);
        assert_eq!(since(json!({})), Ok(None));
        assert_eq!(since(json!({"since": null})), Ok(None));
        assert_eq!(since(json!({"since": 0})), Ok(Some(0)));
        assert_eq!(since(json!({"since": "17"})), Ok(Some(17)));
        for wrong in [json!(-1), json!(1.5), json!("1x"), json!(""), json!("+1"), json!([1]), json!(true)] {
            let error = since(json!({"since": wrong})).unwrap_err();
            assert!(error.contains("whole number"), "{wrong}: {error}");
        }
        assert!(ResumeCursor::from_auth(&json!({"epoch": 4})).unwrap_err().contains("epoch"));
    }
}
