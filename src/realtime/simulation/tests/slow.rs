//! A client that reads too slowly for its queue.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use serde_json::json;
use superbot_domain::{Audience, EventKind, SourceName};
use tokio::time::{Instant, sleep};

use super::super::line::{Heard, Hello, Line, Way};
use super::super::node::Node;
use super::super::world::{Plan, SimulatedClock};
use crate::auth::{RandomSecret, SecretKind};
use crate::realtime::BatchLimits;
use crate::records::simulated::{Change, Model, Transaction, token};

#[tokio::test(start_paused = true)]
async fn a_subscriber_whose_queue_is_full_hears_of_the_status_in_the_end() {
    let model = Model::new(0, None, Arc::new(SimulatedClock(Instant::now())));
    let plan = Plan { queue_bytes: 600, portions: BatchLimits::default(), ..Plan::of(0) };
    let node = Node::start(&model, &plan, model.link(0)).await.unwrap();
    let secret = RandomSecret::parse(SecretKind::ApiToken, &format!("sbt_{:043}", 1)).unwrap();
    model.admit(secret.hash(), token(1.into(), None));
    let hello = Hello { token: Some(secret.reveal().to_owned()), ..Hello::default() };
    let mut line = Line::open(&node.gate(0).front, Way::WebSocket, hello, 300).await.unwrap();
    while !is(&line.next().await.unwrap(), "connection_status") {}
    line.say(r#"42["subscribe_scraper_status"]"#).await;
    while !is(&line.next().await.unwrap(), "scraper_status_update") {}

    // More than the queue holds, with the status in between.
    let large = || {
        let payload = json!({"text": "x".repeat(700)}).to_string();
        Change::Tell(EventKind::SystemMessage, Audience::Everyone, payload)
    };
    let status = Change::Status(SourceName::parse("ksl").unwrap(), true);
    model.write(Transaction::of(vec![large(), status, large(), large()])).await;
    let mut last_status = None;
    for _ in 0..100 {
        sleep(Duration::from_millis(100)).await;
        match line.next().now_or_never() {
            Some(Some(Heard::Event(name, payload))) if name == "scraper_status_update" => last_status = Some(payload),
            Some(heard) => assert!(heard.is_some(), "the connection ended"),
            None => {}
        }
    }
    let last_status = last_status.unwrap_or_default();
    assert!(last_status.contains(r#""ksl":true"#), "{last_status:?}");
}

fn is(heard: &Heard, event: &str) -> bool {
    matches!(heard, Heard::Event(name, _) if name == event)
}
