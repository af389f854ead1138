//! Alerts and searches of another program.

use std::collections::{HashMap, HashSet};

use superbot_domain::{PricePeriod, QueryParts, Timestamp, UserId};

use super::row;
use crate::error::{Result, StoreError};
use crate::rows::micros;
use crate::sql;
use crate::tx::Tx;

/// An alert or a search as another program had it.
#[derive(Clone, Debug)]
pub struct ImportedQuery {
    /// Whose it is.
    pub user: UserId,
    /// What it asks for.
    pub wants: QueryParts,
    /// When it was created; now, where that is not known.
    pub created_at: Option<Timestamp>,
}

/// The result of importing a standing query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryImport {
    /// It was added.
    Added,
    /// The user has it, or had it when the file was imported before.
    AlreadyThere,
    /// The user has too many; the reason for the user.
    Refused(String),
}

/// Which of the queries of a file were looked at.
///
/// One that was taken over earlier may have been edited since. It is known by when it was made, and, where a user made
/// several in that moment, by how many of them came before it.
#[derive(Clone, Debug, Default)]
pub struct ImportedQueries {
    asked: HashSet<(UserId, Asked)>,
    made: HashMap<(UserId, i64), i64>,
}

/// What a query asks for, to tell it from others.
type Asked = String;

impl Tx {
    /// Saves the queries that are not here yet; they apply to what comes in from now on.
    pub(crate) async fn take_over_queries(
        &mut self,
        queries: &[ImportedQuery],
        seen: &mut ImportedQueries,
    ) -> Result<Vec<QueryImport>> {
        let (mut outcomes, mut ids) = (Vec::with_capacity(queries.len()), Vec::new());
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
            let created_at = created_at.map_or(self.now, |at| at.min(self.now));
            ids.push(row::insert(self, *user, wants, created_at).await?.id());
            outcomes.push(QueryImport::Added);
        }
        if !ids.is_empty() {
            self.queries_changed(&ids).await?;
        }
        Ok(outcomes)
    }

    /// Whether the user has a query that asks for the same, or so many that were made in that moment.
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
    /// Which of those made in its moment a query is, from 1 on; 0 where the file has the same one twice.
    fn nth(&mut self, query: &ImportedQuery) -> i64 {
        if !self.asked.insert((query.user, identity(&query.wants))) {
            return 0;
        }
        let Some(at) = query.created_at else { return i64::MAX };
        let made = self.made.entry((query.user, micros(at))).or_default();
        *made += 1;
        *made
    }
}

/// What tells a query from what else its user asks for.
fn identity(wants: &QueryParts) -> Asked {
    let (name, keywords, place) = (&wants.name, &wants.keywords, &wants.location);
    let sources = row::written(&wants.sources);
    let (min, max, per) = (wants.min_minor, wants.max_minor, wants.price_per);
    format!("{name:?} {keywords:?} {sources} {min:?} {max:?} {per:?} {place:?}")
}
