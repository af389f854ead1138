//! Processes that serve clients of the same store, and who is connected to each.

use std::time::Duration;

use superbot_domain::{CLOCK_SKEW, Timestamp};

use crate::error::Result;
use crate::handles::NodeStore;
use crate::rows::micros;
use crate::sql;

/// A process that was not heard of for so long is gone.
const GONE_AFTER: Duration = Duration::from_secs(20);
/// And forgotten after so long.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(1);

impl NodeStore<'_> {
    /// Says that a process is there, and who is connected to it where that has changed; `id` is a number of its own.
    pub async fn put(self, id: i64, connected: Option<&str>) -> Result<()> {
        let connected = connected.map(str::to_owned);
        self.store
            .write(async move |tx| {
                let upsert = sql::query(
                    "INSERT INTO nodes (id, seen_at, connected) VALUES ($1, $2, COALESCE($3, '')) \
                     ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, \
                     connected = COALESCE($3, nodes.connected)",
                );
                upsert.bind(id).bind(micros(tx.now)).bind(connected).execute(&mut tx.conn).await?;
                // What was seen later was seen before the clock was set back.
                let forget = sql::query("DELETE FROM nodes WHERE seen_at < $1 OR seen_at > $2");
                let forget = forget.bind(micros(tx.now - FORGOTTEN_AFTER)).bind(micros(tx.now + FORGOTTEN_AFTER));
                forget.execute(&mut tx.conn).await?;
                Ok(())
            })
            .await
    }

    /// A process ends in an orderly way.
    pub async fn delete(self, id: i64) -> Result<()> {
        self.store
            .write(async move |tx| {
                sql::query("DELETE FROM nodes WHERE id = $1").bind(id).execute(&mut tx.conn).await?;
                Ok(())
            })
            .await
    }

    /// Who is connected to the other processes, as each of them has said; without those that are gone.
    pub async fn list_others(self, id: i64, now: Timestamp) -> Result<Vec<String>> {
        let select =
            "SELECT connected FROM nodes WHERE id <> $1 AND seen_at >= $2 AND seen_at <= $3 AND connected <> ''";
        let select = sql::query_scalar(select).bind(id).bind(micros(now - GONE_AFTER)).bind(micros(now + CLOCK_SKEW));
        Ok(select.fetch_all(&mut self.store.reader().await?).await?)
    }
}
