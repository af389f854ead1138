//! A request fails if its credential is revoked while it is in progress.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Http, Raw, Server, eventually};

/// Formats a request head with a chunked body, with a cookie of the browser's own page or with a token.
fn head(path: &str, credential: &str, media_type: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: superbot\r\n{credential}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: {media_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

/// Sends a JSON body with a pause before its end, during which `done` runs.
async fn slowly(server: &Server, path: &str, credential: &str, body: &Value, done: impl Future<Output = ()>) -> u16 {
    let text = body.to_string();
    let (first, last) = text.split_at(text.len() / 2);
    let mut raw = Raw::from("127.0.0.2", server).await;
    raw.send(&(head(path, credential, "application/json") + &chunk(first))).await;
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    done.await;
    raw.send(&(chunk(last) + "0\r\n\r\n")).await;
    raw.status().await.unwrap()
}

async fn revoke_token(admin: &Http, name: &str) {
    let tokens = admin.get("/api/tokens").await.ok();
    let mut items = tokens["items"].as_array().unwrap().iter();
    let token = items.find(|token| token["name"] == name).unwrap();
    admin.delete(&format!("/api/tokens/{}", token["id"])).await.ok();
}

#[tokio::test]
async fn a_slow_request_is_authenticated_again_when_it_is_complete() {
    let server = Server::start().await;
    server.add_user("ann", true).await;
    let session = server.http().signed_in("ann").await;
    let stolen = format!("Cookie: {}", server.http().signed_in("ann").await.cookie());
    let new_token = json!({"name": "another way in", "scope": "user"});
    let new_user = json!({"username": "eve", "password": "correct horse"});
    assert_eq!(slowly(&server, "/api/tokens", &stolen, &new_token, async {}).await, 201, "a slow one is served");
    let sign_out = async {
        let sessions = session.get("/api/sessions").await.ok();
        for other in sessions["items"].as_array().unwrap().iter().filter(|one| one["current"] == false) {
            session.delete(&format!("/api/sessions/{}", other["id"])).await.ok();
        }
    };
    let revoked = std::cell::Cell::new(false);
    let until_revoked = || eventually("the revocation", || async { revoked.get().then_some(()) });
    let (users, tokens, ()) = tokio::join!(
        slowly(&server, "/api/users", &stolen, &new_user, until_revoked()),
        slowly(&server, "/api/tokens", &stolen, &new_token, until_revoked()),
        async {
            // Both request heads have reached the server by then.
            tokio::time::sleep(Duration::from_secs(1)).await;
            sign_out.await;
            revoked.set(true);
        },
    );
    assert_eq!((users, tokens), (401, 401));
    assert_eq!(session.get("/api/tokens?mine=true").await.ok()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_stream_of_listings_ends_when_its_token_is_revoked() {
    let server = Server::start().await;
    let admin = server.http().with_token(&server.token("admin", None).await);
    let made = admin.post("/api/tokens", &json!({"name": "scraper", "scope": "publish"})).await.ok();
    let credential = format!("Authorization: Bearer {}", made["token"].as_str().unwrap());
    let line =
        |number: u32| chunk(&format!(r#"{{"title":"a","link":"https://example.org/{number}","source":"x"}}{}"#, "\n"));
    let mut raw = Raw::from("127.0.0.2", &server).await;
    raw.send(&(head("/api/listings", &credential, "application/x-ndjson") + &line(1))).await;
    assert!(raw.reads("\"created\"").await);
    revoke_token(&admin, "scraper").await;
    raw.send(&(line(2) + &line(3))).await;
    assert!(raw.reads("\"unauthenticated\"").await);
    assert!(raw.reads("\r\n0\r\n\r\n").await, "the answer is complete");
    assert_eq!(admin.get("/api/listings").await.ok()["items"].as_array().unwrap().len(), 1);
}
