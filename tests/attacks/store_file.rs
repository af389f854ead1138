//! Somebody takes the store's file away from under the server.

use std::fs;
use std::time::Duration;

use serde_json::json;

use crate::report::Scene;
use crate::support::{Http, Options, eventually};

/// The server looks at its file this often, with time to spare.
const NOTICED_WITHIN: Duration = Duration::from_secs(15);

async fn publish(http: &Http, number: u32) -> u16 {
    let listing = json!({"title": "Boat", "link": format!("https://example.org/{number}"), "source": "test"});
    http.post("/api/listings", &listing).await.status
}

async fn nothing_is_acknowledged_after(name: &'static str, take_away: impl FnOnce(&std::path::Path)) {
    let scene = Scene::set(Options::default()).await;
    let http = scene.server.http();
    let publisher = http.with_token(&scene.server.token("publish", None).await);
    assert_eq!(publish(&publisher, 0).await, 201);
    take_away(scene.server.data_dir());
    let noticed = eventually("503 instead of an acknowledgement", || async {
        (http.try_get("/readyz").await? == 503).then_some(())
    });
    let noticed = tokio::time::timeout(NOTICED_WITHIN, noticed).await;
    noticed.unwrap_or_else(|_| panic!("{name}: /readyz still says ready after {NOTICED_WITHIN:?}"));
    for number in 1..5 {
        assert_eq!(publish(&publisher, number).await, 503, "{name}: a listing that would be lost");
    }
    assert_eq!(http.try_get("/healthz").await, Some(200), "{name}: the process is alive");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_removed_is_written_to_no_more() {
    nothing_is_acknowledged_after("removed", |folder| {
        for file in fs::read_dir(folder).unwrap().flatten() {
            if file.file_name().to_string_lossy().starts_with("superbot.db") {
                fs::remove_file(file.path()).unwrap();
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_replaced_is_written_to_no_more() {
    nothing_is_acknowledged_after("replaced", |folder| {
        let copy = folder.join("copy.db");
        fs::copy(folder.join("superbot.db"), &copy).unwrap();
        fs::rename(copy, folder.join("superbot.db")).unwrap();
    })
    .await;
}
