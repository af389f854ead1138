//! Compares what clients received with what was published and stored.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rand::random;
use serde_json::Value;
use superbot_domain::{QueryKind, SystemClock};
use superbot_store::{ReconcileOutcome, Store, StoreOptions};
use tokio::task::JoinSet;

use super::crowd::Client;
use super::load::Posted;
use super::{Cluster, User, say};
use crate::support::{Server, eventually, soon};
use crate::watcher::{Watcher, Way};

/// State at the end of the run.
pub(super) struct Proof {
    pub(super) cluster: Cluster,
    pub(super) nodes: Vec<Server>,
    pub(super) posted: Posted,
}

/// All events: listings by `seq`, and reports of each user's alert.
struct Log {
    listings: BTreeMap<u64, i64>,
    alerts: Vec<BTreeMap<u64, i64>>,
}

impl Proof {
    /// Waits until all clients have received the last listing, and compares.
    pub(super) async fn of(self, mut crowd: JoinSet<Client>) {
        let all = async {
            let mut clients = Vec::new();
            while let Some(client) = crowd.join_next().await {
                clients.push(client.unwrap());
            }
            clients
        };
        let clients = tokio::time::timeout(Duration::from_mins(5), all).await.expect("all clients come to the end");
        let to_the_end = self.posted.ended.elapsed();
        assert_eq!(clients.len(), self.cluster.plan.clients);
        let log = self.log().await;
        for client in &clients {
            let watcher = &client.watcher;
            assert_eq!(watcher.listings, watcher.due(&log.listings), "a client that began at {:?}", watcher.start);
            assert_eq!(watcher.alerts, watcher.due(&log.alerts[client.user]), "a client of user {}", client.user);
        }
        self.every_alert_was_told_once(&log).await;
        self.say(&clients, to_the_end);
    }

    /// Reads the stored log, which must contain each acknowledged listing exactly once, and no others.
    async fn log(&self) -> Log {
        let doors = &self.cluster.users[0].doors;
        let listings = soon("the whole log", Watcher::new(Way::Socket, Some(0)).see_all(&doors[0])).await.listings;
        let told: BTreeSet<i64> = listings.values().copied().collect();
        assert_eq!(told.len(), listings.len(), "a listing is new once");
        let answered: BTreeSet<i64> = self.posted.listings.keys().copied().chain(self.posted.end).collect();
        assert_eq!(told, answered, "events and acknowledged listings agree");
        let mut alerts = Vec::new();
        for user in &self.cluster.users {
            alerts.push(told_by_alert(user).await);
        }
        Log { listings, alerts }
    }

    async fn every_alert_was_told_once(&self, log: &Log) {
        let users = self.cluster.users.len();
        let mut hits = 0;
        for (user, alerts) in log.alerts.iter().enumerate() {
            let told: BTreeSet<i64> = alerts.values().copied().collect();
            assert_eq!(told.len(), alerts.len(), "user {user} was notified of each once");
            let marked = self.posted.listings.iter().filter(|(_, number)| *number % users == user);
            let marked: BTreeSet<i64> = marked.map(|(id, _)| *id).collect();
            assert_eq!(told, marked, "user {user} was notified of all matches");
            hits += told.len();
            if let Some(one) = told.last() {
                self.is_found_once(user, *one).await;
            }
        }
        for node in &self.nodes {
            let repaired = r#"superbot_repaired_matches_total{worker="price-alerts"}"#;
            assert_eq!(node.http().metric(repaired).await, 0, "no worker had to mend anything");
        }
        let store =
            Store::open(&self.cluster.database, StoreOptions::new(Arc::new(SystemClock), random())).await.unwrap();
        assert_eq!(store.counts().await.unwrap().hits, i64::try_from(hits).unwrap());
        assert_eq!(second_look(&store).await, 0, "a second look at all of it finds nothing more");
        store.close().await;
    }

    /// Checks that the listing's page agrees.
    async fn is_found_once(&self, user: usize, listing: i64) {
        let found = self.cluster.users[user].http.get(&format!("/api/listings/{listing}/matches")).await.ok();
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
        assert!(found["items"][0]["told_at"].is_string(), "{found}");
    }

    fn say(&self, clients: &[Client], to_the_end: Duration) {
        let tally = &self.cluster.tally;
        let [kills, drains, cuts, connects, again] =
            [&tally.kills, &tally.drains, &tally.cuts, &tally.connects, &tally.posted_again]
                .map(|counter| counter.load(Ordering::Relaxed));
        let posted = self.posted.listings.len();
        let took = self.posted.ended - self.posted.began;
        let (listings, alerts) = clients.iter().fold((0, 0), |(listings, alerts), client| {
            (listings + client.watcher.listings.len(), alerts + client.watcher.alerts.len())
        });
        say(&format!("{posted} listings answered in {took:?}, {} a second", posted * 1000 / took.as_millis() as usize));
        say(&format!("{kills} kills, {drains} drains, {cuts} cuts, 1 crash of the database, {connects} connections"));
        say(&format!("{listings} listings and {alerts} alerts heard, {again} posts sent again"));
        say(&format!("all nodes ran and all clients were at the end {to_the_end:?} after the load had ended"));
    }
}

/// Returns what a user's alert has reported, according to the notifications.
async fn told_by_alert(user: &User) -> BTreeMap<u64, i64> {
    let told = user.http.all("/api/notifications").await;
    let place = |told: &Value| (told["seq"].as_u64().unwrap(), told["data"]["listing"]["id"].as_i64().unwrap());
    told.iter().map(place).collect()
}

/// Returns the number of matches that reconciliation adds.
async fn second_look(store: &Store) -> u64 {
    let mut found = 0;
    let holder = random();
    loop {
        // The lease of a killed node's worker has to expire.
        let looked = eventually("the worker's turn", || async {
            match store.matches().reconcile(QueryKind::PriceAlert, holder).await.unwrap() {
                ReconcileOutcome::Busy => None,
                looked => Some(looked),
            }
        });
        match looked.await {
            ReconcileOutcome::All { repaired } => return found + repaired,
            ReconcileOutcome::Some { repaired } => found += repaired,
            ReconcileOutcome::Busy => {}
        }
    }
}
