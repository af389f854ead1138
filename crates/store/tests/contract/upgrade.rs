//! A store that an earlier version of the readers wrote, opened by this one: no event, no notification.

use std::collections::BTreeSet;
use std::env;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use superbot_db::sql;
use superbot_domain::{
    Clock as _, Currency, FoundListing, NewListing, NewPriceAlert, NewSavedSearch, Price, QueryChange, QueryKind,
    SourceName, StandingQuery as _, StoredQuery, SystemClock, User, parse_price,
};
use superbot_store::{
    IngestOutcome, ListingQuery, ReconcileOutcome, ReindexState, RetentionLimits, Store, StoreOptions, maintenance,
};
use tokio::process::Command;

use crate::bed::{Bed, listing};

crate::on_every_back_end!(
    a_new_store_has_nothing_to_index,
    what_a_newer_reader_reads_differently_is_corrected_silently,
    what_a_publisher_states_is_news_also_after_an_upgrade,
    a_posting_without_a_price_corrects_nothing,
    a_program_that_states_values_does_not_count_as_the_reader,
    a_correction_is_made_once,
    a_pruned_listing_is_corrected_as_well,
    what_came_in_before_is_not_reconciled,
    owners_see_which_of_their_queries_are_read_differently,
    a_process_that_is_killed_leaves_the_rest_to_the_next,
);

mod kills {
    use super::{an_index_is_written_again_whatever_interrupts_it, interruptions};

    crate::on_every_back_end!(property an_index_is_written_again_whatever_interrupts_it(interruptions, 12));
}

/// After how many batches, of which size, the process ends.
fn interruptions() -> impl Strategy<Value = Vec<(usize, u32)>> {
    prop::collection::vec((0_usize..4, 1_u32..9), 1..8)
}

/// Leaves the store as a version without this one's readers did: no versions, and an index of other words.
pub(crate) async fn as_earlier_version_left_it(bed: &Bed) {
    bed.store.close().await;
    let mut conn = maintenance::connect_existing(bed.url()).await.unwrap();
    let outdate = conn.dialect().pick(
        "INSERT OR REPLACE INTO listing_words (rowid, title, description, place, source, price) \
         SELECT id, 'outdated', '', '', 'test', '' FROM listings",
        "UPDATE listing_words SET words = 'outdated:1A'::tsvector",
    );
    for statement in [
        outdate,
        "UPDATE listings SET reader_version = 1, price_reader_version = 1",
        "UPDATE pruned_listings SET price_reader_version = 1",
        "UPDATE standing_queries SET read_as = NULL",
        "DELETE FROM meta WHERE key IN ('reader_version', 'reindexing', 'arrival_matching')",
    ] {
        sql::query(statement).execute(&mut conn).await.unwrap();
    }
    conn.close().await.unwrap();
}

/// The end of the log, and each user's notifications.
pub(crate) async fn notified(store: &Store, users: &[&User]) -> (u64, Vec<usize>) {
    let mut counts = Vec::new();
    for user in users {
        counts.push(store.notifications().page(user.id, false, None, 500).await.unwrap().items.len());
    }
    (store.events().bounds().await.unwrap().head, counts)
}

async fn find(store: &Store, q: &str) -> BTreeSet<i64> {
    let query = ListingQuery { q: Some(q.to_owned()), limit: 500, ..ListingQuery::default() };
    store.listings().page(&query).await.unwrap().items.iter().map(|listing| listing.id.get()).collect()
}

pub(crate) async fn alert(store: &Store, user: &User, keywords: &str, threshold: u64) {
    let value = json!({ "keywords": keywords, "threshold_price": threshold });
    store.queries().create(user.id, &NewPriceAlert::from_json(&value, Currency::USD).unwrap()).await.unwrap();
}

/// A listing as it is read from a page.
pub(crate) fn found(link: &str, title: &str, price: &str) -> NewListing {
    let found = FoundListing {
        title: title.to_owned(),
        link: format!("https://example.com/{link}"),
        price: parse_price(price, Currency::USD),
        ..FoundListing::default()
    };
    found.into_listing(&SourceName::parse("test").unwrap(), Currency::USD).unwrap()
}

async fn a_new_store_has_nothing_to_index(bed: Bed) {
    assert_eq!(bed.store.listings().reindexing().await.unwrap(), None);
    bed.store.listings().ingest(vec![listing("1", "bike", 5)]).await.unwrap();
    assert_eq!(bed.store.listings().reindex_next(100).await.unwrap(), None);
    bed.store.close().await;
    let again = bed.again().await;
    assert_eq!(again.listings().reindexing().await.unwrap(), None);
    again.close().await;
}

async fn what_a_newer_reader_reads_differently_is_corrected_silently(bed: Bed) {
    let ann = bed.user("Ann").await;
    alert(&bed.store, &ann, "flat", 10_000).await;
    alert(&bed.store, &ann, "flat", 50).await;
    // As an earlier reader may have read "$640 3 rooms", "$700 per month", "12 000" and "i<em>Pad</em>".
    let earlier =
        [("1", "Flat one", "$3"), ("2", "Flat two", "$700"), ("3", "Flat three", ""), ("4", "Flat i Pad", "$5")];
    let posted: Vec<_> = earlier.iter().map(|(link, title, price)| found(link, title, price)).collect();
    let ids: Vec<_> = bed.store.listings().ingest(posted).await.unwrap().iter().map(|result| result.id).collect();
    as_earlier_version_left_it(&bed).await;

    let store = bed.again().await;
    let before = notified(&store, &[&ann]).await;
    let now = [
        ("1", "Flat one", "$640"),
        ("2", "Flat two", "$700/mo"),
        ("3", "Flat three", "$12000"),
        ("4", "Flat iPad", "$5"),
    ];
    let posted: Vec<_> = now.iter().map(|(link, title, price)| found(link, title, price)).collect();
    for result in store.listings().ingest(posted).await.unwrap() {
        assert_eq!(result.outcome, IngestOutcome::Unchanged);
    }
    assert_eq!(notified(&store, &[&ann]).await, before, "no event and no notification");
    for (id, (_, title, price)) in ids.iter().zip(now) {
        let stored = store.listings().get(*id).await.unwrap().unwrap();
        let price = parse_price(price, Currency::USD).price;
        assert_eq!((stored.title.as_str(), stored.price), (title, price));
        let history = store.listings().price_history(*id).await.unwrap().unwrap();
        assert_eq!(
            history.iter().map(|point| point.price).collect::<Vec<_>>(),
            [price],
            "one point, and the right one"
        );
    }
    assert_eq!(find(&store, "ipad").await, BTreeSet::from([ids[3].get()]));
    for kind in QueryKind::ALL {
        assert_eq!(store.matches().reconcile(kind, 1).await.unwrap(), ReconcileOutcome::All { repaired: 0 });
    }
    assert_eq!(notified(&store, &[&ann]).await, before);
    // From here on a change is a change.
    let results = store.listings().ingest(vec![found("1", "Flat one", "$45")]).await.unwrap();
    let IngestOutcome::Updated { previous_price: Some(previous) } = results[0].outcome else { panic!("{results:?}") };
    assert_eq!(previous, parse_price("$640", Currency::USD).price);
    assert_eq!(notified(&store, &[&ann]).await.1, [before.1[0] + 2], "both alerts, also the one that matched at $3");
    store.close().await;
}

async fn what_a_publisher_states_is_news_also_after_an_upgrade(bed: Bed) {
    let ann = bed.user("Ann").await;
    alert(&bed.store, &ann, "bike", 100).await;
    let posted = vec![listing("1", "bike", 150), listing("2", "bike", "$150")];
    bed.store.listings().ingest(posted).await.unwrap();
    as_earlier_version_left_it(&bed).await;
    let store = bed.again().await;
    let before = notified(&store, &[&ann]).await;
    // A number needs no reader; a text does, but only for the price.
    let results = store.listings().ingest(vec![listing("1", "bike", 90)]).await.unwrap();
    assert!(matches!(results[0].outcome, IngestOutcome::Updated { previous_price: Some(_) }), "{results:?}");
    let results = store.listings().ingest(vec![listing("2", "red bike", "$95")]).await.unwrap();
    let corrected = parse_price("$95", Currency::USD).price;
    assert_eq!(results[0].outcome, IngestOutcome::Updated { previous_price: None });
    let (head, notified) = notified(&store, &[&ann]).await;
    let events = store.events().list(before.0, 10).await.unwrap();
    let payload = events.last().unwrap().payload_json();
    assert_eq!(
        (&payload["title"], &payload["price"], &payload["previous_price"]),
        (&json!("red bike"), &json!(95), &json!(95))
    );
    assert_eq!(results[0].price, corrected);
    assert!(head > before.0 && notified[0] > before.1[0]);
    store.close().await;
}

async fn a_posting_without_a_price_corrects_nothing(bed: Bed) {
    let ann = bed.user("Ann").await;
    alert(&bed.store, &ann, "flat", 1000).await;
    let texts = ["", "call me", "price on request", "3 rooms", "-", "n/a", "2016 Subaru", "12.10.2025", "$", "abc"];
    let stated = |n: usize| found(&n.to_string(), "Flat", "$500");
    let ids: Vec<_> = bed.store.listings().ingest((0..texts.len()).map(stated).collect()).await.unwrap();
    as_earlier_version_left_it(&bed).await;
    let store = bed.again().await;
    let before = notified(&store, &[&ann]).await;
    let unstated = texts.iter().enumerate().map(|(n, text)| found(&n.to_string(), "Flat", text)).collect();
    store.listings().ingest(unstated).await.unwrap();
    // The next reading has the price again: it was never gone.
    store.listings().ingest((0..texts.len()).map(stated).collect()).await.unwrap();
    for result in ids {
        let history = store.listings().price_history(result.id).await.unwrap().unwrap();
        assert_eq!(history.len(), 1);
        assert_eq!(history[0].price, parse_price("$500", Currency::USD).price);
    }
    assert_eq!(notified(&store, &[&ann]).await, before, "no event and no notification");
    store.close().await;
}

async fn a_program_that_states_values_does_not_count_as_the_reader(bed: Bed) {
    bed.store.listings().ingest(vec![found("1", "Flat", "$3")]).await.unwrap();
    as_earlier_version_left_it(&bed).await;
    let store = bed.again().await;
    let stated = NewListing { price: Price::Unstated.into(), ..listing("1", "Flat", 3) };
    store.listings().ingest(vec![stated]).await.unwrap();
    let before = notified(&store, &[]).await;
    let results = store.listings().ingest(vec![found("1", "Flat", "$640")]).await.unwrap();
    assert_eq!((results[0].outcome, notified(&store, &[]).await), (IngestOutcome::Unchanged, before));
    store.close().await;
}

async fn a_correction_is_made_once(bed: Bed) {
    bed.store.listings().ingest(vec![found("1", "Flat", "$3")]).await.unwrap();
    as_earlier_version_left_it(&bed).await;
    let store = bed.again().await;
    // Two postings of one batch: the first corrects, the second changes.
    let results = store.listings().ingest(vec![found("1", "Flat", "$640"), found("1", "Flat", "$600")]).await.unwrap();
    assert_eq!(results[0].outcome, IngestOutcome::Unchanged);
    assert!(matches!(results[1].outcome, IngestOutcome::Updated { .. }), "{results:?}");
    let history = store.listings().price_history(results[0].id).await.unwrap().unwrap();
    let prices: Vec<_> = history.iter().map(|point| point.price).collect();
    assert_eq!(prices, ["$640", "$600"].map(|price| parse_price(price, Currency::USD).price));
    store.close().await;
}

async fn a_pruned_listing_is_corrected_as_well(bed: Bed) {
    bed.store.listings().ingest(vec![found("1", "Flat", "$3")]).await.unwrap();
    bed.clock.advance(Duration::from_hours(48));
    let keep = Duration::from_hours(1);
    let policy = RetentionLimits { events_keep: keep, listings_keep: Some(keep) };
    let now = bed.clock.now();
    assert_eq!(bed.store.prune(&policy, now, 100).await.unwrap().listings, 1);
    as_earlier_version_left_it(&bed).await;
    let store = bed.again().await;
    let before = notified(&store, &[]).await;
    let results = store.listings().ingest(vec![found("1", "Flat", "$640/mo")]).await.unwrap();
    assert_eq!((results[0].outcome, notified(&store, &[]).await), (IngestOutcome::Unchanged, before));
    let stored = store.listings().get(results[0].id).await.unwrap().unwrap();
    assert_eq!(stored.price, parse_price("$640/mo", Currency::USD).price);
    assert_ne!(stored.price, Price::Unstated);
    store.close().await;
}

async fn what_came_in_before_is_not_reconciled(bed: Bed) {
    let ann = bed.user("Ann").await;
    alert(&bed.store, &ann, "bike", 100).await;
    bed.store.listings().ingest(vec![listing("1", "velo", 50), listing("2", "bike", 60)]).await.unwrap();
    // As if the earlier rules had not found "bike" in what today's find it in.
    as_earlier_version_left_it(&bed).await;
    let mut conn = maintenance::connect_existing(bed.url()).await.unwrap();
    sql::query("UPDATE listings SET title = 'velo bike' WHERE title = 'velo'").execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    let store = bed.again().await;
    let before = notified(&store, &[&ann]).await;
    for kind in QueryKind::ALL {
        assert_eq!(store.matches().reconcile(kind, 1).await.unwrap(), ReconcileOutcome::All { repaired: 0 });
    }
    assert_eq!(notified(&store, &[&ann]).await, before);
    store.listings().ingest(vec![listing("3", "bike", 70)]).await.unwrap();
    assert_eq!(notified(&store, &[&ann]).await.1, [before.1[0] + 1], "what comes in from now on is matched");
    store.close().await;
}

fn is_warned(query: &StoredQuery<NewSavedSearch>) -> bool {
    query.warnings.iter().any(|warning| warning.message.contains("read differently"))
}

async fn owners_see_which_of_their_queries_are_read_differently(bed: Bed) {
    let ann = bed.user("Ann").await;
    let search = |keywords: &str| {
        NewSavedSearch::from_json(&json!({ "name": keywords, "keywords": keywords }), Currency::USD).unwrap()
    };
    let saved = bed.store.queries().create(ann.id, &search("kayak")).await.unwrap();
    assert_eq!(saved.warnings, []);
    as_earlier_version_left_it(&bed).await;
    let mut conn = maintenance::connect_existing(bed.url()).await.unwrap();
    sql::query("UPDATE standing_queries SET read_as = 'ka yak'").execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    let store = bed.again().await;
    let queries = store.queries::<NewSavedSearch>();
    assert!(is_warned(&queries.get(ann.id, saved.id).await.unwrap().unwrap()));
    assert!(is_warned(&queries.list(ann.id).await.unwrap()[0]));
    let kept = queries.update(ann.id, saved.id, |wants| Ok(QueryChange::Edit(wants))).await.unwrap().unwrap();
    assert_eq!(kept.warnings, [], "its user has seen it");
    store.close().await;
}

/// Ends the process between any two transactions, as a kill does: what is not committed is as if it had never begun.
async fn an_index_is_written_again_whatever_interrupts_it(bed: Bed, interruptions: Vec<(usize, u32)>) {
    let ann = bed.user("Ann").await;
    alert(&bed.store, &ann, "bike", 1_000).await;
    let posted = (0..40).map(|n| listing(&n.to_string(), &format!("bike {n}"), n + 200)).collect();
    let ids: BTreeSet<i64> =
        bed.store.listings().ingest(posted).await.unwrap().iter().map(|result| result.id.get()).collect();
    as_earlier_version_left_it(&bed).await;
    let mut store = bed.again().await;
    let before = notified(&store, &[&ann]).await;
    assert_eq!(find(&store, "bike").await, BTreeSet::new());
    let mut percent = 0;
    let mut note = |state: ReindexState| {
        assert!(percent <= state.percent() && state.percent() < 100, "{percent} % and then {state:?}");
        percent = state.percent();
    };
    for (batches, size) in interruptions {
        for _ in 0..batches {
            store.listings().reindex_next(size).await.unwrap().into_iter().for_each(&mut note);
        }
        store.close().await;
        store = bed.again().await;
    }
    while let Some(state) = store.listings().reindex_next(7).await.unwrap() {
        note(state);
    }
    assert_eq!(store.listings().reindexing().await.unwrap(), None);
    assert_eq!((find(&store, "bike").await, find(&store, "outdated").await), (ids, BTreeSet::new()));
    for kind in QueryKind::ALL {
        assert_eq!(store.matches().reconcile(kind, 1).await.unwrap(), ReconcileOutcome::All { repaired: 0 });
    }
    assert_eq!(notified(&store, &[&ann]).await, before, "no event and no notification");
    store.close().await;
    // The next start has nothing to do.
    let store = bed.again().await;
    assert_eq!(store.listings().reindexing().await.unwrap(), None);
    store.close().await;
}

/// Where the store is that the process is to index again.
const URL: &str = "SUPERBOT_TEST_STORE_TO_INDEX";

async fn a_process_that_is_killed_leaves_the_rest_to_the_next(bed: Bed) {
    let ann = bed.user("Ann").await;
    alert(&bed.store, &ann, "bike", 1_000).await;
    let posted = (0..900).map(|n| listing(&n.to_string(), &format!("bike {n}"), n + 2_000)).collect();
    let ids: BTreeSet<i64> =
        bed.store.listings().ingest(posted).await.unwrap().iter().map(|result| result.id.get()).collect();
    as_earlier_version_left_it(&bed).await;
    let mut before = None;
    // Of the first ones some end before they have opened the store.
    for run in 0..12 {
        let mut program = Command::new(env::current_exe().unwrap());
        program.args(["--exact", "upgrade::indexes_until_it_is_killed"]).env(URL, bed.url());
        let mut process = program.stdout(Stdio::null()).spawn().unwrap();
        let time_to_live = Duration::from_millis(20 * run + run * run % 7);
        let _ = tokio::time::timeout(time_to_live, async { process.wait().await }).await;
        let _ = process.kill().await;
        let store = bed.again().await;
        let now = notified(&store, &[&ann]).await;
        assert_eq!(*before.get_or_insert_with(|| now.clone()), now, "no event and no notification");
        store.close().await;
    }
    let store = bed.again().await;
    while store.listings().reindex_next(50).await.unwrap().is_some() {}
    let found: BTreeSet<i64> =
        store.queries().preview(&bikes()).await.unwrap().sample.iter().map(|listing| listing.id.get()).collect();
    assert_eq!((found.len(), found.is_subset(&ids)), (10, true));
    let query = ListingQuery { q: Some("bike".to_owned()), limit: 1, ..ListingQuery::default() };
    assert_eq!(store.listings().count(&query).await.unwrap().exact(), Some(900));
    let outdated = ListingQuery { q: Some("outdated".to_owned()), ..query };
    assert_eq!(store.listings().count(&outdated).await.unwrap().exact(), Some(0));
    store.close().await;
}

fn bikes() -> NewSavedSearch {
    NewSavedSearch::from_json(&json!({ "name": "x", "keywords": "bike" }), Currency::USD).unwrap()
}

/// What the process does that is killed; nothing in the one that runs the tests.
#[tokio::test(flavor = "multi_thread")]
async fn indexes_until_it_is_killed() {
    let Ok(url) = env::var(URL) else { return };
    let store = Store::open(&url, StoreOptions::new(Arc::new(SystemClock), [7; 8])).await.unwrap();
    while store.listings().reindex_next(2).await.unwrap().is_some() {}
    store.close().await;
}
