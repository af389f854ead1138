//! One value of the old database, whatever type it has: SQLite lets any column hold anything.

use serde_json::{Number, Value};
use superbot_domain::{Currency, Timestamp, parse_timestamp, read_price};

/// A value as it was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    /// A blob, or text that is no UTF-8.
    Bytes(usize),
    /// More bytes than any field here holds; it was not read.
    TooLong(i64),
}

/// Why a value cannot be what its column says; the value itself is shown beside it.
pub(super) type Refusal = String;

impl Cell {
    /// A number for a text is its digits; blank is nothing.
    pub(super) fn text(&self) -> Result<Option<String>, Refusal> {
        match self {
            Self::Null => Ok(None),
            Self::Integer(number) => Ok(Some(number.to_string())),
            Self::Real(number) => Ok(Some(number.to_string())),
            Self::Text(text) => Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)),
            Self::Bytes(_) => Err("is no UTF-8 text".to_owned()),
            Self::TooLong(_) => Err("is longer than any text here may be".to_owned()),
        }
    }

    /// As JSON, numbers as numbers.
    pub(super) fn json(&self) -> Result<Value, Refusal> {
        match self {
            Self::Integer(number) => Ok((*number).into()),
            Self::Real(number) => Number::from_f64(*number).map(Value::Number).ok_or_else(|| "is no number".to_owned()),
            _ => Ok(self.text()?.into()),
        }
    }

    /// A whole number, be it written as text.
    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Yes or no, as SQLite, Python or a person writes it.
    pub(super) fn flag(&self) -> Result<Option<bool>, Refusal> {
        let Some(text) = self.text()? else { return Ok(None) };
        match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" | "y" | "on" => Ok(Some(true)),
            "0" | "false" | "f" | "no" | "n" | "off" => Ok(Some(false)),
            _ => Err("is neither yes nor no; 1 or 0 would be right".to_owned()),
        }
    }

    /// A moment; one without a zone is taken as UTC.
    pub(super) fn time(&self) -> Result<Option<Timestamp>, Refusal> {
        match self {
            Self::Null => Ok(None),
            Self::Integer(_) | Self::Real(_) => {
                Err("is no time; text such as 2025-10-09 10:30:00 would be right".into())
            }
            _ => self.text()?.map(|text| parse_timestamp(&text).map_err(|error| error.to_string())).transpose(),
        }
    }

    /// An amount in units, which text may write as people do; 0 is nothing, as it was to the old program.
    pub(super) fn limit(&self, currency: Currency) -> Result<Option<Value>, Refusal> {
        let amount = match self.json()? {
            Value::String(text) => {
                let price = read_price(Some(&Value::String(text)), currency).map_err(|error| error.to_string())?;
                let amount = price.price.money().filter(|_| price.price.per().is_none());
                amount.map(|money| Value::Number(money.to_json())).ok_or("is no amount".to_owned())?
            }
            other => other,
        };
        Ok(Some(amount).filter(|amount| !amount.is_null() && amount.as_f64() != Some(0.0)))
    }

    /// As a report shows it.
    pub(super) fn shown(&self) -> String {
        const SHOWN_CHARS: usize = 60;
        match self {
            Self::Null => "nothing".to_owned(),
            Self::Integer(number) => number.to_string(),
            Self::Real(number) => number.to_string(),
            Self::Text(text) => match text.char_indices().nth(SHOWN_CHARS) {
                Some((end, _)) => format!("{:?}", format!("{}…", &text[..end])),
                None => format!("{text:?}"),
            },
            Self::Bytes(bytes) => format!("{bytes} bytes"),
            Self::TooLong(bytes) => format!("{bytes} bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_as_what_it_means() {
        let text = |text: &str| Cell::Text(text.to_owned());
        assert_eq!(Cell::Integer(7).text(), Ok(Some("7".to_owned())));
        assert_eq!(text("  ").text(), Ok(None));
        assert_eq!(text(" 12 ").integer(), Some(12));
        assert_eq!((text("abc").integer(), Cell::Real(1.5).integer()), (None, None));
        assert_eq!((text("True").flag(), Cell::Integer(0).flag()), (Ok(Some(true)), Ok(Some(false))));
        assert!(text("maybe").flag().is_err() && Cell::Integer(2).flag().is_err() && Cell::Bytes(3).flag().is_err());
        assert_eq!(text("$5,000").limit(Currency::USD), Ok(Some(5000.into())));
        assert_eq!((Cell::Integer(0).limit(Currency::USD), Cell::Null.limit(Currency::USD)), (Ok(None), Ok(None)));
        assert!(text("cheap").limit(Currency::USD).is_err() && Cell::Real(f64::NAN).limit(Currency::USD).is_err());
        assert!(Cell::Integer(1_760_000_000).time().is_err() && text("yesterday").time().is_err());
        assert!(text("2025-11-05 18:52:40.123456").time().unwrap().is_some());
    }

    #[test]
    fn a_value_is_shown_short() {
        assert_eq!(Cell::Text("é\u{202e}\n".repeat(100)).shown().matches("\\u{202e}").count(), 20);
        assert_eq!(Cell::TooLong(70_000).shown(), "70000 bytes");
    }
}
