//! Pages as browsers save them, after their scripts have run.

use serde_json::json;
use superbot_sources::PageState;

use super::{listed, read, read_at};

#[test]
fn rows_that_scripts_made_are_read() {
    let script = "<script type=\"application/ld+json\" id=\"ld_searchpage_results\">{\"itemListElement\":[{\"item\":{\"name\":\"Bike\",\"image\":[\"https://i.example/1.jpg\"]}}]}</script>";
    let row = |n: u32, name: &str, extra: &str| {
        format!(
            "<li class=\"cl-search-result cl-search-view-mode-gallery\" data-pid=\"770000000{n}\" title=\"{name}\"><div class=\"gallery-card\">\
             <a class=\"cl-app-anchor text-only posting-title\" href=\"https://x.craigslist.org/d/bike/770000000{n}.html\"><span class=\"label\">{name}</span></a>{extra}</div></li>"
        )
    };
    let rows = [
        row(
            1,
            "Bike",
            "<div class=\"meta\">8/3<span class=\"separator\">·</span>Provo</div><span class=\"priceinfo\">$50</span>",
        ),
        row(2, "Lamp", "<span class=\"priceinfo\">$1,250</span>"),
    ]
    .concat();
    for list in [
        format!("<div class=\"cl-search-results\"><ol>{rows}</ol></div>"),
        format!("<ol class=\"cl-static-search-results\"></ol><ol>{rows}</ol>"),
        format!("<div>{}</div>", rows.replace("<li", "<div").replace("</li>", "</div>")),
    ] {
        let reading = read("craigslist", &format!("{script}{list}"));
        assert_eq!(listed(&reading), [("Bike", "50".to_owned(), "Provo"), ("Lamp", "1250".to_owned(), "")], "{list}");
        let bike = &reading.listings[0];
        assert_eq!(bike.details.external_id.as_deref(), Some("7700000001"));
        assert_eq!(bike.details.image_url.as_deref(), Some("https://i.example/1.jpg"));
    }
    let older = "<ul class=\"rows\"><li class=\"result-row\" data-pid=\"7700000001\"><time class=\"result-date\" datetime=\"2020-08-03 10:13\">Aug 3</time>\
        <a href=\"https://x.craigslist.org/d/bike/7700000001.html\" class=\"result-title hdrlnk\">Bike</a><span class=\"result-price\">$50</span>\
        <span class=\"result-hood\"> (Provo)</span></li></ul>";
    let reading = read("craigslist", older);
    assert_eq!(listed(&reading), [("Bike", "50".to_owned(), "Provo")]);
    assert_eq!(reading.listings[0].created_at.unwrap().to_string(), "2020-08-03T10:13:00Z");
    let hydrating = read("craigslist", &format!("{script}<ol class=\"cl-static-search-results\"></ol>"));
    assert_eq!(hydrating.state, PageState::ShapeChanged);
    assert!(hydrating.reason.contains("view-source:"), "{}", hydrating.reason);
}

#[test]
fn flats_have_the_place_of_their_address() {
    let row = |n: u32, name: &str, place: &str| {
        format!(
            "<li class=\"cl-static-search-result\" title=\"{name}\"><a href=\"/d/x/770000000{n}.html\"><div class=\"title\">{name}</div>{place}</a></li>"
        )
    };
    let item = |name: &str, town: &str| json!({ "item": { "@type": "Apartment", "name": name, "address": { "addressLocality": town, "addressRegion": "UT" } } });
    let data = json!({ "itemListElement": [item("Two rooms", "Provo"), item("Loft", "Orem")] });
    let page = format!(
        "<script id=\"ld_searchpage_results\">{data}</script><ol class=\"cl-static-search-results\">{}{}</ol>",
        row(1, "Two rooms", ""),
        row(2, "Loft", "<div class=\"location\">Downtown</div>")
    );
    let reading = read("craigslist", &page);
    assert_eq!(
        listed(&reading),
        [("Two rooms", "null".to_owned(), "Provo, UT"), ("Loft", "null".to_owned(), "Downtown")]
    );
}

#[test]
fn the_search_is_found_in_any_line_of_an_answer() {
    let listing = json!({ "id": "7", "marketplace_listing_title": "Desk", "listing_price": { "formatted_amount": "$40", "amount": "40.00" } });
    let search = json!({ "data": { "marketplace_search": { "feed_units": { "edges": [{ "node": { "__typename": "MarketplaceFeedListingStoryObject", "listing": listing } }] } } } });
    let other = json!({ "label": "x", "data": { "viewer": {} } });
    let skeleton = json!({ "data": { "marketplace_search": { "feed_units": { "edges": [] } } } });
    let nothing = json!({ "data": { "marketplace_search": { "feed_units": { "edges": [{ "node": { "__typename": "MarketplaceSearchFeedNoResults" } }] } } } });
    let url = "https://www.facebook.com/api/graphql/";
    for lines in [
        vec![&search],
        vec![&other, &search],
        vec![&search, &other],
        vec![&skeleton, &other, &search],
        vec![&nothing, &search],
    ] {
        let body = lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\r\n");
        for body in [body.clone(), format!("for (;;);{body}"), format!("\n{body}\n")] {
            assert_eq!(listed(&read_at("facebook", url, &body)), [("Desk", "40".to_owned(), "")], "{body}");
        }
    }
    assert_eq!(read_at("facebook", url, &format!("{skeleton}\n{nothing}")).state, PageState::Empty);
    assert_eq!(read_at("facebook", url, &format!("{other}\n{skeleton}")).state, PageState::ShapeChanged);
    assert_eq!(read_at("facebook", url, &format!("{other}\n{other}")).state, PageState::ShapeChanged);
}
