//! The audit log, and the filters of docs/FAIL2BAN.md applied to actual log lines.

use std::net::IpAddr;

use regex::Regex;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Connect, Http, Options, Server, eventually};

const DOCUMENT: &str = include_str!("../../docs/FAIL2BAN.md");

/// The documented expressions for text and JSON logs, with fail2ban's `<ADDR>` expanded as fail2ban does.
fn filters() -> [Regex; 2] {
    let address = r"(?P<address>[0-9a-fA-F:.]+)";
    let lines = DOCUMENT.lines().filter_map(|line| line.strip_prefix("failregex = "));
    let filters = lines.map(|line| Regex::new(&line.replace("<ADDR>", address)).unwrap());
    filters.collect::<Vec<_>>().try_into().unwrap()
}

/// A server that trusts this machine as a proxy for client addresses.
async fn server(options: Options) -> Server {
    Server::start_with(options.set("web.trusted_proxies", "127.0.0.1").set("limits.login_attempts_per_minute", 0)).await
}

async fn sign_in(http: &Http, address: &str, name: &str, password: &str) -> u16 {
    let request = http.request(Method::POST, "/api/auth/login").header("x-forwarded-for", address);
    http.send(request.json(&json!({"username": name, "password": password}))).await.status
}

/// Returns the logged audit lines, once there are at least `count`.
async fn audited(server: &Server, count: usize) -> Vec<String> {
    let lines = || server.log().lines().filter(|line| line.contains("audit")).map(str::to_owned).collect::<Vec<_>>();
    eventually("audit lines", || async { Some(lines()).filter(|lines| lines.len() >= count) }).await
}

#[tokio::test]
async fn the_documented_filters_find_failures_and_nothing_else() {
    for (place, format) in ["text", "json"].into_iter().enumerate() {
        let server = server(Options::default().set("log.format", format)).await;
        server.add_user("ann", false).await;
        let http = server.http();
        let forged = "x\" address=6.6.6.6 \nWARN audit: event=\"sign_in_failed\" address=6.6.6.6 \u{1b}[2J";
        for (address, name) in [("203.0.113.7", "ann"), ("2001:db8::1", "nobody"), ("198.51.100.2", forged)] {
            assert_eq!(sign_in(&http, address, name, "wrong").await, 401);
        }
        assert_eq!(sign_in(&http, "192.0.2.1", "ann", "correct horse").await, 200);
        let lines = audited(&server, 4).await;
        let filter = &filters()[place];
        let found = lines.iter().filter_map(|line| Some(filter.captures(line)?["address"].parse::<IpAddr>().unwrap()));
        let expected: [IpAddr; 3] = ["203.0.113.7", "2001:db8::1", "198.51.100.2"].map(|text| text.parse().unwrap());
        assert_eq!(found.collect::<Vec<_>>(), expected, "{format}: {lines:#?}");
        let log = server.log();
        assert!(!log.contains('\u{1b}'), "no escape sequence reaches the log: {log:?}");
        // fail2ban removes the timestamp before it applies the filter; the journal adds the program's name.
        let line = lines.iter().find(|line| line.contains("203.0.113.7")).unwrap();
        let forms = if format == "text" {
            let (_, without_time) = line.split_once("Z ").unwrap();
            vec![
                format!(" {without_time}"),
                format!("host superbot[42]: {line}"),
                format!(" host superbot[42]: {line}"),
            ]
        } else {
            vec![line[line.find(",\"level\"").unwrap()..].to_owned()]
        };
        for form in forms {
            assert!(filter.is_match(&form), "{form:?}");
        }
    }
}

#[tokio::test]
async fn refusals_are_counted_and_name_each_network_once_a_second() {
    let server = server(Options::default().set("log.format", "json").set("limits.user_event_streams", 1)).await;
    let token = server.user_with_token("ann").await;
    let http = server.http();
    let get = async |path: &str, token: &str, address: &str| {
        let request = http.with_token(token).request(Method::GET, path).header("x-forwarded-for", address);
        http.send(request).await
    };
    for _ in 0..3 {
        for address in ["203.0.113.7", "198.51.100.2"] {
            assert_eq!(get("/api/auth/me", "sbt_wrong", address).await.refused(401), "unauthenticated");
        }
    }
    assert_eq!(get("/api/events", "sbt_wrong", "192.0.2.1").await.refused(401), "unauthenticated");
    assert!(Connect::to(&server.address).token("sbt_wrong").open().await.is_err());
    let ann = http.signed_in("ann").await;
    let forged = ann.request(Method::POST, "/api/notifications/read-all").header("sec-fetch-site", "cross-site");
    assert_eq!(http.send(forged).await.refused(403), "forbidden");
    let events = http.with_token(&token).request(Method::GET, "/api/events").header("x-forwarded-for", "192.0.2.9");
    let _open = http.try_open_stream(events.try_clone().unwrap()).await.unwrap().unwrap();
    assert_eq!(http.send(events).await.refused(429), "too_many_connections");

    let refused = async |reason| http.metric(&format!("superbot_refused_total{{reason=\"{reason}\"}}")).await;
    assert_eq!(refused("unauthenticated").await, 8);
    assert_eq!(refused("origin").await, 1);
    let log = server.log();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let lines: Vec<Value> = lines.filter(|line| line["event"] == "refused").collect();
    let of = |reason: &str, address: &str| {
        lines.iter().filter(|line| line["reason"] == reason && line["address"] == address).count()
    };
    for address in ["203.0.113.7", "198.51.100.2", "192.0.2.1"] {
        assert!(of("unauthenticated", address) >= 1, "{address}: {lines:#?}");
    }
    assert_eq!(of("user_event_streams", "192.0.2.9"), 1, "the client, not its proxy: {lines:#?}");
}

#[tokio::test]
async fn what_an_admin_removes_is_audited() {
    let server = server(Options::default().set("log.format", "json")).await;
    server.add_user("root", true).await;
    server.add_user("ann", false).await;
    let root = server.http().signed_in("root").await;
    let users = root.get("/api/users").await.ok();
    let ann = users["items"].as_array().unwrap().iter().find(|user| user["username"] == "ann").unwrap()["id"].clone();
    let posted = root
        .post(
            "/api/listings",
            &json!({"title": "Lamp", "price": 5, "link": "https://shop.example/1", "source": "test"}),
        )
        .await
        .ok();
    let listing = &posted["id"];
    for path in [format!("/api/users/{ann}"), format!("/api/listings/{listing}")] {
        assert_eq!(root.delete(&path).await.status, 204);
        root.delete(&path).await.refused(404);
    }
    let lines = audited(&server, 3).await;
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |event: &str| lines.iter().filter(|line| line["event"] == event).collect::<Vec<_>>();
    let fields = |line: &Value| ["actor", "address", "user", "id"].map(|name| line[name].clone());
    assert_eq!(of("user_removed").len(), 1, "a removal that was refused is none");
    assert_eq!(fields(of("user_removed")[0]), [json!("root"), json!("127.0.0.1"), json!("ann"), ann]);
    assert_eq!(of("listing_removed").len(), 1);
    assert_eq!(fields(of("listing_removed")[0]), [json!("root"), json!("127.0.0.1"), Value::Null, listing.clone()]);
}

#[tokio::test]
async fn the_first_use_of_a_token_is_one_line() {
    let server = server(Options::default()).await;
    let publisher = server.http().with_token(&server.token("publish", None).await);
    // The credential is looked up for the request head, and again for what is published.
    for number in 0..3 {
        let line = json!({"title": "Lamp", "link": format!("https://shop.example/{number}"), "source": "test"});
        let request = publisher.request(Method::POST, "/api/listings");
        let request = request.header("Content-Type", "application/x-ndjson").body(format!("{line}\n"));
        assert_eq!(publisher.send(request).await.status, 200);
    }
    let first_used = server.log().lines().filter(|line| line.contains("token_first_used")).count();
    assert_eq!(first_used, 1, "{}", server.log());
}

#[tokio::test]
async fn each_event_is_one_line() {
    let mut server = server(Options::default().set("log.format", "json").set("auth.registration", "invite")).await;
    let set_up = json!({"token": server.setup_token.take().unwrap(), "username": "root", "password": "correct horse"});
    let http = server.http();
    http.post("/api/setup", &json!({"token": "sbu_x", "username": "root", "password": "correct horse"}))
        .await
        .refused(403);
    let root = http.with_cookie(&http.post("/api/setup", &set_up).await.session_cookie().unwrap());
    let made = root.post("/api/users", &json!({"username": "ann", "password": "correct horse"})).await.ok();
    let ann = http.signed_in("ann").await;
    let token = ann.post("/api/tokens", &json!({"name": "phone\u{202e}", "scope": "user"})).await.ok();
    let program = http.with_token(token["token"].as_str().unwrap());
    for _ in 0..3 {
        program.get("/api/auth/me").await.ok();
    }
    program.delete(&format!("/api/tokens/{}", token["id"])).await;
    let change = |current: &str| json!({"current_password": current, "new_password": "battery staple"});
    ann.post("/api/auth/password", &change("wrong")).await.refused(422);
    ann.post("/api/auth/password", &change("correct horse")).await;
    let path = format!("/api/users/{}", made["id"]);
    root.patch(&path, &json!({"disabled": true})).await.ok();
    root.patch(&path, &json!({"disabled": false})).await.ok();
    let reset = root.post(&format!("{path}/password-reset"), &Value::Null).await.ok()["token"].clone();
    let chosen = http.post("/api/auth/reset", &json!({"token": reset, "password": "battery staple"})).await;
    http.with_cookie(&chosen.session_cookie().unwrap()).post("/api/auth/logout", &Value::Null).await;
    let invite = root.post("/api/invites", &Value::Null).await.ok();
    let withdrawn = root.post("/api/invites", &Value::Null).await.ok();
    root.delete(&format!("/api/invites/{}", withdrawn["id"])).await;
    let account = json!({"username": "bob", "password": "correct horse", "invite": invite["invite"]});
    assert_eq!(http.post("/api/auth/register", &account).await.status, 201);

    let expected = [
        "secret_rejected",
        "set_up",
        "sign_in_succeeded",
        "user_created",
        "sign_in_succeeded",
        "token_created",
        "token_first_used",
        "token_revoked",
        "password_check_failed",
        "password_changed",
        "user_disabled",
        "user_enabled",
        "reset_link_created",
        "reset_link_used",
        "session_revoked",
        "invite_created",
        "invite_created",
        "invite_revoked",
        "invite_used",
        "sign_in_succeeded",
    ];
    let lines = audited(&server, expected.len()).await;
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, expected);
    let line = |event: &str| lines.iter().find(|line| line["event"] == event).unwrap();
    let fields = |event: &str, names: &[&str]| names.iter().map(|name| line(event)[name].clone()).collect::<Vec<_>>();
    assert_eq!(fields("user_created", &["user", "actor", "address"]), ["ann", "root", "127.0.0.1"]);
    assert_eq!(fields("token_created", &["name", "scope", "actor"]), ["phone\u{fffd}", "user", "ann"]);
    assert_eq!(line("token_revoked")["actor_token"], token["id"]);
    assert_eq!(line("token_revoked")["id"], token["id"]);
    let log = server.log();
    for secret in ["correct horse", "battery staple", "sbt_", "sbs_", "sbi_", "sbr_"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
