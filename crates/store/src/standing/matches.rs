//! The standing queries of a user that matched a listing.

use std::collections::BTreeSet;

use superbot_domain::{ListingId, ListingMatch, Money, Price, UserId};
use superbot_matching::explain;

use super::facts::facts;
use super::notify::period_of_key;
use super::row::StandingQueryRow;
use crate::error::Result;
use crate::handles::MatchStore;
use crate::listings;
use crate::rows::{currency, price, timestamp};
use crate::sql::{self, Record, SelectRecord as _, sql_text};

/// A hit joined with its query.
#[derive(Record)]
struct MatchRow {
    #[record(nested)]
    query: StandingQueryRow,
    hit_minor: i64,
    hit_per: String,
    hit_price_kind: Option<String>,
    hit_price_minor: Option<i64>,
    hit_price_per: Option<String>,
    hit_currency: Option<String>,
    notified_at: Option<i64>,
    #[record(
        select = "EXISTS (SELECT 1 FROM ignored_listings WHERE listing_id = $1 AND query_id = standing_queries.id)"
    )]
    is_ignored: bool,
}

impl MatchStore<'_> {
    /// Returns the user's standing queries that matched a listing, each with its latest hit, newest first; `None` if
    /// the listing does not exist.
    pub async fn list(self, user: UserId, listing: ListingId) -> Result<Option<Vec<ListingMatch>>> {
        let conn = &mut self.store.reader().await?;
        let Some(listing) = listings::by_ids_in_order(conn, &[listing.get()]).await?.pop() else { return Ok(None) };
        let sql = sql_text!(
            "SELECT ",
            MatchRow::COLUMNS,
            " FROM standing_queries JOIN (SELECT hits.query_id, hits.point, hits.minor AS hit_minor, hits.price_per AS hit_per, \
             past.price_kind AS hit_price_kind, past.price_minor AS hit_price_minor, \
             past.price_per AS hit_price_per, past.currency AS hit_currency, \
             told.created_at AS notified_at \
             FROM hits LEFT JOIN price_history AS past ON past.id = hits.point \
             AND past.listing_id = COALESCE(hits.shown_id, hits.listing_id) \
             LEFT JOIN notifications AS told ON told.id = hits.notification_id WHERE hits.listing_id = $1) AS found \
             ON query_id = standing_queries.id WHERE user_id = $2 ORDER BY point DESC, id DESC"
        );
        let select = sql::query_as(sql).bind(listing.first_id().get()).bind(user.get());
        let hits: Vec<MatchRow> = select.fetch_all(conn).await?;
        let mut seen = BTreeSet::new();
        let last_of_each = hits.into_iter().filter(|hit| seen.insert(hit.query.id()));
        let read = |hit: MatchRow| {
            let verdict = explain(&hit.query.criteria()?, &facts(&listing));
            Ok(ListingMatch {
                kind: hit.query.kind(),
                id: hit.query.id(),
                name: hit.query.name().map(str::to_owned),
                keywords: hit.query.keywords().to_owned(),
                price: hit.price()?.map(|price| price.in_unit(listing.currency, listing.price.per())),
                told_at: hit.notified_at.map(timestamp).transpose()?,
                ignored: hit.is_ignored,
                still_matches: verdict.matches,
                because: verdict.because,
            })
        };
        last_of_each.map(read).collect::<Result<_>>().map(Some)
    }
}

impl MatchRow {
    fn price(&self) -> Result<Option<Price>> {
        if let (Some(kind), Some(code)) = (&self.hit_price_kind, &self.hit_currency) {
            return price(kind, self.hit_price_minor, self.hit_price_per.as_deref(), currency(code)?).map(Some);
        }
        // A pruned and revived listing has lost its price history, but an alert's hit stores the amount.
        let range = self.query.range()?;
        Ok(match self.hit_minor {
            0 => Some(Price::Free),
            minor @ 1.. => {
                let per = period_of_key(&self.hit_per)?;
                Some(Price::Amount(Money { minor, currency: range.currency }).per_unless_stated(per))
            }
            _ => None,
        })
    }
}
