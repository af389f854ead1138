//! Machine and software of a benchmark.

use std::fs;
use std::path::Path;

use superbot_domain::{Clock as _, SystemClock, rfc3339};

use crate::machine::limits::raise_descriptors;
use crate::peers::setup::output;
use crate::scenarios::Scale;

/// Machine and software of a benchmark.
pub struct Surroundings {
    /// Start of the runs.
    pub began_at: String,
    /// Description of the machine, as list items.
    pub machine: Vec<String>,
    /// Programs with their versions.
    pub versions: Vec<(String, String)>,
    /// Durations and counts.
    pub scale: Scale,
    /// Requested number of repeats.
    pub repeats: usize,
    /// Whether this was only a functional test.
    pub quick: bool,
    /// What was skipped for lack of time.
    pub left_out: Vec<String>,
}

/// Describes the machine and the file system used.
pub fn machine(work: &Path) -> Vec<String> {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let processors = cpuinfo.lines().filter(|line| line.starts_with("processor")).count();
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory_kib: u64 = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or(0);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    vec![
        format!("{processors} processors, {}", model.map_or("model unknown", |(_, model)| model)),
        format!("{} GiB of memory", memory_kib.div_ceil(1 << 20)),
        format!("Linux {}", kernel.trim()),
        format!("at most {} descriptors for a process", raise_descriptors()),
        format!("the log is on {}", file_system(work)),
        "loopback only: clients and servers share the machine".to_owned(),
    ]
}

/// Returns the type of the file system of a folder.
fn file_system(folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let fits = mounts.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split(' ').collect();
        folder.starts_with(fields.get(1)?).then(|| (fields[1].len(), fields[2].to_owned()))
    });
    fits.max_by_key(|(length, _)| *length).map_or("an unknown file system".to_owned(), |(_, kind)| kind)
}

/// Returns the current time, to the second.
pub fn now() -> String {
    let text = rfc3339(SystemClock.now());
    format!("{}Z", text.get(..19).unwrap_or(&text))
}

/// Returns the commit of the sources and whether they are modified, if git is available.
pub fn commit(folder: &Path) -> Option<(String, String)> {
    let folder = folder.to_string_lossy();
    let commit = output("git", &["-C", &folder, "describe", "--always", "--dirty", "--exclude", "*"]).ok()?;
    (!commit.is_empty()).then(|| ("commit".to_owned(), commit))
}
