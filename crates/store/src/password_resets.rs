//! Password reset links.

use superbot_domain::{Timestamp, User, UserId};

use crate::error::Result;
use crate::handles::PasswordResetStore;
use crate::rows::{UserRow, micros};
use crate::sessions::NewSession;
use crate::sql::{self, SqlConn};
use crate::tx::StoreTx;
use crate::users::{self, CredentialsKept};

/// Result of creating a reset link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResetOutcome {
    /// The user does not exist.
    NoSuchUser,
    /// The account is disabled, so a new password would not help.
    Disabled,
    /// The link is valid; earlier links of this user are not.
    Made(User),
}

impl PasswordResetStore<'_> {
    /// Creates a user's reset link, replacing an earlier one; only the hash of its secret is stored.
    pub async fn create(self, user: UserId, token_hash: [u8; 32], expires_at: Timestamp) -> Result<ResetOutcome> {
        self.store.write(async move |tx| {
                let found = match users::find(&mut tx.conn, user).await? {
                    None => return Ok(ResetOutcome::NoSuchUser),
                    Some(User { disabled: true, .. }) => return Ok(ResetOutcome::Disabled),
                    Some(found) => found,
                };
                let upsert = sql::query(
                    "INSERT INTO password_resets (user_id, token_hash, expires_at) VALUES ($1, $2, $3) \
                     ON CONFLICT (user_id) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at",
                );
                let upsert = upsert.bind(user.get()).bind(token_hash.as_slice()).bind(micros(expires_at));
                upsert.execute(&mut tx.conn).await?;
                Ok(ResetOutcome::Made(found))
            })
        .await
    }

    /// Returns the enabled user to whom an unexpired secret belongs.
    pub async fn find_user(self, token_hash: &[u8; 32]) -> Result<Option<User>> {
        let now = self.store.now();
        user_of(&mut self.store.reader().await?, token_hash, now).await
    }

    /// Redeems a reset link: sets the password, ends all sessions, creates a new one, and revokes the API tokens unless
    /// `keep_tokens`, atomically. Returns the user and the number of revoked tokens; `None` if the secret is invalid or
    /// expired.
    pub async fn redeem(
        self,
        token_hash: [u8; 32],
        password_hash: &str,
        session: NewSession,
        keep_tokens: bool,
    ) -> Result<Option<(User, u64)>> {
        let hash = password_hash.to_owned();
        self.store
            .write(async move |tx| {
                let now = tx.now;
                let Some(user) = user_of(&mut tx.conn, &token_hash, now).await? else { return Ok(None) };
                // In one transaction, so that the event that ends live connections can name the session that stays.
                let session = tx.insert_session(user.id, &session).await?;
                let kept = CredentialsKept { session: Some(session), tokens: keep_tokens };
                // This also deletes the link, so it works once.
                let revoked = tx.replace_password(user.id, &hash, kept).await?.unwrap_or_default();
                Ok(Some((user, revoked)))
            })
            .await
    }
}

async fn user_of(conn: &mut SqlConn, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<User>> {
    let select = "SELECT u.id, u.username, u.role, u.disabled, u.created_at \
         FROM password_resets r JOIN users u ON u.id = r.user_id \
         WHERE r.token_hash = $1 AND r.expires_at > $2 AND NOT u.disabled";
    let select = sql::query_as(select).bind(token_hash.as_slice()).bind(micros(now));
    let row: Option<UserRow> = select.fetch_optional(conn).await?;
    row.map(UserRow::read).transpose()
}

impl StoreTx {
    /// Deletes a user's reset link after a password change, or when the account is disabled.
    pub(crate) async fn forget_password_reset(&mut self, user: UserId) -> Result<()> {
        let delete = sql::query("DELETE FROM password_resets WHERE user_id = $1").bind(user.get());
        delete.execute(&mut self.conn).await?;
        Ok(())
    }
}
