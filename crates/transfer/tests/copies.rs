//! Copies of whole stores.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use serde_json::json;
use superbot_domain::{
    Currency, MessageLevel, NewListing, NewPriceAlert, NewSystemMessage, NotesChange, NotificationDraft, PricePeriod,
    QueryKind, StandingQuery as _, SystemClock, UserId, UserRole, Username,
};
use superbot_store::{IdempotencyKey, ListingQuery, Store, StoreError, StoreOptions};
use superbot_test_postgres::TestPostgres;
use superbot_transfer::{CopyError, CopyProgress, CopySummary};
use tempfile::TempDir;

fn options() -> StoreOptions {
    StoreOptions::new(Arc::new(SystemClock), [7; 8])
}

/// Options that give a store another epoch.
fn other_options() -> StoreOptions {
    StoreOptions::new(Arc::new(SystemClock), [9; 8])
}

async fn open(url: &str) -> Store {
    Store::open(url, options()).await.unwrap()
}

fn file(folder: &TempDir, name: &str) -> String {
    format!("sqlite:{}", folder.path().join(name).display())
}

fn path(url: &str) -> &Path {
    Path::new(url.strip_prefix("sqlite:").unwrap())
}

fn raw(url: &str) -> Connection {
    Connection::open(path(url)).unwrap()
}

async fn copy(from: &str, to: &str) -> Result<CopySummary, CopyError> {
    superbot_transfer::copy(from, to, &other_options(), &mut |_| {}).await
}

fn listing(link: &str, title: &str, price: i64) -> NewListing {
    let link = format!("https://example.com/{link}");
    let value = json!({
        "title": title, "link": link, "source": "test", "price": price, "description": "Läuft — 動く 🚗", "location": "Provo",
        "condition": "parts"
    });
    NewListing::from_json(&value, Currency::USD).unwrap()
}

fn alert(keywords: &str) -> NewPriceAlert {
    NewPriceAlert::from_json(&json!({ "keywords": keywords, "threshold_price": 500 }), Currency::USD).unwrap()
}

fn rent(link: &str, price: i64) -> NewListing {
    let mut listing = listing(link, "Flat", price);
    listing.price = listing.price.per_unless_stated(Some(PricePeriod::Month));
    listing
}

/// A store with rows in every table, and with sequences whose last rows were deleted.
async fn filled(url: &str) -> (UserId, Vec<String>) {
    let store = open(url).await;
    let ann = store.users().create(&Username::parse("Ann").unwrap(), UserRole::Admin, "hash").await.unwrap().id;
    let monthly = NewPriceAlert { price_per: Some(PricePeriod::Month), ..alert("canoe") };
    let alerts = [alert("kayak"), alert("canoe"), alert("raft"), monthly];
    let mut made = Vec::new();
    for wants in &alerts {
        made.push(store.queries().create(ann, wants).await.unwrap().id);
    }
    let mut first = listing("0", "Kayak it's \\ \"x\"", 300);
    first.aliases = vec!["id:0".to_owned()];
    let mut batch = vec![first];
    batch.extend((1..2100).map(|n| listing(&n.to_string(), &format!("Boat number {n}"), 900 + n)));
    batch.push(rent("flat", 900));
    let kayak = store.listings().ingest(batch).await.unwrap()[0].id;
    store.listings().ingest(vec![listing("0", "Kayak", 200), listing("raft", "Raft", 100)]).await.unwrap();
    store.favorites().put(ann, kayak, NotesChange::Keep).await.unwrap().unwrap();
    store.queries::<NewPriceAlert>().set_ignored(ann, made[0], kayak, true).await.unwrap();
    store.queries::<NewPriceAlert>().delete(ann, made[2]).await.unwrap();
    store.matches().reconcile(QueryKind::PriceAlert, 1).await.unwrap();
    let key = IdempotencyKey { principal: "token 1".to_owned(), key: "k".to_owned(), request_hash: [4; 32] };
    store
        .events()
        .publish_system_message(&NewSystemMessage::new("hello", MessageLevel::Info).unwrap(), Some(&key))
        .await
        .unwrap();
    let draft = NotificationDraft::from_json(&json!({ "type": "custom", "data": {} })).unwrap();
    store.notifications().create("ann", &draft, None).await.unwrap();
    store.close().await;
    let conn = raw(url);
    for statement in [
        "INSERT INTO sessions VALUES (4, 1, x'01', 'Fire' || char(0) || 'fox', '::1', 1, 2, 9000000000000000)",
        "INSERT INTO tokens VALUES (1, 'phone', 'user', 1, x'02ff', 'sbt_ab', 1, NULL, NULL)",
        "INSERT INTO invites VALUES (1, x'03', 1, 1, 9000000000000000, NULL, NULL)",
        "INSERT INTO password_resets VALUES (1, x'05', 9000000000000000)",
        "INSERT INTO scraper_status VALUES ('ksl', TRUE, 5)",
        "INSERT INTO site_turns VALUES ('https://example.com', 5)",
        "INSERT INTO source_notices VALUES ('ksl', 1)",
        // These sort differently under a language's collation.
        "INSERT INTO listing_aliases VALUES ('test', 'B', 1), ('test', 'a', 1), ('test', 'Z', 1), ('test', 'ä', 1)",
        "INSERT INTO pruned_listings VALUES ('test', 'x', 9999, 'free', NULL, 'USD', 1, 1, 1, NULL, NULL, 1, NULL, 1)",
        "INSERT INTO merged_listings VALUES (9998, 1)",
        // Their ids must not be reused.
        "DELETE FROM listings WHERE id > 2080 AND id < 2090",
        "DELETE FROM listings WHERE id = (SELECT MAX(id) FROM listings)",
        "DELETE FROM events WHERE seq > 2098",
        "DELETE FROM sessions",
        "INSERT INTO sessions VALUES (2, 1, x'01', 'Fire' || char(0) || 'fox', '::1', 1, 2, 9000000000000000)",
    ] {
        conn.execute_batch(statement).unwrap();
    }
    let mut select = conn.prepare("SELECT name FROM sqlite_sequence").unwrap();
    let names = select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    (ann, names)
}

fn sums(copied: &CopySummary) -> BTreeMap<&str, (u64, &str)> {
    copied.tables.iter().map(|table| (table.name, (table.rows, table.sha256.as_str()))).collect()
}

/// What a user of the store observes: the next id of everything, and search results.
async fn use_of(url: &str, ann: UserId) -> Vec<String> {
    let store = open(url).await;
    let mut seen = vec![store.epoch().to_owned()];
    for q in ["kayak", "boat 17", "läuft", "動く", "nu*"] {
        let query = ListingQuery { q: Some(q.to_owned()), limit: 50, ..Default::default() };
        let found = store.listings().page(&query).await.unwrap();
        assert!(q == "boat 17" || !found.items.is_empty(), "{q}");
        seen.push(format!("{:?}", found.items));
    }
    let monthly = ListingQuery { price_per: Some(PricePeriod::Month), limit: 50, ..Default::default() };
    let found = store.listings().page(&monthly).await.unwrap().items;
    assert_eq!(found.len(), 1, "{found:?}");
    seen.push(format!("{found:?}"));
    seen.push(format!("{:?}", store.events().bounds().await.unwrap()));
    seen.push(format!("{:?}", store.notifications().page(ann, false, None, 50).await.unwrap().items.len()));
    seen.push(format!("{:?}", store.queries::<NewPriceAlert>().list(ann).await.unwrap()));
    let posted = store.listings().ingest(vec![listing("new", "Canoe", 100)]).await.unwrap();
    seen.push(format!("{:?} {:?}", posted[0].outcome, posted[0].id));
    let found = store.matches().list(ann, posted[0].id).await.unwrap().unwrap();
    assert_eq!(found.len(), 1, "the alert matches new listings");
    seen.push(format!("{:?}", store.events().bounds().await.unwrap()));
    let bob = store.users().create(&Username::parse("Bob").unwrap(), UserRole::User, "hash").await.unwrap();
    seen.push(format!("{:?} {:?}", bob.id, store.queries().create(ann, &alert("x")).await.unwrap().id));
    let history = store.listings().price_history(posted[0].id).await.unwrap().unwrap();
    seen.push(format!("{}", history.len()));
    store.close().await;
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_goes_to_postgres_and_back_and_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let from = file(&folder, "from.db");
    let back = file(&folder, "back.db");
    let there = TestPostgres::shared().database();
    let (ann, numbered) = filled(&from).await;

    let to = copy(&from, &there).await.unwrap();
    let returned = copy(&there, &back).await.unwrap();
    assert_eq!(sums(&to), sums(&returned));
    let empty: Vec<&str> = to.tables.iter().filter(|table| table.rows == 0).map(|table| table.name).collect();
    assert_eq!(empty, [""; 0], "nothing is shown by a table without rows");

    for name in numbered {
        let last = "SELECT seq FROM sqlite_sequence WHERE name = $1";
        let last = |url: &str| -> i64 { raw(url).query_row(last, [&name], |row| row.get(0)).unwrap() };
        assert_eq!(last(&from), last(&back), "{name}");
    }
    let seen = use_of(&from, ann).await;
    assert_eq!(seen, use_of(&there, ann).await);
    assert_eq!(seen, use_of(&back, ann).await);
}

/// Copies until a number of rows was reached, and aborts.
async fn copy_some(from: &str, to: &str, upto: (&'static str, u64)) {
    let (enough, reached) = tokio::sync::oneshot::channel();
    let mut enough = Some(enough);
    let mut watch = |progress| {
        if let CopyProgress::Copying { table, done, .. } = progress
            && table == upto.0
            && done >= upto.1
        {
            let _ = enough.take().map(|enough| enough.send(()));
        }
    };
    let options = other_options();
    tokio::select! {
        biased;
        _ = reached => {}
        done = superbot_transfer::copy(from, to, &options, &mut watch) => panic!("it was not stopped: {done:?}"),
    }
}

/// Completes a copy; returns the result and whether it started over.
async fn finish(from: &str, to: &str) -> (CopySummary, bool) {
    let mut anew = false;
    let mut watch = |progress| anew |= progress == CopyProgress::BeginsAnew;
    let copied = superbot_transfer::copy(from, to, &other_options(), &mut watch).await.unwrap();
    (copied, anew)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_copy_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let from = file(&folder, "from.db");
    let (ann, _) = filled(&from).await;
    let whole = copy(&from, &file(&folder, "whole.db")).await.unwrap();
    let seen = use_of(&file(&folder, "whole.db"), ann).await;
    for to in [file(&folder, "to.db"), TestPostgres::shared().database()] {
        for upto in [("users", 1), ("listings", 2048), ("price_history", 2048), ("events", 1)] {
            copy_some(&from, &to, upto).await;
            let refused = Store::open(&to, options()).await;
            assert!(matches!(refused, Err(StoreError::Unfinished)), "{:?}", refused.err());
        }
        let (copied, anew) = finish(&from, &to).await;
        assert_eq!((sums(&copied), anew), (sums(&whole), false));
        assert_eq!(use_of(&to, ann).await, seen);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_changed_meanwhile_is_not_mixed() {
    let folder = tempfile::tempdir().unwrap();
    let from = file(&folder, "from.db");
    filled(&from).await;
    for n in 0..2 {
        // The first two changes affect neither ids nor events; the last is in a table after those already copied.
        let changes = [
            (format!("UPDATE users SET preferences = '{{\"n\":{n}}}'"), true),
            (format!("DELETE FROM listings WHERE id = 7 + {n}"), true),
            (format!("INSERT INTO scraper_status VALUES ('new{n}', TRUE, 1)"), false),
        ];
        for (change, begins_anew) in changes {
            let fresh = tempfile::tempdir().unwrap();
            let to = if n == 0 { file(&fresh, "to.db") } else { TestPostgres::shared().database() };
            copy_some(&from, &to, ("price_history", 2048)).await;
            raw(&from).execute_batch(&change).unwrap();
            let (copied, anew) = finish(&from, &to).await;
            assert_eq!(anew, begins_anew, "{change}");
            let again = copy(&from, &file(&fresh, "again.db")).await.unwrap();
            assert_eq!(sums(&copied), sums(&again), "{change}");
            open(&to).await.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let from = file(&folder, "from.db");
    filled(&from).await;
    for (n, to) in [file(&folder, "to.db"), TestPostgres::shared().database()].into_iter().enumerate() {
        let store = open(&to).await;
        let refused = copy(&from, &to).await;
        assert!(matches!(refused, Err(CopyError::InUse)), "a server runs on it: {refused:?}");
        store.users().create(&Username::parse("Bob").unwrap(), UserRole::User, "hash").await.unwrap();
        store.close().await;
        let refused = copy(&from, &to).await;
        assert!(matches!(refused, Err(CopyError::NotEmpty { table: "users" })), "{refused:?}");
        let store = open(&to).await;
        assert_eq!(store.users().list().await.unwrap().len(), 1);
        store.close().await;

        let other = file(&folder, &format!("other{n}.db"));
        Store::open(&other, other_options()).await.unwrap().close().await;
        let half = if n == 0 { file(&folder, "half.db") } else { TestPostgres::shared().database() };
        copy_some(&from, &half, ("listings", 2048)).await;
        let refused = copy(&other, &half).await;
        assert!(matches!(refused, Err(CopyError::OtherCopy)), "{refused:?}");
        let refused = copy(&half, &file(&folder, "nothing.db")).await;
        assert!(matches!(refused, Err(CopyError::Store(StoreError::Unfinished))), "{refused:?}");
    }
    let foreign = file(&folder, "foreign.db");
    raw(&foreign).execute_batch("CREATE TABLE theirs (a)").unwrap();
    let refused = copy(&from, &foreign).await;
    assert!(matches!(refused, Err(CopyError::Foreign)), "{refused:?}");
    let itself = copy(&from, &from).await;
    assert!(matches!(itself, Err(CopyError::InUse)), "{itself:?}");
    let nothing = copy(&file(&folder, "nowhere.db"), &file(&folder, "new.db")).await;
    assert!(matches!(nothing, Err(CopyError::Store(StoreError::NoStore(_)))), "{nothing:?}");
    assert!(!folder.path().join("nowhere.db").exists() && !folder.path().join("new.db").exists());
    let nothing = copy(&TestPostgres::shared().database(), &file(&folder, "new.db")).await;
    assert!(matches!(nothing, Err(CopyError::Store(StoreError::NoStore(_)))), "{nothing:?}");
}
