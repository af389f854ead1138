//! Pruning that overtakes readers of the log.

use std::sync::Arc;
use std::time::Duration;

use superbot_domain::{Audience, EventKind, Seq};
use tokio::time::{Instant, sleep};

use super::super::node::Node;
use super::super::world::{Plan, SimulatedClock};
use crate::realtime::BatchLimits;
use crate::realtime::resume::ResumeCursor;
use crate::realtime::ring::EventViewer;
use crate::records::simulated::{Change, Model, Transaction, Weather};

#[tokio::test(start_paused = true)]
async fn what_is_pruned_while_it_is_counted_is_not_said_to_follow() {
    for prunes_after_ms in (0..1_000).step_by(20) {
        let (model, node) = a_node_at(5).await;
        node.link.set_weather(Weather { latency_ms: 200, ..Weather::default() });
        let resume = ResumeCursor { since: Some(1), epoch: None };
        let hub = &node.realtime.door.hub;
        let pruning = async {
            sleep(Duration::from_millis(prunes_after_ms)).await;
            model.prune(5);
        };
        let (resumed, ()) = tokio::join!(hub.resume(EventViewer::Anonymous, &resume, 100), pruning);
        let (answer, _) = resumed.unwrap();
        let expected = if answer.recovered { 4 } else { 0 };
        assert_eq!(answer.replayed, expected, "after {prunes_after_ms} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_pruning_overtakes_stops() {
    let (model, node) = a_node_at(5).await;
    node.link.set_weather(Weather { failing: 100, ..Weather::default() });
    tell(&model, 2).await;
    model.prune(6);
    node.link.set_weather(Weather::default());
    let reason = Node::stops(node.lifecycle).await;
    assert!(reason.ends_with("the log was pruned past 5, up to which it was read"), "{reason}");
}

/// Returns a node that has read the log up to `head` and keeps one event in memory.
async fn a_node_at(head: Seq) -> (Arc<Model>, Node) {
    let model = Model::new(0, None, Arc::new(SimulatedClock(Instant::now())));
    let portions = BatchLimits { ring_events: 1, ..BatchLimits::default() };
    let plan = Plan { portions, ..Plan::of(0) };
    let node = Node::start(&model, &plan, model.link(0)).await.unwrap();
    tell(&model, head).await;
    node.realtime.door.hub.follow().wait_for(|delivered| *delivered == head).await.unwrap();
    (model, node)
}

/// Writes `count` messages for everyone.
async fn tell(model: &Model, count: u64) {
    for _ in 0..count {
        let notified = Change::Tell(EventKind::SystemMessage, Audience::Everyone, "{}".to_owned());
        model.write(Transaction::of(vec![notified])).await;
    }
}
