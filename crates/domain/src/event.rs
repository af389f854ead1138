//! Entries of the event log.

use serde_json::Value;

use crate::field::{InvalidField, quoted};
use crate::ids::UserId;
use crate::time::Timestamp;

/// An event's place in the log: one durable, total order. The first is 1.
pub type Seq = u64;

/// Who is entitled to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Whoever is connected.
    Everyone,
    /// Every connection of one user.
    User(UserId),
    /// Those who asked for the scrapers' status.
    ScraperStatus,
    /// Nobody outside: it tells the servers what to do.
    Control,
}

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A listing that nobody has seen before.
    NewListing,
    /// A known listing whose price or text changed.
    ListingUpdated,
    /// Something for one user.
    Notification,
    /// A user read some of their notifications.
    NotificationRead,
    /// Which scrapers are running.
    ScraperStatus,
    /// A message to everyone.
    SystemMessage,
    /// Control: a session ended early.
    SessionRevoked,
    /// Control: an API token was revoked.
    TokenRevoked,
    /// Control: an account was closed.
    UserDisabled,
    /// Control: all of a user's sessions ended, save perhaps one.
    UserSessionsRevoked,
    /// Control: price alerts or saved searches were saved, edited, paused or deleted.
    StandingQueriesChanged,
    /// Control: a source was set up, started, stopped or told to run.
    SourcesChanged,
}

/// One entry of the event log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the log.
    pub seq: Seq,
    /// What it says.
    pub kind: EventKind,
    /// Who is entitled to it.
    pub audience: Audience,
    /// When it happened.
    pub at: Timestamp,
    /// One JSON object as clients get it, without `seq`.
    pub payload: Box<str>,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::NewListing,
        Self::ListingUpdated,
        Self::Notification,
        Self::NotificationRead,
        Self::ScraperStatus,
        Self::SystemMessage,
        Self::SessionRevoked,
        Self::TokenRevoked,
        Self::UserDisabled,
        Self::UserSessionsRevoked,
        Self::StandingQueriesChanged,
        Self::SourcesChanged,
    ];

    /// The event's name on the wire and in the store.
    pub const fn wire_name(self) -> &'static str {
        match self {
            Self::NewListing => "new_listing",
            Self::ListingUpdated => "listing_updated",
            Self::Notification => "notification",
            Self::NotificationRead => "notification_read",
            Self::ScraperStatus => "scraper_status_update",
            Self::SystemMessage => "system_message",
            Self::SessionRevoked => "session_revoked",
            Self::TokenRevoked => "token_revoked",
            Self::UserDisabled => "user_disabled",
            Self::UserSessionsRevoked => "user_sessions_revoked",
            Self::StandingQueriesChanged => "standing_queries_changed",
            Self::SourcesChanged => "sources_changed",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Result<Self, InvalidField> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.wire_name() == name)
            .ok_or_else(|| InvalidField::new(format!("{} is no kind of event", quoted(name))))
    }

    /// Whether the event is for the servers alone.
    pub const fn is_control(self) -> bool {
        match self {
            Self::SessionRevoked
            | Self::TokenRevoked
            | Self::UserDisabled
            | Self::UserSessionsRevoked
            | Self::StandingQueriesChanged
            | Self::SourcesChanged => true,
            Self::NewListing
            | Self::ListingUpdated
            | Self::Notification
            | Self::NotificationRead
            | Self::ScraperStatus
            | Self::SystemMessage => false,
        }
    }
}

impl Event {
    /// The payload with the event's place in the log as its last field.
    pub fn payload_with_seq(&self) -> String {
        let fields = self.payload.trim_end().strip_suffix('}').unwrap_or(&self.payload).trim_end();
        let comma = if fields.ends_with('{') { "" } else { "," };
        format!("{fields}{comma}\"seq\":{}}}", self.seq)
    }

    /// The payload, read.
    pub fn payload_json(&self) -> Value {
        serde_json::from_str(&self.payload).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn event(payload: &str) -> Event {
        Event {
            seq: 7,
            kind: EventKind::SystemMessage,
            audience: Audience::Everyone,
            at: Timestamp::UNIX_EPOCH,
            payload: payload.into(),
        }
    }

    #[test]
    fn the_place_in_the_log_is_the_last_field() {
        assert_eq!(event("{}").payload_with_seq(), r#"{"seq":7}"#);
        assert_eq!(event("{ }").payload_with_seq(), r#"{"seq":7}"#);
        assert_eq!(event(r#"{"a":{}}"#).payload_with_seq(), r#"{"a":{},"seq":7}"#);
        assert_eq!(event("{\"a\":\"{\"}\n").payload_with_seq(), r#"{"a":"{","seq":7}"#);
    }

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.wire_name()), Ok(kind));
        }
        assert!(EventKind::parse("connection_status").is_err());
    }

    proptest! {
        #[test]
        fn any_object_gains_the_field(map in prop::collection::btree_map("[a-z{}\"]{1,4}", "[{}\"a]{0,4}", 0..4)) {
            let payload = json!(map);
            let mut expected = payload.clone();
            expected["seq"] = json!(7);
            let spliced: Value = serde_json::from_str(&event(&payload.to_string()).payload_with_seq()).unwrap();
            prop_assert_eq!(spliced, expected);
        }
    }
}
