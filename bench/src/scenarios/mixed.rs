//! Ingestion, alerts and connected clients, all at once.

use std::time::Duration;

use anyhow::Result;

use super::world::{DELIVERY_DEADLINE_MS, World, at_a_beat};
use super::{Sample, Scenario, Task, column, superbot_only};
use crate::figures::{float, per};
use crate::orders::Transport;
use crate::tally::Account;
use crate::wire::packet::Audience;

pub(super) const MIXED: Scenario = Scenario {
    name: "mixed",
    about: "Ten batches of listings a second are posted, 100 listings a second for up to 500 clients and fewer for more, but not below 10; \
            every user has a price alert, and every listing matches one. Everyone is to get each listing, and its user the \
            alert too.",
    columns: &[
        column("connected", "connected", 0),
        column("listings", "listings", 0),
        column("alerts", "alerts", 0),
        column("wrong", "lost or wrong", 0),
        column("cpu_us_per_delivery", "CPU µs / delivery", 2),
        column("p50_ms", "listing p50 ms", 1),
        column("p99_ms", "listing p99 ms", 1),
        column("some_p50_ms", "alert p50 ms", 1),
        column("some_p99_ms", "alert p99 ms", 1),
    ],
    suits: superbot_only,
    clients: None,
    run,
};

const BEAT: Duration = Duration::from_millis(100);

/// Target number of deliveries per second, as far as that takes at most a hundred listings per second.
const DELIVERIES_PER_SECOND: usize = 50_000;

fn run(task: &Task<'_>) -> Result<Sample> {
    let mut world = World::start(task, 1, true, true)?;
    world.connect(Transport::WebSocket, 0)?;
    let users = world.clients_each;
    let batch = u32::try_from((DELIVERIES_PER_SECOND / task.clients.max(1)).clamp(10, 100) / 10)?;
    let meter = world.meter()?;
    let beats = task.scale.mixed_seconds * 10;
    at_a_beat(beats, BEAT, |beat| {
        let numbers = (beat - 1) * batch + 1..=beat * batch;
        world.servers.iter_mut().try_for_each(|server| server.publish_batch(numbers.clone(), Some(users)))
    })?;
    let listings = beats * batch;
    world.fleet.wait_for(Audience::Everyone, &|_| u64::from(listings), DELIVERY_DEADLINE_MS)?;
    let alerts = |client: usize| (1..=listings).filter(|number| *number as usize % users == client).count() as u64;
    let heard = world.fleet.wait_for(Audience::Some, &alerts, DELIVERY_DEADLINE_MS)?;
    let (servers_ns, _) = meter.read(&world)?;
    let receipts = world.fleet.receipts()?;
    world.sample.latencies(&receipts);
    world.sample.latencies_to_some(&receipts);
    let account = world.fleet.account(Audience::Everyone, (1, listings), 0..users)?;
    world.sample.account(&account);
    // Each alert belongs to one user, so the total is compared.
    let expected = u64::from(listings) * world.servers.len() as u64;
    let some = world.fleet.account(Audience::Some, (1, listings), 0..users)?;
    let lost = expected.saturating_sub(heard);
    world.sample.account(&Account { expected, received: heard, lost, stray: heard.saturating_sub(expected), ..some });
    world.sample.set("listings", f64::from(listings));
    world.sample.set("alerts", float(heard));
    world.sample.set("cpu_us_per_delivery", per(float(servers_ns) / 1000.0, account.received + heard));
    world.finish()
}
