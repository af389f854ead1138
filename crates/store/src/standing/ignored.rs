//! Listings that a standing query is not to tell of, because its user said: not this one.

use std::sync::Arc;

use superbot_domain::{ListingId, QueryKind, UserId};

use super::facts::facts;
use super::notify::MatchCandidate;
use super::row::{self, StandingQueryRow};
use crate::error::{Result, StoreError};
use crate::handles::MatchStore;
use crate::listings;
use crate::sql;
use crate::tx::StoreTx;

/// What became of the wish not to hear of a listing, or to hear of it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IgnoreOutcome {
    /// The user has no such query.
    NoSuchQuery,
    /// There is no such listing.
    NoSuchListing,
    /// It is as was wished, whether it was so before or not.
    Done,
}

/// So many listings a query may ignore.
const MAX_IGNORED: i64 = 10_000;

impl MatchStore<'_> {
    /// Excludes a listing from what a query notifies of, or includes it again from now on.
    pub(super) async fn set_ignored(
        self,
        user: UserId,
        kind: QueryKind,
        query: i64,
        listing: ListingId,
        ignored: bool,
    ) -> Result<IgnoreOutcome> {
        self.store
            .write(async move |tx| {
                let Some(row) = row::find(&mut tx.conn, user, kind, query).await? else {
                    return Ok(IgnoreOutcome::NoSuchQuery);
                };
                // An ad is ignored however often it is put up.
                let first = listings::first_of(&mut tx.conn, listing).await?;
                let listing = first.unwrap_or(listing);
                let exists = first.is_some();
                let was_ignored = tx.is_ignored(query, listing).await?;
                // One that is ignored is known, also while it is pruned.
                if !was_ignored && !exists {
                    return Ok(IgnoreOutcome::NoSuchListing);
                }
                match (was_ignored, ignored) {
                    (false, true) => tx.ignore(query, listing).await?,
                    (true, false) => tx.stop_ignoring(&row, listing).await?,
                    (true, true) | (false, false) => {}
                }
                Ok(IgnoreOutcome::Done)
            })
            .await
    }
}

impl StoreTx {
    async fn is_ignored(&mut self, query: i64, listing: ListingId) -> Result<bool> {
        let select = "SELECT EXISTS (SELECT 1 FROM ignored_listings WHERE listing_id = $1 AND query_id = $2)";
        Ok(sql::query_scalar(select).bind(listing.get()).bind(query).fetch_one(&mut self.conn).await?)
    }

    async fn ignore(&mut self, query: i64, listing: ListingId) -> Result<()> {
        let count = sql::query_scalar("SELECT COUNT(*) FROM ignored_listings WHERE query_id = $1").bind(query);
        let count: i64 = count.fetch_one(&mut self.conn).await?;
        if count >= MAX_IGNORED {
            return Err(StoreError::TooManyIgnored(MAX_IGNORED));
        }
        let insert = "INSERT INTO ignored_listings (listing_id, query_id) VALUES ($1, $2)";
        sql::query(insert).bind(listing.get()).bind(query).execute(&mut self.conn).await?;
        self.collect_waiting(query, listing).await
    }

    /// What happened while it was ignored is not told afterwards either: it counts as found, now, and nobody is told.
    async fn stop_ignoring(&mut self, query: &StandingQueryRow, listing: ListingId) -> Result<()> {
        let delete = "DELETE FROM ignored_listings WHERE listing_id = $1 AND query_id = $2";
        sql::query(delete).bind(listing.get()).bind(query.id()).execute(&mut self.conn).await?;
        // A paused query begins anew when it is resumed.
        if !query.is_active() {
            return Ok(());
        }
        let criteria = query.criteria()?;
        let known = listings::with_reposts(&mut self.conn, listing).await?;
        let matching = known.into_iter().filter(|known| criteria.matches(&facts(&known.listing)));
        let found = matching
            .map(|known| MatchCandidate::new(query.id(), &Arc::new(known.listing), known.first_point, i64::MAX));
        self.collect_finds(&found.collect::<Vec<_>>()).await
    }
}
