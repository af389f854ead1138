//! Reconciliation: adds what was missed, once, and finds nothing in a consistent store.

use std::time::Duration;

use serde_json::{Value, json};
use superbot_domain::{Clock, Currency, NewPriceAlert, NewSavedSearch, QueryKind, StandingQuery as _, User};
use superbot_store::{ReconcileOutcome, RetentionLimits, Store};

use crate::bed::{Bed, listing};

crate::on_every_back_end!(
    where_all_is_well_nothing_is_found,
    what_was_not_matched_is_told_once,
    what_the_log_has_forgotten_is_looked_at,
    one_process_looks_at_a_time,
    what_no_longer_applies_is_not_told,
);

async fn save_alert(store: &Store, user: &User, keywords: &str, threshold: i64) {
    let wants = json!({ "keywords": keywords, "threshold_price": threshold });
    store.queries().create(user.id, &NewPriceAlert::from_json(&wants, Currency::USD).unwrap()).await.unwrap();
}

/// The user's notifications, oldest first: number of the listing's link, and price.
async fn notified(bed: &Bed, user: &User) -> Vec<(String, Value)> {
    let mut page = bed.store.notifications().page(user.id, false, None, 500).await.unwrap().items;
    page.reverse();
    let notified = page.iter().map(|notification| {
        let data: Value = serde_json::from_str(notification.data.as_str()).unwrap();
        let link = data["listing"]["link"].as_str().unwrap_or_default().trim_start_matches("https://example.com/");
        (link.to_owned(), data["listing"]["price"].clone())
    });
    notified.collect()
}

/// Reconciles until everything was processed.
pub(crate) async fn reconcile(store: &Store, kind: QueryKind) -> u64 {
    let mut all = 0;
    loop {
        match store.matches().reconcile(kind, 1).await.unwrap() {
            ReconcileOutcome::Busy => panic!("no other process holds the lease"),
            ReconcileOutcome::Some { repaired } => all += repaired,
            ReconcileOutcome::All { repaired } => return all + repaired,
        }
    }
}

async fn where_all_is_well_nothing_is_found(bed: Bed) {
    let ann = bed.user("Ann").await;
    save_alert(&bed.store, &ann, "bike -parts", 100).await;
    let batch = (0..5000_i64).map(|n| listing(&n.to_string(), "red bike", 50 + n % 100));
    bed.store.listings().ingest(batch.collect()).await.unwrap();
    let before = bed.store.counts().await.unwrap().notifications;
    assert_eq!(before, 2_500 + 50);
    for kind in QueryKind::ALL {
        assert_eq!(
            (reconcile(&bed.store, kind).await, bed.store.matches().count_repaired(kind).await.unwrap()),
            (0, 0)
        );
    }
    assert_eq!(bed.store.counts().await.unwrap().notifications, before);
}

async fn what_was_not_matched_is_told_once(bed: Bed) {
    let unmatched = bed.again_without_matching().await;
    let ann = bed.user("Ann").await;
    unmatched.listings().ingest(vec![listing("0", "bike", 10)]).await.unwrap();
    save_alert(&bed.store, &ann, "bike", 100).await;
    let search = json!({ "name": "Bikes", "keywords": "bike", "cadence": "instant" });
    bed.store.queries().create(ann.id, &NewSavedSearch::from_json(&search, Currency::USD).unwrap()).await.unwrap();
    bed.store.listings().ingest(vec![listing("1", "bike", 90)]).await.unwrap();
    unmatched
        .listings()
        .ingest(vec![listing("2", "bike", 80), listing("1", "bike", 70), listing("3", "car", 5)])
        .await
        .unwrap();
    unmatched.listings().ingest(vec![listing("2", "bike", 60), listing("0", "bike", 9)]).await.unwrap();
    assert_eq!(notified(&bed, &ann).await.len(), 2, "the alert and the search");
    assert_eq!(reconcile(&bed.store, QueryKind::PriceAlert).await, 2);
    let prices: Vec<_> = notified(&bed, &ann).await.split_off(2);
    assert_eq!(prices, [("1".to_owned(), json!(70)), ("2".to_owned(), json!(60))], "as they are now");
    assert_eq!(reconcile(&bed.store, QueryKind::SavedSearch).await, 1);
    assert_eq!(notified(&bed, &ann).await.len(), 5);
    for kind in QueryKind::ALL {
        assert_eq!(reconcile(&bed.store, kind).await, 0);
    }
    assert_eq!(bed.store.matches().count_repaired(QueryKind::PriceAlert).await.unwrap(), 2);
    assert_eq!(bed.store.matches().count_repaired(QueryKind::SavedSearch).await.unwrap(), 1);
}

async fn what_the_log_has_forgotten_is_looked_at(bed: Bed) {
    let unmatched = bed.again_without_matching().await;
    let ann = bed.user("Ann").await;
    save_alert(&bed.store, &ann, "bike", 100).await;
    let batch = (0..3000_i64).map(|n| listing(&n.to_string(), "bike", 2 + n % 50));
    unmatched.listings().ingest(batch.collect()).await.unwrap();
    let day = Duration::from_hours(24);
    bed.clock.advance(day * 3);
    let policy = RetentionLimits { events_keep: day, listings_keep: None };
    while bed.store.prune(&policy, bed.clock.now(), 1000).await.unwrap().more {}
    assert_eq!(bed.store.events().bounds().await.unwrap().oldest, bed.store.events().bounds().await.unwrap().head + 1);
    unmatched.listings().ingest(vec![listing("new", "bike", 7)]).await.unwrap();
    assert_eq!(reconcile(&bed.store, QueryKind::PriceAlert).await, 3001);
    assert_eq!(reconcile(&bed.store, QueryKind::PriceAlert).await, 0);
}

async fn one_process_looks_at_a_time(bed: Bed) {
    let unmatched = bed.again_without_matching().await;
    let ann = bed.user("Ann").await;
    save_alert(&bed.store, &ann, "bike", 100).await;
    let batch = (0..2500_i64).map(|n| listing(&n.to_string(), "bike", 2 + n % 50));
    unmatched.listings().ingest(batch.collect()).await.unwrap();
    let look = |holder| bed.store.matches().reconcile(QueryKind::PriceAlert, holder);
    assert_eq!(look(1).await.unwrap(), ReconcileOutcome::Some { repaired: 2000 });
    assert_eq!(look(2).await.unwrap(), ReconcileOutcome::Busy);
    bed.clock.advance(Duration::from_secs(15));
    assert_eq!(look(2).await.unwrap(), ReconcileOutcome::All { repaired: 500 }, "the first fell silent");
    assert_eq!(look(1).await.unwrap(), ReconcileOutcome::All { repaired: 0 }, "the lease was released");
    let both = tokio::join!(look(1), look(2));
    assert!(both.0.is_ok() && both.1.is_ok());
    assert_eq!(notified(&bed, &ann).await.len(), 500, "a page of them");
    assert_eq!(bed.store.counts().await.unwrap().notifications, 2500);
}

async fn what_no_longer_applies_is_not_told(bed: Bed) {
    let unmatched = bed.again_without_matching().await;
    let ann = bed.user("Ann").await;
    let bob = bed.user("Bob").await;
    save_alert(&bed.store, &ann, "bike", 100).await;
    save_alert(&bed.store, &bob, "bike", 100).await;
    unmatched.listings().ingest(vec![listing("1", "bike", 90), listing("2", "bike", 90)]).await.unwrap();
    unmatched.listings().ingest(vec![listing("1", "bike", 200), listing("2", "kayak", 90)]).await.unwrap();
    bed.store.users().set_disabled(bob.id, true).await.unwrap();
    unmatched.listings().ingest(vec![listing("3", "bike", 90)]).await.unwrap();
    assert_eq!(reconcile(&bed.store, QueryKind::PriceAlert).await, 1);
    assert_eq!(notified(&bed, &ann).await, [("3".to_owned(), json!(90))]);
    assert_eq!(notified(&bed, &bob).await, []);
}
