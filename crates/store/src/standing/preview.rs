//! What a price alert or a saved search would have found among the listings that are stored.

use std::time::Duration;

use superbot_db::DbError;
use superbot_domain::{BoundedCount, Listing, NearMiss, QueryPreview, Timestamp};
use superbot_matching::{Criteria, Expr, explain};
use tokio::time::Instant;

use super::facts::facts;
use crate::error::{Result, StoreError};
use crate::handles::MatchStore;
use crate::listings;
use crate::listings::words::{self, Spellings, Text, check_merges};
use crate::page::COUNTED;
use crate::rows::{micros, timestamp};
use crate::search_reader::SearchReader;
use crate::sql::{self, Conn};

const WINDOW: Duration = Duration::from_hours(30 * 24);
const WEEK: Duration = Duration::from_hours(7 * 24);
/// A rate says nothing when it is taken from less than this.
const SHORTEST: Duration = Duration::from_hours(24);
const SAMPLE: usize = 10;
/// Listings among which matches are counted, the newest: SQLite intersects the word lists of so many in 10 ms, ...
const SEARCHED_BY_SQLITE: i64 = 500_000;
/// ... and Postgres compares the words of so many in 25 ms, as its index does not know in which column a word is.
const SEARCHED_BY_POSTGRES: i64 = 20_000;
const NEAR_MISSES: usize = 5;
/// For near misses so many of the newest listings are looked at,
const NEAR: i64 = 50_000;
/// leaving out one clause at a time, so many times at most,
const RELAXATIONS: usize = 12;
/// and no longer than somebody who is typing cares to wait.
const PATIENCE: Duration = Duration::from_millis(100);

/// Candidates for near misses that are read for each relaxation; the index rounds prices, so some of them are none.
const CANDIDATES: i64 = 10;

/// The condition on prices, which the full-text index rounds; a price that cannot be within limits is unknown to it.
const WITHIN: &str = " AND (price_minor IS NULL OR price_minor BETWEEN $4 AND $5)";

impl MatchStore<'_> {
    /// What of the stored listings meets the criteria.
    pub(super) async fn preview(self, criteria: &Criteria) -> Result<QueryPreview> {
        let mut reader = self.store.search_reader().await?;
        let searched = reader.dialect().pick(SEARCHED_BY_SQLITE, SEARCHED_BY_POSTGRES);
        self.preview_among(searched, criteria, &mut reader).await
    }

    async fn preview_among(
        self,
        searched: i64,
        criteria: &Criteria,
        reader: &mut SearchReader,
    ) -> Result<QueryPreview> {
        let Some(expression) = words::expression(criteria) else { return Ok(empty_preview(self.store.now())) };
        let now = self.store.now();
        let started = Instant::now();
        let window = Window::before(reader, now).await?;
        let mut spellings = Spellings::default();
        let expression = spellings.spell_out(expression, reader).await?;
        check_merges(&expression, reader.dialect())?;
        let search = Search { started, criteria, window };
        let found = search.find_newest(searched, reader, &expression).await?;
        let Found { count: counted, searched, .. } = found;
        let is_window = searched.first == window.first;
        let since = match found.oldest {
            // Those that were not counted are older.
            Some(oldest) if counted > COUNTED => searched.since_listing(reader, oldest).await?.since,
            _ => searched.since,
        };
        let since = since.min(micros(now - SHORTEST));
        let at_least = BoundedCount::AtLeast(counted.min(COUNTED).unsigned_abs());
        let count = if counted <= COUNTED && is_window { BoundedCount::of(counted) } else { at_least };
        let sample = listings::by_ids_in_order(reader, &found.newest).await?;
        // The last: if the time is up, what has been found is worth showing without them.
        let near_misses = search.near_misses(&mut spellings, reader).await?;
        let span = Duration::from_micros((micros(now) - since).max(1).unsigned_abs());
        #[expect(clippy::cast_precision_loss, reason = "it is at most 10,000")]
        let per_week = counted.min(COUNTED) as f64 * WEEK.as_secs_f64() / span.as_secs_f64();
        let per_week = (per_week * 10.0).round() / 10.0;
        Ok(QueryPreview { count, per_week, since: timestamp(since)?, sample, near_misses })
    }
}

fn empty_preview(now: Timestamp) -> QueryPreview {
    QueryPreview {
        count: BoundedCount::Exactly(0),
        per_week: 0.0,
        since: now - SHORTEST,
        sample: Vec::new(),
        near_misses: Vec::new(),
    }
}

/// Where in time a preview looks.
#[derive(Clone, Copy)]
struct Window {
    /// 30 days ago, or when the first listing was seen, in microseconds.
    since: i64,
    /// The numbers of the first and the last listing.
    first: i64,
    last: i64,
}

struct Search<'a> {
    started: Instant,
    criteria: &'a Criteria,
    window: Window,
}

/// What was found.
struct Found {
    /// One more than is counted exactly, at most.
    count: i64,
    /// The number of the oldest that was counted.
    oldest: Option<i64>,
    /// The numbers of the newest.
    newest: Vec<i64>,
    /// Where it was looked for.
    searched: Window,
}

impl Window {
    async fn before(conn: &mut Conn, now: Timestamp) -> Result<Self> {
        let first =
            "SELECT first_seen_at, id FROM listings WHERE first_seen_at >= $1 ORDER BY first_seen_at, id LIMIT 1";
        let first: Option<(i64, i64)> =
            sql::query_as(first).bind(micros(now - WINDOW)).fetch_optional(&mut *conn).await?;
        let last: Option<i64> = sql::query_scalar("SELECT MAX(id) FROM listings").fetch_one(conn).await?;
        let (since, first) = first.unwrap_or((micros(now - WINDOW), i64::MAX));
        Ok(Self { since, first, last: last.unwrap_or(0) })
    }

    /// The part from that listing on.
    async fn since_listing(self, conn: &mut Conn, first: i64) -> Result<Self> {
        let since = "SELECT first_seen_at FROM listings WHERE id >= $1 ORDER BY id LIMIT 1";
        let since: Option<i64> = sql::query_scalar(since).bind(first).fetch_optional(conn).await?;
        // Imported listings have new numbers and old times.
        Ok(Self { since: since.map_or(self.since, |since| since.max(self.since)), first, ..self })
    }
}

impl Search<'_> {
    /// What is found among the newest listings, or in the whole window where that is hardly anything.
    async fn find_newest(&self, most: i64, reader: &mut SearchReader, expression: &Text) -> Result<Found> {
        let first = self.window.last - most + 1;
        if first > self.window.first {
            let newest = self.window.since_listing(reader, first).await?;
            let found = self.find(reader, expression, newest).await?;
            if found.newest.len() == SAMPLE {
                return Ok(found);
            }
        }
        self.find(reader, expression, self.window).await
    }

    /// The newest listings, counted to one more than is counted exactly.
    async fn find(&self, reader: &mut SearchReader, expression: &Text, searched: Window) -> Result<Found> {
        let dialect = reader.dialect();
        let (id, matches, facts, ids) = dialect.pick(
            (
                "listing_words.rowid",
                "listing_words MATCH $1",
                "CROSS JOIN listings INDEXED BY listings_facts ON listings.id = listing_words.rowid",
                "json_group_array(id)",
            ),
            (
                "listing_id",
                "words @@ $1::tsquery",
                "JOIN listings ON listings.id = listing_id",
                "COALESCE(json_agg(id ORDER BY id DESC)::text, '[]')",
            ),
        );
        let price = &self.criteria.price;
        // What has no amount stays out by the word that it lacks, where there are limits.
        let within = if price.is_bounded() { WITHIN } else { "" };
        let sql = format!(
            "WITH found AS (SELECT {id} AS id FROM listing_words {facts} WHERE {matches} AND {id} >= $2 \
             AND first_seen_at >= $3{within} ORDER BY {id} DESC LIMIT {COUNTED} + 1) \
             SELECT COUNT(*), MIN(id), (SELECT {ids} FROM (SELECT id FROM found ORDER BY id DESC LIMIT {SAMPLE}) AS newest) \
             FROM found"
        );
        let mut find = sql::query_as(sqlx::AssertSqlSafe(sql)).bind(expression.written(dialect)).bind(searched.first);
        // Numbers follow the times, but for listings that were imported and clocks that were set back.
        find = find.bind(self.window.since);
        if price.is_bounded() {
            find = find.bind(price.min.unwrap_or(0)).bind(price.max.unwrap_or(i64::MAX));
        }
        let (count, oldest, ids): (i64, Option<i64>, String) = find.fetch_one(reader.in_time()?).await?;
        let newest = serde_json::from_str(&ids).map_err(StoreError::corrupt)?;
        Ok(Found { count, oldest, newest, searched })
    }

    /// Listings that a single clause keeps out: those that are found when it is left out, and not with it.
    async fn near_misses(&self, spellings: &mut Spellings, reader: &mut SearchReader) -> Result<Vec<NearMiss>> {
        let from = self.window.first.max(self.window.last - NEAR);
        let mut of_each = Vec::new();
        for expression in self.relaxations() {
            if self.started.elapsed() > PATIENCE {
                break;
            }
            let candidates = match newest_with(expression, from, spellings, reader).await {
                // What has been found without it is worth showing.
                Err(StoreError::Db(DbError::TooSlow)) => continue,
                candidates => candidates?,
            };
            of_each.push(candidates.into_iter().filter_map(|listing| self.near_miss(listing)));
        }
        // One of each in turn, so that every clause is seen at work.
        let mut near_misses: Vec<NearMiss> = Vec::new();
        let mut before = usize::MAX;
        while near_misses.len() < NEAR_MISSES && near_misses.len() != before {
            before = near_misses.len();
            for misses in &mut of_each {
                let new = misses.find(|miss| near_misses.iter().all(|known| known.listing.id != miss.listing.id));
                near_misses.extend(new);
            }
        }
        near_misses.truncate(NEAR_MISSES);
        Ok(near_misses)
    }

    fn near_miss(&self, listing: Listing) -> Option<NearMiss> {
        let verdict = explain(self.criteria, &facts(&listing));
        (!verdict.matches).then_some(NearMiss { listing, because: verdict.because })
    }

    /// The criteria with one clause left out, and the listings that meet the clause left out too.
    fn relaxations(&self) -> Vec<Text> {
        let Criteria { query, price, sources, location } = self.criteria;
        let expr = query.as_ref().map(superbot_matching::Query::expr);
        let words = expr.map(words::of_words);
        let of_price = || words::of_price(price, words::Rounding::Outward);
        let of_sources = || words::of_sources(sources);
        let of_place = || location.as_deref().and_then(words::of_place);
        let without = |rest: Option<Text>, clause: Option<Text>| Some(rest?.without(clause?));
        let surely_priced = words::of_price(price, words::Rounding::Inward);
        let mut relaxed = vec![
            without(words::all([words.clone(), of_sources(), of_place()]), surely_priced),
            without(words::all([words.clone(), of_price(), of_place()]), of_sources()),
            without(words::all([words.clone(), of_price(), of_sources()]), of_place()),
        ];
        for fewer in expr.map(with_a_clause_less).unwrap_or_default() {
            let rest = words::all([Some(words::of_words(&fewer)), of_price(), of_sources(), of_place()]);
            relaxed.push(without(rest, words.clone()));
        }
        relaxed.into_iter().flatten().take(RELAXATIONS).collect()
    }
}

/// The newest listings from that number on that the words find.
async fn newest_with(
    words: Text,
    from: i64,
    spellings: &mut Spellings,
    reader: &mut SearchReader,
) -> Result<Vec<Listing>> {
    let dialect = reader.dialect();
    let sql = dialect.pick(
        "SELECT rowid FROM listing_words WHERE listing_words MATCH $1 AND rowid >= $2 \
         ORDER BY rowid DESC LIMIT $3",
        "SELECT listing_id FROM listing_words WHERE words @@ $1::tsquery AND listing_id >= $2 \
         ORDER BY listing_id DESC LIMIT $3",
    );
    let words = spellings.spell_out(words, reader).await?;
    check_merges(&words, dialect)?;
    let find = sql::query_scalar(sql).bind(words.written(dialect)).bind(from).bind(CANDIDATES);
    let ids = find.fetch_all(reader.in_time()?).await?;
    listings::by_ids_in_order(reader, &ids).await
}

/// The expression with one of its clauses left out, each in turn; what is excluded first, as what is there is most alike.
fn with_a_clause_less(expr: &Expr) -> Vec<Expr> {
    match expr {
        Expr::All(parts) => {
            let less = |left_out: usize| {
                let mut rest: Vec<Expr> = parts.clone();
                rest.remove(left_out);
                let is_wanted = rest.iter().any(|part| !matches!(part, Expr::Not(_)));
                if rest.len() == 1 { rest.pop() } else { Some(Expr::All(rest)) }.filter(|_| is_wanted)
            };
            (0..parts.len()).rev().filter_map(less).collect()
        }
        Expr::Any(branches) => branches.iter().flat_map(with_a_clause_less).collect(),
        Expr::Term(_) | Expr::Not(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;
    use superbot_domain::{Currency, NewListing, NewSavedSearch, StandingQuery as _, SystemClock};
    use superbot_test_postgres::TestPostgres;

    use super::*;
    use crate::options::StoreOptions;
    use crate::standing::criteria_of;
    use crate::store::Store;

    #[tokio::test(flavor = "multi_thread")]
    async fn common_words_are_counted_among_the_newest_and_rare_ones_among_all() {
        let folder = tempfile::tempdir().unwrap();
        let file = format!("sqlite:{}", folder.path().join("a.db").display());
        for url in [file, TestPostgres::shared().database()] {
            let store = Store::open(&url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await.unwrap();
            let posting = |n: u32| {
                let title = if n == 0 { "boat" } else { "bike" };
                let fields = json!({"title": title, "source": "test", "link": format!("https://example.com/{n}")});
                NewListing::from_json(&fields, Currency::USD).unwrap()
            };
            store.listings().ingest((0..30).map(posting).collect()).await.unwrap();
            for (keywords, searched, expected, shown) in [
                ("bike", 20, BoundedCount::AtLeast(20), SAMPLE),
                ("bike", 30, BoundedCount::Exactly(29), SAMPLE),
                ("boat", 20, BoundedCount::Exactly(1), 1),
            ] {
                let wants =
                    NewSavedSearch::from_json(&json!({"name": "a", "keywords": keywords}), Currency::USD).unwrap();
                let criteria = criteria_of(&wants.to_parts()).unwrap();
                let mut reader = store.search_reader().await.unwrap();
                let preview = store.matches().preview_among(searched, &criteria, &mut reader).await.unwrap();
                assert_eq!((preview.count, preview.sample.len()), (expected, shown), "{keywords} {searched}");
                drop(reader);
            }
            store.close().await;
        }
    }
}
