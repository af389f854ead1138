//! The index of all standing queries, as of the open transaction.

use superbot_domain::{EventKind, Listing, Seq};
use superbot_matching::{Facts, Index, QueryId};

use super::row::{ASKED, Asked};
use crate::sqlite::{Tx, chunks, where_in};
use crate::{Result, StoreError};

/// The writer's index, built when it is first needed.
#[derive(Default)]
pub(crate) struct Live {
    index: Option<Index>,
    /// Up to here the log's changes are in the index.
    cursor: Seq,
    found: Vec<QueryId>,
}

impl Live {
    /// What was read in a transaction that is lost cannot be told from what is true.
    pub(crate) fn forget(&mut self) {
        self.index = None;
    }

    /// The numbers of the queries that a listing matches now.
    pub(super) fn matches(&mut self, listing: &Listing) -> &[QueryId] {
        self.found.clear();
        if let Some(index) = &mut self.index {
            let facts = Facts {
                title: &listing.title,
                description: listing.description.as_deref().unwrap_or_default(),
                price: listing.price,
                source: &listing.source,
                location: listing.location.as_deref().unwrap_or_default(),
            };
            index.matches(&facts, &mut self.found);
        }
        &self.found
    }

    fn put(&mut self, row: &Asked) -> Result<()> {
        let Some(index) = &mut self.index else { return Ok(()) };
        index.insert(query_id(row.id)?, &row.criteria()?);
        Ok(())
    }
}

impl Tx {
    /// Brings the index to where the log is: other processes change queries too.
    ///
    /// The lock is held, so nothing can change them between this and the commit.
    pub(crate) async fn follow_queries(&mut self) -> Result<()> {
        let (oldest, head): (Option<i64>, Option<i64>) = sqlx::query_as(
            "SELECT (SELECT MIN(seq) FROM events), (SELECT seq FROM sqlite_sequence WHERE name = 'events')",
        )
        .fetch_one(&mut self.conn)
        .await?;
        let head = head.unwrap_or(0).cast_unsigned();
        let kept = oldest.map_or(head + 1, i64::cast_unsigned);
        if self.live.index.is_none() || kept > self.live.cursor + 1 {
            self.build_index().await?;
        } else if head > self.live.cursor {
            self.apply_changes().await?;
        }
        self.live.cursor = head;
        Ok(())
    }

    async fn build_index(&mut self) -> Result<()> {
        /// So many are in memory as rows at a time.
        const BATCH: usize = 10_000;
        self.live.index = Some(Index::new());
        let sql = format!(
            "SELECT {ASKED} FROM standing_queries WHERE active AND id > $1 \
             AND user_id IN (SELECT id FROM users WHERE NOT disabled) ORDER BY id LIMIT {BATCH}"
        );
        let mut after = 0;
        loop {
            let select = sqlx::query_as(sqlx::AssertSqlSafe(sql.clone())).bind(after);
            let rows: Vec<Asked> = select.fetch_all(&mut self.conn).await?;
            for row in &rows {
                self.live.put(row)?;
                after = row.id;
            }
            if rows.len() < BATCH {
                return Ok(());
            }
        }
    }

    async fn apply_changes(&mut self) -> Result<()> {
        let payloads: Vec<String> = sqlx::query_scalar(
            "SELECT payload FROM events WHERE recipient = -2 AND seq > $1 AND kind = $2 ORDER BY seq",
        )
        .bind(self.live.cursor.cast_signed())
        .bind(EventKind::StandingQueriesChanged.wire_name())
        .fetch_all(&mut self.conn)
        .await?;
        let mut ids = Vec::new();
        for payload in payloads {
            #[derive(serde::Deserialize)]
            struct Changed {
                ids: Vec<i64>,
            }
            let changed: Changed =
                serde_json::from_str(&payload).map_err(|error| StoreError::Corrupt(error.to_string()))?;
            ids.extend(changed.ids);
        }
        ids.sort_unstable();
        ids.dedup();
        for id in &ids {
            if let Some(index) = &mut self.live.index {
                index.remove(query_id(*id)?);
            }
        }
        let select = format!(
            "SELECT {ASKED} FROM standing_queries WHERE active \
             AND user_id IN (SELECT id FROM users WHERE NOT disabled) AND id IN ("
        );
        for chunk in chunks(&ids) {
            let mut select = where_in(&select, chunk, "");
            let rows: Vec<Asked> = select.build_query_as().fetch_all(&mut self.conn).await?;
            for row in &rows {
                self.live.put(row)?;
            }
        }
        Ok(())
    }
}

fn query_id(id: i64) -> Result<QueryId> {
    u32::try_from(id).map(QueryId).map_err(|_| StoreError::Corrupt(format!("a standing query numbered {id}")))
}
