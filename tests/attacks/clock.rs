//! The clock is set while the server runs, by means of libfaketime (Debian package `faketime`).

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::json;
use tempfile::TempDir;

use crate::attacker::{ATTACKER, Statuses, sign_in, status};
use crate::report::{Scene, print};
use crate::scale::sized;
use crate::support::{Http, Options, eventually};

/// The library that `faketime` preloads for multi-threaded programs.
///
/// # Panics
/// If it is not installed: these tests must not be skipped silently.
fn library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap().flatten().map(|entry| entry.path());
    let mut libraries = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).filter(|path| path.exists());
    libraries.next().expect("libfaketime is missing: install Debian's package `faketime`")
}

/// A clock that can be set while the server is running.
struct Clock {
    folder: TempDir,
}

impl Clock {
    /// Creates a clock that is ahead of the machine's by some seconds.
    fn ahead(seconds: u64) -> Self {
        let clock = Self { folder: tempfile::tempdir().unwrap() };
        clock.set(seconds);
        clock
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("offset")
    }

    /// Replaces the file atomically, as the server may read it at any time.
    fn set(&self, ahead_s: u64) {
        let new = self.folder.path().join("new");
        fs::write(&new, format!("+{ahead_s}\n")).unwrap();
        fs::rename(new, self.file()).unwrap();
    }

    /// Makes a server use this clock. Its monotonic clock remains the machine's, as when a real clock is set.
    fn of(&self, options: Options) -> Options {
        let options = options.env("LD_PRELOAD", library().to_str().unwrap()).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        options.env("FAKETIME_TIMESTAMP_FILE", self.file().to_str().unwrap()).env("FAKETIME_NO_CACHE", "1")
    }
}

/// Users, a publisher and an alert, on a server with this clock.
struct World {
    scene: Scene,
    alice: Http,
    publisher: Http,
}

impl World {
    async fn begin(clock: &Clock) -> Self {
        let scene = Scene::set(clock.of(Options::default())).await;
        let server = &scene.server;
        server.add_user("bob", false).await;
        let alice = server.http().with_token(&server.user_with_token("alice").await);
        let publisher = server.http().with_token(&server.token("publish", None).await);
        let alert = json!({"keywords": "corvette", "threshold_price": 10_000, "cooldown_minutes": 0});
        alice.post("/api/price-alerts", &alert).await.ok();
        assert_eq!(status(&scene.server, ATTACKER, &sign_in("alice", "wrong")).await, 401);
        Self { scene, alice, publisher }
    }

    async fn publish(&self, number: u32) {
        let link = format!("https://example.org/{number}");
        let listing = json!({"title": "Corvette", "link": link, "source": "test", "price": 9_000});
        self.publisher.post("/api/listings", &listing).await.ok();
    }

    /// Checks that everyone is served, and that each listing was notified once.
    async fn check(&self, when: &str, listings: u32) {
        let http = self.scene.server.http();
        for user in ["alice", "bob"] {
            let status = status(&self.scene.server, ATTACKER, &sign_in(user, "correct horse")).await;
            assert_eq!(status, 200, "{user} signs in {when}");
        }
        eventually(&format!("/readyz {when}"), || async { (http.try_get("/readyz").await? == 200).then_some(()) })
            .await;
        for number in 0..listings {
            self.publish(number).await;
        }
        let inbox = self.alice.get("/api/notifications?limit=200").await.ok();
        let mut notified: BTreeMap<String, u32> = BTreeMap::new();
        for item in inbox["items"].as_array().unwrap().iter().filter(|item| item["type"] == "price_alert") {
            *notified.entry(item["data"]["listing"]["link"].to_string()).or_default() += 1;
        }
        assert_eq!(notified.len(), listings as usize, "{when}: {notified:?}");
        assert!(notified.values().all(|count| *count == 1), "{when}: {notified:?}");
    }

    /// Restarts the server; its workers reconcile everything at the start.
    async fn restart(&mut self) {
        self.scene.server.kill().await;
        self.scene.server.restart().await;
    }
}

async fn the_clock_may_be_set_by(seconds: u64) {
    let clock = Clock::ahead(seconds);
    let mut world = World::begin(&clock).await;
    world.check("before the clock is set", 1).await;
    clock.set(0);
    world.check("after the clock was set back", 2).await;
    world.restart().await;
    world.check("after a restart", 3).await;
    clock.set(seconds);
    world.check("after the clock was set forward", 4).await;
    world.restart().await;
    world.check("after another restart", 5).await;
}

const HOUR_S: u64 = 3_600;

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_by_an_hour_locks_nobody_out() {
    the_clock_may_be_set_by(HOUR_S).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_by_a_day_locks_nobody_out() {
    the_clock_may_be_set_by(24 * HOUR_S).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_by_20_years_locks_nobody_out() {
    the_clock_may_be_set_by(20 * 365 * 24 * HOUR_S).await;
}

/// The clock advances by a minute whenever an attacker has exhausted the default limit per minute.
#[tokio::test(flavor = "multi_thread")]
async fn failed_sign_ins_at_the_default_limit_leave_memory_flat() {
    const MINUTE_S: u64 = 60;
    const A_MINUTE: usize = 10;
    const RISE_MB: u64 = 80;
    let clock = Clock::ahead(0);
    let scene = Scene::set(clock.of(Options::default())).await;
    let minutes = sized(10, 60);
    let all = A_MINUTE * sized(10, 60);
    let mut statuses = Statuses::new();
    let before = scene.usage();
    scene.forget_peak();
    for minute in 1..=minutes {
        for _ in 0..A_MINUTE {
            let status = status(&scene.server, ATTACKER, &sign_in("nobody", "wrong")).await;
            *statuses.entry(status).or_default() += 1;
        }
        clock.set(minute * MINUTE_S);
    }
    let after = scene.usage();
    let before = before.resident_mb;
    let peak = after.peak_mb;
    let now = after.resident_mb;
    let name = format!("failed sign-ins at the default limit, for {minutes} minutes");
    print(&format!(
        "\n{name}\n  sent      by status: {statuses:?}\n  memory    before {before}, peak {peak}, after {now} MB\n"
    ));
    let checked = statuses.get(&401).copied().unwrap_or_default();
    assert!(checked >= all * 9 / 10, "the clock did not go on: {statuses:?}");
    assert!(peak <= before + RISE_MB, "{name}: memory rose from {before} to {peak} MB");
}
