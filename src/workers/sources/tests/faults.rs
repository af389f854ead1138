//! Faults of sites: each results in the right state and delay, and loses nothing.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use superbot_domain::{Clock, SourceState, Timestamp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use wiremock::ResponseTemplate;

use super::{Bed, HANGS, TestClock, feed, state};
use crate::workers::sources::guarded;
use crate::workers::sources::task::SourceTask;

#[tokio::test]
async fn a_site_that_asks_for_fewer_requests_is_left_alone() {
    let bed = Bed::feed().await;
    bed.serve("/feed", ResponseTemplate::new(429).insert_header("retry-after", "5400")).await;
    let mut task = bed.task();
    let health = bed.run(&mut task).await;
    assert_eq!(health.state, SourceState::RateLimited);
    assert!((90..100).contains(&Bed::pause(&health)), "{health:?}");
    assert!(!bed.is_said_to_run().await);
    bed.forget().await;
    bed.serve("/feed", feed(&["bike $10"])).await;
    let health = bed.run(&mut task).await;
    assert_eq!(
        (state(&health), bed.titles().await),
        ((SourceState::Ok, "1 listings in the feed"), vec!["bike $10".to_owned()])
    );
    assert!(bed.is_said_to_run().await);
}

#[tokio::test]
async fn a_site_that_keeps_failing_is_asked_ever_less() {
    let bed = Bed::feed().await;
    bed.serve("/feed", ResponseTemplate::new(503)).await;
    let mut task = bed.task();
    let mut pauses = Vec::new();
    for _ in 0..7 {
        let health = bed.run(&mut task).await;
        assert_eq!(health.state, SourceState::Unreachable);
        assert!(health.reason.contains("503"), "{}", health.reason);
        pauses.push(Bed::pause(&health));
    }
    // Up to a tenth more, so that sources do not retry at the same time.
    for (pause, expected) in pauses.iter().zip([10, 20, 30, 30, 30, 30, 30]) {
        assert!((expected..=expected + expected / 10).contains(pause), "{pauses:?}");
    }
    let asked = bed.asked().await;
    assert_eq!((asked.len(), asked.iter().filter(|path| *path == "/feed").count()), (8, 7), "once each run: {asked:?}");
    bed.forget().await;
    bed.serve("/feed", feed(&["bike"])).await;
    let health = bed.run(&mut task).await;
    assert_eq!((health.state, health.failures), (SourceState::Ok, 0));
    assert!((5..6).contains(&Bed::pause(&health)));
}

#[tokio::test]
async fn a_page_of_another_shape_is_said_to_be_one_and_the_others_are_read() {
    let bed = Bed::bare().await;
    bed.forget().await;
    bed.serve("/a", ResponseTemplate::new(200).set_body_string("<html><h1>New here</h1></html>")).await;
    bed.serve("/b", feed(&["bike"])).await;
    bed.source("feed", json!({ "urls": [bed.at("/a"), bed.at("/b")] })).await;
    let mut task = bed.task();
    let health = bed.run(&mut task).await;
    assert_eq!(health.state, SourceState::ShapeChanged);
    assert!(health.reason.contains("/a: "), "{}", health.reason);
    assert_eq!((bed.titles().await, bed.is_said_to_run().await), (vec!["bike".to_owned()], false));
}

#[tokio::test]
async fn a_login_page_in_place_of_the_list_is_a_wall() {
    let bed = Bed::bare().await;
    bed.forget().await;
    bed.serve("/marketplace/slc/search/", ResponseTemplate::new(302).insert_header("location", "/login/?next=x")).await;
    bed.serve("/login/", ResponseTemplate::new(200).set_body_string("<form action=/login/>")).await;
    bed.source("facebook", json!({ "base_url": bed.site.uri(), "area": "slc" })).await;
    let health = bed.run(&mut bed.task()).await;
    assert_eq!(health.state, SourceState::LoginWall, "{}", health.reason);
    assert_eq!(bed.asked().await, ["/robots.txt", "/marketplace/slc/search/", "/login/"]);
}

#[tokio::test]
async fn nobody_is_followed_to_another_site() {
    let bed = Bed::feed().await;
    let other = Bed::bare().await;
    for (to, expected) in [("/elsewhere", SourceState::Blocked), ("/accounts/login", SourceState::LoginWall)] {
        bed.forget().await;
        bed.serve("/feed", ResponseTemplate::new(301).insert_header("location", other.at(to).as_str())).await;
        assert_eq!(bed.run(&mut bed.task()).await.state, expected);
    }
    assert!(other.asked().await.is_empty());
    bed.forget().await;
    bed.serve("/feed", ResponseTemplate::new(302).insert_header("location", "/feed")).await;
    let health = bed.run(&mut bed.task()).await;
    assert!(health.state == SourceState::Blocked && health.reason.contains("on and on"), "{}", health.reason);
}

#[tokio::test]
async fn a_page_that_unpacks_without_end_is_refused() {
    let zeros = vec![0_u8; 60_000_000];
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&zeros).unwrap();
    let mut brotli = Vec::new();
    brotli::CompressorWriter::new(&mut brotli, 1 << 16, 1, 22).write_all(&zeros).unwrap();
    for (coding, packed) in [("gzip", gzip.finish().unwrap()), ("br", brotli)] {
        assert!(packed.len() < 1_000_000);
        let bed = Bed::feed().await;
        let answer = ResponseTemplate::new(200).insert_header("content-encoding", coding).set_body_bytes(packed);
        bed.serve("/feed", answer).await;
        let health = bed.run(&mut bed.task()).await;
        assert_eq!(health.state, SourceState::Unreachable);
        assert!(health.reason.contains("more than 10000000 bytes, unpacked"), "{}", health.reason);
    }
}

/// Starts a site that answers every connection with `answer`, and then resets it or continues byte by byte.
async fn raw_site(answer: &'static str, then: Then) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let length = stream.read(&mut request).await.unwrap();
                if request[..length].starts_with(b"GET /robots.txt") {
                    let _ = stream
                        .write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                        .await;
                    return;
                }
                let _ = stream.write_all(answer.as_bytes()).await;
                match then {
                    Then::Reset => stream.set_zero_linger().unwrap(),
                    Then::Trickle => {
                        while stream.write_all(b"<").await.is_ok() {
                            tokio::time::sleep(Duration::from_millis(20)).await;
                        }
                    }
                }
            });
        }
    });
    format!("http://{address}/feed")
}

#[derive(Clone, Copy)]
enum Then {
    Reset,
    Trickle,
}

#[tokio::test]
async fn a_connection_that_breaks_off_loses_nothing() {
    let begun = "HTTP/1.1 200 OK\r\ncontent-type: application/rss+xml\r\ncontent-length: 5000\r\n\r\n<rss version=\"2.0\"><channel>\
                 <item><title>half a feed</title><link>https://shop.example/1</link></item>";
    let bed = Bed::bare().await;
    bed.source("feed", json!({ "urls": [raw_site(begun, Then::Reset).await] })).await;
    let mut task = bed.task();
    let health = bed.run(&mut task).await;
    assert_eq!(health.state, SourceState::Unreachable, "{}", health.reason);
    assert!(health.reason.starts_with("asking 127.0.0.1: "), "{}", health.reason);
    assert!(bed.titles().await.is_empty(), "half a page is no page");
    bed.forget().await;
    bed.serve("/feed", feed(&["whole"])).await;
    let settings = Some(json!({ "urls": [bed.at("/feed")] }));
    let change = superbot_store::SourceChange { settings, ..Default::default() };
    bed.store.sources().update(&bed.name, change).await.unwrap();
    assert_eq!(bed.run(&mut task).await.state, SourceState::Ok);
    assert_eq!(bed.titles().await, ["whole"]);
}

#[tokio::test]
async fn a_site_that_answers_drop_by_drop_is_given_up() {
    let begun = "HTTP/1.1 200 OK\r\ncontent-type: application/rss+xml\r\n\r\n";
    let bed = Bed::bare().await;
    bed.source("feed", json!({ "urls": [raw_site(begun, Then::Trickle).await] })).await;
    let health = bed.run(&mut bed.task()).await;
    assert_eq!(state(&health), (SourceState::Unreachable, "asking 127.0.0.1: no whole answer within 3s"));
}

#[tokio::test]
async fn private_addresses_are_refused_unless_they_are_allowed() {
    let bed = Bed::bare().await;
    bed.source("feed", json!({ "urls": ["http://10.1.2.3/feed"] })).await;
    let health = bed.run(&mut bed.task()).await;
    assert_eq!(health.state, SourceState::Unreachable);
    assert!(health.reason.contains("10.1.2.3 is an address of a private network"), "{}", health.reason);
}

/// Panics once, in the middle of a step.
struct FaultyClock(Arc<TestClock>, AtomicBool);

impl Clock for FaultyClock {
    fn now(&self) -> Timestamp {
        assert!(!self.1.swap(false, Ordering::SeqCst), "a fault");
        self.0.now()
    }
}

#[tokio::test]
async fn a_fault_of_ours_is_a_failure_of_that_source() {
    let bed = Bed::feed().await;
    bed.serve("/feed", feed(&["bike"])).await;
    let clock = Arc::new(FaultyClock(bed.clock.clone(), AtomicBool::new(false)));
    let mut task = SourceTask::new(Arc::new(bed.ground_with(clock.clone(), 1)), bed.name.clone());
    // Starts the run, and requests robots.txt.
    guarded(&mut task, HANGS).await.unwrap();
    clock.1.store(true, Ordering::SeqCst);
    guarded(&mut task, HANGS).await.unwrap();
    let health = bed.health().await;
    assert_eq!(health.state, SourceState::Failed);
    assert!(health.reason.contains("fault of this program"), "{}", health.reason);
    assert_eq!(bed.run(&mut task).await.state, SourceState::Ok, "and the source continues");
}

#[tokio::test]
async fn a_step_that_hangs_is_given_up() {
    let bed = Bed::feed().await;
    bed.serve("/feed", feed(&["bike"]).set_delay(Duration::from_mins(1))).await;
    let mut task = bed.task();
    guarded(&mut task, HANGS).await.unwrap();
    bed.advance(Duration::from_secs(10));
    guarded(&mut task, Duration::from_millis(30)).await.unwrap();
    let health = bed.health().await;
    assert_eq!(state(&health), (SourceState::Failed, "it did not end within 30ms"));
    bed.forget().await;
    bed.serve("/feed", feed(&["bike"])).await;
    assert_eq!((bed.run(&mut task).await.state, bed.titles().await), (SourceState::Ok, vec!["bike".to_owned()]));
}
