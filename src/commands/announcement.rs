//! What a server says on standard output when it has started: where its data is, and the addresses to open.

use std::iter;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use serde::Serialize;

use super::cli::{CommandError, CommandResult, base_url};
use super::output::{say, say_json};
use crate::auth::RandomSecret;
use crate::config::{Config, LogFormat};
use crate::demo;

/// What a server says when it has started.
#[derive(Serialize)]
pub struct StartupReport {
    #[serde(skip)]
    format: LogFormat,
    message: &'static str,
    /// The data directory, or the database; `None` for the demo, whose store is temporary.
    data: Option<String>,
    /// The name to sign in with at the demo; left out elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    demo_user: Option<&'static str>,
    /// The password of that user.
    #[serde(skip_serializing_if = "Option::is_none")]
    demo_password: Option<&'static str>,
    /// The first is for this machine, the others for those in its network.
    urls: Vec<String>,
    /// The links that make the first admin, in the same order.
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

    /// Prints it in the format of the log, which goes to the same journal.
    pub fn print(&self) -> CommandResult {
        if self.format == LogFormat::Json {
            return say_json(self).map_err(CommandError::from);
        }
        if let Some(data) = &self.data {
            say(&format!("Its data is in {data}"));
        } else {
            say("This is a demo: the ads are invented, and everything is gone when it ends (Ctrl-C).");
            say(&format!("Sign in as {} with the password {}", demo::USER, demo::PASSWORD));
        }
        let elsewhere = "or, from another device in your network:";
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

/// The addresses at which a server that listens there is found: one for this machine, one for its network.
fn addresses(listen: SocketAddr) -> Vec<SocketAddr> {
    let on_port = |ip: IpAddr| SocketAddr::new(ip, listen.port());
    if !listen.ip().is_unspecified() {
        return vec![listen];
    }
    // A dual-stack socket answers at IPv4 addresses as well, which is what people type.
    let here: IpAddr = Ipv4Addr::LOCALHOST.into();
    let network = network_address(Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::new(192, 0, 2, 1).into());
    let network = network.or_else(|| {
        let documentation = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
        listen.is_ipv6().then(|| network_address(Ipv6Addr::UNSPECIFIED.into(), documentation.into()))?
    });
    [Some(here), network].into_iter().flatten().map(on_port).collect()
}

/// This machine's address on the way to others. Connecting a UDP socket chooses a route and sends nothing.
fn network_address(any: IpAddr, far: IpAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect((far, 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_loopback() && !ip.is_unspecified()).then_some(ip)
}
