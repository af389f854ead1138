//! No event is lost or delivered twice when the server is killed or connections are cut.

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

use crate::support::{Answer, Http, Options, Server, soon};
use crate::watcher::{Door, END, Line, Watcher, Way};

const CLIENTS: usize = 50;
const PUBLISHERS: usize = 8;

/// Delay between posts of each publisher: 200 posts per second in total.
const PAUSE: Duration = Duration::from_millis(1000 * PUBLISHERS as u64 / 200);

/// Number of kills, or of cuts per connection; more make the proof stronger.
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
        // Both soon after a start, while clients still catch up, and in the middle of the load.
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

/// A server under load, and the clients.
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

/// An acknowledged post.
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
        let watchers = JoinSet::new();
        let cuts_left = watch::Sender::new(0);
        let began = Instant::now();
        Self { server, token, http, acknowledged, stop, publishers, watchers, cuts_left, began }
    }

    /// Adds a client. Every other one requests the whole log, the rest start at the present; one in five uses an event
    /// stream.
    fn watch(&mut self, number: usize, cuts: Option<Cuts>) {
        let way = if number.is_multiple_of(5) { Way::Stream } else { Way::Socket };
        let watcher = Watcher::new(way, number.is_multiple_of(2).then_some(0));
        self.cuts_left.send_modify(|left| *left += cuts.as_ref().map_or(0, |cuts| cuts.left));
        self.watchers.spawn(watch(watcher, self.door(), cuts, self.cuts_left.clone()));
    }

    fn door(&self) -> Door {
        Door::of(&self.server, &self.http, &self.token)
    }

    /// Waits until all connections have been cut as often as planned.
    async fn every_cut_made(&self) {
        let mut left = self.cuts_left.subscribe();
        // One round takes seconds; the allowance is for a debug build on a busy machine.
        let allowance = Duration::from_mins(1) * u32::try_from(rounds() + 4).unwrap();
        tokio::time::timeout(allowance, left.wait_for(|left| *left == 0)).await.unwrap().unwrap();
    }

    /// Waits until this many more posts are acknowledged.
    async fn more_posts(&mut self, count: u64) {
        let goal = *self.acknowledged.borrow() + count;
        let reached = self.acknowledged.wait_for(|acknowledged| *acknowledged >= goal);
        tokio::time::timeout(Duration::from_mins(5), reached).await.unwrap().unwrap();
    }

    /// Ends the load; compares acknowledged, stored and received listings.
    async fn finish(mut self) {
        self.stop.cancel();
        let mut posts = Vec::new();
        while let Some(done) = soon("the publishers", self.publishers.join_next()).await {
            posts.extend(done.unwrap());
        }
        self.http.post("/api/listings", &listing(END)).await.ok();

        let log = Watcher::new(Way::Socket, Some(0));
        let log = soon("the whole log", log.see_all(&self.door())).await.listings;
        let told: BTreeSet<i64> = log.values().copied().collect();
        assert_eq!(told.len(), log.len(), "a listing is new once");
        assert_eq!(told, self.stored().await, "events and stored listings agree");
        for Post { id, link } in &posts {
            assert!(told.contains(id), "{link} was acknowledged as {id}, but is not there");
        }
        self.say(&posts, &log);
        let mut checked = 0;
        while let Some(watcher) = soon("the clients", self.watchers.join_next()).await {
            let watcher = watcher.unwrap();
            assert_eq!(watcher.listings, watcher.due(&log), "a client that began at {:?}", watcher.start);
            checked += 1;
        }
        assert_eq!(checked, CLIENTS);
        assert!(posts.len() >= 100, "there was a load");
    }

    /// Prints statistics.
    fn say(&self, posts: &[Post], log: &BTreeMap<u64, i64>) {
        let rounds = rounds();
        let took = self.began.elapsed();
        let acknowledged = posts.len();
        let stored = log.len();
        let _ = writeln!(std::io::stderr(), "{rounds} rounds, {took:?}: {acknowledged} acknowledged, {stored} stored");
    }

    /// Returns the ids of all stored listings.
    async fn stored(&self) -> BTreeSet<i64> {
        let listings = self.http.with_token(&self.token).all("/api/listings").await;
        listings.iter().map(|listing| listing["id"].as_i64().unwrap()).collect()
    }
}

fn listing(link: &str) -> Value {
    json!({"title": "A thing", "link": link, "source": "test", "price": 5})
}

/// Publishes listings in a loop, repeating each until it is acknowledged.
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

/// Publishes a listing; returns its id, or `None` if it was not acknowledged.
async fn try_post(http: &Http, link: &str) -> Option<i64> {
    let request = http.request(Method::POST, "/api/listings").json(&listing(link));
    let Answer { status, body, .. } = http.try_send(request).await.ok()?;
    assert!(matches!(status, 200 | 201 | 503), "{status}: {body}");
    body["id"].as_i64()
}

/// When a client cuts its own connection.
struct Cuts {
    after_events: usize,
    left: usize,
    /// Whether the server is not notified, and keeps writing to the old connection.
    unnoticed: bool,
}

/// How long a client stays disconnected after a cut.
const AWAY: Duration = Duration::from_secs(2);

/// Watches until the last listing, cutting its connection from time to time.
async fn watch(mut watcher: Watcher, door: Door, mut cuts: Option<Cuts>, cuts_left: watch::Sender<usize>) -> Watcher {
    let mut abandoned = None;
    while !watcher.saw_the_end() {
        let Some(mut line) = watcher.open(&door).await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let Some(cut) = cuts.as_mut().filter(|cuts| cuts.left > 0) else {
            watcher.listen(&mut line).await;
            continue;
        };
        if !heard_enough(&mut watcher, &mut line, cut.after_events).await {
            continue;
        }
        cut.left -= 1;
        if cut.unnoticed {
            // Only now is the previous connection closed.
            drop(abandoned.replace(line));
        }
        tokio::time::sleep(AWAY).await;
        cuts_left.send_modify(|left| *left -= 1);
    }
    watcher
}

/// Receives a number of events; returns false if the last listing arrives or the connection ends first.
async fn heard_enough(watcher: &mut Watcher, line: &mut Line, events: usize) -> bool {
    for _ in 0..events {
        let Some((name, payload)) = line.next().await else { return false };
        watcher.hear(&name, &payload);
        if watcher.saw_the_end() {
            return false;
        }
    }
    true
}
