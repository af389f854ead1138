//! Notifications of one user.

use serde::Serialize;
use superbot_domain::{JsonObject, Notification, NotificationId};

use crate::scalar::Rfc3339;

/// One notification of the signed-in user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserNotification<'a> {
    /// Its number.
    pub id: i64,
    /// `price_alert`, `saved_search`, `source_status`, or any other word that a publisher chose. Publishers may use the server's
    /// words too, with data of their own: no field of `data` is certain.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// What it says. The server's own notifications have the fields that are described for their `type`.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::notification_data::any_data))]
    pub data: &'a JsonObject,
    /// When it was sent. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Rfc3339,
}

/// A notification as its user lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationView<'a> {
    /// The part that the event carries too.
    #[serde(flatten)]
    pub notification: UserNotification<'a>,
    /// Its event's place in the log.
    pub seq: u64,
    /// When it was read; `null` while it is unread. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub read_at: Option<Rfc3339>,
}

/// Notifications were read, on this connection or elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationsRead {
    /// Those that were unread before; an event names at most the newest 1,000.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<i64>))]
    pub ids: Vec<NotificationId>,
    /// How many are still unread.
    pub unread: u64,
}

/// How many notifications are unread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnreadCount {
    /// Their number.
    pub unread: u64,
}

impl<'a> From<&'a Notification> for UserNotification<'a> {
    fn from(notification: &'a Notification) -> Self {
        Self {
            id: notification.id.get(),
            kind: &notification.kind,
            data: &notification.data,
            timestamp: notification.created_at.into(),
        }
    }
}

impl<'a> From<&'a Notification> for NotificationView<'a> {
    fn from(notification: &'a Notification) -> Self {
        Self {
            notification: notification.into(),
            seq: notification.seq,
            read_at: notification.read_at.map(Rfc3339::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use superbot_domain::{NotificationDraft, parse_timestamp};

    use super::*;

    #[test]
    fn data_passes_untouched() {
        let draft = NotificationDraft::from_json_text(
            r#"{ "data": {"z": 1.0, "a": 12345678901234567890123}, "type": "price_alert" }"#,
        )
        .unwrap();
        let (kind, data) = draft.into_parts();
        let at = parse_timestamp("2025-10-09").unwrap();
        let sent = Notification { id: 7.into(), kind, data, created_at: at, read_at: None, seq: 9 };
        assert_eq!(
            serde_json::to_string(&UserNotification::from(&sent)).unwrap(),
            r#"{"id":7,"type":"price_alert","data":{"z":1.0,"a":12345678901234567890123},"timestamp":"2025-10-09T00:00:00Z"}"#
        );
        assert_eq!(
            serde_json::to_string(&NotificationView::from(&sent)).unwrap(),
            r#"{"id":7,"type":"price_alert","data":{"z":1.0,"a":12345678901234567890123},"timestamp":"2025-10-09T00:00:00Z","seq":9,"read_at":null}"#
        );
    }
}
