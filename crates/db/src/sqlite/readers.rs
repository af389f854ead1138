//! Pooled read connections. They are not tested on reuse: only a replaced file can break one, and a test would cost as
//! much as most queries.

use deadpool::Runtime;
use deadpool::managed::{self, Metrics, Object, Pool, PoolError, QueueMode, RecycleResult, Timeouts};

use super::connection::{BUSY_TIMEOUT, OpenOptions, SqliteConnection};
use crate::error::{DbError, Result};

/// A connection that returns to the pool when dropped.
pub type PooledReader = Object<ReaderManager>;

pub struct SqliteReaders(Pool<ReaderManager>);

/// Opens connections on demand.
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
    /// Creates a pool of at most `most` connections.
    pub fn of(options: OpenOptions, most: usize) -> Result<Self> {
        let pool = Pool::builder(ReaderManager(options)).max_size(most).runtime(Runtime::Tokio1);
        // LIFO: the most recently used connection has the warmest page cache.
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

    /// Waits for the connections in use, and closes all.
    pub async fn close(&self) {
        let mut all = Vec::new();
        for _ in 0..self.0.status().max_size {
            all.extend(self.0.get().await);
        }
        self.0.close();
        for reader in all {
            // Closing a read connection cannot lose data.
            let _ = Object::take(reader).close().await;
        }
    }
}
