//! Several servers on one Postgres database appear as one.

use std::time::Duration;

use serde_json::{Value, json};
use superbot_test_postgres::{Stop, TestPostgres};

use crate::support::{Connect, Http, Options, Received, Server, eventually};

/// Starts two nodes on a new database.
async fn two() -> [Server; 2] {
    two_with(TestPostgres::shared(), |options| options).await
}

async fn two_with(postgres: &TestPostgres, with: impl Fn(Options) -> Options) -> [Server; 2] {
    let options = with(Options::on_postgres(postgres));
    let one = Server::start_with(options.clone()).await;
    let other = Server::start_with(options).await;
    [one, other]
}

fn listing(number: u64) -> Value {
    json!({"title": format!("Bike {number}"), "link": format!("https://example.com/{number}"), "source": "test", "price": 5})
}

async fn publisher(node: &Server) -> Http {
    node.http().with_token(&node.token("publish", None).await)
}

#[tokio::test]
async fn what_one_publishes_is_heard_at_the_other_and_resumed_at_either() {
    let [one, other] = two().await;
    let token = one.user_with_token("ann").await;
    let publisher = publisher(&one).await;
    let (mut socket, greeting) = Connect::to(&other.address).token(&token).greeted().await;
    publisher.post("/api/listings", &listing(1)).await.ok();
    let heard = socket.expect("new_listing").await;
    drop(socket);
    publisher.post("/api/listings", &listing(2)).await.ok();

    let back = Connect::to(&one.address).token(&token).auth("since", heard["seq"].clone());
    let (mut socket, status) = back.auth("epoch", greeting["epoch"].clone()).greeted().await;
    assert_eq!((&status["recovered"], &status["replayed"]), (&json!(true), &json!(1)));
    assert_eq!(socket.expect("new_listing").await["title"], "Bike 2");
    socket.quiet().await;
}

#[tokio::test]
async fn an_alert_made_at_one_is_told_of_what_comes_in_at_the_other() {
    let [one, other] = two().await;
    let ann = one.http().with_token(&one.user_with_token("ann").await);
    let (mut socket, _) = Connect::to(&one.address).token(&one.token("user", Some("ann")).await).greeted().await;
    let alert = json!({"keywords": "bike", "threshold_price": 10});
    ann.post("/api/price-alerts", &alert).await.ok();
    publisher(&other).await.post("/api/listings", &listing(1)).await.ok();
    let told = socket.find("notification").await;
    assert_eq!(told["type"], "price_alert");
    // Read states are shared as well.
    let (mut elsewhere, _) = Connect::to(&other.address).token(&one.token("user", Some("ann")).await).greeted().await;
    assert_eq!(socket.call("notification_read", &json!({"ids": [told["id"]]})).await["unread"], 0);
    assert_eq!(elsewhere.find("notification_read").await["ids"], json!([told["id"]]));
    assert_eq!(
        other
            .http()
            .with_token(&one.token("user", Some("ann")).await)
            .get("/api/notifications/unread-count")
            .await
            .ok()["unread"],
        0
    );
}

#[tokio::test]
async fn who_is_connected_is_known_at_either() {
    let [mut one, mut other] = two().await;
    let ann = one.user_with_token("ann").await;
    let bob = one.user_with_token("bob").await;
    let publisher = publisher(&one).await;
    let _at_one = Connect::to(&one.address).token(&ann).greeted().await;
    let _at_other = [
        Connect::to(&other.address).token(&ann).greeted().await,
        Connect::to(&other.address).token(&bob).greeted().await,
    ];
    let connected = async || {
        let users = publisher.get("/api/connected-users").await.ok();
        let names = users["users"].as_array().unwrap().iter();
        let names =
            names.map(|user| (user["username"].as_str().unwrap().to_owned(), user["connections"].as_u64().unwrap()));
        (users["connections"].as_u64().unwrap(), names.collect::<Vec<_>>())
    };
    let all = (3, vec![("ann".to_owned(), 2), ("bob".to_owned(), 1)]);
    eventually("both nodes' users", || async { (connected().await == all).then_some(()) }).await;
    other.terminate().await;
    let left = (1, vec![("ann".to_owned(), 1)]);
    assert_eq!(connected().await, left, "a node that ends says so");
    one.terminate().await;
}

#[tokio::test]
async fn what_is_revoked_at_one_ends_at_the_other() {
    let [one, other] = two().await;
    one.add_user("ann", false).await;
    let session = one.http().signed_in("ann").await;
    let (mut socket, _) = Connect::to(&other.address).header("cookie", session.cookie()).greeted().await;
    assert_eq!(session.post("/api/auth/logout", &Value::Null).await.status, 204);
    assert!(socket.ended().await.contains(&Received::Disconnected));
    let there = Http::new(&other.address).with_cookie(session.cookie());
    eventually("the session is over", || async { (there.get("/api/auth/me").await.status == 401).then_some(()) }).await;
}

#[tokio::test]
async fn failed_sign_ins_count_at_all_nodes_together() {
    let postgres = TestPostgres::shared();
    let [one, other] = two_with(postgres, |options| options.set("limits.login_attempts_per_minute", 4)).await;
    one.add_user("ann", false).await;
    let sign_in = async |node: &Server, password: &str| {
        let body = json!({"username": "ann", "password": password});
        node.http().post("/api/auth/login", &body).await.status
    };
    // Successful attempts do not count.
    for _ in 0..5 {
        assert_eq!(sign_in(&one, "correct horse").await, 200);
    }
    for node in [&one, &other, &one, &other] {
        assert_eq!(sign_in(node, "wrong").await, 401);
    }
    assert_eq!((sign_in(&one, "correct horse").await, sign_in(&other, "correct horse").await), (429, 429));
}

#[tokio::test]
async fn tries_that_are_under_way_count_too() {
    let server = Server::start_with(Options::default().set("limits.login_attempts_per_minute", 4)).await;
    server.add_user("ann", false).await;
    let body = json!({"username": "ann", "password": "wrong"});
    let http = server.http();
    let tries = futures_util::future::join_all((0..20).map(|_| http.post("/api/auth/login", &body))).await;
    assert_eq!(tries.iter().filter(|answer| answer.status == 401).count(), 4);
    assert_eq!(tries.iter().filter(|answer| answer.status == 429).count(), 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_the_database_ends_no_connection_and_loses_nothing() {
    let postgres = TestPostgres::start().unwrap();
    let [one, other] = two_with(&postgres, |options| options).await;
    let token = one.user_with_token("ann").await;
    let publisher = publisher(&one).await;
    let one_more = one.token("user", Some("ann")).await;
    let (mut here, _) = Connect::to(&one.address).token(&token).greeted().await;
    let (mut there, _) = Connect::to(&other.address).token(&token).greeted().await;
    publisher.post("/api/listings", &listing(1)).await.ok();
    for mode in [Stop::Orderly, Stop::Crash] {
        postgres.stop(mode).unwrap();
        let refused = publisher.post("/api/listings", &listing(2)).await;
        assert_eq!(refused.refused(503), "unavailable");
        assert!(refused.headers.contains_key("retry-after"));
        eventually("a node that is not ready", || async {
            (one.http().try_get("/readyz").await? == 503).then_some(())
        })
        .await;
        // Clients remain connected, and requests that do not need the store are answered.
        here.emit("ping", &Value::Null).await;
        here.find("pong").await;
        // New clients are not rejected, after which official clients would not reconnect.
        let newcomer = Connect::to(&other.address).token(&one_more);
        assert!(newcomer.try_open().await.is_none(), "the connection ends without an answer");
        postgres.resume().unwrap();
        let posted = eventually("the database is back", || async {
            let answer = publisher.post("/api/listings", &listing(2)).await;
            (answer.status != 503).then_some(answer)
        });
        posted.await.ok();
        publisher.post("/api/system-messages", &json!({"message": "on we go", "level": "info"})).await.ok();
        for socket in [&mut here, &mut there] {
            socket.find("system_message").await;
        }
        eventually("a node that is ready", || async { (one.http().try_get("/readyz").await? == 200).then_some(()) })
            .await;
    }
    for socket in [&mut here, &mut there] {
        socket.quiet().await;
    }
    let listings = publisher_reads(&one, &token).await;
    assert_eq!(listings, 2, "each once");
}

async fn publisher_reads(node: &Server, token: &str) -> usize {
    let answer =
        tokio::time::timeout(Duration::from_secs(10), node.http().with_token(token).get("/api/listings")).await;
    answer.unwrap().ok()["items"].as_array().map_or(0, Vec::len)
}
