//! Rate limits shared by all server processes.

use std::time::Duration;

use superbot_domain::{UsageMeter, UsageQuota};

use crate::error::Result;
use crate::handles::MeterStore;
use crate::sql;
use crate::tx::StoreTx;

/// A use to be charged to a rate limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeterCharge {
    /// Identifies the limited party and the limited action.
    pub key: String,
    /// The limit.
    pub quota: UsageQuota,
}

impl MeterStore<'_> {
    /// Charges all limits for one use each, or none. If a limit is exhausted, returns the time until the use is
    /// possible.
    pub async fn charge(self, charges: &[MeterCharge]) -> Result<Option<Duration>> {
        let Some(charges) = limited(charges) else { return Ok(None) };
        self.store
            .write(async move |tx| {
                let mut meters = Vec::with_capacity(charges.len());
                let mut wait = None;
                for MeterCharge { key, quota } in &charges {
                    let kept = tx.meter(key).await?.unwrap_or_default();
                    let mut meter = kept;
                    wait = wait.max(meter.check(*quota, tx.now).err());
                    meters.push((kept, meter));
                }
                for (MeterCharge { key, quota }, (kept, mut meter)) in charges.iter().zip(meters) {
                    if wait.is_none() {
                        meter.charge(*quota);
                    // `check` clamps a meter from before a clock change; store that even if the use is refused.
                    } else if meter.full_at_us() >= kept.full_at_us() {
                        continue;
                    }
                    tx.put_meter(key, meter).await?;
                }
                Ok(wait)
            })
            .await
    }

    /// Reverts [`MeterStore::charge`], for a use that should not count.
    pub async fn refund(self, charges: &[MeterCharge]) -> Result<()> {
        let Some(charges) = limited(charges) else { return Ok(()) };
        self.store
            .write(async move |tx| {
                for MeterCharge { key, quota } in &charges {
                    if let Some(mut meter) = tx.meter(key).await? {
                        meter.give_back(*quota);
                        tx.put_meter(key, meter).await?;
                    }
                }
                Ok(())
            })
            .await
    }
}

/// Returns the charges with a limit; `None` if there are none, so that no transaction is needed.
fn limited(charges: &[MeterCharge]) -> Option<Vec<MeterCharge>> {
    let limited: Vec<MeterCharge> = charges.iter().filter(|charge| charge.quota.is_limited()).cloned().collect();
    (!limited.is_empty()).then_some(limited)
}

impl StoreTx {
    async fn meter(&mut self, key: &str) -> Result<Option<UsageMeter>> {
        let select = sql::query_scalar("SELECT full_at FROM meters WHERE key = $1").bind(key);
        Ok(select.fetch_optional(&mut self.conn).await?.map(UsageMeter::of))
    }

    async fn put_meter(&mut self, key: &str, meter: UsageMeter) -> Result<()> {
        let upsert = sql::query(
            "INSERT INTO meters (key, full_at) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET full_at = excluded.full_at",
        );
        Ok(upsert.bind(key).bind(meter.full_at_us()).execute(&mut self.conn).await.map(drop)?)
    }
}
