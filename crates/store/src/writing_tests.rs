use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use superbot_db::DbError;
use superbot_db::writer::WriteContext as _;
use superbot_domain::{Audience, EventKind, SystemClock};
use superbot_wire::{EventPayload, NotificationsRead};
use tempfile::TempDir;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;

use crate::error::{Result, StoreError};
use crate::events::NewEvent;
use crate::options::StoreOptions;
use crate::sql;
use crate::store::Store;

async fn fresh() -> (Store, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.db").display());
    (Store::open(&url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await.unwrap(), folder)
}

/// Blocks the writer until permits are added, so that requests queued in between form one group.
async fn hold(store: &Store) -> Arc<Semaphore> {
    let gate = Arc::new(Semaphore::new(0));
    let store = store.clone();
    let (entered, waiting) = oneshot::channel();
    let closed = gate.clone();
    tokio::spawn(async move {
        let held = store.write(async move |_| {
            entered.send(()).unwrap();
            drop(closed.acquire().await);
            Ok(())
        });
        held.await.unwrap();
    });
    waiting.await.unwrap();
    gate
}

fn event(payload: &str) -> NewEvent {
    NewEvent::new(EventKind::SystemMessage, Audience::Everyone, payload.into()).unwrap()
}

/// A payload that fails to serialize.
struct Unwritable;

impl serde::Serialize for Unwritable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> std::result::Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("no form"))
    }
}

impl EventPayload for Unwritable {
    const KIND: EventKind = EventKind::SystemMessage;
}

#[tokio::test]
async fn an_event_that_is_not_valid_fails_its_transaction() {
    let (store, _folder) = fresh().await;
    let read = NotificationsRead { ids: Vec::new(), unread: 0 };
    let wrong_audience = NewEvent::of(Audience::Everyone, &read).map(drop).unwrap_err().to_string();
    assert!(wrong_audience.contains("notification_read is for Everyone"), "{wrong_audience}");
    assert!(NewEvent::of(Audience::User(1.into()), &read).is_ok());
    let written = store.write(async |tx| {
        tx.emit(event("{}")).await?;
        tx.emit(NewEvent::of(Audience::Everyone, &Unwritable)?).await
    });
    let error = written.await.unwrap_err().to_string();
    assert!(error.contains("the payload of system_message cannot be serialized as JSON: no form"), "{error}");
    assert_eq!(store.events().list(0, 100).await.unwrap(), []);
}

async fn emit(store: Store, fails: bool) -> Result<u64> {
    store
        .write(async move |tx| {
            let seq = tx.emit(event("{}")).await?;
            if fails { Err(StoreError::NameTaken) } else { Ok(seq) }
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_takes_no_neighbour_along() {
    let (store, _folder) = fresh().await;
    let gate = hold(&store).await;
    let mut requests = JoinSet::new();
    for n in 0..30 {
        let store = store.clone();
        requests.spawn(async move { (n % 3 == 0, emit(store, n % 3 == 0).await) });
    }
    gate.add_permits(1);
    let mut seqs = Vec::new();
    while let Some(done) = requests.join_next().await {
        match done.unwrap() {
            (false, Ok(seq)) => seqs.push(seq),
            (true, Err(StoreError::NameTaken)) => {}
            other => panic!("{other:?}"),
        }
    }
    seqs.sort_unstable();
    // The failed requests left neither a row nor a gap in the sequence.
    assert_eq!(seqs, (1..=20).collect::<Vec<_>>());
    assert_eq!(store.events().list(0, 100).await.unwrap().len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_disturbs_nobody() {
    let (store, _folder) = fresh().await;
    let gate = hold(&store).await;
    let leaving: Vec<_> = (0..5).map(|_| tokio::spawn(emit(store.clone(), false))).collect();
    for caller in leaving {
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
    }
    let staying = tokio::spawn(emit(store.clone(), false));
    gate.add_permits(1);
    let seq = staying.await.unwrap().unwrap();
    assert_eq!(store.events().list(0, 100).await.unwrap().len() as u64, seq);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_during_the_work_misses_only_the_answer() {
    let (store, _folder) = fresh().await;
    let runs = Arc::new(AtomicUsize::new(0));
    let (entered, waiting) = oneshot::channel();
    let gate = Arc::new(Semaphore::new(0));
    let leaving = {
        let store = store.clone();
        let runs = runs.clone();
        let gate = gate.clone();
        tokio::spawn(async move {
            let write = store.write(async move |tx| {
                tx.emit(event("{}")).await?;
                entered.send(()).unwrap();
                drop(gate.acquire().await);
                runs.fetch_add(1, Ordering::SeqCst);
                Ok(())
            });
            write.await
        })
    };
    waiting.await.unwrap();
    leaving.abort();
    assert!(leaving.await.unwrap_err().is_cancelled());
    gate.add_permits(1);
    assert_eq!(emit(store.clone(), false).await.unwrap(), 2);
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    assert_eq!(store.events().list(0, 100).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_refuses_fails_with_its_own_request() {
    let (store, _folder) = fresh().await;
    let late = |fails: bool| {
        store.write(async move |tx| {
            let seq = tx.emit(event("{}")).await?;
            if fails {
                let taken = "INSERT INTO meta (key, value) VALUES ('epoch', 'another')";
                sql::query(taken).execute(&mut tx.conn).await?;
            }
            Ok(seq)
        })
    };
    late(true).await.unwrap_err();
    assert_eq!(late(false).await.unwrap(), 1);
    let gate = hold(&store).await;
    let group = async { tokio::join!(late(false), late(true), late(false)) };
    let ((first, failed, last), ()) = tokio::join!(group, async { gate.add_permits(1) });
    failed.unwrap_err();
    assert_eq!((first.unwrap(), last.unwrap()), (2, 3));
    let told: Vec<_> = store.events().list(0, 100).await.unwrap().iter().map(|event| event.seq).collect();
    assert_eq!(told, [1, 2, 3]);
    // Read from the file, bypassing the in-memory tail.
    assert_eq!(store.events().list_for(None, 0, 9, 100).await.unwrap().len(), 3);
}

async fn limit_pages(store: &Store, sql: &'static str) {
    store
        .write(async move |tx| {
            sql::query(sql).execute(&mut tx.conn).await?;
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_costs_no_answered_write() {
    let (store, _folder) = fresh().await;
    // A page limit makes SQLite report a full disk.
    limit_pages(&store, "PRAGMA max_page_count = 200").await;
    let big = |store: Store| async move {
        let payload = format!("\"{}\"", "x".repeat(20_000));
        let write = store.write(async move |tx| tx.emit(event(&payload)).await);
        write.await
    };
    let mut stored = 0;
    let mut full = 0;
    while full == 0 {
        let group = (0..4).map(|_| big(store.clone())).collect::<JoinSet<_>>().join_all().await;
        for answer in group {
            match answer {
                Ok(_) => stored += 1,
                Err(StoreError::Db(DbError::Full)) => full += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!(stored < 1000);
    }
    assert_eq!(store.events().list(0, 1000).await.unwrap().len(), stored);
    limit_pages(&store, "PRAGMA max_page_count = 10000").await;
    big(store.clone()).await.unwrap();
    assert_eq!(store.events().list(0, 1000).await.unwrap().len(), stored + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_probe_needs_room() {
    let (store, folder) = fresh().await;
    let log = folder.path().join("a.db-wal");
    let size = || std::fs::metadata(&log).map_or(0, |metadata| metadata.len());
    for probe in 1..=3 {
        let before = size();
        store.write(async |tx| tx.probe().await).await.unwrap();
        let written = size() - before;
        assert!(written >= 64 << 10, "probe {probe} wrote {written} bytes");
    }
}
