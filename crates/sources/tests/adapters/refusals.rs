//! Answers in place of a page, which are no empty lists.

use serde_json::{Value, json};
use superbot_domain::Currency;
use superbot_sources::PageState::{Blocked, Empty, LoginWall, Ok, RateLimited, ShapeChanged};
use superbot_sources::{Adapter, Page, Reading, SOURCE_KINDS};

use super::{kind, read, read_at};

fn json_answer(answer: &str) -> Reading {
    let fields = json!({ "items": "$.items", "title": "$.title", "link": "$.url", "empty": "$.total" });
    let page = Page::saved("https://api.shop.example/v1/search", answer.as_bytes());
    Adapter::new(kind("json"), &fields).unwrap().read(&page, Currency::USD)
}

#[test]
fn captchas_and_sign_in_forms_are_named() {
    for (state, meaning, page) in [
        (
            Blocked,
            "person at work",
            "<title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x></script>",
        ),
        (
            Blocked,
            "person at work",
            "<script src=\"https://ct.captcha-delivery.com/c.js\"></script><p>Please enable JS</p>",
        ),
        (Blocked, "person at work", "<iframe id=main-iframe>Request unsuccessful. Incapsula incident ID: 1</iframe>"),
        (
            Blocked,
            "person at work",
            "<p>Enter the characters you see below</p><form action=\"/errors/validateCaptcha\">",
        ),
        (Blocked, "person at work", "<div>Our systems have detected unusual traffic from your computer network</div>"),
        (Blocked, "person at work", "<html>This IP has been automatically blocked.</html>"),
        (Blocked, "a captcha", "<div class=h-captcha data-sitekey=x></div>"),
        (Blocked, "a captcha", "<div class=\"g-recaptcha\"></div><p>Please confirm</p>"),
        (Blocked, "a captcha", "<script src=https://x.edge.sdk.awswaf.com/1/challenge.js></script>"),
        (Blocked, "a captcha", "<div class=cf-turnstile></div>"),
        (Blocked, "a captcha", "<h1>Robot Check</h1>"),
        (Blocked, "a captcha", "<p>Please enable JS and disable any ad blocker</p>"),
        (
            Blocked,
            "refuses",
            "<h1>Access Denied</h1>You don't have permission to access \"http&#58;&#47;&#47;x\" on this server.",
        ),
        (Blocked, "refuses", "<center><h1>403 Forbidden</h1></center><hr><center>nginx</center>"),
        (Blocked, "consent", "<h1>Before you continue</h1><form action=\"https://consent.x.test/save\"></form>"),
        (RateLimited, "fewer requests", "<h1>429 Too Many Requests</h1>"),
        (
            LoginWall,
            "a login",
            "<form action=\"/login\"><input type=password name=p></form><h1>Log in to continue</h1>",
        ),
        (LoginWall, "a login", "<form id=login_form><input name=email><input type=\"password\" name=pass></form>"),
        (LoginWall, "a login", "<p>Please sign in to see this page.</p>"),
        (LoginWall, "a login", "<p>Bitte melden Sie sich an.</p>"),
        (ShapeChanged, "", "<h1>We'll be back soon</h1>"),
    ] {
        for source in SOURCE_KINDS {
            let reading = read(source.name, page);
            assert_eq!(reading.state, state, "{} {page}: {}", source.name, reading.reason);
            assert!(reading.reason.contains(meaning), "{} {page}: {}", source.name, reading.reason);
        }
    }
}

#[test]
fn a_page_with_listings_is_no_refusal() {
    let row = |title: &str| format!("<li class=ad><h2>{title}</h2><a href=/1>x</a></li>");
    for beside in [
        "<script src=\"https://www.google.com/recaptcha/api.js\"></script><div class=\"g-recaptcha\"></div>",
        "<form action=/login><input type=password></form>",
        "<p>Log in to continue</p>",
        "<title>Just a moment...</title>",
        "<p>Access denied: a novel</p>",
        "<p>Too many requests for this one</p>",
    ] {
        let reading = read_at(
            "html",
            "https://shop.example/",
            &format!("{beside}{}", row("reCAPTCHA v2, the book: are you human?")),
        );
        assert_eq!((reading.state, reading.listings.len()), (Ok, 1), "{beside}");
    }
    let item = "<item><title>Pardon our interruption</title><link>https://x.test/1</link></item>";
    assert_eq!(read("feed", &format!("<rss><channel>{item}</channel></rss>")).state, Ok);
}

#[test]
fn a_whole_page_with_a_captcha_somewhere_has_changed() {
    let page =
        format!("<div class=g-recaptcha></div><input type=password><p>{}</p>", "Bikes, desks and lamps. ".repeat(100));
    assert_eq!(read("html", &page).state, ShapeChanged);
    // An empty list that the page shows is believed; a challenge is not.
    let none = "<p class=none>No results</p>";
    assert_eq!(read("html", &format!("{none}<div class=g-recaptcha></div><input type=password>")).state, Empty);
    assert_eq!(read("html", &format!("{none}<p>Please verify you are a human</p>")).state, Blocked);
}

#[test]
fn an_answer_that_reports_an_error_is_not_empty() {
    let with = |fields: Value| {
        let mut answer = json!({ "items": [], "total": 0 });
        answer.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        answer
    };
    for (fields, state) in [
        (json!({ "error": "rate limited" }), RateLimited),
        (json!({ "error": { "code": 429, "message": "Too many requests" } }), RateLimited),
        (json!({ "errors": [{ "message": "Quota exceeded" }] }), RateLimited),
        (json!({ "error": "Unauthorized" }), LoginWall),
        (json!({ "message": "Unauthorized" }), LoginWall),
        (json!({ "message": "Invalid API key" }), LoginWall),
        (json!({ "status": 401, "title": "Unauthorized" }), LoginWall),
        (json!({ "error": true, "message": "Access denied" }), Blocked),
        (json!({ "success": false, "message": "Forbidden" }), Blocked),
        (json!({ "statusCode": 500 }), ShapeChanged),
        (json!({ "status": "error" }), ShapeChanged),
        (json!({ "ok": false }), ShapeChanged),
        (json!({ "error_code": 17 }), ShapeChanged),
        (json!({ "meta": { "error": "Internal error" } }), ShapeChanged),
        (json!({ "error": null }), Empty),
        (json!({ "errors": [], "success": true, "status": 200 }), Empty),
        (json!({ "error": { "code": 0, "message": "" } }), Empty),
        (json!({ "status": "ok", "message": "No results" }), Empty),
        (json!({ "message": "success", "code": 0 }), Empty),
        (json!({ "message": "No results among 4013 ads" }), Empty),
    ] {
        let answer = with(fields).to_string();
        for reading in [json_answer(&answer), read_at("feed", "https://shop.example/feed.json", &answer)] {
            assert_eq!(reading.state, state, "{answer}: {}", reading.reason);
        }
    }
    assert_eq!(json_answer("{\"message\": \"Unauthorized\", \"total\": 0}").state, LoginWall, "without a list");
    let named = json_answer(&with(json!({ "error": "Invalid category" })).to_string());
    assert_eq!(named.reason, "the answer reports an error: Invalid category");
    let listed = json!({ "error": "partial results", "items": [{ "title": "A", "url": "/1" }] });
    assert_eq!(json_answer(&listed.to_string()).state, Ok);
}

#[test]
fn a_feed_whose_title_is_an_error_is_not_empty() {
    let feed = |title: &str, text: &str| {
        format!("<rss version=\"2.0\"><channel><title>{title}</title><description>{text}</description></channel></rss>")
    };
    for (title, text, state) in [
        ("Error", "Invalid API key or too many requests", RateLimited),
        ("Error: too many requests", "", RateLimited),
        ("429 Too Many Requests", "", RateLimited),
        ("Rate limit exceeded", "", RateLimited),
        ("Access denied", "", Blocked),
        ("Denied", "", Blocked),
        ("Forbidden", "", Blocked),
        ("403", "", Blocked),
        ("Login required", "", LoginWall),
        ("Shop", "Unauthorized", LoginWall),
        ("Shop", "<![CDATA[Error 500]]>", ShapeChanged),
        ("Fehler", "Die Suche ist nicht verfügbar", ShapeChanged),
        ("Erreur 503", "", ShapeChanged),
        ("Search: error correcting memory", "Results for your search", Empty),
        ("0 results", "", Empty),
        ("", "", Empty),
    ] {
        let reading = read("feed", &feed(title, text));
        assert_eq!(reading.state, state, "{title} {text}: {}", reading.reason);
    }
}
