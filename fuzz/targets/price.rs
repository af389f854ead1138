#![no_main]
//! Feeds the reader of prices: the first byte chooses the currency of the source, the rest is the text.

use superbot_domain::{Currency, Price, PriceText, explain_price, parse_price, parse_title_price};

const CURRENCIES: [&str; 8] = ["USD", "EUR", "JPY", "KWD", "INR", "NOK", "MMK", "VND"];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let [first, text @ ..] = input else { return };
    let text = String::from_utf8_lossy(text);
    let currency = Currency::parse(CURRENCIES[usize::from(*first) % CURRENCIES.len()]).expect("a currency");
    let parsed = parse_price(&text, currency);
    let explanation = explain_price(&text, currency, PriceText::Field);
    assert_eq!(parsed, explanation.parsed);
    assert_eq!(parse_title_price(&text, currency), explain_price(&text, currency, PriceText::Title).parsed);
    let chosen: Vec<_> = explanation.candidates.iter().filter(|candidate| candidate.is_chosen).collect();
    match parsed.price {
        Price::Amount(money) => {
            assert!(money.minor > 0 && chosen[0].amount == Some(money));
            assert!(parsed.previous.is_none_or(|previous| previous.minor > money.minor));
        }
        Price::Recurring(amount, _) => assert!(amount.minor > 0 && chosen[0].amount == Some(amount)),
        Price::Free => assert!(chosen.iter().all(|candidate| candidate.amount.is_some_and(|money| money.minor == 0))),
        Price::Unstated => assert!(chosen.is_empty()),
    }
});
