//! The price of an ad, and what its text says beside the amount.

use serde_json::Value;
use strum::{Display, EnumString, IntoStaticStr};

use crate::money::{Currency, Money};

/// What an ad asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Price {
    /// A one-off amount.
    Amount(Money),
    /// Given away.
    Free,
    /// Rent, wages or a price per area; `None` where only the fact was recorded.
    Recurring(Option<RecurringPrice>),
    /// The ad does not say.
    #[default]
    Unstated,
}

/// An amount that is due again each period, or for each unit of area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecurringPrice {
    /// The amount for one period.
    pub amount: Money,
    /// What it buys.
    pub per: PricePeriod,
}

/// What a recurring price is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Display, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
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
            Self::Amount(money) => money.to_json().into(),
            Self::Free => 0.into(),
            Self::Recurring(_) | Self::Unstated => Value::Null,
        }
    }

    /// The price where only numbers of that currency are meaningful: an amount in another one counts as not stated.
    #[must_use]
    pub fn in_currency(self, currency: Currency) -> Self {
        let is_other = self.money().is_some_and(|money| money.currency != currency);
        if is_other { Self::Unstated } else { self }
    }

    /// The one-off amount, where there is one.
    pub const fn money(&self) -> Option<Money> {
        match self {
            Self::Amount(money) => Some(*money),
            _ => None,
        }
    }

    /// The amount for each period, where it is known.
    pub const fn recurring(&self) -> Option<RecurringPrice> {
        match self {
            Self::Recurring(recurring) => *recurring,
            _ => None,
        }
    }

    /// The name of the kind of price.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Amount(_) => "amount",
            Self::Free => "free",
            Self::Recurring(_) => "recurring",
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
