//! Invitations, each for creating one account.

use superbot_domain::{AccountInvite, InviteId, Timestamp, User, UserId, UserRole, Username};

use crate::error::{Result, StoreError};
use crate::handles::InviteStore;
use crate::page::{self, StorePage};
use crate::rows::{micros, timestamp};
use crate::sql::{self, Record, SelectRecord as _, sql_text};

/// An invitation as listed, with the names of its creator and its user.
#[derive(Record)]
#[record(alias = "i")]
struct InviteRow {
    id: i64,
    #[record(select = "maker.username")]
    created_by: Option<String>,
    created_at: i64,
    expires_at: i64,
    #[record(select = "guest.username")]
    used_by: Option<String>,
    used_at: Option<i64>,
}

/// An invitation to be inserted; only the hash of its secret is stored.
#[derive(Record)]
#[record(table = "invites")]
struct NewInviteRow {
    invite_hash: Vec<u8>,
    created_by: Option<i64>,
    created_at: i64,
    expires_at: i64,
}

impl InviteStore<'_> {
    /// Creates an invitation; only the hash of its secret is stored.
    pub async fn create(
        self,
        created_by: Option<UserId>,
        invite_hash: [u8; 32],
        expires_at: Timestamp,
    ) -> Result<InviteId> {
        self.store
            .write(async move |tx| {
                let row = NewInviteRow {
                    invite_hash: invite_hash.to_vec(),
                    created_by: created_by.map(UserId::get),
                    created_at: micros(tx.now),
                    expires_at: micros(expires_at),
                };
                Ok(sql::insert_returning_id(row).fetch_one(&mut tx.conn).await?.into())
            })
            .await
    }

    /// Returns a page of invitations, newest first, including used and expired ones that have not been pruned.
    pub async fn page(self, cursor: Option<&str>, limit: u32) -> Result<StorePage<AccountInvite>> {
        let before = page::before(cursor)?;
        let select = sql_text!(
            "SELECT ",
            InviteRow::COLUMNS,
            " FROM invites i LEFT JOIN users maker ON maker.id = i.created_by \
             LEFT JOIN users guest ON guest.id = i.used_by WHERE i.id < $1 ORDER BY i.id DESC LIMIT $2"
        );
        let select = sql::query_as(select).bind(before).bind(page::rows_to_read(limit));
        let rows: Vec<InviteRow> = select.fetch_all(&mut self.store.reader().await?).await?;
        let items = rows.into_iter().map(InviteRow::read).collect::<Result<_>>()?;
        Ok(StorePage::of(items, limit, |invite: &AccountInvite| invite.id.get()))
    }

    /// Revokes an invitation; returns false if it does not exist or has been used.
    pub async fn revoke(self, id: InviteId) -> Result<bool> {
        self.store
            .write(async move |tx| {
                // Used invitations stay listed, with their users, until they are pruned.
                let delete = sql::query("DELETE FROM invites WHERE id = $1 AND used_at IS NULL").bind(id.get());
                Ok(delete.execute(&mut tx.conn).await?.rows_affected() > 0)
            })
            .await
    }

    /// Returns whether an invitation exists, is unused and has not expired.
    pub async fn is_valid(self, invite_hash: &[u8; 32]) -> Result<bool> {
        let select = sql::query_scalar::<i64>(
            "SELECT id FROM invites WHERE invite_hash = $1 AND used_at IS NULL AND expires_at > $2",
        );
        let select = select.bind(invite_hash.as_slice()).bind(micros(self.store.now()));
        Ok(select.fetch_optional(&mut self.store.reader().await?).await?.is_some())
    }

    /// Creates a user with the role `user` and marks the invitation as used, atomically.
    pub async fn redeem(self, name: &Username, password_hash: &str, invite_hash: [u8; 32]) -> Result<User> {
        let name = name.clone();
        let hash = password_hash.to_owned();
        self.store
            .write(async move |tx| {
                // The conditional update is the check: two requests with one invitation cannot both succeed.
                let update = sql::query_scalar::<i64>(
                    "UPDATE invites SET used_at = $1 \
                     WHERE invite_hash = $2 AND used_at IS NULL AND expires_at > $1 RETURNING id",
                );
                let update = update.bind(micros(tx.now)).bind(invite_hash.as_slice());
                let invite = update.fetch_optional(&mut tx.conn).await?.ok_or(StoreError::BadInvite)?;
                // A failure rolls the update back, so a taken name does not use up the invitation.
                let user = tx.insert_user(&name, UserRole::User, &hash).await?;
                let update = sql::query("UPDATE invites SET used_by = $1 WHERE id = $2");
                update.bind(user.id.get()).bind(invite).execute(&mut tx.conn).await?;
                Ok(user)
            })
            .await
    }
}

impl InviteRow {
    fn read(self) -> Result<AccountInvite> {
        let name = |name: Option<String>| name.as_deref().map(Username::parse).transpose();
        Ok(AccountInvite {
            id: self.id.into(),
            created_by: name(self.created_by)?,
            created_at: timestamp(self.created_at)?,
            expires_at: timestamp(self.expires_at)?,
            used_by: name(self.used_by)?,
            used_at: self.used_at.map(timestamp).transpose()?,
        })
    }
}
