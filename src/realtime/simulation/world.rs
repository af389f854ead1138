//! The simulated world: nodes, the log, clients, and faults.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use parking_lot::Mutex;
use superbot_domain::{Clock, Timestamp};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::client::Client;
use super::line::Front;
use super::node::Node;
use super::{Bug, faults, writers};
use crate::realtime::BatchLimits;
use crate::records::simulated::{Dice, Flaw, Link, Model, Weather};

/// Parameters that the seed determines in advance.
#[derive(Debug)]
pub struct Plan {
    pub nodes: usize,
    pub clients: u64,
    pub queue_bytes: usize,
    pub replay_limit: u64,
    pub portions: BatchLimits,
    /// Maximum length of an event's text.
    pub text_bytes: u64,
}
pub struct Gate {
    pub node: usize,
    pub front: Front,
    pub crashed: CancellationToken,
    pub link: Link,
}
pub struct Report {
    pub failure: Option<String>,
    /// Hash of everything that happened.
    pub digest: u64,
    /// Log lines; those with the same time are sorted by actor, because the runtime determines their order.
    pub trace: Vec<String>,
}

pub struct World {
    pub model: Arc<Model>,
    pub plan: Plan,
    /// Whether clients do not send their cursor.
    pub forgetful: bool,
    pub nodes: Mutex<Vec<Option<Node>>>,
    calm: AtomicBool,
    began: Instant,
    failure: Mutex<Option<String>>,
    failed: CancellationToken,
    trace: Mutex<Trace>,
}

#[derive(Default)]
struct Trace {
    /// Whether lines are kept.
    kept: bool,
    /// Time in milliseconds, actor, and description.
    lines: Vec<(u128, u64, String)>,
    /// One hash per actor, so that the order of actors at the same time does not matter.
    digests: BTreeMap<u64, DefaultHasher>,
}

/// Actor of lines about the world and its nodes.
pub const WORLD: u64 = 1000;

/// Deadline for a node's start, which takes a few queries.
const STARTS_WITHIN: Duration = Duration::from_secs(2);

/// Deadline for all clients to receive everything after the last fault.
const SETTLES_WITHIN: Duration = Duration::from_mins(2);

/// The paused clock of the runtime, which advances when all tasks are idle.
pub struct SimulatedClock(pub Instant);

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap() + self.0.elapsed()
    }
}

impl Plan {
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::of(seed, "plan");
        let portions = BatchLimits {
            batch: dice.pick(&[1, 2, 5, 16]),
            piece: dice.pick(&[1, 2, 8]),
            ring_events: dice.pick(&[1, 3, 8, 30, 200]),
            ring_bytes: dice.pick(&[500, 4_000, 1 << 20]),
        };
        Self {
            nodes: dice.pick(&[1, 2, 2, 3]),
            clients: dice.within(3..=7),
            queue_bytes: dice.pick(&[600, 1_500, 6_000]),
            replay_limit: dice.pick(&[5, 40, 40, 1_000]),
            portions,
            text_bytes: dice.pick(&[20, 20, 200, 700]),
        }
    }
}

impl World {
    /// Runs a seed to its end.
    pub fn play(seed: u64, bug: Option<Bug>, kept: bool) -> Report {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let began = Instant::now();
            let flaw = match bug {
                Some(Bug::Log(flaw)) => Some(flaw),
                _ => None::<Flaw>,
            };
            let world = Arc::new(Self {
                model: Model::new(seed, flaw, Arc::new(SimulatedClock(began))),
                plan: Plan::of(seed),
                forgetful: bug == Some(Bug::ForgetfulClients),
                nodes: Mutex::default(),
                calm: AtomicBool::new(false),
                began,
                failure: Mutex::default(),
                failed: CancellationToken::new(),
                trace: Mutex::new(Trace { kept, ..Trace::default() }),
            });
            tokio::select! {
                biased;
                () = world.failed.cancelled() => {}
                () = Arc::clone(&world).pass() => {}
            }
            world.report()
        })
    }

    async fn pass(self: Arc<Self>) {
        self.note(WORLD, || format!("{:?}", self.plan));
        for node in 0..self.plan.nodes {
            self.nodes.lock().push(None);
            self.start(node).await;
        }
        let mut due = Vec::new();
        for number in 0..self.plan.clients {
            let client = Client::new(number, &self);
            due.push(client.due());
            tokio::spawn(client.run());
        }
        let writers = writers::start(&self);
        faults::strikes(&self).await;
        self.calm.store(true, Relaxed);
        self.note(WORLD, || "all is quiet".to_owned());
        for writer in writers {
            writer.await.unwrap();
        }
        self.settle(&due).await;
    }

    /// Waits until all clients have received everything.
    async fn settle(self: &Arc<Self>, due: &[impl Fn() -> Option<String>]) {
        let until = Instant::now() + SETTLES_WITHIN;
        loop {
            for number in 0..self.plan.nodes {
                let gate = self.nodes.lock()[number].as_ref().map(|node| node.gate(number));
                match gate {
                    Some(gate) => gate.link.set_weather(Weather::default()),
                    None => self.start(number).await,
                }
            }
            let Some(lack) = due.iter().find_map(|due| due()) else { return };
            if Instant::now() >= until {
                return self.fail(lack);
            }
            sleep(Duration::from_millis(250)).await;
        }
    }

    /// Starts a node, retrying until it succeeds.
    pub async fn start(self: &Arc<Self>, number: usize) {
        let mut tries = 0;
        loop {
            let life = self.began.elapsed().as_millis();
            let link = self.model.link(u64::try_from(life).unwrap() << 8 | number as u64);
            link.set_weather(Weather { failing: if tries < 3 { 5 } else { 0 }, lost: 10, latency_ms: 5 });
            tries += 1;
            // A start that began before a restore never completes.
            match timeout(STARTS_WITHIN, Node::start(&self.model, &self.plan, link.clone())).await {
                Ok(Ok(node)) => {
                    self.note(WORLD, || format!("node {number} is up"));
                    tokio::spawn(faults::supervise(Arc::clone(self), number, &node));
                    let before = self.nodes.lock()[number].replace(node);
                    // Another task may have started the node in the meantime.
                    return before.iter().for_each(Node::crash);
                }
                _ => link.sever(),
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// Returns access to a random running node.
    pub fn gate(&self, dice: &mut Dice) -> Option<Gate> {
        let nodes = self.nodes.lock();
        let up: Vec<usize> = (0..nodes.len()).filter(|number| nodes[*number].is_some()).collect();
        let number = (!up.is_empty()).then(|| dice.pick(&up))?;
        nodes[number].as_ref().map(|node| node.gate(number))
    }

    /// Returns whether there will be no more faults.
    pub fn is_calm(&self) -> bool {
        self.calm.load(Relaxed)
    }

    /// Ends the run because of a violation.
    pub fn fail(&self, violation: String) {
        self.note(WORLD, || format!("FAILS: {violation}"));
        self.failure.lock().get_or_insert(violation);
        self.failed.cancel();
    }

    /// Adds a line to the trace.
    pub fn note(&self, who: u64, what: impl FnOnce() -> String) {
        let mut trace = self.trace.lock();
        let line = (self.began.elapsed().as_millis(), who, what());
        line.hash(trace.digests.entry(who).or_default());
        if trace.kept {
            trace.lines.push(line);
        }
    }

    fn report(&self) -> Report {
        let mut trace = self.trace.lock();
        let mut digest = DefaultHasher::new();
        trace.digests.values().for_each(|part| part.finish().hash(&mut digest));
        let failure = self.failure.lock().clone();
        trace.lines.sort_by_key(|(at, who, _)| (*at, *who));
        let lines = trace.lines.iter().map(|(at, who, what)| format!("{at:>6} {who:>4} {what}"));
        Report { failure, digest: digest.finish(), trace: lines.collect() }
    }
}
