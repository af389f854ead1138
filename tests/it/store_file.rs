//! The store's file is deleted, replaced or damaged while a server has it open, and unusual states at the start.

use std::fs;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::support::{Http, Options, Server, eventually, soon};

fn listing(n: usize) -> Value {
    json!({
        "title": format!("Boat {n}"), "link": format!("https://example.com/{n}"), "source": "test", "price": 1,
        "description": format!("boat{n} ").repeat(200)
    })
}

/// A server on an SQLite file, regardless of the store selected for other tests, and a publisher.
async fn on_a_file() -> (Server, Http) {
    let server = Server::start_with(Options::default().set("store.url", "sqlite:superbot.db")).await;
    let publisher = server.http().with_token(&server.token("publish", None).await);
    assert_eq!(publisher.post("/api/listings", &listing(0)).await.status, 201);
    (server, publisher)
}

/// Checks that nothing is acknowledged, and that `/readyz` has the reason.
async fn is_refused(server: &Server, publisher: &Http) {
    for n in 1..4 {
        let refused = publisher.post("/api/listings", &listing(n)).await;
        assert_eq!(refused.refused(503), "store_replaced");
    }
    for _ in 0..3 {
        assert_eq!(server.http().get("/readyz").await.status, 503);
    }
    let not_ready = server.http().get("/readyz").await;
    assert_eq!(not_ready.status, 503, "{}", not_ready.body);
    assert!(not_ready.body["problems"][0].as_str().unwrap().contains("deleted or replaced"), "{}", not_ready.body);
    let reported = server.log().lines().filter(|line| line.contains("store_failed")).count();
    assert_eq!(reported, 1, "it is said once: {}", server.log());
    let asked = server.log().lines().filter(|line| line.contains("the store is not ready")).count();
    assert_eq!(asked, 1, "however often /readyz is asked: {}", server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_once_the_file_is_deleted() {
    let (mut server, publisher) = on_a_file().await;
    for end in ["", "-wal", "-shm"] {
        fs::remove_file(server.data_dir().join(format!("superbot.db{end}"))).unwrap();
    }
    is_refused(&server, &publisher).await;
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_once_another_file_is_in_its_place() {
    let (mut server, publisher) = on_a_file().await;
    let file = server.data_dir().join("superbot.db");
    let other = server.data_dir().join("other.db");
    let kept = server.data_dir().join("kept.db");
    fs::copy(&file, &other).unwrap();
    fs::hard_link(&file, &kept).unwrap();
    fs::rename(&other, &file).unwrap();
    is_refused(&server, &publisher).await;
    // What happened in between is unknown, so the store stays unavailable even when the file is back.
    fs::rename(&kept, &file).unwrap();
    is_refused(&server, &publisher).await;
    server.kill().await;
    server.restart().await;
    assert_eq!(publisher.post("/api/listings", &listing(9)).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_file_is_noticed_while_nothing_is_written() {
    let (mut server, _) = on_a_file().await;
    fs::remove_file(server.data_dir().join("superbot.db")).unwrap();
    eventually("a line in the log", || async { server.log().contains("deleted or replaced").then_some(()) }).await;
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_reported_when_it_is_read() {
    let (mut server, publisher) = on_a_file().await;
    let token = server.user_with_token("ann").await;
    for n in 1..40 {
        publisher.post("/api/listings", &json!([listing(n), listing(100 + n)])).await.ok();
    }
    // After a clean shutdown everything is in the file, and nothing is cached.
    server.terminate().await;
    server.restart().await;
    let reader = server.http().with_token(&token);
    reader.get("/api/notifications").await.ok();
    let path = server.data_dir().join("superbot.db");
    let file = fs::File::options().write(true).open(&path).unwrap();
    let pages = file.metadata().unwrap().len() / 4096;
    for page in pages / 2..pages {
        file.write_all_at(&[0xa5; 4096], page * 4096).unwrap();
    }
    eventually("a damaged page is read", || async {
        reader.get("/api/listings?q=boat&limit=200").await;
        let ready = server.http().get("/readyz").await;
        (ready.status == 503).then(|| assert_eq!(ready.body["problems"][0], "the store is damaged; restore a backup"))
    })
    .await;
    assert_eq!(reader.get("/api/listings?q=boat&limit=200").await.refused(503), "store_damaged");
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_and_loose_modes_are_warned_of() {
    let (mut server, _) = on_a_file().await;
    assert!(!server.log().contains("has mode") && !server.log().contains("is empty"), "{}", server.log());
    server.terminate().await;
    let path = server.data_dir().join("superbot.db");
    fs::File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    fs::set_permissions(server.data_dir(), fs::Permissions::from_mode(0o777)).unwrap();
    server.restart().await;
    let log = server.log();
    for warning in ["superbot.db is empty, so a new store is created", "superbot.db has mode 0666", "has mode 0777"] {
        assert!(log.contains(warning), "{warning}: {log}");
    }
}

/// Locks the server's file for writing, as another program might, until the process ends.
async fn lock_for_writing(server: &Server) -> Child {
    let mut command = Command::new("sqlite3");
    command.arg(server.data_dir().join("superbot.db")).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut locker = command.spawn().expect("sqlite3 is to be installed; `cargo xtask test` does so");
    let statements = include_bytes!("store_file/lock.sql");
    locker.stdin.as_mut().unwrap().write_all(statements).await.unwrap();
    let mut line = String::new();
    let mut lines = BufReader::new(locker.stdout.take().unwrap());
    soon("the lock", lines.read_line(&mut line)).await.unwrap();
    assert_eq!(line, "locked\n");
    locker
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_does_not_wait_for_the_writer() {
    let (mut server, _) = on_a_file().await;
    let http = server.http().with_token(&server.user_with_token("ada").await);
    let admin = server.http().with_token(&server.token("admin", None).await);
    let alert = http.post("/api/price-alerts", &json!({"keywords": "bike", "threshold_price": 50})).await.ok();
    let path = format!("/api/price-alerts/{}", alert["id"]);
    assert_eq!(admin.get("/api/users").await.status, 200);
    let mut locker = lock_for_writing(&server).await;
    for wrong in [json!({"cooldown": 5}), json!({"threshold_price": "cheap"}), json!({"keywords": "bike ("})] {
        assert_eq!(http.patch(&path, &wrong).await.refused(422), "invalid", "{wrong}");
    }
    for missing in ["/api/price-alerts/999", "/api/saved-searches/999"] {
        assert_eq!(http.patch(missing, &json!({"active": false})).await.refused(404), "not_found", "{missing}");
    }
    assert_eq!(http.post("/api/price-alerts/999/toggle", &json!({})).await.refused(404), "not_found");
    assert_eq!(admin.patch("/api/users/999", &json!({"disabled": true})).await.refused(404), "not_found");
    assert_eq!(admin.post("/api/sources/none/stop", &json!({})).await.refused(404), "not_found");
    let right = http.patch(&path, &json!({"active": false})).await;
    assert_eq!(right.refused(503), "unavailable", "what is right needs the writer, which is busy");
    locker.kill().await.unwrap();
    server.kill().await;
}
