//! Which listings were matched with standing queries on arrival, and by the rules of which version.
//!
//! Reconciliation compares listings by today's rules. What the rules of an earlier version have compared already is not compared
//! again, or an upgrade would notify users of old listings; what they have not compared yet still has to be. Whether listings are
//! matched on arrival is a setting, which may change at any start, so the store records since when it has been on.

use serde::{Deserialize, Serialize};
use superbot_domain::READER_VERSION;

use crate::error::Result;
use crate::meta;
use crate::sequences::{SELECT_NUMBERS, StoreSequences};
use crate::sql::{self, SqlConn};

/// The key of the record in `meta`.
const KEY: &str = "arrival_matching";

/// What is known about how listings were matched.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct ArrivalMatching {
    /// Since when all listings are matched on arrival by today's rules; `None` while they are left to the workers.
    since: Option<StorePosition>,
    /// What was matched on arrival before, in ascending order. It gets longer when the setting is changed, and with an upgrade.
    spans: Vec<MatchedSpan>,
}

/// A moment in the store's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StorePosition {
    /// The last event.
    seq: i64,
    /// The highest number of a listing.
    listing: i64,
}

/// What was written between two moments, and matched on arrival.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct MatchedSpan {
    after: StorePosition,
    upto: StorePosition,
    /// The version of the rules.
    version: i64,
}

impl ArrivalMatching {
    pub(crate) async fn read(conn: &mut SqlConn) -> Result<Self> {
        Ok(meta::read_json(conn, KEY).await?.unwrap_or_default())
    }

    /// Whether an event is about a listing that earlier rules have matched when it came in.
    pub(crate) fn is_event_of_earlier_rules(&self, seq: i64) -> bool {
        self.of_earlier_rules().any(|span| span.after.seq < seq && seq <= span.upto.seq)
    }

    /// Whether earlier rules have matched a listing when it came in.
    pub(crate) fn is_listing_of_earlier_rules(&self, id: i64) -> bool {
        self.of_earlier_rules().any(|span| span.after.listing < id && id <= span.upto.listing)
    }

    fn of_earlier_rules(&self) -> impl Iterator<Item = &MatchedSpan> {
        self.spans.iter().filter(|span| span.version < READER_VERSION)
    }

    /// Notes that what came in since matching on arrival began has been matched by rules of that version.
    fn end_span(&mut self, now: StorePosition, version: i64) {
        let Some(after) = self.since.take() else { return };
        match self.spans.last_mut() {
            Some(last) if last.upto == after && last.version.max(version) < READER_VERSION => last.upto = now,
            _ => self.spans.push(MatchedSpan { after, upto: now, version }),
        }
    }
}

/// Notes whether listings are matched on arrival from now on.
pub(crate) async fn note_setting(conn: &mut SqlConn, match_on_arrival: bool) -> Result<()> {
    let known: Option<ArrivalMatching> = meta::read_json(conn, KEY).await?;
    if known.as_ref().is_some_and(|known| known.since.is_some() == match_on_arrival) {
        return Ok(());
    }
    let mut record = known.unwrap_or_default();
    let now = StorePosition::now(conn).await?;
    record.end_span(now, READER_VERSION);
    record.since = match_on_arrival.then_some(now);
    meta::replace_json(conn, KEY, &record).await
}

/// Notes that the rules change now. Listings that earlier rules have matched on arrival are done with, those that were left to the
/// workers are not; the workers' places in the log stay what they are.
pub(crate) async fn note_upgrade(conn: &mut SqlConn, earlier: i64) -> Result<()> {
    let mut record = match meta::read_json(conn, KEY).await? {
        Some(known) => known,
        None => guess(conn).await?,
    };
    record.end_span(StorePosition::now(conn).await?, earlier);
    meta::replace_json(conn, KEY, &record).await
}

/// How a store from before there was the record was matched. A match that the workers find is counted as repaired, so where most
/// are not, they were found on arrival. Where nothing was ever found, what the workers have not compared yet is left to them: a
/// match that is late is better than one that is missed.
async fn guess(conn: &mut SqlConn) -> Result<ArrivalMatching> {
    let select = "SELECT (SELECT CAST(COALESCE(SUM(repaired), 0) AS BIGINT) FROM workers), \
         (SELECT COUNT(*) FROM hits WHERE notification_id IS NULL OR notification_id > 0)";
    let (repaired, hits): (i64, i64) = sql::query_as(select).fetch_one(conn).await?;
    let since = (hits / 2 > repaired || hits > 0 && repaired == 0).then_some(StorePosition::BEGINNING);
    Ok(ArrivalMatching { since, ..ArrivalMatching::default() })
}

impl StorePosition {
    const BEGINNING: Self = Self { seq: 0, listing: 0 };

    async fn now(conn: &mut SqlConn) -> Result<Self> {
        let StoreSequences { event, listing, .. } = sql::query_as(SELECT_NUMBERS).fetch_one(conn).await?;
        Ok(Self { seq: event, listing })
    }
}
