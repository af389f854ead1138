//! Some clients stop reading, which must not affect the others.

use std::thread;
use std::time::Duration;

use anyhow::Result;

use super::world::{DELIVERY_DEADLINE_MS, World, at_a_beat};
use super::{Sample, Scenario, Task, column, everyone};
use crate::figures::{float, per};
use crate::orders::{Receipts, Transport};
use crate::peers::server::Whom;
use crate::wire::packet::Audience;

pub(super) const SLOW: Scenario = Scenario {
    name: "slow",
    about: "Events of 2 kB go to everyone, ten a second; after 3 s one client in twenty (at most 500) stops reading, with a \
            small receive buffer. What the others get, and how late, is compared with what they got before. In the end the \
            silent ones read again: those that were cut off meanwhile see it then.",
    columns: &[
        column("connected", "connected", 0),
        column("silent", "silent", 0),
        column("wrong", "lost or wrong, others", 0),
        column("before_p99_ms", "others' p99 ms before", 1),
        column("during_p99_ms", "others' p99 ms meanwhile", 1),
        column("during_max_ms", "max ms meanwhile", 1),
        column("grown_bytes_per_silent", "most bytes / silent", 0),
        column("cut_off", "silent cut off", 0),
    ],
    suits: everyone,
    clients: None,
    run,
};

const MOST_SILENT: usize = 500;
const BEAT: Duration = Duration::from_millis(100);
const BEFORE: u32 = 30;

fn run(task: &Task<'_>) -> Result<Sample> {
    let mut world = World::start(task, 1, false, false)?;
    let silent = (world.clients_each / 20).clamp(1, MOST_SILENT);
    world.connect(Transport::WebSocket, silent)?;
    let publish = |world: &mut World, from: u32, times: u32, silent: usize| {
        let mut most = 0;
        at_a_beat(times, BEAT, |number| {
            world.publish(Whom::EveryoneAtLength, from + number)?;
            let each = |client: usize| u64::from(if client < silent { from } else { from + number });
            world.fleet.wait_for(Audience::Everyone, &each, DELIVERY_DEADLINE_MS)?;
            most = most.max(world.resident()?);
            Ok(())
        })?;
        anyhow::Ok((most, world.fleet.receipts()?))
    };
    let (before, receipts) = publish(&mut world, 0, BEFORE, 0)?;
    let p99 = p99_of(&mut world, &receipts);
    world.sample.set("before_p99_ms", p99);
    world.fleet.stall(silent)?;
    let times = task.scale.slow_seconds * 10;
    let (most, receipts) = publish(&mut world, BEFORE, times, silent)?;
    let p99 = p99_of(&mut world, &receipts);
    world.sample.set("during_p99_ms", p99);
    world.sample.set("during_max_ms", world.sample.figures["max_ms"]);
    let account = world.fleet.account(Audience::Everyone, (1, BEFORE + times), silent..world.clients_each)?;
    // Events that the stalled clients received before they stalled are not stray.
    world.sample.account(&crate::tally::Account { stray: 0, ..account });
    let all_silent = silent * world.servers.len();
    world.sample.set("silent", float(all_silent as u64));
    world.sample.set("grown_bytes_per_silent", per((float(most) - float(before)).max(0.0), all_silent as u64));
    world.fleet.resume()?;
    thread::sleep(Duration::from_secs(2));
    let state = world.fleet.look()?;
    world.sample.set("cut_off", float((world.fleet.clients() - state.connected) as u64));
    world.finish()
}

/// Returns the p99 of delivery times.
fn p99_of(world: &mut World, receipts: &Receipts) -> f64 {
    world.sample.latencies(receipts);
    world.sample.figures["p99_ms"]
}
