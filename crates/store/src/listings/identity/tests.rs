use std::sync::Arc;

use superbot_domain::SystemClock;

use super::*;
use crate::StoreOptions;
use crate::store::Store;

#[tokio::test]
async fn listings_are_looked_up_through_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.db").display());
    let store = Store::open(&url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await.unwrap();
    let wanted = || (0, "test", "https://example.com/1".into());
    for wanted in [1, 8, 64].map(|count| std::iter::repeat_with(wanted).take(count).collect::<Vec<_>>()) {
        for (table, name) in [("listings", "link_key"), ("pruned_listings", "link_key"), ("listing_aliases", "alias")] {
            let lookup = select_by_name("1", table, name, &wanted);
            let explain = QueryBuilder::new(format!("EXPLAIN QUERY PLAN {}", lookup.sql()));
            let plan: Vec<(i64, i64, i64, String)> =
                explain.build_query_as().fetch_all(&mut store.reader().await.unwrap()).await.unwrap();
            let search = format!("SEARCH {table} USING ");
            assert!(plan.iter().any(|(.., detail)| detail.starts_with(&search)), "{plan:?}");
        }
    }
}
