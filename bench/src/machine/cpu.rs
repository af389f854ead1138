//! CPU time of processes, from `/proc`.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result};

/// Clock ticks of `/proc/PID/stat`: 1/100 s on all Linux systems (`USER_HZ`).
const TICK_NS: u64 = 10_000_000;

/// CPU time used by a process so far.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Nanoseconds per thread, from `schedstat`.
    threads: BTreeMap<u32, u64>,
    /// Ticks of the whole process, including threads that have ended.
    ticks: u64,
}

pub fn read(pid: u32) -> Result<Reading> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).with_context(|| format!("process {pid} has ended"))?;
    let mut threads = BTreeMap::new();
    for entry in fs::read_dir(format!("/proc/{pid}/task"))? {
        let entry = entry?;
        // A thread may end between listing and reading.
        let Ok(text) = fs::read_to_string(entry.path().join("schedstat")) else { continue };
        let id = entry.file_name().to_string_lossy().parse();
        let spent = text.split(' ').next().unwrap_or_default().parse();
        if let (Ok(id), Ok(spent)) = (id, spent) {
            threads.insert(id, spent);
        }
    }
    Ok(Reading { threads, ticks: ticks(&stat).context("reading /proc/PID/stat")? })
}

pub fn read_all(pids: &[u32]) -> Result<Vec<Reading>> {
    pids.iter().map(|pid| read(*pid)).collect()
}

/// Parses user and system time; fields are counted after the name, which may contain any characters.
fn ticks(stat: &str) -> Option<u64> {
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

impl Reading {
    /// Returns the nanoseconds used since an earlier reading.
    ///
    /// The threads' counters are exact, but those of threads that have ended are missing. The process's counter
    /// includes them, with an error of up to one tick at each end; it is used if it is significantly larger.
    pub fn since_ns(&self, earlier: &Self) -> u64 {
        let spent = |id: &u32, now: &u64| now.saturating_sub(earlier.threads.get(id).copied().unwrap_or(0));
        let exact: u64 = self.threads.iter().map(|(id, now)| spent(id, now)).sum();
        let whole = self.ticks.saturating_sub(earlier.ticks) * TICK_NS;
        if whole > exact + 2 * TICK_NS { whole } else { exact }
    }
}

/// Returns the nanoseconds used by several processes since earlier readings.
pub fn since_ns(now: &[Reading], earlier: &[Reading]) -> u64 {
    now.iter().zip(earlier).map(|(now, earlier)| now.since_ns(earlier)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(threads: &[(u32, u64)], ticks: u64) -> Reading {
        Reading { threads: threads.iter().copied().collect(), ticks }
    }

    #[test]
    fn a_name_with_spaces_and_brackets_is_no_field() {
        let stat = "7 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 21 34 0 0";
        assert_eq!(ticks(stat), Some(55));
        assert_eq!(ticks("7 (a"), None);
    }

    #[test]
    fn threads_count_exactly_and_the_process_where_some_have_ended() {
        let earlier = reading(&[(1, 5_000_000), (2, 400)], 10);
        assert_eq!(reading(&[(1, 6_000_000), (2, 500), (3, 7)], 11).since_ns(&earlier), 1_000_107);
        assert_eq!(reading(&[(1, 6_000_000)], 90).since_ns(&earlier), 80 * TICK_NS);
    }

    #[test]
    fn this_process_can_be_read() {
        let pid = std::process::id();
        let before = read(pid).unwrap();
        let mut sum = 0_u64;
        for number in 0..20_000_000_u64 {
            sum = std::hint::black_box(sum.wrapping_add(number));
        }
        assert!(read(pid).unwrap().since_ns(&before) > 0, "{sum}");
    }
}
