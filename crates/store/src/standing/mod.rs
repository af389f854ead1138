//! Price alerts and saved searches.

mod facts;
mod ignored;
mod live;
mod matches;
mod preview;
mod reconcile;
mod row;
mod takeover;
mod tell;

use serde_json::json;
use superbot_domain::{
    EventKind, Invalid, NewPriceAlert, NewSavedSearch, PriceAlert, PriceAlertId, SavedSearch, SavedSearchId, UserId,
};

pub use self::ignored::IgnoreOutcome;
use self::live::read_index;
pub use self::matches::Match;
pub use self::preview::{NearMiss, Preview};
pub use self::reconcile::Reconciled;
pub(crate) use self::row::LIVE;
pub use self::row::QueryKind;
pub(crate) use self::row::Wants;
use self::row::{COLUMNS, Row};
pub(crate) use self::takeover::{OldQuery, QueryOutcome, Seen};
pub(crate) use self::tell::Find;
use crate::error::Result;
use crate::rows::micros;
use crate::sql;
use crate::store::Store;
use crate::tx::Tx;

/// So many price alerts and saved searches a user may have.
const MAX_QUERIES: i64 = 1000;
/// So many of them may do without keywords: each is held against every listing of its sources.
const MAX_WORDLESS: i64 = 5;

impl Store {
    /// Builds the index of standing queries, so that no listing has to wait for it; others may write meanwhile.
    pub async fn prepare_matching(&self) -> Result<()> {
        let index = read_index(&mut self.reader().await?).await?;
        self.write(|tx| {
            tx.queries = index;
            Box::pin(tx.follow_queries())
        })
        .await
    }

    /// Saves a price alert; it applies to what comes in from now on.
    pub async fn create_price_alert(&self, user: UserId, wants: &NewPriceAlert) -> Result<PriceAlert> {
        self.create(user, Wants::from(wants)).await?.into_alert()
    }

    /// Saves a search; it applies to what comes in from now on.
    pub async fn create_saved_search(&self, user: UserId, wants: &NewSavedSearch) -> Result<SavedSearch> {
        self.create(user, Wants::from(wants)).await?.into_search()
    }

    /// A user's price alerts, the newest first.
    pub async fn price_alerts(&self, user: UserId) -> Result<Vec<PriceAlert>> {
        self.of_user(user, QueryKind::PriceAlert).await?.into_iter().map(Row::into_alert).collect()
    }

    /// A user's saved searches, the newest first.
    pub async fn saved_searches(&self, user: UserId) -> Result<Vec<SavedSearch>> {
        self.of_user(user, QueryKind::SavedSearch).await?.into_iter().map(Row::into_search).collect()
    }

    /// A user's price alert of that number.
    pub async fn price_alert(&self, user: UserId, id: PriceAlertId) -> Result<Option<PriceAlert>> {
        self.one(user, QueryKind::PriceAlert, id.get()).await?.map(Row::into_alert).transpose()
    }

    /// A user's saved search of that number.
    pub async fn saved_search(&self, user: UserId, id: SavedSearchId) -> Result<Option<SavedSearch>> {
        self.one(user, QueryKind::SavedSearch, id.get()).await?.map(Row::into_search).transpose()
    }

    /// Edits a price alert; it applies, as it is now, to what comes in from now on.
    pub async fn update_price_alert(
        &self,
        user: UserId,
        id: PriceAlertId,
        wants: &NewPriceAlert,
    ) -> Result<Option<PriceAlert>> {
        self.update(user, id.get(), Wants::from(wants)).await?.map(Row::into_alert).transpose()
    }

    /// Edits a saved search; it applies, as it is now, to what comes in from now on.
    pub async fn update_saved_search(
        &self,
        user: UserId,
        id: SavedSearchId,
        wants: &NewSavedSearch,
    ) -> Result<Option<SavedSearch>> {
        self.update(user, id.get(), Wants::from(wants)).await?.map(Row::into_search).transpose()
    }

    /// Pauses a price alert, or lets it go on from now; the alert, when there is one.
    pub async fn set_price_alert_active(
        &self,
        user: UserId,
        id: PriceAlertId,
        active: bool,
    ) -> Result<Option<PriceAlert>> {
        let row = self.write(move |tx| {
            Box::pin(async move {
                let update = sql::query(
                    "UPDATE standing_queries SET active = $1, updated_at = $2, since = $3 \
                     WHERE id = $4 AND user_id = $5 AND kind = 'price_alert' AND active <> $1",
                );
                let update = update.bind(active).bind(micros(tx.now)).bind(tx.numbers.price_point);
                let update = update.bind(id.get()).bind(user.get());
                if update.execute(&mut tx.conn).await?.rows_affected() > 0 {
                    tx.queries_changed(&[id.get()]).await?;
                }
                row::find(&mut tx.conn, user, QueryKind::PriceAlert, id.get()).await
            })
        });
        row.await?.map(Row::into_alert).transpose()
    }

    /// Deletes a price alert; false when the user has none of that number.
    pub async fn delete_price_alert(&self, user: UserId, id: PriceAlertId) -> Result<bool> {
        self.delete(user, QueryKind::PriceAlert, id.get()).await
    }

    /// Deletes a saved search; false when the user has none of that number.
    pub async fn delete_saved_search(&self, user: UserId, id: SavedSearchId) -> Result<bool> {
        self.delete(user, QueryKind::SavedSearch, id.get()).await
    }

    async fn create(&self, user: UserId, wants: Wants) -> Result<Row> {
        wants.check()?;
        self.write(move |tx| {
            Box::pin(async move {
                tx.check_room(user, wants.keywords.is_empty(), None).await?;
                let row = row::insert(tx, user, &wants, true, tx.now).await?;
                tx.queries_changed(&[row.id()]).await?;
                Ok(row)
            })
        })
        .await
    }

    async fn update(&self, user: UserId, id: i64, wants: Wants) -> Result<Option<Row>> {
        wants.check()?;
        self.write(move |tx| {
            Box::pin(async move {
                let kind = wants.kind;
                if row::find(&mut tx.conn, user, kind, id).await?.is_none() {
                    return Ok(None);
                }
                tx.check_room(user, wants.keywords.is_empty(), Some(id)).await?;
                row::update(tx, id, &wants).await?;
                tx.queries_changed(&[id]).await?;
                row::find(&mut tx.conn, user, kind, id).await
            })
        })
        .await
    }

    async fn delete(&self, user: UserId, kind: QueryKind, id: i64) -> Result<bool> {
        self.write(move |tx| {
            Box::pin(async move {
                let delete = sql::query("DELETE FROM standing_queries WHERE id = $1 AND user_id = $2 AND kind = $3");
                let deleted = delete.bind(id).bind(user.get()).bind(kind.as_str()).execute(&mut tx.conn).await?;
                if deleted.rows_affected() == 0 {
                    return Ok(false);
                }
                tx.queries_changed(&[id]).await?;
                Ok(true)
            })
        })
        .await
    }

    async fn of_user(&self, user: UserId, kind: QueryKind) -> Result<Vec<Row>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM standing_queries WHERE user_id = $1 AND kind = $2 ORDER BY id DESC LIMIT {MAX_QUERIES}"
        );
        let select = sql::query_as(sqlx::AssertSqlSafe(sql)).bind(user.get()).bind(kind.as_str());
        Ok(select.fetch_all(&mut self.reader().await?).await?)
    }

    async fn one(&self, user: UserId, kind: QueryKind, id: i64) -> Result<Option<Row>> {
        row::find(&mut self.reader().await?, user, kind, id).await
    }
}

impl Tx {
    /// Tells every process that matches listings.
    pub(crate) async fn queries_changed(&mut self, ids: &[i64]) -> Result<()> {
        self.emit_control(EventKind::StandingQueriesChanged, &json!({ "ids": ids })).await
    }

    /// Tells that all of a user's queries are to be looked at again: a disabled user's match nothing.
    pub(crate) async fn queries_of_user_changed(&mut self, user: UserId) -> Result<()> {
        let update = sql::query_scalar::<i64>("UPDATE standing_queries SET since = $1 WHERE user_id = $2 RETURNING id");
        let update = update.bind(self.numbers.price_point).bind(user.get());
        let ids = update.fetch_all(&mut self.conn).await?;
        if !ids.is_empty() {
            self.queries_changed(&ids).await?;
        }
        Ok(())
    }

    /// Refuses one query too many; an edited one does not count against itself.
    async fn check_room(&mut self, user: UserId, wordless: bool, edited: Option<i64>) -> Result<()> {
        let (all, without_words): (i64, i64) = sql::query_as(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE keywords = '') FROM standing_queries \
             WHERE user_id = $1 AND id <> $2",
        )
        .bind(user.get())
        .bind(edited.unwrap_or(0))
        .fetch_one(&mut self.conn)
        .await?;
        if all >= MAX_QUERIES {
            return Err(
                Invalid::one("", format!("you have {MAX_QUERIES} alerts and searches; delete some first")).into()
            );
        }
        if wordless && without_words >= MAX_WORDLESS {
            let message = format!("are missing; you have {MAX_WORDLESS} alerts and searches without keywords already");
            return Err(Invalid::one("keywords", message).into());
        }
        Ok(())
    }
}
