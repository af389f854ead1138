//! The part of the store that the hub and authentication read: the seam at which the simulation replaces it.

#[cfg(test)]
pub(crate) mod simulated;

use std::collections::HashMap;

use superbot_domain::{LogEvent, NotificationId, ScraperStates, Seq, SessionId, Timestamp, TokenId, UserId};
use superbot_store::{LogBounds, ReadOutcome, SessionAuth, Store, StoreError, TokenAuth};
use tokio::sync::watch;

type Result<T> = std::result::Result<T, StoreError>;

/// The log and the credentials. There is one variant outside of tests, so that dispatching costs nothing.
#[derive(Clone)]
pub enum HubStore {
    /// The real store.
    Store(Store),
    /// A model, as seen by one node of the simulation.
    #[cfg(test)]
    Simulated(simulated::Link),
}

/// Dispatches to the variant.
macro_rules! ask {
    ($records:ident, |$store:ident| $stored:expr, |$link:ident| $simulated:expr) => {
        match $records {
            HubStore::Store($store) => $stored,
            #[cfg(test)]
            HubStore::Simulated($link) => $simulated,
        }
    };
}

impl From<Store> for HubStore {
    fn from(store: Store) -> Self {
        Self::Store(store)
    }
}

impl HubStore {
    /// See [`Store::epoch`].
    pub fn epoch(&self) -> &str {
        ask!(self, |store| store.epoch(), |link| link.epoch())
    }

    /// See [`Store::is_closed`].
    pub fn is_closed(&self) -> bool {
        ask!(self, |store| store.is_closed(), |link| link.is_closed())
    }

    /// See [`superbot_store::EventStore::subscribe`].
    pub fn log_changes(&self) -> watch::Receiver<u64> {
        ask!(self, |store| store.events().subscribe(), |link| link.log_changes())
    }

    /// See [`superbot_store::EventStore::bounds`].
    ///
    /// # Errors
    /// When the store cannot be read, as for all methods below.
    pub async fn log_bounds(&self) -> Result<LogBounds> {
        ask!(self, |store| store.events().bounds().await, |link| link.log_bounds().await)
    }

    /// See [`superbot_store::EventStore::list`].
    pub async fn read_log(&self, after: Seq, limit: u32) -> Result<Vec<LogEvent>> {
        ask!(self, |store| store.events().list(after, limit).await, |link| link.read_log(after, limit).await)
    }

    /// See [`superbot_store::EventStore::tail`].
    pub async fn next_events(&self, after: Seq, limit: u32) -> Result<Vec<LogEvent>> {
        ask!(self, |store| store.events().tail(after, limit).await, |link| link.next_events(after, limit).await)
    }

    /// See [`superbot_store::EventStore::list_for`].
    pub async fn read_log_for(&self, user: Option<UserId>, after: Seq, upto: Seq, limit: u32) -> Result<Vec<LogEvent>> {
        ask!(self, |store| store.events().list_for(user, after, upto, limit).await, |link| link
            .read_log_for(user, after, upto, limit)
            .await)
    }

    /// See [`superbot_store::EventStore::count_for`].
    pub async fn count_log_for(&self, user: Option<UserId>, after: Seq, upto: Seq, cap: u64) -> Result<u64> {
        ask!(self, |store| store.events().count_for(user, after, upto, cap).await, |link| link
            .count_log_for(user, after, upto, cap)
            .await)
    }

    /// See [`superbot_store::ScraperStatusStore::get`].
    pub async fn scraper_status(&self) -> Result<(ScraperStates, Timestamp)> {
        ask!(self, |store| store.scraper_status().get().await, |link| link.scraper_status().await)
    }

    /// See [`superbot_store::NotificationStore::mark_read`].
    pub async fn mark_read(&self, user: UserId, ids: &[NotificationId]) -> Result<ReadOutcome> {
        ask!(self, |store| store.notifications().mark_read(user, ids).await, |link| link.mark_read(user, ids).await)
    }

    /// See [`superbot_store::SessionStore::find_by_hashes`].
    pub async fn sessions_by_hash(&self, hashes: &[[u8; 32]]) -> Result<HashMap<[u8; 32], SessionAuth>> {
        ask!(self, |store| store.sessions().find_by_hashes(hashes).await, |link| link.sessions_by_hash(hashes).await)
    }

    /// See [`superbot_store::TokenStore::find_by_hashes`].
    pub async fn tokens_by_hash(&self, hashes: &[[u8; 32]]) -> Result<HashMap<[u8; 32], TokenAuth>> {
        ask!(self, |store| store.tokens().find_by_hashes(hashes).await, |link| link.tokens_by_hash(hashes).await)
    }

    /// See [`superbot_store::SessionStore::list_before`].
    pub async fn sessions_before(&self, before: Option<SessionId>, limit: u32) -> Result<Vec<([u8; 32], SessionAuth)>> {
        ask!(self, |store| store.sessions().list_before(before, limit).await, |link| link
            .sessions_before(before, limit)
            .await)
    }

    /// See [`superbot_store::TokenStore::list_before`].
    pub async fn tokens_before(&self, before: Option<TokenId>, limit: u32) -> Result<Vec<([u8; 32], TokenAuth)>> {
        ask!(self, |store| store.tokens().list_before(before, limit).await, |link| link
            .tokens_before(before, limit)
            .await)
    }

    /// See [`superbot_store::EventStore::control_version`].
    pub fn control_version(&self) -> Option<u64> {
        ask!(self, |store| store.events().control_version(), |link| link.control_version())
    }

    /// See [`superbot_store::SessionStore::is_touch_due`].
    pub fn is_touch_due(&self, last: Option<Timestamp>) -> bool {
        ask!(self, |store| store.sessions().is_touch_due(last), |link| link.is_touch_due(last))
    }

    /// See [`superbot_store::SessionStore::touch`].
    pub async fn touch(&self, sessions: &[SessionId], tokens: &[TokenId]) -> Result<()> {
        ask!(self, |store| store.sessions().touch(sessions, tokens).await, |link| link.touch(sessions, tokens).await)
    }
}
