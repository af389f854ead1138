//! Expensive searches of one user, next to requests of another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::attacker::{ATTACKER, Statuses, head, status, sum};
use crate::listings::{fill, slow_search};
use crate::report::Scene;
use crate::scale::{Bounds, sized};
use crate::support::{Options, Server};

/// Number of concurrent searches.
const TOGETHER: u64 = 40;

/// Searches in a loop.
async fn search(server: &Server, token: &str, number: u64, ends: Instant) -> Statuses {
    let bearer = format!("Bearer {token}");
    let request = head("GET", &slow_search(number), &[("Authorization", &bearer), ("Connection", "close")]);
    let mut statuses = Statuses::new();
    while Instant::now() < ends {
        let status = status(server, ATTACKER, request.as_bytes()).await;
        *statuses.entry(status).or_default() += 1;
        if status != 200 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_of_one_user_hold_no_other_up() {
    let scene = Arc::new(Scene::set(Options::default()).await);
    fill(&scene.server, sized(8_000, 120_000), 20).await;
    let token = scene.server.user_with_token("eve").await;
    let outcome = scene
        .attack("searches of one user", async {
            let ends = Instant::now() + sized(Duration::from_secs(6), Duration::from_secs(15));
            let mut searchers = JoinSet::new();
            for number in 0..TOGETHER {
                let scene = Arc::clone(&scene);
                let token = token.clone();
                searchers.spawn(async move { search(&scene.server, &token, number, ends).await });
            }
            let statuses = sum(searchers.join_all().await);
            assert!(statuses.contains_key(&200), "the searches are understood: {statuses:?}");
            assert!(statuses.contains_key(&503), "some would take too long: {statuses:?}");
            format!("{TOGETHER} at once, by status: {statuses:?}")
        })
        .await;
    outcome.assert_within(Bounds {
        p99: sized(Duration::from_secs(3), Duration::from_millis(100)),
        memory_rise_mb: sized(200, 150),
    });
}
