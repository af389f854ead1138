//! Measures lists, searches, counts and previews over many listings with 8 concurrent clients.
//!
//! `cargo run --profile dist --manifest-path bench/Cargo.toml --example list_load [--postgres] [--clients N] [--seconds N] [--only TEXT] [LISTINGS] [FILE | URL]`
//!
//! The SQLite file is created if it does not exist, and read once before measuring, so that it is in the page cache as
//! with a running server. With `--postgres` it is copied to a private server, which takes some minutes; a Postgres URL
//! selects an existing database with such listings. Each kind of query runs for N seconds (3), with different words and
//! prices each time.

#![expect(clippy::cast_precision_loss, reason = "counts and figures of a measurement, far below 2^52")]

#[path = "support/processor.rs"]
mod processor;
#[path = "../benches/world/mod.rs"]
#[expect(dead_code, clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "made for benchmarks")]
mod world;

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use superbot_domain::{Clock, Currency, NewListing, NewSavedSearch, SourceName, StandingQuery as _, Timestamp};
use superbot_store::{DbError, ListingQuery, ListingSort, Store, StoreError, StoreOptions};
use superbot_test_postgres::TestPostgres;
use tokio::time::Instant;

use self::world::{Random, World};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const BATCH: usize = 1000;
/// Time at which the last listing was found, in microseconds; the first one was 30 days earlier.
const END: i64 = 1_796_000_000_000_000;
const SPAN: i64 = 30 * 24 * 3_600 * 1_000_000;

/// A clock with a fixed time.
struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::Relaxed)).unwrap_or_default()
    }
}

/// A kind of query with random parameters.
struct Shape {
    name: &'static str,
    ask: Ask,
}

enum Ask {
    List(fn(&mut Words<'_>) -> ListingQuery),
    Count(fn(&mut Words<'_>) -> ListingQuery),
    /// Fields of a saved search.
    Preview(fn(&mut Words<'_>) -> serde_json::Value),
}

/// Words by frequency rank.
struct Words<'w> {
    world: &'w World,
    random: Random,
}

impl Words<'_> {
    /// Returns a random word within a range of ranks.
    fn ranked(&mut self, ranks: std::ops::Range<usize>) -> &str {
        let rank = ranks.start + self.random.below(ranks.len());
        &self.world.words[rank]
    }

    fn common(&mut self) -> String {
        self.ranked(0..30).to_owned()
    }

    fn source(&mut self) -> SourceName {
        SourceName::parse(&format!("source{}", self.random.below(8))).unwrap_or_else(|_| unreachable!())
    }
}

fn q(words: impl Into<String>) -> ListingQuery {
    ListingQuery { q: Some(words.into()), ..all() }
}

fn all() -> ListingQuery {
    ListingQuery { limit: 50, ..ListingQuery::default() }
}

fn sorted(sort: ListingSort) -> ListingQuery {
    ListingQuery { sort, ..all() }
}

const SHAPES: &[Shape] = &[
    Shape { name: "newest", ask: Ask::List(|_| all()) },
    Shape { name: "source", ask: Ask::List(|w| ListingQuery { sources: vec![w.source()], ..all() }) },
    Shape { name: "common price", ask: Ask::List(|_| priced(all(), Some(200.0), Some(2_000.0))) },
    Shape { name: "rare price", ask: Ask::List(|w| priced(all(), Some(27_000.0 + w.random.below(900) as f64), None)) },
    Shape {
        name: "source, price",
        ask: Ask::List(|w| priced(ListingQuery { sources: vec![w.source()], ..all() }, Some(500.0), Some(900.0))),
    },
    Shape {
        name: "source, rare price",
        ask: Ask::List(|w| priced(ListingQuery { sources: vec![w.source()], ..all() }, Some(25_000.0), None)),
    },
    Shape { name: "common word", ask: Ask::List(|w| q(w.common())) },
    Shape { name: "rare word", ask: Ask::List(|w| q(w.ranked(10_000..30_000))) },
    Shape { name: "two words", ask: Ask::List(|w| q(format!("{} {}", w.common(), w.ranked(0..500)))) },
    Shape {
        name: "words, source, price",
        ask: Ask::List(|w| {
            priced(ListingQuery { sources: vec![w.source()], ..q(w.common()) }, Some(200.0), Some(2_000.0))
        }),
    },
    Shape { name: "no match, unknown word", ask: Ask::List(|_| q("unheard-of")) },
    Shape {
        name: "no match, rare words",
        ask: Ask::List(|w| q(w.ranked(20_000..30_000).to_owned() + " " + w.ranked(30_000..50_000))),
    },
    Shape { name: "two letters*", ask: Ask::List(|w| q(format!("{}*", &w.ranked(0..300)[..2]))) },
    Shape { name: "three letters*", ask: Ask::List(|w| q(format!("{}*", &w.ranked(0..3_000)[..3]))) },
    Shape { name: "sort posted", ask: Ask::List(|_| sorted(ListingSort::Posted)) },
    Shape { name: "sort price_asc", ask: Ask::List(|_| sorted(ListingSort::PriceAscending)) },
    Shape { name: "sort price_desc", ask: Ask::List(|_| sorted(ListingSort::PriceDescending)) },
    Shape { name: "sort drop", ask: Ask::List(|_| sorted(ListingSort::Drop)) },
    // Target from here on: 150 ms.
    Shape {
        name: "+ two sources",
        ask: Ask::List(|w| ListingQuery { sources: vec![w.source(), w.source()], ..all() }),
    },
    Shape { name: "+ common word, rare price", ask: Ask::List(|w| priced(q(w.common()), Some(27_000.0), None)) },
    Shape { name: "+ common word, price 1 %", ask: Ask::List(|w| priced(q(w.common()), Some(16_000.0), None)) },
    Shape { name: "+ rare word, price", ask: Ask::List(|w| priced(q(w.ranked(500..5_000)), None, Some(100.0))) },
    Shape {
        name: "+ prefix and rare word",
        ask: Ask::List(|w| q(format!("{}* {}", &w.ranked(0..30)[..2].to_owned(), w.ranked(5_000..20_000)))),
    },
    Shape {
        name: "+ common word, price_asc",
        ask: Ask::List(|w| ListingQuery { q: Some(w.common()), ..sorted(ListingSort::PriceAscending) }),
    },
    Shape {
        name: "+ word 3 %, price_asc",
        ask: Ask::List(|w| ListingQuery {
            q: Some(w.ranked(100..300).to_owned()),
            ..sorted(ListingSort::PriceAscending)
        }),
    },
    Shape {
        name: "+ rare word, price_desc",
        ask: Ask::List(|w| ListingQuery {
            q: Some(w.ranked(2_000..20_000).to_owned()),
            ..sorted(ListingSort::PriceDescending)
        }),
    },
    Shape {
        name: "+ two words, posted",
        ask: Ask::List(|w| ListingQuery {
            q: Some(format!("{} {}", w.common(), w.ranked(30..300))),
            ..sorted(ListingSort::Posted)
        }),
    },
    Shape {
        name: "+ common word, drop",
        ask: Ask::List(|w| ListingQuery { q: Some(w.common()), ..sorted(ListingSort::Drop) }),
    },
    Shape {
        name: "+ source, posted",
        ask: Ask::List(|w| ListingQuery { sources: vec![w.source()], ..sorted(ListingSort::Posted) }),
    },
    Shape {
        name: "+ rare price, posted",
        ask: Ask::List(|_| priced(sorted(ListingSort::Posted), Some(27_000.0), None)),
    },
    Shape {
        name: "+ source, price, price_asc",
        ask: Ask::List(|w| {
            let of_source = ListingQuery { sources: vec![w.source()], ..sorted(ListingSort::PriceAscending) };
            priced(of_source, Some(500.0), Some(900.0))
        }),
    },
    Shape {
        name: "+ last day, price_asc",
        ask: Ask::List(|_| ListingQuery {
            since: Timestamp::from_microsecond(END - 24 * 3_600 * 1_000_000).ok(),
            ..sorted(ListingSort::PriceAscending)
        }),
    },
    // Target: 100 ms.
    Shape { name: "count all", ask: Ask::Count(|_| all()) },
    Shape {
        name: "count source, price",
        ask: Ask::Count(|w| priced(ListingQuery { sources: vec![w.source()], ..all() }, Some(500.0), Some(900.0))),
    },
    Shape { name: "count common word", ask: Ask::Count(|w| q(w.common())) },
    Shape { name: "count two words", ask: Ask::Count(|w| q(format!("{} {}", w.common(), w.ranked(0..500)))) },
    Shape { name: "count word, price", ask: Ask::Count(|w| priced(q(w.common()), Some(200.0), Some(2_000.0))) },
    Shape { name: "count word, rare price", ask: Ask::Count(|w| priced(q(w.common()), Some(27_000.0), None)) },
    Shape { name: "count two letters*", ask: Ask::Count(|w| q(format!("{}*", &w.ranked(0..300)[..2]))) },
    // Target: 150 ms.
    Shape { name: "preview word", ask: Ask::Preview(|w| serde_json::json!({ "keywords": w.common() })) },
    Shape {
        name: "preview word, price",
        ask: Ask::Preview(|w| serde_json::json!({ "keywords": w.common(), "max_price": 40 })),
    },
    Shape {
        name: "preview two words, source",
        ask: Ask::Preview(
            |w| serde_json::json!({ "keywords": format!("{} {}", w.common(), w.ranked(0..500)), "sources": [w.source()] }),
        ),
    },
    Shape {
        name: "preview prefix",
        ask: Ask::Preview(|w| serde_json::json!({ "keywords": format!("{}*", &w.ranked(0..300)[..2]) })),
    },
];

fn priced(query: ListingQuery, min_price: Option<f64>, max_price: Option<f64>) -> ListingQuery {
    ListingQuery { min_price, max_price, ..query }
}

struct Arguments {
    on_postgres: bool,
    clients: u64,
    time: Duration,
    only: String,
    listings: usize,
    file: Option<PathBuf>,
    url: Option<String>,
}

impl Arguments {
    fn read() -> Outcome<Self> {
        let mut read = Self {
            on_postgres: false,
            clients: 8,
            time: Duration::from_secs(3),
            only: String::new(),
            listings: 1_000_000,
            file: None,
            url: None,
        };
        let mut given = std::env::args().skip(1);
        while let Some(argument) = given.next() {
            match argument.as_str() {
                "--postgres" => read.on_postgres = true,
                "--clients" => read.clients = given.next().unwrap_or_default().parse()?,
                "--seconds" => read.time = Duration::from_secs(given.next().unwrap_or_default().parse()?),
                "--only" => read.only = given.next().unwrap_or_default(),
                other => match other.parse() {
                    Ok(listings) => read.listings = listings,
                    Err(_) if other.starts_with("postgres") => read.url = Some(argument),
                    Err(_) => read.file = Some(other.into()),
                },
            }
        }
        Ok(read)
    }
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments = Arguments::read()?;
    let folder = tempfile::tempdir()?;
    let clock = Arc::new(SetClock(AtomicI64::new(END)));
    let options = StoreOptions::new(clock.clone(), [1; 8]);
    let world = World::new();
    let server = arguments.on_postgres.then(|| TestPostgres::durable_in(folder.path())).transpose()?;
    let url = if let Some(url) = &arguments.url {
        url.clone()
    } else {
        let file = arguments.file.clone().unwrap_or_else(|| folder.path().join("load.db"));
        let url = format!("sqlite:{}", file.display());
        if !file.exists() {
            let store = Store::open(&url, options.clone()).await?;
            fill(&store, &clock, &world, arguments.listings).await?;
            store.close().await;
        }
        if let Some(server) = &server {
            copied(&url, server.database(), &options).await?
        } else {
            std::io::copy(&mut File::open(&file)?, &mut std::io::sink())?;
            url
        }
    };
    let store = Store::open(&url, options).await?;
    let mut out = std::io::stdout();
    writeln!(out, "p50 ms | p99 ms | worst ms | CPU ms of this process | a second | refused | what")?;
    for shape in SHAPES.iter().filter(|shape| shape.name.contains(&arguments.only)) {
        measure(&store, &world, shape, &arguments, &mut out).await?;
    }
    store.close().await;
    Ok(())
}

/// Copies the store to a database and gathers statistics, as autovacuum would do before long.
async fn copied(url: &str, database: String, options: &StoreOptions) -> Outcome<String> {
    superbot_transfer::copy(url, &database, options, &mut |_| {}).await?;
    let pool = sqlx::PgPool::connect(&database).await?;
    sqlx::raw_sql("VACUUM ANALYZE").execute(&pool).await?;
    pool.close().await;
    Ok(database)
}

/// Runs one kind of query on all clients for some time.
async fn measure(store: &Store, world: &World, shape: &Shape, how: &Arguments, out: &mut impl Write) -> Outcome<()> {
    let started = Instant::now();
    let cpu = processor::cpu_seconds();
    let client = async |seed: u64| {
        let mut words = Words { world, random: Random(seed) };
        let mut latencies = Vec::new();
        let mut refused = 0;
        while started.elapsed() < how.time {
            let asked = Instant::now();
            let answered = match shape.ask {
                Ask::List(query) => store.listings().page(&query(&mut words)).await.map(drop),
                Ask::Count(query) => store.listings().count(&query(&mut words)).await.map(drop),
                Ask::Preview(fields) => {
                    let mut fields = fields(&mut words);
                    fields["name"] = "load".into();
                    let wants = NewSavedSearch::from_json(&fields, Currency::USD)?;
                    store.queries().preview(&wants).await.map(drop)
                }
            };
            match answered {
                Err(StoreError::Db(DbError::TooSlow | DbError::Busy)) => refused += 1,
                answered => answered?,
            }
            latencies.push(asked.elapsed());
        }
        Outcome::Ok((latencies, refused))
    };
    let mut latencies: Vec<Duration> = Vec::new();
    let mut refused = 0;
    for done in futures_util::future::join_all((0..how.clients).map(|n| client(n * 7_919 + 1))).await {
        let (of_client, failed) = done?;
        latencies.extend(of_client);
        refused += failed;
    }
    latencies.sort_unstable();
    let ms = |per_mille: usize| latencies[(latencies.len() - 1) * per_mille / 1000].as_secs_f64() * 1e3;
    let count = latencies.len() as f64;
    let rate = count / started.elapsed().as_secs_f64();
    let cpu = (processor::cpu_seconds() - cpu) / count * 1e3;
    writeln!(
        out,
        "{:.1} | {:.1} | {:.1} | {cpu:.2} | {rate:.0} | {refused} | {}",
        ms(500),
        ms(990),
        ms(1000),
        shape.name
    )?;
    Ok(())
}

/// Listings over 30 days, each posted up to a week before it was found; every twentieth changes its price later.
async fn fill(store: &Store, clock: &SetClock, world: &World, listings: usize) -> Outcome<()> {
    let mut random = Random(7);
    let started = Instant::now();
    for first in (0..listings).step_by(BATCH) {
        let found_at = END - SPAN + SPAN / i64::try_from(listings)? * i64::try_from(first)?;
        clock.0.store(found_at, Ordering::Relaxed);
        let mut batch = Vec::with_capacity(BATCH);
        let mut changed = Vec::new();
        for number in first..(first + BATCH).min(listings) {
            let ad = world.ad(&mut random);
            let posted_at = found_at - i64::try_from(random.below(7 * 24 * 3_600))? * 1_000_000;
            let mut fields = serde_json::json!({
                "title": ad.title, "price": ad.price.to_json(), "link": format!("https://example.com/{number}"),
                "source": ad.source, "location": "Provo, UT", "description": ad.description,
                "image_url": format!("https://img.example.com/{number}.jpg"),
                "created_at": Timestamp::from_microsecond(posted_at)?.to_string(),
            });
            batch.push(NewListing::from_json(&fields, Currency::USD)?);
            if random.below(20) == 0 {
                let price = fields["price"].as_f64().unwrap_or(1.0);
                fields["price"] = (price * (0.5 + random.below(60) as f64 / 100.0)).round().into();
                changed.push(NewListing::from_json(&fields, Currency::USD)?);
            }
        }
        store.listings().ingest(batch).await?;
        store.listings().ingest(changed).await?;
    }
    clock.0.store(END, Ordering::Relaxed);
    let rate = listings as f64 / started.elapsed().as_secs_f64();
    writeln!(std::io::stdout(), "{listings} listings stored, {rate:.0}/s; {} bytes", store.counts().await?.bytes)?;
    Ok(())
}
