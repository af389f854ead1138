//! One published listing: as it was parsed, and the result.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use superbot_domain::{FieldError, Invalid, NewListing, Price};
use superbot_store::{Ingested, Outcome};

use crate::problem::FieldErrorView;

/// A listing as it was parsed, or what is wrong with it.
pub type ParsedListing = Result<NewListing, Invalid>;

/// What became of one published listing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ItemResult {
    /// What was done.
    pub status: ItemStatus,
    /// The number of the line, from 1, where listings came as lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Our id of the listing; absent when it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// The price as understood: units of the currency, 0 for free, null where there is none.
    #[serde(default)]
    pub price: Value,
    /// The price before an update that changed it; `null` where it was in another currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_price: Option<Value>,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ItemError>,
}

/// What was done with a published listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ItemStatus {
    /// It was not known; everyone was told.
    Created,
    /// It was known and has changed; everyone was told of the change.
    Updated,
    /// It was known just so.
    Unchanged,
    /// It was not taken; `error` says why.
    Rejected,
}

impl ItemStatus {
    /// The word for it on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Rejected => "rejected",
        }
    }
}

/// Why a listing was rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ItemError {
    /// A stable word for programs.
    pub code: String,
    /// The reason in words; of several wrong fields, the first.
    pub message: String,
    /// The fields that are wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<FieldErrorView>)]
    pub errors: Vec<FieldError>,
}

impl fmt::Display for ItemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, others)) = self.errors.split_first() else { return f.write_str(&self.message) };
        first.fmt(f)?;
        others.iter().try_for_each(|error| write!(f, "; {error}"))
    }
}

impl ItemResult {
    /// A listing that the store took.
    pub fn stored(ingested: Ingested) -> Self {
        let in_same_currency = |previous: Price| match ingested.price.money() {
            Some(money) => previous.in_currency(money.currency),
            None => previous,
        };
        let (status, previous_price) = match ingested.outcome {
            Outcome::Created => (ItemStatus::Created, None),
            Outcome::Updated { previous_price } => (ItemStatus::Updated, previous_price),
            Outcome::Unchanged => (ItemStatus::Unchanged, None),
        };
        Self {
            status,
            line: None,
            id: Some(ingested.id.get()),
            price: ingested.price.to_json(),
            previous_price: previous_price.map(|price| in_same_currency(price).to_json()),
            error: None,
        }
    }

    /// A listing with fields that are not right.
    pub fn rejected(invalid: Invalid) -> Self {
        let message = invalid.summary();
        let error = ItemError { code: "invalid".into(), message, errors: invalid.errors };
        Self::refused(error)
    }

    /// A listing that was not taken.
    pub fn refused(error: ItemError) -> Self {
        Self {
            status: ItemStatus::Rejected,
            line: None,
            id: None,
            price: Value::Null,
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
