//! Servers and clients of one run, and their CPU meters.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::{Sample, Task};
use crate::figures::{float, per};
use crate::fleet::Fleet;
use crate::machine::{cpu, memory, noise};
use crate::orders::{Pace, Transport};
use crate::peers::seed::Crowd;
use crate::peers::server::{Server, Start, Whom};
use crate::wire::packet::Audience;

/// Time for a server to become idle before it is measured.
const SETTLE: Duration = Duration::from_secs(1);

/// Work within this time after the last receipt is attributed to the event: checking for more events, and going to
/// sleep.
const AFTERMATH: Duration = Duration::from_millis(50);

/// Timeout of a delivery.
pub(super) const DELIVERY_DEADLINE_MS: u64 = 60_000;

/// Servers and clients of one run.
pub(super) struct World {
    pub(super) servers: Vec<Server>,
    pub(super) fleet: Fleet,
    pub(super) sample: Sample,
    /// Number of clients per server.
    pub(super) clients_each: usize,
    pub(super) pace: Pace,
    empty_bytes: u64,
    began: (noise::Reading, Vec<cpu::Reading>),
}

/// CPU time used for some events, by servers and clients.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spent {
    pub(super) servers_ns: u64,
    pub(super) clients_ns: u64,
}

/// CPU readings at the start of a measurement.
pub(super) struct Meter {
    servers: Vec<cpu::Reading>,
    clients: Vec<cpu::Reading>,
}

impl World {
    /// Starts the servers and load generators.
    pub(super) fn start(task: &Task<'_>, together: usize, alerts: bool, rooms: bool) -> Result<Self> {
        Self::start_with(task, Crowd { clients: 0, together, alerts }, rooms, None)
    }

    /// Like [`Self::start`], with a limit on open files.
    pub(super) fn start_with(task: &Task<'_>, crowd: Crowd, rooms: bool, descriptors: Option<u64>) -> Result<Self> {
        let count = task.clients.div_ceil(task.scale.clients_per_server).max(1);
        let clients_each = task.clients.div_ceil(count);
        let start = Start { crowd: Crowd { clients: clients_each, ..crowd }, descriptors, rooms };
        let servers = (0..count).map(|_| Server::start(task.places, task.peer, start));
        let servers: Vec<Server> = servers.collect::<Result<_>>()?;
        let fleet = Fleet::start(&servers, clients_each)?;
        let seconds = float(task.clients as u64) / task.peer.ramp_per_second;
        let pace = Pace {
            per_second: task.peer.ramp_per_second,
            under_way: 1000,
            retry: false,
            deadline_ms: Duration::from_secs_f64(seconds.mul_add(4.0, 30.0)).as_millis().try_into()?,
        };
        thread::sleep(SETTLE);
        let pids: Vec<u32> = servers.iter().map(Server::pid).collect();
        let empty_bytes = memory::total(&pids, memory::resident)?;
        let began = (noise::read()?, cpu::read_all(&everything(&servers, &fleet))?);
        Ok(Self { servers, fleet, sample: Sample::default(), clients_each, pace, empty_bytes, began })
    }

    pub(super) fn pids(&self) -> Vec<u32> {
        self.servers.iter().map(Server::pid).collect()
    }

    /// Connects all clients and records the figures.
    pub(super) fn connect(&mut self, transport: Transport, small_buffers: usize) -> Result<()> {
        let meter = self.meter()?;
        let connected = self.fleet.connect(&self.servers, transport, small_buffers, self.pace)?;
        thread::sleep(SETTLE);
        let (servers_ns, _) = meter.read(self)?;
        self.sample.connected(&connected, servers_ns);
        let count = connected.took_us.len() as u64;
        self.note_memory("idle_bytes", "idle_whole_bytes", count)
    }

    /// Records the memory per connection: the servers' growth, and their total.
    pub(super) fn note_memory(&mut self, grown: &'static str, whole: &'static str, connections: u64) -> Result<()> {
        let now = self.resident()?;
        self.sample.set(grown, per(float(now) - float(self.empty_bytes), connections));
        self.sample.set(whole, per(float(now), connections));
        Ok(())
    }

    pub(super) fn resident(&self) -> Result<u64> {
        memory::total(&self.pids(), memory::resident)
    }

    /// Starts measuring CPU time.
    pub(super) fn meter(&self) -> Result<Meter> {
        Ok(Meter { servers: cpu::read_all(&self.pids())?, clients: cpu::read_all(&self.fleet.pids())? })
    }

    /// Publishes one event and waits for all receipts; adds the CPU time up to then, but not the pause until the next
    /// event.
    pub(super) fn publish_and_wait(
        &mut self,
        event: (Whom, Audience, u32),
        each: &dyn Fn(usize) -> u64,
        spent: &mut Spent,
    ) -> Result<()> {
        let (whom, audience, number) = event;
        let meter = self.meter()?;
        self.publish(whom, number)?;
        self.fleet.wait_for(audience, each, DELIVERY_DEADLINE_MS)?;
        thread::sleep(AFTERMATH);
        let (servers_ns, clients_ns) = meter.read(self)?;
        spent.servers_ns += servers_ns;
        spent.clients_ns += clients_ns;
        Ok(())
    }

    /// Publishes one event through all servers simultaneously.
    pub(super) fn publish(&mut self, whom: Whom, number: u32) -> Result<()> {
        if let [server] = &mut self.servers[..] {
            return server.publish(whom, number);
        }
        thread::scope(|scope| {
            let running: Vec<_> =
                self.servers.iter_mut().map(|server| scope.spawn(move || server.publish(whom, number))).collect();
            running.into_iter().try_for_each(|one| one.join().ok().context("publishing panicked")?)
        })
    }

    /// Ends the run; records other activity on the machine, and warnings logged by the servers.
    pub(super) fn finish(mut self) -> Result<Sample> {
        let state = self.fleet.look()?;
        for (why, count) in &state.ended {
            self.sample.remarks.push(format!("{count} connections ended: {why}"));
        }
        let now = cpu::read_all(&everything(&self.servers, &self.fleet))?;
        let (machine, earlier) = &self.began;
        self.sample.noise = noise::read()?.since(machine, cpu::since_ns(&now, earlier));
        for server in &self.servers {
            let log = server.log_end();
            if !log.is_empty() {
                self.sample.remarks.push(format!("the server's log ends with: {log}"));
            }
        }
        Ok(self.sample)
    }
}

impl Meter {
    /// Returns the nanoseconds used by servers and clients since the start.
    pub(super) fn read(&self, world: &World) -> Result<(u64, u64)> {
        let now = world.meter()?;
        Ok((cpu::since_ns(&now.servers, &self.servers), cpu::since_ns(&now.clients, &self.clients)))
    }
}

/// Returns all processes of a run, including this one.
fn everything(servers: &[Server], fleet: &Fleet) -> Vec<u32> {
    let servers = servers.iter().map(Server::pid);
    servers.chain(fleet.pids()).chain([std::process::id()]).collect()
}

/// Calls `act` a number of times at a fixed rate, never early.
pub(super) fn at_a_beat(times: u32, every: Duration, mut act: impl FnMut(u32) -> Result<()>) -> Result<()> {
    let start = Instant::now();
    for number in 1..=times {
        act(number)?;
        thread::sleep((every * number).saturating_sub(start.elapsed()));
    }
    Ok(())
}
