//! What follows when a newer version of the readers opens a store.
//!
//! Standing queries are parsed again whenever their index is built, so they match by the new rules at once. Stored listings keep
//! their texts, but the full-text index holds words as an earlier reader cut them: they are written again in small transactions,
//! the newest listings first. The place in between is kept in `meta`, in the transaction that reaches it, so that a process which
//! is killed loses nothing, and several processes share the work. Nothing here writes an event or a notification.

use serde::{Deserialize, Serialize};
use superbot_domain::{FIRST_READER_VERSION, READER_VERSION};

use crate::error::{Result, StoreError};
use crate::handles::ListingStore;
use crate::listings::words;
use crate::options::StoreOptions;
use crate::sql::{self, SqlConn};
use crate::{arrival_matching, meta};

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
    /// The version of the readers whose words it is to hold.
    #[serde(default = "ReindexState::first_version")]
    version: i64,
}

impl ReindexState {
    /// The version that wrote the state before it named one.
    const fn first_version() -> i64 {
        2
    }

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
        meta::read_json(&mut self.store.reader().await?, STATE).await
    }

    /// Writes the next listings into the full-text index again, at most `batch` in one transaction; `None` where there are none.
    ///
    /// A process that still runs an earlier version than the one that has opened the store leaves the index to the newer one.
    pub async fn reindex_next(self, batch: u32) -> Result<Option<ReindexState>> {
        if self.reindexing().await?.is_none_or(|state| state.version != READER_VERSION) {
            return Ok(None);
        }
        self.store
            .write(async move |tx| {
                // Another process may have gone on since.
                let state: Option<ReindexState> = meta::read_json(&mut tx.conn, STATE).await?;
                let Some(state) = state.filter(|state| state.version == READER_VERSION) else { return Ok(None) };
                match words::reindex_before(&mut tx.conn, state.below, batch).await? {
                    Some(below) => {
                        let state = ReindexState { below, ..state };
                        meta::replace_json(&mut tx.conn, STATE, &state).await?;
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
///
/// # Errors
/// [`StoreError::NewerReaders`] if a newer version of the readers has opened the store: this one would cut its words as an earlier
/// version does, and would report what it reads differently as changes of listings.
pub(crate) async fn begin(conn: &mut SqlConn, options: &StoreOptions) -> Result<()> {
    let earlier = version(conn).await?;
    if earlier < READER_VERSION {
        let last: Option<i64> = sql::query_scalar("SELECT MAX(id) FROM listings").fetch_one(&mut *conn).await?;
        if let Some(last) = last {
            arrival_matching::note_upgrade(conn, earlier).await?;
            meta::replace_json(conn, STATE, &ReindexState { below: last + 1, end: last + 1, version: READER_VERSION })
                .await?;
        }
        meta::replace(conn, VERSION, &READER_VERSION.to_string()).await?;
    }
    arrival_matching::note_setting(conn, options.match_on_arrival).await
}

/// Fails with [`StoreError::NewerReaders`] if a newer version of the readers has opened the store.
pub(crate) async fn refuse_newer(conn: &mut SqlConn) -> Result<()> {
    match version(conn).await? {
        found if found > READER_VERSION => Err(StoreError::NewerReaders { found, known: READER_VERSION }),
        _ => Ok(()),
    }
}

/// The version of the newest readers that have opened the store.
async fn version(conn: &mut SqlConn) -> Result<i64> {
    let version = meta::read(conn, VERSION).await?;
    version.map_or(Ok(FIRST_READER_VERSION), |version| version.parse().map_err(StoreError::corrupt))
}
