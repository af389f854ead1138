//! `superbot health`: reports the readiness of a running server as an exit code.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::Args;
use serde::Deserialize;
use url::Url;

use super::cli::{CommandResult, GlobalArgs};
use super::client;
use super::output::say;

/// Check whether a running server is ready: exits with 0 if it is, and prints what is wrong otherwise
#[derive(Args)]
pub struct HealthArgs {
    /// Address of the server; by default the one that the settings configure
    #[arg(long, env = "SUPERBOT_URL", value_name = "URL")]
    url: Option<Url>,
    /// Seconds to wait for the response
    #[arg(long, value_name = "SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=300))]
    timeout: u64,
}

/// Response of `/readyz`.
#[derive(Deserialize)]
struct ReadinessAnswer {
    ready: bool,
    #[serde(default)]
    problems: Vec<String>,
}

impl HealthArgs {
    pub async fn run(self, global: &GlobalArgs) -> CommandResult {
        let url = match self.url {
            Some(url) => url,
            None => Url::parse(&format!("http://{}/", reachable(global.settings(Vec::new())?.server.listen)))?,
        };
        let address = url.join("/readyz").with_context(|| format!("--url is {url}; it must be http(s)://host"))?;
        let request = client::http()?.get(address).timeout(Duration::from_secs(self.timeout));
        let response = request.send().await.with_context(|| format!("sending a request to {url}"))?;
        let status = response.status();
        let readiness: ReadinessAnswer =
            response.json().await.map_err(|_| anyhow!("the server at {url} ({status}) is not a Super-Bot"))?;
        if readiness.ready && status.is_success() {
            say(&format!("{url} is ready"));
            return Ok(());
        }
        Err(anyhow!("{url} is not ready: {}", readiness.problems.join("; ")).into())
    }
}

/// Returns the address at which this machine reaches a listening server.
pub fn reachable(listen: SocketAddr) -> SocketAddr {
    // An unspecified address accepts connections on all interfaces, but is not a destination.
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
