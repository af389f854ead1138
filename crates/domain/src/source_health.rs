//! Health of a source, and scheduling of its next run.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::{CLOCK_SKEW, Timestamp, rfc3339};

/// Outcome of a source's last run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// Disabled.
    Stopped,
    /// Enabled, but not run yet.
    Waiting,
    /// Its pages contained listings.
    Ok,
    /// Its pages stated that there are no listings.
    Empty,
    /// The site refused the requests.
    Blocked,
    /// The site requires a login.
    LoginWall,
    /// The site asked for fewer requests.
    RateLimited,
    /// A page contained neither listings nor a statement that there are none, so its format may have changed.
    ShapeChanged,
    /// The site's robots.txt disallows the pages.
    Disallowed,
    /// No complete response was received.
    Unreachable,
    /// The configuration is unusable, or reading a page failed.
    Failed,
}

/// Result of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRun {
    /// Outcome.
    pub state: SourceState,
    /// Evidence for the outcome, in a short sentence.
    pub reason: String,
    /// Number of listings on the pages.
    pub listings: u32,
    /// Number of those that were new.
    pub created: u32,
    /// Minimum time before the next request, if the site asked for one.
    pub retry_after: Option<Duration>,
}

/// Health of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceHealth {
    /// Outcome of the last run.
    pub state: SourceState,
    /// Evidence for that outcome.
    pub reason: String,
    /// Time since which the source has been in this state.
    pub since: Timestamp,
    /// End of the last run.
    pub last_run_at: Option<Timestamp>,
    /// End of the last successful run.
    pub last_good_at: Option<Timestamp>,
    /// Time of the next run; `None` while disabled.
    pub next_run_at: Option<Timestamp>,
    /// Number of consecutive failed runs.
    pub failures: u32,
    /// A suspicious observation that is not a failure.
    pub warning: Option<String>,
    /// The last 48 runs, oldest first.
    pub runs: Vec<RunCount>,
}

/// Numbers of listings in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCount {
    /// End of the run.
    pub at: Timestamp,
    /// Number of listings on the pages.
    pub listings: u32,
    /// Number of those that were new.
    pub created: u32,
}

/// Consecutive failures after which the source pauses for [`OPEN_FOR`].
const FAILURES_TO_OPEN: u32 = 5;
/// Pause of a source that keeps failing (circuit breaker).
const OPEN_FOR: Duration = Duration::from_mins(30);
/// Upper bound of a pause requested by a site.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);
/// Number of runs kept in the history.
const MAX_RUNS: usize = 48;
/// Minimum number of runs with listings before an empty result is suspicious.
const RUNS_TO_JUDGE: usize = 5;
/// Minimum median of listings per run before an empty result is suspicious.
const STEADY_LISTINGS: u32 = 5;

impl SourceState {
    /// Returns whether the source is enabled and not failing.
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Waiting | Self::Ok | Self::Empty)
    }

    /// Returns whether the last run failed.
    pub const fn is_failing(self) -> bool {
        !self.is_good() && !matches!(self, Self::Stopped)
    }

    /// Returns a description for messages to users.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Waiting => "waiting for its first run",
            Self::Ok => "fine",
            Self::Empty => "fine, with nothing to list",
            Self::Blocked => "blocked",
            Self::LoginWall => "asked to sign in",
            Self::RateLimited => "asked for fewer requests",
            Self::ShapeChanged => "not understood",
            Self::Disallowed => "asked by robots.txt not to read",
            Self::Unreachable => "not reachable",
            Self::Failed => "not working",
        }
    }
}

impl SourceHealth {
    /// Returns the health of a disabled source.
    pub fn stopped(now: Timestamp) -> Self {
        Self {
            state: SourceState::Stopped,
            reason: "it is stopped".to_owned(),
            since: now,
            last_run_at: None,
            last_good_at: None,
            next_run_at: None,
            failures: 0,
            warning: None,
            runs: Vec::new(),
        }
    }

    /// Returns the health after the source was enabled or reconfigured: earlier failures no longer count.
    #[must_use]
    pub fn started(self, now: Timestamp) -> Self {
        let reason = "it has not run yet".to_owned();
        Self { next_run_at: Some(now), failures: 0, warning: None, ..self.turned(SourceState::Waiting, reason, now) }
    }

    /// Returns the health after the source was disabled.
    #[must_use]
    pub fn ended(self, now: Timestamp) -> Self {
        let reason = "it is stopped".to_owned();
        Self { next_run_at: None, failures: 0, warning: None, ..self.turned(SourceState::Stopped, reason, now) }
    }

    /// Returns the health after a run; `every` is the regular interval, and `jitter` a random number from 0 to 1 that
    /// spreads requests.
    #[must_use]
    pub fn after(self, run: &SourceRun, now: Timestamp, every: Duration, jitter: f64) -> Self {
        let is_good = run.state.is_good();
        let failures = if is_good { 0 } else { self.failures.saturating_add(1) };
        // Up to 10 % of jitter, so that sources started together do not stay in step.
        let pause = pause(failures, every, run.retry_after).mul_f64(1.0 + jitter.clamp(0.0, 1.0) / 10.0);
        let warning = if is_good { self.drift(run.listings) } else { None };
        let mut health = self.turned(run.state, run.reason.clone(), now);
        if is_good {
            health.last_good_at = Some(now);
        }
        health.runs.push(RunCount { at: now, listings: run.listings, created: run.created });
        let old = health.runs.len().saturating_sub(MAX_RUNS);
        health.runs.drain(..old);
        Self { failures, warning, last_run_at: Some(now), next_run_at: Some(now + pause), ..health }
    }

    /// Returns whether the next run is due. If the last run lies in the future, the clock was set back, and waiting
    /// would delay the next run by that much.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let Some(next_run_at) = self.next_run_at else { return false };
        let last = match self.state {
            SourceState::Waiting => self.since,
            _ => self.last_run_at.unwrap_or(self.since),
        };
        // Compared in microseconds, the precision of stored times.
        next_run_at.as_microsecond() <= now.as_microsecond() || last > now + CLOCK_SKEW
    }

    /// Returns the health with the next run postponed until a given time.
    #[must_use]
    pub fn paused(self, until: Timestamp, warning: String) -> Self {
        Self { next_run_at: Some(until), warning: Some(warning), ..self }
    }

    /// Returns the text of the notification about a failure or recovery.
    pub fn notice(&self, source: &str) -> String {
        if self.state.is_failing() {
            let since = self.last_good_at.map_or(String::new(), |at| format!(" since {}", short(at)));
            format!("no alerts from {source}{since}: {}", self.state.describe())
        } else if self.state == SourceState::Stopped {
            format!("{source} is stopped; there are no alerts from it")
        } else {
            format!("{source} is back: alerts come again")
        }
    }

    fn turned(self, state: SourceState, reason: String, now: Timestamp) -> Self {
        // After the clock was set back, `since` must not lie in the future.
        let since = if state == self.state { self.since.min(now) } else { now };
        Self { state, reason, since, ..self }
    }

    /// Returns a warning if a source that regularly had listings states that it has none, which may be wrong.
    fn drift(&self, listings: u32) -> Option<String> {
        let mut spoke: Vec<u32> = self.runs.iter().map(|run| run.listings).filter(|count| *count > 0).collect();
        spoke.sort_unstable();
        // The median is not affected by single unusual runs.
        let median = *spoke.get(spoke.len() / 2)?;
        let has_fallen = listings == 0 && spoke.len() >= RUNS_TO_JUDGE && median >= STEADY_LISTINGS;
        has_fallen.then(|| format!("no listings, where there used to be about {median}: see whether the site has some"))
    }
}

/// Returns the time until the next run: exponential back-off, bounded by [`OPEN_FOR`] or the interval.
fn pause(failures: u32, every: Duration, retry_after: Option<Duration>) -> Duration {
    let rested = match failures {
        0 => every,
        // Exponential back-off: 2, 4, 8 and 16 intervals.
        1..FAILURES_TO_OPEN => every.saturating_mul(1 << failures).min(OPEN_FOR.max(every)),
        _ => OPEN_FOR.max(every),
    };
    rested.max(retry_after.unwrap_or_default()).min(LONGEST_PAUSE.max(every))
}

/// Formats a time with minute precision, in UTC.
fn short(at: Timestamp) -> String {
    let text = rfc3339(at);
    match (text.get(..10), text.get(11..16)) {
        (Some(date), Some(time)) => format!("{date} {time} UTC"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EVERY: Duration = Duration::from_mins(5);

    #[test]
    fn a_source_does_not_wait_for_a_clock_that_was_set_back() {
        const AHEAD: i64 = 20 * 365 * 24 * 60;
        let run =
            SourceRun { state: SourceState::Ok, reason: String::new(), listings: 1, created: 1, retry_after: None };
        let started = SourceHealth::stopped(at(AHEAD)).started(at(AHEAD));
        assert!(started.is_due(at(0)));
        let ran = started.after(&run, at(AHEAD), EVERY, 0.0);
        assert!(ran.is_due(at(0)) && ran.is_due(at(AHEAD - 60)));
        assert!(!ran.is_due(at(AHEAD)) && !ran.is_due(at(AHEAD - 1)), "clocks may differ by a minute");
        assert!(ran.is_due(at(AHEAD + 5)));
        assert!(!ran.clone().after(&run, at(0), EVERY, 0.0).ended(at(0)).is_due(at(AHEAD)), "it is stopped");
        let again = SourceHealth::stopped(at(0)).started(at(0)).after(&run, at(0), EVERY, 0.0);
        assert!(!again.is_due(at(4)), "after the next run all is as usual");
        let set_back = ran.after(&run, at(0), EVERY, 0.0);
        assert!(!set_back.is_due(at(4)) && set_back.is_due(at(5)));
        assert_eq!(set_back.since, at(0));
    }

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(minutes * 60).unwrap()
    }

    fn run(state: SourceState, listings: u32) -> SourceRun {
        SourceRun { state, reason: "so".to_owned(), listings, created: 0, retry_after: None }
    }

    fn minutes_until_next(health: &SourceHealth, now: Timestamp) -> i64 {
        health.next_run_at.unwrap().duration_since(now).as_mins()
    }

    #[test]
    fn failures_are_answered_with_ever_longer_pauses() {
        let mut health = SourceHealth::stopped(at(0)).started(at(0));
        let mut pauses = Vec::new();
        for _ in 0..7 {
            health = health.after(&run(SourceState::Unreachable, 0), at(1), EVERY, 0.0);
            pauses.push(minutes_until_next(&health, at(1)));
        }
        assert_eq!(pauses, [10, 20, 30, 30, 30, 30, 30]);
        assert_eq!((health.failures, health.last_good_at), (7, None));
        health = health.after(&run(SourceState::Ok, 3), at(2), EVERY, 0.0);
        assert_eq!((health.failures, minutes_until_next(&health, at(2))), (0, 5));
        assert_eq!(health.last_good_at, Some(at(2)));
    }

    #[test]
    fn a_site_that_says_when_to_come_back_is_obeyed() {
        let limited = |wait| SourceRun { retry_after: Some(wait), ..run(SourceState::RateLimited, 0) };
        let after = |wait| SourceHealth::stopped(at(0)).after(&limited(wait), at(0), EVERY, 0.0);
        assert_eq!(minutes_until_next(&after(Duration::from_mins(90)), at(0)), 90);
        assert_eq!(minutes_until_next(&after(Duration::from_secs(1)), at(0)), 10, "our own pause is longer");
        assert_eq!(minutes_until_next(&after(Duration::MAX), at(0)), 24 * 60);
    }

    #[test]
    fn a_state_lasts_from_its_first_moment() {
        let health = SourceHealth::stopped(at(0)).started(at(1)).after(&run(SourceState::Ok, 1), at(2), EVERY, 0.5);
        let health = health.after(&run(SourceState::Blocked, 0), at(7), EVERY, 0.5);
        let health = health.after(&run(SourceState::Blocked, 0), at(17), EVERY, 0.5);
        assert_eq!((health.since, health.last_good_at), (at(7), Some(at(2))));
        assert_eq!(health.notice("ksl"), "no alerts from ksl since 1970-01-01 00:02 UTC: blocked");
        assert_eq!(
            health.after(&run(SourceState::Empty, 0), at(30), EVERY, 0.5).notice("ksl"),
            "ksl is back: alerts come again"
        );
    }

    #[test]
    fn a_steady_source_that_falls_silent_is_suspected() {
        let mut health = SourceHealth::stopped(at(0)).started(at(0));
        for listings in [20, 22, 0, 21, 19] {
            health = health.after(&run(SourceState::Ok, listings), at(1), EVERY, 0.0);
            assert_eq!(health.warning, None);
        }
        health = health.after(&run(SourceState::Ok, 24), at(1), EVERY, 0.0);
        health = health.after(&run(SourceState::Empty, 0), at(2), EVERY, 0.0);
        assert!(health.warning.as_ref().unwrap().contains("about 21"), "{:?}", health.warning);
        assert!(health.state.is_good(), "it is a suspicion, not a failure");
        health = health.after(&run(SourceState::Ok, 1), at(3), EVERY, 0.0);
        assert_eq!(health.warning, None);
    }

    proptest! {
        #[test]
        fn a_source_is_never_asked_sooner_than_it_should_be(
            every in 5_u64..100_000, wait in prop::option::of(0_u64..1_000_000),
            states in prop::collection::vec(prop::sample::select(vec![SourceState::Ok, SourceState::Blocked]), 1..80), jitter in 0.0..1.0,
        ) {
            let every = Duration::from_secs(every);
            let mut health = SourceHealth::stopped(at(0));
            for state in states {
                let run = SourceRun { retry_after: wait.map(Duration::from_secs), ..run(state, 1) };
                health = health.after(&run, at(0), every, jitter);
                let pause = Duration::try_from(health.next_run_at.unwrap().duration_since(at(0))).unwrap();
                prop_assert!(pause >= every && pause <= LONGEST_PAUSE.max(every).mul_f64(1.1));
                prop_assert!(health.runs.len() <= MAX_RUNS);
            }
            let stored = serde_json::to_string(&health).unwrap();
            prop_assert_eq!(serde_json::from_str::<SourceHealth>(&stored).unwrap(), health);
        }
    }
}
