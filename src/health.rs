//! Which of the long tasks are alive: what `/readyz` asks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use superbot_domain::{Clock, Timestamp};

/// The last sign of life of every task that gives one.
#[derive(Clone)]
pub struct Health {
    clock: Arc<dyn Clock>,
    beats: Arc<Mutex<BTreeMap<&'static str, Beat>>>,
}

struct Beat {
    at: Option<Timestamp>,
    every: Duration,
}

impl Health {
    /// Nobody is expected to be alive yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, beats: Arc::default() }
    }

    /// From now on `task` is expected to give a sign of life at least this often.
    pub fn expect(&self, task: &'static str, every: Duration) {
        self.lock().insert(task, Beat { at: None, every });
    }

    /// `task` is alive.
    pub fn beat(&self, task: &'static str) {
        let now = self.clock.now();
        if let Some(beat) = self.lock().get_mut(task) {
            beat.at = Some(now);
        }
    }

    /// Every task that gave no sign of life for too long, with what is wrong.
    pub fn ailing(&self) -> Vec<String> {
        let now = self.clock.now();
        let beats = self.lock();
        let late = beats.iter().filter_map(|(task, beat)| match beat.at {
            None => Some(format!("{task} has not started yet")),
            Some(at) => {
                let silent = now.duration_since(at).unsigned_abs();
                (silent > beat.every * 3).then(|| format!("{task} is silent for {}s", silent.as_secs()))
            }
        });
        late.collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Beat>> {
        self.beats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
