//! Limits on credentials, and their revocation with a password change or a disabled account.

use std::time::Duration;

use superbot_domain::{Clock, EventKind, ScraperReport, TokenId, TokenScope, UsageQuota, User, UserRole, Username};
use superbot_store::{CredentialsKept, MeterCharge, RetentionLimits, Store, StoreError};

use crate::bed::{Bed, new_session};

crate::on_every_back_end!(
    one_enabled_admin_is_left,
    admins_who_disable_each_other_do_not_both_succeed,
    a_new_password_revokes_tokens_unless_they_are_kept,
    a_reset_link_revokes_tokens_unless_they_are_kept,
    tokens_of_one_user_are_bounded,
    tokens_are_listed_page_by_page,
    a_new_session_ends_the_oldest_beyond_the_limit,
    nobody_signs_in_with_a_password_that_was_just_changed,
    revoked_tokens_are_pruned,
    the_browser_key_stays_the_same,
    charges_are_all_made_or_none,
    a_removed_scraper_makes_room_for_another,
);

const HOUR: Duration = Duration::from_hours(1);

async fn admin(bed: &Bed, name: &str) -> User {
    bed.store.users().create(&Username::parse(name).unwrap(), UserRole::Admin, "hash").await.unwrap()
}

async fn token(bed: &Bed, owner: Option<&User>, secret: u8) -> TokenId {
    let owner = owner.map(|user| user.id);
    bed.store.tokens().create("t", TokenScope::Publish, owner, [secret; 32], "sbt_ab").await.unwrap().id
}

async fn events_of(store: &Store, kind: EventKind) -> usize {
    store.events().list(0, 1_000).await.unwrap().iter().filter(|event| event.kind == kind).count()
}

async fn one_enabled_admin_is_left(bed: Bed) {
    let root = admin(&bed, "root").await;
    let spare = admin(&bed, "spare").await;
    let ann = bed.user("ann").await;
    bed.store.sessions().create(root.id, new_session(1, bed.clock.now() + HOUR)).await.unwrap();
    bed.store.users().set_disabled(spare.id, true).await.unwrap();
    let events = bed.store.events().bounds().await.unwrap().head;
    let refused = bed.store.users().set_disabled(root.id, true).await;
    assert!(matches!(refused, Err(StoreError::LastAdmin)));
    assert!(bed.session([1; 32]).await.is_some(), "nothing of it was done");
    assert_eq!(bed.store.events().bounds().await.unwrap().head, events);
    bed.store.users().set_disabled(ann.id, true).await.unwrap();
    bed.store.users().set_disabled(spare.id, false).await.unwrap();
    assert!(bed.store.users().set_disabled(root.id, true).await.unwrap().unwrap().disabled);
}

async fn admins_who_disable_each_other_do_not_both_succeed(bed: Bed) {
    let elsewhere = bed.again().await;
    let one = admin(&bed, "one").await;
    let two = admin(&bed, "two").await;
    for _ in 0..10 {
        let (first, second) =
            tokio::join!(bed.store.users().set_disabled(one.id, true), elsewhere.users().set_disabled(two.id, true));
        let refused = [first, second].into_iter().filter_map(Result::err).collect::<Vec<_>>();
        assert!(matches!(refused[..], [StoreError::LastAdmin]), "{refused:?}");
        let enabled = bed.store.users().list().await.unwrap().into_iter().filter(|user| !user.disabled).count();
        assert_eq!(enabled, 1);
        for user in [&one, &two] {
            bed.store.users().set_disabled(user.id, false).await.unwrap();
        }
    }
}

async fn a_new_password_revokes_tokens_unless_they_are_kept(bed: Bed) {
    let ann = bed.user("ann").await;
    let bob = bed.user("bob").await;
    for (owner, secret) in [(Some(&ann), 1), (Some(&ann), 2), (Some(&bob), 3), (None, 4)] {
        token(&bed, owner, secret).await;
    }
    let keep = CredentialsKept { session: None, tokens: true };
    assert_eq!(bed.store.users().set_password(ann.id, "new", keep).await.unwrap(), Some(0));
    assert!(bed.token([1; 32]).await.is_some());
    assert_eq!(bed.store.users().set_password(ann.id, "new", CredentialsKept::default()).await.unwrap(), Some(2));
    let mut valid = Vec::new();
    for secret in 1..=4 {
        valid.push(bed.token([secret; 32]).await.is_some());
    }
    assert_eq!(valid, [false, false, true, true]);
    assert_eq!(events_of(&bed.store, EventKind::TokenRevoked).await, 2, "their live connections end");
}

async fn a_reset_link_revokes_tokens_unless_they_are_kept(bed: Bed) {
    let ann = bed.user("ann").await;
    for (secret, keep) in [(1, true), (2, false)] {
        token(&bed, Some(&ann), secret).await;
        let expires_at = bed.clock.now() + HOUR;
        bed.store.password_resets().create(ann.id, [secret; 32], expires_at).await.unwrap();
        let session = new_session(secret, expires_at);
        let (user, revoked) =
            bed.store.password_resets().redeem([secret; 32], "new", session, keep).await.unwrap().unwrap();
        assert_eq!((user.id, revoked), (ann.id, if keep { 0 } else { 2 }));
    }
    assert!(bed.session([2; 32]).await.is_some());
    assert_eq!(bed.store.tokens().page(Some(ann.id), None, 10).await.unwrap().items, []);
}

async fn tokens_of_one_user_are_bounded(bed: Bed) {
    let ann = bed.user("ann").await;
    let bob = bed.user("bob").await;
    for owner in [Some(&ann), None] {
        let offset = if owner.is_some() { 0 } else { 101 };
        let first = token(&bed, owner, offset).await;
        let create = async |secret: u8| {
            let owner = owner.map(|user| user.id);
            let hash = [secret + offset; 32];
            bed.store.tokens().create("t", TokenScope::Publish, owner, hash, "sbt_ab").await
        };
        for secret in 1..100 {
            create(secret).await.unwrap();
        }
        assert!(matches!(create(100).await, Err(StoreError::TooManyTokens(100))));
        bed.store.tokens().revoke(first, None).await.unwrap();
        create(100).await.unwrap();
    }
    token(&bed, Some(&bob), 250).await;
}

async fn tokens_are_listed_page_by_page(bed: Bed) {
    let ann = bed.user("ann").await;
    let mut made = Vec::new();
    for secret in 1..=5 {
        made.insert(0, token(&bed, Some(&ann), secret).await);
    }
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let page = bed.store.tokens().page(Some(ann.id), cursor.as_deref(), 2).await.unwrap();
        seen.extend(page.items.iter().map(|token| token.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, made);
    assert!(matches!(bed.store.tokens().page(None, Some("zz"), 2).await, Err(StoreError::BadCursor)));
}

async fn a_new_session_ends_the_oldest_beyond_the_limit(bed: Bed) {
    let ann = bed.user("ann").await;
    let bob = bed.user("bob").await;
    bed.store.sessions().create(bob.id, new_session(255, bed.clock.now() + HOUR)).await.unwrap();
    for secret in 1..=202 {
        bed.store.sessions().create(ann.id, new_session(secret, bed.clock.now() + HOUR)).await.unwrap();
    }
    assert_eq!(bed.store.sessions().list(ann.id).await.unwrap().len(), 200);
    let mut lives = Vec::new();
    for secret in [1, 2, 3, 202, 255] {
        lives.push(bed.session([secret; 32]).await.is_some());
    }
    assert_eq!(lives, [false, false, true, true, true]);
    assert_eq!(events_of(&bed.store, EventKind::SessionRevoked).await, 2, "their live connections end");
}

async fn nobody_signs_in_with_a_password_that_was_just_changed(bed: Bed) {
    let ann = bed.user("ann").await;
    let sign_in = async |hash: &str, secret: u8| {
        let session = new_session(secret, bed.clock.now() + HOUR);
        bed.store.sessions().sign_in(ann.id, hash, session).await.unwrap().is_some()
    };
    assert!(sign_in("hash", 1).await);
    let kept = CredentialsKept { session: None, tokens: false };
    bed.store.users().set_password(ann.id, "new", kept).await.unwrap();
    assert!(!sign_in("hash", 2).await, "it was checked before the change, and would outlive it");
    assert!(bed.session([2; 32]).await.is_none());
    assert!(sign_in("new", 3).await);
    bed.store.users().set_disabled(ann.id, true).await.unwrap();
    assert!(!sign_in("new", 4).await);
}

async fn revoked_tokens_are_pruned(bed: Bed) {
    let ann = bed.user("ann").await;
    let revoked = token(&bed, Some(&ann), 1).await;
    let kept = token(&bed, Some(&ann), 2).await;
    bed.store.tokens().revoke(revoked, None).await.unwrap();
    let policy = RetentionLimits { events_keep: HOUR, listings_keep: None };
    let prune = async || bed.store.prune(&policy, bed.clock.now(), 10).await.unwrap().others;
    assert_eq!((prune().await, prune().await), (1, 0));
    assert!(bed.token([1; 32]).await.is_none() && bed.token([2; 32]).await.is_some());
    assert_eq!(bed.store.tokens().page(Some(ann.id), None, 10).await.unwrap().items[0].id, kept);
}

async fn the_browser_key_stays_the_same(bed: Bed) {
    let elsewhere = bed.again().await;
    let (one, two) = tokio::join!(bed.store.secrets().browser_key([1; 32]), elsewhere.secrets().browser_key([2; 32]));
    let key = one.unwrap();
    assert_eq!(key, two.unwrap());
    assert_eq!(bed.again().await.secrets().browser_key([3; 32]).await.unwrap(), key);
}

async fn charges_are_all_made_or_none(bed: Bed) {
    let charge = |key: &str, burst| MeterCharge { key: key.to_owned(), quota: UsageQuota::per_minute(burst) };
    let both = [charge("a", 2), charge("b", 3)];
    for _ in 0..2 {
        assert_eq!(bed.store.meters().charge(&both).await.unwrap(), None);
    }
    let wait = bed.store.meters().charge(&both).await.unwrap();
    assert_eq!(wait, Some(Duration::from_secs(30)), "the longest wait of those that have nothing left");
    assert_eq!(bed.store.meters().charge(&both[1..]).await.unwrap(), None, "the other one was not charged");
    assert!(bed.store.meters().charge(&both[1..]).await.unwrap().is_some());
    bed.store.meters().refund(&both).await.unwrap();
    assert_eq!(bed.store.meters().charge(&both).await.unwrap(), None);
    for _ in 0..100 {
        assert_eq!(bed.store.meters().charge(&[charge("c", 0)]).await.unwrap(), None, "0 is no limit");
    }
}

async fn a_removed_scraper_makes_room_for_another(bed: Bed) {
    let report = |names: &mut dyn Iterator<Item = String>, value: serde_json::Value| {
        let names: serde_json::Map<_, _> = names.map(|name| (name, value.clone())).collect();
        ScraperReport::from_json(&names.into()).unwrap()
    };
    for block in 0..4 {
        let report = report(&mut (0..100).map(|n| format!("s{block}-{n}")), true.into());
        bed.store.scraper_status().put(&report, None).await.unwrap();
    }
    let more = report(&mut (0..98).map(|n| format!("more{n}")), true.into());
    assert!(matches!(bed.store.scraper_status().put(&more, None).await, Err(StoreError::Invalid(_))));
    let removed = report(&mut (0..100).map(|n| format!("s0-{n}")), serde_json::Value::Null);
    let status = bed.store.scraper_status().put(&removed, None).await.unwrap();
    assert_eq!(status.iter().len(), 303);
    assert_eq!(bed.store.scraper_status().put(&more, None).await.unwrap().iter().len(), 401);
    assert_eq!(bed.store.scraper_status().get().await.unwrap().0.iter().len(), 401);
}
