//! Hits at prices that an earlier version of the reader misread.

use std::collections::BTreeMap;

use superbot_domain::{Price, PriceRecord, QueryHit};

use super::notify::{HitRow, insert_hits};
use super::row::{COLUMNS, StandingQueryRow};
use crate::error::Result;
use crate::listings::price_history::CorrectedPrice;
use crate::sql::{self, Record, SelectRecord as _, chunks, where_in};
use crate::tx::StoreTx;

/// A hit with the state of its ad.
#[derive(Clone, Record)]
struct AdHit {
    #[record(nested)]
    row: HitRow,
    /// The newest point of the ad's price history; `None` if it was pruned.
    #[record(
        select = "(SELECT MAX(id) FROM price_history WHERE listing_id = COALESCE(hits.shown_id, hits.listing_id))"
    )]
    newest_point: Option<i64>,
}

impl StoreTx {
    /// Corrects the hits of listings whose prices an earlier reader misread, so that a later change is judged by what the prices
    /// really are. No one is notified.
    ///
    /// - A hit of a query whose limits exclude the corrected price never was a match: it is deleted, whether its notification is
    ///   waiting or was sent, and the listing counts as new to the query once its price is within the limits.
    /// - Otherwise the newest hit of an alert is at the corrected price. Earlier hits of the same ad that are lower, or for another
    ///   period, are deleted, because they may be misread as well and would hide a later fall.
    pub(crate) async fn correct_hits(&mut self, prices: &[CorrectedPrice]) -> Result<()> {
        let price_of: BTreeMap<i64, Price> = prices.iter().map(|fixed| (fixed.listing.get(), fixed.price)).collect();
        let mut hits: BTreeMap<(i64, i64), Vec<AdHit>> = BTreeMap::new();
        let select = format!(
            "SELECT {} FROM hits WHERE listing_id IN (SELECT COALESCE(reposted_of, id) FROM listings WHERE id IN (",
            AdHit::COLUMNS
        );
        for chunk in chunks(&price_of.keys().copied().collect::<Vec<_>>()) {
            let select = where_in(&select, chunk, ") ORDER BY point");
            let rows: Vec<AdHit> = select.build_query_as().fetch_all(&mut self.conn).await?;
            for hit in rows {
                hits.entry((hit.row.query_id, hit.row.listing_id)).or_default().push(hit);
            }
        }
        let mut queries: Vec<i64> = hits.keys().map(|(query, _)| *query).collect();
        queries.dedup();
        let select = format!("SELECT {COLUMNS} FROM standing_queries WHERE id IN (");
        for chunk in chunks(&queries) {
            let rows: Vec<StandingQueryRow> =
                where_in(&select, chunk, "").build_query_as().fetch_all(&mut self.conn).await?;
            for query in rows {
                for (_, hits) in hits.range((query.id(), i64::MIN)..=(query.id(), i64::MAX)) {
                    self.correct_hits_of(&query, hits, &price_of).await?;
                }
            }
        }
        Ok(())
    }

    /// Corrects the hits of one query for an ad and its reposts, oldest first.
    async fn correct_hits_of(
        &mut self,
        query: &StandingQueryRow,
        hits: &[AdHit],
        price_of: &BTreeMap<i64, Price>,
    ) -> Result<()> {
        let range = query.range()?;
        let mut kept: Vec<QueryHit> = Vec::new();
        // The newest first: it is the one that stays.
        let mut corrected: Vec<(&AdHit, QueryHit)> = Vec::new();
        for hit in hits.iter().rev() {
            let known = hit.row.hit()?;
            let Some(price) = price_of.get(&hit.row.shown()) else {
                kept.push(known);
                continue;
            };
            let is_match = range.admits(price);
            if is_match && !query.is_alert() {
                continue;
            }
            let right = QueryHit::at(PriceRecord { id: hit.newest_point.unwrap_or(known.point), price: *price });
            let is_newest = !corrected.iter().any(|(newest, _)| newest.row.shown() == hit.row.shown());
            if is_match && !is_newest && known.per == right.per && known.minor > right.minor {
                kept.push(known);
                continue;
            }
            self.delete_hit(&hit.row).await?;
            if is_match && is_newest {
                corrected.push((hit, right));
            }
        }
        // After all deletions, since no two hits have the same price.
        let mut rows = Vec::new();
        for (hit, right) in corrected {
            if !kept.iter().any(|kept| (kept.minor, kept.per) == (right.minor, right.per)) {
                rows.push(hit.row.at(right));
                kept.push(right);
            }
        }
        insert_hits(&mut self.conn, &rows).await
    }

    async fn delete_hit(&mut self, hit: &HitRow) -> Result<()> {
        let delete = "DELETE FROM hits WHERE listing_id = $1 AND query_id = $2 AND minor = $3 AND price_per = $4";
        let delete = sql::query(delete).bind(hit.listing_id).bind(hit.query_id).bind(hit.minor).bind(&hit.price_per);
        delete.execute(&mut self.conn).await?;
        Ok(())
    }
}
