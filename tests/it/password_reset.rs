//! Password reset by a link from an admin.

use serde_json::{Value, json};

use crate::support::{Connect, Http, Options, Received, Server};

fn choice(token: &Value) -> Value {
    json!({"token": token, "password": "battery staple"})
}

/// A server with the admin `root` and the user `ada`; clients signed in as both, and the path for ada's links.
async fn world() -> (Server, Http, Http, String) {
    let server = Server::start().await;
    server.add_user("root", true).await;
    server.add_user("ada", false).await;
    let root = server.http().signed_in("root").await;
    let ada = server.http().signed_in("ada").await;
    let path = format!("/api/users/{}/password-reset", ada.get("/api/auth/me").await.ok()["id"]);
    (server, root, ada, path)
}

#[tokio::test]
async fn a_link_lets_a_user_choose_a_new_password_once() {
    let (server, root, ada, path) = world().await;
    let (mut live, _) = Connect::to(&server.address).header("cookie", ada.cookie()).greeted().await;
    let first = root.post(&path, &Value::Null).await.ok()["token"].clone();
    let made = root.post(&path, &Value::Null).await;
    assert_eq!(made.status, 201);
    let token = made.body["token"].clone();
    assert!(made.body["expires_at"].as_str().unwrap().ends_with('Z'));
    let http = server.http();
    assert_eq!(http.post("/api/auth/reset", &choice(&first)).await.refused(403), "bad_reset_token", "it was replaced");
    let short = http.post("/api/auth/reset", &json!({"token": token, "password": "short"})).await;
    assert_eq!((short.refused(422), &short.body["errors"][0]["field"]), ("invalid", &json!("password")));
    ada.get("/api/auth/me").await.ok();
    let chosen = http.post("/api/auth/reset", &choice(&token)).await;
    let again = http.with_cookie(&chosen.session_cookie().unwrap());
    assert_eq!(chosen.status, 200);
    assert_eq!(chosen.ok(), again.get("/api/auth/me").await.ok());
    assert!(live.ended().await.contains(&Received::Disconnected), "live connections end for good");
    assert_eq!(ada.get("/api/auth/me").await.refused(401), "unauthenticated");
    let (mut new_live, _) = Connect::to(&server.address).header("cookie", again.cookie()).greeted().await;
    new_live.quiet().await;
    let log_in = |password: &str| json!({"username": "ada", "password": password});
    assert_eq!(http.post("/api/auth/login", &log_in("correct horse")).await.refused(401), "unauthenticated");
    assert_eq!(http.post("/api/auth/login", &log_in("battery staple")).await.status, 200);
    root.get("/api/auth/me").await.ok();
    let used = http.post("/api/auth/reset", &choice(&token)).await;
    let invented = http.post("/api/auth/reset", &choice(&json!(format!("sbr_{}", "0".repeat(43))))).await;
    let nonsense = http.post("/api/auth/reset", &choice(&json!("x"))).await;
    assert_eq!(used.refused(403), "bad_reset_token");
    assert_eq!(
        (&used.body, &used.body),
        (&invented.body, &nonsense.body),
        "used and invented tokens are indistinguishable"
    );
}

#[tokio::test]
async fn only_admins_make_links_and_only_for_users_who_may_come_in() {
    let (server, root, ada, path) = world().await;
    assert_eq!(ada.post(&path, &Value::Null).await.refused(403), "forbidden");
    assert_eq!(server.http().post(&path, &Value::Null).await.refused(401), "unauthenticated");
    assert_eq!(root.post("/api/users/999/password-reset", &Value::Null).await.refused(404), "not_found");
    let token = root.post(&path, &Value::Null).await.ok()["token"].clone();
    let user = path.strip_suffix("/password-reset").unwrap();
    root.patch(user, &json!({"disabled": true})).await.ok();
    assert_eq!(root.post(&path, &Value::Null).await.refused(409), "user_disabled");
    assert_eq!(server.http().post("/api/auth/reset", &choice(&token)).await.refused(403), "bad_reset_token");
    let link = server.run(&["user", "reset-link", "ada"], "").await;
    assert_eq!(link.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&link.stderr).contains("ada is disabled"));
    let nobody = server.run(&["user", "reset-link", "nobody"], "").await;
    assert_eq!(nobody.status.code(), Some(1));
}

#[tokio::test]
async fn guesses_are_limited_as_sign_ins_are() {
    let server = Server::start_with(Options::default().set("limits.login_attempts_per_minute", 3)).await;
    server.add_user("ada", false).await;
    for _ in 0..3 {
        let guess = server.http().post("/api/auth/reset", &choice(&json!("sbr_guess"))).await;
        assert_eq!(guess.refused(403), "bad_reset_token");
    }
    let refused = server.http().post("/api/auth/reset", &choice(&json!("sbr_guess"))).await;
    assert_eq!(refused.refused(429), "rate_limited");
    assert!(refused.headers.contains_key("retry-after"));
    let sign_in = json!({"username": "ada", "password": "correct horse"});
    assert_eq!(server.http().post("/api/auth/login", &sign_in).await.status, 200, "guesses of links are no sign-ins");
    assert!(server.http().metric("superbot_refused_total{reason=\"sign_in_limit\"}").await >= 1);
}

#[tokio::test]
async fn pages_of_other_sites_cannot_use_a_link() {
    let (server, root, _, path) = world().await;
    let token = root.post(&path, &Value::Null).await.ok()["token"].clone();
    let http = server.http();
    let request = http.request(reqwest::Method::POST, "/api/auth/reset").json(&choice(&token));
    assert_eq!(http.send(request.header("sec-fetch-site", "cross-site")).await.refused(403), "forbidden");
    assert_eq!(http.post("/api/auth/reset", &choice(&token)).await.status, 200, "it was not used up");
}

#[tokio::test]
async fn the_command_prints_a_link() {
    let server = Server::start_with(Options::default().set("server.listen", "127.0.0.1:5123")).await;
    server.add_user("Ada", false).await;
    let printed = server.superbot(&["user", "reset-link", "ada"], "").await;
    let first = printed.strip_prefix("http://127.0.0.1:5123/reset#").unwrap().trim_end().to_owned();
    let file = server.data_dir().join("mine.toml");
    std::fs::write(&file, "[web]\npublic_url = \"https://bot.example\"\n").unwrap();
    let with_file = ["user", "reset-link", "ada", "--config", file.to_str().unwrap()];
    let printed = server.superbot(&with_file, "").await;
    let second = printed.strip_prefix("https://bot.example/reset#").unwrap().trim_end().to_owned();
    let http = server.http();
    assert_eq!(http.post("/api/auth/reset", &choice(&json!(first))).await.refused(403), "bad_reset_token");
    assert_eq!(http.post("/api/auth/reset", &choice(&json!(second))).await.ok()["username"], "Ada");
}
