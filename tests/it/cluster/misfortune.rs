//! Failures of nodes and of their database.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;
use superbot_test_postgres::{Stop, TestPostgres};
use tokio::sync::RwLock;
use tokio_util::sync::CancellationToken;

use super::crowd::milliseconds;
use super::{Cluster, Plan, Tally};
use crate::support::Server;

/// Time for which a node runs before it is killed or drained.
const RUNS_MS: std::ops::Range<u64> = 3_000..15_000;
/// Time for which it is down.
const AWAY_MS: std::ops::Range<u64> = 0..1_500;
/// Time for which the database is down.
const OUTAGE: Duration = Duration::from_secs(1);

/// Injects failures until the run is over; returns the nodes, all running again.
pub(super) async fn befall_all(cluster: &Cluster, nodes: Vec<Server>) -> Vec<Server> {
    // No node is started while the database is down: it would exit, to be restarted by its supervisor.
    let is_there = RwLock::new(());
    let nodes = nodes.into_iter().enumerate().map(|(number, node)| {
        let fate = Fate { choices: cluster.plan.choices("node", number), tally: Arc::clone(&cluster.tally) };
        fate.of(node, &is_there, &cluster.calm)
    });
    let nodes = futures_util::future::join_all(nodes);
    let (nodes, ()) = tokio::join!(nodes, crash(cluster.plan, Arc::clone(&cluster.postgres), &is_there));
    nodes
}

/// Failures of one node.
struct Fate {
    choices: StdRng,
    tally: Arc<Tally>,
}

impl Fate {
    async fn of(mut self, mut node: Server, database_is_there: &RwLock<()>, calm: &CancellationToken) -> Server {
        loop {
            let wait = tokio::time::sleep(milliseconds(&mut self.choices, RUNS_MS));
            tokio::select! {
                () = calm.cancelled() => return node,
                () = wait => {}
            }
            if self.choices.random() {
                node.kill().await;
                Tally::count(&self.tally.kills);
            } else {
                let status = node.terminate().await;
                assert!(status.success(), "a planned stop ended with {status}: {}", node.log());
                Tally::count(&self.tally.drains);
            }
            tokio::time::sleep(milliseconds(&mut self.choices, AWAY_MS)).await;
            let _database = database_is_there.read().await;
            node.restart().await;
        }
    }
}

/// Crashes the database once, around the middle of the run.
async fn crash(plan: Plan, postgres: Arc<TestPostgres>, is_there: &RwLock<()>) {
    tokio::time::sleep(plan.length.mul_f64(plan.choices("database", 0).random_range(0.3..0.7))).await;
    let _outage = is_there.write().await;
    let stopped = Arc::clone(&postgres);
    let started = postgres;
    tokio::task::spawn_blocking(move || stopped.stop(Stop::Crash).unwrap()).await.unwrap();
    tokio::time::sleep(OUTAGE).await;
    tokio::task::spawn_blocking(move || started.resume().unwrap()).await.unwrap();
}
