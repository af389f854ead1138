//! Query planning for lists of listings.
//!
//! There are two plans. A *walk* reads listings in list order and filters them; it ends early if many match. A *sort*
//! collects what a selective condition finds and sorts it; it is cheap if few match. Which one is cheaper depends on
//! the number of matches, which is not known in advance. A walk of bounded length therefore comes first; if it does not
//! fill the page, matches are rare. The reader's deadline bounds the remaining cases, such as a common word and a
//! common price that never occur together.

mod postgres;
mod sqlite;
mod texts;
mod unindexed;

use superbot_domain::{BoundedCount, Currency};
use superbot_matching::{Criteria, Expr, PriceRange, Query};

use super::query::ListingQuery;
use super::sort::{ListCursor, SortOrder};
use super::words::{self, WordCondition};
use crate::error::{Result, wrong_keywords};
use crate::page::{COUNTED, rows_to_read};
use crate::rows::micros;
use crate::search_reader::SearchReader;
use crate::sql::{QueryBuilder, SqlDialect};

/// Limits on the work of each step of a plan before the next step is tried.
#[derive(Clone, Copy)]
struct SearchBudgets {
    /// Index entries read by a walk: 1 ms in SQLite, 4 ms in Postgres.
    walked: i64,
    /// Listings whose words Postgres compares as a sample before a longer walk.
    sampled_words: i64,
    /// Listings whose words Postgres compares in a walk by id; 1 µs each.
    walked_words: i64,
    /// Listings whose words Postgres compares in a walk in another order; 10 µs each, as they are not adjacent on disk.
    walked_apart: i64,
    /// Newest listings among which Postgres counts matches; 1 µs each.
    counted_words: i64,
    /// Listings or word matches that Postgres looks up while counting; 5 to 10 µs each.
    counted_apart: i64,
    /// Newest word matches that are looked up for filtering: 2 ms.
    streamed: i64,
    /// Maximum number of word matches for looking up all of them.
    looked_up: i64,
    /// Word matches that are looked up while counting: 12 ms.
    counted: i64,
    /// Word matches that are looked up and sorted: 5 ms.
    collected: i64,
    /// Word matches that a walk is intersected with: 10 ms for both.
    in_set: i64,
    /// Index entries of the first such walk; each further walk is four times as long.
    first_walk: i64,
    /// Newest word matches that are sampled to estimate how common the words are.
    sampled_matches: i64,
    /// Listings whose texts are compared as a sample before the rest of a walk is read.
    sampled_texts: usize,
    /// Entries of a selective index that are looked up and sorted.
    narrow: i64,
    /// Newest listings whose texts are read and compared; 1 to 3 µs each, 5 µs if not adjacent on disk.
    newest_read: i64,
    /// Listings of a walk in another order whose texts are compared.
    walked_read: i64,
    /// ... of those that a selective index has found, ...
    narrow_read: i64,
    /// ... and where no index knows the words: 60 ms.
    unindexed_read: i64,
}

const BUDGETS: SearchBudgets = SearchBudgets {
    walked: 8_000,
    sampled_words: 500,
    walked_words: 16_000,
    walked_apart: 6_000,
    counted_words: 20_000,
    counted_apart: 5_000,
    streamed: 2_000,
    looked_up: 20_000,
    counted: 15_000,
    collected: 3_000,
    in_set: 60_000,
    first_walk: 2_000,
    sampled_matches: 200,
    sampled_texts: 64,
    narrow: 10_000,
    newest_read: 1_500,
    walked_read: 2_000,
    narrow_read: 1_000,
    unindexed_read: 20_000,
};

/// Start of a statement that counts rows up to a limit.
const COUNT_ROWS: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM ";

/// A query being executed.
pub(super) struct ListSearch<'q> {
    query: &'q ListingQuery,
    /// Keyword criteria, if the query has keywords.
    criteria: Option<Criteria>,
    order: SortOrder,
    cursor: Option<ListCursor>,
    /// Number of rows to read: those of the page, and one to detect a next page.
    rows: i64,
    budgets: SearchBudgets,
}

impl<'q> ListSearch<'q> {
    /// # Errors
    /// Malformed keywords, or a cursor that does not belong to this list.
    pub(super) fn new(query: &'q ListingQuery) -> Result<Self> {
        let words = query.q.as_deref().map(str::trim).filter(|q| !q.is_empty()).map(Query::parse).transpose();
        let words = words.map_err(|error| wrong_keywords("q", &error))?;
        let cursor = query.cursor.as_deref().map(|cursor| ListCursor::read(cursor, query.sort)).transpose()?;
        // Keywords only: the price filter is applied in SQL, without currency conversion.
        let any_price = PriceRange { currency: Currency::USD, min: None, max: None, per: None, include_free: true };
        let criteria =
            words.map(|query| Criteria { query: Some(query), price: any_price, sources: Vec::new(), location: None });
        Ok(Self {
            query,
            criteria,
            order: query.sort.order(query.price_per),
            cursor,
            rows: rows_to_read(query.limit),
            budgets: BUDGETS,
        })
    }

    /// Returns the ids of the page's listings in order, followed by that of the next listing.
    pub(super) async fn ids(&self, reader: &mut SearchReader) -> Result<Vec<i64>> {
        match reader.dialect() {
            _ if self.is_unindexed() => self.ids_by_texts(reader).await,
            SqlDialect::Sqlite => self.ids_in_sqlite(reader).await,
            SqlDialect::Postgres => self.ids_in_postgres(reader).await,
        }
    }

    /// Counts the listings in the whole list, regardless of the page. Returns a lower bound if counting all would take
    /// too long.
    pub(super) async fn count(&self, reader: &mut SearchReader) -> Result<BoundedCount> {
        match reader.dialect() {
            _ if self.is_unindexed() => self.count_by_texts(reader).await,
            SqlDialect::Sqlite => self.count_in_sqlite(reader).await,
            SqlDialect::Postgres => self.count_in_postgres(reader).await,
        }
    }

    /// Returns the keyword expression.
    fn expr(&self) -> Option<&Expr> {
        self.criteria.as_ref().and_then(|criteria| criteria.query.as_ref()).map(Query::expr)
    }

    fn has_price(&self) -> bool {
        self.query.min_price.is_some() || self.query.max_price.is_some()
    }

    fn has_filters(&self) -> bool {
        !self.query.sources.is_empty() || self.has_price() || self.has_period_filter() || self.query.since.is_some()
    }

    /// Whether the list is filtered by the period of prices, beyond what its index holds by itself.
    fn has_period_filter(&self) -> bool {
        self.query.price_per.is_some() && !self.order.begins_with_period
    }

    /// The column of the prices that the list compares.
    fn price_column(&self) -> &'static str {
        if self.query.price_per.is_some() { "recurring_units" } else { "price_units" }
    }

    /// The columns that a walk reads to filter by them.
    fn filter_columns(&self) -> &'static str {
        if self.query.price_per.is_some() {
            "source, recurring_units, price_per, first_seen_at"
        } else {
            "source, price_units, first_seen_at"
        }
    }

    /// Returns whether sources are the only filter and the order is the default.
    fn is_by_source_alone(&self) -> bool {
        !self.query.sources.is_empty()
            && !self.has_price()
            && self.query.price_per.is_none()
            && self.query.since.is_none()
            && self.criteria.is_none()
            && self.order.key().is_none()
    }

    /// Appends all conditions on a listing's row, except keywords.
    fn push_filters(&self, select: &mut QueryBuilder) {
        self.push_sources(select);
        self.push_period(select);
        self.push_price(select);
        self.push_since(select);
    }

    fn push_sources(&self, select: &mut QueryBuilder) {
        if self.query.sources.is_empty() {
            return;
        }
        select.push(" AND source IN (");
        let mut sources = select.separated(", ");
        for source in &self.query.sources {
            sources.push_bind(source.as_str());
        }
        select.push(")");
    }

    fn push_since(&self, select: &mut QueryBuilder) {
        if let Some(since) = self.query.since {
            select.push(" AND first_seen_at >= ").push_bind(micros(since));
        }
    }

    fn push_period(&self, select: &mut QueryBuilder) {
        if let Some(per) = self.query.price_per {
            select.push(" AND price_per = ").push_bind(per.as_str());
        }
    }

    fn push_price(&self, select: &mut QueryBuilder) {
        let column = self.price_column();
        if let Some(min) = self.query.min_price {
            select.push(format!(" AND {column} >= ")).push_bind(min);
        }
        if let Some(max) = self.query.max_price {
            select.push(format!(" AND {column} <= ")).push_bind(max);
        }
    }

    /// Appends the conditions that bound the range of an index scan.
    fn push_bounds(&self, select: &mut QueryBuilder) {
        if self.order.begins_with_period {
            self.push_period(select);
        }
        self.order.push_presence(select);
        self.order.push_after(self.cursor.as_ref(), select);
        // In this order, the price filter bounds the index range itself.
        if self.order.key() == Some(self.price_column()) {
            self.push_price(select);
        }
    }

    /// Appends the conditions on the rows of the page: filters and cursor.
    fn push_conditions(&self, select: &mut QueryBuilder) {
        self.push_filters(select);
        self.order.push_presence(select);
        self.order.push_after(self.cursor.as_ref(), select);
    }

    /// Appends the conditions on counted rows, and completes the statement begun with [`COUNT_ROWS`].
    fn push_counted(&self, select: &mut QueryBuilder) {
        self.push_filters(select);
        self.order.push_presence(select);
        select.push(" LIMIT ").push_bind(COUNTED + 1).push(") AS counted");
    }

    /// Selects the newest listings of each source and merges them.
    fn select_by_sources(&self) -> QueryBuilder {
        let mut select = QueryBuilder::new("SELECT id FROM (");
        for (nth, source) in self.query.sources.iter().enumerate() {
            let before = if nth > 0 { " UNION ALL " } else { "" };
            // Each branch reads its own index range in order, so no branch reads more than a page.
            select.push(before).push("SELECT * FROM (SELECT id FROM listings WHERE source = ");
            select.push_bind(source.as_str());
            self.order.push_after(self.cursor.as_ref(), &mut select);
            self.order.push_order(&mut select);
            select.push(" LIMIT ").push_bind(self.rows).push(format!(") AS of_source_{nth}"));
        }
        select.push(") AS merged");
        self.order.push_order(&mut select);
        select.push(" LIMIT ").push_bind(self.rows);
        select
    }

    /// What the full-text index knows exactly of what is asked: the words, the sources and the period of prices.
    fn indexed_text(&self) -> Option<WordCondition> {
        words::all([
            self.expr().and_then(words::of_words),
            words::of_sources(&self.query.sources),
            self.query.price_per.map(words::of_period),
        ])
    }

    fn is_full(&self, ids: &[i64]) -> bool {
        ids.len() >= self.wanted()
    }

    fn wanted(&self) -> usize {
        usize::try_from(self.rows).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests;
