//! Tells users what was found for them, once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;
use sqlx::QueryBuilder;
use superbot_domain::{
    Hit, JsonObject, Listing, NotificationDraft, NotificationId, PricePoint, Timestamp, UserId, due,
};

use super::row::{COLUMNS, PRICE_ALERT, Row, SAVED_SEARCH};
use crate::rows::{currency, micros, price};
use crate::sqlite::{Tx, chunks};
use crate::store::Store;
use crate::{Result, listings};

/// A listing as it was when it was found for a query.
pub(crate) struct Find {
    query: i64,
    listing: Arc<Listing>,
    /// The price point that the listing was first seen with.
    first: i64,
    point: PricePoint,
}

/// What is known of the finds, read at once.
struct Known {
    queries: HashMap<i64, Row>,
    points: HashMap<i64, Vec<PricePoint>>,
    hits: HashMap<(i64, i64), Vec<Hit>>,
}

struct HitRow {
    listing: i64,
    query: i64,
    minor: i64,
    point: i64,
    /// `None` while it waits; 0 where nobody wants to be told.
    notification: Option<i64>,
}

/// Nobody is told of it: its query only collects.
const COLLECTED: i64 = 0;
/// So many listings a notification shows.
const MAX_SHOWN: usize = 10;

impl Store {
    /// Tells what waits for price alerts whose cooldown is over; gives how many were told, at most `limit`.
    pub async fn tell_waiting_alerts(&self, now: Timestamp, limit: u32) -> Result<usize> {
        self.tell_waiting(PRICE_ALERT, now, limit).await
    }

    /// Tells what waits for saved searches whose time has come; gives how many were told, at most `limit`.
    pub async fn tell_waiting_searches(&self, now: Timestamp, limit: u32) -> Result<usize> {
        self.tell_waiting(SAVED_SEARCH, now, limit).await
    }

    async fn tell_waiting(&self, kind: &'static str, now: Timestamp, limit: u32) -> Result<usize> {
        self.write(move |tx| {
            Box::pin(async move {
                let sql = format!(
                    "SELECT {COLUMNS} FROM standing_queries WHERE kind = $1 AND active AND tells \
                     AND (told_at IS NULL OR told_at + quiet_minutes * 60000000 <= $2) \
                     AND id IN (SELECT query_id FROM hits WHERE notification_id IS NULL) \
                     AND user_id IN (SELECT id FROM users WHERE NOT disabled) LIMIT $3"
                );
                let select = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(kind).bind(micros(now)).bind(limit);
                let rows: Vec<Row> = select.fetch_all(&mut tx.conn).await?;
                for row in &rows {
                    tx.tell_joined(row).await?;
                }
                Ok(rows.len())
            })
        })
        .await
    }
}

impl Tx {
    /// The queries that a listing matches at this price point.
    pub(crate) fn find_queries(&mut self, listing: &Listing, first: i64, point: i64, finds: &mut Vec<Find>) {
        let point = PricePoint { id: point, price: listing.price };
        let found = self.live.matches(listing);
        if !found.is_empty() {
            let listing = Arc::new(listing.clone());
            let find = |query: &superbot_matching::QueryId| Find {
                query: query.0.into(),
                listing: Arc::clone(&listing),
                first,
                point,
            };
            finds.extend(found.iter().map(find));
        }
    }

    /// Notes what is due and tells what is to be told at once.
    pub(crate) async fn tell_finds(&mut self, finds: &[Find]) -> Result<()> {
        if finds.is_empty() {
            return Ok(());
        }
        let mut known = self.known_of(finds).await?;
        let (mut rows, mut waiting) = (Vec::new(), BTreeSet::new());
        for find in finds {
            let Some(query) = known.queries.get(&find.query) else { continue };
            let listing = find.listing.id.get();
            let points = known.points.get(&listing).map(Vec::as_slice).unwrap_or_default();
            let until = points.partition_point(|point| point.id <= find.point.id);
            let hits = known.hits.entry((listing, find.query)).or_default();
            let range = query.range()?;
            let Some(hit) = due(query.standing(), find.first, &points[..until], hits, |price| range.admits(price))
            else {
                continue;
            };
            hits.push(hit);
            let notification = if !query.tells {
                Some(COLLECTED)
            } else if query.is_alert() && query.quiet_minutes == 0 {
                let data = query.notification(1, std::slice::from_ref(&*find.listing))?;
                Some(self.notify_owner(query, data).await?.get())
            } else {
                waiting.insert(find.query);
                None
            };
            // A search counts a listing once, whatever its price.
            let minor = if query.is_alert() { hit.minor } else { -1 };
            rows.push(HitRow { listing, query: find.query, minor, point: hit.point, notification });
        }
        insert_hits(self, &rows).await?;
        for query in waiting.iter().filter_map(|id| known.queries.get(id)) {
            let over = query.told_at.is_none_or(|told| told + query.quiet_minutes * 60_000_000 <= micros(self.now));
            // A search that tells every so often is told by the worker, so that it gathers what comes in between.
            if if query.is_alert() { over } else { query.quiet_minutes == 0 } {
                self.tell_joined(query).await?;
            }
        }
        Ok(())
    }

    /// Tells everything that waits for a query in one notification.
    async fn tell_joined(&mut self, query: &Row) -> Result<()> {
        let waiting: Vec<i64> = sqlx::query_scalar(
            "SELECT listing_id FROM hits WHERE query_id = $1 AND notification_id IS NULL ORDER BY point DESC",
        )
        .bind(query.id)
        .fetch_all(&mut self.conn)
        .await?;
        let mut shown: Vec<i64> = Vec::new();
        for id in &waiting {
            if shown.len() < MAX_SHOWN && !shown.contains(id) {
                shown.push(*id);
            }
        }
        let mut found = listings::by_ids(&mut self.conn, &shown).await?;
        found.sort_by_key(|listing| shown.iter().position(|id| *id == listing.id.get()));
        // What was pruned before its time came is gone; there is nothing left to show.
        let notification = if found.is_empty() {
            COLLECTED
        } else {
            let data = query.notification(waiting.len(), &found)?;
            self.notify_owner(query, data).await?.get()
        };
        sqlx::query("UPDATE hits SET notification_id = $1 WHERE query_id = $2 AND notification_id IS NULL")
            .bind(notification)
            .bind(query.id)
            .execute(&mut self.conn)
            .await?;
        let told = sqlx::query("UPDATE standing_queries SET told_at = $1 WHERE id = $2");
        told.bind(micros(self.now)).bind(query.id).execute(&mut self.conn).await?;
        Ok(())
    }

    async fn notify_owner(&mut self, query: &Row, data: Value) -> Result<NotificationId> {
        let kind = if query.is_alert() { PRICE_ALERT } else { SAVED_SEARCH };
        let draft = NotificationDraft::new(kind, JsonObject::from_value(&data)?)?;
        Ok(self.insert_notification(UserId::from(query.user_id), draft).await?.0)
    }

    async fn known_of(&mut self, finds: &[Find]) -> Result<Known> {
        let distinct = |ids: BTreeSet<i64>| ids.into_iter().collect::<Vec<i64>>();
        let queries = distinct(finds.iter().map(|find| find.query).collect());
        let listings = distinct(finds.iter().map(|find| find.listing.id.get()).collect());
        let mut known = Known { queries: HashMap::new(), points: HashMap::new(), hits: HashMap::new() };
        let select = format!("SELECT {COLUMNS} FROM standing_queries WHERE id IN (");
        for chunk in chunks(&queries) {
            let rows: Vec<Row> = select_in(&select, chunk, "").build_query_as().fetch_all(&mut self.conn).await?;
            known.queries.extend(rows.into_iter().map(|row| (row.id, row)));
        }
        let select =
            "SELECT listing_id, id, price_kind, price_minor, currency FROM price_history WHERE listing_id IN (";
        for chunk in chunks(&listings) {
            let mut query = select_in(select, chunk, " ORDER BY listing_id, id");
            let rows: Vec<(i64, i64, String, Option<i64>, String)> =
                query.build_query_as().fetch_all(&mut self.conn).await?;
            for (listing, id, kind, minor, code) in rows {
                let price = price(&kind, minor, currency(&code)?)?;
                known.points.entry(listing).or_default().push(PricePoint { id, price });
            }
        }
        let select = "SELECT listing_id, query_id, minor, point FROM hits WHERE listing_id IN (";
        for chunk in chunks(&listings) {
            let rows: Vec<(i64, i64, i64, i64)> =
                select_in(select, chunk, "").build_query_as().fetch_all(&mut self.conn).await?;
            for (listing, query, minor, point) in rows {
                known.hits.entry((listing, query)).or_default().push(Hit { point, minor });
            }
        }
        Ok(known)
    }
}

impl Row {
    /// What its owner is told: how many were found, and the newest of them, the newest first.
    fn notification(&self, count: usize, newest_first: &[Listing]) -> Result<Value> {
        let Some(newest) = newest_first.first() else { return Ok(Value::Null) };
        Ok(if self.is_alert() {
            let alert = self.clone().into_alert()?;
            alert.wants.notification(alert.id, newest, count, newest_first)
        } else {
            let search = self.clone().into_search()?;
            search.wants.notification(search.id, count, newest_first)
        })
    }
}

fn select_in(select: &str, ids: &[i64], order: &str) -> QueryBuilder<sqlx::Sqlite> {
    let mut query = QueryBuilder::new(select);
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(*id);
    }
    query.push(")").push(order);
    query
}

async fn insert_hits(tx: &mut Tx, rows: &[HitRow]) -> Result<()> {
    for chunk in chunks(rows) {
        let mut insert = QueryBuilder::new("INSERT INTO hits (listing_id, query_id, minor, point, notification_id) ");
        insert.push_values(chunk, |mut row, hit| {
            row.push_bind(hit.listing).push_bind(hit.query).push_bind(hit.minor).push_bind(hit.point);
            row.push_bind(hit.notification);
        });
        insert.build().execute(&mut tx.conn).await?;
    }
    Ok(())
}
