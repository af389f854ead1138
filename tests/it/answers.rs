//! Snapshots of the answers of every operation of the API, so that a change of any of them shows in review.
//!
//! Each file of `snapshots/` holds the requests and answers of one operation. After an intended change:
//! `INSTA_UPDATE=always cargo test --test it answers`.

mod recorder;

use reqwest::Method;
use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Http, Options, Server};
use recorder::Recorder;

/// Operations whose answers are no JSON documents; other tests check them.
const STREAMS: [&str; 1] = ["streamEvents"];

/// The clients of the scenario.
struct Clients {
    nobody: Http,
    root: Http,
    ada: Http,
    publisher: Http,
}

#[tokio::test]
async fn the_answers_of_all_operations_are_as_recorded() {
    let site = MockServer::start().await;
    serve(&site).await;
    let options = Options::default()
        .set("auth.registration", "invite")
        .set("sources.private_addresses", "127.0.0.1")
        .set("sources.seconds_between_requests", 1);
    let server = Server::start_with(options).await;
    let mut recorder = Recorder::new(&server).await;
    let clients = set_up(&server, &mut recorder).await;
    accounts(&mut recorder, &clients).await;
    publishing(&mut recorder, &clients).await;
    standing_queries(&mut recorder, &clients, "price-alerts", "listing").await;
    standing_queries(&mut recorder, &clients, "saved-searches", "listing").await;
    favorites(&mut recorder, &clients).await;
    notifications(&mut recorder, &clients).await;
    sources(&mut recorder, &clients, &site.uri()).await;
    removal(&mut recorder, &clients).await;
    recorder.compare(&STREAMS);
}

/// Makes the site answer with a feed of one listing.
async fn serve(site: &MockServer) {
    let feed = "<rss version=\"2.0\"><channel><title>t</title><item><title>Kayak $300</title><link>/ad/1</link>\
                <pubDate>Fri, 02 Jan 2026 10:00:00 GMT</pubDate></item></channel></rss>";
    let robots = Mock::given(path("/robots.txt")).respond_with(ResponseTemplate::new(404));
    robots.mount(site).await;
    let answer = ResponseTemplate::new(200).set_body_string(feed);
    Mock::given(wiremock::matchers::any()).respond_with(answer).with_priority(9).mount(site).await;
}

/// Creates the first admin, a user and a publisher.
async fn set_up(server: &Server, recorder: &mut Recorder) -> Clients {
    let nobody = server.http();
    recorder.get(&nobody, "/api/auth/options").await;
    let admin = |token: &str| json!({"token": token, "username": "root", "password": "correct horse"});
    let token = server.setup_token.clone().unwrap();
    recorder.post(&nobody, "/api/setup", &admin(&format!("sbu_{}", "0".repeat(43)))).await;
    recorder.post(&nobody, "/api/setup", &admin(&token)).await;
    recorder.post(&nobody, "/api/setup", &admin(&token)).await;
    let root = nobody.signed_in("root").await;
    let invite = recorder.post(&root, "/api/invites", &Value::Null).await["invite"].clone();
    let account = |invite: &Value| json!({"username": "ada", "password": "correct horse", "invite": invite});
    recorder.post(&nobody, "/api/auth/register", &account(&Value::Null)).await;
    recorder.post(&nobody, "/api/auth/register", &account(&invite)).await;
    let ada = nobody.signed_in("ada").await;
    let token = json!({"name": "scraper", "scope": "publish", "current_password": "correct horse"});
    let made = recorder.post(&root, "/api/tokens", &token).await;
    let publisher = nobody.with_token(made["token"].as_str().unwrap());
    Clients { nobody, root, ada, publisher }
}

async fn accounts(recorder: &mut Recorder, clients: &Clients) {
    let Clients { nobody, root, ada, .. } = clients;
    recorder.post(nobody, "/api/auth/login", &json!({"username": "ada", "password": "wrong horse"})).await;
    recorder.post(nobody, "/api/auth/login", &json!({"username": "ada", "password": "correct horse"})).await;
    recorder.get(ada, "/api/auth/me").await;
    recorder.get(nobody, "/api/auth/me").await;
    let password = json!({"current_password": "correct horse", "new_password": "short"});
    recorder.post(ada, "/api/auth/password", &password).await;
    for path in ["/api/sessions", "/api/tokens", "/api/invites", "/api/users", "/api/preferences"] {
        recorder.get(root, path).await;
    }
    recorder.get(ada, "/api/users").await;
    recorder.patch(ada, "/api/preferences", &json!({"theme": "dark"})).await;
    recorder.patch(ada, "/api/preferences", &json!("dark")).await;
    recorder.post(ada, "/api/tokens", &json!({"name": "", "scope": "everything"})).await;
    let bob = json!({"username": "bob", "password": "correct horse", "current_password": "correct horse"});
    let bob = recorder.post(root, "/api/users", &bob).await["id"].clone();
    recorder.post(root, "/api/users", &json!({"username": "ADA", "password": "correct horse"})).await;
    recorder.patch(root, &format!("/api/users/{bob}"), &json!({"disabled": "yes"})).await;
    recorder.patch(root, &format!("/api/users/{bob}"), &json!({"disabled": true})).await;
    recorder.post(root, &format!("/api/users/{bob}/password-reset"), &Value::Null).await;
    recorder.patch(root, &format!("/api/users/{bob}"), &json!({"disabled": false})).await;
    recorder.patch(root, &format!("/api/users/{bob}"), &json!({"is_admin": true})).await;
    let reset = recorder.post(root, &format!("/api/users/{bob}/password-reset"), &Value::Null).await;
    let choice = |token: &Value| json!({"token": token, "password": "battery staple"});
    recorder.post(nobody, "/api/auth/reset", &choice(&reset["token"])).await;
    recorder.post(nobody, "/api/auth/reset", &choice(&reset["token"])).await;
}

async fn publishing(recorder: &mut Recorder, clients: &Clients) {
    let Clients { ada, publisher, .. } = clients;
    let bike = json!({
        "title": "Road bike", "price": "$1,200 OBO", "link": "https://example.com/ad/1", "source": "example",
        "location": "Provo", "condition": "good", "external_id": "7",
    });
    let room = json!({"title": "Room", "price": "$600/month", "link": "https://example.com/ad/2", "source": "example"});
    recorder.post(publisher, "/api/listings", &bike).await;
    recorder.post(publisher, "/api/listings", &json!([bike, room, {"title": "No link"}])).await;
    recorder.post(publisher, "/api/listings", &json!({"title": "Bike", "price": "a lot", "color": "red"})).await;
    recorder.post(ada, "/api/listings", &bike).await;
    recorder.get(ada, "/api/listings?q=bike&count=true").await;
    recorder.get(ada, "/api/listings?sort=cheapest").await;
    for path in ["/api/listings/1", "/api/listings/1/price-history", "/api/listings/1/matches"] {
        recorder.get(ada, path).await;
        recorder.get(ada, &path.replace('1', "99")).await;
    }
}

/// Goes through all operations of price alerts or saved searches.
async fn standing_queries(recorder: &mut Recorder, clients: &Clients, kind: &str, matching: &str) {
    let Clients { ada, .. } = clients;
    let (wants, change) = match kind {
        "price-alerts" => {
            (json!({"keywords": "bike or kayak", "threshold_price": 900}), json!({"threshold_price": 1500}))
        }
        _ => (json!({"name": "Bikes", "keywords": "bike", "cadence": "instant"}), json!({"max_price": 1500})),
    };
    let all = format!("/api/{kind}");
    recorder.post(ada, &format!("{all}/check"), &wants).await;
    recorder.post(ada, &format!("{all}/preview"), &wants).await;
    recorder.post(ada, &all, &json!({"keywords": "bike or (", "colour": "red"})).await;
    let id = recorder.post(ada, &all, &wants).await["id"].clone();
    let one = format!("{all}/{id}");
    recorder.get(ada, &all).await;
    recorder.get(ada, &one).await;
    recorder.get(&clients.root, &one).await;
    recorder.patch(ada, &one, &change).await;
    recorder.patch(ada, &one, &json!({"active": "yes"})).await;
    let run = if kind == "price-alerts" { "toggle" } else { "run" };
    recorder.post(ada, &format!("{one}/{run}"), &Value::Null).await;
    let ignored = format!("{one}/ignored-{matching}s/1");
    recorder.send(ada, Method::PUT, &ignored, None).await;
    recorder.send(ada, Method::PUT, &format!("{one}/ignored-{matching}s/99"), None).await;
    recorder.send(ada, Method::DELETE, &ignored, None).await;
    recorder.send(ada, Method::DELETE, &ignored, None).await;
    let other = recorder.post(ada, &all, &wants).await["id"].clone();
    recorder.send(ada, Method::DELETE, &format!("{all}/{other}"), None).await;
    recorder.send(ada, Method::DELETE, &format!("{all}/{other}"), None).await;
}

async fn favorites(recorder: &mut Recorder, clients: &Clients) {
    let Clients { ada, .. } = clients;
    for (listing, body) in [(1, json!({"notes": "blue"})), (1, json!({"notes": 5})), (99, json!({}))] {
        recorder.send(ada, Method::PUT, &format!("/api/favorites/{listing}"), Some(&body)).await;
    }
    recorder.get(ada, "/api/favorites").await;
    recorder.send(ada, Method::DELETE, "/api/favorites/1", None).await;
    recorder.send(ada, Method::DELETE, "/api/favorites/1", None).await;
}

async fn notifications(recorder: &mut Recorder, clients: &Clients) {
    let Clients { ada, publisher, root, .. } = clients;
    let boat = json!({"title": "Kayak", "price": 450, "link": "https://example.com/ad/3", "source": "example"});
    recorder.post(publisher, "/api/listings", &boat).await;
    let note = json!({"type": "custom", "data": {"message": "hello"}});
    recorder.post(publisher, "/api/users/ada/notifications", &note).await;
    recorder.post(publisher, "/api/users/eve/notifications", &note).await;
    recorder.get(ada, "/api/notifications/unread-count").await;
    let listed = recorder.get(ada, "/api/notifications").await;
    let first = format!("/api/notifications/{}/read", listed["items"][0]["id"]);
    recorder.post(ada, &first, &Value::Null).await;
    recorder.post(root, &first, &Value::Null).await;
    recorder.post(ada, "/api/notifications/read-all", &Value::Null).await;
    recorder.post(publisher, "/api/system-messages", &json!({"message": "Back soon", "level": "info"})).await;
    recorder.post(publisher, "/api/system-messages", &json!({"message": "Back soon", "level": "loud"})).await;
    recorder.send(publisher, Method::PUT, "/api/scraper-status", Some(&json!({"example": true}))).await;
    recorder.send(publisher, Method::PUT, "/api/scraper-status", Some(&json!({"example": 1}))).await;
    recorder.get(ada, "/api/status").await;
    recorder.get(root, "/api/connected-users").await;
    recorder.get(ada, "/api/connected-users").await;
    recorder.get(ada, "/api/admin/stats").await;
    recorder.get(root, "/api/admin/stats").await;
}

async fn sources(recorder: &mut Recorder, clients: &Clients, site: &str) {
    let Clients { ada, root, .. } = clients;
    recorder.get(root, "/api/source-kinds").await;
    recorder.post(root, "/api/sources", &json!({"name": "Shop", "kind": "feeds", "settings": {}})).await;
    let shop = json!({"name": "Shop", "kind": "feed", "settings": {"urls": [format!("{site}/feed")]}});
    recorder.post(root, "/api/sources", &shop).await;
    recorder.post(root, "/api/sources", &shop).await;
    recorder.get(ada, "/api/sources/shop").await;
    recorder.get(root, "/api/sources/shop").await;
    recorder.get(root, "/api/sources").await;
    recorder.get(root, "/api/sources/nowhere").await;
    recorder.patch(root, "/api/sources/shop", &json!({"settings": {"interval_seconds": 600}})).await;
    recorder.patch(root, "/api/sources/shop", &json!({"settings": {"urls": ["ftp://example.com"]}})).await;
    recorder.post(root, "/api/sources/shop/run", &Value::Null).await;
    recorder.text(root, "/api/sources/shop/page", "<rss version=\"2.0\"><channel></channel></rss>").await;
    recorder.text(root, "/api/sources/shop/page", "no feed").await;
    recorder.post(root, "/api/sources/craigslist/start", &Value::Null).await;
    // In this order, as a source that was started may be visited at any moment.
    recorder.post(root, "/api/sources/shop/stop", &Value::Null).await;
    recorder.post(root, "/api/sources/shop/start", &Value::Null).await;
    recorder.send(root, Method::DELETE, "/api/sources/shop", None).await;
    recorder.send(root, Method::DELETE, "/api/sources/shop", None).await;
}

/// Deletes what the other parts made.
async fn removal(recorder: &mut Recorder, clients: &Clients) {
    let Clients { nobody, root, ada, publisher } = clients;
    recorder.send(publisher, Method::DELETE, "/api/listings/2", None).await;
    recorder.send(root, Method::DELETE, "/api/listings/2", None).await;
    recorder.send(root, Method::DELETE, "/api/listings/2", None).await;
    let invite = recorder.post(root, "/api/invites", &Value::Null).await["id"].clone();
    recorder.send(root, Method::DELETE, &format!("/api/invites/{invite}"), None).await;
    recorder.send(root, Method::DELETE, "/api/invites/99", None).await;
    let token = json!({"name": "phone", "scope": "user"});
    let token = recorder.post(ada, "/api/tokens", &token).await["id"].clone();
    recorder.send(ada, Method::DELETE, &format!("/api/tokens/{token}"), None).await;
    recorder.send(root, Method::DELETE, &format!("/api/tokens/{token}"), None).await;
    let second = nobody.signed_in("ada").await;
    let sessions = second.get("/api/sessions").await.ok();
    let other = sessions["items"].as_array().unwrap().iter().find(|session| session["current"] == false).unwrap();
    recorder.send(&second, Method::DELETE, &format!("/api/sessions/{}", other["id"]), None).await;
    recorder.send(&second, Method::DELETE, "/api/sessions/99", None).await;
    let password = json!({"current_password": "correct horse", "new_password": "battery staple"});
    recorder.post(&second, "/api/auth/password", &password).await;
    recorder.post(&second, "/api/auth/logout", &Value::Null).await;
    let users = root.get("/api/users").await.ok();
    let id = |name: &str| {
        let of_name = users["items"].as_array().unwrap().iter().find(|user| user["username"] == name);
        of_name.unwrap()["id"].clone()
    };
    recorder.send(root, Method::DELETE, &format!("/api/users/{}", id("ada")), None).await;
    recorder.send(root, Method::DELETE, &format!("/api/users/{}", id("ada")), None).await;
}
