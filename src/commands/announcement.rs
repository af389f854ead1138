//! What a server prints on standard output when it has started: the place of its data, and its addresses.

use std::iter;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use serde::Serialize;

use super::cli::{CommandError, CommandResult, base_url};
use super::output::{say, say_json};
use crate::auth::RandomSecret;
use crate::config::{Config, LogFormat};
use crate::demo;

/// Start-up information of a server.
#[derive(Serialize)]
pub struct StartupReport {
    #[serde(skip)]
    format: LogFormat,
    message: &'static str,
    /// The data directory, or the database without its password; `None` for the demo, whose store is temporary.
    data: Option<String>,
    /// User name for signing in to the demo.
    #[serde(skip_serializing_if = "Option::is_none")]
    demo_user: Option<&'static str>,
    /// Password of `demo_user`.
    #[serde(skip_serializing_if = "Option::is_none")]
    demo_password: Option<&'static str>,
    /// Base addresses: the first for this machine, the others for its network.
    urls: Vec<String>,
    /// One-time links for registering the first admin, one for each of `urls`; empty if there is an admin.
    set_up_urls: Vec<String>,
}

impl StartupReport {
    pub fn new(config: &Config, address: SocketAddr, is_demo: bool, set_up: Option<&RandomSecret>) -> Self {
        let bases: Vec<String> = match config.web.public_url {
            Some(_) => vec![base_url(config, address)],
            None => addresses(address).into_iter().map(|address| base_url(config, address)).collect(),
        };
        let link = |base: &String| set_up.map(|secret| format!("{base}/setup#{}", secret.reveal()));
        // Only SQLite's store is in the data directory.
        let data = if config.store.url.reveal().starts_with("sqlite:") {
            config.server.data_dir.display().to_string()
        } else {
            config.store.url.place()
        };
        Self {
            format: config.log.format,
            message: "Super-Bot is serving",
            data: (!is_demo).then_some(data),
            demo_user: is_demo.then_some(demo::USER),
            demo_password: is_demo.then_some(demo::PASSWORD),
            urls: bases.iter().map(|base| format!("{base}/")).collect(),
            set_up_urls: bases.iter().filter_map(link).collect(),
        }
    }

    /// Prints in the configured log format, because both streams usually go to the same journal.
    pub fn print(&self) -> CommandResult {
        if self.format == LogFormat::Json {
            return say_json(self).map_err(CommandError::from);
        }
        if let Some(data) = &self.data {
            say(&format!("Its data is in {data}"));
        } else {
            say("This is a demo: the ads are invented, and all data is deleted when it ends (Ctrl-C).");
            say(&format!("Sign in as {} with the password {}", demo::USER, demo::PASSWORD));
        }
        let elsewhere = "or from another device in your network:";
        let labels = |first| iter::once(first).chain(iter::repeat(elsewhere));
        for (label, url) in labels("Open this link once to make the admin:").zip(&self.set_up_urls) {
            say(&format!("{label} {url}"));
        }
        for (label, url) in labels("Super-Bot is at").zip(&self.urls) {
            say(&format!("{label} {url}"));
        }
        Ok(())
    }
}

/// Returns addresses at which a listening server can be reached: one from this machine, and one from its network.
fn addresses(listen: SocketAddr) -> Vec<SocketAddr> {
    let on_port = |ip: IpAddr| SocketAddr::new(ip, listen.port());
    if !listen.ip().is_unspecified() {
        return vec![listen];
    }
    // A dual-stack socket also accepts IPv4, whose addresses are easier to type.
    let here: IpAddr = Ipv4Addr::LOCALHOST.into();
    // Destinations from the ranges reserved for documentation (RFC 5737, RFC 3849): they follow the default route.
    let network = network_address(Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::new(192, 0, 2, 1).into());
    let network = network.or_else(|| {
        let documentation = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
        listen.is_ipv6().then(|| network_address(Ipv6Addr::UNSPECIFIED.into(), documentation.into()))?
    });
    [Some(here), network].into_iter().flatten().map(on_port).collect()
}

/// Returns this machine's address on the route to `far`. Connecting a UDP socket selects a route and sends nothing.
fn network_address(any: IpAddr, far: IpAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect((far, 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_loopback() && !ip.is_unspecified()).then_some(ip)
}
