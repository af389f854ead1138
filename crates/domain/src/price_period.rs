//! The periods that recurring prices are for.

use serde::{Deserialize, Serialize};

use crate::field::{InvalidField, quoted};
use crate::money::Currency;
use crate::price::{ParsedPrice, Price};

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

impl Price {
    /// The period that the price is for; `None` for the price of a sale, and where there is no price.
    pub const fn per(&self) -> Option<PricePeriod> {
        match self {
            Self::Recurring(_, per) => Some(*per),
            _ => None,
        }
    }

    /// The price for that period where it states an amount without a period: a period that a text states is closer to the
    /// truth than what its source usually means.
    #[must_use]
    pub fn per_unless_stated(self, per: Option<PricePeriod>) -> Self {
        match (self, per) {
            (Self::Amount(money), Some(per)) => Self::Recurring(money, per),
            _ => self,
        }
    }

    /// The price where only amounts in that currency and for that period are meaningful: other amounts count as not stated.
    #[must_use]
    pub fn in_unit(self, currency: Currency, per: Option<PricePeriod>) -> Self {
        let is_other = self.money().is_some_and(|money| money.currency != currency || self.per() != per);
        if is_other { Self::Unstated } else { self }
    }
}

impl ParsedPrice {
    /// The same with [`Price::per_unless_stated`].
    #[must_use]
    pub fn per_unless_stated(self, per: Option<PricePeriod>) -> Self {
        Self { price: self.price.per_unless_stated(per), ..self }
    }
}

fn unknown_period(text: &str) -> InvalidField {
    let names = PricePeriod::NAMES.join(", ");
    InvalidField::new(format!("{} is no period of a price; give {names}, or null for a sale", quoted(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;

    fn dollars(minor: i64) -> Money {
        Money { minor, currency: Currency::USD }
    }

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

    #[test]
    fn a_stated_period_stays() {
        use PricePeriod::{Month, Week};
        let rent = Price::Recurring(dollars(50_000), Week);
        assert_eq!(Price::Amount(dollars(1)).per_unless_stated(Some(Month)), Price::Recurring(dollars(1), Month));
        for kept in [rent, Price::Free, Price::Unstated] {
            assert_eq!(kept.per_unless_stated(Some(Month)), kept);
        }
        assert_eq!(Price::Amount(dollars(1)).per_unless_stated(None), Price::Amount(dollars(1)));
    }

    #[test]
    fn an_amount_counts_in_its_own_unit_only() {
        use PricePeriod::{Month, Week};
        let euro = Currency::parse("EUR").unwrap();
        let sale = Price::Amount(dollars(100));
        let rent = Price::Recurring(dollars(100), Month);
        for (price, currency, per, is_meaningful) in [
            (sale, Currency::USD, None, true),
            (sale, Currency::USD, Some(Month), false),
            (sale, euro, None, false),
            (rent, Currency::USD, Some(Month), true),
            (rent, Currency::USD, Some(Week), false),
            (rent, Currency::USD, None, false),
            (rent, euro, Some(Month), false),
            (Price::Free, euro, None, true),
            (Price::Free, euro, Some(Month), true),
        ] {
            let expected = if is_meaningful { price } else { Price::Unstated };
            assert_eq!(price.in_unit(currency, per), expected, "{price:?} in {currency} per {per:?}");
        }
    }

    #[test]
    fn a_recurring_price_has_its_amount_on_the_wire() {
        let rent = Price::Recurring(dollars(50_050), PricePeriod::Month);
        assert_eq!(
            (rent.money(), rent.kind(), rent.per()),
            (Some(dollars(50_050)), "recurring", Some(PricePeriod::Month))
        );
        assert_eq!(rent.to_json(), 500.5);
    }
}
