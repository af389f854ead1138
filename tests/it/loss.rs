//! Nothing is lost and nothing comes twice: not when the server is killed, not when connections are cut.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::support::{Connect, Http, Options, Received, Server, soon};

const CLIENTS: usize = 50;
const PUBLISHERS: usize = 8;

/// Each publisher's pause between posts: 200 posts a second from all of them.
const PAUSE: Duration = Duration::from_millis(1000 * PUBLISHERS as u64 / 200);

/// How often the server is killed, or each connection cut. More make a longer proof of the same.
fn rounds() -> u64 {
    std::env::var("SUPERBOT_LOSS_ROUNDS").map_or(4, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_loses_nothing() {
    let mut scene = Scene::set().await;
    for client in 0..CLIENTS {
        scene.watch(client, None);
    }
    for _ in 0..rounds() {
        scene.more_posts(100).await;
        scene.server.kill().await;
        scene.server.restart().await;
    }
    scene.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_connection_loses_nothing() {
    let mut scene = Scene::set().await;
    for client in 0..CLIENTS {
        scene.watch(client, Some(Cuts { after_events: 30 + client, away: Duration::from_secs(2), count: rounds() }));
    }
    // Every client has been away for two seconds as often as it should once this much was posted.
    scene.more_posts(rounds() * 500).await;
    scene.finish().await;
}

/// A server under a load of posts, and those who watch.
struct Scene {
    server: Server,
    token: String,
    http: Http,
    acknowledged: watch::Receiver<u64>,
    stop: CancellationToken,
    publishers: JoinSet<Vec<Post>>,
    watchers: JoinSet<Watcher>,
}

/// A post that was acknowledged.
struct Post {
    id: i64,
    link: String,
}

impl Scene {
    async fn set() -> Self {
        let options =
            Options::default().set("realtime.replay_limit", 1_000_000).set("limits.publish_requests_per_second", 0);
        let server = Server::start_with(options).await;
        let token = server.user_with_token("ann").await;
        let http = server.http().with_token(&server.token("publish", None).await);
        let (count, acknowledged) = watch::channel(0);
        let stop = CancellationToken::new();
        let count = Arc::new(count);
        let mut publishers = JoinSet::new();
        for number in 0..PUBLISHERS {
            publishers.spawn(publish(number, http.clone(), stop.clone(), Arc::clone(&count)));
        }
        Self { server, token, http, acknowledged, stop, publishers, watchers: JoinSet::new() }
    }

    /// Adds a client. Every other one asks for the whole log, the rest begin where they come in.
    fn watch(&mut self, number: usize, cuts: Option<Cuts>) {
        let connect = Connect::to(&self.server.address).token(&self.token);
        let since = number.is_multiple_of(2).then_some(0);
        let watcher = Watcher { connect, start: since, cursor: since, epoch: None, seen: BTreeMap::new() };
        self.watchers.spawn(watcher.run(cuts));
    }

    /// Waits until that many more posts were acknowledged.
    async fn more_posts(&mut self, count: u64) {
        let goal = *self.acknowledged.borrow() + count;
        let reached = self.acknowledged.wait_for(|acknowledged| *acknowledged >= goal);
        tokio::time::timeout(Duration::from_mins(5), reached).await.unwrap().unwrap();
    }

    /// Ends the load, then compares what was acknowledged, what is stored, and what each client saw.
    async fn finish(mut self) {
        self.stop.cancel();
        let mut posts = Vec::new();
        while let Some(done) = soon("the publishers", self.publishers.join_next()).await {
            posts.extend(done.unwrap());
        }
        self.http.post("/api/listings", &listing(END)).await.ok();

        let mut log = Watcher::of_everything(Connect::to(&self.server.address).token(&self.token));
        log = soon("the whole log", log.run(None)).await;
        let told: BTreeSet<i64> = log.seen.values().copied().collect();
        assert_eq!(told.len(), log.seen.len(), "a listing is new once");
        assert_eq!(told, self.stored().await, "what is told of is what is stored");
        for Post { id, link } in &posts {
            assert!(told.contains(id), "{link} was acknowledged as {id}, but is not there");
        }
        let mut checked = 0;
        while let Some(watcher) = soon("the clients", self.watchers.join_next()).await {
            let watcher = watcher.unwrap();
            let start = watcher.start.unwrap();
            let due: BTreeMap<u64, i64> = log.seen.range(start + 1..).map(|(seq, id)| (*seq, *id)).collect();
            assert_eq!(watcher.seen, due, "a client that began at {start}");
            checked += 1;
        }
        assert_eq!(checked, CLIENTS);
        assert!(posts.len() >= 100, "there was a load");
    }

    /// The ids of all listings, read page by page.
    async fn stored(&self) -> BTreeSet<i64> {
        let http = self.http.with_token(&self.token);
        let mut ids = BTreeSet::new();
        let mut cursor = String::new();
        loop {
            let page = http.get(&format!("/api/listings?limit=100{cursor}")).await.ok();
            ids.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return ids,
            }
        }
    }
}

/// The link of the listing that ends it all.
const END: &str = "https://example.org/end";

fn listing(link: &str) -> Value {
    json!({"title": "A thing", "link": link, "source": "test", "price": 5})
}

/// Posts one listing after the other, each again until it is acknowledged.
async fn publish(number: usize, http: Http, stop: CancellationToken, count: Arc<watch::Sender<u64>>) -> Vec<Post> {
    let mut pace = tokio::time::interval(PAUSE);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let mut posts = Vec::new();
    while !stop.is_cancelled() {
        pace.tick().await;
        let link = format!("https://example.org/{number}/{}", posts.len());
        let id = loop {
            match try_post(&http, &link).await {
                Some(id) => break id,
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        posts.push(Post { id, link });
        count.send_modify(|count| *count += 1);
    }
    posts
}

/// The id under which a listing was stored; `None` when nobody said so.
async fn try_post(http: &Http, link: &str) -> Option<i64> {
    let response = http.request(Method::POST, "/api/listings").json(&listing(link)).send().await.ok()?;
    let status = response.status().as_u16();
    let answer: Value = response.json().await.ok()?;
    assert!(matches!(status, 200 | 201 | 503), "{status}: {answer}");
    answer["id"].as_i64()
}

/// When a client loses its connection by itself.
struct Cuts {
    after_events: usize,
    away: Duration,
    count: u64,
}

/// A client that comes back again and again, and what it saw.
struct Watcher {
    connect: Connect,
    /// The place in the log after which it was to be told everything.
    start: Option<u64>,
    /// The last event it saw.
    cursor: Option<u64>,
    epoch: Option<String>,
    /// New listings by `seq`.
    seen: BTreeMap<u64, i64>,
}

impl Watcher {
    fn of_everything(connect: Connect) -> Self {
        Self { connect, start: Some(0), cursor: Some(0), epoch: None, seen: BTreeMap::new() }
    }

    /// Watches until the last listing.
    async fn run(mut self, mut cuts: Option<Cuts>) -> Self {
        loop {
            let cut_after = cuts.as_mut().filter(|cuts| cuts.count > 0).map(|cuts| {
                cuts.count -= 1;
                cuts.after_events
            });
            if self.listen(cut_after.unwrap_or(usize::MAX)).await {
                return self;
            }
            let away = cuts.as_ref().filter(|_| cut_after.is_some()).map_or(Duration::from_millis(5), |cuts| cuts.away);
            tokio::time::sleep(away).await;
        }
    }

    /// Connects and listens, to so many events at most; true when the last listing was among them.
    async fn listen(&mut self, most: usize) -> bool {
        let mut connect = self.connect.clone();
        if let Some(cursor) = self.cursor {
            connect = connect.auth("since", cursor);
        }
        if let Some(epoch) = &self.epoch {
            connect = connect.auth("epoch", epoch.as_str());
        }
        let Some(socket) = connect.try_open().await else { return false };
        let mut socket = socket.unwrap();
        for _ in 0..most {
            match socket.next().await {
                Received::Event(name, payload) if name == "connection_status" => self.greeted(&payload),
                Received::Event(name, payload) if name == "new_listing" => {
                    self.saw(&payload);
                    if payload["link"] == END {
                        return true;
                    }
                }
                Received::Closed => return false,
                other => panic!("unexpected {other:?}"),
            }
        }
        false
    }

    fn greeted(&mut self, status: &Value) {
        assert_eq!(status["recovered"], self.cursor.is_some(), "{status}");
        self.epoch = Some(status["epoch"].as_str().unwrap().to_owned());
        if self.cursor.is_none() {
            self.cursor = status["seq"].as_u64();
            self.start = self.cursor;
        }
    }

    fn saw(&mut self, listing: &Value) {
        let seq = listing["seq"].as_u64().unwrap();
        assert!(Some(seq) > self.cursor, "{seq} came after {:?}", self.cursor);
        self.cursor = Some(seq);
        self.seen.insert(seq, listing["id"].as_i64().unwrap());
    }
}
