//! Adapters read whatever comes.

use proptest::prelude::*;
use superbot_domain::Currency;
use superbot_sources::{Page, PageState, SOURCE_KINDS};

use super::adapter;

/// Pieces of real pages, put together anyhow.
const PIECES: [&str; 18] = [
    "<ol class=\"cl-static-search-results\">",
    "<li class=\"cl-static-search-result\" title=\"x\"><a href=\"/d/x/1234567890.html\">",
    "<div class=\"price\">$",
    "</ol>",
    "<script id=\"ld_searchpage_results\">{\"itemListElement\":[{\"item\":{\"name\":\"x\"}}]}</script>",
    "self.__next_f.push([1,\"",
    "\\\"results\\\":[[{\\\"id\\\":1,\\\"title\\\":\\\"x\\\"}]]",
    "\"])",
    "renderSearchSection({listings:",
    "[{\"id\":1,\"title\":\"x\",\"price\":1e300}]",
    "<a role=\"listitem\" href=\"/listing/1\" aria-label=\"x\">",
    "<script type=\"application/json\">{\"marketplace_search\":{\"feed_units\":{\"edges\":[{\"node\":{\"listing\":{}}}]}}}",
    "</script>",
    "for (;;);",
    "{\"data\":{\"items\":[[1,2,3,-1,\"1:9~x\",[13,\"t\"],\"x\"]],\"decode\":{\"minPostingId\":9223372036854775807}}}",
    "<rss version=\"2.0\"><channel><item><title>x</title><link>http://[</link></item></channel></rss>",
    "[[[[[[[[",
    "\u{0}\u{fffd}é",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn no_bytes_are_too_odd(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..12),
        noise in prop::collection::vec(any::<u8>(), 0..40),
        url in prop_oneof![Just("https://example.com/a"), Just(""), Just("data:x")],
    ) {
        let body = [pieces.concat().as_bytes(), &noise].concat();
        for kind in SOURCE_KINDS {
            let reading = adapter(kind.name).read(&Page::saved(url, &body), Currency::USD);
            prop_assert!(!reading.reason.is_empty());
            prop_assert!(reading.state == PageState::Ok || reading.listings.is_empty());
            for found in &reading.listings {
                prop_assert!(!found.title.trim().is_empty() && found.link.starts_with("http"), "{:?}", found);
            }
        }
    }
}

#[test]
fn deep_and_long_pages_are_read() {
    let size = 1_000_000;
    for body in [
        "<div>".repeat(size / 5),
        "[".repeat(size),
        "{\"results\":".repeat(size / 11),
        "self.__next_f.push(".repeat(size / 19),
    ] {
        for kind in SOURCE_KINDS {
            assert_ne!(super::read(kind.name, &body).state, PageState::Ok);
        }
    }
}
