//! Impact of stalled clients on others: prints figures, to be run on an idle machine with a release build.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{NOTIFICATIONS, Peer, Scene};
use crate::support::{Connect, Options, Received, Server, Socket, eventually, resident_kib};

const READERS: usize = 1_000;
const STALLED: usize = 100;
const ROUNDS: usize = 9;
const LISTINGS_PER_PHASE: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, minutes long: cargo test --release --test it -- --ignored --nocapture stalled_peers_cost"]
async fn stalled_peers_cost() {
    raise_descriptor_limit();
    let mut server = Server::start_with(Options::default().set("limits.publish_requests_per_second", 0)).await;
    let scene = Scene::set(&server).await;
    let (heard, mut latencies) = mpsc::unbounded_channel();
    let origin = Instant::now();
    for _ in 0..READERS {
        let (socket, _) = Connect::to(&server.address).token(&scene.reader).greeted().await;
        tokio::spawn(listen(socket, origin, heard.clone()));
    }
    let mut report = format!("memory with {READERS} readers: {} KiB\n", resident_kib(server.pid()));
    let mut phase = Phase { scene: &scene, origin, latencies: &mut latencies, number: 0 };
    phase.run().await;
    let mut without = Vec::new();
    let mut with = Vec::new();
    for round in 1..=ROUNDS {
        let plain = phase.run().await;
        let (stalled, since) = stall(&server, &scene).await;
        let beside = phase.run().await;
        let memory = resident_kib(server.pid());
        for user in ["stalled", "slow"] {
            eventually("the stalled are gone", || async { (scene.connections(user).await == 0).then_some(()) }).await;
        }
        let gone = since.elapsed();
        let after = resident_kib(server.pid());
        let _ = writeln!(
            report,
            "round {round}: p50 {:?}, p99 {:?} without; p50 {:?}, p99 {:?} beside {STALLED} stalled; \
             gone {gone:?} after they stopped reading; memory {memory} KiB, then {after} KiB",
            plain.0, plain.1, beside.0, beside.1
        );
        drop(stalled);
        without.push(plain);
        with.push(beside);
    }
    let ratio = median(&with).1.as_secs_f64() / median(&without).1.as_secs_f64();
    let _ = writeln!(
        report,
        "medians (p50, p99): {:?} without, {:?} beside; p99 ratio {ratio:.2}",
        median(&without),
        median(&with)
    );
    let (_stalled, _) = stall(&server, &scene).await;
    let stopping = Instant::now();
    let status = server.terminate().await;
    let _ = writeln!(report, "stopped in {:?} with {STALLED} stalled peers: {status}", stopping.elapsed());
    std::io::stderr().write_all(report.as_bytes()).unwrap();
}

/// Connects clients that never read again, and fills their buffers; returns since when they are stalled.
///
/// Half of them exceed their queue; the others stay connected, and everything published is queued for them.
async fn stall(server: &Server, scene: &Scene) -> (Vec<Peer>, Instant) {
    let mut stalled = Vec::new();
    for _ in 0..STALLED / 2 {
        stalled.push(Peer::connect(&server.address, &scene.stalled).await);
        stalled.push(Peer::connect(&server.address, &scene.slow).await);
    }
    let since = Instant::now();
    scene.flood("stalled", NOTIFICATIONS).await;
    scene.flood("slow", NOTIFICATIONS / 6).await;
    (stalled, since)
}

async fn listen(mut socket: Socket, origin: Instant, heard: mpsc::UnboundedSender<(u32, Duration)>) {
    loop {
        match socket.next().await {
            Received::Event(name, listing) if name == "new_listing" => {
                let title = listing["title"].as_str().unwrap();
                let (phase, posted_us) = title.split_once(' ').unwrap();
                let posted = Duration::from_micros(posted_us.parse().unwrap());
                let _ = heard.send((phase.parse().unwrap(), origin.elapsed().saturating_sub(posted)));
            }
            Received::Event(..) => {}
            _ => return,
        }
    }
}

/// Publishes listings and collects the latency to each reader.
struct Phase<'a> {
    scene: &'a Scene,
    origin: Instant,
    latencies: &'a mut mpsc::UnboundedReceiver<(u32, Duration)>,
    number: u32,
}

impl Phase<'_> {
    /// Returns the median and p99 of one phase.
    async fn run(&mut self) -> (Duration, Duration) {
        self.number += 1;
        let mut pace = tokio::time::interval(PAUSE);
        for listing in 0..LISTINGS_PER_PHASE {
            pace.tick().await;
            let title = format!("{} {}", self.number, self.origin.elapsed().as_micros());
            let link = format!("https://example.org/{}/{listing}", self.number);
            let listing = json!({"title": title, "link": link, "source": "test"});
            self.scene.publisher.post("/api/listings", &listing).await.ok();
        }
        let mut took = Vec::new();
        while took.len() < READERS * LISTINGS_PER_PHASE as usize {
            let (phase, latency) = self.latencies.recv().await.unwrap();
            assert_eq!(phase, self.number, "every phase is heard to its end");
            took.push(latency);
        }
        took.sort_unstable();
        (took[took.len() / 2], took[took.len() * 99 / 100])
    }
}

fn median(phases: &[(Duration, Duration)]) -> (Duration, Duration) {
    let middle = |mut values: Vec<Duration>| {
        values.sort_unstable();
        values[values.len() / 2]
    };
    (middle(phases.iter().map(|phase| phase.0).collect()), middle(phases.iter().map(|phase| phase.1).collect()))
}

fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
}
