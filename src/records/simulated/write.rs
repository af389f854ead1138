//! Writes to the model.

use std::time::Duration;

use serde_json::json;
use superbot_domain::{Audience, EventKind, LogEvent, Seq, SessionId, SourceName, TokenId, UserId};
use superbot_wire::{EventPayload as _, ScraperStatus};
use tokio::time::sleep;

use super::{Bearer, Flaw, Model, State};
pub enum Change {
    /// Emits an event of this kind, audience and payload.
    Tell(EventKind, Audience, String),
    Status(SourceName, bool),
    Revoke(Revoked),
}

/// A set of credentials to revoke.
#[derive(Clone, Copy, Debug)]
pub enum Revoked {
    Session(SessionId),
    Token(TokenId),
    /// All sessions of a user, except possibly one.
    Sessions(UserId, Option<SessionId>),
    User(UserId),
}

/// Changes that become visible together, or not at all.
pub struct Transaction {
    pub changes: Vec<Change>,
    /// Time from assigning the numbers to the commit.
    pub takes: Duration,
    pub aborts: bool,
    /// Whether the numbers of an aborted transaction are lost.
    pub leaves_gap: bool,
}

impl Transaction {
    /// Creates a transaction that commits immediately.
    pub fn of(changes: Vec<Change>) -> Self {
        Self { changes, takes: Duration::ZERO, aborts: false, leaves_gap: false }
    }
}

impl Model {
    /// Runs a transaction, serialized with others; returns the `seq` of its last event if it was committed.
    pub async fn write(&self, transaction: Transaction) -> Option<Seq> {
        let mut lock = Some(self.writer.lock().await);
        let Transaction { changes, takes, aborts, leaves_gap } = transaction;
        let first = self.state().next;
        let count = changes.len() as u64;
        self.state().next += count;
        if self.flaw == Some(Flaw::LateCommits) {
            lock = None;
        }
        if !takes.is_zero() {
            sleep(takes).await;
        }
        if aborts {
            if lock.is_some() && !leaves_gap {
                self.state().next = first;
            }
            return None;
        }
        let head = {
            let mut state = self.state();
            for (seq, change) in (first..).zip(changes) {
                let event = state.apply(seq, change, self.clock.now());
                state.events.push(event);
            }
            // Already sorted, unless the flaw lets transactions commit out of order.
            state.events.sort_by_key(|event| event.seq);
            state.head()
        };
        drop(lock);
        self.links.lock().iter().for_each(|link| link.ring(head));
        Some(first + count - 1)
    }
}

impl State {
    fn apply(&mut self, seq: Seq, change: Change, at: superbot_domain::Timestamp) -> LogEvent {
        let event = |kind, audience, payload: String| LogEvent { seq, kind, audience, at, payload: payload.into() };
        match change {
            Change::Tell(kind, audience, payload) => event(kind, audience, payload),
            Change::Status(source, running) => {
                self.status.0.set(source, running);
                self.status.1 = at;
                let payload = ScraperStatus::new(&self.status.0, at).to_json().unwrap();
                event(EventKind::ScraperStatus, Audience::ScraperStatus, payload.into())
            }
            Change::Revoke(revoked) => {
                for known in self.credentials.values_mut() {
                    if known.revoked.is_none() && revoked.covers(&known.principal) {
                        known.revoked = Some(seq);
                    }
                }
                if let Revoked::User(user) | Revoked::Sessions(user, _) = revoked {
                    self.swept.insert(user, at);
                }
                let (kind, payload) = revoked.notified();
                event(kind, Audience::Control, payload.to_string())
            }
        }
    }
}

impl Revoked {
    /// Returns the revocation of a single credential.
    pub fn one(principal: &Bearer) -> Self {
        match principal {
            Bearer::Session { id, .. } => Self::Session(*id),
            Bearer::Token { id, .. } => Self::Token(*id),
        }
    }

    fn covers(self, principal: &Bearer) -> bool {
        let of_user = |user| principal.user_id() == Some(user);
        match (self, principal) {
            (Self::Session(gone), Bearer::Session { id, .. }) => *id == gone,
            (Self::Token(gone), Bearer::Token { id, .. }) => *id == gone,
            (Self::Sessions(user, keep), Bearer::Session { id, .. }) => of_user(user) && Some(*id) != keep,
            (Self::User(user), _) => of_user(user),
            _ => false,
        }
    }

    /// Returns the control event that the store would write.
    fn notified(self) -> (EventKind, serde_json::Value) {
        match self {
            Self::Session(id) => (EventKind::SessionRevoked, json!({"session_id": id})),
            Self::Token(id) => (EventKind::TokenRevoked, json!({"token_id": id})),
            Self::Sessions(user, keep) => (EventKind::UserSessionsRevoked, json!({"user_id": user, "keep": keep})),
            Self::User(user) => (EventKind::UserDisabled, json!({"user_id": user})),
        }
    }
}
