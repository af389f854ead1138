//! Allowances that all processes share.

use std::time::Duration;

use superbot_domain::{Meter, Quota};

use crate::store::Store;
use crate::writer::Tx;
use crate::{Result, sql};

impl Store {
    /// Charges each key for one use, all or none; if one of them has nothing left, how long to wait.
    pub async fn charge(&self, keys: &[String], quota: Quota) -> Result<Option<Duration>> {
        if !quota.is_limited() {
            return Ok(None);
        }
        let keys = keys.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let mut meters = Vec::with_capacity(keys.len());
                for key in &keys {
                    meters.push(tx.meter(key).await?.unwrap_or_default());
                }
                let wait = meters.iter().filter_map(|meter| meter.check(quota, tx.now).err()).max();
                if wait.is_some() {
                    return Ok(wait);
                }
                for (key, mut meter) in keys.iter().zip(meters) {
                    meter.charge(quota, tx.now);
                    tx.put_meter(key, meter).await?;
                }
                Ok(None)
            })
        })
        .await
    }

    /// Gives back what [`Store::charge`] took: it was a use that does not count.
    pub async fn give_back(&self, keys: &[String], quota: Quota) -> Result<()> {
        if !quota.is_limited() {
            return Ok(());
        }
        let keys = keys.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                for key in &keys {
                    if let Some(mut meter) = tx.meter(key).await? {
                        meter.give_back(quota);
                        tx.put_meter(key, meter).await?;
                    }
                }
                Ok(())
            })
        })
        .await
    }
}

impl Tx {
    async fn meter(&mut self, key: &str) -> Result<Option<Meter>> {
        let select = sql::query_scalar("SELECT full_at FROM meters WHERE key = $1").bind(key);
        Ok(select.fetch_optional(&mut self.conn).await?.map(Meter::of))
    }

    async fn put_meter(&mut self, key: &str, meter: Meter) -> Result<()> {
        let upsert = sql::query(
            "INSERT INTO meters (key, full_at) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET full_at = excluded.full_at",
        );
        upsert.bind(key).bind(meter.full_at_us()).execute(&mut self.conn).await.map(drop)
    }
}
