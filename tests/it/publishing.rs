//! Publishing over HTTP and the command line, as seen by connected clients.

use serde_json::{Value, json};

use crate::support::{Connect, Options, Server};

/// The sample of the previous program's guide, unchanged.
fn guide_sample() -> Value {
    json!({"id": 123, "title": "2002 Corvette Z06", "price": 28000, "link": "https://...", "source": "craigslist"})
}

#[tokio::test]
async fn a_published_listing_reaches_every_browser_once() {
    let server = Server::start().await;
    let token = server.user_with_token("ada").await;
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let (mut first, greeting) = Connect::to(&server.address).token(&token).greeted().await;
    let (mut second, _) = Connect::to(&server.address).query(&format!("token={token}")).greeted().await;
    assert_eq!(greeting["authenticated"], true);
    assert_eq!(greeting["username"], "ada");
    assert_eq!(greeting["recovered"], false);

    let created = publisher.post("/api/listings", &guide_sample()).await;
    assert_eq!(created.status, 201);
    let id = created.ok()["id"].clone();
    for socket in [&mut first, &mut second] {
        let event = socket.expect("new_listing").await;
        assert_eq!(event["id"], id);
        assert_eq!(event["title"], "2002 Corvette Z06");
        assert_eq!((&event["price"], &event["currency"]), (&json!(28000), &json!("USD")));
        assert_eq!((&event["source"], &event["link"]), (&json!("craigslist"), &json!("https://...")));
        assert!(event["seq"].as_u64().unwrap() > greeting["seq"].as_u64().unwrap());
        assert!(event["created_at"].as_str().unwrap().ends_with('Z'));
        assert!(event.get("image_url").is_some() && event.get("location").is_some());
    }
    let unchanged = publisher.post("/api/listings", &guide_sample()).await;
    assert_eq!(unchanged.status, 200);
    assert_eq!(unchanged.ok()["status"], "unchanged");
    first.quiet().await;

    let mut cheaper = guide_sample();
    cheaper["price"] = json!("$26,500 OBO");
    let updated = publisher.post("/api/listings", &cheaper).await.ok();
    assert_eq!(updated, json!({"status": "updated", "id": id, "price": 26500, "previous_price": 28000}));
    let event = first.expect("listing_updated").await;
    assert_eq!((&event["price"], &event["previous_price"]), (&json!(26500), &json!(28000)));
}

#[tokio::test]
async fn a_previous_price_in_another_currency_is_null() {
    let server = Server::start().await;
    let token = server.user_with_token("ada").await;
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let (mut socket, _) = Connect::to(&server.address).token(&token).greeted().await;
    let dollars =
        json!({"title": "Tent", "link": "https://a.example/1", "source": "ksl", "price": 100, "currency": "USD"});
    let mut euros = dollars.clone();
    (euros["price"], euros["currency"]) = (json!(90), json!("EUR"));
    let id = publisher.post("/api/listings", &dollars).await.ok()["id"].clone();
    socket.expect("new_listing").await;
    let updated = publisher.post("/api/listings", &euros).await.ok();
    assert_eq!(updated, json!({"status": "updated", "id": id, "price": 90, "previous_price": null}));
    let event = socket.expect("listing_updated").await;
    let read = server.http().with_token(&token).get(&format!("/api/listings/{id}")).await.ok();
    for listing in [event, read] {
        let shown = (&listing["price"], &listing["currency"], &listing["previous_price"]);
        assert_eq!(shown, (&json!(90), &json!("EUR"), &Value::Null));
    }
    let mut gift = dollars.clone();
    gift["price"] = json!(0);
    let updated = publisher.post("/api/listings", &gift).await.ok();
    assert_eq!(updated, json!({"status": "updated", "id": id, "price": 0, "previous_price": null}), "90 were euros");
    assert_eq!(socket.expect("listing_updated").await["previous_price"], Value::Null);
}

#[tokio::test]
async fn a_condition_and_an_id_of_the_publishers_own_are_in_events_and_answers() {
    let server = Server::start().await;
    let token = server.user_with_token("ada").await;
    let ada = server.http().with_token(&token);
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let (mut socket, _) = Connect::to(&server.address).token(&token).greeted().await;
    let posting = |path: &str, condition: Value| {
        let link = format!("https://example.org/{path}");
        json!({"title": "Kayak", "link": link, "source": "shop", "external_id": path, "condition": condition})
    };
    for (path, condition) in [("a", json!(null)), ("b", json!("like_new"))] {
        let created = publisher.post("/api/listings", &posting(path, condition.clone())).await.ok();
        let event = socket.expect("new_listing").await;
        let answer = ada.get(&format!("/api/listings/{}", created["id"])).await.ok();
        for listing in [&event, &answer] {
            assert_eq!((&listing["condition"], &listing["external_id"]), (&condition, &json!(path)), "{listing}");
        }
    }
    let updated = publisher.post("/api/listings", &posting("a", json!("parts"))).await.ok();
    assert_eq!(updated["status"], "updated");
    let event = socket.expect("listing_updated").await;
    assert_eq!((&event["condition"], &event["external_id"]), (&json!("parts"), &json!("a")));

    let lines = [posting("c", json!("fair")), posting("d", json!("mint"))].map(|line| line.to_string()).join("\n");
    let request =
        publisher.request(reqwest::Method::POST, "/api/listings").header("content-type", "application/x-ndjson");
    let answer = publisher.send(request.body(lines)).await;
    let results: Vec<Value> =
        answer.body.as_str().unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(results.iter().all(|result| result["status"] == "created"), "{results:?}");
    let warning = &results[1]["warnings"][0];
    assert_eq!(warning["field"], "condition");
    assert_eq!(
        warning["message"],
        "left out: \"mint\" is not a condition; give new, like_new, good, fair, parts, or null"
    );
    assert_eq!(socket.expect("new_listing").await["condition"], "fair");
}

#[tokio::test]
async fn an_array_is_answered_item_by_item() {
    let server = Server::start().await;
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let bad = json!({"title": "x", "link": "javascript:alert(1)", "source": "ksl"});
    let result = publisher.post("/api/listings", &json!([guide_sample(), bad, 7])).await.ok();
    assert_eq!((&result["created"], &result["rejected"]), (&json!(1), &json!(2)));
    assert_eq!(result["items"][1]["error"]["errors"][0]["field"], "link");
    let single = publisher.post("/api/listings", &bad).await;
    assert_eq!(single.refused(422), "invalid");
    assert_eq!(single.body["errors"][0]["field"], "link");
}

#[tokio::test]
async fn lines_are_answered_line_by_line_however_many() {
    let server = Server::start().await;
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let mut body = String::new();
    for n in 1..=2000 {
        match n {
            700 => body.push_str("{\"title\": \"broken"),
            900 => body.push_str("{\"title\": \"\", \"link\": \"https://a.example/\", \"source\": \"ksl\"}"),
            1000 => body.push_str(&"x".repeat(2 << 20)),
            _ => body.push_str(
                &json!({"title": "T", "link": format!("https://a.example/{n}"), "source": "ksl"}).to_string(),
            ),
        }
        body.push('\n');
    }
    let request =
        publisher.request(reqwest::Method::POST, "/api/listings").header("content-type", "application/x-ndjson");
    let answer = publisher.send(request.body(body)).await;
    assert_eq!(answer.status, 200);
    let results: Vec<Value> =
        answer.body.as_str().unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(results.len(), 2000);
    for (result, n) in results.iter().zip(1..) {
        assert_eq!(result["line"], n);
        let bad = [700, 900, 1000].contains(&n);
        assert_eq!(result["status"], if bad { "rejected" } else { "created" }, "{result}");
    }
    assert_eq!(results[899]["error"]["errors"][0]["field"], "title");
}

#[tokio::test]
async fn notifications_reach_their_user_alone_and_come_once() {
    let server = Server::start().await;
    let ada = server.user_with_token("ada").await;
    let eve = server.user_with_token("eve").await;
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let (mut desk, _) = Connect::to(&server.address).token(&ada).any_data().greeted().await;
    let (mut phone, _) = Connect::to(&server.address).token(&ada).any_data().greeted().await;
    let (mut other, _) = Connect::to(&server.address).token(&eve).greeted().await;
    let note = json!({"type": "price_alert", "data": {"message": "<b>hi</b>", "listing": guide_sample(), "n": 1.50}});
    let keyed =
        || publisher.request(reqwest::Method::POST, "/api/users/ADA/notifications").header("idempotency-key", "k1");
    let sent = publisher.send(keyed().json(&note)).await;
    assert_eq!(sent.status, 201);
    let again = publisher.send(keyed().json(&note)).await;
    assert_eq!(again.body, sent.body, "the same key is the same notification");
    let clash = publisher.send(keyed().json(&json!({"type": "custom", "data": {}}))).await;
    assert_eq!(clash.refused(409), "idempotency_mismatch");
    for socket in [&mut desk, &mut phone] {
        let event = socket.expect("notification").await;
        assert_eq!((&event["type"], &event["data"]), (&note["type"], &note["data"]));
        assert_eq!((&event["id"], &event["seq"]), (&sent.body["id"], &sent.body["seq"]));
        assert!(event["timestamp"].is_string());
        socket.quiet().await;
    }
    other.quiet().await;
    let answer = desk.call("notification_read", &json!({"ids": [sent.body["id"]]})).await;
    assert_eq!(answer, json!({"ok": true, "unread": 0}));
    let read = phone.expect("notification_read").await;
    assert_eq!((&read["ids"], &read["unread"]), (&json!([sent.body["id"]]), &json!(0)));
    let unknown = publisher.post("/api/users/nobody/notifications", &note).await;
    assert_eq!(unknown.refused(404), "not_found");
}

#[tokio::test]
async fn scraper_status_goes_to_its_subscribers() {
    let server = Server::start().await;
    let token = server.user_with_token("ada").await;
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let (mut socket, _) = Connect::to(&server.address).token(&token).greeted().await;
    let message = json!({"message": "Hello", "level": "info"});
    publisher.put("/api/scraper-status", &json!({"facebook": true})).await.ok();
    // A later event was received, so the status was published before and not sent here.
    publisher.post("/api/system-messages", &message).await.ok();
    socket.expect("system_message").await;
    let answer = socket.call("subscribe_scraper_status", &Value::Null).await;
    assert_eq!(answer["ok"], true);
    assert_eq!(socket.expect("subscribed").await, json!({"channel": "scraper_status"}));
    let snapshot = socket.expect("scraper_status_update").await;
    assert_eq!((&snapshot["facebook"], &snapshot["ksl"]), (&json!(true), &json!(false)));
    assert!(snapshot.get("seq").is_none());
    let merged = publisher.put("/api/scraper-status", &json!({"ksl": true, "my-shop": false})).await.ok();
    assert_eq!(merged, json!({"craigslist": false, "facebook": true, "ksl": true, "my-shop": false}));
    let update = socket.expect("scraper_status_update").await;
    assert_eq!((&update["ksl"], &update["my-shop"]), (&json!(true), &json!(false)));
    assert!(update["seq"].is_u64() && update["timestamp"].is_string());
    socket.call("unsubscribe_scraper_status", &Value::Null).await;
    socket.expect("unsubscribed").await;
    publisher.put("/api/scraper-status", &json!({"ksl": false})).await.ok();
    publisher.post("/api/system-messages", &message).await.ok();
    socket.expect("system_message").await;
    let reader = server.http().with_token(&token);
    assert_eq!(reader.get("/api/status").await.ok()["facebook"], true);
    let wrong = publisher.put("/api/scraper-status", &json!({"ksl": "yes"})).await;
    assert_eq!(wrong.body["errors"][0]["field"], "ksl");
}

#[tokio::test]
async fn everyone_hears_a_system_message_even_nobody() {
    let server = Server::start_with(Options::default().set("realtime.allow_anonymous", true)).await;
    let publisher = server.http().with_token(&server.token("admin", None).await);
    let (mut anonymous, greeting) = Connect::to(&server.address).greeted().await;
    assert_eq!((&greeting["authenticated"], &greeting["username"]), (&json!(false), &Value::Null));
    let message = json!({"message": "Maintenance in 10 minutes", "level": "warning"});
    publisher.post("/api/system-messages", &message).await.ok();
    let event = anonymous.expect("system_message").await;
    assert_eq!((&event["message"], &event["level"]), (&message["message"], &message["level"]));
    let answer = anonymous.call("subscribe_scraper_status", &Value::Null).await;
    assert_eq!((&answer["ok"], &answer["code"]), (&json!(false), &json!("forbidden")));
    let wrong = publisher.post("/api/system-messages", &json!({"message": "x", "level": "loud"})).await;
    assert_eq!(wrong.body["errors"][0]["field"], "level");
}

#[tokio::test]
async fn without_a_credential_nobody_connects() {
    let server = Server::start().await;
    for connect in [Connect::to(&server.address), Connect::to(&server.address).token("sbt_wrong")] {
        let refusal = connect.open().await.err().unwrap();
        assert_eq!(refusal, json!({"message": "authentication required", "data": {"code": "unauthenticated"}}));
    }
    // An invalid credential is rejected, never skipped in favour of another one.
    let token = server.user_with_token("ada").await;
    let both = Connect::to(&server.address).token("sbt_wrong").query(&format!("token={token}"));
    assert!(both.open().await.is_err());
}

#[tokio::test]
async fn the_command_line_publishes_too() {
    let server = Server::start().await;
    let token = server.user_with_token("ada").await;
    let publish = server.token("publish", None).await;
    let (mut socket, _) = Connect::to(&server.address).token(&token).greeted().await;
    let run = async |args: &[&str], stdin: &str| {
        let args: Vec<&str> = args.iter().copied().chain(["--token", &publish]).collect();
        server.run(&args, stdin).await
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let pretty = serde_json::to_string_pretty(&json!([guide_sample()])).unwrap();
    let published = run(&["publish", "listing", "-"], &pretty).await;
    assert_eq!(text(&published.stdout), "1 created, 0 updated, 0 unchanged, 0 rejected");
    socket.expect("new_listing").await;
    let lines = format!("{}\nnonsense\n", guide_sample());
    let mixed = run(&["publish", "listing", "-"], &lines).await;
    assert_eq!(mixed.status.code(), Some(1));
    assert!(text(&mixed.stderr).contains("line 2"), "{}", text(&mixed.stderr));
    run(&["publish", "notification", "ada", "custom", "--data", "{\"a\":1}"], "").await;
    assert_eq!(socket.expect("notification").await["data"], json!({"a": 1}));
    run(&["publish", "system-message", "Hello", "--level", "success"], "").await;
    assert_eq!(socket.expect("system_message").await["level"], "success");
    let status = run(&["publish", "scraper-status", "facebook=on", "ksl=off"], "").await;
    assert!(text(&status.stdout).contains("\"facebook\":true"));
    let wrong = run(&["publish", "scraper-status", "facebook=maybe"], "").await;
    assert_eq!(wrong.status.code(), Some(2));
    let connected = run(&["connected-users", "--json"], "").await;
    let connected: Value = serde_json::from_slice(&connected.stdout).unwrap();
    assert_eq!((&connected["count"], &connected["users"][0]["username"]), (&json!(1), &json!("ada")));
}
