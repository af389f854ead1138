#![doc = include_str!("../README.md")]

use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use parking_lot::Mutex;
use tempfile::TempDir;

/// Folder in which Debian installs each version's binaries.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Maximum time for the server to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running Postgres server with its own data folder.
pub struct TestPostgres {
    bin: PathBuf,
    folder: TempDir,
    port: u16,
    /// A shell that stops the server when this process ends.
    keeper: Mutex<Option<Child>>,
    databases: AtomicU32,
}

impl TestPostgres {
    /// Returns a server shared by all tests of this process.
    ///
    /// # Panics
    /// If the server cannot be started: tests that need Postgres must not pass without it.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<TestPostgres> = OnceLock::new();
        SHARED.get_or_init(|| Self::start().unwrap_or_else(|error| panic!("no Postgres for the tests: {error:#}")))
    }

    /// Starts a dedicated server, for tests that stop and restart it.
    ///
    /// # Errors
    /// If Postgres is not installed or does not start.
    pub fn start() -> Result<Self> {
        // Data need not survive a power loss, only crashes of the server process, so syncing is off.
        Self::start_in(tempfile::tempdir()?, "fsync = off\nfull_page_writes = off\nshared_buffers = 64MB")
    }

    /// Starts a server with durable commits in this folder, as in production, for measuring their cost.
    ///
    /// # Errors
    /// As [`TestPostgres::start`].
    pub fn durable_in(folder: &Path) -> Result<Self> {
        Self::start_in(tempfile::tempdir_in(folder)?, "")
    }

    fn start_in(folder: TempDir, durability: &str) -> Result<Self> {
        let bin = binaries()?;
        own(folder.path())?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let server = Self { bin, folder, port, keeper: Mutex::new(None), databases: AtomicU32::new(0) };
        let data = server.data();
        server.run("initdb", &["--auth=trust", "--encoding=UTF8", "--locale=C", "--username=superbot", "-D", &data])?;
        let mut settings = fs::OpenOptions::new().append(true).open(Path::new(&data).join("postgresql.conf"))?;
        writeln!(settings, "{durability}\nmax_connections = 400")?;
        writeln!(settings, "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''")?;
        server.resume()?;
        Ok(server)
    }

    /// Creates an empty database and returns its URL.
    ///
    /// # Panics
    /// If the database cannot be created.
    pub fn database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let port = self.port.to_string();
        let host = "127.0.0.1";
        let made = self.run("createdb", &["-h", host, "-p", &port, "-U", "superbot", &name]);
        made.unwrap_or_else(|error| panic!("no database for a test: {error:#}"));
        format!("postgres://superbot@{host}:{port}/{name}")
    }

    /// Stops the server, either cleanly or as if the machine had lost power.
    ///
    /// # Errors
    /// If the server does not stop.
    pub fn stop(&self, mode: Stop) -> Result<()> {
        let mode = match mode {
            Stop::Orderly => "fast",
            Stop::Crash => "immediate",
        };
        self.run("pg_ctl", &["stop", "-w", "-m", mode, "-D", &self.data()])?;
        if let Some(mut keeper) = self.keeper.lock().take() {
            if let Some(mut pipe) = keeper.stdin.take() {
                // Makes the keeper preserve the data for a restart. The write fails if the keeper is gone.
                drop(writeln!(pipe, "keep"));
            }
            keeper.wait()?;
        }
        Ok(())
    }

    /// Restarts the server on the same port.
    ///
    /// # Errors
    /// If the server does not start.
    pub fn resume(&self) -> Result<()> {
        // The pipe closes whenever this process ends, even by SIGKILL. The shell then stops the server and deletes its
        // folder.
        const KEEP: &str = "\"$0\" -D \"$1\" >\"$1/log\" 2>&1 </dev/null & server=$!; \
             read -r kept; kill -QUIT $server; wait; test -n \"$kept\" || rm -rf \"$2\"";
        let mut command = unprivileged("sh");
        command.args(["-c", KEEP]).arg(self.bin.join("postgres")).arg(self.data()).arg(self.folder.path());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // Its own process group: Ctrl-C in a terminal must reach the tests, not the server.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        *self.keeper.lock() = Some(command.spawn().context("cannot start Postgres")?);
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() || !self.is_ready() {
            if started.elapsed() > PATIENCE {
                let log = fs::read_to_string(Path::new(&self.data()).join("log")).unwrap_or_default();
                bail!("Postgres does not start: {log}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Returns the process id of the server (postmaster) while it runs.
    pub fn pid(&self) -> Option<u32> {
        let written = fs::read_to_string(Path::new(&self.data()).join("postmaster.pid")).ok()?;
        written.lines().next()?.trim().parse().ok()
    }

    fn is_ready(&self) -> bool {
        let port = self.port.to_string();
        self.run("pg_isready", &["-q", "-h", "127.0.0.1", "-p", &port]).is_ok()
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_string_lossy().into_owned()
    }

    fn run(&self, program: &str, args: &[&str]) -> Result<()> {
        let done = unprivileged(&self.bin.join(program).to_string_lossy()).args(args).output()?;
        let said = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "{program} failed: {said}");
        Ok(())
    }
}

impl Drop for TestPostgres {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.lock().take() {
            drop(keeper.stdin.take());
            drop(keeper.wait());
        }
    }
}

/// How to stop a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Aborts open transactions and notifies clients ("fast" shutdown).
    Orderly,
    /// Exits at once, as in a crash ("immediate" shutdown).
    Crash,
}

/// Returns the folder with the binaries of the newest installed version.
fn binaries() -> Result<PathBuf> {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let version = |entry: &fs::DirEntry| entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok());
    let newest = versions.filter(|entry| entry.path().join("bin/initdb").exists()).max_by_key(version);
    if let Some(newest) = newest {
        return Ok(newest.path().join("bin"));
    }
    let asked = Command::new("pg_config").arg("--bindir").output();
    let asked = asked.ok().filter(|asked| asked.status.success());
    let folder = asked.map(|asked| PathBuf::from(String::from_utf8_lossy(&asked.stdout).trim()));
    let folder = folder.filter(|folder| folder.join("initdb").exists());
    folder.context("Postgres is not installed; on Debian: apt-get install postgresql")
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// Returns a command that does not run as root, which Postgres refuses.
fn unprivileged(program: &str) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", program]);
    command.current_dir("/");
    command
}

/// Changes the owner of a folder to the user that runs the server.
fn own(folder: &Path) -> Result<()> {
    if is_root() {
        let given = Command::new("chown").arg("postgres:postgres").arg(folder).status()?;
        ensure!(given.success(), "cannot give {} to the user postgres", folder.display());
    }
    Ok(())
}
