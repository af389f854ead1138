//! Behaviour specific to a database server: outages, and several nodes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use sqlx::{Connection as _, PgConnection};
use superbot_domain::{
    Currency, MessageLevel, NewListing, NewSystemMessage, Seq, StandingQuery as _, SystemClock, UserRole, Username,
};
use superbot_store::{DbError, IngestOutcome, Store, StoreError, StoreOptions};
use superbot_test_postgres::{Stop, TestPostgres};
use tokio::task::JoinSet;

async fn open(url: &str) -> Store {
    Store::open(url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await.unwrap()
}

fn message(text: &str) -> NewSystemMessage {
    NewSystemMessage::new(text, MessageLevel::Info).unwrap()
}

fn listing(path: &str, title: &str) -> NewListing {
    let value = json!({ "title": title, "link": format!("https://example.com/{path}"), "source": "test", "price": 1 });
    NewListing::from_json(&value, Currency::USD).unwrap()
}

async fn seqs(store: &Store) -> Vec<Seq> {
    store.events().list(0, 10_000).await.unwrap().iter().map(|event| event.seq).collect()
}

/// Waits until the log has this length, by subscription as a server does.
async fn until_log_has(store: &Store, events: usize) {
    let mut changes = store.events().subscribe();
    let grown = async {
        while seqs(store).await.len() < events {
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(30), grown).await.expect("the log does not grow");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_event_is_seen_before_an_earlier_one() {
    let url = TestPostgres::shared().database();
    let one = open(&url).await;
    let other = open(&url).await;
    assert_eq!(one.events().publish_system_message(&message("first"), None).await.unwrap(), 1);

    // A node that has written its event but delays its commit.
    let mut slow = PgConnection::connect(&url).await.unwrap();
    let held = "BEGIN; SELECT event FROM last_numbers FOR UPDATE; \
         INSERT INTO events (seq, recipient, kind, at, payload) VALUES (2, 0, 'system_message', 0, '{}'); \
         UPDATE last_numbers SET event = 2";
    sqlx::raw_sql(held).execute(&mut slow).await.unwrap();
    let behind = tokio::spawn({
        let other = other.clone();
        async move { other.events().publish_system_message(&message("third"), None).await.unwrap() }
    });
    until_waiting_for_lock(&url).await;
    assert_eq!(seqs(&one).await, [1], "neither the one that is not committed nor one behind it");
    assert_eq!(one.events().bounds().await.unwrap().head, 1);

    sqlx::raw_sql("COMMIT").execute(&mut slow).await.unwrap();
    assert_eq!(behind.await.unwrap(), 3);
    assert_eq!(seqs(&one).await, [1, 2, 3]);

    // Another transaction rolls back; the next one gets its number.
    sqlx::raw_sql(
        "BEGIN; SELECT event FROM last_numbers FOR UPDATE; \
         INSERT INTO events (seq, recipient, kind, at, payload) VALUES (4, 0, 'system_message', 0, '{}'); ROLLBACK",
    )
    .execute(&mut slow)
    .await
    .unwrap();
    assert_eq!(one.events().publish_system_message(&message("fourth"), None).await.unwrap(), 4);
}

async fn until_waiting_for_lock(url: &str) {
    let mut conn = PgConnection::connect(url).await.unwrap();
    let waiting = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity \
         WHERE datname = current_database() AND wait_event_type = 'Lock')";
    while !sqlx::query_scalar::<_, bool>(waiting).fetch_one(&mut conn).await.unwrap() {
        tokio::task::yield_now().await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..Default::default() })]

    /// Several nodes write concurrently and some requests fail: readers must see one order without gaps.
    #[test]
    fn several_nodes_write_one_log(fails in proptest::collection::vec(any::<bool>(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let url = TestPostgres::shared().database();
            let nodes = [open(&url).await, open(&url).await, open(&url).await];
            let reader = open(&url).await;
            let expected = fails.iter().filter(|fails| !**fails).count();
            let following = tokio::spawn({
                let reader = reader.clone();
                async move {
                    let mut changes = reader.events().subscribe();
                    let mut seen = Vec::new();
                    while seen.len() < expected {
                        let after = seen.last().copied().unwrap_or(0);
                        let found = reader.events().list(after, 7).await.unwrap();
                        if found.is_empty() {
                            changes.changed().await.unwrap();
                        }
                        seen.extend(found.iter().map(|event| event.seq));
                    }
                    seen
                }
            });
            let mut asked = JoinSet::new();
            for (n, fails) in fails.iter().copied().enumerate() {
                let node = nodes[n % 3].clone();
                asked.spawn(async move {
                    if fails {
                        // This request fails and is rolled back: there is no such user.
                        let user = node.queries().create(9.into(), &alert()).await;
                        assert!(user.is_err());
                    } else {
                        node.events().publish_system_message(&message("x"), None).await.unwrap();
                    }
                });
            }
            asked.join_all().await;
            let seen = tokio::time::timeout(Duration::from_mins(1), following).await.unwrap().unwrap();
            assert_eq!(seen, (1..=expected as Seq).collect::<Vec<_>>());
        });
    }
}

fn alert() -> superbot_domain::NewPriceAlert {
    let wants = json!({ "keywords": "bike", "threshold_price": 5 });
    superbot_domain::NewPriceAlert::from_json(&wants, Currency::USD).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_the_database_is_survived() {
    for mode in [Stop::Orderly, Stop::Crash] {
        let server = TestPostgres::start().unwrap();
        let url = server.database();
        let writing = open(&url).await;
        let following = open(&url).await;
        let posted = writing.listings().ingest(vec![listing("1", "Corvette")]).await.unwrap();
        assert_eq!(posted[0].outcome, IngestOutcome::Created);
        until_log_has(&following, 1).await;

        server.stop(mode).unwrap();
        let refused = writing.listings().ingest(vec![listing("2", "Corvair")]).await;
        assert!(matches!(refused, Err(StoreError::Db(DbError::Unreachable(_)))), "{refused:?}");
        // The first error is that of a lost connection, the second that of a pool that cannot connect.
        for _ in 0..2 {
            let unread = following.events().list(0, 10).await;
            assert!(matches!(unread, Err(StoreError::Db(DbError::Unreachable(_)))), "{unread:?}");
        }
        assert!(matches!(following.ping().await, Err(StoreError::Db(DbError::Unreachable(_)))));
        assert!(!writing.is_closed(), "it waits for the database to come back");

        server.resume().unwrap();
        // Neither node needs to be restarted or notified.
        let again = writing.listings().ingest(vec![listing("1", "Corvette"), listing("2", "Corvair")]).await.unwrap();
        assert_eq!([again[0].outcome, again[1].outcome], [IngestOutcome::Unchanged, IngestOutcome::Created]);
        until_log_has(&following, 2).await;
        assert_eq!(seqs(&following).await, [1, 2]);
        following.ping().await.unwrap();
        for store in [writing, following] {
            store.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_make_one_store() {
    let url = TestPostgres::shared().database();
    let opened: JoinSet<Store> = (0..4_u8)
        .map(|n| {
            let url = url.clone();
            let options = StoreOptions::new(Arc::new(SystemClock), [n; 8]);
            async move { Store::open(&url, options).await.unwrap() }
        })
        .collect();
    let stores = opened.join_all().await;
    assert!(stores.iter().all(|store| store.epoch() == stores[0].epoch()));
    let ann = Username::parse("Ann").unwrap();
    stores[0].users().create(&ann, UserRole::User, "hash").await.unwrap();
    assert!(matches!(stores[3].users().create(&ann, UserRole::User, "hash").await, Err(StoreError::NameTaken)));
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_postgres_would_not_take_is_kept_as_well_as_can_be() {
    let store = open(&TestPostgres::shared().database()).await;
    let ann = store.users().create(&Username::parse("Ann").unwrap(), UserRole::User, "hash").await.unwrap();
    let session = superbot_store::NewSession {
        token_hash: [1; 32],
        user_agent: "Fire\0fox".to_owned(),
        address: "::1".to_owned(),
        expires_at: superbot_domain::Clock::now(&SystemClock) + Duration::from_hours(1),
    };
    store.sessions().create(ann.id, session).await.unwrap();
    assert_eq!(store.sessions().list(ann.id).await.unwrap()[0].user_agent, "Fire\u{fffd}fox");
    // A word of maximal length, and quotes in all positions.
    let odd = format!("{} it's \\ \"x\" ':*&|!()", "w".repeat(400));
    assert_eq!(store.listings().ingest(vec![listing("1", &odd)]).await.unwrap()[0].outcome, IngestOutcome::Created);
    let query = |q: &str| superbot_store::ListingQuery { q: Some(q.to_owned()), limit: 10, ..Default::default() };
    for (words, found) in [("it's", 1), ("x", 1), ("wwwww*", 1), ("nothing", 0)] {
        assert_eq!(store.listings().page(&query(words)).await.unwrap().items.len(), found, "{words}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_address_is_said_without_its_password() {
    let nobody = "postgres://ann:hunter2@127.0.0.1:1/x";
    for url in ["postgres://ann:hunter2@[/x", "postgres://ann:hunter2@localhost:port/x", nobody] {
        let Err(error) = Store::open(url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await else {
            panic!("{url} was opened");
        };
        let said = format!("{error} {error:?}");
        assert!(matches!(error, StoreError::Db(DbError::BadPostgresUrl | DbError::Unreachable(_))), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_a_later_version_is_refused() {
    let url = TestPostgres::shared().database();
    open(&url).await.close().await;
    let mut conn = PgConnection::connect(&url).await.unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'later', TRUE, ''::bytea, 0)",
    )
    .execute(&mut conn)
    .await
    .unwrap();
    let outcome = Store::open(&url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await;
    assert!(matches!(outcome, Err(StoreError::Db(DbError::NewerSchema { found: 9999, .. }))), "{:?}", outcome.err());
}
