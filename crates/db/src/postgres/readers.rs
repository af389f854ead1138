//! Read connections: a general pool, and one for searches with a server-side statement timeout.

use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgPool, Postgres};
use tokio::time::timeout;

use super::server::{BUSY_TIMEOUT, PostgresServer};
use crate::condition::StoreCondition;
use crate::error::{DbError, Result};

/// Idle time after which a pooled connection is pinged before use.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
/// Maximum time a server has to accept a connection when its availability is checked.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

pub struct PostgresReaders {
    all: PgPool,
    searches: PgPool,
    options: PgConnectOptions,
    condition: Arc<StoreCondition>,
}

impl PostgresReaders {
    /// Creates pools of at most `most` general connections and `searches` search connections.
    pub fn of(server: &PostgresServer, most: u32, searches: usize, condition: &Arc<StoreCondition>) -> Self {
        let for_searches = server.options.clone().options([
            ("statement_timeout", "1s"),
            // JIT compilation takes longer than nearly all searches. Custom plans: the best plan depends on how common
            // a word is.
            ("jit", "off"),
            ("plan_cache_mode", "force_custom_plan"),
        ]);
        Self {
            all: pool(server.options.clone(), most),
            searches: pool(for_searches, u32::try_from(searches).unwrap_or(u32::MAX)),
            options: server.options.clone(),
            condition: Arc::clone(condition),
        }
    }

    pub async fn acquire(&self) -> Result<PoolConnection<Postgres>> {
        self.acquire_from(&self.all).await
    }

    pub async fn acquire_for_search(&self) -> Result<PoolConnection<Postgres>> {
        self.acquire_from(&self.searches).await
    }

    pub async fn close(&self) {
        self.all.close().await;
        self.searches.close().await;
    }

    async fn acquire_from(&self, pool: &PgPool) -> Result<PoolConnection<Postgres>> {
        match pool.acquire().await {
            Ok(conn) => Ok(conn),
            // sqlx reports the same timeout for "all in use" and "cannot connect"; a probe distinguishes them.
            Err(sqlx::Error::PoolTimedOut) => {
                let error = self.probe().await.err().unwrap_or(DbError::Busy);
                self.condition.note(&error);
                Err(error)
            }
            Err(error) => {
                let error = DbError::from(error);
                self.condition.note(&error);
                Err(error)
            }
        }
    }

    async fn probe(&self) -> Result<()> {
        let silent = |_| DbError::Unreachable("it does not answer".to_owned());
        let conn = timeout(PROBE_TIMEOUT, self.options.connect()).await.map_err(silent)??;
        drop(conn.close().await);
        Ok(())
    }
}

fn pool(options: PgConnectOptions, most: u32) -> PgPool {
    PoolOptions::<Postgres>::new()
        .max_connections(most)
        .acquire_timeout(BUSY_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|conn, meta| {
            Box::pin(async move {
                if meta.idle_for < TRUSTED_FOR {
                    return Ok(true);
                }
                Ok(conn.ping().await.is_ok())
            })
        })
        .connect_lazy_with(options)
}
