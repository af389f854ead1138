//! A fresh store for imports, with a controllable clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use superbot_domain::{Clock, Currency, NewListing, Timestamp, User, UserRole, Username};
use superbot_store::{Store, StoreOptions};
use superbot_test_postgres::TestPostgres;
use tempfile::TempDir;

/// A fresh store on one back end.
pub(crate) struct Bed {
    pub store: Store,
    pub clock: Arc<TestClock>,
    pub folder: TempDir,
    url: String,
}

/// A clock that stands still until it is set.
pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

impl TestClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

impl Bed {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("data/superbot.db").display());
        Self::at(url, folder).await
    }

    pub(crate) async fn postgres() -> Self {
        Self::at(TestPostgres::shared().database(), tempfile::tempdir().unwrap()).await
    }

    async fn at(url: String, folder: TempDir) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(1_760_000_000_000_000)));
        let store = Store::open(&url, StoreOptions::new(clock.clone(), [7; 8])).await.unwrap();
        Self { store, clock, folder, url }
    }

    /// Opens the same store again, with another temporary folder.
    pub(crate) async fn beside(&self) -> Self {
        Self::at(self.url.clone(), tempfile::tempdir().unwrap()).await
    }

    pub(crate) async fn user(&self, name: &str) -> User {
        self.store.users().create(&Username::parse(name).unwrap(), UserRole::User, "hash").await.unwrap()
    }
}

/// A listing of the source `test`.
pub(crate) fn listing(link: &str, title: &str, price: impl Into<serde_json::Value>) -> NewListing {
    let link = format!("https://example.com/{link}");
    let value = serde_json::json!({ "title": title, "link": link, "source": "test", "price": price.into() });
    NewListing::from_json(&value, Currency::USD).unwrap()
}

/// Turns each function into a test on both back ends.
#[macro_export]
macro_rules! on_every_back_end {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test($crate::bed::Bed::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test($crate::bed::Bed::postgres().await).await;
            })+
        }
    };
}
