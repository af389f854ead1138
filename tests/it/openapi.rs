//! The committed description of the API is the one the server serves.

use std::path::Path;

use crate::support::Server;

#[tokio::test]
async fn the_committed_description_is_current() {
    let running = Server::start().await;
    let described = running.http().get("/api/openapi.json").await.ok();
    let served = serde_json::to_string_pretty(&described).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &served).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let how = "docs/openapi.json is out of date: run `UPDATE_OPENAPI=1 cargo test --test it openapi`";
    assert!(committed == served, "{how}");
}
