//! Parts of answers in all the ways that settings can name them.

use serde_json::{Value, json};
use superbot_domain::Currency;
use superbot_sources::{Adapter, Page, PageState, Reading};

use super::kind;

fn read_body(fields: &Value, body: &str) -> Reading {
    let mut all = json!({ "items": "$.items", "title": "$.title", "link": "$.url" });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let page = Page::saved("https://api.shop.example/v1/search", body.as_bytes());
    Adapter::new(kind("json"), &all).unwrap().read(&page, Currency::USD)
}

fn read(fields: &Value, item: &Value) -> Reading {
    let mut all = json!({ "title": "Desk", "url": "/1" });
    all.as_object_mut().unwrap().extend(item.as_object().unwrap().clone());
    read_body(fields, &json!({ "items": [all] }).to_string())
}

fn price(fields: &Value, item: &Value) -> String {
    let reading = read(fields, item);
    let price = reading.listings[0].price.price;
    price
        .money()
        .map_or_else(|| price.kind().to_owned(), |money| format!("{} {}", money.to_json(), money.currency.as_str()))
}

#[test]
fn amounts_are_read_in_their_unit() {
    for (fields, item, expected) in [
        (json!({ "price": "$.p" }), json!({ "p": 4500 }), "4500 USD"),
        (json!({ "price": "$.p", "amount_in": "minor" }), json!({ "p": 4500 }), "45 USD"),
        (json!({ "price": "$.p", "amount_in": "minor" }), json!({ "p": "4500" }), "45 USD"),
        (
            json!({ "price": "$.p", "amount_in": "minor", "currency": "$.c" }),
            json!({ "p": 4500, "c": "JPY" }),
            "4500 JPY",
        ),
        (json!({ "price": "$.p", "exponent": "$.e" }), json!({ "p": "4500", "e": 2 }), "45 USD"),
        (json!({ "price": "$.p", "exponent": "$.e" }), json!({ "p": "4500", "e": 0 }), "4500 USD"),
        (json!({ "price": "$.p", "currency": "$.c" }), json!({ "p": 45, "c": "€" }), "45 EUR"),
        (json!({ "price": "$.p", "currency": "$.c" }), json!({ "p": 45, "c": null }), "45 USD"),
        (json!({ "price": "$.p" }), json!({ "p": [1200] }), "1200 USD"),
        (json!({ "price": "$.p" }), json!({ "p": { "amount": 12, "currency": "EUR" } }), "12 EUR"),
        (json!({ "price": "$.p" }), json!({ "p": "12\u{202f}500 €" }), "12500 EUR"),
        (json!({ "price": "$.p" }), json!({ "p": 0 }), "free"),
        (json!({ "price": "$.p", "zero": "unstated" }), json!({ "p": 0 }), "unstated"),
        (json!({ "price": ["$.sale", "$.p"] }), json!({ "p": 50, "sale": 40 }), "40 USD"),
        (json!({ "price": ["$.sale", "$.p"] }), json!({ "p": 50, "sale": null }), "50 USD"),
    ] {
        assert_eq!(price(&fields, &item), expected, "{fields} {item}");
    }
    let unread = read(&json!({ "price": "$.p" }), &json!({ "p": { "hidden": 1 } }));
    assert!(unread.reason.contains("1 prices could not be read"), "{}", unread.reason);
    let former = read(&json!({ "price": "$.p", "former_price": "$.o" }), &json!({ "p": 40, "o": "$50" }));
    assert_eq!(former.listings[0].price.previous.unwrap().minor, 5_000);
}

#[test]
fn a_currency_is_read_in_every_shape_or_the_price_is_not() {
    for (currency, expected) in [
        (json!("GBP"), "45 GBP"),
        (json!("£"), "45 GBP"),
        (json!({ "code": "GBP" }), "45 GBP"),
        (json!({ "code": "GBP", "symbol": "£", "name": "Pound" }), "45 GBP"),
        (json!({ "symbol": "£" }), "45 GBP"),
        (json!({ "iso": "GBP" }), "45 GBP"),
        (json!({ "isoCode": "GBP" }), "45 GBP"),
        (json!({ "currencyCode": "GBP" }), "45 GBP"),
        (json!({ "currency": "GBP" }), "45 GBP"),
        (json!({ "id": 7, "code": "GBP" }), "45 GBP"),
        (json!(null), "45 USD"),
        (json!(""), "45 USD"),
        (json!({}), "unstated"),
        (json!({ "id": 7 }), "unstated"),
        (json!({ "code": "points" }), "unstated"),
        (json!(true), "unstated"),
        (json!(978), "unstated"),
    ] {
        let item = json!({ "p": 45, "c": currency });
        assert_eq!(price(&json!({ "price": "$.p", "currency": "$.c" }), &item), expected, "{item}");
    }
}

#[test]
fn a_period_beside_an_amount_is_that_of_the_price() {
    for (unit, expected) in [
        (json!("month"), Some("month")),
        (json!("PER_MONTH"), Some("month")),
        (json!("MON"), Some("month")),
        (json!("P1W"), Some("week")),
        (json!("night"), Some("day")),
        (json!("m²"), Some("area")),
        (json!("total"), None),
        (json!(1), None),
        (json!(null), None),
        (json!({ "unit": "month" }), None),
    ] {
        let item = json!({ "p": 900, "unit": unit });
        let reading = read(&json!({ "price": "$.p", "price_per": "$.unit" }), &item);
        assert_eq!(reading.listings[0].price.price.per().map(superbot_domain::PricePeriod::as_str), expected, "{item}");
    }
}

#[test]
fn links_are_built_or_refused() {
    for (link, item, expected) in [
        ("https://x.test/item/{$.slug}", json!({ "slug": "desk-1" }), Some("https://x.test/item/desk-1")),
        ("https://x.test/{$.a}/{$.id}", json!({ "a": "b c", "id": 7 }), Some("https://x.test/b%20c/7")),
        ("/item/{$['slug']}", json!({ "slug": "desk-1" }), Some("https://api.shop.example/item/desk-1")),
        ("https://x.test/item/{$.slug}", json!({ "slug": null }), None),
        ("$.slug", json!({ "slug": "desk-1" }), None),
        ("$.slug", json!({ "slug": "item/desk-1" }), None),
        ("$.slug", json!({ "slug": 7 }), None),
        ("$.slug", json!({ "slug": "/item/desk-1" }), Some("https://api.shop.example/item/desk-1")),
        ("$.slug", json!({ "slug": "//x.test/1" }), Some("https://x.test/1")),
        ("$.slug", json!({ "slug": "https://x.test/1" }), Some("https://x.test/1")),
        ("$.slug", json!({ "slug": "javascript:alert(1)" }), None),
        ("$.slug", json!({ "slug": ["https://x.test/1"] }), Some("https://x.test/1")),
    ] {
        let reading = read(&json!({ "link": link }), &item);
        assert_eq!(
            reading.listings.first().map(|found| found.link.as_str()),
            expected,
            "{link} {item}: {}",
            reading.reason
        );
    }
    let refused = read(&json!({ "link": "$.slug" }), &json!({ "slug": "desk-1" }));
    assert_eq!(refused.state, PageState::ShapeChanged);
    assert!(refused.reason.contains("give a template"), "{}", refused.reason);
    let image = read(&json!({ "image": "https://cdn.test/{$.pic}.jpg" }), &json!({ "pic": "a" }));
    assert_eq!(image.listings[0].details.image_url.as_deref(), Some("https://cdn.test/a.jpg"));
}

#[test]
fn texts_are_cleaned() {
    for (text, expected) in [
        ("Desk &amp; <b>lamp</b>", "Desk & lamp"),
        ("<b>for</b> parts", "for parts"),
        ("Lens <wanted>", "Lens <wanted>"),
        ("Caf&eacute;", "Café"),
        ("5 < 6", "5 < 6"),
        ("R&D", "R&D"),
        ("one<br>two", "one two"),
        (" spread\n out ", "spread out"),
    ] {
        let reading = read(&json!({ "title": "$.t", "description": "$.t" }), &json!({ "t": text }));
        let found = &reading.listings[0];
        assert_eq!((found.title.as_str(), found.details.description.as_deref()), (expected, Some(expected)), "{text}");
    }
}

#[test]
fn json_is_found_in_whatever_is_around_it() {
    let json = json!({ "items": [{ "title": "A", "url": "/1" }, { "title": "B", "url": "/2" }] }).to_string();
    let escaped = json.replace('&', "&amp;").replace('"', "&quot;");
    let text = json!(json).to_string();
    let flight = json!([1, format!("1:I[2]\n2:{json}\n")]).to_string();
    let (one, two) = flight.split_at(0);
    for (script, body) in [
        ("", json.clone()),
        ("", format!("\u{feff}  {json}\n")),
        ("", format!(")]}}'\n{json}")),
        ("", format!(")]}}',\n{json}")),
        ("", format!("for (;;);{json}")),
        ("", format!("while(1);{json}")),
        ("", format!("callback({json});")),
        ("", format!("/**/ jQuery123_45({json})")),
        ("", format!("/**/typeof cb === 'function' && cb({json});")),
        ("", format!("{{\"label\": \"first\"}}\n{json}\n")),
        (
            "__NEXT_DATA__",
            format!("<html><script id=\"__NEXT_DATA__\" type=\"application/json\">{json}</script></html>"),
        ),
        ("__DATA__", format!("<script type='application/json' id='__DATA__'>\n{json}</script>")),
        ("window.__STATE__", format!("<script>window.__STATE__ = {json};</script>")),
        ("__STATE__", format!("<script>window['__STATE__']={json}</script>")),
        ("state", format!("<script>var state = JSON.parse({text});</script>")),
        ("self.__next_f", format!("<script>{one}self.__next_f.push({two})</script>")),
        ("script[type=\"application/ld+json\"]", format!("<script type=\"application/ld+json\">{json}</script>")),
        ("script.data", format!("<script class=data>{json}</script>")),
        ("#app@data-page", format!("<div id=app data-page=\"{escaped}\"></div>")),
    ] {
        let fields = if script.is_empty() { json!({}) } else { json!({ "script": script }) };
        let reading = read_body(&fields, &body);
        assert_eq!(reading.listings.len(), 2, "{script}: {}: {body}", reading.reason);
    }
    let absent = read_body(&json!({ "script": "__NEXT_DATA__" }), "<html></html>");
    assert_eq!(
        (absent.state, absent.reason.as_str()),
        (PageState::ShapeChanged, "the page has no JSON where the settings say (script)")
    );
    assert_eq!(read_body(&json!({}), "<html></html>").state, PageState::ShapeChanged);
    let refused = Adapter::new(kind("json"), &json!({ "items": "$", "title": "$", "link": "$", "script": "a..b >" }))
        .unwrap_err();
    assert!(refused.to_string().contains("is no name of a script and no CSS selector"), "{refused}");
}

#[test]
fn lists_of_several_documents_are_joined() {
    let line = |n: u32| json!({ "items": [{ "title": format!("Ad {n}"), "url": format!("/{n}") }] });
    let one = line(1).to_string();
    let two = line(2).to_string();
    let pretty = |n: u32| format!("{:#}", line(n));
    for (body, listings, is_damaged) in [
        (format!("{one}\n{{}}\n{two}"), 2, false),
        (format!("{one}\r\n\r\n{two}\r\n"), 2, false),
        (format!("{one}{two}"), 2, false),
        (format!("{one} {two}\n"), 2, false),
        (format!("{}\n{}", pretty(1), pretty(2)), 2, false),
        (format!("--x\n{one}\n--x\n{two}\n--x--"), 2, false),
        (format!("{one}\n{}", &two[..two.len() - 5]), 1, true),
        (format!("{one}{}", &two[..two.len() - 5]), 1, true),
        (format!("{one}\n{}", &two[..2]), 1, true),
        (format!("{}\n{}", pretty(1), &pretty(2)[..30]), 1, true),
        (format!("{}\n{two}", &one[..one.len() - 5]), 1, true),
        (format!("for (;;);{one}\n{}", &two[..20]), 1, true),
    ] {
        let reading = read_body(&json!({}), &body);
        assert_eq!(reading.listings.len(), listings, "{}: {body}", reading.reason);
        assert_eq!(reading.reason.contains("no JSON"), is_damaged, "{}: {body}", reading.reason);
    }
    let cut = read_body(&json!({ "empty": "$.total" }), "{\"total\": 0, \"items\": []}\n{\"items\": [{\"ti");
    assert_eq!(cut.state, PageState::ShapeChanged, "what was cut may have had items");
}

#[test]
fn moments_are_read_in_every_form() {
    for value in [
        json!(1_760_345_600),
        json!(1_760_345_600.0),
        json!("1760345600"),
        json!(1_760_345_600_000_i64),
        json!("2025-10-13T08:53:20Z"),
        json!("Mon, 13 Oct 2025 08:53:20 GMT"),
    ] {
        let reading = read(&json!({ "date": "$.d" }), &json!({ "d": value }));
        assert_eq!(reading.listings[0].created_at.unwrap().to_string(), "2025-10-13T08:53:20Z", "{value}");
    }
}
