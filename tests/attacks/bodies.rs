//! Request bodies that are small to send and expensive to process.

use std::time::Duration;

use crate::attacker::{ATTACKER, Statuses, post, status};
use crate::report::Scene;
use crate::scale::{Bounds, sized, under_limit, usual};
use crate::support::Options;

/// Array elements: the shortest value of each JSON type.
const ITEMS: [&str; 3] = ["0", "{}", "[]"];
/// Just below `limits.listing_body_bytes`.
const LARGEST: usize = 16_000_000;

/// An array that repeats one element, of about this many bytes.
fn array(item: &str, bytes: usize) -> String {
    let count = bytes / (item.len() + 1);
    format!("[{}{item}]", format!("{item},").repeat(count - 1))
}

#[tokio::test(flavor = "multi_thread")]
async fn large_arrays_are_refused_at_little_cost() {
    let scene = Scene::set(Options::default()).await;
    let token = scene.server.token("publish", None).await;
    let bytes = sized(4_000_000, LARGEST);
    let mut costs = Vec::new();
    for item in ITEMS {
        let request = post("/api/listings", Some(&token), &array(item, bytes));
        let before = scene.usage();
        let status = status(&scene.server, ATTACKER, &request).await;
        let cost = scene.usage().cpu_since(before);
        assert!(matches!(status, 413 | 422), "an array of {item}: {status}");
        assert!(cost <= sized(Duration::from_secs(2), Duration::from_millis(200)), "an array of {item}: {cost:?}");
        costs.push(format!("{item}: {status} for {cost:?} of processor time"));
    }
    let outcome = scene
        .attack("large arrays", async {
            for item in ITEMS {
                let request = post("/api/listings", Some(&token), &array(item, bytes));
                for _ in 0..sized(2, 10) {
                    status(&scene.server, ATTACKER, &request).await;
                }
            }
            format!("{} MB each: {}", bytes / 1_000_000, costs.join(", "))
        })
        .await;
    outcome.assert_within(Bounds { memory_rise_mb: sized(150, 100), ..usual() });
    outcome.assert_longest(sized(Duration::from_secs(3), Duration::from_millis(50)));
}

#[tokio::test(flavor = "multi_thread")]
async fn large_arrays_end_no_process_that_has_little_memory() {
    let scene = Scene::set(under_limit("--as=536870912")).await;
    let token = scene.server.token("publish", None).await;
    for item in ITEMS {
        let request = post("/api/listings", Some(&token), &array(item, LARGEST));
        let status = status(&scene.server, ATTACKER, &request).await;
        assert!(matches!(status, 413 | 422), "an array of {item}: {status}");
    }
    assert_eq!(scene.server.http().try_get("/healthz").await, Some(200));
}

/// Values whose parsed form takes a multiple of the memory of their text.
#[tokio::test(flavor = "multi_thread")]
async fn large_values_in_other_bodies_take_bounded_memory() {
    let scene = Scene::set(Options::default()).await;
    let token = scene.server.token("publish", None).await;
    let bytes = sized(200_000, 1_000_000);
    let outcome = scene
        .attack("large values in notifications", async {
            let mut statuses = Statuses::new();
            for item in ITEMS {
                let body = format!("{{\"type\":\"custom\",\"data\":{{\"a\":{}}}}}", array(item, bytes));
                let request = post("/api/users/witness/notifications", Some(&token), &body);
                for _ in 0..sized(5, 20) {
                    *statuses.entry(status(&scene.server, ATTACKER, &request).await).or_default() += 1;
                }
            }
            format!("{} KB each, by status: {statuses:?}", bytes / 1_000)
        })
        .await;
    outcome.assert_within(usual());
}
