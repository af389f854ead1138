//! `superbot source parse` and `source kinds`, which need neither a store nor a server.

use std::process::{Output, Stdio};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

async fn parse(arguments: &[&str], page: &str) -> Output {
    run(&[&["parse"], arguments].concat(), page).await
}

async fn run(arguments: &[&str], page: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_superbot"));
    command.args(["--data-dir", "/nonexistent/data", "source"]).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command with invalid arguments does not read its input.
    let _ = child.stdin.take().unwrap().write_all(page.as_bytes()).await;
    child.wait_with_output().await.unwrap()
}

const FEED: &str = r#"<rss version="2.0"><channel><title>t</title>
    <item><title>Road bike - $1,200 OBO</title><link>/bike/1</link><guid>b1</guid></item></channel></rss>"#;

#[tokio::test]
async fn a_saved_page_is_read() {
    let output = parse(&["feed", "-", "--url", "https://shop.example/feed", "--json"], FEED).await;
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let reading: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&reading["state"], &reading["reason"]), (&json!("ok"), &json!("1 listings in the feed")));
    let listing = &reading["listings"][0];
    assert_eq!(
        (&listing["title"], &listing["price"], &listing["negotiable"], &listing["link"]),
        (&json!("Road bike - $1,200 OBO"), &json!(1200), &json!(true), &json!("https://shop.example/bike/1"))
    );
    let plain = parse(&["feed", "-", "--url", "https://shop.example/feed"], FEED).await;
    let plain = String::from_utf8(plain.stdout).unwrap();
    assert!(plain.starts_with("ok: 1 listings in the feed\nRoad bike"), "{plain}");
}

#[tokio::test]
async fn what_cannot_be_read_is_said() {
    let reading = parse(&["ksl", "-", "--json"], "<html></html>").await;
    assert_eq!(reading.status.code(), Some(0), "a page that lists nothing is an answer");
    let reading: Value = serde_json::from_slice(&reading.stdout).unwrap();
    assert_eq!(reading["state"], "shape_changed");
    let limited = parse(&["craigslist", "-", "--status", "429", "--json"], "").await;
    assert_eq!(serde_json::from_slice::<Value>(&limited.stdout).unwrap()["state"], "rate_limited");
    let refused = parse(&["ebay", "-"], "").await;
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("craigslist, ksl, facebook, feed"));
    let settings = run(&["kinds", "ksl"], "").await;
    assert_eq!(settings.status.code(), Some(0), "{}", String::from_utf8_lossy(&settings.stderr));
    assert!(String::from_utf8(settings.stdout).unwrap().lines().any(|line| line.starts_with("zip ")));
    let kinds: Value = serde_json::from_slice(&run(&["kinds", "--json"], "").await.stdout).unwrap();
    assert_eq!((kinds.as_array().unwrap().len(), &kinds[2]["name"]), (7, &json!("facebook")));
    let missing = parse(&["ksl", "/nonexistent/page.html"], "").await;
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8(missing.stderr).unwrap().contains("reading /nonexistent/page.html"));
}
