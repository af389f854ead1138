//! The real binary on a free port, with its own data directory.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use superbot_test_postgres::TestPostgres;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::{Http, eventually, soon};

/// The binary under test: `SUPERBOT_BIN`, such as a release build, or the one built by Cargo.
pub fn program() -> OsString {
    std::env::var_os("SUPERBOT_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_superbot").into())
}

/// A running server with its options.
pub struct Server {
    dir: Arc<TempDir>,
    options: Options,
    child: Option<Child>,
    /// `127.0.0.1:PORT`; preserved by restarts.
    pub address: String,
    /// Token of the setup link, if one was printed at the start.
    pub setup_token: Option<String>,
    /// Output printed at the start.
    pub announced: String,
}

/// Options for starting a server.
#[derive(Clone, Default)]
pub struct Options {
    env: Vec<(String, String)>,
    args: Vec<String>,
    /// A program that executes the server, such as `prlimit`, with its arguments.
    pub wrapper: Vec<String>,
}

/// Environment variable for the store's URL.
const STORE_URL: &str = "SUPERBOT__STORE__URL";

impl Options {
    /// Uses a new, empty Postgres database.
    pub fn on_postgres(postgres: &TestPostgres) -> Self {
        Self::default().set("store.url", postgres.database())
    }

    /// With `SUPERBOT_TEST_STORE=postgres`, uses Postgres unless a store was chosen.
    fn on_the_store_asked_for(mut self) -> Self {
        let is_asked_for = std::env::var("SUPERBOT_TEST_STORE").is_ok_and(|store| store == "postgres");
        if is_asked_for && !self.env.iter().any(|(name, _)| name == STORE_URL) {
            self.env.extend(Self::on_postgres(TestPostgres::shared()).env);
        }
        self
    }

    /// Sets a setting, given as `section.key`.
    pub fn set(mut self, key: &str, value: impl Display) -> Self {
        let name = format!("SUPERBOT__{}", key.replace('.', "__").to_uppercase());
        self.env.push((name, value.to_string()));
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a flag of `serve`.
    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }
}

impl Server {
    /// Starts a server with default settings.
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    pub async fn start_with(options: Options) -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), options).await
    }

    /// Starts another server on the same data directory or database.
    pub async fn start_beside(&self, options: Options) -> Self {
        let store = self.options.env.iter().filter(|(name, _)| name == STORE_URL);
        let options = Options { env: store.cloned().chain(options.env).collect(), ..options };
        Self::start_in(Arc::clone(&self.dir), options).await
    }

    async fn start_in(dir: Arc<TempDir>, options: Options) -> Self {
        let address = "127.0.0.1:0".to_owned();
        let options = options.on_the_store_asked_for();
        let mut server = Self { dir, options, child: None, address, setup_token: None, announced: String::new() };
        server.launch().await;
        server
    }

    /// Restarts the server on the same port and store.
    pub async fn restart(&mut self) {
        assert!(self.child.is_none(), "it still runs");
        self.launch().await;
    }

    async fn launch(&mut self) {
        let mut child = self
            .command_under(&self.options.wrapper)
            .args(["serve", "--listen", &self.address])
            .args(&self.options.args)
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(self.dir.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        self.child = Some(child);
        (self.setup_token, self.announced) = (None, String::new());
        let announced = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                self.announced.push_str(&line);
                self.announced.push('\n');
                if let Ok(said) = serde_json::from_str::<serde_json::Value>(&line) {
                    // JSON lines if the log format is JSON.
                    let url = said["urls"][0].as_str().unwrap().trim_start_matches("http://");
                    url.trim_end_matches('/').clone_into(&mut self.address);
                    let set_up = said["set_up_urls"][0].as_str().and_then(|url| url.split_once("/setup#"));
                    self.setup_token = set_up.map(|(_, token)| token.to_owned());
                    break;
                }
                if let Some((_, token)) = line.split_once("/setup#") {
                    self.setup_token = Some(token.to_owned());
                }
                if let Some(url) = line.strip_prefix("Super-Bot is at http://") {
                    url.trim_end_matches('/').clone_into(&mut self.address);
                    break;
                }
            }
        };
        soon("the start message", announced).await;
        // Keep reading: otherwise the server would block once the pipe is full.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let http = self.http();
        eventually("/readyz", || async { (http.try_get("/readyz").await? == 200).then_some(()) }).await;
    }

    /// Returns a client without credentials.
    pub fn http(&self) -> Http {
        Http::new(&self.address)
    }

    /// Returns everything logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap()
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().and_then(Child::id).unwrap()
    }

    pub fn data_dir(&self) -> &Path {
        self.dir.path()
    }

    /// Runs a command on the same data; panics unless it succeeds.
    pub async fn superbot(&self, args: &[&str], stdin: &str) -> String {
        let output = self.run(args, stdin).await;
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "superbot {args:?}: {}\n{stderr}", output.status);
        stdout
    }

    /// Prepares a command on the same data, with the same settings.
    pub fn command(&self) -> Command {
        self.command_under(&[])
    }

    fn command_under(&self, wrapper: &[String]) -> Command {
        let mut command = command(self.dir.path(), wrapper);
        command.envs(self.options.env.iter().cloned());
        command
    }

    /// Starts a worker process, which ends when the handle is dropped.
    pub fn worker(&self, which: &str) -> Child {
        let mut command = self.command();
        command.args(["worker", which]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    }

    /// Runs a command on the same data.
    pub async fn run(&self, args: &[&str], stdin: &str) -> std::process::Output {
        let mut input = tempfile::tempfile().unwrap();
        input.write_all(stdin.as_bytes()).unwrap();
        std::io::Seek::rewind(&mut input).unwrap();
        let mut command = self.command();
        command.args(args).stdin(input).env("SUPERBOT_URL", format!("http://{}", self.address));
        soon("a command", command.output()).await.unwrap()
    }

    /// Starts a command on the same data; it is killed when the handle is dropped.
    pub fn spawn(&self, args: &[&str]) -> Child {
        let mut command = self.command();
        command.args(args).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Creates a user with the password `correct horse`.
    pub async fn add_user(&self, name: &str, admin: bool) {
        let mut args = vec!["user", "add", name, "--password-stdin"];
        if admin {
            args.push("--admin");
        }
        self.superbot(&args, "correct horse\n").await;
    }

    pub async fn token(&self, scope: &str, user: Option<&str>) -> String {
        let mut args = vec!["token", "create", "--name", "test", "--scope", scope];
        args.extend(user.iter().flat_map(|user| ["--user", user]));
        self.superbot(&args, "").await.trim().to_owned()
    }

    /// Creates a user and returns a token of theirs.
    pub async fn user_with_token(&self, name: &str) -> String {
        self.add_user(name, false).await;
        self.token("user", Some(name)).await
    }

    /// Kills the process with SIGKILL, as a crash would.
    pub async fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.start_kill().unwrap();
        soon("a killed server's end", child.wait()).await.unwrap();
    }

    /// Sends SIGTERM, as systemd would, and waits for the exit.
    pub async fn terminate(&mut self) -> std::process::ExitStatus {
        let child = self.child.as_mut().unwrap();
        let pid = rustix::process::Pid::from_raw(child.id().unwrap().cast_signed()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status = soon("a planned stop", child.wait()).await.unwrap();
        self.child = None;
        status
    }
}

fn command(data_dir: &Path, wrapper: &[String]) -> Command {
    let mut command = isolated_in(data_dir, wrapper);
    command.arg("--data-dir").arg(data_dir);
    command
}

/// Prepares a command with an isolated environment: no settings file or variables of the developer.
pub fn isolated(folder: &Path) -> Command {
    isolated_in(folder, &[])
}

fn isolated_in(folder: &Path, wrapper: &[String]) -> Command {
    let mut words = wrapper.iter().map(OsString::from).chain([program()]);
    let mut command = Command::new(words.next().unwrap());
    command.args(words);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("XDG_CONFIG_HOME", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/config"));
    command.current_dir(folder).kill_on_drop(true);
    command
}
