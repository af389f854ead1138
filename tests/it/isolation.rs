//! Isolation between users: no one receives, reads or changes what belongs to others.
//!
//! A random walk through all operations of users, tokens, sessions and admins, with a model of who must receive what.
//! Each live connection must have received exactly its part, and must end when its credential does.

mod live;
mod world;

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, resume_unwind};

use futures_util::future::{FutureExt as _, join_all};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::support::{Connect, Options, Server, eventually};
use world::{Credential, World};

const STEPS: usize = 100;

/// Seeds of the walks, fixed so that failures are reproducible; `SUPERBOT_ISOLATION_SEED` selects another.
const SEEDS: [u64; 3] = [1, 2, 3];

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hears_reads_or_causes_what_is_not_theirs() {
    let other = std::env::var("SUPERBOT_ISOLATION_SEED").ok().map(|seed| vec![seed.parse().unwrap()]);
    join_all(other.unwrap_or(SEEDS.to_vec()).into_iter().map(named_walk)).await;
}

/// Runs a walk, naming its seed on failure.
async fn named_walk(seed: u64) {
    if let Err(panic) = AssertUnwindSafe(walk(seed)).catch_unwind().await {
        let _ = writeln!(std::io::stderr(), "the walk had the seed {seed}");
        resume_unwind(panic);
    }
}

async fn walk(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut world = World::create().await;
    for _ in 0..STEPS {
        step(&mut world, &mut random).await;
        if random.random_ratio(1, 10) {
            world.settle().await;
        }
    }
    world.settle().await;
    world.replay_is_as_it_was_live().await;
}

async fn step(world: &mut World, random: &mut StdRng) {
    let user = random.random_range(0..world.users.len());
    let other = (user + random.random_range(1..world.users.len())) % world.users.len();
    let credential = world.users[user].credentials().choose(random).copied();
    match (random.random_range(0..18), credential) {
        (0..=2, Some(credential)) => world.connect(user, credential, random.random_ratio(1, 4)).await,
        (3..=5, _) => world.notify(user).await,
        (6, _) => world.post_listing().await,
        (7, _) => drop(world.announce().await),
        (8, _) => world.set_status().await,
        (9, _) => world.toggle_subscription(random.random_range(0..100)).await,
        (10, Some(credential)) => world.read_own(user, credential, random.random_range(0..100)).await,
        (11, Some(credential)) => world.meddle(user, credential, other).await,
        (12, Some(credential)) => world.look(user, credential).await,
        (13, Some(credential)) => world.revoke(user, credential).await,
        (14, _) => world.set_disabled(user, random.random_ratio(1, 2)).await,
        (15, Some(Credential::Session(session))) => world.change_password(user, session).await,
        _ => world.add_credential(user, random.random_ratio(1, 2)).await,
    }
}

#[tokio::test]
async fn strangers_hear_three_kinds_of_event_where_they_are_let_in() {
    let server = Server::start().await;
    let refusal = Connect::to(&server.address).open().await.err().unwrap();
    let expected = json!({"message": "authentication required", "data": {"code": "unauthenticated"}});
    assert_eq!(refusal, expected);

    let server = Server::start_with(Options::default().set("realtime.allow_anonymous", true)).await;
    let publisher = server.http().with_token(&server.token("publish", None).await);
    server.add_user("ann", false).await;
    let (mut stranger, greeting) = Connect::to(&server.address).greeted().await;
    assert_eq!((&greeting["authenticated"], &greeting["username"]), (&json!(false), &Value::Null));
    for name in ["subscribe_scraper_status", "notification_read"] {
        assert_eq!(stranger.call(name, &json!({"ids": [1]})).await["code"], "forbidden", "{name}");
        assert_eq!(stranger.expect("error").await["code"], "forbidden");
    }
    publisher.post("/api/users/ann/notifications", &json!({"type": "custom", "data": {}})).await.ok();
    publisher.put("/api/scraper-status", &json!({"ksl": true})).await.ok();
    let mut listing = json!({"title": "A thing", "link": "https://example.org/1", "source": "test", "price": 5});
    publisher.post("/api/listings", &listing).await.ok();
    listing["price"] = json!(4);
    publisher.post("/api/listings", &listing).await.ok();
    publisher.post("/api/system-messages", &json!({"message": "Hello", "level": "info"})).await.ok();
    for name in ["new_listing", "listing_updated", "system_message"] {
        stranger.expect(name).await;
    }
    let refusal = Connect::to(&server.address).token("no such token").open().await.err().unwrap();
    assert_eq!(refusal["data"]["code"], "unauthenticated", "a wrong credential is refused, not passed over");
    let (mut again, greeting) = Connect::to(&server.address).auth("since", 0).greeted().await;
    assert_eq!(greeting["replayed"], 3);
    for name in ["new_listing", "listing_updated", "system_message"] {
        again.expect(name).await;
    }
    again.quiet().await;
}

#[tokio::test]
async fn whoever_may_publish_can_neither_listen_nor_read() {
    let server = Server::start_with(Options::default().set("realtime.allow_anonymous", true)).await;
    let token = server.token("publish", None).await;
    for connect in [Connect::to(&server.address).token(&token), in_query(&server, &token)] {
        assert_eq!(connect.open().await.err().unwrap()["data"]["code"], "forbidden");
    }
    let publisher = server.http().with_token(&token);
    for path in
        ["/api/events", "/api/listings", "/api/listings/1", "/api/notifications", "/api/tokens", "/api/sessions"]
    {
        assert_eq!(publisher.get(path).await.refused(403), "forbidden", "{path}");
    }
}

fn in_query(server: &Server, token: &str) -> Connect {
    Connect::to(&server.address).query(&format!("token={token}"))
}

#[tokio::test]
async fn a_user_shut_out_is_gone_within_moments() {
    let mut world = World::create().await;
    for credential in [Credential::Session(0), Credential::Token(0)] {
        world.connect(0, credential, false).await;
        world.connect(0, credential, true).await;
    }
    world.connect(1, Credential::Token(0), false).await;
    world.set_disabled(0, true).await;
    world.post_listing().await;
    world.settle().await;
    eventually("one is left", || async { (world.connected().await == [("user1".to_owned(), 1)]).then_some(()) }).await;
    let refused = Connect::to(world.address()).token(world.users[0].token(0)).open().await.err().unwrap();
    assert_eq!(refused["data"]["code"], "unauthenticated");
}
