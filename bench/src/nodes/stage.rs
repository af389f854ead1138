//! Servers on one store, and the measurements.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context as _, Result, bail};
use superbot_test_postgres::TestPostgres;

use super::{Row, Setup};
use crate::clock::now_ns;
use crate::figures::{float, per, percentile, sorted};
use crate::fleet::Fleet;
use crate::http::Http;
use crate::machine::{cpu, noise};
use crate::orders::{Pace, Transport};
use crate::peers::seed::{Crowd, fill};
use crate::peers::server::{Server, listing, message};
use crate::peers::{Credential, Peer, Places, RUN};
use crate::wire::mark::Mark;
use crate::wire::packet::Audience;

/// Clients of the last node: few, so that the cost of events dominates, not that of recipients.
const LISTENERS: usize = 10;
/// A user without connections. For a node, this is the same as a user connected elsewhere.
const ABSENT: &str = "u10";
const BATCH: u32 = 100;
/// Number of listings published individually on an idle system, and their interval.
const ALONE: u32 = 200;
const ALONE_EVERY: Duration = Duration::from_millis(25);
/// Time for servers to become idle.
const SETTLE: Duration = Duration::from_secs(2);
/// Work that a server does within this time after the last receipt is attributed to the events.
const AFTERMATH: Duration = Duration::from_millis(200);
/// How long idle nodes are measured.
const IDLE: Duration = Duration::from_secs(5);
const DELIVERY_DEADLINE_MS: u64 = 60_000;

/// What is published.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Load {
    /// Listings, one per request.
    Singles,
    /// Listings, [`BATCH`] per request.
    Batches,
    /// Notifications for a user without connections.
    ForNobody,
}

/// Servers on one store, and clients of the last one.
pub(super) struct Stage {
    nodes: Vec<Server>,
    postgres: Option<TestPostgres>,
    fleet: Fleet,
    token: String,
    /// Number of the next event.
    next: AtomicU32,
    /// Number of listings that the clients should have received.
    heard: u64,
    _folder: tempfile::TempDir,
}

/// CPU time used so far, by each node and by Postgres.
struct Meter {
    nodes: Vec<cpu::Reading>,
    postgres: Vec<(u32, cpu::Reading)>,
}

impl Stage {
    /// Starts the servers on an empty store.
    pub(super) fn set(places: &Places, peer: &Peer, setup: Setup) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix(RUN).tempdir_in(&places.work)?;
        let postgres = setup.postgres.then(|| TestPostgres::durable_in(&places.work)).transpose()?;
        let url = match &postgres {
            Some(postgres) => postgres.database(),
            None => format!("sqlite:{}", folder.path().join("superbot.db").display()),
        };
        // One more user than there are listeners, for notifications that no client receives.
        let crowd = Crowd { clients: LISTENERS + 1, together: 1, alerts: true };
        let filled = fill(&url, crowd, Credential::Token)?;
        let nodes = (0..setup.nodes).map(|_| Server::start_on(places, peer, &url, &filled));
        let nodes = nodes.collect::<Result<Vec<Server>>>()?;
        let listened = &nodes[nodes.len() - 1..];
        let mut fleet = Fleet::start(listened, LISTENERS)?;
        let pace = Pace { per_second: 0.0, under_way: LISTENERS, retry: false, deadline_ms: 10_000 };
        let connected = fleet.connect(listened, Transport::WebSocket, 0, pace)?;
        if connected.took_us.len() != LISTENERS {
            bail!("not all clients could connect: {:?}", connected.failed);
        }
        thread::sleep(SETTLE);
        Ok(Self { nodes, postgres, fleet, token: filled.1, next: AtomicU32::new(1), heard: 0, _folder: folder })
    }

    /// Runs all measurements once.
    pub(super) fn play(mut self, publishers: u64, length: Duration, row: &mut Row) -> Result<()> {
        let machine = (noise::read()?, self.everything()?);
        self.alone(row)?;
        self.load(Load::Singles, publishers, length, row)?;
        self.load(Load::Batches, publishers, length, row)?;
        self.load(Load::ForNobody, publishers, length, row)?;
        self.idle(row)?;
        let ours = self.everything()?.iter().map(|(pid, now)| spent(*pid, now, &machine.1)).sum();
        row.noise.push(noise::read()?.since(&machine.0, ours));
        row.remarks.extend(self.nodes.iter().map(Server::log_end).filter(|log| !log.is_empty()));
        Ok(())
    }

    /// Measures single listings on an idle system: latency to a client of another node.
    fn alone(&mut self, row: &mut Row) -> Result<()> {
        let mut http = self.publisher(0);
        let began = Instant::now();
        for number in 1..=ALONE {
            post(&mut http, Load::Singles, &self.next)?;
            thread::sleep((ALONE_EVERY * number).saturating_sub(began.elapsed()));
        }
        self.heard += u64::from(ALONE);
        self.latencies("alone_p50_ms", "alone_p99_ms", row)
    }

    /// Measures all publishers at once, at full speed.
    fn load(&mut self, load: Load, publishers: u64, length: Duration, row: &mut Row) -> Result<()> {
        let keys = load.keys();
        let meter = self.meter()?;
        let began = Instant::now();
        let published = thread::scope(|scope| -> Result<u64> {
            let running: Vec<_> = (0..publishers)
                .map(|number| {
                    let mut http = self.publisher(usize::try_from(number).unwrap_or(0));
                    let next = &self.next;
                    scope.spawn(move || -> Result<u64> {
                        let mut published = 0;
                        while began.elapsed() < length {
                            published += u64::from(post(&mut http, load, next)?);
                        }
                        Ok(published)
                    })
                })
                .collect();
            running.into_iter().map(|one| one.join().ok().context("publishing panicked")?).sum()
        })?;
        row.note(keys.per_second, float(published) / began.elapsed().as_secs_f64());
        if load != Load::ForNobody {
            self.heard += published;
            self.latencies(keys.p50, keys.p99, row)?;
        }
        thread::sleep(AFTERMATH);
        self.costs(&meter, &keys, published, row)
    }

    /// Measures the CPU time of idle nodes, which poll the log and send heartbeats.
    fn idle(&self, row: &mut Row) -> Result<()> {
        thread::sleep(SETTLE);
        let meter = self.meter()?;
        let began = Instant::now();
        thread::sleep(IDLE);
        let seconds = began.elapsed().as_secs_f64();
        let now = self.meter()?;
        let last = now.nodes.iter().zip(&meter.nodes).next_back().map_or(0, |(now, then)| now.since_ns(then));
        row.note("idle_cpu_ms_per_s", float(last) / 1e6 / seconds);
        Ok(())
    }

    /// Computes the CPU time per thousand events, in milliseconds.
    fn costs(&self, meter: &Meter, keys: &Keys, published: u64, row: &mut Row) -> Result<()> {
        let now = self.meter()?;
        let spent_ns = now.nodes.iter().zip(&meter.nodes).map(|(now, then)| now.since_ns(then));
        let cost = |ns: u64| per(float(ns) / 1000.0, published);
        let each: Vec<f64> = spent_ns.map(cost).collect();
        let (listening, publishing) = each.split_last().context("there is a node")?;
        if !publishing.is_empty() {
            row.note(keys.publishing_cpu, publishing.iter().sum::<f64>());
        }
        row.note(keys.listening_cpu, *listening);
        if self.postgres.is_some() {
            let postgres = now.postgres.iter().map(|(pid, now)| spent(*pid, now, &meter.postgres)).sum();
            row.note(keys.postgres_cpu, cost(postgres));
        }
        Ok(())
    }

    fn latencies(&mut self, p50: &'static str, p99: &'static str, row: &mut Row) -> Result<()> {
        let due = self.heard;
        let came = self.fleet.wait_for(Audience::Everyone, &|_| due, DELIVERY_DEADLINE_MS)?;
        if came != due * LISTENERS as u64 {
            row.remarks.push(format!("{came} deliveries came of {}", due * LISTENERS as u64));
        }
        let receipts = self.fleet.receipts()?;
        let took = receipts.to_everyone.values().flatten().map(|tenths| f64::from(*tenths) / 10_000.0);
        let took = sorted(took.collect());
        row.note(p50, percentile(&took, 50.0));
        row.note(p99, percentile(&took, 99.0));
        Ok(())
    }

    /// Publishers use all nodes except the one with the listeners, if there are others.
    fn publisher(&self, number: usize) -> Http {
        let others = (self.nodes.len() - 1).max(1);
        Http::new(self.nodes[number % others].address, Some(self.token.clone()))
    }

    fn meter(&self) -> Result<Meter> {
        let nodes: Vec<u32> = self.nodes.iter().map(Server::pid).collect();
        Ok(Meter { nodes: cpu::read_all(&nodes)?, postgres: self.of_postgres()? })
    }

    /// Returns the processes of Postgres. Short-lived ones are missed.
    fn of_postgres(&self) -> Result<Vec<(u32, cpu::Reading)>> {
        let Some(parent) = self.postgres.as_ref().and_then(TestPostgres::pid) else { return Ok(Vec::new()) };
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"))?;
        let children = children.split_whitespace().filter_map(|pid| pid.parse().ok());
        Ok([parent].into_iter().chain(children).filter_map(|pid| Some((pid, cpu::read(pid).ok()?))).collect())
    }

    /// Returns all processes of the run, including this one.
    fn everything(&self) -> Result<Vec<(u32, cpu::Reading)>> {
        let ours = self.nodes.iter().map(Server::pid).chain(self.fleet.pids()).chain([std::process::id()]);
        let ours = ours.map(|pid| Ok((pid, cpu::read(pid)?))).collect::<Result<Vec<_>>>()?;
        Ok(ours.into_iter().chain(self.of_postgres()?).collect())
    }
}

/// Returns the nanoseconds used by a process since earlier readings.
fn spent(pid: u32, now: &cpu::Reading, earlier: &[(u32, cpu::Reading)]) -> u64 {
    let known = earlier.iter().find(|(earlier, _)| *earlier == pid);
    now.since_ns(known.map_or(&cpu::Reading::default(), |(_, reading)| reading))
}

/// Sends one request; returns the number of events it causes.
fn post(http: &mut Http, load: Load, next: &AtomicU32) -> Result<u32> {
    let mark = || Mark { number: next.fetch_add(1, Ordering::Relaxed), published_ns: now_ns() };
    match load {
        Load::Singles => {
            http.post("/api/listings", &listing(mark(), None))?;
            Ok(1)
        }
        Load::Batches => {
            let listings: Vec<String> = (0..BATCH).map(|_| listing(mark(), None)).collect();
            http.post("/api/listings", &format!("[{}]", listings.join(",")))?;
            Ok(BATCH)
        }
        Load::ForNobody => {
            let body = format!("{{\"type\":\"custom\",\"data\":{}}}", message(mark(), 150));
            http.post(&format!("/api/users/{ABSENT}/notifications"), &body)?;
            Ok(1)
        }
    }
}

/// Keys of the figures for one kind of load.
struct Keys {
    per_second: &'static str,
    p50: &'static str,
    p99: &'static str,
    publishing_cpu: &'static str,
    listening_cpu: &'static str,
    postgres_cpu: &'static str,
}

impl Load {
    fn keys(self) -> Keys {
        macro_rules! keys {
            ($prefix:literal) => {
                Keys {
                    per_second: concat!($prefix, "_per_s"),
                    p50: concat!($prefix, "_p50_ms"),
                    p99: concat!($prefix, "_p99_ms"),
                    publishing_cpu: concat!($prefix, "_publishing_cpu_ms"),
                    listening_cpu: concat!($prefix, "_listening_cpu_ms"),
                    postgres_cpu: concat!($prefix, "_postgres_cpu_ms"),
                }
            };
        }
        match self {
            Self::Singles => keys!("single"),
            Self::Batches => keys!("batch"),
            Self::ForNobody => keys!("others"),
        }
    }
}

impl Row {
    fn note(&mut self, key: &'static str, value: f64) {
        self.figures.entry(key).or_default().push(value);
    }
}
