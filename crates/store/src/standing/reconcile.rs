//! Reconciliation: looks for matches that were missed, and notifies users of them.
//!
//! Nothing is missed while listings are matched in the transaction that stores them. But that can be disabled, the
//! index may have a bug, or a store may have been repaired by hand. Reconciliation therefore compares all recent
//! listings with every standing query, without the index.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use superbot_domain::{CLOCK_SKEW, EventKind, QueryKind};
use superbot_matching::Batch;

use super::facts::facts;
use super::notify::{MatchCandidate, MatchState};
use super::row::{COLUMNS, LIVE, QueryCriteriaRow, StandingQueryRow, over_all_asked};
use crate::arrival_matching::ArrivalMatching;
use crate::error::{Result, StoreError};
use crate::events;
use crate::handles::MatchStore;
use crate::listings;
use crate::rows::micros;
use crate::sequences::LogBounds;
use crate::sql::{self, Record, SqlConn, chunks, where_in};
use crate::tx::StoreTx;

/// Result of a reconciliation step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReconcileOutcome {
    /// Another process holds the lease.
    Busy,
    /// A batch was processed, and there is more.
    Some {
        /// Number of missed matches that were added.
        repaired: u64,
    },
    /// Everything was processed.
    All {
        /// Number of missed matches that were added.
        repaired: u64,
    },
}

/// Position of a worker: in the log or, after events were pruned, in the table of listings.
#[derive(Clone, Copy, Record)]
struct ReconcileProgress {
    cursor: i64,
    listings_after: Option<i64>,
}

/// A batch of listings.
struct ReconcilePart {
    listings: Vec<listings::StoredListing>,
    /// Position after the batch.
    progress: ReconcileProgress,
    is_last: bool,
}

/// The part of an event's payload that identifies its listing.
#[derive(serde::Deserialize)]
struct ChangedListing {
    id: i64,
}

/// Lease duration, after which another process may continue.
const HELD: Duration = Duration::from_secs(15);
/// Batch size; each query is compared with the whole batch at once.
const CHANGES: u32 = 2_000;

impl MatchStore<'_> {
    /// Processes one batch of recent listings, and notifies of matches that standing queries of one kind have missed.
    ///
    /// `holder` identifies the calling process; only one process does this at a time.
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

    /// Returns the number of matches that reconciliation has added for one kind, over all time and processes.
    pub async fn count_repaired(self, kind: QueryKind) -> Result<u64> {
        let select = sql::query_scalar("SELECT repaired FROM workers WHERE name = $1").bind(kind.as_str());
        let repaired: Option<i64> = select.fetch_optional(&mut self.store.reader().await?).await?;
        Ok(repaired.unwrap_or(0).cast_unsigned())
    }

    async fn next_part(self, from: ReconcileProgress) -> Result<ReconcilePart> {
        let conn = &mut self.store.reader().await?;
        let LogBounds { oldest, head } = events::bounds(conn).await?;
        let matching = ArrivalMatching::read(conn).await?;
        if let Some(after) = from.listings_after {
            let select = sql::query_scalar("SELECT id FROM listings WHERE id > $1 ORDER BY id LIMIT $2");
            let mut ids: Vec<i64> = select.bind(after).bind(CHANGES).fetch_all(&mut *conn).await?;
            let listings_after = ids.last().copied().filter(|_| ids.len() == CHANGES as usize);
            ids.retain(|id| !matching.is_listing_of_earlier_rules(*id));
            let listings = listings::known_by_ids(conn, &ids).await?;
            return Ok(ReconcilePart {
                listings,
                progress: ReconcileProgress { listings_after, ..from },
                is_last: false,
            });
        }
        if oldest.cast_signed() > from.cursor + 1 {
            // The pruned events may concern any listing, so all of them are compared.
            let progress = ReconcileProgress { cursor: oldest.cast_signed() - 1, listings_after: Some(0) };
            return Ok(ReconcilePart { listings: Vec::new(), progress, is_last: false });
        }
        // Several events may concern one listing; the set below compares it once, in its current state.
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
        let to_compare = events.iter().filter(|(seq, _)| !matching.is_event_of_earlier_rules(*seq));
        let ids = to_compare.map(changed).collect::<Result<BTreeSet<i64>>>()?;
        let listings = listings::known_by_ids(conn, &ids.into_iter().collect::<Vec<_>>()).await?;
        let is_last = events.len() < CHANGES as usize;
        let cursor = events.last().map(|(seq, _)| *seq).filter(|_| !is_last).unwrap_or(head.cast_signed());
        Ok(ReconcilePart { listings, progress: ReconcileProgress { cursor, listings_after: None }, is_last })
    }

    /// Returns the pairs of query and listing that match but have no hit.
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

/// Compares all queries with all listings, without the index.
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

/// Acquires the lease, unless another process holds it.
async fn hold(tx: &mut StoreTx, kind: QueryKind, holder: i64) -> Result<Option<ReconcileProgress>> {
    let hold = sql::query_as(
        "INSERT INTO workers (name, cursor, listings_after, holder, held_until, repaired) \
         VALUES ($1, 0, NULL, $2, $3, 0) \
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until \
         WHERE workers.holder = excluded.holder OR workers.held_until <= $4 OR workers.held_until > $5 \
         RETURNING cursor, listings_after",
    );
    let hold = hold.bind(kind.as_str()).bind(holder).bind(micros(tx.now + HELD)).bind(micros(tx.now));
    // A lease that ends later was acquired before the clock was set back.
    let hold = hold.bind(micros(tx.now + HELD + CLOCK_SKEW));
    Ok(hold.fetch_optional(&mut tx.conn).await?)
}

/// Notifies of missed matches and stores the position; `None` if another process has taken over the lease.
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

/// Filters the pairs that still match: queries and listings may have changed since they were read.
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
    // In order of arrival.
    finds.sort_by_key(|find| find.ids().1);
    Ok(finds)
}
