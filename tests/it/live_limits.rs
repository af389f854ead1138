//! Live connections and event streams are limited by account, and anonymous ones by address.

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{Connect, Options, Raw, Received, Server, eventually, refused, soon};

#[tokio::test]
async fn a_user_has_only_so_many_live_connections() {
    let limits = Options::default().set("limits.user_connections", 3).set("limits.user_event_streams", 1);
    let server = Server::start_with(limits).await;
    let token = server.user_with_token("ann").await;
    let other = server.user_with_token("bob").await;
    let http = server.http().with_token(&token);
    let events = || http.request(reqwest::Method::GET, "/api/events");
    let stream = http.try_open_stream(events()).await.unwrap().unwrap();
    let answer = http.get("/api/events").await;
    assert_eq!(answer.refused(429), "too_many_connections");
    assert!(answer.headers.contains_key("retry-after"));
    let connect = Connect::to(&server.address).token(&token);
    let first = connect.greeted().await;
    let _second = connect.greeted().await;
    let refusal = connect.open().await.err().unwrap();
    assert_eq!(refusal["data"]["code"], "too_many_connections");
    assert!(refusal["message"].as_str().unwrap().contains("limits.user_connections"), "{refusal}");
    // Other users have limits of their own, and closed connections release their places.
    Connect::to(&server.address).token(&other).greeted().await;
    drop(first);
    eventually("room for one more socket", || async { connect.try_open().await?.ok() }).await;
    drop(stream);
    eventually("room for an event stream", || async { http.try_open_stream(events()).await?.ok() }).await;
    assert!(refused(&server.http(), "user_connections").await >= 1);
    assert!(refused(&server.http(), "user_event_streams").await >= 1);
}

#[tokio::test]
async fn event_streams_count_as_requests() {
    let server = Server::start_with(Options::default().set("limits.user_requests_per_second", 3)).await;
    let http = server.http().with_token(&server.user_with_token("ann").await);
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let opened = http.try_open_stream(http.request(reqwest::Method::GET, "/api/events")).await.unwrap();
        statuses.push(opened.map_or_else(|status| status, |_| 200));
    }
    assert!(statuses.contains(&200) && statuses.contains(&429), "{statuses:?}");
    let refused = server.http().metric("superbot_refused_total{reason=\"request_rate\"}").await;
    assert!(refused > 0);
    // Suppressed log lines are summarized after a while.
    let logged = || async {
        let log = server.log();
        let lines = log.lines().filter(|line| line.contains("reason=\"request_rate\""));
        let counts = lines.filter_map(|line| line.split("count=").nth(1)?.split(' ').next()?.parse::<u64>().ok());
        (counts.sum::<u64>() == refused).then_some(())
    };
    eventually("every refusal in the log", logged).await;
}

#[tokio::test]
async fn anonymous_listeners_keep_the_limits_of_strangers() {
    let options = Options::default().set("realtime.allow_anonymous", true).set("limits.address_connections", 3);
    let server = Server::start_with(options).await;
    let token = server.user_with_token("ann").await;
    let (mut member, _) = Connect::to(&server.address).token(&token).greeted().await;
    let (mut talker, _) = Connect::to(&server.address).greeted().await;
    talker.send(format!("42[\"ping\",\"{}\"]", "x".repeat(20_000))).await;
    talker.ended().await;
    let mut listeners = Vec::new();
    for _ in 0..3 {
        listeners.push(Connect::to(&server.address).greeted().await.0);
    }
    member.emit("ping", &json!("x".repeat(20_000))).await;
    member.expect("pong").await;
    // Event streams count as connections, and the oldest listeners are evicted first.
    let mut streams = Vec::new();
    for listener in &mut listeners {
        streams.push(eventually("an anonymous event stream", || streaming(&server)).await);
        assert!(!listener.ended().await.contains(&Received::Disconnected), "it may come back");
    }
    member.quiet().await;
    drop(streams);
}

/// Opens an anonymous event stream.
async fn streaming(server: &Server) -> Option<Raw> {
    let mut raw = Raw::from("127.0.0.1", server).await;
    raw.0.write_all(b"GET /api/events HTTP/1.1\r\nHost: superbot\r\n\r\n").await.ok()?;
    let mut begins = [0; 12];
    soon("an event stream", raw.0.read_exact(&mut begins)).await.ok()?;
    (&begins == b"HTTP/1.1 200").then_some(raw)
}
