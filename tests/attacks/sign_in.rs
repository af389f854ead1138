//! Password guessing and mass registration.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::task::JoinSet;

use crate::attacker::{ATTACKER, Statuses, address, connect, http as http_from, sign_in, status, sum};
use crate::report::Scene;
use crate::scale::{is_full, sized};
use crate::support::{Http, Options, Server};

/// Number of concurrent attackers; a debug build needs time to start processing requests of those that hang up.
fn together(hangs_up: bool) -> usize {
    if hangs_up { sized(30, 100) } else { 100 }
}

/// Delay before an attacker that does not wait for the response closes the connection: until hashing has begun.
fn hangs_up_after() -> Duration {
    sized(Duration::from_millis(300), Duration::from_millis(20))
}

/// Maximum memory at any time, in megabytes; a password hash takes 19.
const MEMORY_MB: u64 = 120;

/// Attempts to log in as a non-existent user, from an address with few attempts.
async fn fail(server: &Server, number: usize, hangs_up: bool) -> u16 {
    let from = address(number / 3);
    let request = sign_in(&format!("nobody{number}"), "wrong");
    if !hangs_up {
        return status(server, from, &request).await;
    }
    let Ok(mut stream) = connect(server, from).await else { return 0 };
    let _ = stream.write_all(&request).await;
    tokio::time::sleep(hangs_up_after()).await;
    0
}

/// Makes a number of failing login attempts; those rejected by the rate limit are repeated until a deadline.
async fn fail_all(scene: &Arc<Scene>, wanted: usize, hangs_up: bool) -> Statuses {
    let next = Arc::new(AtomicUsize::new(0));
    let checked = Arc::new(AtomicUsize::new(0));
    let ends = Instant::now() + sized(Duration::from_secs(10), Duration::from_mins(5));
    let mut attackers = JoinSet::new();
    for _ in 0..together(hangs_up) {
        let scene = Arc::clone(scene);
        let next = Arc::clone(&next);
        let checked = Arc::clone(&checked);
        attackers.spawn(async move {
            let mut statuses = Statuses::new();
            while checked.load(Relaxed) < wanted && Instant::now() < ends {
                let status = fail(&scene.server, next.fetch_add(1, Relaxed), hangs_up).await;
                *statuses.entry(status).or_default() += 1;
                if hangs_up || status == 401 {
                    checked.fetch_add(1, Relaxed);
                } else {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
            statuses
        });
    }
    sum(attackers.join_all().await)
}

async fn failed_sign_ins(name: &'static str, hangs_up: bool) {
    let scene = Arc::new(Scene::set(Options::default()).await);
    let sent = async {
        let statuses = fail_all(&scene, sized(if hangs_up { 400 } else { 200 }, 3_000), hangs_up).await;
        let hashed: usize = [0, 401].iter().filter_map(|status| statuses.get(status)).sum();
        assert!(hashed >= sized(50, 1_000), "passwords were checked: {statuses:?}");
        format!("{} at once, by status: {statuses:?}", together(hangs_up))
    };
    let outcome = scene.attack(name, sent).await;
    if is_full() {
        assert!(outcome.peak_mb() <= MEMORY_MB, "{name}: {} MB", outcome.peak_mb());
    } else {
        assert!(outcome.memory_rise_mb() <= MEMORY_MB, "{name}: memory rose by {} MB", outcome.memory_rise_mb());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_sign_ins_take_bounded_memory() {
    failed_sign_ins("failed sign-ins", false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_sign_ins_that_hang_up_take_bounded_memory() {
    failed_sign_ins("failed sign-ins that hang up", true).await;
}

/// Attackers guess the password of `bob`, each from another address, until one is limited or all attempts were made.
async fn strangers_try(scene: &Arc<Scene>, tries: usize) -> Statuses {
    let next = Arc::new(AtomicUsize::new(0));
    let mut strangers = JoinSet::new();
    for _ in 0..8 {
        let scene = Arc::clone(scene);
        let next = Arc::clone(&next);
        strangers.spawn(async move {
            let mut statuses = Statuses::new();
            while !statuses.contains_key(&429) {
                let number = next.fetch_add(1, Relaxed);
                if number >= tries {
                    break;
                }
                let status = status(&scene.server, address(number), &sign_in("bob", "wrong")).await;
                *statuses.entry(status).or_default() += 1;
            }
            statuses
        });
    }
    sum(strangers.join_all().await)
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_do_not_lock_a_user_out() {
    // A low limit, so that the limit of a name over all addresses is reached quickly.
    let scene = Arc::new(Scene::set(Options::default().set("limits.login_attempts_per_minute", 2)).await);
    let server = &scene.server;
    server.add_user("bob", false).await;
    let http = server.http();
    let signed_in = http.post("/api/auth/login", &json!({"username": "bob", "password": "correct horse"})).await;
    let cookies = signed_in.headers.get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    let cookies = cookies.map(|cookie| cookie.split(';').next().unwrap()).collect::<Vec<_>>().join("; ");
    scene
        .attack("tries for one name from many addresses", async {
            let statuses = strangers_try(&scene, 20).await;
            let fresh = status(server, address(100_000), &sign_in("bob", "correct horse")).await;
            assert_eq!(fresh, 200, "bob, from an address of his own, after {statuses:?}");
            let more = strangers_try(&scene, 100).await;
            let again = http_from(server, address(100_001));
            let body = json!({"username": "bob", "password": "correct horse"});
            let known = again.request(Method::POST, "/api/auth/login").header(COOKIE, &cookies).json(&body);
            assert_eq!(again.send(known).await.status, 200, "a browser that bob used before, after {more:?}");
            let new = json!({"current_password": "correct horse", "new_password": "battery staple"});
            let change = http.request(Method::POST, "/api/auth/password").header(COOKIE, &cookies).json(&new);
            let change = http.send(change).await;
            assert!(change.status < 300, "bob's new password: {}", change.body);
            format!("by status: {statuses:?}, then {more:?}")
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_with_a_whole_network_is_one_address() {
    let scene = Scene::set(Options::default().set("web.trusted_proxies", "127.0.0.1")).await;
    let http = scene.server.http();
    let try_from = async |forwarded: String, name: String| {
        let body = json!({"username": name, "password": "wrong"});
        let request = http.request(Method::POST, "/api/auth/login").json(&body);
        http.send(request.header("X-Forwarded-For", forwarded)).await.status
    };
    scene
        .attack("tries from one IPv6 network", async {
            let began = Instant::now();
            let mut statuses = Statuses::new();
            for number in 0..100 {
                let status = try_from(format!("2001:db8:0:1::{number:x}"), format!("nobody{number}")).await;
                *statuses.entry(status).or_default() += 1;
            }
            // Three times the default limit per name, plus what is replenished while a slow machine runs this.
            let most = 30 + usize::try_from(began.elapsed().as_secs()).unwrap();
            assert!(statuses[&401] <= most, "100 addresses of one /64, by status: {statuses:?}");
            let neighbour = try_from("2001:db8:0:2::1".to_owned(), "nobody".to_owned()).await;
            assert_eq!(neighbour, 401, "another network is not limited");
            format!("100 names from 100 addresses of one /64, by status: {statuses:?}")
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_are_limited() {
    let scene = Scene::set(Options::default().set("auth.registration", "open")).await;
    let register = async |http: &Http, name: String| {
        http.post("/api/auth/register", &json!({"username": name, "password": "correct horse battery"})).await.status
    };
    scene
        .attack("registrations", async {
            let mut counts = Vec::new();
            for (from, name) in [(ATTACKER, "taken"), (address(1), "fresh")] {
                let http = http_from(&scene.server, from);
                let began = Instant::now();
                let mut statuses = Statuses::new();
                for number in 0..sized(30, 60) {
                    let name = if name == "taken" { "witness".to_owned() } else { format!("{name}{number}") };
                    *statuses.entry(register(&http, name).await).or_default() += 1;
                }
                let most = 10 + usize::try_from(began.elapsed().as_secs()).unwrap();
                let answered: usize =
                    statuses.iter().filter(|(status, _)| **status != 429).map(|(_, count)| count).sum();
                assert!((1..=most).contains(&answered), "{name} names: {statuses:?}");
                counts.push(format!("{name} names by status: {statuses:?}"));
            }
            counts.join("; ")
        })
        .await;
}
