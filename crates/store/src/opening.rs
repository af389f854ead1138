//! Opening a store.

use std::sync::Arc;

use superbot_db::DbError;
use superbot_db::engine::{OpenDatabase, OpenFile, OthersWrote};

use crate::address::Address;
use crate::error::Result;
use crate::existing::{connect_existing, no_store};
use crate::listings::words;
use crate::newest::Changes;
use crate::options::StoreOptions;
use crate::sql::Conn;
use crate::store::Store;
use crate::tx::Tx;
use crate::{meta, migrations, reader_upgrade};

impl Store {
    /// Opens the store at `sqlite:PATH` or `postgres://USER@HOST/DATABASE`; makes it where there is none, and brings its
    /// schema up to date.
    ///
    /// A process opens a file once: what a second store in it writes, the first one only notices when it looks.
    pub async fn open(url: &str, options: StoreOptions) -> Result<Self> {
        let StoreOptions { read_connections, match_on_arrival, .. } = options;
        let clock = Arc::clone(&options.clock);
        let changes = Changes::default();
        let (heard, written) = (changes.clone(), changes.clone());
        let others_wrote: OthersWrote = Arc::new(move || heard.others_wrote());
        let context = |transaction| Tx::new(transaction, Arc::clone(&clock), written, match_on_arrival);
        let engine = match Address::parse(url)? {
            Address::Sqlite(path) => {
                let mut file = OpenFile::open(path.as_ref()).await?;
                prepare(&mut file.conn, &options).await?;
                words::index_missing(&mut file.conn).await?;
                file.serve(read_connections, others_wrote, context)?
            }
            Address::Postgres(url) => {
                let mut database = OpenDatabase::connect(url).await?;
                prepare(&mut database.conn, &options).await?;
                database.serve(read_connections, others_wrote, context)
            }
        };
        let epoch = meta::read(&mut engine.reader().await?, meta::EPOCH).await?.ok_or(DbError::Closed)?;
        Ok(Self::new(engine, changes, options.clock, epoch))
    }

    /// Opens a store that is there, as [`Store::open`] does; makes none.
    ///
    /// # Errors
    /// [`StoreError::NoStore`](crate::StoreError::NoStore) where there is none.
    pub async fn open_existing(url: &str, options: StoreOptions) -> Result<Self> {
        let mut conn = connect_existing(url).await?;
        let is_store = migrations::applied(&mut conn).await?.is_some();
        conn.close().await?;
        if is_store { Self::open(url, options).await } else { Err(no_store(url)) }
    }
}

/// Brings what is there up to date, and makes sure that it is all of a store.
async fn prepare(conn: &mut Conn, options: &StoreOptions) -> Result<()> {
    migrations::migrate(conn, options).await?;
    meta::refuse_unfinished(conn).await?;
    reader_upgrade::begin(conn, options).await
}
