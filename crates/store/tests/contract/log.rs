//! The event log: order, bounds and audiences.

use std::time::{Duration, Instant};

use superbot_domain::{
    Audience, Clock, EventKind, MessageLevel, NewSystemMessage, NotificationDraft, ScraperStates, UserId,
};
use superbot_store::{CredentialsKept, IdempotencyKey, LogBounds, RetentionLimits};

use crate::bed::{Bed, listing};

crate::on_every_back_end!(
    the_log_gives_each_what_is_theirs,
    the_log_is_read_in_parts,
    pruning_keeps_the_head,
    pruning_makes_no_holes,
    what_is_over_is_pruned_too,
    another_process_is_noticed,
    who_follows_needs_no_second_look,
    the_epoch_names_the_store,
);

/// Emits one event for each audience, and two for everyone.
async fn fill(bed: &Bed) -> [UserId; 2] {
    let ann = bed.user("ann").await;
    let bob = bed.user("bob").await;
    let draft = NotificationDraft::from_json(&serde_json::json!({ "type": "custom" })).unwrap();
    bed.store.notifications().create("ann", &draft, None).await.unwrap();
    bed.store.notifications().create("bob", &draft, None).await.unwrap();
    bed.store
        .events()
        .publish_system_message(&NewSystemMessage::new("x", MessageLevel::Info).unwrap(), None)
        .await
        .unwrap();
    bed.store.scraper_status().put(&ScraperStates::initial().into(), None).await.unwrap();
    bed.store.users().set_password(ann.id, "new", CredentialsKept::default()).await.unwrap();
    bed.store.listings().ingest(vec![listing("1", "A", 1)]).await.unwrap();
    [ann.id, bob.id]
}

async fn the_log_gives_each_what_is_theirs(bed: Bed) {
    let [ann, bob] = fill(&bed).await;
    let audiences: Vec<_> = bed.store.events().list(0, 100).await.unwrap().iter().map(|event| event.audience).collect();
    let everyone = Audience::Everyone;
    let expected =
        [Audience::User(ann), Audience::User(bob), everyone, Audience::ScraperStatus, Audience::Control, everyone];
    assert_eq!(audiences, expected);
    for (user, expected) in [
        (None, vec![3, 6]),
        (Some(ann), vec![1, 3, 6]),
        (Some(bob), vec![2, 3, 6]),
        (Some(UserId::from(99)), vec![3, 6]),
    ] {
        let events = bed.store.events().list_for(user, 0, 6, 100).await.unwrap();
        assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), expected);
        assert_eq!(bed.store.events().count_for(user, 0, 6, 100).await.unwrap(), expected.len() as u64);
    }
    // Ids that are not users' must not select the servers' events.
    for id in [0, -1, -2] {
        assert!(bed.store.events().list_for(Some(UserId::from(id)), 0, 6, 100).await.is_err());
    }
}

async fn the_log_is_read_in_parts(bed: Bed) {
    let [ann, _] = fill(&bed).await;
    let seqs = async |after, upto, limit| -> Vec<u64> {
        bed.store
            .events()
            .list_for(Some(ann), after, upto, limit)
            .await
            .unwrap()
            .iter()
            .map(|event| event.seq)
            .collect()
    };
    assert_eq!(seqs(0, 6, 2).await, [1, 3]);
    assert_eq!(seqs(3, 6, 2).await, [6]);
    assert_eq!(seqs(0, 5, 9).await, [1, 3]);
    assert_eq!(seqs(6, u64::MAX, 9).await, [0; 0]);
    assert_eq!(bed.store.events().count_for(Some(ann), 0, u64::MAX, 1).await.unwrap(), 2);
    assert_eq!(bed.store.events().list(4, 1).await.unwrap()[0].kind, EventKind::UserSessionsRevoked);
    assert_eq!(bed.store.events().list(u64::MAX, 1).await.unwrap(), []);
}

async fn pruning_keeps_the_head(bed: Bed) {
    assert_eq!(bed.store.events().bounds().await.unwrap(), LogBounds { oldest: 1, head: 0 });
    fill(&bed).await;
    assert_eq!(bed.store.events().bounds().await.unwrap(), LogBounds { oldest: 1, head: 6 });
    bed.clock.advance(Duration::from_hours(2));
    let policy = RetentionLimits { events_keep: Duration::from_hours(1), listings_keep: None };
    let pruned = bed.store.prune(&policy, bed.clock.now(), 4).await.unwrap();
    assert_eq!((pruned.events, pruned.more), (4, true));
    assert_eq!(bed.store.events().bounds().await.unwrap(), LogBounds { oldest: 5, head: 6 });
    let pruned = bed.store.prune(&policy, bed.clock.now(), 4).await.unwrap();
    assert_eq!((pruned.events, pruned.more), (2, false));
    assert_eq!(bed.store.events().bounds().await.unwrap(), LogBounds { oldest: 7, head: 6 });
    bed.store.close().await;
    let reopened = bed.again().await;
    assert_eq!(reopened.events().bounds().await.unwrap(), LogBounds { oldest: 7, head: 6 });
    reopened.listings().ingest(vec![listing("2", "B", 1)]).await.unwrap();
    assert_eq!(reopened.events().bounds().await.unwrap(), LogBounds { oldest: 7, head: 7 });
}

async fn pruning_makes_no_holes(bed: Bed) {
    bed.clock.advance(Duration::from_hours(3));
    bed.store.listings().ingest(vec![listing("1", "A", 1)]).await.unwrap();
    // The clock was set back, so the second event has an earlier timestamp.
    bed.clock.set_back(Duration::from_hours(3));
    bed.store.listings().ingest(vec![listing("2", "B", 1)]).await.unwrap();
    bed.clock.advance(Duration::from_hours(2));
    let policy = RetentionLimits { events_keep: Duration::from_hours(1), listings_keep: None };
    assert_eq!(bed.store.prune(&policy, bed.clock.now(), 100).await.unwrap().events, 0);
    bed.clock.advance(Duration::from_hours(9));
    assert_eq!(bed.store.prune(&policy, bed.clock.now(), 100).await.unwrap().events, 2);
}

async fn what_is_over_is_pruned_too(bed: Bed) {
    let soon = bed.clock.now() + Duration::from_hours(1);
    let late = bed.clock.now() + Duration::from_hours(100);
    bed.store.invites().create(None, [1; 32], soon).await.unwrap();
    bed.store.invites().create(None, [2; 32], late).await.unwrap();
    let key = IdempotencyKey { principal: "token 1".to_owned(), key: "k".to_owned(), request_hash: [1; 32] };
    bed.store.scraper_status().put(&ScraperStates::initial().into(), Some(&key)).await.unwrap();
    let policy = RetentionLimits { events_keep: Duration::from_hours(999), listings_keep: None };
    for (hours, expected) in [(2, 1), (23, 1), (0, 0), (99, 1)] {
        bed.clock.advance(Duration::from_hours(hours));
        assert_eq!(bed.store.prune(&policy, bed.clock.now(), 100).await.unwrap().others, expected, "{hours}");
    }
}

async fn another_process_is_noticed(bed: Bed) {
    // Longer than the grace period after which, on SQLite, no other process is expected.
    let alone_since = Instant::now();
    let mut written = 0;
    while alone_since.elapsed() < Duration::from_millis(1500) {
        bed.store
            .events()
            .publish_system_message(&NewSystemMessage::new("x", MessageLevel::Info).unwrap(), None)
            .await
            .unwrap();
        written += 1;
    }
    let mut changes = bed.store.events().subscribe();
    let mut other = bed.elsewhere();
    for n in 1..=5 {
        changes.mark_unchanged();
        other.write(1);
        // Only the other process writes, so a wake-up must be due to its commit.
        while bed.store.events().bounds().await.unwrap().head < written + n {
            tokio::time::timeout(Duration::from_secs(10), changes.changed()).await.unwrap().unwrap();
        }
    }
}

/// Follows the log like its tail, but without the periodic re-read: a missed wake-up or an event withheld after one
/// would make the test fail.
async fn who_follows_needs_no_second_look(bed: Bed) {
    const EACH: usize = 60;
    const BATCH: u32 = 16;
    let mut other = bed.elsewhere();
    let following = tokio::spawn({
        let store = bed.store.clone();
        async move {
            let mut changes = store.events().subscribe();
            let mut seen = Vec::new();
            while seen.len() < 2 * EACH {
                changes.mark_unchanged();
                let found = store.events().tail(seen.last().copied().unwrap_or(0), BATCH).await.unwrap();
                seen.extend(found.iter().map(|event| event.seq));
                if found.len() < BATCH as usize && seen.len() < 2 * EACH {
                    changes.changed().await.unwrap();
                }
            }
            seen
        }
    });
    other.write(EACH);
    for _ in 0..EACH {
        bed.store
            .events()
            .publish_system_message(&NewSystemMessage::new("x", MessageLevel::Info).unwrap(), None)
            .await
            .unwrap();
    }
    let seen = tokio::time::timeout(Duration::from_secs(30), following).await.unwrap().unwrap();
    assert_eq!(seen, (1..).take(2 * EACH).collect::<Vec<_>>());
}

async fn the_epoch_names_the_store(bed: Bed) {
    assert_eq!(bed.store.epoch(), "0707070707070707");
    assert_eq!(bed.again().await.epoch(), bed.store.epoch());
}
