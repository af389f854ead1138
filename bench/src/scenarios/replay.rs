//! All clients are disconnected, miss some events, and reconnect at once.

use anyhow::Result;

use super::world::{DELIVERY_DEADLINE_MS, World};
use super::{Sample, Scenario, Task, column, superbot_only};
use crate::clock::now_ns;
use crate::figures::float;
use crate::machine::memory;
use crate::orders::{Pace, Transport};
use crate::peers::server::Whom;
use crate::wire::packet::Audience;

pub(super) const REPLAY: Scenario = Scenario {
    name: "replay",
    about: "All clients are cut off at once, 100 listings are posted, and all come back as fast as they can with the last \
            event that they saw; each is to get what it missed, once and in order. Those for whom there is no room try again \
            after 0.1 s.",
    columns: &[
        column("connected", "connected", 0),
        column("wrong", "lost or wrong", 0),
        column("deliveries", "deliveries", 0),
        column("back_s", "all back after s", 2),
        column("replayed_s", "all replayed after s", 2),
        column("peak_ratio", "peak memory / idle", 2),
        column("cpu_us_per_client", "CPU µs / client", 0),
        column("tries_refused", "tries refused", 0),
    ],
    suits: superbot_only,
    clients: None,
    run,
};

fn run(task: &Task<'_>) -> Result<Sample> {
    let mut world = World::start(task, 1, false, false)?;
    world.connect(Transport::WebSocket, 0)?;
    // The first event gives every client a cursor.
    world.publish(Whom::Everyone, 1)?;
    world.fleet.wait_for(Audience::Everyone, &|_| 1, DELIVERY_DEADLINE_MS)?;
    let idle = world.resident()?;
    for pid in world.pids() {
        memory::forget_peak(pid)?;
    }
    world.fleet.cut()?;
    let last = 1 + task.scale.missed;
    for server in &mut world.servers {
        server.publish_batch(2..=last, None)?;
    }
    let meter = world.meter()?;
    let pace = Pace { per_second: 0.0, under_way: task.scale.coming_back, retry: true, ..world.pace };
    let back = world.fleet.reconnect(pace)?;
    world.fleet.wait_for(Audience::Everyone, &|_| u64::from(last), DELIVERY_DEADLINE_MS)?;
    let done_ns = now_ns();
    let (servers_ns, _) = meter.read(&world)?;
    let clients = back.took_us.len() as u64;
    world.sample.set("back_s", float(back.to_ns - back.from_ns) / 1e9);
    world.sample.set("replayed_s", float(done_ns - back.from_ns) / 1e9);
    world.sample.set("peak_ratio", float(memory::total(&world.pids(), memory::peak)?) / float(idle));
    world.sample.set("cpu_us_per_client", crate::figures::per(float(servers_ns) / 1000.0, clients));
    world.sample.set("tries_refused", float(back.failed.values().sum()));
    let account = world.fleet.account(Audience::Everyone, (1, last), 0..world.clients_each)?;
    world.sample.account(&account);
    if let Some((why, count)) = back.failed.iter().next() {
        world.sample.remarks.push(format!("{count} tries to come back failed: {why}"));
    }
    world.finish()
}
