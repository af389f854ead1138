//! A store whose keys were made by the first rules of addresses: nothing is new, and nothing is announced.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use superbot_db::sql;
use superbot_domain::{
    Clock as _, Currency, ListingId, ListingLink, NewListing, NewPriceAlert, NoteText, NotesChange, QueryKind,
    StandingQuery as _, User,
};
use superbot_store::{IngestOutcome, IngestedListing, ReconcileOutcome, RetentionLimits, Store, maintenance};

use crate::bed::Bed;

crate::on_every_back_end!(
    two_that_become_one_are_merged,
    those_that_only_shared_a_key_are_not_merged,
    what_was_pruned_is_still_known,
    further_names_are_still_known,
    reposts_stay_linked,
    a_new_store_has_nothing_to_do,
);

mod interruptions {
    use super::{histories, what_was_known_is_known_all_the_time};

    crate::on_every_back_end!(property what_was_known_is_known_all_the_time(histories, 16));
}

/// Addresses with their keys by the first rules, each of another ad.
const STORED: [(&str, &str); 10] = [
    ("https://example.com/1", "https://example.com/1"),
    ("http://www.example.com/2/", "http://www.example.com/2"),
    ("https://m.example.com/3?utm_source=x&b=1&a=2", "https://m.example.com/3?a=2&b=1"),
    ("https://www.facebook.com/marketplace/item/4/?ref=search", "https://www.facebook.com/marketplace/item/4"),
    ("https://www.ebay.com/itm/5?hash=abc", "https://www.ebay.com/itm/5?hash=abc"),
    ("https://example.com/v?ref=6", "https://example.com/v"),
    ("https://example.com/gr%c3%bcn%2Dblau", "https://example.com/gr%c3%bcn%2Dblau"),
    ("https://spa.example/#/ad/8", "https://spa.example"),
    ("http://example.com:80/9#photos", "http://example.com/9"),
    ("http://example.com/v", "http://example.com/v"),
];

fn posting(link: &str, price: u64) -> NewListing {
    let value = json!({ "title": format!("Bike at {link}"), "link": link, "source": "test", "price": price });
    NewListing::from_json(&value, Currency::USD).unwrap()
}

async fn post(store: &Store, postings: Vec<NewListing>) -> Vec<IngestedListing> {
    store.listings().ingest(postings).await.unwrap()
}

async fn execute(bed: &Bed, statements: &[String]) {
    let mut conn = maintenance::connect_existing(bed.url()).await.unwrap();
    for statement in statements {
        sql::query(sqlx::AssertSqlSafe(statement.clone())).execute(&mut conn).await.unwrap();
    }
    conn.close().await.unwrap();
}

/// Stores listings as the first version did: each with that address and that key. Returns their ids.
async fn store_as_before(bed: &Bed, stored: &[(&str, &str)]) -> Vec<i64> {
    let mut ids = Vec::new();
    for (place, (link, _)) in stored.iter().enumerate() {
        // Under an address of its own, as today's rules would find that some are the same.
        let mut new = posting(link, 100 + place as u64);
        new.link = ListingLink::parse(&format!("https://elsewhere.example/{place}")).unwrap();
        ids.push(post(&bed.store, vec![new]).await[0].id.get());
    }
    let keys = ids
        .iter()
        .zip(stored)
        .map(|(id, (link, key))| format!("UPDATE listings SET link = '{link}', link_key = '{key}' WHERE id = {id}"));
    let mut statements: Vec<String> = keys.collect();
    statements.push("DELETE FROM meta WHERE key IN ('link_rules', 'rekeying')".to_owned());
    bed.store.close().await;
    execute(bed, &statements).await;
    ids
}

async fn finish(store: &Store, batch: u32) {
    while store.listings().rekey_next(batch).await.unwrap() {}
}

async fn head(store: &Store) -> u64 {
    store.events().bounds().await.unwrap().head
}

async fn notified(store: &Store, user: &User) -> usize {
    store.notifications().page(user.id, false, None, 500).await.unwrap().items.len()
}

async fn alert(store: &Store, user: &User, threshold: u64) -> i64 {
    let value = json!({ "keywords": "bike", "threshold_price": threshold });
    let wants = NewPriceAlert::from_json(&value, Currency::USD).unwrap();
    store.queries().create(user.id, &wants).await.unwrap().id.get()
}

/// Steps of the work: after each the process ends if the first is true; the second is the size of the next batch.
fn histories() -> impl Strategy<Value = Vec<(bool, u32)>> {
    prop::collection::vec((any::<bool>(), 1_u32..5), 0..12)
}

async fn what_was_known_is_known_all_the_time(bed: Bed, steps: Vec<(bool, u32)>) {
    let ann = bed.user("Ann").await;
    alert(&bed.store, &ann, 1_000).await;
    let ids = store_as_before(&bed, &STORED).await;
    let mut store = bed.again().await;
    let before = (head(&store).await, notified(&store, &ann).await);
    let repost = || STORED.iter().zip(100..).map(|((link, _), price)| posting(link, price)).collect::<Vec<_>>();
    let check = async |store: &Store| {
        let posted = post(store, repost()).await;
        let outcome = posted.iter().map(|posted| (posted.id.get(), posted.outcome));
        assert!(outcome.eq(ids.iter().map(|id| (*id, IngestOutcome::Unchanged))), "{posted:?}");
        assert_eq!((head(store).await, notified(store, &ann).await), before, "no event and no notification");
    };
    check(&store).await;
    for (ends, batch) in steps {
        store.listings().rekey_next(batch).await.unwrap();
        if ends {
            store.close().await;
            store = bed.again().await;
        }
        check(&store).await;
    }
    finish(&store, 3).await;
    check(&store).await;
    for kind in QueryKind::ALL {
        assert_eq!(store.matches().reconcile(kind, 1).await.unwrap(), ReconcileOutcome::All { repaired: 0 });
    }
    check(&store).await;
    // What is new is new: another ad of the page that was one listing, and another one at the same address.
    let others = vec![posting("https://spa.example/#/ad/80", 5), posting("https://example.com/v?ref=60", 5)];
    assert!(post(&store, others).await.iter().all(|posted| posted.outcome == IngestOutcome::Created));
    store.close().await;
    let store = bed.again().await;
    assert!(!store.listings().rekey_next(5).await.unwrap(), "the next start has nothing to do");
    store.close().await;
}

async fn two_that_become_one_are_merged(bed: Bed) {
    let ann = bed.user("Ann").await;
    let ben = bed.user("Ben").await;
    let stored = [
        ("http://www.example.com/1", "http://www.example.com/1"),
        ("https://example.com/other", "https://example.com/other"),
        ("https://example.com/1", "https://example.com/1"),
        ("https://m.example.com/1", "https://m.example.com/1"),
    ];
    let alert = alert(&bed.store, &ann, 1_000).await;
    let ids = store_as_before(&bed, &stored).await;
    let kept = ids[0];
    let gone = ids[2];
    let store = bed.again().await;
    let favorites = store.favorites();
    let notes = |text: &str| NotesChange::from_json(&json!({ "notes": text })).unwrap();
    favorites.put(ann.id, gone.into(), notes("red")).await.unwrap();
    favorites.put(ann.id, kept.into(), notes("")).await.unwrap();
    favorites.put(ben.id, gone.into(), notes("mine")).await.unwrap();
    let before = (head(&store).await, notified(&store, &ann).await);
    finish(&store, 2).await;
    assert_eq!((head(&store).await, notified(&store, &ann).await), before, "no event and no notification");

    // The values of the one whose price changed last, and all prices.
    let merged = store.listings().get(kept.into()).await.unwrap().unwrap();
    assert_eq!(merged.price, posting("https://x.test", 103).price.price);
    assert_eq!(store.listings().price_history(kept.into()).await.unwrap().unwrap().len(), 3);
    for id in [gone, ids[3]] {
        assert!(store.listings().get(id.into()).await.unwrap().is_none());
        assert_eq!(store.listings().merged_into(id.into()).await.unwrap().map(ListingId::get), Some(kept));
    }
    assert_eq!(store.listings().merged_into(kept.into()).await.unwrap(), None);
    for (user, expected) in [(&ann, "red"), (&ben, "mine")] {
        let page = favorites.page(user.id, None, 10).await.unwrap().items;
        let page: Vec<_> = page
            .iter()
            .map(|favorite| (favorite.listing.id.get(), favorite.notes.as_ref().map(NoteText::as_str)))
            .collect();
        assert_eq!(page, [(kept, Some(expected))]);
    }
    // Each of its addresses is this listing, and no one is notified again.
    for (link, _) in [stored[0], stored[2], stored[3]] {
        let mut again = posting(link, 103);
        again.title.clone_from(&merged.title);
        let posted = post(&store, vec![again]).await[0];
        assert_eq!((posted.id.get(), posted.outcome), (kept, IngestOutcome::Unchanged), "{link}");
    }
    assert_eq!(notified(&store, &ann).await, before.1);
    let mut cheaper = posting(stored[2].0, 50);
    cheaper.title.clone_from(&merged.title);
    assert!(matches!(post(&store, vec![cheaper]).await[0].outcome, IngestOutcome::Updated { .. }));
    assert_eq!(notified(&store, &ann).await, before.1 + 1, "one notification of the lower price");
    let queries = store.queries::<NewPriceAlert>();
    assert!(queries.get(ann.id, alert.into()).await.unwrap().is_some());
    store.close().await;
}

async fn those_that_only_shared_a_key_are_not_merged(bed: Bed) {
    // The new key of the second is the old one of the first.
    let stored =
        [("https://example.com/v?ref=1", "https://example.com/v"), ("http://example.com/v", "http://example.com/v")];
    let ids = store_as_before(&bed, &stored).await;
    let store = bed.again().await;
    finish(&store, 10).await;
    for (id, (link, _)) in ids.iter().zip(stored) {
        assert_eq!(store.listings().get((*id).into()).await.unwrap().unwrap().link, link);
        assert_eq!(post(&store, vec![posting(link, 5)]).await[0].id.get(), *id);
    }
    store.close().await;
}

async fn prune(bed: &Bed, store: &Store, later: Duration) -> u64 {
    bed.clock.advance(later);
    let keep = Duration::from_hours(1);
    let policy = RetentionLimits { events_keep: Duration::from_hours(900), listings_keep: Some(keep) };
    store.prune(&policy, bed.clock.now(), 100).await.unwrap().listings
}

async fn what_was_pruned_is_still_known(bed: Bed) {
    let ann = bed.user("Ann").await;
    alert(&bed.store, &ann, 1_000).await;
    let stored = [
        ("http://www.example.com/1", "http://www.example.com/1"),
        ("https://www.example.com/2", "https://www.example.com/2"),
        ("http://example.com/2", "http://example.com/2"),
        ("https://example.com/1", "https://example.com/1"),
    ];
    let ids = store_as_before(&bed, &stored).await;
    execute(&bed, &[format!("UPDATE listings SET seen_at = 0 WHERE id <> {}", ids[3])]).await;
    let store = bed.again().await;
    assert_eq!(prune(&bed, &store, Duration::ZERO).await, 3);
    let before = (head(&store).await, notified(&store, &ann).await);
    let early = post(&store, vec![posting("https://www.example.com/2", 101)]).await[0];
    assert_eq!(early.id.get(), ids[1], "it is known before its key is made again");
    finish(&store, 2).await;
    for (link, id) in [("https://example.com/1", ids[3]), ("http://m.example.com/2", ids[1])] {
        let posted = post(&store, vec![posting(link, 5_000)]).await[0];
        assert_eq!(posted.id.get(), id, "{link}");
        assert_ne!(posted.outcome, IngestOutcome::Created);
    }
    for (gone, kept) in [(ids[0], ids[3]), (ids[2], ids[1])] {
        assert_eq!(store.listings().merged_into(gone.into()).await.unwrap().map(ListingId::get), Some(kept));
    }
    assert_eq!(notified(&store, &ann).await, before.1);
    assert_eq!(prune(&bed, &store, Duration::from_hours(48)).await, 2);
    assert_eq!(post(&store, vec![posting("https://example.com/2/", 5_000)]).await[0].id.get(), ids[1]);
    store.close().await;
}

async fn further_names_are_still_known(bed: Bed) {
    let stored =
        [("http://www.example.com/1", "http://www.example.com/1"), ("https://example.com/1", "https://example.com/1")];
    let ids = store_as_before(&bed, &stored).await;
    let names = [("http://www.example.com/moved", ids[1]), ("id:77", ids[1]), ("https://example.com/kept", ids[0])];
    let insert = names.map(|(name, id)| {
        format!("INSERT INTO listing_aliases (source, alias, listing_id) VALUES ('test', '{name}', {id})")
    });
    execute(&bed, &insert).await;
    let store = bed.again().await;
    let known = async |link: &str| post(&store, vec![posting(link, 101)]).await[0].id.get();
    assert_eq!(known("http://www.example.com/moved").await, ids[1]);
    // In each state of the work.
    loop {
        let is_left = store.listings().rekey_next(1).await.unwrap();
        let merged = store.listings().merged_into(ids[1].into()).await.unwrap().is_some();
        let second = if merged { ids[0] } else { ids[1] };
        assert_eq!(known("http://www.example.com/moved").await, second);
        assert_eq!(known("https://example.com/kept").await, ids[0]);
        let by_id = NewListing { aliases: vec!["77".to_owned()], ..posting("https://new.example/1", 101) };
        assert_eq!(post(&store, vec![by_id]).await[0].id.get(), second);
        if !is_left {
            break;
        }
    }
    assert_eq!(known("https://m.example.com/moved").await, ids[0]);
    store.close().await;
}

async fn reposts_stay_linked(bed: Bed) {
    let ann = bed.user("Ann").await;
    let stored = [
        ("https://example.com/1", "https://example.com/1"),
        ("http://example.com/2", "http://example.com/2"),
        ("https://example.com/2", "https://example.com/2"),
        ("https://example.com/3", "https://example.com/3"),
    ];
    let ids = store_as_before(&bed, &stored).await;
    let repost = |id: i64, of: i64| format!("UPDATE listings SET reposted_of = {of} WHERE id = {id}");
    execute(&bed, &[repost(ids[1], ids[0]), repost(ids[3], ids[2])]).await;
    let store = bed.again().await;
    alert(&store, &ann, 1).await;
    finish(&store, 10).await;
    let reposted_of =
        async |id: i64| store.listings().get(id.into()).await.unwrap().unwrap().reposted_of.map(ListingId::get);
    assert_eq!((reposted_of(ids[1]).await, reposted_of(ids[3]).await), (Some(ids[0]), Some(ids[0])));
    store.close().await;
}

async fn a_new_store_has_nothing_to_do(bed: Bed) {
    post(&bed.store, vec![posting("http://www.example.com/1", 5)]).await;
    assert!(!bed.store.listings().rekey_next(10).await.unwrap());
    bed.store.close().await;
    let store = bed.again().await;
    assert!(!store.listings().rekey_next(10).await.unwrap());
    let link = ListingLink::parse("https://example.com/1").unwrap();
    let again = NewListing { link, ..posting("http://www.example.com/1", 5) };
    assert_eq!(post(&store, vec![again]).await[0].outcome, IngestOutcome::Unchanged);
    store.close().await;
}
