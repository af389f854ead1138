//! Keywords from outside: what they find, and what is said about them.

use serde_json::json;

use crate::support::Server;

/// What is understood, but perhaps not as it was meant, is named wherever keywords are read.
#[tokio::test]
async fn words_that_look_like_operators_are_warned_of() {
    let server = Server::start().await;
    let http = server.http().with_token(&server.user_with_token("ada").await);
    let alert = json!({"keywords": "sofa or couch", "threshold_price": 5});
    let search = json!({"keywords": "sofa or couch", "name": "seats"});
    let mut warned = Vec::new();
    for (path, wants) in [
        ("price-alerts/check", &alert),
        ("price-alerts/preview", &alert),
        ("price-alerts", &alert),
        ("saved-searches/preview", &search),
        ("saved-searches", &search),
    ] {
        warned.push(http.post(&format!("/api/{path}"), wants).await.ok()["warnings"].clone());
    }
    warned.push(http.get("/api/price-alerts").await.ok()["items"][0]["warnings"].clone());
    for warnings in warned {
        assert_eq!((&warnings[0]["field"], &warnings[0]["position"]), (&json!("keywords"), &json!(5)), "{warnings}");
        assert!(warnings[0]["message"].as_str().unwrap().contains("\"or\""), "{warnings}");
    }
}

/// The same words find a listing in a list, in a preview and when it comes in.
#[tokio::test]
async fn lists_and_previews_find_what_keywords_mean() {
    let server = Server::start().await;
    let http = server.http().with_token(&server.user_with_token("ada").await);
    let publisher = server.http().with_token(&server.token("publish", None).await);
    for (number, title) in
        ["Red E-Bikes", "Kinderfahrrad", "M\u{f6}bel", "\u{96fb}\u{52d5}\u{81ea}\u{8ee2}\u{8eca}", "TV 32\""]
            .iter()
            .enumerate()
    {
        let listing = json!({"title": title, "link": format!("https://example.com/{number}"), "source": "yard"});
        publisher.post("/api/listings", &listing).await.ok();
    }
    for (keywords, title) in [
        ("ebike", "Red E-Bikes"),
        ("*fahrrad", "Kinderfahrrad"),
        ("moebel", "M\u{f6}bel"),
        ("\u{81ea}\u{8ee2}\u{8eca}", "\u{96fb}\u{52d5}\u{81ea}\u{8ee2}\u{8eca}"),
        ("30..40 zoll", "TV 32\""),
    ] {
        let preview = http.post("/api/saved-searches/preview", &json!({"keywords": keywords})).await.ok();
        assert_eq!((&preview["count"], &preview["sample"][0]["title"]), (&json!(1), &json!(title)), "{keywords}");
    }
    let preview = http.post("/api/saved-searches/preview", &json!({"keywords": "fahrrad"})).await.ok();
    let because = preview["near_misses"][0]["because"].as_str().unwrap();
    assert!(because.contains("“Kinderfahrrad” contains it: write *fahrrad"), "{because}");
}
