//! Measures previews over many listings, both cold and repeated.
//!
//! `cargo run --profile dist --manifest-path bench/Cargo.toml --example preview_load [LISTINGS] [FILE]`; the file is
//! created if it does not exist.

#[path = "../benches/world/mod.rs"]
#[expect(dead_code, clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "made for benchmarks")]
mod world;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use superbot_domain::{Currency, NewListing, NewSavedSearch, QueryPreview, StandingQuery as _, SystemClock};
use superbot_store::{Store, StoreOptions};
use tokio::time::Instant;

use self::world::{Random, World};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const BATCH: usize = 1000;
const REPEATS: usize = 7;

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let listings: usize = arguments.next().unwrap_or("1000000".to_owned()).parse()?;
    let folder = tempfile::tempdir()?;
    let file = arguments.next().map_or_else(|| folder.path().join("load.db"), PathBuf::from);
    let is_new = !file.exists();
    let url = format!("sqlite:{}", file.display());
    let store = Store::open(&url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await?;
    let world = World::new();
    let mut random = Random(7);
    let mut out = std::io::stdout();
    if is_new {
        let started = Instant::now();
        for first in (0..listings).step_by(BATCH) {
            let batch = (first..first + BATCH).map(|n| listing(&world, &mut random, n));
            store.listings().ingest(batch.collect::<Outcome<_>>()?).await?;
        }
        let counts = store.counts().await?;
        let rate = f64::from(u32::try_from(listings)?) / started.elapsed().as_secs_f64();
        writeln!(out, "{listings} listings stored, {rate:.0}/s; {} bytes", counts.bytes)?;
    }
    let ranked = |rank: usize| world.words[rank].as_str();
    let first = ranked(0);
    let second = ranked(1);
    let rare = ranked(20_000);
    writeln!(out, "milliseconds the first time, median and worst of {REPEATS} more | found | near misses | what")?;
    for (keywords, limits) in [
        (rare.to_owned(), ""),
        (format!("{rare} {}", ranked(300)), ""),
        (first.to_owned(), ""),
        (first.to_owned(), r#", "max_price": 21"#),
        (first.to_owned(), r#", "max_price": 40"#),
        (first.to_owned(), r#", "min_price": 19990"#),
        (first.to_owned(), r#", "max_price": 500, "sources": ["source1"]"#),
        (format!("{first} -{second}"), ""),
        (format!("{first} -{first}"), ""),
        (format!("\"{first} {second}\""), ""),
        (format!("\"{first} {rare}\""), ""),
        (format!("\"{second} {first} {second} {first}\""), ""),
        (format!("{first} {second} {} {} -{}", ranked(2), ranked(3), ranked(4)), r#", "max_price": 21"#),
        (format!("{}*", &first[..2]), ""),
        (format!("{}* {rare}", &first[..2]), ""),
        ((0..60).map(|n| ranked(n * 10)).collect::<Vec<_>>().join(", "), r#", "max_price": 22"#),
        (String::new(), r#", "max_price": 21, "sources": ["source1"]"#),
    ] {
        let wants = format!(r#"{{"name": "x", "keywords": {keywords:?}{limits}}}"#);
        let wants = NewSavedSearch::from_json(&serde_json::from_str(&wants)?, Currency::USD)?;
        let (preview, first_time) = timed(&store, &wants).await?;
        let mut again = Vec::new();
        for _ in 0..REPEATS {
            again.push(timed(&store, &wants).await?.1);
        }
        again.sort_unstable();
        let ms = |took: Duration| took.as_secs_f64() * 1e3;
        let median = ms(again[REPEATS / 2]);
        let worst = ms(again[REPEATS - 1]);
        let shown: String = keywords.chars().take(40).collect();
        writeln!(
            out,
            "{:.0} {median:.0} {worst:.0} | {:?} | {} | {shown}{limits}",
            ms(first_time),
            preview.count,
            preview.near_misses.len()
        )?;
    }
    store.close().await;
    Ok(())
}

async fn timed(store: &Store, wants: &NewSavedSearch) -> Outcome<(QueryPreview, Duration)> {
    let started = Instant::now();
    let preview = store.queries().preview(wants).await?;
    Ok((preview, started.elapsed()))
}

fn listing(world: &World, random: &mut Random, number: usize) -> Outcome<NewListing> {
    let ad = world.ad(random);
    let value = serde_json::json!({
        "title": ad.title, "price": ad.price.to_json(), "link": format!("https://example.com/{number}"),
        "source": ad.source, "location": "Provo, UT", "image_url": format!("https://img.example.com/{number}.jpg"),
        "description": ad.description,
    });
    Ok(NewListing::from_json(&value, Currency::USD)?)
}
