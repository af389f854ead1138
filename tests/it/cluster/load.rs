//! Publishers: each posts to random nodes, repeating a listing until it is acknowledged.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::crowd::milliseconds;
use super::{Cluster, Tally, mark};
use crate::support::{Answer, Http};

const PUBLISHERS: usize = 8;

/// Interval between listings of each publisher: 200 per second in total.
const EACH: Duration = Duration::from_millis(1000 * PUBLISHERS as u64 / 200);

/// Maximum batch size of a publisher that has fallen behind.
const MOST: usize = 100;

/// Acknowledged listings.
pub(super) struct Posted {
    /// Numbers of the listings by id.
    pub(super) listings: BTreeMap<i64, usize>,
    pub(super) began: Instant,
    pub(super) ended: Instant,
    /// Id of the last listing.
    pub(super) end: Option<i64>,
}

/// Publishes until the run is over.
pub(super) async fn publish_all(cluster: &Cluster) -> Posted {
    let mut publishers = JoinSet::new();
    for number in 0..PUBLISHERS {
        let publisher = Publisher {
            number,
            users: cluster.users.len(),
            nodes: Arc::clone(&cluster.publishers),
            choices: cluster.plan.choices("post", number),
            tally: Arc::clone(&cluster.tally),
        };
        publishers.spawn(publisher.run(cluster.calm.clone()));
    }
    let now = Instant::now();
    let mut posted = Posted { listings: BTreeMap::new(), began: now, ended: now, end: None };
    while let Some(listings) = publishers.join_next().await {
        for (id, number) in listings.unwrap() {
            assert_eq!(posted.listings.insert(id, number), None, "two listings have the id {id}");
        }
    }
    posted.ended = Instant::now();
    posted
}

/// Posts to a node; `None` if it or its store is unavailable.
pub(super) async fn post(node: &Http, body: &Value) -> Option<Value> {
    let request = node.request(Method::POST, "/api/listings").json(body);
    let Answer { status, body, .. } = node.try_send(request).await.ok()?;
    assert!(matches!(status, 200 | 201 | 503), "{status}: {body}");
    (status != 503).then_some(body)
}

struct Publisher {
    number: usize,
    users: usize,
    nodes: Arc<[Http]>,
    choices: StdRng,
    tally: Arc<Tally>,
}

impl Publisher {
    /// Publishes until the run is over; returns the listings' numbers by id.
    async fn run(mut self, calm: CancellationToken) -> Vec<(i64, usize)> {
        let mut pace = tokio::time::interval(EACH);
        pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let began = Instant::now();
        let mut posted = Vec::new();
        while !calm.is_cancelled() {
            pace.tick().await;
            // One by one while nodes respond promptly; in batches for what accumulated while they did not.
            let due = 1 + usize::try_from(began.elapsed().as_millis() / EACH.as_millis()).unwrap();
            let size = due.saturating_sub(posted.len()).clamp(1, MOST);
            let numbers: Vec<usize> =
                (0..size).map(|place| self.number + PUBLISHERS * (posted.len() + place)).collect();
            let ids = self.post(&numbers).await;
            posted.extend(ids.into_iter().zip(numbers));
        }
        posted
    }

    /// Posts listings until they are acknowledged; returns their ids.
    async fn post(&mut self, numbers: &[usize]) -> Vec<i64> {
        let listings = numbers.iter().map(|number| self.listing(*number)).collect::<Vec<_>>();
        let body = if let [one] = &*listings { one.clone() } else { Value::Array(listings) };
        loop {
            let node = self.nodes.choose(&mut self.choices).unwrap();
            if let Some(answer) = post(node, &body).await {
                let items = answer["items"].as_array().map_or(std::slice::from_ref(&answer), Vec::as_slice);
                let ids: Vec<i64> = items.iter().map(|item| item["id"].as_i64().unwrap()).collect();
                assert_eq!(ids.len(), numbers.len(), "{answer}");
                return ids;
            }
            Tally::count(&self.tally.posted_again);
            tokio::time::sleep(milliseconds(&mut self.choices, 20..100)).await;
        }
    }

    /// Each user's alert matches the listings with one mark.
    fn listing(&self, number: usize) -> Value {
        let title = format!("Thing {number} {}", mark(number % self.users));
        json!({"title": title, "link": format!("https://example.org/{number}"), "source": "test", "price": 5})
    }
}
