//! What pages say of their listings to search engines (schema.org), and, where there is nothing of that, lists in their scripts
//! and cards that look like listings.

mod cards;
mod data_scripts;
mod offer_price;
mod schema_org;
mod schema_value;

use std::sync::{Arc, LazyLock};

use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use superbot_domain::FoundListing;

use self::cards::{find_cards, shows_prices};
use self::data_scripts::find_listings;
use self::schema_org::{SchemaItems, read_annotations};
use crate::adapter::{SiteAdapter, SourceKind};
use crate::embedded_repair::first_lenient;
use crate::markup;
use crate::page::{MAX_LISTINGS, Omissions, PageState, PageText, Reading, selector};
use crate::setting_field::PAGE_URLS;

pub(super) static KIND: SourceKind = SourceKind {
    name: "structured",
    title: "Structured data",
    summary: "Any page that describes its listings to search engines (schema.org).",
    site: None,
    settings: &[PAGE_URLS],
    parts: &[],
    configure: |_| Ok(Arc::new(StructuredData)),
};

#[derive(Debug)]
struct StructuredData;

/// A page has no more scripts with data.
const MAX_SCRIPTS: usize = 100;

static SCRIPT: LazyLock<Selector> = selector!("script");
static ANNOTATED: LazyLock<Selector> = selector!("[itemscope][itemtype], [typeof]");

impl SiteAdapter for StructuredData {
    fn read(&self, page: &mut PageText<'_>) -> Reading {
        let html = match markup::parse_page(page) {
            Ok(html) => html,
            Err(reason) => return Reading::without(PageState::ShapeChanged, reason),
        };
        let is_linked_data = |kind: &str| kind.to_ascii_lowercase().contains("ld+json");
        let linked_data = scripts(&html, is_linked_data);
        let annotations: Vec<Value> = html.select(&ANNOTATED).take(MAX_LISTINGS).filter_map(read_annotations).collect();
        let mut items = SchemaItems::default();
        for value in linked_data.iter().chain(&annotations) {
            items.collect(value);
        }
        if !items.found.is_empty() {
            return items_to_reading(page, &items);
        }
        let data = scripts(&html, |kind| !is_linked_data(kind) && kind.to_ascii_lowercase().contains("json"));
        let guesses: [(&str, (Vec<FoundListing>, usize)); 2] = [
            ("its scripts have a list that looks like listings", find_listings(page, &data)),
            ("it has cards that look like listings", find_cards(page, &html)),
        ];
        for (found, (listings, entries)) in guesses {
            if !listings.is_empty() {
                let remark = format!("this is a guess: the page has no schema.org data, and {found}");
                let incomplete = entries - listings.len();
                let omissions = Omissions { entries, incomplete, remarks: vec![remark], ..Omissions::default() };
                return Reading::of(listings, "the page", &omissions);
            }
        }
        if items.say_nothing_is_listed() && !shows_prices(&html) {
            return Reading::without(PageState::Empty, "the page has an ItemList, which is empty");
        }
        let reason = "the page has no schema.org data about listings, and nothing in it looks like some";
        Reading::without(PageState::ShapeChanged, reason)
    }
}

fn items_to_reading(page: &PageText<'_>, items: &SchemaItems<'_>) -> Reading {
    let mut unread_prices = 0;
    let read = &items.found[..items.found.len().min(MAX_LISTINGS)];
    let listings: Vec<FoundListing> =
        read.iter().filter_map(|item| schema_org::read_item(page, item, &mut unread_prices)).collect();
    if listings.is_empty() {
        let reason = format!("none of {} schema.org items has a name and a url", read.len());
        return Reading::without(PageState::ShapeChanged, reason);
    }
    let omissions = Omissions {
        entries: read.len(),
        incomplete: read.len() - listings.len(),
        has_more: items.found.len() > MAX_LISTINGS,
        unread_prices,
        ..Omissions::default()
    };
    Reading::of(listings, "the page's schema.org data", &omissions)
}

/// The JSON of scripts of that type.
fn scripts(html: &Html, is_wanted: impl Fn(&str) -> bool) -> Vec<Value> {
    let wanted = |script: &ElementRef<'_>| script.attr("type").is_some_and(&is_wanted);
    let content = |script: ElementRef<'_>| first_lenient(&script.text().collect::<String>());
    html.select(&SCRIPT).filter(wanted).take(MAX_SCRIPTS).filter_map(content).collect()
}
