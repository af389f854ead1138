//! Which listings are matched after an upgrade of the readers: those that no version has matched yet, and no others.

use proptest::prelude::*;
use superbot_db::sql;
use superbot_domain::{QueryKind, READER_VERSION};
use superbot_store::{DbError, Store, StoreError, maintenance};

use crate::bed::{Bed, listing};
use crate::reconcile::reconcile;
use crate::upgrade::{alert, as_earlier_version_left_it, notified};

crate::on_every_back_end!(
    what_was_matched_on_arrival_is_done_with,
    what_was_matched_on_arrival_is_done_with_for_the_workers,
    what_the_workers_have_not_matched_is_not_lost,
    what_the_workers_have_not_matched_is_left_to_them,
    what_the_log_has_forgotten_is_matched_by_the_same_rule,
    a_store_of_newer_readers_is_refused,
    an_earlier_process_leaves_the_index_to_the_newer_one,
);

mod settings {
    use super::{each_listing_is_matched_once, runs};

    crate::on_every_back_end!(property each_listing_is_matched_once(runs, 48));
}

/// What happens between two starts.
#[expect(clippy::struct_excessive_bools, reason = "each of them is drawn by itself")]
#[derive(Clone, Copy, Debug)]
struct StoreRun {
    is_upgrade: bool,
    matches_on_arrival: bool,
    posts: bool,
    reconciles: bool,
}

fn runs() -> impl Strategy<Value = Vec<StoreRun>> {
    let run = any::<[bool; 4]>().prop_map(|[is_upgrade, matches_on_arrival, posts, reconciles]| StoreRun {
        is_upgrade,
        matches_on_arrival,
        posts,
        reconciles,
    });
    prop::collection::vec(run, 1..9)
}

async fn open(bed: &Bed, matches_on_arrival: bool) -> Store {
    if matches_on_arrival { bed.again().await } else { bed.again_without_matching().await }
}

async fn execute(bed: &Bed, statements: &[&str]) {
    let mut conn = maintenance::connect_existing(bed.url()).await.unwrap();
    for statement in statements {
        sql::query(sqlx::AssertSqlSafe((*statement).to_owned())).execute(&mut conn).await.unwrap();
    }
    conn.close().await.unwrap();
}

/// Each run posts a bike, which all rules find, and a listing that only the rules after the next upgrade find.
async fn each_listing_is_matched_once(bed: Bed, runs: Vec<StoreRun>) {
    let ann = bed.user("Ann").await;
    alert(&bed.store, &ann, "bike", 100).await;
    bed.store.close().await;
    let mut expected = 0;
    // What the workers have to compare: bikes, and listings that earlier rules would not find.
    let mut waiting_bikes = 0;
    let mut waiting_others = 0;
    let mut others_of_today = 0;
    let last = StoreRun { is_upgrade: true, matches_on_arrival: true, posts: false, reconciles: true };
    for (number, run) in runs.into_iter().chain([last]).enumerate() {
        if run.is_upgrade {
            execute(
                &bed,
                &[
                    "UPDATE meta SET value = '1' WHERE key = 'reader_version'",
                    "UPDATE listings SET title = 'velo bike' WHERE title = 'velo'",
                ],
            )
            .await;
            waiting_others += std::mem::take(&mut others_of_today);
            let version = "UPDATE meta SET value = REPLACE(value, '\"version\":2', '\"version\":1') \
                 WHERE key = 'arrival_matching'";
            execute(&bed, &[version]).await;
        }
        let store = open(&bed, run.matches_on_arrival).await;
        if run.posts {
            let postings = ["bike", "velo"].map(|title| listing(&format!("{title}{number}"), title, 50));
            store.listings().ingest(postings.into()).await.unwrap();
            if run.matches_on_arrival {
                expected += 1;
            } else {
                waiting_bikes += 1;
                others_of_today += 1;
            }
        }
        if run.reconciles {
            let due = std::mem::take(&mut waiting_bikes) + std::mem::take(&mut waiting_others);
            others_of_today = 0;
            assert_eq!(reconcile(&store, QueryKind::PriceAlert).await, due, "run {number}");
            expected += usize::try_from(due).unwrap();
        }
        assert_eq!(notified(&store, &[&ann]).await.1, [expected], "run {number}");
        store.close().await;
    }
}

async fn what_was_matched_on_arrival_is_done_with(bed: Bed) {
    upgrade_without_record(bed, true, true).await;
}

async fn what_was_matched_on_arrival_is_done_with_for_the_workers(bed: Bed) {
    upgrade_without_record(bed, true, false).await;
}

async fn what_the_workers_have_not_matched_is_not_lost(bed: Bed) {
    upgrade_without_record(bed, false, true).await;
}

async fn what_the_workers_have_not_matched_is_left_to_them(bed: Bed) {
    upgrade_without_record(bed, false, false).await;
}

/// Opens a store from before the record of how listings were matched, with the setting as it was `before` and `after`.
async fn upgrade_without_record(bed: Bed, before: bool, after: bool) {
    let ann = bed.user("Ann").await;
    alert(&bed.store, &ann, "bike", 100).await;
    bed.store.close().await;
    let store = open(&bed, before).await;
    // How it was matched says how the store was run.
    store.listings().ingest(vec![listing("1", "bike", 50)]).await.unwrap();
    reconcile(&store, QueryKind::PriceAlert).await;
    store.listings().ingest(vec![listing("2", "bike", 50), listing("3", "velo", 50)]).await.unwrap();
    store.close().await;
    as_earlier_version_left_it(&bed).await;
    execute(&bed, &["UPDATE listings SET title = 'velo bike' WHERE title = 'velo'"]).await;
    let store = open(&bed, after).await;
    let (due, repaired, expected) = if before { (0, 0, 2) } else { (2, 3, 3) };
    assert_eq!(
        (reconcile(&store, QueryKind::PriceAlert).await, notified(&store, &[&ann]).await.1),
        (due, vec![expected])
    );
    assert_eq!(store.matches().count_repaired(QueryKind::PriceAlert).await.unwrap(), repaired);
    store.listings().ingest(vec![listing("4", "bike", 50)]).await.unwrap();
    assert_eq!(
        (reconcile(&store, QueryKind::PriceAlert).await, notified(&store, &[&ann]).await.1),
        (u64::from(!after), vec![expected + 1])
    );
    store.close().await;
}

async fn what_the_log_has_forgotten_is_matched_by_the_same_rule(bed: Bed) {
    let ann = bed.user("Ann").await;
    alert(&bed.store, &ann, "bike", 100).await;
    bed.store.close().await;
    let unmatched = bed.again_without_matching().await;
    unmatched.listings().ingest(vec![listing("1", "bike", 50), listing("2", "velo", 50)]).await.unwrap();
    unmatched.close().await;
    let matched = bed.again().await;
    matched.listings().ingest(vec![listing("3", "bike", 50), listing("4", "velo", 50)]).await.unwrap();
    matched.close().await;
    execute(
        &bed,
        &[
            "UPDATE meta SET value = '1' WHERE key = 'reader_version'",
            "UPDATE listings SET title = 'velo bike' WHERE title = 'velo'",
            "DELETE FROM events",
        ],
    )
    .await;
    let store = bed.again().await;
    assert_eq!(
        (reconcile(&store, QueryKind::PriceAlert).await, notified(&store, &[&ann]).await.1),
        (2, vec![3]),
        "3 on arrival; 1 and 2 now"
    );
    store.close().await;
}

async fn a_store_of_newer_readers_is_refused(bed: Bed) {
    bed.store.listings().ingest(vec![listing("1", "bike", 50)]).await.unwrap();
    bed.store.close().await;
    let newer = format!("UPDATE meta SET value = '{}' WHERE key = 'reader_version'", READER_VERSION + 1);
    execute(&bed, &[&newer]).await;
    let options = superbot_store::StoreOptions::new(bed.clock.clone(), [7; 8]);
    let error = Store::open(bed.url(), options.clone()).await.err().unwrap();
    let StoreError::NewerReaders { found, known } = error else { panic!("{error:?}") };
    assert_eq!((found, known), (READER_VERSION + 1, READER_VERSION));
    assert!(error.to_string().contains("use the newer program"), "{error}");
    // As unreadable as a newer schema for what copies it, too.
    let mut conn = maintenance::connect_existing(bed.url()).await.unwrap();
    assert!(matches!(maintenance::refuse_unusable(&mut conn).await, Err(StoreError::NewerReaders { .. })));
    conn.close().await.unwrap();
    execute(&bed, &["UPDATE meta SET value = 'x' WHERE key = 'reader_version'"]).await;
    let error = Store::open(bed.url(), options).await.err().unwrap();
    assert!(matches!(error, StoreError::Db(DbError::Corrupt(_))), "{error:?}");
}

async fn an_earlier_process_leaves_the_index_to_the_newer_one(bed: Bed) {
    bed.store.listings().ingest(vec![listing("1", "bike", 50)]).await.unwrap();
    as_earlier_version_left_it(&bed).await;
    let store = bed.again().await;
    assert!(store.listings().reindexing().await.unwrap().is_some());
    // As a process of a newer version does that opens the store while this one runs.
    let begun = "UPDATE meta SET value = REPLACE(value, '\"version\":2', '\"version\":3') WHERE key = 'reindexing'";
    let mut conn = maintenance::connect_existing(bed.url()).await.unwrap();
    assert_eq!(sql::query(begun).execute(&mut conn).await.unwrap().rows_affected(), 1);
    conn.close().await.unwrap();
    let before = store.listings().reindexing().await.unwrap();
    assert_eq!(store.listings().reindex_next(100).await.unwrap(), None);
    assert_eq!(store.listings().reindexing().await.unwrap(), before, "it still has all of it to do");
    store.close().await;
}
