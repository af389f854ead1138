//! The command line, as used by a newcomer.

use serde_json::Value;

use crate::support::{Connect, Received, Server};

#[tokio::test]
async fn users_are_made_listed_disabled_and_given_new_passwords() {
    let server = Server::start().await;
    server.add_user("Ada", true).await;
    server.add_user("Bob", true).await;
    let again = server.run(&["user", "add", "ada", "--password-stdin"], "correct horse\n").await;
    assert_eq!(again.status.code(), Some(1), "names are one whatever their case");
    let short = server.run(&["user", "add", "eve", "--password-stdin"], "short\n").await;
    assert_eq!(short.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&short.stderr).contains("at least 8 are needed"));
    let listed: Value = serde_json::from_str(&server.superbot(&["user", "list", "--json"], "").await).unwrap();
    assert_eq!((&listed[0]["username"], &listed[0]["is_admin"]), (&Value::from("Ada"), &Value::from(true)));

    let ada = server.http().signed_in("ADA").await;
    server.superbot(&["user", "passwd", "ada", "--password-stdin"], "battery staple\n").await;
    assert_eq!(ada.get("/api/auth/me").await.status, 401, "another process ended the session");
    server.superbot(&["user", "disable", "ada"], "").await;
    let sign_in = serde_json::json!({"username": "ada", "password": "battery staple"});
    assert_eq!(server.http().post("/api/auth/login", &sign_in).await.status, 401);
    server.superbot(&["user", "enable", "ada"], "").await;
    assert_eq!(server.http().post("/api/auth/login", &sign_in).await.status, 200);
    assert_eq!(server.run(&["user", "disable", "nobody"], "").await.status.code(), Some(1));
}

#[tokio::test]
async fn a_token_revoked_by_another_process_ends_its_live_connections() {
    let server = Server::start().await;
    let token = server.user_with_token("ada").await;
    let (mut live, _) = Connect::to(&server.address).token(&token).greeted().await;
    let listed: Value = serde_json::from_str(&server.superbot(&["token", "list", "--json"], "").await).unwrap();
    assert_eq!((&listed[0]["scope"], &listed[0]["user"]), (&Value::from("user"), &Value::from("ada")));
    assert!(!listed.to_string().contains(&token), "a list holds no secrets");
    let http = server.http().with_token(&token);
    for _ in 0..2 {
        assert_eq!(http.get("/api/auth/me").await.ok()["username"], "ada");
    }
    server.superbot(&["token", "revoke", &listed[0]["id"].to_string()], "").await;
    assert_eq!(http.get("/api/auth/me").await.refused(401), "unauthenticated", "at once");
    assert!(live.ended().await.contains(&Received::Disconnected));
    assert!(Connect::to(&server.address).token(&token).open().await.is_err());
    assert_eq!(server.run(&["token", "revoke", "999"], "").await.status.code(), Some(1));
    let nobody = server.run(&["token", "create", "--name", "x", "--scope", "user"], "").await;
    assert_eq!(nobody.status.code(), Some(2), "a user token needs its user");
}

#[tokio::test]
async fn settings_are_shown_and_checked() {
    let server = Server::start().await;
    let shown = server.superbot(&["config", "show"], "").await;
    assert!(shown.contains("ping_interval_ms = 25000"), "{shown}");
    assert_eq!(server.superbot(&["config", "check"], "").await, "the settings are fine\n");
    let file = server.data_dir().join("mine.toml");
    std::fs::write(&file, "[realtime]\nping_intervall_ms = 1000\n").unwrap();
    let wrong = server.run(&["config", "check", "--config", file.to_str().unwrap()], "").await;
    assert_eq!(wrong.status.code(), Some(2));
    let complaint = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(complaint.contains("ping_intervall_ms") && complaint.contains("ping_interval_ms"), "{complaint}");
}

#[tokio::test]
async fn wrong_use_is_told_from_failure() {
    let server = Server::start().await;
    for args in [&["frobnicate"][..], &["serve", "--listen", "nowhere"], &["publish", "listing"]] {
        assert_eq!(server.run(args, "").await.status.code(), Some(2), "{args:?}");
    }
    let no_token = server.run(&["connected-users"], "").await;
    assert_eq!(no_token.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&no_token.stderr).contains("SUPERBOT_TOKEN"));
    let wrong_token = server.run(&["connected-users", "--token", "sbt_x"], "").await;
    assert_eq!(wrong_token.status.code(), Some(1));
    let taken = server.run(&["serve", "--listen", &server.address], "").await;
    assert_eq!(taken.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&taken.stderr).contains("--listen"), "says what to do");
    let help = server.superbot(&["--help"], "").await;
    for command in ["serve", "publish", "connected-users", "user", "token", "config"] {
        assert!(help.contains(command), "{command} is not in\n{help}");
    }
}
