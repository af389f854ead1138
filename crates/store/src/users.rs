//! Users.

use serde_json::json;
use superbot_domain::{EventKind, Role, SessionId, User, UserId, Username};

use crate::meta;
use crate::rows::{UserRow, micros};
use crate::sql::{self, Conn, Record};
use crate::store::Store;
use crate::writer::Tx;
use crate::{Result, StoreError};

impl Store {
    /// Makes a user.
    pub async fn create_user(&self, name: &Username, role: Role, password_hash: &str) -> Result<User> {
        let (name, hash) = (name.clone(), password_hash.to_owned());
        self.write(move |tx| Box::pin(async move { tx.insert_user(&name, role, &hash).await })).await
    }

    /// Makes the first admin, and takes the set-up secret away.
    pub async fn create_first_admin(&self, name: &Username, password_hash: &str) -> Result<User> {
        let (name, hash) = (name.clone(), password_hash.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                if admin_exists(&mut tx.conn).await? {
                    return Err(StoreError::AlreadySetUp);
                }
                meta::remove(&mut tx.conn, meta::SETUP_TOKEN_HASH).await?;
                tx.insert_user(&name, Role::Admin, &hash).await
            })
        })
        .await
    }

    /// Whether there is an admin.
    pub async fn has_admin(&self) -> Result<bool> {
        admin_exists(&mut self.reader().await?).await
    }

    /// The user of that name, however it is spelt, with the hash of the password.
    pub async fn user_by_name(&self, name: &str) -> Result<Option<(User, String)>> {
        #[macro_rules_attribute::derive(Record!)]
        struct Row {
            user: UserRow,
            password_hash: String,
        }
        let Ok(name) = Username::parse(name) else { return Ok(None) };
        let row: Option<Row> = sql::query_as(
            "SELECT id, username, role, disabled, created_at, password_hash FROM users WHERE username_key = $1",
        )
        .bind(name.key())
        .fetch_optional(&mut self.reader().await?)
        .await?;
        row.map(|row| Ok((row.user.read()?, row.password_hash))).transpose()
    }

    /// The user of that number.
    pub async fn user(&self, id: UserId) -> Result<Option<User>> {
        find(&mut self.reader().await?, id).await
    }

    /// All users in order of their names.
    pub async fn users(&self) -> Result<Vec<User>> {
        let rows: Vec<UserRow> =
            sql::query_as("SELECT id, username, role, disabled, created_at FROM users ORDER BY username_key")
                .fetch_all(&mut self.reader().await?)
                .await?;
        rows.into_iter().map(UserRow::read).collect()
    }

    /// Sets a password and ends the user's sessions, save the one in which it was set; false when there is no such user.
    pub async fn set_password(&self, id: UserId, password_hash: &str, keep_session: Option<SessionId>) -> Result<bool> {
        let hash = password_hash.to_owned();
        self.write(move |tx| Box::pin(async move { tx.replace_password(id, &hash, keep_session).await })).await
    }

    /// Replaces the hash of an unchanged password by a better one; does nothing when the password was changed meanwhile.
    pub async fn rehash_password(&self, id: UserId, old_hash: &str, new_hash: &str) -> Result<()> {
        let (old, new) = (old_hash.to_owned(), new_hash.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                let update = sql::query("UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3");
                update.bind(new).bind(id.get()).bind(old).execute(&mut tx.conn).await?;
                Ok(())
            })
        })
        .await
    }

    /// Closes an account, which ends its sessions, or opens it again; the user, when there is one.
    pub async fn set_disabled(&self, id: UserId, disabled: bool) -> Result<Option<User>> {
        self.write(move |tx| {
            Box::pin(async move {
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
                find(&mut tx.conn, id).await
            })
        })
        .await
    }
}

impl Tx {
    pub(crate) async fn insert_user(&mut self, name: &Username, role: Role, password_hash: &str) -> Result<User> {
        let id: Option<i64> = sql::query_scalar(
            "INSERT INTO users (username, username_key, role, password_hash, disabled, preferences, created_at) \
             VALUES ($1, $2, $3, $4, FALSE, '{}', $5) ON CONFLICT (username_key) DO NOTHING RETURNING id",
        )
        .bind(name.as_str())
        .bind(name.key())
        .bind(role.as_str())
        .bind(password_hash)
        .bind(micros(self.now))
        .fetch_optional(&mut self.conn)
        .await?;
        let id = id.ok_or(StoreError::NameTaken)?.into();
        Ok(User { id, username: name.clone(), role, disabled: false, created_at: self.now })
    }

    /// Sets a password, ends the user's sessions, save one, and tells the servers; false when there is no such user.
    pub(crate) async fn replace_password(&mut self, id: UserId, hash: &str, keep: Option<SessionId>) -> Result<bool> {
        let update = sql::query("UPDATE users SET password_hash = $1 WHERE id = $2").bind(hash).bind(id.get());
        if update.execute(&mut self.conn).await?.rows_affected() == 0 {
            return Ok(false);
        }
        self.forget_password_reset(id).await?;
        self.end_sessions(id, keep).await?;
        let payload = json!({ "user_id": id, "keep": keep });
        self.emit_control(EventKind::UserSessionsRevoked, &payload).await?;
        Ok(true)
    }

    async fn end_sessions(&mut self, user: UserId, keep: Option<SessionId>) -> Result<()> {
        let delete = sql::query("DELETE FROM sessions WHERE user_id = $1 AND id <> $2");
        delete.bind(user.get()).bind(keep.map_or(0, SessionId::get)).execute(&mut self.conn).await?;
        Ok(())
    }
}

pub(crate) async fn find(conn: &mut Conn, id: UserId) -> Result<Option<User>> {
    let row: Option<UserRow> =
        sql::query_as("SELECT id, username, role, disabled, created_at FROM users WHERE id = $1")
            .bind(id.get())
            .fetch_optional(conn)
            .await?;
    row.map(UserRow::read).transpose()
}

async fn admin_exists(conn: &mut Conn) -> Result<bool> {
    sql::query_scalar("SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin')").fetch_one(conn).await
}
