//! The price of an ad, and what its text says beside the amount.

use serde_json::Value;

use crate::money::Money;
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
