//! `[realtime]`: the Socket.IO server and event streams.

use std::time::Duration;

use super::problem::ConfigProblem;
use super::section::{ConfigSection, ParseSetting};
use super::web::origin_url;

const MILLISECOND: Duration = Duration::from_millis(1);

/// Settings of the Socket.IO server and of event streams.
#[derive(Debug, Clone)]
pub struct RealtimeConfig {
    /// Origins other than our own whose pages may connect.
    pub allowed_origins: AllowedOrigins,
    /// Whether clients without a credential may connect.
    pub allow_anonymous: bool,
    /// Path of the Socket.IO endpoint; begins and ends with a slash.
    pub path: String,
    /// Interval between two pings (Engine.IO protocol, heartbeat).
    pub ping_interval: Duration,
    /// Time a client has for answering a ping.
    pub ping_timeout: Duration,
    /// Maximum size of a client's message, in bytes.
    pub max_payload_bytes: usize,
    /// Maximum size of a client's send queue, in bytes.
    pub queue_bytes: usize,
    /// Time after which a client that accepts no bytes is disconnected.
    pub write_deadline: Duration,
    /// Maximum events replayed to a client that reconnects; with more it has to reload.
    pub replay_limit: u64,
}

impl RealtimeConfig {
    pub(super) fn read(section: &ConfigSection) -> Result<Self, ConfigProblem> {
        let EndpointPath(path) = section.text("path")?;
        Ok(Self {
            allowed_origins: AllowedOrigins::new(section.list("allowed_origins")?),
            allow_anonymous: section.switch("allow_anonymous")?,
            path,
            ping_interval: section.duration("ping_interval_ms", MILLISECOND, &(100..=3_600_000))?,
            ping_timeout: section.duration("ping_timeout_ms", MILLISECOND, &(100..=3_600_000))?,
            max_payload_bytes: section.integer("max_payload_bytes", &(1_000..=100_000_000))?,
            queue_bytes: section.integer("queue_bytes", &(10_000..=100_000_000))?,
            write_deadline: section.duration("write_deadline_ms", MILLISECOND, &(100..=600_000))?,
            replay_limit: section.integer("replay_limit", &(0..=10_000_000))?,
        })
    }
}

/// Origins, other than our own, whose pages may connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// The listed ones, serialized as in the `Origin` header (RFC 6454); possibly none.
    Listed(Vec<String>),
    /// All origins.
    Any,
}

impl AllowedOrigins {
    fn new(entries: Vec<OriginEntry>) -> Self {
        let listed: Option<Vec<String>> = entries.into_iter().map(|OriginEntry(origin)| origin).collect();
        listed.map_or(Self::Any, Self::Listed)
    }

    /// Returns whether a page of this origin may connect.
    pub fn allows(&self, origin: &str) -> bool {
        match self {
            Self::Listed(origins) => origins.iter().any(|listed| listed == origin),
            Self::Any => true,
        }
    }
}

/// An entry of `allowed_origins`; `None` stands for `*`.
struct OriginEntry(Option<String>);

impl ParseSetting for OriginEntry {
    const EXPECTED: &'static str = "\"*\" or an origin, such as \"https://example.org\"";

    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self(None));
        }
        // Serialized as browsers do, without a default port and in lower case, so that comparing strings suffices.
        origin_url(text).map(|url| Self(Some(url.origin().ascii_serialization())))
    }
}

struct EndpointPath(String);

impl ParseSetting for EndpointPath {
    const EXPECTED: &'static str = "a path that begins and ends with a slash, such as \"/socket.io/\"";

    fn parse(text: &str) -> Option<Self> {
        let plain =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        let inner = text.strip_prefix('/')?.strip_suffix('/')?;
        inner.split('/').all(plain).then(|| Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_compared_as_browsers_write_them() {
        let entries = ["https://Example.org:443/", "http://10.0.0.1:8080"];
        let origins = AllowedOrigins::new(entries.map(|text| OriginEntry::parse(text).unwrap()).into());
        assert!(origins.allows("https://example.org"));
        assert!(origins.allows("http://10.0.0.1:8080"));
        assert!(!origins.allows("http://example.org"));
        assert!(!origins.allows("null"));
    }

    #[test]
    fn a_star_among_others_allows_any() {
        let entries = ["https://example.org", "*"];
        let origins = AllowedOrigins::new(entries.map(|text| OriginEntry::parse(text).unwrap()).into());
        assert_eq!(origins, AllowedOrigins::Any);
    }

    #[test]
    fn an_endpoint_path_is_plain() {
        assert!(EndpointPath::parse("/socket.io/").is_some());
        assert!(EndpointPath::parse("/a/b-c/").is_some());
        for text in ["", "/", "//", "/socket.io", "socket.io/", "/a b/", "/a//b/", "/{x}/"] {
            assert!(EndpointPath::parse(text).is_none(), "{text}");
        }
    }
}
