//! Connecting many clients at a given rate.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::ops::Range;

use anyhow::{Context as _, Result};
use rustix::fd::OwnedFd;

use super::client::{Client, Who};
use super::shared::Shared;
use crate::clock::now_ns;
use crate::orders::{Connect, Connected, Pace};

/// Maximum number of connections started between two checks for input.
const AT_ONCE: usize = 64;

/// Delay before a retry if the server had no capacity.
const RETRY_NS: u64 = 100_000_000;

/// Clients per source address. Linux has 28,000 ephemeral ports per address by default, and searches slowly when half
/// of them are in use.
const PER_ADDRESS: usize = 6000;

/// Receive buffer of stalled clients: small, so that the server is affected soon.
const SMALL_BUFFER: usize = 4096;

/// Clients being connected.
pub(super) struct Connecting {
    pace: Pace,
    fresh: VecDeque<usize>,
    /// Clients to be retried, with the time.
    again: VecDeque<(u64, usize)>,
    begun: u64,
    under_way: usize,
    deadline_ns: u64,
    outcome: Connected,
}

pub(super) fn make(order: &Connect) -> Result<Vec<Client>> {
    let text = std::fs::read_to_string(&order.credentials)
        .with_context(|| format!("reading {}", order.credentials.display()))?;
    let lines = text.lines().skip(order.skip).take(order.clients);
    let made = lines.enumerate().map(|(index, line)| {
        let (cookie, auth) = line.split_once('\t').context("a line of credentials has a tab")?;
        let receive_buffer = (index < order.small_buffers).then_some(SMALL_BUFFER);
        let who = Who { source: source(order.source, index), receive_buffer, cookie: cookie.into(), auth: auth.into() };
        Ok(Client::new(who, order.transport))
    });
    let clients: Vec<Client> = made.collect::<Result<_>>()?;
    anyhow::ensure!(clients.len() == order.clients, "there are only {} lines of credentials", clients.len());
    Ok(clients)
}

/// Returns the source address of a client.
fn source(first: Ipv4Addr, index: usize) -> Ipv4Addr {
    let [a, b, c, d] = first.octets();
    Ipv4Addr::new(a, b, c, d.saturating_add(u8::try_from(index / PER_ADDRESS).unwrap_or(u8::MAX)))
}

impl Connecting {
    pub(super) fn begin(clients: Range<usize>, pace: Pace) -> Self {
        let from_ns = now_ns();
        Self {
            pace,
            fresh: clients.collect(),
            again: VecDeque::new(),
            begun: 0,
            under_way: 0,
            deadline_ns: from_ns + pace.deadline_ms * 1_000_000,
            outcome: Connected { from_ns, to_ns: from_ns, ..Connected::default() },
        }
    }

    /// Returns when something is due next.
    pub(super) fn next_ns(&self) -> u64 {
        if self.under_way >= self.pace.under_way {
            return self.deadline_ns;
        }
        let fresh = (!self.fresh.is_empty()).then(|| self.due_ns());
        let again = self.again.front().map(|(at_ns, _)| *at_ns);
        fresh.into_iter().chain(again).min().unwrap_or(self.deadline_ns).min(self.deadline_ns)
    }

    /// Returns when the next new connection is due.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a run lasts minutes, not centuries")]
    fn due_ns(&self) -> u64 {
        if self.pace.per_second <= 0.0 {
            return 0;
        }
        self.outcome.from_ns + (crate::figures::float(self.begun) / self.pace.per_second * 1e9) as u64
    }

    /// Starts all connections that are due.
    pub(super) fn go_on(&mut self, epoll: &OwnedFd, clients: &mut [Client], shared: &mut Shared) {
        let now = now_ns();
        for _ in 0..AT_ONCE {
            if self.under_way >= self.pace.under_way || now >= self.deadline_ns {
                return;
            }
            let Some(index) = self.next(now) else { return };
            self.under_way += 1;
            clients[index].begin(epoll, index, shared);
            self.note(&mut clients[index], index);
        }
    }

    fn next(&mut self, now: u64) -> Option<usize> {
        if self.again.front().is_some_and(|(at_ns, _)| *at_ns <= now) {
            return self.again.pop_front().map(|(_, index)| index);
        }
        if self.due_ns() > now {
            return None;
        }
        self.begun += 1;
        self.fresh.pop_front()
    }

    /// Records the result of a client's connection attempt, if there is one.
    pub(super) fn note(&mut self, client: &mut Client, index: usize) {
        let Some(outcome) = client.take_outcome() else { return };
        self.under_way = self.under_way.saturating_sub(1);
        self.outcome.to_ns = now_ns();
        match outcome {
            Ok(took_us) => self.outcome.took_us.push(took_us),
            Err(why) => {
                *self.outcome.failed.entry(why).or_default() += 1;
                if self.pace.retry {
                    self.again.push_back((self.outcome.to_ns + RETRY_NS, index));
                }
            }
        }
    }

    pub(super) fn is_done(&self) -> bool {
        let rest = self.fresh.len() + self.again.len() + self.under_way;
        rest == 0 || now_ns() >= self.deadline_ns
    }

    /// Returns the overall result; connections in progress at the deadline count as failed.
    pub(super) fn finish(mut self) -> Connected {
        let late = (self.fresh.len() + self.again.len() + self.under_way) as u64;
        if late > 0 {
            *self.outcome.failed.entry("not connected by the deadline".to_owned()).or_default() += late;
        }
        self.outcome
    }
}
