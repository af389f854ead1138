//! The clock is set while the program is running.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Connect, Http, Options, Server};

/// Library of Debian's package `libfaketime`, preloaded to give a process its own clock.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/// Sets the clock of a server that was started with this file.
fn set_clock(file: &std::path::Path, by: &str) {
    let beside = file.with_extension("new");
    std::fs::write(&beside, by).unwrap();
    std::fs::rename(beside, file).unwrap();
}

async fn sign_in(http: &Http, name: &str, password: &str) -> u16 {
    http.post("/api/auth/login", &json!({"username": name, "password": password})).await.status
}

fn listing(n: usize) -> Value {
    json!({"title": format!("bike {n}"), "link": format!("https://shop.example/{n}"), "source": "ksl", "price": 5})
}

#[tokio::test]
async fn a_clock_that_is_set_locks_nobody_out_and_alerts_once() {
    assert!(std::path::Path::new(FAKETIME).exists(), "install the package libfaketime");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clock");
    set_clock(&file, "+0");
    let options = Options::default()
        .env("LD_PRELOAD", FAKETIME)
        .env("FAKETIME_TIMESTAMP_FILE", file.to_str().unwrap())
        .env("FAKETIME_NO_CACHE", "1")
        // Monotonic time, which is used for timeouts and durations, cannot be set.
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .set("limits.login_attempts_per_minute", 2);
    let mut server = Server::start_with(options).await;
    let token = server.user_with_token("ann").await;
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let ann = server.http().with_token(&token);
    let alert = json!({"keywords": "bike", "threshold_price": 100});
    assert_eq!(ann.post("/api/price-alerts", &alert).await.status, 201);
    let mut posted = 0;
    let mut told = 0;
    for by in ["+1h", "+0", "-1d", "-20y", "+0", "+20y", "+0"] {
        // Limits and leases recorded now are in the future after the clock is set back.
        while sign_in(&server.http(), "ann", "wrong").await != 429 {}
        set_clock(&file, by);
        for restarted in [false, true] {
            if restarted {
                server.kill().await;
                server.restart().await;
            }
            assert_eq!(server.http().get("/readyz").await.status, 200, "{by}");
            let wait = server.http().post("/api/auth/login", &json!({"username": "ann", "password": "wrong"})).await;
            if wait.status == 429 {
                let seconds: u64 = wait.headers["retry-after"].to_str().unwrap().parse().unwrap();
                assert!(seconds <= Duration::from_mins(1).as_secs(), "{by}: {seconds} s");
            }
            assert_eq!(publisher.post("/api/listings", &listing(posted)).await.status, 201, "{by}");
            posted += 1;
            for again in 0..posted {
                assert_eq!(publisher.post("/api/listings", &listing(again)).await.ok()["status"], "unchanged");
            }
            let unread = ann.get("/api/notifications/unread-count").await.ok()["unread"].as_u64().unwrap();
            told += 1;
            assert_eq!(unread, told, "{by}: one alert for each listing");
            let (mut live, _) = Connect::to(&server.address).token(&token).greeted().await;
            live.quiet().await;
        }
    }
}
