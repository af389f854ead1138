//! What invalid optional fields of a posted listing mean, where that is certain.
//!
//! A field that is not understood is left out: no value is better than a wrong one.

use serde_json::Value;
use url::Url;

use super::condition::ItemCondition;
use super::read::{clip, read_image_url, read_price};
use crate::field::{InvalidField, quoted, shown};
use crate::link::ListingLink;
use crate::money::Currency;
use crate::price::{ParsedPrice, Price, parse_price};
use crate::price_period::PricePeriod;
use crate::time::{Timestamp, parse_other_timestamp, rfc3339};

/// A usable value, and what was done to get it, which completes a warning such as `cut to 200 characters: ...`.
pub(super) struct RepairedValue<T> {
    value: T,
    repair: String,
}

impl<T> RepairedValue<T> {
    fn read_as(value: T, shown: &str) -> Self {
        Self { value, repair: format!("read as {shown}") }
    }
}

/// Stores a valid value; of an invalid one, stores what it means, if that is known, and returns the error with it.
pub(super) fn assign_or_repair<T>(
    place: &mut T,
    read: Result<T, InvalidField>,
    repair: impl FnOnce() -> Option<RepairedValue<T>>,
) -> Result<(), InvalidField> {
    let fault = match read {
        Ok(value) => {
            *place = value;
            return Ok(());
        }
        Err(fault) => fault,
    };
    let Some(repaired) = repair() else { return Err(fault) };
    *place = repaired.value;
    Err(fault.repaired(repaired.repair))
}

/// Reads a price; in an unknown currency (`None`), only one whose text states its own.
pub(super) fn read_posted_price(value: &Value, currency: Option<Currency>) -> Result<ParsedPrice, InvalidField> {
    let Some(currency) = currency else {
        let price = read_price(Some(value), Currency::NONE)?;
        if price.price.money().is_some_and(|money| money.currency == Currency::NONE) {
            return Err(InvalidField::new(format!(
                "{} is in a currency that is not known; give its code as currency, such as USD",
                shown(value)
            )));
        }
        return Ok(ParsedPrice { previous: price.previous.filter(|money| money.currency != Currency::NONE), ..price });
    };
    read_price(Some(value), currency)
}

/// Reads a sign or name of a currency, such as `€` or `US$`, as it is read in prices.
pub(super) fn repair_currency(value: &Value, default: Currency) -> Option<RepairedValue<Currency>> {
    let text = short_words(value)?;
    // Five units and nothing else: "k€", "pence" and "€/mo" say more than a currency.
    let read_with = |default| match parse_price(&format!("5 {text}"), default).price {
        Price::Amount(money) if money.minor == 5 * money.currency.minor_per_unit() => Some(money.currency),
        _ => None,
    };
    // Of the currencies that share a sign, the server's own comes first.
    let currency = read_with(default)?;
    let is_stated = read_with(Currency::NONE)? != Currency::NONE;
    is_stated.then(|| RepairedValue::read_as(currency, currency.as_str()))
}

/// Reads a period in other words, such as `Monthly` or `/mo`, as it is read in prices.
pub(super) fn repair_period(value: &Value) -> Option<RepairedValue<Option<PricePeriod>>> {
    let text = short_words(value)?.trim_start_matches('/');
    // A single letter may be a month, a minute or a metre.
    text.chars().nth(1)?;
    let forms = [format!("5 USD/{text}"), format!("5 USD {text}")];
    let period = forms.iter().find_map(|form| parse_price(form, Currency::USD).price.per())?;
    Some(RepairedValue::read_as(Some(period), period.as_str()))
}

/// Cuts a text that is too long, and takes a number, such as a postcode, as text.
pub(super) fn repair_text(
    value: &Value,
    clean: fn(&str) -> String,
    max_chars: usize,
) -> Option<RepairedValue<Option<String>>> {
    match value {
        Value::Number(number) => Some(RepairedValue::read_as(Some(number.to_string()), "text")),
        Value::String(text) => {
            let repair = format!("cut to {max_chars} characters");
            Some(RepairedValue { value: Some(clip(clean(text.trim()), max_chars)), repair })
        }
        _ => None,
    }
}

/// Completes an address from that of the ad, and takes the first usable address of a list.
pub(super) fn repair_image_url(value: &Value, link: Option<&ListingLink>) -> Option<RepairedValue<Option<String>>> {
    let address = match value {
        Value::Array(list) => list.iter().find_map(|item| read_image_url(item).ok().flatten())?,
        Value::String(text) => {
            let text = text.trim();
            // Anything else may as well be a word.
            if !text.starts_with('/') || text.contains(char::is_control) {
                return None;
            }
            let address = Url::parse(link?.as_str()).ok()?.join(text).ok()?;
            read_image_url(&Value::from(String::from(address))).ok().flatten()?
        }
        _ => return None,
    };
    let shown = quoted(&address);
    Some(RepairedValue::read_as(Some(address), &shown))
}

/// Reads a condition as sites word it.
pub(super) fn repair_condition(value: &Value) -> Option<RepairedValue<Option<ItemCondition>>> {
    let condition = ItemCondition::from_words(value.as_str()?)?;
    Some(RepairedValue::read_as(Some(condition), condition.as_str()))
}

/// Reads a time in Unix time or as mails state it.
pub(super) fn repair_time(value: &Value) -> Option<RepairedValue<Option<Timestamp>>> {
    let time = match value {
        Value::Number(number) => parse_other_timestamp(&number.to_string())?,
        Value::String(text) => parse_other_timestamp(text)?,
        _ => return None,
    };
    Some(RepairedValue::read_as(Some(time), &rfc3339(time)))
}

/// Returns the text of a sign or a few words without an amount.
fn short_words(value: &Value) -> Option<&str> {
    const MAX_BYTES: usize = 40;
    let text = value.as_str()?.trim();
    // The square of `m²` is a number to Unicode.
    let has_number = text.contains(|c: char| c.is_numeric() && c != '²');
    (!text.is_empty() && text.len() <= MAX_BYTES && !has_number).then_some(text)
}
