//! What schema.org says of prices, in all the ways that it has.

use serde_json::{Value, json};
use superbot_sources::Reading;

use super::read_at;

fn read(item: &Value) -> Reading {
    let body = format!("<html><head><script type=\"application/ld+json\">{item}</script></head></html>");
    let reading = read_at("structured", "https://shop.example/list/", &body);
    assert_eq!(reading.listings.len(), 1, "{}: {item}", reading.reason);
    reading
}

/// The price of an item of that type with these offers: "70 EUR per month before 90".
fn price_of(kind: &str, offers: &Value) -> String {
    let reading = read(&json!({ "@type": kind, "name": "A", "url": "/1", "offers": offers }));
    let price = reading.listings[0].price;
    let Some(money) = price.price.money() else { return price.price.kind().to_owned() };
    let per = price.price.per().map_or_else(String::new, |per| format!(" per {per}"));
    let before = price.previous.map_or_else(String::new, |money| format!(" before {}", money.to_json()));
    format!("{} {}{per}{before}", money.to_json(), money.currency.as_str())
}

fn price(offers: &Value) -> String {
    price_of("Product", offers)
}

/// A specification of that price and type.
fn specification(amount: u32, kind: &str) -> Value {
    json!({ "@type": "UnitPriceSpecification", "price": amount, "priceCurrency": "EUR", "priceType": kind })
}

#[test]
fn what_is_asked_now_comes_before_what_was_asked() {
    let s = "https://schema.org/SalePrice";
    let l = "https://schema.org/ListPrice";
    let strike = "https://schema.org/StrikethroughPrice";
    let plain = || json!({ "price": 80, "priceCurrency": "EUR" });
    for (specifications, expected) in [
        (json!([specification(90, l), specification(70, s)]), "70 EUR before 90"),
        (json!([specification(70, s), specification(90, l)]), "70 EUR before 90"),
        (json!([specification(90, strike), specification(70, s)]), "70 EUR before 90"),
        (json!([specification(90, "http://schema.org/MSRP"), specification(70, s)]), "70 EUR before 90"),
        (json!([specification(90, "SRP"), specification(70, "SalePrice")]), "70 EUR before 90"),
        (json!([specification(90, l), plain()]), "80 EUR before 90"),
        (json!([plain(), specification(70, s)]), "70 EUR"),
        (json!([specification(60, l), plain()]), "80 EUR"),
        (json!([specification(90, l)]), "90 EUR"),
        (specification(90, l), "90 EUR"),
        (json!([{ "@type": "DeliveryChargeSpecification", "price": 5, "priceCurrency": "EUR" }, plain()]), "80 EUR"),
        (
            json!([{ "price": 8, "priceCurrency": "EUR", "referenceQuantity": { "value": 1, "unitCode": "KGM" } }, plain()]),
            "80 EUR",
        ),
    ] {
        assert_eq!(
            price(&json!({ "@type": "Offer", "priceSpecification": specifications })),
            expected,
            "{specifications}"
        );
    }
    let own = json!({ "price": 70, "priceCurrency": "EUR", "priceSpecification": specification(90, strike) });
    assert_eq!(price(&own), "70 EUR before 90");
}

#[test]
fn a_unit_of_time_or_area_makes_a_price_recurring() {
    let unit = |unit: Value| {
        let mut specification = json!({ "@type": "UnitPriceSpecification", "price": 900, "priceCurrency": "EUR" });
        specification.as_object_mut().unwrap().extend(unit.as_object().unwrap().clone());
        json!({ "@type": "Offer", "priceSpecification": specification })
    };
    for (fields, expected) in [
        (json!({ "unitCode": "MON" }), "900 EUR per month"),
        (json!({ "unitCode": "mon" }), "900 EUR per month"),
        (json!({ "unitCode": "WEE" }), "900 EUR per week"),
        (json!({ "unitCode": "DAY" }), "900 EUR per day"),
        (json!({ "unitCode": "HUR" }), "900 EUR per hour"),
        (json!({ "unitCode": "ANN" }), "900 EUR per year"),
        (json!({ "unitCode": "MTK" }), "900 EUR per area"),
        (json!({ "unitText": "per month" }), "900 EUR per month"),
        (json!({ "unitText": "/ month" }), "900 EUR per month"),
        (json!({ "unitText": "night" }), "900 EUR per day"),
        (json!({ "billingDuration": "P1M" }), "900 EUR per month"),
        (json!({ "billingDuration": { "value": 1, "unitCode": "MON" } }), "900 EUR per month"),
        (json!({ "billingDuration": { "value": 12, "unitCode": "MON" } }), "900 EUR per year"),
        (json!({ "billingDuration": { "value": 3, "unitCode": "MON" } }), "unstated"),
        (
            json!({ "referenceQuantity": { "@type": "QuantitativeValue", "value": "1", "unitCode": "MON" } }),
            "900 EUR per month",
        ),
        (json!({ "referenceQuantity": { "value": 1, "unitCode": "C62" } }), "900 EUR"),
        (json!({ "unitCode": "C62" }), "900 EUR"),
        (json!({ "unitCode": null }), "900 EUR"),
    ] {
        assert_eq!(price(&unit(fields.clone())), expected, "{fields}");
    }
    let both =
        json!({ "price": 900, "priceCurrency": "EUR", "priceSpecification": { "price": 900, "unitCode": "MON" } });
    assert_eq!(price(&both), "900 EUR per month");
    let instalment =
        json!({ "price": 300, "priceCurrency": "EUR", "priceSpecification": { "price": 25, "unitCode": "MON" } });
    assert_eq!(price(&instalment), "300 EUR");
    let lease = json!({ "price": 900, "priceCurrency": "EUR", "businessFunction": "http://purl.org/goodrelations/v1#LeaseOut" });
    assert_eq!(price_of("Apartment", &lease), "900 EUR per month");
    assert_eq!(price_of("Product", &lease), "900 EUR", "tools are let by the day, or by anything else");
}

#[test]
fn of_several_offers_the_lowest_counts() {
    let offer = |amount: u32, currency: &str| json!({ "price": amount, "priceCurrency": currency });
    let gone =
        |amount: u32| json!({ "price": amount, "priceCurrency": "EUR", "availability": "https://schema.org/SoldOut" });
    for (offers, expected) in [
        (json!([offer(90, "EUR"), offer(70, "EUR"), offer(80, "EUR")]), "70 EUR"),
        (json!([offer(90, "EUR"), offer(70, "USD")]), "90 EUR"),
        (json!([offer(90, "EUR"), gone(70)]), "90 EUR"),
        (json!([gone(90), gone(70)]), "70 EUR"),
        (json!({ "offers": [offer(90, "EUR"), offer(70, "EUR")] }), "70 EUR"),
        (json!({ "lowPrice": 60, "priceCurrency": "EUR", "offers": [offer(90, "EUR"), offer(70, "EUR")] }), "60 EUR"),
        (json!([{ "@type": "Offer" }, offer(90, "EUR")]), "90 EUR"),
        (json!([]), "unstated"),
        (json!({ "highPrice": 90, "priceCurrency": "EUR" }), "unstated"),
        (
            json!({ "priceSpecification": [{ "price": 60, "priceCurrency": "EUR" }], "offers": [offer(90, "EUR")] }),
            "60 EUR",
        ),
        (json!({ "price": 90, "priceCurrency": { "code": "GBP" } }), "90 GBP"),
        (json!({ "price": 90, "priceCurrency": "points" }), "unstated"),
    ] {
        assert_eq!(price(&offers), expected, "{offers}");
    }
}

#[test]
fn an_item_may_state_its_price_itself() {
    for (item, expected) in [
        (json!({ "price": 5, "offers": { "availability": "InStock" } }), "5"),
        (json!({ "price": 5 }), "5"),
        (json!({ "price": 5, "offers": { "price": 4 } }), "4"),
        (json!({ "price": 5, "offers": [] }), "5"),
        (json!({ "offers": { "availability": "InStock" }, "hasVariant": { "offers": { "price": 6 } } }), "6"),
        (json!({ "offers": { "availability": "InStock" } }), "null"),
    ] {
        let mut all = json!({ "@type": "Product", "name": "A", "url": "/1" });
        all.as_object_mut().unwrap().extend(item.as_object().unwrap().clone());
        assert_eq!(read(&all).listings[0].price.price.to_json().to_string(), expected, "{item}");
    }
}

#[test]
fn a_group_of_variants_is_one_listing() {
    let variant = |n: u32, amount: u32| {
        json!({ "@type": "Product", "name": format!("Shirt {n}"), "url": format!("/s?v={n}"), "image": format!("/{n}.jpg"),
            "offers": { "price": amount, "priceCurrency": "EUR" } })
    };
    let group = |more: Value| {
        let mut group =
            json!({ "@type": "ProductGroup", "name": "Shirt", "hasVariant": [variant(1, 12), variant(2, 10)] });
        group.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let found = read(&group).listings.remove(0);
        (found.title, found.link, found.price.price.to_json().to_string(), found.details.image_url.unwrap())
    };
    let of = |link: &str, price: &str, image: &str| {
        let absolute = |path: &str| format!("https://shop.example{path}");
        ("Shirt".to_owned(), absolute(link), price.to_owned(), absolute(image))
    };
    assert_eq!(group(json!({ "url": "/s", "image": "/s.jpg" })), of("/s", "10", "/s.jpg"));
    assert_eq!(group(json!({ "url": "/s" })), of("/s", "10", "/1.jpg"));
    assert_eq!(group(json!({})), of("/s?v=1", "10", "/1.jpg"));
    assert_eq!(group(json!({ "url": "/s", "offers": { "price": 11 } })), of("/s", "11", "/1.jpg"));
    assert_eq!(group(json!({ "url": "/s", "offers": { "lowPrice": 9 } })), of("/s", "9", "/1.jpg"));
    assert_eq!(group(json!({ "url": "/s", "hasVariant": variant(3, 8) })), of("/s", "8", "/3.jpg"));
    assert_eq!(
        group(json!({ "url": "/s", "hasVariant": [variant(1, 12), { "name": "Shirt 2" }] })),
        of("/s", "12", "/1.jpg")
    );
}
