//! One event per second to everyone.

use std::time::Duration;

use anyhow::Result;

use super::world::{Spent, World, at_a_beat};
use super::{Column, Sample, Scenario, Task, against_limit, column, everyone};
use crate::figures::{float, per};
use crate::orders::Transport;
use crate::peers::server::Whom;
use crate::wire::packet::Audience;

pub(super) const BROADCAST: Scenario = Scenario {
    name: "broadcast",
    about: "A listing is posted once a second, and everyone is to hear of it.",
    columns: COLUMNS,
    suits: everyone,
    clients: None,
    run: |task| run(task, Transport::WebSocket),
};

pub(super) const COLUMNS: &[Column] = &[
    column("connected", "connected", 0),
    column("wrong", "lost or wrong", 0),
    against_limit("setup_cpu_us", "set-up CPU µs", 1),
    column("idle_bytes", "bytes / conn. idle", 0),
    column("after_bytes", "bytes / conn. after", 0),
    column("after_whole_bytes", "whole process / conn.", 0),
    against_limit("cpu_us_per_delivery", "CPU µs / delivery", 2),
    against_limit("fan_out_cpu_us", "of which fan-out", 2),
    column("publish_cpu_us", "CPU µs / event with nobody there", 0),
    column("handed_over_ms", "ms to hand over", 1),
    column("p50_ms", "p50 ms", 1),
    column("p99_ms", "p99 ms", 1),
    column("max_ms", "max ms", 1),
    column("spread_p50_ms", "p50 ms after the first", 1),
    against_limit("spread_p99_ms", "p99 ms after the first", 1),
    column("event_bytes", "bytes / event", 0),
    column("client_us_per_delivery", "client µs / delivery", 2),
];

/// First number of events that are published without clients.
const UNHEARD: u32 = 500_000;

pub(super) fn run(task: &Task<'_>, transport: Transport) -> Result<Sample> {
    let mut world = World::start(task, 1, false, false)?;
    let broadcasts = task.scale.broadcasts;
    let mut unheard = Spent::default();
    at_a_beat(broadcasts, Duration::from_millis(100), |number| {
        let event = (Whom::Everyone, Audience::Everyone, UNHEARD + number);
        world.publish_and_wait(event, &|_| 0, &mut unheard)
    })?;
    let published = u64::from(broadcasts) * world.servers.len() as u64;
    world.sample.set("publish_cpu_us", per(float(unheard.servers_ns) / 1000.0, published));

    world.connect(transport, 0)?;
    let before = world.servers[0].handed_over()?;
    let mut spent = Spent::default();
    at_a_beat(broadcasts, task.scale.beat, |number| {
        let event = (Whom::Everyone, Audience::Everyone, number);
        world.publish_and_wait(event, &|_| u64::from(number), &mut spent)
    })?;
    if let (Some((count, seconds)), Some(before)) = (world.servers[0].handed_over()?, before) {
        world.sample.set("handed_over_ms", (seconds - before.1) * 1000.0 / (count - before.0));
    }
    let receipts = world.fleet.receipts()?;
    world.sample.latencies(&receipts);
    let account = world.fleet.account(Audience::Everyone, (1, broadcasts), 0..world.clients_each)?;
    world.sample.account(&account);
    world.sample.set("cpu_us_per_delivery", per(float(spent.servers_ns) / 1000.0, account.received));
    let fan_out = float(spent.servers_ns) - float(unheard.servers_ns);
    world.sample.set("fan_out_cpu_us", per(fan_out.max(0.0) / 1000.0, account.received));
    world.sample.set("client_us_per_delivery", per(float(spent.clients_ns) / 1000.0, account.received));
    let connected = world.fleet.look()?.connected as u64;
    world.note_memory("after_bytes", "after_whole_bytes", connected)?;
    world.finish()
}
