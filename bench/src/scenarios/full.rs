//! More clients than the server has descriptors.

use anyhow::Result;

use super::world::World;
use super::{Sample, Scenario, Task, column, real_servers};
use crate::figures::float;
use crate::orders::{Pace, Transport};
use crate::peers::seed::Crowd;
use crate::peers::server::Whom;
use crate::wire::packet::Audience;

pub(super) const FULL: Scenario = Scenario {
    name: "full",
    about: "A server with a low limit of open files gets a quarter more clients than that. Those that do not fit are to be \
            told so, with a 503 and Retry-After, and those that are in are to go on hearing everything.",
    columns: &[
        column("descriptors", "descriptors", 0),
        column("connected", "connected", 0),
        column("told_503", "told 503", 0),
        column("not_told", "not told", 0),
        column("publishes", "still publishes", 0),
        column("wrong", "lost or wrong", 0),
    ],
    suits: real_servers,
    clients: Some(|scale| usize::try_from(scale.few_descriptors).unwrap_or(usize::MAX) * 5 / 4),
    run,
};

const PATIENCE_MS: u64 = 15_000;

fn run(task: &Task<'_>) -> Result<Sample> {
    let descriptors = task.scale.few_descriptors;
    let crowd = Crowd { clients: task.clients, together: 1, alerts: false };
    let mut world = World::start_with(task, crowd, false, Some(descriptors))?;
    let pace = Pace { deadline_ms: PATIENCE_MS, ..world.pace };
    let connected = world.fleet.connect(&world.servers, Transport::WebSocket, 0, pace)?;
    let told: u64 =
        connected.failed.iter().filter(|(why, _)| *why == "HTTP 503, Retry-After").map(|(_, count)| count).sum();
    world.sample.set("descriptors", float(descriptors));
    world.sample.connected(&connected, 0);
    world.sample.set("told_503", float(told));
    world.sample.set("not_told", float(connected.failed.values().sum::<u64>() - told));
    let published = world.publish(Whom::Everyone, 1);
    world.sample.set("publishes", if published.is_ok() { 1.0 } else { 0.0 });
    if let Err(error) = published {
        world.sample.remarks.push(format!("nothing could be published: {error:#}"));
    } else {
        let there = world.fleet.look()?.connected as u64;
        // Which clients are connected is unknown, so the total is awaited.
        let received = world.fleet.wait_for(Audience::Everyone, &|_| 1, 3000)?;
        world.sample.set("wrong", float(there.saturating_sub(received)));
    }
    world.finish()
}
