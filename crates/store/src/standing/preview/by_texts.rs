//! Previews of words that the full-text index does not know: the newest listings are read, as many as there is time for.

use std::time::Duration;

use superbot_domain::{Listing, NearMiss};
use superbot_matching::{Criteria, Index, QueryId};
use tokio::time::Instant;

use super::{LONGER_WORDS_PATIENCE, PreviewMatches, PreviewSearch, SAMPLE};
use crate::error::Result;
use crate::listings;
use crate::listings::words::{self, WordCondition};
use crate::rows::micros;
use crate::search_reader::SearchReader;
use crate::sql::QueryBuilder;

/// Listings that are read at once.
const BATCH: i64 = 500;

impl PreviewSearch<'_> {
    /// The newest listings that meet the criteria, as many as are read in that time. The expression, if there is one, is met by
    /// all of them.
    pub(super) async fn find_by_texts(
        &self,
        expression: Option<&WordCondition>,
        patience: Duration,
        reader: &mut SearchReader,
    ) -> Result<PreviewMatches> {
        let started = Instant::now();
        let mut compiled = Index::new();
        compiled.insert(QueryId(0), self.criteria);
        let mut newest = Vec::new();
        let mut matches = Vec::new();
        let mut found = PreviewMatches { count: 0, oldest: None, newest: Vec::new(), searched: self.window };
        let mut before = self.window.last.saturating_add(1);
        loop {
            let ids = self.ids_before(before, expression, reader).await?;
            for listing in listings::by_ids_in_order(reader, &ids).await? {
                compiled.matches(&super::facts(&listing), &mut matches);
                if !matches.is_empty() && micros(listing.first_seen_at) >= self.window.since {
                    found.count += 1;
                    found.oldest = Some(listing.id.get());
                    newest.push(listing.id.get());
                }
            }
            match ids.last() {
                Some(last) if i64::try_from(ids.len()).is_ok_and(|read| read == BATCH) => before = *last,
                _ => break,
            }
            if started.elapsed() > patience {
                found.searched = self.window.since_listing(reader, before).await?;
                break;
            }
        }
        newest.truncate(SAMPLE);
        found.newest = newest;
        Ok(found)
    }

    /// Listings in which a longer word contains one that is looked for.
    pub(super) async fn longer_words(
        &self,
        most: usize,
        found: &[i64],
        reader: &mut SearchReader,
    ) -> Result<Vec<NearMiss>> {
        let Some(query) = self.criteria.query.as_ref().and_then(superbot_matching::Query::widened) else {
            return Ok(Vec::new());
        };
        let criteria = Criteria { query: Some(query), ..self.criteria.clone() };
        let wider = PreviewSearch { criteria: &criteria, ..*self };
        let expression = words::expression(&criteria);
        let longer = wider.find_by_texts(expression.as_ref(), LONGER_WORDS_PATIENCE, reader).await?;
        let ids: Vec<i64> = longer.newest.into_iter().filter(|id| !found.contains(id)).collect();
        let listings = listings::by_ids_in_order(reader, &ids).await?;
        Ok(listings.into_iter().filter_map(|listing: Listing| self.near_miss(listing)).take(most).collect())
    }

    async fn ids_before(
        &self,
        before: i64,
        expression: Option<&WordCondition>,
        reader: &mut SearchReader,
    ) -> Result<Vec<i64>> {
        let dialect = reader.dialect();
        let id = if expression.is_some() { dialect.pick("rowid", "listing_id") } else { "id" };
        let table = if expression.is_some() { "listing_words" } else { "listings" };
        let mut select = QueryBuilder::new(format!("SELECT {id} FROM {table} WHERE {id} >= "));
        select.push_bind(self.window.first).push(format!(" AND {id} < ")).push_bind(before);
        if let Some(expression) = expression {
            select.push(dialect.pick(" AND listing_words MATCH ", " AND words @@ "));
            select.push_bind(expression.written(dialect)).push(dialect.pick("", "::tsquery"));
        }
        select.push(format!(" ORDER BY {id} DESC LIMIT ")).push_bind(BATCH);
        Ok(select.build_query_scalar().fetch_all(reader.in_time()?).await?)
    }
}
