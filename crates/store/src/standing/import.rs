//! Import of another program's alerts and searches.

use std::collections::{HashMap, HashSet};

use superbot_domain::{PricePeriod, QueryParts, Timestamp, UserId};

use super::row;
use crate::error::{Result, StoreError};
use crate::rows::micros;
use crate::sql;
use crate::tx::StoreTx;

/// A standing query to be imported.
#[derive(Clone, Debug)]
pub struct ImportedQuery {
    /// Owner.
    pub user: UserId,
    /// The query.
    pub wants: QueryParts,
    /// Creation time; `None` if unknown, which means now.
    pub created_at: Option<Timestamp>,
}

/// Result of importing a standing query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryImport {
    /// The query was added.
    Added,
    /// The user has the query, or it was imported from this file before.
    AlreadyThere,
    /// A limit is exceeded; the message is meant for the user.
    Refused(String),
}

/// The queries of a file seen so far.
///
/// A query imported earlier may have been edited since. It is recognized by its creation time and, if its owner created
/// several at that time, by its ordinal among them.
#[derive(Clone, Debug, Default)]
pub struct ImportedQueries {
    asked: HashSet<(UserId, ImportKey)>,
    made: HashMap<(UserId, i64), i64>,
}

/// Canonical text of a query's criteria.
type ImportKey = String;

impl StoreTx {
    /// Saves the queries that are missing; they apply to listings from now on.
    pub(crate) async fn import_queries(
        &mut self,
        queries: &[ImportedQuery],
        seen: &mut ImportedQueries,
    ) -> Result<Vec<QueryImport>> {
        let mut outcomes = Vec::with_capacity(queries.len());
        let mut ids = Vec::new();
        for query in queries {
            let ImportedQuery { user, wants, created_at } = query;
            let nth = seen.nth(query);
            if nth == 0 || self.is_query_here(query, nth).await? {
                outcomes.push(QueryImport::AlreadyThere);
                continue;
            }
            match self.check_room(*user, wants.keywords.is_empty(), None).await {
                Err(StoreError::Invalid(invalid)) => {
                    outcomes.push(QueryImport::Refused(invalid.to_string()));
                    continue;
                }
                other => other?,
            }
            // The clock of the old program's machine may have been ahead.
            let created_at = created_at.map_or(self.now, |at| at.min(self.now));
            ids.push(row::insert(self, *user, wants, created_at).await?.id());
            outcomes.push(QueryImport::Added);
        }
        if !ids.is_empty() {
            self.queries_changed(&ids).await?;
        }
        Ok(outcomes)
    }

    /// Returns whether the user has a query with the same criteria, or at least `nth` queries created at that time.
    async fn is_query_here(&mut self, query: &ImportedQuery, nth: i64) -> Result<bool> {
        let ImportedQuery { user, wants, created_at } = query;
        let select = sql::query_as(
            "SELECT EXISTS (SELECT 1 FROM standing_queries WHERE user_id = $1 AND kind = $2 AND name = $3 \
             AND keywords = $4 AND currency = $5 AND min_minor IS NOT DISTINCT FROM $6 \
             AND max_minor IS NOT DISTINCT FROM $7 AND sources = $8 AND location IS NOT DISTINCT FROM $9 \
             AND price_per IS NOT DISTINCT FROM $11), \
             (SELECT COUNT(*) FROM standing_queries WHERE user_id = $1 AND kind = $2 AND created_at = $10)",
        );
        let select = select.bind(user.get()).bind(wants.kind.as_str()).bind(&wants.name).bind(&wants.keywords);
        let select = select.bind(wants.currency.to_string()).bind(wants.min_minor).bind(wants.max_minor);
        let select = select.bind(row::written(&wants.sources)).bind(&wants.location).bind(created_at.map(micros));
        let select = select.bind(wants.price_per.map(PricePeriod::as_str));
        let (same, made_then): (bool, i64) = select.fetch_one(&mut self.conn).await?;
        Ok(same || made_then >= nth)
    }
}

impl ImportedQueries {
    /// Returns the query's ordinal among those created at the same time, from 1 on; 0 if the file contains it twice.
    fn nth(&mut self, query: &ImportedQuery) -> i64 {
        if !self.asked.insert((query.user, identity(&query.wants))) {
            return 0;
        }
        // Without a time there is no ordinal, so only equal criteria identify the query.
        let Some(at) = query.created_at else { return i64::MAX };
        let made = self.made.entry((query.user, micros(at))).or_default();
        *made += 1;
        *made
    }
}

/// Returns a text that identifies a query's criteria among those of its owner.
fn identity(wants: &QueryParts) -> ImportKey {
    let name = &wants.name;
    let keywords = &wants.keywords;
    let place = &wants.location;
    let sources = row::written(&wants.sources);
    let min = wants.min_minor;
    let max = wants.max_minor;
    let per = wants.price_per;
    format!("{name:?} {keywords:?} {sources} {min:?} {max:?} {per:?} {place:?}")
}
