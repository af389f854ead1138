//! Monitoring by admins.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Connect, Http, Options, Server, eventually};

async fn with_admin(options: Options) -> (Server, Http) {
    let server = Server::start_with(options).await;
    server.add_user("root", true).await;
    let root = server.http().signed_in("root").await;
    (server, root)
}

/// Returns the names of the workers, all of which must be healthy.
async fn workers(root: &Http) -> Vec<String> {
    let stats = root.get("/api/admin/stats").await.ok();
    let workers = stats["workers"].as_array().unwrap().iter();
    workers
        .map(|worker| {
            assert_eq!(worker["ok"], true, "{worker}");
            assert!(worker["last_seen_at"].as_str().unwrap().ends_with('Z'), "{worker}");
            worker["name"].as_str().unwrap().to_owned()
        })
        .collect()
}

#[tokio::test]
async fn an_admin_sees_which_workers_are_alive() {
    let (server, root) = with_admin(Options::default()).await;
    let all = workers(&root).await;
    for name in ["housekeeping", "price-alerts", "saved-searches", "the log's tail"] {
        assert!(all.iter().any(|worker| worker == name), "{name} is not among {all:?}");
    }
    server.add_user("bob", false).await;
    server.superbot(&["user", "disable", "bob"], "").await;
    eventually("the log is handed out", || async {
        let stats = root.get("/api/admin/stats").await.ok();
        assert!(stats["seq"].as_u64().unwrap() > 0);
        (stats["log_lag"] == 0).then_some(())
    })
    .await;
    let (_server, root) = with_admin(Options::default().arg("--no-workers")).await;
    let fewer = workers(&root).await;
    assert_eq!(fewer, ["housekeeping", "reindexing", "session-expiry", "the log's tail"]);
}

#[tokio::test]
async fn from_elsewhere_only_admins_see_the_metrics() {
    let (server, root) = with_admin(Options::default().set("web.trusted_proxies", "127.0.0.1")).await;
    server.add_user("ada", false).await;
    let ada = server.http().signed_in("ada").await;
    let from_elsewhere =
        async |http: &Http| http.send(http.request(Method::GET, "/metrics").header("x-forwarded-for", "9.9.9.9")).await;
    assert_eq!(from_elsewhere(&server.http()).await.refused(401), "unauthenticated");
    assert_eq!(from_elsewhere(&ada).await.refused(403), "forbidden");
    let token = server.http().with_token(&server.token("admin", None).await);
    for admin in [&root, &token] {
        let Value::String(text) = from_elsewhere(admin).await.ok() else { panic!("it is text") };
        assert!(text.contains("superbot_log_seq"), "{text}");
    }
    assert_eq!(server.http().get("/metrics").await.status, 200, "from this machine anybody");
    let rebound = server.http().request(Method::GET, "/metrics").header("host", "evil.example");
    assert_eq!(server.http().send(rebound).await.refused(401), "unauthenticated", "a name that was made to lead here");

    // Behind an unconfigured proxy, no client counts as local.
    let (server, _) = with_admin(Options::default()).await;
    assert_eq!(server.http().get("/metrics").await.status, 200);
    for name in ["x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via", "cf-connecting-ip"] {
        let request = server.http().request(Method::GET, "/metrics").header(name, "127.0.0.1");
        assert_eq!(server.http().send(request).await.refused(401), "unauthenticated", "{name}");
    }
}

#[tokio::test]
async fn a_metrics_token_reads_the_metrics_and_nothing_else() {
    let (server, root) = with_admin(Options::default()).await;
    let made = root
        .post("/api/tokens", &json!({"name": "prometheus", "scope": "metrics", "current_password": "correct horse"}))
        .await;
    assert_eq!((made.status, &made.body["scope"]), (201, &json!("metrics")));
    let by_rest = made.body["token"].as_str().unwrap();
    let by_command = server.token("metrics", None).await;
    let owned = server.token("metrics", Some("root")).await;
    for token in [by_rest, &by_command, &owned] {
        let prometheus = server.http().with_token(token);
        let request = prometheus.request(Method::GET, "/metrics").header("via", "1.1 proxy");
        assert_eq!(prometheus.send(request).await.status, 200);
        let message = json!({"message": "a", "level": "info"});
        for path in [
            "/api/listings",
            "/api/notifications",
            "/api/tokens",
            "/api/users",
            "/api/admin/stats",
            "/api/status",
            "/api/events",
        ] {
            assert_eq!(prometheus.get(path).await.refused(403), "forbidden", "{path}");
        }
        assert_eq!(prometheus.post("/api/system-messages", &message).await.refused(403), "forbidden");
        let made = prometheus.post("/api/tokens", &json!({"name": "a", "scope": "user"})).await;
        assert_eq!(made.refused(403), "forbidden");
        assert!(Connect::to(&server.address).token(token).open().await.is_err(), "nor does it listen");
    }
    server.add_user("ada", false).await;
    let ada = server.http().signed_in("ada").await;
    let refused = ada.post("/api/tokens", &json!({"name": "a", "scope": "metrics"})).await;
    assert_eq!(refused.refused(403), "forbidden");
}

#[tokio::test]
async fn metrics_come_in_the_format_that_is_asked_for() {
    let (server, root) = with_admin(Options::default()).await;
    let publisher = server.http().with_token(&server.token("publish", None).await);
    publisher.post("/api/listings", &json!({"title": "a", "link": "https://example.org/1", "source": "x"})).await.ok();
    root.get("/api/nothing").await.refused(404);
    let classic = server.http().get("/metrics").await;
    assert_eq!(classic.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = classic.body.as_str().unwrap();
    assert!(
        text.contains("# TYPE superbot_listings_total counter\nsuperbot_listings_total{status=\"created\"} 1\n"),
        "{text}"
    );
    assert!(!text.contains("# EOF"), "{text}");
    let described = |kind: &str, name: &str| text.contains(&format!("# {kind} {name} "));
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap();
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
        assert!(described("HELP", family) && described("TYPE", family), "{line}");
    }
    let request = server.http().request(Method::GET, "/metrics").header("accept", "application/openmetrics-text");
    let open = server.http().send(request).await;
    assert_eq!(open.headers["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = open.body.as_str().unwrap();
    assert!(text.contains("# TYPE superbot_listings counter\n") && text.ends_with("# EOF\n"), "{text}");
}

#[tokio::test]
async fn admins_list_invitations_and_take_them_back() {
    let (server, root) = with_admin(Options::default().set("auth.registration", "invite")).await;
    let [first, second] =
        [root.post("/api/invites", &Value::Null).await, root.post("/api/invites", &Value::Null).await];
    assert_eq!((first.status, second.status), (201, 201));
    let register = async |name: &str, invite: &Value| {
        let account = json!({"username": name, "password": "correct horse", "invite": invite});
        server.http().post("/api/auth/register", &account).await
    };
    assert_eq!(register("Eve", &first.body["invite"]).await.status, 201);
    let page = root.get("/api/invites?limit=1").await.ok();
    let rest = root.get(&format!("/api/invites?cursor={}", page["next_cursor"].as_str().unwrap())).await.ok();
    let open = &page["items"][0];
    let used = &rest["items"][0];
    assert_eq!(
        (&open["id"], &open["created_by"], &open["used_by"]),
        (&second.body["id"], &json!("root"), &Value::Null)
    );
    assert_eq!((&open["expires_at"], &open["used_at"]), (&second.body["expires_at"], &Value::Null));
    assert_eq!((&used["id"], &used["used_by"], &rest["next_cursor"]), (&first.body["id"], &json!("Eve"), &Value::Null));
    assert!(used["used_at"].as_str().unwrap().ends_with('Z'));
    for secret in [&first.body["invite"], &second.body["invite"]] {
        assert!(!format!("{page}{rest}").contains(secret.as_str().unwrap()), "a list holds no secrets");
    }
    let path = |invite: &Value| format!("/api/invites/{}", invite["id"]);
    assert_eq!(root.delete(&path(&first.body)).await.refused(404), "not_found", "it is used");
    assert_eq!(root.delete(&path(&second.body)).await.status, 204);
    assert_eq!(root.delete(&path(&second.body)).await.refused(404), "not_found");
    assert_eq!(register("mallory", &second.body["invite"]).await.refused(422), "invalid");
    let eve = server.http().signed_in("eve").await;
    assert_eq!(eve.get("/api/invites").await.refused(403), "forbidden");
    assert_eq!(eve.delete(&path(&first.body)).await.refused(403), "forbidden");
    assert_eq!(root.get("/api/invites?limit=0").await.refused(422), "invalid");
}
