//! All plans must find the same listings as a scan.

use std::sync::Arc;

use proptest::prelude::*;
use superbot_db::DbError;
use superbot_domain::{Currency, NewListing, PricePeriod, SystemClock};
use superbot_matching::Facts;
use superbot_test_postgres::TestPostgres;

use super::*;
use crate::error::StoreError;
use crate::listings::{ListingSort, known_by_ids};
use crate::options::StoreOptions;
use crate::store::Store;

/// Budgets so small that every step is exhausted by a handful of listings.
const TINY: SearchBudgets = SearchBudgets {
    walked: 3,
    sampled_words: 2,
    walked_words: 3,
    walked_apart: 3,
    counted_words: 2,
    counted_apart: 2,
    streamed: 2,
    looked_up: 2,
    counted: 2,
    collected: 2,
    in_set: 8,
    first_walk: 1,
    sampled_matches: 2,
    sampled_texts: 1,
    narrow: 2,
    newest_read: 2,
    walked_read: 2,
    narrow_read: 4,
    unindexed_read: 1_000,
};

#[derive(Clone, Debug)]
struct Ad {
    title: String,
    description: Option<String>,
    source: &'static str,
    /// Price when first seen, and later.
    prices: [Option<u8>; 2],
    /// What both prices are for, where they are not 0.
    per: Option<PricePeriod>,
    posted: u8,
}

fn ads() -> impl Strategy<Value = Vec<Ad>> {
    let words = || {
        prop::collection::vec(
            "(red|Bike|bell|B\u{c9}LL|boat|a1|E-Bikes|M\u{f6}bel|\u{96fb}\u{52d5}\u{81ea}\u{8ee2}\u{8eca}|1,000|32\")",
            1..4,
        )
        .prop_map(|words| words.join(" "))
    };
    let price = || prop::option::weighted(0.9, 0_u8..6);
    let source = prop::sample::select(vec!["a", "b", "c"]);
    let ad = (words(), prop::option::weighted(0.2, words()), source, [price(), price()], period(), 0_u8..4);
    let ad = ad.prop_map(|(title, description, source, prices, per, posted)| Ad {
        title,
        description,
        source,
        prices,
        per,
        posted,
    });
    prop::collection::vec(ad, 1..25)
}

fn period() -> impl Strategy<Value = Option<PricePeriod>> {
    prop::option::weighted(0.4, prop::sample::select(vec![PricePeriod::Month, PricePeriod::Week]))
}

fn queries() -> impl Strategy<Value = ListingQuery> {
    let words = prop::option::of(prop::sample::select(vec![
        "red",
        "bike",
        "bi*",
        "b1*",
        "be* red",
        "red bike, boat -a1",
        "red (be*, bi*)",
        "bike bo*, a1 -be*",
        "none",
        "ebike",
        "bikes -ebike",
        "\"bikes\", boats",
        "e-bike",
        "moebel, \"ebikes red\"",
        "\u{81ea}\u{8ee2}\u{8eca}",
        "red -\u{96fb}\u{52d5}",
        "1 000, 32 inch",
        "900..1000",
        "*ike",
        "red -*ell",
        "*oa*, a1",
    ]));
    let sources = prop::collection::vec(prop::sample::select(vec!["a", "b", "nowhere"]), 0..3);
    let price = || prop::option::weighted(0.3, (0_u8..6).prop_map(|price| f64::from(price) * 100.0));
    let sort = prop::sample::select(ListingSort::all().collect::<Vec<_>>());
    let since = prop::option::weighted(0.3, prop::sample::select(vec!["2000-01-01T00:00:00Z", FUTURE]));
    (words, sources, (price(), price(), period()), since, sort, 1_u32..6).prop_map(
        |(words, sources, (min_price, max_price, price_per), since, sort, limit)| {
            let sources: std::collections::BTreeSet<&str> = sources.into_iter().collect();
            let sources = sources.into_iter().map(|source| source.parse().unwrap()).collect();
            ListingQuery {
                q: words.map(str::to_owned),
                sources,
                min_price,
                max_price,
                price_per,
                since: since.map(|since| since.parse().unwrap()),
                sort,
                limit,
                ..Default::default()
            }
        },
    )
}

fn posting(number: usize, ad: &Ad, price: Option<u8>) -> NewListing {
    let fields = serde_json::json!({
        "title": ad.title, "description": ad.description, "source": ad.source, "link": format!("https://example.com/{number}"),
        "price": price.map(|price| u32::from(price) * 100), "price_per": ad.per.map(PricePeriod::as_str),
        "created_at": format!("2026-01-0{}T00:00:00Z", ad.posted + 1),
    });
    NewListing::from_json(&fields, Currency::USD).unwrap()
}

/// Later than all listings.
const FUTURE: &str = "2200-01-01T00:00:00Z";

/// The ids that a list should have, by scanning all listings; the later price counts if present.
fn expected(ads: &[Ad], query: &ListingQuery) -> Vec<i64> {
    if query.since == Some(FUTURE.parse().unwrap()) {
        return Vec::new();
    }
    let words = query.q.as_deref().map(|q| Query::parse(q).unwrap());
    let mut rows: Vec<(f64, i64)> = Vec::new();
    for (ad, id) in ads.iter().zip(1..) {
        let [first, later] = ad.prices;
        let price = later.or(first);
        let per = ad.per.filter(|_| price.is_some_and(|price| price > 0));
        if query.price_per.is_some() && per != query.price_per {
            continue;
        }
        let price = price.filter(|_| per == query.price_per).map(|price| f64::from(price) * 100.0);
        let source = ad.source.parse().unwrap();
        let any_price = PriceRange { currency: Currency::USD, min: None, max: None, per: None, include_free: true };
        let criteria =
            Criteria { query: words.clone(), price: any_price, sources: query.sources.clone(), location: None };
        let price_is_within = query.min_price.is_none_or(|min| price.is_some_and(|price| min <= price))
            && query.max_price.is_none_or(|max| price.is_some_and(|price| price <= max));
        let facts = Facts {
            title: &ad.title,
            description: ad.description.as_deref().unwrap_or_default(),
            price: superbot_domain::Price::Unstated,
            source: &source,
            location: "",
        };
        if !price_is_within || !criteria.matches(&facts) {
            continue;
        }
        let fall = match (first, later) {
            (Some(first), Some(later)) if later < first => Some(1.0 - f64::from(later) / f64::from(first)),
            _ => None,
        };
        let key = match query.sort {
            ListingSort::Found => Some(0.0),
            ListingSort::Posted => Some(f64::from(ad.posted)),
            ListingSort::PriceAscending | ListingSort::PriceDescending => price,
            ListingSort::Drop => fall,
        };
        rows.extend(key.map(|key| (key, id)));
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    if query.sort != ListingSort::PriceAscending {
        rows.reverse();
    }
    rows.into_iter().map(|(_, id)| id).collect()
}

async fn check(url: &str, ads: Vec<Ad>, queries: Vec<ListingQuery>) {
    let store = Store::open(url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await.unwrap();
    store
        .listings()
        .ingest(ads.iter().enumerate().map(|(n, ad)| posting(n, ad, ad.prices[0])).collect())
        .await
        .unwrap();
    store
        .listings()
        .ingest(ads.iter().enumerate().map(|(n, ad)| posting(n, ad, ad.prices[1])).collect())
        .await
        .unwrap();
    for query in queries {
        let expected = expected(&ads, &query);
        for budgets in [TINY, BUDGETS] {
            let mut found = Vec::new();
            let mut page_query = query.clone();
            loop {
                let mut reader = store.search_reader().await.unwrap();
                let search = ListSearch { budgets, ..ListSearch::new(&page_query).unwrap() };
                let (ids, more) = crate::page::split(search.ids(&mut reader).await.unwrap(), query.limit);
                let page = known_by_ids(&mut reader, &ids).await.unwrap();
                found.extend(ids);
                if !more {
                    break;
                }
                page_query.cursor = Some(ListCursor::behind(page.last().unwrap(), query.sort).write(query.sort));
            }
            assert_eq!(found, expected, "{query:?} {ads:?}");
        }
        let count = store.listings().count(&query).await.unwrap();
        assert_eq!(count, BoundedCount::Exactly(expected.len() as u64), "{query:?}");
        let search = ListSearch { budgets: TINY, ..ListSearch::new(&query).unwrap() };
        match search.count(&mut store.search_reader().await.unwrap()).await.unwrap() {
            BoundedCount::Exactly(count) => assert_eq!(count, expected.len() as u64, "{query:?}"),
            BoundedCount::AtLeast(count) => assert!(count <= expected.len() as u64, "{query:?}"),
        }
    }
    store.close().await;
}

fn run(cases: u32, url: impl Fn(&tempfile::TempDir) -> String) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = ProptestConfig { cases, ..Default::default() };
    proptest!(config, |(ads in ads(), queries in prop::collection::vec(queries(), 1..12))| {
        let folder = tempfile::tempdir().unwrap();
        runtime.block_on(check(&url(&folder), ads, queries));
    });
}

#[test]
fn every_plan_of_sqlite_finds_the_same() {
    run(48, |folder| format!("sqlite:{}", folder.path().join("a.db").display()));
}

#[test]
fn every_plan_of_postgres_finds_the_same() {
    run(8, |_| TestPostgres::shared().database());
}

async fn open(url: &str) -> Store {
    Store::open(url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await.unwrap()
}

/// Runs a test on SQLite and on Postgres.
async fn both(test: impl AsyncFn(Store)) {
    let folder = tempfile::tempdir().unwrap();
    test(open(&format!("sqlite:{}", folder.path().join("a.db").display())).await).await;
    test(open(&TestPostgres::shared().database()).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_interrupted_and_its_connection_stays_good() {
    const ENDLESS: &str = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT (n + 1) % 7 FROM numbers) \
                           SELECT COUNT(*) FROM numbers";
    both(async |store| {
        // Each search connection in turn.
        for _ in 0..4 {
            let mut reader = store.search_reader().await.unwrap();
            let interrupted = crate::sql::query_scalar::<i64>(ENDLESS).fetch_one(&mut reader).await;
            assert!(matches!(interrupted, Err(DbError::TooSlow)), "{interrupted:?}");
            drop(reader);
            assert!(
                store.listings().page(&ListingQuery { limit: 1, ..Default::default() }).await.unwrap().items.is_empty()
            );
        }
        store.ping().await.unwrap();
        store.close().await;
    })
    .await;
}

/// Each of two letters starts more words than are expanded.
async fn with_many_words(store: &Store) {
    for letters in ["aa", "bb", "cc"] {
        let pairs = ('a'..='z').flat_map(|first| ('a'..='j').map(move |second| (first, second)));
        let words: Vec<String> = pairs.map(|(first, second)| format!("{letters}{first}{second}")).collect();
        let fields = serde_json::json!({
            "title": "Words", "description": words.join(" "), "source": "test", "link": format!("https://example.com/{letters}"),
        });
        store.listings().ingest(vec![NewListing::from_json(&fields, Currency::USD).unwrap()]).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_beginnings_of_many_words_are_refused_by_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&format!("sqlite:{}", folder.path().join("a.db").display())).await;
    with_many_words(&store).await;
    let search = |q: &str| ListingQuery { q: Some(q.to_owned()), limit: 5, ..Default::default() };
    // Nothing matches, so the walk of the newest listings cannot answer the query.
    for (q, is_refused) in [("(aa* zzq), (bb* zzq)", false), ("(aa* zzq), (bb* zzq), (cc* zzq)", true)] {
        let query = search(q);
        let refused = [
            store.listings().page(&query).await.map(drop),
            store.listings().page(&ListingQuery { sort: ListingSort::Posted, ..query.clone() }).await.map(drop),
            store.listings().count(&query).await.map(drop),
        ];
        for refused in refused {
            assert_eq!(matches!(refused, Err(StoreError::Db(DbError::TooSlow))), is_refused, "{q}: {refused:?}");
        }
    }
    let found = store.listings().page(&search("aa*, bb*, cc*")).await;
    assert!(matches!(found, Err(StoreError::Db(DbError::TooSlow))), "three listings do not fill the page");
    let found = store.listings().page(&ListingQuery { limit: 2, ..search("aa*, bb*, cc*") }).await.unwrap();
    assert_eq!(found.items.len(), 2, "the newest listings fill the page");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_leave_a_connection_to_everything_else() {
    both(async |store| {
        let mut searches = Vec::new();
        for _ in 0..3 {
            searches.push(store.search_reader().await.unwrap());
        }
        let waiting = store.search_reader().await.err();
        assert!(matches!(waiting, Some(StoreError::Db(DbError::Busy))), "{waiting:?}");
        store.ping().await.unwrap();
        searches.pop();
        drop(store.search_reader().await.unwrap());
        drop(searches);
        store.close().await;
    })
    .await;
}
