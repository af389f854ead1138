//! Measures the duration and memory of copying a store to Postgres, backing it up and restoring it.
//!
//! `cargo run --profile dist --manifest-path bench/Cargo.toml --example copy_load [LISTINGS]`
//!
//! Each step runs in its own process, so that its memory can be measured separately.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use superbot_domain::{Currency, NewListing, NewPriceAlert, StandingQuery as _, SystemClock, UserRole, Username};
use superbot_store::{Store, StoreOptions};
use superbot_test_postgres::TestPostgres;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const USERS: usize = 1_000;
const ALERTS: usize = 5;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let [step, from, to] = arguments.as_slice() {
        return runtime.block_on(measure(step, from, to));
    }
    let listings = arguments.first().map_or(Ok(100_000), |count| count.parse())?;
    let folder = tempfile::tempdir()?;
    let file = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let store = format!("sqlite:{}", file("a.db"));
    let database = TestPostgres::shared().database();
    runtime.block_on(fill(&store, listings))?;
    let steps = [
        ("copy", store.clone(), database.clone()),
        ("copy", database.clone(), format!("sqlite:{}", file("back.db"))),
        ("backup", store, file("b.db")),
        ("backup", database, file("c.db")),
        ("restore", file("b.db"), format!("sqlite:{}", file("restored.db"))),
        ("restore", file("b.db"), TestPostgres::shared().database()),
    ];
    for (step, from, to) in steps {
        let done = Command::new(std::env::current_exe()?).args([step, &from, &to]).status()?;
        if !done.success() {
            return Err(format!("{step} failed").into());
        }
    }
    Ok(())
}

async fn measure(step: &str, from: &str, to: &str) -> Outcome<()> {
    let options = StoreOptions::new(Arc::new(SystemClock), [2; 8]);
    let began = Instant::now();
    let copied = match step {
        "copy" => superbot_transfer::copy(from, to, &options, &mut |_| {}).await?,
        "backup" => superbot_transfer::backup(from, Path::new(to), false, &options, &mut |_| {}).await?,
        _ => superbot_transfer::restore(Path::new(from), to, false, &options, &mut |_| {}).await?,
    };
    let took = began.elapsed();
    let rows = copied.tables.iter().map(|table| table.rows).sum::<u64>();
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim();
    let kind = |place: &str| if place.starts_with("postgres") { "Postgres" } else { "a file" };
    let from = kind(from);
    let to = kind(to);
    let megabytes = copied.bytes / 1_000_000;
    writeln!(
        std::io::stdout(),
        "{step} from {from} to {to}: {rows} rows, {megabytes} MB written, {:.1} s, peak memory {peak}",
        took.as_secs_f64()
    )?;
    Ok(())
}

/// Users with alerts, few of which match, and ingested listings, each with an event.
async fn fill(url: &str, listings: usize) -> Outcome<()> {
    let store = Store::open(url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await?;
    for user in 0..USERS {
        let name = Username::parse(&format!("user{user}"))?;
        let user_id = store.users().create(&name, UserRole::User, "hash").await?.id;
        for alert in 0..ALERTS {
            let wants = serde_json::json!({ "keywords": format!("w{user} a{alert}"), "threshold_price": 500 });
            store.queries().create(user_id, &NewPriceAlert::from_json(&wants, Currency::USD)?).await?;
        }
    }
    let numbers: Vec<usize> = (0..listings).collect();
    for batch in numbers.chunks(1000) {
        let batch = batch.iter().map(|n| listing(*n)).collect::<Outcome<Vec<_>>>()?;
        store.listings().ingest(batch).await?;
    }
    store.close().await;
    Ok(())
}

fn listing(n: usize) -> Outcome<NewListing> {
    let words: Vec<String> = (0..40).map(|k| format!("word{}", (n * 7919 + k * 104_729) % 20_000)).collect();
    let value = serde_json::json!({
        "title": format!("w{} a{} {}", n % 4000, n % 7, words[..4].join(" ")),
        "link": format!("https://example.com/listing/{n}"), "source": "craigslist", "price": n % 9_000,
        "description": words.join(" "), "location": "Salt Lake City", "image_url": format!("https://example.com/{n}.jpg"),
    });
    Ok(NewListing::from_json(&value, Currency::USD)?)
}
