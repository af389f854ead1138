//! `[server]`: listening, deadlines and where data lives.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use super::problem::ConfigProblem;
use super::section::{ConfigSection, ParseSetting};

const MILLISECOND: Duration = Duration::from_millis(1);

/// Listening, deadlines and where data lives.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Address and port to serve on.
    pub listen: SocketAddr,
    /// The folder of everything that must last.
    pub data_dir: PathBuf,
    /// How long a planned stop may take.
    pub drain_deadline: Duration,
    /// Connections held at once; `None` leaves it to the limit of open files.
    pub max_connections: Option<NonZeroUsize>,
    /// How long a client may take to send a request's head.
    pub header_timeout: Duration,
    /// How long a request's body may pause.
    pub request_timeout: Duration,
}

impl ServerConfig {
    pub(super) fn read(section: &ConfigSection) -> Result<Self, ConfigProblem> {
        Ok(Self {
            listen: section.text("listen")?,
            data_dir: section.text("data_dir")?,
            drain_deadline: section.duration("drain_deadline_ms", MILLISECOND, &(0..=600_000))?,
            max_connections: NonZeroUsize::new(section.integer("max_connections", &(0..=10_000_000))?),
            header_timeout: section.duration("header_timeout_ms", MILLISECOND, &(100..=600_000))?,
            request_timeout: section.duration("request_timeout_ms", MILLISECOND, &(100..=600_000))?,
        })
    }
}

impl ParseSetting for SocketAddr {
    const EXPECTED: &'static str = "an IP address and a port, such as \"127.0.0.1:5000\" or \"[::1]:5000\"";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl ParseSetting for PathBuf {
    const EXPECTED: &'static str = "a path";

    fn parse(text: &str) -> Option<Self> {
        (!text.contains('\0')).then(|| Self::from(text))
    }
}
