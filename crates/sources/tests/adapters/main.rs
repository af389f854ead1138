//! Every adapter on pages in the sites' shapes; the listings are invented.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod any_bytes;
mod craigslist;
mod facebook;
mod feed;
mod html;
mod json;
mod ksl;
mod states;

use serde_json::{Value, json};
use superbot_domain::Currency;
use superbot_sources::{Adapter, Kind, Page, PageState, Reading};

/// An adapter of each kind; those that need to be told where everything is, are.
fn adapter(kind: Kind) -> Adapter {
    let fields = match kind {
        Kind::Json => json!({ "items": "$.data.results", "title": "$.name", "link": "$.url", "empty": "$.data.total" }),
        Kind::Html => json!({ "row": "li.ad", "title": "h2", "link": "a", "empty": ".none" }),
        _ => Value::Null,
    };
    Adapter::new(kind, &fields).unwrap()
}

/// What an adapter makes of a page of its own site.
fn read(kind: Kind, body: &str) -> Reading {
    read_at(kind, kind.home(), body)
}

fn read_at(kind: Kind, url: &str, body: &str) -> Reading {
    adapter(kind).read(&Page { status: 200, asked: "", url, body: body.as_bytes() }, Currency::USD)
}

/// The titles, prices and places of a page that must list something.
fn listed(reading: &Reading) -> Vec<(&str, String, &str)> {
    assert_eq!(reading.state, PageState::Ok, "{}", reading.reason);
    let listing = |found: &'_ superbot_sources::Found| found.price.price.to_json().to_string();
    let rows = reading.listings.iter();
    rows.map(|found| (&*found.title, listing(found), found.location.as_deref().unwrap_or_default())).collect()
}
