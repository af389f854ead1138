//! Notifications of failing and recovered sources: data, and texts for clients without their own.

use std::time::Duration;

use serde_json::{Value, json};
use superbot_domain::{
    Clock, Currency, NewPriceAlert, SourceName, SourceRun, SourceState, StandingQuery as _, User, rfc3339,
};
use superbot_store::SourceChange;

use crate::bed::Bed;

crate::on_every_back_end!(a_notice_carries_facts);

async fn a_notice_carries_facts(bed: Bed) {
    let name = SourceName::parse("shop").unwrap();
    let ann = bed.user("ann").await;
    let alert = json!({ "keywords": "bike", "threshold_price": 100 });
    bed.store.queries().create(ann.id, &NewPriceAlert::from_json(&alert, Currency::USD).unwrap()).await.unwrap();
    bed.store.sources().create(&name, "feed", &json!({})).await.unwrap();
    bed.store.sources().update(&name, SourceChange { running: Some(true), ..SourceChange::default() }).await.unwrap();

    let never_good = run(&bed, &name, SourceState::Blocked, 2).await;
    let first = notice(&bed, &ann).await;
    assert_eq!(first["last_good_at"], Value::Null);
    assert_eq!(first["since"], never_good);
    assert_eq!(first["message"], "no alerts from shop: blocked");

    let good = run(&bed, &name, SourceState::Ok, 1).await;
    let recovered = notice(&bed, &ann).await;
    assert_eq!((&recovered["state"], &recovered["last_good_at"]), (&json!("ok"), &json!(good)));

    let failed = run(&bed, &name, SourceState::LoginWall, 2).await;
    let expected = json!({
        "source": "shop", "state": "login_wall", "reason": "as the test says", "since": failed, "last_good_at": good,
    });
    let mut facts = notice(&bed, &ann).await;
    facts.as_object_mut().unwrap().remove("message");
    assert_eq!(facts, expected);
}

/// Runs the source `times` times with this outcome; returns since when it is in that state.
async fn run(bed: &Bed, name: &SourceName, state: SourceState, times: usize) -> String {
    for _ in 0..times {
        bed.clock.advance(Duration::from_hours(1));
        let source = bed.store.sources().hold(name, 1).await.unwrap().expect("it is due");
        let reason = "as the test says".to_owned();
        let run = SourceRun { state, reason, listings: 1, created: 0, retry_after: None };
        let health = source.health.clone().after(&run, bed.clock.now(), Duration::from_mins(5), 0.0);
        assert!(bed.store.sources().finish(&source, 1, &health).await.unwrap());
    }
    bed.store.sources().notify_users(name, 10).await.unwrap();
    rfc3339(bed.store.sources().get(name).await.unwrap().unwrap().health.since)
}

/// The data of the newest notification.
async fn notice(bed: &Bed, user: &User) -> Value {
    let newest = bed.store.notifications().page(user.id, false, None, 1).await.unwrap().items.remove(0);
    assert_eq!(newest.kind, "source_status");
    serde_json::from_str(newest.data.as_str()).unwrap()
}
