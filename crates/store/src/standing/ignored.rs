//! Listings that a standing query ignores at its user's request.

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

/// Result of ignoring or un-ignoring a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IgnoreOutcome {
    /// The user has no such query.
    NoSuchQuery,
    /// There is no such listing.
    NoSuchListing,
    /// The listing is now in the requested state, whether or not it changed.
    Done,
}

/// Maximum number of ignored listings per query.
const MAX_IGNORED: i64 = 10_000;

impl MatchStore<'_> {
    /// Ignores a listing for a query, or stops ignoring it.
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
                let listing = listings::current_id(&mut tx.conn, listing).await?;
                // The original stands for all its reposts.
                let first = listings::first_of(&mut tx.conn, listing).await?;
                let listing = first.unwrap_or(listing);
                let exists = first.is_some();
                let was_ignored = tx.is_ignored(query, listing).await?;
                // An ignored listing can be un-ignored even while it is pruned.
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

    /// Stops ignoring a listing. What happened in between is recorded as found without notifying, so it is not reported
    /// later.
    async fn stop_ignoring(&mut self, query: &StandingQueryRow, listing: ListingId) -> Result<()> {
        let delete = "DELETE FROM ignored_listings WHERE listing_id = $1 AND query_id = $2";
        sql::query(delete).bind(listing.get()).bind(query.id()).execute(&mut self.conn).await?;
        // Resuming a paused query resets it anyway.
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
