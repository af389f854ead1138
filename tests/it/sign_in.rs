//! Login rate limits: who is rejected during an attack, and who is not.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use reqwest::header::COOKIE;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Answer, Http, Options, Server, eventually, resident_kib, soon};

/// A server that trusts this machine as a proxy for client addresses.
async fn server(limit: u32) -> Server {
    let options = Options::default().set("limits.login_attempts_per_minute", limit);
    Server::start_with(options.set("web.trusted_proxies", "127.0.0.1")).await
}

async fn post(http: &Http, address: &str, path: &str, body: &Value) -> Answer {
    http.send(http.request(Method::POST, path).header("x-forwarded-for", address).json(body)).await
}

async fn sign_in(http: &Http, address: &str, name: &str, password: &str) -> Answer {
    post(http, address, "/api/auth/login", &json!({"username": name, "password": password})).await
}

/// Returns the cookies set by a response, as a browser would send them.
fn cookies(answer: &Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookies: Vec<&str> = cookies.map(|cookie| cookie.split(';').next().unwrap()).collect();
    cookies.join("; ")
}

/// Tries wrong passwords for a name, each from another address, until the right one is rejected for a client as well.
async fn exhaust(strangers: &Http, subnet: &str, name: &str, client: &Http) {
    for host in 1..=250 {
        sign_in(strangers, &format!("{subnet}.{host}"), name, "wrong").await;
        if sign_in(client, "192.0.2.99", name, "correct horse").await.status == 429 {
            return;
        }
    }
    panic!("250 wrong passwords for {name} were no reason to refuse more");
}

#[tokio::test]
async fn strangers_cannot_lock_a_user_out() {
    let server = server(1).await;
    server.add_user("bob", false).await;
    let http = server.http();
    let home = cookies(&sign_in(&http, "192.0.2.1", "bob", "correct horse").await);
    for stranger in 1..=5 {
        assert_eq!(sign_in(&http, &format!("198.51.100.{stranger}"), "bob", "wrong").await.status, 401);
    }
    assert_eq!(sign_in(&http, "198.51.100.1", "bob", "correct horse").await.refused(429), "rate_limited");
    assert_eq!(sign_in(&http, "192.0.2.9", "bob", "correct horse").await.status, 200, "from another address");
    assert_eq!(sign_in(&http, "198.51.100.1", "ann", "wrong").await.status, 401, "another name from there");
    // A botnet exhausts the failures permitted for the name. Browsers that have logged in before are not affected.
    exhaust(&http, "203.0.113", "bob", &http).await;
    let browser = http.with_cookie(&home);
    assert_eq!(sign_in(&browser, "192.0.2.2", "bob", "correct horse").await.status, 200);
    let change = json!({"current_password": "correct horse", "new_password": "battery staple"});
    assert_eq!(post(&browser, "192.0.2.3", "/api/auth/password", &change).await.status, 204);
    assert!(http.metric("superbot_refused_total{reason=\"sign_in_limit\"}").await >= 2);
}

#[tokio::test]
async fn a_browser_is_recognized_for_its_own_user_and_still_limited_by_address() {
    let server = server(1).await;
    server.add_user("ann", false).await;
    server.add_user("bob", false).await;
    let http = server.http();
    let ann = cookies(&sign_in(&http, "192.0.2.1", "ann", "correct horse").await);
    let browser = ann.split("; ").find(|cookie| cookie.starts_with("superbot_browser=")).unwrap().to_owned();
    let as_ann = http.with_cookie(&browser);
    assert_eq!(as_ann.get("/api/auth/me").await.refused(401), "unauthenticated", "it opens nothing");
    exhaust(&http, "198.51.100", "bob", &as_ann).await;
    let forged = http.with_cookie(&browser.replace("superbot_browser=1.", "superbot_browser=2."));
    exhaust(&http, "198.51.101", "bob", &forged).await;
    exhaust(&http, "203.0.113", "ann", &http).await;
    assert_eq!(sign_in(&as_ann, "192.0.2.7", "ann", "wrong").await.status, 401);
    assert_eq!(sign_in(&as_ann, "192.0.2.7", "ann", "correct horse").await.refused(429), "rate_limited");
    assert_eq!(sign_in(&as_ann, "192.0.2.6", "ann", "correct horse").await.status, 200);
}

#[tokio::test]
async fn a_browser_is_no_longer_recognized_when_the_password_has_changed() {
    let server = server(1).await;
    server.add_user("ann", false).await;
    let http = server.http();
    let stolen = http.with_cookie(&cookies(&sign_in(&http, "192.0.2.1", "ann", "correct horse").await));
    let home = http.with_cookie(&cookies(&sign_in(&http, "192.0.2.1", "ann", "correct horse").await));
    // The same password, so that only the stored hash changes and `exhaust` still has the right password.
    let change = json!({"current_password": "correct horse", "new_password": "correct horse"});
    let changed = post(&home, "192.0.2.1", "/api/auth/password", &change).await;
    assert_eq!(changed.status, 204);
    let home = http.with_cookie(&cookies(&changed));
    exhaust(&http, "203.0.113", "ann", &stolen).await;
    assert_eq!(sign_in(&home, "192.0.2.7", "ann", "correct horse").await.status, 200, "where it was changed");
}

#[tokio::test]
async fn many_names_and_many_addresses_of_one_network_are_limited() {
    type Spray = fn(u32) -> (String, String);
    let sprays: [(Spray, usize); 4] = [
        (|n| ("192.0.2.1".to_owned(), format!("user{n}")), 3),
        (|n| (format!("2001:db8:1:2:{n:x}::1"), format!("name{n}")), 3),
        (|n| (format!("2001:db8:1:3:{n:x}::1"), "ann".to_owned()), 1),
        (|_| ("192.0.2.2".to_owned(), "no/such/name".to_owned()), 1),
    ];
    let server = server(1).await;
    let http = server.http();
    for (spray, allowed) in sprays {
        let mut failed = 0;
        for n in 0..12 {
            let (address, name) = spray(n);
            match sign_in(&http, &address, &name, "wrong").await.status {
                401 => failed += 1,
                status => assert_eq!(status, 429),
            }
        }
        // On a busy machine the limit is replenished a little in the meantime.
        assert!((allowed..=allowed + 1).contains(&failed), "{failed} instead of {allowed}");
    }
}

#[tokio::test]
async fn invitations_are_checked_first_charged_and_audited() {
    let options = Options::default().set("auth.registration", "invite").set("web.trusted_proxies", "127.0.0.1");
    let server = Server::start_with(options.set("limits.login_attempts_per_minute", 2)).await;
    server.add_user("root", true).await;
    let http = server.http();
    let register = async |address: &str, account: &Value| post(&http, address, "/api/auth/register", account).await;
    for (address, invite) in [("192.0.2.1", "nonsense".to_owned()), ("192.0.2.2", format!("sbi_{}", "0".repeat(43)))] {
        let account = json!({"username": "x/y", "password": "short", "invite": invite});
        for _ in 0..2 {
            let refused = register(address, &account).await;
            assert_eq!((refused.refused(422), &refused.body["errors"][0]["field"]), ("invalid", &json!("invite")));
        }
        assert_eq!(register(address, &account).await.refused(429), "rate_limited");
        let log = server.log();
        let line = format!("event=\"secret_rejected\" address={address}");
        assert_eq!(log.lines().filter(|logged| logged.contains(&line)).count(), 2, "{log}");
    }
    let invite = http.signed_in("root").await.post("/api/invites", &Value::Null).await.ok()["invite"].clone();
    let account = |password: &str| json!({"username": "ann", "password": password, "invite": invite});
    for _ in 0..4 {
        let refused = register("192.0.2.3", &account("short")).await;
        assert_eq!(refused.body["errors"][0]["field"], "password", "with an invitation, mistakes cost nothing");
    }
    assert_eq!(register("192.0.2.3", &account("correct horse")).await.status, 201);
}

#[tokio::test]
async fn registration_is_charged_whatever_comes_of_it() {
    for (registration, status) in [("open", 409), ("invite", 422)] {
        let options = Options::default().set("auth.registration", registration).set("web.trusted_proxies", "127.0.0.1");
        let server = Server::start_with(options.set("limits.login_attempts_per_minute", 1)).await;
        server.add_user("taken", false).await;
        let invite = format!("sbi_{}", "0".repeat(43));
        let account = |name: &str| json!({"username": name, "password": "correct horse", "invite": invite});
        let http = server.http();
        let register = async |address, name| post(&http, address, "/api/auth/register", &account(name)).await;
        assert_eq!(register("192.0.2.1", "taken").await.status, status);
        assert_eq!(register("192.0.2.1", "taken").await.refused(429), "rate_limited");
        if registration == "open" {
            assert_eq!(register("192.0.2.2", "ann").await.status, 201);
            assert_eq!(register("192.0.2.2", "bob").await.refused(429), "rate_limited");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_refused_at_once_and_recognized_users_come_in() {
    let server = server(0).await;
    server.add_user("bob", false).await;
    let http = server.http();
    let home = http.with_cookie(&cookies(&sign_in(&http, "192.0.2.1", "bob", "correct horse").await));
    let flood = (0..120).map(|n| {
        let http = http.clone();
        tokio::spawn(async move { sign_in(&http, &format!("198.51.100.{}", n % 250), "bob", "wrong").await })
    });
    let flood = join_all(flood);
    let known = async {
        for _ in 0..3 {
            sign_in(&home, "192.0.2.1", "bob", "correct horse").await.ok();
        }
    };
    let (flooded, ()) = tokio::join!(flood, known);
    let mut refused = 0;
    for answer in flooded {
        let answer = answer.unwrap();
        if answer.status != 401 {
            assert_eq!(answer.refused(503), "unavailable");
            assert!(answer.headers.contains_key("retry-after"));
            refused += u64::from(answer.body["detail"].as_str().unwrap().contains("passwords"));
        }
    }
    assert!(refused > 0, "the queue is bounded");
    assert_eq!(http.metric("superbot_refused_total{reason=\"password_queue\"}").await, refused);
    assert_eq!(sign_in(&http, "192.0.2.2", "bob", "correct horse").await.status, 200);
}

/// One 19 MiB block per hashing thread, of which there are at most as many as processors, plus the rest of the server.
fn allowed_kib() -> u64 {
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(4) as u64;
    threads * 19 * 1024 + 40 * 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_sign_ins_cost_no_memory_that_lasts() {
    let server = server(0).await;
    let http = server.http();
    let start = resident_kib(server.pid());
    for round in 0..10 {
        let tries = (0..40).map(|n| {
            let body = json!({"username": format!("user{round}-{n}"), "password": "wrong"});
            http.try_send(http.request(Method::POST, "/api/auth/login").json(&body))
        });
        // A connection closed by both ends at once gets no response; only the memory counts.
        let answers = join_all(tries).await;
        assert!(answers.iter().flatten().all(|answer| matches!(answer.status, 401 | 503)));
        let grown = resident_kib(server.pid()).saturating_sub(start);
        assert!(grown < allowed_kib(), "round {round}: {grown} KiB");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_hang_up_do_not_pass_the_bound_on_hashing() {
    let server = server(0).await;
    server.add_user("bob", false).await;
    let start = resident_kib(server.pid());
    let body = json!({"username": "bob", "password": "wrong"}).to_string();
    let request = format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        server.address,
        body.len()
    );
    let mut peak = 0;
    for _ in 0..10 {
        let mut streams = Vec::new();
        for _ in 0..30 {
            let mut stream = TcpStream::connect(&server.address).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            streams.push(stream);
        }
        // One response shows that the requests have arrived; the others are abandoned.
        let mut byte = [0];
        soon("an answer", streams[0].read_exact(&mut byte)).await.unwrap();
        drop(streams);
        peak = peak.max(resident_kib(server.pid()).saturating_sub(start));
    }
    assert!(peak < allowed_kib(), "{peak} KiB");
    let http = server.http();
    // Abandoned requests are skipped, not processed.
    let answer = eventually("room in the queue", || async {
        let answer = sign_in(&http, "192.0.2.1", "bob", "correct horse").await;
        (answer.status != 503).then_some(answer)
    });
    assert_eq!(tokio::time::timeout(Duration::from_secs(20), answer).await.unwrap().status, 200);
}

#[tokio::test]
async fn weak_passwords_and_misleading_names_are_refused_everywhere() {
    let server = Server::start().await;
    server.add_user("root", true).await;
    server.add_user("admin", false).await;
    let root = server.http().signed_in("root").await;
    for (name, password, field) in [
        ("ann", "password", "password"),
        ("ann", "12345678", "password"),
        ("ann", "        ", "password"),
        ("margarete", "Margarete", "password"),
        ("admin\u{3164}", "correct horse", "username"),
        ("admin\u{2800}", "correct horse", "username"),
        ("\u{430}dmin", "correct horse", "username"),
    ] {
        let refused = root.post("/api/users", &json!({"username": name, "password": password})).await;
        assert_eq!(refused.refused(422), "invalid", "{name} {password}");
        assert_eq!(refused.body["errors"][0]["field"], field);
        let command = server.run(&["user", "add", name, "--password-stdin"], &format!("{password}\n")).await;
        assert_eq!(command.status.code(), Some(2), "{name} {password}");
    }
    let change = json!({"current_password": "correct horse", "new_password": "qwertyuiop"});
    assert_eq!(root.post("/api/auth/password", &change).await.body["errors"][0]["field"], "new_password");
    let cookie = root.request(Method::GET, "/api/auth/me").header(COOKIE, "superbot_session=x");
    assert_eq!(root.send(cookie).await.status, 200, "a second cookie does no harm");
}
