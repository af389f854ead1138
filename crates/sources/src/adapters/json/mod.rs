//! Answers of any other site in JSON, and JSON in the scripts of pages: settings say where each part of a listing is, as JSONPath
//! (RFC 9535).

mod documents;
mod part;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use superbot_domain::{FieldErrors, FoundListing, InvalidFields, ListingDetails, ParsedPrice};

use self::documents::{JsonDocuments, JsonScript, read_documents};
use self::part::JsonPart;
use super::html::read_condition;
use crate::adapter::{SiteAdapter, SourceKind};
use crate::embedded::currency_text;
use crate::json_path::{BoundedPath, MAX_VALUES, is_small_enough};
use crate::page::{MAX_LISTINGS, Omissions, PageState, PageText, Reading, line};
use crate::parts::{self, PlaceSyntax, PriceChoices, listing_places, with_listing_parts};
use crate::period_words::find_period;
use crate::price_value::read_currency;
use crate::refused_answer::refused_by_answer;
use crate::setting_field::SettingType::{CssSelector, JsonPath};
use crate::setting_field::{PAGE_URLS, SettingField};

/// Where in an answer each part of a listing is.
#[derive(Clone, Debug)]
struct JsonFields {
    script: Option<JsonScript>,
    items: BoundedPath,
    /// As it was written, to be named where it finds nothing.
    items_path: String,
    parts: BTreeMap<&'static str, JsonPart>,
    empty: Option<BoundedPath>,
    prices: PriceChoices,
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

static PARTS: [SettingField; 18] = with_listing_parts(
    PlaceSyntax::JsonPath,
    &[
        parts::required(parts::optional("items", "List of listings", JsonPath, "$.results")),
        parts::optional(EXPONENT, "Decimal places of amounts", JsonPath, "$.price.decimals"),
        parts::optional("script", "Script of a web page that has the JSON", CssSelector, "script#data"),
        parts::optional("empty", "“Nothing here”", JsonPath, "$.total"),
    ],
);

/// A place in an item that only JSON has.
const EXPONENT: &str = "exponent";

impl SiteAdapter for JsonFields {
    fn read(&self, page: &mut PageText<'_>) -> Reading {
        let JsonDocuments { documents, is_damaged } = match read_documents(&page.text, self.script.as_ref()) {
            Ok(found) => found,
            Err(reason) => return Reading::without(PageState::ShapeChanged, reason),
        };
        if !documents.iter().all(is_small_enough) {
            let reason = format!("the answer has more than {MAX_VALUES} values; no more are read");
            return Reading::without(PageState::ShapeChanged, reason);
        }
        let mut has_list = false;
        let mut items: Vec<&Value> = Vec::new();
        for document in &documents {
            let nodes = self.items.all(document);
            has_list |= !nodes.is_empty();
            // The path may lead to the list, or to everything in it.
            match nodes.as_slice() {
                [Value::Array(list)] => items.extend(list),
                _ => items.extend(nodes),
            }
        }
        if items.is_empty() && is_damaged {
            let reason = "the answer has no items, and a part of it is no JSON";
            return Reading::without(PageState::ShapeChanged, reason);
        }
        if items.is_empty() {
            return self.read_nothing(&documents, has_list);
        }
        let remark = is_damaged.then(|| "a part of the answer is no JSON, and left out".to_owned());
        self.read_items(page, &items, remark)
    }
}

impl JsonFields {
    fn parse(settings: &Value) -> Result<Self, InvalidFields> {
        let texts = parts::read(settings, &PARTS)?;
        let mut errors = FieldErrors::default();
        let mut path = |name: &'static str| {
            let text = texts.get(name)?.first()?;
            errors.take(name, BoundedPath::parse(text).map_err(|error| parts::refused(text, &error)))
        };
        let items = path("items");
        let empty = path("empty");
        let mut found = BTreeMap::new();
        for name in listing_places().chain([EXPONENT]) {
            let Some(alternatives) = texts.get(name) else { continue };
            if let Some(part) = errors.take(name, JsonPart::parse(alternatives)) {
                found.insert(name, part);
            }
        }
        let script = texts.get("script").and_then(|texts| texts.first());
        let script = script.and_then(|text| {
            errors.take("script", JsonScript::parse(text).map_err(|error| parts::refused(text, &error)))
        });
        let prices = PriceChoices::read(&texts, &mut errors);
        match items {
            Some(items) if errors.is_empty() => Ok(Self {
                script,
                items,
                items_path: texts.get("items").map(|texts| texts.concat()).unwrap_or_default(),
                parts: found,
                empty,
                prices,
            }),
            _ => errors.finish(None),
        }
    }

    fn read_items(&self, page: &PageText<'_>, items: &[&Value], remark: Option<String>) -> Reading {
        let mut omissions = Omissions {
            has_more: items.len() > MAX_LISTINGS,
            remarks: remark.into_iter().collect(),
            ..Omissions::default()
        };
        let items = &items[..items.len().min(MAX_LISTINGS)];
        let mut unusable_links = 0;
        let mut listings: Vec<FoundListing> = Vec::with_capacity(items.len());
        for item in items {
            listings.extend(self.read_item(page, item, &mut omissions.unread_prices, &mut unusable_links));
        }
        let about_links = format!(
            "{unusable_links} links are neither an address nor a path that begins with /; give a template, such as \
             \"https://shop.example/item/{{$.slug}}\""
        );
        if listings.is_empty() {
            let mut reason = format!("none of {} items has a title and a link where the settings say", items.len());
            if unusable_links > 0 {
                reason = format!("{reason}; {about_links}");
            }
            return Reading::without(PageState::ShapeChanged, reason);
        }
        omissions.entries = items.len();
        omissions.incomplete = items.len() - listings.len();
        omissions.remarks.extend((unusable_links > 0).then_some(about_links));
        Reading::of(listings, "the answer", &omissions)
    }

    /// Without items it is empty if the list is there and empty, and says so where the settings say that it would.
    fn read_nothing(&self, documents: &[Value], has_list: bool) -> Reading {
        if let Some(refusal) = documents.iter().find_map(refused_by_answer) {
            return refusal;
        }
        let says_so = match &self.empty {
            Some(empty) => documents.iter().filter_map(|document| empty.first(document)).any(is_nothing),
            None => has_list,
        };
        if says_so {
            Reading::without(PageState::Empty, "the answer says that there is nothing")
        } else {
            let reason = format!("there are no items at {}, and nothing says that there are none", self.items_path);
            Reading::without(PageState::ShapeChanged, reason)
        }
    }

    fn read_item(
        &self,
        page: &PageText<'_>,
        item: &Value,
        unread_prices: &mut usize,
        unusable_links: &mut usize,
    ) -> Option<FoundListing> {
        let words = |name: &str| self.parts.get(name)?.clean_text(item);
        let title = words("title")?;
        let link = self.parts.get("link")?.text(item)?;
        let Some(link) = absolute_link(page, &link) else {
            *unusable_links += 1;
            return None;
        };
        let price = self.read_price(page, item);
        let image = self.parts.get("image").and_then(|image| page.link(&image.text(item)?));
        let id = self.parts.get("id").and_then(|id| line(&id.text(item)?));
        let listing = FoundListing {
            title,
            link,
            price: price.unwrap_or_default(),
            details: ListingDetails {
                location: words("location"),
                image_url: image,
                description: words("description"),
                condition: words("condition").and_then(|condition| read_condition(&condition)),
                ..ListingDetails::default()
            },
            created_at: self.parts.get("date").and_then(|date| page.moment(&date.text(item)?)),
            ..FoundListing::default()
        };
        *unread_prices += usize::from(price.is_none());
        Some(listing.with_site_id(id))
    }

    /// The price of an item; none where there is one that is not understood.
    fn read_price(&self, page: &PageText<'_>, item: &Value) -> Option<ParsedPrice> {
        let value = |name: &str| self.parts.get(name)?.value(item);
        let Some(written) = value("price") else { return Some(ParsedPrice::default()) };
        let currency = match value("currency") {
            Some(currency) => read_currency(&currency_text(currency)?, page.currency)?,
            None => page.currency,
        };
        let text = |name: &str| self.parts.get(name)?.text(item);
        let exponent = text(EXPONENT).and_then(|exponent| exponent.parse().ok());
        let style = self.prices.style(currency, exponent.filter(|exponent| *exponent <= 6));
        let per = text("price_per").and_then(|period| find_period(&period));
        let mut price = style.read(written)?.per_unless_stated(per);
        let former = value("former_price").and_then(|former| style.read(former));
        price.previous = price.previous.or(former.and_then(|former| former.price.money()));
        Some(price)
    }
}

/// A link of an answer as an address. What is relative to the answer's own address is none: `desk-1` is a part of an address that
/// somebody has to put together.
fn absolute_link(page: &PageText<'_>, link: &str) -> Option<String> {
    let is_whole = link.starts_with('/')
        || link.split_once("://").is_some_and(|(scheme, _)| scheme.bytes().all(|byte| byte.is_ascii_alphabetic()));
    if is_whole { page.link(link) } else { None }
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
