//! Links with which users choose a new password when they have lost theirs.

use superbot_domain::{Timestamp, User, UserId};

use crate::error::Result;
use crate::handles::PasswordResetStore;
use crate::rows::{UserRow, micros};
use crate::sessions::NewSession;
use crate::sql::{self, SqlConn};
use crate::tx::StoreTx;
use crate::users::{self, CredentialsKept};

/// What became of the wish to make a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResetOutcome {
    /// There is no such user.
    NoSuchUser,
    /// The user's account is closed, and a new password would not open it.
    Disabled,
    /// It can be used, and any earlier one of that user cannot.
    Made(User),
}

impl PasswordResetStore<'_> {
    /// Makes the link of a user, of which only the hash of its secret is kept; it replaces an earlier one.
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

    /// The user for whom the bearer of a secret may choose a new password.
    pub async fn find_user(self, token_hash: &[u8; 32]) -> Result<Option<User>> {
        let now = self.store.now();
        user_of(&mut self.store.reader().await?, token_hash, now).await
    }

    /// Sets the password of the user the secret was made for, ends all their sessions, begins a new one, revokes their API
    /// tokens unless they are kept, and uses the secret up; all or nothing. Gives the user and how many tokens were revoked,
    /// `None` when the secret is not valid (any more).
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
    /// Whoever has a new password, or is shut out, needs no link any more.
    pub(crate) async fn forget_password_reset(&mut self, user: UserId) -> Result<()> {
        let delete = sql::query("DELETE FROM password_resets WHERE user_id = $1").bind(user.get());
        delete.execute(&mut self.conn).await?;
        Ok(())
    }
}
