//! Connections for reading, which go back without being tried out: nothing but a wrong file can break one, and to try it
//! costs as much as most queries.

use deadpool::Runtime;
use deadpool::managed::{self, Metrics, Object, Pool, PoolError, QueueMode, RecycleResult, Timeouts};

use super::connection::{BUSY_TIMEOUT, OpenOptions, SqliteConnection};
use crate::error::{DbError, Result};

/// A connection that goes back when it is dropped.
pub type PooledReader = Object<ReaderManager>;

pub struct SqliteReaders(Pool<ReaderManager>);

/// Makes them, when they are first needed.
pub struct ReaderManager(OpenOptions);

impl managed::Manager for ReaderManager {
    type Type = SqliteConnection;
    type Error = DbError;

    async fn create(&self) -> Result<SqliteConnection> {
        self.0.connect().await
    }

    async fn recycle(&self, connection: &mut SqliteConnection, _: &Metrics) -> RecycleResult<DbError> {
        connection.deadline().set(None);
        Ok(())
    }
}

impl SqliteReaders {
    /// At most so many.
    pub fn of(options: OpenOptions, most: usize) -> Result<Self> {
        let pool = Pool::builder(ReaderManager(options)).max_size(most).runtime(Runtime::Tokio1);
        // The one that was used last knows most of the file by heart.
        let pool =
            pool.queue_mode(QueueMode::Lifo).timeouts(Timeouts { wait: Some(BUSY_TIMEOUT), ..Timeouts::default() });
        Ok(Self(pool.build().map_err(|error| DbError::Unreachable(error.to_string()))?))
    }

    pub async fn acquire(&self) -> Result<PooledReader> {
        self.0.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Timeout(_) => DbError::Busy,
            _ => DbError::Closed,
        })
    }

    /// Waits for those that are in use, and closes all.
    pub async fn close(&self) {
        let mut all = Vec::new();
        for _ in 0..self.0.status().max_size {
            all.extend(self.0.get().await);
        }
        self.0.close();
        for reader in all {
            // What goes wrong with a connection for reading loses nothing.
            let _ = Object::take(reader).close().await;
        }
    }
}
