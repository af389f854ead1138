//! Price alerts: keywords and a price threshold.

use super::fields;
use super::query::{QueryKind, QueryParts, StandingQuery};
use crate::field::{InvalidField, quoted};
use crate::ids::PriceAlertId;
use crate::money::{Currency, Money};
use crate::price_period::PricePeriod;
use crate::resource::{
    FieldPresence, FieldSchema, RequestResource, ResourceField, ResourceFields, UnknownFields, assign,
};
use crate::source::SourceName;

/// The user-defined part of a price alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPriceAlert {
    /// Keyword query as entered; may be empty if there are sources.
    pub keywords: String,
    /// Price threshold; prices in other currencies are not compared with it and do not match.
    pub threshold: Money,
    /// Side of the threshold on which prices match.
    pub alert_type: AlertType,
    /// Period of the prices to watch; `None` for prices of sales. Prices of other kinds do not match.
    pub price_per: Option<PricePeriod>,
    /// Whether free listings match.
    pub include_free: bool,
    /// Minutes after a notification during which matches are collected for the next one.
    pub cooldown_minutes: u32,
    /// Sources to include; all if empty.
    pub sources: Vec<SourceName>,
    /// False while paused.
    pub active: bool,
}

/// Side of the threshold on which prices match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidField, parse_err_fn = unknown_alert_type)]
pub enum AlertType {
    /// At or below the threshold.
    Under,
    /// At or above the threshold.
    Over,
}

type AlertField = ResourceField<NewPriceAlert>;

impl RequestResource for NewPriceAlert {
    type Draft = Self;

    const FIELDS: ResourceFields<Self> = ResourceFields {
        noun: "price alert",
        expected: "an object",
        schema_name: "PriceAlertFields",
        docs: "A price alert. Fields that are left out or null have their defaults.",
        unknown: UnknownFields::Refused,
        check: |_, _| {},
        fields: &[
            AlertField::new(
                "keywords",
                FieldSchema::Text,
                "Words to look for, such as `corvette, camaro -parts`; they may be left out where there are sources.",
                |alert, value, _| assign(&mut alert.keywords, fields::keywords(value)),
            ),
            AlertField::new(
                "currency",
                FieldSchema::Text,
                "What the price is in; the server's own currency is the default.",
                |alert, value, default| {
                    // Read before the threshold, so that an amount in the same request is in this currency.
                    alert.threshold = alert.threshold.with_currency(fields::word(value, default)?)?;
                    Ok(())
                },
            ),
            AlertField::new(
                "threshold_price",
                FieldSchema::Amount,
                "The price that decides, in units of the currency.",
                |alert, value, _| {
                    let currency = alert.threshold.currency;
                    assign(&mut alert.threshold, fields::amount(value, currency))
                },
            )
            .presence(FieldPresence::Required("give the price that decides, in units of the currency")),
            AlertField::new("alert_type", FieldSchema::Text, "`under` (the default) or `over`.", |alert, value, _| {
                assign(&mut alert.alert_type, fields::word(value, AlertType::Under))
            }),
            AlertField::new(
                "price_per",
                FieldSchema::Choice(PricePeriod::NAMES),
                "The period of prices that it watches, such as rents for a month; null (the default) for prices of sales.",
                |alert, value, _| assign(&mut alert.price_per, fields::optional_word(value)),
            ),
            AlertField::new("include_free", FieldSchema::Flag, "Whether free listings match.", |alert, value, _| {
                assign(&mut alert.include_free, fields::flag(value, false))
            }),
            AlertField::new(
                "cooldown_minutes",
                FieldSchema::WholeNumber { max: Self::MAX_COOLDOWN_MINUTES },
                "The minutes after a notification in which matches are collected for the next one.",
                |alert, value, _| {
                    let minutes = fields::whole_number(value, Self::MAX_COOLDOWN_MINUTES, "minutes");
                    assign(&mut alert.cooldown_minutes, minutes)
                },
            ),
            AlertField::new(
                "sources",
                FieldSchema::TextList,
                "Only listings of these sources; of all sources, where the array is empty (the default).",
                |alert, value, _| assign(&mut alert.sources, fields::sources(value)),
            ),
            AlertField::new(
                "active",
                FieldSchema::Flag,
                "False pauses it; true resumes it, for what comes in from then on.",
                |alert, value, _| assign(&mut alert.active, fields::flag(value, true)),
            )
            .presence(FieldPresence::ChangeOnly),
        ],
    };
}

impl StandingQuery for NewPriceAlert {
    type Id = PriceAlertId;

    const KIND: QueryKind = QueryKind::PriceAlert;

    fn blank(currency: Currency) -> Self {
        Self {
            keywords: String::new(),
            threshold: Money { minor: 0, currency },
            alert_type: AlertType::Under,
            price_per: None,
            include_free: false,
            cooldown_minutes: 0,
            sources: Vec::new(),
            active: true,
        }
    }

    fn to_parts(&self) -> QueryParts {
        let limit = |side| (self.alert_type == side).then_some(self.threshold.minor);
        QueryParts {
            kind: Self::KIND,
            name: String::new(),
            keywords: self.keywords.clone(),
            currency: self.threshold.currency,
            min_minor: limit(AlertType::Over),
            max_minor: limit(AlertType::Under),
            price_per: self.price_per,
            include_free: self.include_free,
            sources: self.sources.clone(),
            location: None,
            // Only saved searches can collect matches without notifying.
            tells: true,
            quiet_minutes: self.cooldown_minutes,
            active: self.active,
        }
    }

    fn from_parts(parts: QueryParts) -> Option<Self> {
        if parts.kind != Self::KIND {
            return None;
        }
        // An alert has exactly one limit: a maximum means `under`, a minimum `over`.
        let (alert_type, minor) = match (parts.max_minor, parts.min_minor) {
            (Some(minor), _) => (AlertType::Under, minor),
            (None, minor) => (AlertType::Over, minor?),
        };
        Some(Self {
            keywords: parts.keywords,
            threshold: Money { minor, currency: parts.currency },
            alert_type,
            price_per: parts.price_per,
            include_free: parts.include_free,
            cooldown_minutes: parts.quiet_minutes,
            sources: parts.sources,
            active: parts.active,
        })
    }
}

impl NewPriceAlert {
    const MAX_COOLDOWN_MINUTES: u32 = 7 * 24 * 60;
}

impl AlertType {
    /// Returns the name used in the API.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

fn unknown_alert_type(text: &str) -> InvalidField {
    InvalidField::new(format!("is {}; give \"under\" or \"over\"", quoted(text)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::query::QueryChange;
    use super::*;
    use crate::field::InvalidFields;

    fn sample() -> NewPriceAlert {
        let value = json!({ "keywords": "corvette", "threshold_price": 24.99, "alert_type": "over", "currency": "eur",
            "price_per": "week", "include_free": true, "cooldown_minutes": 60, "sources": ["ksl", "Craigslist", "ksl"] });
        NewPriceAlert::from_json(&value, Currency::USD).unwrap()
    }

    fn changed(change: Value) -> Result<QueryChange<NewPriceAlert>, InvalidFields> {
        let Value::Object(change) = change else { panic!("{change} is no object") };
        sample().change(&change, Currency::USD)
    }

    #[test]
    fn an_alert_survives_its_parts() {
        let alert = sample();
        assert_eq!((alert.threshold.minor, alert.sources.len()), (2499, 2));
        assert_eq!(NewPriceAlert::from_parts(alert.to_parts()), Some(alert));
    }

    #[test]
    fn a_change_reads_what_it_gives() {
        let yen = Currency::parse("JPY").unwrap();
        for (change, expected) in [
            (json!({}), sample()),
            (json!({ "price_per": null }), NewPriceAlert { price_per: None, ..sample() }),
            (json!({ "keywords": "camaro" }), NewPriceAlert { keywords: "camaro".into(), ..sample() }),
            (json!({ "sources": null, "active": false }), NewPriceAlert { sources: vec![], active: false, ..sample() }),
            // The number of units is kept.
            (json!({ "currency": "jpy" }), NewPriceAlert { threshold: Money { minor: 25, currency: yen }, ..sample() }),
            (
                json!({ "currency": null, "threshold_price": 1.5 }),
                NewPriceAlert { threshold: Money { minor: 150, currency: Currency::USD }, ..sample() },
            ),
        ] {
            assert_eq!(changed(change.clone()), Ok(QueryChange::Edit(expected)), "{change}");
        }
        assert_eq!(changed(json!({ "active": false })), Ok(QueryChange::SetActive(false)));
        assert_eq!(changed(json!({ "active": null })), Ok(QueryChange::SetActive(true)));
        for (wrong, field) in [
            (json!({ "threshold_price": null }), "threshold_price"),
            (json!({ "active": "no" }), "active"),
            (json!({ "price_per": "fortnight" }), "price_per"),
            (json!({ "price_per": 30 }), "price_per"),
            (json!({ "id": 7 }), "id"),
        ] {
            assert_eq!(changed(wrong).unwrap_err().errors[0].field, field);
        }
        let refused = NewPriceAlert::from_json(&json!({ "threshold_price": 1, "active": false }), Currency::USD);
        assert_eq!(refused.unwrap_err().errors[0].field, "active", "a new alert is active");
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let value = json!({ "keywords": 7, "alert_type": "below", "cooldown_minutes": -1, "sources": "ksl" });
        let invalid = NewPriceAlert::from_json(&value, Currency::USD).unwrap_err();
        let fields: Vec<_> = invalid.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["keywords", "threshold_price", "alert_type", "cooldown_minutes", "sources"]);
        let invalid = NewPriceAlert::from_json(&json!({ "treshold_price": 7 }), Currency::USD).unwrap_err();
        assert_eq!(invalid.errors[0].field, "treshold_price");
    }
}
