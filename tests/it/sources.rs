//! Sources: configured over REST or the command line, and fetched from a site on loopback.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Connect, Http, Options, Server, Socket, eventually};

fn feed(titles: &[&str]) -> String {
    let item =
        |title: &&str| format!("<item><title>{title}</title><link>/ad/{}</link></item>", title.replace(' ', "-"));
    let items: Vec<String> = titles.iter().map(item).collect();
    format!("<rss version=\"2.0\"><channel><title>t</title>{}</channel></rss>", items.concat())
}

/// Sets the site's response for all paths except robots.txt.
async fn serve(site: &MockServer, answer: ResponseTemplate) {
    site.reset().await;
    Mock::given(path("/robots.txt")).respond_with(ResponseTemplate::new(404)).mount(site).await;
    Mock::given(wiremock::matchers::any()).respond_with(answer).with_priority(9).mount(site).await;
}

fn options() -> Options {
    Options::default().set("sources.private_addresses", "127.0.0.1").set("sources.seconds_between_requests", 1)
}

async fn admin(server: &Server) -> Http {
    server.http().with_token(&server.token("admin", None).await)
}

/// Returns whether the source runs according to the next status event that mentions it; earlier states may be repeated.
async fn said_of_shop(socket: &mut Socket) -> bool {
    loop {
        if let Some(runs) = socket.find("scraper_status_update").await["shop"].as_bool() {
            return runs;
        }
    }
}

#[tokio::test]
async fn a_source_is_read_and_everyone_sees_how_it_fares() {
    let site = MockServer::start().await;
    serve(&site, ResponseTemplate::new(200).set_body_string(feed(&["Kayak $300"]))).await;
    let mut server = Server::start_with(options()).await;
    let http = admin(&server).await;
    let ada = server.user_with_token("ada").await;
    let wants = json!({"keywords": "kayak", "threshold_price": 400, "sources": ["shop"]});
    server.http().with_token(&ada).post("/api/price-alerts", &wants).await.ok();
    let (mut socket, _) = Connect::to(&server.address).token(&ada).greeted().await;
    socket.call("subscribe_scraper_status", &json!({})).await;
    socket.find("scraper_status_update").await;

    let new = json!({"name": "Shop", "kind": "feed", "settings": {"urls": [format!("{}/feed", site.uri())]}});
    let made = http.post("/api/sources", &new).await;
    assert_eq!((made.status, &made.body["state"], &made.body["name"]), (201, &json!("stopped"), &json!("shop")));
    assert_eq!(http.post("/api/sources", &new).await.refused(409), "source_exists");
    assert_eq!(http.post("/api/sources/shop/run", &json!({})).await.refused(409), "stopped");
    let started = http.post("/api/sources/shop/start", &json!({})).await.ok();
    assert_eq!(started["state"], "waiting");
    // A new source is reported first as not running, then as running.
    assert!(!said_of_shop(&mut socket).await && said_of_shop(&mut socket).await);
    let told = socket.find("notification").await;
    assert_eq!((&told["type"], &told["data"]["listing"]["price"]), (&json!("price_alert"), &json!(300)));
    let fares = eventually("a run", || async {
        Some(http.get("/api/sources/shop").await.ok()).filter(|source| source["state"] == "ok")
    });
    let fares = fares.await;
    assert_eq!((&fares["runs"][0]["listings"], &fares["runs"][0]["created"]), (&json!(1), &json!(1)));
    assert_eq!(http.get("/api/status").await.ok()["shop"], true);

    serve(&site, ResponseTemplate::new(403)).await;
    http.post("/api/sources/shop/run", &json!({})).await.ok();
    assert!(!said_of_shop(&mut socket).await);
    // Reports by publishers about a source of this server are ignored.
    let publisher = server.http().with_token(&server.token("publish", None).await);
    publisher.put("/api/scraper-status", &json!({"shop": true, "elsewhere": true})).await.ok();
    let status = http.get("/api/status").await.ok();
    assert_eq!((&status["shop"], &status["elsewhere"]), (&json!(false), &json!(true)));

    server.terminate().await;
    server.restart().await;
    let source = admin(&server).await.get("/api/sources/shop").await.ok();
    assert_eq!((&source["state"], &source["failures"]), (&json!("blocked"), &json!(1)));
    assert_eq!(source["last_good_at"], fares["last_good_at"]);
    let http = admin(&server).await;
    assert_eq!(http.post("/api/sources/shop/stop", &json!({})).await.ok()["state"], "stopped");
    assert_eq!(http.delete("/api/sources/shop").await.status, 204);
    assert_eq!(http.get("/api/status").await.ok().get("shop"), None);
}

#[tokio::test]
async fn the_sites_of_others_are_off_until_somebody_answers_for_it() {
    let server = Server::start().await;
    let http = admin(&server).await;
    let listed = http.get("/api/sources").await.ok();
    let names: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|source| &source["name"]).collect();
    assert_eq!(names, ["craigslist", "facebook", "ksl"]);
    assert!(listed["items"][0]["terms"].as_str().unwrap().contains("forbid robots"));
    let refused = http.post("/api/sources/craigslist/start", &json!({})).await;
    assert_eq!((refused.refused(422), &refused.body["errors"][0]["field"]), ("invalid", &json!("settings.area")));
    http.patch("/api/sources/craigslist", &json!({"settings": {"area": "provo"}})).await.ok();
    let refused = http.post("/api/sources/craigslist/start", &json!({})).await;
    assert_eq!((refused.refused(422), &refused.body["errors"][0]["field"]), ("invalid", &json!("accept_terms")));
    let accepted = http.patch("/api/sources/craigslist", &json!({"accept_terms": true})).await.ok();
    assert!(accepted["terms_accepted_at"].is_string() && accepted["settings"]["area"] == "provo");
    let own = json!({"settings": {"base_url": "http://127.0.0.1:9"}});
    let source = http.patch("/api/sources/ksl", &own).await.ok();
    assert_eq!(source["terms"], json!(null), "it is not the site that is asked");
    // Nor can the restriction be circumvented.
    let new = json!({"name": "cl", "kind": "feed", "settings": {"urls": ["https://provo.craigslist.org/search/sss?q={query}"]}});
    assert!(http.post("/api/sources", &new).await.body["terms"].as_str().unwrap().contains("forbid robots"));
    assert_eq!(http.post("/api/sources/cl/start", &json!({})).await.refused(422), "invalid");
}

#[tokio::test]
async fn the_kinds_of_source_and_their_settings_are_described() {
    let server = Server::start().await;
    let http = admin(&server).await;
    let kinds = http.get("/api/source-kinds").await.ok();
    let kinds = kinds["items"].as_array().unwrap();
    let names: Vec<&Value> = kinds.iter().map(|kind| &kind["name"]).collect();
    assert_eq!(names, ["craigslist", "ksl", "facebook", "feed", "structured", "json", "html"]);
    let setting = |kind: &Value, name: &str| {
        let settings = kind["settings"].as_array().unwrap();
        settings.iter().find(|setting| setting["name"] == name).unwrap_or_else(|| panic!("{name} of {kind}")).clone()
    };
    assert!(kinds[0]["terms"].as_str().unwrap().contains("forbid robots"));
    assert_eq!((&kinds[0]["home"], &kinds[3]["home"]), (&json!("https://www.craigslist.org/"), &Value::Null));
    let area = setting(&kinds[0], "area");
    assert_eq!((&area["type"], &area["required"], &area["default"]), (&json!("word"), &json!(true), &Value::Null));
    let interval = setting(&kinds[3], "interval_seconds");
    assert_eq!(
        (&interval["default"], &interval["minimum"], &interval["required"]),
        (&json!(300), &json!(2), &json!(false))
    );
    assert_eq!(setting(&kinds[6], "fields.row")["required"], true);

    // Each described kind can be created, and has the described defaults.
    for kind in kinds {
        let name = format!("of-{}", kind["name"].as_str().unwrap());
        let parts = kind["settings"].as_array().unwrap().iter().filter_map(|setting| {
            let part = setting["name"].as_str().unwrap().strip_prefix("fields.")?;
            Some((part.to_owned(), setting["example"].clone()))
        });
        let parts: serde_json::Map<String, Value> = parts.collect();
        let settings = if parts.is_empty() { json!({}) } else { json!({ "fields": parts }) };
        let made =
            http.post("/api/sources", &json!({ "name": name, "kind": kind["name"], "settings": settings })).await;
        assert_eq!(made.status, 201, "{}", made.body);
        for setting in kind["settings"].as_array().unwrap() {
            let name = setting["name"].as_str().unwrap();
            if !name.starts_with("fields.") {
                assert_eq!(made.body["settings"][name], setting["default"], "{name}");
            }
        }
    }

    let ada = server.http().with_token(&server.user_with_token("ada").await);
    assert_eq!(ada.get("/api/source-kinds").await.refused(403), "forbidden");
    assert_eq!(server.http().get("/api/source-kinds").await.refused(401), "unauthenticated");
}

#[tokio::test]
async fn what_is_wrong_with_a_source_is_named() {
    let server = Server::start().await;
    let http = admin(&server).await;
    let refused = |new: Value| {
        let http = http.clone();
        async move {
            let answer = http.post("/api/sources", &new).await;
            assert_eq!(answer.refused(422), "invalid");
            answer.body["errors"]
                .as_array()
                .unwrap()
                .iter()
                .map(|error| error["field"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(refused(json!({"name": "a b", "kind": "feed"})).await, ["name"]);
    assert_eq!(refused(json!({"name": "seq", "kind": "feed"})).await, ["name"]);
    assert_eq!(refused(json!({"name": "a", "kind": "ebay"})).await, ["kind"]);
    let of_wrong_types = json!({"miles": "5", "urls": "https://a.example/", "interval_seconds": "5", "respect_robots": "no",
        "searches": [{"query": 5, "max_price": "cheap"}, "kayak"], "currency": null});
    let answer = http.post("/api/sources", &json!({"name": "a", "kind": "ksl", "settings": of_wrong_types})).await;
    assert_eq!(answer.refused(422), "invalid");
    let faults: BTreeMap<&str, &str> = answer.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["field"].as_str().unwrap(), error["message"].as_str().unwrap()))
        .collect();
    let expected = [
        ("settings.interval_seconds", "is \"5\"; give a whole number from 2 to 604800"),
        ("settings.miles", "is \"5\"; give a whole number from 1 to 500"),
        ("settings.respect_robots", "is \"no\"; give true or false"),
        ("settings.searches[0].max_price", "is \"cheap\"; give a whole number from 0 to 4294967295"),
        ("settings.searches[0].query", "is 5; give at most 200 characters on one line"),
        ("settings.searches[1]", "is \"kayak\"; give an object such as {\"query\": \"kayak\", \"max_price\": 500}"),
        (
            "settings.urls",
            "is \"https://a.example/\"; give an array such as [\"https://shop.example/search?q={query}\"]",
        ),
    ];
    assert_eq!(faults, BTreeMap::from(expected), "all faults at once");
    assert_eq!(
        refused(json!({"name": "a", "kind": "feed", "settings": {"intervall_seconds": 5}})).await,
        ["settings.intervall_seconds"]
    );
    let many = json!({"interval_seconds": 1, "urls": ["ftp://x/"], "searches": [{"query": "a", "min_price": 9, "max_price": 1}], "currency": "$"});
    let fields = refused(json!({"name": "a", "kind": "feed", "settings": many})).await;
    assert_eq!(
        fields,
        ["settings.urls[0]", "settings.searches[0].min_price", "settings.interval_seconds", "settings.currency"]
    );
    let html = json!({"name": "a", "kind": "html", "settings": {"fields": {"row": "li >", "title": "h2"}}});
    assert_eq!(refused(html).await, ["settings.fields.link"]);
    let refused = http.post("/api/sources/feedless/start", &json!({})).await;
    assert_eq!(refused.refused(404), "not_found");
    let ada = server.http().with_token(&server.user_with_token("ada").await);
    for answer in [ada.get("/api/sources").await, ada.post("/api/sources/ksl/start", &json!({})).await] {
        assert_eq!(answer.refused(403), "forbidden");
    }
}

#[tokio::test]
async fn a_saved_page_is_read_and_taken_in_if_wanted() {
    let server = Server::start().await;
    let http = server.http().with_token(&server.token("publish", None).await);
    let page = "<script>window.renderSearchSection({ listings: [{\"id\":55,\"title\":\"Tent\",\"price\":\"45.00\"}] });</script>";
    let post = |query: &str, body: String| {
        let request = http.request(reqwest::Method::POST, &format!("/api/sources/ksl/page{query}"));
        let http = http.clone();
        async move { http.send(request.header("content-type", "text/html").body(body)).await }
    };
    let read = post("", page.to_owned()).await.ok();
    assert_eq!(
        (&read["state"], &read["listings"][0]["title"], &read["items"]),
        (&json!("ok"), &json!("Tent"), &json!(null))
    );
    let taken = post("?publish=true", page.to_owned()).await.ok();
    assert_eq!(taken["items"][0]["status"], "created");
    let again = post("?publish=true&url=https://classifieds.ksl.com/v2/search", page.to_owned()).await.ok();
    assert_eq!(again["items"][0]["status"], "unchanged");
    assert_eq!(post("?status=429", String::new()).await.ok()["state"], "rate_limited");
    assert_eq!(post("?state=1", String::new()).await.status, 400);
    assert_eq!(post("", " ".repeat(10_000_001)).await.refused(413), "too_large");
}

#[tokio::test]
async fn the_command_line_and_a_worker_of_its_own_do_the_same() {
    let site = MockServer::start().await;
    serve(&site, ResponseTemplate::new(200).set_body_string(feed(&["Lamp $5"]))).await;
    let server = Server::start_with(options().arg("--no-workers")).await;
    let settings = json!({"urls": [format!("{}/feed", site.uri())], "interval_seconds": 3600}).to_string();
    server.superbot(&["source", "add", "shop", "feed", "--settings", &settings], "").await;
    server.superbot(&["source", "start", "shop"], "").await;
    let (mut socket, _) = Connect::to(&server.address).token(&server.user_with_token("ada").await).greeted().await;
    let worker = server.worker("sources");
    assert_eq!(socket.find("new_listing").await["title"], "Lamp $5");
    serve(&site, ResponseTemplate::new(200).set_body_string(feed(&["Lamp $5", "Desk $40"]))).await;
    let fine = || async { server.superbot(&["source", "list"], "").await.contains("1 listings, 1 new").then_some(()) };
    eventually("the end of the run", fine).await;
    server.superbot(&["source", "run", "shop"], "").await;
    assert_eq!(socket.find("new_listing").await["title"], "Desk $40");
    server.superbot(&["source", "set", "shop", "{\"interval_seconds\": 60}"], "").await;
    let listed: Value = serde_json::from_str(&server.superbot(&["source", "list", "--json"], "").await).unwrap();
    let shop = listed.as_array().unwrap().iter().find(|source| source["name"] == "shop").unwrap();
    assert_eq!((&shop["running"], &shop["settings"]["interval_seconds"]), (&json!(true), &json!(60)));
    server.superbot(&["source", "stop", "shop"], "").await;
    server.superbot(&["source", "remove", "shop"], "").await;
    drop(worker);
    for (arguments, code, says) in [
        (&["source", "start", "shop"][..], 1, "there is no source shop"),
        (&["source", "start", "facebook"], 1, "settings.area: is missing"),
        (&["source", "add", "x", "feed", "--settings", "{"], 2, "--settings: not JSON"),
        (&["source", "add", "x", "feed", "--settings", "{\"miles\": 0}"], 2, "settings.miles: is 0"),
        (&["source", "set", "ksl", "[]"], 2, "give a JSON object"),
        (&["source", "run", "ksl"], 1, "ksl is stopped"),
    ] {
        let output = server.run(arguments, "").await;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), stderr.contains(says)), (Some(code), true), "{arguments:?}: {stderr}");
    }
}

#[tokio::test]
async fn an_ad_is_one_listing_however_it_is_found_and_known_when_it_is_put_up_again() {
    let server = Server::start().await;
    let http = server.http().with_token(&server.token("publish", None).await);
    let user = server.http().with_token(&server.user_with_token("ada").await);
    user.post("/api/price-alerts", &json!({"keywords": "kayak", "threshold_price": 400})).await.ok();
    let take_in = |body: String| {
        let request = http.request(reqwest::Method::POST, "/api/sources/craigslist/page?publish=true");
        let http = http.clone();
        async move { http.send(request.header("content-type", "text/html").body(body)).await.ok()["items"][0].clone() }
    };
    let row = |link: &str| {
        format!(
            "<ol class=\"cl-static-search-results\"><li class=\"cl-static-search-result\" title=\"Kayak\"><a href=\"{link}\">\
             <div class=\"title\">Kayak</div><div class=\"price\">$300</div><div class=\"location\">Provo</div></a></li></ol>"
        )
    };
    let api = json!({ "data": { "decode": { "minPostingId": 7_700_000_000_i64, "minPostedDate": 1_760_000_000, "locationDescriptions": ["", "Provo"] },
        "items": [[42, 5, 5, 300, "1:1~40.2~-111.6", "", [13, "abcdefghijklmnopqrstuv"], [6, "kayak"], [10, "$300"], "Kayak"]] } });
    let first = take_in(api.to_string()).await;
    assert_eq!(first["status"], "created");
    for link in [
        "/view/d/a-kayak/abcdefghijklmnopqrstuv",
        "https://provo.craigslist.org/spo/d/provo-kayak/7700000042.html",
        "/view/d/kayak/abcdefghijklmnopqrstuv?utm_source=mail",
    ] {
        let again = take_in(row(link)).await;
        assert_eq!((&again["status"], &again["id"]), (&json!("unchanged"), &first["id"]), "{link}");
    }
    let again = take_in(row("/view/d/kayak/zyxwvutsrqponmlkjihgfe")).await;
    assert_eq!(again["status"], "created");
    let listed = user.get(&format!("/api/listings/{}", again["id"])).await.ok();
    assert_eq!(listed["reposted_of"], first["id"]);
    let told = user.get("/api/notifications").await.ok();
    assert_eq!(told["items"].as_array().unwrap().len(), 1, "{told}");
}
