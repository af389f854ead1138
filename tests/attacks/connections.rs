//! Connections that occupy resources without being used.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::attacker::{ATTACKER, Statuses, address, connect, head, read_status, until_closed};
use crate::report::Scene;
use crate::scale::{is_full, sized, under_limit, usual};
use crate::support::Options;

/// Number of connections being opened concurrently.
const OPENING: usize = 200;

/// In the quick run the server has so few descriptors that the smaller attack would exhaust them.
fn options() -> Options {
    sized(under_limit("--nofile=4000:4000"), Options::default())
}

/// How long connections are held; in the full run longer than all default timeouts.
fn held() -> Duration {
    sized(Duration::from_secs(4), Duration::from_secs(40))
}

/// Source addresses of an attack.
#[derive(Clone, Copy)]
enum From {
    OneAddress,
    ManyAddresses,
}

impl From {
    fn address(self, number: usize) -> Ipv4Addr {
        match self {
            Self::OneAddress => ATTACKER,
            Self::ManyAddresses => address(number),
        }
    }

    /// Time within which all attackers have connected.
    fn spread(self) -> Duration {
        match self {
            Self::OneAddress => Duration::from_secs(1),
            Self::ManyAddresses => Duration::from_secs(2),
        }
    }

    /// Delay before a closed connection is replaced. Connections from one address compete with each other; those from
    /// many compete with every client that is not authenticated.
    fn pause(self) -> Duration {
        match self {
            Self::OneAddress => Duration::from_secs(1),
            Self::ManyAddresses => Duration::from_secs(3),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn polling_handshakes_keep_nobody_out() {
    let options = sized(Options::default().set("server.max_connections", 1_000), Options::default());
    let scene = Scene::set(options).await;
    let handshakes = sized(2_000, 24_000);
    let outcome = scene
        .attack("polling handshakes on one connection", async {
            let began = Instant::now();
            let mut sessions = 0;
            let mut connections = 0;
            let mut left = handshakes;
            while left > 0 && began.elapsed() < Duration::from_secs(10) {
                let Ok(stream) = connect(&scene.server, ATTACKER).await else { continue };
                let (sent, opened) = handshake(stream, left).await;
                (sessions, left, connections) = (sessions + opened, left - sent, connections + 1);
            }
            let sent = handshakes - left;
            assert!(sessions > 0, "strangers are let in");
            let took = began.elapsed().as_secs_f64();
            tokio::time::sleep(Duration::from_secs(5).saturating_sub(began.elapsed())).await;
            format!("{sent} handshakes on {connections} connections in {took:.1} s, {sessions} sessions opened")
        })
        .await;
    outcome.assert_within(usual());
}

/// Pipelines long-polling handshakes. Returns the numbers of requests sent and of sessions opened.
async fn handshake(stream: TcpStream, wanted: usize) -> (usize, usize) {
    const TOGETHER: usize = 100;
    let requests = head("GET", "/socket.io/?EIO=4&transport=polling", &[]).repeat(TOGETHER);
    let (mut reader, mut writer) = stream.into_split();
    let opened = tokio::spawn(async move {
        let mut opened = 0;
        let mut text = Vec::new();
        while tokio::time::timeout(Duration::from_secs(1), reader.read_buf(&mut text))
            .await
            .is_ok_and(|r| r.is_ok_and(|n| n > 0))
        {
            // The remainder may contain the beginning of the next session id.
            let sid = b"\"sid\"";
            opened += text.windows(sid.len()).filter(|window| window == sid).count();
            text.drain(..text.len().saturating_sub(sid.len() - 1));
        }
        opened
    });
    let mut sent = 0;
    while sent < wanted && writer.write_all(requests.as_bytes()).await.is_ok() {
        sent += TOGETHER;
    }
    (sent.max(1).min(wanted), opened.await.unwrap())
}

/// Holds connections in various ways for some time, replacing those that the server closes.
async fn hold(scene: &Arc<Scene>, from: From, ways: &[Way]) -> String {
    let count = sized(1_000, 4_200);
    let ends = Instant::now() + held();
    let opening = Arc::new(Semaphore::new(OPENING));
    let mut holders = JoinSet::new();
    for number in 0..count {
        let scene = Arc::clone(scene);
        let opening = Arc::clone(&opening);
        let Way { first, drip, .. } = ways[number % ways.len()];
        holders.spawn(async move {
            let mut opened = 0;
            // Spread out: all at once would attack the kernel's accept queue on a slow machine.
            tokio::time::sleep(from.spread() * u32::try_from(number).unwrap() / u32::try_from(count).unwrap()).await;
            while Instant::now() < ends {
                let turn = opening.acquire().await.unwrap();
                let stream = connect(&scene.server, from.address(number)).await;
                drop(turn);
                if let Ok(stream) = stream {
                    opened += 1;
                    let left = ends.saturating_duration_since(Instant::now());
                    let _ = tokio::time::timeout(left, hold_one(stream, first, drip)).await;
                }
                tokio::time::sleep(from.pause().min(ends.saturating_duration_since(Instant::now()))).await;
            }
            opened
        });
    }
    let opened: usize = holders.join_all().await.into_iter().sum();
    format!("{count} at once for {:?}, {opened} in all", held())
}

/// Holds a connection until the server closes it.
async fn hold_one(mut stream: TcpStream, first: &[u8], drip: Option<Duration>) {
    let _ = stream.write_all(first).await;
    let Some(pause) = drip else { return until_closed(&mut stream).await };
    let (mut reader, mut writer) = stream.into_split();
    let drips = async {
        while writer.write_all(b" ").await.is_ok() {
            tokio::time::sleep(pause).await;
        }
    };
    tokio::select! {
        () = drips => {}
        () = until_closed(&mut reader) => {}
    }
}

/// A way of holding a connection.
struct Way {
    name: &'static str,
    /// Bytes sent at first.
    first: &'static [u8],
    /// Delay between the bytes that follow.
    drip: Option<Duration>,
}

const WAYS: [Way; 4] = [
    Way { name: "silent connections", first: b"", drip: None },
    Way { name: "slow heads", first: b"GET /api/listings HTTP/1.1\r\nX-Slow:", drip: Some(Duration::from_secs(3)) },
    Way {
        name: "slow bodies",
        first: b"POST /api/auth/login HTTP/1.1\r\nHost: superbot\r\nContent-Type: application/json\r\n\
            Content-Length: 1000000\r\n\r\n ",
        drip: Some(Duration::from_secs(15)),
    },
    Way { name: "idle connections", first: b"GET /healthz HTTP/1.1\r\nHost: superbot\r\n\r\n", drip: None },
];

#[tokio::test(flavor = "multi_thread")]
async fn held_connections_keep_nobody_out() {
    if !is_full() {
        let scene = Arc::new(Scene::set(options()).await);
        let attack = hold(&scene, From::OneAddress, &WAYS);
        scene.attack("silent, slow and idle connections", attack).await.assert_within(usual());
        return;
    }
    for way in &WAYS {
        let scene = Arc::new(Scene::set(options()).await);
        let attack = hold(&scene, From::OneAddress, std::slice::from_ref(way));
        scene.attack(way.name, attack).await.assert_within(usual());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn held_connections_from_many_addresses_keep_nobody_out() {
    let scene = Arc::new(Scene::set(options()).await);
    let attack = hold(&scene, From::ManyAddresses, &WAYS);
    scene.attack("silent, slow and idle connections from many addresses", attack).await.assert_within(usual());
}

#[tokio::test(flavor = "multi_thread")]
async fn event_streams_of_one_user_keep_nobody_out() {
    let scene = Scene::set(options()).await;
    let token = scene.server.user_with_token("eve").await;
    let request = head("GET", "/api/events", &[("Authorization", &format!("Bearer {token}"))]);
    let outcome = scene
        .attack("event streams of one user", async {
            let mut streams = Vec::new();
            let mut statuses = Statuses::new();
            for _ in 0..sized(1_500, 4_096) {
                let Ok(mut stream) = connect(&scene.server, ATTACKER).await else { continue };
                let _ = stream.write_all(request.as_bytes()).await;
                let status = read_status(&mut stream).await.unwrap_or(0);
                *statuses.entry(status).or_default() += 1;
                if status == 200 {
                    streams.push(stream);
                }
            }
            assert!(statuses.contains_key(&200) && statuses.contains_key(&429), "{statuses:?}");
            tokio::time::sleep(Duration::from_secs(3)).await;
            format!("by status: {statuses:?}")
        })
        .await;
    outcome.assert_within(usual());
}
