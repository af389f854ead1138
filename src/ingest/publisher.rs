//! The five publishing functions.

use std::sync::Arc;

use serde_json::Value;
use superbot_domain::{
    Clock, FieldError, InvalidFields, NewSystemMessage, NotificationDraft, PostedListing, ScraperReport, ScraperStates,
    Seq,
};
use superbot_store::{DbError, IdempotencyKey, NotifyOutcome, Store, StoreError};
use superbot_wire::{ConnectedUsers, ItemResult};

use super::item::{ParsedListing, stored_result};
use crate::config;
use crate::metrics::Metrics;
use crate::presence::PresenceRegister;

/// The five publishing functions, as methods of one handle. Clones share it.
///
/// Every method returns after what it published has been committed: a later crash does not lose it.
#[derive(Clone)]
pub struct Publisher {
    store: Store,
    clock: Arc<dyn Clock>,
    presence: PresenceRegister,
    metrics: Arc<Metrics>,
    rules: config::ListingsConfig,
}

impl Publisher {
    /// Creates a publisher to `store`, which reads listings according to `rules`.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        presence: PresenceRegister,
        metrics: Arc<Metrics>,
        rules: config::ListingsConfig,
    ) -> Self {
        Self { store, clock, presence, metrics, rules }
    }

    /// Parses and validates a listing, a JSON object.
    ///
    /// # Errors
    /// If title, link or source are missing or invalid; another invalid field is a warning.
    pub fn parse_listing(&self, value: &Value) -> Result<PostedListing, InvalidFields> {
        PostedListing::from_json(value, self.rules.currency)
    }

    /// Stores a listing; all connected clients receive it if it is new.
    ///
    /// # Errors
    /// When the store cannot be written; nothing was stored then.
    pub async fn broadcast_new_listing(&self, listing: impl Into<PostedListing>) -> Result<ItemResult, StoreError> {
        let mut results = self.broadcast_new_listings(vec![Ok(listing.into())]).await?;
        results.pop().ok_or(StoreError::Db(DbError::Closed))
    }

    /// Stores the valid listings of a batch in one transaction; the results are in the order of the batch.
    ///
    /// # Errors
    /// When the store cannot be written; nothing was stored then.
    pub async fn broadcast_new_listings(&self, batch: Vec<ParsedListing>) -> Result<Vec<ItemResult>, StoreError> {
        let started = self.clock.now();
        // Results are in the order of the batch, although only valid listings reach the store. A stored one's slot has
        // its warnings.
        let mut slots: Vec<Result<Vec<FieldError>, ItemResult>> = Vec::with_capacity(batch.len());
        let mut good = Vec::with_capacity(batch.len());
        for parsed in batch {
            match parsed {
                Ok(PostedListing { listing, warnings }) => {
                    good.push(listing);
                    slots.push(Ok(warnings));
                }
                Err(invalid) => slots.push(Err(ItemResult::rejected(invalid))),
            }
        }
        let stored = if good.is_empty() { Vec::new() } else { self.store.listings().ingest(good).await? };
        let mut stored = stored.into_iter().map(stored_result);
        let results: Vec<ItemResult> = slots
            .into_iter()
            .filter_map(|slot| match slot {
                Ok(warnings) => stored.next().map(|result| result.with_warnings(warnings)),
                Err(rejected) => Some(rejected),
            })
            .collect();
        let became = results.iter().map(|result| result.status.as_str());
        self.metrics.ingested(started, self.clock.now(), became);
        Ok(results)
    }

    /// Stores a notification for one user, which all of the user's connections receive.
    ///
    /// # Errors
    /// When the store cannot be written; nothing was stored then.
    pub async fn notify_user(
        &self,
        username: &str,
        draft: &NotificationDraft,
        idempotency: Option<&IdempotencyKey>,
    ) -> Result<NotifyOutcome, StoreError> {
        self.store.notifications().create(username, draft, idempotency).await
    }

    /// Merges the status of scrapers that run elsewhere; its subscribers receive it.
    ///
    /// # Errors
    /// When the store cannot be written; nothing was stored then.
    pub async fn broadcast_scraper_status(
        &self,
        report: &ScraperReport,
        idempotency: Option<&IdempotencyKey>,
    ) -> Result<ScraperStates, StoreError> {
        self.store.scraper_status().put(report, idempotency).await
    }

    /// Sends a message to all connected clients.
    ///
    /// # Errors
    /// When the store cannot be written; nothing was stored then.
    pub async fn broadcast_system_message(
        &self,
        message: &NewSystemMessage,
        idempotency: Option<&IdempotencyKey>,
    ) -> Result<Seq, StoreError> {
        self.store.events().publish_system_message(message, idempotency).await
    }

    /// Returns the connected users, of all processes on the store.
    ///
    /// # Errors
    /// When the store is shared and cannot be read.
    pub async fn get_connected_users(&self) -> Result<ConnectedUsers, StoreError> {
        self.presence.connected_users(&self.store, self.clock.now()).await
    }

    /// Returns the number of connections to this process.
    pub fn connections_here(&self) -> usize {
        self.presence.connected_here().connections
    }
}
