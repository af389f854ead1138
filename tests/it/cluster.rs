//! Several servers on one Postgres database: nothing is lost or delivered twice, despite failures.
//!
//! Publishers post to any node, and clients reconnect to any node. Nodes are killed and drained, connections are cut,
//! and the database crashes once. In the end each client must have received exactly the events it is entitled to, in
//! order, and each alert must have reported each matching listing once.

mod crowd;
mod load;
mod misfortune;
mod proof;

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::json;
use superbot_test_postgres::TestPostgres;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::support::{Http, Options, Server, eventually};
use crate::watcher::{Door, END};
use load::Posted;
use proof::Proof;

const NODES: usize = 3;

/// Number of clients per user.
const CLIENTS_EACH: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_befalls_the_nodes_each_client_hears_all_once_and_each_alert_is_told_once() {
    let plan = Plan::from_environment();
    say(&format!("SUPERBOT_SEED={} determines the failures: {plan:?}", plan.seed));
    let (cluster, nodes) = Cluster::start(plan).await;
    let crowd = cluster.gather();
    let (posted, nodes) = cluster.endure(nodes).await;
    Proof { cluster, nodes, posted }.of(crowd).await;
}

/// Parameters of the run.
#[derive(Debug, Clone, Copy)]
struct Plan {
    seed: u64,
    length: Duration,
    clients: usize,
}

impl Plan {
    fn from_environment() -> Self {
        let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
        Self {
            seed: number("SUPERBOT_SEED").unwrap_or_else(rand::random),
            length: Duration::from_secs(number("SUPERBOT_CLUSTER_SECONDS").unwrap_or(15)),
            clients: number("SUPERBOT_CLUSTER_CLIENTS").map_or(60, |clients| usize::try_from(clients).unwrap()),
        }
    }

    fn users(&self) -> usize {
        self.clients.div_ceil(CLIENTS_EACH)
    }

    /// Returns the random generator of one participant.
    fn choices(&self, of: &str, number: usize) -> StdRng {
        let name = of.bytes().fold(0, |name: u64, byte| name << 8 | u64::from(byte));
        StdRng::seed_from_u64(self.seed ^ name.rotate_left(16) ^ number as u64)
    }
}

/// Counts of failures.
#[derive(Default)]
struct Tally {
    kills: AtomicU64,
    drains: AtomicU64,
    cuts: AtomicU64,
    connects: AtomicU64,
    posted_again: AtomicU64,
}

impl Tally {
    fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// A user, and their credentials at each node.
struct User {
    http: Http,
    doors: Arc<[Door]>,
}

/// Several servers on one database, and users with one alert each.
struct Cluster {
    plan: Plan,
    postgres: Arc<TestPostgres>,
    database: String,
    users: Vec<User>,
    /// One client per node, for publishing.
    publishers: Arc<[Http]>,
    tally: Arc<Tally>,
    /// Ends the load and all failures.
    calm: CancellationToken,
}

impl Cluster {
    async fn start(plan: Plan) -> (Self, Vec<Server>) {
        let postgres = Arc::new(TestPostgres::start().unwrap());
        let database = postgres.database();
        let options = Options::default()
            .set("store.url", &database)
            .set("realtime.replay_limit", 1_000_000)
            .set("limits.user_requests_per_second", 0)
            .set("limits.publish_requests_per_second", 0);
        let mut nodes = Vec::new();
        for _ in 0..NODES {
            nodes.push(Server::start_with(options.clone()).await);
        }
        let https: Vec<Http> = nodes.iter().map(Server::http).collect();
        let token = nodes[0].token("publish", None).await;
        let publishers = https.iter().map(|http| http.with_token(&token)).collect();
        let users = (0..plan.users()).map(|number| user(number, &nodes, &https));
        let users = futures_util::stream::iter(users).buffered(4).collect().await;
        let tally = Arc::default();
        let calm = CancellationToken::new();
        (Self { plan, postgres, database, users, publishers, tally, calm }, nodes)
    }

    /// Connects all clients, which reconnect until they receive the last listing.
    fn gather(&self) -> JoinSet<crowd::Client> {
        (0..self.plan.clients).map(|number| crowd::Client::new(number, self).run()).collect()
    }

    /// Runs load and failures; returns what was published, and the nodes, all running again.
    async fn endure(&self, nodes: Vec<Server>) -> (Posted, Vec<Server>) {
        let load = load::publish_all(self);
        let misfortunes = misfortune::befall_all(self, nodes);
        let end = async {
            tokio::time::sleep(self.plan.length).await;
            self.calm.cancel();
        };
        let (mut posted, nodes, ()) = tokio::join!(load, misfortunes, end);
        let end = json!({"title": "The end", "link": END, "source": "test", "price": 5});
        posted.end = eventually("the last listing", || load::post(&self.publishers[0], &end)).await["id"].as_i64();
        (posted, nodes)
    }
}

/// Creates a user whose alert matches the listings that contain their mark.
async fn user(number: usize, nodes: &[Server], https: &[Http]) -> User {
    let token = nodes[0].user_with_token(&format!("user{number}")).await;
    let http = https[0].with_token(&token);
    let alert = json!({"keywords": mark(number), "threshold_price": 10});
    http.post("/api/price-alerts", &alert).await.ok();
    let doors = nodes.iter().zip(https).map(|(node, http)| Door::of(node, http, &token)).collect();
    User { http, doors }
}

/// The word in a listing's title that matches a user's alert.
fn mark(user: usize) -> String {
    format!("mark{user}")
}

/// Prints a line of statistics.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
