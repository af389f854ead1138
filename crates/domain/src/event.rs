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
///
/// Its name on the wire and in the store is the variant's, in snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::EnumIter, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case", parse_err_ty = InvalidField, parse_err_fn = unknown_kind)]
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
    #[strum(serialize = "scraper_status_update")]
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

/// Which connections an event may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EventReach {
    /// Every connection, also anonymous ones.
    Anonymous,
    /// Connections that have authenticated.
    SignedIn,
    /// None: it is for the servers.
    Control,
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
    pub fn iter() -> impl Iterator<Item = Self> {
        <Self as strum::IntoEnumIterator>::iter()
    }

    /// The event's name on the wire and in the store.
    pub fn wire_name(self) -> &'static str {
        self.into()
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Result<Self, InvalidField> {
        name.parse()
    }

    /// Whether the event is for the servers alone.
    pub const fn is_control(self) -> bool {
        matches!(self.reach(), EventReach::Control)
    }

    /// Whether anonymous connections that come back receive the event.
    pub const fn is_replayed_to_anonymous(self) -> bool {
        matches!(self.reach(), EventReach::Anonymous)
    }

    const fn reach(self) -> EventReach {
        match self {
            Self::NewListing | Self::ListingUpdated | Self::SystemMessage => EventReach::Anonymous,
            Self::Notification | Self::NotificationRead | Self::ScraperStatus => EventReach::SignedIn,
            Self::SessionRevoked
            | Self::TokenRevoked
            | Self::UserDisabled
            | Self::UserSessionsRevoked
            | Self::StandingQueriesChanged
            | Self::SourcesChanged => EventReach::Control,
        }
    }
}

fn unknown_kind(name: &str) -> InvalidField {
    InvalidField::new(format!("{} is no kind of event", quoted(name)))
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
        for kind in EventKind::iter() {
            assert_eq!(EventKind::parse(kind.wire_name()), Ok(kind));
        }
        assert!(EventKind::parse("connection_status").is_err());
        assert_eq!(EventKind::ScraperStatus.wire_name(), "scraper_status_update");
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
