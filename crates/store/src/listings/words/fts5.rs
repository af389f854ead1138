//! Full-text index of SQLite (FTS5).

use superbot_domain::Listing;
use superbot_matching::indexed_words;

use super::terms::{price_words, source_word};
use super::text::{TextColumn, TextSyntax};
use crate::sql::{self, SqlQuery};

pub(super) fn put(listing: &Listing) -> SqlQuery {
    let indexed = |text: Option<&str>| indexed_words(text.unwrap_or_default()).join(" ");
    let insert = "INSERT OR REPLACE INTO listing_words (rowid, title, description, place, source, price) \
         VALUES ($1, $2, $3, $4, $5, $6)";
    let insert = sql::query(insert).bind(listing.id.get()).bind(indexed(Some(&listing.title)));
    let insert = insert.bind(indexed(listing.details.description.as_deref()));
    let insert = insert.bind(indexed(listing.details.location.as_deref())).bind(source_word(&listing.source));
    insert.bind(price_words(listing.price).collect::<Vec<_>>().join(" "))
}

/// Operators of FTS5 expressions.
pub(super) const SYNTAX: TextSyntax = TextSyntax { and: " AND ", or: " OR ", and_not: " NOT ", phrase };

/// Words are letters and digits, and signs outside of ASCII, which need no escape.
fn phrase(column: TextColumn, words: &[String], prefix: bool, out: &mut String) {
    out.push_str(match column {
        TextColumn::Words => "{title description} : \"",
        TextColumn::Place => "place : \"",
        TextColumn::Source => "source : \"",
        TextColumn::Price => "price : \"",
    });
    out.push_str(&words.join(" "));
    out.push_str(if prefix { "\" *" } else { "\"" });
}
