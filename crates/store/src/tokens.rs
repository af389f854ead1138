//! API tokens.

use std::collections::HashMap;

use serde_json::json;
use superbot_domain::{ApiToken, EventKind, Timestamp, TokenId, TokenScope, User, UserId};

use crate::error::{Result, StoreError};
use crate::handles::TokenStore;
use crate::page::{self, StorePage};
use crate::rows::{UserRow, micros, timestamp};
use crate::sessions::{hash, json_of_hashes};
use crate::sql::{self, Record, SelectRecord as _, sql_text};
use crate::tx::StoreTx;

/// What a token's bearer may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenAuth {
    /// Its public number.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// What it may be used for.
    pub scope: TokenScope,
    /// Its owner, who is not disabled.
    pub user: Option<User>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// What is read to tell what a token's bearer may do.
#[derive(Record)]
#[record(alias = "t")]
struct TokenAuthRow {
    token_hash: Vec<u8>,
    #[record(select = "t.id")]
    token_id: i64,
    name: String,
    scope: String,
    last_used_at: Option<i64>,
    #[record(nested, alias = "u")]
    owner: OwnerRow,
}

/// A row of `tokens`.
#[derive(Record)]
#[record(table = "tokens")]
struct TokenRow {
    /// Given by the database.
    #[record(no_insert)]
    id: i64,
    name: String,
    scope: String,
    user_id: Option<i64>,
    #[record(no_select)]
    token_hash: Vec<u8>,
    prefix: String,
    created_at: i64,
    #[record(no_insert)]
    last_used_at: Option<i64>,
}

/// Reads [`TokenAuthRow`]s of tokens that are good. A token outlives neither its owner nor their good standing.
macro_rules! select_auth {
    ($from:literal, $rest:literal) => {
        sql_text!(
            "SELECT ",
            TokenAuthRow::COLUMNS,
            " FROM ",
            $from,
            " LEFT JOIN users u ON u.id = t.user_id \
             WHERE t.revoked_at IS NULL AND (t.user_id IS NULL OR NOT u.disabled) ",
            $rest
        )
    };
}

impl TokenAuthRow {
    fn read(self) -> Result<([u8; 32], TokenAuth)> {
        let auth = TokenAuth {
            id: self.token_id.into(),
            name: self.name,
            scope: self.scope.parse()?,
            user: self.owner.read()?,
            last_used_at: self.last_used_at.map(timestamp).transpose()?,
        };
        Ok((hash(self.token_hash)?, auth))
    }
}

impl TokenRow {
    fn read(self) -> Result<ApiToken> {
        Ok(ApiToken {
            id: self.id.into(),
            name: self.name,
            scope: self.scope.parse()?,
            owner: self.user_id.map(UserId::from),
            prefix: self.prefix,
            created_at: timestamp(self.created_at)?,
            last_used_at: self.last_used_at.map(timestamp).transpose()?,
        })
    }
}

/// Tokens of one user that are not revoked, at most; also those that belong to no user.
const MAX_TOKENS: i64 = 100;

impl TokenStore<'_> {
    /// Makes a token, of which only the hash is kept; one of scope `user` needs an owner.
    pub async fn create(
        self,
        name: &str,
        scope: TokenScope,
        owner: Option<UserId>,
        token_hash: [u8; 32],
        prefix: &str,
    ) -> Result<ApiToken> {
        let name = name.to_owned();
        let prefix = prefix.to_owned();
        self.store
            .write(async move |tx| {
                let count = "SELECT COUNT(*) FROM tokens WHERE revoked_at IS NULL AND user_id IS NOT DISTINCT FROM $1";
                let count = sql::query_scalar::<i64>(count).bind(owner.map(UserId::get));
                if count.fetch_one(&mut tx.conn).await? >= MAX_TOKENS {
                    return Err(StoreError::TooManyTokens(MAX_TOKENS));
                }
                let row = TokenRow {
                    id: 0,
                    name: name.clone(),
                    scope: scope.as_str().to_owned(),
                    user_id: owner.map(UserId::get),
                    token_hash: token_hash.to_vec(),
                    prefix: prefix.clone(),
                    created_at: micros(tx.now),
                    last_used_at: None,
                };
                let id = sql::insert_returning_id(row).fetch_one(&mut tx.conn).await?.into();
                Ok(ApiToken { id, name, scope, owner, prefix, created_at: tx.now, last_used_at: None })
            })
            .await
    }

    /// What the bearers of tokens may do, by the hashes of these; nothing when one was revoked or its owner is disabled.
    pub async fn find_by_hashes(self, hashes: &[[u8; 32]]) -> Result<HashMap<[u8; 32], TokenAuth>> {
        let rows: Vec<TokenAuthRow> = sql::query_as(select_auth!(
            "json_each($1) AS asked CROSS JOIN tokens t",
            "AND t.token_hash = unhex(asked.value)"
        ))
        .bind(json_of_hashes(hashes))
        .fetch_all(&mut self.store.reader().await?)
        .await?;
        rows.into_iter().map(TokenAuthRow::read).collect()
    }

    /// The next older tokens that are good, with the hashes of their secrets; the newest first.
    pub async fn list_before(self, before: Option<TokenId>, limit: u32) -> Result<Vec<([u8; 32], TokenAuth)>> {
        let rows: Vec<TokenAuthRow> =
            sql::query_as(select_auth!("tokens t", "AND t.id < $1 ORDER BY t.id DESC LIMIT $2"))
                .bind(before.map_or(i64::MAX, TokenId::get))
                .bind(limit)
                .fetch_all(&mut self.store.reader().await?)
                .await?;
        rows.into_iter().map(TokenAuthRow::read).collect()
    }

    /// The tokens of one user, or all of them, that were not revoked; the newest first.
    pub async fn page(self, owner: Option<UserId>, cursor: Option<&str>, limit: u32) -> Result<StorePage<ApiToken>> {
        let before = page::before(cursor)?;
        let select = sql_text!(
            "SELECT ",
            TokenRow::COLUMNS,
            " FROM tokens WHERE revoked_at IS NULL AND ($1 IS NULL OR user_id = $1) AND id < $2 \
             ORDER BY id DESC LIMIT $3"
        );
        let select = sql::query_as(select).bind(owner.map(UserId::get)).bind(before).bind(page::rows_to_read(limit));
        let rows: Vec<TokenRow> = select.fetch_all(&mut self.store.reader().await?).await?;
        let items = rows.into_iter().map(TokenRow::read).collect::<Result<_>>()?;
        Ok(StorePage::of(items, limit, |token: &ApiToken| token.id.get()))
    }

    /// Revokes a token of that owner, or of anybody; false when there is no such token.
    pub async fn revoke(self, id: TokenId, owner: Option<UserId>) -> Result<bool> {
        self.store
            .write(async move |tx| {
                let update = sql::query(
                    "UPDATE tokens SET revoked_at = $1 \
                     WHERE id = $2 AND revoked_at IS NULL AND ($3 IS NULL OR user_id = $3)",
                );
                let update = update.bind(micros(tx.now)).bind(id.get()).bind(owner.map(UserId::get));
                let revoked = update.execute(&mut tx.conn).await?.rows_affected() > 0;
                if revoked {
                    tx.emit_control(EventKind::TokenRevoked, &json!({ "token_id": id })).await?;
                }
                Ok(revoked)
            })
            .await
    }
}

impl StoreTx {
    /// Revokes all tokens of a user, ends their live connections, and gives how many there were.
    pub(crate) async fn revoke_tokens_of(&mut self, owner: UserId) -> Result<u64> {
        let update = "UPDATE tokens SET revoked_at = $1 WHERE user_id = $2 AND revoked_at IS NULL RETURNING id";
        let update = sql::query_scalar::<i64>(update).bind(micros(self.now)).bind(owner.get());
        let revoked = update.fetch_all(&mut self.conn).await?;
        for id in &revoked {
            self.emit_control(EventKind::TokenRevoked, &json!({ "token_id": id })).await?;
        }
        Ok(revoked.len() as u64)
    }
}

/// A token's owner, where it has one.
#[derive(Record)]
struct OwnerRow {
    id: Option<i64>,
    username: Option<String>,
    role: Option<String>,
    disabled: Option<bool>,
    created_at: Option<i64>,
}

impl OwnerRow {
    fn read(self) -> Result<Option<User>> {
        let Self { id: Some(id), username: Some(username), role: Some(role), disabled, created_at } = self else {
            return Ok(None);
        };
        let disabled = disabled.unwrap_or_default();
        UserRow { id, username, role, disabled, created_at: created_at.unwrap_or_default() }.read().map(Some)
    }
}
