//! Expiry, with a clock that the test sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::json;
use superbot::admission::ConnectionCapacity;
use superbot::app::App;
use superbot::config::{LoadOptions, load};
use superbot_domain::{Clock, Timestamp};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::support::{Connect, Http, Received, soon};

struct TurnedClock(AtomicI64);

impl TurnedClock {
    fn turn(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for TurnedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

#[tokio::test]
async fn a_session_that_runs_out_takes_its_live_connections_along() {
    let dir = tempfile::tempdir().unwrap();
    let options = LoadOptions { data_dir: Some(dir.path().to_owned()), ..LoadOptions::default() };
    let config = Arc::new(load(&options).unwrap());
    let clock = Arc::new(TurnedClock(AtomicI64::new(1_800_000_000_000_000)));
    let capacity = ConnectionCapacity { http: 100, sockets: 100, guests: 100, descriptors: 200 };
    let stop = CancellationToken::new();
    let app = App::new(config, Arc::clone(&clock) as Arc<dyn Clock>, capacity, true, stop.clone()).await.unwrap();
    let secret = app.set_up_secret().await.unwrap().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serving = tokio::spawn(app.serve(listener, capacity));

    let http = Http::new(&address);
    let set_up = json!({"token": secret.reveal(), "username": "ada", "password": "correct horse"});
    let cookie = http.post("/api/setup", &set_up).await.session_cookie().unwrap();
    let (mut live, _) = Connect::to(&address).header("cookie", &cookie).greeted().await;
    clock.turn(Duration::from_hours(29 * 24));
    live.quiet().await;
    clock.turn(Duration::from_hours(2 * 24));
    assert!(live.ended().await.contains(&Received::Disconnected));
    assert_eq!(http.with_cookie(&cookie).get("/api/auth/me").await.refused(401), "unauthenticated");

    stop.cancel();
    soon("the end", serving).await.unwrap().unwrap();
}
