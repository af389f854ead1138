//! Keeps the index of standing queries up to date with the log.

use superbot_domain::EventKind;
use superbot_matching::{Index, QueryId};

use super::row::{ASKED, LIVE, QueryCriteriaRow, over_all_asked};
use crate::error::{Result, StoreError};
use crate::events;
use crate::query_index::QueryIndex;
use crate::sequences::LogBounds;
use crate::sql::{self, SqlConn, chunks, where_in};
use crate::tx::StoreTx;

/// Builds the index from the database. The cursor is read first, so changes made during the scan, which it may contain
/// or not, are applied again from the log.
pub(super) async fn read_index(conn: &mut SqlConn) -> Result<QueryIndex> {
    let cursor = events::bounds(conn).await?.head;
    let index =
        over_all_asked(conn, None, |all| all.map(|asked| Ok((query_id(asked.id)?, asked.criteria()?))).collect());
    let index: Index = index.await?;
    Ok(QueryIndex::new(index, cursor))
}

impl StoreTx {
    /// Applies changes of queries, which other processes make too, from the log to the index.
    ///
    /// The write lock is held, so no query can change between this and the commit.
    pub(crate) async fn follow_queries(&mut self) -> Result<()> {
        let LogBounds { oldest, head } = self.numbers.log_bounds();
        let changed = self.numbers.control.is_some_and(|control| control.cast_unsigned() > self.queries.cursor);
        // Rebuild if the log was pruned beyond the cursor, since changes may be missing.
        if self.queries.index.is_none() || oldest > self.queries.cursor + 1 {
            self.queries = read_index(&mut self.conn).await?;
        } else if changed {
            self.apply_changes().await?;
        }
        self.queries.cursor = head;
        Ok(())
    }

    async fn apply_changes(&mut self) -> Result<()> {
        let payloads: Vec<String> = sql::query_scalar(
            "SELECT payload FROM events WHERE recipient = -2 AND seq > $1 AND kind = $2 ORDER BY seq",
        )
        .bind(self.queries.cursor.cast_signed())
        .bind(EventKind::StandingQueriesChanged.wire_name())
        .fetch_all(&mut self.conn)
        .await?;
        let mut ids = Vec::new();
        for payload in payloads {
            #[derive(serde::Deserialize)]
            struct ChangedQuery {
                ids: Vec<i64>,
            }
            let changed: ChangedQuery = serde_json::from_str(&payload).map_err(StoreError::corrupt)?;
            ids.extend(changed.ids);
        }
        ids.sort_unstable();
        ids.dedup();
        for id in &ids {
            if let Some(index) = &mut self.queries.index {
                index.remove(query_id(*id)?);
            }
        }
        let select = format!("SELECT {ASKED} FROM standing_queries WHERE {LIVE} AND id IN (");
        for chunk in chunks(&ids) {
            let select = where_in(&select, chunk, "");
            let rows: Vec<QueryCriteriaRow> = select.build_query_as().fetch_all(&mut self.conn).await?;
            for row in &rows {
                if let Some(index) = &mut self.queries.index {
                    index.insert(query_id(row.id)?, &row.criteria()?);
                }
            }
        }
        Ok(())
    }
}

fn query_id(id: i64) -> Result<QueryId> {
    u32::try_from(id).map(QueryId).map_err(|_| StoreError::corrupt(format!("a standing query numbered {id}")))
}
