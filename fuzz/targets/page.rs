#![no_main]
//! Fuzzes the adapters: the first byte selects one, the second a status, and the rest is the page.

use std::sync::LazyLock;

use serde_json::{Value, json};
use superbot_domain::Currency;
use superbot_sources::{Adapter, Page, PageState, SOURCE_KINDS, SourceKind};

static ADAPTERS: LazyLock<Vec<Adapter>> = LazyLock::new(|| {
    let adapter = |kind: &'static SourceKind| {
        let fields = match kind.name {
            "json" => json!({ "items": "$..results", "title": "$.name", "link": "$.url", "price": "$.price",
                "currency": "$.currency", "price_per": "$.unit", "exponent": "$.digits", "image": "$.image", "id": "$.id", "date": "$.date",
                "script": "__NEXT_DATA__", "empty": "$.total" }),
            "html" => json!({ "row": "li, article", "title": "h2", "link": ["a", "/ad/{@data-id}"], "price": ".price",
                "former_price": "s", "currency": ".price@data-currency", "price_per": ".unit", "image": ["img@srcset", "img"], "location": ".place",
                "id": "@data-id", "date": "time", "empty": ".none" }),
            _ => Value::Null,
        };
        Adapter::new(kind, &fields).expect("settings that are right")
    };
    SOURCE_KINDS.map(adapter).into()
});

const STATUSES: [u16; 6] = [200, 404, 429, 403, 503, 304];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let [kind, status, body @ ..] = input else { return };
    let adapter = &ADAPTERS[usize::from(*kind) % ADAPTERS.len()];
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let asked = "https://www.facebook.com/marketplace/slc/search/";
    let reading = adapter.read(&Page { status, asked, ..Page::saved(asked, body) }, Currency::USD);
    assert!(!reading.reason.is_empty());
    assert!(reading.state == PageState::Ok || reading.listings.is_empty());
    let source = "fuzz".parse().expect("a name");
    for found in reading.listings {
        assert!(!found.title.trim().is_empty() && found.link.starts_with("http"));
        let _ = found.into_listing(&source, Currency::USD);
    }
});
