//! Dependencies and settings shared by all sources.

use std::sync::Arc;
use std::time::Duration;

use superbot_domain::{Clock, Currency};
use superbot_sources::{FetchOptions, Fetcher, Reach, Robots};
use superbot_store::Store;

use crate::config::Config;
use crate::ingest::Publisher;

/// Dependencies and settings shared by all sources.
pub struct SourceContext {
    pub(super) store: Store,
    pub(super) publisher: Publisher,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) fetcher: Fetcher,
    pub(super) robots: Robots,
    pub(super) currency: Currency,
    pub(super) gap: Duration,
    /// Random id of this process as a holder of leases.
    pub(super) holder: i64,
}

impl SourceContext {
    /// Creates the shared state from the settings.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(config: &Config, store: Store, publisher: Publisher, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let settings = &config.sources;
        let private = settings.private_addresses.clone();
        let fetcher = Fetcher::new(FetchOptions {
            contact: settings.contact.as_ref().map(|contact| contact.as_str().to_owned()),
            timeout: settings.request_timeout,
            reach: Reach::public_and(move |address| private.iter().any(|range| range.contains(address))),
        })?;
        let currency = config.listings.currency;
        let gap = settings.gap;
        let holder = rand::random();
        Ok(Self { store, publisher, clock, fetcher, robots: Robots::default(), currency, gap, holder })
    }
}
