use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::time::rfc3339;

fn posting(field: &str, value: Value) -> Value {
    let mut posting = json!({ "title": "Flat", "link": "https://a.example/ads/1", "source": "ksl", "price": 500 });
    posting[field] = value;
    posting
}

/// Reads an optional field in a server whose currency is the dollar: its value, and its warning, if there is one.
fn read(field: &str, value: &Value) -> (Value, Option<String>) {
    let posted = PostedListing::from_json(&posting(field, value.clone()), Currency::USD)
        .unwrap_or_else(|invalid| panic!("{field} {value}: {invalid}"));
    let NewListing { price, currency, details, created_at, title, .. } = posted.listing;
    assert_eq!(title, "Flat");
    let kept = match field {
        "price" => price.price.to_json(),
        "currency" => json!(currency.as_str()),
        "price_per" => json!(price.price.per().map(PricePeriod::as_str)),
        "description" => json!(details.description),
        "location" => json!(details.location),
        "image_url" => json!(details.image_url),
        "external_id" | "id" => json!(details.external_id),
        "condition" => json!(details.condition),
        "created_at" => json!(created_at.map(rfc3339)),
        other => unreachable!("{other}"),
    };
    assert!(posted.warnings.len() <= 2, "{:?}", posted.warnings);
    assert!(posted.warnings.iter().all(|warning| warning.field == field || warning.field == "price"));
    (kept, posted.warnings.into_iter().find(|warning| warning.field == field).map(|warning| warning.message))
}

/// Values of each field that do not mean anything, whose names are those of [`NewListing::FIELD_NAMES`].
fn meaningless(field: &str) -> Vec<Value> {
    let long = "x".repeat(30_000);
    let wrong_types = [json!(true), json!(false), json!({}), json!({ "value": 5 }), json!([5]), json!([[]])];
    let words = match field {
        "price" => {
            vec![json!(-1), json!(-0.01), json!(1e300), json!(-1e300), json!(1_000_000_000_001_i64), json!(long)]
        }
        "currency" => {
            let texts = ["doubloons", "US", "12", "¤¤", "5 €", "k€", "pence", "€/mo", "EUR per month", long.as_str()];
            texts.map(|text| json!(text)).into_iter().chain([json!(5)]).collect()
        }
        "price_per" => vec![
            json!(30),
            json!("fortnight"),
            json!("m"),
            json!("NaN"),
            json!("30 days"),
            json!("quarter"),
            json!("per"),
            json!(long),
        ],
        "description" | "location" => vec![],
        "image_url" => vec![
            json!(5),
            json!("NaN"),
            json!("picture.jpg"),
            json!("data:image/png;base64,"),
            json!("javascript:alert(1)"),
            json!("ftp://a.example/1.jpg"),
            json!("//"),
            json!("/\u{7}1.jpg"),
            json!(["ftp://a.example/1.jpg", 5, null]),
            json!(format!("https://a.example/{long}")),
            json!(format!("/{long}")),
        ],
        "external_id" | "id" => vec![json!(long), json!("x".repeat(201))],
        "condition" => vec![
            json!(5),
            json!("mint"),
            json!("used"),
            json!("NaN"),
            json!("newish"),
            json!("https://schema.org/UsedCondition"),
            json!("/"),
            json!(long),
        ],
        "created_at" => vec![
            json!(0),
            json!(-1),
            json!(5),
            json!(1e300),
            json!(20_251_009),
            json!("NaN"),
            json!("inf"),
            json!("yesterday"),
            json!("10/09/2025"),
            json!("2025-13-01"),
            json!("2025-10-09T10:30:00[Europe/Paris]"),
            json!("-000001-01-01T00:00:00Z"),
            json!("Thu, 09 Oct 2025 10:30:00 CEST"),
            json!("Mon, 09 Oct 2025 10:30:00 GMT"),
            json!("1.2.3"),
            json!(long),
        ],
        other => unreachable!("{other}"),
    };
    wrong_types.into_iter().chain(words).collect()
}

const OPTIONAL: [&str; 10] = [
    "price",
    "currency",
    "price_per",
    "description",
    "location",
    "image_url",
    "external_id",
    "id",
    "condition",
    "created_at",
];

#[test]
fn a_meaningless_value_is_left_out_and_named() {
    for field in OPTIONAL {
        assert!(NewListing::FIELD_NAMES.contains(&field));
        let absent = if field == "currency" { json!("USD") } else { Value::Null };
        for value in meaningless(field) {
            let (kept, warning) = read(field, &value);
            assert_eq!(kept, absent, "{field} {value}");
            let warning = warning.unwrap_or_else(|| panic!("no warning for {field} {value}"));
            assert!(warning.starts_with("left out") && warning.len() <= 1_000, "{field} {value}: {warning}");
        }
    }
    assert_eq!(OPTIONAL.len() + 3, NewListing::FIELD_NAMES.len(), "every other field is required");
}

#[test]
fn blank_and_valid_values_have_no_warning() {
    for field in OPTIONAL {
        for blank in [json!(null), json!(""), json!(" \n")] {
            let (_, warning) = read(field, &blank);
            assert_eq!(warning, None, "{field} {blank}");
        }
    }
    for (field, value) in [
        ("price", json!("call me")),
        ("price", json!("NaN")),
        ("price", json!(0)),
        ("currency", json!("eur")),
        ("price_per", json!("month")),
        ("description", json!("é".repeat(20_000))),
        ("location", json!("é".repeat(200))),
        ("image_url", json!("http://a.example/1.jpg")),
        ("external_id", json!(7)),
        ("id", json!("é".repeat(200))),
        ("condition", json!("like_new")),
        ("created_at", json!("2025-10-09")),
    ] {
        assert_eq!(read(field, &value).1, None, "{field} {value}");
    }
}

#[test]
fn a_value_of_certain_meaning_is_read_as_it() {
    for (field, value, expected) in [
        ("currency", json!("€"), json!("EUR")),
        ("currency", json!("$"), json!("USD")),
        ("currency", json!("US$"), json!("USD")),
        ("currency", json!("£"), json!("GBP")),
        ("currency", json!("¥"), json!("JPY")),
        ("currency", json!("CA$"), json!("CAD")),
        ("currency", json!(" zł "), json!("PLN")),
        ("currency", json!("Kč"), json!("CZK")),
        ("currency", json!("₹"), json!("INR")),
        ("currency", json!("euro"), json!("EUR")),
        ("price_per", json!("Month"), json!("month")),
        ("price_per", json!("monthly"), json!("month")),
        ("price_per", json!("per month"), json!("month")),
        ("price_per", json!("/mo"), json!("month")),
        ("price_per", json!("WEEK"), json!("week")),
        ("price_per", json!("weekly"), json!("week")),
        ("price_per", json!("night"), json!("day")),
        ("price_per", json!("hr"), json!("hour")),
        ("price_per", json!("Monat"), json!("month")),
        ("price_per", json!("m²"), json!("area")),
        ("description", json!(84_601), json!("84601")),
        ("location", json!(84_601), json!("84601")),
        ("location", json!(1.5), json!("1.5")),
        ("image_url", json!("//img.example/1.jpg"), json!("https://img.example/1.jpg")),
        ("image_url", json!("/1.jpg"), json!("https://a.example/1.jpg")),
        ("image_url", json!(["//x", "https://a.example/1.jpg"]), json!("https://a.example/1.jpg")),
        ("condition", json!("Like new"), json!("like_new")),
        ("condition", json!("GOOD"), json!("good")),
        ("condition", json!("like-new"), json!("like_new")),
        ("condition", json!("https://schema.org/NewCondition"), json!("new")),
        ("condition", json!("For parts"), json!("parts")),
        ("created_at", json!(1_760_005_800), json!("2025-10-09T10:30:00Z")),
        ("created_at", json!(1_760_005_800.5), json!("2025-10-09T10:30:00.5Z")),
        ("created_at", json!("1760005800"), json!("2025-10-09T10:30:00Z")),
        ("created_at", json!(1_760_005_800_000_i64), json!("2025-10-09T10:30:00Z")),
        ("created_at", json!(1_760_005_800_000_000_i64), json!("2025-10-09T10:30:00Z")),
        ("created_at", json!("Thu, 09 Oct 2025 10:30:00 GMT"), json!("2025-10-09T10:30:00Z")),
        ("created_at", json!("Thu, 09 Oct 2025 10:30:00 +0200"), json!("2025-10-09T08:30:00Z")),
        ("created_at", json!("09 Oct 2025 10:30 EST"), json!("2025-10-09T15:30:00Z")),
        ("created_at", json!("Thu, 09 Oct 2025 10:30:00 UTC"), json!("2025-10-09T10:30:00Z")),
    ] {
        let (kept, warning) = read(field, &value);
        assert_eq!(kept, expected, "{field} {value} {warning:?}");
        assert!(warning.is_some_and(|warning| warning.starts_with("read as ")), "{field} {value}");
    }
}

#[test]
fn a_text_that_is_too_long_is_cut() {
    for (field, max_chars) in [("description", 20_000), ("location", 200)] {
        for extra in [1, 2, 5_000] {
            let (kept, warning) = read(field, &json!("é".repeat(max_chars + extra)));
            assert_eq!(kept, "é".repeat(max_chars), "{field}");
            assert!(warning.unwrap().starts_with(&format!("cut to {max_chars} characters: ")));
        }
    }
}

#[test]
fn an_amount_in_an_unknown_unit_is_not_stated() {
    let read = |price: Value, field: &str, unit: Value| {
        let mut posting = posting("price", price);
        posting[field] = unit;
        let posted = PostedListing::from_json(&posting, Currency::USD).unwrap();
        let warned: Vec<_> = posted.warnings.into_iter().map(|warning| warning.field).collect();
        let price = posted.listing.price.price;
        (price.to_json(), posted.listing.currency.to_string(), price.per().map(PricePeriod::as_str), warned.join(" "))
    };
    for (price, field, unit, expected) in [
        (json!(500), "currency", "doubloons", (json!(null), "USD", None, "currency price")),
        (json!("500"), "currency", "doubloons", (json!(null), "USD", None, "currency price")),
        // A text may state what the other field does not.
        (json!("500 €"), "currency", "doubloons", (json!(500), "EUR", None, "currency")),
        (json!("$500/mo"), "currency", "doubloons", (json!(500), "USD", Some("month"), "currency")),
        (json!(0), "currency", "doubloons", (json!(0), "USD", None, "currency")),
        (json!("free"), "currency", "doubloons", (json!(0), "USD", None, "currency")),
        (json!(null), "currency", "doubloons", (json!(null), "USD", None, "currency")),
        (json!(500), "currency", "€", (json!(500), "EUR", None, "currency")),
        (json!(500), "price_per", "fortnight", (json!(null), "USD", None, "price_per")),
        (json!("$500"), "price_per", "fortnight", (json!(null), "USD", None, "price_per")),
        (json!("$500/mo"), "price_per", "fortnight", (json!(500), "USD", Some("month"), "price_per")),
        (json!(0), "price_per", "fortnight", (json!(0), "USD", None, "price_per")),
        (json!(500), "price_per", "Monthly", (json!(500), "USD", Some("month"), "price_per")),
    ] {
        let (amount, currency, per, warned) = expected;
        let expected = (amount, currency.to_owned(), per, warned.to_owned());
        assert_eq!(read(price.clone(), field, json!(unit)), expected, "{price} {field} {unit}");
    }
    let posted = PostedListing::from_json(&posting("currency", json!("kr")), "NOK".parse().unwrap()).unwrap();
    assert_eq!(posted.listing.currency.as_str(), "NOK", "of currencies that share a sign, the server's comes first");
}

#[test]
fn every_wrong_field_has_its_warning() {
    let mut posting = posting("price", json!(true));
    for field in OPTIONAL.into_iter().filter(|field| *field != "id") {
        posting[field] = json!(true);
    }
    let warnings = PostedListing::from_json(&posting, Currency::USD).unwrap().warnings;
    assert_eq!(warnings.len(), OPTIONAL.len() - 1);
    posting["title"] = json!("");
    let invalid = PostedListing::from_json(&posting, Currency::USD).unwrap_err();
    assert_eq!((invalid.errors.len(), &*invalid.errors[0].field), (1, "title"), "reasons of a rejection only");
}

fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "\\PC{0,40}",
        "[-+]?[0-9]{1,20}([.,][0-9]{0,3})?( ?[€$£a-zA-Z/]{1,8})?",
        "(https?:)?/{0,3}[a-z.]{0,9}[/:?#][\\PC]{0,9}",
        "[A-Z][a-z]{2}, [0-9]{1,2} [A-Z][a-z]{2} [0-9]{2,4} [0-9]{2}:[0-9]{2}(:[0-9]{2})? ([A-Z]{1,4}|[-+][0-9]{4})",
        ("\\PC", 1_usize..30_000).prop_map(|(text, times)| text.repeat(times)),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::from))
}

proptest! {
    #[test]
    fn no_optional_field_rejects_a_listing(
        fields in prop::collection::hash_map(prop::sample::select(OPTIONAL.to_vec()), any_value(), 0..10)
    ) {
        let mut given = posting("title", json!("Flat"));
        for (field, value) in &fields {
            given[*field] = value.clone();
        }
        let posted = PostedListing::from_json(&given, Currency::USD);
        prop_assert!(posted.is_ok(), "{given}: {posted:?}");
        let PostedListing { listing, warnings } = posted.unwrap();
        // What was kept is valid, so that posting it again has no warning.
        let details = &listing.details;
        let mut again = json!({
            "title": listing.title, "link": listing.link.as_str(), "source": listing.source.as_str(),
            "description": details.description, "location": details.location, "image_url": details.image_url,
            "external_id": details.external_id, "condition": details.condition,
            "price": listing.price.price.to_json(), "currency": listing.currency.as_str(),
        });
        again["price_per"] = json!(listing.price.price.per().map(PricePeriod::as_str));
        again["created_at"] = json!(listing.created_at.map(rfc3339));
        let repeated = PostedListing::from_json(&again, Currency::USD).unwrap();
        prop_assert_eq!(&repeated.warnings, &[]);
        prop_assert_eq!(&repeated.listing.details, details);
        prop_assert_eq!(repeated.listing.created_at, listing.created_at);
        prop_assert_eq!(repeated.listing.price.price, listing.price.price);
        for warning in warnings {
            prop_assert!(fields.contains_key(&*warning.field) || warning.field == "price", "{warning}");
            prop_assert!(warning.message.split_once(": ").is_some_and(|(done, _)| {
                done.starts_with("left out") || done.starts_with("cut to ") || done.starts_with("read as ")
            }), "{warning}");
        }
    }
}
