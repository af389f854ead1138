use serde_json::json;

use super::*;
use crate::time::rfc3339;
use proptest::prelude::*;

fn read(value: &Value) -> Result<NewListing, InvalidFields> {
    NewListing::from_json(value, Currency::USD)
}

fn with(field: &str, value: Value) -> Value {
    let mut listing = json!({ "title": "2002 Corvette Z06", "link": "https://example.com/1", "source": "craigslist" });
    listing[field] = value;
    listing
}

#[test]
fn the_sample_of_the_manual_is_accepted_as_it_stands() {
    let listing = read(&json!({ "id": 123, "title": "2002 Corvette Z06", "price": 28000, "link": "https://...", "source": "craigslist" })).unwrap();
    assert_eq!(listing.title, "2002 Corvette Z06");
    assert_eq!(listing.price.price.to_json(), 28000);
    assert_eq!(listing.details.external_id.as_deref(), Some("123"));
    assert_eq!(listing.link.as_str(), "https://...");
}

#[test]
fn optional_fields_are_read_and_unknown_ones_ignored() {
    let listing = read(&json!({
        "title": " Z06\n 2002\u{0} ", "link": "https://example.com/1?utm_source=x", "source": "KSL", "price": "1.400,00 € VB", "description": " Runs.\r\nNo rust.\u{7} ",
        "location": "Provo,\tUT", "image_url": "https://img.example.com/1.jpg", "id": 4, "external_id": "abc", "created_at": "2025-10-09T10:30:00", "seller": { "name": "x" },
    })).unwrap();
    assert_eq!(
        (listing.title.as_str(), listing.source.as_str(), listing.currency.as_str()),
        ("Z06 2002", "ksl", "EUR")
    );
    assert_eq!(listing.details.description.as_deref(), Some("Runs.\nNo rust."));
    assert_eq!(listing.details.location.as_deref(), Some("Provo, UT"));
    assert_eq!(listing.details.external_id.as_deref(), Some("abc"));
    assert_eq!(rfc3339(listing.created_at.unwrap()), "2025-10-09T10:30:00Z");
    assert!(listing.price.negotiable);
}

#[test]
fn a_price_may_be_for_a_period() {
    use crate::price_period::PricePeriod::{Hour, Month, Week};
    let per = |price: Value, per: Value| {
        let mut listing = with("price", price);
        listing["price_per"] = per;
        read(&listing).map(|listing| (listing.price.price.to_json(), listing.price.price.per()))
    };
    for (price, period, expected) in [
        (json!(500), json!("month"), (json!(500), Some(Month))),
        (json!(12.5), json!("hour"), (json!(12.5), Some(Hour))),
        (json!("$500"), json!("month"), (json!(500), Some(Month))),
        (json!("$500/mo"), json!(null), (json!(500), Some(Month))),
        // What the text says is closer to the truth than what its source usually means.
        (json!("$500/week"), json!("month"), (json!(500), Some(Week))),
        (json!(500), json!(null), (json!(500), None)),
        (json!(500), json!(" "), (json!(500), None)),
        (json!(0), json!("month"), (json!(0), None)),
        (json!("free"), json!("month"), (json!(0), None)),
        (json!(null), json!("month"), (json!(null), None)),
        (json!("ask me"), json!("month"), (json!(null), None)),
    ] {
        assert_eq!(per(price.clone(), period.clone()), Ok(expected), "{price} {period}");
    }
}

#[test]
fn what_was_read_from_a_text_depends_on_the_reader() {
    for (price, expected) in [
        (json!(500), ReaderScope::Nothing),
        (json!(null), ReaderScope::Nothing),
        (json!("$500"), ReaderScope::Price),
        (json!("ask me"), ReaderScope::Price),
        (json!(" "), ReaderScope::Nothing),
    ] {
        assert_eq!(read(&with("price", price.clone())).unwrap().read_from_text, expected, "{price}");
    }
    let found = crate::FoundListing {
        title: "Flat".to_owned(),
        link: "https://example.com/1".to_owned(),
        ..crate::FoundListing::default()
    };
    let found = found.into_listing(&SourceName::parse("ksl").unwrap(), Currency::USD).unwrap();
    assert_eq!(found.read_from_text, ReaderScope::Everything);
}

#[test]
fn blank_and_null_are_absent() {
    for blank in [json!(null), json!(""), json!("  ")] {
        for field in [
            "description",
            "location",
            "image_url",
            "external_id",
            "id",
            "condition",
            "created_at",
            "currency",
            "price",
        ] {
            let listing = read(&with(field, blank.clone())).unwrap_or_else(|invalid| panic!("{field}: {invalid}"));
            assert_eq!(
                (listing.price.price, listing.details.image_url, listing.details.external_id),
                (Price::Unstated, None, None)
            );
        }
    }
}

#[test]
fn prices_are_numbers_or_what_people_write() {
    for (price, expected) in [
        (json!(28000), json!(28000)),
        (json!(24.99), json!(24.99)),
        (json!(0), json!(0)),
        (json!("$28,000 OBO"), json!(28000)),
        (json!("call"), json!(null)),
        (json!("-1"), json!(null)),
    ] {
        assert_eq!(read(&with("price", price.clone())).unwrap().price.price.to_json(), expected, "{price}");
    }
}

#[test]
fn a_wrong_field_is_named_with_its_value() {
    for (field, value, part) in [
        ("title", json!(42), "42 (a number)"),
        ("title", json!("  "), "empty"),
        ("title", json!("x".repeat(501)), "501 characters"),
        ("link", json!("ftp://example.com"), "ftp://example.com"),
        ("link", json!("javascript:alert(1)"), "javascript:alert(1)"),
        ("source", json!("two words"), "two words"),
        ("source", json!(["ksl"]), "an array"),
    ] {
        let invalid = read(&with(field, value)).unwrap_err();
        assert_eq!(invalid.errors.len(), 1, "{invalid}");
        assert_eq!(invalid.errors[0].field, field);
        assert!(invalid.errors[0].message.contains(part), "{invalid}");
    }
}

#[test]
fn every_condition_is_read_by_its_name() {
    for name in ItemCondition::NAMES {
        let condition = read(&with("condition", json!(name))).unwrap().details.condition.unwrap();
        assert_eq!((condition.as_str(), serde_json::to_value(condition).unwrap()), (*name, json!(name)));
    }
}

#[test]
fn every_reason_of_a_rejection_is_reported_at_once() {
    let invalid = read(&json!({ "title": 5, "price": true, "image_url": 5 })).unwrap_err().under("items[3]");
    let fields: Vec<_> = invalid.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["items[3].title", "items[3].link", "items[3].source"]);
    assert_eq!(read(&json!([1])).unwrap_err().under("items[0]").errors[0].field, "items[0]");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from)
    ];
    leaf.prop_recursive(2, 8, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::from))
}

proptest! {
    #[test]
    fn any_value_of_any_field_is_accepted_within_bounds_or_refused_by_name(field in prop::sample::select(vec!["title", "link", "source", "price", "description", "location", "image_url", "external_id", "id", "created_at", "currency"]), value in any_json()) {
        match read(&with(field, value)) {
            Ok(listing) => prop_assert!((1..=500).contains(&listing.title.chars().count())),
            Err(invalid) => prop_assert!(["title", "link", "source"].contains(&field) && invalid.errors.iter().all(|error| error.field == field)),
        }
    }
}
