//! Finds lists of listings in the data that pages hand to their scripts.

use serde_json::Value;
use superbot_domain::{FoundListing, ListingDetails};

use crate::embedded::text;
use crate::markup_text::text_of_title;
use crate::page::{MAX_LISTINGS, PageText, line};
use crate::price_value::{AmountUnit, PriceStyle, ZeroMeaning};

const TITLE_FIELDS: [&str; 6] = ["title", "name", "subject", "heading", "headline", "adTitle"];
const LINK_FIELDS: [&str; 14] = [
    "url",
    "link",
    "href",
    "path",
    "seoUrl",
    "adUrl",
    "detailUrl",
    "canonicalUrl",
    "permalink",
    "webUrl",
    "itemUrl",
    "listingUrl",
    "viewItemUrl",
    "uri",
];
const PRICE_FIELDS: [&str; 8] =
    ["price", "priceInfo", "priceValue", "currentPrice", "salePrice", "formattedPrice", "priceText", "amount"];
const IMAGE_FIELDS: [&str; 10] = [
    "image",
    "imageUrl",
    "image_url",
    "thumbnail",
    "thumbnailUrl",
    "photo",
    "picture",
    "mainImage",
    "images",
    "photos",
];
const PLACE_FIELDS: [&str; 5] = ["location", "city", "place", "locality", "address"];
const ID_FIELDS: [&str; 4] = ["id", "adId", "itemId", "listingId"];

/// Lists with fewer entries are menus and the like.
const MIN_ENTRIES: usize = 2;
const MAX_DEPTH: usize = 40;

/// The listings of the list that has most of them, and the number of its entries. An entry of such a list has a title, an address
/// and a price.
pub(super) fn find_listings(page: &PageText<'_>, documents: &[Value]) -> (Vec<FoundListing>, usize) {
    let mut best: Option<(usize, &[Value])> = None;
    for document in documents {
        find_list(document, MAX_DEPTH, &mut best);
    }
    let Some((_, entries)) = best else { return (Vec::new(), 0) };
    let entries = &entries[..entries.len().min(MAX_LISTINGS)];
    (entries.iter().filter_map(|entry| read_entry(page, entry)).collect(), entries.len())
}

fn find_list<'a>(value: &'a Value, depth: usize, best: &mut Option<(usize, &'a [Value])>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match value {
        Value::Array(entries) => {
            let count = entries.iter().filter(|entry| is_listing(entry)).count();
            let is_better = best.is_none_or(|(before, _)| count > before);
            if count >= MIN_ENTRIES && count * 2 > entries.len() && is_better {
                *best = Some((count, entries));
            }
            for entry in entries {
                find_list(entry, depth, best);
            }
        }
        Value::Object(fields) => {
            for field in fields.values() {
                find_list(field, depth, best);
            }
        }
        _ => {}
    }
}

/// The fields of an entry, which may be one level down, as in `{"node": {...}}`.
fn fields(entry: &Value) -> Option<&Value> {
    let wrappers = ["node", "item", "listing", "ad", "product", "data"];
    std::iter::once(entry)
        .chain(wrappers.iter().map(|name| &entry[*name]))
        .find(|fields| first_text(fields, &TITLE_FIELDS).is_some())
}

fn is_listing(entry: &Value) -> bool {
    fields(entry).is_some_and(|fields| {
        let has_link = first_text(fields, &LINK_FIELDS).is_some_and(|link| is_address(&link));
        has_link && PRICE_FIELDS.iter().any(|name| !fields[*name].is_null())
    })
}

fn is_address(link: &str) -> bool {
    link.starts_with('/') || link.starts_with("http")
}

fn first_text(fields: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| text(&fields[*name]))
}

fn read_entry(page: &PageText<'_>, entry: &Value) -> Option<FoundListing> {
    let fields = fields(entry)?;
    let style =
        PriceStyle { currency: page.currency, unit: AmountUnit::Whole, exponent: None, zero: ZeroMeaning::Unstated };
    let price = PRICE_FIELDS.iter().map(|name| &fields[*name]).find(|value| !value.is_null());
    let image = IMAGE_FIELDS.iter().find_map(|name| image_address(&fields[*name]));
    let place = PLACE_FIELDS.iter().find_map(|name| {
        let place = &fields[*name];
        text(place).or_else(|| ["name", "city", "label", "address"].iter().find_map(|part| text(&place[*part])))
    });
    let listing = FoundListing {
        title: line(&text_of_title(&first_text(fields, &TITLE_FIELDS)?))?,
        link: page.link(&first_text(fields, &LINK_FIELDS).filter(|link| is_address(link))?)?,
        price: price.and_then(|price| style.read(price)).unwrap_or_default(),
        details: ListingDetails {
            location: place.and_then(|place| line(&place)),
            image_url: image.and_then(|image| page.link(&image)),
            ..ListingDetails::default()
        },
        ..FoundListing::default()
    };
    Some(listing.with_site_id(first_text(fields, &ID_FIELDS)))
}

fn image_address(value: &Value) -> Option<String> {
    let value = value.as_array().map_or(value, |values| values.first().unwrap_or(&Value::Null));
    text(value).or_else(|| ["url", "src", "href", "small", "medium"].iter().find_map(|name| text(&value[*name])))
}
