//! Plans for SQLite, whose planner has no statistics here: each statement names its index.

use superbot_domain::BoundedCount;

use super::texts::TextMatcher;
use super::{COUNT_ROWS, ListSearch, SearchBudgets, words};
use crate::error::Result;
use crate::listings::words::{PrefixWords, WordCondition, check_merges};
use crate::page::COUNTED;
use crate::search_reader::SearchReader;
use crate::sql::QueryBuilder;

/// Start of a full-text query, to be followed by its expression.
const MATCHES: &str = "SELECT rowid AS found FROM listing_words WHERE listing_words MATCH ";
/// Joins matches with the columns for filters and sorts, from a covering index.
const WITH_FACTS: &str = " CROSS JOIN listings INDEXED BY listings_facts ON id = found WHERE TRUE";

/// The index that serves a condition, and a statement that counts its rows.
type Narrowing = (&'static str, QueryBuilder);

impl ListSearch<'_> {
    pub(super) async fn ids_in_sqlite(&self, reader: &mut SearchReader) -> Result<Vec<i64>> {
        if self.expr().is_some() {
            return self.with_words(reader).await;
        }
        if self.is_by_source_alone() {
            return Ok(self.select_by_sources().build_query_scalar().fetch_all(reader).await?);
        }
        if !self.has_filters() {
            return self.walk(None, self.rows, reader).await;
        }
        let found = self.walk(Some(self.budgets.walked), self.rows, reader).await?;
        if self.is_full(&found) {
            return Ok(found);
        }
        match self.narrow_index(self.budgets.narrow, reader).await? {
            Some(index) => self.sort_index(index, self.rows, reader).await,
            None => self.walk(None, self.rows, reader).await,
        }
    }

    async fn with_words(&self, reader: &mut SearchReader) -> Result<Vec<i64>> {
        if self.expr().and_then(words::of_words).is_some_and(|text| !text.beginnings().is_empty()) {
            // Of the words that begin so, the index has a list each: to open dozens of them takes longer than to read the first
            // listings, where many of these match.
            let found = self.walk_and_match(self.budgets.newest_read, reader).await?;
            if self.is_full(&found) {
                return Ok(found);
            }
        }
        let text = self.text(reader).await?;
        check_merges(&text, reader.dialect())?;
        let text = text.written(reader.dialect());
        match self.order.key() {
            None => self.found_with_words(&text, reader).await,
            Some(_) => self.sorted_with_words(&text, reader).await,
        }
    }

    /// Returns the newest listings that contain the words; the full-text index is in that order.
    async fn found_with_words(&self, text: &str, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let SearchBudgets { looked_up, streamed, .. } = self.budgets;
        if !(self.has_price() || self.query.since.is_some()) {
            return self.stream(text, None, reader).await;
        }
        let found = self.stream(text, Some(streamed), reader).await?;
        if self.is_full(&found) {
            return Ok(found);
        }
        if self.count_words(text, looked_up, reader).await? <= looked_up {
            return self.stream(text, None, reader).await;
        }
        match self.narrow_and_match(reader).await? {
            Some(found) => Ok(found),
            None => self.stream(text, None, reader).await,
        }
    }

    /// Returns listings that contain the words, in another order.
    async fn sorted_with_words(&self, text: &str, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let SearchBudgets { collected, in_set, walked_read, .. } = self.budgets;
        if self.is_common(text, walked_read, reader).await? {
            let found = self.walk_and_match(walked_read, reader).await?;
            if self.is_full(&found) {
                return Ok(found);
            }
        }
        let matches = self.matches(text, in_set + 1, reader).await?;
        let count = i64::try_from(matches.len()).unwrap_or(i64::MAX);
        if count <= collected {
            return self.sort_matches(&matches, reader).await;
        }
        if count <= in_set {
            let found = self.walk_beside(&matches, reader).await?;
            if self.is_full(&found) {
                return Ok(found);
            }
        }
        match self.narrow_and_match(reader).await? {
            Some(found) => Ok(found),
            None if count <= in_set => self.sort_matches(&matches, reader).await,
            None => self.collect(text, reader).await,
        }
    }

    /// Estimates from the newest matches whether a page of matches should be found within half of `walked` listings.
    async fn is_common(&self, text: &str, walked: i64, reader: &mut SearchReader) -> Result<bool> {
        let sampled = self.budgets.sampled_matches;
        let mut select = QueryBuilder::new("SELECT COUNT(*), COALESCE(MAX(found) - MIN(found), 0) FROM (");
        select.push(MATCHES).push_bind(text).push(" ORDER BY rowid DESC LIMIT ").push_bind(sampled).push(")");
        let (count, span): (i64, i64) = select.build_query_as().fetch_one(reader.in_time()?).await?;
        Ok(count == sampled && count.saturating_mul(walked) >= span.saturating_mul(2 * self.rows))
    }

    pub(super) async fn count_in_sqlite(&self, reader: &mut SearchReader) -> Result<BoundedCount> {
        if self.expr().is_none() {
            return self.count_rows(reader).await.map(BoundedCount::of);
        }
        let text = self.text(reader).await?;
        check_merges(&text, reader.dialect())?;
        let text = text.written(reader.dialect());
        let is_indexed = !self.has_price() && self.query.since.is_none() && !self.order.leaves_out();
        if is_indexed {
            return self.count_words(&text, COUNTED, reader).await.map(BoundedCount::of);
        }
        let budget = self.budgets.counted;
        let mut select = QueryBuilder::new("SELECT COUNT(*), COUNT(*) FILTER (WHERE TRUE");
        self.push_price(&mut select);
        self.push_since(&mut select);
        self.order.push_presence(&mut select);
        // Newest first: with `since`, most matches that qualify are among them.
        select.push(") FROM (").push(MATCHES).push_bind(&text).push(" ORDER BY rowid DESC LIMIT ");
        select.push_bind(budget + 1).push(")").push(WITH_FACTS);
        let (looked_up, count): (i64, i64) = select.build_query_as().fetch_one(reader.in_time()?).await?;
        let at_least = BoundedCount::AtLeast(count.min(COUNTED).unsigned_abs());
        Ok(if looked_up > budget { at_least } else { BoundedCount::of(count) })
    }

    async fn count_rows(&self, reader: &mut SearchReader) -> Result<i64> {
        let sources_alone = !self.has_price() && self.query.since.is_none() && !self.query.sources.is_empty();
        let index = match self.order {
            order if order.leaves_out() => order.index,
            _ if self.query.price_per.is_some() => "listings_by_period",
            _ if self.has_price() => "listings_by_price",
            _ if sources_alone => "listings_by_source",
            _ => "listings_facts",
        };
        let mut select = QueryBuilder::new(format!("{COUNT_ROWS}listings INDEXED BY {index} WHERE TRUE"));
        self.push_counted(&mut select);
        Ok(select.build_query_scalar().fetch_one(reader.in_time()?).await?)
    }

    /// Reads listings in list order, at most `budget` index entries.
    async fn walk(&self, budget: Option<i64>, limit: i64, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let index = self.order.index;
        let mut select = QueryBuilder::new("SELECT id FROM ");
        if let Some(budget) = budget {
            select.push(format!("(SELECT id, {} FROM listings INDEXED BY {index} WHERE TRUE", self.filter_columns()));
            self.push_bounds(&mut select);
            self.order.push_order(&mut select);
            // SQLite preserves the index order through the subquery, as nothing sorts its rows.
            select.push(" LIMIT ").push_bind(budget).push(") AS walked WHERE TRUE");
            self.push_filters(&mut select);
        } else {
            select.push(format!("listings INDEXED BY {index} WHERE TRUE"));
            self.push_bounds(&mut select);
            self.push_filters(&mut select);
            self.order.push_order(&mut select);
        }
        select.push(" LIMIT ").push_bind(limit);
        Ok(select.build_query_scalar().fetch_all(reader.in_time()?).await?)
    }

    /// Walks in list order and keeps the listings in `matches`, which must be in ascending order.
    async fn walk_beside(&self, matches: &[i64], reader: &mut SearchReader) -> Result<Vec<i64>> {
        let most = self.budgets.in_set;
        let mut budget = self.budgets.first_walk.min(most);
        loop {
            // Each walk starts over: without a common snapshot, a second walk could not continue where the first ended.
            let walked = self.walk(Some(budget), budget, reader).await?;
            let mut found: Vec<i64> = walked.into_iter().filter(|id| matches.binary_search(id).is_ok()).collect();
            if self.is_full(&found) || budget == most {
                found.truncate(self.wanted());
                return Ok(found);
            }
            budget = (budget * 4).min(most);
        }
    }

    /// Reads the first listings in list order and keeps those whose texts match; stops after a sample if the page is
    /// unlikely to be filled.
    async fn walk_and_match(&self, budget: i64, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let Some(criteria) = &self.criteria else { return Ok(Vec::new()) };
        let candidates = self.walk(Some(budget), budget, reader).await?;
        let (sample, rest) = candidates.split_at(self.budgets.sampled_texts.min(candidates.len()));
        let mut matcher = TextMatcher::new(criteria)?;
        let mut found = matcher.matching(sample, self.wanted(), reader).await?;
        let hopeful = 2 * found.len() * candidates.len() >= self.wanted() * sample.len();
        if hopeful && !self.is_full(&found) {
            found.extend(matcher.matching(rest, self.wanted() - found.len(), reader).await?);
        }
        Ok(found)
    }

    /// Reads the listings found by a selective index and keeps those whose texts match; `None` if no filter is
    /// selective.
    async fn narrow_and_match(&self, reader: &mut SearchReader) -> Result<Option<Vec<i64>>> {
        let most = self.budgets.narrow_read;
        let Some(index) = self.narrow_index(most, reader).await? else { return Ok(None) };
        let Some(criteria) = &self.criteria else { return Ok(None) };
        let candidates = self.sort_index(index, most, reader).await?;
        TextMatcher::new(criteria)?.matching(&candidates, self.wanted(), reader).await.map(Some)
    }

    /// Returns an index for one of the filters that finds at most `most` listings, if there is one.
    async fn narrow_index(&self, most: i64, reader: &mut SearchReader) -> Result<Option<&'static str>> {
        for (index, mut condition) in self.narrowings() {
            condition.push(" LIMIT ").push_bind(most + 1).push(")");
            if condition.build_query_scalar::<i64>().fetch_one(reader.in_time()?).await? <= most {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    fn narrowings(&self) -> Vec<Narrowing> {
        let count = |index| QueryBuilder::new(format!("{COUNT_ROWS}listings INDEXED BY {index} WHERE TRUE"));
        let mut narrowings = Vec::new();
        if self.has_price() || self.query.price_per.is_some() {
            let by_period = self.query.price_per.map(|_| "listings_by_recurring_price");
            let index = by_period.unwrap_or("listings_by_price");
            let mut by_price = count(index);
            self.push_period(&mut by_price);
            self.push_price(&mut by_price);
            narrowings.push((index, by_price));
        }
        if !self.query.sources.is_empty() {
            let mut by_source = count("listings_by_source");
            self.push_sources(&mut by_source);
            narrowings.push(("listings_by_source", by_source));
        }
        if self.query.since.is_some() {
            let mut by_time = count("listings_by_first_seen");
            self.push_since(&mut by_time);
            narrowings.push(("listings_by_first_seen", by_time));
        }
        narrowings
    }

    /// Returns the listings found by an index, sorted.
    async fn sort_index(&self, index: &'static str, limit: i64, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let mut select = QueryBuilder::new(format!("SELECT id FROM listings INDEXED BY {index} WHERE TRUE"));
        self.push_conditions(&mut select);
        self.order.push_order(&mut select);
        select.push(" LIMIT ").push_bind(limit);
        Ok(select.build_query_scalar().fetch_all(reader.in_time()?).await?)
    }

    /// Builds the full-text query for keywords and sources, which are indexed exactly. Prefixes remain only if too many
    /// words share them to be expanded.
    async fn text(&self, reader: &mut SearchReader) -> Result<WordCondition> {
        let text = self.indexed_text();
        PrefixWords::default().spell_out(text.unwrap_or_else(|| WordCondition::All(Vec::new())), reader).await
    }

    async fn count_words(&self, text: &str, most: i64, reader: &mut SearchReader) -> Result<i64> {
        let mut select = QueryBuilder::new("SELECT COUNT(*) FROM (");
        select.push(MATCHES).push_bind(text).push(" LIMIT ").push_bind(most + 1).push(")");
        Ok(select.build_query_scalar().fetch_one(reader.in_time()?).await?)
    }

    /// Returns the newest listings that contain the words from the full-text index, reading at most `budget` matches.
    async fn stream(&self, text: &str, budget: Option<i64>, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let mut select = QueryBuilder::new("SELECT found FROM (");
        select.push(MATCHES).push_bind(text);
        if let Some(cursor) = &self.cursor {
            select.push(" AND rowid < ").push_bind(cursor.id);
        }
        if let Some(budget) = budget {
            // The join preserves this order, as nothing sorts its rows.
            select.push(" ORDER BY rowid DESC LIMIT ").push_bind(budget);
        }
        select.push(")");
        if self.has_price() || self.query.since.is_some() {
            select.push(WITH_FACTS);
            self.push_filters(&mut select);
        }
        if budget.is_none() {
            select.push(" ORDER BY found DESC");
        }
        select.push(" LIMIT ").push_bind(self.rows);
        Ok(select.build_query_scalar().fetch_all(reader.in_time()?).await?)
    }

    /// Returns the ids of matches in ascending order, at most `most` of them.
    async fn matches(&self, text: &str, most: i64, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let mut select = QueryBuilder::new(MATCHES);
        select.push_bind(text).push(" ORDER BY rowid LIMIT ").push_bind(most);
        Ok(select.build_query_scalar().fetch_all(reader.in_time()?).await?)
    }

    /// Returns the page of these listings.
    async fn sort_matches(&self, matches: &[i64], reader: &mut SearchReader) -> Result<Vec<i64>> {
        let mut select = QueryBuilder::new("SELECT id FROM (SELECT value AS found FROM json_each(");
        select.push_bind(serde_json::json!(matches).to_string()).push("))").push(WITH_FACTS);
        self.push_conditions(&mut select);
        self.order.push_order(&mut select);
        select.push(" LIMIT ").push_bind(self.rows);
        Ok(select.build_query_scalar().fetch_all(reader.in_time()?).await?)
    }

    /// Returns all listings that contain the words, sorted.
    async fn collect(&self, text: &str, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let mut select = QueryBuilder::new("SELECT id FROM (");
        select.push(MATCHES).push_bind(text).push(")").push(WITH_FACTS);
        self.push_conditions(&mut select);
        self.order.push_order(&mut select);
        select.push(" LIMIT ").push_bind(self.rows);
        Ok(select.build_query_scalar().fetch_all(reader.in_time()?).await?)
    }
}
