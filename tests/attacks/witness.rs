//! A regular user whose latencies are measured during attacks.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::Ipv4Addr;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::attacker;
use crate::scale::sized;
use crate::support::{Connect, Http, Server};

/// Source address of the witness; attackers use others.
const ADDRESS: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// Interval between probes of one kind, whether or not the previous one has finished.
fn interval() -> Duration {
    sized(Duration::from_millis(200), Duration::from_millis(100))
}
/// Timeout of a probe.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Kinds of probes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Probe {
    /// A request over a new connection.
    Request,
    /// A list of listings over a persistent connection; retried while rejected temporarily.
    List,
    /// A WebSocket that joins a namespace and receives its greeting.
    Socket,
    /// `/healthz` over a new connection, without a credential.
    Health,
}

/// Latencies of one kind of probe, in ascending order. A failed probe counts as [`TIMEOUT`].
#[derive(Default)]
pub struct Waits {
    pub waits: Vec<Duration>,
    pub failed: usize,
}

impl Waits {
    /// Returns the latency that this percentage of the probes did not exceed.
    pub fn percentile(&self, percent: usize) -> Duration {
        let last = self.waits.len().checked_sub(1).unwrap();
        self.waits[(self.waits.len() * percent / 100).min(last)]
    }

    pub fn longest(&self) -> Duration {
        self.percentile(100)
    }
}

/// A running witness, with its own thread and runtime so that the attackers' load does not delay it.
pub struct Witness {
    /// The longest latency before the attack.
    pub undisturbed: Duration,
    stop: CancellationToken,
    thread: JoinHandle<BTreeMap<Probe, Waits>>,
}

impl Witness {
    /// Starts the witness; returns once each kind of probe has succeeded a few times.
    pub fn start(server: &Server, token: &str) -> Self {
        let stop = CancellationToken::new();
        let address = server.address.clone();
        let http = server.http().with_token(token);
        let fresh = attacker::http(server, ADDRESS).with_token(token);
        let token = token.to_owned();
        let stopped = stop.clone();
        let (ready, is_ready) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(watch(http, fresh, Connect::to(&address).token(&token), stopped, ready))
        });
        let undisturbed = is_ready.recv().expect("the witness is served before the attack");
        Self { undisturbed, stop, thread }
    }

    /// Stops the witness after the probes in progress.
    pub async fn finish(self) -> BTreeMap<Probe, Waits> {
        self.stop.cancel();
        tokio::task::spawn_blocking(|| self.thread.join().unwrap()).await.unwrap()
    }
}

async fn watch(
    http: Http,
    fresh: Http,
    connect: Connect,
    stop: CancellationToken,
    ready: mpsc::Sender<Duration>,
) -> BTreeMap<Probe, Waits> {
    let probe = move |kind| {
        let http = http.clone();
        let fresh = fresh.clone();
        let connect = connect.clone();
        async move {
            match kind {
                Probe::Request => fresh.try_get("/api/auth/me").await == Some(200),
                Probe::List => loop {
                    // On a slow machine the witness's own probes may exceed its rate limit.
                    match http.try_get("/api/listings?limit=5").await {
                        Some(429) => tokio::time::sleep(interval()).await,
                        status => break status == Some(200),
                    }
                },
                Probe::Socket => connect.try_open().await.is_some_and(|opened| opened.is_ok()),
                Probe::Health => fresh.try_get("/healthz").await == Some(200),
            }
        }
    };
    let kinds = [Probe::Request, Probe::List, Probe::Socket, Probe::Health];
    let mut undisturbed = Duration::ZERO;
    for kind in [kinds; 3].into_iter().flatten() {
        let (wait, succeeded) = timed(probe(kind)).await;
        assert!(succeeded, "{kind:?} before the attack");
        undisturbed = undisturbed.max(wait);
    }
    ready.send(undisturbed).unwrap();
    let mut probes = JoinSet::new();
    let mut ticks = tokio::time::interval(interval());
    while !stop.is_cancelled() {
        ticks.tick().await;
        for kind in kinds {
            let result = timed(probe(kind));
            probes.spawn(async move { (kind, result.await) });
        }
    }
    let mut waits: BTreeMap<Probe, Waits> = BTreeMap::new();
    for (kind, (wait, succeeded)) in probes.join_all().await {
        let waits = waits.entry(kind).or_default();
        waits.failed += usize::from(!succeeded);
        waits.waits.push(if succeeded { wait } else { TIMEOUT });
    }
    for waits in waits.values_mut() {
        waits.waits.sort_unstable();
    }
    waits
}

async fn timed(probe: impl Future<Output = bool>) -> (Duration, bool) {
    let began = Instant::now();
    let succeeded = tokio::time::timeout(TIMEOUT, probe).await.unwrap_or(false);
    (began.elapsed(), succeeded)
}
