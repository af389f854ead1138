//! Clock changes: back by an hour, a day and twenty years, and forward. Nothing waits until the clock has caught up,
//! and nothing is delivered twice.

use std::time::Duration;

use serde_json::json;
use superbot_domain::{
    Clock, Currency, NewPriceAlert, NewSavedSearch, QueryKind, SourceName, StandingQuery as _, UsageQuota, User,
};
use superbot_store::{MeterCharge, ReconcileOutcome, SiteTurn, SourceChange};

use crate::bed::{Bed, listing, new_session};

crate::on_every_back_end!(
    limits_refill_within_their_period,
    a_worker_takes_over_work_that_is_held_in_the_future,
    a_source_is_taken_over_and_runs_when_it_is_due,
    a_site_may_be_asked_again,
    an_alert_in_its_cooldown_is_delivered_and_none_twice,
    a_search_in_its_cadence_is_delivered,
    a_node_seen_in_the_future_is_gone,
    sessions_stay_valid_and_their_use_is_noted,
);

const HOUR: Duration = Duration::from_hours(1);
const SHIFTS: [Duration; 3] = [HOUR, Duration::from_hours(24), Duration::from_hours(20 * 365 * 24)];

async fn limits_refill_within_their_period(bed: Bed) {
    let charges = [MeterCharge { key: "sign-in".to_owned(), quota: UsageQuota::per_minute(10) }];
    for shift in SHIFTS {
        while bed.store.meters().charge(&charges).await.unwrap().is_none() {}
        bed.clock.set_back(shift);
        let wait = bed.store.meters().charge(&charges).await.unwrap().unwrap_or_default();
        assert!(wait <= Duration::from_mins(1), "{shift:?}: {wait:?}");
        bed.clock.advance(Duration::from_mins(1));
        assert_eq!(bed.store.meters().charge(&charges).await.unwrap(), None, "{shift:?}");
        bed.clock.advance(shift * 2);
        assert_eq!(bed.store.meters().charge(&charges).await.unwrap(), None, "{shift:?} forward");
    }
}

async fn a_worker_takes_over_work_that_is_held_in_the_future(bed: Bed) {
    let mut holder = 1;
    for shift in SHIFTS {
        let done = ReconcileOutcome::All { repaired: 0 };
        assert_eq!(bed.store.matches().reconcile(QueryKind::PriceAlert, holder).await.unwrap(), done);
        bed.clock.set_back(shift);
        holder += 1;
        assert_eq!(bed.store.matches().reconcile(QueryKind::PriceAlert, holder).await.unwrap(), done, "{shift:?}");
    }
}

async fn source(bed: &Bed) -> SourceName {
    let name = SourceName::parse("feed").unwrap();
    bed.store.sources().create(&name, "feed", &json!({})).await.unwrap();
    let start = SourceChange { running: Some(true), ..SourceChange::default() };
    bed.store.sources().update(&name, start).await.unwrap().unwrap();
    name
}

async fn a_source_is_taken_over_and_runs_when_it_is_due(bed: Bed) {
    let name = source(&bed).await;
    let mut holder = 1;
    for shift in SHIFTS {
        let held = bed.store.sources().hold(&name, holder).await.unwrap().expect("it is due");
        assert!(bed.store.sources().hold(&name, holder + 1).await.unwrap().is_none(), "it is held");
        bed.clock.set_back(shift);
        holder += 1;
        let held_again = bed.store.sources().hold(&name, holder).await.unwrap();
        assert!(held_again.is_some(), "{shift:?}: the holder may not come back");
        bed.clock.advance(shift);
        let run = superbot_domain::SourceRun {
            state: superbot_domain::SourceState::Ok,
            reason: String::new(),
            listings: 1,
            created: 0,
            retry_after: None,
        };
        let health = held.health.after(&run, bed.clock.now(), HOUR, 0.0);
        assert!(bed.store.sources().finish(&held_again.unwrap(), holder, &health).await.unwrap());
        assert!(bed.store.sources().hold(&name, holder).await.unwrap().is_none(), "it is not due");
        bed.clock.set_back(shift);
    }
    assert!(bed.store.sources().hold(&name, holder).await.unwrap().is_some());
}

async fn a_site_may_be_asked_again(bed: Bed) {
    let name = source(&bed).await;
    let gap = Duration::from_secs(10);
    for shift in SHIFTS {
        let source = bed.store.sources().hold(&name, 1).await.unwrap().expect("it is due");
        let take =
            async || bed.store.sources().acquire_slot(&source, 1, "https://example.com", gap, 100).await.unwrap();
        assert_eq!(take().await, SiteTurn::Granted);
        assert_eq!(take().await, SiteTurn::At(bed.clock.now() + gap));
        bed.clock.set_back(shift);
        let source = bed.store.sources().hold(&name, 1).await.unwrap().expect("its holder keeps it");
        let turn = bed.store.sources().acquire_slot(&source, 1, "https://example.com", gap, 100).await.unwrap();
        assert_eq!(turn, SiteTurn::Granted, "{shift:?}");
        bed.clock.advance(gap);
    }
}

async fn count(bed: &Bed, user: &User) -> usize {
    bed.store.notifications().page(user.id, false, None, 500).await.unwrap().items.len()
}

async fn an_alert_in_its_cooldown_is_delivered_and_none_twice(bed: Bed) {
    let ann = bed.user("ann").await;
    let wants = json!({ "keywords": "bike", "threshold_price": 1000, "cooldown_minutes": 60 });
    let wants = NewPriceAlert::from_json(&wants, Currency::USD).unwrap();
    bed.store.queries().create(ann.id, &wants).await.unwrap();
    let post = async |link: &str| bed.store.listings().ingest(vec![listing(link, "bike", 100)]).await.unwrap();
    post("first").await;
    for (number, shift) in SHIFTS.into_iter().enumerate() {
        let before = count(&bed, &ann).await;
        bed.clock.set_back(shift);
        post(&format!("back {number}")).await;
        assert_eq!(count(&bed, &ann).await, before + 1, "{shift:?}");
        post(&format!("within {number}")).await;
        assert_eq!(count(&bed, &ann).await, before + 1, "the cooldown holds by the clock as it is now");
        bed.clock.advance(shift * 2);
        bed.store.matches().notify_waiting(QueryKind::PriceAlert, bed.clock.now(), 100).await.unwrap();
        assert_eq!(count(&bed, &ann).await, before + 2);
        for link in ["first", &format!("back {number}"), &format!("within {number}")] {
            post(link).await;
        }
        for holder in 1..3 {
            bed.store.matches().reconcile(QueryKind::PriceAlert, holder).await.unwrap();
        }
        bed.store.matches().notify_waiting(QueryKind::PriceAlert, bed.clock.now() + HOUR, 100).await.unwrap();
        assert_eq!(count(&bed, &ann).await, before + 2, "nothing is delivered twice");
    }
}

async fn a_search_in_its_cadence_is_delivered(bed: Bed) {
    let ann = bed.user("ann").await;
    let wants = json!({ "name": "Bikes", "keywords": "bike", "notify_new": true, "cadence": "daily" });
    let wants = NewSavedSearch::from_json(&wants, Currency::USD).unwrap();
    bed.store.queries().create(ann.id, &wants).await.unwrap();
    let tell = async || bed.store.matches().notify_waiting(QueryKind::SavedSearch, bed.clock.now(), 100).await.unwrap();
    let post = async |link: &str| bed.store.listings().ingest(vec![listing(link, "bike", 100)]).await.unwrap();
    post("first").await;
    assert_eq!(tell().await, 1);
    for (number, shift) in SHIFTS.into_iter().enumerate() {
        bed.clock.set_back(shift);
        post(&format!("back {number}")).await;
        assert_eq!((tell().await, tell().await), (1, 0), "{shift:?}");
    }
}

async fn a_node_seen_in_the_future_is_gone(bed: Bed) {
    for shift in SHIFTS {
        bed.store.nodes().put(1, Some("ann")).await.unwrap();
        assert_eq!(bed.store.nodes().list_others(2, bed.clock.now()).await.unwrap(), ["ann"]);
        bed.clock.set_back(shift);
        assert_eq!(bed.store.nodes().list_others(2, bed.clock.now()).await.unwrap(), [""; 0], "{shift:?}");
        bed.store.nodes().put(1, None).await.unwrap();
        assert_eq!(bed.store.nodes().list_others(2, bed.clock.now()).await.unwrap(), ["ann"], "it lives");
    }
}

async fn sessions_stay_valid_and_their_use_is_noted(bed: Bed) {
    let ann = bed.user("ann").await;
    let expires_at = bed.clock.now() + HOUR * 24 * 30;
    let id = bed.store.sessions().create(ann.id, new_session(1, expires_at)).await.unwrap();
    for shift in SHIFTS {
        bed.clock.set_back(shift);
        let auth = bed.session([1; 32]).await.expect("it is valid");
        assert!(bed.store.sessions().is_touch_due(Some(auth.last_seen_at)), "{shift:?}");
        bed.store.sessions().touch(&[id], &[]).await.unwrap();
        assert_eq!(bed.session([1; 32]).await.unwrap().last_seen_at, bed.clock.now(), "{shift:?}");
    }
    bed.clock.advance(SHIFTS.iter().sum());
    assert!(bed.session([1; 32]).await.is_some(), "the clock is right again");
}
