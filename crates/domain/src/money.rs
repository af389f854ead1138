//! Amounts of money in integral minor units, so that comparisons and sums are exact.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::field::{InvalidField, quoted};

/// An ISO 4217 currency code, in upper case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// An amount in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units, such as cents for dollars and yen for yen.
    pub minor: i64,
    /// Currency of the amount.
    pub currency: Currency,
}

impl Currency {
    /// US dollars, the default currency.
    pub const USD: Self = Self(*b"USD");

    /// No currency (ISO 4217); as the default of a text, it shows whether the text states one.
    pub(crate) const NONE: Self = Self(*b"XXX");

    /// Reads a three-letter code of any case.
    pub fn parse(text: &str) -> Result<Self, InvalidField> {
        let refused =
            || InvalidField::new(format!("{} is not a currency; give a three-letter code such as USD", quoted(text)));
        let code: [u8; 3] = text.trim().as_bytes().try_into().map_err(|_| refused())?;
        if code.iter().all(u8::is_ascii_alphabetic) {
            Ok(Self(code.map(|byte| byte.to_ascii_uppercase())))
        } else {
            Err(refused())
        }
    }

    /// Returns the code in upper case.
    pub fn as_str(&self) -> &str {
        // The bytes are ASCII letters by construction.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Returns the number of decimal places (ISO 4217): 2 for most currencies, 0 for yen, 3 for dinars.
    pub const fn exponent(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
            | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }

    /// Returns the number of minor units per unit.
    pub const fn minor_per_unit(self) -> i64 {
        10_i64.pow(self.exponent())
    }
}

impl Money {
    /// Maximum amount in units. Higher advertised prices are mistakes or jokes, and the limit prevents overflow in
    /// sums.
    pub const MAX_UNITS: i64 = 1_000_000_000_000;

    /// Converts from units, rounding to minor units; `None` if negative, not finite or above [`Self::MAX_UNITS`].
    pub fn from_units(units: f64, currency: Currency) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "exact in an f64")]
        let max_units = Self::MAX_UNITS as f64;
        #[expect(clippy::cast_precision_loss, reason = "a power of ten that is exact in an f64")]
        let minor_per_unit = currency.minor_per_unit() as f64;
        // NaN is in no range, so it is rejected here as well.
        if !(0.0..=max_units).contains(&units) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "bounded by the line above, far below 2^53")]
        let minor = (units * minor_per_unit).round() as i64;
        Some(Self { minor, currency })
    }

    /// Returns the same number of units in another currency, rounded to its minor units; there is no conversion.
    ///
    /// # Errors
    /// If the number of units is above [`Self::MAX_UNITS`].
    pub(crate) fn with_currency(self, currency: Currency) -> Result<Self, InvalidField> {
        if currency == self.currency {
            return Ok(self);
        }
        Self::from_units(self.to_units(), currency).ok_or_else(|| {
            let units = self.to_json();
            InvalidField::new(format!(
                "cannot become {currency}: {units} is not an amount from 0 to {}",
                Self::MAX_UNITS
            ))
        })
    }

    /// Returns the amount in units, such as 28000 or 24.99.
    pub fn to_units(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "amounts stay below 2^53 minor units")]
        let units = self.minor as f64 / self.currency.minor_per_unit() as f64;
        units
    }

    /// Returns the amount in units as JSON: `28000` if integral, else `24.99`.
    pub fn to_json(self) -> Number {
        let minor_per_unit = self.currency.minor_per_unit();
        // Whole amounts are integers in JSON: `28000`, not `28000.0`.
        if self.minor % minor_per_unit == 0 {
            return (self.minor / minor_per_unit).into();
        }
        Number::from_f64(self.to_units()).unwrap_or_else(|| 0.into())
    }
}

impl FromStr for Currency {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Currency {
    type Error = InvalidField;

    fn try_from(text: String) -> Result<Self, InvalidField> {
        Self::parse(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_json(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_are_three_letters() {
        assert_eq!(Currency::parse(" eur ").unwrap().to_string(), "EUR");
        for text in ["", "EU", "EURO", "E1R", "€€€", "é1"] {
            assert!(Currency::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn units_read_as_people_write_them() {
        let dinar = Currency::parse("KWD").unwrap();
        let yen = Currency::parse("JPY").unwrap();
        for (units, currency, minor, json) in [
            (28_000.0, Currency::USD, 2_800_000, "28000"),
            (24.99, Currency::USD, 2499, "24.99"),
            (1.5, dinar, 1500, "1.5"),
            (300.0, yen, 300, "300"),
            (0.1 + 0.2, Currency::USD, 30, "0.3"),
        ] {
            let money = Money::from_units(units, currency).unwrap();
            assert_eq!((money.minor, money.to_json().to_string().as_str()), (minor, json));
        }
    }

    #[test]
    fn absurd_amounts_are_refused() {
        for units in [-0.01, f64::NAN, f64::INFINITY, 1e13] {
            assert_eq!(Money::from_units(units, Currency::USD), None, "{units}");
        }
    }

    #[test]
    fn another_currency_keeps_the_units_or_is_refused() {
        let yen = Currency::parse("JPY").unwrap();
        let dollars = Money { minor: 150_049, currency: Currency::USD };
        assert_eq!(dollars.with_currency(yen).unwrap(), Money { minor: 1_500, currency: yen });
        for minor in [-1, i64::MAX] {
            assert!(Money { minor, currency: Currency::USD }.with_currency(yen).is_err(), "{minor}");
        }
    }

    proptest! {
        #[test]
        fn no_cent_is_lost_on_the_wire(minor in 0..=Money::MAX_UNITS) {
            let money = Money { minor, currency: Currency::USD };
            let text = money.to_json().to_string();
            prop_assert_eq!(Money::from_units(text.parse().unwrap(), Currency::USD), Some(money));
        }
    }
}
