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

/// An event on its way into the log, which gives it its number.
pub(crate) struct NewEvent {
    pub(crate) kind: EventKind,
    pub(crate) audience: Audience,
    pub(crate) payload: Box<str>,
}

impl NewEvent {
    /// An event of the kind that the payload belongs to.
    ///
    /// # Errors
    /// When events of that kind are for another audience, or the payload cannot be written as JSON.
    pub(crate) fn of<P: EventPayload>(audience: Audience, payload: &P) -> Result<Self> {
        let payload = payload.to_json().map_err(|error| {
            StoreError::InvalidEvent(format!("the payload of {} is no JSON: {error}", P::KIND.wire_name()))
        })?;
        Self::new(P::KIND, audience, payload)
    }

    /// An event with a payload that is written already.
    ///
    /// # Errors
    /// When events of that kind are for another audience.
    pub(crate) fn new(kind: EventKind, audience: Audience, payload: Box<str>) -> Result<Self> {
        if !kind.may_have(audience) {
            let name = kind.wire_name();
            return Err(StoreError::InvalidEvent(format!("{name} is for {audience:?}; see `EventKind::may_have`")));
        }
        Ok(Self { kind, audience, payload })
    }
}

const EVERYONE: i64 = 0;
const SCRAPER_STATUS: i64 = -1;
const CONTROL: i64 = -2;

/// The part of the log between two places that connections without a user are entitled to.
const SELECT_FOR_EVERYONE: &str = sql_text!(
    "SELECT ",
    EventRow::COLUMNS,
    " FROM events WHERE recipient = 0 AND seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3"
);
/// The same for a user: two walks over one index, merged, so that events of others in between cost nothing.
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
    /// Where the log begins and ends.
    pub async fn bounds(self) -> Result<LogBounds> {
        bounds(&mut self.store.reader().await?).await
    }

    /// The events after that place, whoever they are for.
    pub async fn list(self, after: Seq, limit: u32) -> Result<Vec<LogEvent>> {
        // A limit that is bound has SQLite prepare the statement anew each time.
        let sql = format!("SELECT {} FROM events WHERE seq > $1 ORDER BY seq LIMIT {limit}", EventRow::COLUMNS);
        let read = sql::query_as(AssertSqlSafe(sql)).bind(signed(after));
        let rows: Vec<EventRow> = read.fetch_all(&mut self.store.reader().await?).await?;
        rows.into_iter().map(EventRow::read).collect()
    }

    /// The same for the one who follows the log, and who is woken by [`EventStore::subscribe`]. What this process has just
    /// written need not be read back.
    pub async fn tail(self, after: Seq, limit: u32) -> Result<Vec<LogEvent>> {
        match self.store.changes().after(after, limit) {
            Some(events) => Ok(events),
            None => self.list(after, limit).await,
        }
    }

    /// The events after one place and up to another that a user is entitled to; without a user, those that anybody is.
    pub async fn list_for(self, user: Option<UserId>, after: Seq, upto: Seq, limit: u32) -> Result<Vec<LogEvent>> {
        let select = if user.is_some() { SELECT_FOR_USER } else { SELECT_FOR_EVERYONE };
        let mut query = sql::query_as(select).bind(signed(after)).bind(signed(upto)).bind(limit);
        if let Some(user) = user {
            query = query.bind(user_recipient(user)?);
        }
        let rows: Vec<EventRow> = query.fetch_all(&mut self.store.reader().await?).await?;
        rows.into_iter().map(EventRow::read).collect()
    }

    /// How many events [`EventStore::list_for`] would give; one more than the cap means "more than that".
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

    /// Changes whenever the event log may have grown, be it through another process.
    pub fn subscribe(self) -> watch::Receiver<u64> {
        self.store.changes().subscribe()
    }

    /// The same for events for the servers alone: for whoever would look at something else with each listing.
    pub fn subscribe_control(self) -> watch::Receiver<u64> {
        self.store.changes().subscribe_to_control()
    }

    /// A number that grows whenever there is something new for the servers, such as that a credential was revoked, before
    /// whoever had it done is answered. `None` where another process may have done so, and the store has to be asked.
    pub fn control_version(self) -> Option<u64> {
        self.store.is_up_to_date().then(|| self.store.changes().control_version())
    }
}

impl StoreTx {
    /// Appends an event to the log and gives its place.
    pub(crate) async fn emit(&mut self, event: NewEvent) -> Result<Seq> {
        self.emit_all(vec![event]).await?;
        Ok(self.numbers.event.cast_unsigned())
    }

    /// Appends an event for the servers.
    pub(crate) async fn emit_control(&mut self, kind: EventKind, payload: &Value) -> Result<()> {
        let event = NewEvent::new(kind, Audience::Control, payload.to_string().into())?;
        self.emit(event).await.map(drop)
    }

    /// Appends many events, in their order.
    pub(crate) async fn emit_all(&mut self, events: Vec<NewEvent>) -> Result<()> {
        // As it will be read back.
        let at = timestamp(micros(self.now)).unwrap_or(self.now);
        let number = |NewEvent { kind, audience, payload }| {
            let seq = self.numbers.next_event(audience).cast_unsigned();
            LogEvent { seq, kind, audience, at, payload }
        };
        let events: Vec<LogEvent> = events.into_iter().map(number).collect();
        for chunk in chunks(&events) {
            sql::insert(chunk.iter().map(EventRow::from)).build().execute(&mut self.conn).await?;
        }
        for event in events {
            self.written.push(event);
        }
        Ok(())
    }
}

/// Where the log begins and ends, as a reader sees it.
pub(crate) async fn bounds(conn: &mut SqlConn) -> Result<LogBounds> {
    let numbers: StoreSequences = sql::query_as(SELECT_NUMBERS).fetch_one(conn).await?;
    Ok(numbers.log_bounds())
}

/// A row of `events`.
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

/// A user's own events; an id that can be no user's would otherwise open the log's other streams.
fn user_recipient(user: UserId) -> Result<i64> {
    if user.get() > 0 { Ok(user.get()) } else { Err(StoreError::corrupt(format!("a user numbered {user}"))) }
}

/// Columns are signed; what lies beyond them is past every event.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
