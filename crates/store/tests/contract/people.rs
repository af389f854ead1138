//! Users, sessions, tokens and invitations.

use std::time::Duration;

use serde_json::json;
use superbot_domain::{
    AccountInvite, Clock, EventKind, LogEvent, SessionId, TokenScope, User, UserRole, UserSession, Username,
};
use superbot_store::{CredentialsKept, RetentionLimits, Store, StoreError};

use crate::bed::{Bed, listing, new_session};

crate::on_every_back_end!(
    names_are_taken_whatever_their_case,
    the_first_admin_is_made_once,
    a_session_speaks_for_its_user_until_it_ends,
    sessions_that_run_out_are_told,
    only_the_owner_revokes_a_session,
    a_new_password_ends_the_other_sessions,
    a_disabled_user_has_no_way_in,
    tokens_work_until_revoked,
    an_invitation_is_used_once,
    invitations_are_listed_with_what_became_of_them,
    preferences_are_patched,
    sessions_are_touched_once_a_minute,
    many_are_looked_up_with_one_question,
    all_that_are_good_can_be_had_beforehand,
    whether_something_was_revoked_is_known_without_a_look,
);

const HOUR: Duration = Duration::from_hours(1);

async fn begin_session(bed: &Bed, user: &User, secret: u8) -> SessionId {
    let expires_at = bed.clock.now() + HOUR;
    bed.store.sessions().create(user.id, new_session(secret, expires_at)).await.unwrap()
}

async fn notified(store: &Store) -> Vec<(EventKind, serde_json::Value)> {
    let events = store.events().list(0, 100).await.unwrap();
    events.iter().map(|event: &LogEvent| (event.kind, event.payload_json())).collect()
}

async fn names_are_taken_whatever_their_case(bed: Bed) {
    let zoe = bed.user("Zoë").await;
    let again = bed.store.users().create(&Username::parse("ZOË").unwrap(), UserRole::Admin, "x").await;
    assert!(matches!(again, Err(StoreError::NameTaken)));
    let (found, hash) = bed.store.users().find_by_name("zoë").await.unwrap().unwrap();
    assert_eq!((&found, hash.as_str()), (&zoe, "hash"));
    assert_eq!(found.username.as_str(), "Zoë");
    assert_eq!(bed.store.users().get(zoe.id).await.unwrap().as_ref(), Some(&zoe));
    assert_eq!(bed.store.users().get(99.into()).await.unwrap(), None);
    assert_eq!(bed.store.users().find_by_name("nobody").await.unwrap(), None);
    assert_eq!(bed.store.users().find_by_name("no/body").await.unwrap(), None);
    bed.user("adam").await;
    let names: Vec<_> = bed.store.users().list().await.unwrap().iter().map(|user| user.username.to_string()).collect();
    assert_eq!(names, ["adam", "Zoë"]);
}

async fn the_first_admin_is_made_once(bed: Bed) {
    let name = Username::parse("root").unwrap();
    assert!(!bed.store.users().has_admin().await.unwrap());
    bed.store.secrets().set_setup_token_hash(Some([0xab; 32])).await.unwrap();
    assert_eq!(bed.store.secrets().setup_token_hash().await.unwrap(), Some([0xab; 32]));
    let other = Username::parse("root2").unwrap();
    let (one, two) = tokio::join!(
        bed.store.users().create_first_admin(&name, "a"),
        bed.store.users().create_first_admin(&other, "b")
    );
    let refused = [one, two].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert!(matches!(refused[..], [StoreError::AlreadySetUp]));
    assert!(bed.store.users().has_admin().await.unwrap());
    assert_eq!(bed.store.secrets().setup_token_hash().await.unwrap(), None);
    assert_eq!(bed.store.users().list().await.unwrap().len(), 1);
}

async fn a_session_speaks_for_its_user_until_it_ends(bed: Bed) {
    let user = bed.user("ann").await;
    let id = begin_session(&bed, &user, 1).await;
    let auth = bed.session([1; 32]).await.unwrap();
    assert_eq!((auth.id, &auth.user), (id, &user));
    assert_eq!(bed.session([2; 32]).await, None);
    bed.clock.advance(HOUR);
    assert_eq!(bed.session([1; 32]).await, None);
    assert_eq!(bed.store.sessions().list(user.id).await.unwrap(), []);
}

async fn sessions_that_run_out_are_told(bed: Bed) {
    let ann = bed.user("ann").await;
    let first = begin_session(&bed, &ann, 1).await;
    bed.clock.advance(HOUR / 2);
    begin_session(&bed, &ann, 2).await;
    assert_eq!(bed.store.sessions().end_expired(bed.clock.now()).await.unwrap(), 0);
    bed.clock.advance(HOUR / 2);
    assert_eq!(bed.store.sessions().end_expired(bed.clock.now()).await.unwrap(), 1);
    assert_eq!(bed.store.sessions().end_expired(bed.clock.now()).await.unwrap(), 0);
    let expected = (EventKind::SessionRevoked, json!({ "session_id": first, "user_id": ann.id }));
    assert_eq!(notified(&bed.store).await, [expected]);
    assert_eq!(bed.store.sessions().list(ann.id).await.unwrap().len(), 1);
}

async fn only_the_owner_revokes_a_session(bed: Bed) {
    let ann = bed.user("ann").await;
    let bob = bed.user("bob").await;
    let id = begin_session(&bed, &ann, 1).await;
    assert!(!bed.store.sessions().revoke(bob.id, id).await.unwrap());
    assert_eq!(bed.store.sessions().list(bob.id).await.unwrap(), []);
    assert_eq!(notified(&bed.store).await, []);
    assert!(bed.store.sessions().revoke(ann.id, id).await.unwrap());
    assert!(!bed.store.sessions().revoke(ann.id, id).await.unwrap());
    assert_eq!(bed.session([1; 32]).await, None);
    let expected = (EventKind::SessionRevoked, json!({ "session_id": id, "user_id": ann.id }));
    assert_eq!(notified(&bed.store).await, [expected]);
}

async fn a_new_password_ends_the_other_sessions(bed: Bed) {
    let ann = bed.user("ann").await;
    let bob = bed.user("bob").await;
    begin_session(&bed, &ann, 1).await;
    let here = begin_session(&bed, &ann, 2).await;
    begin_session(&bed, &bob, 3).await;
    let kept = CredentialsKept { session: Some(here), tokens: true };
    assert_eq!(bed.store.users().set_password(ann.id, "new", kept).await.unwrap(), Some(0));
    assert_eq!(bed.store.users().set_password(99.into(), "new", kept).await.unwrap(), None);
    let left: Vec<SessionId> =
        bed.store.sessions().list(ann.id).await.unwrap().iter().map(|session: &UserSession| session.id).collect();
    assert_eq!(left, [here]);
    assert!(bed.session([3; 32]).await.is_some());
    assert_eq!(bed.store.users().find_by_name("ann").await.unwrap().unwrap().1, "new");
    let expected = (EventKind::UserSessionsRevoked, json!({ "user_id": ann.id, "keep": here }));
    assert_eq!(notified(&bed.store).await, [expected]);
    bed.store.users().rehash_password(ann.id, "old", "wrong").await.unwrap();
    bed.store.users().rehash_password(ann.id, "new", "better").await.unwrap();
    assert_eq!(bed.store.users().find_by_name("ann").await.unwrap().unwrap().1, "better");
}

async fn a_disabled_user_has_no_way_in(bed: Bed) {
    let ann = bed.user("ann").await;
    begin_session(&bed, &ann, 1).await;
    bed.store.tokens().create("phone", TokenScope::User, Some(ann.id), [2; 32], "sbt_ab").await.unwrap();
    assert!(bed.store.users().set_disabled(ann.id, true).await.unwrap().unwrap().disabled);
    assert!(bed.store.users().set_disabled(ann.id, true).await.unwrap().unwrap().disabled);
    assert_eq!(bed.store.users().set_disabled(99.into(), true).await.unwrap(), None);
    assert_eq!(bed.session([1; 32]).await, None);
    assert_eq!(bed.token([2; 32]).await, None);
    assert_eq!(notified(&bed.store).await, [(EventKind::UserDisabled, json!({ "user_id": ann.id }))]);
    assert!(!bed.store.users().set_disabled(ann.id, false).await.unwrap().unwrap().disabled);
    assert_eq!(bed.session([1; 32]).await, None);
    assert!(bed.token([2; 32]).await.is_some());
}

async fn tokens_work_until_revoked(bed: Bed) {
    let ann = bed.user("ann").await;
    let bob = bed.user("bob").await;
    let own = bed.store.tokens().create("phone", TokenScope::User, Some(ann.id), [1; 32], "sbt_ab").await.unwrap();
    let shared = bed.store.tokens().create("scraper", TokenScope::Publish, None, [2; 32], "sbt_cd").await.unwrap();
    let auth = bed.token([1; 32]).await.unwrap();
    assert_eq!((auth.id, auth.scope, auth.user.as_ref()), (own.id, TokenScope::User, Some(&ann)));
    assert!(bed.store.sessions().is_touch_due(auth.last_used_at));
    bed.store.sessions().touch(&[], &[auth.id]).await.unwrap();
    let auth = bed.token([1; 32]).await.unwrap();
    assert_eq!(auth.last_used_at, Some(bed.clock.now()));
    assert!(!bed.store.sessions().is_touch_due(auth.last_used_at));
    assert_eq!(bed.token([2; 32]).await.unwrap().user, None);
    assert_eq!(bed.store.tokens().page(Some(bob.id), None, 10).await.unwrap().items, []);
    assert_eq!(bed.store.tokens().page(None, None, 10).await.unwrap().items.len(), 2);
    assert!(!bed.store.tokens().revoke(own.id, Some(bob.id)).await.unwrap());
    assert!(!bed.store.tokens().revoke(shared.id, Some(ann.id)).await.unwrap());
    assert!(bed.store.tokens().revoke(own.id, Some(ann.id)).await.unwrap());
    assert!(bed.store.tokens().revoke(shared.id, None).await.unwrap());
    assert!(!bed.store.tokens().revoke(shared.id, None).await.unwrap());
    assert_eq!(bed.token([1; 32]).await, None);
    assert_eq!(bed.store.tokens().page(None, None, 10).await.unwrap().items, []);
    let expected = [own.id, shared.id].map(|id| (EventKind::TokenRevoked, json!({ "token_id": id })));
    assert_eq!(notified(&bed.store).await, expected);
    // A token with scope `user` needs an owner.
    assert!(bed.store.tokens().create("nobody's", TokenScope::User, None, [3; 32], "sbt_ef").await.is_err());
}

async fn an_invitation_is_used_once(bed: Bed) {
    let admin = bed.user("admin").await;
    let in_an_hour = bed.clock.now() + HOUR;
    bed.store.invites().create(Some(admin.id), [1; 32], in_an_hour).await.unwrap();
    let revoked = bed.store.invites().create(None, [2; 32], in_an_hour).await.unwrap();
    bed.store.invites().create(None, [3; 32], in_an_hour).await.unwrap();
    assert!(bed.store.invites().revoke(revoked).await.unwrap());
    assert!(!bed.store.invites().revoke(revoked).await.unwrap());
    let register = async |name: &str, secret: u8| {
        bed.store.invites().redeem(&Username::parse(name).unwrap(), "hash", [secret; 32]).await
    };
    let is_valid = async |secret: u8| bed.store.invites().is_valid(&[secret; 32]).await.unwrap();
    assert!(is_valid(1).await && !is_valid(2).await && !is_valid(9).await);
    // A taken name does not use up the invitation.
    assert!(matches!(register("Admin", 1).await, Err(StoreError::NameTaken)));
    assert_eq!(register("ann", 1).await.unwrap().role, UserRole::User);
    assert!(matches!(register("bob", 1).await, Err(StoreError::BadInvite)));
    assert!(matches!(register("bob", 2).await, Err(StoreError::BadInvite)));
    assert!(!is_valid(1).await && is_valid(3).await);
    bed.clock.advance(HOUR);
    assert!(!is_valid(3).await);
    assert!(matches!(register("bob", 3).await, Err(StoreError::BadInvite)));
    assert_eq!(bed.store.users().find_by_name("bob").await.unwrap(), None);
}

async fn invitations_are_listed_with_what_became_of_them(bed: Bed) {
    let admin = bed.user("Admin").await;
    let made_at = bed.clock.now();
    let used = bed.store.invites().create(Some(admin.id), [1; 32], made_at + HOUR).await.unwrap();
    let open = bed.store.invites().create(None, [2; 32], made_at + HOUR * 2).await.unwrap();
    bed.clock.advance(HOUR / 2);
    let ann = bed.store.invites().redeem(&Username::parse("Ann").unwrap(), "hash", [1; 32]).await.unwrap();
    let first = bed.store.invites().page(None, 1).await.unwrap();
    let rest = bed.store.invites().page(first.next_cursor.as_deref(), 1).await.unwrap();
    let expected = AccountInvite {
        id: open,
        created_by: None,
        created_at: made_at,
        expires_at: made_at + HOUR * 2,
        used_by: None,
        used_at: None,
    };
    assert_eq!(first.items, [expected]);
    let expected = AccountInvite {
        id: used,
        created_by: Some(admin.username),
        created_at: made_at,
        expires_at: made_at + HOUR,
        used_by: Some(ann.username),
        used_at: Some(bed.clock.now()),
    };
    assert_eq!((rest.items, rest.next_cursor), (vec![expected], None));
    assert!(!bed.store.invites().revoke(used).await.unwrap(), "it is used");
    assert!(bed.store.invites().revoke(open).await.unwrap());
    assert_eq!(bed.store.invites().page(None, 10).await.unwrap().items.len(), 1);
    bed.clock.advance(HOUR);
    let policy = RetentionLimits { events_keep: HOUR, listings_keep: None };
    assert_eq!(bed.store.prune(&policy, bed.clock.now(), 100).await.unwrap().others, 1);
    assert_eq!(bed.store.invites().page(None, 10).await.unwrap().items, []);
}

async fn preferences_are_patched(bed: Bed) {
    let ann = bed.user("ann").await.id;
    assert_eq!(bed.store.users().preferences(ann).await.unwrap(), Some(json!({})));
    bed.store.users().update_preferences(ann, json!({ "theme": "dark", "sound": { "on": true } })).await.unwrap();
    let merged =
        bed.store.users().update_preferences(ann, json!({ "theme": null, "sound": { "volume": 3 } })).await.unwrap();
    assert_eq!(merged, Some(json!({ "sound": { "on": true, "volume": 3 } })));
    for patch in [json!([]), json!(null), json!({ "big": "x".repeat(16 * 1024) })] {
        assert!(matches!(bed.store.users().update_preferences(ann, patch).await, Err(StoreError::Invalid(_))));
    }
    assert_eq!(bed.store.users().preferences(ann).await.unwrap(), merged);
    assert_eq!(bed.store.users().preferences(99.into()).await.unwrap(), None);
    assert_eq!(bed.store.users().update_preferences(99.into(), json!({})).await.unwrap(), None);
}

async fn many_are_looked_up_with_one_question(bed: Bed) {
    let ann = bed.user("ann").await;
    let bob = bed.user("bob").await;
    let sessions = [begin_session(&bed, &ann, 1).await, begin_session(&bed, &bob, 2).await];
    let asked = [[1; 32], [9; 32], [2; 32], [1; 32]];
    let found = bed.store.sessions().find_by_hashes(&asked).await.unwrap();
    let found = asked.map(|hash| found.get(&hash).map(|auth| auth.id));
    assert_eq!(found, [Some(sessions[0]), None, Some(sessions[1]), Some(sessions[0])]);
    let own = bed.store.tokens().create("phone", TokenScope::User, Some(ann.id), [3; 32], "sbt_ab").await.unwrap();
    let shared = bed.store.tokens().create("scraper", TokenScope::Publish, None, [4; 32], "sbt_cd").await.unwrap();
    let found = bed.store.tokens().find_by_hashes(&[[3; 32], [4; 32], [5; 32]]).await.unwrap();
    let owners = |hash| found.get(&hash).map(|auth| (auth.id, auth.user.as_ref().map(|user| user.id)));
    assert_eq!([[3; 32], [4; 32]].map(owners), [Some((own.id, Some(ann.id))), Some((shared.id, None))]);
    assert_eq!(found.len(), 2);
    assert!(bed.store.sessions().find_by_hashes(&[]).await.unwrap().is_empty());
}

async fn all_that_are_good_can_be_had_beforehand(bed: Bed) {
    let ann = bed.user("ann").await;
    let bob = bed.user("bob").await;
    begin_session(&bed, &ann, 1).await;
    bed.clock.advance(HOUR);
    let sessions = [begin_session(&bed, &ann, 2).await, begin_session(&bed, &ann, 3).await];
    begin_session(&bed, &bob, 4).await;
    let make =
        |name, owner, secret| bed.store.tokens().create(name, TokenScope::Publish, owner, [secret; 32], "sbt_ab");
    let tokens = [make("shared", None, 5).await.unwrap().id, make("own", Some(ann.id), 6).await.unwrap().id];
    let revoked = make("revoked", None, 7).await.unwrap().id;
    make("disabled", Some(bob.id), 8).await.unwrap();
    assert!(bed.store.tokens().revoke(revoked, None).await.unwrap());
    assert!(bed.store.users().set_disabled(bob.id, true).await.unwrap().is_some());

    let found = bed.store.sessions().list_before(None, 10).await.unwrap();
    let found = found.into_iter().map(|(hash, auth)| (hash[0], auth.id, auth.user.id)).collect::<Vec<_>>();
    assert_eq!(found, [(3, sessions[1], ann.id), (2, sessions[0], ann.id)]);
    let found = bed.store.tokens().list_before(None, 10).await.unwrap();
    let found = found.into_iter().map(|(hash, auth)| (hash[0], auth.id, auth.user.map(|user| user.id)));
    assert_eq!(found.collect::<Vec<_>>(), [(6, tokens[1], Some(ann.id)), (5, tokens[0], None)]);
    assert_eq!(bed.store.sessions().list_before(None, 1).await.unwrap()[0].1.id, sessions[1]);
    assert_eq!(bed.store.sessions().list_before(Some(sessions[1]), 10).await.unwrap()[0].1.id, sessions[0]);
    assert_eq!(bed.store.sessions().list_before(Some(sessions[0]), 10).await.unwrap(), []);
    assert_eq!(bed.store.tokens().list_before(Some(tokens[1]), 10).await.unwrap()[0].1.id, tokens[0]);
    assert_eq!(bed.store.tokens().list_before(Some(tokens[0]), 10).await.unwrap(), []);
}

async fn whether_something_was_revoked_is_known_without_a_look(bed: Bed) {
    let ann = bed.user("ann").await;
    let version = || bed.store.events().control_version();
    if bed.store.is_shared() {
        assert_eq!(version(), None, "other machines may have revoked something");
        return;
    }
    let session = begin_session(&bed, &ann, 1).await;
    let before = version().unwrap();
    bed.store.listings().ingest(vec![listing("1", "A", 1)]).await.unwrap();
    assert_eq!(version(), Some(before), "nothing was revoked");
    assert!(bed.store.sessions().revoke(ann.id, session).await.unwrap());
    let after = version().unwrap();
    assert!(after > before);

    let other = bed.again().await;
    other.users().create(&Username::parse("bob").unwrap(), UserRole::User, "hash").await.unwrap();
    assert_eq!(version(), None, "another process has written something");
    begin_session(&bed, &ann, 2).await;
    assert!(version().unwrap() > after, "what it has written may have been for the servers");
}

async fn sessions_are_touched_once_a_minute(bed: Bed) {
    let ann = bed.user("ann").await;
    begin_session(&bed, &ann, 1).await;
    for (seconds, expected) in [(59, 0), (1, 60), (30, 60), (31, 121)] {
        bed.clock.advance(Duration::from_secs(seconds));
        let auth = bed.session([1; 32]).await.unwrap();
        bed.store.sessions().touch(&[auth.id], &[]).await.unwrap();
        let session = &bed.store.sessions().list(ann.id).await.unwrap()[0];
        assert_eq!(session.last_seen_at.duration_since(session.created_at).as_secs(), expected);
    }
}
