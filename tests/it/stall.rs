//! Clients that stop reading use bounded memory and are disconnected, without affecting others.

mod measurement;
mod peers;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::task::JoinSet;

use crate::support::{Connect, Http, Options, Received, Server, Socket, eventually, soon};
use peers::Peer;

const STALLED: usize = 20;
const READERS: usize = 50;
const SLOW: usize = 5;

/// More than fit into the queue and the kernel's buffers.
const NOTIFICATIONS: usize = 60;
const NOTIFICATION_BYTES: usize = 50_000;

const LISTINGS: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn those_who_stop_reading_are_cut_off_and_nobody_else_notices() {
    let server = Server::start_with(tight()).await;
    let scene = Scene::set(&server).await;
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let (socket, _) = Connect::to(&server.address).token(&scene.reader).greeted().await;
        readers.spawn(hear_listings(socket));
    }
    let mut slow = JoinSet::new();
    for _ in 0..SLOW {
        slow.spawn(read_slowly(Peer::connect(&server.address, &scene.slow).await));
    }
    let mut stalled = Vec::new();
    for _ in 0..STALLED {
        stalled.push(Peer::connect(&server.address, &scene.stalled).await);
    }
    eventually("everyone is there", || async { (scene.connections("stalled").await == STALLED).then_some(()) }).await;

    let flood =
        tokio::join!(scene.flood("stalled", NOTIFICATIONS), scene.flood("slow", NOTIFICATIONS), scene.post_listings());
    let sent = flood.1;
    eventually("the stalled are gone", || async { (scene.connections("stalled").await == 0).then_some(()) }).await;

    let mut connected = Vec::new();
    while let Some(heard) = soon("the readers", readers.join_next()).await {
        connected.push(heard.unwrap());
    }
    let mut slow_connected = Vec::new();
    while let Some(heard) = soon("the slow readers", slow.join_next()).await {
        let (peer, ids) = heard.unwrap();
        assert_eq!(ids, sent, "a slow reader loses nothing");
        slow_connected.push(peer);
    }
    let still = (scene.connections("reader").await, scene.connections("slow").await);
    assert_eq!(still, (READERS, SLOW), "clients that read stay connected");
    assert_eq!(scene.metric("superbot_slow_client_cut_offs_total").await, STALLED);
    assert!(scene.metric("superbot_fell_behind_total").await >= STALLED + SLOW, "the slow were slow");
    eventually("the queues are empty", || async { (scene.metric("superbot_queue_bytes").await == 0).then_some(()) })
        .await;
    drop(stalled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_those_who_read_nothing() {
    // Far beyond the duration of the test: the stop must end by the drain's own deadline.
    let options = tight().set("realtime.write_deadline_ms", 600_000).set("server.drain_deadline_ms", 1_000);
    let mut server = Server::start_with(options).await;
    let scene = Scene::set(&server).await;
    let stalled = Peer::connect(&server.address, &scene.stalled).await;
    scene.flood("stalled", NOTIFICATIONS).await;
    assert!(server.terminate().await.success());
    drop(stalled);
}

#[tokio::test]
async fn an_event_stream_that_nobody_reads_is_cut_off() {
    let server = Server::start_with(tight().set("server.request_timeout_ms", 1_500)).await;
    let scene = Scene::set(&server).await;
    let mut stalled = peers::small_stream(&server.address).await;
    let request = format!("GET /api/events?token={} HTTP/1.1\r\nhost: {}\r\n\r\n", scene.stalled, server.address);
    stalled.write_all(request.as_bytes()).await.unwrap();
    eventually("it is there", || async { (scene.connections("stalled").await == 1).then_some(()) }).await;
    scene.flood("stalled", NOTIFICATIONS).await;
    eventually("it is gone", || async { (scene.connections("stalled").await == 0).then_some(()) }).await;
    drop(stalled);
}

/// Settings under which a client stalls quickly.
fn tight() -> Options {
    Options::default().set("realtime.write_deadline_ms", 1_500).set("realtime.queue_bytes", 65_536)
}

/// Users and a publisher.
struct Scene {
    publisher: Http,
    stalled: String,
    slow: String,
    reader: String,
}

impl Scene {
    async fn set(server: &Server) -> Self {
        let publisher = server.http().with_token(&server.token("publish", None).await);
        let stalled = server.user_with_token("stalled").await;
        let slow = server.user_with_token("slow").await;
        let reader = server.user_with_token("reader").await;
        Self { publisher, stalled, slow, reader }
    }

    /// Sends large notifications to one user; returns their ids.
    async fn flood(&self, user: &str, notifications: usize) -> Vec<i64> {
        let path = format!("/api/users/{user}/notifications");
        let body = json!({"type": "custom", "data": {"filling": "x".repeat(NOTIFICATION_BYTES)}});
        let mut ids = Vec::new();
        for _ in 0..notifications {
            ids.push(self.publisher.post(&path, &body).await.ok()["id"].as_i64().unwrap());
        }
        ids
    }

    async fn post_listings(&self) {
        for number in 0..LISTINGS {
            let link = format!("https://example.org/{number}");
            let listing = json!({"title": "A thing", "link": link, "source": "test", "price": number});
            self.publisher.post("/api/listings", &listing).await.ok();
        }
    }

    async fn connections(&self, user: &str) -> usize {
        let users = self.publisher.get("/api/connected-users").await.ok();
        let users = users["users"].as_array().unwrap();
        let found = users.iter().find(|entry| entry["username"] == user);
        found.map_or(0, |entry| usize::try_from(entry["connections"].as_u64().unwrap()).unwrap())
    }

    /// Returns a value from `/metrics`.
    async fn metric(&self, name: &str) -> usize {
        usize::try_from(self.publisher.metric(name).await).unwrap()
    }
}

/// Receives all listings, with ascending sequence numbers.
async fn hear_listings(mut socket: Socket) -> Socket {
    let mut seqs: Vec<u64> = Vec::new();
    while seqs.len() < LISTINGS {
        match socket.next().await {
            Received::Event(name, listing) if name == "new_listing" => seqs.push(listing["seq"].as_u64().unwrap()),
            other => panic!("unexpected {other:?}"),
        }
    }
    assert!(seqs.is_sorted_by(|a, b| a < b));
    socket
}

/// Reads slowly; returns the ids of the notifications once all have arrived.
async fn read_slowly(mut peer: Peer) -> (Peer, Vec<i64>) {
    let mut ids = Vec::new();
    let mut seqs = BTreeSet::new();
    while ids.len() < NOTIFICATIONS {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let Some((name, payload)) = peer.event().await else { panic!("a slow reader was cut off") };
        if let Some(seq) = payload["seq"].as_u64().filter(|_| name != "connection_status") {
            assert!(seqs.last().is_none_or(|last| *last < seq), "{seq} is out of order");
            seqs.insert(seq);
        }
        if name == "notification" {
            ids.push(payload["id"].as_i64().unwrap());
        }
    }
    (peer, ids)
}
