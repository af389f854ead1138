//! Texts in the style of the large marketplaces, one line each: currency of the source, text, price.

use crate::check;

const MARKETS: &str = include_str!("markets.tsv");

#[test]
fn prices_of_the_large_marketplaces_are_read() {
    let rows: Vec<(&str, &str, &str)> = MARKETS
        .lines()
        .map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [code, text, expected] => (code, text, expected),
            _ => panic!("{line}"),
        })
        .collect();
    assert!(rows.len() > 300, "{}", rows.len());
    check(&rows);
}
