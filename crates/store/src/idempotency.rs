//! Idempotency keys: a repeated request is answered without being executed again.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Result, StoreError};
use crate::rows::micros;
use crate::sql;
use crate::tx::StoreTx;

/// How long responses are kept.
pub(crate) const KEPT: Duration = Duration::from_hours(24);

/// Identifies a request that may be retried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The caller; each principal has a separate key space.
    pub principal: String,
    /// Key chosen by the client.
    pub key: String,
    /// SHA-256 of the request, to detect another request with the same key.
    pub request_hash: [u8; 32],
}

impl StoreTx {
    /// Returns the stored response to the same request, if there is one.
    pub(crate) async fn answered<T: DeserializeOwned>(&mut self, key: Option<&IdempotencyKey>) -> Result<Option<T>> {
        let Some(key) = key else { return Ok(None) };
        let found: Option<(Vec<u8>, String)> = sql::query_as(
            "SELECT request_hash, answer FROM idempotency WHERE principal = $1 AND key = $2 AND created_at > $3",
        )
        .bind(&key.principal)
        .bind(&key.key)
        .bind(micros(self.now - KEPT))
        .fetch_optional(&mut self.conn)
        .await?;
        let Some((request_hash, answer)) = found else { return Ok(None) };
        if request_hash != key.request_hash {
            return Err(StoreError::IdempotencyMismatch);
        }
        serde_json::from_str(&answer).map(Some).map_err(|error| StoreError::corrupt(format!("a kept answer: {error}")))
    }

    /// Stores the response, in the same transaction as the request's effects.
    pub(crate) async fn keep_answer<T: Serialize>(&mut self, key: Option<&IdempotencyKey>, answer: &T) -> Result<()> {
        let Some(key) = key else { return Ok(()) };
        let answer = serde_json::to_string(answer).map_err(StoreError::corrupt)?;
        // An upsert, since an expired row may exist until it is pruned.
        sql::query(
            "INSERT INTO idempotency (principal, key, request_hash, answer, created_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (principal, key) DO UPDATE SET request_hash = excluded.request_hash, \
             answer = excluded.answer, created_at = excluded.created_at",
        )
        .bind(&key.principal)
        .bind(&key.key)
        .bind(key.request_hash.as_slice())
        .bind(answer)
        .bind(micros(self.now))
        .execute(&mut self.conn)
        .await?;
        Ok(())
    }
}
