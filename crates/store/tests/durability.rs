//! Durability: crashes, other processes, and other versions of the program.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod seeds;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use serde_json::json;
use superbot_domain::{
    Clock as _, Currency, MessageLevel, NewListing, NewPriceAlert, NewSystemMessage, NotesChange, StandingQuery as _,
    SystemClock, UserRole,
};
use superbot_store::{DbError, IgnoreOutcome, IngestOutcome, MigrationError, Store, StoreError, StoreOptions};
use tokio::task::JoinSet;

async fn open(path: &Path) -> Result<Store, StoreError> {
    Store::open(&format!("sqlite:{}", path.display()), StoreOptions::new(Arc::new(SystemClock), [1; 8])).await
}

fn raw(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

fn listing(path: &str) -> NewListing {
    let value = json!({ "title": "A", "link": format!("https://example.com/{path}"), "source": "test", "price": 1 });
    NewListing::from_json(&value, Currency::USD).unwrap()
}

/// Publishers that post `each` listings; each response is recorded on arrival.
fn publish(store: &Store, acknowledged: &Arc<parking_lot::Mutex<BTreeSet<i64>>>, each: usize) -> JoinSet<()> {
    (0..8)
        .map(|publisher| {
            let store = store.clone();
            let acknowledged = acknowledged.clone();
            async move {
                for n in 0..each {
                    let posted = store.listings().ingest(vec![listing(&format!("{publisher}/{n}"))]).await.unwrap();
                    assert_eq!(posted[0].outcome, IngestOutcome::Created);
                    acknowledged.lock().insert(posted[0].id.get());
                }
            }
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_in_the_files_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = open(&path).await.unwrap();
    let acknowledged = Arc::new(parking_lot::Mutex::new(BTreeSet::new()));
    let mut publishers = publish(&store, &acknowledged, 60);
    for copy in 0..5 {
        while acknowledged.lock().len() < copy * 80 + 20 {
            tokio::task::yield_now().await;
        }
        // A copy of the files is what a crash would leave. The open read transaction keeps the WAL from being reset
        // between the copies of the two files, which a real crash would not observe.
        let reader = raw(&path);
        reader.execute_batch("BEGIN; SELECT COUNT(*) FROM events").unwrap();
        let answered = acknowledged.lock().clone();
        let crashed = folder.path().join(format!("crashed{copy}.db"));
        std::fs::copy(&path, &crashed).unwrap();
        std::fs::copy(folder.path().join("a.db-wal"), folder.path().join(format!("crashed{copy}.db-wal"))).unwrap();
        reader.close().unwrap();
        let recovered = open(&crashed).await.unwrap();
        let head = recovered.events().bounds().await.unwrap().head;
        let mut seen = BTreeSet::new();
        for (event, seq) in recovered.events().list(0, 10_000).await.unwrap().iter().zip(1..) {
            assert_eq!(event.seq, seq);
            let id = event.payload_json()["id"].as_i64().unwrap();
            assert!(recovered.listings().get(id.into()).await.unwrap().is_some());
            seen.insert(id);
        }
        assert_eq!(seen.len() as u64, head);
        assert!(answered.is_subset(&seen), "answered but lost: {:?}", answered.difference(&seen));
        recovered.close().await;
    }
    while let Some(publisher) = publishers.join_next().await {
        publisher.unwrap();
    }
    assert_eq!(store.events().bounds().await.unwrap().head, 480);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_write_without_loss_and_in_one_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    // Both open the store at the same time, before it exists.
    let (one, two) = tokio::join!(open(&path), open(&path));
    let one = one.unwrap();
    let two = two.unwrap();
    assert_eq!(one.epoch(), two.epoch());
    let acknowledged = Arc::new(parking_lot::Mutex::new(BTreeSet::new()));
    let mut publishers = publish(&one, &acknowledged, 20);
    let message = NewSystemMessage::new("x", MessageLevel::Info).unwrap();
    let mut seqs = Vec::new();
    for _ in 0..30 {
        seqs.push(two.events().publish_system_message(&message, None).await.unwrap());
    }
    while let Some(publisher) = publishers.join_next().await {
        publisher.unwrap();
    }
    assert!(seqs.is_sorted());
    let log = one.events().list(0, 1000).await.unwrap();
    assert_eq!(log.iter().map(|event| event.seq).collect::<Vec<_>>(), (1..=190).collect::<Vec<_>>());
    assert_eq!(two.events().list(0, 1000).await.unwrap(), log);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_store_is_busy_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = open(&path).await.unwrap();
    let other = raw(&path);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let posts = (0..4).map(|n| {
        let store = store.clone();
        async move { store.listings().ingest(vec![listing(&n.to_string())]).await }
    });
    for refused in posts.collect::<JoinSet<_>>().join_all().await {
        assert!(matches!(refused, Err(StoreError::Db(DbError::Busy))), "{refused:?}");
    }
    store.ping().await.unwrap();
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(store.listings().ingest(vec![listing("0")]).await.unwrap()[0].outcome, IngestOutcome::Created);
    assert_eq!(store.events().bounds().await.unwrap().head, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_store_is_complete_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/a.db");
    let store = open(&path).await.unwrap();
    let queued: Vec<_> = (0..20)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { store.listings().ingest(vec![listing(&n.to_string())]).await })
        })
        .collect();
    let mut changes = store.events().subscribe();
    changes.changed().await.unwrap();
    store.close().await;
    let mut stored = 0;
    for post in queued {
        match post.await.unwrap() {
            Ok(_) => stored += 1,
            Err(error) => assert!(matches!(error, StoreError::Db(DbError::Closed)), "{error:?}"),
        }
    }
    assert!(matches!(store.listings().ingest(vec![listing("late")]).await, Err(StoreError::Db(DbError::Closed))));
    assert!(matches!(store.ping().await, Err(StoreError::Db(DbError::Closed))));
    let moved = folder.path().join("moved.db");
    std::fs::rename(&path, &moved).unwrap();
    assert_eq!(std::fs::read_dir(folder.path().join("data")).unwrap().count(), 0);
    assert_eq!(open(&moved).await.unwrap().counts().await.unwrap().listings, stored);
}

#[tokio::test]
async fn what_nobody_is_told_of_is_copied_into_the_file_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = open(&path).await.unwrap();
    let user = store.users().create(&"ann".parse().unwrap(), UserRole::User, "hash").await.unwrap();
    let mark = "a mark that is nowhere else";
    store.users().update_preferences(user.id, json!({ "mark": mark })).await.unwrap();
    assert_eq!(store.events().bounds().await.unwrap().head, 0, "that was no event");
    let copied = async {
        while !std::fs::read(&path).unwrap().windows(mark.len()).any(|bytes| bytes == mark.as_bytes()) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), copied).await.expect("it stays in the write-ahead log");
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/data/a.db");
    let store = open(&path).await.unwrap();
    store.listings().ingest(vec![listing("1")]).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for file in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

#[tokio::test]
async fn a_newer_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    open(&path).await.unwrap().close().await;
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (9999, 'later', TRUE, x'00', 0)";
    raw(&path).execute_batch(later).unwrap();
    let error = open(&path).await.err().unwrap();
    assert!(matches!(error, StoreError::Db(DbError::NewerSchema { found: 9999, .. })), "{error:?}");
    assert!(error.to_string().contains("newer"), "{error}");
}

#[tokio::test]
async fn writing_the_index_again_adds_one_part_to_it_in_each_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = open(&path).await.unwrap();
    let postings: Vec<_> = (0..60).map(|n| listing(&n.to_string())).collect();
    store.listings().ingest(postings).await.unwrap();
    store.close().await;
    raw(&path).execute_batch("DELETE FROM meta WHERE key = 'reader_version'").unwrap();
    let store = open(&path).await.unwrap();
    let count = |sql: &str| raw(&path).query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let parts = || count("SELECT COUNT(DISTINCT segid) FROM listing_words_idx");
    let before = parts();
    assert!(store.listings().reindex_next(30).await.unwrap().is_some());
    assert_eq!(parts(), before + 1, "not one for each listing");
    assert_eq!(count("SELECT v FROM listing_words_config WHERE k = 'deletemerge'"), 50);
    while store.listings().reindex_next(30).await.unwrap().is_some() {}
    assert_eq!(count("SELECT COUNT(*) FROM listing_words WHERE listing_words MATCH 'source:test'"), 60);
    store.close().await;
}

#[tokio::test]
async fn a_store_with_an_altered_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    open(&path).await.unwrap().close().await;
    raw(&path).execute_batch("UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 3").unwrap();
    let error = open(&path).await.err().unwrap();
    assert!(matches!(error, StoreError::Db(DbError::Migration(MigrationError::Altered(3)))), "{error:?}");
    raw(&path).execute_batch("UPDATE _sqlx_migrations SET success = FALSE WHERE version = 4").unwrap();
    let error = open(&path).await.err().unwrap();
    assert!(matches!(error, StoreError::Db(DbError::Migration(MigrationError::Unfinished(4)))), "{error:?}");
}

#[tokio::test]
async fn a_path_is_nothing_but_a_path() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["file:a.db", "a b%20c#d.db", "ä'\".db"] {
        let path = folder.path().join(name);
        open(&path).await.unwrap().close().await;
        assert!(path.exists(), "{name}");
    }
}

#[tokio::test]
async fn what_is_no_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for url in ["", "superbot.db", "sqlite:", "sqlite::memory:", "sqlite:a.db?mode=memory"] {
        let outcome = Store::open(url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await;
        assert!(matches!(outcome, Err(StoreError::BadUrl(_))), "{url}");
    }
    let text = folder.path().join("text.db");
    std::fs::write(&text, "This is no database, and longer than a header would be. ".repeat(100)).unwrap();
    assert!(matches!(open(&text).await, Err(StoreError::Db(DbError::Damaged(_)))));
    assert!(matches!(open(&text.join("below/a.db")).await, Err(StoreError::Db(DbError::File { .. }))));
}

/// Rows of every table as written by the first version, which migrations must preserve.
#[tokio::test]
async fn migrations_keep_what_the_first_version_stored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    seeds::first_version(&path);
    let store = open(&path).await.unwrap();
    assert_eq!(store.epoch(), "00000000deadbeef");
    assert_eq!(store.events().bounds().await.unwrap().head, 40);
    let (ann, hash) = store.users().find_by_name("ANN").await.unwrap().unwrap();
    assert_eq!(hash, "$argon2id$x");
    assert_eq!(store.events().list_for(Some(ann.id), 0, 40, 10).await.unwrap().len(), 2);
    let listing = store.listings().get(7.into()).await.unwrap().unwrap();
    assert_eq!((listing.title.as_str(), listing.price.to_json()), ("Corvette Z06", json!(28_000.5)));
    assert_eq!(listing.details.condition, None);
    assert_eq!(store.listings().price_history(7.into()).await.unwrap().unwrap().len(), 2);
    assert_eq!(store.notifications().page(ann.id, true, None, 10).await.unwrap().items.len(), 1);
    assert_eq!(store.tokens().page(Some(ann.id), None, 10).await.unwrap().items.len(), 1);
    assert_eq!(store.users().preferences(ann.id).await.unwrap(), Some(json!({ "theme": "dark" })));
    let (status, _) = store.scraper_status().get().await.unwrap();
    assert_eq!(status.get(&"ksl".parse().unwrap()), Some(true));
    // Both the pruned and the stored listing are recognized.
    let post = async |path: &str| store.listings().ingest(vec![self::listing(path)]).await.unwrap()[0];
    assert_eq!((post("pruned").await.id.get(), post("7").await.id.get()), (3, 7));
    assert_eq!(post("new").await.id.get(), 8);
    tokio::time::timeout(Duration::from_secs(10), store.close()).await.unwrap();
}

/// Deleting a user's row by hand must not leave any of the user's data behind.
#[tokio::test]
async fn what_is_a_users_own_goes_with_the_user() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = open(&path).await.unwrap();
    let ann = store.users().create(&"Ann".parse().unwrap(), UserRole::User, "hash").await.unwrap();
    let kept = store.listings().ingest(vec![listing("1")]).await.unwrap()[0].id;
    store.favorites().put(ann.id, kept, NotesChange::Keep).await.unwrap().unwrap();
    store.password_resets().create(ann.id, [1; 32], SystemClock.now() + Duration::from_hours(24)).await.unwrap();
    for keywords in ["bike", "kayak"] {
        let wants = json!({ "keywords": keywords, "threshold_price": 5 });
        let wants = NewPriceAlert::from_json(&wants, Currency::USD).unwrap();
        let alert = store.queries().create(ann.id, &wants).await.unwrap().id;
        let outcome = store.queries::<NewPriceAlert>().set_ignored(ann.id, alert, kept, true).await.unwrap();
        assert_eq!(outcome, IgnoreOutcome::Done);
        if keywords == "bike" {
            store.queries::<NewPriceAlert>().delete(ann.id, alert).await.unwrap();
        }
    }
    store.close().await;
    let file = raw(&path);
    let rows = |table: &str| -> i64 {
        file.query_row(&format!("SELECT COUNT(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    };
    assert_eq!(rows("ignored_listings"), 1, "a deleted alert's are gone already");
    file.execute_batch("DELETE FROM users").unwrap();
    for table in ["favorites", "standing_queries", "ignored_listings", "password_resets"] {
        assert_eq!(rows(table), 0, "{table}");
    }
    assert_eq!(rows("listings"), 1);
}
