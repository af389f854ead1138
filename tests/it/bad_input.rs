//! Invalid input is rejected with a helpful message, and does not affect other clients.

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Answer, Connect, Http, Received, Server, Socket, soon};

#[tokio::test]
async fn listings_without_a_valid_title_link_or_source_are_refused() {
    let scene = Scene::set().await;
    let long = "x".repeat(501);
    let wrong = [
        ("title", json!({"title": 7})),
        ("title", json!({"title": ""})),
        ("title", json!({"title": "   "})),
        ("title", json!({"title": long})),
        ("title", json!({"title": null})),
        ("link", json!({"link": "javascript:alert(1)"})),
        ("link", json!({"link": "ftp://example.org/"})),
        ("link", json!({"link": "/relative"})),
        ("link", json!({"link": ["https://example.org/"]})),
        ("link", json!({"link": format!("https://example.org/{}", "x".repeat(2048))})),
        ("source", json!({"source": "two words"})),
        ("source", json!({"source": 1})),
    ];
    for (field, change) in wrong {
        let mut listing = listing("https://example.org/1");
        listing.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = scene.publisher.post("/api/listings", &listing).await;
        assert_eq!(answer.refused(422), "invalid", "{change}");
        assert_eq!(fields(&answer), [field], "{change}");
    }
    let nothing = scene.publisher.post("/api/listings", &json!({})).await;
    assert_eq!(nothing.refused(422), "invalid");
    assert_eq!(fields(&nothing), ["title", "link", "source"], "all that is wrong is said at once");
    scene.bystander_is_well().await;
}

#[tokio::test]
async fn wrong_optional_fields_are_warnings_in_every_form_of_publishing() {
    let scene = Scene::set().await;
    let wrong = [
        ("price", json!(-1), "left out: -1 is not a price"),
        ("price", json!({}), "left out: {} (an object)"),
        ("price", json!(1e300), "left out: 1e+300 is not a price"),
        ("currency", json!("DOUBLOONS"), "left out: \"DOUBLOONS\" is not a currency"),
        ("currency", json!("€"), "read as EUR: "),
        ("price_per", json!("fortnight"), "left out, and with it the price"),
        ("description", json!("é".repeat(25_000)), "cut to 20000 characters: "),
        ("location", json!("é".repeat(201)), "cut to 200 characters: "),
        ("image_url", json!("data:image/png;base64,"), "left out: "),
        ("image_url", json!("//img.example.org/1.jpg"), "read as \"https://img.example.org/1.jpg\": "),
        ("external_id", json!(true), "left out: true (a boolean)"),
        ("id", json!([7]), "left out: [7] (an array)"),
        ("condition", json!("mint"), "left out: \"mint\" is not a condition"),
        ("created_at", json!("yesterday"), "left out: \"yesterday\" is not a time"),
        ("created_at", json!(1_760_005_800), "read as 2025-10-09T10:30:00Z: "),
    ];
    let posting = |form: &str, number: usize| {
        let mut posting = listing(&format!("https://example.org/{form}/{number}"));
        posting.as_object_mut().unwrap().insert(wrong[number].0.to_owned(), wrong[number].1.clone());
        posting
    };
    let check = |number: usize, result: &Value| {
        let (field, value, message) = &wrong[number];
        assert_eq!(result["status"], "created", "{field} {value}: {result}");
        let warnings = result["warnings"].as_array().unwrap();
        let warning = warnings.iter().find(|warning| warning["field"] == *field).unwrap();
        assert!(warning["message"].as_str().unwrap().starts_with(message), "{warning}");
    };
    for number in 0..wrong.len() {
        let answer = scene.publisher.post("/api/listings", &posting("one", number)).await;
        assert_eq!(answer.status, 201);
        check(number, &answer.body);
    }
    let array: Vec<Value> = (0..wrong.len()).map(|number| posting("array", number)).collect();
    let answer = scene.publisher.post("/api/listings", &json!(array)).await.ok();
    assert_eq!((&answer["created"], &answer["rejected"]), (&json!(wrong.len()), &json!(0)));
    answer["items"].as_array().unwrap().iter().enumerate().for_each(|(number, item)| check(number, item));
    let lines: Vec<String> = (0..wrong.len()).map(|number| posting("lines", number).to_string()).collect();
    let request = scene.publisher.request(Method::POST, "/api/listings").header("content-type", "application/x-ndjson");
    let answer = scene.publisher.send(request.body(lines.join("\n"))).await.ok();
    let results = answer.as_str().unwrap().lines().map(|line| serde_json::from_str(line).unwrap());
    assert_eq!(results.enumerate().map(|(number, result): (usize, Value)| check(number, &result)).count(), wrong.len());
    let valid = scene.publisher.post("/api/listings", &listing("https://example.org/valid")).await.ok();
    assert_eq!(valid.get("warnings"), None);
}

#[tokio::test]
async fn wrong_requests_are_refused() {
    let scene = Scene::set().await;
    let Scene { publisher, ann, nobody, .. } = &scene;
    let invalid = nobody.with_token("no such token");
    let notification = json!({"type": "custom", "data": {}});
    let message = json!({"message": "Hello", "level": "info"});
    let too_large = json!({"message": "x".repeat(2 << 20), "level": "info"});
    let cases = [
        (nobody, Method::POST, "/api/listings", listing("https://example.org/1"), 401, "unauthenticated"),
        (&invalid, Method::POST, "/api/listings", listing("https://example.org/1"), 401, "unauthenticated"),
        (ann, Method::POST, "/api/listings", listing("https://example.org/1"), 403, "forbidden"),
        (publisher, Method::GET, "/api/listings", Value::Null, 403, "forbidden"),
        (publisher, Method::GET, "/api/notifications", Value::Null, 403, "forbidden"),
        (publisher, Method::POST, "/api/tokens", json!({"name": "a", "scope": "admin"}), 403, "forbidden"),
        (ann, Method::GET, "/api/users", Value::Null, 403, "forbidden"),
        (ann, Method::POST, "/api/tokens", json!({"name": "a", "scope": "publish"}), 403, "forbidden"),
        (ann, Method::POST, "/api/tokens", json!({"name": "a", "scope": "all"}), 422, "invalid"),
        (ann, Method::GET, "/api/listings?limit=x", Value::Null, 400, "bad_request"),
        (ann, Method::GET, "/api/listings?cursor=x", Value::Null, 422, "invalid"),
        (ann, Method::GET, "/api/listings/999", Value::Null, 404, "not_found"),
        (ann, Method::GET, "/api/listings/first", Value::Null, 404, "not_found"),
        (ann, Method::GET, "/api/nothing", Value::Null, 404, "not_found"),
        (ann, Method::GET, "/api/listings?min_price=cheap", Value::Null, 400, "bad_request"),
        (ann, Method::POST, "/api/notifications/99999999999999999999/read", Value::Null, 404, "not_found"),
        (publisher, Method::POST, "/api/users/%00/notifications", notification.clone(), 404, "not_found"),
        (ann, Method::DELETE, "/api/listings", Value::Null, 405, "method_not_allowed"),
        (publisher, Method::POST, "/api/users/nobody/notifications", notification.clone(), 404, "not_found"),
        (publisher, Method::POST, "/api/users/ann/notifications", json!({"data": {}}), 422, "invalid"),
        (publisher, Method::POST, "/api/users/ann/notifications", json!({"type": 1, "data": {}}), 422, "invalid"),
        (publisher, Method::POST, "/api/users/ann/notifications", json!({"type": "a", "data": []}), 422, "invalid"),
        (publisher, Method::POST, "/api/users/ann/notifications", json!([]), 422, "invalid"),
        (publisher, Method::PUT, "/api/scraper-status", json!({"ksl": "on"}), 422, "invalid"),
        (publisher, Method::PUT, "/api/scraper-status", json!(true), 422, "invalid"),
        (publisher, Method::POST, "/api/system-messages", json!({"message": "", "level": "info"}), 422, "invalid"),
        (publisher, Method::POST, "/api/system-messages", json!({"message": "a", "level": "loud"}), 422, "invalid"),
        (publisher, Method::POST, "/api/system-messages", too_large.clone(), 413, "too_large"),
        // Rejected before the body is read, yet the client must receive the response.
        (nobody, Method::POST, "/api/system-messages", too_large, 401, "unauthenticated"),
        (ann, Method::POST, "/api/system-messages", message, 403, "forbidden"),
    ];
    for (who, method, path, body, status, code) in cases {
        let request = who.request(method.clone(), path);
        let request = if body.is_null() { request } else { request.json(&body) };
        assert_eq!(who.send(request).await.refused(status), code, "{method} {path}");
    }
    let deep = "[".repeat(100_000);
    let texts = ["", "{", "nonsense", "{\"title\": \"a\"} {}", "\u{0}", "[1,]", &deep];
    for body in texts.map(str::as_bytes).into_iter().chain([&b"{\"title\": \"\xff\"}"[..]]) {
        let request = publisher.request(Method::POST, "/api/listings").header("content-type", "application/json");
        assert_eq!(publisher.send(request.body(body.to_vec())).await.refused(400), "bad_request");
    }
    scene.bystander_is_well().await;
}

#[tokio::test]
async fn wrong_events_are_answered() {
    let scene = Scene::set().await;
    let (mut socket, _) = scene.connect().greeted().await;
    for (name, argument, code) in [
        ("no_such_event", json!({}), "unknown_event"),
        ("notification_read", json!(null), "bad_request"),
        ("notification_read", json!({"ids": "1"}), "bad_request"),
        ("notification_read", json!({"ids": [1.5]}), "bad_request"),
        ("notification_read", json!({"ids": vec![1; 100_000]}), "bad_request"),
    ] {
        let answer = socket.call(name, &argument).await;
        assert_eq!((&answer["ok"], &answer["code"]), (&json!(false), &json!(code)), "{name}");
        assert_eq!(socket.expect("error").await["code"], code, "{name}");
    }
    // Ids of other users or of nothing are not an error and change nothing.
    assert_eq!(socket.call("notification_read", &json!({"ids": [999]})).await, json!({"ok": true, "unread": 0}));
    scene.bystander_is_well().await;
}

#[tokio::test]
async fn too_many_events_are_refused_with_when_to_come_back() {
    let scene = Scene::set().await;
    let (mut socket, _) = scene.connect().greeted().await;
    for _ in 0..200 {
        socket.emit("ping", &Value::Null).await;
    }
    let complaint = socket.find("error").await;
    assert_eq!(complaint["code"], "rate_limited");
    assert!(complaint["retry_after_ms"].as_u64().unwrap() > 0, "{complaint}");
    scene.bystander_is_well().await;
}

#[tokio::test]
async fn packets_that_are_none_end_their_own_connection_only() {
    let scene = Scene::set().await;
    let too_large = format!("42[\"ping\",\"{}\"]", "x".repeat(1_000_001));
    let too_deep = format!("42[\"ping\",{}", "[".repeat(400_000));
    let wrong = ["9", "x", "49", "42", "42{}", "42[", "42[]", "42[1]", "42[\"ping\"", "451", "40{"];
    for packet in wrong.into_iter().chain([&*too_large, &too_deep]) {
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", scene.server.address);
        let (mut raw, _) = soon("a connection", connect_async(url)).await.unwrap();
        raw.send(Message::text(format!("40{}", json!({"token": scene.token})))).await.unwrap();
        // The server may close the connection while an oversized frame is still being sent.
        let _ = raw.send(Message::text(packet)).await;
        let shown: String = packet.chars().take(20).collect();
        soon(&format!("the end after {shown}"), async { while let Some(Ok(_)) = raw.next().await {} }).await;
    }
    scene.bystander_is_well().await;
}

#[tokio::test]
async fn polling_requests_that_are_wrong_are_refused() {
    let scene = Scene::set().await;
    let path = "/socket.io/?EIO=4&transport=polling";
    for wrong in ["/socket.io/", "/socket.io/?EIO=3&transport=polling", "/socket.io/?EIO=4&transport=pigeon"] {
        assert_eq!(scene.nobody.get(wrong).await.status, 400, "{wrong}");
    }
    assert_eq!(scene.nobody.get(&format!("{path}&sid=unknown")).await.status, 400);
    let foreign = scene.nobody.request(Method::GET, path).header("origin", "https://evil.example");
    assert_eq!(scene.nobody.send(foreign).await.status, 403);
    scene.bystander_is_well().await;
}

#[tokio::test]
async fn settings_that_are_wrong_stop_the_start() {
    let server = Server::start().await;
    let file = server.data_dir().join("wrong.toml");
    std::fs::write(&file, "[relatime]\nallow_anonymous = true\n[server]\nlisten = 5000\n").unwrap();
    for command in [&["config", "check"][..], &["serve"]] {
        let args = [&["--config", file.to_str().unwrap()], command].concat();
        let output = server.run(&args, "").await;
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{complaint}");
        assert!(complaint.contains("`relatime`") && complaint.contains("`realtime`"), "{complaint}");
        assert!(complaint.contains("`server.listen` is 5000"), "{complaint}");
    }
}

/// A server with a bystander who is connected throughout and must not be affected.
struct Scene {
    server: Server,
    token: String,
    nobody: Http,
    ann: Http,
    publisher: Http,
    bystander: Socket,
}

impl Scene {
    async fn set() -> Self {
        let server = Server::start().await;
        let token = server.user_with_token("ann").await;
        let nobody = server.http();
        let ann = nobody.with_token(&token);
        let publisher = nobody.with_token(&server.token("publish", None).await);
        let (bystander, _) = Connect::to(&server.address).token(&token).greeted().await;
        Self { server, token, nobody, ann, publisher, bystander }
    }

    fn connect(&self) -> Connect {
        Connect::to(&self.server.address).token(&self.token)
    }

    /// Checks that the bystander received nothing so far, and receives the next listing.
    async fn bystander_is_well(mut self) {
        self.publisher.post("/api/listings", &listing("https://example.org/well")).await.ok();
        match soon("the next listing", self.bystander.next()).await {
            Received::Event(name, heard) => {
                assert_eq!((name.as_str(), &heard["link"]), ("new_listing", &json!("https://example.org/well")));
            }
            other => panic!("{other:?}"),
        }
    }
}

fn listing(link: &str) -> Value {
    json!({"title": "A thing", "link": link, "source": "test", "price": 5})
}

/// Returns the invalid fields named in a response.
fn fields(answer: &Answer) -> Vec<&str> {
    answer.body["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect()
}
