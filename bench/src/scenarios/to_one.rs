//! Notifications to one user among many.

use std::time::Duration;

use anyhow::Result;

use super::world::{DELIVERY_DEADLINE_MS, World, at_a_beat};
use super::{Sample, Scenario, Task, column, everyone};
use crate::figures::{float, per};
use crate::orders::Transport;
use crate::peers::server::Whom;
use crate::wire::packet::Audience;

pub(super) const TO_ONE: Scenario = Scenario {
    name: "to-one",
    about: "Notifications are posted to one user, one every 20 ms, while all the others are connected too: from the start of \
            the POST to the client's receipt. Super-Bot's go through its log, with an fsync each; the peers keep nothing.",
    columns: &[
        column("connected", "connected", 0),
        column("wrong", "lost or wrong", 0),
        column("some_p50_ms", "p50 ms", 2),
        column("some_p99_ms", "p99 ms", 2),
        column("some_max_ms", "max ms", 2),
        column("cpu_us_per_event", "CPU µs / event and 20 ms", 0),
    ],
    suits: everyone,
    clients: None,
    run,
};

fn run(task: &Task<'_>) -> Result<Sample> {
    let mut world = World::start(task, 1, false, true)?;
    world.connect(Transport::WebSocket, 0)?;
    let meter = world.meter()?;
    at_a_beat(task.scale.to_one, Duration::from_millis(20), |number| {
        world.publish(Whom::User(0), number)?;
        let each = |client: usize| if client == 0 { u64::from(number) } else { 0 };
        world.fleet.wait_for(Audience::Some, &each, DELIVERY_DEADLINE_MS)?;
        Ok(())
    })?;
    let (servers_ns, _) = meter.read(&world)?;
    let receipts = world.fleet.receipts()?;
    world.sample.latencies_to_some(&receipts);
    let account = world.fleet.account(Audience::Some, (1, task.scale.to_one), 0..1)?;
    world.sample.account(&account);
    world.sample.set("cpu_us_per_event", per(float(servers_ns) / 1000.0, account.received));
    world.finish()
}
