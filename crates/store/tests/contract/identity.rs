//! Identification of listings, and reposts.

use std::time::Duration;

use serde_json::{Value, json};
use superbot_domain::{Currency, NewListing, NewPriceAlert, NewSavedSearch, QueryKind, StandingQuery as _, User};
use superbot_store::{IngestOutcome, IngestedListing, RetentionLimits, Store};

use crate::bed::{Bed, listing};

crate::on_every_back_end!(
    what_its_site_calls_the_same_is_one_listing,
    names_come_together_within_a_batch,
    a_name_is_remembered_when_its_listing_is_pruned,
    an_ad_put_up_again_is_linked_to_the_first,
    what_is_only_alike_is_not_linked,
    an_ad_put_up_again_is_told_again_only_when_it_is_cheaper,
    an_ad_that_nobody_was_told_of_is_told_when_it_is_put_up_again,
    workers_find_nothing_amiss_in_reposts,
    a_repost_that_waits_is_shown_itself,
    an_ad_that_is_ignored_is_ignored_when_it_is_put_up_again,
);

const DAY: Duration = Duration::from_hours(24);

fn named(link: &str, aliases: &[&str]) -> NewListing {
    let aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
    NewListing { aliases, ..listing(link, "Kayak", 300) }
}

fn ad(link: &str, title: &str, price: impl Into<Value>) -> NewListing {
    in_place("Provo, UT", listing(link, title, price))
}

fn in_place(location: &str, mut listing: NewListing) -> NewListing {
    listing.details.location = Some(location.to_owned());
    listing
}

async fn post(bed: &Bed, postings: Vec<NewListing>) -> Vec<IngestedListing> {
    bed.store.listings().ingest(postings).await.unwrap()
}

async fn reposted_of(bed: &Bed, posted: &IngestedListing) -> Option<i64> {
    bed.store.listings().get(posted.id).await.unwrap().unwrap().reposted_of.map(superbot_domain::ListingId::get)
}

async fn with_alert(bed: &Bed, cooldown_minutes: u32) -> User {
    let user = bed.user("Ann").await;
    let wants = json!({ "keywords": "bike", "threshold_price": 500, "cooldown_minutes": cooldown_minutes });
    bed.store.queries().create(user.id, &NewPriceAlert::from_json(&wants, Currency::USD).unwrap()).await.unwrap();
    user
}

/// Ids and prices in the user's notifications, oldest first.
async fn notified(store: &Store, user: &User) -> Vec<(i64, i64)> {
    let mut page = store.notifications().page(user.id, false, None, 500).await.unwrap().items;
    page.reverse();
    let data = page.iter().map(|notification| serde_json::from_str::<Value>(notification.data.as_str()).unwrap());
    let of = |data: Value| {
        let listing = if data["listing"].is_null() { &data["listings"][0] } else { &data["listing"] };
        (listing["id"].as_i64().unwrap(), listing["price"].as_i64().unwrap())
    };
    data.map(of).collect()
}

async fn what_its_site_calls_the_same_is_one_listing(bed: Bed) {
    let first = post(&bed, vec![named("a", &["77", "token"])]).await[0];
    assert_eq!(first.outcome, IngestOutcome::Created);
    for again in [named("a?utm_source=x", &[]), named("b", &["77"]), named("c", &["token", "other"]), named("b", &[])] {
        let again = post(&bed, vec![again]).await[0];
        assert_eq!((again.id, again.outcome), (first.id, IngestOutcome::Unchanged));
    }
    let other_source = NewListing { source: "other".parse().unwrap(), ..named("z", &["77"]) };
    assert_ne!(post(&bed, vec![other_source]).await[0].id, first.id, "each site has its own names");
    let link_like = named("y", &["https://example.com/b"]);
    assert_eq!(post(&bed, vec![link_like]).await[0].outcome, IngestOutcome::Created, "an id is no link");
    let cheaper = NewListing { aliases: vec!["other".to_owned()], ..listing("d", "Kayak", 250) };
    let cheaper = post(&bed, vec![cheaper]).await[0];
    assert!(cheaper.id == first.id && matches!(cheaper.outcome, IngestOutcome::Updated { .. }));
    assert_eq!(bed.store.listings().get(first.id).await.unwrap().unwrap().link, "https://example.com/a");
}

async fn names_come_together_within_a_batch(bed: Bed) {
    let batch = || vec![named("a", &["1"]), named("b", &["2"]), named("c", &["1"]), named("d", &["3", "2"])];
    let posted = post(&bed, batch()).await;
    assert_eq!((posted[0].id, posted[1].id), (posted[2].id, posted[3].id));
    assert_ne!(posted[0].id, posted[1].id);
    let ids = |posted: &[IngestedListing]| posted.iter().map(|posted| posted.id).collect::<Vec<_>>();
    assert_eq!(ids(&post(&bed, batch()).await), ids(&posted));
    // Two postings without a common name may concern the same listing.
    let both = post(&bed, vec![named("a", &[]), named("e", &["1"]), named("e", &[])]).await;
    assert!(both.iter().all(|one| one.id == posted[0].id && one.outcome == IngestOutcome::Unchanged), "{both:?}");
    assert_eq!(post(&bed, vec![named("e", &[])]).await[0].id, posted[0].id);
    // The same holds if one of them is known both by its link and by an id.
    let both = post(&bed, vec![named("a", &["1"]), named("e", &[])]).await;
    assert!(both.iter().all(|one| one.id == posted[0].id && one.outcome == IngestOutcome::Unchanged), "{both:?}");
}

async fn a_name_is_remembered_when_its_listing_is_pruned(bed: Bed) {
    let first = post(&bed, vec![named("a", &["77"])]).await[0];
    bed.clock.advance(2 * DAY);
    let policy = RetentionLimits { events_keep: 9 * DAY, listings_keep: Some(DAY) };
    let now = superbot_domain::Clock::now(&*bed.clock);
    assert_eq!(bed.store.prune(&policy, now, 10).await.unwrap().listings, 1);
    let back = post(&bed, vec![named("b", &["77"])]).await[0];
    assert_eq!((back.id, back.outcome), (first.id, IngestOutcome::Unchanged), "it is not new");
    assert_eq!(post(&bed, vec![named("a", &[])]).await[0].id, first.id);
    assert_eq!(post(&bed, vec![named("b", &[])]).await[0].id, first.id);
}

async fn an_ad_put_up_again_is_linked_to_the_first(bed: Bed) {
    let first = post(&bed, vec![ad("1", "Road bike", 400)]).await[0];
    bed.clock.advance(20 * DAY);
    let second = post(&bed, vec![ad("2", "ROAD  bike!", 400)]).await[0];
    assert_eq!(second.outcome, IngestOutcome::Created, "everyone may see it");
    assert_eq!(reposted_of(&bed, &second).await, Some(first.id.get()));
    // The latest sighting must be at most 30 days ago.
    bed.clock.advance(20 * DAY);
    let third = post(&bed, vec![ad("3", "road bike", 400)]).await[0];
    assert_eq!(reposted_of(&bed, &third).await, Some(first.id.get()));
    bed.clock.advance(31 * DAY);
    let late = post(&bed, vec![ad("4", "road bike", 400), ad("5", "road bike", 400)]).await;
    assert_eq!(reposted_of(&bed, &late[0]).await, None);
    assert_eq!(reposted_of(&bed, &late[1]).await, Some(late[0].id.get()), "within a batch too");
    let events = bed.store.events().list(0, 100).await.unwrap();
    let last = events.last().unwrap().payload_json();
    assert_eq!((&last["id"], &last["reposted_of"]), (&json!(late[1].id), &json!(late[0].id)));
    // A pruned original is recognized.
    let policy = RetentionLimits { events_keep: 90 * DAY, listings_keep: Some(DAY) };
    bed.clock.advance(2 * DAY);
    bed.store.prune(&policy, superbot_domain::Clock::now(&*bed.clock), 10).await.unwrap();
    let after = post(&bed, vec![ad("6", "road bike", 400)]).await[0];
    assert_eq!(reposted_of(&bed, &after).await, Some(late[0].id.get()));
}

async fn what_is_only_alike_is_not_linked(bed: Bed) {
    post(&bed, vec![ad("1", "Road bike", 400), ad("2", "Couch", 0), ad("3", "Lamp", Value::Null)]).await;
    post(&bed, vec![listing("4", "Desk", 50)]).await;
    let elsewhere = in_place("Orem, UT", ad("a", "Road bike", 400));
    let euros =
        NewListing { price: superbot_domain::parse_price("€400", Currency::USD), ..ad("b", "Road bike", 400) };
    let other = NewListing { source: "other".parse().unwrap(), ..ad("c", "Road bike", 400) };
    let free = ad("d", "Couch", 0);
    let unpriced = ad("e", "Lamp", Value::Null);
    let dearer = ad("f", "Road bike", 401);
    let longer = ad("g", "Road bike, red", 400);
    let placeless = listing("h", "Desk", 50);
    for posting in [elsewhere, euros, other, free, unpriced, dearer, longer, placeless] {
        let posted = post(&bed, vec![posting.clone()]).await[0];
        assert_eq!(reposted_of(&bed, &posted).await, None, "{posting:?}");
    }
}

async fn an_ad_put_up_again_is_told_again_only_when_it_is_cheaper(bed: Bed) {
    let ann = with_alert(&bed, 0).await;
    let first = post(&bed, vec![ad("1", "Road bike", 400)]).await[0].id.get();
    let posted = post(&bed, vec![ad("2", "Road bike", 400), ad("3", "Road bike", 400)]).await;
    assert_eq!(notified(&bed.store, &ann).await, [(first, 400)]);
    post(&bed, vec![ad("2", "Road bike", 399), ad("3", "Road bike", 380)]).await;
    let cheaper = posted[1].id.get();
    assert_eq!(notified(&bed.store, &ann).await, [(first, 400), (cheaper, 380)], "399 is hardly cheaper");
    post(&bed, vec![ad("1", "Road bike", 380), ad("2", "Road bike", 390)]).await;
    assert_eq!(notified(&bed.store, &ann).await.len(), 2, "they are one ad");
    // At a lower price it is a different ad, and thus new.
    post(&bed, vec![ad("4", "Road bike", 100)]).await;
    assert_eq!(notified(&bed.store, &ann).await.len(), 3);
}

async fn an_ad_that_nobody_was_told_of_is_told_when_it_is_put_up_again(bed: Bed) {
    post(&bed, vec![ad("1", "Road bike", 400)]).await;
    let ann = with_alert(&bed, 0).await;
    let second = post(&bed, vec![ad("2", "Road bike", 400)]).await[0];
    assert!(reposted_of(&bed, &second).await.is_some());
    assert_eq!(notified(&bed.store, &ann).await, [(second.id.get(), 400)]);
}

async fn workers_find_nothing_amiss_in_reposts(bed: Bed) {
    let ann = with_alert(&bed, 0).await;
    let wants = json!({ "name": "Bikes", "keywords": "bike", "cadence": "instant" });
    let wants = NewSavedSearch::from_json(&wants, Currency::USD).unwrap();
    bed.store.queries().create(ann.id, &wants).await.unwrap();
    post(&bed, vec![ad("1", "Road bike", 400), ad("2", "Road bike", 400)]).await;
    post(&bed, vec![ad("3", "Road bike", 400)]).await;
    for kind in QueryKind::ALL {
        bed.store.matches().reconcile(kind, 1).await.unwrap();
        assert_eq!(bed.store.matches().count_repaired(kind).await.unwrap(), 0);
    }
    assert_eq!(notified(&bed.store, &ann).await.len(), 2, "the alert and the search, once each");
}

async fn a_repost_that_waits_is_shown_itself(bed: Bed) {
    let ann = with_alert(&bed, 60).await;
    post(&bed, vec![ad("1", "Road bike", 400)]).await;
    let second = post(&bed, vec![ad("2", "Road bike", 400)]).await[0].id.get();
    bed.clock.advance(Duration::from_mins(10));
    post(&bed, vec![ad("2", "Road bike", 300)]).await;
    assert_eq!(notified(&bed.store, &ann).await.len(), 1);
    bed.clock.advance(Duration::from_hours(1));
    let now = superbot_domain::Clock::now(&*bed.clock);
    assert_eq!(bed.store.matches().notify_waiting(QueryKind::PriceAlert, now, 10).await.unwrap(), 1);
    assert_eq!(notified(&bed.store, &ann).await.last(), Some(&(second, 300)));
}

async fn an_ad_that_is_ignored_is_ignored_when_it_is_put_up_again(bed: Bed) {
    let ann = with_alert(&bed, 0).await;
    let alert = bed.store.queries::<NewPriceAlert>().list(ann.id).await.unwrap()[0].id;
    let first = post(&bed, vec![ad("1", "Road bike", 400)]).await[0].id;
    let second = post(&bed, vec![ad("2", "Road bike", 400)]).await[0].id;
    bed.store.queries::<NewPriceAlert>().set_ignored(ann.id, alert, second, true).await.unwrap();
    post(&bed, vec![ad("1", "Road bike", 200)]).await;
    post(&bed, vec![ad("2", "Road bike", 210)]).await;
    post(&bed, vec![ad("3", "Road bike", 210)]).await;
    assert_eq!(notified(&bed.store, &ann).await, [(first.get(), 400)]);
    bed.store.queries::<NewPriceAlert>().set_ignored(ann.id, alert, first, false).await.unwrap();
    post(&bed, vec![ad("2", "Road bike", 200)]).await;
    assert_eq!(notified(&bed.store, &ann).await.len(), 1, "a price in between is not notified afterwards");
    post(&bed, vec![ad("2", "Road bike", 100)]).await;
    assert_eq!(notified(&bed.store, &ann).await.last(), Some(&(second.get(), 100)));
    assert_eq!(bed.store.matches().list(ann.id, second).await.unwrap().unwrap()[0].id, alert.get());
}
