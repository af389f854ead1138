//! Super-Bot inside another program: serve, and publish without going over HTTP.
//!
//! ```sh
//! cargo run --example embedded -- /tmp/somewhere
//! ```

use std::sync::Arc;

use serde_json::json;
use superbot::app::{App, Capacity};
use superbot::config::{LoadOptions, load};
use superbot_domain::SystemClock;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let data_dir = std::env::args_os().nth(1).map(Into::into);
    let config = Arc::new(load(&LoadOptions { data_dir, ..LoadOptions::default() })?);
    let listener = TcpListener::bind(config.server.listen).await?;
    let (capacity, stop) = (Capacity { http: 1_000, sockets: 10_000, both: 10_000 }, CancellationToken::new());
    let app = App::new(config, Arc::new(SystemClock), capacity, true, stop.clone()).await?;

    let publisher = app.publisher().clone();
    let listing = json!({"title": "Road bike", "price": "$250 OBO", "link": "https://example.org/1", "source": "mine"});
    publisher.broadcast_new_listing(publisher.parse_listing(&listing)?).await?;

    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.cancel();
        }
    });
    app.serve(listener, capacity).await
}
