//! Runs an attack with a witness, and prints a row with the results.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use crate::scale::{Bounds, sized};
use crate::support::{Options, Server};
use crate::witness::{Probe, Waits, Witness};

/// Serializes the attacks, as they measure the whole machine.
static TURN: Mutex<()> = Mutex::const_new(());

/// Unit of CPU times in `/proc`, on all architectures (`USER_HZ`).
const CLOCK_TICKS_PER_SECOND: u32 = 100;

/// On a busy machine, a latency may be this multiple of the longest one before the attack; the full run requires an
/// otherwise idle machine.
const SLOWED_DOWN: u32 = 10;

/// Time after an attack for memory to be released.
fn afterwards() -> Duration {
    sized(Duration::from_millis(300), Duration::from_secs(15))
}

/// A server to be attacked, and the witness's token.
pub struct Scene {
    pub server: Server,
    witness: String,
    _turn: MutexGuard<'static, ()>,
}

/// Memory and CPU time of a process.
#[derive(Clone, Copy)]
pub struct Usage {
    pub resident_mb: u64,
    pub peak_mb: u64,
    pub cpu: Duration,
}

/// Results of an attack.
pub struct Outcome {
    name: &'static str,
    waits: BTreeMap<Probe, Waits>,
    /// Allowance for other load on the machine.
    allowance: Duration,
    before: Usage,
    peak_mb: u64,
    after: Usage,
}

impl Scene {
    /// Starts a server with these settings.
    pub async fn set(options: Options) -> Self {
        let turn = TURN.lock().await;
        raise_open_files();
        let server = Server::start_with(options).await;
        let witness = server.user_with_token("witness").await;
        Self { server, witness, _turn: turn }
    }

    /// Runs an attack, which returns a short description of what it did.
    pub async fn attack<F: Future<Output = String>>(&self, name: &'static str, attack: F) -> Outcome {
        let witness = Witness::start(&self.server, &self.witness);
        let allowance = sized(SLOWED_DOWN * witness.undisturbed, Duration::ZERO);
        let before = self.usage();
        self.forget_peak();
        let sent = attack.await;
        let waits = witness.finish().await;
        let peak_mb = self.usage().peak_mb;
        tokio::time::sleep(afterwards()).await;
        let outcome = Outcome { name, waits, allowance, before, peak_mb, after: self.usage() };
        outcome.print(&sent, &self.refused().await);
        outcome
    }

    /// Returns the server's current usage.
    pub fn usage(&self) -> Usage {
        let pid = self.server.pid();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let megabytes = |field: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
            line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
        };
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        // The fields follow the program's name in parentheses; utime and stime are the 14th and 15th of all fields
        // (proc(5)).
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        let ticks: u64 = fields.split(' ').skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum();
        let cpu = Duration::from_secs(ticks) / CLOCK_TICKS_PER_SECOND;
        Usage { resident_mb: megabytes("VmRSS:"), peak_mb: megabytes("VmHWM:"), cpu }
    }

    /// Resets the kernel's peak memory counter; see `clear_refs` in proc(5).
    pub fn forget_peak(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.server.pid()), "5").unwrap();
    }

    /// Returns the server's counts of rejections by reason.
    async fn refused(&self) -> String {
        let metrics = self.server.http().get("/metrics").await.body;
        let lines = metrics.as_str().unwrap_or_default().lines();
        let counts = lines.filter_map(|line| line.strip_prefix("superbot_refused_total{reason=\""));
        let counts: Vec<String> = counts.map(|count| count.replacen("\"}", "", 1)).collect();
        if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }
    }
}

impl Usage {
    /// Returns the CPU time since an earlier reading.
    pub fn cpu_since(self, earlier: Self) -> Duration {
        self.cpu.saturating_sub(earlier.cpu)
    }
}

impl Outcome {
    /// Returns the rise of memory from before the attack to its peak.
    pub fn memory_rise_mb(&self) -> u64 {
        self.peak_mb.saturating_sub(self.before.resident_mb)
    }

    pub fn peak_mb(&self) -> u64 {
        self.peak_mb.max(self.after.resident_mb)
    }

    /// # Panics
    /// If the witness waited too long or the server used too much memory.
    #[track_caller]
    pub fn assert_within(&self, bounds: Bounds) {
        self.assert_waits(bounds.p99);
        let rise = self.memory_rise_mb();
        let most = bounds.memory_rise_mb;
        assert!(rise <= most, "{}: memory rose by {rise} MB, {most} MB are allowed", self.name);
    }

    /// # Panics
    /// If the p99 latency of any kind of probe exceeds `most`.
    #[track_caller]
    pub fn assert_waits(&self, most: Duration) {
        let most = most + self.allowance;
        for (probe, waits) in &self.waits {
            let p99 = waits.percentile(99);
            let failed = waits.failed;
            let all = waits.waits.len();
            let name = self.name;
            assert!(p99 <= most, "{name}: {probe:?} took {p99:?} (p99; {failed} of {all} failed), not {most:?}");
        }
    }

    /// # Panics
    /// If any probe took longer than `most`.
    #[track_caller]
    pub fn assert_longest(&self, most: Duration) {
        let most = most + self.allowance;
        for (probe, waits) in &self.waits {
            let longest = waits.longest();
            assert!(longest <= most, "{}: {probe:?} took {longest:?}", self.name);
        }
    }

    /// Bypasses the output capture of Cargo's test harness, which hides the output of successful tests.
    fn print(&self, sent: &str, refused: &str) {
        let mut row = format!("\n{}\n  sent      {sent}\n", self.name);
        for (probe, waits) in &self.waits {
            let milliseconds = |wait: Duration| wait.as_secs_f64() * 1000.0;
            let [p50, p99] = [50, 99].map(|percent| milliseconds(waits.percentile(percent)));
            let longest = milliseconds(waits.longest());
            let all = waits.waits.len();
            let name = format!("{probe:?}").to_lowercase();
            let figures = format!("p50 {p50:>7.1}  p99 {p99:>7.1}  max {longest:>7.1} ms");
            writeln!(row, "  {name:<9} {figures}  ({all} probes, {} failed)", waits.failed).unwrap();
        }
        let before = self.before.resident_mb;
        let peak = self.peak_mb;
        let after = self.after.resident_mb;
        let cpu = self.after.cpu_since(self.before).as_secs_f64();
        writeln!(row, "  memory    before {before}, peak {peak}, after {after} MB;  processor {cpu:.1} s").unwrap();
        writeln!(row, "  refused   {refused}").unwrap();
        print(&row);
    }
}

/// Writes to the real standard error, bypassing output capture.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).unwrap();
    out.flush().unwrap();
}

/// Raises the limit on open files: each of many attackers needs a descriptor.
fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
}
