//! Replay after reconnection, independent of the process that published.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use superbot_domain::{Clock as _, SystemClock};
use superbot_store::{RetentionLimits, Store, StoreOptions};

use crate::import::sqlite;
use crate::stream::Stream;
use crate::support::{Connect, Http, Options, Received, Server, eventually};

/// The events due to `ann` from the log written by [`Scene::fill`].
const DUE: [&str; 6] =
    ["new_listing", "notification", "new_listing", "system_message", "listing_updated", "new_listing"];

#[tokio::test]
async fn a_cursor_decides_what_is_replayed() {
    let scene = Scene::set(Options::default()).await;
    scene.fill().await;
    let (_, fresh) = scene.connect().greeted().await;
    assert_eq!((&fresh["recovered"], &fresh["replayed"]), (&json!(false), &json!(0)));
    let head = fresh["seq"].as_u64().unwrap();
    let epoch = fresh["epoch"].as_str().unwrap();

    for since in [json!(0), json!("0")] {
        scene.replays(scene.connect().auth("since", since), &DUE).await;
    }
    scene.replays(scene.connect().auth("since", 0).auth("epoch", epoch), &DUE).await;
    scene.replays(scene.connect().auth("since", head), &[]).await;
    scene.replays(scene.connect().auth("since", scene.seqs().await[3]), &DUE[4..]).await;
    scene.starts_anew(scene.connect()).await;
    scene.starts_anew(scene.connect().auth("since", head + 1)).await;
    scene.starts_anew(scene.connect().auth("since", 0).auth("epoch", "another")).await;
    for wrong in [json!(-1), json!(1.5), json!("one"), json!(""), json!([1]), json!(true)] {
        let refusal = scene.connect().auth("since", wrong.clone()).open().await.err().unwrap();
        assert_eq!(refusal["data"]["code"], "bad_request", "{wrong}");
    }
}

#[tokio::test]
async fn too_much_is_not_replayed() {
    let scene = Scene::set(Options::default().set("realtime.replay_limit", DUE.len() - 1)).await;
    scene.fill().await;
    scene.starts_anew(scene.connect().auth("since", 0)).await;
    let first = scene.oldest_replayable().await;
    scene.replays(scene.connect().auth("since", first), &DUE[1..]).await;
}

#[tokio::test]
async fn what_was_pruned_is_not_replayed() {
    let mut scene = Scene::set(Options::default()).await;
    scene.fill().await;
    let seqs = scene.seqs().await;
    // Everything up to ann's notification, which is the second of these events.
    scene.prune(u32::try_from(seqs[1]).unwrap()).await;
    // The server still has the newest events in memory, and replays those.
    scene.replays(scene.connect().auth("since", 0), &DUE).await;
    scene.server.kill().await;
    scene.server.restart().await;
    scene.starts_anew(scene.connect().auth("since", 0)).await;
    scene.starts_anew(scene.connect().auth("since", seqs[1] - 1)).await;
    scene.replays(scene.connect().auth("since", seqs[1]), &DUE[2..]).await;

    scene.prune(1_000).await;
    scene.server.kill().await;
    scene.server.restart().await;
    let (_, greeting) = scene.connect().greeted().await;
    let head = greeting["seq"].as_u64().unwrap();
    assert!(head >= *seqs.last().unwrap(), "an empty log still knows where it is");
    scene.starts_anew(scene.connect().auth("since", head - 1)).await;
    scene.replays(scene.connect().auth("since", head), &[]).await;
    scene.post("https://example.org/after", 1).await;
    scene.live_begins_at(head + 1).await;
    scene.replays(scene.connect().auth("since", head), &["new_listing"]).await;
}

#[tokio::test]
async fn the_log_outlives_the_server() {
    let mut scene = Scene::set(Options::default()).await;
    scene.fill().await;
    let (_, before) = scene.connect().greeted().await;
    scene.server.kill().await;
    scene.server.restart().await;
    let (_, after) = scene.connect().greeted().await;
    assert_eq!((&before["seq"], &before["epoch"]), (&after["seq"], &after["epoch"]));
    scene.replays(scene.connect().auth("since", 0).auth("epoch", after["epoch"].clone()), &DUE).await;
}

/// The log stores payloads as they were written. Clients receive older payloads unchanged; the test's socket checks
/// them against the OpenAPI document.
#[tokio::test]
async fn a_payload_from_before_a_field_existed_is_replayed_as_it_is() {
    let mut scene = Scene::set(Options::default().set("store.url", "sqlite:superbot.db")).await;
    scene.post("https://example.org/1", 10).await;
    scene.post("https://example.org/1", 9).await;
    scene.server.kill().await;
    let file = scene.server.data_dir().join("superbot.db");
    assert_eq!(sqlite(&file, include_str!("replay/older_payloads.sql")).await.trim(), "2");
    scene.server.restart().await;
    let (mut socket, _) = scene.connect().auth("since", 0).greeted().await;
    for (name, price) in [("new_listing", 10), ("listing_updated", 9)] {
        let event = socket.expect(name).await;
        assert_eq!(event["price"], price);
        assert!(event.get("condition").is_none() && event.get("external_id").is_none(), "{event}");
    }
    let listings = scene.ann.get("/api/listings").await.ok();
    assert_eq!(listings["items"][0]["condition"], Value::Null, "{listings}");
}

#[tokio::test]
async fn an_event_stream_replays_the_same() {
    let scene = Scene::set(Options::default()).await;
    scene.fill().await;
    let mut stream = Stream::open(&scene.ann, Some("0")).await;
    let greeting = stream.expect("connection_status").await;
    assert_eq!((&greeting.data["recovered"], &greeting.data["replayed"]), (&json!(true), &json!(DUE.len())));
    let mut seqs = Vec::new();
    for name in DUE {
        let event = stream.expect(name).await;
        assert_eq!(event.id, event.data["seq"].to_string());
        seqs.push(event.data["seq"].as_u64().unwrap());
    }
    assert_eq!(seqs, scene.seqs().await);
    scene.post("https://example.org/live", 1).await;
    stream.expect("new_listing").await;

    let mut stream = Stream::open(&scene.ann, Some("1000000")).await;
    assert_eq!(stream.expect("connection_status").await.data["recovered"], false);
    let refused = scene.ann.request(Method::GET, "/api/events").header("last-event-id", "x");
    assert_eq!(scene.ann.send(refused).await.refused(422), "invalid");
}

#[tokio::test]
async fn a_stream_resumes_after_the_number_in_its_address() {
    let scene = Scene::set(Options::default()).await;
    scene.fill().await;
    let seqs = scene.seqs().await;
    let third = seqs[2];
    let last = seqs[seqs.len() - 1];
    for (query, header, replayed) in [
        ("lastEventId=0".to_owned(), None, seqs.len()),
        (format!("lastEventId={third}"), None, seqs.len() - 3),
        ("since=0".to_owned(), None, seqs.len()),
        // A polyfill appends it to a URL that contains `since`; browsers send the header instead.
        (format!("since=0&lastEventId={third}"), None, seqs.len() - 3),
        (format!("lastEventId={third}&since=0"), Some(last.to_string()), 0),
        ("lastEventId=&since=0".to_owned(), None, seqs.len()),
    ] {
        let mut stream = Stream::open_at(&scene.ann, &format!("/api/events?{query}"), header.as_deref()).await;
        let greeting = stream.expect("connection_status").await;
        assert_eq!(greeting.data["recovered"], true, "{query}");
        assert_eq!(greeting.data["replayed"], replayed, "{query}");
    }
    for (query, field) in
        [("lastEventId=x", "lastEventId"), ("lastEventId=-1&since=0", "lastEventId"), ("since=x", "since")]
    {
        let refused = scene.ann.get(&format!("/api/events?{query}")).await;
        assert_eq!(refused.refused(422), "invalid", "{query}");
        assert_eq!(refused.body["errors"][0]["field"], field, "{query}");
    }
}

#[tokio::test]
async fn another_process_is_heard_too() {
    let scene = Scene::set(Options::default()).await;
    let (mut socket, _) = scene.connect().greeted().await;
    let second = scene.server.start_beside(Options::default().arg("--no-workers")).await;
    let (mut there, _) = Connect::to(&second.address).token(&scene.token).greeted().await;

    let publisher = second.http().with_token(&scene.publish_token);
    publisher.post("/api/listings", &listing("https://example.org/second", 1)).await.ok();
    scene.post("https://example.org/first", 1).await;
    let here = socket.two_listings().await;
    let there = there.two_listings().await;
    assert_eq!(here, there, "both processes send the same events in the same order");

    let tokens: Value = serde_json::from_str(&scene.server.superbot(&["token", "list", "--json"], "").await).unwrap();
    let mine = tokens.as_array().unwrap().iter().find(|token| token["user"] == "ann").unwrap();
    scene.server.superbot(&["token", "revoke", &mine["id"].to_string()], "").await;
    assert_eq!(socket.ended().await, [Received::Disconnected], "a revocation by another process ends the connection");
}

#[tokio::test]
async fn a_cursor_from_a_process_that_is_ahead_is_known() {
    let scene = Scene::set(Options::default()).await;
    let second = scene.server.start_beside(Options::default().arg("--no-workers")).await;
    let publisher = second.http().with_token(&scene.publish_token);
    let (mut there, _) = Connect::to(&second.address).token(&scene.token).greeted().await;
    for number in 0..20 {
        publisher.post("/api/listings", &listing(&format!("https://example.org/{number}"), 1)).await.ok();
        let seq = there.expect("new_listing").await["seq"].as_u64().unwrap();
        scene.replays(scene.connect().auth("since", seq), &[]).await;
    }
}

/// A server, a user, and a publisher.
struct Scene {
    server: Server,
    token: String,
    publish_token: String,
    ann: Http,
    publisher: Http,
}

impl Scene {
    async fn set(options: Options) -> Self {
        let server = Server::start_with(options).await;
        let token = server.user_with_token("ann").await;
        server.add_user("bob", false).await;
        let publish_token = server.token("publish", None).await;
        let ann = server.http().with_token(&token);
        let publisher = server.http().with_token(&publish_token);
        Self { server, token, publish_token, ann, publisher }
    }

    fn connect(&self) -> Connect {
        Connect::to(&self.server.address).token(&self.token)
    }

    async fn post(&self, link: &str, price: u32) {
        self.publisher.post("/api/listings", &listing(link, price)).await.ok();
    }

    /// Writes [`DUE`] to the log, interspersed with other users' events and events that are not replayed.
    async fn fill(&self) {
        let custom = json!({"type": "custom", "data": {"a": 1}});
        self.post("https://example.org/1", 10).await;
        self.publisher.post("/api/users/ann/notifications", &custom).await.ok();
        self.publisher.post("/api/users/bob/notifications", &custom).await.ok();
        self.post("https://example.org/2", 20).await;
        self.publisher.put("/api/scraper-status", &json!({"ksl": true})).await.ok();
        self.publisher.post("/api/system-messages", &json!({"message": "Hello", "level": "info"})).await.ok();
        self.post("https://example.org/1", 9).await;
        self.post("https://example.org/3", 30).await;
        self.live_begins_at(DUE.len() as u64 + 2).await;
    }

    /// Waits until new connections start after this position: a response arrives with the commit, followers of the log
    /// are notified a moment later.
    async fn live_begins_at(&self, seq: u64) {
        eventually("the log has been read", || async {
            let (_, greeting) = Box::pin(self.connect().greeted()).await;
            (greeting["seq"].as_u64() >= Some(seq)).then_some(())
        })
        .await;
    }

    /// Connects and expects exactly these events, with ascending sequence numbers.
    async fn replays(&self, connect: Connect, names: &[&str]) -> Vec<u64> {
        let (mut socket, greeting) = connect.greeted().await;
        assert_eq!(greeting["recovered"], true, "{greeting}");
        assert_eq!(greeting["replayed"], names.len(), "{greeting}");
        let mut seqs = Vec::new();
        for name in names {
            seqs.push(socket.expect(name).await["seq"].as_u64().unwrap());
        }
        assert!(seqs.is_sorted_by(|a, b| a < b), "{seqs:?}");
        assert!(seqs.iter().all(|seq| *seq <= greeting["seq"].as_u64().unwrap()), "{seqs:?} beyond {greeting}");
        socket.quiet().await;
        seqs
    }

    /// Connects and expects no replay.
    async fn starts_anew(&self, connect: Connect) {
        let (mut socket, greeting) = connect.greeted().await;
        assert_eq!((&greeting["recovered"], &greeting["replayed"]), (&json!(false), &json!(0)), "{greeting}");
        socket.quiet().await;
    }

    /// Deletes this many events from the beginning of the log, from another process.
    async fn prune(&self, events: u32) {
        let url = format!("sqlite:{}", self.server.data_dir().join("superbot.db").display());
        let options = StoreOptions { read_connections: 1, ..StoreOptions::new(Arc::new(SystemClock), [0; 8]) };
        let store = Store::open(&url, options).await.unwrap();
        let everything = RetentionLimits { events_keep: Duration::ZERO, listings_keep: None };
        store.prune(&everything, SystemClock.now(), events).await.unwrap();
        store.close().await;
    }

    /// Returns the sequence numbers of [`DUE`].
    async fn seqs(&self) -> Vec<u64> {
        self.replays(self.connect().auth("since", 0), &DUE).await
    }

    /// Returns the first cursor that can be resumed from, other than the beginning.
    async fn oldest_replayable(&self) -> u64 {
        let mut since = 0;
        loop {
            let (_, greeting) = self.connect().auth("since", since).greeted().await;
            if greeting["recovered"] == true {
                return since;
            }
            since += 1;
        }
    }
}

impl crate::support::Socket {
    async fn two_listings(&mut self) -> [(u64, String); 2] {
        let mut next = async || {
            let listing = self.expect("new_listing").await;
            (listing["seq"].as_u64().unwrap(), listing["link"].as_str().unwrap().to_owned())
        };
        [next().await, next().await]
    }
}

fn listing(link: &str, price: u32) -> Value {
    json!({"title": "A thing", "link": link, "source": "test", "price": price})
}
