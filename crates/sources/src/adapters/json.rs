//! Answers of any other site in JSON: where each part of a listing is, settings say, as JSONPath (RFC 9535).

use std::sync::Arc;

use serde_json::Value;
use superbot_domain::{
    Currency, FieldErrors, FoundListing, InvalidFields, ListingDetails, Money, ParsedPrice, Price, parse_price,
};

use crate::adapter::{SiteAdapter, SourceKind};
use crate::embedded::{text, whole};
use crate::json_path::{BoundedPath, MAX_VALUES, is_small_enough};
use crate::moment::read_moment;
use crate::page::{MOST_LISTINGS, Page, PageState, Reading, line};
use crate::parts;
use crate::setting_field::SettingType::JsonPath;
use crate::setting_field::{PAGE_URLS, SettingField};

/// Where in an answer each part of a listing is.
#[derive(Clone, Debug)]
struct JsonFields {
    items: BoundedPath,
    /// As it was written, to be named where it finds nothing.
    items_path: String,
    title: BoundedPath,
    link: BoundedPath,
    price: Option<BoundedPath>,
    currency: Option<BoundedPath>,
    location: Option<BoundedPath>,
    image: Option<BoundedPath>,
    description: Option<BoundedPath>,
    id: Option<BoundedPath>,
    date: Option<BoundedPath>,
    empty: Option<BoundedPath>,
}

pub(super) static KIND: SourceKind = SourceKind {
    name: "json",
    title: "JSON",
    summary: "Any JSON; you say where in it the listings are.",
    site: None,
    settings: &[PAGE_URLS],
    parts: &PARTS,
    configure: |fields| Ok(Arc::new(JsonFields::parse(fields)?)),
};

static PARTS: [SettingField; 11] = [
    parts::required("items", "List of listings", JsonPath, "$.results"),
    parts::required("title", "Title", JsonPath, "$.name"),
    parts::required("link", "Link", JsonPath, "$.url"),
    parts::optional("price", "Price", JsonPath, "$.price.value"),
    parts::optional("currency", "Currency", JsonPath, "$.price.currency"),
    parts::optional("location", "Place", JsonPath, "$.city"),
    parts::optional("image", "Picture", JsonPath, "$.photo"),
    parts::optional("description", "Description", JsonPath, "$.text"),
    parts::optional("id", "The site’s number", JsonPath, "$.id"),
    parts::optional("date", "Date", JsonPath, "$.posted"),
    parts::optional("empty", "“Nothing here”", JsonPath, "$.total"),
];

impl SiteAdapter for JsonFields {
    fn read(&self, page: &Page<'_>, currency: Currency) -> Reading {
        let json = match whole(page.body) {
            Ok(json) => json,
            Err(error) => return Reading::without(PageState::ShapeChanged, format!("the answer is not JSON: {error}")),
        };
        if !is_small_enough(&json) {
            let reason = format!("the answer has more than {MAX_VALUES} values; give an address of a smaller one");
            return Reading::without(PageState::ShapeChanged, reason);
        }
        let nodes = self.items.all(&json);
        // The path may lead to the list, or to everything in it.
        let items: Vec<&Value> = match nodes.as_slice() {
            [Value::Array(items)] => items.iter().collect(),
            _ => nodes.clone(),
        };
        if items.is_empty() {
            return self.read_nothing(&json, !nodes.is_empty());
        }
        let listings: Vec<FoundListing> =
            items.iter().take(MOST_LISTINGS).filter_map(|item| self.read_item(page, item, currency)).collect();
        if listings.is_empty() {
            let reason = format!("none of {} items has a title and a link where the settings say", items.len());
            return Reading::without(PageState::ShapeChanged, reason);
        }
        Reading::of(listings, "the answer")
    }
}

impl JsonFields {
    fn parse(settings: &Value) -> Result<Self, InvalidFields> {
        let texts = parts::read(settings, &PARTS)?;
        let mut errors = FieldErrors::default();
        let mut path = |name: &'static str| {
            let text = texts.get(name)?;
            errors.take(name, BoundedPath::parse(text).map_err(|error| parts::refused(text, &error)))
        };
        let needed = (path("items"), path("title"), path("link"));
        let price = path("price");
        let currency = path("currency");
        let location = path("location");
        let image = path("image");
        let description = path("description");
        let id = path("id");
        let date = path("date");
        let empty = path("empty");
        match needed {
            (Some(items), Some(title), Some(link)) if errors.is_empty() => {
                let items_path = texts.get("items").cloned().unwrap_or_default();
                Ok(Self {
                    items,
                    items_path,
                    title,
                    link,
                    price,
                    currency,
                    location,
                    image,
                    description,
                    id,
                    date,
                    empty,
                })
            }
            _ => errors.finish(None),
        }
    }

    /// Without items it is empty if the list is there and empty, and says so where the settings say that it would.
    fn read_nothing(&self, json: &Value, has_list: bool) -> Reading {
        let says_so = match &self.empty {
            Some(empty) => empty.first(json).is_some_and(is_nothing),
            None => has_list,
        };
        if says_so {
            Reading::without(PageState::Empty, "the answer says that there is nothing")
        } else {
            let reason = format!("there are no items at {}, and nothing says that there are none", self.items_path);
            Reading::without(PageState::ShapeChanged, reason)
        }
    }

    fn read_item(&self, page: &Page<'_>, item: &Value, currency: Currency) -> Option<FoundListing> {
        let value = |path: &Option<BoundedPath>| path.as_ref()?.first(item);
        let words = |path: &Option<BoundedPath>| value(path).and_then(text).and_then(|text| line(&text));
        let currency = words(&self.currency).and_then(|code| Currency::parse(&code).ok()).unwrap_or(currency);
        let id = words(&self.id);
        let link = self.link.first(item).and_then(text)?;
        let listing = FoundListing {
            title: self.title.first(item).and_then(text).and_then(|text| line(&text))?,
            link: page.link(&link)?,
            price: value(&self.price).map(|price| read_price(price, currency)).unwrap_or_default(),
            details: ListingDetails {
                location: words(&self.location),
                image_url: words(&self.image).and_then(|image| page.link(&image)),
                description: words(&self.description),
                ..ListingDetails::default()
            },
            created_at: value(&self.date).and_then(read_moment),
            ..FoundListing::default()
        };
        Some(listing.with_site_id(id))
    }
}

/// Whether a value says that there is nothing: 0, "", [], true (it is empty), or null.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(is_empty) => *is_empty,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty() || text == "0",
        Value::Array(items) => items.is_empty(),
        Value::Object(_) => false,
    }
}

fn read_price(value: &Value, currency: Currency) -> ParsedPrice {
    match value {
        Value::String(text) => parse_price(text, currency),
        other => {
            let money = other.as_f64().and_then(|units| Money::from_units(units, currency));
            money.map_or(Price::Unstated, Price::from).into()
        }
    }
}
