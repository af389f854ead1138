//! Saved searches: keywords and price limits, reported at an interval.

use serde_json::Value;
use strum::IntoEnumIterator as _;

use super::fields;
use super::query::{QueryKind, QueryParts, StandingQuery};
use crate::field::{FieldErrors, InvalidField, quoted};
use crate::ids::SavedSearchId;
use crate::money::{Currency, Money};
use crate::price_period::PricePeriod;
use crate::resource::{
    FieldPresence, FieldSchema, RequestResource, ResourceField, ResourceFields, UnknownFields, assign,
};
use crate::source::SourceName;

/// The user-defined part of a saved search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSavedSearch {
    /// Name: 1 to 200 characters on one line.
    pub name: String,
    /// Keyword query as entered; may be empty if other criteria suffice.
    pub keywords: String,
    /// Currency of the price limits; prices in other currencies do not match.
    pub currency: Currency,
    /// Minimum price, inclusive.
    pub min_price: Option<Money>,
    /// Maximum price, inclusive.
    pub max_price: Option<Money>,
    /// Period of prices that match; without one, the two prices are those of a sale.
    pub price_per: Option<PricePeriod>,
    /// Whether free listings match if there is a price limit.
    pub include_free: bool,
    /// Sources to include; all if empty.
    pub sources: Vec<SourceName>,
    /// Words that the listing's location must contain.
    pub location: Option<String>,
    /// Whether the user is notified; otherwise matches are only collected.
    pub notify_new: bool,
    /// Interval of notifications.
    pub cadence: Cadence,
    /// False while paused.
    pub active: bool,
}

/// Interval at which a saved search notifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumIter, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidField, parse_err_fn = unknown_cadence)]
pub enum Cadence {
    /// Immediately.
    Instant,
    /// Every 15 minutes.
    #[strum(serialize = "15m")]
    QuarterHourly,
    /// Once an hour.
    Hourly,
    /// Once a day.
    Daily,
}

type SearchField = ResourceField<NewSavedSearch>;

impl RequestResource for NewSavedSearch {
    type Draft = Self;

    const FIELDS: ResourceFields<Self> = ResourceFields {
        noun: "saved search",
        expected: "an object",
        schema_name: "SavedSearchFields",
        docs: "A saved search. Fields that are left out or null have their defaults.",
        unknown: UnknownFields::Refused,
        check: Self::check_limits,
        fields: &[
            SearchField::new("name", FieldSchema::Text, "What to call it.", |search, value, _| {
                assign(
                    &mut search.name,
                    fields::line(value)?.ok_or_else(|| InvalidField::new(format!("is missing; {UNNAMED}"))),
                )
            })
            .presence(FieldPresence::RequiredToSave(UNNAMED)),
            SearchField::new(
                "keywords",
                FieldSchema::Text,
                "Words to look for, such as `corvette, camaro -parts`; they may be left out where there are a limit on the price \
                 and sources.",
                |search, value, _| assign(&mut search.keywords, fields::keywords(value)),
            ),
            SearchField::new(
                "currency",
                FieldSchema::Text,
                "What the prices are in; the server's own currency is the default.",
                |search, value, default| {
                    let currency = fields::word(value, default)?;
                    // Limits that are stored already keep their number of units.
                    search.min_price = search.min_price.map(|money| money.with_currency(currency)).transpose()?;
                    search.max_price = search.max_price.map(|money| money.with_currency(currency)).transpose()?;
                    search.currency = currency;
                    Ok(())
                },
            ),
            SearchField::new(
                "min_price",
                FieldSchema::Amount,
                "The lowest price that matches, in units of the currency.",
                |search, value, _| assign(&mut search.min_price, fields::optional_amount(value, search.currency)),
            ),
            SearchField::new(
                "max_price",
                FieldSchema::Amount,
                "The highest price that matches, in units of the currency.",
                |search, value, _| assign(&mut search.max_price, fields::optional_amount(value, search.currency)),
            ),
            SearchField::new(
                "price_per",
                FieldSchema::Choice(PricePeriod::NAMES),
                "The period of prices that match, such as rents for a month. Where it is null (the default), the two prices are \
                 those of a sale.",
                |search, value, _| assign(&mut search.price_per, fields::optional_word(value)),
            ),
            SearchField::new(
                "include_free",
                FieldSchema::Flag,
                "Whether free listings match where there is a limit on the price.",
                |search, value, _| assign(&mut search.include_free, fields::flag(value, false)),
            ),
            SearchField::new(
                "sources",
                FieldSchema::TextList,
                "Only listings of these sources; of all sources, where the array is empty (the default).",
                |search, value, _| assign(&mut search.sources, fields::sources(value)),
            ),
            SearchField::new(
                "location",
                FieldSchema::Text,
                "Words that must all be in the listing's location.",
                |search, value, _| assign(&mut search.location, fields::line(value)),
            ),
            SearchField::new(
                "radius",
                FieldSchema::Null,
                "Always null: listings carry words, not positions.",
                |_, value, _| Self::refuse_radius(value),
            ),
            SearchField::new(
                "notify_new",
                FieldSchema::Flag,
                "Whether its user is notified of matches (the default).",
                |search, value, _| assign(&mut search.notify_new, fields::flag(value, true)),
            ),
            SearchField::new(
                "cadence",
                FieldSchema::Text,
                "`instant`, `15m` (the default), `hourly` or `daily`.",
                |search, value, _| assign(&mut search.cadence, fields::word(value, Cadence::QuarterHourly)),
            ),
            SearchField::new(
                "active",
                FieldSchema::Flag,
                "False pauses it; true resumes it, for what comes in from then on.",
                |search, value, _| assign(&mut search.active, fields::flag(value, true)),
            )
            // New searches are always active.
            .presence(FieldPresence::ChangeOnly),
        ],
    };
}

/// Completes "is missing; ".
const UNNAMED: &str = "give the search a name";

impl StandingQuery for NewSavedSearch {
    type Id = SavedSearchId;

    const KIND: QueryKind = QueryKind::SavedSearch;

    fn blank(currency: Currency) -> Self {
        Self {
            name: String::new(),
            keywords: String::new(),
            currency,
            min_price: None,
            max_price: None,
            price_per: None,
            include_free: false,
            sources: Vec::new(),
            location: None,
            notify_new: true,
            cadence: Cadence::QuarterHourly,
            active: true,
        }
    }

    fn to_parts(&self) -> QueryParts {
        QueryParts {
            kind: Self::KIND,
            name: self.name.clone(),
            keywords: self.keywords.clone(),
            currency: self.currency,
            min_minor: self.min_price.map(|money| money.minor),
            max_minor: self.max_price.map(|money| money.minor),
            price_per: self.price_per,
            include_free: self.include_free,
            sources: self.sources.clone(),
            location: self.location.clone(),
            tells: self.notify_new,
            quiet_minutes: self.cadence.minutes(),
            active: self.active,
        }
    }

    fn from_parts(parts: QueryParts) -> Option<Self> {
        if parts.kind != Self::KIND {
            return None;
        }
        let money = |minor| Money { minor, currency: parts.currency };
        Some(Self {
            min_price: parts.min_minor.map(money),
            max_price: parts.max_minor.map(money),
            price_per: parts.price_per,
            name: parts.name,
            keywords: parts.keywords,
            currency: parts.currency,
            include_free: parts.include_free,
            sources: parts.sources,
            location: parts.location,
            notify_new: parts.tells,
            // An interval that no cadence has makes the stored query invalid.
            cadence: Cadence::iter().find(|cadence| cadence.minutes() == parts.quiet_minutes)?,
            active: parts.active,
        })
    }
}

impl NewSavedSearch {
    /// Rejects contradictory limits, unless a limit is invalid by itself and was reported already.
    fn check_limits(&self, errors: &mut FieldErrors) {
        if let (Some(min), Some(max)) = (self.min_price, self.max_price)
            // Both are in the currency of the search, so minor units can be compared.
            && min.minor > max.minor
            && !errors.concern("min_price")
            && !errors.concern("max_price")
        {
            errors.add("min_price", || format!("is {min}, more than max_price, {max}"));
        }
    }

    fn refuse_radius(value: &Value) -> Result<(), InvalidField> {
        if value.is_null() {
            return Ok(());
        }
        Err(InvalidField::new(
            "is not supported: listings have a location in words, without coordinates; use `location`",
        ))
    }
}

impl Cadence {
    /// Returns the name used in the API.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns the minimum number of minutes between two notifications.
    pub const fn minutes(self) -> u32 {
        match self {
            Self::Instant => 0,
            Self::QuarterHourly => 15,
            Self::Hourly => 60,
            Self::Daily => 24 * 60,
        }
    }
}

fn unknown_cadence(text: &str) -> InvalidField {
    InvalidField::new(format!("is {}; give \"instant\", \"15m\", \"hourly\" or \"daily\"", quoted(text)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::query::QueryChange;
    use super::*;

    #[test]
    fn a_search_survives_its_parts() {
        let value = json!({ "name": "  my  cars ", "keywords": "corvette, camaro", "min_price": 1, "max_price": 20.5,
            "price_per": "month", "sources": ["ksl"], "location": "Salt Lake", "notify_new": false, "cadence": "daily" });
        let search = NewSavedSearch::from_json(&value, Currency::USD).unwrap();
        assert_eq!((search.name.as_str(), search.cadence), ("my cars", Cadence::Daily));
        assert_eq!(NewSavedSearch::from_parts(search.to_parts()), Some(search));
    }

    #[test]
    fn a_preview_needs_no_name() {
        let unnamed = json!({ "keywords": "x" });
        assert!(NewSavedSearch::from_preview_json(&unnamed, Currency::USD).is_ok());
        assert!(NewSavedSearch::from_json(&unnamed, Currency::USD).is_err());
        for name in [json!(null), json!("  ")] {
            let blank = json!({ "keywords": "x", "name": name });
            assert!(NewSavedSearch::from_preview_json(&blank, Currency::USD).is_ok(), "{blank}");
            assert!(NewSavedSearch::from_json(&blank, Currency::USD).is_err(), "{blank}");
        }
    }

    #[test]
    fn a_change_is_checked_with_what_stays() {
        let search = NewSavedSearch::from_json(&json!({ "name": "x", "max_price": 20 }), Currency::USD).unwrap();
        let change = |change: Value| search.clone().change(change.as_object().unwrap(), Currency::USD);
        assert_eq!(change(json!({ "min_price": 21 })).unwrap_err().errors[0].field, "min_price");
        let edited = NewSavedSearch { min_price: None, max_price: None, ..search.clone() };
        assert_eq!(change(json!({ "max_price": null })), Ok(QueryChange::Edit(edited)));
        assert_eq!(change(json!({ "active": false })), Ok(QueryChange::SetActive(false)));
    }

    #[test]
    fn wrong_fields_are_named() {
        for (wrong, field) in [
            (json!({ "keywords": "x" }), "name"),
            (json!({ "name": "x", "min_price": 5, "max_price": 4 }), "min_price"),
            (json!({ "name": "x", "cadence": "weekly" }), "cadence"),
            (json!({ "name": "x", "radius": 50 }), "radius"),
            (json!({ "name": "x", "price_per": "monthly" }), "price_per"),
            (json!({ "name": "x", "notify_new": "yes" }), "notify_new"),
            (json!({ "name": "x", "max_price": "cheap" }), "max_price"),
            (json!(["x"]), ""),
        ] {
            let invalid = NewSavedSearch::from_json(&wrong, Currency::USD).unwrap_err();
            assert_eq!(invalid.errors.len(), 1, "{invalid}");
            assert_eq!(invalid.errors[0].field, field);
        }
    }
}
