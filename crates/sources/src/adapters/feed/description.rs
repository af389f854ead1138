//! What the text of an entry says of its price, its place and its picture.

use std::borrow::Cow;

use superbot_domain::{Currency, ParsedPrice, Price, parse_price};

use crate::markup_text::text_of_markup;
use crate::page::{line, price_line};
use crate::picture::picture_of_tag;
use crate::xml::{XmlToken, XmlTokens};

/// A title that is taken from a text is not longer than this, in characters.
const MAX_TITLE_CHARS: usize = 100;
/// A line that is a price, and nothing else, is not longer, in characters.
const MAX_PRICE_CHARS: usize = 40;
/// Prices further into a text hardly ever are those of the thing itself.
const PRICE_TEXT_CHARS: usize = 400;

/// What stands before a price, in lower case.
const PRICE_LABELS: [&str; 24] = [
    "asking price",
    "asking",
    "cena",
    "current price",
    "fiyat",
    "hinta",
    "kaufpreis",
    "our price",
    "precio",
    "preis",
    "preço",
    "prezzo",
    "price",
    "pricing",
    "prijs",
    "pris",
    "prix",
    "sale price",
    "vb",
    "ár",
    "τιμή",
    "цена",
    "价格",
    "価格",
];

/// What stands before a place, in lower case.
const PLACE_LABELS: [&str; 22] = [
    "area",
    "city",
    "konum",
    "local",
    "localidad",
    "localização",
    "location",
    "locatie",
    "lieu",
    "lokalizacja",
    "luogo",
    "ort",
    "plaats",
    "place",
    "plats",
    "sijainti",
    "standort",
    "sted",
    "ubicación",
    "ville",
    "город",
    "место",
];

/// Facts that are written in descriptions.
#[derive(Debug, Default)]
pub(super) struct DescriptionFacts {
    /// The lines of the text that is shown, and those of the others.
    lines: Vec<String>,
    shown_lines: usize,
    pub(super) location: Option<String>,
    /// Addresses of pictures as written, in order.
    pub(super) images: Vec<String>,
}

impl DescriptionFacts {
    /// Reads texts that may be HTML; the first of them is the one that is shown.
    pub(super) fn of(descriptions: &[String]) -> Self {
        let mut facts = Self::default();
        for markup in descriptions {
            let is_first = facts.lines.is_empty();
            let text = text_of_markup(markup);
            facts.lines.extend(text.split('\n').filter_map(price_line));
            if is_first {
                facts.shown_lines = facts.lines.len();
            }
            if markup.contains('<') {
                facts.images.extend(pictures(markup));
            }
        }
        facts.location =
            labelled(&facts.lines, &PLACE_LABELS).and_then(|place| line(&place)).filter(|place| place.len() <= 100);
        facts
    }

    /// The text on one line.
    pub(super) fn description(&self) -> Option<String> {
        line(&self.lines[..self.shown_lines].join(" "))
    }

    /// The price that the text states: behind a label, or on a line of its own, or the one amount with a currency at its beginning.
    /// Words such as "free" mean nothing in a longer text.
    pub(super) fn price(&self, currency: Currency) -> Option<ParsedPrice> {
        let is_amount = |price: &ParsedPrice| matches!(price.price, Price::Amount(_));
        if let Some(text) = labelled(&self.lines, &PRICE_LABELS) {
            return Some(parse_price(&text, currency)).filter(has_price);
        }
        let has_currency = |text: &str| text.chars().any(is_currency_sign) || has_currency_code(text);
        let alone = self.lines.iter().filter(|text| text.chars().count() <= MAX_PRICE_CHARS && has_currency(text));
        let mut alone =
            alone.filter(|text| text.split_whitespace().count() <= 3).map(|text| parse_price(text, currency));
        if let Some(price) = alone.find(is_amount) {
            return Some(price);
        }
        let text = self.lines.join(" \u{b7} ");
        let beginning: Cow<'_, str> = match text.char_indices().nth(PRICE_TEXT_CHARS) {
            Some((end, _)) => text[..end].into(),
            None => text.into(),
        };
        has_currency(&beginning).then(|| parse_price(&beginning, currency)).filter(is_amount)
    }
}

/// Whether a text states a price: an amount, or that the thing is free.
pub(super) fn has_price(price: &ParsedPrice) -> bool {
    price.price != Price::Unstated
}

/// What follows the first of these labels: on its line behind a colon, or on the next one.
fn labelled(lines: &[String], labels: &[&str]) -> Option<String> {
    lines.iter().enumerate().find_map(|(place, text)| {
        let lower = text.to_lowercase();
        let (label, value) = lower.split_once([':', '：']).unwrap_or((&lower, ""));
        if !labels.contains(&label.trim()) {
            return None;
        }
        if value.trim().is_empty() {
            return lines.get(place + 1).cloned();
        }
        let (_, value) = text.split_once([':', '：'])?;
        Some(value.trim().to_owned())
    })
}

fn is_currency_sign(c: char) -> bool {
    matches!(c, '$' | '¢'..='¥' | '\u{20a0}'..='\u{20cf}' | '￥' | '￡')
}

/// Whether a text has the code of a currency as a word beside a number.
fn has_currency_code(text: &str) -> bool {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c == '\u{b7}').collect();
    let is_code = |word: &str| {
        word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_uppercase())
            || matches!(word, "kr" | "zł" | "Kč" | "Ft" | "lei" | "руб")
    };
    let has_digit = |word: Option<&&str>| word.is_some_and(|word| word.contains(|c: char| c.is_ascii_digit()));
    let beside = |at: usize| has_digit(at.checked_sub(1).and_then(|at| words.get(at))) || has_digit(words.get(at + 1));
    words.iter().enumerate().any(|(at, word)| is_code(word.trim_matches(['.', ',', ';', '(', ')'])) && beside(at))
}

/// A title for a text that has none: its first line, cut between two words.
pub(super) fn first_words(text: &str) -> Option<String> {
    let text = line(text)?;
    let Some((end, _)) = text.char_indices().nth(MAX_TITLE_CHARS) else { return Some(text) };
    let cut = text[..end].rfind(' ').unwrap_or(end);
    Some(format!("{}…", text[..cut].trim_end()))
}

/// The pictures of a piece of HTML; those of one pixel count visitors.
fn pictures(markup: &str) -> impl Iterator<Item = String> {
    XmlTokens::new(markup).filter_map(|token| match token {
        XmlToken::Start(tag) if tag.name.eq_ignore_ascii_case("img") => {
            let is_pixel =
                ["width", "height"].iter().any(|side| matches!(tag.attribute(side).as_deref(), Some("0" | "1")));
            picture_of_tag(tag).filter(|_| !is_pixel)
        }
        _ => None,
    })
}
