//! Index terms for sources and prices.

use std::ops::RangeInclusive;

use superbot_domain::{Currency, Price, PricePeriod, SourceName};

/// Range of the powers of two by which prices in minor units are indexed; prices beyond it count as its ends. 0.64 to
/// 21 million dollars.
pub(super) const POWERS: RangeInclusive<u32> = 6..=31;

/// Encodes a source name as one word: other characters than letters and digits become their full-width forms, which do
/// not separate words.
pub(super) fn source_word(source: &SourceName) -> String {
    let wide = |c: char| char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c);
    source.as_str().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { wide(c) }).collect()
}

/// The words of a price: its amount, if it can be within a price range, and its period.
pub(super) fn price_words(price: Price) -> impl Iterator<Item = String> {
    let amount = match price {
        Price::Free => Some("free".to_owned()),
        _ if price.is_placeholder() => None,
        _ => price.money().map(|money| amount_word(money.currency, power(money.minor), price.per())),
    };
    amount.into_iter().chain(price.per().map(period_word))
}

/// An amount of that power of two; prices for a period have words of their own, as they are compared with their own kind only.
pub(super) fn amount_word(currency: Currency, power: u32, per: Option<PricePeriod>) -> String {
    format!("{}{power}{}", currency.as_str().to_ascii_lowercase(), per.map_or("", PricePeriod::as_str))
}

/// Any price for that period.
pub(super) fn period_word(per: PricePeriod) -> String {
    format!("per{}", per.as_str())
}

pub(super) fn power(minor: i64) -> u32 {
    minor.max(1).ilog2().clamp(*POWERS.start(), *POWERS.end())
}
