//! Clients that send requests and do not read the responses.

use std::fs;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::attacker::{ATTACKER, connect_unread, head, post};
use crate::listings::fill;
use crate::report::Scene;
use crate::scale::{Bounds, sized, usual};
use crate::support::Options;

/// How long responses are left unread.
const UNREAD_FOR: Duration = Duration::from_secs(2);
/// Delay between requests; a user may make 50 per second.
const PAUSE: Duration = Duration::from_millis(22);

/// Sends requests, each over a new connection, without reading responses.
async fn ask(scene: &Scene, count: usize, request: &[u8]) -> Vec<TcpStream> {
    let mut streams = Vec::new();
    for _ in 0..count {
        let mut stream = connect_unread(&scene.server, ATTACKER).await.unwrap();
        let _ = tokio::time::timeout(Duration::from_secs(5), stream.write_all(request)).await;
        streams.push(stream);
        tokio::time::sleep(PAUSE).await;
    }
    streams
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_fields_are_answered_in_few_bytes() {
    let scene = Scene::set(Options::default()).await;
    let token = scene.server.user_with_token("eve").await;
    let fields: Vec<String> = (0..75_000).map(|number| format!("\"f{number:05}\":0")).collect();
    let request = post("/api/price-alerts", Some(&token), &format!("{{{}}}", fields.join(",")));
    let outcome = scene
        .attack("unread answers to 75,000 unknown fields", async {
            let streams = ask(&scene, 40, &request).await;
            tokio::time::sleep(UNREAD_FOR).await;
            format!("{} requests of {} KB", streams.len(), request.len() / 1_000)
        })
        .await;
    outcome.assert_within(usual());
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_lists_take_bounded_memory() {
    let scene = Scene::set(Options::default()).await;
    // 19 KB each.
    fill(&scene.server, 200, 2_700).await;
    let token = scene.server.user_with_token("eve").await;
    let request = head("GET", "/api/listings?limit=200", &[("Authorization", &format!("Bearer {token}"))]);
    let outcome = scene
        .attack("unread lists of long descriptions", async {
            let streams = ask(&scene, 150, request.as_bytes()).await;
            tokio::time::sleep(UNREAD_FOR).await;
            format!("{} requests for 3.8 MB each", streams.len())
        })
        .await;
    // A debug build needs 300 ms of CPU time per list, and the witness requests five per second.
    let p99 = sized(Duration::from_secs(15), usual().p99);
    outcome.assert_within(Bounds { p99, memory_rise_mb: 100 });
}

/// Total size of a process's open files that were unlinked, which hold unread results.
fn unnamed_bytes(pid: u32) -> u64 {
    let files = fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten();
    let unnamed = files.filter(|file| {
        fs::read_link(file.path()).is_ok_and(|path| {
            let path = path.to_string_lossy();
            path.starts_with('/') && path.ends_with(" (deleted)")
        })
    });
    unnamed.filter_map(|file| fs::metadata(file.path()).ok()).map(|metadata| metadata.len()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_results_of_a_stream_take_bounded_room() {
    /// The limit of 64 MB, plus results in progress when it is reached.
    const SPOOL_MB: u64 = 80;
    /// The results are complete when they have not grown for this long.
    const SETTLED: Duration = Duration::from_secs(2);
    let scene = Scene::set(Options::default()).await;
    let token = scene.server.token("publish", None).await;
    let bearer = format!("Bearer {token}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/x-ndjson"),
        ("Transfer-Encoding", "chunked"),
    ];
    // Each line is rejected with a message a hundred times as long.
    let lines = "{}\n".repeat(20_000);
    let chunk = format!("{:x}\r\n{lines}\r\n", lines.len());
    let mut largest = 0;
    let outcome = scene
        .attack("unread results of NDJSON", async {
            let mut stream = connect_unread(&scene.server, ATTACKER).await.unwrap();
            stream.write_all(head("POST", "/api/listings", &headers).as_bytes()).await.unwrap();
            let ends = Instant::now() + sized(Duration::from_secs(12), Duration::from_secs(20));
            let mut sent = 0;
            let mut is_taken = true;
            let mut grew = Instant::now();
            let is_settled = |largest, grew: Instant| largest > 0 && grew.elapsed() >= SETTLED;
            while Instant::now() < ends && !is_settled(largest, grew) && largest <= 2 * SPOOL_MB {
                let writing = tokio::time::timeout(Duration::from_millis(500), stream.write_all(chunk.as_bytes()));
                if is_taken && sent < sized(4_000_000, 32_000_000) {
                    // A partially sent chunk cannot be repeated.
                    is_taken = writing.await.is_ok_and(|written| written.is_ok());
                    sent += lines.len();
                } else {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                let now = unnamed_bytes(scene.server.pid()) / 1_000_000;
                grew = if now > largest { Instant::now() } else { grew };
                largest = largest.max(now);
            }
            format!("{} KB; the unread results took {largest} MB", sent / 1_000)
        })
        .await;
    assert!(largest > 0, "nothing was left unread");
    assert!(largest <= SPOOL_MB, "{largest} MB of results wait unread, {SPOOL_MB} MB are allowed");
    outcome.assert_within(usual());
}
