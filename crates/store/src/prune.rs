//! Retention: deletes expired data in small batches.

use std::time::Duration;

use superbot_domain::Timestamp;

use crate::error::Result;
use crate::idempotency;
use crate::rows::micros;
use crate::sql;
use crate::store::Store;
use crate::tx::StoreTx;

/// Retention periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionLimits {
    /// For events; a client that was offline for longer has to resynchronize.
    pub events_keep: Duration,
    /// For listings, counted from when they were last posted, except favourites; `None` keeps them forever.
    pub listings_keep: Option<Duration>,
}

/// Result of one pruning pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrunedCounts {
    /// Number of events deleted.
    pub events: u64,
    /// Number of listings deleted; their identities are kept.
    pub listings: u64,
    /// Number of other rows deleted: expired invitations, reset links, responses and rate limits, and revoked tokens.
    pub others: u64,
    /// Whether another pass may find more to delete right away.
    pub more: bool,
}

/// Columns kept of a pruned listing, by which it is recognized when it is posted again.
pub(crate) const IDENTITY: &str = "source, link_key, id, price_kind, price_minor, price_per, currency, created_at, \
     first_seen_at, first_point, repost_key, reposted_of, seen_at, price_reader_version";

impl Store {
    /// Deletes at most `batch` expired rows of each kind.
    pub async fn prune(&self, policy: &RetentionLimits, now: Timestamp, batch: u32) -> Result<PrunedCounts> {
        let policy = *policy;
        let batch = batch.max(1);
        self.write(async move |tx| {
            let mut pruned = PrunedCounts {
                events: tx.prune_events(now - policy.events_keep, batch).await?,
                ..PrunedCounts::default()
            };
            if let Some(keep) = policy.listings_keep {
                pruned.listings = tx.prune_listings(now - keep, batch).await?;
            }
            for (sql, before) in [
                ("DELETE FROM invites WHERE id IN (SELECT id FROM invites WHERE expires_at <= $1 LIMIT $2)", now),
                (
                    "DELETE FROM password_resets WHERE user_id IN \
                         (SELECT user_id FROM password_resets WHERE expires_at <= $1 LIMIT $2)",
                    now,
                ),
                (
                    "DELETE FROM idempotency WHERE (principal, key) IN \
                         (SELECT principal, key FROM idempotency WHERE created_at <= $1 LIMIT $2)",
                    now - idempotency::KEPT,
                ),
                // Revoked and unknown tokens are indistinguishable to clients, so revoked ones need not be kept.
                ("DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE revoked_at <= $1 LIMIT $2)", now),
                ("DELETE FROM meters WHERE key IN (SELECT key FROM meters WHERE full_at <= $1 LIMIT $2)", now),
            ] {
                pruned.others += tx.delete(sql, before, batch).await?;
            }
            let is_full = |count: &u64| *count >= batch.into();
            pruned.more = [pruned.events, pruned.listings, pruned.others].iter().any(is_full);
            pruned.more |= tx.prune_hits(batch).await?;
            Ok(pruned)
        })
        .await
    }
}

impl StoreTx {
    async fn delete(&mut self, sql: &'static str, before: Timestamp, batch: u32) -> Result<u64> {
        let delete = sql::query(sql).bind(micros(before)).bind(batch);
        Ok(delete.execute(&mut self.conn).await.map(|effect| effect.rows_affected())?)
    }

    /// Deletes events from the beginning of the log only: after a clock change, deleting by time could leave gaps.
    async fn prune_events(&mut self, before: Timestamp, batch: u32) -> Result<u64> {
        let oldest: Vec<(i64, i64)> = sql::query_as("SELECT seq, at FROM events ORDER BY seq LIMIT $1")
            .bind(batch)
            .fetch_all(&mut self.conn)
            .await?;
        let Some((last, _)) = oldest.into_iter().take_while(|(_, at)| *at < micros(before)).last() else {
            return Ok(0);
        };
        let deleted = sql::query("DELETE FROM events WHERE seq <= $1").bind(last).execute(&mut self.conn).await?;
        self.numbers.oldest = Some(last + 1).filter(|oldest| *oldest <= self.numbers.event);
        Ok(deleted.rows_affected())
    }

    /// Deletes hits of deleted queries within the next `batch` listing ids; returns whether there may be more.
    async fn prune_hits(&mut self, batch: u32) -> Result<bool> {
        let (after, last): (Option<i64>, Option<i64>) =
            sql::query_as("SELECT (SELECT MIN(hits_after) FROM deleted_queries), (SELECT MAX(listing_id) FROM hits)")
                .fetch_one(&mut self.conn)
                .await?;
        let Some(after) = after else { return Ok(false) };
        let upto = after + i64::from(batch);
        // The cursor advances by listing ids; once it passes the last hit, the deleted query itself is forgotten.
        let next = if upto < last.unwrap_or(0) {
            "UPDATE deleted_queries SET hits_after = $2 WHERE hits_after = $1"
        } else {
            "DELETE FROM deleted_queries WHERE hits_after = $1 AND $1 < $2"
        };
        let hits = "DELETE FROM hits WHERE listing_id > $1 AND listing_id <= $2 \
             AND query_id IN (SELECT query_id FROM deleted_queries WHERE hits_after = $1)";
        for sql in [hits, next] {
            sql::query(sql).bind(after).bind(upto).execute(&mut self.conn).await?;
        }
        Ok(true)
    }

    /// Deletes listings except favourites, keeping their identities.
    async fn prune_listings(&mut self, before: Timestamp, batch: u32) -> Result<u64> {
        // Both statements scan the same index in the same order in one transaction, so they select the same rows.
        let keep = format!(
            "INSERT INTO pruned_listings ({IDENTITY}) \
             SELECT {IDENTITY} FROM listings WHERE id IN (SELECT id FROM listings WHERE seen_at < $1 \
             AND NOT EXISTS (SELECT 1 FROM favorites WHERE listing_id = listings.id) ORDER BY seen_at, id LIMIT $2)",
        );
        sql::query(sqlx::AssertSqlSafe(keep)).bind(micros(before)).bind(batch).execute(&mut self.conn).await?;
        let delete = "DELETE FROM listings WHERE id IN (SELECT id FROM listings WHERE seen_at < $1 \
             AND NOT EXISTS (SELECT 1 FROM favorites WHERE listing_id = listings.id) ORDER BY seen_at, id LIMIT $2)";
        self.delete(delete, before, batch).await
    }
}
