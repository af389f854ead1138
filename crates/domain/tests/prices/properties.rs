//! Any text has an answer, the explanation agrees with it, and what is printed is read back.

use proptest::prelude::*;
use superbot_domain::{Currency, Price, PriceText, explain_price, parse_price, parse_title_price};

const PIECES: [&str; 64] = [
    "$",
    "€",
    "1",
    "234",
    "12",
    "500",
    ".",
    ",",
    " ",
    "-",
    "k",
    "m",
    "\u{a0}",
    "/mo",
    "was",
    "free",
    "%",
    "from",
    "off",
    "US$",
    "obo",
    "99999999999",
    "'",
    "kr",
    "万",
    "億",
    "円",
    "lakh",
    "mil.",
    "EUR",
    "CAD",
    "now",
    "deposit",
    "shipping",
    "+",
    "x",
    "12x ",
    "/",
    "m²",
    "per",
    "to",
    "bis",
    "~",
    ":-",
    ",-",
    "/-",
    "¢",
    "٣٥٠",
    "￥",
    "د.إ",
    "for",
    "gift card",
    "price",
    ":",
    "(",
    ")",
    "→",
    "₿",
    "tr",
    "5",
    "00",
    "000",
    "ש\"ח",
    "FREE",
];

fn currencies() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["USD", "EUR", "JPY", "KWD", "INR", "NOK", "MMK", "VND", "CVE"])
        .prop_map(|code| Currency::parse(code).unwrap())
}

fn check_agreement(text: &str, currency: Currency) -> Result<(), TestCaseError> {
    let parsed = parse_price(text, currency);
    let explanation = explain_price(text, currency, PriceText::Field);
    prop_assert_eq!(parsed, explanation.parsed);
    prop_assert!(!explanation.because.is_empty());
    let title = explain_price(text, currency, PriceText::Title);
    prop_assert_eq!(parse_title_price(text, currency), title.parsed);
    let chosen: Vec<_> = explanation.candidates.iter().filter(|candidate| candidate.is_chosen).collect();
    prop_assert!(chosen.len() <= 1);
    match parsed.price {
        Price::Amount(money) => {
            prop_assert_eq!(chosen[0].amount, Some(money));
            prop_assert!(money.minor > 0);
            prop_assert!(parsed.previous.is_none_or(|previous| previous.minor > money.minor));
        }
        Price::Recurring(amount, _) => {
            prop_assert_eq!(chosen[0].amount, Some(amount));
            prop_assert!(amount.minor > 0);
        }
        Price::Free => {
            prop_assert!(chosen.iter().all(|candidate| candidate.amount.is_some_and(|money| money.minor == 0)));
        }
        Price::Unstated => prop_assert!(chosen.is_empty()),
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_has_an_answer_that_its_explanation_shares(text in "\\PC{0,60}", currency in currencies()) {
        check_agreement(&text, currency)?;
    }

    #[test]
    fn so_has_any_row_of_likely_pieces(pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..14), currency in currencies()) {
        check_agreement(&pieces.concat(), currency)?;
    }

    #[test]
    fn every_common_way_to_write_an_amount_is_read(units in 1_i64..1_000_000_000, cents in 0_i64..100) {
        let digits = units.to_string();
        let grouped = |separator: &str| {
            digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap()).collect::<Vec<_>>().join(separator)
        };
        for text in [
            format!("{units}.{cents:02}"),
            format!("${}.{cents:02}", grouped(",")),
            format!("{},{cents:02} $", grouped(".")),
            format!("{}.{cents:02}", grouped("\u{a0}")),
            format!("Boat {},{cents:02} $ negotiable", grouped(" ")),
            format!("Boat {}.{cents:02} USD 3 rooms", grouped("'")),
        ] {
            let read = parse_price(&text, Currency::USD).price;
            prop_assert_eq!(read.money().map(|money| money.minor), Some(units * 100 + cents), "{}", text);
        }
    }

    #[test]
    fn what_is_printed_is_read_back_in_every_currency(
        code in prop::sample::select(vec![
            "USD", "EUR", "GBP", "JPY", "CNY", "INR", "KRW", "CAD", "AUD", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "RUB", "UAH", "TRY",
            "BRL", "MXN", "ZAR", "AED", "SAR", "ILS", "THB", "VND", "IDR", "MYR", "PHP", "KWD", "BHD", "TND", "CLP", "ARS", "COP", "ISK", "KZT", "NGN",
        ]),
        minor in 1_i64..1_000_000_000_000,
        own in currencies(),
    ) {
        let money = superbot_domain::Money { minor, currency: Currency::parse(code).unwrap() };
        prop_assert_eq!(parse_price(&money.to_string(), money.currency).price.money(), Some(money));
        // A code says its currency in ads of any other one; PHP and TRY are words as well, and stand alone here.
        prop_assert_eq!(parse_price(&money.to_string(), own).price.money(), Some(money));
    }
}
