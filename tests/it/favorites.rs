//! Favourites over the REST API.

use serde_json::{Value, json};

use crate::support::{Http, Options, Server};

/// Publishes listings and returns their ids.
async fn post(publisher: &Http, count: u32) -> Vec<i64> {
    let listing = |n| json!({"title": format!("Thing {n}"), "price": n, "link": format!("https://shop.example/{n}"), "source": "ksl"});
    let batch: Vec<Value> = (1..=count).map(listing).collect();
    let posted = publisher.post("/api/listings", &json!(batch)).await.ok();
    posted["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn listings_are_kept_with_notes_and_listed_newest_first() {
    let server = Server::start().await;
    let ada = server.http().with_token(&server.user_with_token("ada").await);
    let eve = server.http().with_token(&server.user_with_token("eve").await);
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let ids = post(&publisher, 3).await;
    let path = |id: i64| format!("/api/favorites/{id}");
    for id in &ids {
        let kept = ada.put(&path(*id), &json!({})).await;
        assert_eq!((kept.status, &kept.body["notes"]), (201, &Value::Null));
        assert_eq!(kept.body["listing"], ada.get(&format!("/api/listings/{id}")).await.ok());
    }
    let noted = ada.put(&path(ids[0]), &json!({"notes": "Ask for Ann.\nCash only."})).await;
    assert_eq!((noted.status, &noted.body["notes"]), (200, &json!("Ask for Ann.\nCash only.")));
    let without_body = ada.send(ada.request(reqwest::Method::PUT, &path(ids[0]))).await;
    assert_eq!((without_body.status, &without_body.body), (200, &noted.body));
    let first = ada.get("/api/favorites?limit=2").await.ok();
    let rest = ada.get(&format!("/api/favorites?cursor={}", first["next_cursor"].as_str().unwrap())).await.ok();
    let of_page = |page: &Value| {
        page["items"].as_array().unwrap().iter().map(|item| item["listing"]["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((of_page(&first), of_page(&rest)), (vec![ids[2], ids[1]], vec![ids[0]]));
    assert_eq!((&rest["items"][0], &rest["next_cursor"]), (&noted.body, &Value::Null));
    assert_eq!(ada.put(&path(ids[0]), &json!({"notes": null})).await.ok()["notes"], Value::Null);
    assert_eq!(eve.get("/api/favorites").await.ok(), json!({"items": [], "next_cursor": null}));
    assert_eq!(eve.delete(&path(ids[0])).await.refused(404), "not_found");
    assert_eq!(ada.delete(&path(ids[0])).await.status, 204);
    assert_eq!(ada.delete(&path(ids[0])).await.refused(404), "not_found");
    assert_eq!(of_page(&ada.get("/api/favorites").await.ok()), [ids[2], ids[1]]);
}

#[tokio::test]
async fn what_is_no_favourite_is_refused() {
    let server = Server::start().await;
    let ada = server.http().with_token(&server.user_with_token("ada").await);
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let id = post(&publisher, 1).await[0];
    let path = format!("/api/favorites/{id}");
    for (body, field) in [
        (json!({"notes": 7}), "notes"),
        (json!({"notes": "x".repeat(2001)}), "notes"),
        (json!({"notes": "a\u{7}b"}), "notes"),
        (json!({"note": "x"}), "note"),
    ] {
        let refused = ada.put(&path, &body).await;
        assert_eq!((refused.refused(422), &refused.body["errors"][0]["field"]), ("invalid", &json!(field)));
    }
    assert_eq!(ada.put("/api/favorites/999", &json!({})).await.refused(404), "not_found");
    assert_eq!(ada.put("/api/favorites/x", &json!({})).await.refused(404), "not_found");
    assert_eq!(ada.get("/api/favorites?limit=0").await.refused(422), "invalid");
    assert_eq!(ada.get("/api/favorites?cursor=x").await.refused(422), "invalid");
    assert_eq!(ada.get("/api/favorites").await.ok()["items"], json!([]));
    assert_eq!(server.http().get("/api/favorites").await.refused(401), "unauthenticated");
    assert_eq!(publisher.put(&path, &json!({})).await.refused(403), "forbidden");
}

#[tokio::test]
async fn the_thousand_and_first_favourite_is_refused() {
    let server = Server::start_with(Options::default().set("limits.user_requests_per_second", 0)).await;
    let ada = server.http().with_token(&server.user_with_token("ada").await);
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let ids = post(&publisher, 1001).await;
    let keep = async |http: Http, id: i64| http.put(&format!("/api/favorites/{id}"), &json!({})).await;
    for ids in ids[..1000].chunks(100) {
        let puts: Vec<_> = ids.iter().map(|id| tokio::spawn(keep(ada.clone(), *id))).collect();
        for put in puts {
            assert_eq!(put.await.unwrap().status, 201);
        }
    }
    let refused = keep(ada.clone(), ids[1000]).await;
    assert_eq!(refused.refused(409), "too_many_favorites");
    assert!(refused.body["detail"].as_str().unwrap().contains("1000 favourites"), "{}", refused.body);
}
