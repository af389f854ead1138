//! Reads lines of `CURRENCY<TAB>TEXT` from standard input and prints each price; with `--time`, the mean time per text.

use std::io::{BufRead, Write};
use std::time::Instant;

use superbot_domain::{Currency, Price, parse_price};

fn main() -> std::io::Result<()> {
    let lines: Vec<String> = std::io::stdin().lock().lines().collect::<Result<_, _>>()?;
    let texts: Vec<(Currency, &str)> = lines
        .iter()
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(code, text)| Currency::parse(code).ok().map(|currency| (currency, text)))
        .collect();
    let mut out = std::io::stdout().lock();
    if std::env::args().any(|argument| argument == "--time") {
        const ROUNDS: u32 = 20;
        let mut found = 0;
        let mut passes = || {
            let start = Instant::now();
            for (currency, text) in &texts {
                found += usize::from(parse_price(text, *currency).price != Price::Unstated);
            }
            start.elapsed()
        };
        passes();
        let took: std::time::Duration = (0..ROUNDS).map(|_| passes()).sum();
        let per_text = took.as_nanos() / u128::from(ROUNDS) / u128::try_from(texts.len().max(1)).unwrap_or(1);
        return writeln!(out, "{per_text} ns per text, {} texts, {found} prices", texts.len());
    }
    for (currency, text) in texts {
        let parsed = parse_price(text, currency);
        let price = match parsed.price {
            Price::Amount(money) => money.to_string(),
            Price::Recurring(amount, per) => format!("{amount} per {per}"),
            other => other.kind().to_owned(),
        };
        let previous = parsed.previous.map(|previous| format!(", was {previous}")).unwrap_or_default();
        let offer = if parsed.negotiable { ", negotiable" } else { "" };
        writeln!(out, "{price}{previous}{offer}")?;
    }
    Ok(())
}
