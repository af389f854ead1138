//! Answers to publishers: the outcome of each listing, and what was sent.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use superbot_domain::{self as domain, Invalid, NotificationId};

use crate::field_error::FieldErrorView;
#[cfg(feature = "openapi")]
use crate::listing::PricePeriod;

/// The outcome of one published listing.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemResult {
    /// What was done.
    pub status: ItemStatus,
    /// The number of the line, from 1, where listings came as lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u64, required = false))]
    pub line: Option<u64>,
    /// The listing's number; absent when it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = i64, required = false))]
    pub id: Option<i64>,
    /// The price as understood, in units of the currency; 0 is free, null is not stated.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, required))]
    pub price: Value,
    /// The period that the price is for, as understood; absent for the price of a sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = PricePeriod, required = false))]
    pub price_per: Option<domain::PricePeriod>,
    /// The price before an update that changed it; `null` where it was in another currency or for another period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    pub previous_price: Option<Value>,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = ItemError, required = false))]
    pub error: Option<ItemError>,
}

/// What was done with a published listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ItemStatus {
    /// It is new; an event announced it.
    Created,
    /// It was known and has changed; an event announced the change.
    Updated,
    /// It was known, with the same content.
    Unchanged,
    /// It was not stored; `error` says why.
    Rejected,
}

/// Why a listing was rejected.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemError {
    /// A stable word for programs.
    pub code: String,
    /// The reason in words; of several wrong fields, the first.
    pub message: String,
    /// The fields that are wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub errors: Vec<FieldErrorView>,
}

/// The outcome of an array of listings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchResult {
    /// The number of new listings.
    pub created: usize,
    /// The number of known listings that have changed.
    pub updated: usize,
    /// The number of known listings with the same content.
    pub unchanged: usize,
    /// The number of listings that were not stored.
    pub rejected: usize,
    /// One for each listing, in order.
    pub items: Vec<ItemResult>,
}

/// The outcome of what was published.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum PublishResult {
    /// One object.
    One(Box<ItemResult>),
    /// An array.
    Many(BatchResult),
}

/// A notification that was stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Sent))]
pub struct SentNotification {
    /// Its number.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub id: NotificationId,
    /// Its event's place in the log.
    pub seq: u64,
}

/// A system message that was stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Announced))]
pub struct SentMessage {
    /// Its event's place in the log.
    pub seq: u64,
}

impl ItemResult {
    /// A listing with fields that are not right.
    pub fn rejected(invalid: Invalid) -> Self {
        let message = invalid.summary();
        let errors = invalid.errors.into_iter().map(FieldErrorView::from).collect();
        Self::refused(ItemError { code: "invalid".into(), message, errors })
    }

    /// A listing that was not stored.
    pub fn refused(error: ItemError) -> Self {
        Self {
            status: ItemStatus::Rejected,
            line: None,
            id: None,
            price: Value::Null,
            price_per: None,
            previous_price: None,
            error: Some(error),
        }
    }

    /// The same result, of line `line`.
    #[must_use]
    pub fn on_line(self, line: u64) -> Self {
        Self { line: Some(line), ..self }
    }
}

impl ItemStatus {
    /// Its name in JSON.
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
    /// The results, counted by their status.
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
