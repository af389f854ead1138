//! A fresh store with a controllable clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use superbot_domain::{Clock, Currency, NewListing, RecurringPrice, Timestamp, User, UserRole, Username};
use superbot_store::{NewSession, SessionAuth, Store, StoreOptions, TokenAuth};
use superbot_test_postgres::TestPostgres;
use tempfile::TempDir;

use crate::elsewhere::Elsewhere;

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

    pub(crate) fn set_back(&self, by: Duration) {
        self.0.fetch_sub(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
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
        let store = open(&url, clock.clone()).await;
        Self { store, clock, folder, url }
    }

    /// Authenticates a session by the hash of its secret.
    pub(crate) async fn session(&self, hash: [u8; 32]) -> Option<SessionAuth> {
        self.store.sessions().find_by_hashes(&[hash]).await.unwrap().remove(&hash)
    }

    /// Authenticates a token by its hash.
    pub(crate) async fn token(&self, hash: [u8; 32]) -> Option<TokenAuth> {
        self.store.tokens().find_by_hashes(&[hash]).await.unwrap().remove(&hash)
    }

    /// Opens the same store again in this process.
    pub(crate) async fn again(&self) -> Store {
        open(&self.url, self.clock.clone()).await
    }

    /// Opens the same store in another process.
    pub(crate) fn elsewhere(&self) -> Elsewhere {
        Elsewhere::start(&self.url)
    }

    /// Opens the same store with matching on arrival disabled.
    pub(crate) async fn again_without_matching(&self) -> Store {
        let options = StoreOptions { match_on_arrival: false, ..StoreOptions::new(self.clock.clone(), [7; 8]) };
        Store::open(&self.url, options).await.unwrap()
    }

    /// Opens the same store where recurring prices count as not stated.
    pub(crate) async fn again_without_recurring_prices(&self) -> Store {
        let recurring_price = RecurringPrice::Null;
        let options = StoreOptions { recurring_price, ..StoreOptions::new(self.clock.clone(), [7; 8]) };
        Store::open(&self.url, options).await.unwrap()
    }

    /// The store's URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// URLs of the same kind without a store: a missing and an empty database.
    pub(crate) fn urls_of_no_store(&self) -> Vec<String> {
        if self.url.starts_with("postgres") {
            return vec![TestPostgres::shared().database()];
        }
        let empty = self.folder.path().join("empty.db");
        std::fs::write(&empty, "").unwrap();
        [self.folder.path().join("none/superbot.db"), empty].map(|path| format!("sqlite:{}", path.display())).into()
    }

    pub(crate) async fn user(&self, name: &str) -> User {
        self.store.users().create(&Username::parse(name).unwrap(), UserRole::User, "hash").await.unwrap()
    }
}

async fn open(url: &str, clock: Arc<TestClock>) -> Store {
    Store::open(url, StoreOptions::new(clock, [7; 8])).await.unwrap()
}

/// A listing of the source `test`.
pub(crate) fn listing(link: &str, title: &str, price: impl Into<serde_json::Value>) -> NewListing {
    let link = format!("https://example.com/{link}");
    let value = serde_json::json!({ "title": title, "link": link, "source": "test", "price": price.into() });
    NewListing::from_json(&value, Currency::USD).unwrap()
}

/// A session whose hash consists of one repeated byte.
pub(crate) fn new_session(secret: u8, expires_at: Timestamp) -> NewSession {
    let user_agent = "Firefox".to_owned();
    let address = "127.0.0.1".to_owned();
    NewSession { token_hash: [secret; 32], user_agent, address, expires_at }
}

/// Turns each function into a test on both back ends.
#[macro_export]
macro_rules! on_every_back_end {
    (property $test:ident($histories:ident, $cases:literal)) => {
        mod sqlite {
            $crate::on_every_back_end!(property $test($histories, $cases) on sqlite);
        }
        mod postgres {
            // Fewer cases, since each needs a new database.
            $crate::on_every_back_end!(property $test($histories, $cases / 4) on postgres);
        }
    };
    (property $test:ident($histories:ident, $cases:expr) on $back_end:ident) => {
        #[test]
        fn $test() {
            let config = proptest::test_runner::Config { cases: $cases, ..Default::default() };
            proptest::proptest!(config, |(history in super::$histories())| {
                let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
                runtime.unwrap().block_on(async {
                    super::$test($crate::bed::Bed::$back_end().await, history).await;
                });
            });
        }
    };
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
