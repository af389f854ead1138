//! The five publishing functions.

use std::sync::Arc;

use serde_json::Value;
use superbot_domain::{
    Clock, Invalid, NewListing, NotificationDraft, Price, ScraperReport, ScraperStatus, Seq, SystemMessage,
};
use superbot_store::{DbError, IdempotencyKey, NotifyOutcome, Store, StoreError};
use superbot_wire::{ConnectedUsers, ItemResult};

use super::item::{ParsedListing, stored_result};
use crate::config::{self, RecurringPrice};
use crate::metrics::Metrics;
use crate::presence::Presence;

/// The five publishing functions, as methods of one handle.
///
/// Every method returns once what it published is committed: a crash after that loses nothing.
#[derive(Clone)]
pub struct Publisher {
    store: Store,
    clock: Arc<dyn Clock>,
    presence: Presence,
    metrics: Arc<Metrics>,
    rules: config::Listings,
}

impl Publisher {
    /// A publisher into `store`, which reads listings as the settings say.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        presence: Presence,
        metrics: Arc<Metrics>,
        rules: config::Listings,
    ) -> Self {
        Self { store, clock, presence, metrics, rules }
    }

    /// Reads a listing as a publisher sends it, a JSON object.
    ///
    /// # Errors
    /// Every field that is missing or not right.
    pub fn parse_listing(&self, value: &Value) -> Result<NewListing, Invalid> {
        NewListing::from_json(value, self.rules.currency)
    }

    /// Stores a listing; where it is new, every connected client is told.
    ///
    /// # Errors
    /// When the store cannot take it; nothing was stored then.
    pub async fn broadcast_new_listing(&self, listing: NewListing) -> Result<ItemResult, StoreError> {
        let mut results = self.broadcast_new_listings(vec![Ok(listing)]).await?;
        results.pop().ok_or(StoreError::Db(DbError::Closed))
    }

    /// Stores a batch in one transaction; what could not be parsed is reported in its place.
    ///
    /// # Errors
    /// When the store cannot take them; none was stored then.
    pub async fn broadcast_new_listings(&self, batch: Vec<ParsedListing>) -> Result<Vec<ItemResult>, StoreError> {
        let started = self.clock.now();
        let mut slots: Vec<Option<ItemResult>> = Vec::with_capacity(batch.len());
        let mut good = Vec::with_capacity(batch.len());
        for parsed in batch {
            match parsed {
                Ok(mut listing) => {
                    if self.rules.recurring_price == RecurringPrice::Null && listing.price.price.per().is_some() {
                        listing.price.price = Price::Unstated;
                    }
                    good.push(listing);
                    slots.push(None);
                }
                Err(invalid) => slots.push(Some(ItemResult::rejected(invalid))),
            }
        }
        let stored = if good.is_empty() { Vec::new() } else { self.store.listings().ingest(good).await? };
        let mut stored = stored.into_iter().map(stored_result);
        let results: Vec<ItemResult> = slots.into_iter().filter_map(|slot| slot.or_else(|| stored.next())).collect();
        let became = results.iter().map(|result| result.status.as_str());
        self.metrics.ingested(started, self.clock.now(), became);
        Ok(results)
    }

    /// Stores a notification for one user and tells every connection of theirs.
    ///
    /// # Errors
    /// When the store cannot take it; nothing was stored then.
    pub async fn notify_user(
        &self,
        username: &str,
        draft: &NotificationDraft,
        idempotency: Option<&IdempotencyKey>,
    ) -> Result<NotifyOutcome, StoreError> {
        self.store.notifications().create(username, draft, idempotency).await
    }

    /// Merges the status of scrapers that run elsewhere, which subscribers receive.
    ///
    /// # Errors
    /// When the store cannot take it; nothing was stored then.
    pub async fn broadcast_scraper_status(
        &self,
        report: &ScraperReport,
        idempotency: Option<&IdempotencyKey>,
    ) -> Result<ScraperStatus, StoreError> {
        self.store.scraper_status().put(report, idempotency).await
    }

    /// Tells every connected client something.
    ///
    /// # Errors
    /// When the store cannot take it; nothing was stored then.
    pub async fn broadcast_system_message(
        &self,
        message: &SystemMessage,
        idempotency: Option<&IdempotencyKey>,
    ) -> Result<Seq, StoreError> {
        self.store.events().publish_system_message(message, idempotency).await
    }

    /// Who is connected right now, to whichever process that serves the store.
    ///
    /// # Errors
    /// When the store cannot be read, where others share it.
    pub async fn get_connected_users(&self) -> Result<ConnectedUsers, StoreError> {
        self.presence.connected_users(&self.store, self.clock.now()).await
    }

    /// How many connections there are to this process.
    pub fn connections_here(&self) -> usize {
        self.presence.connected_here().connections
    }
}
