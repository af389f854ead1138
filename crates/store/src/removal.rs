//! Removing users with all that is theirs, and single listings.

use serde_json::json;
use superbot_domain::{EventKind, ListingId, User, UserId, UserRole};

use crate::error::Result;
use crate::handles::{ListingStore, UserStore};
use crate::prune::IDENTITY;
use crate::sql;
use crate::tx::StoreTx;
use crate::users;

/// Rows that are deleted in one transaction: others wait to write while it lasts.
const BATCH: u32 = 2_000;

impl UserStore<'_> {
    /// Removes a user with everything that is theirs: sessions, tokens, alerts, searches, notifications, favourites. The
    /// user as they were, or `None` where there is none.
    ///
    /// They are disabled first, so that their connections end and nothing is added, and what they have is deleted a part
    /// at a time. A call that was interrupted is finished by the same call. Events in the log that were meant for them
    /// stay until the log is pruned; nobody is entitled to read them.
    ///
    /// # Errors
    /// [`crate::StoreError::LastAdmin`] for the last admin who is not disabled.
    pub async fn delete(self, id: UserId) -> Result<Option<User>> {
        let disable = || self.store.write(async move |tx| tx.disable_for_removal(id).await);
        let Some(user) = disable().await? else { return Ok(None) };
        loop {
            while self.store.write(async move |tx| tx.remove_part_of_user(id).await).await? > 0 {}
            let removed = self.store.write(async move |tx| tx.remove_disabled_user(id).await).await?;
            // Somebody has enabled them meanwhile; they may be the only admin now.
            if removed || disable().await?.is_none() {
                return Ok(Some(user));
            }
        }
    }
}

impl ListingStore<'_> {
    /// Removes a listing with its prices, and from everybody's favourites; false where there is none of that number.
    ///
    /// What identifies it is kept, as of a listing that was pruned: posted again it comes back under its old number, and
    /// nobody is notified of it twice.
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
        self.emit_control(EventKind::UserDisabled, &json!({ "user_id": id })).await?;
        self.queries_of_user_changed(id).await?;
        Ok(Some(user))
    }

    /// Whether they were still disabled, and are gone.
    async fn remove_disabled_user(&mut self, id: UserId) -> Result<bool> {
        let delete = sql::query("DELETE FROM users WHERE id = $1 AND disabled").bind(id.get());
        Ok(delete.execute(&mut self.conn).await?.rows_affected() > 0)
    }

    /// Deletes some of what may be much; how many rows.
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
