//! Full-text index of SQLite (FTS5).

use superbot_domain::Listing;
use superbot_matching::indexed_words;

use super::terms::{price_words, source_word};
use super::text::{TextColumn, TextSyntax};
use crate::sql::{QueryBuilder, SqlQuery};

pub(super) fn put(listings: &[&Listing]) -> SqlQuery {
    let mut insert =
        QueryBuilder::new("INSERT OR REPLACE INTO listing_words (rowid, title, description, place, source, price) ");
    insert.push_values(listings, |mut row, listing| {
        let indexed = |text: Option<&str>| indexed_words(text.unwrap_or_default()).join(" ");
        row.push_bind(listing.id.get()).push_bind(indexed(Some(&listing.title)));
        row.push_bind(indexed(listing.details.description.as_deref()));
        row.push_bind(indexed(listing.details.location.as_deref()));
        row.push_bind(source_word(&listing.source)).push_bind(price_words(listing.price).collect::<Vec<_>>().join(" "));
    });
    insert.build()
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
