//! Price alerts and saved searches: who is notified of what, once.

use std::time::Duration;

use serde_json::{Value, json};
use superbot_domain::{
    Clock, Currency, EventKind, NewListing, NewPriceAlert, NewSavedSearch, QueryChange, QueryKind, StandingQuery,
    StoredQuery, User,
};
use superbot_store::{RetentionLimits, Store, StoreError};

use crate::bed::{Bed, listing};

crate::on_every_back_end!(
    a_match_is_told_before_everyone_hears_of_the_listing,
    yesterdays_listings_are_not_told_until_they_cross,
    drops_are_told_against_the_price_last_told,
    a_description_that_arrives_later_is_matched,
    a_batch_is_told_posting_by_posting,
    what_comes_within_the_cooldown_is_joined,
    a_paused_alert_is_silent,
    a_paused_search_is_silent,
    pausing_and_resuming_are_idempotent,
    an_edit_changes_what_is_stored,
    an_alert_of_another_process_is_known_at_once,
    a_search_counts_a_listing_once_and_tells_at_its_cadence,
    a_search_that_does_not_notify_only_collects,
    a_deleted_querys_hits_are_forgotten,
    a_disabled_users_alerts_match_nothing,
    a_pruned_listing_that_comes_back_is_not_told_again,
    what_makes_no_sense_is_refused,
    queries_are_their_owners_alone,
);

fn alert(keywords: &str, threshold: i64) -> NewPriceAlert {
    let value = json!({ "keywords": keywords, "threshold_price": threshold });
    NewPriceAlert::from_json(&value, Currency::USD).unwrap()
}

fn search(more: &Value) -> NewSavedSearch {
    let mut value = json!({ "name": "Bikes", "keywords": "bike" });
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    NewSavedSearch::from_json(&value, Currency::USD).unwrap()
}

async fn with_alert(bed: &Bed, keywords: &str, threshold: i64) -> (User, StoredQuery<NewPriceAlert>) {
    let ann = bed.user("Ann").await;
    let saved = bed.store.queries().create(ann.id, &alert(keywords, threshold)).await.unwrap();
    (ann, saved)
}

/// Data of the user's notifications, oldest first.
async fn notified(store: &Store, user: &User) -> Vec<Value> {
    let mut page = store.notifications().page(user.id, false, None, 500).await.unwrap().items;
    page.reverse();
    page.iter().map(|notification| serde_json::from_str(notification.data.as_str()).unwrap()).collect()
}

async fn notified_prices(bed: &Bed, user: &User) -> Vec<Value> {
    notified(&bed.store, user).await.iter().map(|data| data["listing"]["price"].clone()).collect()
}

async fn post(bed: &Bed, title: &str, price: impl Into<Value>) {
    bed.store.listings().ingest(vec![listing("1", title, price)]).await.unwrap();
}

async fn a_match_is_told_before_everyone_hears_of_the_listing(bed: Bed) {
    let (ann, saved) = with_alert(&bed, "F-150 -parts", 9000).await;
    let other = bed.user("Bob").await;
    bed.store.queries().create(other.id, &alert("corvette", 9000)).await.unwrap();
    let before = bed.store.events().bounds().await.unwrap().head;
    let stored = bed
        .store
        .listings()
        .ingest(vec![listing("1", "Ford F150", 8000), listing("2", "F150 parts", 50)])
        .await
        .unwrap();
    let events = bed.store.events().list(before, 10).await.unwrap();
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Notification, EventKind::NewListing, EventKind::NewListing]);
    let payload = events[0].payload_json();
    assert_eq!(payload["type"], "price_alert");
    let mut data = payload["data"].clone();
    assert_eq!(data["listing"], events[1].payload_json());
    data["listing"] = json!(stored[0].id);
    assert_eq!(
        data,
        json!({ "message": "Ford F150: 8000 USD, under your 9000 USD", "keywords": "F-150 -parts",
            "threshold_price": 9000, "alert_type": "under", "price_per": null, "currency": "USD", "alert_id": saved.id,
            "listing": stored[0].id })
    );
    assert_eq!((notified(&bed.store, &ann).await.len(), notified(&bed.store, &other).await.len()), (1, 0));
    post(&bed, "Ford F150", 8000).await;
    assert_eq!(notified(&bed.store, &ann).await.len(), 1, "known as it is");
    let saved = bed.store.queries::<NewPriceAlert>().get(ann.id, saved.id).await.unwrap().unwrap();
    assert_eq!(saved.last_told_at, Some(bed.clock.now()));
}

async fn yesterdays_listings_are_not_told_until_they_cross(bed: Bed) {
    post(&bed, "bike", 120).await;
    let (ann, _) = with_alert(&bed, "bike", 100).await;
    bed.store.listings().ingest(vec![listing("2", "bike", 90)]).await.unwrap();
    post(&bed, "bike", 110).await;
    assert_eq!(notified_prices(&bed, &ann).await, [90]);
    post(&bed, "bike", 100).await;
    assert_eq!(notified_prices(&bed, &ann).await, [90, 100]);
    let late = bed.user("Late").await;
    bed.store.queries().create(late.id, &alert("bike", 100)).await.unwrap();
    post(&bed, "bike", 80).await;
    assert_eq!(notified_prices(&bed, &late).await, [0; 0], "it was within the limit all the time");
}

async fn drops_are_told_against_the_price_last_told(bed: Bed) {
    let (ann, _) = with_alert(&bed, "bike", 1000).await;
    for price in [json!(900), json!(895), json!(891), json!(1200), json!(891), json!(null), json!(1300), json!(950)] {
        post(&bed, "bike", price).await;
    }
    assert_eq!(notified_prices(&bed, &ann).await, [900, 891, 950]);
}

async fn a_description_that_arrives_later_is_matched(bed: Bed) {
    let (ann, _) = with_alert(&bed, "bike titanium", 1000).await;
    post(&bed, "bike", 900).await;
    assert!(notified(&bed.store, &ann).await.is_empty());
    let value = json!({ "title": "bike", "link": "https://example.com/1", "source": "test", "price": 900,
        "description": "Titanium frame" });
    let described = NewListing::from_json(&value, Currency::USD).unwrap();
    bed.store.listings().ingest(vec![described.clone()]).await.unwrap();
    bed.store.listings().ingest(vec![described]).await.unwrap();
    assert_eq!(notified_prices(&bed, &ann).await, [900]);
}

async fn a_batch_is_told_posting_by_posting(bed: Bed) {
    let (ann, _) = with_alert(&bed, "bike", 1000).await;
    let batch = [1200, 900, 890, 890, 895].map(|price| listing("1", "bike", price)).to_vec();
    bed.store.listings().ingest(batch).await.unwrap();
    assert_eq!(notified_prices(&bed, &ann).await, [900, 890]);
}

async fn what_comes_within_the_cooldown_is_joined(bed: Bed) {
    let ann = bed.user("Ann").await;
    let wants = NewPriceAlert { cooldown_minutes: 60, ..alert("bike", 1000) };
    let saved = bed.store.queries().create(ann.id, &wants).await.unwrap();
    for n in 0..4 {
        bed.store.listings().ingest(vec![listing(&n.to_string(), &format!("bike {n}"), 100 + n)]).await.unwrap();
    }
    assert_eq!(notified_prices(&bed, &ann).await, [100]);
    assert_eq!(
        bed.store.matches().notify_waiting(QueryKind::PriceAlert, bed.clock.now(), 100).await.unwrap(),
        0,
        "the cooldown is not over"
    );
    bed.clock.advance(Duration::from_hours(1));
    assert_eq!(bed.store.matches().notify_waiting(QueryKind::PriceAlert, bed.clock.now(), 100).await.unwrap(), 1);
    assert_eq!(
        bed.store.matches().notify_waiting(QueryKind::PriceAlert, bed.clock.now(), 100).await.unwrap(),
        0,
        "told once"
    );
    let joined = &notified(&bed.store, &ann).await[1];
    assert_eq!((&joined["results_count"], &joined["listing"]["price"]), (&json!(3), &json!(103)));
    let prices: Vec<_> = joined["listings"].as_array().unwrap().iter().map(|listing| &listing["price"]).collect();
    assert_eq!(prices, [103, 102, 101]);
    assert_eq!(joined["message"], "bike 3: 103 USD, under your 1000 USD (and 2 more listings)");
    let alert = bed.store.queries::<NewPriceAlert>().get(ann.id, saved.id).await.unwrap().unwrap();
    assert_eq!(alert.last_told_at, Some(bed.clock.now()));
    bed.clock.advance(Duration::from_mins(61));
    bed.store.listings().ingest(vec![listing("9", "bike", 5)]).await.unwrap();
    assert_eq!(notified(&bed.store, &ann).await.len(), 3, "the next match is notified at once");
}

/// Pauses or resumes a query, and returns its new state.
async fn set_active<Q: StandingQuery>(bed: &Bed, user: &User, id: Q::Id, active: bool) -> StoredQuery<Q> {
    bed.store.queries().update(user.id, id, move |_| Ok(QueryChange::SetActive(active))).await.unwrap().unwrap()
}

async fn a_paused_alert_is_silent(bed: Bed) {
    let (ann, saved) = with_alert(&bed, "bike", 1000).await;
    set_active::<NewPriceAlert>(&bed, &ann, saved.id, false).await;
    post(&bed, "bike", 900).await;
    let resumed = set_active::<NewPriceAlert>(&bed, &ann, saved.id, true).await;
    assert!(resumed.wants.active);
    post(&bed, "bike", 800).await;
    assert_eq!(notified_prices(&bed, &ann).await, [0; 0], "it came while the alert slept");
    bed.store.listings().ingest(vec![listing("2", "bike", 700)]).await.unwrap();
    assert_eq!(notified_prices(&bed, &ann).await, [700]);
}

async fn a_paused_search_is_silent(bed: Bed) {
    let ann = bed.user("Ann").await;
    let saved = bed.store.queries().create(ann.id, &search(&json!({ "cadence": "instant" }))).await.unwrap();
    let paused = set_active::<NewSavedSearch>(&bed, &ann, saved.id, false).await;
    assert_eq!(paused.wants, NewSavedSearch { active: false, ..saved.wants.clone() });
    post(&bed, "bike", 900).await;
    assert_eq!(set_active::<NewSavedSearch>(&bed, &ann, saved.id, true).await.wants, saved.wants);
    assert_eq!(bed.store.matches().notify_waiting(QueryKind::SavedSearch, bed.clock.now(), 100).await.unwrap(), 0);
    assert!(notified(&bed.store, &ann).await.is_empty(), "it came while the search was paused");
    bed.store.listings().ingest(vec![listing("2", "bike", 700)]).await.unwrap();
    let notified = notified(&bed.store, &ann).await;
    assert_eq!((notified.len(), &notified[0]["listings"][0]["price"]), (1, &json!(700)));
}

/// Setting the current state again must not reset what the query has found.
async fn pausing_and_resuming_are_idempotent(bed: Bed) {
    let (ann, saved) = with_alert(&bed, "bike titanium", 1000).await;
    post(&bed, "bike", 900).await;
    bed.clock.advance(Duration::from_mins(1));
    let head = bed.store.events().bounds().await.unwrap().head;
    assert_eq!(set_active::<NewPriceAlert>(&bed, &ann, saved.id, true).await, saved);
    assert_eq!(bed.store.events().bounds().await.unwrap().head, head, "nothing changed");
    post(&bed, "bike titanium", 900).await;
    assert_eq!(notified_prices(&bed, &ann).await, [900]);
    let paused = set_active::<NewPriceAlert>(&bed, &ann, saved.id, false).await;
    assert_eq!((paused.wants.active, paused.updated_at), (false, bed.clock.now()));
    bed.clock.advance(Duration::from_mins(1));
    assert_eq!(set_active::<NewPriceAlert>(&bed, &ann, saved.id, false).await, paused);
}

/// An edit may also pause, and is based on the stored state at that moment.
async fn an_edit_changes_what_is_stored(bed: Bed) {
    let (ann, saved) = with_alert(&bed, "bike", 1000).await;
    let pause = |wants: NewPriceAlert| Ok(QueryChange::Edit(NewPriceAlert { active: false, ..wants }));
    let rename = |wants: NewPriceAlert| Ok(QueryChange::Edit(NewPriceAlert { keywords: "kayak".to_owned(), ..wants }));
    let store = &bed.store;
    let (paused, renamed) =
        tokio::join!(store.queries().update(ann.id, saved.id, pause), store.queries().update(ann.id, saved.id, rename));
    assert!(paused.unwrap().is_some() && renamed.unwrap().is_some());
    let both = store.queries::<NewPriceAlert>().get(ann.id, saved.id).await.unwrap().unwrap();
    assert_eq!((both.wants.active, both.wants.keywords.as_str()), (false, "kayak"));
    post(&bed, "kayak", 900).await;
    assert!(notified(store, &ann).await.is_empty(), "a paused alert stays paused when it is edited");
}

async fn an_alert_of_another_process_is_known_at_once(bed: Bed) {
    let (ann, first) = with_alert(&bed, "bike", 1000).await;
    post(&bed, "bike", 900).await;
    let other = bed.again().await;
    let second = other.queries().create(ann.id, &alert("kayak", 1000)).await.unwrap();
    assert!(other.queries::<NewPriceAlert>().delete(ann.id, first.id).await.unwrap());
    bed.store.listings().ingest(vec![listing("2", "bike", 1), listing("3", "kayak", 3)]).await.unwrap();
    other.listings().ingest(vec![listing("4", "kayak", 4)]).await.unwrap();
    assert_eq!(notified_prices(&bed, &ann).await, [900, 3, 4]);
    let left: Vec<_> =
        bed.store.queries::<NewPriceAlert>().list(ann.id).await.unwrap().into_iter().map(|alert| alert.id).collect();
    assert_eq!(left, [second.id]);
}

async fn a_search_counts_a_listing_once_and_tells_at_its_cadence(bed: Bed) {
    let ann = bed.user("Ann").await;
    let saved = bed.store.queries().create(ann.id, &search(&json!({ "max_price": 500 }))).await.unwrap();
    let instant = search(&json!({ "name": "Now", "cadence": "instant", "location": "provo" }));
    bed.store.queries().create(ann.id, &instant).await.unwrap();
    for (link, price) in [("1", 100), ("2", 600), ("1", 90), ("2", 400), ("3", 300)] {
        bed.store.listings().ingest(vec![listing(link, "bike", price)]).await.unwrap();
    }
    assert!(notified(&bed.store, &ann).await.is_empty());
    assert_eq!(bed.store.matches().notify_waiting(QueryKind::SavedSearch, bed.clock.now(), 100).await.unwrap(), 1);
    let first = notified(&bed.store, &ann).await.remove(0);
    assert_eq!(
        (&first["search_id"], &first["search_name"], &first["results_count"], &first["message"]),
        (&json!(saved.id), &json!("Bikes"), &json!(3), &json!("3 new listings for \"Bikes\""))
    );
    let prices: Vec<_> = first["listings"].as_array().unwrap().iter().map(|listing| &listing["price"]).collect();
    assert_eq!(prices, [300, 400, 90], "the newest first, as they are now");
    bed.store.listings().ingest(vec![listing("4", "bike", 100), listing("3", "bike", 10)]).await.unwrap();
    assert_eq!(
        bed.store.matches().notify_waiting(QueryKind::SavedSearch, bed.clock.now(), 100).await.unwrap(),
        0,
        "not within 15 minutes"
    );
    bed.clock.advance(Duration::from_mins(15));
    assert_eq!(bed.store.matches().notify_waiting(QueryKind::SavedSearch, bed.clock.now(), 100).await.unwrap(), 1);
    let value = json!({ "title": "bike", "link": "https://example.com/5", "source": "test", "location": "Provo, UT" });
    bed.store.listings().ingest(vec![NewListing::from_json(&value, Currency::USD).unwrap()]).await.unwrap();
    let notified = notified(&bed.store, &ann).await;
    let counts: Vec<_> = notified.iter().map(|data| (&data["search_name"], &data["results_count"])).collect();
    assert_eq!(counts[1..], [(&json!("Bikes"), &json!(1)), (&json!("Now"), &json!(1))]);
}

async fn a_search_that_does_not_notify_only_collects(bed: Bed) {
    let ann = bed.user("Ann").await;
    bed.store.queries().create(ann.id, &search(&json!({ "notify_new": false }))).await.unwrap();
    post(&bed, "bike", 100).await;
    bed.clock.advance(Duration::from_hours(48));
    assert_eq!(bed.store.matches().notify_waiting(QueryKind::SavedSearch, bed.clock.now(), 100).await.unwrap(), 0);
    assert!(notified(&bed.store, &ann).await.is_empty());
}

async fn a_deleted_querys_hits_are_forgotten(bed: Bed) {
    let (ann, saved) = with_alert(&bed, "bike", 1000).await;
    let wants = NewPriceAlert { cooldown_minutes: 60, ..alert("bike", 1000) };
    let waiting = bed.store.queries().create(ann.id, &wants).await.unwrap();
    let kept = bed.store.queries().create(ann.id, &wants).await.unwrap();
    for batch in 0..2 {
        let batch = (0..10).map(|n| listing(&format!("{batch}/{n}"), "bike", 100 + n));
        bed.store.listings().ingest(batch.collect()).await.unwrap();
    }
    assert!(bed.store.queries::<NewPriceAlert>().delete(ann.id, saved.id).await.unwrap());
    assert!(bed.store.queries::<NewPriceAlert>().delete(ann.id, waiting.id).await.unwrap());
    let before = bed.store.counts().await.unwrap().hits;
    assert_eq!(before, 3 * 20);
    let policy = RetentionLimits { events_keep: Duration::from_hours(999), listings_keep: None };
    while bed.store.prune(&policy, bed.clock.now(), 7).await.unwrap().more {}
    assert_eq!(bed.store.counts().await.unwrap().hits, 20);
    bed.clock.advance(Duration::from_hours(1));
    assert_eq!(bed.store.matches().notify_waiting(QueryKind::PriceAlert, bed.clock.now(), 100).await.unwrap(), 1);
    let last = notified(&bed.store, &ann).await.pop().unwrap();
    assert_eq!((&last["alert_id"], &last["results_count"]), (&json!(kept.id), &json!(10)));
}

async fn a_disabled_users_alerts_match_nothing(bed: Bed) {
    let (ann, _) = with_alert(&bed, "bike", 1000).await;
    bed.store.users().set_disabled(ann.id, true).await.unwrap();
    post(&bed, "bike", 900).await;
    bed.store.users().set_disabled(ann.id, false).await.unwrap();
    bed.store.listings().ingest(vec![listing("2", "bike", 800)]).await.unwrap();
    assert_eq!(notified_prices(&bed, &ann).await, [800]);
}

async fn a_pruned_listing_that_comes_back_is_not_told_again(bed: Bed) {
    let (ann, _) = with_alert(&bed, "bike", 1000).await;
    post(&bed, "bike", 900).await;
    let late = bed.user("Late").await;
    bed.store.queries().create(late.id, &alert("bike", 1000)).await.unwrap();
    let day = Duration::from_hours(24);
    bed.clock.advance(day * 3);
    let policy = RetentionLimits { events_keep: day, listings_keep: Some(day) };
    assert_eq!(bed.store.prune(&policy, bed.clock.now(), 100).await.unwrap().listings, 1);
    post(&bed, "bike", 900).await;
    assert_eq!(notified_prices(&bed, &ann).await, [900]);
    post(&bed, "bike", 800).await;
    assert_eq!(notified_prices(&bed, &ann).await, [900, 800]);
    assert_eq!(notified_prices(&bed, &late).await, [0; 0], "it is yesterday's, also when it was away");
}

async fn what_makes_no_sense_is_refused(bed: Bed) {
    let ann = bed.user("Ann").await;
    for (keywords, message) in [
        ("bike (", "keywords: at character 6: there is nothing to look for here; give at least one word"),
        ("", "keywords: are missing; without any, give a limit on the price and at least one source"),
    ] {
        let refused = bed.store.queries().create(ann.id, &alert(keywords, 5)).await.unwrap_err();
        assert!(matches!(&refused, StoreError::Invalid(invalid) if invalid.to_string() == message), "{refused}");
    }
    let wordless = NewPriceAlert { sources: vec!["test".parse().unwrap()], ..alert("", 50) };
    for _ in 0..5 {
        bed.store.queries().create(ann.id, &wordless).await.unwrap();
    }
    let refused = bed.store.queries().create(ann.id, &wordless).await.unwrap_err();
    assert!(refused.to_string().contains("5 alerts and searches without keywords"), "{refused}");
    post(&bed, "anything", 50).await;
    assert_eq!(notified(&bed.store, &ann).await.len(), 5);
}

async fn queries_are_their_owners_alone(bed: Bed) {
    let (ann, saved) = with_alert(&bed, "bike", 1000).await;
    let bob = bed.user("Bob").await;
    let alerts = bed.store.queries::<NewPriceAlert>();
    let searches = bed.store.queries::<NewSavedSearch>();
    let kayak = |_| Ok(QueryChange::Edit(alert("kayak", 1)));
    assert_eq!(alerts.get(bob.id, saved.id).await.unwrap(), None);
    assert_eq!(alerts.update(bob.id, saved.id, kayak).await.unwrap(), None);
    assert_eq!(alerts.update(bob.id, saved.id, |_| Ok(QueryChange::SetActive(false))).await.unwrap(), None);
    assert!(!alerts.delete(bob.id, saved.id).await.unwrap());
    assert!(!searches.delete(ann.id, saved.id.get().into()).await.unwrap(), "it is an alert");
    assert_eq!(alerts.get(ann.id, saved.id).await.unwrap(), Some(saved.clone()), "nothing of that did anything");
    let edited = alerts.update(ann.id, saved.id, kayak).await.unwrap().unwrap();
    assert_eq!(edited.wants, alert("kayak", 1));
    assert_eq!(alerts.get(ann.id, saved.id).await.unwrap(), Some(edited));
    let found = searches.create(ann.id, &search(&json!({}))).await.unwrap();
    assert_eq!(searches.list(ann.id).await.unwrap(), std::slice::from_ref(&found));
    let renamed = search(&json!({ "name": "Others" }));
    let renamed =
        searches.update(ann.id, found.id, move |_| Ok(QueryChange::Edit(renamed.clone()))).await.unwrap().unwrap();
    assert_eq!(searches.get(ann.id, found.id).await.unwrap(), Some(renamed));
    assert!(searches.delete(ann.id, found.id).await.unwrap());
}
