use serde_json::{Value, json};
use superbot_domain::Currency;
use superbot_sources::{Adapter, Page, PageState, Reading};

use super::kind;

use super::listed;

fn fields() -> Value {
    json!({
        "items": "$.data.results", "title": "$.name", "link": "$.links[0].href", "price": "$.price.value",
        "currency": "$.price.currency", "location": "$.place", "image": "$.photos[0]", "description": "$.text", "id": "$.id",
        "date": "$.listed", "empty": "$.data.total",
    })
}

fn read(fields: &Value, body: &Value) -> Reading {
    let body = body.to_string();
    let page = Page::saved("https://api.shop.example/v1/search", body.as_bytes());
    Adapter::new(kind("json"), fields).unwrap().read(&page, Currency::USD)
}

#[test]
fn each_part_is_where_the_settings_say() {
    let body = json!({ "data": { "total": 3, "results": [
        { "id": 7, "name": " Oak  desk", "links": [{ "href": "/ad/7" }], "price": { "value": 1250.5, "currency": "EUR" },
          "place": "Provo", "photos": ["//i.example/7.jpg"], "text": "Solid.", "listed": 1_760_000_000 },
        { "id": "x-8", "name": "Lamp", "links": [{ "href": "https://shop.example/8" }], "price": { "value": "$15 OBO" } },
        { "name": "No link" } ] } });
    let reading = read(&fields(), &body);
    assert_eq!(listed(&reading), [("Oak desk", "1250.5".to_owned(), "Provo"), ("Lamp", "15".to_owned(), "")]);
    let desk = &reading.listings[0];
    assert_eq!(
        (desk.link.as_str(), desk.price.price.money().unwrap().currency.as_str()),
        ("https://api.shop.example/ad/7", "EUR")
    );
    assert_eq!(
        (desk.details.image_url.as_deref(), desk.aliases.as_slice()),
        (Some("https://i.example/7.jpg"), &["7".to_owned()][..])
    );
    assert_eq!(desk.created_at.unwrap().as_second(), 1_760_000_000);
    assert!(reading.listings[1].price.negotiable);
    let everything = json!({ "items": "$..results[*]", "title": "$.name", "link": "$.links[0].href" });
    assert_eq!(read(&everything, &body).listings.len(), 2, "a path may lead to the items themselves");
}

#[test]
fn nothing_is_nothing_only_where_the_answer_says_so() {
    let state = |fields: &Value, body: Value| read(fields, &body).state;
    assert_eq!(state(&fields(), json!({ "data": { "total": 0, "results": [] } })), PageState::Empty);
    assert_eq!(state(&fields(), json!({ "data": { "total": 9, "results": [] } })), PageState::ShapeChanged);
    assert_eq!(state(&fields(), json!({ "data": { "results": [] } })), PageState::ShapeChanged);
    let plain = json!({ "items": "$.results", "title": "$.name", "link": "$.url" });
    assert_eq!(state(&plain, json!({ "results": [] })), PageState::Empty, "the list is there and empty");
    assert_eq!(state(&plain, json!({ "outcome": [] })), PageState::ShapeChanged);
    assert_eq!(state(&plain, json!({ "results": [{ "title": "x" }] })), PageState::ShapeChanged);
}

#[test]
fn every_wrong_setting_is_named() {
    let invalid =
        Adapter::new(kind("json"), &json!({ "items": "results", "title": "$.[", "link": "$.url" })).unwrap_err();
    let fields: Vec<_> = invalid.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["items", "title"]);
    assert!(
        invalid.to_string().contains("items: is \"results\", which is no JSONPath, such as \"$.name\""),
        "{invalid}"
    );
}
