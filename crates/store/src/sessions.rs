//! Browser sessions.

use std::time::Duration;

use serde_json::json;
use superbot_domain::{EventKind, SessionId, Timestamp, User, UserId};

use crate::Result;
use crate::rows::{UserRow, micros, timestamp};
use crate::sqlite::Tx;
use crate::store::Store;

/// How exact "last seen" is: each new value costs a write.
pub(crate) const SEEN_EVERY: Duration = Duration::from_mins(1);

/// A session as its user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its public number.
    pub id: SessionId,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// What the browser called itself.
    pub user_agent: String,
    /// Where the browser was.
    pub address: String,
}

/// A session to be begun.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The hash of its secret, which is all that is kept of that.
    pub token_hash: [u8; 32],
    /// What the browser calls itself.
    pub user_agent: String,
    /// Where the browser is.
    pub address: String,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// Whom a session speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionAuth {
    /// Its public number.
    pub id: SessionId,
    /// Its user, who is not disabled.
    pub user: User,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
}

impl Store {
    /// Begins a session of a user.
    pub async fn create_session(&self, user: UserId, session: NewSession) -> Result<SessionId> {
        self.write(move |tx| Box::pin(async move { tx.insert_session(user, &session).await })).await
    }

    /// Whom the bearer of a secret speaks for; nobody when the session is over or the user disabled.
    pub async fn session_by_hash(&self, token_hash: &[u8; 32]) -> Result<Option<SessionAuth>> {
        #[derive(sqlx::FromRow)]
        struct Row {
            session_id: i64,
            expires_at: i64,
            last_seen_at: i64,
            #[sqlx(flatten)]
            user: UserRow,
        }
        let row: Option<Row> = sqlx::query_as(
            "SELECT s.id AS session_id, s.expires_at, s.last_seen_at, \
             u.id, u.username, u.role, u.disabled, u.created_at \
             FROM sessions s JOIN users u ON u.id = s.user_id \
             WHERE s.token_hash = $1 AND s.expires_at > $2 AND NOT u.disabled",
        )
        .bind(token_hash.as_slice())
        .bind(micros(self.now()))
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        row.map(|row| {
            Ok(SessionAuth {
                id: row.session_id.into(),
                user: row.user.read()?,
                expires_at: timestamp(row.expires_at)?,
                last_seen_at: timestamp(row.last_seen_at)?,
            })
        })
        .transpose()
    }

    /// A user's sessions that are not over, the last used first.
    pub async fn sessions(&self, user: UserId) -> Result<Vec<Session>> {
        let rows: Vec<(i64, i64, i64, i64, String, String)> = sqlx::query_as(
            "SELECT id, created_at, last_seen_at, expires_at, user_agent, address FROM sessions \
             WHERE user_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC, id DESC",
        )
        .bind(user.get())
        .bind(micros(self.now()))
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.into_iter()
            .map(|(id, created_at, last_seen_at, expires_at, user_agent, address)| {
                Ok(Session {
                    id: id.into(),
                    created_at: timestamp(created_at)?,
                    last_seen_at: timestamp(last_seen_at)?,
                    expires_at: timestamp(expires_at)?,
                    user_agent,
                    address,
                })
            })
            .collect()
    }

    /// Notes that a session is in use; writes at most once a minute.
    pub async fn touch_session(&self, session: &SessionAuth) -> Result<()> {
        let id = session.id;
        if self.now() - SEEN_EVERY < session.last_seen_at {
            return Ok(());
        }
        self.write(move |tx| {
            Box::pin(async move {
                let update = sqlx::query("UPDATE sessions SET last_seen_at = $1 WHERE id = $2 AND last_seen_at <= $3");
                let update = update.bind(micros(tx.now)).bind(id.get()).bind(micros(tx.now - SEEN_EVERY));
                update.execute(&mut tx.conn).await?;
                Ok(())
            })
        })
        .await
    }

    /// Ends the sessions that ran out, some at a time, and tells the servers, so that their live connections end too.
    pub async fn end_expired_sessions(&self, now: Timestamp) -> Result<u64> {
        let found = sqlx::query("SELECT id FROM sessions WHERE expires_at <= $1 LIMIT 1").bind(micros(now));
        if found.fetch_optional(&mut *self.reader().await?).await?.is_none() {
            return Ok(0);
        }
        self.write(move |tx| {
            Box::pin(async move {
                let delete = "DELETE FROM sessions WHERE id IN \
                     (SELECT id FROM sessions WHERE expires_at <= $1 LIMIT 500) RETURNING id, user_id";
                let ended: Vec<(i64, i64)> = sqlx::query_as(delete).bind(micros(now)).fetch_all(&mut tx.conn).await?;
                for (session, user) in &ended {
                    let payload = json!({ "session_id": session, "user_id": user });
                    tx.emit_control(EventKind::SessionRevoked, &payload).await?;
                }
                Ok(ended.len() as u64)
            })
        })
        .await
    }

    /// Ends a user's session; false when the user has no such session.
    pub async fn revoke_session(&self, user: UserId, id: SessionId) -> Result<bool> {
        self.write(move |tx| {
            Box::pin(async move {
                let delete = sqlx::query("DELETE FROM sessions WHERE id = $1 AND user_id = $2");
                let deleted = delete.bind(id.get()).bind(user.get()).execute(&mut tx.conn).await?.rows_affected() > 0;
                if deleted {
                    let payload = json!({ "session_id": id, "user_id": user });
                    tx.emit_control(EventKind::SessionRevoked, &payload).await?;
                }
                Ok(deleted)
            })
        })
        .await
    }
}

impl Tx {
    pub(crate) async fn insert_session(&mut self, user: UserId, session: &NewSession) -> Result<SessionId> {
        const MAX_CHARS: usize = 500;
        let shortened = |text: &str| text.chars().take(MAX_CHARS).collect::<String>();
        let insert = sqlx::query_scalar::<_, i64>(
            "INSERT INTO sessions (user_id, token_hash, user_agent, address, created_at, last_seen_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $5, $6) RETURNING id",
        );
        let insert = insert.bind(user.get()).bind(session.token_hash.as_slice());
        let insert = insert.bind(shortened(&session.user_agent)).bind(shortened(&session.address));
        let insert = insert.bind(micros(self.now)).bind(micros(session.expires_at));
        Ok(insert.fetch_one(&mut self.conn).await?.into())
    }
}
