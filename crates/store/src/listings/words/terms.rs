//! Index terms for sources and prices.

use std::ops::RangeInclusive;

use superbot_domain::{Currency, Price, SourceName};

/// Range of the powers of two by which prices in minor units are indexed; prices beyond it count as its ends. 0.64 to
/// 21 million dollars.
pub(super) const POWERS: RangeInclusive<u32> = 6..=31;

/// Encodes a source name as one word: other characters than letters and digits become their full-width forms, which do
/// not separate words.
pub(super) fn source_word(source: &SourceName) -> String {
    let wide = |c: char| char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c);
    source.as_str().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { wide(c) }).collect()
}

/// Encodes a price as a word; empty if it cannot be within a price range.
pub(super) fn price_word(price: Price) -> String {
    match price {
        Price::Amount(money) if !price.is_placeholder() => amount_word(money.currency, power(money.minor)),
        Price::Free => "free".to_owned(),
        _ => String::new(),
    }
}

pub(super) fn amount_word(currency: Currency, power: u32) -> String {
    format!("{}{power}", currency.as_str().to_ascii_lowercase())
}

pub(super) fn power(minor: i64) -> u32 {
    minor.max(1).ilog2().clamp(*POWERS.start(), *POWERS.end())
}
