//! Measures ingestion: single posts by concurrent publishers, and batches at a constant rate.
//!
//! `cargo run --profile dist --manifest-path bench/Cargo.toml --example ingest_load [PUBLISHERS] [SECONDS] [FOLDER]`

#[path = "support/processor.rs"]
mod processor;

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use superbot_domain::{Currency, NewListing, SystemClock};
use superbot_store::{Store, StoreOptions};
use tokio::time::{Instant, MissedTickBehavior, interval};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let publishers: usize = arguments.next().unwrap_or("8".to_owned()).parse()?;
    let seconds: u64 = arguments.next().unwrap_or("5".to_owned()).parse()?;
    let folder = match arguments.next() {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let url = format!("sqlite:{}", folder.path().join("load.db").display());
        let store = Store::open(&url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await?;
        singles(&store, publishers, Duration::from_secs(seconds)).await?;
        batches(&store, Duration::from_secs(seconds)).await?;
        store.close().await;
        Ok(())
    })
}

/// Publishers that each post one listing at a time.
async fn singles(store: &Store, publishers: usize, time: Duration) -> Outcome<()> {
    let started = Instant::now();
    let cpu = processor::cpu_seconds();
    let tasks: Vec<_> = (0..publishers)
        .map(|publisher| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                while started.elapsed() < time {
                    let posted = Instant::now();
                    store.listings().ingest(vec![listing(&format!("{publisher}/{}", latencies.len()))?]).await?;
                    latencies.push(posted.elapsed());
                }
                Outcome::Ok(latencies)
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    report(&format!("single posts of {publishers} publishers"), latencies.len(), latencies, started, cpu)
}

/// One batch of 1,000 listings per second.
async fn batches(store: &Store, time: Duration) -> Outcome<()> {
    let started = Instant::now();
    let cpu = processor::cpu_seconds();
    let mut latencies = Vec::new();
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while started.elapsed() < time {
        ticks.tick().await;
        let batch: Vec<_> =
            (0..1000).map(|n| listing(&format!("batch/{}/{n}", latencies.len()))).collect::<Outcome<_>>()?;
        let posted = Instant::now();
        store.listings().ingest(batch).await?;
        latencies.push(posted.elapsed());
    }
    report("batches of 1000, one a second", latencies.len() * 1000, latencies, started, cpu)
}

fn listing(path: &str) -> Outcome<NewListing> {
    let value = serde_json::json!({
        "title": format!("2002 Corvette Z06 number {path}"), "price": "$28,000 OBO", "link": format!("https://example.com/{path}"),
        "source": "load", "location": "Provo, UT", "image_url": format!("https://img.example.com/{path}.jpg"),
        "description": "One owner, clean title, new tires, garage kept. ".repeat(6),
    });
    Ok(NewListing::from_json(&value, Currency::USD)?)
}

fn report(what: &str, rows: usize, mut latencies: Vec<Duration>, started: Instant, cpu: f64) -> Outcome<()> {
    latencies.sort_unstable();
    let at = |share: usize| latencies.get(latencies.len() * share / 100).copied().unwrap_or_default();
    let seconds = started.elapsed().as_secs_f64();
    let used = processor::cpu_seconds() - cpu;
    let rows = u32::try_from(rows)?;
    writeln!(
        std::io::stdout(),
        "{what}: {:.0} rows/s, p50 {:?}, p99 {:?}, CPU {:.0} µs per row, {:.0} % of a core",
        f64::from(rows) / seconds,
        at(50),
        at(99),
        used / f64::from(rows) * 1e6,
        used / seconds * 100.0,
    )?;
    Ok(())
}
