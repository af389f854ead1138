//! Random histories with a crash at any step: the notifications must equal those of a plain model of the rules.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use superbot_domain::{
    AlertPolicy, Currency, NewListing, NewPriceAlert, NewSavedSearch, Price, PriceRecord, QueryChange, QueryHit,
    QueryKind, StandingQuery as _, SystemClock, User, UserId, UserRole, Username, evaluate_alert,
};
use superbot_matching::{Criteria, Facts, PriceRange, Query};
use superbot_store::{ReconcileOutcome, Store, StoreError, StoreOptions};
use tokio::runtime::Runtime;

#[derive(Clone, Debug)]
struct Posting {
    link: u8,
    title: usize,
    description: Option<usize>,
    price: Option<i64>,
}

#[derive(Clone, Debug)]
enum Act {
    Post(Vec<Posting>),
    /// A price alert, or a search that notifies immediately.
    Save {
        is_alert: bool,
        keywords: usize,
        limit: i64,
    },
    Edit(prop::sample::Index, usize, i64),
    Pause(prop::sample::Index),
    Delete(prop::sample::Index),
    Work,
}

/// An action, and after how many microseconds the process crashes, if it does.
type Step = (Act, Option<u64>);

const TEXTS: [&str; 4] = ["red bike", "bike", "blue bike parts", "car"];
const KEYWORDS: [&str; 4] = ["bike", "bike -parts", "\"red bike\", car", "blu* bike"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let text = 0..TEXTS.len();
    let posting = (0..4_u8, text.clone(), prop::option::weighted(0.2, text), prop::option::weighted(0.9, 1..8_i64))
        .prop_map(|(link, title, description, price)| Posting { link, title, description, price });
    let keywords = 0..KEYWORDS.len();
    let act = prop_oneof![
        6 => prop::collection::vec(posting, 1..5).prop_map(Act::Post),
        3 => (any::<bool>(), keywords.clone(), 1..8_i64)
            .prop_map(|(is_alert, keywords, limit)| Act::Save { is_alert, keywords, limit }),
        1 => (any::<prop::sample::Index>(), keywords, 1..8_i64)
            .prop_map(|(which, keywords, limit)| Act::Edit(which, keywords, limit)),
        1 => any::<prop::sample::Index>().prop_map(Act::Pause),
        1 => any::<prop::sample::Index>().prop_map(Act::Delete),
        2 => Just(Act::Work),
    ];
    prop::collection::vec((act, prop::option::weighted(0.4, 0..3_000_u64)), 4..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn what_is_told_is_what_the_rules_say(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let mut machine = Machine::start(&folder.path().join("a.db"));
        let user = machine.run(|store| async move {
            store.users().create(&Username::parse("Ann").unwrap(), UserRole::User, "hash").await
        });
        let mut model = Model::default();
        for (act, crash) in steps {
            machine.act(&user, &mut model, &act, crash);
        }
        machine.act(&user, &mut model, &Act::Work, None);
        machine.check(&user, &model);
    }
}

/// Runs both workers once.
async fn work(store: Store) -> Result<(), StoreError> {
    for kind in QueryKind::ALL {
        while !matches!(store.matches().reconcile(kind, 1).await?, ReconcileOutcome::All { .. }) {}
        store.matches().notify_waiting(kind, superbot_domain::Clock::now(&SystemClock), 100).await?;
    }
    Ok(())
}

/// A process that can crash at any moment and is restarted.
struct Machine {
    path: std::path::PathBuf,
    process: Option<(Runtime, Store)>,
}

/// The id of the user's newest query.
async fn newest_query(store: Store, user: UserId) -> Result<i64, StoreError> {
    let alerts = store.queries::<NewPriceAlert>().list(user).await?;
    let searches = store.queries::<NewSavedSearch>().list(user).await?;
    let alert = alerts.first().map_or(0, |alert| alert.id.get());
    Ok(searches.first().map_or(0, |search| search.id.get()).max(alert))
}

async fn edit_query(store: Store, user: UserId, id: i64, is_alert: bool, wants: Wants) -> Result<(), StoreError> {
    if is_alert {
        let edit =
            move |now: NewPriceAlert| Ok(QueryChange::Edit(NewPriceAlert { active: now.active, ..wants.alert() }));
        store.queries().update(user, id.into(), edit).await.map(drop)
    } else {
        let edit =
            move |now: NewSavedSearch| Ok(QueryChange::Edit(NewSavedSearch { active: now.active, ..wants.search() }));
        store.queries().update(user, id.into(), edit).await.map(drop)
    }
}

async fn set_active(store: Store, user: UserId, id: i64, is_alert: bool, active: bool) -> Result<(), StoreError> {
    if is_alert {
        let change = move |_| Ok(QueryChange::SetActive(active));
        store.queries::<NewPriceAlert>().update(user, id.into(), change).await.map(drop)
    } else {
        let change = move |_| Ok(QueryChange::SetActive(active));
        store.queries::<NewSavedSearch>().update(user, id.into(), change).await.map(drop)
    }
}

impl Machine {
    fn start(path: &Path) -> Self {
        let mut machine = Self { path: path.to_owned(), process: None };
        machine.restart();
        machine
    }

    /// Aborts everything in progress between two transactions.
    fn restart(&mut self) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        if let Some((dead_runtime, dead_store)) = self.process.take() {
            dead_runtime.shutdown_timeout(Duration::from_mins(1));
            // The dead store's writer has its own thread and still completes the request in progress. A write queued
            // behind it completes when nothing more can follow.
            runtime.block_on(dead_store.matches().prepare()).unwrap();
        }
        let url = format!("sqlite:{}", self.path.display());
        let store = runtime.block_on(async {
            let store = Store::open(&url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await.unwrap();
            store.matches().prepare().await.unwrap();
            store
        });
        self.process = Some((runtime, store));
    }

    fn run<T, F: Future<Output = Result<T, StoreError>>>(&self, work: impl FnOnce(Store) -> F) -> T {
        let (runtime, store) = self.process.as_ref().unwrap();
        runtime.block_on(work(store.clone())).unwrap()
    }

    /// Repeats an action until it is complete, across a crash if one is scheduled.
    fn until_done<F>(&mut self, crash: Option<u64>, work: impl Fn(Store) -> F)
    where
        F: Future<Output = Result<(), StoreError>> + Send + 'static,
    {
        if let Some(after) = crash {
            let before = self.run(|store| async move { store.events().bounds().await }).head;
            let (runtime, store) = self.process.as_ref().unwrap();
            let under_way = runtime.spawn(work(store.clone()));
            std::thread::sleep(Duration::from_micros(after));
            drop(under_way);
            self.restart();
            // Every change appends to the log.
            if self.run(|store| async move { store.events().bounds().await }).head > before {
                return;
            }
        }
        self.run(work);
    }

    fn act(&mut self, user: &User, model: &mut Model, act: &Act, crash: Option<u64>) {
        let user = user.id;
        match act {
            Act::Post(postings) => {
                let listings: Vec<NewListing> = postings.iter().map(Posting::listing).collect();
                self.until_done(crash, move |store| {
                    let listings = listings.clone();
                    async move { store.listings().ingest(listings).await.map(drop) }
                });
                for posting in postings {
                    model.post(posting);
                }
            }
            Act::Save { is_alert, keywords, limit } => {
                let is_alert = *is_alert;
                let wants = Wants { keywords: *keywords, limit: *limit };
                self.until_done(crash, move |store| async move {
                    if is_alert {
                        store.queries().create(user, &wants.alert()).await.map(drop)
                    } else {
                        store.queries().create(user, &wants.search()).await.map(drop)
                    }
                });
                let id = self.run(|store| newest_query(store, user));
                let standing = AlertPolicy { since: model.points, notifies_drops: is_alert };
                model.queries.insert(id, Known { wants, standing, is_active: true, hits: BTreeMap::new() });
            }
            Act::Edit(which, keywords, limit) => {
                let Some(id) = model.pick(*which) else { return };
                let wants = Wants { keywords: *keywords, limit: *limit };
                let is_alert = model.queries[&id].standing.notifies_drops;
                self.until_done(crash, move |store| edit_query(store, user, id, is_alert, wants));
                model.change(id, |query| query.wants = wants);
            }
            Act::Pause(which) => {
                let Some(id) = model.pick(*which) else { return };
                let query = &model.queries[&id];
                let is_alert = query.standing.notifies_drops;
                let active = !query.is_active;
                self.until_done(crash, move |store| set_active(store, user, id, is_alert, active));
                model.change(id, |query| query.is_active = active);
            }
            Act::Delete(which) => {
                let Some(id) = model.pick(*which) else { return };
                let is_alert = model.queries[&id].standing.notifies_drops;
                self.until_done(crash, move |store| async move {
                    if is_alert {
                        store.queries::<NewPriceAlert>().delete(user, id.into()).await.map(drop)
                    } else {
                        store.queries::<NewSavedSearch>().delete(user, id.into()).await.map(drop)
                    }
                });
                model.queries.remove(&id);
            }
            Act::Work => {
                self.until_done(crash, work);
                // Repeating the work must not change anything.
                self.run(work);
            }
        }
    }

    fn check(&self, user: &User, model: &Model) {
        let user = user.id;
        let notified =
            self.run(|store| async move { Ok(store.notifications().page(user, false, None, 500).await?.items) });
        let mut prices = BTreeSet::new();
        let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
        for notification in notified {
            let data: Value = serde_json::from_str(notification.data.as_str()).unwrap();
            if let Some(alert) = data["alert_id"].as_i64() {
                let notified = (alert, data["listing"]["link"].to_string(), data["listing"]["price"].to_string());
                assert!(prices.insert(notified.clone()), "notified twice: {notified:?}");
            } else {
                *counts.entry(data["search_id"].as_i64().unwrap()).or_default() +=
                    data["results_count"].as_u64().unwrap();
            }
        }
        assert_eq!(prices, model.prices, "notifications of alerts");
        assert_eq!(counts, model.counts, "how many listings searches counted");
        for kind in QueryKind::ALL {
            assert_eq!(
                self.run(|store| async move { store.matches().count_repaired(kind).await }),
                0,
                "nothing had to be mended"
            );
        }
    }
}

#[derive(Clone, Copy)]
struct Wants {
    keywords: usize,
    limit: i64,
}

impl Wants {
    fn alert(self) -> NewPriceAlert {
        let value = json!({ "keywords": KEYWORDS[self.keywords], "threshold_price": self.limit * 100 + 50 });
        NewPriceAlert::from_json(&value, Currency::USD).unwrap()
    }

    fn search(self) -> NewSavedSearch {
        let value = json!({ "name": "x", "keywords": KEYWORDS[self.keywords], "max_price": self.limit * 100 + 50,
            "cadence": "instant" });
        NewSavedSearch::from_json(&value, Currency::USD).unwrap()
    }

    fn criteria(self) -> Criteria {
        let max = Some((self.limit * 100 + 50) * 100);
        Criteria {
            query: Some(Query::parse(KEYWORDS[self.keywords]).unwrap()),
            price: PriceRange { currency: Currency::USD, min: None, max, per: None, include_free: false },
            sources: Vec::new(),
            location: None,
        }
    }
}

impl Posting {
    fn listing(&self) -> NewListing {
        let value = json!({ "title": TEXTS[self.title], "link": self.url(), "source": "test",
            "price": self.price.map(|price| price * 100 + 50), "description": self.description.map(|text| TEXTS[text]) });
        NewListing::from_json(&value, Currency::USD).unwrap()
    }

    fn url(&self) -> String {
        format!("https://example.com/{}", self.link)
    }
}

/// The rules, applied directly to each posting.
#[derive(Default)]
struct Model {
    points: i64,
    listings: BTreeMap<u8, Listing>,
    queries: BTreeMap<i64, Known>,
    prices: BTreeSet<(i64, String, String)>,
    counts: BTreeMap<i64, u64>,
}

struct Listing {
    title: usize,
    description: Option<usize>,
    points: Vec<PriceRecord>,
}

struct Known {
    wants: Wants,
    standing: AlertPolicy,
    is_active: bool,
    hits: BTreeMap<u8, Vec<QueryHit>>,
}

impl Model {
    fn pick(&self, which: prop::sample::Index) -> Option<i64> {
        let ids: Vec<i64> = self.queries.keys().copied().collect();
        (!ids.is_empty()).then(|| *which.get(&ids))
    }

    /// After an edit, pause or resume, a query applies to later events only.
    fn change(&mut self, id: i64, change: impl FnOnce(&mut Known)) {
        let query = self.queries.get_mut(&id).unwrap();
        change(query);
        query.standing.since = self.points;
    }

    fn post(&mut self, posting: &Posting) {
        let price = posting.listing().price.price;
        let is_new = !self.listings.contains_key(&posting.link);
        let title = posting.title;
        let description = posting.description;
        let listing = self.listings.entry(posting.link).or_insert(Listing { title, description, points: Vec::new() });
        let text = (posting.title, posting.description.or(listing.description));
        let text_changed = text != (listing.title, listing.description);
        (listing.title, listing.description) = text;
        let now = listing.points.last().map(|point| point.price);
        let price_changed = is_new || (price != Price::Unstated && now != Some(price));
        if price_changed {
            self.points += 1;
            listing.points.push(PriceRecord { id: self.points, price });
        }
        if !text_changed && !price_changed {
            return;
        }
        let source = "test".parse().unwrap();
        let price = listing.points.last().unwrap().price;
        let facts = Facts {
            title: TEXTS[listing.title],
            description: listing.description.map_or("", |text| TEXTS[text]),
            price,
            source: &source,
            location: "",
        };
        for (id, query) in self.queries.iter_mut().filter(|(_, query)| query.is_active) {
            let criteria = query.wants.criteria();
            if !criteria.matches(&facts) {
                continue;
            }
            let hits = query.hits.entry(posting.link).or_default();
            let first = listing.points[0].id;
            let Some(hit) =
                evaluate_alert(query.standing, first, &listing.points, hits, |price| criteria.price.admits(price))
            else {
                continue;
            };
            hits.push(hit);
            if query.standing.notifies_drops {
                let link = json!(posting.url()).to_string();
                self.prices.insert((*id, link, price.to_json().to_string()));
            } else {
                *self.counts.entry(*id).or_default() += 1;
            }
        }
    }
}
