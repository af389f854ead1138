//! What price alerts and saved searches have in common.

use std::fmt;

use serde_json::{Map, Value};

use crate::field::{FieldError, InvalidFields};
use crate::money::Currency;
use crate::price_period::PricePeriod;
use crate::resource::{RequestKind, RequestResource};
use crate::source::SourceName;
use crate::time::Timestamp;

/// A kind of query that is matched against all listings.
///
/// Store and REST API are written against this trait; a kind adds its type, its table of fields and its response.
pub trait StandingQuery:
    RequestResource<Draft = Self> + Clone + fmt::Debug + PartialEq + Send + Sync + 'static
{
    /// Id; all kinds share one sequence.
    type Id: Copy + fmt::Debug + PartialEq + Send + Sync + From<i64> + Into<i64>;

    /// The kind.
    const KIND: QueryKind;

    /// Returns a query with default values, as the starting point for parsing.
    fn blank(currency: Currency) -> Self;

    /// Converts to the form shared by all kinds.
    fn to_parts(&self) -> QueryParts;

    /// Converts from the shared form; `None` if the parts are not valid for this kind.
    fn from_parts(parts: QueryParts) -> Option<Self>;

    /// Parses a query to be saved.
    ///
    /// # Errors
    /// All invalid fields.
    fn from_json(body: &Value, default_currency: Currency) -> Result<Self, InvalidFields> {
        Self::FIELDS.read(body, RequestKind::Create, Self::blank(default_currency), default_currency)
    }

    /// Parses a query to be previewed or validated, for which fewer fields are required.
    ///
    /// # Errors
    /// All invalid fields.
    fn from_preview_json(body: &Value, default_currency: Currency) -> Result<Self, InvalidFields> {
        Self::FIELDS.read(body, RequestKind::Preview, Self::blank(default_currency), default_currency)
    }

    /// Applies the given fields to this query.
    ///
    /// # Errors
    /// All invalid fields.
    fn change(
        self,
        given: &Map<String, Value>,
        default_currency: Currency,
    ) -> Result<QueryChange<Self>, InvalidFields> {
        // Pausing alone must not count as an edit.
        let is_pause = given.keys().all(|name| name == "active") && !given.is_empty();
        let changed = Self::FIELDS.read_object(given, RequestKind::Change, self, default_currency)?;
        Ok(if is_pause { QueryChange::SetActive(changed.to_parts().active) } else { QueryChange::Edit(changed) })
    }
}

/// Kinds of standing queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryKind {
    /// One price threshold; every further price drop is reported.
    PriceAlert,
    /// Reported at an interval; each listing counts once.
    SavedSearch,
}

/// A standing query in the form shared by all kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryParts {
    /// The kind.
    pub kind: QueryKind,
    /// Name; empty for kinds without names.
    pub name: String,
    /// Keyword query as entered; may be empty if other criteria suffice.
    pub keywords: String,
    /// Currency of the limits; prices in other currencies do not match.
    pub currency: Currency,
    /// Minimum price in minor units.
    pub min_minor: Option<i64>,
    /// Maximum price in minor units.
    pub max_minor: Option<i64>,
    /// Period of prices that match; without one, the limits are those of a sale.
    pub price_per: Option<PricePeriod>,
    /// Whether free listings match if there is a price limit.
    pub include_free: bool,
    /// Sources to include; all if empty.
    pub sources: Vec<SourceName>,
    /// Words that the listing's location must contain.
    pub location: Option<String>,
    /// Whether the user is notified of matches.
    pub tells: bool,
    /// Minimum number of minutes between two notifications.
    pub quiet_minutes: u32,
    /// False while paused.
    pub active: bool,
}

/// A stored standing query.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredQuery<Q: StandingQuery> {
    /// Id from the sequence shared by all kinds.
    pub id: Q::Id,
    /// The user-defined part.
    pub wants: Q,
    /// Creation time.
    pub created_at: Timestamp,
    /// Time when it was last edited, paused or resumed.
    pub updated_at: Timestamp,
    /// Time of the last notification.
    pub last_told_at: Option<Timestamp>,
    /// What of it may mean something else than was meant.
    pub warnings: Vec<FieldError>,
}

/// A change of a stored query.
#[derive(Clone, Debug, PartialEq)]
pub enum QueryChange<Q> {
    /// Pauses or resumes it; no effect if it is in that state already.
    SetActive(bool),
    /// Replaces it; the new version applies to later listings only.
    Edit(Q),
}

impl QueryKind {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::PriceAlert, Self::SavedSearch];

    /// Returns the name of the worker that processes queries of this kind.
    pub const fn worker(self) -> &'static str {
        match self {
            Self::PriceAlert => "price-alerts",
            Self::SavedSearch => "saved-searches",
        }
    }

    /// Returns the name used in the store, and as the type of notifications.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PriceAlert => "price_alert",
            Self::SavedSearch => "saved_search",
        }
    }
}
