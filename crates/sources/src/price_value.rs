//! Prices as settings say that a page states them.

use serde_json::Value;
use superbot_domain::{Currency, Money, ParsedPrice, Price, parse_price};

use crate::embedded::text;
use crate::page::price_line;

/// What the numbers of a page count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum AmountUnit {
    /// Dollars, euros, yen.
    #[default]
    Whole,
    /// Cents, where the currency has some.
    Minor,
}

/// What a price of 0 means on a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ZeroMeaning {
    #[default]
    Free,
    /// The seller has not filled it in.
    Unstated,
}

/// How a page states its prices.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PriceStyle {
    pub(crate) currency: Currency,
    pub(crate) unit: AmountUnit,
    /// How many decimal places the numbers have without a point; that of the currency where the page does not say.
    pub(crate) exponent: Option<u32>,
    pub(crate) zero: ZeroMeaning,
}

/// The fields of an object that may hold its amount: what is asked now comes before what is asked for otherwise.
const AMOUNT_FIELDS: [&str; 16] = [
    "sale_price",
    "salePrice",
    "current",
    "currentPrice",
    "now",
    "amount",
    "value",
    "price",
    "min",
    "minPrice",
    "raw",
    "formatted",
    "formattedPrice",
    "display",
    "label",
    "text",
];
const CURRENCY_FIELDS: [&str; 7] =
    ["currency", "currencyCode", "currency_code", "priceCurrency", "currencyIso", "currencySymbol", "symbol"];
/// Prices are not nested deeper.
const MAX_DEPTH: usize = 3;

impl PriceStyle {
    /// The price that a value of JSON states; none where it states one that is not understood.
    pub(crate) fn read(&self, value: &Value) -> Option<ParsedPrice> {
        self.read_nested(value, MAX_DEPTH)
    }

    /// The price that a text states; none where it states one that is not understood.
    pub(crate) fn read_text(&self, written: &str) -> Option<ParsedPrice> {
        let written = price_line(written).unwrap_or_default();
        let price = match written.parse() {
            Ok(number) if self.counts_minor_units() => self.amount(number)?,
            _ => parse_price(&written, self.currency),
        };
        let is_understood = price.price != Price::Unstated || !written.contains(|c: char| c.is_ascii_digit());
        is_understood.then(|| self.with_zero(price))
    }

    fn read_nested(&self, value: &Value, depth: usize) -> Option<ParsedPrice> {
        match value {
            Value::Null | Value::Bool(_) => Some(Price::Unstated.into()),
            Value::Number(number) => self.amount(number.as_f64()?).map(|price| self.with_zero(price)),
            Value::String(written) => self.read_text(written),
            Value::Array(items) if items.is_empty() => Some(Price::Unstated.into()),
            _ if depth == 0 => None,
            Value::Array(items) => items.iter().take(8).find_map(|item| self.read_nested(item, depth - 1)),
            Value::Object(fields) => {
                let currency = CURRENCY_FIELDS.iter().find_map(|name| text(fields.get(*name)?));
                let style = match currency.as_deref() {
                    Some(written) => Self { currency: read_currency(written, self.currency)?, ..*self },
                    None => *self,
                };
                let amounts =
                    AMOUNT_FIELDS.iter().filter_map(|name| fields.get(*name)).filter(|value| !value.is_null());
                amounts.take(8).find_map(|value| style.read_nested(value, depth - 1))
            }
        }
    }

    const fn counts_minor_units(&self) -> bool {
        matches!(self.unit, AmountUnit::Minor) || self.exponent.is_some()
    }

    fn amount(&self, number: f64) -> Option<ParsedPrice> {
        let exponent = match (self.exponent, self.unit) {
            (Some(exponent), _) => exponent,
            (None, AmountUnit::Minor) => self.currency.exponent(),
            (None, AmountUnit::Whole) => 0,
        };
        let scale = 10_f64.powi(i32::try_from(exponent).ok()?);
        Money::from_units(number / scale, self.currency).map(|money| Price::from(money).into())
    }

    fn with_zero(&self, price: ParsedPrice) -> ParsedPrice {
        match (price.price, self.zero) {
            (Price::Free, ZeroMeaning::Unstated) => Price::Unstated.into(),
            _ => price,
        }
    }
}

/// A currency by its code, or by the sign or the name that prices are written with; a sign of several means `default` if that is one
/// of them.
pub(crate) fn read_currency(written: &str, default: Currency) -> Option<Currency> {
    let written = written.trim();
    let is_code = written.len() == 3 && written.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_upper = written.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_code && is_upper {
        return Currency::parse(written).ok();
    }
    let read =
        |default: Currency| parse_price(&format!("{written} 75"), default).price.money().map(|money| money.currency);
    // A word that is read as different currencies, depending on the default, is none.
    let is_sign = !written.is_empty() && !written.contains(char::is_alphanumeric);
    let others = ["JPY", "USD"].map(|code| Currency::parse(code).ok().and_then(read));
    let known = if is_sign || others[0] == others[1] { read(default) } else { None };
    known.filter(|_| !written.is_empty()).or_else(|| if is_code { Currency::parse(written).ok() } else { None })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn style(code: &str, unit: AmountUnit, exponent: Option<u32>) -> PriceStyle {
        PriceStyle { currency: Currency::parse(code).unwrap(), unit, exponent, zero: ZeroMeaning::Free }
    }

    fn shown(price: Option<ParsedPrice>) -> String {
        let Some(price) = price else { return "unread".to_owned() };
        price.price.money().map_or_else(|| price.price.kind().to_owned(), |money| money.to_string())
    }

    #[test]
    fn amounts_are_read_in_every_shape() {
        use AmountUnit::{Minor, Whole};
        let money = |units: f64, code: &str| {
            shown(Some(Price::from(Money::from_units(units, Currency::parse(code).unwrap()).unwrap()).into()))
        };
        for (value, style, expected) in [
            (json!(45), style("EUR", Whole, None), money(45.0, "EUR")),
            (json!(4500), style("EUR", Minor, None), money(45.0, "EUR")),
            (json!("4500"), style("EUR", Minor, None), money(45.0, "EUR")),
            (json!(4500), style("JPY", Minor, None), money(4500.0, "JPY")),
            (json!(4500), style("KWD", Minor, None), money(4.5, "KWD")),
            (json!("4500"), style("EUR", Whole, Some(2)), money(45.0, "EUR")),
            (json!("4500"), style("EUR", Whole, Some(0)), money(4500.0, "EUR")),
            (json!("45 €"), style("EUR", Minor, None), money(45.0, "EUR")),
            (json!([1200]), style("USD", Whole, None), money(1200.0, "USD")),
            (json!([]), style("USD", Whole, None), "unstated".to_owned()),
            (json!([[1200, 1300]]), style("USD", Whole, None), money(1200.0, "USD")),
            (json!({ "amount": 12, "currency": "EUR" }), style("USD", Whole, None), money(12.0, "EUR")),
            (json!({ "amount": "12", "currency_code": "€" }), style("USD", Whole, None), money(12.0, "EUR")),
            (json!({ "current": { "value": 12 }, "old": 15 }), style("USD", Whole, None), money(12.0, "USD")),
            (json!({ "amount": null, "display": "$12" }), style("USD", Whole, None), money(12.0, "USD")),
            (json!({ "other": 12 }), style("USD", Whole, None), "unread".to_owned()),
            (json!({ "amount": 12, "currency": "points" }), style("USD", Whole, None), "unread".to_owned()),
            (json!(null), style("USD", Whole, None), "unstated".to_owned()),
            (json!(false), style("USD", Whole, None), "unstated".to_owned()),
            (json!(""), style("USD", Whole, None), "unstated".to_owned()),
            (json!(0), style("USD", Whole, None), "free".to_owned()),
            (json!(-1), style("USD", Whole, None), "unread".to_owned()),
        ] {
            assert_eq!(shown(style.read(&value)), expected, "{value}");
        }
        let zero = PriceStyle { zero: ZeroMeaning::Unstated, ..style("USD", Whole, None) };
        for value in [json!(0), json!("0"), json!("$0.00"), json!({ "amount": 0 })] {
            assert_eq!(shown(zero.read(&value)), "unstated", "{value}");
        }
    }

    #[test]
    fn currencies_are_known_by_code_and_sign() {
        for (written, expected) in [
            ("EUR", Some("EUR")),
            ("eur", Some("EUR")),
            (" usd ", Some("USD")),
            ("€", Some("EUR")),
            ("£", Some("GBP")),
            ("$", Some("USD")),
            ("", None),
            ("points", None),
        ] {
            assert_eq!(read_currency(written, Currency::USD).as_ref().map(Currency::as_str), expected, "{written}");
        }
    }
}
