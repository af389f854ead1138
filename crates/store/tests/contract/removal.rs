//! Permanent deletion, and opening stores that must exist.

use superbot_domain::{
    Clock, Currency, EventKind, NewPriceAlert, NotesChange, StandingQuery as _, TokenScope, UserRole, Username,
};
use superbot_store::{IngestOutcome, Store, StoreError, StoreOptions};

use crate::bed::{Bed, listing, new_session};

crate::on_every_back_end!(
    a_removed_user_leaves_nothing_behind,
    the_last_admin_who_can_sign_in_stays,
    a_removed_listing_comes_back_without_news,
    a_store_that_must_be_there_is_not_made,
);

async fn a_removed_user_leaves_nothing_behind(bed: Bed) {
    let ann = bed.user("Ann").await;
    let bob = bed.user("Bob").await;
    let expires_at = bed.clock.now() + std::time::Duration::from_hours(1);
    let alert = serde_json::json!({ "keywords": "bike", "threshold_price": 100, "alert_type": "under" });
    let alert = NewPriceAlert::from_json(&alert, Currency::USD).unwrap();
    for (user, secret) in [(&ann, 1), (&bob, 2)] {
        bed.store.sessions().create(user.id, new_session(secret, expires_at)).await.unwrap();
        bed.store.tokens().create("t", TokenScope::User, Some(user.id), [secret; 32], "sbt_1").await.unwrap();
        bed.store.queries().create(user.id, &alert).await.unwrap();
    }
    let bike = bed.store.listings().ingest(vec![listing("1", "bike", 50)]).await.unwrap()[0].id;
    for user in [&ann, &bob] {
        bed.store.favorites().put(user.id, bike, NotesChange::Keep).await.unwrap();
        assert_eq!(bed.store.notifications().count_unread(user.id).await.unwrap(), 1);
    }
    let before = bed.store.events().bounds().await.unwrap().head;
    assert_eq!(bed.store.users().delete(ann.id).await.unwrap().as_ref(), Some(&ann));
    let notified = bed.store.events().list(before, 100).await.unwrap();
    let disabled = notified.iter().find(|event| event.kind == EventKind::UserDisabled).unwrap();
    assert_eq!(disabled.payload_json()["user_id"], serde_json::json!(ann.id), "which ends live connections");

    assert_eq!(bed.store.users().get(ann.id).await.unwrap(), None);
    assert_eq!(bed.store.users().delete(ann.id).await.unwrap(), None);
    assert!(bed.session([1; 32]).await.is_none() && bed.token([1; 32]).await.is_none());
    let counts = bed.store.counts().await.unwrap();
    assert_eq!((counts.users, counts.notifications), (1, 1));
    assert!(bed.store.favorites().page(ann.id, None, 10).await.unwrap().items.is_empty());
    assert!(bed.store.queries::<NewPriceAlert>().list(ann.id).await.unwrap().is_empty());
    bed.store.listings().ingest(vec![listing("2", "bike", 40)]).await.unwrap();
    assert_eq!(bed.store.notifications().count_unread(ann.id).await.unwrap(), 0, "her alert is gone from the index");

    assert!(bed.session([2; 32]).await.is_some() && bed.token([2; 32]).await.is_some());
    assert_eq!(bed.store.favorites().page(bob.id, None, 10).await.unwrap().items.len(), 1);
    assert_eq!(bed.store.notifications().count_unread(bob.id).await.unwrap(), 2);
    assert_ne!(bed.user("Ann").await.id, ann.id, "the name is free, and the number is not given out again");
}

async fn the_last_admin_who_can_sign_in_stays(bed: Bed) {
    let admin = async |name: &str| {
        bed.store.users().create(&Username::parse(name).unwrap(), UserRole::Admin, "hash").await.unwrap()
    };
    let one = admin("one").await;
    let two = admin("two").await;
    bed.user("ann").await;
    bed.store.users().set_disabled(two.id, true).await.unwrap();
    for _ in 0..2 {
        let refused = bed.store.users().delete(one.id).await;
        assert!(matches!(refused, Err(StoreError::LastAdmin)), "{refused:?}");
        assert!(bed.store.users().get(one.id).await.unwrap().is_some_and(|user| !user.disabled));
    }
    assert!(bed.store.users().delete(two.id).await.unwrap().is_some(), "one who is disabled is not the last");
    let three = admin("three").await;
    let (first, second) = tokio::join!(bed.store.users().delete(one.id), bed.store.users().delete(three.id));
    let refused: Vec<_> = [first, second].into_iter().filter_map(Result::err).collect();
    assert!(matches!(refused[..], [StoreError::LastAdmin]), "{refused:?}");
}

async fn a_removed_listing_comes_back_without_news(bed: Bed) {
    let ann = bed.user("ann").await;
    let ids: Vec<_> = bed.store.listings().ingest(vec![listing("1", "A", 10), listing("2", "B", 20)]).await.unwrap();
    let id = ids[0].id;
    let other = ids[1].id;
    for id in [id, other] {
        bed.store.favorites().put(ann.id, id, NotesChange::Keep).await.unwrap();
    }
    let head = bed.store.events().bounds().await.unwrap().head;
    assert!(bed.store.listings().delete(id).await.unwrap());
    assert!(!bed.store.listings().delete(id).await.unwrap());
    assert_eq!(bed.store.listings().get(id).await.unwrap(), None);
    assert_eq!(bed.store.listings().price_history(id).await.unwrap().map(|points| points.len()), None);
    assert!(bed.store.listings().get(other).await.unwrap().is_some());
    assert_eq!(bed.store.favorites().page(ann.id, None, 10).await.unwrap().items.len(), 1);
    let again = bed.store.listings().ingest(vec![listing("1", "A", 10)]).await.unwrap();
    assert_eq!((again[0].id, again[0].outcome), (id, IngestOutcome::Unchanged));
    assert_eq!(bed.store.events().bounds().await.unwrap().head, head, "no event was emitted");
    assert!(bed.store.listings().delete(id).await.unwrap(), "as often as it comes back");
}

async fn a_store_that_must_be_there_is_not_made(bed: Bed) {
    let options = || StoreOptions::new(bed.clock.clone(), [7; 8]);
    bed.user("ann").await;
    let opened = Store::open_existing(bed.url(), options()).await.unwrap();
    assert_eq!(opened.users().list().await.unwrap().len(), 1);
    opened.close().await;
    for nothing in bed.urls_of_no_store() {
        let refused = Store::open_existing(&nothing, options()).await.err();
        let Some(StoreError::NoStore(place)) = refused else { panic!("{nothing}: {refused:?}") };
        assert!(!place.is_empty() && !place.contains("secret"), "{place}");
        let again = Store::open_existing(&nothing, options()).await.err();
        assert!(matches!(again, Some(StoreError::NoStore(_))), "the first try made something: {again:?}");
    }
    assert!(!bed.folder.path().join("none").exists());
}
