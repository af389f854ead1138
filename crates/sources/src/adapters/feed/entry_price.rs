//! Prices in elements of their own.

use superbot_domain::{Currency, ParsedPrice, parse_price};

use super::elements::{Element, EntryElements};
use crate::page::price_line;
use crate::price_value::read_currency;

/// A price as a feed writes it: an amount, and its currency where that is written apart from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrittenPrice {
    pub(super) amount: String,
    pub(super) currency: Option<String>,
}

/// Elements with a price, whatever their prefix.
const PRICE_ELEMENTS: [&str; 3] = ["price", "sale_price", "saleprice"];
/// Elements and attributes with a currency, whatever their prefix.
const CURRENCY_ELEMENTS: [&str; 6] =
    ["currency", "currency_code", "currencycode", "currencyid", "price_currency", "pricecurrency"];
/// Elements whose prices are asked for something else than the item itself: `g:shipping` and the like.
const OTHER_CHARGES: [&str; 19] = [
    "accessories",
    "accessory",
    "delivery",
    "deposit",
    "fee",
    "fees",
    "handling",
    "installment",
    "loyalty_points",
    "loyalty_program",
    "postage",
    "product_fee",
    "related",
    "shipping",
    "shipping_cost",
    "subscription_cost",
    "surcharge",
    "tax",
    "unit_price",
];

impl WrittenPrice {
    /// The price; none where its currency is not understood.
    pub(super) fn read(&self, default: Currency) -> Option<ParsedPrice> {
        let currency = self.currency.as_deref().map_or(Some(default), |written| read_currency(written, default))?;
        Some(parse_price(&self.amount, currency))
    }
}

impl EntryElements<'_> {
    /// The prices of the item itself: what is asked now comes before what was asked before, and what the entry says of itself
    /// before what its variants cost.
    pub(super) fn prices(&self) -> Vec<WrittenPrice> {
        let mut elements: Vec<&Element<'_>> =
            self.elements.iter().filter(|element| self.is_own_price(element)).collect();
        let is_sale = |element: &Element<'_>| element.local_name().starts_with("sale");
        elements.sort_by_cached_key(|element| (!is_sale(element), self.ancestors(element).count()));
        elements.into_iter().filter_map(|element| self.written_price(element)).collect()
    }

    fn is_own_price(&self, element: &Element<'_>) -> bool {
        let is_price_name = |element: &Element<'_>| PRICE_ELEMENTS.contains(&element.local_name());
        // <price><amount>12</amount><currency>EUR</currency></price>
        let is_amount = || {
            let is_within_price = || self.ancestors(element).next().is_some_and(is_price_name);
            element.name == "amount" || (matches!(element.local_name(), "amount" | "value") && is_within_price())
        };
        let is_other = |outer: &Element<'_>| OTHER_CHARGES.contains(&outer.local_name());
        (is_price_name(element) || is_amount()) && !self.ancestors(element).any(is_other)
    }

    fn written_price(&self, element: &Element<'_>) -> Option<WrittenPrice> {
        let amount = price_line(&element.text).or_else(|| element.tag.attribute("price"))?;
        let by_attribute = CURRENCY_ELEMENTS.iter().find_map(|name| element.tag.attribute(name));
        let by_sibling = || {
            let is_sibling = |other: &&Element<'_>| {
                other.parent == element.parent && CURRENCY_ELEMENTS.contains(&other.local_name())
            };
            let texts = self.elements.iter().filter(is_sibling).map(|other| other.text.trim().to_owned());
            texts.into_iter().find(|text| !text.is_empty())
        };
        Some(WrittenPrice { amount, currency: by_attribute.or_else(by_sibling) })
    }
}
