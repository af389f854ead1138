use superbot_sources::PageState;

use super::{listed, read};

/// Flight data as a page carries it, cut in the middle of a word.
fn flight(data: &str) -> String {
    let middle = data.len() / 2;
    let middle = (middle..=data.len()).find(|at| data.is_char_boundary(*at)).unwrap();
    let piece =
        |text: &str| format!("<script>self.__next_f.push([1,{}])</script>", serde_json::to_string(text).unwrap());
    let noise = "<script>self.__next_f.push([0])</script><script>self.__next_f.push([1,\"a:[]\"])</script>";
    format!("<html>{noise}{}{}</html>", piece(&data[..middle]), piece(&data[middle..]))
}

const TODAY: &str = r#"7:["$","div",{"results":[[
    {"id":1,"title":"Featured sofa","price":300,"isFeatured":true,"createdAt":"2025-01-01T00:00:00Z","displayAt":"2026-10-01T08:00:00Z"},
    {"id":2,"title":"Kayak  é","price":7499,"priceModifier":"OBO","location":{"city":"Midvale","state":"UT","zip":"84047"},
     "primaryImage":{"url":"https://image.example/2.jpg"},"displayAt":"2026-10-02T08:00:00Z","marketType":"Sale"},
    {"id":3,"title":"Want a boat","price":100,"marketType":"Wanted"},
    {"id":4,"title":"No price given","price":0},
    {"id":1,"title":"Featured sofa","price":300,"displayAt":"2026-10-01T08:00:00Z"}]],
    "pageInfo":[{"hasNextPage":false,"endCursor":null,"total":4}]}]"#;

#[test]
fn flight_data_is_read_wherever_it_is_cut() {
    let reading = read("ksl", &flight(TODAY));
    assert_eq!(
        listed(&reading),
        [
            ("Kayak é", "7499".to_owned(), "Midvale, UT"),
            ("No price given", "null".to_owned(), ""),
            ("Featured sofa", "300".to_owned(), ""),
        ]
    );
    let kayak = &reading.listings[0];
    assert_eq!((kayak.link.as_str(), kayak.price.negotiable), ("https://classifieds.ksl.com/listing/2", true));
    assert_eq!(kayak.details.image_url.as_deref(), Some("https://image.example/2.jpg"));
    assert_eq!(
        reading.listings[2].created_at.unwrap().to_string(),
        "2026-10-01T08:00:00Z",
        "not when it was first put up"
    );
}

#[test]
fn flight_data_says_when_there_is_nothing() {
    let state = |data: &str| read("ksl", &flight(data)).state;
    assert_eq!(state(r#"{"results":[[]],"pageInfo":[{"total":0}]}"#), PageState::Empty);
    assert_eq!(state(r#"{"results":[],"pageInfo":{"total":0}}"#), PageState::Empty);
    assert_eq!(state(r#"{"results":[[]],"pageInfo":[{"total":12}]}"#), PageState::ShapeChanged);
    assert_eq!(state(r#"{"results":[[{"name":"x"}]]}"#), PageState::ShapeChanged);
    assert_eq!(state(r#"{"outcome":[[{"id":1,"title":"x"}]]}"#), PageState::ShapeChanged);
}

#[test]
fn the_older_form_is_read() {
    let page = r#"<script>window.renderSearchSection({ listings: [{"id":"55","title":"Tent","price":"45.00","city":"Sandy","state":"UT",
        "photo":"//img.example/55.jpg","description":"Sleeps four.","displayTime":1700000000000,"createTime":1600000000}], more: {} });</script>"#;
    let reading = read("ksl", page);
    assert_eq!(listed(&reading), [("Tent", "45".to_owned(), "Sandy, UT")]);
    let tent = &reading.listings[0];
    assert_eq!(tent.details.image_url.as_deref(), Some("https://img.example/55.jpg"));
    assert_eq!(
        (tent.created_at.unwrap().as_second(), tent.details.description.as_deref()),
        (1_700_000_000, Some("Sleeps four."))
    );
    let empty = "<script>window.renderSearchSection({ listings: [], more: {} });</script>";
    assert_eq!(read("ksl", empty).state, PageState::Empty);
}

#[test]
fn the_bare_page_is_read() {
    let page = r#"<section><a role="listitem" href="/listing/987?x=1" aria-label="Harley parts"><img src="/i.jpg">
        <div aria-label="Price $7,499.00">$7,499</div><span role="link">Midvale, UT</span></a></section>"#;
    let reading = read("ksl", page);
    assert_eq!(listed(&reading), [("Harley parts", "7499".to_owned(), "Midvale, UT")]);
    assert_eq!(reading.listings[0].details.external_id.as_deref(), Some("987"));
}

#[test]
fn data_that_breaks_off_again_and_again_is_not_read_for_ever() {
    // Each mark stands before a value as deep as can be, none of which ends.
    let page = format!("self.__next_f.push([1,{}])", serde_json::json!("\"results\":[[{".repeat(300_000)));
    let reading = read("ksl", &page);
    assert_eq!(reading.state, PageState::ShapeChanged);
    let late = format!("{}{}", "{\"results\":1} ".repeat(10), TODAY);
    assert_eq!(read("ksl", &flight(&late)).state, PageState::Ok, "what is not the list is passed over");
}
