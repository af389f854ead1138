//! Cost of matching one listing against all standing queries: with the index, with a scan of all queries, and with a
//! full-text search (SQLite FTS5) per query over the listings since the last poll.
//!
//! `cargo bench --manifest-path bench/Cargo.toml --bench polling -- 10000 100000 1000000` selects the numbers of
//! queries.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures of a report"
)]

#[path = "world/mod.rs"]
mod world;

use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use superbot_domain::Price;
use superbot_matching::{Batch, Criteria, Index, QueryId};

use self::world::{Ad, Random, Wish, World};

/// Number of listings between two polls.
const LISTINGS: usize = 2_000;
/// Number of listings for which all queries are scanned.
const SCANNED: usize = 20;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let mut sizes: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![10_000, 100_000, 1_000_000];
    }
    println!("microseconds for one listing, {LISTINGS} of them in memory; one thread");
    println!("queries | matches | index | scan, times slower | FTS5 polling, times slower");
    for size in sizes {
        measure(size)?;
    }
    Ok(())
}

fn measure(size: usize) -> Outcome<()> {
    let world = World::new();
    let mut random = Random(7);
    let wishes: Vec<Wish> = (0..size).map(|_| world.wish(&mut random)).collect();
    let ads: Vec<Ad> = (0..LISTINGS).map(|_| world.ad(&mut random)).collect();
    let criteria: Vec<Criteria> = wishes.iter().map(Wish::criteria).collect();
    let mut index: Index = (0..).map(QueryId).zip(criteria.iter().cloned()).collect();
    let mut matches = 0;
    let mut found = Vec::new();
    // The first pass teaches the index which words are common, and warms caches.
    for _ in 0..2 {
        matches = 0;
        for ad in &ads {
            index.matches(&ad.facts(), &mut found);
            matches += found.len();
        }
    }
    let started = Instant::now();
    for ad in &ads {
        index.matches(&ad.facts(), &mut found);
    }
    let by_index = micros(started.elapsed(), LISTINGS);

    let started = Instant::now();
    for ad in &ads[..SCANNED] {
        let batch = Batch::new([ad.facts()]);
        std::hint::black_box(criteria.iter().filter(|criteria| batch.matching(criteria).next().is_some()).count());
    }
    let by_scan = micros(started.elapsed(), SCANNED);

    let mut connection = queries_in_memory(&wishes)?;
    let (polled, took) = poll(&mut connection, &ads)?;
    assert_eq!(polled, matches, "all must find the same");
    let by_polling = micros(took, LISTINGS);
    println!(
        "{size} | {:.1} | {by_index:.1} | {by_scan:.0} {:.0} | {by_polling:.0} {:.0}",
        matches as f64 / LISTINGS as f64,
        by_scan / by_index,
        by_polling / by_index
    );
    Ok(())
}

fn queries_in_memory(wishes: &[Wish]) -> Outcome<Connection> {
    let mut connection = Connection::open_in_memory()?;
    connection.execute_batch(
        "CREATE TABLE queries (id INTEGER PRIMARY KEY, words TEXT, lowest INTEGER, highest INTEGER, source TEXT); \
         CREATE TABLE listings (id INTEGER PRIMARY KEY, price INTEGER, source TEXT); \
         CREATE VIRTUAL TABLE listing_words USING fts5 (title, description, content = '', tokenize = 'ascii');",
    )?;
    let transaction = connection.transaction()?;
    for wish in wishes {
        let mut insert = transaction
            .prepare_cached("INSERT INTO queries (words, lowest, highest, source) VALUES ($1, $2, $3, $4)")?;
        insert.execute(params![
            wish.fts5(),
            wish.price.min.unwrap_or(0),
            wish.price.max.unwrap_or(i64::MAX),
            wish.sources.first().map(ToString::to_string),
        ])?;
    }
    transaction.commit()?;
    Ok(connection)
}

/// Stores the listings and runs every query on them, in one statement.
fn poll(connection: &mut Connection, ads: &[Ad]) -> Outcome<(usize, Duration)> {
    let started = Instant::now();
    let transaction = connection.transaction()?;
    for (id, ad) in (1_i64..).zip(ads) {
        let minor = match ad.price {
            // A placeholder price is within no limits.
            Price::Amount(money) if !ad.price.is_placeholder() => Some(money.minor),
            _ => None,
        };
        let mut insert = transaction.prepare_cached("INSERT INTO listings (id, price, source) VALUES ($1, $2, $3)")?;
        insert.execute(params![id, minor, ad.source.as_str()])?;
        let mut insert =
            transaction.prepare_cached("INSERT INTO listing_words (rowid, title, description) VALUES ($1, $2, $3)")?;
        insert.execute(params![id, ad.title, ad.description])?;
    }
    transaction.commit()?;
    let found: i64 = connection.query_row(
        "SELECT COUNT(*) FROM queries CROSS JOIN listing_words ON listing_words MATCH queries.words \
         CROSS JOIN listings ON listings.id = listing_words.rowid \
         WHERE price BETWEEN lowest AND highest AND (queries.source IS NULL OR queries.source = listings.source)",
        [],
        |row| row.get(0),
    )?;
    Ok((found as usize, started.elapsed()))
}

fn micros(took: Duration, listings: usize) -> f64 {
    took.as_secs_f64() * 1e6 / listings as f64
}
