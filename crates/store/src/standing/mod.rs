//! Price alerts and saved searches.

mod corrections;
mod facts;
mod ignored;
mod import;
mod matches;
mod notify;
mod preview;
mod queries;
mod query_state;
mod reconcile;
mod row;

use serde_json::json;
use superbot_domain::{EventKind, UserId};

pub use self::ignored::IgnoreOutcome;
pub use self::import::{ImportedQueries, ImportedQuery, QueryImport};
pub(crate) use self::notify::MatchCandidate;
use self::query_state::read_index;
pub use self::reconcile::ReconcileOutcome;
pub(crate) use self::row::LIVE;
pub(crate) use self::row::criteria_of;
use crate::error::Result;
use crate::handles::MatchStore;
use crate::sql;
use crate::tx::StoreTx;

impl MatchStore<'_> {
    /// Builds the index of standing queries ahead of the first listing, without blocking other writers.
    pub async fn prepare(self) -> Result<()> {
        let index = read_index(&mut self.store.reader().await?).await?;
        self.store
            .write(async move |tx| {
                tx.queries = index;
                tx.follow_queries().await
            })
            .await
    }
}

impl StoreTx {
    /// Notifies all processes that match listings of changed queries.
    pub(crate) async fn queries_changed(&mut self, ids: &[i64]) -> Result<()> {
        self.emit_control(EventKind::StandingQueriesChanged, &json!({ "ids": ids })).await
    }

    /// Resets all of a user's queries after the user was enabled or disabled, since queries of disabled users match
    /// nothing.
    pub(crate) async fn queries_of_user_changed(&mut self, user: UserId) -> Result<()> {
        let update = sql::query_scalar::<i64>("UPDATE standing_queries SET since = $1 WHERE user_id = $2 RETURNING id");
        let update = update.bind(self.numbers.price_point).bind(user.get());
        let ids = update.fetch_all(&mut self.conn).await?;
        if !ids.is_empty() {
            self.queries_changed(&ids).await?;
        }
        Ok(())
    }
}
