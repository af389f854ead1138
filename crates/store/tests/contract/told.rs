//! Notifications, status and messages: audiences and idempotency.

use serde_json::json;
use superbot_domain::{
    Audience, Clock, EventKind, MessageLevel, NewSystemMessage, NotificationDraft, NotificationId, ScraperReport,
    ScraperStates, User, rfc3339,
};
use superbot_store::{IdempotencyKey, NotifyOutcome, ReadOutcome, StoreError};
use superbot_wire::{EventPayload as _, UserNotification};

use crate::bed::Bed;

crate::on_every_back_end!(
    a_notification_is_stored_and_told_to_its_user,
    reading_tells_the_other_tabs,
    only_ones_own_are_read,
    reading_all_names_a_bounded_number,
    notifications_are_read_page_by_page,
    status_is_merged_and_told,
    a_message_is_told_to_everyone,
    a_request_sent_again_is_answered_again,
    a_refused_request_may_be_sent_again,
);

fn draft(data: &serde_json::Value) -> NotificationDraft {
    NotificationDraft::from_json(&json!({ "type": "custom", "data": data })).unwrap()
}

fn key(principal: &str, key: &str, request: u8) -> IdempotencyKey {
    IdempotencyKey { principal: principal.to_owned(), key: key.to_owned(), request_hash: [request; 32] }
}

async fn notify(bed: &Bed, user: &User) -> NotificationId {
    match bed.store.notifications().create(user.username.as_str(), &draft(&json!({})), None).await.unwrap() {
        NotifyOutcome::Sent { id, .. } => id,
        other => panic!("{other:?}"),
    }
}

async fn a_notification_is_stored_and_told_to_its_user(bed: Bed) {
    let ann = bed.user("Ann").await;
    let outcome = bed.store.notifications().create("ANN", &draft(&json!({ "message": "hi" })), None).await.unwrap();
    let NotifyOutcome::Sent { id, seq } = outcome else { panic!("{outcome:?}") };
    let event = &bed.store.events().list(0, 10).await.unwrap()[0];
    assert_eq!((event.seq, event.kind, event.audience), (seq, EventKind::Notification, Audience::User(ann.id)));
    let at = rfc3339(bed.clock.now());
    assert_eq!(
        event.payload_json(),
        json!({ "id": id, "type": "custom", "data": { "message": "hi" }, "timestamp": at })
    );
    let stored = &bed.store.notifications().page(ann.id, true, None, 10).await.unwrap().items[0];
    assert_eq!(
        (stored.id, stored.seq, UserNotification::from(stored).to_json().unwrap()),
        (id, seq, event.payload.clone())
    );
    assert_eq!(
        bed.store.notifications().create("bob", &draft(&json!({})), None).await.unwrap(),
        NotifyOutcome::NoSuchUser
    );
    assert_eq!(
        bed.store.notifications().create("b/b", &draft(&json!({})), None).await.unwrap(),
        NotifyOutcome::NoSuchUser
    );
    bed.store.users().set_disabled(ann.id, true).await.unwrap();
    assert_eq!(
        bed.store.notifications().create("ann", &draft(&json!({})), None).await.unwrap(),
        NotifyOutcome::Disabled
    );
    assert_eq!(bed.store.counts().await.unwrap().notifications, 1);
}

async fn reading_tells_the_other_tabs(bed: Bed) {
    let ann = bed.user("ann").await;
    let ids = [notify(&bed, &ann).await, notify(&bed, &ann).await, notify(&bed, &ann).await];
    let outcome = bed.store.notifications().mark_read(ann.id, &[ids[1], ids[0], ids[1], 99.into()]).await.unwrap();
    assert_eq!(outcome, ReadOutcome { ids: vec![ids[0], ids[1]], unread: 1 });
    assert_eq!(bed.store.notifications().count_unread(ann.id).await.unwrap(), 1);
    let again = bed.store.notifications().mark_read(ann.id, &ids[..2]).await.unwrap();
    assert_eq!(again, ReadOutcome { ids: Vec::new(), unread: 1 });
    let all = bed.store.notifications().mark_all_read(ann.id).await.unwrap();
    assert_eq!(all, ReadOutcome { ids: vec![ids[2]], unread: 0 });
    assert_eq!(bed.store.notifications().mark_all_read(ann.id).await.unwrap().ids, []);
    let notified = bed.store.events().list(3, 10).await.unwrap();
    let payloads: Vec<_> = notified.iter().map(superbot_domain::LogEvent::payload_json).collect();
    assert_eq!(payloads, [json!({ "ids": ids[..2], "unread": 1 }), json!({ "ids": ids[2..], "unread": 0 })]);
    assert!(notified.iter().all(|event| event.kind == EventKind::NotificationRead));
    assert!(notified.iter().all(|event| event.audience == Audience::User(ann.id)));
}

async fn only_ones_own_are_read(bed: Bed) {
    let ann = bed.user("ann").await;
    let bob = bed.user("bob").await;
    let id = notify(&bed, &ann).await;
    let outcome = bed.store.notifications().mark_read(bob.id, &[id]).await.unwrap();
    assert_eq!(outcome, ReadOutcome { ids: Vec::new(), unread: 0 });
    assert_eq!(bed.store.notifications().mark_all_read(bob.id).await.unwrap().ids, []);
    assert_eq!(bed.store.notifications().count_unread(ann.id).await.unwrap(), 1);
    assert_eq!(bed.store.notifications().page(bob.id, false, None, 10).await.unwrap().items, []);
}

async fn reading_all_names_a_bounded_number(bed: Bed) {
    let ann = bed.user("ann").await;
    let draft = draft(&json!({}));
    let sends: Vec<_> = (0..1100)
        .map(|_| {
            let store = bed.store.clone();
            let draft = draft.clone();
            tokio::spawn(async move { store.notifications().create("ann", &draft, None).await })
        })
        .collect();
    for send in sends {
        send.await.unwrap().unwrap();
    }
    assert_eq!(bed.store.notifications().mark_all_read(ann.id).await.unwrap().ids.len(), 1100);
    let event = bed.store.events().list(1100, 10).await.unwrap().pop().unwrap();
    assert_eq!(event.payload_json()["ids"].as_array().unwrap().len(), 1000);
    assert_eq!(event.payload_json()["unread"], 0);
}

async fn notifications_are_read_page_by_page(bed: Bed) {
    let ann = bed.user("ann").await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(notify(&bed, &ann).await);
    }
    bed.store.notifications().mark_read(ann.id, &ids[3..4]).await.unwrap();
    let mut unread = Vec::new();
    let mut cursor = None;
    loop {
        let page = bed.store.notifications().page(ann.id, true, cursor.as_deref(), 3).await.unwrap();
        unread.extend(page.items.iter().map(|notification| notification.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(unread, [ids[4], ids[2], ids[1], ids[0]]);
    let exact = bed.store.notifications().page(ann.id, false, None, 5).await.unwrap();
    assert_eq!((exact.items.len(), exact.next_cursor), (5, None));
    let bad = bed.store.notifications().page(ann.id, false, Some("zz"), 5).await;
    assert!(matches!(bad, Err(StoreError::BadCursor)));
}

async fn status_is_merged_and_told(bed: Bed) {
    let (status, _) = bed.store.scraper_status().get().await.unwrap();
    assert_eq!(status, ScraperStates::initial());
    let report = ScraperReport::from_json(&json!({ "facebook": true, "feed": false })).unwrap();
    bed.clock.advance(std::time::Duration::from_secs(5));
    let merged = bed.store.scraper_status().put(&report, None).await.unwrap();
    assert_eq!(bed.store.scraper_status().get().await.unwrap(), (merged.clone(), bed.clock.now()));
    let event = &bed.store.events().list(0, 10).await.unwrap()[0];
    assert_eq!((event.kind, event.audience), (EventKind::ScraperStatus, Audience::ScraperStatus));
    let at = rfc3339(bed.clock.now());
    let expected = json!({ "facebook": true, "craigslist": false, "ksl": false, "feed": false, "timestamp": at });
    assert_eq!(event.payload_json(), expected);
    for n in 0..6 {
        let names: serde_json::Map<_, _> = (0..100).map(|m| (format!("s{n}-{m}"), json!(true))).collect();
        let report = ScraperReport::from_json(&names.into()).unwrap();
        let outcome = bed.store.scraper_status().put(&report, None).await;
        assert_eq!(matches!(outcome, Err(StoreError::Invalid(_))), n >= 4, "{n}");
    }
}

async fn a_message_is_told_to_everyone(bed: Bed) {
    let message = NewSystemMessage::new("Back at noon", MessageLevel::Warning).unwrap();
    assert_eq!(bed.store.events().publish_system_message(&message, None).await.unwrap(), 1);
    let event = &bed.store.events().list_for(None, 0, 1, 10).await.unwrap()[0];
    let at = rfc3339(bed.clock.now());
    assert_eq!(event.payload_json(), json!({ "message": "Back at noon", "level": "warning", "timestamp": at }));
}

async fn a_request_sent_again_is_answered_again(bed: Bed) {
    let ann = bed.user("ann").await;
    let once = key("token 1", "k", 1);
    let first = bed.store.notifications().create("ann", &draft(&json!({})), Some(&once)).await.unwrap();
    let again = bed.store.notifications().create("ann", &draft(&json!({})), Some(&once)).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(bed.store.notifications().count_unread(ann.id).await.unwrap(), 1);
    let other = bed.store.notifications().create("ann", &draft(&json!({})), Some(&key("token 1", "k", 2))).await;
    assert!(matches!(other, Err(StoreError::IdempotencyMismatch)));
    bed.store.notifications().create("ann", &draft(&json!({})), Some(&key("token 2", "k", 2))).await.unwrap();
    assert_eq!(bed.store.notifications().count_unread(ann.id).await.unwrap(), 2);
    let message = NewSystemMessage::new("x", MessageLevel::Info).unwrap();
    let sent = key("token 1", "message", 3);
    let (first, second) = tokio::join!(
        bed.store.events().publish_system_message(&message, Some(&sent)),
        bed.store.events().publish_system_message(&message, Some(&sent)),
    );
    assert_eq!(first.unwrap(), second.unwrap());
    let report = ScraperReport::from_json(&json!({ "ksl": true })).unwrap();
    let sent = key("token 1", "status", 4);
    let first = bed.store.scraper_status().put(&report, Some(&sent)).await.unwrap();
    let since = ScraperReport::from_json(&json!({ "ksl": false })).unwrap();
    bed.store.scraper_status().put(&since, None).await.unwrap();
    assert_eq!(bed.store.scraper_status().put(&report, Some(&sent)).await.unwrap(), first);
    bed.clock.advance(std::time::Duration::from_hours(24));
    bed.store.notifications().create("ann", &draft(&json!({})), Some(&key("token 1", "k", 2))).await.unwrap();
    assert_eq!(bed.store.notifications().count_unread(ann.id).await.unwrap(), 3);
}

async fn a_refused_request_may_be_sent_again(bed: Bed) {
    let once = key("token 1", "k", 1);
    let refused = bed.store.notifications().create("ann", &draft(&json!({})), Some(&once)).await.unwrap();
    assert_eq!(refused, NotifyOutcome::NoSuchUser);
    bed.user("ann").await;
    let sent = bed.store.notifications().create("ann", &draft(&json!({})), Some(&once)).await.unwrap();
    assert!(matches!(sent, NotifyOutcome::Sent { .. }));
}
