//! Rents and other prices for a period, through the front door.

use serde_json::{Value, json};

use crate::support::{Connect, Http, Options, Server};

/// A server with a publisher, and a user who looks for a flat.
async fn world(options: Options) -> (Server, Http, Http) {
    let server = Server::start_with(options).await;
    let ada = server.http().with_token(&server.user_with_token("ada").await);
    let publisher = server.http().with_token(&server.token("publish", None).await);
    (server, ada, publisher)
}

fn flat(link: &str, price: impl Into<Value>, per: impl Into<Value>) -> Value {
    json!({"title": format!("Flat {link}"), "price": price.into(), "price_per": per.into(),
        "link": format!("https://flats.example/{link}"), "source": "flats"})
}

#[tokio::test]
async fn a_rent_goes_from_its_publisher_to_everyone() {
    let (server, ada, publisher) = world(Options::default()).await;
    let alert = json!({"keywords": "flat", "threshold_price": 900, "price_per": "month"});
    let alert = ada.post("/api/price-alerts", &alert).await.ok();
    assert_eq!((&alert["price_per"], &alert["warnings"]), (&json!("month"), &json!([])));
    let (mut socket, _) = Connect::to(&server.address).token(&server.user_with_token("bob").await).greeted().await;
    let posted = publisher.post("/api/listings", &flat("1", "$850/mo", Value::Null)).await.ok();
    assert_eq!((&posted["price"], &posted["price_per"]), (&json!(850), &json!("month")));
    let event = socket.find("new_listing").await;
    assert_eq!((&event["price"], &event["price_per"]), (&json!(850), &json!("month")));
    let sale = publisher.post("/api/listings", &flat("2", 850, Value::Null)).await.ok();
    assert_eq!((&sale["price"], &sale["price_per"]), (&json!(850), &json!(null)));

    let notices = ada.get("/api/notifications").await.ok();
    assert_eq!(notices["items"].as_array().unwrap().len(), 1, "of the rent, not of the sale: {notices}");
    let data = &notices["items"][0]["data"];
    assert_eq!((&data["price_per"], &data["listing"]["price_per"]), (&json!("month"), &json!("month")));
    let id = posted["id"].clone();
    let listing = ada.get(&format!("/api/listings/{id}")).await.ok();
    assert_eq!((&listing["price"], &listing["price_per"]), (&json!(850), &json!("month")));
    let history = ada.get(&format!("/api/listings/{id}/price-history")).await.ok();
    assert_eq!(history["items"][0]["price_per"], "month");
    let matches = ada.get(&format!("/api/listings/{id}/matches")).await.ok();
    assert_eq!((&matches["items"][0]["price"], &matches["items"][0]["price_per"]), (&json!(850), &json!("month")));

    let updated = publisher.post("/api/listings", &flat("1", 800, "month")).await.ok();
    assert_eq!((&updated["previous_price"], &updated["price_per"]), (&json!(850), &json!("month")));
    let event = socket.find("listing_updated").await;
    assert_eq!((&event["previous_price"], &event["price"]), (&json!(850), &json!(800)));
    let weekly = publisher.post("/api/listings", &flat("1", 200, "week")).await.ok();
    assert_eq!((&weekly["previous_price"], &weekly["price_per"]), (&json!(null), &json!("week")), "not comparable");
}

#[tokio::test]
async fn lists_alerts_and_searches_take_a_period_and_nothing_else() {
    let (_server, ada, publisher) = world(Options::default()).await;
    for (link, price, per) in
        [("1", 700, json!("month")), ("2", 900, json!("month")), ("3", 300, json!("week")), ("4", 500, json!(null))]
    {
        publisher.post("/api/listings", &flat(link, price, per)).await.ok();
    }
    let titles = async |query: &str| {
        let found = ada.get(&format!("/api/listings?{query}")).await.ok();
        let titles = found["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned());
        (titles.map(|title| title.replace("Flat ", "")).collect::<String>(), found["count"].clone())
    };
    for (query, expected) in [
        ("count=true", "4321"),
        ("price_per=month&count=true", "21"),
        ("price_per=month&sort=price_asc&count=true", "12"),
        ("price_per=month&max_price=800&count=true", "1"),
        ("price_per=month&q=flat&count=true", "21"),
        ("price_per=week&count=true", "3"),
        ("price_per=hour&count=true", ""),
        ("sort=price_asc&count=true", "4"),
        ("max_price=1000&count=true", "4"),
    ] {
        assert_eq!(titles(query).await, (expected.to_owned(), json!(expected.len())), "{query}");
    }
    for wrong in ["fortnight", "MONTH", "month,week", "null"] {
        let refused = ada.get(&format!("/api/listings?price_per={wrong}")).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (422, &json!("price_per")), "{wrong}");
    }
    for wrong in [json!("fortnight"), json!(12), json!(["month"]), json!(true), json!("Month")] {
        let posted = publisher.post("/api/listings", &flat(&format!("9/{wrong}"), 5_000, wrong.clone())).await;
        assert_eq!((posted.status, &posted.body["warnings"][0]["field"]), (201, &json!("price_per")), "{wrong}");
        let alert = json!({"keywords": "flat", "threshold_price": 5, "price_per": wrong});
        let refused = ada.post("/api/price-alerts", &alert).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (422, &json!("price_per")), "{wrong}");
        let search = json!({"name": "x", "keywords": "flat", "price_per": wrong});
        let checked = ada.post("/api/saved-searches/check", &search).await.ok();
        assert_eq!(checked["errors"][0]["field"], "price_per", "{wrong}");
    }
    let message = publisher.post("/api/listings", &flat("10", 5, "fortnight")).await.body.to_string();
    assert!(message.contains("is no period of a price; give hour, day, week, month, year, area"), "{message}");

    let search = json!({"name": "Flats", "keywords": "flat", "max_price": 800, "price_per": "month"});
    let preview = ada.post("/api/saved-searches/preview", &search).await.ok();
    assert_eq!((&preview["count"], &preview["sample"][0]["title"]), (&json!(1), &json!("Flat 1")));
    assert!(preview["since"].is_string() && preview["per_week"] == 7.0, "{preview}");
    let saved = ada.post("/api/saved-searches", &search).await.ok();
    let path = format!("/api/saved-searches/{}", saved["id"]);
    let changed = ada.patch(&path, &json!({"price_per": null})).await.ok();
    assert_eq!((&saved["price_per"], &changed["price_per"]), (&json!("month"), &json!(null)));
    let found = ada.post(&format!("{path}/run"), &json!({})).await.ok();
    assert_eq!(found["sample"][0]["title"], "Flat 4");
}

#[tokio::test]
async fn the_old_behaviour_is_a_setting() {
    let options = Options::default().set("listings.recurring_price", "null");
    let (server, ada, publisher) = world(options).await;
    let posted = publisher.post("/api/listings", &flat("1", "$850/mo", Value::Null)).await.ok();
    assert_eq!((&posted["price"], &posted["price_per"]), (&json!(null), &json!(null)));
    publisher.post("/api/listings", &flat("2", 850, "month")).await.ok();
    let settings = json!({"urls": ["https://flats.example/feed"], "price_per": "month"}).to_string();
    server.superbot(&["source", "add", "flats", "feed", "--settings", &settings], "").await;
    let item = "<item><title>Flat - $500</title><link>https://flats.example/3</link></item>";
    let page = format!("<rss version=\"2.0\"><channel><title>t</title>{item}</channel></rss>");
    let request = publisher.request(reqwest::Method::POST, "/api/sources/flats/page?publish=true");
    let read = publisher.send(request.header("content-type", "text/xml").body(page)).await.ok();
    let [shown] = &read["listings"].as_array().unwrap()[..] else { panic!("one listing: {read}") };
    assert_eq!((&shown["price"], &shown["price_per"]), (&json!(null), &json!(null)));
    let listings = ada.get("/api/listings").await.ok();
    let listings = listings["items"].as_array().unwrap();
    assert_eq!(listings.len(), 3);
    for listing in listings {
        assert_eq!((&listing["price"], &listing["price_per"]), (&json!(null), &json!(null)));
    }
    let monthly = json!({"name": "flats", "keywords": "flat", "price_per": "month"});
    let preview = ada.post("/api/saved-searches/preview", &monthly).await.ok();
    assert_eq!(preview["count"], json!(0), "{preview}");
}

#[tokio::test]
async fn a_source_may_say_what_its_prices_are_for() {
    let (server, ada, publisher) = world(Options::default()).await;
    let settings = json!({"urls": ["https://flats.example/feed"], "price_per": "month"}).to_string();
    server.superbot(&["source", "add", "flats", "feed", "--settings", &settings], "").await;
    let item =
        |n: u8, title: &str| format!("<item><title>{title}</title><link>https://flats.example/{n}</link></item>");
    let items = item(1, "Flat - $500") + &item(2, "Room - $90/week") + &item(3, "Cellar - free");
    let page = format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>");
    let request = publisher.request(reqwest::Method::POST, "/api/sources/flats/page?publish=true");
    let read = publisher.send(request.header("content-type", "text/xml").body(page)).await.ok();
    let shown = |listing: &Value| (listing["price"].clone(), listing["price_per"].clone());
    let listings: Vec<_> = read["listings"].as_array().unwrap().iter().map(shown).collect();
    assert_eq!(listings[..2], [(json!(500), json!("month")), (json!(90), json!("week"))]);
    assert_eq!(listings[2].1, json!(null), "what costs nothing costs nothing a month");
    let stored = ada.get("/api/listings?price_per=month").await.ok();
    assert_eq!(stored["items"].as_array().unwrap().len(), 1);
    for wrong in [json!("fortnight"), json!(3), json!("")] {
        let settings = json!({"price_per": wrong}).to_string();
        let refused = server.run(&["source", "set", "flats", &settings], "").await;
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && said.contains("price_per"), "{said}");
    }
}
