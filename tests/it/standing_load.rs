//! Load of many standing queries: prints figures, to be run on an idle machine with a release build.
//!
//! `SUPERBOT_LOAD=1000000,100000,1000 cargo test --release --test it -- --ignored --nocapture standing_load` saves a
//! million alerts of 100,000 users, connects 1,000 of these users, and publishes listings. `SUPERBOT_LOAD_STORE` names
//! a file that keeps the saved alerts for later runs.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use reqwest::Method;
use serde_json::{Value, json};
use superbot_domain::{Currency, NewPriceAlert, StandingQuery as _, SystemClock, UserRole, Username};
use superbot_store::{Store, StoreOptions};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::support::{Connect, Options, Received, Server, Socket, resident_kib};

/// Number of products; all are about equally popular.
const PRODUCTS: usize = 40_000;
const SINGLES: usize = 600;
const PAUSE: Duration = Duration::from_millis(100);
const BULK: usize = 30_000;
const SEEDERS: usize = 64;

#[derive(Clone, Copy)]
struct Load {
    queries: usize,
    users: usize,
    connected: usize,
}

impl Load {
    fn read() -> Self {
        let text = std::env::var("SUPERBOT_LOAD").unwrap_or("100000,10000,10".to_owned());
        let numbers: Vec<usize> = text.split(',').map(|number| number.parse().unwrap()).collect();
        Self { queries: numbers[0], users: numbers[1], connected: numbers[2] }
    }

    fn products(self) -> usize {
        PRODUCTS.min(self.queries / 5)
    }

    /// Saves the alerts, a few per user.
    async fn save(self, path: &Path) {
        let url = format!("sqlite:{}", path.display());
        let store = Store::open(&url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await.unwrap();
        let mut seeders = JoinSet::new();
        for seeder in 0..SEEDERS {
            let store = store.clone();
            seeders.spawn(async move {
                for user in (seeder..self.users).step_by(SEEDERS) {
                    let name = Username::parse(&format!("user{user}")).unwrap();
                    let id = store.users().create(&name, UserRole::User, "none").await.unwrap().id;
                    for alert in (user..self.queries).step_by(self.users) {
                        let product = alert % self.products();
                        let exclude = if alert % 5 == 0 { " -broken" } else { "" };
                        let keywords = format!("brand{product} model{}{exclude}", product % 97);
                        let wants = json!({"keywords": keywords, "threshold_price": 500 + alert % 100});
                        let wants = NewPriceAlert::from_json(&wants, Currency::USD).unwrap();
                        store.queries().create(id, &wants).await.unwrap();
                    }
                }
            });
        }
        seeders.join_all().await;
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, many minutes long; see the top of the file"]
async fn standing_load() {
    let load = Load::read();
    let options =
        Options::default().set("limits.publish_requests_per_second", 0).set("limits.user_requests_per_second", 0);
    let mut server = Server::start_with(options).await;
    server.kill().await;
    let path = server.data_dir().join("superbot.db");
    let kept = std::env::var("SUPERBOT_LOAD_STORE").ok();
    let started = Instant::now();
    match &kept {
        Some(kept) if Path::new(kept).exists() => std::fs::copy(kept, &path).map(drop).unwrap(),
        _ => load.save(&path).await,
    }
    say(&format!("{} alerts of {} users saved in {:.0?}", load.queries, load.users, started.elapsed()));
    if let Some(kept) = kept.filter(|kept| !Path::new(kept).exists()) {
        std::fs::copy(&path, kept).unwrap();
    }
    for _ in 0..3 {
        let started = Instant::now();
        server.restart().await;
        say(&format!("ready {:.2?} after the start; memory {} KiB", started.elapsed(), resident_kib(server.pid())));
        server.kill().await;
    }
    server.restart().await;
    let (heard, mut latencies) = mpsc::unbounded_channel();
    let origin = Instant::now();
    for user in 0..load.connected {
        let token = server.token("user", Some(&format!("user{user}"))).await;
        let (socket, _) = Connect::to(&server.address).token(&token).greeted().await;
        tokio::spawn(listen(socket, origin, heard.clone()));
    }
    let publisher = server.http().with_token(&server.token("publish", None).await);

    let mut pace = tokio::time::interval(PAUSE);
    let mut accepted = Vec::new();
    let mut took = Vec::new();
    for n in 0..SINGLES {
        pace.tick().await;
        // One of the users with a matching alert is connected.
        let product = n * 7919 % load.connected % load.products();
        let posted = origin.elapsed();
        publisher.post("/api/listings", &ad(&format!("{}", posted.as_micros()), product)).await.ok();
        accepted.push(origin.elapsed().saturating_sub(posted));
        took.push(tokio::time::timeout(Duration::from_secs(30), latencies.recv()).await.unwrap().unwrap());
    }
    let connected = load.connected;
    say(&format!("single listings with {connected} connected: from the post to its answer {}", percentiles(accepted)));
    say(&format!("from the post to a matching user's socket {}", percentiles(took)));
    let before = server.http().with_token(&server.token("admin", None).await).get("/api/admin/stats").await.body;
    for round in 0..3 {
        let mut lines = String::new();
        for n in 0..BULK {
            let _ = writeln!(lines, "{}", ad(&format!("bulk{round}/{n}"), n * 7919 % load.products()));
        }
        let started = Instant::now();
        let request = publisher.request(Method::POST, "/api/listings").header(CONTENT_TYPE, "application/x-ndjson");
        let results = publisher.send(request.body(lines)).await.ok();
        assert_eq!(results.as_str().unwrap().lines().filter(|line| line.contains("created")).count(), BULK);
        #[expect(clippy::cast_precision_loss, reason = "a figure of a report")]
        let rate = BULK as f64 / started.elapsed().as_secs_f64();
        say(&format!("{BULK} listings as NDJSON: {rate:.0}/s"));
    }
    let after = server.http().with_token(&server.token("admin", None).await).get("/api/admin/stats").await.body;
    say(&format!("before the bulk {before}, after it {after}; memory {} KiB", resident_kib(server.pid())));
}

/// Records for each listing the time from its publication to its notification.
async fn listen(mut socket: Socket, origin: Instant, heard: mpsc::UnboundedSender<Duration>) {
    while let Received::Event(name, payload) = socket.next().await {
        if name == "notification" {
            let link = payload["data"]["listing"]["link"].as_str().unwrap();
            let posted = link.rsplit('/').next().unwrap().parse().map(Duration::from_micros);
            if let Ok(posted) = posted {
                let _ = heard.send(origin.elapsed().saturating_sub(posted));
            }
        }
    }
}

fn ad(path: &str, product: usize) -> Value {
    const WORDS: [&str; 16] = [
        "one", "owner", "clean", "title", "new", "tires", "garage", "kept", "runs", "great", "call", "text", "after",
        "five", "cash", "only",
    ];
    let description: Vec<_> = (0..50).map(|n| WORDS[(product * 31 + n * n + 7 * n) % WORDS.len()]).collect();
    json!({
        "title": format!("brand{product} model{}, as new", product % 97), "price": 400,
        "link": format!("https://example.com/{path}"), "source": "load", "location": "Provo, UT",
        "image_url": format!("https://img.example.com/{path}.jpg"), "description": description.join(" "),
    })
}

fn percentiles(mut took: Vec<Duration>) -> String {
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100];
    format!("p50 {:.1?}, p99 {:.1?}, max {:.1?}", at(50), at(99), at(100))
}

fn say(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}
