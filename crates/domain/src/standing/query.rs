//! What price alerts and saved searches have in common: both are standing queries.

use std::fmt;

use serde_json::{Map, Value};

use crate::field::Invalid;
use crate::money::Currency;
use crate::price_period::PricePeriod;
use crate::resource::{RequestKind, RequestResource};
use crate::source::SourceName;
use crate::time::Timestamp;

/// A kind of query that is matched against every new listing.
///
/// The store and the REST API know only this trait: a kind adds its type, its table of fields and its answer.
pub trait StandingQuery:
    RequestResource<Draft = Self> + Clone + fmt::Debug + PartialEq + Send + Sync + 'static
{
    /// Its number among all standing queries.
    type Id: Copy + fmt::Debug + PartialEq + Send + Sync + From<i64> + Into<i64>;

    /// The kind that it is.
    const KIND: QueryKind;

    /// A query of which nothing has been read yet: every field has its default.
    fn blank(currency: Currency) -> Self;

    /// The parts of the query.
    fn to_parts(&self) -> QueryParts;

    /// The query of these parts; `None` where no query of this kind has them.
    fn from_parts(parts: QueryParts) -> Option<Self>;

    /// Reads a query that is to be saved.
    ///
    /// # Errors
    /// Every field that is wrong.
    fn from_json(body: &Value, default_currency: Currency) -> Result<Self, Invalid> {
        Self::FIELDS.read(body, RequestKind::Create, Self::blank(default_currency), default_currency)
    }

    /// Reads a query that is only to be previewed or checked.
    ///
    /// # Errors
    /// Every field that is wrong.
    fn from_preview_json(body: &Value, default_currency: Currency) -> Result<Self, Invalid> {
        Self::FIELDS.read(body, RequestKind::Preview, Self::blank(default_currency), default_currency)
    }

    /// Reads a change of this query: the fields that are given, and no others.
    ///
    /// # Errors
    /// Every field that is wrong.
    fn change(self, given: &Map<String, Value>, default_currency: Currency) -> Result<QueryChange<Self>, Invalid> {
        let is_pause = given.keys().all(|name| name == "active") && !given.is_empty();
        let changed = Self::FIELDS.read_object(given, RequestKind::Change, self, default_currency)?;
        Ok(if is_pause { QueryChange::SetActive(changed.to_parts().active) } else { QueryChange::Edit(changed) })
    }
}

/// The kinds of standing queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryKind {
    /// One limit on the price; every further drop is told.
    PriceAlert,
    /// Told as often as its user wants; a listing counts once.
    SavedSearch,
}

/// A standing query in the form that all kinds share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryParts {
    /// The kind of query that they are parts of.
    pub kind: QueryKind,
    /// What its user calls it; empty for kinds without names.
    pub name: String,
    /// The query as its user typed it; empty where the rest says enough.
    pub keywords: String,
    /// The currency of the limits; other currencies are never compared with them.
    pub currency: Currency,
    /// The lowest price that matches, in minor units.
    pub min_minor: Option<i64>,
    /// The highest price that matches, in minor units.
    pub max_minor: Option<i64>,
    /// The period of prices that match; without one, the limits are those of a sale.
    pub price_per: Option<PricePeriod>,
    /// Whether free listings match where there is a limit on the price.
    pub include_free: bool,
    /// Only listings of these sources match; of all, when empty.
    pub sources: Vec<SourceName>,
    /// Words that must all be in the listing's location.
    pub location: Option<String>,
    /// Whether its user is notified of matches.
    pub tells: bool,
    /// The least number of minutes between two notifications.
    pub quiet_minutes: u32,
    /// Whether it is not paused.
    pub active: bool,
}

/// A standing query as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredQuery<Q: StandingQuery> {
    /// Its number.
    pub id: Q::Id,
    /// What it asks for.
    pub wants: Q,
    /// When it was saved.
    pub created_at: Timestamp,
    /// When it was last edited, paused or resumed.
    pub updated_at: Timestamp,
    /// When its user was last notified.
    pub last_told_at: Option<Timestamp>,
    /// Whether its keywords mean something else since a newer version of the program reads them.
    pub is_read_differently: bool,
}

/// A change of a stored query.
#[derive(Clone, Debug, PartialEq)]
pub enum QueryChange<Q> {
    /// Pauses it, or resumes it from now on; without effect where it is so already.
    SetActive(bool),
    /// Replaces it. It applies to what comes in from now on.
    Edit(Q),
}

impl QueryKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::PriceAlert, Self::SavedSearch];

    /// The name of the worker that looks after its queries.
    pub const fn worker(self) -> &'static str {
        match self {
            Self::PriceAlert => "price-alerts",
            Self::SavedSearch => "saved-searches",
        }
    }

    /// Its name in rows, and the type of its notifications.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PriceAlert => "price_alert",
            Self::SavedSearch => "saved_search",
        }
    }
}
