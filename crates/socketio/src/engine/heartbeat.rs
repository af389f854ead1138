//! When to ping, and when silence means that the peer is gone.

use std::time::Duration;

use tokio::time::Instant;

/// Where a session is between two pings.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Heartbeat {
    /// All is well; the next ping is due then.
    PingAt(Instant),
    /// A ping was sent; it was due at `nominal` and is to be answered by `due`.
    PongBy { due: Instant, nominal: Instant },
}

/// What a look at the clock says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeartbeatCheck {
    /// Nothing before then.
    Wait(Instant),
    /// Send a ping now.
    Ping,
    /// The peer did not answer.
    Dead,
}

impl Heartbeat {
    /// Looks at the clock. A peer that took queued bytes at `progress` was alive then.
    pub(crate) fn beat(&mut self, now: Instant, timeout: Duration, progress: Option<Instant>) -> HeartbeatCheck {
        match *self {
            Heartbeat::PingAt(at) if now < at => HeartbeatCheck::Wait(at),
            Heartbeat::PingAt(at) => {
                // A busy server that pings late must not blame the peer for it; a timer's usual
                // coarseness is no reason to wait longer than promised.
                let late = now.saturating_duration_since(at) > timeout / 4;
                *self = Heartbeat::PongBy { due: if late { now } else { at } + timeout, nominal: at };
                HeartbeatCheck::Ping
            }
            Heartbeat::PongBy { due, .. } => {
                let due = progress.map_or(due, |at| due.max(at + timeout));
                if now < due { HeartbeatCheck::Wait(due) } else { HeartbeatCheck::Dead }
            }
        }
    }

    /// The peer answered.
    pub(crate) fn pong(&mut self, now: Instant, interval: Duration) {
        if matches!(self, Heartbeat::PongBy { .. }) {
            *self = Heartbeat::PingAt(now + interval);
        }
    }

    /// The server itself is not reading, so that an answer could not be seen.
    pub(crate) fn excuse(&mut self, now: Instant, timeout: Duration) {
        if let Heartbeat::PongBy { due, .. } = self {
            *due = (*due).max(now + timeout);
        }
    }

    /// Whether a peer that polls only now was away from when its ping was due until too late.
    /// The timer alone cannot tell, as it may not have run yet.
    pub(crate) fn missed_by_poll(self, now: Instant, timeout: Duration, ping_waiting: bool) -> bool {
        match self {
            Heartbeat::PingAt(nominal) => now >= nominal + timeout,
            Heartbeat::PongBy { nominal, .. } => ping_waiting && now >= nominal + timeout,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_millis(200);

    #[test]
    fn a_ping_is_answered_or_the_peer_is_dead() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut heartbeat = Heartbeat::PingAt(at(300));
        assert_eq!(heartbeat.beat(at(299), TIMEOUT, None), HeartbeatCheck::Wait(at(300)));
        assert_eq!(heartbeat.beat(at(301), TIMEOUT, None), HeartbeatCheck::Ping);
        assert_eq!(heartbeat.beat(at(301), TIMEOUT, None), HeartbeatCheck::Wait(at(500)));
        let mut answered = heartbeat;
        answered.pong(at(310), Duration::from_millis(300));
        assert_eq!(answered.beat(at(311), TIMEOUT, None), HeartbeatCheck::Wait(at(610)));
        assert_eq!(heartbeat.beat(at(500), TIMEOUT, None), HeartbeatCheck::Dead);
        assert_eq!(heartbeat.beat(at(500), TIMEOUT, Some(at(400))), HeartbeatCheck::Wait(at(600)));
        assert!(heartbeat.missed_by_poll(at(500), TIMEOUT, true));
        assert!(!heartbeat.missed_by_poll(at(499), TIMEOUT, true));
    }

    #[test]
    fn a_late_server_does_not_blame_the_peer() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::PingAt(start);
        let late = start + TIMEOUT;
        assert_eq!(heartbeat.beat(late, TIMEOUT, None), HeartbeatCheck::Ping);
        assert_eq!(heartbeat.beat(late, TIMEOUT, None), HeartbeatCheck::Wait(late + TIMEOUT));
    }
}
