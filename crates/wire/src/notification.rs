//! Notifications of one user.

use serde::Serialize;
use superbot_domain::{JsonObject, Notification, NotificationId};

use crate::scalar::Rfc3339;

/// A notification of the signed-in user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserNotification<'a> {
    /// Unique id.
    pub id: i64,
    /// `price_alert`, `saved_search`, `source_status`, or another type chosen by a publisher. Publishers may use the
    /// server's types with data of their own, so no field of `data` is guaranteed.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// Content. The server's own notifications have the fields described for their `type`.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::notification_data::any_data))]
    pub data: &'a JsonObject,
    /// Time of sending. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Rfc3339,
}

/// A notification in a user's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationView<'a> {
    /// The part that the event contains as well.
    #[serde(flatten)]
    pub notification: UserNotification<'a>,
    /// Sequence number of its event.
    pub seq: u64,
    /// Time when it was read; `null` while unread. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub read_at: Option<Rfc3339>,
}

/// Notifications were marked as read, on this or another connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationsRead {
    /// Ids of those that were unread before; an event contains at most the newest 1,000.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<i64>))]
    pub ids: Vec<NotificationId>,
    /// Number of notifications that remain unread.
    pub unread: u64,
}

/// Number of unread notifications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnreadCount {
    /// Number of unread notifications.
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
