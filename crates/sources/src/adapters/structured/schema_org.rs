//! Items of schema.org, from JSON-LD, microdata and `RDFa`.

use std::sync::LazyLock;

use scraper::{ElementRef, Selector};
use serde_json::{Map, Value};
use superbot_domain::{FoundListing, ListingDetails};

use super::offer_price::read_price;
use super::schema_value::{first_of, has_type};
use crate::adapters::html::read_condition;
use crate::embedded::text;
use crate::markup_text::{text_of_markup, text_of_title};
use crate::page::{PageText, line, selector};
use crate::picture::picture_of;
use crate::shown_text::shown_text;

/// Types of items that are offered somewhere, in lower case.
const LISTING_TYPES: [&str; 24] = [
    "accommodation",
    "apartment",
    "apartmentcomplex",
    "book",
    "car",
    "floorplan",
    "house",
    "individualproduct",
    "lodgingbusiness",
    "motorcycle",
    "motorizedbicycle",
    "offer",
    "offerforpurchase",
    "product",
    "productgroup",
    "productmodel",
    "realestatelisting",
    "residence",
    "room",
    "singlefamilyresidence",
    "someproducts",
    "suite",
    "vacationrental",
    "vehicle",
];

/// Properties that lead from what a page is about to its items. Others lead to what else a visitor may like.
const CONTAINERS: [&str; 7] =
    ["@graph", "about", "hasOfferCatalog", "item", "itemListElement", "mainEntity", "mainEntityOfPage"];

/// Real data is not nested deeper.
const MAX_DEPTH: usize = 12;

static LINK: LazyLock<Selector> = selector!("a[href]");

/// The items of a page.
#[derive(Debug, Default)]
pub(super) struct SchemaItems<'a> {
    pub(super) found: Vec<SchemaItem<'a>>,
    has_empty_list: bool,
    /// Whether a list has entries, or says that it has.
    has_full_list: bool,
}

/// An item, and the entry of a list that it stands in.
#[derive(Clone, Copy, Debug)]
pub(super) struct SchemaItem<'a> {
    item: &'a Value,
    entry: Option<&'a Value>,
}

impl<'a> SchemaItems<'a> {
    /// Adds the items of a document.
    pub(super) fn collect(&mut self, value: &'a Value) {
        self.collect_within(value, None, MAX_DEPTH);
    }

    /// Whether the page says that it lists nothing: by an empty list, and no other one.
    pub(super) const fn say_nothing_is_listed(&self) -> bool {
        self.has_empty_list && !self.has_full_list
    }

    fn note_list(&mut self, list: &Value) {
        let entries = &list["itemListElement"];
        let has_entries = entries.is_object() || entries.as_array().is_some_and(|entries| !entries.is_empty());
        let count = text(first_of(&list["numberOfItems"])).and_then(|count| count.parse::<f64>().ok());
        // A list that counts entries and has none was not filled in.
        if has_entries || count.is_some_and(|count| count > 0.0) {
            self.has_full_list = true;
        } else if (entries.is_array() || count.is_some()) && !is_side_list(list) {
            self.has_empty_list = true;
        }
    }

    fn collect_within(&mut self, value: &'a Value, entry: Option<&'a Value>, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        if let Value::Array(values) = value {
            for value in values {
                self.collect_within(value, entry, depth);
            }
            return;
        }
        if !value.is_object() {
            return;
        }
        if has_type(value, "breadcrumblist") {
            return;
        }
        if has_type(value, "itemlist") {
            self.note_list(value);
        }
        let is_listing = LISTING_TYPES.iter().any(|kind| has_type(value, kind));
        // An entry of a list may have its item's name and address itself.
        let is_short = has_type(value, "listitem") && value["item"].is_null() && !value["name"].is_null();
        let in_list = entry.is_some() && !value["name"].is_null();
        if is_listing || is_short || in_list {
            self.found.push(SchemaItem { item: value, entry });
            return;
        }
        let entry = if has_type(value, "listitem") { Some(value) } else { entry };
        for name in CONTAINERS {
            self.collect_within(&value[name], entry, depth);
        }
    }
}

/// Words, in lower case, in the names of lists beside the results: a page may well have none of these.
const SIDE_LISTS: [&str; 34] = [
    "also",
    "ähnlich",
    "aanbevolen",
    "beliebt",
    "categor",
    "empfohlen",
    "favorit",
    "featured",
    "filter",
    "gesehen",
    "kategor",
    "liknande",
    "nearby",
    "navigation",
    "podobne",
    "popular",
    "promoted",
    "recent",
    "recherches",
    "recomend",
    "recommand",
    "recommend",
    "related",
    "relacionad",
    "saved",
    "searches",
    "similaire",
    "similar",
    "simili",
    "sponsor",
    "suggest",
    "trending",
    "vergelijkbaar",
    "viewed",
];

fn is_side_list(list: &Value) -> bool {
    ["name", "headline", "description", "@id"].iter().filter_map(|name| text(first_of(&list[*name]))).any(|text| {
        let lower = text.to_lowercase();
        SIDE_LISTS.iter().any(|word| lower.contains(word))
    })
}

/// An item as a listing, if it has a name and an address.
pub(super) fn read_item(
    page: &PageText<'_>,
    found: &SchemaItem<'_>,
    unread_prices: &mut usize,
) -> Option<FoundListing> {
    let item = found.item;
    // An offer may be the item, and what it offers has the name.
    let thing = if item["itemOffered"].is_object() { &item["itemOffered"] } else { item };
    let offer = if item["itemOffered"].is_object() { item } else { first_of(&item["offers"]) };
    let entry = found.entry.unwrap_or(&Value::Null);
    let places = [item, thing, offer, entry];
    let property =
        |names: &[&str]| names.iter().find_map(|name| places.iter().find_map(|place| text(first_of(&place[*name]))));
    let title = line(&text_of_title(&property(&["name", "headline", "title"])?))?;
    let identifiers = ["url", "@id", "mainEntityOfPage"];
    // A group of products without an address or a picture of its own is shown with those of its first variant.
    let variant = first_of(&item["hasVariant"]);
    let shown = || places.into_iter().chain([variant]);
    let link = identifiers.iter().find_map(|name| shown().find_map(|place| link_of(page, &place[*name])))?;
    let price = read_price(page, item);
    let details = ListingDetails {
        location: places.iter().find_map(|place| place_of(place)),
        image_url: shown().find_map(|place| image_of(page, place)),
        description: property(&["description"]).and_then(|text| line(&text_of_markup(&text))),
        condition: property(&["itemCondition"]).and_then(|condition| read_condition(&condition)),
        ..ListingDetails::default()
    };
    *unread_prices += usize::from(price.is_none());
    let listing = FoundListing {
        title,
        link,
        price: price.unwrap_or_default(),
        details,
        created_at: property(&["datePosted", "datePublished", "availabilityStarts", "validFrom", "dateCreated"])
            .and_then(|date| page.moment(&date)),
        ..FoundListing::default()
    };
    Some(listing.with_site_id(property(&["sku", "productID", "identifier", "vehicleIdentificationNumber"])))
}

fn link_of(page: &PageText<'_>, value: &Value) -> Option<String> {
    let value = first_of(value);
    let address = text(value).or_else(|| text(&value["@id"]))?;
    // A blank node or a fragment is an id within the page.
    let is_address = !address.starts_with(['#', '_']) && !address.contains(char::is_whitespace);
    if is_address { page.link(&address) } else { None }
}

fn place_of(value: &Value) -> Option<String> {
    let holders =
        [&value["availableAtOrFrom"], &value["areaServed"], &value["location"], &value["contentLocation"], value];
    holders.into_iter().map(first_of).find_map(|holder| {
        let address = first_of(&holder["address"]);
        let parts: Vec<String> =
            ["addressLocality", "addressRegion"].iter().filter_map(|name| text(first_of(&address[*name]))).collect();
        let written = if parts.is_empty() { text(address)? } else { parts.join(", ") };
        line(&written)
    })
}

fn image_of(page: &PageText<'_>, value: &Value) -> Option<String> {
    ["image", "photo", "thumbnailUrl"].iter().find_map(|name| {
        let image = first_of(&value[*name]);
        let address =
            text(image).or_else(|| ["contentUrl", "url", "@id"].iter().find_map(|name| text(first_of(&image[*name]))));
        page.link(&address?)
    })
}

/// The item that an element of microdata or `RDFa` describes, in the form of JSON-LD; none within another item, which has it. Where
/// its address is not marked, it is that of the only link in it.
pub(super) fn read_annotations(element: ElementRef<'_>) -> Option<Value> {
    if element.attr("itemprop").or_else(|| element.attr("property")).is_some() {
        return None;
    }
    let mut item = item_of(element, MAX_DEPTH);
    let has_address = ["url", "@id", "mainEntityOfPage"].iter().any(|name| !item[*name].is_null());
    let is_listing = LISTING_TYPES.iter().any(|kind| has_type(&item, kind));
    if is_listing && !has_address && item["offers"]["url"].is_null() {
        let own = (element.value().name() == "a").then(|| element.attr("href")).flatten();
        item["url"] = own.or_else(|| only_link(element)).map_or(Value::Null, Value::from);
    }
    Some(item)
}

/// The address that all links in an element share.
fn only_link(element: ElementRef<'_>) -> Option<&str> {
    let mut addresses = element.select(&LINK).filter_map(|link| link.attr("href")?.split('#').next());
    let first = addresses.find(|address| !address.is_empty())?;
    addresses.all(|address| address.is_empty() || address == first).then_some(first)
}

fn item_of(element: ElementRef<'_>, depth: usize) -> Value {
    let mut item = Map::new();
    let kind = element.attr("itemtype").or_else(|| element.attr("typeof")).unwrap_or_default();
    item.insert("@type".to_owned(), kind.split_whitespace().map(Value::from).collect());
    let id = element.attr("itemid").or_else(|| element.attr("resource"));
    item.extend(id.map(|id| ("@id".to_owned(), Value::from(id))));
    read_properties(element, &mut item, depth);
    Value::Object(item)
}

/// Reads the properties of an item, without those of the items in it.
fn read_properties(element: ElementRef<'_>, item: &mut Map<String, Value>, depth: usize) {
    let mut open: Vec<ElementRef<'_>> = element.child_elements().collect();
    open.reverse();
    while let Some(child) = open.pop() {
        let is_item = child.attr("itemscope").is_some() || child.attr("typeof").is_some();
        let names = child.attr("itemprop").or_else(|| child.attr("property"));
        for name in names.into_iter().flat_map(str::split_whitespace) {
            let name = name.rsplit(['/', ':', '#']).next().unwrap_or(name);
            let value = if is_item && depth > 0 { item_of(child, depth - 1) } else { property_value(child) };
            match item.get_mut(name) {
                Some(Value::Array(values)) => values.push(value),
                Some(first) => *first = Value::Array(vec![first.take(), value]),
                None => drop(item.insert(name.to_owned(), value)),
            }
        }
        if !is_item {
            let children: Vec<ElementRef<'_>> = child.child_elements().collect();
            open.extend(children.into_iter().rev());
        }
    }
}

/// The value of a property: that for machines, or else what is shown.
fn property_value(element: ElementRef<'_>) -> Value {
    let attribute = |name: &str| element.attr(name).map(str::to_owned);
    let value = match element.value().name() {
        "img" | "source" => attribute("content").or_else(|| picture_of(attribute)),
        "a" | "link" | "area" => attribute("content").or_else(|| attribute("href")),
        "time" => attribute("content").or_else(|| attribute("datetime")),
        "object" => attribute("data"),
        _ => attribute("content").or_else(|| attribute("value").filter(|_| element.value().name() == "data")),
    };
    value.or_else(|| line(&shown_text(element))).map_or(Value::Null, Value::from)
}
