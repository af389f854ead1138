//! What every adapter says of answers that are no list.

use superbot_domain::Currency;
use superbot_sources::{MAX_PAGE_BYTES, Page, PageState, SOURCE_KINDS};

use super::adapter;

#[test]
fn the_status_says_enough() {
    for kind in SOURCE_KINDS {
        for (status, state) in [
            (429, PageState::RateLimited),
            (401, PageState::LoginWall),
            (403, PageState::Blocked),
            (404, PageState::ShapeChanged),
            (418, PageState::ShapeChanged),
            (503, PageState::Blocked),
        ] {
            let reading = adapter(kind.name).read(&Page { status, ..Page::saved(kind.home(), b"") }, Currency::USD);
            assert_eq!((reading.state, reading.listings.len()), (state, 0), "{} {status}", kind.name);
            assert!(reading.reason.contains(&status.to_string()), "{}", reading.reason);
        }
    }
}

#[test]
fn a_challenge_is_no_empty_list() {
    for kind in SOURCE_KINDS {
        for body in
            ["<html><head><title>Just a moment...</title>", "<div id=\"px-captcha\">", "Pardon Our Interruption"]
        {
            assert_eq!(super::read(kind.name, body).state, PageState::Blocked, "{} {body}", kind.name);
        }
    }
}

#[test]
fn silence_is_no_empty_list() {
    for kind in SOURCE_KINDS {
        for body in ["", "<html><body><h1>Welcome</h1></body></html>", "{}", "[]", "{\"data\": {\"items\": []}}"] {
            assert_eq!(super::read(kind.name, body).state, PageState::ShapeChanged, "{} {body}", kind.name);
        }
    }
}

#[test]
fn a_page_that_is_too_large_is_refused() {
    let body = vec![b' '; MAX_PAGE_BYTES + 1];
    for kind in SOURCE_KINDS {
        let reading = adapter(kind.name).read(&Page::saved(kind.home(), &body), Currency::USD);
        assert_eq!(reading.reason, "the page has 10000001 bytes; at most 10000000 are read");
    }
}
