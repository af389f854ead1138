//! Browser sessions.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::json;
use superbot_domain::{EventKind, SessionId, Timestamp, TokenId, User, UserId, UserSession};

use crate::error::{Result, StoreError};
use crate::handles::SessionStore;
use crate::rows::{UserRow, micros, timestamp};
use crate::sql::{self, Record, SelectRecord as _, sql_text};
use crate::tx::StoreTx;

/// How exact "last seen" is: each new value costs a write.
const SEEN_EVERY: Duration = Duration::from_mins(1);

/// Sessions of one user at most; a new one ends the oldest.
const MAX_SESSIONS: i64 = 200;

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

/// What is read to tell whom a session speaks for.
#[derive(Record)]
#[record(alias = "s")]
struct SessionAuthRow {
    token_hash: Vec<u8>,
    #[record(select = "s.id")]
    session_id: i64,
    expires_at: i64,
    last_seen_at: i64,
    #[record(nested, alias = "u")]
    user: UserRow,
}

/// A row of `sessions`.
#[derive(Record)]
#[record(table = "sessions")]
struct SessionRow {
    /// Given by the database.
    #[record(no_insert)]
    id: i64,
    #[record(no_select)]
    user_id: i64,
    #[record(no_select)]
    token_hash: Vec<u8>,
    user_agent: String,
    address: String,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
}

/// Reads [`SessionAuthRow`]s of sessions that are not over, at the time that is the first parameter.
macro_rules! select_auth {
    ($from:literal, $rest:literal) => {
        sql_text!(
            "SELECT ",
            SessionAuthRow::COLUMNS,
            " FROM ",
            $from,
            " JOIN users u ON u.id = s.user_id WHERE s.expires_at > $1 AND NOT u.disabled ",
            $rest
        )
    };
}

impl SessionAuthRow {
    fn read(self) -> Result<([u8; 32], SessionAuth)> {
        let auth = SessionAuth {
            id: self.session_id.into(),
            user: self.user.read()?,
            expires_at: timestamp(self.expires_at)?,
            last_seen_at: timestamp(self.last_seen_at)?,
        };
        Ok((hash(self.token_hash)?, auth))
    }
}

impl SessionRow {
    fn new(user: UserId, session: &NewSession, now: Timestamp) -> Self {
        const MAX_CHARS: usize = 500;
        let shortened = |text: &str| text.chars().take(MAX_CHARS).collect::<String>();
        Self {
            id: 0,
            user_id: user.get(),
            token_hash: session.token_hash.to_vec(),
            user_agent: shortened(&session.user_agent),
            address: shortened(&session.address),
            created_at: micros(now),
            last_seen_at: micros(now),
            expires_at: micros(session.expires_at),
        }
    }

    fn read(self) -> Result<UserSession> {
        Ok(UserSession {
            id: self.id.into(),
            created_at: timestamp(self.created_at)?,
            last_seen_at: timestamp(self.last_seen_at)?,
            expires_at: timestamp(self.expires_at)?,
            user_agent: self.user_agent,
            address: self.address,
        })
    }
}

impl SessionStore<'_> {
    /// Begins a session of a user.
    pub async fn create(self, user: UserId, session: NewSession) -> Result<SessionId> {
        self.store.write(async move |tx| tx.insert_session(user, &session).await).await
    }

    /// Begins a session of a user whose password was checked against that hash; `None` where the password was changed or the
    /// user disabled since, which ends all sessions and must end this one, too.
    pub async fn sign_in(self, user: UserId, password_hash: &str, session: NewSession) -> Result<Option<SessionId>> {
        let hash = password_hash.to_owned();
        self.store
            .write(async move |tx| {
                let valid = "SELECT EXISTS (SELECT 1 FROM users WHERE id = $1 AND password_hash = $2 AND NOT disabled)";
                let valid = sql::query_scalar(valid).bind(user.get()).bind(&hash);
                if !valid.fetch_one(&mut tx.conn).await? {
                    return Ok(None);
                }
                tx.insert_session(user, &session).await.map(Some)
            })
            .await
    }

    /// Whom the bearers of secrets speak for, by the hashes of these; nobody when the session is over or the user disabled.
    pub async fn find_by_hashes(self, hashes: &[[u8; 32]]) -> Result<HashMap<[u8; 32], SessionAuth>> {
        let rows: Vec<SessionAuthRow> = sql::query_as(select_auth!(
            "json_each($2) AS asked CROSS JOIN sessions s",
            "AND s.token_hash = unhex(asked.value)"
        ))
        .bind(micros(self.store.now()))
        .bind(json_of_hashes(hashes))
        .fetch_all(&mut self.store.reader().await?)
        .await?;
        rows.into_iter().map(SessionAuthRow::read).collect()
    }

    /// The next older sessions that are good, with the hashes of their secrets; the newest first.
    pub async fn list_before(self, before: Option<SessionId>, limit: u32) -> Result<Vec<([u8; 32], SessionAuth)>> {
        let rows: Vec<SessionAuthRow> =
            sql::query_as(select_auth!("sessions s", "AND s.id < $2 ORDER BY s.id DESC LIMIT $3"))
                .bind(micros(self.store.now()))
                .bind(before.map_or(i64::MAX, SessionId::get))
                .bind(limit)
                .fetch_all(&mut self.store.reader().await?)
                .await?;
        rows.into_iter().map(SessionAuthRow::read).collect()
    }

    /// A user's sessions that are not over, the last used first.
    pub async fn list(self, user: UserId) -> Result<Vec<UserSession>> {
        let select = sql_text!(
            "SELECT ",
            SessionRow::COLUMNS,
            " FROM sessions WHERE user_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC, id DESC"
        );
        let select = sql::query_as(select).bind(user.get()).bind(micros(self.store.now()));
        let rows: Vec<SessionRow> = select.fetch_all(&mut self.store.reader().await?).await?;
        rows.into_iter().map(SessionRow::read).collect()
    }

    /// Whether it is worth noting that a session or token is in use, which was noted last at that time.
    pub fn is_touch_due(self, last: Option<Timestamp>) -> bool {
        let now = self.store.now();
        // One that is ahead by more was noted before the clock was set back.
        last.is_none_or(|last| last <= now - SEEN_EVERY || last > now + SEEN_EVERY)
    }

    /// Notes that sessions and tokens are in use: of each at most once a minute.
    pub async fn touch(self, sessions: &[SessionId], tokens: &[TokenId]) -> Result<()> {
        let sessions = json!(sessions).to_string();
        let tokens = json!(tokens).to_string();
        self.store.write(async move |tx| {
                let now = micros(tx.now);
                let before = micros(tx.now - SEEN_EVERY);
                let ahead = micros(tx.now + SEEN_EVERY);
                for (update, ids) in [
                    (
                        "UPDATE sessions SET last_seen_at = $1 \
                      WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($2)) AND (last_seen_at <= $3 OR last_seen_at > $4)",
                        sessions,
                    ),
                    (
                        "UPDATE tokens SET last_used_at = $1 \
                      WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($2)) \
                      AND (last_used_at IS NULL OR last_used_at <= $3 OR last_used_at > $4)",
                        tokens,
                    ),
                ] {
                    if ids != "[]" {
                        sql::query(update).bind(now).bind(ids).bind(before).bind(ahead).execute(&mut tx.conn).await?;
                    }
                }
                Ok(())
            })
        .await
    }

    /// Ends the sessions that ran out, some at a time, and tells the servers, so that their live connections end too.
    pub async fn end_expired(self, now: Timestamp) -> Result<u64> {
        let found =
            sql::query_scalar::<i64>("SELECT id FROM sessions WHERE expires_at <= $1 LIMIT 1").bind(micros(now));
        if found.fetch_optional(&mut self.store.reader().await?).await?.is_none() {
            return Ok(0);
        }
        self.store
            .write(async move |tx| {
                let delete = "DELETE FROM sessions WHERE id IN \
                     (SELECT id FROM sessions WHERE expires_at <= $1 LIMIT 500) RETURNING id, user_id";
                let ended: Vec<(i64, i64)> = sql::query_as(delete).bind(micros(now)).fetch_all(&mut tx.conn).await?;
                for (session, user) in &ended {
                    let payload = json!({ "session_id": session, "user_id": user });
                    tx.emit_control(EventKind::SessionRevoked, &payload).await?;
                }
                Ok(ended.len() as u64)
            })
            .await
    }

    /// Ends a user's session; false when the user has no such session.
    pub async fn revoke(self, user: UserId, id: SessionId) -> Result<bool> {
        self.store
            .write(async move |tx| {
                let delete = sql::query("DELETE FROM sessions WHERE id = $1 AND user_id = $2");
                let deleted = delete.bind(id.get()).bind(user.get()).execute(&mut tx.conn).await?.rows_affected() > 0;
                if deleted {
                    let payload = json!({ "session_id": id, "user_id": user });
                    tx.emit_control(EventKind::SessionRevoked, &payload).await?;
                }
                Ok(deleted)
            })
            .await
    }
}

impl StoreTx {
    pub(crate) async fn insert_session(&mut self, user: UserId, session: &NewSession) -> Result<SessionId> {
        let row = SessionRow::new(user, session, self.now);
        let id: i64 = sql::insert_returning_id(row).fetch_one(&mut self.conn).await?;
        let delete = "DELETE FROM sessions WHERE user_id = $1 AND id <= \
             (SELECT id FROM sessions WHERE user_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2) RETURNING id";
        let ended: Vec<i64> =
            sql::query_scalar(delete).bind(user.get()).bind(MAX_SESSIONS).fetch_all(&mut self.conn).await?;
        for session in ended {
            let payload = json!({ "session_id": session, "user_id": user });
            self.emit_control(EventKind::SessionRevoked, &payload).await?;
        }
        Ok(id.into())
    }
}

/// Hashes as one bound value, which `json_each` and `unhex` take apart.
pub(crate) fn json_of_hashes(hashes: &[[u8; 32]]) -> String {
    let mut json = String::with_capacity(2 + hashes.len() * 67);
    json.push('[');
    for hash in hashes {
        json.push_str(if json.len() == 1 { "\"" } else { ",\"" });
        json.push_str(&hex::encode(hash));
        json.push('"');
    }
    json.push(']');
    json
}

pub(crate) fn hash(stored: Vec<u8>) -> Result<[u8; 32]> {
    stored.try_into().map_err(|_| StoreError::corrupt("the hash of a secret"))
}
