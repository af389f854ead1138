//! What the hub, and the door before it, read of the store: the seam at which a simulation stands in for it.

#[cfg(test)]
pub(crate) mod simulated;

use std::collections::HashMap;

use superbot_domain::{Event, NotificationId, ScraperStatus, Seq, SessionId, Timestamp, TokenId, UserId};
use superbot_store::{LogBounds, ReadOutcome, SessionAuth, Store, StoreError, TokenAuth};
use tokio::sync::watch;

type Result<T> = std::result::Result<T, StoreError>;

/// The log and the credentials. Outside tests there is one kind, so that asking it costs nothing.
#[derive(Clone)]
pub enum Records {
    /// Those of the store.
    Store(Store),
    /// Those of a model, as one node of a simulation reaches it.
    #[cfg(test)]
    Simulated(simulated::Link),
}

/// Asks whichever kind it is.
macro_rules! ask {
    ($records:ident, $name:ident => $answer:expr) => {
        match $records {
            Records::Store($name) => $answer,
            #[cfg(test)]
            Records::Simulated($name) => $answer,
        }
    };
}

impl From<Store> for Records {
    fn from(store: Store) -> Self {
        Self::Store(store)
    }
}

impl Records {
    /// See [`Store::epoch`].
    pub fn epoch(&self) -> &str {
        ask!(self, records => records.epoch())
    }

    /// See [`Store::is_closed`].
    pub fn is_closed(&self) -> bool {
        ask!(self, records => records.is_closed())
    }

    /// See [`Store::log_changes`].
    pub fn log_changes(&self) -> watch::Receiver<u64> {
        ask!(self, records => records.log_changes())
    }

    /// See [`Store::log_bounds`].
    ///
    /// # Errors
    /// When the store cannot be read; so with all that follow.
    pub async fn log_bounds(&self) -> Result<LogBounds> {
        ask!(self, records => records.log_bounds().await)
    }

    /// See [`Store::read_log`].
    pub async fn read_log(&self, after: Seq, limit: u32) -> Result<Vec<Event>> {
        ask!(self, records => records.read_log(after, limit).await)
    }

    /// See [`Store::next_events`].
    pub async fn next_events(&self, after: Seq, limit: u32) -> Result<Vec<Event>> {
        ask!(self, records => records.next_events(after, limit).await)
    }

    /// See [`Store::read_log_for`].
    pub async fn read_log_for(&self, user: Option<UserId>, after: Seq, upto: Seq, limit: u32) -> Result<Vec<Event>> {
        ask!(self, records => records.read_log_for(user, after, upto, limit).await)
    }

    /// See [`Store::count_log_for`].
    pub async fn count_log_for(&self, user: Option<UserId>, after: Seq, upto: Seq, cap: u64) -> Result<u64> {
        ask!(self, records => records.count_log_for(user, after, upto, cap).await)
    }

    /// See [`Store::scraper_status`].
    pub async fn scraper_status(&self) -> Result<(ScraperStatus, Timestamp)> {
        ask!(self, records => records.scraper_status().await)
    }

    /// See [`Store::mark_read`].
    pub async fn mark_read(&self, user: UserId, ids: &[NotificationId]) -> Result<ReadOutcome> {
        ask!(self, records => records.mark_read(user, ids).await)
    }

    /// See [`Store::sessions_by_hash`].
    pub async fn sessions_by_hash(&self, hashes: &[[u8; 32]]) -> Result<HashMap<[u8; 32], SessionAuth>> {
        ask!(self, records => records.sessions_by_hash(hashes).await)
    }

    /// See [`Store::tokens_by_hash`].
    pub async fn tokens_by_hash(&self, hashes: &[[u8; 32]]) -> Result<HashMap<[u8; 32], TokenAuth>> {
        ask!(self, records => records.tokens_by_hash(hashes).await)
    }

    /// See [`Store::sessions_before`].
    pub async fn sessions_before(&self, before: Option<SessionId>, limit: u32) -> Result<Vec<([u8; 32], SessionAuth)>> {
        ask!(self, records => records.sessions_before(before, limit).await)
    }

    /// See [`Store::tokens_before`].
    pub async fn tokens_before(&self, before: Option<TokenId>, limit: u32) -> Result<Vec<([u8; 32], TokenAuth)>> {
        ask!(self, records => records.tokens_before(before, limit).await)
    }

    /// See [`Store::control_version`].
    pub fn control_version(&self) -> Option<u64> {
        ask!(self, records => records.control_version())
    }

    /// See [`Store::is_touch_due`].
    pub fn is_touch_due(&self, last: Option<Timestamp>) -> bool {
        ask!(self, records => records.is_touch_due(last))
    }

    /// See [`Store::touch`].
    pub async fn touch(&self, sessions: &[SessionId], tokens: &[TokenId]) -> Result<()> {
        ask!(self, records => records.touch(sessions, tokens).await)
    }
}
