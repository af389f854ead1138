//! What CLDR writes, by the files that `cargo xtask cldr` generates.

use superbot_domain::parse_price;

use crate::currency;

/// Locale, currency, amount and the text that Babel formats for it.
const AMOUNTS: &str = include_str!("cldr_amounts.tsv");

/// Locales whose texts cannot be read, with the reason.
const UNREADABLE: [(&str, &str); 2] = [
    ("ady_JO", "a comma groups digits in all other locales of Jordan, so 5,000 is 5,000 there"),
    ("kea_CV", "the sign is a zero-width space, so the number has none"),
];

#[test]
fn what_cldr_writes_is_read_back() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for line in AMOUNTS.lines().filter(|line| !line.starts_with('#')) {
        let [locale, code, amount, text] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        if UNREADABLE.iter().any(|(unreadable, _)| *unreadable == locale) {
            continue;
        }
        for text in [text.to_owned(), format!("Boat {text}"), format!("Boat {text} negotiable")] {
            count += 1;
            let read = parse_price(&text, currency(code)).price;
            let found = read.money().map(|money| format!("{} {}", money.to_json(), money.currency));
            if found.as_deref() != Some(&format!("{amount} {code}")) {
                wrong.push(format!("{locale} {text:?}: {found:?}, not {amount} {code}"));
            }
        }
    }
    assert!(count > 2000, "{count}");
    assert!(wrong.len() * 100 < count, "{} of {count} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
