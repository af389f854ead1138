//! Opening a store.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use superbot_db::DbError;
use superbot_db::engine::{OpenDatabase, OpenFile, OthersWrote};

use crate::address::StoreAddress;
use crate::error::Result;
use crate::event_tail::LogNotifier;
use crate::existing::{connect_existing, no_store};
use crate::listings::{rekey, words};
use crate::options::StoreOptions;
use crate::sql::SqlConn;
use crate::store::Store;
use crate::tx::StoreTx;
use crate::{meta, migrations, reader_upgrade};

impl Store {
    /// Opens the store at `sqlite:PATH` or `postgres://USER@HOST/DATABASE`, creates it if it does not exist, and
    /// migrates its schema.
    ///
    /// A process should open a file only once: commits through a second store are noticed by the first only when it
    /// polls.
    pub async fn open(url: &str, options: StoreOptions) -> Result<Self> {
        let rules = options.clone();
        let changes = LogNotifier::default();
        // The callback may fire before the engine exists, so it gets its own clone.
        let heard = changes.clone();
        let written = changes.clone();
        let others_wrote: OthersWrote = Arc::new(move || heard.others_wrote());
        let is_rekeying = Arc::new(AtomicBool::new(false));
        let context = |transaction| StoreTx::new(transaction, written, &rules, Arc::clone(&is_rekeying));
        let engine = match StoreAddress::parse(url)? {
            StoreAddress::Sqlite(path) => {
                let mut file = OpenFile::open(path.as_ref()).await?;
                is_rekeying.store(prepare(&mut file.conn, &options).await?, Ordering::Relaxed);
                words::index_missing(&mut file.conn).await?;
                file.serve(options.read_connections, others_wrote, context)?
            }
            StoreAddress::Postgres(url) => {
                let mut database = OpenDatabase::connect(url).await?;
                is_rekeying.store(prepare(&mut database.conn, &options).await?, Ordering::Relaxed);
                database.serve(options.read_connections, others_wrote, context)
            }
        };
        let epoch = meta::read(&mut engine.reader().await?, meta::EPOCH).await?.ok_or(DbError::Closed)?;
        Ok(Self::new(engine, changes, options.clock, epoch, is_rekeying))
    }

    /// Opens an existing store like [`Store::open`].
    ///
    /// # Errors
    /// [`StoreError::NoStore`](crate::StoreError::NoStore) if it does not exist.
    pub async fn open_existing(url: &str, options: StoreOptions) -> Result<Self> {
        let mut conn = connect_existing(url).await?;
        let is_store = migrations::applied(&mut conn).await?.is_some();
        conn.close().await?;
        if is_store { Self::open(url, options).await } else { Err(no_store(url)) }
    }
}

/// Migrates the schema, and rejects a store that this program cannot work on; returns whether keys of listings are still by
/// earlier rules.
async fn prepare(conn: &mut SqlConn, options: &StoreOptions) -> Result<bool> {
    migrations::migrate(conn, options).await?;
    refuse_unusable(conn).await?;
    reader_upgrade::begin(conn, options).await?;
    rekey::begin(conn).await
}

/// Fails if the store is an incomplete copy, or if a newer version of this program's readers has written it.
pub async fn refuse_unusable(conn: &mut SqlConn) -> Result<()> {
    meta::refuse_unfinished(conn).await?;
    reader_upgrade::refuse_newer(conn).await
}
