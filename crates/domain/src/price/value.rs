//! The price of an ad, and what its text says beside the amount.

use serde_json::Value;

use crate::money::{Currency, Money};
use crate::price_period::PricePeriod;

/// What an ad asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Price {
    /// A one-off amount.
    Amount(Money),
    /// Given away.
    Free,
    /// An amount for each period, such as a rent, wages or a price per area.
    Recurring(Money, PricePeriod),
    /// The ad does not say.
    #[default]
    Unstated,
}

/// A price and what its text says beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParsedPrice {
    /// What the ad asks.
    pub price: Price,
    /// Whether it takes offers.
    pub negotiable: bool,
    /// What it asked before, where it says so.
    pub previous: Option<Money>,
    /// Whether the amount only fills the field, as $1 and $12345 do.
    pub placeholder: bool,
}

impl Price {
    /// The price on the wire: a number of units, 0 when free, `null` when there is none.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Amount(money) | Self::Recurring(money, _) => money.to_json().into(),
            Self::Free => 0.into(),
            Self::Unstated => Value::Null,
        }
    }

    /// The amount, where there is one; that of a recurring price is for one period.
    pub const fn money(&self) -> Option<Money> {
        match self {
            Self::Amount(money) | Self::Recurring(money, _) => Some(*money),
            _ => None,
        }
    }

    /// The name of the kind of price.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Amount(_) => "amount",
            Self::Free => "free",
            Self::Recurring(..) => "recurring",
            Self::Unstated => "unstated",
        }
    }

    /// Whether the amount only fills the field: $1, $123, $1234, $11111 and the like.
    pub fn is_placeholder(&self) -> bool {
        let Some(money) = self.money() else { return false };
        let units = money.minor / money.currency.minor_per_unit();
        let rest = money.minor % money.currency.minor_per_unit();
        let digits = units.to_string();
        let counts_up = digits.len() >= 3 && "123456789".starts_with(&digits);
        // $1,111 is hardly meant; of other digits, four may well be ($9,999).
        let least = if units % 10 == 1 { 4 } else { 5 };
        let repeats = digits.len() >= least && digits.bytes().all(|digit| digit == digits.as_bytes()[0]);
        rest == 0 && (units == 1 || counts_up || repeats)
    }

    /// The period that the price is for; `None` for the price of a sale, and where there is no price.
    pub const fn per(&self) -> Option<PricePeriod> {
        match self {
            Self::Recurring(_, per) => Some(*per),
            _ => None,
        }
    }

    /// Returns whether this is an amount that is not for a period.
    pub fn is_one_off(&self) -> bool {
        matches!(self, Self::Amount(_))
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

/// What becomes of recurring prices, such as rents, before they are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecurringPrice {
    /// They are prices with their period.
    #[default]
    Amount,
    /// They count as not stated.
    Null,
}

impl RecurringPrice {
    /// The price by this rule.
    #[must_use]
    pub fn apply(self, price: Price) -> Price {
        match self {
            Self::Null if price.per().is_some() => Price::Unstated,
            _ => price,
        }
    }
}

impl From<Money> for Price {
    /// An amount of nothing is a gift.
    fn from(money: Money) -> Self {
        if money.minor == 0 { Self::Free } else { Self::Amount(money) }
    }
}

impl From<Price> for ParsedPrice {
    fn from(price: Price) -> Self {
        Self { price, negotiable: false, previous: None, placeholder: price.is_placeholder() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(minor: i64) -> Money {
        Money { minor, currency: Currency::USD }
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
