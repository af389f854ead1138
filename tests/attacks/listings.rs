//! Generates a store with many listings.

use std::fmt::Write as _;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::Method;
use serde_json::json;

use crate::support::Server;

/// Words share prefixes, so that a prefix search finds many.
const SYLLABLES: [&str; 20] = [
    "ba", "be", "bi", "bo", "bu", "ca", "ce", "ci", "co", "cu", "da", "de", "di", "do", "du", "fa", "fe", "fi", "fo",
    "fu",
];
/// Batch size; a batch is sent before the next one is generated.
const BATCH: usize = 2_000;

fn word(random: &mut StdRng) -> String {
    (0..3).map(|_| *SYLLABLES.choose(random).unwrap()).collect()
}

/// Generates text of `words` words, deterministically by seed.
fn text(random: &mut StdRng, words: usize) -> String {
    (0..words).map(|_| word(random)).collect::<Vec<_>>().join(" ")
}

/// Publishes listings with descriptions of `words` words.
pub async fn fill(server: &Server, count: usize, words: usize) {
    let mut random = StdRng::seed_from_u64(19);
    let http = server.http().with_token(&server.token("publish", None).await);
    for first in (0..count).step_by(BATCH) {
        let mut lines = String::new();
        for number in first..(first + BATCH).min(count) {
            let source = ["ksl", "craigslist", "facebook"][number % 3];
            let listing = json!({
                "title": text(&mut random, 6),
                "link": format!("https://example.org/{number}"),
                "source": source,
                "price": random.random_range(1..50_000),
                "description": text(&mut random, words),
            });
            writeln!(lines, "{listing}").unwrap();
        }
        let request = http.request(Method::POST, "/api/listings").header("Content-Type", "application/x-ndjson");
        let answer = http.send(request.body(lines)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

/// Returns the path of a slow search: any of many pairs of prefixes that are common. With an odd seed, each pair
/// contains a word that no listing has, so that the newest listings cannot answer it; sort orders and counting
/// alternate.
pub fn slow_search(seed: u64) -> String {
    let mut random = StdRng::seed_from_u64(seed);
    let phrases = (0..30).map(|_| {
        let first = SYLLABLES.choose(&mut random).unwrap();
        let second = if seed % 2 == 1 { "zzq" } else { SYLLABLES.choose(&mut random).unwrap() };
        let end = if seed % 2 == 1 { "" } else { "*" };
        format!("({first}* {second}{end})")
    });
    let keywords = phrases.collect::<Vec<_>>().join(", ");
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", &keywords);
    if let Some(sort) = ["", "price_asc", "posted", "drop"].get(seed as usize % 7 % 4).filter(|sort| !sort.is_empty()) {
        query.append_pair("sort", sort);
    }
    query.append_pair("count", if seed % 3 == 0 { "true" } else { "false" });
    format!("/api/listings?{}", query.finish())
}
