//! Invitations, each of which lets one person make an account.

use superbot_domain::{InviteId, Role, Timestamp, User, UserId, Username};

use crate::rows::{micros, timestamp};
use crate::store::Store;
use crate::{Result, StoreError};

/// An invitation that can still be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// Its public number.
    pub id: InviteId,
    /// Who made it, where that user still exists.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

impl Store {
    /// Makes an invitation, of which only the hash is kept.
    pub async fn create_invite(
        &self,
        created_by: Option<UserId>,
        invite_hash: [u8; 32],
        expires_at: Timestamp,
    ) -> Result<Invite> {
        self.write(move |tx| {
            Box::pin(async move {
                let insert = sqlx::query_scalar::<_, i64>(
                    "INSERT INTO invites (invite_hash, created_by, created_at, expires_at) \
                     VALUES ($1, $2, $3, $4) RETURNING id",
                );
                let insert = insert.bind(invite_hash.as_slice()).bind(created_by.map(UserId::get));
                let insert = insert.bind(micros(tx.now)).bind(micros(expires_at));
                let id = insert.fetch_one(&mut tx.conn).await?.into();
                Ok(Invite { id, created_by, created_at: tx.now, expires_at })
            })
        })
        .await
    }

    /// The invitations that can still be used, the newest first.
    pub async fn invites(&self) -> Result<Vec<Invite>> {
        let rows: Vec<(i64, Option<i64>, i64, i64)> = sqlx::query_as(
            "SELECT id, created_by, created_at, expires_at FROM invites \
             WHERE used_at IS NULL AND expires_at > $1 ORDER BY id DESC",
        )
        .bind(micros(self.now()))
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.into_iter()
            .map(|(id, created_by, created_at, expires_at)| {
                Ok(Invite {
                    id: id.into(),
                    created_by: created_by.map(UserId::from),
                    created_at: timestamp(created_at)?,
                    expires_at: timestamp(expires_at)?,
                })
            })
            .collect()
    }

    /// Takes an invitation back; false when there is none of that number that could be used.
    pub async fn revoke_invite(&self, id: InviteId) -> Result<bool> {
        self.write(move |tx| {
            Box::pin(async move {
                let delete = sqlx::query("DELETE FROM invites WHERE id = $1 AND used_at IS NULL").bind(id.get());
                Ok(delete.execute(&mut tx.conn).await?.rows_affected() > 0)
            })
        })
        .await
    }

    /// Makes an ordinary user and uses the invitation up; both or neither.
    pub async fn register_with_invite(
        &self,
        name: &Username,
        password_hash: &str,
        invite_hash: [u8; 32],
    ) -> Result<User> {
        let (name, hash) = (name.clone(), password_hash.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                let update = sqlx::query_scalar::<_, i64>(
                    "UPDATE invites SET used_at = $1 \
                     WHERE invite_hash = $2 AND used_at IS NULL AND expires_at > $1 RETURNING id",
                );
                let update = update.bind(micros(tx.now)).bind(invite_hash.as_slice());
                let invite = update.fetch_optional(&mut tx.conn).await?.ok_or(StoreError::BadInvite)?;
                let user = tx.insert_user(&name, Role::User, &hash).await?;
                let update = sqlx::query("UPDATE invites SET used_by = $1 WHERE id = $2");
                update.bind(user.id.get()).bind(invite).execute(&mut tx.conn).await?;
                Ok(user)
            })
        })
        .await
    }
}
