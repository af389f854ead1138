//! API tokens.

use serde_json::json;
use superbot_domain::{EventKind, Scope, Timestamp, TokenId, User, UserId};

use crate::Result;
use crate::rows::{UserRow, micros, timestamp};
use crate::sessions::SEEN_EVERY;
use crate::store::Store;

/// A token as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its public number.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// What it may be used for.
    pub scope: Scope,
    /// Whom it belongs to, where it belongs to anybody.
    pub owner: Option<UserId>,
    /// How its secret begins, to tell it from others.
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// What a token's bearer may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenAuth {
    /// Its public number.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// What it may be used for.
    pub scope: Scope,
    /// Its owner, who is not disabled.
    pub user: Option<User>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl Store {
    /// Makes a token, of which only the hash is kept; one of scope `user` needs an owner.
    pub async fn create_token(
        &self,
        name: &str,
        scope: Scope,
        owner: Option<UserId>,
        token_hash: [u8; 32],
        prefix: &str,
    ) -> Result<Token> {
        let (name, prefix) = (name.to_owned(), prefix.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                let insert = sqlx::query_scalar::<_, i64>(
                    "INSERT INTO tokens (name, scope, user_id, token_hash, prefix, created_at) \
                     VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
                );
                let insert = insert.bind(&name).bind(scope.as_str()).bind(owner.map(UserId::get));
                let insert = insert.bind(token_hash.as_slice()).bind(&prefix).bind(micros(tx.now));
                let id = insert.fetch_one(&mut tx.conn).await?.into();
                Ok(Token { id, name, scope, owner, prefix, created_at: tx.now, last_used_at: None })
            })
        })
        .await
    }

    /// What the bearer of a token may do; nothing when it was revoked or its owner is disabled.
    pub async fn token_by_hash(&self, token_hash: &[u8; 32]) -> Result<Option<TokenAuth>> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: i64,
            name: String,
            scope: String,
            last_used_at: Option<i64>,
            user_id: Option<i64>,
        }
        let mut reader = self.reader().await?;
        let row: Option<Row> = sqlx::query_as(
            "SELECT id, name, scope, last_used_at, user_id FROM tokens WHERE token_hash = $1 AND revoked_at IS NULL",
        )
        .bind(token_hash.as_slice())
        .fetch_optional(&mut *reader)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let mut user = None;
        if let Some(owner) = row.user_id {
            let owner: Option<UserRow> = sqlx::query_as(
                "SELECT id, username, role, disabled, created_at FROM users WHERE id = $1 AND NOT disabled",
            )
            .bind(owner)
            .fetch_optional(&mut *reader)
            .await?;
            // A token outlives neither its owner nor their good standing.
            let Some(owner) = owner else { return Ok(None) };
            user = Some(owner.read()?);
        }
        Ok(Some(TokenAuth {
            id: row.id.into(),
            name: row.name,
            scope: row.scope.parse()?,
            user,
            last_used_at: row.last_used_at.map(timestamp).transpose()?,
        }))
    }

    /// The tokens of one user, or all of them, that were not revoked; the newest first.
    pub async fn tokens(&self, owner: Option<UserId>) -> Result<Vec<Token>> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: i64,
            name: String,
            scope: String,
            user_id: Option<i64>,
            prefix: String,
            created_at: i64,
            last_used_at: Option<i64>,
        }
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, name, scope, user_id, prefix, created_at, last_used_at FROM tokens \
             WHERE revoked_at IS NULL AND ($1 IS NULL OR user_id = $1) ORDER BY id DESC",
        )
        .bind(owner.map(UserId::get))
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Token {
                    id: row.id.into(),
                    name: row.name,
                    scope: row.scope.parse()?,
                    owner: row.user_id.map(UserId::from),
                    prefix: row.prefix,
                    created_at: timestamp(row.created_at)?,
                    last_used_at: row.last_used_at.map(timestamp).transpose()?,
                })
            })
            .collect()
    }

    /// Notes that a token is in use; writes at most once a minute.
    pub async fn touch_token(&self, token: &TokenAuth) -> Result<()> {
        let id = token.id;
        if token.last_used_at.is_some_and(|last_used_at| self.now() - SEEN_EVERY < last_used_at) {
            return Ok(());
        }
        self.write(move |tx| {
            Box::pin(async move {
                let update = sqlx::query(
                    "UPDATE tokens SET last_used_at = $1 WHERE id = $2 AND (last_used_at IS NULL OR last_used_at <= $3)",
                );
                let update = update.bind(micros(tx.now)).bind(id.get()).bind(micros(tx.now - SEEN_EVERY));
                update.execute(&mut tx.conn).await?;
                Ok(())
            })
        })
        .await
    }

    /// Revokes a token of that owner, or of anybody; false when there is no such token.
    pub async fn revoke_token(&self, id: TokenId, owner: Option<UserId>) -> Result<bool> {
        self.write(move |tx| {
            Box::pin(async move {
                let update = sqlx::query(
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
        })
        .await
    }
}
