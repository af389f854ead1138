//! Price alerts: words, and a price to fall to or rise to.

use std::str::FromStr;

use serde_json::{Value, json};

use super::fields;
use crate::field::{FieldErrors, Invalid, InvalidField, quoted, shown};
use crate::ids::PriceAlertId;
use crate::money::{Currency, Money};
use crate::source::SourceName;
use crate::time::{Timestamp, rfc3339};

/// What a price alert asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPriceAlert {
    /// The query as its user typed it; empty where the sources say enough.
    pub keywords: String,
    /// The price that decides, in the currency that is watched; other currencies are never compared with it.
    pub threshold: Money,
    /// On which side of the threshold a price fires.
    pub alert_type: AlertType,
    /// Whether what is given away counts.
    pub include_free: bool,
    /// For so long after a notification, hits are joined into the next one.
    pub cooldown_minutes: u32,
    /// Only listings of these; of all, when empty.
    pub sources: Vec<SourceName>,
}

/// A price alert of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceAlert {
    /// Its number.
    pub id: PriceAlertId,
    /// What it asks for.
    pub wants: NewPriceAlert,
    /// Whether it is not paused.
    pub active: bool,
    /// When it was saved.
    pub created_at: Timestamp,
    /// When it was last edited, paused or resumed.
    pub updated_at: Timestamp,
    /// When it last told something.
    pub last_told_at: Option<Timestamp>,
}

/// On which side of the threshold a price fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertType {
    /// At the threshold and below.
    Under,
    /// At the threshold and above.
    Over,
}

impl NewPriceAlert {
    const FIELDS: [&str; 7] =
        ["keywords", "threshold_price", "alert_type", "currency", "include_free", "cooldown_minutes", "sources"];
    const MAX_COOLDOWN_MINUTES: u32 = 7 * 24 * 60;

    /// Reads `{keywords, threshold_price, alert_type, currency?, include_free?, cooldown_minutes?, sources?}`.
    pub fn from_json(value: &Value, default_currency: Currency) -> Result<Self, Invalid> {
        let object = fields::object(value, "price alert", &Self::FIELDS)?;
        let mut errors = FieldErrors::default();
        let currency = errors.take("currency", fields::currency(object, default_currency));
        let keywords = errors.take("keywords", fields::keywords(object));
        let threshold = fields::amount(object, "threshold_price", currency.unwrap_or(default_currency));
        let missing = || InvalidField::new("is missing; give the price that decides, in units of the currency");
        let threshold = errors.take("threshold_price", threshold.and_then(|amount| amount.ok_or_else(missing)));
        let alert_type =
            fields::text(object, "alert_type").and_then(|text| text.map_or(Ok(AlertType::Under), str::parse));
        let alert_type = errors.take("alert_type", alert_type);
        let include_free = errors.take("include_free", fields::flag(object, "include_free", false));
        let cooldown = match fields::given(object, "cooldown_minutes") {
            None => Ok(0),
            Some(value) => Self::read_cooldown(value),
        };
        let cooldown_minutes = errors.take("cooldown_minutes", cooldown);
        let sources = errors.take("sources", fields::sources(object));
        let alert = (|| {
            currency?;
            Some(Self {
                keywords: keywords?,
                threshold: threshold?,
                alert_type: alert_type?,
                include_free: include_free?,
                cooldown_minutes: cooldown_minutes?,
                sources: sources?,
            })
        })();
        errors.finish(alert)
    }

    /// The same as JSON, with the fields that [`Self::from_json`] reads.
    pub fn to_json(&self) -> Value {
        json!({
            "keywords": self.keywords,
            "threshold_price": self.threshold.to_json(),
            "alert_type": self.alert_type.as_str(),
            "currency": self.threshold.currency,
            "include_free": self.include_free,
            "cooldown_minutes": self.cooldown_minutes,
            "sources": self.sources,
        })
    }

    fn read_cooldown(value: &Value) -> Result<u32, InvalidField> {
        let minutes = value.as_u64().and_then(|minutes| u32::try_from(minutes).ok());
        minutes.filter(|minutes| *minutes <= Self::MAX_COOLDOWN_MINUTES).ok_or_else(|| {
            let most = Self::MAX_COOLDOWN_MINUTES;
            InvalidField::new(format!("is {}; give whole minutes from 0 to {most}", shown(value)))
        })
    }
}

impl PriceAlert {
    /// The alert as its owner reads it.
    pub fn to_json(&self) -> Value {
        let mut json = self.wants.to_json();
        json["id"] = self.id.get().into();
        json["active"] = self.active.into();
        json["created_at"] = rfc3339(self.created_at).into();
        json["updated_at"] = rfc3339(self.updated_at).into();
        json["last_told_at"] = self.last_told_at.map(rfc3339).into();
        json
    }
}

impl AlertType {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Under => "under",
            Self::Over => "over",
        }
    }
}

impl FromStr for AlertType {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        match text {
            "under" => Ok(Self::Under),
            "over" => Ok(Self::Over),
            _ => Err(InvalidField::new(format!("is {}; give \"under\" or \"over\"", quoted(text)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_survives_its_json() {
        let value = json!({ "keywords": "corvette", "threshold_price": 24.99, "alert_type": "over", "currency": "eur",
            "include_free": true, "cooldown_minutes": 60, "sources": ["ksl", "Craigslist", "ksl"] });
        let alert = NewPriceAlert::from_json(&value, Currency::USD).unwrap();
        assert_eq!((alert.threshold.minor, alert.sources.len()), (2499, 2));
        assert_eq!(NewPriceAlert::from_json(&alert.to_json(), Currency::USD), Ok(alert));
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
