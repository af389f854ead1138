//! Graceful shutdown, and integration with systemd and log collectors.

use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Connect, Options, Received, Server, soon};

#[tokio::test]
async fn clients_are_told_to_come_back_and_can() {
    let mut server = Server::start().await;
    let token = server.user_with_token("ada").await;
    let (mut live, greeting) = Connect::to(&server.address).token(&token).greeted().await;
    let (status, heard) = tokio::join!(server.terminate(), live.ended());
    assert!(status.success(), "{status}");
    let Received::Event(name, payload) = &heard[0] else { panic!("{heard:?}") };
    assert_eq!(name, "going_away");
    assert!(payload["retry_after_ms"].as_u64().unwrap() > 0);
    assert!(!heard.contains(&Received::Disconnected), "official clients would stay away");
    server.restart().await;
    let back = Connect::to(&server.address).token(&token).auth("since", greeting["seq"].clone());
    let (_, greeting) = back.greeted().await;
    assert_eq!((&greeting["recovered"], &greeting["replayed"]), (&Value::from(true), &Value::from(0)));
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_client_that_is_between_two_polls() {
    let options =
        Options::default().set("server.drain_deadline_ms", 600_000).set("realtime.write_deadline_ms", 600_000);
    let mut server = Server::start_with(options).await;
    let open = format!("http://{}/socket.io/?EIO=4&transport=polling", server.address);
    assert_eq!(reqwest::get(open).await.unwrap().status(), 200);
    assert!(server.terminate().await.success());
}

#[tokio::test]
async fn systemd_hears_of_the_start_of_life_and_of_the_stop() {
    let dir = tempfile::tempdir().unwrap();
    let (path, socket) = systemd(&dir);
    let options = Options::default().env("NOTIFY_SOCKET", path.to_str().unwrap()).env("WATCHDOG_USEC", "100000");
    let mut server = Server::start_with(options).await;
    assert_eq!(heard(&socket).await, "READY=1");
    for _ in 0..2 {
        assert_eq!(heard(&socket).await, "WATCHDOG=1");
    }
    assert!(server.terminate().await.success());
    let mut last = heard(&socket).await;
    while last == "WATCHDOG=1" {
        last = heard(&socket).await;
    }
    assert_eq!(last, "STOPPING=1");
}

#[tokio::test]
async fn systemd_hears_of_a_worker_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let (path, socket) = systemd(&dir);
    let server = Server::start_with(Options::default().arg("--no-workers")).await;
    let mut worker = server.command();
    worker.args(["worker", "price-alerts"]).env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "100000");
    let _worker = worker.spawn().unwrap();
    assert_eq!(heard(&socket).await, "READY=1");
    assert_eq!(heard(&socket).await, "WATCHDOG=1");
}

/// Creates the socket on which systemd would listen.
fn systemd(dir: &tempfile::TempDir) -> (PathBuf, tokio::net::UnixDatagram) {
    let path = dir.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_nonblocking(true).unwrap();
    (path, tokio::net::UnixDatagram::from_std(socket).unwrap())
}

async fn heard(socket: &tokio::net::UnixDatagram) -> String {
    let mut buffer = [0; 200];
    let length = soon("a message to systemd", socket.recv(&mut buffer)).await.unwrap();
    String::from_utf8_lossy(&buffer[..length]).trim().to_owned()
}

#[tokio::test]
async fn logs_can_be_read_by_machines_and_hold_no_secrets() {
    let mut server =
        Server::start_with(Options::default().arg("--log-format").arg("json").set("log.level", "debug")).await;
    let token = server.user_with_token("ada").await;
    let connect = Connect::to(&server.address).query(&format!("token={token}"));
    connect.greeted().await;
    server.http().with_token(&token).get("/api/auth/me").await.ok();
    server.terminate().await;
    let log = server.log();
    assert!(log.lines().count() > 1, "something was logged");
    for line in log.lines() {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(entry["timestamp"].is_string() && entry["level"].is_string(), "{line}");
    }
    assert!(!log.contains(&token), "the token is in the log");
}
