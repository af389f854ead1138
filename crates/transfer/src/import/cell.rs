//! Values of the old database; SQLite permits any type in any column.

use serde_json::{Number, Value};
use superbot_domain::{Currency, Timestamp, parse_timestamp, read_price};

/// A value as stored.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ImportCell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    /// A blob, or text that is not UTF-8; its length.
    Bytes(usize),
    /// A value longer than any permitted field, which was not read; its length.
    TooLong(i64),
}

/// Reason why a value is invalid; reports show the value next to it.
pub(super) type CellRefusal = String;

impl ImportCell {
    /// Converts to text; numbers become digits, blank text becomes `None`.
    pub(super) fn text(&self) -> Result<Option<String>, CellRefusal> {
        match self {
            Self::Null => Ok(None),
            Self::Integer(number) => Ok(Some(number.to_string())),
            Self::Real(number) => Ok(Some(number.to_string())),
            Self::Text(text) => Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)),
            Self::Bytes(_) => Err("is not UTF-8 text".to_owned()),
            Self::TooLong(_) => Err("is longer than any permitted text".to_owned()),
        }
    }

    /// Converts to JSON, preserving numbers.
    pub(super) fn json(&self) -> Result<Value, CellRefusal> {
        match self {
            Self::Integer(number) => Ok((*number).into()),
            Self::Real(number) => {
                Number::from_f64(*number).map(Value::Number).ok_or_else(|| "is not a number".to_owned())
            }
            _ => Ok(self.text()?.into()),
        }
    }

    /// Converts to an integer, also from text.
    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Converts to a boolean, as written by SQLite, Python or people.
    pub(super) fn flag(&self) -> Result<Option<bool>, CellRefusal> {
        let Some(text) = self.text()? else { return Ok(None) };
        match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" | "y" | "on" => Ok(Some(true)),
            "0" | "false" | "f" | "no" | "n" | "off" => Ok(Some(false)),
            _ => Err("is neither true nor false; 1 or 0 would be right".to_owned()),
        }
    }

    /// Converts to a time; without a time zone it is taken as UTC.
    pub(super) fn time(&self) -> Result<Option<Timestamp>, CellRefusal> {
        match self {
            Self::Null => Ok(None),
            Self::Integer(_) | Self::Real(_) => {
                Err("is not a time; text such as 2025-10-09 10:30:00 would be right".into())
            }
            _ => self.text()?.map(|text| parse_timestamp(&text).map_err(|error| error.to_string())).transpose(),
        }
    }

    /// Converts to an amount in units, also from text such as "$50"; 0 means no limit, as in the old program.
    pub(super) fn limit(&self, currency: Currency) -> Result<Option<Value>, CellRefusal> {
        let amount = match self.json()? {
            Value::String(text) => {
                let price = read_price(Some(&Value::String(text)), currency).map_err(|error| error.to_string())?;
                let amount = price.price.money().filter(|_| price.price.per().is_none());
                amount.map(|money| Value::Number(money.to_json())).ok_or("is not an amount".to_owned())?
            }
            other => other,
        };
        Ok(Some(amount).filter(|amount| !amount.is_null() && amount.as_f64() != Some(0.0)))
    }

    /// Formats the value for a report.
    pub(super) fn shown(&self) -> String {
        const SHOWN_CHARS: usize = 60;
        match self {
            Self::Null => "nothing".to_owned(),
            Self::Integer(number) => number.to_string(),
            Self::Real(number) => number.to_string(),
            // Debug formatting escapes control characters, which a terminal would interpret.
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
        let text = |text: &str| ImportCell::Text(text.to_owned());
        assert_eq!(ImportCell::Integer(7).text(), Ok(Some("7".to_owned())));
        assert_eq!(text("  ").text(), Ok(None));
        assert_eq!(text(" 12 ").integer(), Some(12));
        assert_eq!((text("abc").integer(), ImportCell::Real(1.5).integer()), (None, None));
        assert_eq!((text("True").flag(), ImportCell::Integer(0).flag()), (Ok(Some(true)), Ok(Some(false))));
        assert!(
            text("maybe").flag().is_err()
                && ImportCell::Integer(2).flag().is_err()
                && ImportCell::Bytes(3).flag().is_err()
        );
        assert_eq!(text("$5,000").limit(Currency::USD), Ok(Some(5000.into())));
        assert_eq!(
            (ImportCell::Integer(0).limit(Currency::USD), ImportCell::Null.limit(Currency::USD)),
            (Ok(None), Ok(None))
        );
        assert!(
            text("cheap").limit(Currency::USD).is_err() && ImportCell::Real(f64::NAN).limit(Currency::USD).is_err()
        );
        assert!(ImportCell::Integer(1_760_000_000).time().is_err() && text("yesterday").time().is_err());
        assert!(text("2025-11-05 18:52:40.123456").time().unwrap().is_some());
    }

    #[test]
    fn a_value_is_shown_short() {
        assert_eq!(ImportCell::Text("é\u{202e}\n".repeat(100)).shown().matches("\\u{202e}").count(), 20);
        assert_eq!(ImportCell::TooLong(70_000).shown(), "70000 bytes");
    }
}
