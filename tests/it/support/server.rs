//! The real binary, on a free port, with a data directory of its own.

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

/// The program under test: `SUPERBOT_BIN`, a release build for example, or the one that Cargo built for the tests.
pub fn program() -> OsString {
    std::env::var_os("SUPERBOT_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_superbot").into())
}

/// A server and what it was started with.
pub struct Server {
    dir: Arc<TempDir>,
    options: Options,
    child: Option<Child>,
    /// Where it is: `127.0.0.1:PORT`, the same after a restart.
    pub address: String,
    /// What its start message said of the set-up link, if anything.
    pub setup_token: Option<String>,
    /// What it printed when it had started.
    pub announced: String,
}

/// How a server is started.
#[derive(Clone, Default)]
pub struct Options {
    env: Vec<(String, String)>,
    args: Vec<String>,
    /// A program that replaces itself with the server, such as `prlimit`, and its arguments.
    pub wrapper: Vec<String>,
}

/// The setting that says where the store is.
const STORE_URL: &str = "SUPERBOT__STORE__URL";

impl Options {
    /// A new, empty Postgres database as the store.
    pub fn on_postgres(postgres: &TestPostgres) -> Self {
        Self::default().set("store.url", postgres.database())
    }

    /// With `SUPERBOT_TEST_STORE=postgres` whatever names no store of its own is on Postgres.
    fn on_the_store_asked_for(mut self) -> Self {
        let is_asked_for = std::env::var("SUPERBOT_TEST_STORE").is_ok_and(|store| store == "postgres");
        if is_asked_for && !self.env.iter().any(|(name, _)| name == STORE_URL) {
            self.env.extend(Self::on_postgres(TestPostgres::shared()).env);
        }
        self
    }

    /// The same with a setting, as `section.key`.
    pub fn set(mut self, key: &str, value: impl Display) -> Self {
        let name = format!("SUPERBOT__{}", key.replace('.', "__").to_uppercase());
        self.env.push((name, value.to_string()));
        self
    }

    /// The same with a variable in its environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with a flag of `serve`.
    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }
}

impl Server {
    /// Starts a server with the default settings.
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// Starts a server.
    pub async fn start_with(options: Options) -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), options).await
    }

    /// Starts another server on the same data, or on the same database.
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

    /// Starts it again where it was, on the same port and store.
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
                    // As lines of JSON, where the log is.
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
        // Whoever reads no further would stop a server that writes more.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let http = self.http();
        eventually("/readyz", || async { (http.try_get("/readyz").await? == 200).then_some(()) }).await;
    }

    /// A client for its REST API, without a credential.
    pub fn http(&self) -> Http {
        Http::new(&self.address)
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().and_then(Child::id).unwrap()
    }

    /// Its data directory.
    pub fn data_dir(&self) -> &Path {
        self.dir.path()
    }

    /// Runs a command of the same program on the same data; panics unless it succeeds.
    pub async fn superbot(&self, args: &[&str], stdin: &str) -> String {
        let output = self.run(args, stdin).await;
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "superbot {args:?}: {}\n{stderr}", output.status);
        stdout
    }

    /// A command of the same program on the same data, with the same settings.
    pub fn command(&self) -> Command {
        self.command_under(&[])
    }

    fn command_under(&self, wrapper: &[String]) -> Command {
        let mut command = command(self.dir.path(), wrapper);
        command.envs(self.options.env.iter().cloned());
        command
    }

    /// A worker as a process of its own; it ends with its handle.
    pub fn worker(&self, which: &str) -> Child {
        let mut command = self.command();
        command.args(["worker", which]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    }

    /// Runs a command of the same program on the same data.
    pub async fn run(&self, args: &[&str], stdin: &str) -> std::process::Output {
        let mut input = tempfile::tempfile().unwrap();
        input.write_all(stdin.as_bytes()).unwrap();
        std::io::Seek::rewind(&mut input).unwrap();
        let mut command = self.command();
        command.args(args).stdin(input).env("SUPERBOT_URL", format!("http://{}", self.address));
        soon("a command", command.output()).await.unwrap()
    }

    /// Starts a command of the same program on the same data; it ends when what this gives is dropped.
    pub fn spawn(&self, args: &[&str]) -> Child {
        let mut command = self.command();
        command.args(args).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Makes a user with the password `correct horse`.
    pub async fn add_user(&self, name: &str, admin: bool) {
        let mut args = vec!["user", "add", name, "--password-stdin"];
        if admin {
            args.push("--admin");
        }
        self.superbot(&args, "correct horse\n").await;
    }

    /// Makes a token.
    pub async fn token(&self, scope: &str, user: Option<&str>) -> String {
        let mut args = vec!["token", "create", "--name", "test", "--scope", scope];
        args.extend(user.iter().flat_map(|user| ["--user", user]));
        self.superbot(&args, "").await.trim().to_owned()
    }

    /// Makes a user and a token of theirs.
    pub async fn user_with_token(&self, name: &str) -> String {
        self.add_user(name, false).await;
        self.token("user", Some(name)).await
    }

    /// Stops it at once, as a crash would.
    pub async fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.start_kill().unwrap();
        soon("a killed server's end", child.wait()).await.unwrap();
    }

    /// Asks it to stop, as systemd would, and waits for its end.
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

/// A command in a folder, with only what a test sets: no settings file or variable of whoever runs it.
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
