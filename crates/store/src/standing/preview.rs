//! Preview: what a price alert or saved search would have found among stored listings.

use std::time::Duration;

use superbot_db::DbError;
use superbot_domain::{BoundedCount, Listing, NearMiss, QueryPreview, Timestamp};
use superbot_matching::{Criteria, Expr, explain};
use tokio::time::Instant;

use super::facts::facts;
use crate::error::{Result, StoreError};
use crate::handles::MatchStore;
use crate::listings;
use crate::listings::words::{self, PrefixWords, WordCondition, check_merges};
use crate::page::COUNTED;
use crate::rows::{micros, timestamp};
use crate::search_reader::SearchReader;
use crate::sql::{self, SqlConn};

const WINDOW: Duration = Duration::from_hours(30 * 24);
const WEEK: Duration = Duration::from_hours(7 * 24);
/// Minimum time span from which a weekly rate is extrapolated.
const SHORTEST: Duration = Duration::from_hours(24);
const SAMPLE: usize = 10;
/// Number of newest listings among which matches are counted: SQLite intersects their word lists in 10 ms.
const SEARCHED_BY_SQLITE: i64 = 500_000;
/// The same limit for Postgres, which compares their words in 25 ms, as its index does not know a word's column.
const SEARCHED_BY_POSTGRES: i64 = 20_000;
const NEAR_MISSES: usize = 5;
/// Number of newest listings that are searched for near misses.
const NEAR: i64 = 50_000;
/// Maximum number of relaxed queries, each omitting one clause.
const RELAXATIONS: usize = 12;
/// Time limit for near misses, short because previews are requested while the user types.
const PATIENCE: Duration = Duration::from_millis(100);
/// Listings are read that long to count those with words that no index knows,
const COUNT_PATIENCE: Duration = Duration::from_millis(200);
/// and that long to find near misses among them.
const LONGER_WORDS_PATIENCE: Duration = Duration::from_millis(40);

/// Candidates read per relaxed query; some do not qualify, since the index rounds prices.
const CANDIDATES: i64 = 10;

/// Exact condition on prices, which the index rounds. Rows without an amount were already filtered by the index.
const WITHIN: &str = " AND (price_minor IS NULL OR price_minor BETWEEN $4 AND $5)";

impl MatchStore<'_> {
    /// Searches stored listings for the criteria.
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
        let expression = words::expression(criteria);
        let is_indexed = criteria.query.as_ref().is_none_or(|query| words::is_indexed(query.expr()));
        if expression.is_none() && is_indexed {
            return Ok(empty_preview(self.store.now()));
        }
        let now = self.store.now();
        let started = Instant::now();
        let window = PreviewWindow::before(reader, now).await?;
        let mut spellings = PrefixWords::default();
        let expression = match expression {
            Some(expression) => Some(spellings.spell_out(expression, reader).await?),
            None => None,
        };
        expression.iter().try_for_each(|expression| check_merges(expression, reader.dialect()))?;
        let search = PreviewSearch { started, criteria, window };
        let found = match &expression {
            Some(expression) if is_indexed => search.find_newest(searched, reader, expression).await?,
            _ => search.find_by_texts(expression.as_ref(), COUNT_PATIENCE, reader).await?,
        };
        let PreviewMatches { count: counted, searched, .. } = found;
        let is_window = searched.first == window.first;
        let since = match found.oldest {
            // More were found than are counted; they are older than the oldest counted one.
            Some(oldest) if counted > COUNTED => searched.since_listing(reader, oldest).await?.since,
            _ => searched.since,
        };
        let since = since.min(micros(now - SHORTEST));
        let at_least = BoundedCount::AtLeast(counted.min(COUNTED).unsigned_abs());
        let count = if counted <= COUNTED && is_window { BoundedCount::of(counted) } else { at_least };
        let sample = listings::by_ids_in_order(reader, &found.newest).await?;
        // The last: if the time is up, what has been found is worth showing without them.
        let mut near_misses = search.near_misses(&mut spellings, reader).await?;
        if near_misses.len() < NEAR_MISSES {
            near_misses.extend(search.longer_words(NEAR_MISSES - near_misses.len(), &found.newest, reader).await?);
        }
        let span = Duration::from_micros((micros(now) - since).max(1).unsigned_abs());
        #[expect(clippy::cast_precision_loss, reason = "it is at most 10,000")]
        let per_week = counted.min(COUNTED) as f64 * WEEK.as_secs_f64() / span.as_secs_f64();
        let per_week = (per_week * 10.0).round() / 10.0;
        let since = timestamp(since)?;
        Ok(QueryPreview { count, per_week, since, sample, near_misses, warnings: Vec::new() })
    }
}

fn empty_preview(now: Timestamp) -> QueryPreview {
    QueryPreview {
        count: BoundedCount::Exactly(0),
        per_week: 0.0,
        since: now - SHORTEST,
        sample: Vec::new(),
        near_misses: Vec::new(),
        warnings: Vec::new(),
    }
}

/// Time span and id range of a preview.
#[derive(Clone, Copy)]
struct PreviewWindow {
    /// 30 days ago, or when the first listing was seen, in microseconds.
    since: i64,
    /// Ids of the first and last listing.
    first: i64,
    last: i64,
}

struct PreviewSearch<'a> {
    started: Instant,
    criteria: &'a Criteria,
    window: PreviewWindow,
}

/// Result of a search.
struct PreviewMatches {
    /// Number of matches, at most one more than is counted exactly.
    count: i64,
    /// Id of the oldest match that was counted.
    oldest: Option<i64>,
    /// Ids of the newest matches.
    newest: Vec<i64>,
    /// The range that was searched.
    searched: PreviewWindow,
}

impl PreviewWindow {
    async fn before(conn: &mut SqlConn, now: Timestamp) -> Result<Self> {
        let first =
            "SELECT first_seen_at, id FROM listings WHERE first_seen_at >= $1 ORDER BY first_seen_at, id LIMIT 1";
        let first: Option<(i64, i64)> =
            sql::query_as(first).bind(micros(now - WINDOW)).fetch_optional(&mut *conn).await?;
        let last: Option<i64> = sql::query_scalar("SELECT MAX(id) FROM listings").fetch_one(conn).await?;
        let (since, first) = first.unwrap_or((micros(now - WINDOW), i64::MAX));
        Ok(Self { since, first, last: last.unwrap_or(0) })
    }

    /// Returns the part of the window from a listing on.
    async fn since_listing(self, conn: &mut SqlConn, first: i64) -> Result<Self> {
        let since = "SELECT first_seen_at FROM listings WHERE id >= $1 ORDER BY id LIMIT 1";
        let since: Option<i64> = sql::query_scalar(since).bind(first).fetch_optional(conn).await?;
        // Imported listings combine new ids with old times.
        Ok(Self { since: since.map_or(self.since, |since| since.max(self.since)), first, ..self })
    }
}

impl PreviewSearch<'_> {
    /// Searches the newest `most` listings, or the whole window if they yield too few matches for a sample.
    async fn find_newest(
        &self,
        most: i64,
        reader: &mut SearchReader,
        expression: &WordCondition,
    ) -> Result<PreviewMatches> {
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

    /// Finds the newest matches, counting up to one more than is counted exactly.
    async fn find(
        &self,
        reader: &mut SearchReader,
        expression: &WordCondition,
        searched: PreviewWindow,
    ) -> Result<PreviewMatches> {
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
        // With limits, prices without an amount are excluded by the index term that they lack.
        let within = if price.is_bounded() { WITHIN } else { "" };
        let sql = format!(
            "WITH found AS (SELECT {id} AS id FROM listing_words {facts} WHERE {matches} AND {id} >= $2 \
             AND first_seen_at >= $3{within} ORDER BY {id} DESC LIMIT {COUNTED} + 1) \
             SELECT COUNT(*), MIN(id), (SELECT {ids} FROM (SELECT id FROM found ORDER BY id DESC LIMIT {SAMPLE}) AS newest) \
             FROM found"
        );
        let mut find = sql::query_as(sqlx::AssertSqlSafe(sql)).bind(expression.written(dialect)).bind(searched.first);
        // Ids are in chronological order, except for imported listings and after the clock was set back.
        find = find.bind(self.window.since);
        if price.is_bounded() {
            find = find.bind(price.min.unwrap_or(0)).bind(price.max.unwrap_or(i64::MAX));
        }
        let (count, oldest, ids): (i64, Option<i64>, String) = find.fetch_one(reader.in_time()?).await?;
        let newest = serde_json::from_str(&ids).map_err(StoreError::corrupt)?;
        Ok(PreviewMatches { count, oldest, newest, searched })
    }

    /// Finds listings that fail exactly one clause: those found without it but not with it.
    async fn near_misses(&self, spellings: &mut PrefixWords, reader: &mut SearchReader) -> Result<Vec<NearMiss>> {
        let from = self.window.first.max(self.window.last - NEAR);
        let mut of_each = Vec::new();
        for expression in self.relaxations() {
            if self.started.elapsed() > PATIENCE {
                break;
            }
            let candidates = match newest_with(expression, from, spellings, reader).await {
                // A preview without these near misses is better than none.
                Err(StoreError::Db(DbError::TooSlow)) => continue,
                candidates => candidates?,
            };
            of_each.push(candidates.into_iter().filter_map(|listing| self.near_miss(listing)));
        }
        // Round-robin, so that all clauses are represented.
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

    /// Returns the criteria with one clause omitted each, excluding listings that meet that clause.
    fn relaxations(&self) -> Vec<WordCondition> {
        let Criteria { query, price, sources, location } = self.criteria;
        let expr = query.as_ref().map(superbot_matching::Query::expr);
        let words = expr.and_then(words::of_words);
        let of_price = || words::of_price(price, words::LimitRounding::Outward);
        let of_sources = || words::of_sources(sources);
        let of_place = || location.as_deref().and_then(words::of_place);
        let without = |rest: Option<WordCondition>, clause: Option<WordCondition>| Some(rest?.without(clause?));
        // Rounded inward: a listing whose power of two straddles a limit may still be a near miss.
        let surely_priced = words::of_price(price, words::LimitRounding::Inward);
        let mut relaxed = vec![
            without(words::all([words.clone(), of_sources(), of_place()]), surely_priced),
            without(words::all([words.clone(), of_price(), of_place()]), of_sources()),
            without(words::all([words.clone(), of_price(), of_sources()]), of_place()),
        ];
        for fewer in expr.map(with_a_clause_less).unwrap_or_default() {
            let rest = words::all([words::of_words(&fewer), of_price(), of_sources(), of_place()]);
            relaxed.push(without(rest, words.clone()));
        }
        relaxed.into_iter().flatten().take(RELAXATIONS).collect()
    }
}

/// Returns the newest listings with ids from `from` on that the query finds.
async fn newest_with(
    words: WordCondition,
    from: i64,
    spellings: &mut PrefixWords,
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

/// Returns the expression with one clause omitted each; excluded words first, since listings that contain them are the
/// closest.
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
        Expr::Term(_) | Expr::Numbers(_) | Expr::Not(_) => Vec::new(),
    }
}

mod by_texts;

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
