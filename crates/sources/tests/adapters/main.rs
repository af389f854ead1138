//! Every adapter on pages in the sites' shapes; the listings are invented.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod any_bytes;
mod craigslist;
mod facebook;
mod feed;
mod feed_details;
mod feed_dialects;
mod html;
mod html_parts;
mod json;
mod json_parts;
mod ksl;
mod refusals;
mod saved_pages;
mod settings;
mod states;
mod structured;
mod structured_cards;
mod structured_offers;

use serde_json::{Value, json};
use superbot_domain::Currency;
use superbot_sources::{Adapter, Page, PageState, Reading, SourceKind, find_source_kind};

fn kind(name: &str) -> &'static SourceKind {
    find_source_kind(name).unwrap()
}

/// An adapter of each kind; those with parts have settings that say where each is.
fn adapter(name: &str) -> Adapter {
    let fields = match name {
        "json" => json!({ "items": "$.data.results", "title": "$.name", "link": "$.url", "empty": "$.data.total" }),
        "html" => json!({ "row": "li.ad", "title": "h2", "link": "a", "empty": ".none" }),
        _ => Value::Null,
    };
    Adapter::new(kind(name), &fields).unwrap()
}

/// What an adapter makes of a page of its own site.
fn read(name: &str, body: &str) -> Reading {
    read_at(name, kind(name).home(), body)
}

fn read_at(name: &str, url: &str, body: &str) -> Reading {
    adapter(name).read(&Page::saved(url, body.as_bytes()), Currency::USD)
}

/// The titles, prices and places of a page that must list something.
fn listed(reading: &Reading) -> Vec<(&str, String, &str)> {
    assert_eq!(reading.state, PageState::Ok, "{}", reading.reason);
    let listing = |found: &superbot_domain::FoundListing| found.price.price.to_json().to_string();
    let rows = reading.listings.iter();
    rows.map(|found| (&*found.title, listing(found), found.details.location.as_deref().unwrap_or_default())).collect()
}
