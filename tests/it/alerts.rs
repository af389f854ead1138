//! Price alerts and saved searches, from creation to notification.

use serde_json::{Value, json};

use superbot_test_postgres::TestPostgres;

use crate::support::{Connect, Http, Options, Server, eventually};

pub fn listing(n: u32, title: &str, price: impl Into<Value>) -> Value {
    json!({"title": title, "price": price.into(), "link": format!("https://shop.example/{n}"), "source": "ksl"})
}

/// Returns all of the user's notifications.
pub async fn inbox(http: &Http) -> Vec<Value> {
    let mut told = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = http.get(&format!("/api/notifications?limit=200{cursor}")).await.ok();
        told.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else { return told };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn a_match_reaches_its_owner_and_nobody_else() {
    let server = Server::start().await;
    let ada = server.user_with_token("ada").await;
    let bob = server.user_with_token("bob").await;
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let http = server.http().with_token(&ada);
    let wants = json!({"keywords": "F-150 -parts", "threshold_price": 9000, "alert_type": "under"});
    let alert = http.post("/api/price-alerts", &wants).await;
    assert_eq!(alert.status, 201);
    let (mut hers, _) = Connect::to(&server.address).token(&ada).greeted().await;
    let (mut his, _) = Connect::to(&server.address).token(&bob).greeted().await;
    publisher.post("/api/listings", &listing(1, "Ford F150", "$8,000 OBO")).await.ok();
    let told = hers.expect("notification").await;
    assert_eq!((&told["type"], &told["data"]["alert_id"]), (&json!("price_alert"), &alert.body["id"]));
    let mut new = hers.expect("new_listing").await;
    assert!(told["seq"].as_u64() < new["seq"].as_u64());
    new.as_object_mut().unwrap().remove("seq");
    assert_eq!(told["data"]["listing"], new);
    his.expect("new_listing").await;
    publisher.post("/api/listings", &listing(2, "F150 parts", 10)).await.ok();
    hers.expect("new_listing").await;
    let inbox = http.get("/api/notifications").await.ok();
    assert_eq!(inbox["items"].as_array().unwrap().len(), 1);
    assert_eq!(inbox["items"][0]["id"], told["id"]);
}

#[tokio::test]
async fn what_waits_survives_a_kill_and_is_told_once() {
    let mut server = Server::start().await;
    let ada = server.user_with_token("ada").await;
    let publisher = server.token("publish", None).await;
    let http = server.http().with_token(&ada);
    http.post("/api/price-alerts", &json!({"keywords": "bike", "threshold_price": 100})).await.ok();
    server.http().with_token(&publisher).post("/api/listings", &listing(1, "bike", 50)).await.ok();
    server.kill().await;
    server.restart().await;
    let publisher = server.http().with_token(&publisher);
    publisher.post("/api/listings", &listing(1, "bike", 50)).await.ok();
    publisher.post("/api/listings", &listing(2, "bike", 60)).await.ok();
    let inbox = server.http().with_token(&ada).get("/api/notifications").await.ok();
    let prices: Vec<_> =
        inbox["items"].as_array().unwrap().iter().map(|told| &told["data"]["listing"]["price"]).collect();
    assert_eq!(prices, [60, 50]);
}

#[tokio::test]
async fn alerts_are_edited_paused_and_deleted() {
    let server = Server::start().await;
    let http = server.http().with_token(&server.user_with_token("ada").await);
    let alert = http.post("/api/price-alerts", &json!({"keywords": "bike", "threshold_price": 99.5})).await.ok();
    let path = format!("/api/price-alerts/{}", alert["id"]);
    assert_eq!(
        (&alert["alert_type"], &alert["active"], &alert["currency"]),
        (&json!("under"), &json!(true), &json!("USD"))
    );
    let patched = http.patch(&path, &json!({"threshold_price": 50, "sources": ["ksl"]})).await.ok();
    assert_eq!((&patched["keywords"], &patched["threshold_price"]), (&json!("bike"), &json!(50)));
    assert_eq!(http.post(&format!("{path}/toggle"), &json!({})).await.ok()["active"], false);
    assert_eq!(http.get("/api/price-alerts").await.ok()["items"][0]["active"], false);
    let wrong = http.patch(&path, &json!({"keywords": "bike \"for parts", "cooldown": 5})).await;
    assert_eq!((wrong.refused(422), &wrong.body["errors"][0]["field"]), ("invalid", &json!("cooldown")));
    let wrong = http.patch(&path, &json!({"keywords": "bike \"for parts"})).await;
    assert_eq!(wrong.refused(422), "invalid");
    assert_eq!(wrong.body["errors"][0]["field"], "keywords");
    assert_eq!(wrong.body["errors"][0]["position"], 5, "{}", wrong.body);
    let other = server.http().with_token(&server.user_with_token("bob").await);
    assert_eq!(other.get(&path).await.refused(404), "not_found");
    assert_eq!(other.delete(&path).await.refused(404), "not_found");
    assert_eq!(http.delete(&path).await.status, 204);
    assert_eq!(http.get(&path).await.refused(404), "not_found");
    assert_eq!(server.http().get("/api/price-alerts").await.refused(401), "unauthenticated");
}

#[tokio::test]
async fn searches_are_saved_edited_and_deleted() {
    let server = Server::start().await;
    let http = server.http().with_token(&server.user_with_token("ada").await);
    let wants = json!({"name": "Bikes", "keywords": "bike", "max_price": 500, "radius": 10});
    let refused = http.post("/api/saved-searches", &wants).await;
    assert_eq!((refused.refused(422), &refused.body["errors"][0]["field"]), ("invalid", &json!("radius")));
    let search =
        http.post("/api/saved-searches", &json!({"name": "Bikes", "keywords": "bike", "max_price": 500})).await;
    assert_eq!((search.status, &search.body["cadence"]), (201, &json!("15m")));
    let path = format!("/api/saved-searches/{}", search.body["id"]);
    assert_eq!(http.patch(&path, &json!({"cadence": "daily"})).await.ok()["max_price"], 500);
    assert_eq!(http.get(&path).await.ok()["cadence"], "daily");
    assert_eq!(http.get("/api/saved-searches").await.ok()["items"].as_array().unwrap().len(), 1);
    assert_eq!(http.delete(&path).await.status, 204);
    assert_eq!(http.get(&path).await.refused(404), "not_found");
}

/// Both kinds are paused and resumed by `PATCH`, which changes only the given fields.
#[tokio::test]
async fn patch_pauses_and_resumes() {
    for options in [Options::default(), Options::on_postgres(TestPostgres::shared())] {
        let server = Server::start_with(options).await;
        let ada = server.http().with_token(&server.user_with_token("ada").await);
        let bob = server.http().with_token(&server.user_with_token("bob").await);
        let publisher = server.http().with_token(&server.token("publish", None).await);
        let mut posted = 0;
        for (kind, wants) in [
            ("price-alerts", json!({"keywords": "bike", "threshold_price": 100})),
            ("saved-searches", json!({"name": "Bikes", "keywords": "bike", "cadence": "instant"})),
        ] {
            let mut with_active = wants.clone();
            with_active["active"] = false.into();
            let refused = ada.post(&format!("/api/{kind}"), &with_active).await;
            assert_eq!((refused.refused(422), &refused.body["errors"][0]["field"]), ("invalid", &json!("active")));
            let saved = ada.post(&format!("/api/{kind}"), &wants).await.ok();
            let path = format!("/api/{kind}/{}", saved["id"]);
            assert_eq!(bob.patch(&path, &json!({"active": false})).await.refused(404), "not_found");
            assert_eq!(ada.patch(&path, &json!({"active": "no"})).await.refused(422), "invalid");
            assert_eq!(ada.get(&path).await.ok(), saved, "neither did anything");
            assert_eq!(ada.patch(&path, &json!({"active": true})).await.ok(), saved, "it is active already");
            let paused = ada.patch(&path, &json!({"active": false})).await.ok();
            assert_eq!((&paused["active"], &paused["keywords"]), (&json!(false), &json!("bike")));
            assert_eq!(ada.patch(&path, &json!({"active": false})).await.ok(), paused);
            let count = inbox(&ada).await.len();
            publisher.post("/api/listings", &listing(posted, "bike", 50)).await.ok();
            assert_eq!(ada.patch(&path, &json!({"active": true})).await.ok()["active"], true);
            assert_eq!(inbox(&ada).await.len(), count, "matches while paused are not notified");
            publisher.post("/api/listings", &listing(posted + 1, "bike", 60)).await.ok();
            let told = inbox(&ada).await;
            assert_eq!(told.len(), count + 1);
            let edited = ada.patch(&path, &json!({"active": false, "keywords": "kayak"})).await.ok();
            assert_eq!((&edited["active"], &edited["keywords"]), (&json!(false), &json!("kayak")));
            posted += 2;
        }
    }
}

/// Fields that are not given keep their values, whatever the server's default currency is.
#[tokio::test]
async fn patch_keeps_what_it_does_not_give() {
    let server = Server::start().await;
    let http = server.http().with_token(&server.user_with_token("ada").await);
    let wants = json!({"keywords": "bike", "threshold_price": 24.99, "currency": "EUR", "cooldown_minutes": 60});
    let saved = http.post("/api/price-alerts", &wants).await.ok();
    let path = format!("/api/price-alerts/{}", saved["id"]);
    let edited = http.patch(&path, &json!({"alert_type": "over"})).await.ok();
    for field in ["keywords", "threshold_price", "currency", "cooldown_minutes", "created_at"] {
        assert_eq!(edited[field], saved[field], "{field}");
    }
    assert_eq!(edited["alert_type"], "over");
    let edited = http.patch(&path, &json!({"currency": "GBP", "cooldown_minutes": null})).await.ok();
    assert_eq!(
        (&edited["currency"], &edited["threshold_price"], &edited["cooldown_minutes"]),
        (&json!("GBP"), &json!(24.99), &json!(0))
    );
}

#[tokio::test]
async fn workers_of_their_own_reach_a_connected_browser() {
    for options in [Options::default(), Options::on_postgres(TestPostgres::shared())] {
        workers_reach_a_browser(options).await;
    }
}

async fn workers_reach_a_browser(options: Options) {
    let server = Server::start_with(options.arg("--no-workers")).await;
    let ada = server.user_with_token("ada").await;
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let http = server.http().with_token(&ada);
    http.post("/api/saved-searches", &json!({"name": "Bikes", "keywords": "bike"})).await.ok();
    let (mut socket, _) = Connect::to(&server.address).token(&ada).greeted().await;
    for n in 0..3 {
        publisher.post("/api/listings", &listing(n, "bike", n + 1)).await.ok();
        socket.expect("new_listing").await;
    }
    // Two workers of one kind must not notify twice.
    let _workers = [server.worker("saved-searches"), server.worker("saved-searches"), server.worker("price-alerts")];
    let told = socket.expect("notification").await;
    assert_eq!((&told["type"], &told["data"]["results_count"]), (&json!("saved_search"), &json!(3)));
    let prices: Vec<_> = told["data"]["listings"].as_array().unwrap().iter().map(|found| &found["price"]).collect();
    assert_eq!(prices, [3, 2, 1]);
    let last_told = eventually("the time of the last notification", || async {
        let searches = http.get("/api/saved-searches").await.ok();
        searches["items"][0]["last_told_at"].as_str().map(str::to_owned)
    });
    assert!(last_told.await.ends_with('Z'));
    socket.quiet().await;
    assert_eq!(http.get("/api/notifications/unread-count").await.ok()["unread"], 1);
}

#[tokio::test]
async fn previews_say_what_would_be_found() {
    let server = Server::start().await;
    let http = server.http().with_token(&server.user_with_token("ada").await);
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let listings = [("Ford F150", json!(8000)), ("F150 parts", json!(50)), ("F-150", json!(9500)), ("bike", json!(20))];
    for (n, (title, price)) in (0..).zip(listings) {
        publisher.post("/api/listings", &listing(n, title, price)).await.ok();
    }
    let wants = json!({"keywords": "F-150 -parts", "threshold_price": 9000});
    let preview = http.post("/api/price-alerts/preview", &wants).await.ok();
    assert_eq!((&preview["count"], &preview["per_week"]), (&json!(1), &json!(7.0)));
    assert_eq!(preview["sample"][0]["title"], "Ford F150");
    let because: Vec<_> =
        preview["near_misses"].as_array().unwrap().iter().map(|miss| miss["because"].as_str().unwrap()).collect();
    assert_eq!(because, ["the price 9500 USD is over 9000 USD", "excluded: \"parts\" is in the title"]);
    let wants = json!({"name": null, "keywords": "f150, bike", "max_price": 100});
    let preview = http.post("/api/saved-searches/preview", &wants).await.ok();
    assert_eq!(preview["count"], 2);
    let mut named = wants.clone();
    named["name"] = "Things".into();
    let search = http.post("/api/saved-searches", &named).await.ok();
    let path = format!("/api/saved-searches/{}/run", search["id"]);
    let mut found = http.post(&path, &json!({})).await.ok();
    // A day before each of them was asked for.
    assert!(found["since"].as_str() > preview["since"].as_str());
    found["since"] = preview["since"].clone();
    assert_eq!(found, preview);
    let refused = http.post("/api/price-alerts/preview", &json!({"keywords": "a (", "threshold_price": 1})).await;
    assert_eq!((refused.refused(422), &refused.body["errors"][0]["field"]), ("invalid", &json!("keywords")));
    assert_eq!(http.get("/api/listings?q=%22f150").await.refused(422), "invalid");
    let other = server.http().with_token(&server.user_with_token("bob").await);
    assert_eq!(other.post(&path, &json!({})).await.refused(404), "not_found");
    assert_eq!(server.http().post("/api/price-alerts/preview", &wants).await.refused(401), "unauthenticated");
}

/// Input is often invalid while it is being typed, so validating it is a successful request.
#[tokio::test]
async fn what_is_wrong_with_fields_can_be_asked() {
    let server = Server::start().await;
    let http = server.http().with_token(&server.user_with_token("ada").await);
    for (kind, wrong, right) in [
        (
            "price-alerts",
            json!({"keywords": "a (", "threshold_price": 1}),
            json!({"keywords": "a", "threshold_price": 1}),
        ),
        ("saved-searches", json!({"keywords": "a ("}), json!({"keywords": "a"})),
    ] {
        let path = format!("/api/{kind}/check");
        let verdict = http.post(&path, &wrong).await.ok();
        let preview = http.post(&format!("/api/{kind}/preview"), &wrong).await;
        assert_eq!(preview.refused(422), "invalid");
        assert_eq!(verdict["errors"], preview.body["errors"], "the verdict is what the refusal would be");
        assert_eq!(http.post(&path, &right).await.ok(), json!({"errors": [], "warnings": []}));
        let unread = http.post(&path, &json!({"keywords": 7})).await.ok();
        assert_eq!(unread["errors"][0]["field"], "keywords");
        assert_eq!(http.get(&format!("/api/{kind}")).await.ok()["items"], json!([]), "nothing was saved");
        assert_eq!(server.http().post(&path, &right).await.refused(401), "unauthenticated");
    }
}
