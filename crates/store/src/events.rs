//! The event log.

use serde_json::Value;
use sqlx::AssertSqlSafe;
use superbot_domain::{Audience, EventKind, LogEvent, Seq, UserId};
use superbot_wire::EventPayload;
use tokio::sync::watch;

use crate::error::{Result, StoreError};
use crate::handles::EventStore;
use crate::rows::{micros, timestamp};
use crate::sequences::{LogBounds, SELECT_NUMBERS, StoreSequences};
use crate::sql::{self, Record, SelectRecord as _, SqlConn, chunks, sql_text};
use crate::tx::StoreTx;

/// An event to be appended; the log assigns its sequence number.
pub(crate) struct NewEvent {
    pub(crate) kind: EventKind,
    pub(crate) audience: Audience,
    pub(crate) payload: Box<str>,
}

impl NewEvent {
    /// Creates an event with the kind of its payload.
    ///
    /// # Errors
    /// If the kind does not permit this audience, or the payload cannot be serialized.
    pub(crate) fn of<P: EventPayload>(audience: Audience, payload: &P) -> Result<Self> {
        let payload = payload.to_json().map_err(|error| {
            StoreError::InvalidEvent(format!(
                "the payload of {} cannot be serialized as JSON: {error}",
                P::KIND.wire_name()
            ))
        })?;
        Self::new(P::KIND, audience, payload)
    }

    /// Creates an event from an already serialized payload.
    ///
    /// # Errors
    /// If the kind does not permit this audience.
    pub(crate) fn new(kind: EventKind, audience: Audience, payload: Box<str>) -> Result<Self> {
        if !kind.may_have(audience) {
            let name = kind.wire_name();
            return Err(StoreError::InvalidEvent(format!("{name} is for {audience:?}; see `EventKind::may_have`")));
        }
        Ok(Self { kind, audience, payload })
    }
}

// Values of the column `recipient`; positive values are user ids.
const EVERYONE: i64 = 0;
const SCRAPER_STATUS: i64 = -1;
const CONTROL: i64 = -2;

/// Events that connections without a user may receive, in a range of sequence numbers.
const SELECT_FOR_EVERYONE: &str = sql_text!(
    "SELECT ",
    EventRow::COLUMNS,
    " FROM events WHERE recipient = 0 AND seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3"
);
/// Events that a user may receive: a union of two index scans, so that events of other users in the range cost nothing.
const SELECT_FOR_USER: &str = sql_text!(
    "SELECT ",
    EventRow::COLUMNS,
    " FROM events WHERE recipient = 0 AND seq > $1 AND seq <= $2 UNION ALL SELECT ",
    EventRow::COLUMNS,
    " FROM events WHERE recipient = $4 AND seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3"
);
const COUNT_FOR_EVERYONE: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM events WHERE recipient = 0 AND seq > $1 \
    AND seq <= $2 LIMIT $3) AS entitled";
const COUNT_FOR_USER: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM events WHERE recipient = 0 AND seq > $1 AND seq <= $2 \
    UNION ALL SELECT 1 FROM events WHERE recipient = $4 AND seq > $1 AND seq <= $2 LIMIT $3) AS entitled";

impl EventStore<'_> {
    /// Returns the first and last sequence numbers of the log.
    pub async fn bounds(self) -> Result<LogBounds> {
        bounds(&mut self.store.reader().await?).await
    }

    /// Returns the events after a sequence number, for all audiences.
    pub async fn list(self, after: Seq, limit: u32) -> Result<Vec<LogEvent>> {
        // Literal, because SQLite re-prepares a statement whenever a bound LIMIT changes.
        let sql = format!("SELECT {} FROM events WHERE seq > $1 ORDER BY seq LIMIT {limit}", EventRow::COLUMNS);
        let read = sql::query_as(AssertSqlSafe(sql)).bind(signed(after));
        let rows: Vec<EventRow> = read.fetch_all(&mut self.store.reader().await?).await?;
        rows.into_iter().map(EventRow::read).collect()
    }

    /// Like [`EventStore::list`], for followers of the log that are woken by [`EventStore::subscribe`]. Events just
    /// written by this process come from memory.
    pub async fn tail(self, after: Seq, limit: u32) -> Result<Vec<LogEvent>> {
        match self.store.changes().after(after, limit) {
            Some(events) => Ok(events),
            None => self.list(after, limit).await,
        }
    }

    /// Returns the events in the range `after < seq <= upto` that a user may receive; without a user, the public ones.
    pub async fn list_for(self, user: Option<UserId>, after: Seq, upto: Seq, limit: u32) -> Result<Vec<LogEvent>> {
        let select = if user.is_some() { SELECT_FOR_USER } else { SELECT_FOR_EVERYONE };
        let mut query = sql::query_as(select).bind(signed(after)).bind(signed(upto)).bind(limit);
        if let Some(user) = user {
            query = query.bind(user_recipient(user)?);
        }
        let rows: Vec<EventRow> = query.fetch_all(&mut self.store.reader().await?).await?;
        rows.into_iter().map(EventRow::read).collect()
    }

    /// Counts the events that [`EventStore::list_for`] would return, stopping at `cap + 1`.
    pub async fn count_for(self, user: Option<UserId>, after: Seq, upto: Seq, cap: u64) -> Result<u64> {
        let count = if user.is_some() { COUNT_FOR_USER } else { COUNT_FOR_EVERYONE };
        let query = sql::query_scalar(count).bind(signed(after)).bind(signed(upto));
        let mut query = query.bind(signed(cap.saturating_add(1)));
        if let Some(user) = user {
            query = query.bind(user_recipient(user)?);
        }
        let count: i64 = query.fetch_one(&mut self.store.reader().await?).await?;
        Ok(count.cast_unsigned())
    }

    /// Returns a channel that changes whenever the log may have grown, also through another process.
    pub fn subscribe(self) -> watch::Receiver<u64> {
        self.store.changes().subscribe()
    }

    /// Like [`EventStore::subscribe`], but only for control events: for consumers that need not wake for each listing.
    pub fn subscribe_control(self) -> watch::Receiver<u64> {
        self.store.changes().subscribe_to_control()
    }

    /// Returns a counter of control events, such as revocations, that is incremented before the request that caused one
    /// is answered. `None` if another process may have written one; the caller must then query the store.
    pub fn control_version(self) -> Option<u64> {
        self.store.is_up_to_date().then(|| self.store.changes().control_version())
    }
}

impl StoreTx {
    /// Appends an event and returns its sequence number.
    pub(crate) async fn emit(&mut self, event: NewEvent) -> Result<Seq> {
        self.emit_all(vec![event]).await?;
        Ok(self.numbers.event.cast_unsigned())
    }

    /// Appends a control event, which only servers receive.
    pub(crate) async fn emit_control(&mut self, kind: EventKind, payload: &Value) -> Result<()> {
        let event = NewEvent::new(kind, Audience::Control, payload.to_string().into())?;
        self.emit(event).await.map(drop)
    }

    /// Appends events in the given order.
    pub(crate) async fn emit_all(&mut self, events: Vec<NewEvent>) -> Result<()> {
        // Rounded to microseconds, as it will be when read back.
        let at = timestamp(micros(self.now)).unwrap_or(self.now);
        let number = |NewEvent { kind, audience, payload }| {
            let seq = self.numbers.next_event(audience).cast_unsigned();
            LogEvent { seq, kind, audience, at, payload }
        };
        let events: Vec<LogEvent> = events.into_iter().map(number).collect();
        for chunk in chunks(&events) {
            sql::insert(chunk.iter().map(EventRow::from)).build().execute(&mut self.conn).await?;
        }
        // Kept for the in-memory tail; published only after the commit.
        for event in events {
            self.written.push(event);
        }
        Ok(())
    }
}

/// Returns the log's bounds as seen by this connection.
pub(crate) async fn bounds(conn: &mut SqlConn) -> Result<LogBounds> {
    let numbers: StoreSequences = sql::query_as(SELECT_NUMBERS).fetch_one(conn).await?;
    Ok(numbers.log_bounds())
}

#[derive(Record)]
#[record(table = "events")]
struct EventRow {
    seq: i64,
    recipient: i64,
    kind: String,
    at: i64,
    payload: String,
}

impl EventRow {
    fn read(self) -> Result<LogEvent> {
        let audience = match self.recipient {
            EVERYONE => Audience::Everyone,
            SCRAPER_STATUS => Audience::ScraperStatus,
            CONTROL => Audience::Control,
            user if user > 0 => Audience::User(user.into()),
            other => return Err(StoreError::corrupt(format!("an event for {other}"))),
        };
        let kind = EventKind::parse(&self.kind)?;
        // A leak guard: a tampered row must not reach an audience that its kind excludes.
        if !kind.may_have(audience) {
            return Err(StoreError::corrupt(format!("an event {} for {audience:?}", self.kind)));
        }
        Ok(LogEvent {
            seq: self.seq.cast_unsigned(),
            kind,
            audience,
            at: timestamp(self.at)?,
            payload: self.payload.into(),
        })
    }
}

impl From<&LogEvent> for EventRow {
    fn from(event: &LogEvent) -> Self {
        Self {
            seq: event.seq.cast_signed(),
            recipient: recipient(event.audience),
            kind: event.kind.wire_name().to_owned(),
            at: micros(event.at),
            payload: event.payload.as_ref().to_owned(),
        }
    }
}

fn recipient(audience: Audience) -> i64 {
    match audience {
        Audience::Everyone => EVERYONE,
        Audience::User(user) => user.get(),
        Audience::ScraperStatus => SCRAPER_STATUS,
        Audience::Control => CONTROL,
    }
}

/// Converts a user id. Non-positive ids are rejected, since they would select the public or control events.
fn user_recipient(user: UserId) -> Result<i64> {
    if user.get() > 0 { Ok(user.get()) } else { Err(StoreError::corrupt(format!("a user numbered {user}"))) }
}

/// Converts an unsigned sequence number for a signed column; larger values saturate, as they lie beyond any event.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
