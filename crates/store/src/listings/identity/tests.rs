use std::sync::Arc;

use superbot_domain::SystemClock;

use super::*;
use crate::options::StoreOptions;
use crate::store::Store;

#[tokio::test]
async fn listings_are_looked_up_through_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.db").display());
    let store = Store::open(&url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await.unwrap();
    let wanted = || WantedName { slot: 0, source: "test", name: ListingName::Link("https://example.com/1") };
    for wanted in [1, 8, 64].map(|count| std::iter::repeat_with(wanted).take(count).collect::<Vec<_>>()) {
        let mut explain = QueryBuilder::new("EXPLAIN QUERY PLAN ");
        select_by_name(&mut explain, &wanted, 0);
        let plan: Vec<(i64, i64, i64, String)> =
            explain.build_query_as().fetch_all(&mut store.reader().await.unwrap()).await.unwrap();
        let searches = plan.iter().filter(|(.., detail)| detail.starts_with("SEARCH known USING "));
        assert_eq!(searches.count(), 3, "{plan:?}");
    }
}
