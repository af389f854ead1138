//! Pseudorandom numbers from a seed.

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::ops::RangeInclusive;
use std::time::Duration;

/// A generator whose numbers do not depend on the use of others (`SplitMix64`).
pub struct Dice(u64);

impl Dice {
    /// Creates the generator of one part of a simulation, or of one query.
    pub fn of(seed: u64, part: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        (seed, part).hash(&mut hasher);
        Self(hasher.finish())
    }

    /// Returns a number of the full range.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number within a range.
    pub fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        range.start() + self.roll() % (range.end() - range.start() + 1)
    }

    /// Returns true with a probability of `percent`.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.roll() % 100 < percent
    }

    /// Returns one of several values, of which there must be at least one.
    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.roll()).unwrap() % from.len()].clone()
    }

    /// Returns a duration within a range of milliseconds.
    pub fn ms(&mut self, range: RangeInclusive<u64>) -> Duration {
        Duration::from_millis(self.within(range))
    }
}
