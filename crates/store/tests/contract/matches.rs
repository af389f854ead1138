//! Which of a user's alerts and searches matched a listing, and why.

use std::time::Duration;

use serde_json::{Value, json};
use superbot_domain::{
    Clock, Currency, ListingId, ListingMatch, Money, NewPriceAlert, NewSavedSearch, Price, QueryKind,
    StandingQuery as _, User,
};
use superbot_store::RetentionLimits;

use crate::bed::{Bed, listing};

crate::on_every_back_end!(
    each_query_is_named_once_with_its_last_hit,
    what_waits_was_not_told,
    what_no_longer_matches_says_so,
    a_listing_that_comes_back_keeps_its_matches,
    matches_are_their_owners_alone,
);

async fn save_alert(bed: &Bed, user: &User, wants: &Value) -> i64 {
    let wants = NewPriceAlert::from_json(wants, Currency::USD).unwrap();
    bed.store.queries().create(user.id, &wants).await.unwrap().id.get()
}

async fn save_search(bed: &Bed, user: &User, wants: &Value) -> i64 {
    let wants = NewSavedSearch::from_json(wants, Currency::USD).unwrap();
    bed.store.queries().create(user.id, &wants).await.unwrap().id.get()
}

async fn post(bed: &Bed, title: &str, price: impl Into<Value>) -> ListingId {
    bed.store.listings().ingest(vec![listing("1", title, price)]).await.unwrap()[0].id
}

async fn matches(bed: &Bed, user: &User, id: ListingId) -> Vec<ListingMatch> {
    bed.store.matches().list(user.id, id).await.unwrap().unwrap()
}

fn dollars(units: i64) -> Price {
    Price::Amount(Money { minor: units * 100, currency: Currency::USD })
}

async fn each_query_is_named_once_with_its_last_hit(bed: Bed) {
    let ann = bed.user("Ann").await;
    let alert = save_alert(&bed, &ann, &json!({ "keywords": "bike -parts", "threshold_price": 100 })).await;
    let wants = json!({ "name": "Bikes", "keywords": "bike", "cadence": "instant" });
    let search = save_search(&bed, &ann, &wants).await;
    save_alert(&bed, &ann, &json!({ "keywords": "kayak", "threshold_price": 100 })).await;
    let first_at = bed.clock.now();
    let id = post(&bed, "red bike", 90).await;
    bed.clock.advance(Duration::from_mins(1));
    post(&bed, "red bike", 70).await;
    let found = matches(&bed, &ann, id).await;
    let because = "\"bike\" is in the title".to_owned();
    let of_alert = ListingMatch {
        kind: QueryKind::PriceAlert,
        id: alert,
        name: None,
        keywords: "bike -parts".to_owned(),
        price: Some(dollars(70)),
        told_at: Some(bed.clock.now()),
        ignored: false,
        still_matches: true,
        because: because.clone(),
    };
    let of_search = ListingMatch {
        kind: QueryKind::SavedSearch,
        id: search,
        name: Some("Bikes".to_owned()),
        keywords: "bike".to_owned(),
        price: Some(dollars(90)),
        told_at: Some(first_at),
        ignored: false,
        still_matches: true,
        because,
    };
    assert_eq!(found, [of_alert, of_search], "the last hit comes first; a search has only the first");
    assert_eq!(bed.store.matches().list(ann.id, 99.into()).await.unwrap(), None);
}

async fn what_waits_was_not_told(bed: Bed) {
    let ann = bed.user("Ann").await;
    save_search(&bed, &ann, &json!({ "name": "Daily", "keywords": "bike", "cadence": "daily" })).await;
    save_search(&bed, &ann, &json!({ "name": "Silent", "keywords": "bike", "notify_new": false })).await;
    let id = post(&bed, "bike", json!(null)).await;
    let notified = async || {
        let found = matches(&bed, &ann, id).await.into_iter();
        found.map(|found| (found.name.unwrap(), found.price, found.told_at)).collect::<Vec<_>>()
    };
    let unstated = Some(Price::Unstated);
    let silent = ("Silent".to_owned(), unstated, None);
    assert_eq!(notified().await, [silent.clone(), ("Daily".to_owned(), unstated, None)]);
    bed.store.matches().notify_waiting(QueryKind::SavedSearch, bed.clock.now(), 10).await.unwrap();
    assert_eq!(notified().await, [silent, ("Daily".to_owned(), unstated, Some(bed.clock.now()))]);
}

async fn what_no_longer_matches_says_so(bed: Bed) {
    let ann = bed.user("Ann").await;
    save_alert(&bed, &ann, &json!({ "keywords": "bike", "threshold_price": 100, "include_free": true })).await;
    let id = post(&bed, "bike", 0).await;
    post(&bed, "bike", 150).await;
    let found = matches(&bed, &ann, id).await.remove(0);
    assert_eq!((found.price, found.still_matches), (Some(Price::Free), false));
    assert_eq!(found.because, "the price 150 USD is over 100 USD");
}

async fn a_listing_that_comes_back_keeps_its_matches(bed: Bed) {
    let ann = bed.user("Ann").await;
    save_alert(&bed, &ann, &json!({ "keywords": "bike", "threshold_price": 100 })).await;
    save_search(&bed, &ann, &json!({ "name": "Bikes", "keywords": "bike", "cadence": "instant" })).await;
    let id = post(&bed, "bike", 90).await;
    let day = Duration::from_hours(24);
    bed.clock.advance(day * 3);
    let policy = RetentionLimits { events_keep: day, listings_keep: Some(day) };
    bed.store.prune(&policy, bed.clock.now(), 100).await.unwrap();
    assert_eq!(bed.store.matches().list(ann.id, id).await.unwrap(), None);
    assert_eq!(post(&bed, "bike", 90).await, id);
    let prices: Vec<_> = matches(&bed, &ann, id).await.iter().map(|found| (found.kind, found.price)).collect();
    assert_eq!(prices, [(QueryKind::SavedSearch, None), (QueryKind::PriceAlert, Some(dollars(90)))]);
}

async fn matches_are_their_owners_alone(bed: Bed) {
    let ann = bed.user("Ann").await;
    let bob = bed.user("Bob").await;
    let alert = save_alert(&bed, &ann, &json!({ "keywords": "bike", "threshold_price": 100 })).await;
    let id = post(&bed, "bike", 90).await;
    assert_eq!(matches(&bed, &bob, id).await, []);
    assert_eq!(matches(&bed, &ann, id).await.len(), 1);
    bed.store.queries::<NewPriceAlert>().delete(ann.id, alert.into()).await.unwrap();
    assert_eq!(matches(&bed, &ann, id).await, [], "a query that is gone is not named");
}
