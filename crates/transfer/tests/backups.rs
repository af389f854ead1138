//! Backups of a store in use, and restoring them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../store/tests/seeds/mod.rs"]
mod seeds;

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use serde_json::json;
use superbot_domain::{Currency, NewListing, SystemClock, UserRole, Username};
use superbot_store::{DbError, ListingQuery, Store, StoreError, StoreOptions};
use superbot_test_postgres::TestPostgres;
use superbot_transfer::{CopyError, CopyProgress, CopySummary};
use tempfile::TempDir;
use tokio::task::JoinSet;

fn options(seed: u8) -> StoreOptions {
    StoreOptions::new(Arc::new(SystemClock), [seed; 8])
}

async fn open(url: &str) -> Store {
    Store::open(url, options(1)).await.unwrap()
}

fn url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

fn listing(path: &str) -> NewListing {
    let value = json!({ "title": "Boat", "link": format!("https://example.com/{path}"), "source": "test", "price": 1 });
    NewListing::from_json(&value, Currency::USD).unwrap()
}

async fn backup(store: &str, file: &Path, replace: bool) -> Result<CopySummary, CopyError> {
    superbot_transfer::backup(store, file, replace, &options(2), &mut |_| {}).await
}

async fn restore(file: &Path, store: &str, replace: bool) -> Result<CopySummary, CopyError> {
    superbot_transfer::restore(file, store, replace, &options(3), &mut |_| {}).await
}

fn names_in(folder: &TempDir) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder.path()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// A target of each database kind, and a backup.
async fn places(folder: &TempDir) -> (PathBuf, [String; 2]) {
    let first = url(&folder.path().join("first.db"));
    let store = open(&first).await;
    store.users().create(&Username::parse("Ann").unwrap(), UserRole::Admin, "hash").await.unwrap();
    store.listings().ingest(vec![listing("1"), listing("2")]).await.unwrap();
    store.close().await;
    let file = folder.path().join("backup.db");
    backup(&first, &file, false).await.unwrap();
    (file, [url(&folder.path().join("store.db")), TestPostgres::shared().database()])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_among_writers_has_nothing_half() {
    let folder = tempfile::tempdir().unwrap();
    for (n, store_url) in [url(&folder.path().join("a.db")), TestPostgres::shared().database()].into_iter().enumerate()
    {
        let store = open(&store_url).await;
        let acknowledged = Arc::new(parking_lot::Mutex::new(BTreeSet::new()));
        let mut publishers: JoinSet<()> = (0..4)
            .map(|publisher| {
                let store = store.clone();
                let acknowledged = Arc::clone(&acknowledged);
                async move {
                    for n in 0..150 {
                        let posted = store.listings().ingest(vec![listing(&format!("{publisher}/{n}"))]).await.unwrap();
                        acknowledged.lock().insert(posted[0].id.get());
                    }
                }
            })
            .collect();
        for round in 0..2 {
            while acknowledged.lock().len() < 30 + round * 150 {
                tokio::task::yield_now().await;
            }
            let answered = acknowledged.lock().clone();
            let file = folder.path().join(format!("backup{n}{round}.db"));
            let copied = backup(&store_url, &file, false).await.unwrap();
            let restored_url = url(&folder.path().join(format!("restored{n}{round}.db")));
            restore(&file, &restored_url, false).await.unwrap();
            let restored = open(&restored_url).await;
            let events = restored.events().list(0, 10_000).await.unwrap();
            let told: BTreeSet<i64> = events.iter().map(|event| event.payload_json()["id"].as_i64().unwrap()).collect();
            let listings = copied.tables.iter().find(|table| table.name == "listings").unwrap().rows;
            assert_eq!(told.len() as u64, listings, "each listing has its event, and each event its listing");
            assert_eq!(restored.events().bounds().await.unwrap().head, listings);
            assert!(events.iter().zip(1..).all(|(event, seq)| event.seq == seq));
            assert!(answered.is_subset(&told), "answered before the backup was begun, and not in it");
            restored.close().await;
        }
        while publishers.join_next().await.is_some() {}
        assert_eq!(store.events().bounds().await.unwrap().head, 600, "all writers completed");
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_one_file_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (file, _) = places(&folder).await;
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(names_in(&folder), ["backup.db", "first.db"].map(str::to_owned).into());

    let store = url(&folder.path().join("first.db"));
    let refused = backup(&store, &file, false).await;
    assert!(matches!(refused, Err(CopyError::Exists(_))), "{refused:?}");
    backup(&store, &file, true).await.unwrap();
    let refused = backup(&store, &folder.path().join("first.db"), true).await;
    assert!(matches!(refused, Err(CopyError::Itself(_))), "{refused:?}");
    let nothing = backup(&url(&folder.path().join("none.db")), &folder.path().join("b.db"), false).await;
    assert!(matches!(nothing, Err(CopyError::Store(StoreError::NoStore(_)))), "{nothing:?}");
    assert_eq!(names_in(&folder), ["backup.db", "first.db"].map(str::to_owned).into());

    // The backup is a store of its own, usable in any place.
    let elsewhere = folder.path().join("elsewhere.db");
    std::fs::copy(&file, &elsewhere).unwrap();
    let opened = open(&url(&elsewhere)).await;
    let query = ListingQuery { q: Some("boat".to_owned()), limit: 10, ..Default::default() };
    assert_eq!(opened.listings().page(&query).await.unwrap().items.len(), 2);
    opened.close().await;
}

/// Additional columns, with unknown types and unusual names.
const ADDED_COLUMNS: &str =
    "ALTER TABLE listings ADD note VARCHAR(20) DEFAULT 'seen'; ALTER TABLE listings ADD \"order\" TEXT;
    ALTER TABLE listings ADD doubled INTEGER GENERATED ALWAYS AS (id * 2);";

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_somebody_has_added_stay_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (_, [_, postgres]) = places(&folder).await;
    let path = folder.path().join("first.db");
    Connection::open(&path).unwrap().execute_batch(ADDED_COLUMNS).unwrap();
    let file = folder.path().join("second.db");
    backup(&url(&path), &file, false).await.unwrap();
    let restored_url = url(&folder.path().join("restored.db"));
    restore(&file, &restored_url, false).await.unwrap();
    superbot_transfer::copy(&url(&path), &postgres, &options(4), &mut |_| {}).await.unwrap();
    for restored in [restored_url, postgres] {
        let store = open(&restored).await;
        assert_eq!(store.counts().await.unwrap().listings, 2);
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_one_of_the_columns_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (file, _) = places(&folder).await;
    let path = folder.path().join("first.db");
    Connection::open(&path).unwrap().execute_batch("ALTER TABLE listings RENAME condition TO quality").unwrap();
    let before = std::fs::read(&file).unwrap();
    let refused = backup(&url(&path), &file, true).await.unwrap_err();
    let CopyError::MissingColumn { table, column } = &refused else { panic!("{refused:?}") };
    assert_eq!((*table, column.as_str()), ("listings", "condition"));
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert_eq!(names_in(&folder), ["backup.db", "first.db"].map(str::to_owned).into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_store_has_another_history() {
    let folder = tempfile::tempdir().unwrap();
    let (file, places) = places(&folder).await;
    for place in places {
        restore(&file, &place, false).await.unwrap();
        let store = open(&place).await;
        assert_eq!(store.epoch(), "0303030303030303");
        assert_eq!(store.events().bounds().await.unwrap().head, 2);
        // Events from here on are lost by the next restore, and their numbers must not be mistaken for those of other
        // events.
        store.listings().ingest(vec![listing("3")]).await.unwrap();
        let refused = restore(&file, &place, true).await;
        assert!(matches!(refused, Err(CopyError::InUse)), "a server runs on it: {refused:?}");
        store.close().await;
        let refused = restore(&file, &place, false).await;
        assert!(matches!(refused, Err(CopyError::NotEmpty { .. })), "{refused:?}");
        let store = open(&place).await;
        assert_eq!(store.events().bounds().await.unwrap().head, 3, "refused, so nothing was done");
        store.close().await;
        superbot_transfer::restore(&file, &place, true, &options(4), &mut |_| {}).await.unwrap();
        let store = open(&place).await;
        assert_eq!(store.epoch(), "0404040404040404");
        assert_eq!(store.events().bounds().await.unwrap().head, 2);
        let query = ListingQuery { q: Some("boat".to_owned()), limit: 10, ..Default::default() };
        assert_eq!(store.listings().page(&query).await.unwrap().items.len(), 2);
        assert_eq!(store.listings().ingest(vec![listing("3")]).await.unwrap()[0].id.get(), 3);
        store.close().await;
    }
    assert_eq!(names_in(&folder), ["backup.db", "first.db", "store.db"].map(str::to_owned).into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_broken_off_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (file, places) = places(&folder).await;
    for place in places {
        let store = open(&place).await;
        store.listings().ingest(vec![listing("mine")]).await.unwrap();
        store.close().await;
        let (enough, reached) = tokio::sync::oneshot::channel();
        let mut enough = Some(enough);
        let mut watch = |progress| {
            if matches!(progress, CopyProgress::Checking { .. }) {
                let _ = enough.take().map(|enough| enough.send(()));
            }
        };
        let options = options(5);
        tokio::select! {
            biased;
            _ = reached => {}
            done = superbot_transfer::restore(&file, &place, true, &options, &mut watch) => panic!("{done:?}"),
        }
        let store = open(&place).await;
        assert_eq!((store.epoch(), store.users().list().await.unwrap().len()), ("0101010101010101", 0));
        assert_eq!(store.events().bounds().await.unwrap().head, 1);
        store.close().await;
    }
    let left = names_in(&folder);
    assert!(!left.iter().any(|name| name.ends_with(".partial")), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_opens_the_store_while_it_is_replaced_does_not_work_on_what_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (file, [place, _]) = places(&folder).await;
    open(&place).await.close().await;
    let (starts, started) = tokio::sync::oneshot::channel();
    let mut starts = Some(starts);
    let mut watch = |progress| {
        if matches!(progress, CopyProgress::Copying { .. }) {
            let _ = starts.take().map(|starts| starts.send(()));
        }
    };
    let opening = {
        let place = place.clone();
        tokio::spawn(async move {
            started.await.unwrap();
            Store::open(&place, options(1)).await.map(|store| store.epoch().to_owned())
        })
    };
    superbot_transfer::restore(&file, &place, true, &options(6), &mut watch).await.unwrap();
    match opening.await.unwrap() {
        Ok(epoch) => assert_eq!(epoch, "0606060606060606"),
        Err(StoreError::Db(DbError::Replaced)) => {}
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_backup_or_stands_in_its_way_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (file, [place, _]) = places(&folder).await;
    let store_path = folder.path().join("store.db");
    std::fs::write(folder.path().join("store.db-wal"), "frames").unwrap();
    let refused = restore(&file, &place, true).await;
    assert!(matches!(refused, Err(CopyError::LeftOver(_))), "{refused:?}");
    std::fs::remove_file(folder.path().join("store.db-wal")).unwrap();

    std::fs::write(&store_path, "no database at all").unwrap();
    assert!(restore(&file, &place, true).await.is_err(), "whether somebody has it open cannot be known");
    assert_eq!(std::fs::read_to_string(&store_path).unwrap(), "no database at all");
    std::fs::remove_file(&store_path).unwrap();

    Connection::open(&store_path).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
    let refused = restore(&file, &place, false).await;
    assert!(matches!(refused, Err(CopyError::Exists(_))), "{refused:?}");
    let refused = restore(&store_path, &url(&folder.path().join("new.db")), false).await;
    assert!(matches!(refused, Err(CopyError::BadBackup { .. })), "{refused:?}");
    let text = folder.path().join("text.db");
    std::fs::write(&text, "This is no database, and longer than a header would be. ".repeat(100)).unwrap();
    let refused = restore(&text, &url(&folder.path().join("new.db")), false).await.unwrap_err().to_string();
    assert!(refused.contains("text.db is damaged, or not a backup") && !refused.contains("store"), "{refused}");
    std::fs::remove_file(&text).unwrap();
    let refused = restore(&folder.path().join("none.db"), &url(&folder.path().join("new.db")), false).await;
    assert!(matches!(refused, Err(CopyError::Unreadable { .. })), "{refused:?}");
    assert!(!folder.path().join("new.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_an_earlier_version_is_restored_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("earlier.db");
    seeds::first_version(&file);
    let before = std::fs::read(&file).unwrap();
    for place in [url(&folder.path().join("store.db")), TestPostgres::shared().database()] {
        restore(&file, &place, false).await.unwrap();
        let store = open(&place).await;
        let query = ListingQuery { q: Some("corvette".to_owned()), limit: 10, ..Default::default() };
        assert_eq!(store.listings().page(&query).await.unwrap().items.len(), 1);
        assert_eq!(store.events().bounds().await.unwrap().head, 40);
        store.close().await;
    }
    assert_eq!(std::fs::read(&file).unwrap(), before);
}
