//! What follows when a newer version of the readers opens a store.
//!
//! Standing queries are parsed again whenever their index is built, so they match by the new rules at once. Stored listings keep
//! their texts, but the full-text index holds words as an earlier reader cut them: they are written again in small transactions,
//! the newest listings first. The place in between is kept in `meta`, in the transaction that reaches it, so that a process which
//! is killed loses nothing, and several processes share the work. Nothing here writes an event or a notification.

use serde::{Deserialize, Serialize};
use superbot_domain::{FIRST_READER_VERSION, QueryKind, READER_VERSION};

use crate::error::{Result, StoreError};
use crate::handles::ListingStore;
use crate::listings::words;
use crate::options::StoreOptions;
use crate::sql::{self, SqlConn};
use crate::{events, meta};

/// The key of the version of the newest readers that have opened the store.
const VERSION: &str = "reader_version";
/// The key of the state of writing the full-text index again, while that is under way.
const STATE: &str = "reindexing";

/// How far the full-text index is written again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReindexState {
    /// Listings with numbers below this are still indexed as an earlier reader did.
    below: i64,
    /// The first of the numbers that were not given yet when it began.
    end: i64,
}

impl ReindexState {
    /// The part that is done, from 0 to 1, by the numbers of listings.
    pub fn ratio(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "it is shown in percent")]
        let ratio = (self.end - self.below) as f64 / self.end.max(1) as f64;
        ratio.clamp(0.0, 1.0)
    }

    /// The part that is done, in whole percent; 100 is never said before all is.
    pub fn percent(self) -> u8 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 99")]
        let percent = (self.ratio() * 100.0).min(99.0) as u8;
        percent
    }
}

impl ListingStore<'_> {
    /// How far the full-text index is written again; `None` where all of it is.
    pub async fn reindexing(self) -> Result<Option<ReindexState>> {
        read_state(&mut self.store.reader().await?).await
    }

    /// Writes the next listings into the full-text index again, at most `batch` in one transaction; `None` where there are none.
    pub async fn reindex_next(self, batch: u32) -> Result<Option<ReindexState>> {
        if self.reindexing().await?.is_none() {
            return Ok(None);
        }
        self.store
            .write(async move |tx| {
                // Another process may have gone on since.
                let Some(state) = read_state(&mut tx.conn).await? else { return Ok(None) };
                match words::reindex_before(&mut tx.conn, state.below, batch).await? {
                    Some(below) => {
                        let state = ReindexState { below, ..state };
                        write_state(&mut tx.conn, state).await?;
                        Ok(Some(state))
                    }
                    None => meta::remove(&mut tx.conn, STATE).await.map(|()| None),
                }
            })
            .await
    }
}

/// Notes that readers of this version work on the store from now on, and what is to be done for it.
///
/// Each step may be repeated, and the last one says that all are done.
pub(crate) async fn begin(conn: &mut SqlConn, options: &StoreOptions) -> Result<()> {
    let version = meta::read(conn, VERSION).await?.and_then(|version| version.parse().ok());
    if version.unwrap_or(FIRST_READER_VERSION) >= READER_VERSION {
        return Ok(());
    }
    let last: Option<i64> = sql::query_scalar("SELECT MAX(id) FROM listings").fetch_one(&mut *conn).await?;
    if let Some(last) = last {
        if options.match_on_arrival {
            skip_reconciliation(conn).await?;
        }
        write_state(conn, ReindexState { below: last + 1, end: last + 1 }).await?;
    }
    meta::replace(conn, VERSION, &READER_VERSION.to_string()).await
}

/// Makes the workers begin at the end of the log. Earlier listings were matched on arrival by the rules of that version; matching
/// them by the new rules would notify users of old listings.
async fn skip_reconciliation(conn: &mut SqlConn) -> Result<()> {
    let head = events::bounds(conn).await?.head.cast_signed();
    for kind in QueryKind::ALL {
        let upsert = sql::query(
            "INSERT INTO workers (name, cursor, listings_after, holder, held_until, repaired) VALUES ($1, $2, NULL, 0, 0, 0) \
             ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor, listings_after = NULL",
        );
        upsert.bind(kind.as_str()).bind(head).execute(&mut *conn).await?;
    }
    Ok(())
}

async fn read_state(conn: &mut SqlConn) -> Result<Option<ReindexState>> {
    let state = meta::read(conn, STATE).await?;
    state.map(|state| serde_json::from_str(&state).map_err(StoreError::corrupt)).transpose()
}

async fn write_state(conn: &mut SqlConn, state: ReindexState) -> Result<()> {
    let state = serde_json::to_string(&state).map_err(StoreError::corrupt)?;
    meta::replace(conn, STATE, &state).await
}
