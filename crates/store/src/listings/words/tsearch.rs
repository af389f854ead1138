//! Full-text search of Postgres.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use superbot_domain::Listing;
use superbot_matching::indexed_words;

use super::terms::{price_words, source_word};
use super::text::{TextColumn, TextSyntax};
use crate::sql::{QueryBuilder, SqlQuery};

/// Maximum bytes of a word (Postgres allows 2046); longer ones are truncated, in documents and queries alike.
const MAX_BYTES: usize = 2_000;

pub(super) fn put(listings: &[&Listing]) -> SqlQuery {
    let mut insert = QueryBuilder::new("INSERT INTO listing_words (listing_id, words) ");
    insert.push_values(listings, |mut row, listing| {
        row.push_bind(listing.id.get()).push_bind_as(vector(listing), "::tsvector");
    });
    insert.push(" ON CONFLICT (listing_id) DO UPDATE SET words = excluded.words");
    insert.build()
}

/// Renders the words of a listing as a `tsvector`. A gap of one position between fields keeps phrases within a field.
fn vector(listing: &Listing) -> String {
    let mut places: BTreeMap<String, Vec<(usize, char)>> = BTreeMap::new();
    let mut next = 1;
    let fields = [
        (listing.title.as_str(), 'A'),
        (listing.details.description.as_deref().unwrap_or_default(), 'B'),
        (listing.details.location.as_deref().unwrap_or_default(), 'C'),
    ];
    for (text, weight) in fields {
        for word in indexed_words(text) {
            places.entry(cut(&word).to_owned()).or_default().push((next, weight));
            next += 1;
        }
        next += 1;
    }
    let prices = price_words(listing.price).map(|word| price(&word));
    for word in std::iter::once(source(&source_word(&listing.source))).chain(prices) {
        places.insert(word, vec![(next, 'D')]);
        next += 1;
    }
    let mut vector = String::new();
    for (word, places) in places {
        for (nth, (place, weight)) in places.into_iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = match nth {
                0 => write!(vector, " {}:{place}{weight}", quoted(&word)),
                _ => write!(vector, ",{place}{weight}"),
            };
        }
    }
    vector
}

/// Operators of `tsquery` expressions.
pub(super) const SYNTAX: TextSyntax = TextSyntax { and: " & ", or: " | ", and_not: " & !", phrase };

fn phrase(column: TextColumn, words: &[String], prefix: bool, out: &mut String) {
    out.push('(');
    for (nth, word) in words.iter().enumerate() {
        let (word, weights) = match column {
            TextColumn::Words => (cut(word).to_owned(), "AB"),
            TextColumn::Place => (cut(word).to_owned(), "C"),
            TextColumn::Source => (source(word), "D"),
            TextColumn::Price => (price(word), "D"),
        };
        let before = if nth > 0 { " <-> " } else { "" };
        let star = if prefix && nth + 1 == words.len() { "*" } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(out, "{before}{}:{star}{weights}", quoted(&word));
    }
    out.push(')');
}

/// Prefixes a source's term so that it differs from all words of texts, which contain no `=`.
fn source(word: &str) -> String {
    format!("source={word}")
}

fn price(word: &str) -> String {
    format!("price={word}")
}

fn cut(word: &str) -> &str {
    &word[..word.floor_char_boundary(MAX_BYTES)]
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\\', "\\\\").replace('\'', "''"))
}
