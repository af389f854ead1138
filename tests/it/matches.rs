//! Matches of a listing with the user's alerts and searches.

use serde_json::{Value, json};

use crate::support::{Http, Server};

/// A server with a publisher, and a user with an alert and a search for bikes.
async fn world() -> (Server, Http, Http) {
    let server = Server::start().await;
    let ada = server.http().with_token(&server.user_with_token("ada").await);
    let publisher = server.http().with_token(&server.token("publish", None).await);
    (server, ada, publisher)
}

fn listing(title: &str, price: impl Into<Value>) -> Value {
    json!({"title": title, "price": price.into(), "link": "https://shop.example/1", "source": "ksl"})
}

#[tokio::test]
async fn a_listing_names_what_found_it_and_why() {
    let (server, ada, publisher) = world().await;
    let alert = ada.post("/api/price-alerts", &json!({"keywords": "bike", "threshold_price": 100})).await.ok();
    let wants = json!({"name": "Red ones", "keywords": "red", "notify_new": false});
    let search = ada.post("/api/saved-searches", &wants).await.ok();
    let id = publisher.post("/api/listings", &listing("red bike", 90)).await.ok()["id"].clone();
    let path = format!("/api/listings/{id}/matches");
    let found = ada.get(&path).await.ok();
    let told_at = ada.get("/api/notifications").await.ok()["items"][0]["timestamp"].clone();
    let expected = json!({"items": [
        {"kind": "saved_search", "id": search["id"], "name": "Red ones", "keywords": "red", "price": 90, "price_per": null,
            "told_at": null, "ignored": false, "still_matches": true, "because": "\"red\" is in the title"},
        {"kind": "price_alert", "id": alert["id"], "name": null, "keywords": "bike", "price": 90, "price_per": null,
            "told_at": told_at, "ignored": false, "still_matches": true, "because": "\"bike\" is in the title"},
    ], "next_cursor": null});
    assert_eq!(found, expected);
    publisher.post("/api/listings", &listing("red bike", 120)).await.ok();
    let dearer = ada.get(&path).await.ok()["items"][1].clone();
    assert_eq!((&dearer["price"], &dearer["still_matches"]), (&json!(90), &json!(false)));
    assert_eq!(dearer["because"], "the price 120 USD is over 100 USD");
    let eve = server.http().with_token(&server.user_with_token("eve").await);
    assert_eq!(eve.get(&path).await.ok(), json!({"items": [], "next_cursor": null}));
    assert_eq!(ada.get("/api/listings/999/matches").await.refused(404), "not_found");
    assert_eq!(server.http().get(&path).await.refused(401), "unauthenticated");
    assert_eq!(publisher.get(&path).await.refused(403), "forbidden");
}

#[tokio::test]
async fn an_alert_that_ignores_a_listing_tells_of_it_no_more() {
    let (server, ada, publisher) = world().await;
    let wants = json!({"name": "Bikes", "keywords": "bike", "cadence": "instant"});
    let search = ada.post("/api/saved-searches", &wants).await.ok();
    let alert = ada.post("/api/price-alerts", &json!({"keywords": "bike", "threshold_price": 100})).await.ok();
    let id = publisher.post("/api/listings", &listing("bike", 90)).await.ok()["id"].clone();
    let by_alert = format!("/api/price-alerts/{}/ignored-listings/{id}", alert["id"]);
    let by_search = format!("/api/saved-searches/{}/ignored-listings/{id}", search["id"]);
    for path in [&by_alert, &by_alert, &by_search] {
        let ignored = ada.put(path, &Value::Null).await;
        assert_eq!((ignored.status, ignored.body), (204, json!("")));
    }
    for item in ada.get(&format!("/api/listings/{id}/matches")).await.ok()["items"].as_array().unwrap() {
        assert_eq!(item["ignored"], true);
    }
    let told = async || ada.get("/api/notifications").await.ok()["items"].as_array().unwrap().len();
    publisher.post("/api/listings", &listing("bike", 50)).await.ok();
    assert_eq!(told().await, 2, "of the first price");
    for path in [&by_alert, &by_alert, &by_search] {
        assert_eq!(ada.delete(path).await.status, 204);
    }
    publisher.post("/api/listings", &listing("bike", 40)).await.ok();
    assert_eq!(told().await, 3);
    let metric = "superbot_repaired_matches_total{worker=\"price-alerts\"}";
    assert_eq!(server.http().metric(metric).await, 0);

    let eve = server.http().with_token(&server.user_with_token("eve").await);
    let unknown = |kind: &str, query: &Value, listing: i64| format!("/api/{kind}/{query}/ignored-listings/{listing}");
    for path in [&by_alert, &by_search] {
        assert_eq!(eve.put(path, &Value::Null).await.refused(404), "not_found");
        assert_eq!(eve.delete(path).await.refused(404), "not_found");
        assert_eq!(server.http().put(path, &Value::Null).await.refused(401), "unauthenticated");
    }
    let number = id.as_i64().unwrap();
    for path in [
        unknown("price-alerts", &alert["id"], 999),
        unknown("saved-searches", &search["id"], 999),
        unknown("price-alerts", &search["id"], number),
        unknown("saved-searches", &alert["id"], number),
        unknown("price-alerts", &json!("x"), number),
    ] {
        assert_eq!(ada.put(&path, &Value::Null).await.refused(404), "not_found", "{path}");
        assert_eq!(ada.delete(&path).await.refused(404), "not_found", "{path}");
    }
}
