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

/// A price, or a unit of it, that is there and is not understood.
struct UnreadPrice;

/// The price of an item; none where there is one that is not understood. It is stated by its offers, else by those of its variants,
/// else by itself.
pub(super) fn read_price(page: &PageText<'_>, item: &Value) -> Option<ParsedPrice> {
    let is_offer = item["itemOffered"].is_object();
    let own = all_of(&item["offers"]).iter().filter(|_| !is_offer).flat_map(single_offers).collect();
    let variants = all_of(&item["hasVariant"]).iter().take(MAX_OFFERS);
    let of_variants = variants.flat_map(|variant| all_of(&variant["offers"])).flat_map(single_offers).collect();
    let places: [Vec<&Value>; 3] = [own, of_variants, vec![item]];
    let read = places.iter().map(|offers| read_offers(page, item, offers));
    read.into_iter().find_map(Result::transpose).unwrap_or_else(|| Ok(ParsedPrice::default())).ok()
}

/// The price of several offers, if they state one. The lowest counts, as in the summary of them that pages may state (`lowPrice`).
fn read_offers(page: &PageText<'_>, item: &Value, offers: &[&Value]) -> Result<Option<ParsedPrice>, UnreadPrice> {
    let mut available = Vec::new();
    let mut sold_out = Vec::new();
    let mut is_unread = false;
    for offer in offers.iter().take(MAX_OFFERS) {
        match read_offer(page, offer) {
            Ok(Some(price)) => {
                let per = is_let_home(item, offer).then_some(PricePeriod::Month);
                let prices = if is_sold_out(offer) { &mut sold_out } else { &mut available };
                prices.push(price.per_unless_stated(per));
            }
            Ok(None) => {}
            Err(UnreadPrice) => is_unread = true,
        }
    }
    let prices = if available.is_empty() { sold_out } else { available };
    match lowest(&prices) {
        None if is_unread => Err(UnreadPrice),
        price => Ok(price),
    }
}

/// The lowest of the prices that are in the currency and for the period of the first one.
fn lowest(prices: &[ParsedPrice]) -> Option<ParsedPrice> {
    let unit = |price: &ParsedPrice| price.price.money().map(|money| (money.currency, price.price.per()));
    let stated = || prices.iter().filter(|price| price.price != Price::Unstated);
    let first = stated().next().or(prices.first())?;
    let comparable = stated().filter(|price| unit(price) == unit(first));
    comparable.min_by_key(|price| price.price.money().map(|money| money.minor)).or(Some(first)).copied()
}

/// The offers that a summary of offers consists of, where it states no price itself.
fn single_offers(offer: &Value) -> Vec<&Value> {
    let states_price =
        AMOUNT_FIELDS.iter().any(|name| !offer[*name].is_null()) || !offer["priceSpecification"].is_null();
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

/// The price of one offer, if it states one.
fn read_offer(page: &PageText<'_>, offer: &Value) -> Result<Option<ParsedPrice>, UnreadPrice> {
    let is_charge = |specification: &&Value| CHARGE_TYPES.iter().any(|kind| has_type(specification, kind));
    let specifications = || {
        let all = all_of(&offer["priceSpecification"]).iter().filter(|specification| !is_charge(specification));
        all.filter(|specification| amount_of(specification).is_some())
    };
    let best = specifications().min_by_key(|specification| PriceRank::of(specification));
    let has_own = amount_of(offer).is_some();
    let Some(stated) = Some(offer).filter(|_| has_own).or(best) else { return Ok(None) };
    let price = read_amount(page, stated, offer)?;
    // A specification beside the price says more about it where it states the same price.
    let same = best.filter(|best| !has_own || amount_of(best) == amount_of(stated));
    let price = price.per_unless_stated(period_of(same.unwrap_or(stated))?);
    let former = specifications().filter(|other| !std::ptr::eq(*other, stated));
    let former = former.filter(|other| PriceRank::of(other) == PriceRank::Former);
    let former = former.filter_map(|other| read_amount(page, other, offer).ok()).find_map(|price| price.price.money());
    let is_reduced = former.zip(price.price.money()).is_some_and(|(former, asked)| former.minor > asked.minor);
    Ok(Some(ParsedPrice { previous: price.previous.or(former.filter(|_| is_reduced)), ..price }))
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

/// The period that a price is for, if any.
fn period_of(specification: &Value) -> Result<Option<PricePeriod>, UnreadPrice> {
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
            // A quarter, or any other number of units.
            Some(_) => Err(UnreadPrice),
        };
    }
    Ok(None)
}

fn amount_of(place: &Value) -> Option<&Value> {
    AMOUNT_FIELDS.iter().map(|name| first_of(&place[*name])).find(|value| !value.is_null())
}

/// The amount that an offer or a specification states.
fn read_amount(page: &PageText<'_>, place: &Value, offer: &Value) -> Result<ParsedPrice, UnreadPrice> {
    let Some(amount) = amount_of(place) else { return Ok(ParsedPrice::default()) };
    let currency = [place, offer].iter().find_map(|place| currency_text(first_of(&place["priceCurrency"])));
    let currency = currency.map_or(Some(page.currency), |written| read_currency(&written, page.currency));
    let unit = AmountUnit::Whole;
    let style = PriceStyle { currency: currency.ok_or(UnreadPrice)?, unit, exponent: None, zero: ZeroMeaning::Free };
    // schema.org has numbers with a point: "1250.500" is no million.
    let number = text(amount).and_then(|written| written.parse::<f64>().ok()).map(Value::from);
    style.read(number.as_ref().unwrap_or(amount)).ok_or(UnreadPrice)
}
