//! Notifications about failing and recovered sources, for the users who depend on them.

use superbot_domain::{Currency, Money, SourceHealth, SourceName, SourceState, UserId};
use superbot_wire::{NotificationData as _, SourceNoticeData};

use crate::error::Result;
use crate::handles::SourceStore;
use crate::rows::currency;
use crate::sql::{self, QueryBuilder};
use crate::standing::LIVE;
use crate::tx::StoreTx;

/// A search that a source can be asked for on behalf of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedSearch {
    /// Keywords of the query.
    pub keywords: String,
    /// Minimum price.
    pub min: Option<Money>,
    /// Maximum price.
    pub max: Option<Money>,
}

/// Consecutive failures before users are notified: a single one is often gone with the next run.
const FAILURES_TO_TELL: u32 = 2;
/// Condition for queries that include a source: those for all sources, or with `$1` in their space-separated list.
const LOOKS_AT: &str =
    "(sources = '' OR replace(' ' || sources || ' ', ' ' || $1 || ' ', '') <> ' ' || sources || ' ')";

impl SourceStore<'_> {
    /// Returns the distinct searches of alerts and saved searches for a source, oldest first, at most `limit`.
    pub async fn list_wanted(self, source: &SourceName, limit: u32) -> Result<Vec<WantedSearch>> {
        let sql = format!(
            "SELECT keywords, currency, min_minor, max_minor FROM standing_queries \
             WHERE {LIVE} AND keywords <> '' AND {LOOKS_AT} \
             GROUP BY keywords, currency, min_minor, max_minor ORDER BY MIN(id) LIMIT $2"
        );
        let select = sql::query_as(sqlx::AssertSqlSafe(sql)).bind(source.as_str()).bind(limit);
        let rows: Vec<(String, String, Option<i64>, Option<i64>)> =
            select.fetch_all(&mut self.store.reader().await?).await?;
        let read = |(keywords, code, min, max): (String, String, Option<i64>, Option<i64>)| {
            let currency: Currency = currency(&code)?;
            let money = |minor: Option<i64>| minor.map(|minor| Money { minor, currency });
            Ok(WantedSearch { keywords, min: money(min), max: money(max) })
        };
        rows.into_iter().map(read).collect()
    }

    /// Notifies users who depend on a source that it fails, or those notified before that it has recovered; each once.
    /// Returns how many users were notified, at most `limit`.
    pub async fn notify_users(self, name: &SourceName, limit: u32) -> Result<usize> {
        let Some(source) = self.get(name).await? else { return Ok(0) };
        let sql = match news(&source.health) {
            None => return Ok(0),
            Some(SourceNews::Down) => format!(
                "SELECT DISTINCT user_id FROM standing_queries WHERE {LIVE} AND {LOOKS_AT} AND NOT EXISTS \
                 (SELECT 1 FROM source_notices AS told WHERE told.source = $1 AND told.user_id = standing_queries.user_id) \
                 ORDER BY user_id LIMIT $2"
            ),
            Some(SourceNews::Back) => {
                "SELECT user_id FROM source_notices WHERE source = $1 ORDER BY user_id LIMIT $2".to_owned()
            }
        };
        let select = sql::query_scalar(sqlx::AssertSqlSafe(sql)).bind(name.as_str()).bind(limit);
        let users: Vec<i64> = select.fetch_all(&mut self.store.reader().await?).await?;
        if users.is_empty() {
            return Ok(0);
        }
        let name = name.clone();
        self.store.write(async move |tx| tx.notify_users_of_source(&name, &users).await).await
    }
}

#[derive(PartialEq)]
enum SourceNews {
    Down,
    Back,
}

fn news(health: &SourceHealth) -> Option<SourceNews> {
    match health.state {
        SourceState::Ok | SourceState::Empty => Some(SourceNews::Back),
        state if state.is_failing() && health.failures >= FAILURES_TO_TELL => Some(SourceNews::Down),
        _ => None,
    }
}

impl StoreTx {
    /// Notifies these users, except those whom another process has notified in the meantime.
    async fn notify_users_of_source(&mut self, name: &SourceName, users: &[i64]) -> Result<usize> {
        let Some(source) = self.source(name).await? else { return Ok(0) };
        let health = &source.health;
        // The rows decide who is notified: RETURNING names only users whose state changed in this transaction.
        let mut change = match news(health) {
            None => return Ok(0),
            Some(SourceNews::Down) => {
                let mut insert = QueryBuilder::new("INSERT INTO source_notices (source, user_id) ");
                insert.push_values(users, |mut row, user| {
                    row.push_bind(name.as_str()).push_bind(*user);
                });
                insert.push(" ON CONFLICT (source, user_id) DO NOTHING");
                insert
            }
            Some(SourceNews::Back) => {
                let mut delete = QueryBuilder::new("DELETE FROM source_notices WHERE source = ");
                delete.push_bind(name.as_str()).push(" AND user_id IN (");
                let mut list = delete.separated(", ");
                for user in users {
                    list.push_bind(*user);
                }
                delete.push(")");
                delete
            }
        };
        change.push(" RETURNING user_id");
        let told: Vec<i64> = change.build_query_scalar().fetch_all(&mut self.conn).await?;
        let draft = SourceNoticeData::new(name, health).draft()?;
        let drafts: Vec<_> = told.iter().map(|user| (UserId::from(*user), draft.clone())).collect();
        if !drafts.is_empty() {
            self.insert_notifications(drafts).await?;
        }
        Ok(told.len())
    }
}
