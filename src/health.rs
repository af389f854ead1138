//! Heartbeats of background tasks, for `/readyz` and the watchdog.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use superbot_domain::{Clock, Timestamp};

/// The heartbeats of all monitored tasks. Clones share them.
#[derive(Clone)]
pub struct TaskHealth {
    clock: Arc<dyn Clock>,
    beats: Arc<Mutex<BTreeMap<&'static str, HeartbeatRecord>>>,
}

/// State of one task.
pub struct TaskStatus {
    /// Name of the task, as given to [`TaskHealth::expect`].
    pub task: &'static str,
    /// Time of the last heartbeat; `None` if there was none yet.
    pub last_seen_at: Option<Timestamp>,
    /// Description of the problem, if the heartbeat is overdue.
    pub problem: Option<String>,
}

struct HeartbeatRecord {
    /// Time of the last heartbeat, for display only.
    at: Option<Timestamp>,
    /// Time of the last heartbeat, or of [`TaskHealth::expect`]. Monotonic, so that setting the clock does not affect it, and
    /// stopped while the machine sleeps.
    last_beat: Instant,
    /// Time of the last activity, successful or not.
    last_activity: Instant,
    every: Duration,
}

/// Minimum delay before a task counts as overdue: a busy disk can block for seconds.
const PATIENCE: Duration = Duration::from_secs(15);

impl HeartbeatRecord {
    /// Returns the permitted time between two heartbeats.
    fn patience(&self) -> Duration {
        (self.every * 3).max(PATIENCE)
    }
}

impl TaskHealth {
    /// Starts without monitored tasks.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, beats: Arc::default() }
    }

    /// Starts to monitor `task`, which is expected to report at least once per `every`.
    pub fn expect(&self, task: &'static str, every: Duration) {
        let now = Instant::now();
        self.beats.lock().insert(task, HeartbeatRecord { at: None, last_beat: now, last_activity: now, every });
    }

    /// Records a heartbeat, after successful work.
    pub fn beat(&self, task: &'static str) {
        self.beat_at(task, Instant::now());
    }

    /// Records a failed attempt: the task is alive, but not healthy.
    pub fn record_failure(&self, task: &'static str) {
        self.record_activity(task, Instant::now());
    }

    /// Returns the state of every monitored task, ordered by name.
    pub fn task_statuses(&self) -> Vec<TaskStatus> {
        self.statuses_at(Instant::now())
    }

    /// Returns descriptions of the overdue tasks, which make the server not ready.
    pub fn unhealthy_tasks(&self) -> Vec<String> {
        self.unhealthy_at(Instant::now())
    }

    /// Returns the tasks without any activity, not even a failure. A restart may help these, but not those that fail because
    /// the store is unavailable.
    pub fn hanging(&self) -> Vec<&'static str> {
        self.hanging_at(Instant::now())
    }

    fn beat_at(&self, task: &'static str, now: Instant) {
        let at = self.clock.now();
        if let Some(beat) = self.beats.lock().get_mut(task) {
            (beat.at, beat.last_beat, beat.last_activity) = (Some(at), now, now);
        }
    }

    fn statuses_at(&self, now: Instant) -> Vec<TaskStatus> {
        let sign = |(task, beat): (&&'static str, &HeartbeatRecord)| {
            let silent = now.saturating_duration_since(beat.last_beat);
            let problem = match beat.at {
                // Not ready from the start, instead of after the first deadline.
                None => Some(format!("{task} has not started yet")),
                Some(_) => (silent > beat.patience()).then(|| format!("{task} is silent for {}s", silent.as_secs())),
            };
            TaskStatus { task, last_seen_at: beat.at, problem }
        };
        self.beats.lock().iter().map(sign).collect()
    }

    fn unhealthy_at(&self, now: Instant) -> Vec<String> {
        self.statuses_at(now).into_iter().filter_map(|sign| sign.problem).collect()
    }

    fn record_activity(&self, task: &'static str, now: Instant) {
        if let Some(beat) = self.beats.lock().get_mut(task) {
            beat.last_activity = now;
        }
    }

    fn hanging_at(&self, now: Instant) -> Vec<&'static str> {
        let hangs = |beat: &HeartbeatRecord| now.saturating_duration_since(beat.last_activity) > beat.patience();
        self.beats.lock().iter().filter(|(_, beat)| hangs(beat)).map(|(task, _)| *task).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    struct TestClock(AtomicI64);

    impl Clock for TestClock {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
        }
    }

    #[test]
    fn a_task_ails_until_it_starts_and_when_it_falls_silent() {
        let clock = Arc::new(TestClock(AtomicI64::new(1_760_000_000)));
        let health = TaskHealth::new(clock.clone());
        health.beat("not expected");
        assert!(health.task_statuses().is_empty());
        health.expect("sweeping", Duration::from_secs(10));
        assert_eq!(health.unhealthy_tasks(), ["sweeping has not started yet"]);
        let start = Instant::now();
        health.beat_at("sweeping", start);
        assert!(health.unhealthy_at(start + Duration::from_secs(30)).is_empty());
        assert_eq!(health.unhealthy_at(start + Duration::from_secs(31)), ["sweeping is silent for 31s"]);
        assert_eq!(health.task_statuses()[0].last_seen_at, Some(clock.now()));
    }

    #[test]
    fn a_clock_that_is_set_makes_no_task_ail_or_well() {
        let clock = Arc::new(TestClock(AtomicI64::new(1_760_000_000)));
        let health = TaskHealth::new(clock.clone());
        health.expect("sweeping", Duration::from_secs(10));
        let start = Instant::now();
        health.beat_at("sweeping", start);
        for seconds in [-3_600, 86_400, -20 * 365 * 86_400, 40 * 365 * 86_400] {
            clock.0.fetch_add(seconds, Ordering::SeqCst);
            assert!(health.unhealthy_at(start + Duration::from_secs(1)).is_empty());
            assert_eq!(health.unhealthy_at(start + Duration::from_secs(31)).len(), 1);
        }
    }

    #[test]
    fn a_task_that_fails_does_not_hang() {
        let health = TaskHealth::new(Arc::new(TestClock(AtomicI64::new(1_760_000_000))));
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        health.expect("sweeping", Duration::from_secs(10));
        assert!(health.hanging_at(after(30)).is_empty(), "it may still be at its first step");
        health.record_activity("sweeping", after(30));
        assert!(health.hanging_at(after(60)).is_empty());
        assert_eq!(health.unhealthy_tasks(), ["sweeping has not started yet"]);
        assert_eq!(health.hanging_at(after(61)), ["sweeping"]);
    }
}
