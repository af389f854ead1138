//! Saved searches: words and limits, told all at once from time to time.

use std::str::FromStr;

use serde_json::{Value, json};

use super::fields;
use crate::field::{FieldErrors, Invalid, InvalidField, quoted};
use crate::ids::SavedSearchId;
use crate::money::{Currency, Money};
use crate::source::SourceName;
use crate::time::{Timestamp, rfc3339};

/// What a saved search asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSavedSearch {
    /// What its user calls it, 1 to 200 characters on one line.
    pub name: String,
    /// The query as its user typed it; empty where the rest says enough.
    pub keywords: String,
    /// The currency of the two prices; other currencies are never compared with them.
    pub currency: Currency,
    /// At least so much.
    pub min_price: Option<Money>,
    /// At most so much.
    pub max_price: Option<Money>,
    /// Whether what is given away counts where there is a limit on the price.
    pub include_free: bool,
    /// Only listings of these; of all, when empty.
    pub sources: Vec<SourceName>,
    /// Words that must all be in the listing's place.
    pub location: Option<String>,
    /// Whether it tells what it finds; if not, it only collects.
    pub notify_new: bool,
    /// How often it tells.
    pub cadence: Cadence,
}

/// A saved search of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedSearch {
    /// Its number.
    pub id: SavedSearchId,
    /// What it asks for.
    pub wants: NewSavedSearch,
    /// When it was saved.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
    /// When it last told something.
    pub last_told_at: Option<Timestamp>,
}

/// How often a saved search tells what it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cadence {
    /// At once.
    Instant,
    /// Every 15 minutes.
    QuarterHourly,
    /// Once an hour.
    Hourly,
    /// Once a day.
    Daily,
}

impl NewSavedSearch {
    const FIELDS: [&str; 11] = [
        "name",
        "keywords",
        "currency",
        "min_price",
        "max_price",
        "include_free",
        "sources",
        "location",
        "radius",
        "notify_new",
        "cadence",
    ];

    /// Reads `{name, keywords, min_price?, max_price?, currency?, include_free?, sources?, location?, notify_new?, cadence?}`.
    pub fn from_json(value: &Value, default_currency: Currency) -> Result<Self, Invalid> {
        let object = fields::object(value, "saved search", &Self::FIELDS)?;
        let mut errors = FieldErrors::default();
        let unnamed = || InvalidField::new("is missing; give the search a name");
        let name = errors.take("name", fields::line(object, "name").and_then(|name| name.ok_or_else(unnamed)));
        let keywords = errors.take("keywords", fields::keywords(object));
        let currency = errors.take("currency", fields::currency(object, default_currency));
        let unit = currency.unwrap_or(default_currency);
        let min_price = errors.take("min_price", fields::amount(object, "min_price", unit));
        let max_price = errors.take("max_price", fields::amount(object, "max_price", unit));
        let ordered = match (min_price.flatten(), max_price.flatten()) {
            (Some(min), Some(max)) if min.minor > max.minor => {
                Err(InvalidField::new(format!("is {min}, more than max_price, {max}")))
            }
            _ => Ok(()),
        };
        errors.take("min_price", ordered);
        let include_free = errors.take("include_free", fields::flag(object, "include_free", false));
        let sources = errors.take("sources", fields::sources(object));
        let location = errors.take("location", fields::line(object, "location"));
        let radius = match fields::given(object, "radius") {
            None => Ok(()),
            Some(_) => Err(InvalidField::new(
                "cannot be used: listings carry the words of their place, not where it lies; give words as `location`",
            )),
        };
        errors.take("radius", radius);
        let notify_new = errors.take("notify_new", fields::flag(object, "notify_new", true));
        let cadence =
            fields::text(object, "cadence").and_then(|text| text.map_or(Ok(Cadence::QuarterHourly), str::parse));
        let cadence = errors.take("cadence", cadence);
        let search = (|| {
            Some(Self {
                name: name?,
                keywords: keywords?,
                currency: currency?,
                min_price: min_price?,
                max_price: max_price?,
                include_free: include_free?,
                sources: sources?,
                location: location?,
                notify_new: notify_new?,
                cadence: cadence?,
            })
        })();
        errors.finish(search)
    }

    /// The same as JSON, with the fields that [`Self::from_json`] reads.
    pub fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "keywords": self.keywords,
            "currency": self.currency,
            "min_price": self.min_price.map(Money::to_json),
            "max_price": self.max_price.map(Money::to_json),
            "include_free": self.include_free,
            "sources": self.sources,
            "location": self.location,
            "radius": null,
            "notify_new": self.notify_new,
            "cadence": self.cadence.as_str(),
        })
    }
}

impl SavedSearch {
    /// The search as its owner reads it.
    pub fn to_json(&self) -> Value {
        let mut json = self.wants.to_json();
        json["id"] = self.id.get().into();
        json["created_at"] = rfc3339(self.created_at).into();
        json["updated_at"] = rfc3339(self.updated_at).into();
        json["last_told_at"] = self.last_told_at.map(rfc3339).into();
        json
    }
}

impl Cadence {
    /// Every cadence.
    pub const ALL: [Self; 4] = [Self::Instant, Self::QuarterHourly, Self::Hourly, Self::Daily];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Instant => "instant",
            Self::QuarterHourly => "15m",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
        }
    }

    /// How many minutes lie between two notifications at least.
    pub const fn minutes(self) -> u32 {
        match self {
            Self::Instant => 0,
            Self::QuarterHourly => 15,
            Self::Hourly => 60,
            Self::Daily => 24 * 60,
        }
    }
}

impl FromStr for Cadence {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        Self::ALL.into_iter().find(|cadence| cadence.as_str() == text).ok_or_else(|| {
            InvalidField::new(format!("is {}; give \"instant\", \"15m\", \"hourly\" or \"daily\"", quoted(text)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_survives_its_json() {
        let value = json!({ "name": "  my  cars ", "keywords": "corvette, camaro", "min_price": 1, "max_price": 20.5,
            "sources": ["ksl"], "location": "Salt Lake", "notify_new": false, "cadence": "daily" });
        let search = NewSavedSearch::from_json(&value, Currency::USD).unwrap();
        assert_eq!((search.name.as_str(), search.cadence), ("my cars", Cadence::Daily));
        assert_eq!(NewSavedSearch::from_json(&search.to_json(), Currency::USD), Ok(search));
    }

    #[test]
    fn wrong_fields_are_named() {
        for (wrong, field) in [
            (json!({ "keywords": "x" }), "name"),
            (json!({ "name": "x", "min_price": 5, "max_price": 4 }), "min_price"),
            (json!({ "name": "x", "cadence": "weekly" }), "cadence"),
            (json!({ "name": "x", "radius": 50 }), "radius"),
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
