use superbot_sources::PageState;

use super::{listed, read};

fn row(title: &str, id: &str, price: &str, place: &str) -> String {
    let price = if price.is_empty() { String::new() } else { format!("<div class=\"price\">{price}</div>") };
    format!(
        "<li class=\"cl-static-search-result\" title=\"{title}\"><a href=\"https://provo.craigslist.org/cto/d/x/{id}.html\">\
         <div class=\"title\">{title}</div><div class=\"details\">{price}<div class=\"location\">{place}</div></div></a></li>"
    )
}

fn page(rows: &str, products: &str) -> String {
    format!(
        "<html><body><script type=\"application/ld+json\" id=\"ld_searchpage_results\">\
         {{\"@type\":\"ItemList\",\"itemListElement\":[{products}]}}</script>\
         <ol class=\"cl-static-search-results\">{rows}</ol></body></html>"
    )
}

fn product(title: &str, price: &str, image: &str) -> String {
    format!(
        "{{\"position\":\"0\",\"item\":{{\"@type\":\"Product\",\"name\":\"{title}\",\"image\":[\"{image}\"],\
         \"offers\":{{\"price\":\"{price}\",\"priceCurrency\":\"USD\"}}}}}}"
    )
}

#[test]
fn rows_are_read_and_pictures_find_their_rows() {
    let rows = [
        row("Couch", "7712345670", "$40", " Provo\n "),
        row("Bike", "7712345671", "", "Orem"),
        row("Couch", "7712345672", "$1,250", ""),
        row("Desk &amp; chair", "7712345673", "$0", "Lehi"),
    ];
    // The first couch has no picture: by number its row would get the second one's.
    let products = [
        product("Bike", "0.00", "https://images.example/bike.jpg"),
        product("Couch", "1250.00", "https://images.example/couch.jpg"),
        product("Desk & chair", "0.00", "https://images.example/desk.jpg"),
    ];
    let reading = read("craigslist", &page(&rows.concat(), &products.join(",")));
    assert_eq!(
        listed(&reading),
        [
            ("Couch", "40".to_owned(), "Provo"),
            ("Bike", "null".to_owned(), "Orem"),
            ("Couch", "1250".to_owned(), ""),
            ("Desk & chair", "0".to_owned(), "Lehi"),
        ]
    );
    let images: Vec<_> = reading.listings.iter().map(|found| found.details.image_url.as_deref()).collect();
    let image = |name| Some(["https://images.example/", name, ".jpg"].concat());
    let expected = [None, image("bike"), image("couch"), image("desk")];
    assert_eq!(images, expected.iter().map(Option::as_deref).collect::<Vec<_>>());
    assert_eq!(reading.listings[0].details.external_id.as_deref(), Some("7712345670"));
}

#[test]
fn both_forms_of_addresses_have_ids() {
    let token = "AbCdEfGhIjKlMnOpQrSt-_";
    let row = format!(
        "<li class=\"cl-static-search-result\"><a href=\"/view/d/orem-bike/{token}?x=1\"><div class=\"title\">Bike</div></a></li>"
    );
    let reading = read("craigslist", &page(&row, ""));
    assert_eq!(reading.listings[0].details.external_id.as_deref(), Some(token));
    assert_eq!(reading.listings[0].link, format!("https://www.craigslist.org/view/d/orem-bike/{token}?x=1"));
}

#[test]
fn an_empty_list_is_empty_only_where_nothing_else_is_described() {
    let reading = read("craigslist", &page("", ""));
    assert_eq!((reading.state, reading.reason.as_str()), (PageState::Empty, "the list of results is there and empty"));
    let hydrating = read("craigslist", &page("", &product("Bike", "1.00", "https://images.example/1.jpg")));
    assert_eq!(hydrating.state, PageState::ShapeChanged);
    let nameless = "<li class=\"cl-static-search-result\"><a href=\"/x\"></a></li>";
    assert_eq!(read("craigslist", &page(nameless, "")).state, PageState::ShapeChanged);
}

const API: &str = r#"{"data":{"items":[
    [5,60,145,-1,"1:2~40.2~-111.6","3x",[13,"AAAAAAAAAAAAAAAAAAAAA1"],[4,"3:00a0a_abc","3:00b0b_def"],[6,"orem-bike"],"Road bike"],
    [7,0,145,20,"1:0~0~0","3x",[6,"provo-desk"],[10,"$20"],[13,"AAAAAAAAAAAAAAAAAAAAA2"],"Desk"],
    [8,0,145,0,"1:99~0~0",[13,"AAAAAAAAAAAAAAAAAAAAA3"],"Free couch"]],
    "decode":{"minPostingId":7712345600,"minPostedDate":1760000000,"locationDescriptions":["Provo","","Orem"]}}}"#;

#[test]
fn the_json_api_is_read() {
    let reading = read("craigslist", API);
    assert_eq!(
        listed(&reading),
        [
            ("Road bike", "null".to_owned(), "Orem"),
            ("Desk", "20".to_owned(), "Provo"),
            ("Free couch", "0".to_owned(), "")
        ]
    );
    let bike = &reading.listings[0];
    assert_eq!(bike.link, "https://www.craigslist.org/view/d/orem-bike/AAAAAAAAAAAAAAAAAAAAA1");
    assert_eq!(bike.details.external_id.as_deref(), Some("7712345605"));
    assert_eq!(bike.details.image_url.as_deref(), Some("https://images.craigslist.org/00a0a_abc_600x450.jpg"));
    assert_eq!(bike.created_at.unwrap().as_second(), 1_760_000_060);
}

#[test]
fn the_json_api_says_when_there_is_nothing() {
    let state = |body| read("craigslist", body).state;
    assert_eq!(state(r#"{"data":{"items":[],"decode":0}}"#), PageState::Empty);
    assert_eq!(state(r#"{"data":{"items":[],"decode":{}}}"#), PageState::ShapeChanged);
    assert_eq!(state(r#"{"data":{"items":[[1,2]],"decode":{"minPostingId":1}}}"#), PageState::ShapeChanged);
    assert_eq!(state("{\"data\":"), PageState::ShapeChanged);
}
