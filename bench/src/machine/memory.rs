//! Memory of processes, from `/proc`.

use std::fs;

use anyhow::{Context as _, Result};

/// Returns the resident memory of a process in bytes, including shared libraries.
pub fn resident(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/smaps_rollup");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    kib(&text, "Rss:").with_context(|| format!("{path} has no Rss"))
}

/// Returns the peak resident memory since [`forget_peak`], in bytes.
pub fn peak(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    kib(&text, "VmHWM:").with_context(|| format!("{path} has no VmHWM"))
}

/// Resets the peak.
pub fn forget_peak(pid: u32) -> Result<()> {
    let path = format!("/proc/{pid}/clear_refs");
    fs::write(&path, "5").with_context(|| format!("writing {path}"))
}

/// Sums a measurement over several processes.
pub fn total(pids: &[u32], read: fn(u32) -> Result<u64>) -> Result<u64> {
    pids.iter().map(|pid| read(*pid)).sum()
}

fn kib(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_by_name() {
        assert_eq!(kib("Pss:  1 kB\nRss:     12 kB\n", "Rss:"), Some(12 << 10));
        assert_eq!(kib("Rss: many", "Rss:"), None);
    }

    #[test]
    fn this_process_can_be_read() {
        let pid = std::process::id();
        assert!(resident(pid).unwrap() > 100_000);
        assert!(peak(pid).unwrap() >= 100_000);
    }
}
