//! Heartbeat: when to ping, and when a silent peer counts as dead.

use std::time::Duration;

use tokio::time::Instant;

/// State of a session's heartbeat.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Heartbeat {
    /// The peer is alive; the next ping is due at this time.
    PingAt(Instant),
    /// A ping, scheduled for `nominal`, was sent; the pong must arrive by `due`.
    PongBy { due: Instant, nominal: Instant },
}

/// Action to be taken by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeartbeatCheck {
    /// Nothing to do before this time.
    Wait(Instant),
    /// Send a ping now.
    Ping,
    /// The peer did not answer in time.
    Dead,
}

impl Heartbeat {
    /// Advances the heartbeat. `progress` is when the peer last accepted queued bytes, which proves that it is alive.
    pub(crate) fn beat(&mut self, now: Instant, timeout: Duration, progress: Option<Instant>) -> HeartbeatCheck {
        match *self {
            Heartbeat::PingAt(at) if now < at => HeartbeatCheck::Wait(at),
            Heartbeat::PingAt(at) => {
                // If a busy server pings late, the peer still gets the full timeout. Normal timer inaccuracy does not
                // extend it.
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

    /// Processes a pong.
    pub(crate) fn pong(&mut self, now: Instant, interval: Duration) {
        if matches!(self, Heartbeat::PongBy { .. }) {
            *self = Heartbeat::PingAt(now + interval);
        }
    }

    /// Extends the deadline while the server itself has paused reading, since it could not see a pong.
    pub(crate) fn excuse(&mut self, now: Instant, timeout: Duration) {
        if let Heartbeat::PongBy { due, .. } = self {
            *due = (*due).max(now + timeout);
        }
    }

    /// Returns whether a polling client missed its ping: it did not poll between the scheduled time and the end of the
    /// timeout. Checked separately because the timer may not have fired yet.
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
