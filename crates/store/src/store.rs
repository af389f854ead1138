//! The store's front: opening, closing, and the ways to its reader and its writer.

use std::path::Path;
use std::sync::Arc;

use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use superbot_domain::{Clock, Timestamp};
use tokio::sync::watch;

use crate::sqlite::{BoxFuture, SqliteStore, Tx};
use crate::{Result, StoreError};

/// A handle on the store; clones share one writer and one set of readers.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    db: Db,
    clock: Arc<dyn Clock>,
    epoch: String,
}

/// The back ends; each method that they do not share has one `match`.
enum Db {
    Sqlite(SqliteStore),
}

/// What a store is opened with.
#[derive(Clone)]
pub struct StoreOptions {
    /// Tells the time that rows are stamped with.
    pub clock: Arc<dyn Clock>,
    /// How many readers work side by side.
    pub read_connections: u32,
    /// Whether listings are matched when they come in; if not, [`Store::reconcile`] finds out later.
    pub match_on_arrival: bool,
    /// Eight random bytes that name the store if it is made now.
    pub epoch_seed: [u8; 8],
}

/// How much the store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "the names say it all")]
pub struct StoreCounts {
    pub users: i64,
    pub listings: i64,
    pub events: i64,
    pub notifications: i64,
    pub hits: i64,
    pub bytes: i64,
}

impl Store {
    /// Opens the store at `sqlite:PATH`; makes it where there is none, and brings its schema up to date.
    pub async fn open(url: &str, options: StoreOptions) -> Result<Self> {
        let path = sqlite_path(url).ok_or_else(|| StoreError::BadUrl(url.to_owned()))?;
        let db = Db::Sqlite(SqliteStore::open(path.as_ref(), &options).await?);
        let mut store = Shared { db, clock: options.clock, epoch: String::new() };
        let Db::Sqlite(sqlite) = &store.db;
        store.epoch =
            crate::meta::read(&mut *sqlite.reader().await?, crate::meta::EPOCH).await?.ok_or(StoreError::Closed)?;
        Ok(Self { shared: Arc::new(store) })
    }

    /// Whether there is a store at that address; [`Store::open`] would make one.
    pub fn exists(url: &str) -> bool {
        sqlite_path(url).is_some_and(|path| Path::new(path).exists())
    }

    /// Ends the writer after what is queued, and leaves the file complete without its log beside it.
    pub async fn close(&self) {
        let Db::Sqlite(sqlite) = &self.shared.db;
        sqlite.close().await;
    }

    /// Whether it takes no more writes.
    pub fn is_closed(&self) -> bool {
        let Db::Sqlite(sqlite) = &self.shared.db;
        sqlite.writer_ended()
    }

    /// Whether the store can be read and its writer is there.
    pub async fn ping(&self) -> Result<()> {
        if self.is_closed() {
            return Err(StoreError::Closed);
        }
        sqlx::query("SELECT 1").execute(&mut *self.reader().await?).await?;
        Ok(())
    }

    /// The name of this store's history: another one, and no cursor into the event log means anything any more.
    pub fn epoch(&self) -> &str {
        &self.shared.epoch
    }

    /// Changes whenever the event log may have grown, be it through another process.
    pub fn log_changes(&self) -> watch::Receiver<u64> {
        let Db::Sqlite(sqlite) = &self.shared.db;
        sqlite.log_changes()
    }

    /// How much the store holds.
    pub async fn store_counts(&self) -> Result<StoreCounts> {
        let counts = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM users) AS users, (SELECT COUNT(*) FROM listings) AS listings, \
             (SELECT COUNT(*) FROM events) AS events, (SELECT COUNT(*) FROM notifications) AS notifications, (SELECT COUNT(*) FROM hits) AS hits, \
             (SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()) AS bytes",
        );
        Ok(counts.fetch_one(&mut *self.reader().await?).await?)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    pub(crate) async fn reader(&self) -> Result<PoolConnection<Sqlite>> {
        let Db::Sqlite(sqlite) = &self.shared.db;
        sqlite.reader().await
    }

    /// Has the writer do the work and answers when it is committed; an error undoes this work alone.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let Db::Sqlite(sqlite) = &self.shared.db;
        sqlite.write(work).await
    }
}

impl StoreOptions {
    /// Options for a store of the usual size.
    pub fn new(clock: Arc<dyn Clock>, epoch_seed: [u8; 8]) -> Self {
        Self { clock, read_connections: 4, match_on_arrival: true, epoch_seed }
    }
}

fn sqlite_path(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    // An in-memory database would be another one for each connection.
    (!path.is_empty() && !path.contains(":memory:") && !path.contains('?')).then_some(path)
}
