//! Full text as SQLite has it (FTS5).

use superbot_domain::Listing;
use superbot_matching::indexed_words;

use super::terms::{price_word, source_word};
use super::text::{Column, Syntax};
use crate::sql::{Query, QueryBuilder};

pub(super) fn put(listings: &[&Listing]) -> Query {
    let mut insert =
        QueryBuilder::new("INSERT OR REPLACE INTO listing_words (rowid, title, description, place, source, price) ");
    insert.push_values(listings, |mut row, listing| {
        let indexed = |text: Option<&str>| indexed_words(text.unwrap_or_default()).join(" ");
        row.push_bind(listing.id.get()).push_bind(indexed(Some(&listing.title)));
        row.push_bind(indexed(listing.details.description.as_deref()));
        row.push_bind(indexed(listing.details.location.as_deref()));
        row.push_bind(source_word(&listing.source)).push_bind(price_word(listing.price));
    });
    insert.build()
}

/// An expression.
pub(super) const SYNTAX: Syntax = Syntax { and: " AND ", or: " OR ", and_not: " NOT ", phrase };

/// Words are letters and digits, and signs outside of ASCII, which need no escape.
fn phrase(column: Column, words: &[String], prefix: bool, out: &mut String) {
    out.push_str(match column {
        Column::Words => "{title description} : \"",
        Column::Place => "place : \"",
        Column::Source => "source : \"",
        Column::Price => "price : \"",
    });
    out.push_str(&words.join(" "));
    out.push_str(if prefix { "\" *" } else { "\"" });
}
