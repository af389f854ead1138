//! Finding the page of a list of listings.
//!
//! Every list is answered by one of two plans. The walk reads listings in the order of the list and filters them, which ends
//! early where many match. The sort collects what a selective condition finds and sorts it, which is cheap where few match.
//! Which of the two is cheaper depends on how many listings match, and that is not known in advance. So a walk of bounded
//! length comes first: where it does not fill the page, matches are rare. The reader's deadline bounds what remains, such as a
//! common word and a common price that never occur together.

mod postgres;
mod sqlite;
mod texts;

use superbot_domain::{BoundedCount, Currency};
use superbot_matching::{Criteria, Expr, PriceRange, Query};

use super::query::ListingQuery;
use super::sort::{Cursor, Order};
use super::words::{self, Text};
use crate::error::{Result, wrong_keywords};
use crate::page::{COUNTED, rows_to_read};
use crate::rows::micros;
use crate::search_reader::SearchReader;
use crate::sql::{Dialect, QueryBuilder};

/// How much each step of a plan reads before the next one is tried.
#[derive(Clone, Copy)]
struct Budgets {
    /// Index entries of a walk: 1 ms in SQLite, 4 ms in Postgres.
    walked: i64,
    /// Listings of a walk whose words Postgres compares, as a sample, ...
    sampled_words: i64,
    /// ... of the newest, 1 µs each, ...
    walked_words: i64,
    /// ... and in the order of another key, 10 µs each, as they lie apart.
    walked_apart: i64,
    /// The newest listings among which Postgres counts, 1 µs each.
    counted_words: i64,
    /// Listings, or matches of words, that Postgres looks up to count them, 5 to 10 µs each.
    counted_apart: i64,
    /// The newest matches of words that are looked up to filter them: 2 ms, ...
    streamed: i64,
    /// ... and all of them, if there are no more.
    looked_up: i64,
    /// Matches of words that are looked up to be counted: 12 ms.
    counted: i64,
    /// Matches of words that are looked up and sorted: 5 ms; ...
    collected: i64,
    /// ... and those that a walk is compared with: 10 ms for both.
    in_set: i64,
    /// Index entries of the first such walk; each further one is four times as long.
    first_walk: i64,
    /// The newest matches of words that say how common the words are.
    sampled_matches: i64,
    /// Listings whose texts are compared before it is decided whether the others of a walk are worth reading.
    sampled_texts: usize,
    /// Entries of a selective index that are looked up and sorted.
    narrow: i64,
    /// Listings whose texts are read and compared, 1 to 3 µs each and 5 µs where they lie apart: of the newest, ...
    newest_read: i64,
    /// ... in the order of another key, ...
    walked_read: i64,
    /// ... and of those that a selective index has found.
    narrow_read: i64,
}

const BUDGETS: Budgets = Budgets {
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
};

/// The beginning of a statement that counts rows up to a limit.
const COUNT_ROWS: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM ";

/// A list that is asked for.
pub(super) struct Search<'q> {
    query: &'q ListingQuery,
    /// The words that listings must match.
    criteria: Option<Criteria>,
    order: Order,
    cursor: Option<Cursor>,
    /// The rows that are read: those of the page and one more, which says whether there is a next page.
    rows: i64,
    budgets: Budgets,
}

impl<'q> Search<'q> {
    /// # Errors
    /// Words that make no sense, and a cursor that does not belong to this list.
    pub(super) fn new(query: &'q ListingQuery) -> Result<Self> {
        let words = query.q.as_deref().map(str::trim).filter(|q| !q.is_empty()).map(Query::parse).transpose();
        let words = words.map_err(|error| wrong_keywords("q", &error))?;
        let cursor = query.cursor.as_deref().map(|cursor| Cursor::read(cursor, query.sort)).transpose()?;
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

    /// The ids of the page's listings in their order, and of the one that follows.
    pub(super) async fn ids(&self, reader: &mut SearchReader) -> Result<Vec<i64>> {
        match reader.dialect() {
            Dialect::Sqlite => self.ids_in_sqlite(reader).await,
            Dialect::Postgres => self.ids_in_postgres(reader).await,
        }
    }

    /// The number of listings in the whole list, wherever the page begins. Where counting them all would take too long, it is
    /// how many there are at least.
    pub(super) async fn count(&self, reader: &mut SearchReader) -> Result<BoundedCount> {
        match reader.dialect() {
            Dialect::Sqlite => self.count_in_sqlite(reader).await,
            Dialect::Postgres => self.count_in_postgres(reader).await,
        }
    }

    /// The words that listings must match.
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

    /// Whether the list has the default order and no filter except sources.
    fn is_by_source_alone(&self) -> bool {
        !self.query.sources.is_empty()
            && !self.has_price()
            && self.query.price_per.is_none()
            && self.query.since.is_none()
            && self.criteria.is_none()
            && self.order.key().is_none()
    }

    /// The conditions on a listing's row, except on its words.
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

    /// The conditions that bound where in its index a walk begins and ends.
    fn push_bounds(&self, select: &mut QueryBuilder) {
        if self.order.begins_with_period {
            self.push_period(select);
        }
        self.order.push_presence(select);
        self.order.push_after(self.cursor.as_ref(), select);
        if self.order.key() == Some(self.price_column()) {
            self.push_price(select);
        }
    }

    /// The conditions on a row of the page: what filters the list, and where the page begins.
    fn push_conditions(&self, select: &mut QueryBuilder) {
        self.push_filters(select);
        self.order.push_presence(select);
        self.order.push_after(self.cursor.as_ref(), select);
    }

    /// The conditions on a row that is counted, and the end of the statement that [`COUNT_ROWS`] begins.
    fn push_counted(&self, select: &mut QueryBuilder) {
        self.push_filters(select);
        self.order.push_presence(select);
        select.push(" LIMIT ").push_bind(COUNTED + 1).push(") AS counted");
    }

    /// The newest listings of each of the sources, merged.
    fn select_by_sources(&self) -> QueryBuilder {
        let mut select = QueryBuilder::new("SELECT id FROM (");
        for (nth, source) in self.query.sources.iter().enumerate() {
            let before = if nth > 0 { " UNION ALL " } else { "" };
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
    fn indexed_text(&self) -> Option<Text> {
        words::all([
            self.expr().map(words::of_words),
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
