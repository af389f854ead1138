//! Clients: each loses its connection from time to time and reconnects to a random node.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng, RngExt as _};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::{Cluster, Tally};
use crate::watcher::{Door, Line, Watcher, Way};

/// Delay before a client reconnects after losing its connection.
const AWAY: Duration = Duration::from_secs(2);
/// Duration of a connection, unless the node ends it.
const LASTS_MS: std::ops::Range<u64> = 3_000..40_000;

/// One of a user's clients.
pub(super) struct Client {
    pub(super) user: usize,
    pub(super) watcher: Watcher,
    doors: Arc<[Door]>,
    choices: StdRng,
    tally: Arc<Tally>,
    calm: CancellationToken,
}

/// Why a client stopped receiving.
enum Stopped {
    SawTheEnd,
    WasClosed,
    IsCut,
}

impl Client {
    /// Every other client requests the whole log, the rest start at the present; one in five uses an event stream.
    pub(super) fn new(number: usize, cluster: &Cluster) -> Self {
        let way = if number.is_multiple_of(5) { Way::Stream } else { Way::Socket };
        let user = number % cluster.users.len();
        Self {
            user,
            watcher: Watcher::new(way, number.is_multiple_of(2).then_some(0)),
            doors: Arc::clone(&cluster.users[user].doors),
            choices: cluster.plan.choices("client", number),
            tally: Arc::clone(&cluster.tally),
            calm: cluster.calm.clone(),
        }
    }

    /// Reconnects until the last listing is received.
    pub(super) async fn run(mut self) -> Self {
        let mut abandoned = None;
        loop {
            let mut line = self.come_back().await;
            match self.listen(&mut line).await {
                Stopped::SawTheEnd => return self,
                Stopped::WasClosed => {
                    if let Some(wait) = self.watcher.retry_after.take() {
                        tokio::time::sleep(wait).await;
                    }
                }
                Stopped::IsCut => {
                    Tally::count(&self.tally.cuts);
                    // Half of the connections are abandoned silently, so the node keeps writing to them; the previous
                    // one is closed only now.
                    if self.choices.random() {
                        drop(abandoned.replace(line));
                    } else {
                        drop(line);
                    }
                    tokio::time::sleep(AWAY).await;
                }
            }
        }
    }

    /// Tries nodes until one accepts the connection.
    async fn come_back(&mut self) -> Line {
        loop {
            let door = self.doors.choose(&mut self.choices).unwrap();
            if let Some(line) = self.watcher.open(door).await {
                Tally::count(&self.tally.connects);
                return line;
            }
            tokio::time::sleep(milliseconds(&mut self.choices, 50..250)).await;
        }
    }

    async fn listen(&mut self, line: &mut Line) -> Stopped {
        let cut_at = Instant::now() + milliseconds(&mut self.choices, LASTS_MS);
        while !self.watcher.saw_the_end() {
            let next = match timeout_at(cut_at, line.next()).await {
                Ok(next) => next,
                Err(_) if self.calm.is_cancelled() => line.next().await,
                Err(_) => return Stopped::IsCut,
            };
            let Some((name, payload)) = next else { return Stopped::WasClosed };
            self.watcher.hear(&name, &payload);
        }
        Stopped::SawTheEnd
    }
}

/// Returns a random duration from a range.
pub(super) fn milliseconds(choices: &mut impl Rng, between: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(choices.random_range(between))
}
