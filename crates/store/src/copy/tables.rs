//! All tables of a store, with their columns, so that copies forget none: a test holds the list against both schemas.
//!
//! What is made of them is not listed: the words of listings, which each database keeps in its own way. Nor is what passes by
//! itself: which processes serve the store, and how often somebody has tried to sign in.

/// A table.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) key: &'static [&'static str],
    pub(super) numbers: Numbers,
    pub(super) columns: &'static [Column],
}

/// A column.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// What is in a column, where it is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Real,
    Bool,
    Text,
    Bytes,
}

/// Where the numbers of rows come from, none of which is ever used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// They have none of their own.
    None,
    /// From the table.
    Table,
    /// From the writer, who keeps the last one in this column of `last_numbers`.
    Writer(&'static str),
}

macro_rules! tables {
    ($($table:ident ($($key:ident),+) $numbers:expr => $($column:ident $kind:ident),+;)+) => {
        &[$(Table {
            name: stringify!($table),
            key: &[$(stringify!($key)),+],
            numbers: $numbers,
            columns: &[$(Column { name: stringify!($column), kind: Kind::$kind }),+],
        }),+]
    };
}

/// The single values about the store itself, which are copied last of all.
pub(super) const META: &Table = &TABLES[0];

/// All of them; none comes before one that its rows refer to.
pub(super) const TABLES: &[Table] = tables! {
    meta (key) Numbers::None => key Text, value Text;
    users (id) Numbers::Table => id Int, username Text, username_key Text, role Text, password_hash Text, disabled Bool,
        preferences Text, created_at Int;
    sessions (id) Numbers::Table => id Int, user_id Int, token_hash Bytes, user_agent Text, address Text, created_at Int,
        last_seen_at Int, expires_at Int;
    tokens (id) Numbers::Table => id Int, name Text, scope Text, user_id Int, token_hash Bytes, prefix Text,
        created_at Int, last_used_at Int, revoked_at Int;
    invites (id) Numbers::Table => id Int, invite_hash Bytes, created_by Int, created_at Int, expires_at Int,
        used_by Int, used_at Int;
    password_resets (user_id) Numbers::None => user_id Int, token_hash Bytes, expires_at Int;
    listings (id) Numbers::Writer("listing") => id Int, source Text, link_key Text, link Text, title Text, price_kind Text,
        price_minor Int, price_units Real, currency Text, negotiable Bool, location Text, image_url Text,
        description Text, external_id Text, created_at Int, first_seen_at Int, updated_at Int, seen_at Int,
        first_point Int, repost_key Int, reposted_of Int, price_fall Real, condition Text;
    price_history (id) Numbers::Writer("price_point") => id Int, listing_id Int, at Int, price_kind Text,
        price_minor Int, currency Text;
    listing_aliases (source, alias) Numbers::None => source Text, alias Text, listing_id Int;
    pruned_listings (source, link_key) Numbers::None => source Text, link_key Text, id Int, price_kind Text,
        price_minor Int, currency Text, created_at Int, first_seen_at Int, first_point Int, repost_key Int,
        reposted_of Int, seen_at Int;
    favorites (id) Numbers::Table => id Int, user_id Int, listing_id Int, notes Text, created_at Int;
    notifications (id) Numbers::Writer("notification") => id Int, user_id Int, kind Text, data Text, created_at Int,
        read_at Int, seq Int;
    standing_queries (id) Numbers::Table => id Int, user_id Int, kind Text, name Text, keywords Text, currency Text,
        min_minor Int, max_minor Int, include_free Bool, sources Text, location Text, tells Bool, quiet_minutes Int,
        active Bool, since Int, created_at Int, updated_at Int;
    told_queries (query_id) Numbers::None => query_id Int, told_at Int;
    hits (listing_id, query_id, minor) Numbers::None => listing_id Int, query_id Int, minor Int, point Int,
        notification_id Int, shown_id Int;
    deleted_queries (query_id) Numbers::None => query_id Int, hits_after Int;
    ignored_listings (listing_id, query_id) Numbers::None => listing_id Int, query_id Int;
    scraper_status (source) Numbers::None => source Text, running Bool, updated_at Int;
    idempotency (principal, key) Numbers::None => principal Text, key Text, request_hash Bytes, answer Text,
        created_at Int;
    workers (name) Numbers::None => name Text, cursor Int, listings_after Int, holder Int, held_until Int, repaired Int;
    sources (name) Numbers::None => name Text, kind Text, settings Text, running Bool, terms_accepted_at Int,
        health Text, next_run_at Int, run_asked Bool, revision Int, day Int, requests Int, holder Int, held_until Int;
    site_turns (origin) Numbers::None => origin Text, next_at Int;
    source_notices (source, user_id) Numbers::None => source Text, user_id Int;
    events (seq) Numbers::Writer("event") => seq Int, recipient Int, kind Text, at Int, payload Text;
};

impl Table {
    /// The names of its columns, as a statement lists them.
    pub(super) fn column_names(&self) -> String {
        self.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}
