//! Stored listings by their ids, also those that were pruned.

use std::collections::HashMap;

use super::by_id::known_by_ids;
use super::known::StoredListing;
use crate::error::Result;
use crate::sql::{Record, SelectRecord as _, SqlConn, chunks, sql_text, where_in};

/// What is left of a pruned listing.
#[derive(Record)]
pub(super) struct PrunedRow {
    pub(super) id: i64,
    pub(super) link_key: String,
    pub(super) price_kind: String,
    pub(super) price_minor: Option<i64>,
    pub(super) price_per: Option<String>,
    pub(super) currency: String,
    pub(super) price_reader_version: i64,
    pub(super) created_at: i64,
    pub(super) first_seen_at: i64,
    pub(super) first_point: i64,
    pub(super) reposted_of: Option<i64>,
}

/// Listings and pruned listings by their ids.
#[derive(Default)]
pub(super) struct StoredRows {
    pub(super) known: HashMap<i64, StoredListing>,
    pub(super) pruned: HashMap<i64, PrunedRow>,
}

impl StoredRows {
    pub(super) async fn load(&mut self, conn: &mut SqlConn, ids: &[i64]) -> Result<()> {
        let known = known_by_ids(conn, ids).await?;
        self.known.extend(known.into_iter().map(|known| (known.listing.id.get(), known)));
        let others: Vec<i64> = ids.iter().copied().filter(|id| !self.known.contains_key(id)).collect();
        let select = sql_text!("SELECT ", PrunedRow::COLUMNS, " FROM pruned_listings WHERE id IN (");
        for chunk in chunks(&others) {
            let rows: Vec<PrunedRow> = where_in(select, chunk, "").build_query_as().fetch_all(&mut *conn).await?;
            self.pruned.extend(rows.into_iter().map(|row| (row.id, row)));
        }
        Ok(())
    }

    pub(super) fn has(&self, id: i64) -> bool {
        self.known.contains_key(&id) || self.pruned.contains_key(&id)
    }
}
