//! Parts of pages in all the ways that settings can name them.

use serde_json::{Value, json};
use superbot_domain::Currency;
use superbot_sources::{Adapter, Page, PageState, Reading};

use super::kind;

fn read(fields: &Value, body: &str) -> Reading {
    let mut all = json!({ "row": "li", "title": "h2", "link": "a" });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let page = Page::saved("https://shop.example/list/", body.as_bytes());
    Adapter::new(kind("html"), &all).unwrap().read(&page, Currency::USD)
}

fn row(content: &str) -> String {
    format!("<ul><li data-id=7 data-ts=1760345600><h2>Desk</h2><a href=\"/1\">x</a>{content}</li></ul>")
}

fn price(fields: &Value, content: &str) -> String {
    let reading = read(fields, &row(content));
    let price = reading.listings[0].price;
    let former = price.previous.map_or_else(String::new, |money| format!(" before {}", money.to_json()));
    let now = price.price.money();
    now.map_or_else(
        || price.price.kind().to_owned(),
        |money| format!("{} {}", money.to_json(), money.currency.as_str()),
    ) + &former
}

#[test]
fn titles_are_whole_words() {
    for (markup, expected) in [
        ("i<em>Pad</em> 9", "iPad 9"),
        ("<mark>i</mark>Pad", "iPad"),
        ("Kinder<wbr>wagen", "Kinderwagen"),
        ("one<br>two", "one two"),
        ("<span>one</span> <span>two</span>", "one two"),
        ("<div>one</div><div>two</div>", "one two"),
        ("<p>one<p>two", "one two"),
        ("one<script>x()</script>", "one"),
        ("<b>Salt</b> &amp; pepper", "Salt & pepper"),
        ("Lens &lt;wanted&gt;", "Lens <wanted>"),
        ("a\n   b", "a b"),
    ] {
        let body = format!("<li><h2>{markup}</h2><a href=/1>x</a></li>");
        assert_eq!(read(&json!({}), &body).listings[0].title, expected, "{markup}");
    }
}

#[test]
fn prices_are_read_as_they_are_shown() {
    let css = || json!({ "price": "b" });
    for (fields, content, expected) in [
        (css(), "<b><i>$</i><i>1,050</i><sup>50</sup></b>", "1050.5 USD"),
        (css(), "<b>1299€<sup>95</sup></b>", "1299.95 EUR"),
        (css(), "<b>310&#8239;000 €</b>", "310000 EUR"),
        (css(), "<b>12&nbsp;500 €</b>", "12500 EUR"),
        (css(), "<b><del>$90.00</del> <ins>$70.00</ins></b>", "70 USD before 90"),
        (css(), "<b>$70 <s>$90</s></b>", "70 USD before 90"),
        (css(), "<b></b>", "unstated"),
        (css(), "", "unstated"),
        (json!({ "price": "b@data-price" }), "<b data-price=\"1250.50\">x</b>", "1250.5 USD"),
        (json!({ "price": "b@content", "amount_in": "minor" }), "<b content=\"4500\">x</b>", "45 USD"),
        (json!({ "price": "b", "zero": "unstated" }), "<b>0 €</b>", "unstated"),
        (json!({ "price": "b", "currency": "i" }), "<b>45</b><i>EUR</i>", "45 EUR"),
        (json!({ "price": "b", "currency": "i@data-c" }), "<b>45</b><i data-c=\"€\"></i>", "45 EUR"),
        (json!({ "price": "b", "currency": "i" }), "<b>45</b>", "45 USD"),
        (json!({ "price": "b", "former_price": "u" }), "<b>$45</b><u>$60</u>", "45 USD before 60"),
        (json!({ "price": [".sale", "b"] }), "<b>$45</b><u class=sale>$40</u>", "40 USD"),
        (json!({ "price": [".sale", "b"] }), "<b>$45</b>", "45 USD"),
    ] {
        assert_eq!(price(&fields, content), expected, "{fields} {content}");
    }
    let unread = read(&json!({ "price": "b", "currency": "i" }), &row("<b>45</b><i>points</i>"));
    assert!(unread.reason.contains("1 prices could not be read"), "{}", unread.reason);
}

#[test]
fn a_period_beside_a_price_is_that_of_the_price() {
    for (fields, content, expected) in [
        (json!({ "price": "b", "price_per": "i" }), "<b>$900</b><i>per month</i>", Some("month")),
        (json!({ "price": "b", "price_per": "i" }), "<b>$900</b><i>/ mo</i>", Some("month")),
        (json!({ "price": "b", "price_per": "i" }), "<b>$900</b><i>pro Woche</i>", Some("week")),
        (json!({ "price": "b", "price_per": "i" }), "<b>$900 per week</b><i>month</i>", Some("week")),
        (json!({ "price": "b", "price_per": "i" }), "<b>$900</b><i>each</i>", None),
        (json!({ "price": "b", "price_per": "i" }), "<b>$900</b>", None),
        (json!({ "price": "b", "price_per": "b@data-unit" }), "<b data-unit=MON>$900</b>", Some("month")),
        (json!({ "price": "b", "price_per": ["i", "u"] }), "<b>$900</b><u>night</u>", Some("day")),
        (json!({ "price": "b", "price_per": "i" }), "<b>free</b><i>month</i>", None),
        (json!({ "price_per": "i" }), "<i>month</i>", None),
    ] {
        let per = read(&fields, &row(content)).listings[0].price.price.per();
        assert_eq!(per.map(superbot_domain::PricePeriod::as_str), expected, "{fields} {content}");
    }
}

#[test]
fn every_kind_with_parts_finds_the_same_of_a_listing() {
    let names = |name: &str| kind(name).parts.iter().map(|part| part.name).collect::<Vec<_>>();
    let only = |one: &str, other: &str| {
        let others = names(other);
        names(one).into_iter().filter(|name| !others.contains(name)).collect::<Vec<_>>()
    };
    assert_eq!((only("html", "json"), only("json", "html")), (vec!["row"], vec!["items", "exponent", "script"]));
}

#[test]
fn links_and_pictures_are_absolute() {
    let link = |fields: Value, body: &str| read(&fields, body).listings[0].link.clone();
    assert_eq!(
        link(json!({}), "<base href=\"https://cdn.test/ads/\"><li><h2>A</h2><a href=\"1.html\">x</a></li>"),
        "https://cdn.test/ads/1.html"
    );
    assert_eq!(
        link(json!({}), "<base href=\"/ads/\"><li><h2>A</h2><a href=\"1.html\">x</a></li>"),
        "https://shop.example/ads/1.html"
    );
    assert_eq!(link(json!({ "link": "https://shop.example/ad/{@data-id}" }), &row("")), "https://shop.example/ad/7");
    assert_eq!(link(json!({ "link": "/ad/{h2}?s={@data-id}" }), &row("")), "https://shop.example/ad/Desk?s=7");
    for (fields, content) in [
        (json!({ "image": "img" }), "<img src=\"/i.jpg\">"),
        (json!({ "image": "img" }), "<img src=\"blank.gif\" data-src=\"/i.jpg\">"),
        (json!({ "image": "img" }), "<img src=\"data:image/gif;base64,x\" srcset=\"/s.jpg 1x, /i.jpg 2x\">"),
        (json!({ "image": "img@srcset" }), "<img srcset=\"/s.jpg 320w, /i.jpg 640w\">"),
        (json!({ "image": "source@data-srcset" }), "<picture><source data-srcset=\"/i.jpg 2x\"></picture>"),
        (json!({ "image": "i@style" }), "<i style=\"background-image: url('/i.jpg')\"></i>"),
        (json!({ "image": "i" }), "<i style=\"background: url(/i.jpg)\"></i>"),
        (json!({ "image": ["img@data-src", "img@src"] }), "<img src=\"/i.jpg\">"),
        (json!({ "image": ["img@data-src", "img@src"] }), "<img src=\"/no.jpg\" data-src=\"/i.jpg\">"),
        (json!({ "image": "/{i}.jpg" }), "<i>i</i>"),
    ] {
        let reading = read(&fields, &row(content));
        assert_eq!(
            reading.listings[0].details.image_url.as_deref(),
            Some("https://shop.example/i.jpg"),
            "{fields} {content}"
        );
    }
}

#[test]
fn dates_are_read() {
    for (fields, content) in [
        (json!({ "date": "time" }), "<time datetime=\"2025-10-13T08:53:20Z\">2 h</time>"),
        (json!({ "date": "time@datetime" }), "<time datetime=\"2025-10-13T08:53:20Z\">2 h</time>"),
        (json!({ "date": "@data-ts" }), ""),
        (json!({ "date": "i" }), "<i>13.10.2025, 08:53:20</i>"),
        (json!({ "date": ["i", "u"] }), "<u>Oct 13, 2025 8:53:20 am</u>"),
    ] {
        let at = read(&fields, &row(content)).listings[0].created_at;
        assert_eq!(at.unwrap().to_string(), "2025-10-13T08:53:20Z", "{fields} {content}");
    }
}

#[test]
fn suggestions_below_no_results_are_left_out() {
    let with_empty = || json!({ "empty": ".none" });
    let ad = |n: u32| format!("<li><h2>Ad {n}</h2><a href=/{n}>x</a></li>");
    let none = read(&with_empty(), &format!("<p class=none>No exact matches</p><ul>{}{}</ul>", ad(1), ad(2)));
    assert_eq!(none.state, PageState::Empty);
    assert!(none.reason.contains("2 rows below the sign"), "{}", none.reason);
    let some = read(&with_empty(), &format!("<ul>{}</ul><p class=none>No more</p><ul>{}</ul>", ad(1), ad(2)));
    assert_eq!((some.state, some.listings.len()), (PageState::Ok, 1));
}

#[test]
fn a_sign_that_is_not_shown_says_nothing() {
    let fields = json!({ "empty": ".none" });
    let ad = "<ul><li><h2>Ad 1</h2><a href=/1>x</a></li></ul>";
    let shown = "<p class=none>No results</p>";
    assert_eq!(read(&fields, shown).state, PageState::Empty);
    for hidden in [
        "<p class=none hidden>No results</p>",
        "<p class=none hidden=hidden>No results</p>",
        "<p class=none style='display: none'>No results</p>",
        "<p class=none style='margin:0;display:none!important'>No results</p>",
        "<p class=none style='visibility:hidden'>No results</p>",
        "<div hidden><p class=none>No results</p></div>",
        "<div style='display:none'><section><p class=none>No results</p></section></div>",
        "<template><p class=none>No results</p></template>",
        "<noscript><p class=none>No results</p></noscript>",
        "<div id=app><template><div><p class=none>No results</p></div></template></div>",
        "<script type=text/template><p class=none>No results</p></script>",
    ] {
        assert_eq!(read(&fields, hidden).state, PageState::ShapeChanged, "{hidden}");
        let before = read(&fields, &format!("{hidden}{ad}"));
        assert_eq!((before.state, before.listings.len()), (PageState::Ok, 1), "{hidden}");
    }
    let template =
        read(&json!({}), &format!("<template><li><h2>{{{{title}}}}</h2><a href=/t>x</a></li></template>{ad}"));
    assert_eq!(template.reason, "1 listings in the page's rows", "rows of a template are none");
}

#[test]
fn what_is_left_out_is_counted() {
    let reading = read(&json!({}), "<li><h2>A</h2><a href=/1>x</a></li><li><h2>B</h2></li><li><a href=/3>x</a></li>");
    assert_eq!(reading.reason, "1 listings in the page's rows; 2 of 3 are left out: no title, or no address to follow");
}

#[test]
fn wrong_choices_and_templates_are_named() {
    let refused = |name: &str, value: Value| {
        let mut fields = json!({ "row": "li", "title": "h2", "link": "a" });
        fields[name] = value;
        Adapter::new(kind("html"), &fields).unwrap_err().to_string()
    };
    assert!(refused("amount_in", json!("cents")).contains("amount_in: is \"cents\"; give \"units\" or \"minor\""));
    assert!(refused("zero", json!("nothing")).contains("give \"free\" or \"unstated\""));
    assert!(refused("link", json!("/ad/{@data-id")).contains("has a { without a }"));
    assert!(refused("link", json!("/ad/{li..x}")).contains("is no CSS selector"));
    assert!(refused("image", json!([])).contains("image: lists 0 texts; give 1 to 8"));
    assert!(refused("image", json!(["img", 7])).contains("is 7 (a number); give a text"));
}
