//! Links with which users choose a new password when they have lost theirs.

use superbot_domain::{Timestamp, User, UserId};

use crate::rows::{UserRow, micros};
use crate::sessions::NewSession;
use crate::sql;
use crate::store::Store;
use crate::writer::Tx;
use crate::{Result, users};

/// What became of the wish to make a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetOutcome {
    /// There is no such user.
    NoSuchUser,
    /// The user's account is closed, and a new password would not open it.
    Disabled,
    /// It can be used, and any earlier one of that user cannot.
    Made,
}

impl Store {
    /// Makes the link of a user, of which only the hash of its secret is kept; it replaces an earlier one.
    pub async fn create_password_reset(
        &self,
        user: UserId,
        token_hash: [u8; 32],
        expires_at: Timestamp,
    ) -> Result<ResetOutcome> {
        self.write(move |tx| {
            Box::pin(async move {
                match users::find(&mut tx.conn, user).await? {
                    None => return Ok(ResetOutcome::NoSuchUser),
                    Some(User { disabled: true, .. }) => return Ok(ResetOutcome::Disabled),
                    Some(_) => {}
                }
                let upsert = sql::query(
                    "INSERT INTO password_resets (user_id, token_hash, expires_at) VALUES ($1, $2, $3) \
                     ON CONFLICT (user_id) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at",
                );
                let upsert = upsert.bind(user.get()).bind(token_hash.as_slice()).bind(micros(expires_at));
                upsert.execute(&mut tx.conn).await?;
                Ok(ResetOutcome::Made)
            })
        })
        .await
    }

    /// Whether the bearer of a secret may choose a new password.
    pub async fn may_reset_password(&self, token_hash: &[u8; 32]) -> Result<bool> {
        let select = sql::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM password_resets WHERE token_hash = $1 AND expires_at > $2)",
        );
        let select = select.bind(token_hash.as_slice()).bind(micros(self.now()));
        select.fetch_one(&mut self.reader().await?).await
    }

    /// Sets the password of whom the secret was made for, ends all their sessions, begins a new one, and uses the secret
    /// up; all or nothing. `None` when the secret is not good (any more).
    pub async fn reset_password(
        &self,
        token_hash: [u8; 32],
        password_hash: &str,
        session: NewSession,
    ) -> Result<Option<User>> {
        let hash = password_hash.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let select = "SELECT u.id, u.username, u.role, u.disabled, u.created_at \
                     FROM password_resets r JOIN users u ON u.id = r.user_id \
                     WHERE r.token_hash = $1 AND r.expires_at > $2 AND NOT u.disabled";
                let select = sql::query_as(select).bind(token_hash.as_slice()).bind(micros(tx.now));
                let row: Option<UserRow> = select.fetch_optional(&mut tx.conn).await?;
                let Some(user) = row.map(UserRow::read).transpose()? else { return Ok(None) };
                // In one transaction, so that the event that ends live connections can name the session that stays.
                let session = tx.insert_session(user.id, &session).await?;
                tx.replace_password(user.id, &hash, Some(session)).await?;
                Ok(Some(user))
            })
        })
        .await
    }
}

impl Tx {
    /// Whoever has a new password, or is shut out, needs no link any more.
    pub(crate) async fn forget_password_reset(&mut self, user: UserId) -> Result<()> {
        let delete = sql::query("DELETE FROM password_resets WHERE user_id = $1").bind(user.get());
        delete.execute(&mut self.conn).await?;
        Ok(())
    }
}
