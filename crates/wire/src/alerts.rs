//! Responses about price alerts and saved searches.

use serde::Serialize;
use serde_json::Number;
use superbot_domain::{
    self as domain, Currency, Money, NewPriceAlert, NewSavedSearch, PriceAlertId, SavedSearchId, SourceName,
    StoredQuery,
};

use crate::field_error::FieldErrorView;
#[cfg(feature = "openapi")]
use crate::listing::PricePeriod;
use crate::scalar::Rfc3339;

/// A price alert.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PriceAlert {
    /// Id, from a sequence shared with saved searches.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub id: PriceAlertId,
    /// Keywords; empty if other criteria suffice.
    pub keywords: String,
    /// Price threshold in units of the currency.
    #[cfg_attr(feature = "openapi", schema(value_type = f64))]
    pub threshold_price: Number,
    /// `under` or `over`.
    pub alert_type: &'static str,
    /// Period of the prices to watch; null for prices of sales.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PricePeriod>, required))]
    pub price_per: Option<domain::PricePeriod>,
    /// Currency of the threshold.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub currency: Currency,
    /// Whether free listings match.
    pub include_free: bool,
    /// Minutes after a notification during which matches are collected for the next one.
    pub cooldown_minutes: u32,
    /// Sources to which the alert is restricted; empty for all.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub sources: Vec<SourceName>,
    /// False while the alert is paused.
    pub active: bool,
    /// Creation time. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Rfc3339,
    /// Time when it was last edited, paused or resumed. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Rfc3339,
    /// Time of the last notification; `null` if there was none. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub last_told_at: Option<Rfc3339>,
    /// What may mean something else than was meant, such as `or` in small letters among the keywords.
    pub warnings: Vec<FieldErrorView>,
}

/// A saved search.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedSearch {
    /// Id, from a sequence shared with price alerts.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub id: SavedSearchId,
    /// Name given by the user.
    pub name: String,
    /// Keywords; empty if other criteria suffice.
    pub keywords: String,
    /// Minimum price in units of the currency.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, required))]
    pub min_price: Option<Number>,
    /// Maximum price in units of the currency.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, required))]
    pub max_price: Option<Number>,
    /// Period of prices that match; if null, the two prices are those of a sale.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PricePeriod>, required))]
    pub price_per: Option<domain::PricePeriod>,
    /// Currency of the prices.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub currency: Currency,
    /// Whether free listings match if there is a price limit.
    pub include_free: bool,
    /// Sources to which the search is restricted; empty for all.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub sources: Vec<SourceName>,
    /// Words that the listing's location must contain.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub location: Option<String>,
    /// Always null: listings carry words, not positions.
    #[cfg_attr(feature = "openapi", schema(schema_with = always_null))]
    pub radius: (),
    /// Whether the user is notified of matches.
    pub notify_new: bool,
    /// Interval of notifications: `instant`, `15m`, `hourly` or `daily`.
    pub cadence: &'static str,
    /// False while the search is paused.
    pub active: bool,
    /// Creation time. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Rfc3339,
    /// Time when it was last edited, paused or resumed. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Rfc3339,
    /// Time of the last notification; `null` if there was none. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub last_told_at: Option<Rfc3339>,
    /// What may mean something else than was meant, such as `or` in small letters among the keywords.
    pub warnings: Vec<FieldErrorView>,
}

#[cfg(feature = "openapi")]
fn always_null() -> utoipa::openapi::schema::ObjectBuilder {
    utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::Null)
        .description(Some("Always null: listings carry words, not positions."))
}

impl From<StoredQuery<NewPriceAlert>> for PriceAlert {
    fn from(alert: StoredQuery<NewPriceAlert>) -> Self {
        let StoredQuery { id, wants, created_at, updated_at, last_told_at, warnings } = alert;
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
            warnings: warnings.into_iter().map(FieldErrorView::from).collect(),
        }
    }
}

impl From<StoredQuery<NewSavedSearch>> for SavedSearch {
    fn from(search: StoredQuery<NewSavedSearch>) -> Self {
        let StoredQuery { id, wants, created_at, updated_at, last_told_at, warnings } = search;
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
            warnings: warnings.into_iter().map(FieldErrorView::from).collect(),
        }
    }
}
