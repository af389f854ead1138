//! Responses to publishers.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use superbot_domain::{self as domain, FieldError, InvalidFields, NotificationId};

use crate::field_error::FieldErrorView;
#[cfg(feature = "openapi")]
use crate::listing::PricePeriod;

/// Result of publishing one listing.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemResult {
    /// What was done.
    pub status: ItemStatus,
    /// Number of the line, from 1, if listings were sent as lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u64, required = false))]
    pub line: Option<u64>,
    /// Id of the listing; absent if it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = i64, required = false))]
    pub id: Option<i64>,
    /// Price as parsed, in units of the currency; 0 if free, null if not stated.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, required))]
    pub price: Value,
    /// Period of the price, as parsed; absent for the price of a sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = PricePeriod, required = false))]
    pub price_per: Option<domain::PricePeriod>,
    /// Price before an update that changed it; `null` if it was in another currency or for another period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    pub previous_price: Option<Value>,
    /// Optional fields that were wrong, and how each was handled: left out, cut, or read as something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub warnings: Vec<FieldErrorView>,
    /// Reason of a rejection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = ItemError, required = false))]
    pub error: Option<ItemError>,
}

/// What was done with a published listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ItemStatus {
    /// It is new; an event was emitted.
    Created,
    /// It was known and has changed; an event was emitted.
    Updated,
    /// It was known with the same content.
    Unchanged,
    /// It was not stored; `error` has the reason.
    Rejected,
}

/// Reason for rejecting a listing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemError {
    /// Stable error code.
    pub code: String,
    /// Description; the first error if there are several.
    pub message: String,
    /// Invalid fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub errors: Vec<FieldErrorView>,
}

/// Result of publishing an array of listings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchResult {
    /// Number of new listings.
    pub created: usize,
    /// Number of known listings that have changed.
    pub updated: usize,
    /// Number of known listings with the same content.
    pub unchanged: usize,
    /// Number of listings that were not stored.
    pub rejected: usize,
    /// Results in the order of the listings.
    pub items: Vec<ItemResult>,
}

/// Result of publishing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum PublishResult {
    /// For one object.
    One(Box<ItemResult>),
    /// For an array.
    Many(BatchResult),
}

/// A stored notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SentNotification {
    /// Unique id.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub id: NotificationId,
    /// Sequence number of its event.
    pub seq: u64,
}

/// A stored system message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SentMessage {
    /// Sequence number of its event.
    pub seq: u64,
}

impl ItemResult {
    /// Returns the result for a listing with invalid fields.
    pub fn rejected(invalid: InvalidFields) -> Self {
        let message = invalid.summary();
        let errors = invalid.errors.into_iter().map(FieldErrorView::from).collect();
        Self::refused(ItemError { code: "invalid".into(), message, errors })
    }

    /// Returns the result for a listing that was not stored.
    pub fn refused(error: ItemError) -> Self {
        Self {
            status: ItemStatus::Rejected,
            line: None,
            id: None,
            price: Value::Null,
            price_per: None,
            previous_price: None,
            warnings: Vec::new(),
            error: Some(error),
        }
    }

    /// Sets the warnings.
    #[must_use]
    pub fn with_warnings(self, warnings: Vec<FieldError>) -> Self {
        Self { warnings: warnings.into_iter().map(FieldErrorView::from).collect(), ..self }
    }

    /// Sets the line number.
    #[must_use]
    pub fn on_line(self, line: u64) -> Self {
        Self { line: Some(line), ..self }
    }
}

impl ItemStatus {
    /// Returns the name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Rejected => "rejected",
        }
    }
}

impl BatchResult {
    /// Counts the results by status.
    pub fn new(items: Vec<ItemResult>) -> Self {
        let count = |status| items.iter().filter(|item| item.status == status).count();
        Self {
            created: count(ItemStatus::Created),
            updated: count(ItemStatus::Updated),
            unchanged: count(ItemStatus::Unchanged),
            rejected: count(ItemStatus::Rejected),
            items,
        }
    }
}

impl fmt::Display for ItemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, others)) = self.errors.split_first() else { return f.write_str(&self.message) };
        first.fmt(f)?;
        others.iter().try_for_each(|error| write!(f, "; {error}"))
    }
}
