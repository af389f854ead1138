//! Answers about price alerts and saved searches.

use serde::Serialize;
use serde_json::Number;
use superbot_domain::{
    self as domain, Currency, Money, NewPriceAlert, NewSavedSearch, PriceAlertId, SavedSearchId, SourceName,
    StoredQuery,
};

use crate::field_warning::FieldWarning;
#[cfg(feature = "openapi")]
use crate::listing::PricePeriod;
use crate::scalar::Rfc3339;

/// A price alert.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PriceAlert {
    /// Its number; price alerts and saved searches are numbered together.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub id: PriceAlertId,
    /// Words to look for; empty where the rest says enough.
    pub keywords: String,
    /// The price that decides, in units of the currency.
    #[cfg_attr(feature = "openapi", schema(value_type = f64))]
    pub threshold_price: Number,
    /// `under` or `over`.
    pub alert_type: &'static str,
    /// The period of prices that it watches; null for prices of sales.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PricePeriod>, required))]
    pub price_per: Option<domain::PricePeriod>,
    /// What the price is in.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub currency: Currency,
    /// Whether free listings match.
    pub include_free: bool,
    /// The minutes after a notification in which matches are collected for the next one.
    pub cooldown_minutes: u32,
    /// Only listings of these sources match; of all, when empty.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub sources: Vec<SourceName>,
    /// False while it is paused.
    pub active: bool,
    /// When it was saved. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Rfc3339,
    /// When it was last edited, paused or resumed. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Rfc3339,
    /// When its user was last notified of matches; `null` if never. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub last_told_at: Option<Rfc3339>,
    /// What may not mean what its user thinks.
    pub warnings: Vec<FieldWarning>,
}

/// A saved search.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedSearch {
    /// Its number; price alerts and saved searches are numbered together.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub id: SavedSearchId,
    /// What its user calls it.
    pub name: String,
    /// Words to look for; empty where the rest says enough.
    pub keywords: String,
    /// The lowest price that matches, in units of the currency.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, required))]
    pub min_price: Option<Number>,
    /// The highest price that matches, in units of the currency.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, required))]
    pub max_price: Option<Number>,
    /// The period of prices that match; where it is null, the two prices are those of a sale.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PricePeriod>, required))]
    pub price_per: Option<domain::PricePeriod>,
    /// What the prices are in.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub currency: Currency,
    /// Whether free listings match where there is a limit on the price.
    pub include_free: bool,
    /// Only listings of these sources match; of all, when empty.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub sources: Vec<SourceName>,
    /// Words that must all be in the listing's location.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub location: Option<String>,
    /// Always null: listings carry words, not positions.
    #[cfg_attr(feature = "openapi", schema(schema_with = always_null))]
    pub radius: (),
    /// Whether its user is notified of matches.
    pub notify_new: bool,
    /// `instant`, `15m`, `hourly` or `daily`.
    pub cadence: &'static str,
    /// False while it is paused.
    pub active: bool,
    /// When it was saved. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Rfc3339,
    /// When it was last edited, paused or resumed. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Rfc3339,
    /// When its user was last notified of matches; `null` if never. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub last_told_at: Option<Rfc3339>,
    /// What may not mean what its user thinks.
    pub warnings: Vec<FieldWarning>,
}

#[cfg(feature = "openapi")]
fn always_null() -> utoipa::openapi::schema::ObjectBuilder {
    utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::Null)
        .description(Some("Always null: listings carry words, not positions."))
}

impl From<StoredQuery<NewPriceAlert>> for PriceAlert {
    fn from(alert: StoredQuery<NewPriceAlert>) -> Self {
        let StoredQuery { id, wants, created_at, updated_at, last_told_at, is_read_differently } = alert;
        Self {
            id,
            keywords: wants.keywords,
            threshold_price: wants.threshold.to_json(),
            alert_type: wants.alert_type.as_str(),
            price_per: wants.price_per,
            currency: wants.threshold.currency,
            include_free: wants.include_free,
            cooldown_minutes: wants.cooldown_minutes,
            sources: wants.sources,
            active: wants.active,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
            last_told_at: last_told_at.map(Rfc3339::from),
            warnings: FieldWarning::of_query(is_read_differently),
        }
    }
}

impl From<StoredQuery<NewSavedSearch>> for SavedSearch {
    fn from(search: StoredQuery<NewSavedSearch>) -> Self {
        let StoredQuery { id, wants, created_at, updated_at, last_told_at, is_read_differently } = search;
        Self {
            id,
            name: wants.name,
            keywords: wants.keywords,
            min_price: wants.min_price.map(Money::to_json),
            max_price: wants.max_price.map(Money::to_json),
            price_per: wants.price_per,
            currency: wants.currency,
            include_free: wants.include_free,
            sources: wants.sources,
            location: wants.location,
            radius: (),
            notify_new: wants.notify_new,
            cadence: wants.cadence.as_str(),
            active: wants.active,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
            last_told_at: last_told_at.map(Rfc3339::from),
            warnings: FieldWarning::of_query(is_read_differently),
        }
    }
}
