//! A running server, and publishing through it.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

use super::seed::{Crowd, fill, keyword};
use super::{Kind, Peer, Places, RUN};
use crate::clock::now_ns;
use crate::http::Http;
use crate::wire::mark::Mark;

/// A running server; when dropped, it is killed and its data deleted.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    http: Http,
    is_superbot: bool,
    /// File with its clients' credentials.
    pub credentials: PathBuf,
    dir: TempDir,
    /// Path prefixes to be removed from logged output, as they are private.
    hidden: [String; 2],
}

/// Options for starting a server.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// Its clients.
    pub crowd: Crowd,
    /// Limit on open descriptors; `None` for the maximum.
    pub descriptors: Option<u64>,
    /// Whether rooms are used; the limit server maintains none otherwise.
    pub rooms: bool,
}

/// Recipients of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// Everyone: a new listing.
    Everyone,
    /// One user, or the room with this index.
    User(usize),
    /// Everyone: a message of 2,000 characters.
    EveryoneAtLength,
}

impl Server {
    /// Starts a server on a free port, with its own folder.
    pub fn start(places: &Places, peer: &Peer, start: Start) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix(RUN).tempdir_in(&places.work)?;
        let credentials = dir.path().join("credentials");
        let (lines, token) = match peer.kind {
            Kind::Superbot(credential) => {
                let url = format!("sqlite:{}", dir.path().join("superbot.db").display());
                let (lines, token) = fill(&url, start.crowd, credential)?;
                (lines, Some(token))
            }
            Kind::Limit if !start.rooms => (start.crowd.nobody(), None),
            _ => (start.crowd.rooms(), None),
        };
        fs::write(&credentials, lines)?;
        let mut command = limited(&command(places, peer, &dir)?, start.descriptors);
        Self::launch(places, peer, &mut command, dir, (credentials, token))
    }

    /// Starts one of several servers of this project on a prepared store.
    pub fn start_on(places: &Places, peer: &Peer, store: &str, (lines, token): &(String, String)) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix(RUN).tempdir_in(&places.work)?;
        let credentials = dir.path().join("credentials");
        fs::write(&credentials, lines)?;
        let mut command = command(places, peer, &dir)?;
        command.env("SUPERBOT__STORE__URL", store);
        Self::launch(places, peer, &mut limited(&command, None), dir, (credentials, Some(token.clone())))
    }

    fn launch(
        places: &Places,
        peer: &Peer,
        command: &mut Command,
        dir: TempDir,
        (credentials, token): (PathBuf, Option<String>),
    ) -> Result<Self> {
        let log = File::create(dir.path().join("log"))?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().with_context(|| format!("starting {}", peer.name))?;
        let announced = announced(&mut child);
        let (address, is_superbot) = match announced {
            Ok(address) => (address, peer.is_superbot()),
            Err(error) => {
                let _ = child.kill();
                let log = fs::read_to_string(dir.path().join("log")).unwrap_or_default();
                return Err(error.context(format!("{} did not start: {log}", peer.name)));
            }
        };
        let hidden = [&places.work, &places.peers].map(|folder| folder.to_string_lossy().into_owned());
        Ok(Self { child, address, http: Http::new(address, token), is_superbot, credentials, dir, hidden })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Returns the number of events that the server has passed to its clients' sockets, and the sum of their latencies
    /// up to that point in seconds; `None` if it does not report them.
    pub fn handed_over(&mut self) -> Result<Option<(f64, f64)>> {
        if !self.is_superbot {
            return Ok(None);
        }
        let metrics = self.http.get("/metrics")?;
        let figure = |name: &str| {
            let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|value| value.trim().parse().ok()).with_context(|| format!("/metrics has no {name}"))
        };
        Ok(Some((figure("superbot_delivery_seconds_count")?, figure("superbot_delivery_seconds_sum")?)))
    }

    pub fn log_end(&self) -> String {
        let log = fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
        let log = self.hidden.iter().fold(log, |log, folder| log.replace(folder, "..."));
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(5)..].join("\n")
    }

    /// Publishes a numbered event.
    pub fn publish(&mut self, whom: Whom, number: u32) -> Result<()> {
        let mark = Mark { number, published_ns: now_ns() };
        let (path, body) = if self.is_superbot { superbot(whom, mark) } else { peer(whom, mark) };
        self.http.post(&path, &body)?;
        Ok(())
    }

    /// Publishes numbered listings in one request, if the server supports that.
    pub fn publish_batch(&mut self, numbers: std::ops::RangeInclusive<u32>, alert_of: Option<usize>) -> Result<()> {
        if !self.is_superbot {
            return numbers.into_iter().try_for_each(|number| self.publish(Whom::Everyone, number));
        }
        let listings = numbers.map(|number| {
            let mark = Mark { number, published_ns: now_ns() };
            listing(mark, alert_of.map(|users| number as usize % users))
        });
        let listings: Vec<String> = listings.collect();
        let response = self.http.post("/api/listings", &format!("[{}]", listings.join(",")))?;
        let answer: serde_json::Value = serde_json::from_slice(&response.body)?;
        if answer["created"].as_u64() != Some(listings.len() as u64) {
            bail!("not all listings were created: {answer}");
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns path and body of a request to this project's server.
fn superbot(whom: Whom, mark: Mark) -> (String, String) {
    match whom {
        Whom::Everyone => ("/api/listings".to_owned(), listing(mark, None)),
        Whom::User(user) => {
            let path = format!("/api/users/u{user}/notifications");
            (path, format!("{{\"type\":\"custom\",\"data\":{}}}", message(mark, 150)))
        }
        Whom::EveryoneAtLength => {
            let message = format!("{{\"level\":\"info\",{}", &message(mark, 1900)[1..]);
            ("/api/system-messages".to_owned(), message)
        }
    }
}

/// Returns path and body of a request to another server; its clients receive events in the same format.
fn peer(whom: Whom, mark: Mark) -> (String, String) {
    let number = mark.number;
    let told = |listing: String| {
        let rest = listing.strip_prefix('{').unwrap_or_default().to_owned();
        format!(
            "{{\"id\":{number},\"created_at\":\"2026-01-01T00:00:00.000000Z\",\"currency\":\"USD\",\"seq\":{number},{rest}"
        )
    };
    match whom {
        Whom::Everyone => ("/broadcast".to_owned(), told(listing(mark, None))),
        Whom::User(user) => {
            let data = message(mark, 150);
            let body = format!(
                "{{\"data\":{data},\"id\":{number},\"seq\":{number},\"timestamp\":\"2026-01-01T00:00:00.000000Z\",\"type\":\"custom\"}}"
            );
            (format!("/to/u{user}"), body)
        }
        Whom::EveryoneAtLength => ("/broadcast".to_owned(), message(mark, 1900)),
    }
}

/// Returns a listing, of which a client receives about 300 bytes.
pub(crate) fn listing(mark: Mark, alert_of: Option<usize>) -> String {
    let number = mark.number;
    let brand = alert_of.map_or_else(|| "oak".to_owned(), keyword);
    format!(
        "{{\"title\":\"{brand} dining table {mark}\",\"price\":24.99,\"link\":\"https://example.org/ads/{number}.html\",\
         \"source\":\"craigslist\",\"location\":\"Salt Lake City\",\"image_url\":\"https://example.org/images/{number}.jpg\"}}"
    )
}

pub(crate) fn message(mark: Mark, characters: usize) -> String {
    format!("{{\"message\":\"{mark} {}\"}}", "lorem ipsum ".repeat(characters / 12))
}

fn command(places: &Places, peer: &Peer, dir: &TempDir) -> Result<Command> {
    let mut command = match peer.kind {
        Kind::Superbot(_) => {
            let mut command = Command::new(&places.superbot);
            command.arg("--data-dir").arg(dir.path()).args(["serve", "--listen", "127.0.0.1:0"]);
            command.env("SUPERBOT__LIMITS__PUBLISH_REQUESTS_PER_SECOND", "0").env("SUPERBOT__LOG__LEVEL", "warn");
            // All clients have one address and, in some scenarios, one user, so these limits are raised. Older
            // versions, which may be measured for comparison, do not know the settings and would reject them.
            let settings = Command::new(&places.superbot).args(["config", "show"]).output()?;
            for limit in ["address_connections", "user_connections"] {
                if String::from_utf8_lossy(&settings.stdout).contains(limit) {
                    command.env(format!("SUPERBOT__LIMITS__{}", limit.to_uppercase()), "0");
                }
            }
            command
        }
        Kind::Limit => {
            let mut command = Command::new(std::env::current_exe()?);
            command.arg("limit");
            command
        }
        Kind::Node => {
            let mut command = Command::new("node");
            command.arg(places.node().join("server.mjs"));
            command
        }
        Kind::Python(file, argument) => {
            let mut command = Command::new(places.python());
            command.arg(places.peers.join("python").join(file)).arg(argument);
            command
        }
        Kind::Socketioxide => Command::new(places.socketioxide()),
    };
    command.current_dir(dir.path());
    Ok(command)
}

/// Wraps a command in a shell that sets the limit on open files and then executes it. The command ends with this
/// process, however that ends.
fn limited(command: &Command, descriptors: Option<u64>) -> Command {
    let limit = descriptors.map_or_else(|| "$(ulimit -Hn)".to_owned(), |limit| limit.to_string());
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(format!("ulimit -n {limit} && exec setpriv --pdeathsig KILL \"$@\""))
        .arg("sh")
        .arg(command.get_program());
    shell.args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    shell
}

/// Waits for the server's startup message, and keeps reading its output.
fn announced(child: &mut Child) -> Result<SocketAddr> {
    let mut lines = BufReader::new(child.stdout.take().context("its output is read")?).lines();
    let found = lines.by_ref().find_map(|line| {
        let line = line.ok()?;
        let address = line.strip_prefix("READY http://").or_else(|| line.strip_prefix("Super-Bot is at http://"))?;
        address.trim_end_matches('/').parse().ok()
    });
    let address = found.context("it never said where it is")?;
    // Keep reading: otherwise the server would block once the pipe is full.
    std::thread::spawn(move || lines.for_each(drop));
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::packet::{Packet, read};

    #[test]
    fn every_body_is_json_and_has_its_mark() {
        let mark = Mark { number: 7, published_ns: 99 };
        for whom in [Whom::Everyone, Whom::User(3), Whom::EveryoneAtLength] {
            for (path, body) in [superbot(whom, mark), peer(whom, mark)] {
                serde_json::from_str::<serde_json::Value>(&body)
                    .unwrap_or_else(|error| panic!("{path} {body}: {error}"));
                let packet = format!("42[\"notification\",{body}]");
                assert!(matches!(read(packet.as_bytes()), Packet::Event(event) if event.mark == mark), "{body}");
            }
        }
    }
}
