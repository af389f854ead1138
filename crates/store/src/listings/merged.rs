//! Listings that turned out to be another one.

use std::collections::HashMap;

use superbot_domain::ListingId;

use crate::error::Result;
use crate::handles::ListingStore;
use crate::sql::{self, SqlConn, chunks, where_in};

impl ListingStore<'_> {
    /// Returns the listing that another one, which no longer exists, was merged into.
    pub async fn merged_into(self, id: ListingId) -> Result<Option<ListingId>> {
        let select = sql::query_scalar::<i64>("SELECT into_id FROM merged_listings WHERE id = $1").bind(id.get());
        Ok(select.fetch_optional(&mut self.store.reader().await?).await?.map(ListingId::from))
    }
}

/// Returns the id under which a listing is stored: its own, or that of the listing it was merged into.
pub(crate) async fn current_id(conn: &mut SqlConn, id: ListingId) -> Result<ListingId> {
    Ok(targets(conn, &[id.get()]).await?.get(&id.get()).map_or(id, |target| ListingId::from(*target)))
}

/// Returns what those listings that were merged were merged into.
pub(super) async fn targets(conn: &mut SqlConn, ids: &[i64]) -> Result<HashMap<i64, i64>> {
    let mut targets = HashMap::new();
    for chunk in chunks(ids) {
        let select = where_in("SELECT id, into_id FROM merged_listings WHERE id IN (", chunk, "");
        let rows: Vec<(i64, i64)> = select.build_query_as().fetch_all(&mut *conn).await?;
        targets.extend(rows);
    }
    Ok(targets)
}

/// Notes that `gone` was merged into `kept`, also for those that were merged into `gone` before.
pub(super) async fn note(conn: &mut SqlConn, gone: i64, kept: i64) -> Result<()> {
    for statement in [
        "UPDATE merged_listings SET into_id = $2 WHERE into_id = $1",
        "INSERT INTO merged_listings (id, into_id) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET into_id = excluded.into_id",
    ] {
        sql::query(statement).bind(gone).bind(kept).execute(&mut *conn).await?;
    }
    Ok(())
}
