//! `[server]`: listening address, deadlines, and the data directory.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use super::problem::ConfigProblem;
use super::section::{ConfigSection, ParseSetting};

const MILLISECOND: Duration = Duration::from_millis(1);

/// Listening address, deadlines, and the data directory.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Address and port to listen on; port 0 selects a free one.
    pub listen: SocketAddr,
    /// Folder of all persistent data.
    pub data_dir: PathBuf,
    /// Time for a graceful shutdown; unfinished work is dropped then.
    pub drain_deadline: Duration,
    /// Maximum concurrent Socket.IO sessions; `None` means as many as the limit of open files permits.
    pub max_connections: Option<NonZeroUsize>,
    /// Time a client has for sending a request's head.
    pub header_timeout: Duration,
    /// Time limit of a request's body, plus one second per 64 KB; also of data that a client leaves unacknowledged.
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
