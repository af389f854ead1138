//! Compares texts of listings with keywords, where no index yields matches in list order.

use superbot_domain::{Price, SourceName};
use superbot_matching::{Criteria, Expr, Facts, Index, QueryId};

use crate::error::Result;
use crate::search_reader::SearchReader;
use crate::sql::{QueryBuilder, chunks};

/// Compiled keywords: about 3 µs for each listing whose text may match, 1 µs for others.
pub(super) struct TextMatcher<'c> {
    criteria: &'c Criteria,
    compiled: Index,
    /// Placeholder for criteria that do not filter by source.
    source: SourceName,
}

impl<'c> TextMatcher<'c> {
    /// Compiles criteria that consist of keywords only.
    pub(super) fn new(criteria: &'c Criteria) -> Result<Self> {
        let mut compiled = Index::new();
        compiled.insert(QueryId(0), criteria);
        Ok(Self { criteria, compiled, source: SourceName::parse("any")? })
    }

    /// Returns the first `most` of the listings whose texts match, in the given order.
    pub(super) async fn matching(&mut self, ids: &[i64], most: usize, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let mut matching = Vec::new();
        for chunk in chunks(ids) {
            if matching.len() >= most {
                break;
            }
            let texts = self.select(chunk).build_query_as().fetch_all(reader.in_time()?).await?;
            let mut found: Vec<i64> = texts.into_iter().filter_map(|texts| self.matches(texts)).collect();
            // The chunk's own order is the list's; the rows arrived in any order.
            found.sort_unstable();
            matching.extend(chunk.iter().copied().filter(|id| found.binary_search(id).is_ok()));
        }
        matching.truncate(most);
        Ok(matching)
    }

    fn select(&self, ids: &[i64]) -> QueryBuilder {
        let mut select = QueryBuilder::new("SELECT id, title, description FROM listings WHERE id IN (");
        let mut list = select.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        select.push(")");
        if let Some(query) = &self.criteria.query {
            select.push(" AND (");
            push_parts(query.expr(), &mut select);
            // For ASCII, a case-insensitive substring test cannot miss a word; other texts are folded before they are
            // compared.
            select
                .push(" OR octet_length(title) <> length(title) OR octet_length(description) <> length(description))");
        }
        select
    }

    fn matches(&mut self, (id, title, description): (i64, String, Option<String>)) -> Option<i64> {
        let description = description.as_deref().unwrap_or_default();
        let facts = Facts { title: &title, description, price: Price::Unstated, source: &self.source, location: "" };
        let mut found = Vec::new();
        self.compiled.matches(&facts, &mut found);
        (!found.is_empty()).then_some(id)
    }
}

/// Appends a condition that every matching text meets; a cheap prefilter for the compiled keywords.
fn push_parts(expr: &Expr, select: &mut QueryBuilder) {
    let (separator, parts) = match expr {
        Expr::Term(term) => {
            let mut before = "(";
            for word in &term.words {
                let pattern = format!("%{word}%");
                select.push(before).push("(title LIKE ").push_bind(pattern.clone());
                select.push(" OR description LIKE ").push_bind(pattern).push(")");
                before = " AND ";
            }
            select.push(")");
            return;
        }
        Expr::All(parts) => (" AND ", parts.as_slice()),
        Expr::Any(parts) => (" OR ", parts.as_slice()),
        Expr::Not(_) => {
            // Nothing follows from an excluded word.
            select.push("TRUE");
            return;
        }
    };
    select.push("(");
    for (nth, part) in parts.iter().enumerate() {
        if nth > 0 {
            select.push(separator);
        }
        push_parts(part, select);
    }
    select.push(")");
}
