//! Measures what an update of the readers costs: how soon a store is open, how long indexing its listings again takes, and what
//! a publisher and a reader notice of it.
//!
//! `cargo run --profile dist --manifest-path bench/Cargo.toml --example upgrade_load FILE`
//!
//! FILE is a copy of a SQLite store that an earlier version wrote; it is upgraded. One publisher posts a listing at a time, and one reader searches, first for ten
//! seconds without the indexing, then for as long as that takes.

#[path = "../benches/world/mod.rs"]
#[expect(dead_code, clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "made for benchmarks")]
mod world;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use superbot_domain::{Currency, NewListing, SystemClock};
use superbot_store::{ListingQuery, Store, StoreOptions};
use tokio::time::Instant;

use self::world::{Random, World};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// As the server does it.
const INDEXED_TOGETHER: u32 = 100;
const PAUSE: Duration = Duration::from_millis(10);

#[tokio::main]
async fn main() -> Outcome<()> {
    let file = std::env::args().nth(1).map(PathBuf::from).ok_or("give the SQLite file of an earlier version")?;
    if !file.exists() {
        return Err(format!("no file {}", file.display()).into());
    }
    let world = World::new();
    let url = format!("sqlite:{}", file.display());
    let mut out = std::io::stdout();
    let started = Instant::now();
    let store = open(&url).await?;
    store.matches().prepare().await?;
    writeln!(out, "open after {:.2} s", started.elapsed().as_secs_f64())?;

    let stop = AtomicBool::new(false);
    let rest = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        stop.store(true, Ordering::Relaxed);
        Outcome::Ok(())
    };
    let (posts, searches, done) =
        tokio::join!(publish(&store, &world, "before", &stop), search(&store, &world, &stop), rest);
    done?;
    report(&mut out, "before", posts?, searches?)?;

    stop.store(false, Ordering::Relaxed);
    let started = Instant::now();
    let index = async {
        while store.listings().reindex_next(INDEXED_TOGETHER).await?.is_some() {
            tokio::time::sleep(PAUSE).await;
        }
        stop.store(true, Ordering::Relaxed);
        Outcome::Ok(())
    };
    let (posts, searches, done) =
        tokio::join!(publish(&store, &world, "during", &stop), search(&store, &world, &stop), index);
    done?;
    writeln!(out, "indexed after {:.1} s", started.elapsed().as_secs_f64())?;
    report(&mut out, "while indexing", posts?, searches?)?;
    store.close().await;
    Ok(())
}

async fn open(url: &str) -> Outcome<Store> {
    Ok(Store::open(url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await?)
}

async fn publish(store: &Store, world: &World, path: &str, stop: &AtomicBool) -> Outcome<Vec<Duration>> {
    let mut random = Random(3);
    let mut latencies = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let posting = posting(world, &mut random, &format!("{path}/{}", latencies.len()))?;
        let asked = Instant::now();
        store.listings().ingest(vec![posting]).await?;
        latencies.push(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(latencies)
}

async fn search(store: &Store, world: &World, stop: &AtomicBool) -> Outcome<Vec<Duration>> {
    let mut random = Random(5);
    let mut latencies = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let keywords = world.words[random.below(1_000)].clone();
        let query = ListingQuery { q: Some(keywords), limit: 50, ..ListingQuery::default() };
        let asked = Instant::now();
        store.listings().page(&query).await?;
        latencies.push(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(latencies)
}

fn report(out: &mut impl Write, what: &str, posts: Vec<Duration>, searches: Vec<Duration>) -> Outcome<()> {
    for (who, mut latencies) in [("posts", posts), ("searches", searches)] {
        latencies.sort_unstable();
        let ms = |per_mille: usize| {
            latencies.get(latencies.len().saturating_sub(1) * per_mille / 1000).map_or(0.0, Duration::as_secs_f64) * 1e3
        };
        let middle = ms(500);
        let late = ms(990);
        let worst = ms(1000);
        writeln!(out, "{what}: {} {who}, p50 {middle:.1} ms, p99 {late:.1} ms, worst {worst:.1} ms", latencies.len())?;
    }
    Ok(())
}

fn posting(world: &World, random: &mut Random, path: &str) -> Outcome<NewListing> {
    let ad = world.ad(random);
    let fields = serde_json::json!({
        "title": ad.title, "price": ad.price.to_json(), "link": format!("https://example.com/{path}"),
        "source": ad.source, "location": "Provo, UT", "description": ad.description,
    });
    Ok(NewListing::from_json(&fields, Currency::USD)?)
}
