//! Kinds of texts that were once read wrongly, one line each: kind, currency of the source, text, price.

use std::collections::BTreeMap;

use superbot_domain::parse_price;

use crate::{currency, price_line};

const KINDS: &str = include_str!("kinds.tsv");
const LEAST_TEXTS: usize = 10;

#[test]
fn each_kind_of_text_is_read() {
    let mut texts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for line in KINDS.lines() {
        let [kind, code, text, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        *texts.entry(kind).or_default() += 1;
        let parsed = parse_price(text, currency(code));
        let previous = parsed.previous.map(|previous| format!(", was {previous}")).unwrap_or_default();
        let found = price_line(&parsed) + &previous;
        if found != expected {
            wrong.push(format!("{kind}: {code} {text:?}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(texts.values().all(|count| *count >= LEAST_TEXTS), "{texts:?}");
}
