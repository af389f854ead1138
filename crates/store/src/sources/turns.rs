//! Who asks a site, and when: one process for each source, one request after the other for each site.

use std::time::Duration;

use jiff::tz::TimeZone;
use superbot_domain::{CLOCK_SKEW, SourceHealth, SourceName, Timestamp};

use super::source::{SourceRow, StoredSource, written};
use crate::error::Result;
use crate::handles::SourceStore;
use crate::rows::{micros, timestamp};
use crate::sql::{self, SelectRecord as _, sql_text};
use crate::tx::StoreTx;

/// Whether a site may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteTurn {
    /// Now.
    Granted,
    /// At that moment, somebody else's request permitting.
    At(Timestamp),
    /// Not before that moment: the source has asked as often as it may in a day.
    Spent(Timestamp),
    /// Not at all: the source was changed or stopped, or another process is at it.
    Lost,
}

/// A lease ends this long after what it is for.
const HELD: Duration = Duration::from_mins(1);
/// A process that waits for its turn renews its lease this often.
const RENEWED_AFTER: Duration = Duration::from_mins(5);
/// A lease that ends later than this was taken before the clock was set back.
const LONGEST_LEASE: Duration = HELD.saturating_add(RENEWED_AFTER).saturating_add(CLOCK_SKEW);
/// A site's robots.txt may ask for gaps of 10 minutes, which chance lengthens by half.
const LONGEST_CRAWL_DELAY: Duration = Duration::from_mins(15);
/// Turns are remembered for longer than any site wants us to wait.
const REMEMBERED: Duration = Duration::from_hours(24);

impl SourceStore<'_> {
    /// Takes a source that is due, or that somebody wants to run at once, for this process; `None` when it is neither, or
    /// another process is at it.
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

    /// Asks for a turn at a site; nobody has the next one before `gap` is over.
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
                // Turns are taken one gap ahead, and gaps differ by half; one that is further ahead was taken before the
                // clock was set back.
                let furthest = micros(tx.now + (gap * 2).max(LONGEST_CRAWL_DELAY) + CLOCK_SKEW);
                if let Some(next_at) = next_at.filter(|next_at| *next_at > micros(tx.now) && *next_at <= furthest) {
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

    /// Gives a source free that this process is at: another one may go on at once.
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

    /// Notes how a source fares after a run, and gives it free; false when it was changed meanwhile, and has to show anew.
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

/// Holds a source until some time after that moment, and gives how many requests it has made today; `None` when it is lost.
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

/// The day's number since 1970, and when the next one begins, in UTC.
fn day(now: Timestamp) -> (i64, Timestamp) {
    const SECONDS: i64 = 24 * 60 * 60;
    let today = now.as_second().div_euclid(SECONDS);
    let next = now.to_zoned(TimeZone::UTC).start_of_day().and_then(|start| start.checked_add(Duration::from_hours(24)));
    (today, next.map_or(now, |next| next.timestamp()))
}
