//! Full text as SQLite has it (FTS5).

use superbot_domain::Listing;
use superbot_matching::normalised;

use super::terms::{price_words, source_word};
use super::text::{Column, Syntax};
use crate::sql::{Query, QueryBuilder};

pub(super) fn put(listings: &[&Listing]) -> Query {
    let mut insert =
        QueryBuilder::new("INSERT OR REPLACE INTO listing_words (rowid, title, description, place, source, price) ");
    insert.push_values(listings, |mut row, listing| {
        row.push_bind(listing.id.get()).push_bind(normalised(&listing.title));
        row.push_bind(normalised(listing.details.description.as_deref().unwrap_or_default()));
        row.push_bind(normalised(listing.details.location.as_deref().unwrap_or_default()));
        row.push_bind(source_word(&listing.source)).push_bind(price_words(listing.price).collect::<Vec<_>>().join(" "));
    });
    insert.build()
}

/// An expression.
pub(super) const SYNTAX: Syntax = Syntax { and: " AND ", or: " OR ", and_not: " NOT ", phrase };

/// Words are letters and digits, which need no escape.
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
