//! Server processes (nodes) on a store, and the clients connected to each.

use std::time::Duration;

use superbot_domain::{CLOCK_SKEW, Timestamp};

use crate::error::Result;
use crate::handles::NodeStore;
use crate::rows::micros;
use crate::sql;

/// Time without a heartbeat after which a node counts as gone.
const GONE_AFTER: Duration = Duration::from_secs(20);
/// Time without a heartbeat after which a node's row is deleted.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(1);

impl NodeStore<'_> {
    /// Records a heartbeat, and the connected clients if they changed; `id` is unique to the process.
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
                // Timestamps far in the future date from before the clock was set back.
                let forget = sql::query("DELETE FROM nodes WHERE seen_at < $1 OR seen_at > $2");
                let forget = forget.bind(micros(tx.now - FORGOTTEN_AFTER)).bind(micros(tx.now + FORGOTTEN_AFTER));
                forget.execute(&mut tx.conn).await?;
                Ok(())
            })
            .await
    }

    /// Removes a node that shuts down cleanly.
    pub async fn delete(self, id: i64) -> Result<()> {
        self.store
            .write(async move |tx| {
                sql::query("DELETE FROM nodes WHERE id = $1").bind(id).execute(&mut tx.conn).await?;
                Ok(())
            })
            .await
    }

    /// Returns the connected clients as reported by each other live node.
    pub async fn list_others(self, id: i64, now: Timestamp) -> Result<Vec<String>> {
        let select =
            "SELECT connected FROM nodes WHERE id <> $1 AND seen_at >= $2 AND seen_at <= $3 AND connected <> ''";
        let select = sql::query_scalar(select).bind(id).bind(micros(now - GONE_AFTER)).bind(micros(now + CLOCK_SKEW));
        Ok(select.fetch_all(&mut self.store.reader().await?).await?)
    }
}
