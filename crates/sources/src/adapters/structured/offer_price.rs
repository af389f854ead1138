//! What an item of schema.org costs, by its offers and their price specifications.

use serde_json::Value;
use superbot_domain::{ParsedPrice, Price, PricePeriod};

use super::schema_value::{all_of, first_of, has_type};
use crate::embedded::{currency_text, text};
use crate::page::PageText;
use crate::period_words::find_period;
use crate::price_value::{AmountUnit, PriceStyle, ZeroMeaning, read_currency};

/// Types of homes, which are let by the month.
const DWELLINGS: [&str; 10] = [
    "accommodation",
    "apartment",
    "apartmentcomplex",
    "floorplan",
    "house",
    "realestatelisting",
    "residence",
    "room",
    "singlefamilyresidence",
    "suite",
];
/// Price types (schema.org, `PriceTypeEnumeration`) of what is not asked now, or elsewhere.
const FORMER_TYPES: [&str; 5] = ["listprice", "strikethroughprice", "msrp", "srp", "regularprice"];
/// Specifications of charges beside the price.
const CHARGE_TYPES: [&str; 2] = ["deliverychargespecification", "paymentchargespecification"];
const AMOUNT_FIELDS: [&str; 3] = ["price", "lowPrice", "minPrice"];
/// Offers of one item are read up to this number.
const MAX_OFFERS: usize = 100;

/// The price of an item; none where there is one that is not understood. Of several offers the lowest counts, as in the summary of
/// them that pages may state (`lowPrice`).
pub(super) fn read_price(page: &PageText<'_>, item: &Value) -> Option<ParsedPrice> {
    let mut prices: Vec<(bool, Option<ParsedPrice>)> = Vec::new();
    for offer in offers_of(item).into_iter().take(MAX_OFFERS) {
        if let Some(price) = read_offer(page, offer) {
            let is_let = is_let_home(item, offer);
            let price = price.map(|price| price.per_unless_stated(is_let.then_some(PricePeriod::Month)));
            prices.push((is_sold_out(offer), price));
        }
    }
    let is_available = |(is_sold_out, _): &(bool, Option<ParsedPrice>)| !is_sold_out;
    if prices.iter().any(is_available) {
        prices.retain(is_available);
    }
    let Some((_, first)) = prices.first().copied() else { return Some(ParsedPrice::default()) };
    let money = |price: &ParsedPrice| Some((price.price.money()?, price.price.per()));
    let read = prices.iter().filter_map(|(_, price)| *price);
    let Some((first_money, per)) = first.as_ref().and_then(money) else { return first.or_else(|| read.last()) };
    let comparable = read.filter_map(|price| Some((money(&price)?, price)));
    let comparable =
        comparable.filter(|((money, other_per), _)| money.currency == first_money.currency && *other_per == per);
    comparable.min_by_key(|((money, _), _)| money.minor).map(|(_, price)| price)
}

/// The offers of an item, those of its variants, or what states a price in their place.
fn offers_of(item: &Value) -> Vec<&Value> {
    if item["itemOffered"].is_object() {
        return vec![item];
    }
    let own: Vec<&Value> = all_of(&item["offers"]).iter().flat_map(single_offers).collect();
    if !own.is_empty() {
        return own;
    }
    let variants = all_of(&item["hasVariant"]).iter().take(MAX_OFFERS);
    let of_variants: Vec<&Value> =
        variants.flat_map(|variant| all_of(&variant["offers"])).flat_map(single_offers).collect();
    if of_variants.is_empty() { vec![item] } else { of_variants }
}

/// The offers that a summary of offers consists of, where it states no price itself.
fn single_offers(offer: &Value) -> Vec<&Value> {
    let states_price =
        AMOUNT_FIELDS.iter().any(|name| !offer[*name].is_null()) || offer["priceSpecification"].is_object();
    let within = all_of(&offer["offers"]);
    if states_price || within.is_empty() { vec![offer] } else { within.iter().collect() }
}

fn is_sold_out(offer: &Value) -> bool {
    let availability = text(first_of(&offer["availability"])).unwrap_or_default().to_lowercase();
    ["soldout", "outofstock", "discontinued"].iter().any(|word| availability.ends_with(word))
}

fn is_let_home(item: &Value, offer: &Value) -> bool {
    let thing = if item["itemOffered"].is_object() { &item["itemOffered"] } else { item };
    let lets = |place: &Value| {
        let function = text(first_of(&place["businessFunction"])).unwrap_or_default().to_lowercase();
        function.ends_with("leaseout")
    };
    (lets(offer) || lets(item)) && DWELLINGS.iter().any(|kind| has_type(thing, kind))
}

/// The price of one offer: nothing where it states none, and none within where it is not understood.
fn read_offer(page: &PageText<'_>, offer: &Value) -> Option<Option<ParsedPrice>> {
    let is_charge = |specification: &&Value| CHARGE_TYPES.iter().any(|kind| has_type(specification, kind));
    let specifications: Vec<&Value> =
        all_of(&offer["priceSpecification"]).iter().filter(|specification| !is_charge(specification)).collect();
    let by_rank = || specifications.iter().copied().filter(|specification| amount_of(specification).is_some());
    let best = by_rank().min_by_key(|specification| PriceRank::of(specification));
    let stated = if amount_of(offer).is_some() { offer } else { best? };
    let price = read_amount(page, stated, offer);
    // A specification beside the price says more about it where it states the same price.
    let same = best.filter(|best| std::ptr::eq(*best, stated) || amount_of(best) == amount_of(stated));
    let per = match same.or(Some(stated)).map(period_of) {
        Some(Err(UnknownPeriod)) => return Some(None),
        Some(Ok(per)) => per,
        None => None,
    };
    let Some(mut price) = price else { return Some(None) };
    price = price.per_unless_stated(per);
    let former = by_rank().filter(|other| PriceRank::of(other) == PriceRank::Former && !std::ptr::eq(*other, stated));
    let former = former.filter_map(|other| read_amount(page, other, offer)?.price.money()).next();
    let asked = price.price.money();
    let is_reduced = former.zip(asked).is_some_and(|(former, asked)| former.minor > asked.minor);
    price.previous = price.previous.or(former.filter(|_| is_reduced));
    Some(Some(price))
}

/// Which of several price specifications is the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum PriceRank {
    Sale,
    Plain,
    /// For a quantity that is neither a piece nor a period: per kilogram.
    Quantity,
    Former,
}

impl PriceRank {
    fn of(specification: &Value) -> Self {
        let kind = text(first_of(&specification["priceType"])).unwrap_or_default().to_lowercase();
        let kind = kind.rsplit(['/', '#', ':']).next().unwrap_or_default();
        match kind {
            "saleprice" => Self::Sale,
            kind if FORMER_TYPES.contains(&kind) => Self::Former,
            _ if specification["referenceQuantity"].is_object() && matches!(period_of(specification), Ok(None)) => {
                Self::Quantity
            }
            _ => Self::Plain,
        }
    }
}

/// A number of units that is no period, such as a quarter.
struct UnknownPeriod;

/// The period that a price is for, if any.
fn period_of(specification: &Value) -> Result<Option<PricePeriod>, UnknownPeriod> {
    let holders =
        ["referenceQuantity", "billingDuration", "billingIncrement"].map(|name| first_of(&specification[name]));
    for holder in holders.into_iter().filter(|holder| !holder.is_null()).chain([specification]) {
        let duration = text(holder);
        let written = ["unitCode", "unitText"].iter().find_map(|name| text(first_of(&holder[*name])));
        let Some(period) = duration.or(written).and_then(|unit| find_period(&unit)) else { continue };
        let count = if holder.is_object() { text(first_of(&holder["value"])) } else { None };
        return match count.as_deref() {
            None | Some("1" | "1.0") => Ok(Some(period)),
            Some("12") if period == PricePeriod::Month => Ok(Some(PricePeriod::Year)),
            Some(_) => Err(UnknownPeriod),
        };
    }
    Ok(None)
}

fn amount_of(place: &Value) -> Option<&Value> {
    AMOUNT_FIELDS.iter().map(|name| first_of(&place[*name])).find(|value| !value.is_null())
}

/// The amount that an offer or a specification states; none where it is not understood.
fn read_amount(page: &PageText<'_>, place: &Value, offer: &Value) -> Option<ParsedPrice> {
    let Some(amount) = amount_of(place) else { return Some(Price::Unstated.into()) };
    let currency = [place, offer].iter().find_map(|place| currency_text(first_of(&place["priceCurrency"])));
    let currency = match currency {
        Some(written) => read_currency(&written, page.currency)?,
        None => page.currency,
    };
    let style = PriceStyle { currency, unit: AmountUnit::Whole, exponent: None, zero: ZeroMeaning::Free };
    // schema.org has numbers with a point: "1250.500" is no million.
    let number = text(amount).and_then(|written| written.parse::<f64>().ok()).map(Value::from);
    style.read(number.as_ref().unwrap_or(amount))
}
