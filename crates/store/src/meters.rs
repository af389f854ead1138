//! Allowances that all processes share (a generic cell rate algorithm).

use std::time::Duration;

use crate::rows::micros;
use crate::store::Store;
use crate::{Result, sql};

/// How much is allowed: `per` divided by `cost` at once, refilled evenly over `per`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// What one use costs.
    pub cost: Duration,
    /// When all of it is there again.
    pub per: Duration,
}

impl Store {
    /// Charges each key for one use, all or none; if one of them has nothing left, how long to wait.
    pub async fn charge(&self, keys: &[String], allowance: Allowance) -> Result<Option<Duration>> {
        let keys = keys.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let now = micros(tx.now);
                let [cost, per] = [allowance.cost, allowance.per].map(microseconds);
                let mut wait = 0;
                for key in &keys {
                    let select = sql::query_scalar("SELECT full_at FROM meters WHERE key = $1").bind(key);
                    let full_at: Option<i64> = select.fetch_optional(&mut tx.conn).await?;
                    wait = wait.max(full_at.unwrap_or(now).max(now) + cost - now - per);
                }
                if wait > 0 {
                    return Ok(Some(Duration::from_micros(wait.unsigned_abs())));
                }
                for key in &keys {
                    let charge = sql::query(
                        "INSERT INTO meters (key, full_at) VALUES ($1, $2 + $3) ON CONFLICT (key) DO UPDATE SET \
                         full_at = CASE WHEN meters.full_at > $2 THEN meters.full_at ELSE $2 END + $3",
                    );
                    charge.bind(key).bind(now).bind(cost).execute(&mut tx.conn).await?;
                }
                Ok(None)
            })
        })
        .await
    }

    /// Gives back what [`Store::charge`] took: it was a use that does not count.
    pub async fn give_back(&self, keys: &[String], allowance: Allowance) -> Result<()> {
        let keys = keys.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                for key in &keys {
                    let update = sql::query("UPDATE meters SET full_at = full_at - $1 WHERE key = $2");
                    update.bind(microseconds(allowance.cost)).bind(key).execute(&mut tx.conn).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

fn microseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX / 4)
}
