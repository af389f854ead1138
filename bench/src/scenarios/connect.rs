//! All clients connect at full speed.

use anyhow::Result;

use super::world::World;
use super::{Sample, Scenario, Task, against_limit, column, everyone};
use crate::orders::{Pace, Transport};

pub(super) const CONNECT: Scenario = Scenario {
    name: "connect",
    about: "Clients connect as fast as they can, at most 200 of them under way at once.",
    columns: &[
        column("connected", "connected", 0),
        column("refused", "not connected", 0),
        column("connections_per_s", "connections / s", 0),
        against_limit("setup_cpu_us", "set-up CPU µs", 1),
        column("setup_p50_ms", "set-up p50 ms", 1),
        column("setup_p99_ms", "set-up p99 ms", 1),
        column("setup_max_ms", "set-up max ms", 1),
    ],
    suits: everyone,
    clients: None,
    run,
};

fn run(task: &Task<'_>) -> Result<Sample> {
    let mut world = World::start(task, 1, false, false)?;
    world.pace = Pace { per_second: 0.0, under_way: task.scale.under_way, ..world.pace };
    world.connect(Transport::WebSocket, 0)?;
    world.finish()
}
