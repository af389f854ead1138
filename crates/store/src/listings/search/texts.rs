//! Comparing the texts of listings with the words of a search, where no index has them in the order of the list.

use superbot_domain::{Price, SourceName};
use superbot_matching::{Criteria, Expr, Facts, Index, QueryId};

use crate::error::Result;
use crate::search_reader::SearchReader;
use crate::sql::{QueryBuilder, chunks};

/// Compares texts with words that are compiled once: about 3 µs for each listing whose texts may match, and 1 µs for others.
pub(super) struct TextMatcher<'c> {
    criteria: &'c Criteria,
    compiled: Index,
    /// A source for criteria that ask for none.
    source: SourceName,
}

impl<'c> TextMatcher<'c> {
    /// For criteria that have words and nothing else.
    pub(super) fn new(criteria: &'c Criteria) -> Result<Self> {
        let mut compiled = Index::new();
        compiled.insert(QueryId(0), criteria);
        Ok(Self { criteria, compiled, source: SourceName::parse("any")? })
    }

    /// The first `most` of the listings whose texts match, in the order in which they are given.
    pub(super) async fn matching(&mut self, ids: &[i64], most: usize, reader: &mut SearchReader) -> Result<Vec<i64>> {
        let mut matching = Vec::new();
        for chunk in chunks(ids) {
            if matching.len() >= most {
                break;
            }
            let texts = self.select(chunk).build_query_as().fetch_all(reader.in_time()?).await?;
            let mut found: Vec<i64> = texts.into_iter().filter_map(|texts| self.matches(texts)).collect();
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
            // In ASCII, words are parts of their text, apart from case; other texts are folded before they are compared.
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

/// The condition that a text contains the words that the expression cannot do without.
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
