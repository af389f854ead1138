//! Embeds Super-Bot in another program: serves, and publishes without HTTP.
//!
//! ```sh
//! cargo run --example embedded -- /tmp/somewhere
//! ```

use std::sync::Arc;

use serde_json::json;
use superbot::admission::ConnectionCapacity;
use superbot::app::App;
use superbot::config::{LoadOptions, load};
use superbot::ingest::Publisher;
use superbot_domain::{NewSystemMessage, NotificationDraft, ScraperReport, SystemClock};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let data_dir = std::env::args_os().nth(1).map(Into::into);
    let config = Arc::new(load(&LoadOptions { data_dir, ..LoadOptions::default() })?);
    let listener = TcpListener::bind(config.server.listen).await?;
    let capacity = ConnectionCapacity { http: 1_000, sockets: 8_000, guests: 1_000, descriptors: 10_000 };
    let stop = CancellationToken::new();
    let app = App::new(config, Arc::new(SystemClock), capacity, true, stop.clone()).await?;

    publish(app.publisher()).await?;

    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.cancel();
        }
    });
    app.serve(listener, capacity).await
}

/// Calls each of the five publishing functions.
async fn publish(publisher: &Publisher) -> anyhow::Result<()> {
    let listing = json!({"title": "Road bike", "price": "$250 OBO", "link": "https://example.org/1", "source": "mine"});
    publisher.broadcast_new_listing(publisher.parse_listing(&listing)?).await?;

    // An unknown user is a result, not an error.
    let notification =
        NotificationDraft::from_json(&json!({"type": "custom", "data": {"message": "Hello from Rust"}}))?;
    publisher.notify_user("ann", &notification, None).await?;

    let status = ScraperReport::from_json(&json!({"mine": true}))?;
    publisher.broadcast_scraper_status(&status, None).await?;

    let message = match publisher.get_connected_users().await?.count {
        0 => json!({"message": "No users are connected", "level": "info"}),
        count => json!({"message": format!("{count} users are here"), "level": "info"}),
    };
    publisher.broadcast_system_message(&NewSystemMessage::from_json(&message)?, None).await?;
    Ok(())
}
