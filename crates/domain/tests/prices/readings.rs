//! Single texts and what they mean.

use serde_json::Value;
use superbot_domain::{Currency, Money, ParsedPrice, Price, PricePeriod, parse_price};

fn read(text: &str) -> ParsedPrice {
    parse_price(text, Currency::USD)
}

fn amount(text: &str) -> Option<String> {
    read(text).price.money().map(|money| money.to_json().to_string())
}

#[test]
fn amounts_are_read_as_people_write_them() {
    for (text, expected) in [
        ("$28,000", "28000"),
        ("28k", "28000"),
        ("$28K", "28000"),
        ("$28.5k", "28500"),
        ("28.500k", "28500"),
        ("$1.2M", "1200000"),
        ("1,234,567", "1234567"),
        ("₹12,34,567", "1234567"),
        ("1.400,00 €", "1400"),
        ("1.400 €", "1400"),
        ("1600.00", "1600"),
        ("1600", "1600"),
        ("7,499.00", "7499"),
        ("Price $7,499.00", "7499"),
        ("1\u{a0}234", "1234"),
        ("1\u{202f}234,50 €", "1234.5"),
        ("1 234", "1234"),
        ("12 500 kr", "12500"),
        ("CHF 1'234.50", "1234.5"),
        ("$1,200 OBO", "1200"),
        ("1200 obo", "1200"),
        ("$1200obo", "1200"),
        ("24.99", "24.99"),
        ("$.99", "0.99"),
        ("US$ 40", "40"),
        ("40 USD", "40"),
        ("$500.", "500"),
        ("500,- €", "500"),
        ("asking 1500 for my old couch", "1500"),
        ("$200 - $300", "200"),
    ] {
        assert_eq!(amount(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn in_a_whole_ad_the_price_is_found_among_other_numbers() {
    for (text, expected) in [
        ("$8,900 - 2016 Subaru", Some("8900")),
        ("2016 Subaru 120k miles", None),
        ("2016 Subaru 120k miles $8,900", Some("8900")),
        ("iPhone 12 $500", Some("500")),
        ("iPhone 12-$500", Some("500")),
        ("Model 3 EUR 20000", Some("20000")),
        ("F150 5x8 120cm 4K TV 55\"", None),
        ("20% off $50", Some("50")),
        ("$50 off", None),
        ("$500 down, $12,000", Some("12000")),
        ("couch $500 down from $800", Some("500")),
        ("Jeep $5000 off-road ready", Some("5000")),
        ("was $300 now $200", Some("200")),
        ("save $20, now $80", Some("80")),
        ("5,10,15 weights", None),
        ("call 801.555.0100", None),
        ("12.10.2025", None),
    ] {
        assert_eq!(amount(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn no_price_is_never_zero() {
    for text in [
        "",
        " ",
        "-1",
        "-$50",
        "call me",
        "$",
        "OBO",
        "sugar-free candy",
        "rust free truck",
        "free shipping",
        "$99999999999999999999",
        "$9999999999999",
        "1e9",
    ] {
        assert_eq!(read(text).price, Price::Unstated, "{text}");
    }
    assert_eq!(read("-1").price.to_json(), Value::Null);
}

#[test]
fn gifts_are_free() {
    for text in ["free", "FREE!", "Free couch, you haul", "$0", "0", "0.00 €"] {
        assert_eq!(read(text).price, Price::Free, "{text}");
    }
    assert_eq!(read("free delivery, $50").price.to_json(), 50);
}

#[test]
fn rent_has_its_amount_and_its_period() {
    use PricePeriod::{Day, Hour, Month, Week, Year};
    for (text, units, period) in [
        ("$500/mo", 500, Month),
        ("$500 / month", 500, Month),
        ("$500 per week", 500, Week),
        ("500 per month", 500, Month),
        ("$50 a day", 50, Day),
        ("$50/night", 50, Day),
        ("$500 monthly", 500, Month),
        ("$1,200 pcm", 1_200, Month),
        ("$20/hr", 20, Hour),
        ("$9,000 per year", 9_000, Year),
        ("$500/mo, $1000 deposit", 500, Month),
    ] {
        let money = Money { minor: units * 100, currency: Currency::USD };
        assert_eq!(read(text).price, Price::Recurring(money, period), "{text}");
        assert_eq!(read(text).price.to_json(), units);
    }
    assert_eq!(amount("$5/each").as_deref(), Some("5"));
}

#[test]
fn what_it_cost_before_is_kept() {
    for (text, now, before) in [
        ("$200$300", 200, Some(300)),
        ("$200 $300", 200, Some(300)),
        ("$200 (was $300)", 200, Some(300)),
        ("was $300, now $200", 200, Some(300)),
        ("reduced from $300 to $200", 200, Some(300)),
        ("$300 $200", 200, Some(300)),
        ("$200 or $300 with the stand", 200, None),
    ] {
        let parsed = read(text);
        assert_eq!(
            (parsed.price.to_json(), parsed.previous.map(|money| money.minor / 100)),
            (now.into(), before),
            "{text}"
        );
    }
}

#[test]
fn offers_are_noticed() {
    for (text, expected) in [
        ("$1,200 OBO", true),
        ("500 € VB", true),
        ("$5 or best offer", true),
        ("$5 negotiable", true),
        ("$5 non-negotiable", false),
        ("$5 firm", false),
        ("hobo bag $5", false),
    ] {
        assert_eq!(read(text).negotiable, expected, "{text}");
    }
}

#[test]
fn the_sign_decides_the_currency() {
    for (text, expected) in
        [("€5", "EUR"), ("5 £", "GBP"), ("C$5", "CAD"), ("$5", "USD"), ("5 CHF", "CHF"), ("5", "USD")]
    {
        assert_eq!(read(text).price.money().unwrap().currency.as_str(), expected, "{text}");
    }
    let yen = Currency::parse("JPY").unwrap();
    assert_eq!(parse_price("28,000", yen).price.money(), Some(Money { minor: 28_000, currency: yen }));
    let dinar = Currency::parse("KWD").unwrap();
    assert_eq!(parse_price("1.500", dinar).price.money(), Some(Money { minor: 1500, currency: dinar }));
}

#[test]
fn fillers_are_marked() {
    for text in ["$1", "$123", "$1234", "$12345", "$123456", "$11111", "$1,111", "$99999", "1 €"] {
        assert!(read(text).placeholder, "{text}");
    }
    for text in ["$2", "$12", "$111", "$9,999", "$1.50", "$124", "free", "", "$28,000"] {
        assert!(!read(text).placeholder, "{text}");
    }
}
