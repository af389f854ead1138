//! Price alerts and saved searches while workers and servers are killed: each match is notified once.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;

use superbot_test_postgres::TestPostgres;

use crate::alerts::{inbox, listing};
use crate::support::{Http, Options, Server, eventually};

/// Matching is left to worker processes, which run in pairs and are killed repeatedly.
#[tokio::test(flavor = "multi_thread")]
async fn killed_workers_tell_each_listing_once_and_miss_none() {
    killed_workers(Options::default()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_workers_tell_each_listing_once_on_postgres_too() {
    killed_workers(Options::on_postgres(TestPostgres::shared())).await;
}

async fn killed_workers(options: Options) {
    const LISTINGS: u32 = 40;
    let options = options
        .arg("--no-workers")
        .set("listings.match_on_arrival", false)
        .set("limits.user_requests_per_second", 0)
        .set("limits.publish_requests_per_second", 0);
    let server = Server::start_with(options).await;
    let http = server.http().with_token(&server.user_with_token("ada").await);
    let publisher = server.http().with_token(&server.token("publish", None).await);
    http.post("/api/price-alerts", &json!({"keywords": "bike", "threshold_price": 100})).await.ok();
    http.post("/api/saved-searches", &json!({"name": "Bikes", "keywords": "bike", "cadence": "instant"})).await.ok();
    for round in 0..rounds() {
        let batch: Vec<_> = (0..LISTINGS).map(|n| listing(round * LISTINGS + n, "bike", 50 + n)).collect();
        publisher.post("/api/listings", &json!(batch)).await.ok();
        let mut workers = [server.worker("all"), server.worker("all")];
        // From before they have read their settings until after they are done.
        tokio::time::sleep(Duration::from_millis(u64::from(round % 10) * 15)).await;
        for worker in &mut workers {
            worker.kill().await.unwrap();
        }
    }
    let expected = u64::from(rounds() * LISTINGS);
    let _workers = [server.worker("all"), server.worker("all")];
    let count = |told: &[Value], kind: &str| -> u64 {
        let of_kind = told.iter().filter(|told| told["type"] == kind);
        of_kind.map(|told| told["data"]["results_count"].as_u64().unwrap_or(1)).sum()
    };
    let told = eventually("all notifications", || async {
        let told = inbox(&http).await;
        ["price_alert", "saved_search"].iter().all(|kind| count(&told, kind) >= expected).then_some(told)
    })
    .await;
    assert_eq!((count(&told, "price_alert"), count(&told, "saved_search")), (expected, expected));
    let links: std::collections::BTreeSet<_> =
        told.iter().filter_map(|told| told["data"]["listing"]["link"].as_str()).collect();
    assert_eq!(links.len() as u64, expected);
    assert_eq!(repaired(&server.http()).await, [expected, expected]);
}

/// Returns the numbers of matches added by reconciliation.
async fn repaired(http: &Http) -> [u64; 2] {
    let of = async |worker| http.metric(&format!("superbot_repaired_matches_total{{worker=\"{worker}\"}}")).await;
    [of("price-alerts").await, of("saved-searches").await]
}

/// Number of kills; more make the proof stronger.
fn rounds() -> u32 {
    std::env::var("SUPERBOT_LOSS_ROUNDS").map_or(4, |text| text.parse().unwrap())
}

/// Publishes each listing until it is acknowledged, first at one price and then at a lower one.
async fn post_until_closed(http: Http, first: u32, acknowledged: watch::Sender<u64>) -> u32 {
    let mut n = first;
    while !acknowledged.is_closed() {
        for price in [100, 50] {
            let posted = || http.try_send(http.request(Method::POST, "/api/listings").json(&listing(n, "bike", price)));
            while !posted().await.is_ok_and(|answer| matches!(answer.status, 200 | 201)) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        acknowledged.send_modify(|count| *count += 1);
        n += 1;
    }
    n - first
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_tells_each_price_once_and_misses_none() {
    let options =
        Options::default().set("limits.user_requests_per_second", 0).set("limits.publish_requests_per_second", 0);
    let mut server = Server::start_with(options).await;
    let http = server.http().with_token(&server.user_with_token("ada").await);
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let alert = http.post("/api/price-alerts", &json!({"keywords": "bike", "threshold_price": 100})).await.ok();
    http.post("/api/saved-searches", &json!({"name": "Bikes", "keywords": "bike", "cadence": "instant"})).await.ok();
    let (count, mut acknowledged) = watch::channel(0);
    let publishers: Vec<_> = (0..4)
        .map(|number| tokio::spawn(post_until_closed(publisher.clone(), number * 1_000_000, count.clone())))
        .collect();
    drop(count);
    for round in 0..rounds() {
        // Alternately soon after the start and in the middle of the load.
        let goal = *acknowledged.borrow() + [1, 30, 7, 60][round as usize % 4];
        let reached = acknowledged.wait_for(|count| *count >= goal);
        tokio::time::timeout(Duration::from_mins(5), reached).await.unwrap().unwrap();
        server.kill().await;
        server.restart().await;
    }
    drop(acknowledged);
    let mut posted = 0;
    for publisher in publishers {
        posted += publisher.await.unwrap();
    }
    let mut prices = BTreeMap::new();
    let mut found = 0;
    for told in inbox(&http).await {
        let data = &told["data"];
        if data["alert_id"] == alert["id"] {
            let link = data["listing"]["link"].as_str().unwrap().to_owned();
            *prices.entry((link, data["listing"]["price"].as_u64().unwrap())).or_insert(0) += 1;
        } else {
            found += data["results_count"].as_u64().unwrap();
        }
    }
    assert!(prices.values().all(|count| *count == 1), "notified twice: {prices:?}");
    assert_eq!(prices.len(), 2 * posted as usize, "each listing at each of its two prices");
    assert_eq!(found, u64::from(posted), "the search counts each listing once");
    // The workers have reconciled at each start, and do so once more now.
    server.kill().await;
    server.restart().await;
    eventually("the workers have looked", || async {
        (server.http().get("/readyz").await.status == 200).then_some(())
    })
    .await;
    assert_eq!(repaired(&server.http()).await, [0, 0], "nothing had to be mended");
}
