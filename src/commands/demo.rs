//! `superbot serve --demo`: simulated sites, and a temporary store that is deleted at the end.

use std::sync::Arc;

use anyhow::Context as _;
use superbot_domain::Clock;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::cli::{CommandError, GlobalArgs};
use crate::app;
use crate::config::Config;
use crate::demo::{DemoMarketplace, SiteKind, prepare};

/// A demo and its temporary folder, which is deleted on drop.
pub(super) struct DemoSetup {
    folder: TempDir,
}

impl DemoSetup {
    pub(super) fn new() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("superbot-demo-").tempdir();
        Ok(Self { folder: folder.context("creating a folder for the demo")? })
    }

    /// Loads the settings, overriding those of storage and network so that no existing store is touched.
    pub(super) fn settings(
        &self,
        global: &GlobalArgs,
        listen: Option<(String, String)>,
    ) -> Result<Config, CommandError> {
        let global = GlobalArgs { data_dir: Some(self.folder.path().to_owned()), ..global.clone() };
        // Override the user's own settings file.
        let own = [
            ("store.url", ""),
            ("sources.private_addresses", "127.0.0.1"),
            ("workers.enabled", "true"),
            ("web.loopback_pictures", "true"),
        ];
        let own = own.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let config = global.settings_to_log(own.into_iter().chain(listen).collect())?;
        // The password is public, so the demo must not be reachable from other machines.
        if config.server.listen.ip().is_loopback() {
            Ok(config)
        } else {
            let address = config.server.listen;
            Err(CommandError::Usage(format!(
                "the demo cannot listen on {address}, only on a loopback address such as 127.0.0.1:5000"
            )))
        }
    }

    /// Starts the simulated sites and fills the store.
    pub(super) async fn begin(
        &self,
        config: &Config,
        clock: Arc<dyn Clock>,
        stop: &CancellationToken,
    ) -> anyhow::Result<()> {
        let market = DemoMarketplace::new(Arc::clone(&clock), rand::random());
        let mut sites = Vec::new();
        for site in SiteKind::ALL {
            let listener = TcpListener::bind("127.0.0.1:0").await.context("starting a simulated site")?;
            sites.push((site, Url::parse(&format!("http://{}/", listener.local_addr()?))?));
            let serving =
                axum::serve(listener, market.router(site)).with_graceful_shutdown(stop.clone().cancelled_owned());
            tokio::spawn(serving.into_future());
        }
        let store = app::open_store(config, clock).await?;
        prepare(&store, &sites).await?;
        store.close().await;
        Ok(())
    }
}
