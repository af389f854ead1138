//! The REST API: accounts, sessions, tokens, listings, notifications, operations.

use serde_json::{Value, json};

use crate::support::{Connect, Options, Received, Server};

fn listing(n: u32, price: impl Into<Value>) -> Value {
    let price = price.into();
    json!({"title": format!("Thing {n}"), "price": price, "link": format!("https://shop.example/{n}"), "source": "ksl"})
}

#[tokio::test]
async fn the_first_link_makes_the_admin_once() {
    let mut server = Server::start().await;
    let token = server.setup_token.clone().unwrap();
    let http = server.http();
    assert_eq!(http.get("/api/auth/options").await.ok(), json!({"registration": "closed", "setup_needed": true}));
    let set_up = |token: &str| json!({"token": token, "username": "ada", "password": "correct horse"});
    let wrong = http.post("/api/setup", &set_up("sbu_0000000000000000000000000000000000000000000")).await;
    assert_eq!(wrong.refused(403), "forbidden");
    let short = http.post("/api/setup", &json!({"token": token, "username": "ada", "password": "short"})).await;
    assert_eq!(short.refused(422), "invalid");
    assert_eq!(short.body["errors"][0]["field"], "password");
    let made = http.post("/api/setup", &set_up(&token)).await;
    let ada = http.with_cookie(&made.session_cookie().unwrap());
    assert_eq!(made.ok()["is_admin"], true);
    assert_eq!(ada.get("/api/auth/me").await.ok()["username"], "ada");
    assert_eq!(http.post("/api/setup", &set_up(&token)).await.refused(409), "already_set_up");
    server.terminate().await;
    server.restart().await;
    assert_eq!(server.setup_token, None, "there is an admin now");
    assert_eq!(ada.get("/api/auth/me").await.ok()["username"], "ada", "sessions survive");
}

#[tokio::test]
async fn sessions_end_when_they_are_ended() {
    let server = Server::start().await;
    server.add_user("ada", false).await;
    let http = server.http();
    let wrong = http.post("/api/auth/login", &json!({"username": "ada", "password": "wrong horse"})).await;
    assert_eq!(wrong.refused(401), "unauthenticated");
    let desk = http.signed_in("ada").await;
    let phone = http.signed_in("ada").await;
    let sessions = desk.get("/api/sessions").await.ok();
    assert_eq!(sessions["items"].as_array().unwrap().len(), 2);
    let other = sessions["items"].as_array().unwrap().iter().find(|s| s["current"] == false).unwrap();
    let (mut live, _) = Connect::to(&server.address).header("cookie", phone.cookie()).greeted().await;
    desk.delete(&format!("/api/sessions/{}", other["id"])).await.ok();
    assert!(live.ended().await.contains(&Received::Disconnected), "official clients will not reconnect");
    assert_eq!(phone.get("/api/auth/me").await.refused(401), "unauthenticated");
    assert_eq!(desk.delete("/api/sessions/999").await.refused(404), "not_found");
    assert_eq!(desk.post("/api/auth/logout", &Value::Null).await.status, 204);
    assert_eq!(desk.get("/api/auth/me").await.refused(401), "unauthenticated");
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let server = Server::start().await;
    server.add_user("ada", false).await;
    let desk = server.http().signed_in("ada").await;
    let phone = server.http().signed_in("ada").await;
    let change = |current: &str| json!({"current_password": current, "new_password": "battery staple"});
    let wrong = desk.post("/api/auth/password", &change("wrong horse")).await;
    assert_eq!(wrong.body["errors"][0]["field"], "current_password");
    assert_eq!(desk.post("/api/auth/password", &change("correct horse")).await.status, 204);
    desk.get("/api/auth/me").await.ok();
    assert_eq!(phone.get("/api/auth/me").await.refused(401), "unauthenticated");
}

#[tokio::test]
async fn only_failed_sign_ins_count_and_enough_of_them_are_refused() {
    let server = Server::start_with(Options::default().set("limits.login_attempts_per_minute", 3)).await;
    server.add_user("ada", false).await;
    for _ in 0..5 {
        server.http().signed_in("ada").await;
    }
    let wrong = json!({"username": "ada", "password": "wrong horse"});
    for _ in 0..3 {
        assert_eq!(server.http().post("/api/auth/login", &wrong).await.status, 401);
    }
    let right = json!({"username": "ada", "password": "correct horse"});
    let refused = server.http().post("/api/auth/login", &right).await;
    assert_eq!(refused.refused(429), "rate_limited");
    assert!(refused.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
}

#[tokio::test]
async fn tokens_do_what_their_scope_says_until_revoked() {
    let server = Server::start().await;
    server.add_user("root", true).await;
    server.add_user("ada", false).await;
    let root = server.http().signed_in("root").await;
    let ada = server.http().signed_in("ada").await;
    let make = |scope: &str| json!({"name": "mine", "scope": scope});
    for scope in ["publish", "admin"] {
        assert_eq!(ada.post("/api/tokens", &make(scope)).await.refused(403), "forbidden");
    }
    assert_eq!(ada.post("/api/tokens", &make("all")).await.body["errors"][0]["field"], "scope");
    let mine = ada.post("/api/tokens", &make("user")).await.ok();
    let as_ada = server.http().with_token(mine["token"].as_str().unwrap());
    assert_eq!(as_ada.get("/api/auth/me").await.ok()["username"], "ada");
    assert_eq!(as_ada.post("/api/listings", &listing(1, 5)).await.refused(403), "forbidden");
    let missing = root.post("/api/tokens", &make("publish")).await;
    assert_eq!((missing.refused(422), &missing.body["errors"][0]["field"]), ("invalid", &json!("current_password")));
    let with = |scope: &str, password: &str| json!({"name": "mine", "scope": scope, "current_password": password});
    let wrong = root.post("/api/tokens", &with("publish", "wrong horse")).await;
    assert_eq!((wrong.refused(422), &wrong.body["errors"][0]["field"]), ("invalid", &json!("current_password")));
    let publish = root.post("/api/tokens", &with("publish", "correct horse")).await.ok();
    let publisher = server.http().with_token(publish["token"].as_str().unwrap());
    assert_eq!(publisher.post("/api/listings", &listing(1, 5)).await.status, 201);
    assert_eq!(publisher.get("/api/listings").await.refused(403), "forbidden");
    let refusal = Connect::to(&server.address).token(publish["token"].as_str().unwrap()).open().await.err().unwrap();
    assert_eq!(refusal["data"]["code"], "forbidden");
    assert_eq!(ada.get("/api/tokens").await.ok()["items"].as_array().unwrap().len(), 1, "one's own only");
    assert_eq!(ada.delete(&format!("/api/tokens/{}", publish["id"])).await.refused(404), "not_found");
    root.delete(&format!("/api/tokens/{}", publish["id"])).await.ok();
    assert_eq!(publisher.post("/api/listings", &listing(2, 5)).await.refused(401), "unauthenticated");
}

#[tokio::test]
async fn registration_is_closed_unless_opened_or_invited_to() {
    let server = Server::start().await;
    let account = json!({"username": "eve", "password": "correct horse"});
    assert_eq!(server.http().post("/api/auth/register", &account).await.refused(403), "forbidden");

    let server = Server::start_with(Options::default().set("auth.registration", "invite")).await;
    server.add_user("root", true).await;
    let root = server.http().signed_in("root").await;
    assert_eq!(server.http().post("/api/auth/register", &account).await.body["errors"][0]["field"], "invite");
    let invite = root.post("/api/invites", &Value::Null).await.ok()["invite"].clone();
    let invited = |name: &str| json!({"username": name, "password": "correct horse", "invite": invite});
    assert_eq!(server.http().post("/api/auth/register", &invited("eve")).await.status, 201);
    let again = server.http().post("/api/auth/register", &invited("mallory")).await;
    assert_eq!(again.body["errors"][0]["field"], "invite", "an invitation is good once");

    let server = Server::start_with(Options::default().set("auth.registration", "open")).await;
    assert_eq!(server.http().post("/api/auth/register", &account).await.status, 201);
    assert_eq!(server.http().post("/api/auth/register", &account).await.refused(409), "name_taken");
}

#[tokio::test]
async fn admins_make_users_and_shut_them_out() {
    let server = Server::start().await;
    server.add_user("root", true).await;
    let root = server.http().signed_in("root").await;
    let ada = root.post("/api/users", &json!({"username": "ada", "password": "correct horse"})).await.ok();
    let as_ada = server.http().signed_in("ada").await;
    assert_eq!(as_ada.get("/api/users").await.refused(403), "forbidden");
    assert_eq!(as_ada.get("/api/admin/stats").await.refused(403), "forbidden");
    let (mut live, _) = Connect::to(&server.address).header("cookie", as_ada.cookie()).greeted().await;
    let path = format!("/api/users/{}", ada["id"]);
    assert_eq!(root.patch(&path, &json!({"disabled": true})).await.ok()["disabled"], true);
    assert!(live.ended().await.contains(&Received::Disconnected));
    assert_eq!(as_ada.get("/api/auth/me").await.refused(401), "unauthenticated");
    let publish = server.http().with_token(&server.token("publish", None).await);
    let told = publish.post("/api/users/ada/notifications", &json!({"type": "custom", "data": {}})).await;
    assert_eq!(told.refused(409), "user_disabled");
    root.patch(&path, &json!({"disabled": false})).await.ok();
    server.http().signed_in("ada").await;
    assert_eq!(root.get("/api/admin/stats").await.ok()["users"], 2);
}

#[tokio::test]
async fn a_session_makes_admins_and_their_reset_links_with_the_password_only() {
    let server = Server::start().await;
    server.add_user("root", true).await;
    let root = server.http().signed_in("root").await;
    let id = root.get("/api/auth/me").await.ok()["id"].clone();
    let reset = format!("/api/users/{id}/password-reset");
    let user = json!({"username": "eve", "password": "correct horse", "is_admin": true});
    let with = |body: &Value, password: &str| {
        let mut body = body.clone();
        body["current_password"] = password.into();
        body
    };
    for (path, body) in [("/api/users", &user), (reset.as_str(), &json!({}))] {
        let missing = root.post(path, body).await;
        assert_eq!(
            (missing.refused(422), &missing.body["errors"][0]["field"]),
            ("invalid", &json!("current_password"))
        );
        let wrong = root.post(path, &with(body, "wrong horse")).await;
        assert_eq!((wrong.refused(422), &wrong.body["errors"][0]["field"]), ("invalid", &json!("current_password")));
    }
    let empty = root.send(root.request(reqwest::Method::POST, &reset)).await;
    assert_eq!(empty.body["errors"][0]["field"], "current_password", "a body may be left out");
    let own = root.post("/api/tokens", &json!({"name": "mine", "scope": "user"})).await.ok();
    let program = server.http().with_token(own["token"].as_str().unwrap());
    let by_program = program.post("/api/users", &with(&user, "correct horse")).await;
    assert_eq!(by_program.refused(403), "forbidden", "a `user` token makes no admin");
    assert_eq!(program.post(&reset, &with(&json!({}), "correct horse")).await.refused(403), "forbidden");
    assert_eq!(root.get("/api/users").await.ok()["items"].as_array().unwrap().len(), 1, "no user was created");

    assert_eq!(root.post("/api/users", &with(&user, "correct horse")).await.ok()["is_admin"], true);
    assert_eq!(root.post(&reset, &with(&json!({}), "correct horse")).await.status, 201);
    let admin = server.http().with_token(&server.token("admin", None).await);
    let mallory = json!({"username": "mallory", "password": "correct horse", "is_admin": true});
    assert_eq!(admin.post("/api/users", &mallory).await.ok()["is_admin"], true, "an `admin` token has no password");
    assert_eq!(admin.post(&reset, &Value::Null).await.status, 201);
}

/// Returns the numbers of listings titled `Thing N`, in the order of the page.
fn things(page: &Value) -> Vec<i64> {
    let titles = page["items"].as_array().unwrap().iter().map(|listing| listing["title"].as_str().unwrap());
    titles.map(|title| title.strip_prefix("Thing ").unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn listings_are_sorted_and_counted() {
    let server = Server::start().await;
    let reader = server.http().with_token(&server.user_with_token("ada").await);
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let posting = |n: i64, price: Value, source: &str| {
        let link = format!("https://example.com/{n}");
        let posted = format!("2026-01-0{}T00:00:00Z", 9 - n);
        json!({"title": format!("Thing {n}"), "link": link, "source": source, "price": price, "created_at": posted})
    };
    let batch = json!([
        posting(1, json!(300), "ksl"),
        posting(2, json!(null), "ksl"),
        posting(3, json!(100), "craigslist"),
        posting(4, json!(200), "test"),
    ]);
    publisher.post("/api/listings", &batch).await.ok();
    let cheaper =
        json!([posting(1, json!(270), "ksl"), posting(3, json!(50), "craigslist"), posting(4, json!(250), "test")]);
    publisher.post("/api/listings", &cheaper).await.ok();
    for (query, expected) in [
        ("sort=found", vec![4, 3, 2, 1]),
        ("sort=posted", vec![1, 2, 3, 4]),
        ("sort=price_asc", vec![3, 4, 1]),
        ("sort=price_desc", vec![1, 4, 3]),
        ("sort=drop", vec![3, 1]),
        ("source=ksl&source=test", vec![4, 2, 1]),
        ("source=ksl,test", vec![4, 2, 1]),
        ("source=ksl&sort=price_asc&q=thing", vec![1]),
    ] {
        let page = reader.get(&format!("/api/listings?{query}&count=true")).await.ok();
        assert_eq!((things(&page), &page["count"]), (expected.clone(), &json!(expected.len())), "{query}");
        assert_eq!(page.get("count_at_least"), None);
        let first = reader.get(&format!("/api/listings?{query}&limit=1")).await.ok();
        assert_eq!(first.get("count"), None);
        if let Some(cursor) = first["next_cursor"].as_str() {
            let rest = reader.get(&format!("/api/listings?{query}&cursor={cursor}")).await.ok();
            assert_eq!(things(&rest), expected[1..], "{query}");
            let sort = if query.contains("price_asc") { "drop" } else { "price_asc" };
            let other = reader.get(&format!("/api/listings?sort={sort}&cursor={cursor}")).await;
            assert_eq!(other.refused(422), "invalid");
            assert_eq!(other.body["errors"][0]["field"], "cursor", "{query}");
        }
    }
    let many = (0..51).map(|n| format!("source=s{n}")).collect::<Vec<_>>().join("&");
    for (query, field) in [("sort=newest", "sort"), ("source=ksl,", "source"), (many.as_str(), "source")] {
        let refused = reader.get(&format!("/api/listings?{query}")).await;
        assert_eq!((refused.refused(422), &refused.body["errors"][0]["field"]), ("invalid", &json!(field)), "{query}");
    }
    assert_eq!(reader.get("/api/listings?count=perhaps").await.refused(400), "bad_request");
    assert_eq!(reader.get("/api/listings?limit=1&limit=2").await.refused(400), "bad_request");
}

#[tokio::test]
async fn listings_are_found_by_what_they_are() {
    let server = Server::start().await;
    let reader = server.http().with_token(&server.user_with_token("ada").await);
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let batch: Vec<Value> = (1..=5).map(|n| listing(n, n * 100)).collect();
    let result = publisher.post("/api/listings", &json!(batch)).await.ok();
    assert_eq!(result["created"], 5);
    let titles = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|l| l["title"].as_str().unwrap().to_owned()).collect()
    };
    let first = reader.get("/api/listings?limit=2").await.ok();
    assert_eq!(titles(&first), ["Thing 5", "Thing 4"]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = reader.get(&format!("/api/listings?limit=2&cursor={cursor}")).await.ok();
    assert_eq!(titles(&second), ["Thing 3", "Thing 2"]);
    assert_eq!(titles(&reader.get("/api/listings?q=thing+4").await.ok()), ["Thing 4"]);
    assert_eq!(titles(&reader.get("/api/listings?min_price=200&max_price=300").await.ok()), ["Thing 3", "Thing 2"]);
    assert_eq!(titles(&reader.get("/api/listings?source=craigslist").await.ok()), Vec::<String>::new());
    for (query, field) in
        [("limit=0", "limit"), ("cursor=x", "cursor"), ("since=today", "since"), ("min_price=-1", "min_price")]
    {
        let refused = reader.get(&format!("/api/listings?{query}")).await;
        assert_eq!(refused.refused(422), "invalid", "{query}");
        assert_eq!(refused.body["errors"][0]["field"], field);
    }
    assert_eq!(reader.get("/api/listings?colour=red").await.refused(400), "bad_request");
    let id = first["items"][0]["id"].as_i64().unwrap();
    assert_eq!(publisher.post("/api/listings", &listing(5, "$450 OBO")).await.ok()["status"], "updated");
    let found = reader.get(&format!("/api/listings/{id}")).await.ok();
    assert_eq!((&found["price"], &found["previous_price"]), (&json!(450), &json!(500)));
    let history = reader.get(&format!("/api/listings/{id}/price-history")).await.ok();
    let prices: Vec<&Value> = history["items"].as_array().unwrap().iter().map(|point| &point["price"]).collect();
    assert_eq!(prices, [&json!(500), &json!(450)]);
    assert_eq!(reader.get("/api/listings/999").await.refused(404), "not_found");
    assert_eq!(reader.get("/api/listings/999/price-history").await.refused(404), "not_found");
}

#[tokio::test]
async fn notifications_wait_and_are_read_once() {
    let server = Server::start().await;
    let ada = server.http().with_token(&server.user_with_token("ada").await);
    let eve = server.http().with_token(&server.user_with_token("eve").await);
    let publisher = server.http().with_token(&server.token("publish", None).await);
    for n in 0..3 {
        let note = json!({"type": "custom", "data": {"n": n}});
        assert_eq!(publisher.post("/api/users/ada/notifications", &note).await.status, 201);
    }
    let page = ada.get("/api/notifications?limit=2").await.ok();
    assert_eq!(page["items"][0]["data"], json!({"n": 2}));
    let rest = ada.get(&format!("/api/notifications?cursor={}", page["next_cursor"].as_str().unwrap())).await.ok();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    let id = page["items"][0]["id"].clone();
    assert_eq!(eve.post(&format!("/api/notifications/{id}/read"), &Value::Null).await.refused(404), "not_found");
    let read = ada.post(&format!("/api/notifications/{id}/read"), &Value::Null).await.ok();
    assert_eq!(read, json!({"ids": [id], "unread": 2}));
    let again = ada.post(&format!("/api/notifications/{id}/read"), &Value::Null).await.ok();
    assert_eq!(again, json!({"ids": [], "unread": 2}));
    assert_eq!(ada.get("/api/notifications?unread=true").await.ok()["items"].as_array().unwrap().len(), 2);
    assert_eq!(ada.post("/api/notifications/read-all", &Value::Null).await.ok()["unread"], 0);
    assert_eq!(ada.get("/api/notifications/unread-count").await.ok(), json!({"unread": 0}));
}

#[tokio::test]
async fn preferences_are_merged_and_ones_own() {
    let server = Server::start().await;
    let ada = server.http().with_token(&server.user_with_token("ada").await);
    let eve = server.http().with_token(&server.user_with_token("eve").await);
    assert_eq!(ada.get("/api/preferences").await.ok(), json!({}));
    ada.patch("/api/preferences", &json!({"theme": "dark", "sound": true})).await.ok();
    assert_eq!(ada.patch("/api/preferences", &json!({"sound": null})).await.ok(), json!({"theme": "dark"}));
    assert_eq!(eve.get("/api/preferences").await.ok(), json!({}));
}

#[tokio::test]
async fn pages_of_other_sites_cannot_act_for_their_visitors() {
    let server = Server::start().await;
    server.add_user("ada", false).await;
    let ada = server.http().signed_in("ada").await;
    let from =
        |site: &str| ada.request(reqwest::Method::POST, "/api/notifications/read-all").header("sec-fetch-site", site);
    assert_eq!(ada.send(from("cross-site")).await.refused(403), "forbidden");
    assert_eq!(ada.send(from("same-origin")).await.status, 200);
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_not_there() {
    let server = Server::start().await;
    assert_eq!(server.http().get("/api/nothing").await.refused(404), "not_found");
    assert_eq!(server.http().delete("/api/auth/me").await.refused(405), "method_not_allowed");
    assert_eq!(server.http().get("/api/auth/me").await.refused(401), "unauthenticated");
    let odd = server.http().request(reqwest::Method::GET, "/api/auth/me").header("authorization", "Basic abc");
    assert_eq!(server.http().send(odd).await.refused(401), "unauthenticated");
}

#[tokio::test]
async fn operators_can_look_in() {
    let server = Server::start().await;
    let http = server.http();
    assert_eq!(http.get("/healthz").await.status, 200);
    assert_eq!(http.get("/readyz").await.ok()["ready"], true);
    let metrics = http.get("/metrics").await;
    let text = metrics.body.as_str().unwrap();
    for name in [
        "superbot_queue_bytes",
        "superbot_slow_client_cut_offs_total",
        "superbot_ingest_seconds_bucket",
        "superbot_delivery_seconds_bucket",
    ] {
        assert!(text.contains(name), "{name} is missing in\n{text}");
    }
    let document = http.get("/api/openapi.json").await.ok();
    for path in ["/api/listings", "/api/auth/login", "/api/events", "/api/notifications/{id}/read", "/api/status"] {
        assert!(document["paths"][path].is_object(), "{path} is not described");
    }
}
