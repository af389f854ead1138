//! Events to a room with a tenth of all clients.

use anyhow::Result;

use super::world::{Spent, World, at_a_beat};
use super::{Sample, Scenario, Task, against_limit, column, everyone};
use crate::figures::{float, per};
use crate::orders::Transport;
use crate::peers::server::Whom;
use crate::wire::packet::Audience;

pub(super) const ROOMS: Scenario = Scenario {
    name: "rooms",
    about: "An event is posted once a second to a room that holds a tenth of the clients; the others are to hear nothing. \
            Super-Bot's room is one user with that many connections.",
    columns: &[
        column("connected", "connected", 0),
        column("members", "in the room", 0),
        column("wrong", "lost or wrong", 0),
        against_limit("cpu_us_per_delivery", "CPU µs / delivery", 2),
        column("some_p50_ms", "p50 ms", 2),
        column("some_p99_ms", "p99 ms", 2),
        column("some_max_ms", "max ms", 2),
    ],
    suits: everyone,
    clients: None,
    run,
};

fn run(task: &Task<'_>) -> Result<Sample> {
    let members = (task.clients / 10).max(1);
    let mut world = World::start(task, members, false, true)?;
    world.connect(Transport::WebSocket, 0)?;
    let mut spent = Spent::default();
    let broadcasts = task.scale.broadcasts;
    at_a_beat(broadcasts, task.scale.beat, |number| {
        let each = |client: usize| if client < members { u64::from(number) } else { 0 };
        world.publish_and_wait((Whom::User(0), Audience::Some, number), &each, &mut spent)
    })?;
    let receipts = world.fleet.receipts()?;
    world.sample.latencies_to_some(&receipts);
    let account = world.fleet.account(Audience::Some, (1, broadcasts), 0..members)?;
    world.sample.account(&account);
    world.sample.set("members", float((members * world.servers.len()) as u64));
    world.sample.set("cpu_us_per_delivery", per(float(spent.servers_ns) / 1000.0, account.received));
    world.finish()
}
