//! Idle clients, which only receive pings.

use std::thread;
use std::time::Duration;

use anyhow::Result;

use super::world::World;
use super::{Sample, Scenario, Task, against_limit, column, everyone};
use crate::figures::{float, per};
use crate::orders::Transport;

pub(super) const IDLE: Scenario = Scenario {
    name: "idle",
    about: "Clients connect at a steady pace and then only answer pings, for longer than the time between two of these.",
    columns: &[
        column("connected", "connected", 0),
        against_limit("setup_cpu_us", "set-up CPU µs", 1),
        column("setup_p99_ms", "set-up p99 ms", 1),
        column("idle_bytes", "bytes / conn. after connecting", 0),
        column("later_bytes", "bytes / conn. at the end", 0),
        column("later_whole_bytes", "whole process / conn.", 0),
        column("idle_cpu_us", "CPU µs / conn. / s", 2),
        column("empty_cpu_ms", "CPU ms / s with nobody there", 2),
    ],
    suits: everyone,
    clients: None,
    run,
};

/// How long a server without clients is measured.
const EMPTY: Duration = Duration::from_secs(3);

fn run(task: &Task<'_>) -> Result<Sample> {
    let mut world = World::start(task, 1, false, false)?;
    let meter = world.meter()?;
    thread::sleep(EMPTY);
    let (servers_ns, _) = meter.read(&world)?;
    world.sample.set("empty_cpu_ms", float(servers_ns) / 1e6 / EMPTY.as_secs_f64());
    world.connect(Transport::WebSocket, 0)?;
    let meter = world.meter()?;
    thread::sleep(Duration::from_secs(task.scale.idle_seconds));
    let (servers_ns, _) = meter.read(&world)?;
    let connected = world.fleet.look()?.connected as u64;
    let microseconds = float(servers_ns) / 1000.0 / float(task.scale.idle_seconds);
    world.sample.set("idle_cpu_us", per(microseconds, connected));
    world.note_memory("later_bytes", "later_whole_bytes", connected)?;
    world.finish()
}
