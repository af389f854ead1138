//! Plans for Postgres. Its planner knows how common values are, but not that a list may end early because matches are
//! at its beginning, nor what it means that a word is missing from its statistics. Here too, the walk therefore comes
//! first.
//!
//! The GIN index of words is unordered and does not know a word's column, so each match requires reading its row: a
//! walk is cheaper down to one match in 300 listings, which a sample determines.

use superbot_domain::BoundedCount;

use super::{COUNT_ROWS, ListSearch};
use crate::error::Result;
use crate::listings::words::WordCondition;
use crate::page::COUNTED;
use crate::search_reader::SearchReader;
use crate::sql::{QueryBuilder, SqlDialect};

impl ListSearch<'_> {
    pub(super) async fn ids_in_postgres(&self, reader: &mut SearchReader) -> Result<Vec<i64>> {
        if self.is_by_source_alone() {
            return Ok(self.select_by_sources().build_query_scalar().fetch_all(reader.in_time()?).await?);
        }
        if let Some(text) = self.words_and_sources() {
            return self.rows_with_words(&text, reader).await;
        }
        let budget = self.has_filters().then_some(self.budgets.walked);
        let found = self.walk_rows(None, budget, reader).await?;
        if budget.is_none() || self.is_full(&found) {
            return Ok(found);
        }
        self.sort_rows(reader).await
    }

    /// Returns listings that contain the words.
    async fn rows_with_words(&self, text: &WordCondition, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let written = text.written(SqlDialect::Postgres);
        let is_newest_first = self.order.key().is_none();
        let sampled = self.budgets.sampled_words;
        let walked = if is_newest_first { self.budgets.walked_words } else { self.budgets.walked_apart };
        let mut found: Vec<i64> = Vec::new();
        for budget in [sampled, walked] {
            found = if is_newest_first {
                self.walk_words(&written, budget, reader).await?
            } else {
                self.walk_rows(Some(&written), Some(budget), reader).await?
            };
            // Half of the required density suffices, as the sample is small.
            let is_hopeful = 2 * walked * i64::try_from(found.len()).unwrap_or(i64::MAX) >= self.rows * sampled;
            if self.is_full(&found) || !is_hopeful {
                break;
            }
        }
        if self.is_full(&found) { Ok(found) } else { self.sort_words(text, reader).await }
    }

    pub(super) async fn count_in_postgres(&self, reader: &mut SearchReader) -> Result<BoundedCount> {
        let Some(text) = self.words_and_sources() else {
            let mut select = QueryBuilder::new(COUNT_ROWS);
            select.push("listings WHERE TRUE");
            self.push_counted(&mut select);
            return Ok(select.build_query_scalar().fetch_one(reader.in_time()?).await.map(BoundedCount::of)?);
        };
        let text = text.written(SqlDialect::Postgres);
        let needs_rows = self.has_price() || self.query.since.is_some() || self.order.leaves_out();
        if needs_rows && self.is_narrow(reader).await? {
            let mut select = QueryBuilder::new("SELECT COUNT(*) FROM listings WHERE TRUE");
            self.push_filters(&mut select);
            self.order.push_presence(&mut select);
            push_words_of("id", &text, &mut select);
            return Ok(select.build_query_scalar().fetch_one(reader.in_time()?).await.map(BoundedCount::of)?);
        }
        if let Some(count) = self.count_newest(&text, needs_rows, reader).await? {
            return Ok(count);
        }
        if needs_rows {
            return self.count_some(&text, reader).await;
        }
        let mut select = QueryBuilder::new(COUNT_ROWS);
        select.push("listing_words WHERE words @@ ").push_bind(text).push("::tsquery LIMIT ");
        select.push_bind(COUNTED + 1).push(") AS counted");
        Ok(select.build_query_scalar().fetch_one(reader.in_time()?).await.map(BoundedCount::of)?)
    }

    /// Counts among the newest listings; `None` if matches are so rare that counting all of them is cheap.
    async fn count_newest(
        &self,
        text: &str,
        needs_rows: bool,
        reader: &mut SearchReader,
    ) -> Result<Option<BoundedCount>> {
        /// Fewer matches than one in this many listings are rare.
        const RARE: i64 = 200;
        let budget = if needs_rows { self.budgets.counted_apart } else { self.budgets.counted_words };
        let mut select = QueryBuilder::new("SELECT COUNT(*), COUNT(*) FILTER (WHERE words @@ ");
        select.push_bind(text).push("::tsquery");
        if needs_rows {
            self.push_filters_of_match(&mut select);
        }
        select.push(") FROM (SELECT listing_id AS id, words FROM listing_words ORDER BY listing_id DESC LIMIT ");
        select.push_bind(budget + 1).push(") AS walked");
        let (looked_up, count): (i64, i64) = select.build_query_as().fetch_one(reader.in_time()?).await?;
        Ok(match looked_up {
            _ if looked_up <= budget => Some(BoundedCount::of(count)),
            _ if count * RARE > looked_up => Some(BoundedCount::AtLeast(count.min(COUNTED).unsigned_abs())),
            _ => None,
        })
    }

    /// Returns whether the filters select few listings.
    async fn is_narrow(&self, reader: &mut SearchReader) -> Result<bool> {
        let most = self.budgets.narrow_read;
        let mut select = QueryBuilder::new(COUNT_ROWS);
        select.push("listings WHERE TRUE");
        self.push_filters(&mut select);
        self.order.push_presence(&mut select);
        select.push(" LIMIT ").push_bind(most + 1).push(") AS counted");
        let count: i64 = select.build_query_scalar().fetch_one(reader.in_time()?).await?;
        Ok(count <= most)
    }

    /// Counts the word matches that meet the filters; if there are many, only a part of them.
    async fn count_some(&self, text: &str, reader: &mut SearchReader) -> Result<BoundedCount> {
        let budget = self.budgets.counted_apart;
        let mut select = QueryBuilder::new("SELECT COUNT(*), COUNT(*) FILTER (WHERE TRUE");
        self.push_filters(&mut select);
        self.order.push_presence(&mut select);
        select.push(") FROM (SELECT listing_id FROM listing_words WHERE words @@ ").push_bind(text);
        select.push("::tsquery LIMIT ").push_bind(budget + 1).push(") AS found JOIN listings ON id = listing_id");
        let (looked_up, count): (i64, i64) = select.build_query_as().fetch_one(reader.in_time()?).await?;
        let at_least = BoundedCount::AtLeast(count.min(COUNTED).unsigned_abs());
        Ok(if looked_up > budget { at_least } else { BoundedCount::of(count) })
    }

    /// Returns the text query for keywords and sources, which are indexed as words as well.
    fn words_and_sources(&self) -> Option<WordCondition> {
        self.expr()?;
        self.indexed_text()
    }

    /// Returns whether filters or order need columns that are not in the word index.
    fn needs_rows(&self) -> bool {
        self.has_price() || self.query.since.is_some() || self.order.key().is_some()
    }

    /// Reads listings in list order, at most `budget` of them.
    async fn walk_rows(&self, text: Option<&str>, budget: Option<i64>, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let mut select = QueryBuilder::new(format!(
            "SELECT id FROM (SELECT id, {}, created_at, price_fall FROM listings WHERE TRUE",
            self.filter_columns()
        ));
        self.push_bounds(&mut select);
        self.order.push_order(&mut select);
        if let Some(budget) = budget {
            select.push(" LIMIT ").push_bind(budget);
        }
        select.push(") AS walked WHERE TRUE");
        self.push_filters(&mut select);
        if let Some(text) = text {
            push_words_of("walked.id", text, &mut select);
        }
        self.order.push_order(&mut select);
        select.push(" LIMIT ").push_bind(self.rows);
        Ok(select.build_query_scalar().fetch_all(reader.in_time()?).await?)
    }

    /// Reads the newest listings that contain the words, at most `budget` of all listings.
    async fn walk_words(&self, text: &str, budget: i64, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let mut select =
            QueryBuilder::new("SELECT id FROM (SELECT listing_id AS id, words FROM listing_words WHERE TRUE");
        if let Some(cursor) = &self.cursor {
            select.push(" AND listing_id < ").push_bind(cursor.id);
        }
        select.push(" ORDER BY listing_id DESC LIMIT ").push_bind(budget).push(") AS walked WHERE words @@ ");
        select.push_bind(text).push("::tsquery");
        if self.needs_rows() {
            self.push_filters_of_match(&mut select);
        }
        select.push(" ORDER BY id DESC LIMIT ").push_bind(self.rows);
        Ok(select.build_query_scalar().fetch_all(reader.in_time()?).await?)
    }

    /// Appends the filters as a scalar subquery, which remains one lookup per match; a join might be started from
    /// `listings`.
    fn push_filters_of_match(&self, select: &mut QueryBuilder) {
        select.push(" AND (SELECT TRUE FROM listings WHERE listings.id = walked.id");
        self.push_filters(select);
        self.order.push_presence(select);
        select.push(")");
    }

    /// Returns matching listings, found through the rarest condition and sorted.
    async fn sort_rows(&self, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let mut select = QueryBuilder::new("SELECT id FROM listings WHERE TRUE");
        self.push_sorted(&mut select);
        Ok(select.build_query_scalar().fetch_all(reader.in_time()?).await?)
    }

    /// Returns listings that contain the words, found through the rarest word or filter and sorted.
    async fn sort_words(&self, text: &WordCondition, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let rows = if self.needs_rows() { "listings JOIN listing_words ON listing_id = id" } else { "listing_words" };
        let mut select = QueryBuilder::new(format!("SELECT listing_id FROM {rows} WHERE TRUE"));
        let whole_words = text.whole_words().filter(|_| !text.beginnings().is_empty());
        if let Some(whole_words) = &whole_words {
            select.push(" AND words @@ ").push_bind(whole_words.written(SqlDialect::Postgres)).push("::tsquery");
        }
        select.push(" AND (words @@ ").push_bind(text.written(SqlDialect::Postgres));
        // GIN merges the posting lists of all words with a prefix. `IS TRUE` keeps the index from being used for
        // prefixes when whole words suffice to find candidates.
        select.push(if whole_words.is_some() { "::tsquery) IS TRUE" } else { "::tsquery)" });
        if self.needs_rows() {
            self.push_sorted(&mut select);
        } else {
            if let Some(cursor) = &self.cursor {
                select.push(" AND listing_id < ").push_bind(cursor.id);
            }
            select.push(" ORDER BY listing_id + 0 DESC LIMIT ").push_bind(self.rows);
        }
        Ok(select.build_query_scalar().fetch_all(reader.in_time()?).await?)
    }

    /// Appends conditions, order and limit of a statement that sorts.
    fn push_sorted(&self, select: &mut QueryBuilder) {
        self.push_conditions(select);
        self.order.push_order_by_sorting(select);
        select.push(" LIMIT ").push_bind(self.rows);
    }
}

/// Appends the condition that a listing contains the words, as a scalar subquery, which remains one lookup per listing;
/// a join might be started from all matches of the words.
fn push_words_of(id: &str, text: &str, select: &mut QueryBuilder) {
    select.push(" AND (SELECT words @@ ").push_bind(text);
    select.push(format!("::tsquery FROM listing_words WHERE listing_id = {id})"));
}
