//! Time for matching one listing against all standing queries, compared with a scan of all queries.
//!
//! `cargo bench --manifest-path bench/Cargo.toml --bench matching -- 10000 100000 1000000` selects the numbers of
//! queries.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "figures of a report")]

#[expect(dead_code, reason = "it is shared with benchmarks that want more of it")]
mod world;

use std::time::{Duration, Instant};

use superbot_matching::{Batch, Criteria, Index, QueryId};

use self::world::{Ad, Random, World};

const LISTINGS: usize = 20_000;
const PASSES: usize = 3;
const CHANGES: usize = 20_000;

fn main() {
    let mut sizes: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![10_000, 100_000, 1_000_000, 5_000_000];
    }
    println!("microseconds for one listing from its text, the best of {PASSES} passes over {LISTINGS}; one thread");
    println!(
        "queries | mean p50 p99 | matches | scan mean, times slower (matches compared) | bytes/query (+ per word) | rebuild s | insert p50 p99 max | remove p50 p99 max"
    );
    for size in sizes {
        measure(size);
    }
}

fn measure(size: usize) {
    let world = World::new();
    let mut random = Random(7);
    let criteria: Vec<Criteria> = (0..size).map(|_| world.wish(&mut random).criteria()).collect();
    let listings: Vec<Ad> = (0..LISTINGS).map(|_| world.ad(&mut random)).collect();

    let parsed: Vec<(QueryId, Criteria)> = (0..).map(QueryId).zip(criteria.iter().cloned()).collect();
    let mut index = Index::new();
    let rebuild = timed(|| index = parsed.into_iter().collect());
    let mut best = vec![Duration::MAX; LISTINGS];
    let mut matches = 0;
    let mut found = Vec::new();
    for _ in 0..PASSES {
        matches = 0;
        for (ad, best) in listings.iter().zip(&mut best) {
            let took = timed(|| index.matches(&ad.facts(), &mut found));
            *best = took.min(*best);
            matches += found.len();
        }
    }
    let (scanned, scan_matches) = scan(&criteria, &listings, &mut index);
    let memory = index.memory();

    let mut inserts = Vec::new();
    let mut removes = Vec::new();
    for _ in 0..CHANGES {
        let id = QueryId(random.below(size) as u32);
        removes.push(timed(|| assert!(index.remove(id), "every query is there")));
        let new = world.wish(&mut random).criteria();
        inserts.push(timed(|| index.insert(id, &new)));
    }
    let mean = mean_micros(&best);
    println!(
        "{size} | {mean:.1} {} | {:.1} | {scanned:.0} {:.0} ({scan_matches}) | {} (+ {} KiB) | {:.2} | {} | {}",
        percentiles(&mut best, false),
        matches as f64 / LISTINGS as f64,
        scanned / mean,
        memory.queries / size,
        memory.words / 1024,
        rebuild.as_secs_f64(),
        percentiles(&mut inserts, true),
        percentiles(&mut removes, true),
    );
}

/// Scans all queries for a few listings; the index must find the same.
fn scan(criteria: &[Criteria], listings: &[Ad], index: &mut Index) -> (f64, usize) {
    let some = &listings[..(20_000_000 / criteria.len() / 100).clamp(1, 200)];
    let mut took = Vec::new();
    let mut matches = 0;
    let mut found = Vec::new();
    for ad in some {
        let mut expected: Vec<QueryId> = Vec::new();
        took.push(timed(|| {
            let batch = Batch::new([ad.facts()]);
            let all = (0..).map(QueryId).zip(criteria);
            let found = all.filter(|(_, query)| batch.matching(query).next().is_some());
            expected = found.map(|(id, _)| id).collect();
        }));
        index.matches(&ad.facts(), &mut found);
        assert_eq!(found, expected, "the index and the scan disagree");
        matches += found.len();
    }
    (mean_micros(&took), matches)
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn mean_micros(took: &[Duration]) -> f64 {
    took.iter().sum::<Duration>().as_secs_f64() * 1e6 / took.len() as f64
}

fn percentiles(took: &mut [Duration], with_max: bool) -> String {
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1e6;
    let max = if with_max { format!(" {:.0}", at(100)) } else { String::new() };
    format!("{:.1} {:.1}{max}", at(50), at(99))
}
