//! Session cookies over https and http, and protection against cross-site requests.

use reqwest::Method;
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::{Value, json};

use crate::support::{Answer, Connect, Http, Options, Server};

/// A server behind a local proxy, which reports that browsers use https.
async fn server() -> Server {
    let server = Server::start_with(Options::default().set("web.trusted_proxies", "127.0.0.1")).await;
    server.add_user("ada", false).await;
    server
}

async fn sign_in(http: &Http, scheme: &str, cookie: &str) -> Answer {
    let request = http.request(Method::POST, "/api/auth/login").header("x-forwarded-proto", scheme);
    let request = request.header(COOKIE, cookie).json(&json!({"username": "ada", "password": "correct horse"}));
    let answer = http.send(request).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

/// Returns the `Set-Cookie` header for this cookie.
fn set(answer: &Answer, name: &str) -> Option<String> {
    let all = answer.headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap());
    let mut named = all.filter(|cookie| cookie.split_once('=').is_some_and(|(found, _)| found == name));
    named.next().map(str::to_owned)
}

fn pair(cookie: &str) -> &str {
    cookie.split(';').next().unwrap()
}

#[tokio::test]
async fn cookies_of_https_are_bound_to_the_host() {
    let server = server().await;
    let http = server.http();
    let secure = sign_in(&http, "https", "x=y").await;
    for name in ["__Host-superbot_session", "__Host-superbot_browser"] {
        let cookie = set(&secure, name).unwrap();
        for part in ["Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age="] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    assert_eq!(set(&secure, "superbot_session"), None);
    let plain = sign_in(&http, "http", "x=y").await;
    assert!(!set(&plain, "superbot_session").unwrap().contains("Secure"));
    assert_eq!(set(&plain, "__Host-superbot_session"), None);
}

#[tokio::test]
async fn sessions_from_before_https_go_on_until_the_next_sign_in() {
    let server = server().await;
    let http = server.http();
    let old = set(&sign_in(&http, "http", "x=y").await, "superbot_session").unwrap();
    let me = http.request(Method::GET, "/api/auth/me").header("x-forwarded-proto", "https").header(COOKIE, pair(&old));
    assert_eq!(http.send(me).await.status, 200);
    let new = sign_in(&http, "https", pair(&old)).await;
    assert!(set(&new, "superbot_session").unwrap().contains("Max-Age=0"), "the old cookie is removed");
}

#[tokio::test]
async fn of_several_cookies_any_valid_one_counts() {
    let server = server().await;
    let http = server.http();
    let session = set(&sign_in(&http, "http", "x=y").await, "superbot_session").unwrap();
    let planted = format!("superbot_session=sbs_{}", "0".repeat(43));
    for cookies in [
        format!("{planted}; {}", pair(&session)),
        format!("{}; {planted}", pair(&session)),
        format!("superbot_session=; __Host-{planted}; {}", pair(&session)),
    ] {
        let client = http.with_cookie(&cookies);
        assert_eq!(client.get("/api/auth/me").await.ok()["username"], "ada", "{cookies}");
        let (mut live, greeting) = Connect::to(&server.address).header("cookie", &cookies).greeted().await;
        assert_eq!(greeting["username"], "ada");
        live.quiet().await;
    }
    let two = http.with_cookie(&format!("{planted}; {}", pair(&session)));
    let ended = two.post("/api/auth/logout", &Value::Null).await;
    assert_eq!(ended.status, 204);
    assert!(set(&ended, "superbot_session").unwrap().contains("Max-Age=0"));
    assert_eq!(http.with_cookie(pair(&session)).get("/api/auth/me").await.refused(401), "unauthenticated");
}

#[tokio::test]
async fn bodies_that_any_page_can_send_are_refused_with_a_cookie_and_taken_with_a_token() {
    let server = server().await;
    let http = server.http();
    let ada = http.signed_in("ada").await;
    let token = http.with_token(&server.token("user", Some("ada")).await);
    let alert = json!({"keywords": "bike", "threshold_price": 100}).to_string();
    let post = |client: &Http, content_type: Option<&str>| {
        let request = client.request(Method::POST, "/api/price-alerts").body(alert.clone());
        match content_type {
            Some(content_type) => request.header("content-type", content_type),
            None => request,
        }
    };
    let forms = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"];
    for content_type in forms.into_iter().map(Some).chain([None]) {
        let refused = ada.send(post(&ada, content_type)).await;
        assert_eq!(refused.refused(415), "unsupported_media_type", "{content_type:?}");
        assert_eq!(token.send(post(&token, content_type)).await.status, 201, "as `curl -d` sends it: {content_type:?}");
    }
    assert_eq!(ada.send(post(&ada, Some("application/json; charset=utf-8"))).await.status, 201);
    let login = http.request(Method::POST, "/api/auth/login").header("content-type", "text/plain");
    let login = login.body(json!({"username": "ada", "password": "correct horse"}).to_string());
    assert_eq!(http.send(login).await.refused(415), "unsupported_media_type", "nor can such a page sign anybody in");
    for origin in [&b"http://b\xc3\xb6t.example"[..], b"http://evil.example", b"null"] {
        let request = ada.request(Method::POST, "/api/notifications/read-all").header("origin", origin);
        assert_eq!(ada.send(request).await.refused(403), "forbidden");
    }
}
