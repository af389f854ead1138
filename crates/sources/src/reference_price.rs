//! Amounts beside a price that nothing is sold for: the lowest price of the last 30 days, which shops in the European Union have to
//! state beside a reduced one (Directive (EU) 2019/2161), and the estimates of auctions.

use std::borrow::Cow;

/// How words begin, in lower case, that name the lowest price; those with a space behind them are whole words.
const LOWEST: [&str; 16] = [
    "alin ",
    "baixo ",
    "bajo ",
    "bas ",
    "basso ",
    "laagste",
    "laveste",
    "legalacsony",
    "lowest",
    "lägst",
    "mic ",
    "najniz",
    "najniž",
    "najniż",
    "nejniž",
    "niedrigst",
];
/// How words begin, in lower case, that name an estimate.
const ESTIMATES: [&str; 14] = [
    "est.",
    "estimación",
    "estimado",
    "estimate",
    "estimation",
    "estimativa",
    "estimé",
    "schätz",
    "stima",
    "szacunk",
    "taxatie",
    "vurdering",
    "värdering",
    "wycena",
];
/// The words between the parts of such a label are not more.
const MAX_GAP: usize = 6;

/// The text of a price without such amounts and their labels. Where there is no other amount, the text stays as it is for an
/// estimate, and the lowest price of the past is none.
pub(crate) fn without_reference_prices(text: &str) -> Cow<'_, str> {
    // Most texts are a price and nothing else; with such an amount there are two numbers.
    let has_two_numbers = text.split_ascii_whitespace().filter(|word| has_digit(word)).take(2).count() == 2;
    if !has_two_numbers || !has_label(text) {
        return text.into();
    }
    let mut words = Words::of(text);
    while let Some((from, to)) = words.lowest_price() {
        words.0.drain(from..to);
    }
    if let Some((from, to)) = words.estimate() {
        let is_rest = |at: &usize| !(from..to).contains(at);
        if (0..words.0.len()).filter(is_rest).any(|at| has_digit(words.0[at])) {
            words.0.drain(from..to);
        }
    }
    words.0.join(" ").into()
}

fn has_label(text: &str) -> bool {
    let lower = text.to_lowercase();
    LOWEST.iter().chain(&ESTIMATES).any(|stem| lower.contains(stem.trim_end()))
}

/// The words of a price's text. No-break spaces are part of them, as in "1 234 zł".
struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Self {
        let is_separator = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c');
        Self(text.split(is_separator).filter(|word| !word.is_empty()).collect())
    }

    /// The places of "lowest price in 30 days: 65 zł".
    fn lowest_price(&self) -> Option<(usize, usize)> {
        (0..self.0.len()).filter(|at| begins_with(self.0[*at], &LOWEST)).find_map(|from| {
            let days = self.next_number(from + 1).filter(|at| digits(self.0[*at]) == "30")?;
            let amount = self.next_number(days + 1)?;
            Some((from, self.amount_end(amount)))
        })
    }

    /// The places of "estimate $500 - $700".
    fn estimate(&self) -> Option<(usize, usize)> {
        let from = self.0.iter().position(|word| begins_with(word, &ESTIMATES))?;
        let end = self.amount_end(self.next_number(from + 1)?);
        let is_range = self.0.get(end).is_some_and(|word| matches!(*word, "-" | "–" | "—" | "to" | "bis" | "à" | "a"));
        let upper = if is_range { self.next_number(end + 1).filter(|upper| *upper <= end + 2) } else { None };
        Some((from, upper.map_or(end, |upper| self.amount_end(upper))))
    }

    /// The next word with digits, if it is near.
    fn next_number(&self, from: usize) -> Option<usize> {
        (from..self.0.len().min(from + MAX_GAP)).find(|at| has_digit(self.0[*at]))
    }

    /// The place behind an amount that begins at `start`: its groups of digits, and its currency.
    fn amount_end(&self, start: usize) -> usize {
        let is_group = |word: &&str| {
            let whole = word.split([',', '.']).next().unwrap_or_default();
            whole.len() == 3 && word.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'))
        };
        let mut end = start + 1;
        while self.0.get(end).is_some_and(is_group) {
            end += 1;
        }
        let is_number = |c: char| c.is_ascii_digit() || matches!(c, ',' | '.' | '-' | '–' | '\'');
        // A sign before the number may be a word of its own.
        let has_currency = self.0[start..end].iter().any(|word| !word.chars().all(is_number))
            || start.checked_sub(1).is_some_and(|before| is_currency(self.0[before]));
        let takes_next = !has_currency && self.0.get(end).is_some_and(|word| is_currency(word));
        end + usize::from(takes_next)
    }
}

/// Whether a word can be a currency's sign, code, or short name.
fn is_currency(word: &str) -> bool {
    let bare = word.trim_end_matches(['.', ',', ';', ')']);
    let is_short = (1..=3).contains(&bare.chars().count());
    is_short
        && bare.chars().all(|c| c == '$' || c.is_alphabetic() || !(c.is_ascii() || c.is_alphanumeric()))
        && !matches!(bare, "–" | "—" | "to" | "bis" | "à" | "a")
}

fn begins_with(word: &str, stems: &[&str]) -> bool {
    let bare = word.trim_start_matches(['(', '[', '"', '*']);
    let mut lower = bare.to_lowercase();
    lower.push(' ');
    stems.iter().any(|stem| lower.starts_with(stem))
}

fn has_digit(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit())
}

fn digits(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_lowest_price_of_the_past_is_left_out() {
        for (text, expected) in [
            ("Najniższa cena z 30 dni: 65 zł 70 zł", "70 zł"),
            ("70 zł Najniższa cena z 30 dni: 65 zł", "70 zł"),
            ("70 zł (najniższa cena z ostatnich 30 dni przed obniżką: 65,00 zł)", "70 zł"),
            ("Niedrigster Preis der letzten 30 Tage: 65 € 70 €", "70 €"),
            ("Niedrigster Preis (30 Tage): €65 €70", "€70"),
            ("Lowest price in the last 30 days: €65 €70", "€70"),
            ("Prix le plus bas des 30 derniers jours : 65 € 70 €", "Prix le plus 70 €"),
            ("Precio más bajo en los últimos 30 días: 65 € 70 €", "Precio más 70 €"),
            ("Prezzo più basso degli ultimi 30 giorni: 65 € 70 €", "Prezzo più 70 €"),
            ("Laagste prijs afgelopen 30 dagen: € 65 € 70", "€ 70"),
            ("Lägsta pris senaste 30 dagarna: 1 065 kr 1 170 kr", "1 170 kr"),
            ("Laveste pris siste 30 dager 65 kr 70 kr", "70 kr"),
            ("Alin hinta 30 päivään: 65 € 70 €", "70 €"),
            ("Nejnižší cena za 30 dní: 1 065,50 Kč 1 170 Kč", "1 170 Kč"),
            ("Najniższa cena z 30 dni: 65 zł", ""),
            ("70 zł najniższa cena", "70 zł najniższa cena"),
            ("Bass guitar 30 W 65 €", "Bass guitar 30 W 65 €"),
        ] {
            assert_eq!(without_reference_prices(text), expected, "{text}");
        }
    }

    #[test]
    fn an_estimate_is_left_out_where_there_is_a_price() {
        for (text, expected) in [
            ("Estimate $500 - $700 Current bid: $120", "Current bid: $120"),
            ("Estimate: $500 to $700 | $120", "| $120"),
            ("Est. $500 – $700 Bid $120", "Bid $120"),
            ("Current bid: $120 Estimate $500 - $700", "Current bid: $120"),
            ("Estimate $500 Bid $120", "Bid $120"),
            ("Estimated value: 1 500 € Bid 120 €", "Bid 120 €"),
            ("Schätzpreis: 500 € - 700 € Aktuelles Gebot 120 €", "Aktuelles Gebot 120 €"),
            ("Estimation : 500 € à 700 € Enchère 120 €", "Enchère 120 €"),
            ("Stima € 500 - € 700 Offerta € 120", "Offerta € 120"),
            ("Värdering 1 500 kr Bud 120 kr", "Bud 120 kr"),
            ("Estimate $500 - $700", "Estimate $500 - $700"),
            ("$120", "$120"),
        ] {
            assert_eq!(without_reference_prices(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(lowest|Najniższa|est\\.|30|[0-9]{1,4}|zł|€|-|to|:| |\\PC){0,20}") {
            let _ = without_reference_prices(&text);
        }

        #[test]
        fn a_text_without_labels_stays(text in "[0-9 $€.,-]{0,30}") {
            prop_assert_eq!(without_reference_prices(&text), text.as_str());
        }
    }
}
