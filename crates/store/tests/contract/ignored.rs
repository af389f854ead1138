//! Ignored listings: no path may lead to a notification about them.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use superbot_domain::{
    Clock, Currency, ListingId, NewPriceAlert, NewSavedSearch, QueryChange, QueryKind, StandingQuery as _, StoredQuery,
    User,
};
use superbot_store::{IgnoreOutcome, ReconcileOutcome, RetentionLimits, Store, StoreError};

use crate::bed::{Bed, listing};

crate::on_every_back_end!(
    an_ignored_listing_is_told_no_more_by_that_query_alone,
    what_waits_is_not_told_either,
    what_was_missed_is_not_mended,
    from_the_undo_on_it_is_told_again,
    what_happened_meanwhile_is_not_told_after_the_undo,
    a_paused_alert_that_hears_again_is_silent_about_its_sleep,
    it_is_ignored_when_it_comes_back,
    only_what_is_ones_own_is_ignored,
    a_query_ignores_only_so_many,
);
mod histories {
    use super::{histories, nothing_is_told_while_it_is_ignored};
    crate::on_every_back_end!(property nothing_is_told_while_it_is_ignored(histories, 32));
}

const HOUR: Duration = Duration::from_hours(1);

async fn save_alert(bed: &Bed, user: &User, cooldown_minutes: u32) -> StoredQuery<NewPriceAlert> {
    let wants = json!({ "keywords": "bike", "threshold_price": 1000, "cooldown_minutes": cooldown_minutes });
    let wants = NewPriceAlert::from_json(&wants, Currency::USD).unwrap();
    bed.store.queries().create(user.id, &wants).await.unwrap()
}

async fn save_search(bed: &Bed, user: &User, cadence: &str) -> StoredQuery<NewSavedSearch> {
    let wants = json!({ "name": "Bikes", "keywords": "bike", "cadence": cadence });
    bed.store.queries().create(user.id, &NewSavedSearch::from_json(&wants, Currency::USD).unwrap()).await.unwrap()
}

async fn post(store: &Store, link: &str, price: impl Into<Value>) -> ListingId {
    store.listings().ingest(vec![listing(link, "bike", price)]).await.unwrap()[0].id
}

async fn ignore(bed: &Bed, user: &User, alert: &StoredQuery<NewPriceAlert>, id: ListingId, ignored: bool) {
    let outcome = bed.store.queries::<NewPriceAlert>().set_ignored(user.id, alert.id, id, ignored).await.unwrap();
    assert_eq!(outcome, IgnoreOutcome::Done);
}

/// Data of the user's notifications, oldest first.
async fn notified(bed: &Bed, user: &User) -> Vec<Value> {
    let mut page = bed.store.notifications().page(user.id, false, None, 500).await.unwrap().items;
    page.reverse();
    page.iter().map(|notification| serde_json::from_str(notification.data.as_str()).unwrap()).collect()
}

async fn notified_prices(bed: &Bed, user: &User) -> Vec<Value> {
    notified(bed, user).await.iter().map(|data| data["listing"]["price"].clone()).collect()
}

async fn reconcile(bed: &Bed, kind: QueryKind) -> u64 {
    let mut all = 0;
    loop {
        match bed.store.matches().reconcile(kind, 1).await.unwrap() {
            ReconcileOutcome::Busy => panic!("no other process holds the lease"),
            ReconcileOutcome::Some { repaired } => all += repaired,
            ReconcileOutcome::All { repaired } => return all + repaired,
        }
    }
}

async fn an_ignored_listing_is_told_no_more_by_that_query_alone(bed: Bed) {
    let ann = bed.user("Ann").await;
    let bob = bed.user("Bob").await;
    let alert = save_alert(&bed, &ann, 0).await;
    save_alert(&bed, &bob, 0).await;
    let id = post(&bed.store, "1", 900).await;
    ignore(&bed, &ann, &alert, id, true).await;
    ignore(&bed, &ann, &alert, id, true).await;
    post(&bed.store, "1", 800).await;
    post(&bed.store, "2", 500).await;
    assert_eq!(notified_prices(&bed, &ann).await, [900, 500]);
    assert_eq!(notified_prices(&bed, &bob).await, [900, 800, 500]);
    let found = bed.store.matches().list(ann.id, id).await.unwrap().unwrap();
    assert!(found[0].ignored);
    assert_eq!(reconcile(&bed, QueryKind::PriceAlert).await, 0);
    assert_eq!(bed.store.matches().count_repaired(QueryKind::PriceAlert).await.unwrap(), 0);
}

async fn what_waits_is_not_told_either(bed: Bed) {
    let ann = bed.user("Ann").await;
    let alert = save_alert(&bed, &ann, 60).await;
    let search = save_search(&bed, &ann, "hourly").await;
    let mut ids = Vec::new();
    for (link, price) in [("0", 100), ("1", 200), ("2", 300)] {
        ids.push(post(&bed.store, link, price).await);
    }
    // The alert notified of the first at once. The other two are waiting, and for the search all three are.
    ignore(&bed, &ann, &alert, ids[2], true).await;
    let outcome = bed.store.queries::<NewSavedSearch>().set_ignored(ann.id, search.id, ids[1], true).await.unwrap();
    assert_eq!(outcome, IgnoreOutcome::Done);
    bed.clock.advance(HOUR);
    for kind in QueryKind::ALL {
        assert_eq!(bed.store.matches().notify_waiting(kind, bed.clock.now(), 100).await.unwrap(), 1, "{kind:?}");
    }
    let told_now = notified(&bed, &ann).await;
    let prices = |data: &Value| -> Vec<Value> {
        data["listings"].as_array().unwrap().iter().map(|listing| listing["price"].clone()).collect()
    };
    assert_eq!((&told_now[0]["listing"]["price"], &told_now[1]["listing"]["price"]), (&json!(100), &json!(200)));
    assert_eq!((&told_now[2]["results_count"], prices(&told_now[2])), (&json!(2), vec![json!(300), json!(100)]));
    // If nothing else is waiting, there is no notification and no cooldown begins.
    let fourth = post(&bed.store, "3", 400).await;
    ignore(&bed, &ann, &alert, fourth, true).await;
    bed.store.queries::<NewSavedSearch>().set_ignored(ann.id, search.id, fourth, true).await.unwrap();
    bed.clock.advance(HOUR);
    for kind in QueryKind::ALL {
        assert_eq!(bed.store.matches().notify_waiting(kind, bed.clock.now(), 100).await.unwrap(), 0, "{kind:?}");
    }
    // Matches suppressed while ignoring are not notified afterwards.
    ignore(&bed, &ann, &alert, fourth, false).await;
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.matches().notify_waiting(QueryKind::PriceAlert, bed.clock.now(), 100).await.unwrap(), 0);
    assert_eq!(notified(&bed, &ann).await.len(), 3);
}

async fn what_was_missed_is_not_mended(bed: Bed) {
    let unmatched = bed.again_without_matching().await;
    let ann = bed.user("Ann").await;
    let alert = save_alert(&bed, &ann, 0).await;
    let search = save_search(&bed, &ann, "instant").await;
    let id = post(&unmatched, "1", 900).await;
    post(&unmatched, "2", 500).await;
    ignore(&bed, &ann, &alert, id, true).await;
    bed.store.queries::<NewSavedSearch>().set_ignored(ann.id, search.id, id, true).await.unwrap();
    for kind in QueryKind::ALL {
        assert_eq!(
            (reconcile(&bed, kind).await, bed.store.matches().count_repaired(kind).await.unwrap()),
            (1, 1),
            "{kind:?}"
        );
    }
    post(&unmatched, "1", 700).await;
    for kind in QueryKind::ALL {
        assert_eq!(
            (reconcile(&bed, kind).await, bed.store.matches().count_repaired(kind).await.unwrap()),
            (0, 1),
            "{kind:?}"
        );
    }
    // Also if so much of the log was pruned that all listings are compared.
    bed.clock.advance(HOUR * 72);
    let policy = RetentionLimits { events_keep: HOUR, listings_keep: None };
    while bed.store.prune(&policy, bed.clock.now(), 1000).await.unwrap().more {}
    post(&unmatched, "3", 5000).await;
    for kind in QueryKind::ALL {
        reconcile(&bed, kind).await;
    }
    let links: Vec<_> = notified(&bed, &ann).await.iter().map(|data| data["listing"]["link"].clone()).collect();
    assert!(!links.contains(&json!("https://example.com/1")), "{links:?}");
    assert_eq!(bed.store.matches().count_repaired(QueryKind::PriceAlert).await.unwrap(), 1);
}

async fn from_the_undo_on_it_is_told_again(bed: Bed) {
    let ann = bed.user("Ann").await;
    let alert = save_alert(&bed, &ann, 0).await;
    let id = post(&bed.store, "1", 900).await;
    ignore(&bed, &ann, &alert, id, true).await;
    post(&bed.store, "1", 800).await;
    ignore(&bed, &ann, &alert, id, false).await;
    ignore(&bed, &ann, &alert, id, false).await;
    post(&bed.store, "1", 700).await;
    assert_eq!(notified_prices(&bed, &ann).await, [900, 700]);
    // A listing outside the limit when un-ignored is reported when it is within the limit again.
    ignore(&bed, &ann, &alert, id, true).await;
    post(&bed.store, "1", 2000).await;
    ignore(&bed, &ann, &alert, id, false).await;
    post(&bed.store, "1", 950).await;
    assert_eq!(notified_prices(&bed, &ann).await, [900, 700, 950]);
    assert_eq!(reconcile(&bed, QueryKind::PriceAlert).await, 0);
}

async fn what_happened_meanwhile_is_not_told_after_the_undo(bed: Bed) {
    let unmatched = bed.again_without_matching().await;
    let ann = bed.user("Ann").await;
    let alert = save_alert(&bed, &ann, 0).await;
    let search = save_search(&bed, &ann, "instant").await;
    let id = post(&bed.store, "1", 900).await;
    ignore(&bed, &ann, &alert, id, true).await;
    // The workers discover the price drop only after un-ignoring.
    post(&unmatched, "1", 600).await;
    ignore(&bed, &ann, &alert, id, false).await;
    // Neither listing had matched the search before.
    let other = post(&unmatched, "2", 500).await;
    for ignored in [true, false] {
        bed.store.queries::<NewSavedSearch>().set_ignored(ann.id, search.id, other, ignored).await.unwrap();
        ignore(&bed, &ann, &alert, other, ignored).await;
    }
    for kind in QueryKind::ALL {
        assert_eq!(reconcile(&bed, kind).await, 0, "{kind:?}");
    }
    bed.store.listings().ingest(vec![listing("1", "red bike", 600), listing("2", "red bike", 500)]).await.unwrap();
    assert_eq!(notified(&bed, &ann).await.len(), 2, "the alert and the search, of the first, at the beginning");
    post(&bed.store, "2", 400).await;
    assert_eq!(notified(&bed, &ann).await.len(), 3);
}

async fn a_paused_alert_that_hears_again_is_silent_about_its_sleep(bed: Bed) {
    let ann = bed.user("Ann").await;
    let alert = save_alert(&bed, &ann, 0).await;
    bed.store.queries::<NewPriceAlert>().update(ann.id, alert.id, |_| Ok(QueryChange::SetActive(false))).await.unwrap();
    let id = post(&bed.store, "1", 900).await;
    ignore(&bed, &ann, &alert, id, true).await;
    ignore(&bed, &ann, &alert, id, false).await;
    bed.store.queries::<NewPriceAlert>().update(ann.id, alert.id, |_| Ok(QueryChange::SetActive(true))).await.unwrap();
    post(&bed.store, "1", 800).await;
    assert_eq!(notified_prices(&bed, &ann).await, [0; 0], "it came while the alert slept");
}

async fn it_is_ignored_when_it_comes_back(bed: Bed) {
    let ann = bed.user("Ann").await;
    let alert = save_alert(&bed, &ann, 0).await;
    let id = post(&bed.store, "1", 900).await;
    ignore(&bed, &ann, &alert, id, true).await;
    bed.clock.advance(HOUR * 72);
    let policy = RetentionLimits { events_keep: HOUR, listings_keep: Some(HOUR) };
    assert_eq!(bed.store.prune(&policy, bed.clock.now(), 100).await.unwrap().listings, 1);
    ignore(&bed, &ann, &alert, id, true).await;
    assert_eq!(post(&bed.store, "1", 500).await, id);
    assert_eq!(notified_prices(&bed, &ann).await, [900]);
    bed.clock.advance(HOUR * 72);
    assert_eq!(bed.store.prune(&policy, bed.clock.now(), 100).await.unwrap().listings, 1);
    ignore(&bed, &ann, &alert, id, false).await;
    let unknown = bed.store.queries::<NewPriceAlert>().set_ignored(ann.id, alert.id, id, false).await.unwrap();
    assert_eq!(unknown, IgnoreOutcome::NoSuchListing, "nothing is known of it any more");
}

async fn only_what_is_ones_own_is_ignored(bed: Bed) {
    let ann = bed.user("Ann").await;
    let bob = bed.user("Bob").await;
    let alert = save_alert(&bed, &ann, 0).await;
    let search = save_search(&bed, &ann, "instant").await;
    let id = post(&bed.store, "1", 900).await;
    let by_alert = |user: &User, alert: i64, id: i64, ignored| {
        bed.store.queries::<NewPriceAlert>().set_ignored(user.id, alert.into(), id.into(), ignored)
    };
    let alert = alert.id.get();
    let id = id.get();
    for ignored in [true, false] {
        assert_eq!(by_alert(&bob, alert, id, ignored).await.unwrap(), IgnoreOutcome::NoSuchQuery);
        assert_eq!(by_alert(&ann, 99, id, ignored).await.unwrap(), IgnoreOutcome::NoSuchQuery);
        assert_eq!(by_alert(&ann, search.id.get(), id, ignored).await.unwrap(), IgnoreOutcome::NoSuchQuery);
        assert_eq!(by_alert(&ann, alert, 99, ignored).await.unwrap(), IgnoreOutcome::NoSuchListing);
        let by_search = bed.store.queries::<NewSavedSearch>().set_ignored(ann.id, alert.into(), id.into(), ignored);
        assert_eq!(by_search.await.unwrap(), IgnoreOutcome::NoSuchQuery, "it is an alert");
    }
    post(&bed.store, "1", 800).await;
    assert_eq!(notified(&bed, &ann).await.len(), 3);
}

async fn a_query_ignores_only_so_many(bed: Bed) {
    let ann = bed.user("Ann").await;
    let alert = save_alert(&bed, &ann, 0).await;
    let other = save_alert(&bed, &ann, 0).await;
    let mut ids = Vec::new();
    for batch in 0..10 {
        let batch = (0..1001).map(|n| listing(&format!("{batch}/{n}"), "kayak", 10)).collect();
        ids.extend(bed.store.listings().ingest(batch).await.unwrap().into_iter().map(|ingested| ingested.id));
    }
    let ignoring: Vec<_> = ids[..10_000]
        .iter()
        .map(|id| {
            let store = bed.store.clone();
            let user = ann.id;
            let alert = alert.id;
            let id = *id;
            tokio::spawn(async move { store.queries::<NewPriceAlert>().set_ignored(user, alert, id, true).await })
        })
        .collect();
    for ignoring in ignoring {
        assert_eq!(ignoring.await.unwrap().unwrap(), IgnoreOutcome::Done);
    }
    let refused = bed.store.queries::<NewPriceAlert>().set_ignored(ann.id, alert.id, ids[10_000], true).await;
    assert!(matches!(refused, Err(StoreError::TooManyIgnored(10_000))), "{refused:?}");
    ignore(&bed, &ann, &alert, ids[0], true).await;
    ignore(&bed, &ann, &other, ids[10_000], true).await;
    ignore(&bed, &ann, &alert, ids[0], false).await;
    ignore(&bed, &ann, &alert, ids[10_000], true).await;
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A price of the listing; if false, it is only found by reconciliation.
    Post(i64, bool),
    Ignore(bool),
    Toggle,
    Wait,
    Reconcile,
}

fn histories() -> impl Strategy<Value = Vec<Step>> {
    let price = prop_oneof![Just(2000), Just(900), Just(800), Just(700), Just(600)];
    let step = prop_oneof![
        4 => (price, any::<bool>()).prop_map(|(price, at_once)| Step::Post(price, at_once)),
        3 => any::<bool>().prop_map(Step::Ignore),
        1 => Just(Step::Toggle),
        1 => Just(Step::Wait),
        2 => Just(Step::Reconcile),
    ];
    prop::collection::vec(step, 1..30)
}

async fn nothing_is_told_while_it_is_ignored(bed: Bed, history: Vec<Step>) {
    let unmatched = bed.again_without_matching().await;
    let ann = bed.user("Ann").await;
    let alerts = [save_alert(&bed, &ann, 0).await, save_alert(&bed, &ann, 60).await];
    let search = save_search(&bed, &ann, "hourly").await;
    let id = post(&bed.store, "1", 2000).await;
    let mut ignored = false;
    let mut active = true;
    for step in history {
        let before = notified(&bed, &ann).await.len();
        let repaired = bed.store.matches().count_repaired(QueryKind::PriceAlert).await.unwrap();
        match step {
            Step::Post(price, true) => drop(post(&bed.store, "1", price).await),
            Step::Post(price, false) => drop(post(&unmatched, "1", price).await),
            Step::Ignore(wanted) => {
                for alert in &alerts {
                    ignore(&bed, &ann, alert, id, wanted).await;
                }
                bed.store.queries::<NewSavedSearch>().set_ignored(ann.id, search.id, id, wanted).await.unwrap();
                assert_eq!(notified(&bed, &ann).await.len(), before);
                if ignored && !wanted {
                    // Everything up to now has been reconciled.
                    assert_eq!(reconcile(&bed, QueryKind::PriceAlert).await, 0);
                    assert_eq!(reconcile(&bed, QueryKind::SavedSearch).await, 0);
                }
                ignored = wanted;
            }
            Step::Toggle => {
                active = !active;
                for alert in &alerts {
                    bed.store
                        .queries::<NewPriceAlert>()
                        .update(ann.id, alert.id, move |_| Ok(QueryChange::SetActive(active)))
                        .await
                        .unwrap();
                }
            }
            Step::Wait => {
                bed.clock.advance(HOUR);
                for kind in QueryKind::ALL {
                    bed.store.matches().notify_waiting(kind, bed.clock.now(), 100).await.unwrap();
                }
            }
            Step::Reconcile => {
                for kind in QueryKind::ALL {
                    reconcile(&bed, kind).await;
                }
            }
        }
        if ignored {
            assert_eq!(notified(&bed, &ann).await.len(), before, "{step:?}");
            assert_eq!(bed.store.matches().count_repaired(QueryKind::PriceAlert).await.unwrap(), repaired, "{step:?}");
        }
    }
}
