//! What admins see of a running server.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Http, Options, Server, eventually};

async fn with_admin(options: Options) -> (Server, Http) {
    let server = Server::start_with(options).await;
    server.add_user("root", true).await;
    let root = server.http().signed_in("root").await;
    (server, root)
}

/// The names of the workers, each of which must be well.
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
    server.superbot(&["user", "disable", "root"], "").await;
    server.superbot(&["user", "enable", "root"], "").await;
    let root = server.http().signed_in("root").await;
    eventually("the log is handed out", || async {
        let stats = root.get("/api/admin/stats").await.ok();
        assert!(stats["seq"].as_u64().unwrap() > 0);
        (stats["log_lag"] == 0).then_some(())
    })
    .await;
    let (_server, root) = with_admin(Options::default().arg("--no-workers")).await;
    let fewer = workers(&root).await;
    assert_eq!(fewer, ["housekeeping", "session-expiry", "the log's tail"]);
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
    let (open, used) = (&page["items"][0], &rest["items"][0]);
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
