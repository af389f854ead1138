use superbot_domain::Currency;
use superbot_sources::{Page, PageState};

use super::{listed, read, read_at};

fn page(search: &str) -> String {
    format!(
        "<html><head><link rel=\"canonical\" href=\"https://www.facebook.com/marketplace/slc/search/\"></head><body>\
         <script type=\"application/json\" data-sjs>{{\"other\":[1]}}</script>\
         <script type=\"application/json\" data-sjs>{{\"require\":[[\"x\",[{{\"__bbox\":{{\"result\":{{\"data\":\
         {{\"marketplace_search\":{search}}}}}}}}}]]]}}</script></body></html>"
    )
}

fn ad(id: u32, title: &str, price: &str, more: &str) -> String {
    format!(
        r#"{{"node":{{"__typename":"MarketplaceFeedListingStoryObject","listing":{{"id":"{id}","marketplace_listing_title":"{title}",
        "listing_price":{price},"location":{{"reverse_geocode":{{"city":"Provo","state":"UT"}}}},
        "primary_listing_photo":{{"image":{{"uri":"https://scontent.example/{id}.jpg"}}}}{more}}}}}}}"#
    )
}

#[test]
fn listings_are_found_wherever_they_are() {
    let edges = [
        ad(1, "Bike", r#"{"formatted_amount":"$19","amount":"18.50","amount_with_offset_in_currency":"1850"}"#, ""),
        ad(2, "Sold", r#"{"formatted_amount":"$5","amount":"5.00"}"#, r#","is_sold":true"#),
        ad(3, "Pending", r#"{"formatted_amount":"$5","amount":"5.00"}"#, r#","is_pending":true"#),
        ad(
            4,
            "Car",
            r#"{"formatted_amount":"CA$8,900","amount":"8900.00"}"#,
            r#","strikethrough_price":{"formatted_amount":"CA$9,500"},"creation_time":1760000000,"is_live":true"#,
        ),
        ad(5, "Couch", r#"{"formatted_amount":"Free","amount":"0.00"}"#, ""),
    ];
    let reading = read("facebook", &page(&format!(r#"{{"feed_units":{{"edges":[{}]}}}}"#, edges.join(","))));
    assert_eq!(
        listed(&reading),
        [
            ("Bike", "18.5".to_owned(), "Provo, UT"),
            ("Car", "8900".to_owned(), "Provo, UT"),
            ("Couch", "0".to_owned(), "Provo, UT"),
        ]
    );
    let car = &reading.listings[1];
    assert_eq!(car.link, "https://www.facebook.com/marketplace/item/4/");
    assert_eq!(car.price.price.money().unwrap().currency.as_str(), "CAD");
    assert_eq!(car.price.previous.unwrap().minor, 950_000);
    assert_eq!(car.created_at.unwrap().as_second(), 1_760_000_000);
}

#[test]
fn an_answer_of_the_site_itself_is_read() {
    let edges = ad(1, "Bike", r#"{"formatted_amount":"$20","amount":"20.00"}"#, "");
    let answer = format!(r#"for (;;);{{"data":{{"marketplace_search":{{"feed_units":{{"edges":[{edges}]}}}}}}}}"#);
    assert_eq!(listed(&read("facebook", &answer)).len(), 1);
}

#[test]
fn nothing_is_nothing_only_where_the_page_says_so() {
    let state = |search| read("facebook", &page(search)).state;
    assert_eq!(
        state(r#"{"feed_units":{"edges":[{"node":{"__typename":"MarketplaceSearchFeedNoResults"}}]}}"#),
        PageState::Empty
    );
    assert_eq!(state(r#"{"feed_units":{"edges":[]}}"#), PageState::ShapeChanged);
    assert_eq!(state(r#"{"feed_units":{"edges":[{"node":{"listing":{"name":"x"}}}]}}"#), PageState::ShapeChanged);
    assert_eq!(state(r#"{"units":[]}"#), PageState::ShapeChanged);
}

#[test]
fn walls_are_walls() {
    let full = page(r#"{"feed_units":{"edges":[{"node":{"__typename":"MarketplaceSearchFeedNoResults"}}]}}"#);
    let at = |url| read_at("facebook", url, &full).state;
    assert_eq!(at("https://www.facebook.com/login/?next=x"), PageState::LoginWall);
    assert_eq!(at("https://www.facebook.com/checkpoint/123"), PageState::LoginWall);
    assert_eq!(at("https://www.facebook.com/marketplace/slc/search/?query=login"), PageState::Empty);
    let state = |body| read("facebook", body).state;
    let canonical = "<link rel=\"canonical\" href=\"https://www.facebook.com/login/\">";
    assert_eq!(state(canonical), PageState::LoginWall);
    assert_eq!(state("<script>CometErrorRoute</script>"), PageState::LoginWall);
    assert_eq!(state("for (;;);{\"error\":1675004,\"errorSummary\":\"Rate limit exceeded\"}"), PageState::RateLimited);
}

#[test]
fn a_page_of_another_place_lists_nothing() {
    let edges = ad(1, "Bike", r#"{"formatted_amount":"$20","amount":"20.00"}"#, "");
    let body = page(&format!(r#"{{"feed_units":{{"edges":[{edges}]}}}}"#));
    let state = |asked, url| {
        let page = Page { asked, ..Page::saved(url, body.as_bytes()) };
        let reading = super::adapter("facebook").read(&page, Currency::USD);
        (reading.state, reading.reason)
    };
    let slc = "https://www.facebook.com/marketplace/slc/search/?query=bike";
    let (wrong, reason) = state(slc, "https://www.facebook.com/marketplace/107885072569542/search/?query=bike");
    assert_eq!(wrong, PageState::ShapeChanged);
    assert!(reason.contains("\"107885072569542\", not of \"slc\""), "{reason}");
    assert_eq!(state(slc, "https://www.facebook.com/marketplace/SLC/search?query=bike&x=1").0, PageState::Ok);
    assert_eq!(state("", slc).0, PageState::Ok, "nothing is known of what was asked for");
}
