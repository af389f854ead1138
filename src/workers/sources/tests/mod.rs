//! Tests of sources against a misbehaving site, with a clock that the tests advance.

mod faults;
mod manners;
mod people;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use superbot_domain::{Clock, Currency, RecurringPrice, SourceHealth, SourceName, SourceState, Timestamp};
use superbot_sources::{FetchOptions, Fetcher, Reach, Robots};
use superbot_store::{ListingQuery, SourceChange, Store, StoreOptions};
use tempfile::TempDir;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::task::SourceTask;
use super::{SourceContext, guarded};
use crate::config::ListingsConfig;
use crate::ingest::Publisher;
use crate::metrics::Metrics;
use crate::presence::PresenceRegister;

/// A clock that only advances explicitly.
pub(super) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// A site, a store, and the source `shop` between them.
pub(super) struct Bed {
    pub(super) site: MockServer,
    pub(super) store: Store,
    pub(super) clock: Arc<TestClock>,
    _folder: TempDir,
    pub(super) name: SourceName,
}

/// Timeout of a request.
pub(super) const TIMEOUT: Duration = Duration::from_secs(3);
const GAP: Duration = Duration::from_secs(2);
/// Timeout of a step, far longer than any should take.
const HANGS: Duration = Duration::from_secs(20);

impl Bed {
    /// Starts a site without a robots.txt, and the source `shop`, which reads the site's feed every five minutes.
    pub(super) async fn feed() -> Self {
        let bed = Self::bare().await;
        bed.serve("/robots.txt", ResponseTemplate::new(404)).await;
        let url = bed.at("/feed");
        bed.source("feed", json!({ "urls": [url] })).await;
        bed
    }

    pub(super) async fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(1_760_000_000_000_000)));
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        let store = Store::open(&url, StoreOptions::new(clock.clone(), [7; 8])).await.unwrap();
        let name = SourceName::parse("shop").unwrap();
        Self { site: MockServer::start().await, store, clock, _folder: folder, name }
    }

    pub(super) async fn source(&self, kind: &str, settings: Value) {
        self.store.sources().create(&self.name, kind, &settings).await.unwrap();
        let start = SourceChange { running: Some(true), ..SourceChange::default() };
        self.store.sources().update(&self.name, start).await.unwrap();
    }

    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.site.uri())
    }

    /// Sets the response to a path.
    pub(super) async fn serve(&self, at: &str, answer: ResponseTemplate) {
        Mock::given(path(at)).respond_with(answer).mount(&self.site).await;
    }

    /// Removes all responses, and serves no robots.txt.
    pub(super) async fn forget(&self) {
        self.site.reset().await;
        self.serve("/robots.txt", ResponseTemplate::new(404)).await;
    }

    pub(super) fn context(&self) -> SourceContext {
        self.ground_with(self.clock.clone(), 1)
    }

    pub(super) fn ground_with(&self, clock: Arc<dyn Clock>, holder: i64) -> SourceContext {
        let presence = PresenceRegister::of_node(0);
        let metrics = Arc::new(Metrics::default());
        let rules =
            ListingsConfig { currency: Currency::USD, match_on_arrival: true, recurring_price: RecurringPrice::Amount };
        let publisher = Publisher::new(self.store.clone(), clock.clone(), presence, metrics, rules);
        let reach = Reach::public_and(|address| address.is_loopback());
        let options = FetchOptions { contact: Some("mailto:me@example.com".to_owned()), timeout: TIMEOUT, reach };
        SourceContext {
            store: self.store.clone(),
            publisher,
            clock,
            fetcher: Fetcher::new(options).unwrap(),
            robots: Robots::default(),
            currency: Currency::USD,
            gap: GAP,
            holder,
        }
    }

    pub(super) fn task(&self) -> SourceTask {
        SourceTask::new(Arc::new(self.context()), self.name.clone())
    }

    /// Advances the clock to a time, unless that is in the past.
    pub(super) fn wait_until(&self, moment: Timestamp) {
        self.clock.0.fetch_max(moment.as_microsecond(), Ordering::SeqCst);
    }

    pub(super) fn advance(&self, by: Duration) {
        self.clock.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }

    pub(super) async fn health(&self) -> SourceHealth {
        self.store.sources().get(&self.name).await.unwrap().unwrap().health
    }

    /// Waits until a run is due, completes it with all of its delays, and returns the resulting health.
    pub(super) async fn run(&self, task: &mut SourceTask) -> SourceHealth {
        self.wait_until(self.health().await.next_run_at.unwrap());
        let before = self.health().await.last_run_at;
        for _ in 0..200 {
            let next = guarded(task, HANGS).await.unwrap();
            let health = self.health().await;
            if health.last_run_at != before {
                return health;
            }
            self.wait_until(next.unwrap());
            // So that a run that ends at the time at which it started is distinguishable from none.
            self.advance(Duration::from_micros(1));
        }
        panic!("a run does not end");
    }

    /// Returns the delay between a source's last and next run, in minutes, rounded down.
    pub(super) fn pause(health: &SourceHealth) -> i64 {
        health.next_run_at.unwrap().duration_since(health.last_run_at.unwrap()).as_mins()
    }

    pub(super) async fn titles(&self) -> Vec<String> {
        let page = self.store.listings().page(&ListingQuery { limit: 100, ..ListingQuery::default() }).await.unwrap();
        let mut titles: Vec<String> = page.items.into_iter().map(|listing| listing.title).collect();
        titles.sort();
        titles
    }

    /// Returns the requested paths, in order.
    pub(super) async fn asked(&self) -> Vec<String> {
        let requests = self.site.received_requests().await.unwrap();
        requests.iter().map(|request: &Request| request.url.path().to_owned()).collect()
    }

    /// Returns whether the published status says that the source runs without failures.
    pub(super) async fn is_said_to_run(&self) -> bool {
        self.store.scraper_status().get().await.unwrap().0.get(&self.name).unwrap()
    }
}

/// Returns an RSS feed with these titles.
pub(super) fn feed(titles: &[&str]) -> ResponseTemplate {
    let items: Vec<String> = titles
        .iter()
        .map(|title| format!("<item><title>{title}</title><link>/ad/{}</link></item>", title.replace(' ', "-")))
        .collect();
    let body = format!("<rss version=\"2.0\"><channel><title>t</title>{}</channel></rss>", items.concat());
    ResponseTemplate::new(200).set_body_raw(body, "application/rss+xml")
}

pub(super) fn state(health: &SourceHealth) -> (SourceState, &str) {
    (health.state, &health.reason)
}
