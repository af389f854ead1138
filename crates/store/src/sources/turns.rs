//! Leases of sources, and rate limits of sites: one process per source, one request at a time per site.

use std::time::Duration;

use jiff::tz::TimeZone;
use superbot_domain::{CLOCK_SKEW, SourceHealth, SourceName, Timestamp};

use super::source::{SourceRow, StoredSource, written};
use crate::error::Result;
use crate::handles::SourceStore;
use crate::rows::{micros, timestamp};
use crate::sql::{self, SelectRecord as _, sql_text};
use crate::tx::StoreTx;

/// Result of requesting a turn at a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteTurn {
    /// The request may be sent now.
    Granted,
    /// Try again at this time; another request may still come first.
    At(Timestamp),
    /// The source's daily limit is exhausted until this time.
    Spent(Timestamp),
    /// The source was changed or disabled, or its lease has been lost.
    Lost,
}

/// Duration of a lease beyond the operation it covers.
const HELD: Duration = Duration::from_mins(1);
/// Maximum interval between renewals of a lease while waiting for a turn.
const RENEWED_AFTER: Duration = Duration::from_mins(5);
/// A lease that ends later than this was taken before the clock was set back.
const LONGEST_LEASE: Duration = HELD.saturating_add(RENEWED_AFTER).saturating_add(CLOCK_SKEW);
/// Upper bound of a crawl delay: 10 minutes from robots.txt, plus up to half of that as jitter.
const LONGEST_CRAWL_DELAY: Duration = Duration::from_mins(15);
/// How long a site's next turn is stored, longer than any crawl delay.
const REMEMBERED: Duration = Duration::from_hours(24);

impl SourceStore<'_> {
    /// Takes the lease of a source that is due or was requested to run; `None` if neither applies or another process
    /// holds the lease.
    pub async fn hold(self, name: &SourceName, holder: i64) -> Result<Option<StoredSource>> {
        let name = name.clone();
        self.store
            .write(async move |tx| {
                let sql = sql_text!(
                    "SELECT ",
                    SourceRow::COLUMNS,
                    " FROM sources WHERE name = $1 AND running \
                     AND (holder = $2 OR held_until <= $3 OR held_until > $4)"
                );
                let select = sql::query_as(sql).bind(name.as_str()).bind(holder);
                let select = select.bind(micros(tx.now)).bind(micros(tx.now + LONGEST_LEASE));
                let row: Option<SourceRow> = select.fetch_optional(&mut tx.conn).await?;
                let Some(mut source) = row.map(SourceRow::read).transpose()? else { return Ok(None) };
                if !source.run_asked && !source.health.is_due(tx.now) {
                    return Ok(None);
                }
                source.run_asked = false;
                let update = "UPDATE sources SET holder = $1, held_until = $2, run_asked = FALSE WHERE name = $3";
                let update = sql::query(update).bind(holder).bind(micros(tx.now + HELD)).bind(name.as_str());
                update.execute(&mut tx.conn).await?;
                Ok(Some(source))
            })
            .await
    }

    /// Requests a turn at a site. If granted, no other is granted for `gap`.
    pub async fn acquire_slot(
        self,
        source: &StoredSource,
        holder: i64,
        origin: &str,
        gap: Duration,
        requests_per_day: u32,
    ) -> Result<SiteTurn> {
        let name = source.name.clone();
        let revision = source.revision;
        let origin = origin.to_owned();
        self.store
            .write(async move |tx| {
                let (today, tomorrow) = day(tx.now);
                let Some(asked) = hold_on(tx, &name, holder, revision, tx.now).await? else {
                    return Ok(SiteTurn::Lost);
                };
                if asked >= i64::from(requests_per_day) {
                    return Ok(SiteTurn::Spent(tomorrow));
                }
                let next_at: Option<i64> = sql::query_scalar("SELECT next_at FROM site_turns WHERE origin = $1")
                    .bind(&origin)
                    .fetch_optional(&mut tx.conn)
                    .await?;
                // A turn is reserved at most one gap ahead, and jitter varies gaps by half; a reservation further ahead
                // dates from before the clock was set back.
                let furthest = micros(tx.now + (gap * 2).max(LONGEST_CRAWL_DELAY) + CLOCK_SKEW);
                if let Some(next_at) = next_at.filter(|next_at| *next_at > micros(tx.now) && *next_at <= furthest) {
                    // The caller sleeps until then at most, so the lease is renewed in time.
                    let next_at = timestamp(next_at)?.min(tx.now + RENEWED_AFTER);
                    hold_on(tx, &name, holder, revision, next_at).await?;
                    return Ok(SiteTurn::At(next_at));
                }
                sql::query("UPDATE sources SET day = $1, requests = $2 WHERE name = $3")
                    .bind(today)
                    .bind(asked + 1)
                    .bind(name.as_str())
                    .execute(&mut tx.conn)
                    .await?;
                sql::query("DELETE FROM site_turns WHERE next_at < $1")
                    .bind(micros(tx.now - REMEMBERED))
                    .execute(&mut tx.conn)
                    .await?;
                sql::query(
                    "INSERT INTO site_turns (origin, next_at) VALUES ($1, $2) \
                     ON CONFLICT (origin) DO UPDATE SET next_at = excluded.next_at",
                )
                .bind(&origin)
                .bind(micros(tx.now + gap))
                .execute(&mut tx.conn)
                .await?;
                Ok(SiteTurn::Granted)
            })
            .await
    }

    /// Releases the lease of a source; another process may continue at once.
    pub async fn release(self, name: &SourceName, holder: i64) -> Result<()> {
        let name = name.clone();
        self.store
            .write(async move |tx| {
                let release = sql::query("UPDATE sources SET held_until = 0 WHERE name = $1 AND holder = $2");
                release.bind(name.as_str()).bind(holder).execute(&mut tx.conn).await?;
                Ok(())
            })
            .await
    }

    /// Records a source's health after a run and releases its lease. Returns false if the configuration changed in the
    /// meantime, since the health no longer applies.
    pub async fn finish(self, source: &StoredSource, holder: i64, health: &SourceHealth) -> Result<bool> {
        let name = source.name.clone();
        let revision = source.revision;
        let health = health.clone();
        self.store
            .write(async move |tx| {
                let release = sql::query("UPDATE sources SET held_until = 0 WHERE name = $1 AND holder = $2");
                release.bind(name.as_str()).bind(holder).execute(&mut tx.conn).await?;
                let update = sql::query(
                    "UPDATE sources SET health = $1, next_run_at = $2 \
                     WHERE name = $3 AND holder = $4 AND revision = $5 AND running",
                );
                let update = update.bind(written(&health)?).bind(health.next_run_at.map(micros));
                let update = update.bind(name.as_str()).bind(holder).bind(revision);
                if update.execute(&mut tx.conn).await?.rows_affected() == 0 {
                    return Ok(false);
                }
                tx.set_running(&name, health.state.is_good()).await?;
                Ok(true)
            })
            .await
    }
}

/// Extends the lease until some time after `moment`. Returns the number of requests made today; `None` if the lease was
/// lost.
async fn hold_on(
    tx: &mut StoreTx,
    name: &SourceName,
    holder: i64,
    revision: i64,
    moment: Timestamp,
) -> Result<Option<i64>> {
    let update = sql::query_scalar(
        "UPDATE sources SET held_until = $1 WHERE name = $2 AND running AND revision = $3 AND holder = $4 \
         AND held_until > $5 RETURNING CASE WHEN day = $6 THEN requests ELSE 0 END",
    );
    let update = update.bind(micros(moment + HELD)).bind(name.as_str()).bind(revision).bind(holder);
    Ok(update.bind(micros(tx.now)).bind(day(tx.now).0).fetch_optional(&mut tx.conn).await?)
}

/// Returns the day's number since 1970 and the beginning of the next day, in UTC.
fn day(now: Timestamp) -> (i64, Timestamp) {
    const SECONDS: i64 = 24 * 60 * 60;
    let today = now.as_second().div_euclid(SECONDS);
    let next = now.to_zoned(TimeZone::UTC).start_of_day().and_then(|start| start.checked_add(Duration::from_hours(24)));
    (today, next.map_or(now, |next| next.timestamp()))
}
