//! Notifies users of matches, each once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use superbot_domain::{
    CLOCK_SKEW, Listing, ListingId, NewPriceAlert, NewSavedSearch, NotificationDraft, PricePeriod, PriceRecord,
    QueryHit, QueryKind, Timestamp, UserId, evaluate_alert,
};
use superbot_wire::{NotificationData as _, PriceAlertData, SavedSearchData};

use super::facts::facts;
use super::row::{COLUMNS, LIVE, StandingQueryRow};
use crate::error::{Result, StoreError};
use crate::handles::MatchStore;
use crate::listings;
use crate::rows::{currency, micros, period, price};
use crate::sql::{self, QueryBuilder, Record, SqlConn, chunks, where_in};
use crate::tx::StoreTx;

/// A listing that matched a query, with its state at that time.
pub(crate) struct MatchCandidate {
    query: i64,
    listing: Arc<Listing>,
    /// Price point at which the listing was first seen.
    first: i64,
    /// The last price point to be considered.
    upto: i64,
}

/// Stored state needed to evaluate a batch of finds.
pub(super) struct MatchState {
    queries: HashMap<i64, StandingQueryRow>,
    points: HashMap<i64, Vec<PriceRecord>>,
    /// Keyed by the id of the original ad and of the query.
    hits: HashMap<(i64, i64), Vec<QueryHit>>,
    /// Pairs of listing and query to be ignored.
    ignored: HashSet<(i64, i64)>,
}

/// Of a row of `price_history`: the listing, the number of the point, and the price with its kind, amount, period and currency.
type PointRow = (i64, i64, String, Option<i64>, Option<String>, String);

#[derive(Clone, Record)]
#[record(table = "hits")]
pub(super) struct HitRow {
    /// The original ad of the listing.
    pub(super) listing_id: i64,
    pub(super) query_id: i64,
    pub(super) minor: i64,
    /// The period of the price; empty for that of a sale, as a key's column cannot be NULL.
    pub(super) price_per: String,
    point: i64,
    /// `None` while waiting for a notification; [`COLLECTED`] if there will be none.
    notification_id: Option<i64>,
    /// The matching ad, if it is a repost.
    shown_id: Option<i64>,
}

/// Marks hits without notification: the query only collects, or ignores the listing.
const COLLECTED: i64 = 0;
/// Maximum number of listings in one notification.
const MAX_SHOWN: usize = 10;

impl MatchStore<'_> {
    /// Delivers waiting notifications of queries whose cooldown has ended or whose interval has passed. Returns the
    /// number of queries processed, at most `limit`.
    pub async fn notify_waiting(self, kind: QueryKind, now: Timestamp, limit: u32) -> Result<usize> {
        self.store
            .write(async move |tx| {
                let sql = format!(
                    "SELECT {COLUMNS} FROM standing_queries WHERE kind = $1 AND {LIVE} AND tells \
                     AND NOT EXISTS (SELECT 1 FROM told_queries WHERE query_id = standing_queries.id \
                     AND told_at + quiet_minutes * 60000000 > $2 AND told_at <= $3) \
                     AND id IN (SELECT query_id FROM hits WHERE notification_id IS NULL) LIMIT $4"
                );
                let select = sql::query_as(sqlx::AssertSqlSafe(sql)).bind(kind.as_str()).bind(micros(now));
                // A later timestamp was recorded before the clock was set back.
                let select = select.bind(micros(now + CLOCK_SKEW)).bind(limit);
                let rows: Vec<StandingQueryRow> = select.fetch_all(&mut tx.conn).await?;
                for row in &rows {
                    tx.notify_joined(row).await?;
                }
                Ok(rows.len())
            })
            .await
    }
}

impl StoreTx {
    /// Appends the queries that match a listing at a price point.
    pub(crate) fn find_queries(&mut self, listing: &Listing, first: i64, point: i64, finds: &mut Vec<MatchCandidate>) {
        if !self.match_on_arrival {
            return;
        }
        let found = self.queries.matches(&facts(listing));
        if !found.is_empty() {
            let listing = Arc::new(listing.clone());
            finds.extend(found.iter().map(|query| MatchCandidate::new(query.0.into(), &listing, first, point)));
        }
    }

    /// Stores due hits, and sends the notifications that are due now. Returns the number of hits.
    pub(crate) async fn notify_matches(&mut self, finds: &[MatchCandidate]) -> Result<usize> {
        if finds.is_empty() {
            return Ok(0);
        }
        let mut known = MatchState::read(&mut self.conn, finds).await?;
        let mut rows = Vec::new();
        let mut waiting = BTreeSet::new();
        let mut at_once = Vec::new();
        for find in finds {
            let Some(hit) = known.due(find)? else { continue };
            let Some(query) = known.queries.get(&find.query) else { continue };
            // Recorded at once, so that a later find of the same batch does not count again.
            known.hits.entry(find.key()).or_default().push(hit);
            let notification = if !query.tells {
                Some(COLLECTED)
            } else if query.is_alert() && query.quiet_minutes == 0 {
                let draft = query.draft(1, std::slice::from_ref(&*find.listing))?;
                at_once.push((rows.len(), (UserId::from(query.user_id), draft)));
                // The id is filled in below, once all notifications of the batch are inserted together.
                None
            } else {
                waiting.insert(find.query);
                None
            };
            rows.push(HitRow::new(query, &find.listing, hit, notification));
        }
        let (places, drafts): (Vec<usize>, Vec<_>) = at_once.into_iter().unzip();
        if !drafts.is_empty() {
            let mut notified = BTreeSet::new();
            for (place, id) in places.into_iter().zip(self.insert_notifications(drafts).await?) {
                rows[place].notification_id = Some(id.get());
                notified.insert(rows[place].query_id);
            }
            self.record_notified(&Vec::from_iter(notified)).await?;
        }
        insert_hits(&mut self.conn, &rows).await?;
        for query in waiting.iter().filter_map(|id| known.queries.get(id)) {
            let now = micros(self.now);
            let ahead = micros(self.now + CLOCK_SKEW);
            let is_over = |notified: i64| notified + query.quiet_minutes * 60_000_000 <= now || notified > ahead;
            let over = query.told_at.is_none_or(is_over);
            // A search with an interval is left to the worker, which combines all matches of the interval.
            if if query.is_alert() { over } else { query.quiet_minutes == 0 } {
                self.notify_joined(query).await?;
            }
        }
        Ok(rows.len())
    }

    /// Stores due hits without notifying.
    pub(super) async fn collect_finds(&mut self, finds: &[MatchCandidate]) -> Result<()> {
        let mut known = MatchState::read(&mut self.conn, finds).await?;
        let mut rows = Vec::new();
        for find in finds {
            if let (Some(hit), Some(query)) = (known.due(find)?, known.queries.get(&find.query)) {
                rows.push(HitRow::new(query, &find.listing, hit, Some(COLLECTED)));
                known.hits.entry(find.key()).or_default().push(hit);
            }
        }
        insert_hits(&mut self.conn, &rows).await
    }

    /// Marks a listing's waiting hits of a query as not to be notified; `listing` is the original ad.
    pub(super) async fn collect_waiting(&mut self, query: i64, listing: ListingId) -> Result<()> {
        let update = "UPDATE hits SET notification_id = $1 \
             WHERE listing_id = $2 AND query_id = $3 AND notification_id IS NULL";
        let update = sql::query(update).bind(COLLECTED).bind(listing.get()).bind(query);
        update.execute(&mut self.conn).await?;
        Ok(())
    }

    /// Combines everything that waits for a query into one notification.
    async fn notify_joined(&mut self, query: &StandingQueryRow) -> Result<()> {
        let waiting: Vec<i64> = sql::query_scalar(
            "SELECT COALESCE(shown_id, listing_id) FROM hits WHERE query_id = $1 AND notification_id IS NULL \
             ORDER BY point DESC",
        )
        .bind(query.id())
        .fetch_all(&mut self.conn)
        .await?;
        let mut shown: Vec<i64> = Vec::new();
        for id in &waiting {
            if shown.len() < MAX_SHOWN && !shown.contains(id) {
                shown.push(*id);
            }
        }
        let found = listings::by_ids_in_order(&mut self.conn, &shown).await?;
        // All listings were pruned in the meantime, so there is nothing to show.
        let notification = if found.is_empty() {
            COLLECTED
        } else {
            let draft = query.draft(waiting.len(), &found)?;
            self.insert_notification(UserId::from(query.user_id), draft).await?.0.get()
        };
        let update = "UPDATE hits SET notification_id = $1 WHERE query_id = $2 AND notification_id IS NULL";
        sql::query(update).bind(notification).bind(query.id()).execute(&mut self.conn).await?;
        self.record_notified(&[query.id()]).await
    }

    async fn record_notified(&mut self, queries: &[i64]) -> Result<()> {
        let now = micros(self.now);
        for chunk in chunks(queries) {
            let mut upsert = QueryBuilder::new("INSERT INTO told_queries (query_id, told_at) ");
            upsert.push_values(chunk, |mut row, id| {
                row.push_bind(*id).push_bind(now);
            });
            upsert.push(" ON CONFLICT (query_id) DO UPDATE SET told_at = excluded.told_at");
            upsert.build().execute(&mut self.conn).await?;
        }
        Ok(())
    }
}

impl MatchCandidate {
    /// Returns the ids of the query and the listing.
    pub(super) fn ids(&self) -> (i64, i64) {
        (self.query, self.listing.id.get())
    }

    /// Returns the key of its hits: the original ad and the query.
    fn key(&self) -> (i64, i64) {
        (self.listing.first_id().get(), self.query)
    }

    /// Creates a find that considers price points up to `upto`.
    pub(super) fn new(query: i64, listing: &Arc<Listing>, first: i64, upto: i64) -> Self {
        Self { query, listing: Arc::clone(listing), first, upto }
    }
}

impl MatchState {
    pub(super) async fn read(conn: &mut SqlConn, finds: &[MatchCandidate]) -> Result<Self> {
        let distinct = |ids: BTreeSet<i64>| ids.into_iter().collect::<Vec<i64>>();
        let queries = distinct(finds.iter().map(|find| find.query).collect());
        let listings = distinct(finds.iter().map(|find| find.listing.id.get()).collect());
        let firsts = distinct(finds.iter().map(|find| find.listing.first_id().get()).collect());
        let queries_by_id = HashMap::new();
        let points = HashMap::new();
        let hits = HashMap::new();
        let mut known = Self { queries: queries_by_id, points, hits, ignored: HashSet::new() };
        let select = format!("SELECT {COLUMNS} FROM standing_queries WHERE id IN (");
        for chunk in chunks(&queries) {
            let rows: Vec<StandingQueryRow> =
                where_in(&select, chunk, "").build_query_as().fetch_all(&mut *conn).await?;
            known.queries.extend(rows.into_iter().map(|row| (row.id(), row)));
        }
        let select = "SELECT listing_id, id, price_kind, price_minor, price_per, currency FROM price_history WHERE listing_id IN (";
        for chunk in chunks(&listings) {
            let query = where_in(select, chunk, " ORDER BY listing_id, id");
            let rows: Vec<PointRow> = query.build_query_as().fetch_all(&mut *conn).await?;
            for (listing, id, kind, minor, per, code) in rows {
                let price = price(&kind, minor, per.as_deref(), currency(&code)?)?;
                known.points.entry(listing).or_default().push(PriceRecord { id, price });
            }
        }
        let select = "SELECT listing_id, query_id, minor, price_per, point FROM hits WHERE listing_id IN (";
        for chunk in chunks(&firsts) {
            let rows: Vec<(i64, i64, i64, String, i64)> =
                where_in(select, chunk, "").build_query_as().fetch_all(&mut *conn).await?;
            for (listing, query, minor, per, point) in rows {
                let per = period_of_key(&per)?;
                known.hits.entry((listing, query)).or_default().push(QueryHit { point, minor, per });
            }
        }
        let select = "SELECT listing_id, query_id FROM ignored_listings WHERE listing_id IN (";
        for chunk in chunks(&firsts) {
            let rows: Vec<(i64, i64)> = where_in(select, chunk, "").build_query_as().fetch_all(&mut *conn).await?;
            known.ignored.extend(rows);
        }
        Ok(known)
    }

    /// Evaluates a find against the rules; returns the hit to be stored, if it is due.
    pub(super) fn due(&self, find: &MatchCandidate) -> Result<Option<QueryHit>> {
        let Some(query) = self.queries.get(&find.query) else { return Ok(None) };
        if self.ignored.contains(&find.key()) {
            return Ok(None);
        }
        let points = self.points.get(&find.listing.id.get()).map(Vec::as_slice).unwrap_or_default();
        let upto = points.partition_point(|point| point.id <= find.upto);
        let hits = self.hits.get(&find.key()).map(Vec::as_slice).unwrap_or_default();
        let range = query.range()?;
        Ok(evaluate_alert(query.standing(), find.first, &points[..upto], hits, |price| range.admits(price)))
    }
}

impl HitRow {
    fn new(query: &StandingQueryRow, listing: &Listing, hit: QueryHit, notification_id: Option<i64>) -> Self {
        // A search counts a listing once, whatever its price; -1 is the same key each time.
        let (minor, per) = if query.is_alert() { (hit.minor, hit.per) } else { (-1, None) };
        let price_per = period_key(per);
        let first = listing.first_id().get();
        let shown = listing.id.get();
        let shown_id = (shown != first).then_some(shown);
        Self { listing_id: first, query_id: query.id(), minor, price_per, point: hit.point, notification_id, shown_id }
    }

    /// The hit at another price.
    pub(super) fn at(&self, hit: QueryHit) -> Self {
        Self { minor: hit.minor, price_per: period_key(hit.per), point: hit.point, ..self.clone() }
    }

    /// The ad that matched: the original one, or a repost of it.
    pub(super) fn shown(&self) -> i64 {
        self.shown_id.unwrap_or(self.listing_id)
    }

    pub(super) fn hit(&self) -> Result<QueryHit> {
        Ok(QueryHit { point: self.point, minor: self.minor, per: period_of_key(&self.price_per)? })
    }
}

/// A period as part of a hit's key.
fn period_key(per: Option<PricePeriod>) -> String {
    per.map_or("", PricePeriod::as_str).to_owned()
}

pub(super) fn period_of_key(key: &str) -> Result<Option<PricePeriod>> {
    period(Some(key).filter(|key| !key.is_empty()))
}

impl StandingQueryRow {
    /// Builds the notification: the number of matches, and the newest ones, newest first.
    fn draft(&self, count: usize, newest_first: &[Listing]) -> Result<NotificationDraft> {
        let draft = |shown: &[Listing]| match shown.first() {
            Some(newest) if self.is_alert() => {
                let alert = self.clone().into_query::<NewPriceAlert>()?;
                Ok(PriceAlertData::new(alert.id, &alert.wants, newest, count, shown).draft()?)
            }
            _ => {
                let search = self.clone().into_query::<NewSavedSearch>()?;
                Ok(SavedSearchData::new(search.id, &search.wants, count, shown).draft()?)
            }
        };
        // Notifications have a size limit, which ten listings with long texts may exceed; then only the newest is
        // included.
        draft(newest_first).or_else(|_: StoreError| draft(&newest_first[..newest_first.len().min(1)]))
    }
}

pub(super) async fn insert_hits(conn: &mut SqlConn, rows: &[HitRow]) -> Result<()> {
    for chunk in chunks(rows) {
        sql::insert(chunk.iter().cloned()).build().execute(conn).await?;
    }
    Ok(())
}
