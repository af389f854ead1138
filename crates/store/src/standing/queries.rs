//! Users' standing queries, with one set of methods for all kinds.

use superbot_domain::{
    FieldError, InvalidFields, ListingId, QueryChange, QueryPreview, StandingQuery, StoredQuery, UserId,
};

use super::ignored::IgnoreOutcome;
use super::row::{self, COLUMNS, StandingQueryRow, criteria_of, keyword_warnings};
use crate::error::Result;
use crate::handles::QueryStore;
use crate::sql;
use crate::tx::StoreTx;

/// Maximum number of standing queries per user.
const MAX_QUERIES: i64 = 1000;
/// Maximum number of a user's queries without keywords: the index cannot select them by word, so each is matched
/// against every listing of its sources.
const MAX_WORDLESS: i64 = 5;

impl<Q: StandingQuery> QueryStore<'_, Q> {
    /// Saves a query, which applies to listings from now on.
    ///
    /// # Errors
    /// Malformed keywords, a query that would match nearly everything, or too many queries.
    pub async fn create(self, user: UserId, wants: &Q) -> Result<StoredQuery<Q>> {
        let parts = wants.to_parts();
        criteria_of(&parts)?;
        let row = self.store.write(async move |tx| {
            tx.check_room(user, parts.keywords.is_empty(), None).await?;
            let row = row::insert(tx, user, &parts, tx.now).await?;
            tx.queries_changed(&[row.id()]).await?;
            Ok(row)
        });
        row.await?.into_query()
    }

    /// Returns the user's queries, newest first.
    pub async fn list(self, user: UserId) -> Result<Vec<StoredQuery<Q>>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM standing_queries WHERE user_id = $1 AND kind = $2 ORDER BY id DESC LIMIT {MAX_QUERIES}"
        );
        let select = sql::query_as(sqlx::AssertSqlSafe(sql)).bind(user.get()).bind(Q::KIND.as_str());
        let rows: Vec<StandingQueryRow> = select.fetch_all(&mut self.store.reader().await?).await?;
        rows.into_iter().map(StandingQueryRow::into_query).collect()
    }

    /// Returns a query of the user.
    pub async fn get(self, user: UserId, id: Q::Id) -> Result<Option<StoredQuery<Q>>> {
        let row = row::find(&mut self.store.reader().await?, user, Q::KIND, id.into()).await?;
        row.map(StandingQueryRow::into_query).transpose()
    }

    /// Changes a query atomically; `None` if the user has no such query. `change` is first applied to the query as read
    /// without the write lock, and again within the transaction.
    ///
    /// # Errors
    /// Errors of `change`, and those of [`Self::create`].
    pub async fn update(
        self,
        user: UserId,
        id: Q::Id,
        change: impl Fn(Q) -> Result<QueryChange<Q>, InvalidFields> + Send + 'static,
    ) -> Result<Option<StoredQuery<Q>>> {
        // An invalid change is refused without a write transaction.
        let Some(current) = self.get(user, id).await? else { return Ok(None) };
        if let QueryChange::Edit(wants) = change(current.wants)? {
            self.check(&wants)?;
        }
        let id = id.into();
        let row = self.store.write(async move |tx| {
            let Some(row) = row::find(&mut tx.conn, user, Q::KIND, id).await? else { return Ok(None) };
            let was_active = row.is_active();
            match change(row.into_query::<Q>()?.wants)? {
                // Resuming an active query must not move the point from which it applies.
                QueryChange::SetActive(active) if active == was_active => {}
                QueryChange::SetActive(active) => {
                    row::set_active(tx, id, active).await?;
                    tx.queries_changed(&[id]).await?;
                }
                QueryChange::Edit(wants) => {
                    let parts = wants.to_parts();
                    criteria_of(&parts)?;
                    tx.check_room(user, parts.keywords.is_empty(), Some(id)).await?;
                    row::update(tx, id, &parts).await?;
                    tx.queries_changed(&[id]).await?;
                }
            }
            row::find(&mut tx.conn, user, Q::KIND, id).await
        });
        row.await?.map(StandingQueryRow::into_query).transpose()
    }

    /// Deletes a query; returns false if the user has no such query.
    pub async fn delete(self, user: UserId, id: Q::Id) -> Result<bool> {
        let id = id.into();
        let deleted = self.store.write(async move |tx| {
            let delete = sql::query("DELETE FROM standing_queries WHERE id = $1 AND user_id = $2 AND kind = $3");
            let delete = delete.bind(id).bind(user.get()).bind(Q::KIND.as_str());
            let is_deleted = delete.execute(&mut tx.conn).await?.rows_affected() > 0;
            if is_deleted {
                tx.queries_changed(&[id]).await?;
            }
            Ok(is_deleted)
        });
        deleted.await
    }

    /// Ignores a listing for a query, or stops ignoring it.
    pub async fn set_ignored(
        self,
        user: UserId,
        id: Q::Id,
        listing: ListingId,
        ignored: bool,
    ) -> Result<IgnoreOutcome> {
        self.store.matches().set_ignored(user, Q::KIND, id.into(), listing, ignored).await
    }

    /// Previews what a query would have found.
    ///
    /// # Errors
    /// See [`Self::check`].
    pub async fn preview(self, wants: &Q) -> Result<QueryPreview> {
        let parts = wants.to_parts();
        let preview = self.store.matches().preview(&criteria_of(&parts)?).await?;
        Ok(QueryPreview { warnings: keyword_warnings(&parts.keywords), ..preview })
    }

    /// Checks a query that is to be saved or previewed, without doing either; what of it may mean something else than was meant.
    ///
    /// # Errors
    /// Keywords that make no sense, and a query that would match nearly everything.
    pub fn check(self, wants: &Q) -> Result<Vec<FieldError>> {
        let parts = wants.to_parts();
        criteria_of(&parts)?;
        Ok(keyword_warnings(&parts.keywords))
    }
}

impl StoreTx {
    /// Checks the limits on the number of queries; `edited` is not counted.
    pub(super) async fn check_room(&mut self, user: UserId, wordless: bool, edited: Option<i64>) -> Result<()> {
        let (all, without_words): (i64, i64) = sql::query_as(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE keywords = '') FROM standing_queries \
             WHERE user_id = $1 AND id <> $2",
        )
        .bind(user.get())
        .bind(edited.unwrap_or(0))
        .fetch_one(&mut self.conn)
        .await?;
        if all >= MAX_QUERIES {
            return Err(InvalidFields::one(
                "",
                format!("you have {MAX_QUERIES} alerts and searches; delete some first"),
            )
            .into());
        }
        if wordless && without_words >= MAX_WORDLESS {
            let message = format!("are missing; you have {MAX_WORDLESS} alerts and searches without keywords already");
            return Err(InvalidFields::one("keywords", message).into());
        }
        Ok(())
    }
}
