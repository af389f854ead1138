//! Nothing is lost and nothing comes twice: not when the server is killed, not when connections are cut.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::stream::Stream;
use crate::support::{Connect, Http, Options, Received, Server, Socket, soon};

const CLIENTS: usize = 50;
const PUBLISHERS: usize = 8;

/// Each publisher's pause between posts: 200 posts a second from all of them.
const PAUSE: Duration = Duration::from_millis(1000 * PUBLISHERS as u64 / 200);

/// How often the server is killed, or each connection cut. More make a longer proof of the same.
fn rounds() -> usize {
    std::env::var("SUPERBOT_LOSS_ROUNDS").map_or(4, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_loses_nothing() {
    let mut scene = Scene::set().await;
    for client in 0..CLIENTS {
        scene.watch(client, None);
    }
    for round in 0..rounds() {
        // Soon after a start, while clients still catch up, as well as in the middle of the load.
        scene.more_posts([100, 5, 150, 50][round % 4]).await;
        scene.server.kill().await;
        scene.server.restart().await;
    }
    scene.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_connection_loses_nothing() {
    let mut scene = Scene::set().await;
    for client in 0..CLIENTS {
        scene.watch(client, Some(Cuts { after_events: 30 + client, left: rounds(), unnoticed: client % 4 < 2 }));
    }
    scene.every_cut_made().await;
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
    cuts_left: watch::Sender<usize>,
    began: Instant,
}

/// A post that was acknowledged.
struct Post {
    id: i64,
    link: String,
}

impl Scene {
    async fn set() -> Self {
        let options = Options::default()
            .set("realtime.replay_limit", 1_000_000)
            .set("limits.user_requests_per_second", 0)
            .set("limits.publish_requests_per_second", 0);
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
        let (watchers, cuts_left, began) = (JoinSet::new(), watch::Sender::new(0), Instant::now());
        Self { server, token, http, acknowledged, stop, publishers, watchers, cuts_left, began }
    }

    /// Adds a client. Every other one asks for the whole log, the rest begin where they come in;
    /// one in five reads an event stream.
    fn watch(&mut self, number: usize, cuts: Option<Cuts>) {
        let way = if number.is_multiple_of(5) { Way::Stream } else { Way::Socket };
        let watcher = self.watcher(way, number.is_multiple_of(2).then_some(0));
        self.cuts_left.send_modify(|left| *left += cuts.as_ref().map_or(0, |cuts| cuts.left));
        self.watchers.spawn(watcher.run(cuts, self.cuts_left.clone()));
    }

    fn watcher(&self, way: Way, since: Option<u64>) -> Watcher {
        let connect = Connect::to(&self.server.address).token(&self.token);
        let http = self.http.with_token(&self.token);
        Watcher { way, connect, http, start: since, cursor: since, epoch: None, seen: BTreeMap::new() }
    }

    /// Waits until every client was cut off as often as it was to be.
    async fn every_cut_made(&self) {
        let mut left = self.cuts_left.subscribe();
        tokio::time::timeout(Duration::from_mins(5), left.wait_for(|left| *left == 0)).await.unwrap().unwrap();
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

        let log = self.watcher(Way::Socket, Some(0)).run(None, self.cuts_left.clone());
        let log = soon("the whole log", log).await;
        let told: BTreeSet<i64> = log.seen.values().copied().collect();
        assert_eq!(told.len(), log.seen.len(), "a listing is new once");
        assert_eq!(told, self.stored().await, "what is told of is what is stored");
        for Post { id, link } in &posts {
            assert!(told.contains(id), "{link} was acknowledged as {id}, but is not there");
        }
        self.say(&posts, &log);
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

    /// What the proof was made of, for whoever reads the output.
    fn say(&self, posts: &[Post], log: &Watcher) {
        let (rounds, took) = (rounds(), self.began.elapsed());
        let (acknowledged, stored) = (posts.len(), log.seen.len());
        let _ = writeln!(std::io::stderr(), "{rounds} rounds, {took:?}: {acknowledged} acknowledged, {stored} stored");
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
    left: usize,
    /// Whether the server is not told, and goes on writing into the old connection.
    unnoticed: bool,
}

/// How long a client stays away that lost its connection.
const AWAY: Duration = Duration::from_secs(2);

/// How a client listens.
#[derive(Clone, Copy)]
enum Way {
    Socket,
    Stream,
}

/// A connection of a client.
enum Line {
    Socket(Box<Socket>),
    Stream(Stream),
}

/// Why a client stopped listening.
#[derive(PartialEq)]
enum Stopped {
    SawTheEnd,
    HeardEnough,
    WasClosed,
}

/// A client that comes back again and again, and what it saw.
struct Watcher {
    way: Way,
    connect: Connect,
    http: Http,
    /// The place in the log after which it was to be told everything.
    start: Option<u64>,
    /// The last event it saw.
    cursor: Option<u64>,
    epoch: Option<String>,
    /// New listings by `seq`.
    seen: BTreeMap<u64, i64>,
}

impl Watcher {
    /// Watches until the last listing.
    async fn run(mut self, mut cuts: Option<Cuts>, cuts_left: watch::Sender<usize>) -> Self {
        let mut abandoned = None;
        loop {
            let cut = cuts.as_mut().filter(|cuts| cuts.left > 0);
            let most = cut.as_ref().map_or(usize::MAX, |cut| cut.after_events);
            let Some(mut line) = self.open().await else {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            let stopped = self.listen(&mut line, most).await;
            if stopped == Stopped::SawTheEnd {
                return self;
            }
            if let Some(cut) = cut.filter(|_| stopped == Stopped::HeardEnough) {
                cut.left -= 1;
                if cut.unnoticed {
                    // The one before ends only now.
                    drop(abandoned.replace(line));
                }
                tokio::time::sleep(AWAY).await;
                cuts_left.send_modify(|left| *left -= 1);
            }
        }
    }

    async fn open(&self) -> Option<Line> {
        Some(match self.way {
            Way::Socket => {
                let mut connect = self.connect.clone();
                if let Some(cursor) = self.cursor {
                    connect = connect.auth("since", cursor);
                }
                if let Some(epoch) = &self.epoch {
                    connect = connect.auth("epoch", epoch.as_str());
                }
                Line::Socket(Box::new(connect.try_open().await?.unwrap()))
            }
            Way::Stream => {
                let cursor = self.cursor.map(|cursor| cursor.to_string());
                Line::Stream(Stream::try_open(&self.http, cursor.as_deref()).await?)
            }
        })
    }

    /// Listens to so many events at most.
    async fn listen(&mut self, line: &mut Line, most: usize) -> Stopped {
        for _ in 0..most {
            let Some((name, payload)) = line.next().await else { return Stopped::WasClosed };
            match name.as_str() {
                "connection_status" => self.greeted(&payload),
                "new_listing" => self.saw(&payload),
                other => panic!("unexpected {other}: {payload}"),
            }
            if payload["link"] == END {
                return Stopped::SawTheEnd;
            }
        }
        Stopped::HeardEnough
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

impl Line {
    /// The next event; `None` when the connection ended.
    async fn next(&mut self) -> Option<(String, Value)> {
        match self {
            Self::Socket(socket) => match socket.next().await {
                Received::Event(name, payload) => Some((name, payload)),
                Received::Closed => None,
                other => panic!("unexpected {other:?}"),
            },
            Self::Stream(stream) => stream.next().await.map(|event| (event.name, event.data)),
        }
    }
}
