//! Favourites: notes, pagination, and exemption from pruning.

use std::time::Duration;

use superbot_domain::{Clock, Favorite, ListingId, NoteText, NotesChange, User};
use superbot_store::{RetentionLimits, StoreError};

use crate::bed::{Bed, listing};

crate::on_every_back_end!(
    a_listing_is_kept_with_its_notes,
    favourites_are_read_page_by_page,
    a_favourite_is_not_pruned,
    favourites_are_their_owners_alone,
    there_are_only_so_many_favourites,
);

const DAY: Duration = Duration::from_hours(24);

async fn post(bed: &Bed, count: usize) -> Vec<ListingId> {
    let batch = (0..count).map(|n| listing(&n.to_string(), &format!("Thing {n}"), 10)).collect();
    bed.store.listings().ingest(batch).await.unwrap().into_iter().map(|ingested| ingested.id).collect()
}

async fn keep(bed: &Bed, user: &User, id: ListingId) -> Favorite {
    bed.store.favorites().put(user.id, id, NotesChange::Keep).await.unwrap().unwrap().0
}

async fn all_of(bed: &Bed, user: &User) -> Vec<Favorite> {
    bed.store.favorites().page(user.id, None, 500).await.unwrap().items
}

fn notes(text: &str) -> NotesChange {
    NotesChange::Replace(NoteText::parse(text).unwrap())
}

async fn a_listing_is_kept_with_its_notes(bed: Bed) {
    let ann = bed.user("ann").await;
    let id = post(&bed, 1).await[0];
    let (kept, is_new) = bed.store.favorites().put(ann.id, id, NotesChange::Keep).await.unwrap().unwrap();
    assert!(is_new);
    assert_eq!((kept.listing.id, kept.notes, kept.created_at), (id, None, bed.clock.now()));
    let kept_at = bed.clock.now();
    bed.clock.advance(DAY);
    bed.store.listings().ingest(vec![listing("0", "Thing", 8)]).await.unwrap();
    for (change, expected) in [
        (notes("Ask for Ann"), Some("Ask for Ann")),
        (NotesChange::Keep, Some("Ask for Ann")),
        (notes("two\nlines"), Some("two\nlines")),
        (NotesChange::Clear, None),
        (NotesChange::Keep, None),
    ] {
        let (kept, is_new) = bed.store.favorites().put(ann.id, id, change).await.unwrap().unwrap();
        assert_eq!((kept.notes.as_ref().map(NoteText::as_str), kept.created_at, is_new), (expected, kept_at, false));
        assert_eq!(all_of(&bed, &ann).await, [kept]);
    }
    let listing = bed.store.listings().get(id).await.unwrap().unwrap();
    assert!(listing.previous_price.is_some());
    assert_eq!(all_of(&bed, &ann).await[0].listing, listing, "as it is when it is read by itself");
    assert_eq!(bed.store.favorites().put(ann.id, 99.into(), NotesChange::Keep).await.unwrap(), None);
    assert!(bed.store.favorites().delete(ann.id, id).await.unwrap());
    assert!(!bed.store.favorites().delete(ann.id, id).await.unwrap());
    assert_eq!(all_of(&bed, &ann).await, []);
}

async fn favourites_are_read_page_by_page(bed: Bed) {
    let ann = bed.user("ann").await;
    let ids = post(&bed, 7).await;
    for id in ids.iter().rev() {
        keep(&bed, &ann, *id).await;
    }
    // A repeated put keeps the position; a listing that was removed and added again is the newest.
    keep(&bed, &ann, ids[6]).await;
    bed.store.favorites().delete(ann.id, ids[5]).await.unwrap();
    keep(&bed, &ann, ids[5]).await;
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let page = bed.store.favorites().page(ann.id, cursor.as_deref(), 3).await.unwrap();
        found.extend(page.items.into_iter().map(|favorite| favorite.listing.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, [5, 0, 1, 2, 3, 4, 6].map(|place| ids[place]));
    let wrong = bed.store.favorites().page(ann.id, Some("zz"), 3).await;
    assert!(matches!(wrong, Err(StoreError::BadCursor)));
}

async fn a_favourite_is_not_pruned(bed: Bed) {
    let ann = bed.user("ann").await;
    let bob = bed.user("bob").await;
    let ids = post(&bed, 5).await;
    keep(&bed, &ann, ids[0]).await;
    keep(&bed, &bob, ids[0]).await;
    keep(&bed, &bob, ids[3]).await;
    bed.clock.advance(DAY * 2);
    let policy = RetentionLimits { events_keep: DAY * 99, listings_keep: Some(DAY) };
    let prune = || bed.store.prune(&policy, bed.clock.now(), 2);
    assert_eq!(prune().await.unwrap().listings, 2, "those that are kept do not take up the batch");
    assert_eq!(prune().await.unwrap().listings, 1);
    assert_eq!(prune().await.unwrap().listings, 0);
    for (place, id) in ids.iter().enumerate() {
        assert_eq!(bed.store.listings().get(*id).await.unwrap().is_some(), [0, 3].contains(&place), "{place}");
    }
    bed.store.favorites().delete(bob.id, ids[3]).await.unwrap();
    bed.store.favorites().delete(bob.id, ids[0]).await.unwrap();
    assert_eq!(prune().await.unwrap().listings, 1, "it is no longer a favourite");
    assert_eq!(all_of(&bed, &ann).await[0].listing.id, ids[0]);
}

async fn favourites_are_their_owners_alone(bed: Bed) {
    let ann = bed.user("ann").await;
    let bob = bed.user("bob").await;
    let id = post(&bed, 1).await[0];
    bed.store.favorites().put(ann.id, id, notes("hers")).await.unwrap();
    assert_eq!(all_of(&bed, &bob).await, []);
    assert!(!bed.store.favorites().delete(bob.id, id).await.unwrap());
    assert_eq!(keep(&bed, &bob, id).await.notes, None);
    assert!(bed.store.favorites().delete(bob.id, id).await.unwrap());
    assert_eq!(all_of(&bed, &ann).await.len(), 1);
}

async fn there_are_only_so_many_favourites(bed: Bed) {
    let ann = bed.user("ann").await;
    let ids = post(&bed, 1001).await;
    let puts: Vec<_> = ids[..1000]
        .iter()
        .map(|id| {
            let store = bed.store.clone();
            let user = ann.id;
            let id = *id;
            tokio::spawn(async move { store.favorites().put(user, id, NotesChange::Keep).await })
        })
        .collect();
    for put in puts {
        put.await.unwrap().unwrap();
    }
    let refused = bed.store.favorites().put(ann.id, ids[1000], NotesChange::Keep).await;
    assert!(matches!(refused, Err(StoreError::TooManyFavorites(1000))), "{refused:?}");
    assert!(bed.store.favorites().put(ann.id, ids[0], notes("still")).await.unwrap().is_some());
    bed.store.favorites().delete(ann.id, ids[0]).await.unwrap();
    assert!(bed.store.favorites().put(ann.id, ids[1000], NotesChange::Keep).await.unwrap().is_some());
}
