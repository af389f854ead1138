//! Looks again at what came in, and tells what was missed.
//!
//! Nothing is missed while listings are matched in the transaction that stores them. But that may be switched off, the
//! index may have a fault, a store may have been mended by hand. So this goes the other way round: it takes what came in
//! since it last looked, and holds each standing query against all of it, without the index.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use superbot_domain::{CLOCK_SKEW, EventKind, QueryKind};
use superbot_matching::Batch;

use super::facts::facts;
use super::notify::{MatchCandidate, MatchState};
use super::row::{COLUMNS, LIVE, QueryCriteriaRow, StandingQueryRow, over_all_asked};
use crate::error::{Result, StoreError};
use crate::events;
use crate::handles::MatchStore;
use crate::listings;
use crate::rows::micros;
use crate::sequences::LogBounds;
use crate::sql::{self, Record, SqlConn, chunks, where_in};
use crate::tx::StoreTx;

/// What became of a look at what came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReconcileOutcome {
    /// Another process is at it.
    Busy,
    /// A part was looked at, and there is more.
    Some {
        /// What had been missed.
        repaired: u64,
    },
    /// All was looked at.
    All {
        /// What had been missed.
        repaired: u64,
    },
}

/// How far a worker has looked.
#[derive(Clone, Copy, Record)]
struct ReconcileProgress {
    cursor: i64,
    listings_after: Option<i64>,
}

/// What is looked at together.
struct ReconcilePart {
    listings: Vec<listings::StoredListing>,
    /// How far it reaches.
    progress: ReconcileProgress,
    is_last: bool,
}

/// Of an event, the listing that it is about.
#[derive(serde::Deserialize)]
struct ChangedListing {
    id: i64,
}

/// Another process may go on where one fell silent for so long.
const HELD: Duration = Duration::from_secs(15);
/// So many changes are looked at together; each query is held against all of them at once.
const CHANGES: u32 = 2_000;

impl MatchStore<'_> {
    /// Looks at some of what came in since the last look, and tells what standing queries of a kind have missed of it.
    ///
    /// `holder` is a number of the caller's own: of several processes one does it at a time.
    pub async fn reconcile(self, kind: QueryKind, holder: i64) -> Result<ReconcileOutcome> {
        let Some(progress) = self.store.write(async move |tx| hold(tx, kind, holder).await).await? else {
            return Ok(ReconcileOutcome::Busy);
        };
        let ReconcilePart { listings, progress, is_last } = self.next_part(progress).await?;
        let missed = self.missed(kind, listings).await?;
        let repair = async move |tx: &mut StoreTx| repair(tx, kind, holder, missed, progress, is_last).await;
        let repaired = self.store.write(repair).await?;
        Ok(match repaired {
            None => ReconcileOutcome::Busy,
            Some(repaired) if is_last => ReconcileOutcome::All { repaired },
            Some(repaired) => ReconcileOutcome::Some { repaired },
        })
    }

    /// How much each kind's worker has had to mend, over all time and all processes.
    pub async fn count_repaired(self, kind: QueryKind) -> Result<u64> {
        let select = sql::query_scalar("SELECT repaired FROM workers WHERE name = $1").bind(kind.as_str());
        let repaired: Option<i64> = select.fetch_optional(&mut self.store.reader().await?).await?;
        Ok(repaired.unwrap_or(0).cast_unsigned())
    }

    async fn next_part(self, from: ReconcileProgress) -> Result<ReconcilePart> {
        let conn = &mut self.store.reader().await?;
        let LogBounds { oldest, head } = events::bounds(conn).await?;
        if let Some(after) = from.listings_after {
            let select = sql::query_scalar("SELECT id FROM listings WHERE id > $1 ORDER BY id LIMIT $2");
            let ids: Vec<i64> = select.bind(after).bind(CHANGES).fetch_all(&mut *conn).await?;
            let listings_after = ids.last().copied().filter(|_| ids.len() == CHANGES as usize);
            let listings = listings::known_by_ids(conn, &ids).await?;
            return Ok(ReconcilePart {
                listings,
                progress: ReconcileProgress { listings_after, ..from },
                is_last: false,
            });
        }
        if oldest.cast_signed() > from.cursor + 1 {
            // What the log has forgotten may be any of the listings.
            let progress = ReconcileProgress { cursor: oldest.cast_signed() - 1, listings_after: Some(0) };
            return Ok(ReconcilePart { listings: Vec::new(), progress, is_last: false });
        }
        let events: Vec<(i64, String)> = sql::query_as(
            "SELECT seq, payload FROM events WHERE recipient = 0 AND seq > $1 AND seq <= $2 AND kind IN ($3, $4) \
             ORDER BY seq LIMIT $5",
        )
        .bind(from.cursor)
        .bind(head.cast_signed())
        .bind(EventKind::NewListing.wire_name())
        .bind(EventKind::ListingUpdated.wire_name())
        .bind(CHANGES)
        .fetch_all(&mut *conn)
        .await?;
        let changed = |(_, payload): &(i64, String)| {
            let changed = serde_json::from_str(payload);
            changed.map(|changed: ChangedListing| changed.id).map_err(StoreError::corrupt)
        };
        let ids = events.iter().map(changed).collect::<Result<BTreeSet<i64>>>()?;
        let listings = listings::known_by_ids(conn, &ids.into_iter().collect::<Vec<_>>()).await?;
        let is_last = events.len() < CHANGES as usize;
        let cursor = events.last().map(|(seq, _)| *seq).filter(|_| !is_last).unwrap_or(head.cast_signed());
        Ok(ReconcilePart { listings, progress: ReconcileProgress { cursor, listings_after: None }, is_last })
    }

    /// The queries and listings that belong together, and of which nothing was told.
    async fn missed(self, kind: QueryKind, listings: Vec<listings::StoredListing>) -> Result<Vec<(i64, i64)>> {
        if listings.is_empty() {
            return Ok(Vec::new());
        }
        let conn = &mut self.store.reader().await?;
        let finds = matching(conn, kind, listings).await?;
        let mut missed = Vec::new();
        for finds in finds.chunks(CHANGES as usize) {
            let known = MatchState::read(&mut *conn, finds).await?;
            for find in finds {
                if known.due(find)?.is_some() {
                    missed.push(find.ids());
                }
            }
        }
        Ok(missed)
    }
}

/// Every query that a listing matches, found by looking at every query.
async fn matching(
    conn: &mut SqlConn,
    kind: QueryKind,
    listings: Vec<listings::StoredListing>,
) -> Result<Vec<MatchCandidate>> {
    let compare = move |all: &mut dyn Iterator<Item = QueryCriteriaRow>| {
        let listings: Vec<_> = listings.into_iter().map(|known| (Arc::new(known.listing), known.first_point)).collect();
        let batch = Batch::new(listings.iter().map(|(listing, _)| facts(listing)));
        let mut finds = Vec::new();
        for asked in all {
            let find = |place: usize| MatchCandidate::new(asked.id, &listings[place].0, listings[place].1, i64::MAX);
            finds.extend(batch.matching(&asked.criteria()?).map(find));
        }
        Ok(finds)
    };
    over_all_asked(conn, Some(kind), compare).await
}

/// Takes the work for a while, unless another process is at it.
async fn hold(tx: &mut StoreTx, kind: QueryKind, holder: i64) -> Result<Option<ReconcileProgress>> {
    let hold = sql::query_as(
        "INSERT INTO workers (name, cursor, listings_after, holder, held_until, repaired) \
         VALUES ($1, 0, NULL, $2, $3, 0) \
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until \
         WHERE workers.holder = excluded.holder OR workers.held_until <= $4 OR workers.held_until > $5 \
         RETURNING cursor, listings_after",
    );
    let hold = hold.bind(kind.as_str()).bind(holder).bind(micros(tx.now + HELD)).bind(micros(tx.now));
    // A lease that ends later was taken before the clock was set back.
    let hold = hold.bind(micros(tx.now + HELD + CLOCK_SKEW));
    Ok(hold.fetch_optional(&mut tx.conn).await?)
}

/// Tells what was missed, and notes how far was looked; `None` when another process has taken over meanwhile.
async fn repair(
    tx: &mut StoreTx,
    kind: QueryKind,
    holder: i64,
    missed: Vec<(i64, i64)>,
    progress: ReconcileProgress,
    is_last: bool,
) -> Result<Option<u64>> {
    let note = sql::query(
        "UPDATE workers SET cursor = $1, listings_after = $2, held_until = $3 WHERE name = $4 AND holder = $5",
    );
    let held_until = if is_last { tx.now } else { tx.now + HELD };
    let note = note.bind(progress.cursor).bind(progress.listings_after).bind(micros(held_until));
    if note.bind(kind.as_str()).bind(holder).execute(&mut tx.conn).await?.rows_affected() == 0 {
        return Ok(None);
    }
    let finds = still_matching(&mut tx.conn, &missed).await?;
    let repaired = tx.notify_matches(&finds).await? as u64;
    if repaired > 0 {
        sql::query("UPDATE workers SET repaired = repaired + $1 WHERE name = $2")
            .bind(repaired.cast_signed())
            .bind(kind.as_str())
            .execute(&mut tx.conn)
            .await?;
    }
    Ok(Some(repaired))
}

/// Those that belong together now too: since they were found, queries and listings may have changed.
async fn still_matching(conn: &mut SqlConn, found: &[(i64, i64)]) -> Result<Vec<MatchCandidate>> {
    let distinct = |ids: BTreeSet<i64>| ids.into_iter().collect::<Vec<i64>>();
    let ids = distinct(found.iter().map(|(_, listing)| *listing).collect());
    let known = listings::known_by_ids(conn, &ids).await?;
    let listings: Vec<_> = known.into_iter().map(|known| (Arc::new(known.listing), known.first_point)).collect();
    let mut finds = Vec::new();
    let select = format!("SELECT {COLUMNS} FROM standing_queries WHERE {LIVE} AND id IN (");
    for chunk in chunks(&distinct(found.iter().map(|(query, _)| *query).collect())) {
        let rows: Vec<StandingQueryRow> = where_in(&select, chunk, "").build_query_as().fetch_all(&mut *conn).await?;
        for row in rows {
            let criteria = row.criteria()?;
            for (listing, first) in &listings {
                if found.contains(&(row.id(), listing.id.get())) && criteria.matches(&facts(listing)) {
                    finds.push(MatchCandidate::new(row.id(), listing, *first, i64::MAX));
                }
            }
        }
    }
    // In the order in which they came in.
    finds.sort_by_key(|find| find.ids().1);
    Ok(finds)
}
