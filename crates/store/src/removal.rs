//! Deletion of users with all their data, and of single listings.

use serde_json::json;
use superbot_domain::{EventKind, ListingId, User, UserId, UserRole};

use crate::error::Result;
use crate::handles::{ListingStore, UserStore};
use crate::prune::IDENTITY;
use crate::sql;
use crate::tx::StoreTx;
use crate::users;

/// Maximum number of rows deleted per table in one transaction; other writers wait until it commits.
const BATCH: u32 = 2_000;

impl UserStore<'_> {
    /// Deletes a user with all their data: sessions, tokens, alerts, searches, notifications and favourites. Returns
    /// the user as they were; `None` if there is no such user.
    ///
    /// The account is disabled first, so that its connections end and nothing is added, and its data is then deleted in
    /// batches. If interrupted, the same call completes it. Events for the user remain in the log until they are
    /// pruned; no one can read them.
    ///
    /// # Errors
    /// [`crate::StoreError::LastAdmin`] if this is the only enabled admin.
    pub async fn delete(self, id: UserId) -> Result<Option<User>> {
        let disable = || self.store.write(async move |tx| tx.disable_for_removal(id).await);
        let Some(user) = disable().await? else { return Ok(None) };
        loop {
            while self.store.write(async move |tx| tx.remove_part_of_user(id).await).await? > 0 {}
            let removed = self.store.write(async move |tx| tx.remove_disabled_user(id).await).await?;
            // If the user was enabled again in between, start over; that also repeats the check for the last admin.
            if removed || disable().await?.is_none() {
                return Ok(Some(user));
            }
        }
    }
}

impl ListingStore<'_> {
    /// Deletes a listing with its prices, also from favourites; returns false if it does not exist.
    ///
    /// Its identity is kept, as for a pruned listing: if it is posted again, it gets its old id, and no one is notified
    /// of it twice.
    pub async fn delete(self, id: ListingId) -> Result<bool> {
        self.store
            .write(async move |tx| {
                let keep =
                    format!("INSERT INTO pruned_listings ({IDENTITY}) SELECT {IDENTITY} FROM listings WHERE id = $1");
                sql::query(sqlx::AssertSqlSafe(keep)).bind(id.get()).execute(&mut tx.conn).await?;
                let delete = sql::query("DELETE FROM listings WHERE id = $1").bind(id.get());
                Ok(delete.execute(&mut tx.conn).await?.rows_affected() > 0)
            })
            .await
    }
}

impl StoreTx {
    async fn disable_for_removal(&mut self, id: UserId) -> Result<Option<User>> {
        let Some(user) = users::find(&mut self.conn, id).await? else { return Ok(None) };
        let update = sql::query("UPDATE users SET disabled = TRUE WHERE id = $1").bind(id.get());
        update.execute(&mut self.conn).await?;
        if user.role == UserRole::Admin && !user.disabled {
            self.require_enabled_admin().await?;
        }
        for credentials in ["sessions", "tokens", "password_resets"] {
            let delete = sqlx::AssertSqlSafe(format!("DELETE FROM {credentials} WHERE user_id = $1"));
            sql::query(delete).bind(id.get()).execute(&mut self.conn).await?;
        }
        // Sent to all servers, which close the user's live connections.
        self.emit_control(EventKind::UserDisabled, &json!({ "user_id": id })).await?;
        self.queries_of_user_changed(id).await?;
        Ok(Some(user))
    }

    /// Deletes the user if still disabled; returns whether it did.
    async fn remove_disabled_user(&mut self, id: UserId) -> Result<bool> {
        let delete = sql::query("DELETE FROM users WHERE id = $1 AND disabled").bind(id.get());
        Ok(delete.execute(&mut self.conn).await?.rows_affected() > 0)
    }

    /// Deletes a batch of the data that may be large; returns the number of rows of notifications and favourites
    /// deleted.
    async fn remove_part_of_user(&mut self, id: UserId) -> Result<u64> {
        let mut deleted = 0;
        for table in ["notifications", "favorites"] {
            let delete = format!(
                "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE user_id = $1 ORDER BY id LIMIT $2)"
            );
            let delete = sql::query(sqlx::AssertSqlSafe(delete)).bind(id.get()).bind(BATCH);
            deleted += delete.execute(&mut self.conn).await?.rows_affected();
        }
        let queries = sql::query_scalar::<i64>("DELETE FROM standing_queries WHERE user_id = $1 RETURNING id");
        let ids = queries.bind(id.get()).fetch_all(&mut self.conn).await?;
        if !ids.is_empty() {
            self.queries_changed(&ids).await?;
        }
        Ok(deleted)
    }
}
