use std::sync::Arc;

use superbot_domain::SystemClock;

use super::*;
use crate::StoreOptions;

#[tokio::test]
async fn listings_are_looked_up_through_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.db").display());
    let store = Store::open(&url, StoreOptions::new(Arc::new(SystemClock), [1; 8])).await.unwrap();
    let value = serde_json::json!({ "title": "A", "link": "https://example.com/1", "source": "test" });
    let posting = NewListing::from_json(&value, Currency::USD).unwrap();
    for postings in [1, 8, 64].map(|count| vec![&posting; count]) {
        for table in ["listings", "pruned_listings"] {
            let lookup = select_by_identity("id", table, &postings);
            let mut explain = QueryBuilder::<Sqlite>::new(format!("EXPLAIN QUERY PLAN {}", lookup.sql().as_str()));
            let plan: Vec<(i64, i64, i64, String)> =
                explain.build_query_as().fetch_all(&mut *store.reader().await.unwrap()).await.unwrap();
            let search = format!("SEARCH {table} USING ");
            assert!(plan.iter().any(|(.., detail)| detail.starts_with(&search)), "{plan:?}");
        }
    }
}
