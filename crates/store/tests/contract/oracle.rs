//! Random histories, compared at each step with an in-memory model.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;
use superbot_domain::{
    Audience, Currency, EventKind, LogEvent, MessageLevel, NewListing, NewSystemMessage, NotificationDraft,
    NotificationId, Price, ScraperStates, UserId,
};
use superbot_store::{CredentialsKept, IngestOutcome, NotifyOutcome};

use crate::bed::Bed;

crate::on_every_back_end!(property any_history_is_told_as_it_happened(histories, 24));

fn histories() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..30)
}

#[derive(Clone, Debug)]
enum Step {
    Ingest(Vec<Posting>),
    Notify(usize),
    /// Marks some of the owner's notifications as read, on behalf of a user.
    MarkRead {
        reader: usize,
        ids: Vec<usize>,
    },
    MarkAllRead(usize),
    Message,
    Status,
    SetPassword(usize),
    Disable(usize, bool),
}

#[derive(Clone, Debug)]
struct Posting {
    link: u8,
    title: u8,
    price: Option<u8>,
    description: Option<u8>,
}

const USERS: usize = 3;

fn step() -> impl Strategy<Value = Step> {
    let posting = (0..4_u8, 0..2_u8, prop::option::of(0..3_u8), prop::option::of(0..2_u8))
        .prop_map(|(link, title, price, description)| Posting { link, title, price, description });
    prop_oneof![
        4 => prop::collection::vec(posting, 1..6).prop_map(Step::Ingest),
        4 => (0..USERS).prop_map(Step::Notify),
        2 => (0..USERS, prop::collection::vec(0..12_usize, 0..4)).prop_map(|(reader, ids)| Step::MarkRead { reader, ids }),
        1 => (0..USERS).prop_map(Step::MarkAllRead),
        1 => Just(Step::Message),
        1 => Just(Step::Status),
        1 => (0..USERS).prop_map(Step::SetPassword),
        1 => (0..USERS, any::<bool>()).prop_map(|(user, disabled)| Step::Disable(user, disabled)),
    ]
}

#[derive(Default)]
struct Oracle {
    log: Vec<(EventKind, Audience)>,
    listings: BTreeMap<u8, (Posting, Vec<Option<u8>>)>,
    /// Owner and unread state of each notification.
    notifications: Vec<(NotificationId, usize, bool)>,
    disabled: BTreeSet<usize>,
}

impl Oracle {
    fn post(&mut self, new: &Posting) -> IngestOutcome {
        let Some((known, prices)) = self.listings.get_mut(&new.link) else {
            self.listings.insert(new.link, (new.clone(), vec![new.price]));
            self.log.push((EventKind::NewListing, Audience::Everyone));
            return IngestOutcome::Created;
        };
        let mut outcome = IngestOutcome::Unchanged;
        let described = new.description.is_some() && new.description != known.description;
        if known.title != new.title || described {
            outcome = IngestOutcome::Updated { previous_price: None };
        }
        if new.price.is_some() && new.price != known.price {
            outcome = IngestOutcome::Updated { previous_price: Some(asked(known.price)) };
            prices.push(new.price);
        }
        known.title = new.title;
        known.description = new.description.or(known.description);
        known.price = new.price.or(known.price);
        if outcome != IngestOutcome::Unchanged {
            self.log.push((EventKind::ListingUpdated, Audience::Everyone));
        }
        outcome
    }

    fn unread(&self, user: usize) -> usize {
        self.notifications.iter().filter(|(_, owner, unread)| *owner == user && *unread).count()
    }

    /// Marks the user's unread notifications among the wanted ones as read, and returns them.
    fn read(&mut self, user: usize, wanted: impl Fn(NotificationId) -> bool) -> Vec<NotificationId> {
        let mut read = Vec::new();
        for (id, owner, unread) in &mut self.notifications {
            if *owner == user && *unread && wanted(*id) {
                *unread = false;
                read.push(*id);
            }
        }
        read
    }
}

/// Converts a price; 0 means free.
fn asked(price: Option<u8>) -> Price {
    NewListing::from_json(&posted(&Posting { link: 0, title: 0, price, description: None }), Currency::USD)
        .unwrap()
        .price
        .price
}

fn posted(posting: &Posting) -> serde_json::Value {
    json!({
        "title": format!("title {}", posting.title), "link": format!("https://example.com/{}", posting.link),
        "source": "test", "price": posting.price, "description": posting.description.map(|text| format!("text {text}")),
    })
}

async fn any_history_is_told_as_it_happened(bed: Bed, history: Vec<Step>) {
    let mut users = Vec::new();
    for user in 0..USERS {
        users.push(bed.user(&format!("user{user}")).await.id);
    }
    let mut oracle = Oracle::default();
    for step in history {
        play(&bed, &users, &mut oracle, step).await;
    }
    compare(&bed, &users, &oracle).await;
}

async fn play(bed: &Bed, users: &[UserId], oracle: &mut Oracle, step: Step) {
    let store = &bed.store;
    match step {
        Step::Ingest(postings) => {
            let new = postings.iter().map(|posting| NewListing::from_json(&posted(posting), Currency::USD).unwrap());
            let outcomes: Vec<_> = store.listings().ingest(new.collect()).await.unwrap();
            let outcomes: Vec<_> = outcomes.into_iter().map(|ingested| ingested.outcome).collect();
            assert_eq!(outcomes, postings.iter().map(|posting| oracle.post(posting)).collect::<Vec<_>>());
        }
        Step::Notify(user) => {
            let draft = NotificationDraft::from_json(&json!({ "type": "custom" })).unwrap();
            match store.notifications().create(&format!("USER{user}"), &draft, None).await.unwrap() {
                NotifyOutcome::Sent { id, seq } => {
                    assert!(!oracle.disabled.contains(&user));
                    oracle.notifications.push((id, user, true));
                    oracle.log.push((EventKind::Notification, Audience::User(users[user])));
                    assert_eq!(seq, oracle.log.len() as u64);
                }
                NotifyOutcome::Disabled => assert!(oracle.disabled.contains(&user)),
                NotifyOutcome::NoSuchUser => panic!("there is a user"),
            }
        }
        Step::MarkRead { reader, ids } => {
            let of = |id: &usize| oracle.notifications.get(*id).map_or(NotificationId::from(9999), |(id, ..)| *id);
            let ids: Vec<_> = ids.iter().map(of).collect();
            let outcome = store.notifications().mark_read(users[reader], &ids).await.unwrap();
            assert_eq!(outcome.ids, oracle.read(reader, |id| ids.contains(&id)));
            assert_eq!(outcome.unread, oracle.unread(reader) as u64);
            told_read(oracle, users[reader], &outcome.ids);
        }
        Step::MarkAllRead(user) => {
            let outcome = store.notifications().mark_all_read(users[user]).await.unwrap();
            assert_eq!((&outcome.ids, outcome.unread), (&oracle.read(user, |_| true), 0));
            told_read(oracle, users[user], &outcome.ids);
        }
        Step::Message => {
            store
                .events()
                .publish_system_message(&NewSystemMessage::new("x", MessageLevel::Info).unwrap(), None)
                .await
                .unwrap();
            oracle.log.push((EventKind::SystemMessage, Audience::Everyone));
        }
        Step::Status => {
            store.scraper_status().put(&ScraperStates::initial().into(), None).await.unwrap();
            oracle.log.push((EventKind::ScraperStatus, Audience::ScraperStatus));
        }
        Step::SetPassword(user) => {
            assert!(
                store.users().set_password(users[user], "new", CredentialsKept::default()).await.unwrap().is_some()
            );
            oracle.log.push((EventKind::UserSessionsRevoked, Audience::Control));
        }
        Step::Disable(user, disabled) => {
            let changed = store.users().set_disabled(users[user], disabled).await.unwrap().unwrap();
            assert_eq!(changed.disabled, disabled);
            let was_disabled = if disabled { !oracle.disabled.insert(user) } else { oracle.disabled.remove(&user) };
            if disabled && !was_disabled {
                oracle.log.push((EventKind::UserDisabled, Audience::Control));
            }
        }
    }
}

fn told_read(oracle: &mut Oracle, user: UserId, ids: &[NotificationId]) {
    if !ids.is_empty() {
        oracle.log.push((EventKind::NotificationRead, Audience::User(user)));
    }
}

async fn compare(bed: &Bed, users: &[UserId], oracle: &Oracle) {
    let store = &bed.store;
    let head = oracle.log.len() as u64;
    let log = store.events().list(0, 10_000).await.unwrap();
    assert_eq!(log.iter().map(|event| event.seq).collect::<Vec<_>>(), (1..=head).collect::<Vec<_>>());
    assert_eq!(log.iter().map(|event| (event.kind, event.audience)).collect::<Vec<_>>(), oracle.log);
    for user in users.iter().copied().map(Some).chain([None]) {
        let entitled = |event: &&LogEvent| match event.audience {
            Audience::Everyone => true,
            Audience::User(owner) => Some(owner) == user,
            Audience::ScraperStatus | Audience::Control => false,
        };
        for (after, upto) in [(0, head), (head / 3, head), (head / 3, head / 2), (head, head)] {
            let expected: Vec<LogEvent> =
                log.iter().filter(entitled).filter(|event| event.seq > after && event.seq <= upto).cloned().collect();
            assert_eq!(store.events().list_for(user, after, upto, 10_000).await.unwrap(), expected);
            assert_eq!(store.events().list_for(user, after, upto, 2).await.unwrap(), expected[..expected.len().min(2)]);
            let count = expected.len() as u64;
            assert_eq!(store.events().count_for(user, after, upto, 10_000).await.unwrap(), count);
            assert_eq!(store.events().count_for(user, after, upto, 2).await.unwrap(), count.min(3));
        }
    }
    for (user, id) in users.iter().enumerate() {
        assert_eq!(store.notifications().count_unread(*id).await.unwrap(), oracle.unread(user) as u64);
        let own: Vec<_> = oracle.notifications.iter().rev().filter(|(_, owner, _)| *owner == user).collect();
        let stored = store.notifications().page(*id, false, None, 500).await.unwrap().items;
        let stored: Vec<_> = stored.iter().map(|one| (one.id, one.read_at.is_none())).collect();
        assert_eq!(stored, own.iter().map(|(id, _, unread)| (*id, *unread)).collect::<Vec<_>>());
    }
    let stored =
        store.listings().page(&superbot_store::ListingQuery { limit: 500, ..Default::default() }).await.unwrap().items;
    assert_eq!(stored.len(), oracle.listings.len());
    for listing in stored {
        let link = listing.link.rsplit('/').next().unwrap().parse().unwrap();
        let (known, prices) = &oracle.listings[&link];
        assert_eq!((listing.title, listing.price), (format!("title {}", known.title), asked(known.price)));
        assert_eq!(listing.details.description, known.description.map(|text| format!("text {text}")));
        let history = store.listings().price_history(listing.id).await.unwrap().unwrap();
        let history: Vec<_> = history.into_iter().map(|point| point.price).collect();
        assert_eq!(history, prices.iter().map(|price| asked(*price)).collect::<Vec<_>>());
    }
}
