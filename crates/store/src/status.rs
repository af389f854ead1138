//! Public status: running scrapers, and system messages.

use serde_json::Value;
use superbot_domain::{
    Audience, InvalidFields, NewSystemMessage, ScraperReport, ScraperStates, Seq, SourceName, Timestamp,
};
use superbot_wire as wire;

use crate::error::Result;
use crate::events::NewEvent;
use crate::handles::{EventStore, ScraperStatusStore};
use crate::idempotency::IdempotencyKey;
use crate::meta;
use crate::rows::{micros, timestamp};
use crate::sql::{self, SqlConn};

/// Maximum number of sources: names come from clients and are kept until a report removes them.
const MAX_SOURCES: usize = 500;

impl ScraperStatusStore<'_> {
    /// Merges a report into the scraper status, emits the result and returns it.
    pub async fn put(self, report: &ScraperReport, idempotency: Option<&IdempotencyKey>) -> Result<ScraperStates> {
        let report = report.clone();
        let key = idempotency.cloned();
        self.store
            .write(async move |tx| {
                if let Some(answer) = tx.answered::<Value>(key.as_ref()).await? {
                    return Ok(ScraperStates::from_stored(&answer));
                }
                let (mut status, _) = read(&mut tx.conn).await?;
                // Sources run by this program report their own status; external reports about them are ignored.
                let own: Vec<String> =
                    sql::query_scalar("SELECT name FROM sources WHERE running").fetch_all(&mut tx.conn).await?;
                let report = report.without(&own);
                status.merge(&report);
                if status.iter().len() > MAX_SOURCES {
                    let why = format!("there would be more than {MAX_SOURCES} sources; remove old ones with null");
                    return Err(InvalidFields::one("", why).into());
                }
                for (source, running) in report.iter() {
                    let Some(running) = running else {
                        let delete = sql::query("DELETE FROM scraper_status WHERE source = $1").bind(source.as_str());
                        delete.execute(&mut tx.conn).await?;
                        continue;
                    };
                    sql::query(
                        "INSERT INTO scraper_status (source, running, updated_at) VALUES ($1, $2, $3) \
                         ON CONFLICT (source) DO UPDATE \
                         SET running = excluded.running, updated_at = excluded.updated_at",
                    )
                    .bind(source.as_str())
                    .bind(running)
                    .bind(micros(tx.now))
                    .execute(&mut tx.conn)
                    .await?;
                }
                let payload = wire::ScraperStatus::new(&status, tx.now);
                tx.emit(NewEvent::of(Audience::ScraperStatus, &payload)?).await?;
                tx.keep_answer(key.as_ref(), &status).await?;
                Ok(status)
            })
            .await
    }

    /// Returns the scraper status and the time of its last change.
    pub async fn get(self) -> Result<(ScraperStates, Timestamp)> {
        read(&mut self.store.reader().await?).await
    }
}

impl EventStore<'_> {
    /// Publishes a system message to everyone and returns its sequence number.
    pub async fn publish_system_message(
        self,
        message: &NewSystemMessage,
        idempotency: Option<&IdempotencyKey>,
    ) -> Result<Seq> {
        let message = message.clone();
        let key = idempotency.cloned();
        self.store
            .write(async move |tx| {
                if let Some(seq) = tx.answered(key.as_ref()).await? {
                    return Ok(seq);
                }
                let payload = wire::SystemMessage::new(&message, tx.now);
                let seq = tx.emit(NewEvent::of(Audience::Everyone, &payload)?).await?;
                tx.keep_answer(key.as_ref(), &seq).await?;
                Ok(seq)
            })
            .await
    }
}

pub(crate) async fn read(conn: &mut SqlConn) -> Result<(ScraperStates, Timestamp)> {
    let rows: Vec<(String, bool, i64)> =
        sql::query_as("SELECT source, running, updated_at FROM scraper_status").fetch_all(&mut *conn).await?;
    // Before the first report, the status is as old as the store.
    let made_at = meta::read(conn, meta::MADE_AT).await?.and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut status = ScraperStates::initial();
    let mut latest = made_at;
    for (source, running, updated_at) in rows {
        status.set(SourceName::parse(&source)?, running);
        latest = latest.max(updated_at);
    }
    Ok((status, timestamp(latest)?))
}
