//! Prices as marketplaces write them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod amounts;
mod cldr;
mod context;
mod currencies;
mod gifts;
mod kinds;
mod markets;
mod properties;
mod readings;
mod recurring;

use superbot_domain::{Currency, ParsedPrice, Price, PriceText, explain_price, parse_price, parse_title_price};

/// The price of a text on one line: `640 EUR`, `700 EUR per month`, `free`, `unstated`.
fn price_line(parsed: &ParsedPrice) -> String {
    match parsed.price {
        Price::Amount(money) => money.to_string(),
        Price::Recurring(amount, per) => format!("{amount} per {per}"),
        other => other.kind().to_owned(),
    }
}

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

/// Checks rows of a source's currency, a text and its price, and reports all that are read wrongly.
#[track_caller]
fn check(rows: &[(&str, &str, &str)]) {
    check_kind(rows, PriceText::Field);
}

#[track_caller]
fn check_titles(rows: &[(&str, &str, &str)]) {
    check_kind(rows, PriceText::Title);
}

#[track_caller]
fn check_kind(rows: &[(&str, &str, &str)], kind: PriceText) {
    let mut wrong = Vec::new();
    for &(code, text, expected) in rows {
        let parsed = match kind {
            PriceText::Field => parse_price(text, currency(code)),
            PriceText::Title => parse_title_price(text, currency(code)),
        };
        let explanation = explain_price(text, currency(code), kind);
        assert_eq!(explanation.parsed, parsed, "{text}");
        let found = price_line(&parsed);
        if found != expected {
            let roles: Vec<String> = explanation
                .candidates
                .iter()
                .map(|candidate| format!("{}: {}", candidate.text, candidate.role))
                .collect();
            wrong.push(format!("{code} {text:?}: {found}, not {expected} ({})", roles.join("; ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}
