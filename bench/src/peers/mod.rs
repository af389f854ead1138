//! The servers to be compared: preparation, start, and publishing.

pub mod seed;
pub mod server;
pub mod setup;

use std::path::PathBuf;

/// A server to be measured.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// Name on the command line and in the report.
    pub name: &'static str,
    /// Description for the report.
    pub about: &'static str,
    /// Connections started per second, unless connecting itself is measured.
    pub ramp_per_second: f64,
    /// Maximum number of connections to be tried.
    pub most_connections: usize,
    /// Implementation.
    pub kind: Kind,
}

/// Implementation of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// This project's server, with authenticated clients.
    Superbot(Credential),
    /// The limit server.
    Limit,
    Node,
    /// Python, with the script and its argument.
    Python(&'static str, &'static str),
    Socketioxide,
}

/// How clients authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// API token in the CONNECT packet.
    Token,
    Cookie,
}

/// Paths.
#[derive(Debug, Clone, clap::Args)]
pub struct Places {
    /// Server binary to be measured
    #[arg(long, value_name = "FILE")]
    pub superbot: PathBuf,
    /// The sources of the peers' servers, and of this program
    #[arg(id = "peers_dir", long = "peers-dir", value_name = "DIR")]
    pub peers: PathBuf,
    /// Folder for builds and temporary data, on the disk that is to be measured
    #[arg(id = "work_dir", long = "work-dir", value_name = "DIR")]
    pub work: PathBuf,
}

/// Prefix of the names of runs' folders.
pub(crate) const RUN: &str = "run-";

/// All servers; the limit comes first, so that ratios to it are known early.
pub const PEERS: [Peer; 8] = [
    Peer {
        name: "limit",
        about: "one thread that writes one ready frame to each socket; checks nobody, pings nobody, keeps nothing",
        ramp_per_second: 3000.0,
        most_connections: 1_000_000,
        kind: Kind::Limit,
    },
    Peer {
        name: "superbot",
        about: "this project, built as packages are; every client has a user of its own and signs in with an API token",
        ramp_per_second: 3000.0,
        most_connections: 1_000_000,
        kind: Kind::Superbot(Credential::Token),
    },
    Peer {
        name: "superbot-cookie",
        about: "the same, with the session cookie of a browser",
        ramp_per_second: 3000.0,
        most_connections: 1_000_000,
        kind: Kind::Superbot(Credential::Cookie),
    },
    Peer {
        name: "socketioxide",
        about: "the established Socket.IO server for Rust, on axum; checks nobody",
        ramp_per_second: 3000.0,
        most_connections: 1_000_000,
        kind: Kind::Socketioxide,
    },
    Peer {
        name: "node",
        about: "Socket.IO's own server; checks nobody",
        ramp_per_second: 1500.0,
        most_connections: 15_000,
        kind: Kind::Node,
    },
    Peer {
        name: "python-asgi",
        about: "python-socketio on uvicorn with uvloop; checks nobody",
        ramp_per_second: 500.0,
        most_connections: 10_000,
        kind: Kind::Python("asgi_server.py", "asgi"),
    },
    Peer {
        name: "flask-gevent",
        about: "Flask-SocketIO on gevent; checks nobody",
        ramp_per_second: 300.0,
        most_connections: 10_000,
        kind: Kind::Python("flask_server.py", "gevent"),
    },
    Peer {
        name: "flask-threading",
        about: "Flask-SocketIO on threads; checks nobody",
        ramp_per_second: 100.0,
        most_connections: 2_000,
        kind: Kind::Python("flask_server.py", "threading"),
    },
];

impl Peer {
    /// Returns a server by name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PEERS.iter().find(|peer| peer.name == name)
    }

    /// Returns whether it is this project's server.
    pub fn is_superbot(&self) -> bool {
        matches!(self.kind, Kind::Superbot(_))
    }
}

impl Places {
    /// Converts the paths to absolute ones, independent of a server's working directory.
    ///
    /// # Errors
    /// If the current directory cannot be determined.
    pub fn absolute(&self) -> std::io::Result<Self> {
        let [superbot, peers, work] = [&self.superbot, &self.peers, &self.work].map(std::path::absolute);
        Ok(Self { superbot: superbot?, peers: peers?, work: work? })
    }

    /// Returns the path of the socketioxide server's binary.
    pub fn socketioxide(&self) -> PathBuf {
        self.work.join("socketioxide/release/superbot-bench-socketioxide")
    }

    /// Returns the Python interpreter of the servers' virtual environment.
    pub fn python(&self) -> PathBuf {
        self.work.join("python/bin/python")
    }

    /// Returns the folder of the Node.js server with its packages.
    pub fn node(&self) -> PathBuf {
        self.work.join("node")
    }
}
