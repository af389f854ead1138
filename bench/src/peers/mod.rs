//! The servers that are compared, how each is made ready, started and published through.

pub mod seed;
pub mod server;
pub mod setup;

use std::path::PathBuf;

/// A server that can be measured.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// Its name on the command line and in the report.
    pub name: &'static str,
    /// What it is, in a line of the report.
    pub about: &'static str,
    /// Connections begun in a second when it is not about how fast that goes.
    pub ramp_per_second: f64,
    /// More connections than this are not tried with it.
    pub most_connections: usize,
    /// What it is made of.
    pub kind: Kind,
}

/// What a peer is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// This project's program, whose clients sign in.
    Superbot(Credential),
    /// What the machine can do at all.
    Limit,
    /// Socket.IO on Node.js.
    Node,
    /// Python: the server's file and its argument.
    Python(&'static str, &'static str),
    /// socketioxide.
    Socketioxide,
}

/// How clients show who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// An API token in the CONNECT packet.
    Token,
    /// The session cookie.
    Cookie,
}

/// Where things are.
#[derive(Debug, Clone, clap::Args)]
pub struct Places {
    /// The program that is measured
    #[arg(long, value_name = "FILE")]
    pub superbot: PathBuf,
    /// The sources of the peers' servers, and of this program
    #[arg(id = "peers_dir", long = "peers-dir", value_name = "DIR")]
    pub peers: PathBuf,
    /// Where to build and to keep data meanwhile, on the disk that is to be measured
    #[arg(id = "work_dir", long = "work-dir", value_name = "DIR")]
    pub work: PathBuf,
}

/// How the names of runs' own folders begin.
pub(crate) const RUN: &str = "run-";

/// All that can be measured; the limit comes first, so that ratios to it are known early.
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
    /// The peer of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PEERS.iter().find(|peer| peer.name == name)
    }

    /// Whether it is this project's program.
    pub fn is_superbot(&self) -> bool {
        matches!(self.kind, Kind::Superbot(_))
    }
}

impl Places {
    /// The same from wherever a server is started.
    ///
    /// # Errors
    /// When there is no folder that they could be in.
    pub fn absolute(&self) -> std::io::Result<Self> {
        let [superbot, peers, work] = [&self.superbot, &self.peers, &self.work].map(std::path::absolute);
        Ok(Self { superbot: superbot?, peers: peers?, work: work? })
    }

    /// The socketioxide server, once it is built.
    pub fn socketioxide(&self) -> PathBuf {
        self.work.join("socketioxide/release/superbot-bench-socketioxide")
    }

    /// The Python of the peers' own environment.
    pub fn python(&self) -> PathBuf {
        self.work.join("python/bin/python")
    }

    /// The Node server's folder, with its packages.
    pub fn node(&self) -> PathBuf {
        self.work.join("node")
    }
}
