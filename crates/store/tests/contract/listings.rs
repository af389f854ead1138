//! Ingestion, and reading listings.

use std::time::Duration;

use serde_json::json;
use superbot_domain::{Currency, EventKind, ItemCondition, ListingId, LogEvent, Money, NewListing, Price};
use superbot_store::{
    IngestOutcome, IngestedListing, ListingQuery, ListingSort, PricePoint, RetentionLimits, Store, StoreError,
};

use crate::bed::{Bed, listing};

crate::on_every_back_end!(
    a_new_listing_is_stored_and_told,
    posting_it_again_tells_what_changed,
    what_is_left_out_stays,
    a_changed_condition_is_an_update,
    one_batch_may_post_a_listing_twice,
    large_batches_are_taken_in_order,
    signed_pictures_are_no_news,
    a_pruned_listing_is_not_new_again,
    lists_are_read_page_by_page,
    queries_find_words_and_prices,
    the_largest_fall_comes_first,
);

async fn log(store: &Store) -> Vec<LogEvent> {
    store.events().list(0, 10_000).await.unwrap()
}

async fn post(bed: &Bed, new: NewListing) -> IngestedListing {
    let outcomes = bed.store.listings().ingest(vec![new]).await.unwrap();
    assert_eq!(outcomes.len(), 1);
    outcomes[0]
}

fn dollars(units: i64) -> Price {
    Price::Amount(Money { minor: units * 100, currency: Currency::USD })
}

async fn a_new_listing_is_stored_and_told(bed: Bed) {
    let IngestedListing { id, outcome, .. } = post(&bed, listing("1?utm_source=x", "Corvette Z06", 28_000)).await;
    assert_eq!(outcome, IngestOutcome::Created);
    let stored = bed.store.listings().get(id).await.unwrap().unwrap();
    assert_eq!((stored.title.as_str(), stored.price), ("Corvette Z06", dollars(28_000)));
    assert_eq!(stored.link, "https://example.com/1?utm_source=x");
    let events = log(&bed.store).await;
    assert_eq!((events.len(), events[0].seq, events[0].kind), (1, 1, EventKind::NewListing));
    let expected = json!({
        "id": id, "title": "Corvette Z06", "price": 28_000, "currency": "USD", "link": "https://example.com/1?utm_source=x",
        "source": "test", "location": null, "image_url": null, "condition": null, "external_id": null, "price_per": null, "created_at": "2025-10-09T08:53:20Z",
    });
    assert_eq!(events[0].payload_json(), expected);
    assert_eq!(bed.store.listings().get(ListingId::from(99)).await.unwrap(), None);
    assert_eq!(bed.store.listings().price_history(ListingId::from(99)).await.unwrap(), None);
}

async fn posting_it_again_tells_what_changed(bed: Bed) {
    let id = post(&bed, listing("1", "Z06", 28_000)).await.id;
    bed.clock.advance(Duration::from_mins(1));
    let cheaper = IngestOutcome::Updated { previous_price: Some(dollars(28_000)) };
    for (again, expected) in [
        (listing("1/?fbclid=y", "Z06", 28_000), IngestOutcome::Unchanged),
        (listing("1", "Z06", 27_000), cheaper),
        (listing("1", "Corvette Z06", 27_000), IngestOutcome::Updated { previous_price: None }),
    ] {
        let ingested = post(&bed, again).await;
        assert_eq!((ingested.id, ingested.outcome), (id, expected));
    }
    let notified: Vec<_> = log(&bed.store).await.iter().map(|event| (event.kind, event.payload_json())).collect();
    assert_eq!(notified.len(), 3);
    assert_eq!(
        (notified[1].0, &notified[1].1["price"], &notified[1].1["previous_price"]),
        (EventKind::ListingUpdated, &json!(27_000), &json!(28_000))
    );
    assert_eq!((&notified[2].1["title"], &notified[2].1["previous_price"]), (&json!("Corvette Z06"), &json!(27_000)));
    let history = bed.store.listings().price_history(id).await.unwrap().unwrap();
    let prices: Vec<Price> = history.iter().map(|point: &PricePoint| point.price).collect();
    assert_eq!(prices, [dollars(28_000), dollars(27_000)]);
    let stored = bed.store.listings().get(id).await.unwrap().unwrap();
    assert_eq!(stored.previous_price, Some(dollars(28_000)));
    assert_eq!(stored.updated_at.duration_since(stored.first_seen_at).as_secs(), 60);
}

async fn what_is_left_out_stays(bed: Bed) {
    let mut full = listing("1", "Z06", 28_000);
    full.details.description = Some("Runs.".to_owned());
    full.details.location = Some("Provo".to_owned());
    let id = post(&bed, full).await.id;
    let again = post(&bed, listing("1", "Z06", json!(null))).await;
    assert_eq!((again.outcome, again.price), (IngestOutcome::Unchanged, dollars(28_000)));
    let stored = bed.store.listings().get(id).await.unwrap().unwrap();
    assert_eq!(
        (stored.details.description.as_deref(), stored.details.location.as_deref()),
        (Some("Runs."), Some("Provo"))
    );
    assert_eq!(stored.price, dollars(28_000));
    let mut described = listing("1", "Z06", 28_000);
    described.details.description = Some("Runs well.".to_owned());
    assert_eq!(post(&bed, described).await.outcome, IngestOutcome::Updated { previous_price: None });
}

async fn a_changed_condition_is_an_update(bed: Bed) {
    let posting = |condition| {
        let mut new = listing("1", "Kayak", 300);
        new.details.condition = condition;
        new.details.external_id = Some("k-1".to_owned());
        new
    };
    let changed = IngestOutcome::Updated { previous_price: None };
    for (posted, expected, kept) in [
        (None, IngestOutcome::Created, None),
        (Some(ItemCondition::LikeNew), changed, Some(ItemCondition::LikeNew)),
        (Some(ItemCondition::LikeNew), IngestOutcome::Unchanged, Some(ItemCondition::LikeNew)),
        (Some(ItemCondition::Parts), changed, Some(ItemCondition::Parts)),
        (None, IngestOutcome::Unchanged, Some(ItemCondition::Parts)),
    ] {
        let ingested = post(&bed, posting(posted)).await;
        assert_eq!(ingested.outcome, expected, "{posted:?}");
        let stored = bed.store.listings().get(ingested.id).await.unwrap().unwrap();
        assert_eq!(stored.details.condition, kept, "{posted:?}");
    }
    let payloads: Vec<_> = log(&bed.store).await.iter().map(LogEvent::payload_json).collect();
    let sent: Vec<_> = payloads.iter().map(|payload| (&payload["condition"], &payload["external_id"])).collect();
    let id = &json!("k-1");
    assert_eq!(sent, [(&json!(null), id), (&json!("like_new"), id), (&json!("parts"), id)]);
}

async fn one_batch_may_post_a_listing_twice(bed: Bed) {
    let batch = vec![listing("1", "A", 10), listing("2", "B", 20), listing("1", "A", 9), listing("1/", "A", 9)];
    let outcomes: Vec<_> = bed.store.listings().ingest(batch).await.unwrap();
    assert_eq!(outcomes[0].id, outcomes[2].id);
    let outcomes: Vec<_> = outcomes.into_iter().map(|ingested| ingested.outcome).collect();
    let cheaper = IngestOutcome::Updated { previous_price: Some(dollars(10)) };
    assert_eq!(outcomes, [IngestOutcome::Created, IngestOutcome::Created, cheaper, IngestOutcome::Unchanged]);
    let prices: Vec<_> = log(&bed.store).await.iter().map(|event| event.payload_json()["price"].clone()).collect();
    assert_eq!(prices, [json!(10), json!(20), json!(9)]);
    assert!(bed.store.listings().ingest(Vec::new()).await.unwrap().is_empty());
}

async fn large_batches_are_taken_in_order(bed: Bed) {
    let batch: Vec<_> = (0..1000).map(|n| listing(&n.to_string(), &format!("Thing {n}"), n + 1)).collect();
    let first = bed.store.listings().ingest(batch.clone()).await.unwrap();
    assert!(first.iter().all(|ingested| ingested.outcome == IngestOutcome::Created));
    let again = bed.store.listings().ingest(batch).await.unwrap();
    assert!(again.iter().all(|ingested| ingested.outcome == IngestOutcome::Unchanged));
    let notified: Vec<_> = log(&bed.store).await.iter().map(|event| event.payload_json()["title"].clone()).collect();
    let expected: Vec<_> = (0..1000).map(|n| json!(format!("Thing {n}"))).collect();
    assert_eq!(notified, expected);
    for (n, ingested) in first.iter().enumerate().step_by(97) {
        assert_eq!(bed.store.listings().get(ingested.id).await.unwrap().unwrap().title, format!("Thing {n}"));
    }
}

async fn signed_pictures_are_no_news(bed: Bed) {
    let with_picture = |url: &str| {
        let mut new = listing("1", "A", 10);
        new.details.image_url = Some(url.to_owned());
        new
    };
    let id = post(&bed, with_picture("https://img.test/a.jpg?sig=1")).await.id;
    assert_eq!(post(&bed, with_picture("https://img.test/a.jpg?sig=2")).await.outcome, IngestOutcome::Unchanged);
    let stored = bed.store.listings().get(id).await.unwrap().unwrap();
    assert_eq!(stored.details.image_url.as_deref(), Some("https://img.test/a.jpg?sig=2"));
    let other = post(&bed, with_picture("https://img.test/b.jpg?sig=3")).await;
    assert_eq!(other.outcome, IngestOutcome::Updated { previous_price: None });
    assert_eq!(log(&bed.store).await.len(), 2);
}

async fn a_pruned_listing_is_not_new_again(bed: Bed) {
    let ids = [post(&bed, listing("1", "A", 10)).await.id, post(&bed, listing("2", "B", 20)).await.id];
    bed.clock.advance(Duration::from_hours(48));
    // The second listing is posted again, so it is not pruned.
    assert_eq!(post(&bed, listing("2", "B", 20)).await.outcome, IngestOutcome::Unchanged);
    let policy =
        RetentionLimits { events_keep: Duration::from_hours(999), listings_keep: Some(Duration::from_hours(24)) };
    let now = superbot_domain::Clock::now(&*bed.clock);
    assert_eq!(bed.store.prune(&policy, now, 100).await.unwrap().listings, 1);
    assert_eq!(bed.store.listings().get(ids[0]).await.unwrap(), None);
    assert!(bed.store.listings().get(ids[1]).await.unwrap().is_some());
    let again = post(&bed, listing("1", "A again", 10)).await;
    assert_eq!((again.id, again.outcome), (ids[0], IngestOutcome::Unchanged));
    bed.clock.advance(Duration::from_hours(48));
    let now = superbot_domain::Clock::now(&*bed.clock);
    assert_eq!(bed.store.prune(&policy, now, 100).await.unwrap().listings, 2);
    let cheaper = IngestOutcome::Updated { previous_price: Some(dollars(10)) };
    let outcomes = bed
        .store
        .listings()
        .ingest(vec![listing("1", "A", 8), listing("3", "C", 1), listing("1", "A", 8)])
        .await
        .unwrap();
    assert_eq!((outcomes[0].id, outcomes[0].outcome), (ids[0], cheaper));
    assert_eq!((outcomes[1].outcome, outcomes[2].outcome), (IngestOutcome::Created, IngestOutcome::Unchanged));
    assert!(outcomes[1].id > ids[1]);
}

async fn lists_are_read_page_by_page(bed: Bed) {
    let batch: Vec<_> = (0..25).map(|n| listing(&n.to_string(), &n.to_string(), 1 + n)).collect();
    bed.store.listings().ingest(batch).await.unwrap();
    let mut query = ListingQuery { limit: 10, ..ListingQuery::default() };
    let mut titles = Vec::new();
    loop {
        let page = bed.store.listings().page(&query).await.unwrap();
        titles.extend(page.items.into_iter().map(|listing| listing.title));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    let expected: Vec<_> = (0..25).rev().map(|n| n.to_string()).collect();
    assert_eq!(titles, expected);
    for cursor in ["", "0", "-1", "+1", "x", "ffffffffffffffffffff", "1 "] {
        let query = ListingQuery { cursor: Some(cursor.to_owned()), limit: 1, ..ListingQuery::default() };
        assert!(matches!(bed.store.listings().page(&query).await, Err(StoreError::BadCursor)), "{cursor}");
    }
}

async fn queries_find_words_and_prices(bed: Bed) {
    let mut described = listing("3", "Sofa", json!(null));
    described.details.description = Some("ÄRMELLOS 100% wool_mix".to_owned());
    let batch = vec![
        listing("1", "Red Corvette", 28_000),
        listing("2", "red bike", "24.99"),
        described,
        listing("4", "Gift", 0),
    ];
    bed.store.listings().ingest(batch).await.unwrap();
    bed.clock.advance(Duration::from_secs(5));
    let later = superbot_domain::Clock::now(&*bed.clock);
    bed.store.listings().ingest(vec![listing("5", "Late", 7)]).await.unwrap();
    let q = |q: &str| ListingQuery { q: Some(q.to_owned()), limit: 10, ..ListingQuery::default() };
    let all = ListingQuery { limit: 10, ..ListingQuery::default() };
    for (query, expected) in [
        (q("RED"), vec!["red bike", "Red Corvette"]),
        (q("red corv*"), vec!["Red Corvette"]),
        (q("red corv"), vec![]),
        (q("ärmellos 100%"), vec!["Sofa"]),
        (q("\"wool mix\""), vec!["Sofa"]),
        (q("corvette, sofa -red"), vec!["Sofa"]),
        (ListingQuery { min_price: Some(24.99), ..all.clone() }, vec!["red bike", "Red Corvette"]),
        (ListingQuery { max_price: Some(24.99), ..all.clone() }, vec!["Late", "Gift", "red bike"]),
        (ListingQuery { since: Some(later), ..all.clone() }, vec!["Late"]),
        (ListingQuery { sources: vec!["elsewhere".parse().unwrap()], ..all.clone() }, vec![]),
        (all, vec!["Late", "Gift", "Sofa", "red bike", "Red Corvette"]),
    ] {
        let found = bed.store.listings().page(&query).await.unwrap().items;
        let titles: Vec<_> = found.iter().map(|listing| listing.title.as_str()).collect();
        assert_eq!(titles, expected, "{query:?}");
    }
}

#[expect(clippy::many_single_char_names, reason = "five listings, whose titles say what they are")]
async fn the_largest_fall_comes_first(bed: Bed) {
    let fallen = async || {
        let query = ListingQuery { sort: ListingSort::Drop, limit: 10, ..ListingQuery::default() };
        let page = bed.store.listings().page(&query).await.unwrap();
        page.items.into_iter().map(|listing| listing.title).collect::<Vec<_>>()
    };
    let post = async |prices: [(&str, serde_json::Value); 5]| {
        let batch = prices.map(|(title, price)| listing(title, title, price));
        bed.store.listings().ingest(batch.to_vec()).await.unwrap();
    };
    let [a, b, c, d, e] = ["half", "tenth", "gift", "risen", "elsewhere"];
    post([(a, json!(100)), (b, json!(100)), (c, json!(5)), (d, json!(100)), (e, json!(100))]).await;
    assert!(fallen().await.is_empty());
    post([(a, json!(50)), (b, json!(90)), (c, json!(0)), (d, json!(110)), (e, json!("50 EUR"))]).await;
    assert_eq!(fallen().await, [c, a, b], "another currency cannot be compared");
    // A missing price changes nothing; a listing whose price rises no longer counts as fallen.
    post([(a, json!(null)), (b, json!(95)), (c, json!(null)), (d, json!(109)), (e, json!("49 EUR"))]).await;
    assert_eq!(fallen().await, [c, a, e, d]);
    let mut described = listing(a, a, json!(50));
    described.details.description = Some("Runs.".to_owned());
    bed.store.listings().ingest(vec![described]).await.unwrap();
    assert_eq!(fallen().await, [c, a, e, d], "its text is no price");

    // A pruned listing that returns at a lower price counts as fallen.
    bed.clock.advance(Duration::from_hours(48));
    let policy =
        RetentionLimits { events_keep: Duration::from_hours(999), listings_keep: Some(Duration::from_hours(24)) };
    let now = superbot_domain::Clock::now(&*bed.clock);
    assert_eq!(bed.store.prune(&policy, now, 100).await.unwrap().listings, 5);
    bed.store.listings().ingest(vec![listing(b, b, 19), listing(a, a, 50)]).await.unwrap();
    assert_eq!(fallen().await, [b]);
}
