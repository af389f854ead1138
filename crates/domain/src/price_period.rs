//! The periods that recurring prices are for.

use serde::{Deserialize, Serialize};

use crate::field::{InvalidField, quoted};

/// The period that a recurring price is for, such as a rent's month; or the unit of area, where land is let or sold by it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidField, parse_err_fn = unknown_period)]
pub enum PricePeriod {
    /// An hour.
    Hour,
    /// A day or a night.
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
    /// A unit of area, such as a square metre.
    Area,
}

impl PricePeriod {
    /// The names of all periods.
    pub const NAMES: &[&str] = <Self as strum::VariantNames>::VARIANTS;

    /// Every period.
    pub const ALL: [Self; 6] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year, Self::Area];

    /// Its name, as it is stored and sent.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

fn unknown_period(text: &str) -> InvalidField {
    let names = PricePeriod::NAMES.join(", ");
    InvalidField::new(format!("{} is no period of a price; give {names}, or null for a sale", quoted(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for period in PricePeriod::ALL {
            assert_eq!(period.as_str().parse(), Ok(period));
        }
        assert_eq!(PricePeriod::NAMES, ["hour", "day", "week", "month", "year", "area"]);
        for wrong in ["", "Month", "months", "mo", "fortnight", "night", " day", "/mo", "m2", "null", "0"] {
            let refused = wrong.parse::<PricePeriod>().unwrap_err().to_string();
            assert!(refused.contains(&format!("{wrong:?}")) && refused.contains("hour, day, week"), "{refused}");
        }
    }
}
