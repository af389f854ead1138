//! Users.

use serde_json::json;
use superbot_domain::{EventKind, SessionId, User, UserId, UserRole, Username};

use crate::error::{Result, StoreError};
use crate::handles::UserStore;
use crate::rows::{NewUserRow, UserRow};
use crate::sql::{self, Record, SelectRecord as _, SqlConn, sql_text};
use crate::tx::StoreTx;
use crate::{meta, secrets};

/// Credentials that remain valid after a password change; all other sessions end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CredentialsKept {
    /// The session in which the password was changed.
    pub session: Option<SessionId>,
    /// Whether API tokens remain valid.
    pub tokens: bool,
}

impl UserStore<'_> {
    /// Creates a user.
    pub async fn create(self, name: &Username, role: UserRole, password_hash: &str) -> Result<User> {
        let name = name.clone();
        let hash = password_hash.to_owned();
        self.store.write(async move |tx| tx.insert_user(&name, role, &hash).await).await
    }

    /// Creates the first admin and removes the setup secret.
    pub async fn create_first_admin(self, name: &Username, password_hash: &str) -> Result<User> {
        let name = name.clone();
        let hash = password_hash.to_owned();
        self.store
            .write(async move |tx| {
                if admin_exists(&mut tx.conn).await? {
                    return Err(StoreError::AlreadySetUp);
                }
                meta::remove(&mut tx.conn, secrets::SETUP_TOKEN_HASH).await?;
                tx.insert_user(&name, UserRole::Admin, &hash).await
            })
            .await
    }

    /// Returns whether there is an admin, enabled or not.
    pub async fn has_admin(self) -> Result<bool> {
        admin_exists(&mut self.store.reader().await?).await
    }

    /// Looks a user up by name, ignoring case; also returns the password hash.
    pub async fn find_by_name(self, name: &str) -> Result<Option<(User, String)>> {
        #[derive(Record)]
        struct AccountRow {
            #[record(nested)]
            user: UserRow,
            password_hash: String,
        }
        let Ok(name) = Username::parse(name) else { return Ok(None) };
        let select = sql_text!("SELECT ", AccountRow::COLUMNS, " FROM users WHERE username_key = $1");
        let select = sql::query_as(select).bind(name.key());
        let row: Option<AccountRow> = select.fetch_optional(&mut self.store.reader().await?).await?;
        row.map(|row| Ok((row.user.read()?, row.password_hash))).transpose()
    }

    /// Returns a user by id.
    pub async fn get(self, id: UserId) -> Result<Option<User>> {
        find(&mut self.store.reader().await?, id).await
    }

    /// Returns all users, ordered by name.
    pub async fn list(self) -> Result<Vec<User>> {
        let select = sql_text!("SELECT ", UserRow::COLUMNS, " FROM users ORDER BY username_key");
        let rows: Vec<UserRow> = sql::query_as(select).fetch_all(&mut self.store.reader().await?).await?;
        rows.into_iter().map(UserRow::read).collect()
    }

    /// Sets a password, and ends sessions and revokes API tokens except `kept`. Returns the number of revoked tokens;
    /// `None` if there is no such user.
    pub async fn set_password(self, id: UserId, password_hash: &str, kept: CredentialsKept) -> Result<Option<u64>> {
        let hash = password_hash.to_owned();
        self.store.write(async move |tx| tx.replace_password(id, &hash, kept).await).await
    }

    /// Replaces the hash of an unchanged password by a stronger one; does nothing if the password was changed in the
    /// meantime.
    pub async fn rehash_password(self, id: UserId, old_hash: &str, new_hash: &str) -> Result<()> {
        let old = old_hash.to_owned();
        let new = new_hash.to_owned();
        self.store
            .write(async move |tx| {
                let update = sql::query("UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3");
                // Conditional on the old hash, so that a concurrent password change is not overwritten.
                update.bind(new).bind(id.get()).bind(old).execute(&mut tx.conn).await?;
                Ok(())
            })
            .await
    }

    /// Disables an account, which ends its sessions, or enables it. Returns the user, if it exists. API tokens are
    /// refused while the account is disabled, and valid again afterwards.
    pub async fn set_disabled(self, id: UserId, disabled: bool) -> Result<Option<User>> {
        self.store
            .write(async move |tx| {
                let update = sql::query("UPDATE users SET disabled = $1 WHERE id = $2 AND disabled <> $1");
                let changed = update.bind(disabled).bind(id.get()).execute(&mut tx.conn).await?.rows_affected() > 0;
                if changed && disabled {
                    tx.end_sessions(id, None).await?;
                    tx.forget_password_reset(id).await?;
                    tx.emit_control(EventKind::UserDisabled, &json!({ "user_id": id })).await?;
                }
                if changed {
                    tx.queries_of_user_changed(id).await?;
                }
                let user = find(&mut tx.conn, id).await?;
                // Checked after the update, within the transaction; an error rolls it back.
                if changed && disabled && user.as_ref().is_some_and(|user| user.role == UserRole::Admin) {
                    tx.require_enabled_admin().await?;
                }
                Ok(user)
            })
            .await
    }
}

impl StoreTx {
    pub(crate) async fn insert_user(&mut self, name: &Username, role: UserRole, password_hash: &str) -> Result<User> {
        let row = NewUserRow::new(name, role, password_hash, self.now);
        let id = row.insert(&mut self.conn).await?.ok_or(StoreError::NameTaken)?.into();
        Ok(User { id, username: name.clone(), role, disabled: false, created_at: self.now })
    }

    /// Sets a password, ends sessions and notifies the servers. Returns the number of revoked tokens; `None` if there
    /// is no such user.
    pub(crate) async fn replace_password(
        &mut self,
        id: UserId,
        hash: &str,
        kept: CredentialsKept,
    ) -> Result<Option<u64>> {
        let update = sql::query("UPDATE users SET password_hash = $1 WHERE id = $2").bind(hash).bind(id.get());
        if update.execute(&mut self.conn).await?.rows_affected() == 0 {
            return Ok(None);
        }
        self.forget_password_reset(id).await?;
        self.end_sessions(id, kept.session).await?;
        let payload = json!({ "user_id": id, "keep": kept.session });
        self.emit_control(EventKind::UserSessionsRevoked, &payload).await?;
        if kept.tokens { Ok(Some(0)) } else { self.revoke_tokens_of(id).await.map(Some) }
    }

    /// Fails if no enabled admin is left. Write transactions are serialized, also across processes, so two admins who
    /// disable each other concurrently cannot both succeed.
    pub(crate) async fn require_enabled_admin(&mut self) -> Result<()> {
        let select = "SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin' AND NOT disabled)";
        if sql::query_scalar(select).fetch_one(&mut self.conn).await? { Ok(()) } else { Err(StoreError::LastAdmin) }
    }

    async fn end_sessions(&mut self, user: UserId, keep: Option<SessionId>) -> Result<()> {
        // Ids start at 1, so 0 keeps no session.
        let delete = sql::query("DELETE FROM sessions WHERE user_id = $1 AND id <> $2");
        delete.bind(user.get()).bind(keep.map_or(0, SessionId::get)).execute(&mut self.conn).await?;
        Ok(())
    }
}

pub(crate) async fn find(conn: &mut SqlConn, id: UserId) -> Result<Option<User>> {
    let select = sql_text!("SELECT ", UserRow::COLUMNS, " FROM users WHERE id = $1");
    let row: Option<UserRow> = sql::query_as(select).bind(id.get()).fetch_optional(conn).await?;
    row.map(UserRow::read).transpose()
}

async fn admin_exists(conn: &mut SqlConn) -> Result<bool> {
    Ok(sql::query_scalar("SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin')").fetch_one(conn).await?)
}
