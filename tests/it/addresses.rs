//! A store of an earlier version, whose listings are compared by their addresses in another way now.

use reqwest::redirect::Policy;
use serde_json::json;

use crate::import::sqlite;
use crate::support::{Server, eventually};

#[tokio::test]
async fn a_listing_that_turns_out_to_be_another_one_is_found_there() {
    let mut server = Server::start().await;
    let publisher_token = server.token("publish", None).await;
    let ada_token = server.user_with_token("ada").await;
    let publisher = server.http().with_token(&publisher_token);
    for n in [1, 2] {
        let listing = json!({"title": "Kayak", "price": 90, "link": format!("https://{n}.example/a"), "source": "ksl"});
        assert_eq!(publisher.post("/api/listings", &listing).await.status, 201);
    }
    server.terminate().await;
    sqlite(&server.data_dir().join("superbot.db"), include_str!("addresses/first_rules.sql")).await;
    server.restart().await;

    let ada = server.http().with_token(&ada_token);
    let mut direct = ada.clone();
    direct.client = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    let direct = &direct;
    let moved = eventually("the two to be one", || async {
        let answer = direct.get("/api/listings/2").await;
        (answer.status == 301).then_some(answer)
    });
    assert_eq!(moved.await.headers["location"], "/api/listings/1");
    let history = direct.get("/api/listings/2/price-history").await;
    assert_eq!(
        (history.status, &history.headers["location"]),
        (301, &"/api/listings/1/price-history".parse().unwrap())
    );
    assert_eq!(direct.get("/api/listings/3").await.refused(404), "not_found");

    // Clients that follow it, and those that know the other number still.
    assert_eq!(ada.get("/api/listings/2").await.ok(), ada.get("/api/listings/1").await.ok());
    assert_eq!(ada.get("/api/listings/2/price-history").await.ok()["items"].as_array().unwrap().len(), 2);
    let kept = ada.put("/api/favorites/2", &json!({"notes": "red"})).await;
    assert_eq!((kept.status, &kept.body["listing"]["id"]), (201, &json!(1)));
    assert_eq!(ada.delete("/api/favorites/2").await.status, 204);
    assert_eq!(ada.get("/api/favorites").await.ok()["items"], json!([]));
    let alert = ada.post("/api/price-alerts", &json!({"keywords": "kayak", "threshold_price": 99})).await.ok();
    let ignored = format!("/api/price-alerts/{}/ignored-listings/2", alert["id"]);
    assert_eq!(ada.put(&ignored, &json!({})).await.status, 204);

    let publisher = server.http().with_token(&publisher_token);
    let again = json!({"title": "Kayak", "price": 90, "link": "https://m.shop.example/1/?gclid=7", "source": "ksl"});
    let again = publisher.post("/api/listings", &again).await.ok();
    assert_eq!((&again["status"], &again["id"]), (&json!("unchanged"), &json!(1)));
}
