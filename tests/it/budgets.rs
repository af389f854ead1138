//! What can be opened without credentials occupies a bounded part of the server, and does not lock out authenticated
//! clients.

use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{Connect, Options, Raw, Server, eventually, refused, soon};

const POLLING: &str = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: superbot\r\n\r\n";
const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: superbot\r\n\r\n";

fn with_token(path: &str, token: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: superbot\r\nAuthorization: Bearer {token}\r\n\r\n")
}

#[tokio::test]
async fn handshakes_without_end_on_one_connection_keep_no_client_out() {
    let server = Server::start_with(Options::default().set("server.max_connections", 200)).await;
    let token = server.user_with_token("ann").await;
    let mut flood = Raw::from("127.0.0.2", &server).await;
    let (mut reader, mut writer) = flood.0.split();
    let mut answers = Vec::new();
    let sends = async {
        // The connection may be evicted for the sessions that it opened.
        let _ = writer.write_all(POLLING.repeat(1_000).as_bytes()).await;
        let _ = writer.write_all(b"GET / HTTP/1.1\r\nHost: superbot\r\nConnection: close\r\n\r\n").await;
    };
    let reads = async { drop(soon("all answers", reader.read_to_end(&mut answers)).await) };
    tokio::join!(sends, reads);
    let opened = String::from_utf8_lossy(&answers).matches("\"sid\"").count();
    assert!(opened > 0, "the flood got in");
    let http = server.http();
    // A quarter of all places is available to unauthenticated clients.
    assert!(http.metric("superbot_connections_polling").await <= 50);
    let (_socket, greeting) = Connect::to(&server.address).token(&token).greeted().await;
    assert_eq!(greeting["username"], "ann");
    let reasons = ["server_full", "evicted", "address_connections"];
    let counts = futures_util::future::join_all(reasons.map(|reason| refused(&http, reason))).await;
    assert!(counts.iter().sum::<u64>() > 0, "{counts:?}");
}

#[tokio::test]
async fn silent_connections_of_one_address_make_room_for_each_other_and_for_nobody_else() {
    let limits = Options::default().set("limits.address_connections", 20);
    let server = Server::start_with(limits).await;
    let token = server.user_with_token("ann").await;
    // An authenticated client from the same address.
    let me = with_token("/api/auth/me", &token);
    let mut member = Raw::asked("127.0.0.2", &server, &me).await;
    let mut neighbour = Raw::asked("127.0.0.3", &server, HEALTH).await;
    let mut silent = Vec::new();
    for _ in 0..60 {
        silent.push(Raw::from("127.0.0.2", &server).await);
    }
    for evicted in silent.drain(..40) {
        evicted.closed().await;
    }
    assert!(member.serves(&me).await);
    assert!(neighbour.serves(HEALTH).await);
    // An unauthenticated client from the address that all attackers share is served as well.
    assert!(Raw::from("127.0.0.2", &server).await.serves(HEALTH).await);
    let log = server.log();
    let http = server.http();
    assert!(refused(&http, "address_connections").await >= 40);
    assert!(log.contains("reason=\"address_connections\"") && log.contains("127.0.0.2"), "{log}");
}

#[tokio::test]
async fn silent_connections_of_many_addresses_keep_nobody_out() {
    let server = Server::start_with(Options::default().set("server.max_connections", 80)).await;
    let token = server.user_with_token("ann").await;
    let me = with_token("/api/auth/me", &token);
    let mut member = Raw::asked("127.0.0.2", &server, &me).await;
    let (mut socket, _) = Connect::to(&server.address).token(&token).greeted().await;
    let mut attack = Vec::new();
    for number in 0..150 {
        let mut raw = Raw::from(&format!("127.0.1.{number}"), &server).await;
        // Idle, slow in the request head, and slow in the body.
        let sent = ["", "GET / HT", "POST /api/auth/login HTTP/1.1\r\nHost: superbot\r\nContent-Length: 900\r\n\r\n{"];
        raw.send(sent[number % 3]).await;
        attack.push(raw);
    }
    let newest = attack.split_off(130);
    for evicted in attack {
        evicted.closed().await;
    }
    assert!(member.serves(&me).await);
    socket.quiet().await;
    Connect::to(&server.address).token(&token).greeted().await;
    assert!(Raw::from("127.0.0.9", &server).await.serves(HEALTH).await);
    assert!(refused(&server.http(), "evicted").await > 0);
    drop(newest);
}

#[tokio::test]
async fn a_client_on_long_polling_that_has_signed_in_keeps_its_connection() {
    let limits = Options::default().set("limits.address_connections", 4);
    let server = Server::start_with(limits).await;
    let token = server.user_with_token("ann").await;
    let mut polling = Raw::from("127.0.0.2", &server).await;
    polling.send(POLLING).await;
    let mut answer = vec![0; 1024];
    let count = polling.0.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..count]).into_owned();
    let sid = answer.split("\"sid\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let target = format!("/socket.io/?EIO=4&transport=polling&sid={sid}");
    let connect = format!("40{{\"token\":\"{token}\"}}");
    let post =
        format!("POST {target} HTTP/1.1\r\nHost: superbot\r\nContent-Length: {}\r\n\r\n{connect}", connect.len());
    assert!(polling.serves(&post).await);
    let get = format!("GET {target} HTTP/1.1\r\nHost: superbot\r\n\r\n");
    assert!(polling.serves(&get).await);
    // A poll that is pending while others connect.
    polling.send(&get).await;
    // The server has received it once it has answered a later request.
    assert!(Raw::from("127.0.0.3", &server).await.serves(HEALTH).await);
    for _ in 0..12 {
        drop(Raw::asked("127.0.0.2", &server, HEALTH).await);
    }
    let mut silent = Vec::new();
    for _ in 0..12 {
        silent.push(Raw::from("127.0.0.2", &server).await);
    }
    for evicted in silent.drain(..8) {
        evicted.closed().await;
    }
    let publisher = server.http().with_token(&server.token("publish", None).await);
    publisher.post("/api/system-messages", &json!({"message": "still there", "level": "info"})).await.ok();
    assert_eq!(polling.status().await, Some(200));
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_forwarded_address_counts() {
    let options = Options::default().set("web.trusted_proxies", "127.0.0.2").set("limits.address_connections", 5);
    let server = Server::start_with(options).await;
    let forwarded = |client: &str, rest: &str| {
        format!("POST /api/auth/login HTTP/1.1\r\nHost: superbot\r\nX-Forwarded-For: {client}\r\n{rest}")
    };
    // More connections than a client may have, since the client is not known yet.
    let mut connections = Vec::new();
    for _ in 0..30 {
        connections.push(Raw::from("127.0.0.2", &server).await);
    }
    let neighbour = forwarded("203.0.113.9", "Content-Length: 2\r\n\r\n");
    let mut other = connections.pop().unwrap();
    other.send(&neighbour).await;
    for slow in &mut connections {
        slow.send(&forwarded("203.0.113.8", "Content-Length: 900\r\n\r\n{")).await;
    }
    // Which ones are evicted depends on the order in which their heads were read: all but five.
    let mut evicted = connections.into_iter().map(Raw::closed).collect::<FuturesUnordered<_>>();
    for _ in 0..24 {
        evicted.next().await.unwrap();
    }
    other.send("{}").await;
    assert_eq!(other.status().await, Some(422));
    assert!(evicted.next().now_or_never().is_none(), "five are held");
}

/// Formats a request head whose body follows later.
fn slow_post(path: &str, token: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: superbot\r\nAuthorization: Bearer {token}\r\nContent-Length: 2\r\n\r\n")
}

#[tokio::test]
async fn requests_of_one_user_through_a_proxy_are_bounded() {
    let options = Options::default().set("web.trusted_proxies", "127.0.0.2").set("limits.user_connections", 3);
    let server = Server::start_with(options).await;
    let ann = server.user_with_token("ann").await;
    let bob = server.user_with_token("bob").await;
    let me = with_token("/api/auth/me", &ann);
    let mut slow = Vec::new();
    for _ in 0..3 {
        let mut raw = Raw::from("127.0.0.2", &server).await;
        raw.send(&slow_post("/api/price-alerts", &ann)).await;
        slow.push(raw);
    }
    let mut raw = Raw::from("127.0.0.2", &server).await;
    for expected in [429, 200] {
        let asked = soon("an answer", async {
            loop {
                raw.send(&me).await;
                if raw.status().await == Some(expected) {
                    break;
                }
            }
        });
        asked.await;
        raw.send(&with_token("/api/auth/me", &bob)).await;
        assert_eq!(raw.status().await, Some(200), "another user's requests are counted apart");
        if let Some(mut slow) = slow.pop() {
            slow.send("{}").await;
            assert_eq!(slow.status().await, Some(422));
        }
    }
    assert!(refused(&server.http(), "user_connections").await > 0);
}

#[tokio::test]
async fn only_idle_connections_of_a_user_make_room() {
    let server = Server::start_with(Options::default().set("limits.user_connections", 2)).await;
    let ann = server.user_with_token("ann").await;
    let me = with_token("/api/auth/me", &ann);
    let mut first = Raw::asked("127.0.0.2", &server, &me).await;
    first.send(&slow_post("/api/price-alerts", &ann)).await;
    let idle = Raw::asked("127.0.0.2", &server, &me).await;
    let mut second = Raw::asked("127.0.0.2", &server, &me).await;
    idle.closed().await;
    second.send(&slow_post("/api/price-alerts", &ann)).await;
    eventually("a refusal, as both are busy", || async {
        let mut newcomer = Raw::from("127.0.0.2", &server).await;
        newcomer.send(&me).await;
        (newcomer.status().await == Some(429)).then_some(())
    })
    .await;
    for mut busy in [first, second] {
        busy.send("{}").await;
        assert_eq!(busy.status().await, Some(422), "it was not cut off");
    }
    assert!(Raw::from("127.0.0.2", &server).await.serves(&me).await);
}

#[tokio::test]
async fn streams_of_one_account_are_few() {
    let server = Server::start().await;
    let first = server.token("publish", None).await;
    let second = server.token("publish", None).await;
    let head = |token: &str| {
        format!(
            "POST /api/listings HTTP/1.1\r\nHost: superbot\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
    };
    let mut streams = Vec::new();
    for _ in 0..4 {
        let mut raw = Raw::from("127.0.0.2", &server).await;
        raw.send(&head(&first)).await;
        assert!(raw.reads("HTTP/1.1 200").await);
        streams.push(raw);
    }
    let mut fifth = Raw::from("127.0.0.2", &server).await;
    fifth.send(&head(&first)).await;
    assert!(fifth.reads("HTTP/1.1 429").await);
    let mut of_another = Raw::from("127.0.0.2", &server).await;
    of_another.send(&head(&second)).await;
    assert!(of_another.reads("HTTP/1.1 200").await);
    streams.pop().unwrap().send("0\r\n\r\n").await;
    eventually("room for another stream", || async {
        let mut raw = Raw::from("127.0.0.2", &server).await;
        raw.send(&(head(&first) + "0\r\n\r\n")).await;
        (raw.status().await == Some(200)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn as_many_guests_as_are_allowed_fit() {
    const GUESTS: usize = 2_000;
    let server = Server::start_with(Options::default().set("server.header_timeout_ms", 120_000)).await;
    let mut guests = Vec::new();
    for number in 0..GUESTS {
        guests.push(Raw::asked(&format!("127.0.1.{}", number % 20), &server, HEALTH).await);
    }
    for reason in ["evicted", "unauthenticated_traffic", "address_connections", "server_full"] {
        assert_eq!(refused(&server.http(), reason).await, 0, "{reason}");
    }
    assert!(guests[0].serves(HEALTH).await && guests[GUESTS - 1].serves(HEALTH).await);
}

#[tokio::test]
async fn a_body_that_drips_is_cut_off_and_one_that_flows_is_not() {
    let server = Server::start_with(Options::default().set("server.request_timeout_ms", 1_000)).await;
    let token = server.token("publish", None).await;
    let ann = server.user_with_token("ann").await;
    let http = server.http();
    let json = "application/json";
    let lines = "application/x-ndjson";
    for (media_type, path, token, status) in [
        (json, "/api/auth/login", "", 408),
        (json, "/api/listings", &token, 408),
        (lines, "/api/listings", &token, 200),
        // Only the publishing of lines has a longer timeout.
        (lines, "/api/price-alerts", &ann, 408),
    ] {
        let mut raw = Raw::from("127.0.0.2", &server).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: superbot\r\nAuthorization: Bearer {token}\r\nContent-Type: {media_type}\r\n\
             Content-Length: 15\r\n\r\n"
        );
        raw.send(&head).await;
        // Never idle for the whole timeout, but longer than it in total.
        let drips = async {
            for _ in 0..15 {
                if raw.0.write_all(b"\n").await.is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(150)).await;
            }
        };
        drips.await;
        assert_eq!(raw.status().await, Some(status), "{media_type} to {path}");
    }
    // An unauthenticated client gains nothing by claiming to send listings.
    let mut raw = Raw::from("127.0.0.2", &server).await;
    raw.send("POST /api/auth/login HTTP/1.1\r\nHost: superbot\r\nContent-Type: application/x-ndjson\r\nContent-Length: 99\r\n\r\n")
        .await;
    for _ in 0..12 {
        if raw.0.write_all(b" ").await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    assert_eq!(raw.status().await, Some(408));
    let missed = refused(&http, "deadline").await;
    assert!(missed >= 4, "{missed}");
    // A stream may pause, but not indefinitely.
    let mut raw = Raw::from("127.0.0.2", &server).await;
    let head = format!("POST /api/listings HTTP/1.1\r\nHost: superbot\r\nAuthorization: Bearer {token}\r\n");
    raw.send(&format!("{head}Content-Type: {lines}\r\nContent-Length: 99\r\n\r\n")).await;
    assert_eq!(raw.status().await, Some(200), "what came before the pause was published");
    let is_counted = || async { (refused(&http, "deadline").await > missed).then_some(()) };
    eventually("the end of a stream that pauses for too long", is_counted).await;
}

#[tokio::test]
async fn a_request_without_a_credential_brings_little() {
    let server = Server::start().await;
    let answer = server.http().post("/api/auth/login", &json!({"username": "x".repeat(20_000), "password": "y"})).await;
    assert_eq!(answer.refused(413), "too_large");
}
