//! Lists of words that the full-text index does not know: those of which the beginning is open, such as `*rad`.

use superbot_domain::BoundedCount;

use super::texts::TextMatcher;
use super::{ListSearch, words};
use crate::error::Result;
use crate::listings::words::{PrefixWords, check_merges};
use crate::page::COUNTED;
use crate::search_reader::SearchReader;
use crate::sql::{QueryBuilder, SqlDialect};

impl ListSearch<'_> {
    /// Whether the texts of listings have to be read to find those with the words.
    pub(super) fn is_unindexed(&self) -> bool {
        self.expr().is_some_and(|expr| !words::is_indexed(expr))
    }

    /// The page, from as many of the first listings as there is time to read.
    pub(super) async fn ids_by_texts(&self, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let Some(criteria) = &self.criteria else { return Ok(Vec::new()) };
        let mut candidates = self.unread(reader.dialect());
        self.order.push_after(self.cursor.as_ref(), &mut candidates);
        let candidates = self.candidates(candidates, reader).await?;
        TextMatcher::new(criteria)?.matching(&candidates, self.wanted(), reader).await
    }

    /// The number of listings with the words; a lower bound where there are too many to read.
    pub(super) async fn count_by_texts(&self, reader: &mut SearchReader) -> Result<BoundedCount> {
        let Some(criteria) = &self.criteria else { return Ok(BoundedCount::Exactly(0)) };
        let candidates = self.unread(reader.dialect());
        let candidates = self.candidates(candidates, reader).await?;
        let found = TextMatcher::new(criteria)?.matching(&candidates, usize::MAX, reader).await?;
        let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let is_all = i64::try_from(candidates.len()).is_ok_and(|read| read < self.budgets.unindexed_read);
        let at_least = BoundedCount::AtLeast(count.min(COUNTED).unsigned_abs());
        Ok(if is_all { BoundedCount::of(count) } else { at_least })
    }

    /// The beginning of a statement for listings whose texts are to be read.
    fn unread(&self, dialect: SqlDialect) -> QueryBuilder {
        let hint = match dialect {
            SqlDialect::Sqlite => format!(" INDEXED BY {}", self.order.index),
            SqlDialect::Postgres => String::new(),
        };
        let mut select = QueryBuilder::new(format!("SELECT id FROM listings{hint} WHERE TRUE"));
        self.order.push_presence(&mut select);
        select
    }

    async fn candidates(&self, mut select: QueryBuilder, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let dialect = reader.dialect();
        self.push_filters(&mut select);
        if let Some(text) = self.expr().and_then(words::of_words) {
            let text = PrefixWords::default().spell_out(text, reader).await?;
            check_merges(&text, dialect)?;
            select.push(match dialect {
                SqlDialect::Sqlite => " AND id IN (SELECT rowid FROM listing_words WHERE listing_words MATCH ",
                SqlDialect::Postgres => " AND id IN (SELECT listing_id FROM listing_words WHERE words @@ ",
            });
            select.push_bind(text.written(dialect));
            select.push(dialect.pick(")", "::tsquery)"));
        }
        self.order.push_order(&mut select);
        select.push(" LIMIT ").push_bind(self.budgets.unindexed_read);
        Ok(select.build_query_scalar().fetch_all(reader.in_time()?).await?)
    }
}
