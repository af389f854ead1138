//! The plans for Postgres. Its planner knows how common values are, but not that a list may end early because matches lie at
//! its beginning, nor what a word's absence from its statistics means; so the walk comes first here too.

use super::{COUNT_ROWS, Search, words};
use crate::error::Result;
use crate::search_reader::SearchReader;
use crate::sql::{Dialect, QueryBuilder};

impl Search<'_> {
    pub(super) async fn ids_in_postgres(&self, reader: &mut SearchReader) -> Result<Vec<i64>> {
        if self.is_by_source_alone() {
            return Ok(self.select_by_sources().build_query_scalar().fetch_all(reader.in_time()?).await?);
        }
        let text = self.tsquery();
        let budget = match &text {
            Some(_) => Some(self.budgets.walked_words),
            None if self.has_filters() => Some(self.budgets.walked),
            None => None,
        };
        let found = self.walk_rows(text.as_deref(), budget, reader).await?;
        if budget.is_none() || self.is_full(&found) {
            return Ok(found);
        }
        self.sort_rows(text.as_deref(), reader).await
    }

    pub(super) async fn count_in_postgres(&self, reader: &mut SearchReader) -> Result<i64> {
        let mut select = QueryBuilder::new(COUNT_ROWS);
        select.push("listings");
        push_words(self.tsquery().as_deref(), &mut select);
        self.push_counted(&mut select);
        Ok(select.build_query_scalar().fetch_one(reader.in_time()?).await?)
    }

    fn tsquery(&self) -> Option<String> {
        self.expr().map(|expr| words::of_words(expr).written(Dialect::Postgres))
    }

    /// The listings in the order of the list, of which at most `budget` are looked at.
    async fn walk_rows(&self, text: Option<&str>, budget: Option<i64>, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let mut select = QueryBuilder::new(
            "SELECT id FROM (SELECT id, source, price_units, first_seen_at, created_at, price_fall FROM listings WHERE TRUE",
        );
        self.push_bounds(&mut select);
        self.order.push_order(&mut select);
        if let Some(budget) = budget {
            select.push(" LIMIT ").push_bind(budget);
        }
        select.push(") AS walked WHERE TRUE");
        self.push_filters(&mut select);
        if let Some(text) = text {
            // A scalar subquery stays one look-up for each listing, where a join might begin with all matches of the words.
            select.push(" AND (SELECT words @@ ").push_bind(text);
            select.push("::tsquery FROM listing_words WHERE listing_id = walked.id)");
        }
        self.order.push_order(&mut select);
        select.push(" LIMIT ").push_bind(self.rows);
        Ok(select.build_query_scalar().fetch_all(reader.in_time()?).await?)
    }

    /// All listings that match, found by whatever is rarest of them, sorted.
    async fn sort_rows(&self, text: Option<&str>, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let mut select = QueryBuilder::new("SELECT id FROM listings");
        push_words(text, &mut select);
        self.push_conditions(&mut select);
        self.order.push_order_by_sorting(&mut select);
        select.push(" LIMIT ").push_bind(self.rows);
        Ok(select.build_query_scalar().fetch_all(reader.in_time()?).await?)
    }
}

fn push_words(text: Option<&str>, select: &mut QueryBuilder) {
    match text {
        Some(text) => {
            select.push(" JOIN listing_words ON listing_id = id WHERE words @@ ").push_bind(text).push("::tsquery");
        }
        None => {
            select.push(" WHERE TRUE");
        }
    }
}
