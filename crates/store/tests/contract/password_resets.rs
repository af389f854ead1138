//! Password reset links: valid once, for one user, for a limited time.

use std::time::Duration;

use serde_json::json;
use superbot_domain::{Clock, EventKind, User};
use superbot_store::{CredentialsKept, ResetOutcome, RetentionLimits};

use crate::bed::{Bed, new_session};

crate::on_every_back_end!(
    a_link_is_good_once_and_ends_every_other_session,
    a_new_link_replaces_the_one_before,
    a_link_ends_by_itself_and_is_forgotten,
    a_link_ends_with_a_new_password_and_with_the_account,
    only_for_users_with_an_open_account_is_there_a_link,
);

const DAY: Duration = Duration::from_hours(24);

async fn make_link(bed: &Bed, user: &User, secret: u8) -> ResetOutcome {
    bed.store.password_resets().create(user.id, [secret; 32], bed.clock.now() + DAY).await.unwrap()
}

/// Redeems a link; the resulting session has the hash 200.
async fn use_link(bed: &Bed, secret: u8) -> Option<User> {
    let found = bed.store.password_resets().find_user(&[secret; 32]).await.unwrap();
    let session = new_session(200, bed.clock.now() + DAY);
    let user =
        bed.store.password_resets().redeem([secret; 32], "new", session, false).await.unwrap().map(|(user, _)| user);
    assert_eq!(user, found);
    user
}

async fn password_of(bed: &Bed, name: &str) -> String {
    bed.store.users().find_by_name(name).await.unwrap().unwrap().1
}

async fn a_link_is_good_once_and_ends_every_other_session(bed: Bed) {
    let ann = bed.user("ann").await;
    let bob = bed.user("bob").await;
    for (user, secret) in [(&ann, 1), (&ann, 2), (&bob, 3)] {
        bed.store.sessions().create(user.id, new_session(secret, bed.clock.now() + DAY)).await.unwrap();
    }
    assert_eq!(make_link(&bed, &ann, 9).await, ResetOutcome::Made(ann.clone()));
    assert_eq!(use_link(&bed, 8).await, None);
    assert_eq!(use_link(&bed, 9).await, Some(ann.clone()));
    assert_eq!((password_of(&bed, "ann").await, password_of(&bed, "bob").await), ("new".to_owned(), "hash".to_owned()));
    let sessions = bed.store.sessions().list(ann.id).await.unwrap();
    let session = bed.session([200; 32]).await.unwrap();
    assert_eq!((sessions.len(), sessions[0].id, session.user), (1, session.id, ann.clone()));
    assert!(bed.session([3; 32]).await.is_some());
    let events = bed.store.events().list(0, 10).await.unwrap();
    let notified: Vec<_> = events.iter().map(|event| (event.kind, event.payload_json())).collect();
    let expected = (EventKind::UserSessionsRevoked, json!({ "user_id": ann.id, "keep": session.id }));
    assert_eq!(notified, [expected], "whose live connections end, and which session's do not");
    assert_eq!(use_link(&bed, 9).await, None, "it is used up");
    assert_eq!(bed.store.sessions().list(ann.id).await.unwrap().len(), 1);
}

async fn a_new_link_replaces_the_one_before(bed: Bed) {
    let ann = bed.user("ann").await;
    let bob = bed.user("bob").await;
    make_link(&bed, &ann, 1).await;
    make_link(&bed, &bob, 2).await;
    make_link(&bed, &ann, 3).await;
    assert_eq!(use_link(&bed, 1).await, None);
    assert_eq!(use_link(&bed, 2).await, Some(bob), "another user's is another matter");
    assert_eq!(password_of(&bed, "ann").await, "hash");
    bed.store.sessions().revoke(ann.id, 1.into()).await.unwrap();
    assert!(bed.store.password_resets().find_user(&[3; 32]).await.unwrap().is_some());
}

async fn a_link_ends_by_itself_and_is_forgotten(bed: Bed) {
    let ann = bed.user("ann").await;
    let bob = bed.user("bob").await;
    make_link(&bed, &ann, 1).await;
    bed.clock.advance(DAY / 2);
    make_link(&bed, &bob, 2).await;
    let policy = RetentionLimits { events_keep: DAY * 99, listings_keep: None };
    assert_eq!(bed.store.prune(&policy, bed.clock.now(), 100).await.unwrap().others, 0);
    bed.clock.advance(DAY / 2);
    assert_eq!(use_link(&bed, 1).await, None);
    assert_eq!(bed.store.prune(&policy, bed.clock.now(), 100).await.unwrap().others, 1);
    assert_eq!(use_link(&bed, 2).await, Some(bob));
}

async fn a_link_ends_with_a_new_password_and_with_the_account(bed: Bed) {
    let ann = bed.user("ann").await;
    make_link(&bed, &ann, 1).await;
    bed.store.users().set_password(ann.id, "chosen otherwise", CredentialsKept::default()).await.unwrap();
    assert_eq!(use_link(&bed, 1).await, None);
    make_link(&bed, &ann, 2).await;
    bed.store.users().set_disabled(ann.id, true).await.unwrap();
    assert_eq!(use_link(&bed, 2).await, None);
    bed.store.users().set_disabled(ann.id, false).await.unwrap();
    assert_eq!(use_link(&bed, 2).await, None, "it does not come back with the account");
    assert_eq!(password_of(&bed, "ann").await, "chosen otherwise");
}

async fn only_for_users_with_an_open_account_is_there_a_link(bed: Bed) {
    let ann = bed.user("ann").await;
    bed.store.users().set_disabled(ann.id, true).await.unwrap();
    assert_eq!(make_link(&bed, &ann, 1).await, ResetOutcome::Disabled);
    let nobody = bed.store.password_resets().create(99.into(), [2; 32], bed.clock.now() + DAY).await.unwrap();
    assert_eq!(nobody, ResetOutcome::NoSuchUser);
    bed.store.users().set_disabled(ann.id, false).await.unwrap();
    assert_eq!((use_link(&bed, 1).await, use_link(&bed, 2).await), (None, None));
}
