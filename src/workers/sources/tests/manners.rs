//! Politeness: requests to a site are rare and sequential, follow its rules, and do not repeat unchanged pages.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use superbot_domain::{Clock as _, SourceState, Timestamp};
use superbot_store::SourceChange;
use wiremock::matchers::{header, path};
use wiremock::{Mock, ResponseTemplate};

use super::{Bed, HANGS, feed};
use crate::workers::sources::guarded;
use crate::workers::sources::task::SourceTask;

/// Runs a source once, and returns the time of each request, in seconds since the first.
async fn request_times(bed: &Bed, task: &mut SourceTask) -> Vec<f64> {
    let mut times: Vec<Timestamp> = Vec::new();
    let mut seen = 0;
    while bed.health().await.last_run_at.is_none() {
        let at = bed.clock.now();
        let next = guarded(task, HANGS).await.unwrap();
        let asked = bed.asked().await.len();
        times.extend((seen..asked).map(|_| at));
        seen = asked;
        bed.wait_until(next.unwrap());
    }
    times.iter().map(|at| at.duration_since(times[0]).as_secs_f64()).collect()
}

#[tokio::test]
async fn a_site_is_asked_one_page_after_the_other_with_pauses_between() {
    let bed = Bed::bare().await;
    bed.forget().await;
    let urls: Vec<String> = (0..4).map(|n| bed.at(&format!("/{n}"))).collect();
    for n in 0..4 {
        bed.serve(&format!("/{n}"), feed(&[&format!("thing {n}")])).await;
    }
    bed.source("feed", json!({ "urls": urls })).await;
    let times = request_times(&bed, &mut bed.task()).await;
    assert_eq!(times.len(), 5, "robots.txt and four pages: {times:?}");
    let gaps: Vec<f64> = times.windows(2).map(|two| two[1] - two[0]).collect();
    assert!(gaps.iter().all(|gap| (2.0..=3.1).contains(gap)), "{gaps:?}");
    assert!(gaps.iter().any(|gap| (gap - gaps[0]).abs() > 1e-6), "they are not all alike");
    assert_eq!(bed.titles().await.len(), 4);
    let requests = bed.site.received_requests().await.unwrap();
    let agent = requests[1].headers["user-agent"].to_str().unwrap();
    assert!(agent.starts_with("Super-Bot/") && agent.ends_with("(+mailto:me@example.com)"), "{agent}");
}

#[tokio::test]
async fn two_sources_of_one_site_take_turns() {
    let bed = Bed::feed().await;
    bed.serve("/feed", feed(&["one"])).await;
    let other = superbot_domain::SourceName::parse("other").unwrap();
    bed.store.sources().create(&other, "feed", &json!({ "urls": [bed.at("/feed")] })).await.unwrap();
    let start = SourceChange { running: Some(true), ..SourceChange::default() };
    bed.store.sources().update(&other, start).await.unwrap();
    let mut first = bed.task();
    let mut second = SourceTask::new(Arc::new(bed.ground_with(bed.clock.clone(), 2)), other);
    guarded(&mut first, HANGS).await.unwrap();
    let next = guarded(&mut second, HANGS).await.unwrap().unwrap();
    assert_eq!(bed.asked().await.len(), 1, "the second one waits for its turn");
    assert!(next.duration_since(bed.clock.now()).as_secs_f64() >= 2.0);
}

#[tokio::test]
async fn what_robots_txt_forbids_is_not_asked_for() {
    let bed = Bed::bare().await;
    bed.serve(
        "/robots.txt",
        ResponseTemplate::new(200).set_body_string("User-agent: *\nDisallow: /feed\nCrawl-delay: 20"),
    )
    .await;
    bed.serve("/feed", feed(&["bike"])).await;
    bed.source("feed", json!({ "urls": [bed.at("/feed")] })).await;
    let mut task = bed.task();
    let health = bed.run(&mut task).await;
    assert_eq!((health.state, bed.asked().await), (SourceState::Disallowed, vec!["/robots.txt".to_owned()]));
    assert!(health.reason.contains("asks not to read /feed"), "{}", health.reason);
    // The operator of a site may disable the check for it.
    let settings = Some(json!({ "urls": [bed.at("/feed")], "respect_robots": false }));
    bed.store.sources().update(&bed.name, SourceChange { settings, ..SourceChange::default() }).await.unwrap();
    assert_eq!(bed.run(&mut task).await.state, SourceState::Ok);
}

#[tokio::test]
async fn a_site_may_ask_for_longer_pauses() {
    let bed = Bed::bare().await;
    bed.serve("/robots.txt", ResponseTemplate::new(200).set_body_string("User-agent: super-bot\nCrawl-delay: 90"))
        .await;
    for page in ["/a", "/b"] {
        bed.serve(page, feed(&[page])).await;
    }
    bed.source("feed", json!({ "urls": [bed.at("/a"), bed.at("/b")] })).await;
    let times = request_times(&bed, &mut bed.task()).await;
    assert!(times[2] - times[1] >= 90.0, "{times:?}");
    assert_eq!(bed.titles().await.len(), 2, "and the lease is kept during the pause");
}

#[tokio::test]
async fn a_site_whose_rules_cannot_be_read_is_not_asked() {
    let bed = Bed::bare().await;
    bed.serve("/robots.txt", ResponseTemplate::new(500)).await;
    bed.source("feed", json!({ "urls": [bed.at("/feed")] })).await;
    let health = bed.run(&mut bed.task()).await;
    assert_eq!((health.state, bed.asked().await.len()), (SourceState::Unreachable, 1));
}

#[tokio::test]
async fn a_page_that_is_the_same_is_not_sent_again() {
    let bed = Bed::feed().await;
    Mock::given(path("/feed"))
        .and(header("if-none-match", "\"v1\""))
        .respond_with(ResponseTemplate::new(304))
        .with_priority(1)
        .mount(&bed.site)
        .await;
    bed.serve("/feed", feed(&["bike", "boat"]).insert_header("etag", "\"v1\"")).await;
    let mut task = bed.task();
    let health = bed.run(&mut task).await;
    assert_eq!((health.state, health.runs[0].listings, health.runs[0].created), (SourceState::Ok, 2, 2));
    let health = bed.run(&mut task).await;
    assert_eq!((health.state, health.reason.as_str()), (SourceState::Ok, "nothing has changed since the last time"));
    assert_eq!((health.runs[1].listings, health.runs[1].created), (2, 0));
    assert_eq!(bed.asked().await, ["/robots.txt", "/feed", "/feed"]);
    let sent = bed.site.received_requests().await.unwrap();
    assert_eq!(sent[2].headers["if-none-match"], "\"v1\"");
    // Another process has no record of the version, and requests the whole page.
    assert_eq!(bed.run(&mut bed.task()).await.reason, "2 listings in the feed");
}

#[tokio::test]
async fn the_requests_of_a_day_are_counted_for_good() {
    let bed = Bed::feed().await;
    bed.serve("/feed", feed(&["bike"])).await;
    let settings = Some(json!({ "urls": [bed.at("/feed")], "requests_per_day": 3 }));
    bed.store.sources().update(&bed.name, SourceChange { settings, ..SourceChange::default() }).await.unwrap();
    let mut task = bed.task();
    bed.run(&mut task).await;
    bed.run(&mut task).await;
    // Another process continues the count.
    let mut task = bed.task();
    bed.wait_until(bed.health().await.next_run_at.unwrap());
    let next = guarded(&mut task, HANGS).await.unwrap().unwrap();
    let health = bed.health().await;
    assert_eq!((health.state, health.next_run_at), (SourceState::Ok, Some(next)));
    assert!(health.warning.unwrap().contains("its 3 requests of the day"));
    assert_eq!((bed.asked().await.len(), next.to_string()), (3, "2025-10-10T00:00:00Z".to_owned()));
    bed.wait_until(next);
    assert_eq!(bed.run(&mut task).await.warning, None);
}

#[tokio::test]
async fn one_process_at_a_time_reads_a_source() {
    let bed = Bed::feed().await;
    bed.serve("/feed", feed(&["bike"])).await;
    let mut one = bed.task();
    let mut two = SourceTask::new(Arc::new(bed.ground_with(bed.clock.clone(), 2)), bed.name.clone());
    guarded(&mut one, HANGS).await.unwrap();
    bed.advance(Duration::from_secs(5));
    let next = guarded(&mut two, HANGS).await.unwrap().unwrap();
    assert!(next > bed.clock.now(), "it looks again later");
    assert_eq!(bed.asked().await.len(), 1);
    // The first process dies; the second continues after the lease has expired.
    drop(one);
    bed.advance(Duration::from_mins(2));
    assert_eq!((bed.run(&mut two).await.state, bed.titles().await.len()), (SourceState::Ok, 1));
}

#[tokio::test]
async fn many_pages_have_their_turn_in_several_runs() {
    let bed = Bed::bare().await;
    bed.forget().await;
    let urls: Vec<String> = (0..5).map(|n| bed.at(&format!("/{n}"))).collect();
    for n in 0..5 {
        bed.serve(&format!("/{n}"), feed(&[&format!("thing {n}")])).await;
    }
    bed.source("feed", json!({ "urls": urls, "pages_per_run": 2 })).await;
    let mut task = bed.task();
    for expected in [2, 4, 5] {
        bed.run(&mut task).await;
        assert_eq!(bed.titles().await.len(), expected);
    }
}
