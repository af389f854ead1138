//! The index of all standing queries, as of the open transaction.

use superbot_domain::{EventKind, Listing, Seq};
use superbot_matching::{Index, QueryId};

use super::facts;
use super::row::{ASKED, Asked, LIVE, over_all_asked};
use crate::error::{Result, StoreError};
use crate::events;
use crate::numbers::LogBounds;
use crate::sql::{self, Conn, chunks, where_in};
use crate::writer::Tx;

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

    /// The log ends here again: what was taken from behind it is not true any more.
    pub(crate) fn rewind(&mut self, head: Seq) {
        if self.cursor > head {
            self.forget();
        }
    }

    /// Builds the index from what is stored; of changes that are made meanwhile it has some and lacks others, until it
    /// follows the log from its cursor on.
    pub(super) async fn read(conn: &mut Conn) -> Result<Self> {
        let cursor = events::bounds(conn).await?.head;
        let index =
            over_all_asked(conn, None, |all| all.map(|asked| Ok((query_id(asked.id)?, asked.criteria()?))).collect());
        let index: Index = index.await?;
        Ok(Self { index: Some(index), cursor, found: Vec::new() })
    }

    /// The numbers of the queries that a listing matches now.
    pub(super) fn matches(&mut self, listing: &Listing) -> &[QueryId] {
        self.found.clear();
        if let Some(index) = &mut self.index {
            index.matches(&facts(listing), &mut self.found);
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
        let LogBounds { oldest, head } = self.numbers.log_bounds();
        let changed = self.numbers.control.is_some_and(|control| control.cast_unsigned() > self.live.cursor);
        if self.live.index.is_none() || oldest > self.live.cursor + 1 {
            self.live = Live::read(&mut self.conn).await?;
        } else if changed {
            self.apply_changes().await?;
        }
        self.live.cursor = head;
        Ok(())
    }

    async fn apply_changes(&mut self) -> Result<()> {
        let payloads: Vec<String> = sql::query_scalar(
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
        let select = format!("SELECT {ASKED} FROM standing_queries WHERE {LIVE} AND id IN (");
        for chunk in chunks(&ids) {
            let select = where_in(&select, chunk, "");
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
