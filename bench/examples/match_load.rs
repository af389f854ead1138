//! Measures ingestion with matching, including notifications.
//!
//! `cargo run --profile dist --manifest-path bench/Cargo.toml --example match_load [ALERTS] [LISTINGS]`

use std::io::Write;
use std::sync::Arc;

use superbot_domain::{Currency, NewListing, NewPriceAlert, StandingQuery as _, SystemClock, UserRole, Username};
use superbot_store::{Store, StoreOptions};
use tokio::time::Instant;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const BATCH: usize = 1000;
const ALERTS_PER_USER: usize = 1000;

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let alerts: usize = arguments.next().unwrap_or("100000".to_owned()).parse()?;
    let listings: usize = arguments.next().unwrap_or("20000".to_owned()).parse()?;
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("load.db").display());
    let store = Store::open(&url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await?;
    // Five alerts per product.
    let products = (alerts / 5).max(1);
    let started = Instant::now();
    let mut tasks = Vec::new();
    for first in (0..alerts).step_by(ALERTS_PER_USER) {
        let user = store.users().create(&Username::parse(&format!("user{first}"))?, UserRole::User, "hash").await?;
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            for alert in first..(first + ALERTS_PER_USER).min(alerts) {
                let product = alert % products;
                let wants = serde_json::json!({ "keywords": format!("brand{product} model"), "threshold_price": 500 });
                store.queries().create(user.id, &NewPriceAlert::from_json(&wants, Currency::USD)?).await?;
            }
            Outcome::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    let mut out = std::io::stdout();
    writeln!(out, "{alerts} alerts saved in {:.1?}", started.elapsed())?;
    let started = Instant::now();
    store.matches().prepare().await?;
    writeln!(out, "the index built from the store: {:.2?}", started.elapsed())?;
    let started = Instant::now();
    for first in (0..listings).step_by(BATCH) {
        let batch = (first..first + BATCH).map(|n| listing(&n.to_string(), n * 7919 % products));
        store.listings().ingest(batch.collect::<Outcome<_>>()?).await?;
    }
    let seconds = started.elapsed().as_secs_f64();
    let notifications = store.counts().await?.notifications;
    let rate = f64::from(u32::try_from(listings)?) / seconds;
    writeln!(out, "{listings} listings in batches of {BATCH}: {rate:.0}/s; {notifications} notifications")?;
    store.close().await;
    Ok(())
}

fn listing(path: &str, product: usize) -> Outcome<NewListing> {
    let value = serde_json::json!({
        "title": format!("brand{product} model, as new"), "price": 400, "link": format!("https://example.com/{path}"),
        "source": "load", "location": "Provo, UT", "image_url": format!("https://img.example.com/{path}.jpg"),
        "description": "One owner, clean title, new tires, garage kept. ".repeat(6),
    });
    Ok(NewListing::from_json(&value, Currency::USD)?)
}
