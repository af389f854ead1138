use serde_json::{Value, json};
use superbot_domain::Currency;
use superbot_sources::{Adapter, Page, PageState, Reading};

use super::kind;

use super::listed;

fn fields() -> Value {
    json!({
        "row": "li.ad", "title": "h2 a", "link": "h2 a", "price": ".price", "location": ".place", "image": "img@data-src",
        "description": "p", "id": "@data-id", "date": "time@datetime", "empty": ".no-results",
    })
}

fn read(fields: &Value, body: &str) -> Reading {
    let page = Page::saved("https://shop.example/list/", body.as_bytes());
    Adapter::new(kind("html"), fields).unwrap().read(&page, Currency::USD)
}

const PAGE: &str = r#"<ul><li class="ad" data-id="a7"><h2><a href="../ad/7">Oak <b>desk</b></a></h2><span class="price">$1,250.50</span>
    <span class="place"> Provo, UT</span><img data-src="/i/7.jpg" src="blank.gif"><p>Solid.</p><time datetime="2026-10-09T08:00:00Z"></time></li>
    <li class="ad"><h2>An advertisement</h2></li>
    <li class="ad"><h2><a href="/ad/8">Lamp</a></h2></li></ul>"#;

#[test]
fn each_part_is_where_the_settings_say() {
    let reading = read(&fields(), PAGE);
    assert_eq!(listed(&reading), [("Oak desk", "1250.5".to_owned(), "Provo, UT"), ("Lamp", "null".to_owned(), "")]);
    let desk = &reading.listings[0];
    assert_eq!(desk.link, "https://shop.example/ad/7");
    assert_eq!(desk.details.image_url.as_deref(), Some("https://shop.example/i/7.jpg"));
    assert_eq!((desk.details.external_id.as_deref(), desk.aliases.as_slice()), (Some("a7"), &["a7".to_owned()][..]));
    assert_eq!(
        (desk.details.description.as_deref(), desk.created_at.unwrap().to_string().as_str()),
        (Some("Solid."), "2026-10-09T08:00:00Z")
    );
}

#[test]
fn the_row_itself_may_be_a_part() {
    let reading = read(&json!({ "row": "a.ad", "title": "", "link": "" }), "<a class=ad href='/1'>Bike</a>");
    assert_eq!(
        (reading.listings[0].title.as_str(), reading.listings[0].link.as_str()),
        ("Bike", "https://shop.example/1")
    );
}

#[test]
fn nothing_is_nothing_only_where_the_page_says_so() {
    let empty = read(&fields(), "<div class=\"no-results\">Nothing found</div>");
    assert_eq!(empty.state, PageState::Empty);
    let changed = read(&fields(), "<article>Desk</article>");
    assert_eq!(
        (changed.state, changed.reason.as_str()),
        (PageState::ShapeChanged, "nothing is where the rows should be: li.ad")
    );
    let nameless = read(&fields(), "<li class=ad><h3>Desk</h3></li><div class=no-results></div>");
    assert_eq!(nameless.state, PageState::ShapeChanged);
    assert!(nameless.reason.contains("none of 1 rows"), "{}", nameless.reason);
}

#[test]
fn every_wrong_setting_is_named() {
    let refused = |fields: Value| {
        let invalid = Adapter::new(kind("html"), &fields).unwrap_err();
        invalid.errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let all = refused(json!({ "row": "li..ad", "title": "h2 >", "link": 7 }));
    assert!(all.contains("link: is 7 (a number); give a text"), "{all}");
    let css = refused(json!({ "row": "li..ad", "title": "h2 >", "link": "a" }));
    assert!(
        css.contains("row: is \"li..ad\", which is no CSS selector") && css.contains("title: is \"h2 >\""),
        "{css}"
    );
    let names = refused(json!({ "row": "li", "titel": "h2", "link": "a" }));
    assert!(
        names.contains("titel: is not a field of a page; there are row, title,") && names.contains("title: is missing"),
        "{names}"
    );
    assert!(refused(json!([1])).contains("give an object"));
    let useless = Adapter::new(kind("ksl"), &json!({ "row": "li" })).unwrap_err();
    assert!(useless.to_string().contains("ksl knows where everything is"), "{useless}");
}
