//! Which of the long tasks are alive: what `/readyz` asks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use superbot_domain::{Clock, Timestamp};

/// The last sign of life of every task that gives one.
#[derive(Clone)]
pub struct TaskHealth {
    clock: Arc<dyn Clock>,
    beats: Arc<Mutex<BTreeMap<&'static str, HeartbeatRecord>>>,
}

/// What is known of a task.
pub struct TaskStatus {
    /// Its name.
    pub task: &'static str,
    /// When it last gave a sign of life.
    pub last_seen_at: Option<Timestamp>,
    /// What is wrong, where it gave none for too long.
    pub problem: Option<String>,
}

struct HeartbeatRecord {
    /// When it last gave a sign of life, for people to read.
    at: Option<Timestamp>,
    /// When it last gave one, or was first expected to. Silence is measured by a clock that cannot be set, and that stands
    /// still while the machine sleeps.
    last_beat: Instant,
    /// When it last did anything, even in vain.
    last_activity: Instant,
    every: Duration,
}

/// No task is given up sooner: a busy disk holds things up for seconds.
const PATIENCE: Duration = Duration::from_secs(15);

impl HeartbeatRecord {
    /// How long it may be silent.
    fn patience(&self) -> Duration {
        (self.every * 3).max(PATIENCE)
    }
}

impl TaskHealth {
    /// No task is expected to be alive yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, beats: Arc::default() }
    }

    /// From now on `task` is expected to give a sign of life at least this often.
    pub fn expect(&self, task: &'static str, every: Duration) {
        let now = Instant::now();
        self.beats.lock().insert(task, HeartbeatRecord { at: None, last_beat: now, last_activity: now, every });
    }

    /// `task` is alive.
    pub fn beat(&self, task: &'static str) {
        self.beat_at(task, Instant::now());
    }

    /// `task` tried and failed, and will try again.
    pub fn record_failure(&self, task: &'static str) {
        self.record_activity(task, Instant::now());
    }

    /// What is known of every task that is expected to give signs of life, by name.
    pub fn task_statuses(&self) -> Vec<TaskStatus> {
        self.statuses_at(Instant::now())
    }

    /// Every task that gave no sign of life for too long, with what is wrong.
    pub fn unhealthy_tasks(&self) -> Vec<String> {
        self.unhealthy_at(Instant::now())
    }

    /// Tasks that hang: they did nothing for too long, not even fail. A restart may help them, as it would not help those
    /// whose store is away.
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
