//! `superbot serve`: server and workers in one process.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use superbot_domain::SystemClock;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use super::announcement::StartupReport;
use super::cli::{CommandError, CommandResult, GlobalArgs, VERSION};
use super::demo::DemoSetup;
use super::systemd;
use crate::admission::ConnectionCapacity;
use crate::app::App;
use crate::config::{Config, LogConfig, LogFormat};

/// Serve everything.
#[derive(Args)]
pub struct ServeArgs {
    /// Address to listen on, such as 127.0.0.1:5000 or 0.0.0.0:5000
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Do not run workers; they run as separate processes
    #[arg(long)]
    no_workers: bool,
    /// Demonstrate the program: a simulated marketplace on this machine, and a user with alerts. Leaves no data behind
    #[arg(long, conflicts_with = "no_workers")]
    demo: bool,
}

impl ServeArgs {
    /// Returns whether any of its options was given.
    pub fn is_given(&self) -> bool {
        self.listen.is_some() || self.no_workers || self.demo
    }

    pub async fn run(self, global: &GlobalArgs) -> CommandResult {
        let listen = self.listen.map(|listen| ("server.listen".to_owned(), listen));
        let demo = if self.demo { Some(DemoSetup::new()?) } else { None };
        let config = match &demo {
            Some(demo) => demo.settings(global, listen)?,
            None => global.settings_to_log(listen.into_iter().collect())?,
        };
        config.check_folders().map_err(|error| CommandError::Usage(error.to_string()))?;
        let config = Arc::new(config);
        start_logging(&config.log)?;
        let capacity = capacity(&config)?;
        tracing::info!(version = VERSION, "starting");
        for warning in config.warnings() {
            tracing::warn!("{warning}");
        }
        let stop = CancellationToken::new();
        stop_on_signals(&stop)?;
        // Bound before the store is opened: a second server on the same port must fail without side effects.
        let listener = listen_on(config.server.listen)?;
        let address = listener.local_addr()?;
        let clock = Arc::new(SystemClock);
        if let Some(demo) = &demo {
            demo.begin(&config, clock.clone(), &stop).await?;
        }
        let app = App::new(Arc::clone(&config), clock, capacity, !self.no_workers, stop.clone()).await?;
        let set_up = app.set_up_secret().await?;
        StartupReport::new(&config, address, demo.is_some(), set_up.as_ref()).print()?;
        systemd::notify(app.health().clone(), stop);
        app.serve(listener, capacity).await?;
        Ok(())
    }
}

pub(super) fn start_logging(log: &LogConfig) -> Result<(), CommandError> {
    let filter = EnvFilter::try_new(&log.level)
        .map_err(|error| CommandError::Usage(format!("log.level is {:?}: {error}", log.level)))?;
    // https://no-color.org: set and not empty.
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal() && !no_color)
        .with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| CommandError::Failed(anyhow::anyhow!(error)))
}

/// File descriptors reserved for the store, logs, outgoing connections and the like.
const RESERVED: u64 = 128;
/// Maximum concurrent HTTP connections, if the limit of file descriptors permits.
const MAX_HTTP: usize = 4096;
/// File descriptors reserved for HTTP connections, which Socket.IO sessions cannot take.
const RESERVED_HTTP: usize = 512;
/// Maximum concurrent unauthenticated connections, unless anonymous clients are allowed. Thousands reconnect at once after a
/// restart, and each needs a round trip to authenticate.
const GUESTS: usize = 4096;

/// Raises the soft limit of file descriptors to the hard limit, and divides it among the kinds of connections.
fn capacity(config: &Config) -> anyhow::Result<ConnectionCapacity> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if setrlimit(Resource::Nofile, raised).is_err() {
        tracing::warn!("raising the limit of open files failed");
    }
    // Without a limit, more than memory could serve.
    let files = getrlimit(Resource::Nofile).current.unwrap_or(1 << 20);
    let files = usize::try_from(files.saturating_sub(RESERVED))?.max(64);
    let http = (files / 4).min(MAX_HTTP);
    let fits = files - http.min(RESERVED_HTTP);
    let sockets = config.server.max_connections.map_or(fits, |wanted| wanted.get().min(fits));
    // Anonymous clients remain guests, so they may have half of the places.
    let guests = if config.realtime.allow_anonymous { sockets / 2 } else { (sockets / 4).min(GUESTS) }.max(1);
    tracing::debug!(files, http, sockets, guests, "limits of connections");
    Ok(ConnectionCapacity { http, sockets, guests, descriptors: files })
}

/// Length of the queue of connections not yet accepted: it must not overflow when all clients reconnect at once.
const BACKLOG: u32 = 4096;

fn listen_on(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Connections in TIME_WAIT must not keep a restarted server from binding.
    socket.set_reuseaddr(true)?;
    socket
        .bind(address)
        .with_context(|| format!("listening on {address} (is another server running? choose with --listen)"))?;
    Ok(socket.listen(BACKLOG)?)
}

pub(super) fn stop_on_signals(stop: &CancellationToken) -> anyhow::Result<()> {
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut signals = signal(kind)?;
        let stop = stop.clone();
        tokio::spawn(async move {
            signals.recv().await;
            stop.cancel();
        });
    }
    Ok(())
}
