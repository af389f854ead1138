//! Entries of the event log.

use serde_json::Value;

use crate::field::{InvalidField, quoted};
use crate::ids::UserId;
use crate::time::Timestamp;

/// Sequence number of an event: its position in the durable, totally ordered log, counted from 1.
pub type Seq = u64;

/// Recipients of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// All connections, including anonymous ones.
    Everyone,
    /// Every connection of one user.
    User(UserId),
    /// Connections that subscribed to the scraper status.
    ScraperStatus,
    /// Servers only; never sent to clients.
    Control,
}

/// The kind of an event, which also determines its possible [`Audience`].
///
/// The name on the wire and in the store is the variant's in snake case, unless `serialize` specifies another one. The
/// log stores names, so a renamed variant must keep its old name through `serialize`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::EnumIter, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case", parse_err_ty = InvalidField, parse_err_fn = unknown_kind)]
pub enum EventKind {
    /// A new listing.
    NewListing,
    /// A known listing whose price or details changed.
    ListingUpdated,
    /// A notification for one user.
    Notification,
    /// A user marked notifications as read.
    NotificationRead,
    /// The scraper status changed.
    #[strum(serialize = "scraper_status_update")]
    ScraperStatus,
    /// A message to everyone.
    SystemMessage,
    /// Control: a session was revoked or expired.
    SessionRevoked,
    /// Control: an API token was revoked.
    TokenRevoked,
    /// Control: an account was disabled.
    UserDisabled,
    /// Control: all of a user's sessions were revoked, except the one named in the payload, if any.
    UserSessionsRevoked,
    /// Control: price alerts or saved searches were created, edited, paused or deleted.
    StandingQueriesChanged,
    /// Control: a source was created, changed, started, stopped or requested to run.
    SourcesChanged,
}

/// One entry of the event log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// Sequence number.
    pub seq: Seq,
    /// Kind, which determines the payload's type.
    pub kind: EventKind,
    /// Recipients.
    pub audience: Audience,
    /// Time of the transaction, with microsecond precision.
    pub at: Timestamp,
    /// The payload, a JSON object on one line, without `seq`.
    pub payload: Box<str>,
}

impl EventKind {
    /// Returns all kinds.
    pub fn iter() -> impl Iterator<Item = Self> {
        <Self as strum::IntoEnumIterator>::iter()
    }

    /// Returns the name on the wire and in the store.
    pub fn wire_name(self) -> &'static str {
        self.into()
    }

    /// Parses a kind by its name.
    pub fn parse(name: &str) -> Result<Self, InvalidField> {
        name.parse()
    }

    /// Returns whether events of this kind are for servers only.
    pub const fn is_control(self) -> bool {
        self.may_have(Audience::Control)
    }

    /// Returns whether an event of this kind may have this audience. Each kind has one form of audience, so that the
    /// audience alone decides who receives an event, whether live or replayed.
    pub const fn may_have(self, audience: Audience) -> bool {
        match self {
            Self::NewListing | Self::ListingUpdated | Self::SystemMessage => matches!(audience, Audience::Everyone),
            Self::Notification | Self::NotificationRead => matches!(audience, Audience::User(_)),
            Self::ScraperStatus => matches!(audience, Audience::ScraperStatus),
            Self::SessionRevoked
            | Self::TokenRevoked
            | Self::UserDisabled
            | Self::UserSessionsRevoked
            | Self::StandingQueriesChanged
            | Self::SourcesChanged => matches!(audience, Audience::Control),
        }
    }
}

fn unknown_kind(name: &str) -> InvalidField {
    InvalidField::new(format!("{} is not a kind of event", quoted(name)))
}

impl LogEvent {
    /// Returns the payload with `seq` as its last field.
    pub fn payload_with_seq(&self) -> String {
        // String surgery instead of parsing: this runs for each event, and must keep the payload's order and numbers.
        let fields = self.payload.trim_end().strip_suffix('}').unwrap_or(&self.payload).trim_end();
        let comma = if fields.ends_with('{') { "" } else { "," };
        format!("{fields}{comma}\"seq\":{}}}", self.seq)
    }

    /// Parses the payload.
    pub fn payload_json(&self) -> Value {
        serde_json::from_str(&self.payload).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn event(payload: &str) -> LogEvent {
        LogEvent {
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

    /// Names in existing stores and client programs.
    const NAMES: [(EventKind, &str); 12] = [
        (EventKind::NewListing, "new_listing"),
        (EventKind::ListingUpdated, "listing_updated"),
        (EventKind::Notification, "notification"),
        (EventKind::NotificationRead, "notification_read"),
        (EventKind::ScraperStatus, "scraper_status_update"),
        (EventKind::SystemMessage, "system_message"),
        (EventKind::SessionRevoked, "session_revoked"),
        (EventKind::TokenRevoked, "token_revoked"),
        (EventKind::UserDisabled, "user_disabled"),
        (EventKind::UserSessionsRevoked, "user_sessions_revoked"),
        (EventKind::StandingQueriesChanged, "standing_queries_changed"),
        (EventKind::SourcesChanged, "sources_changed"),
    ];

    #[test]
    fn every_kind_keeps_its_name() {
        assert!(EventKind::iter().eq(NAMES.map(|(kind, _)| kind)), "list new kinds here");
        for (kind, name) in NAMES {
            assert_eq!((kind.wire_name(), EventKind::parse(name)), (name, Ok(kind)));
        }
        assert!(EventKind::parse("connection_status").is_err());
    }

    #[test]
    fn every_kind_may_have_one_form_of_audience() {
        let audiences = [Audience::Everyone, Audience::User(7.into()), Audience::ScraperStatus, Audience::Control];
        for kind in EventKind::iter() {
            let admitted = audiences.into_iter().filter(|audience| kind.may_have(*audience));
            assert_eq!(admitted.count(), 1, "{kind:?}");
        }
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
