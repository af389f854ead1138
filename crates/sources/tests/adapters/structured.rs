use serde_json::{Value, json};
use superbot_domain::ItemCondition;
use superbot_sources::{PageState, Reading};

use super::{listed, read_at};

fn read(body: &str) -> Reading {
    read_at("structured", "https://shop.example/list/", body)
}

fn linked_data(value: &Value) -> String {
    format!("<html><head><script type=\"application/ld+json\">{value}</script></head></html>")
}

#[test]
fn linked_data_is_read_in_every_shape() {
    let product = |n: u32| {
        json!({ "@type": "Product", "name": format!("Desk {n}"), "url": format!("/{n}"), "image": ["/i.jpg"], "sku": n,
            "offers": { "@type": "Offer", "price": "45.50", "priceCurrency": "EUR", "itemCondition": "https://schema.org/NewCondition",
                "availableAtOrFrom": { "address": { "addressLocality": "Provo", "addressRegion": "UT" } } } })
    };
    let item = |n: u32, item: &Value| json!({ "@type": "ListItem", "position": n, "item": item });
    for value in [
        json!([product(1), product(2)]),
        json!({ "@graph": [{ "@type": "WebPage" }, product(1), product(2)] }),
        json!({ "@type": "ItemList", "itemListElement": [product(1), product(2)] }),
        json!({ "@type": "ItemList", "itemListElement": [item(1, &product(1)), item(2, &product(2))] }),
        json!({ "@type": "SearchResultsPage", "mainEntity": { "@type": "ItemList", "itemListElement": [item(1, &product(1)), item(2, &product(2))] } }),
        json!({ "@type": ["CollectionPage"], "mainEntity": { "@type": "OfferCatalog", "itemListElement": [product(1), product(2)] } }),
    ] {
        let reading = read(&linked_data(&value));
        assert_eq!(
            listed(&reading),
            [("Desk 1", "45.5".to_owned(), "Provo, UT"), ("Desk 2", "45.5".to_owned(), "Provo, UT")],
            "{value}"
        );
        let first = &reading.listings[0];
        assert_eq!(
            (first.link.as_str(), first.price.price.money().unwrap().currency.as_str()),
            ("https://shop.example/1", "EUR")
        );
        assert_eq!(first.details.image_url.as_deref(), Some("https://shop.example/i.jpg"));
        assert_eq!(
            (first.details.condition, first.details.external_id.as_deref()),
            (Some(ItemCondition::New), Some("1"))
        );
    }
}

#[test]
fn items_of_every_type_are_read() {
    for (item, expected) in [
        (json!({ "@type": "Car", "name": "A", "url": "/1", "offers": { "price": 9000 } }), "9000"),
        (
            json!({ "@type": "http://schema.org/Vehicle", "name": "A", "url": "/1", "offers": [{ "price": "9000" }] }),
            "9000",
        ),
        (
            json!({ "@type": ["Product", "Car"], "name": "A", "@id": "https://x.test/1", "offers": { "lowPrice": 9, "highPrice": 12 } }),
            "9",
        ),
        (json!({ "@type": "Apartment", "name": "A", "url": "/1", "address": { "addressLocality": "Provo" } }), "null"),
        (
            json!({ "@type": "RealEstateListing", "name": "A", "url": "/1", "offers": { "priceSpecification": { "price": 500_000 } } }),
            "500000",
        ),
        (
            json!({ "@type": "Offer", "price": "9", "url": "/1", "itemOffered": { "@type": "Product", "name": "A" } }),
            "9",
        ),
        (
            json!({ "@type": "Product", "name": "A", "offers": { "@type": "AggregateOffer", "url": "/1", "offers": [{ "price": 9 }] } }),
            "9",
        ),
        (
            json!({ "@type": "Product", "name": "A &amp; <b>B</b>", "url": "/1", "offers": { "price": "1,250.50", "priceCurrency": "USD" } }),
            "1250.5",
        ),
        (
            json!({ "@type": "ItemList", "itemListElement": [{ "@type": "ListItem", "url": "/1", "name": "A" }] }),
            "null",
        ),
        (
            json!({ "@type": "ItemList", "itemListElement": [{ "@type": "ListItem", "url": "/1", "item": { "name": "A" } }] }),
            "null",
        ),
    ] {
        let reading = read(&linked_data(&item));
        let rows = listed(&reading);
        assert_eq!((rows.len(), rows[0].1.as_str()), (1, expected), "{item}");
        assert!(rows[0].0.starts_with('A'), "{item}");
    }
}

#[test]
fn microdata_and_rdfa_are_read() {
    let microdata = r#"<div itemscope itemtype="https://schema.org/Product"><a itemprop="url" href="/1"><h2 itemprop="name">Desk</h2></a>
        <img itemprop="image" data-src="/i.jpg" src="blank.gif"><div itemprop="offers" itemscope itemtype="https://schema.org/Offer">
        <meta itemprop="priceCurrency" content="EUR"><b itemprop="price" content="45.50">45,50</b></div>
        <div itemprop="review" itemscope itemtype="https://schema.org/Review"><span itemprop="name">Great</span></div></div>"#;
    let rdfa = r#"<div vocab="https://schema.org/" typeof="Product"><a property="url" href="/1"><h2 property="name">Desk</h2></a>
        <img property="image" src="/i.jpg"><div property="offers" typeof="Offer"><span property="priceCurrency">EUR</span>
        <b property="schema:price">45.50</b></div></div>"#;
    for body in [microdata, rdfa] {
        let reading = read(body);
        assert_eq!(listed(&reading), [("Desk", "45.5".to_owned(), "")], "{body}");
        let desk = &reading.listings[0];
        assert_eq!(
            (desk.link.as_str(), desk.details.image_url.as_deref()),
            ("https://shop.example/1", Some("https://shop.example/i.jpg"))
        );
        assert_eq!(desk.price.price.money().unwrap().currency.as_str(), "EUR");
    }
}

#[test]
fn the_only_link_of_an_item_is_its_address() {
    for (content, expected) in [
        ("<a href=/1><b itemprop=name>Desk</b></a>", Some("https://shop.example/1")),
        ("<a href=/1><img></a><h2><a href=/1 itemprop=name>Desk</a></h2>", Some("https://shop.example/1")),
        ("<b itemprop=name>Desk</b><a href=#>like</a><a href=/1#reviews>3 reviews</a>", Some("https://shop.example/1")),
        ("<b itemprop=name>Desk</b><a href=/1>see</a><a href=/cart>buy</a>", None),
        ("<b itemprop=name>Desk</b>", None),
        ("<b itemprop=name>Desk</b><a href=#>like</a>", None),
        ("<a itemprop=url href=/2></a><a href=/1><b itemprop=name>Desk</b></a>", Some("https://shop.example/2")),
    ] {
        let reading = read(&format!("<div itemscope itemtype=https://schema.org/Product>{content}</div>"));
        assert_eq!(
            reading.listings.first().map(|found| found.link.as_str()),
            expected,
            "{content}: {}",
            reading.reason
        );
    }
    let whole = "<a href=/1 itemscope itemtype=https://schema.org/Product><b itemprop=name>Desk</b></a>";
    assert_eq!(read(whole).listings[0].link, "https://shop.example/1");
}

#[test]
fn data_of_scripts_is_a_guess_that_is_named() {
    let ads: Vec<Value> = (1..=3).map(|n| json!({ "id": n, "title": format!("Desk {n}"), "url": format!("/{n}"), "price": { "amount": 45, "currency": "EUR" }, "image": { "src": "/i.jpg" }, "location": { "name": "Wien" } })).collect();
    let menu = json!([{ "title": "Home", "url": "/" }, { "title": "Help", "url": "/help" }]);
    let nodes: Vec<Value> = ads.iter().map(|ad| json!({ "node": ad })).collect();
    for data in [json!({ "props": { "menu": menu, "ads": ads } }), json!({ "search": { "edges": nodes } })] {
        let reading = read(&format!("<script id=\"__NEXT_DATA__\" type=\"application/json\">{data}</script>"));
        assert_eq!(listed(&reading)[0], ("Desk 1", "45".to_owned(), "Wien"));
        assert!(reading.listings.len() == 3 && reading.reason.contains("this is a guess"), "{}", reading.reason);
    }
}

#[test]
fn nothing_is_nothing_only_where_the_page_says_so() {
    let state = |value: Value| read(&linked_data(&value)).state;
    assert_eq!(state(json!({ "@type": "ItemList", "itemListElement": [] })), PageState::Empty);
    assert_eq!(state(json!({ "@type": "ItemList", "numberOfItems": 0 })), PageState::Empty);
    assert_eq!(
        state(
            json!({ "@type": "BreadcrumbList", "itemListElement": [{ "@type": "ListItem", "name": "Home", "item": "/" }] })
        ),
        PageState::ShapeChanged
    );
    assert_eq!(state(json!({ "@type": "Organization", "name": "Shop", "url": "/" })), PageState::ShapeChanged);
    assert_eq!(state(json!({ "@type": "Product", "name": "A" })), PageState::ShapeChanged);
    assert_eq!(read("<script type=\"application/ld+json\">{\"@type\": </script>").state, PageState::ShapeChanged);
    assert_eq!(read("<html><body>Welcome</body></html>").state, PageState::ShapeChanged);
}

#[test]
fn an_empty_list_counts_only_as_the_list_of_the_page() {
    let list = |fields: Value| {
        let mut list = json!({ "@type": "ItemList", "itemListElement": [] });
        list.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        list
    };
    let urls = json!([{ "@type": "ListItem", "url": "/1" }]);
    for (value, state) in [
        (list(json!({})), PageState::Empty),
        (list(json!({ "numberOfItems": 0 })), PageState::Empty),
        (list(json!({ "numberOfItems": "0" })), PageState::Empty),
        (list(json!({ "name": "Search results for kayak" })), PageState::Empty),
        (json!({ "@type": "SearchResultsPage", "mainEntity": list(json!({})) }), PageState::Empty),
        (list(json!({ "numberOfItems": 12 })), PageState::ShapeChanged),
        (list(json!({ "numberOfItems": "12" })), PageState::ShapeChanged),
        (json!({ "@type": "ItemList", "numberOfItems": 12 }), PageState::ShapeChanged),
        (json!({ "@type": "ItemList" }), PageState::ShapeChanged),
        (list(json!({ "name": "Related searches" })), PageState::ShapeChanged),
        (list(json!({ "name": "You may also like" })), PageState::ShapeChanged),
        (list(json!({ "name": "Recently viewed" })), PageState::ShapeChanged),
        (list(json!({ "name": "Ähnliche Anzeigen" })), PageState::ShapeChanged),
        (list(json!({ "name": "Recherches similaires" })), PageState::ShapeChanged),
        (list(json!({ "@id": "#recommended-items" })), PageState::ShapeChanged),
        (json!([list(json!({})), { "@type": "ItemList", "itemListElement": urls }]), PageState::ShapeChanged),
        (json!([list(json!({})), list(json!({ "numberOfItems": 3 }))]), PageState::ShapeChanged),
        (json!([list(json!({})), list(json!({ "name": "Popular" }))]), PageState::Empty),
    ] {
        assert_eq!(read(&linked_data(&value)).state, state, "{value}");
    }
    let empty = linked_data(&list(json!({})));
    let rows = |n: usize| "<li>Bike $5</li>".repeat(n);
    assert_eq!(read(&format!("{empty}{}", rows(5))).state, PageState::ShapeChanged, "the page shows prices");
    assert_eq!(read(&format!("{empty}{}", rows(1))).state, PageState::Empty, "one may be anything");
    assert_eq!(read(&format!("{empty}<div hidden>{}</div>", rows(5))).state, PageState::Empty);
}

#[test]
fn linked_data_is_read_in_spite_of_its_wrapping() {
    let product = r#"{"@type":"Product","name":"A","url":"/1?a=1&amp;b=2","image":"/i.jpg?a=1&amp;b=2"}"#;
    for script in [
        product.to_owned(),
        format!("<!-- {product} -->"),
        format!("//<![CDATA[\n{product}\n//]]>"),
        format!("/* <![CDATA[ */{product}/* ]]> */"),
        format!("/* [generated] */ {product}"),
        product.replace("\"A\"", "\"A\n\""),
        product.replace('}', ",}"),
        product.replace('{', "{ // product\n"),
    ] {
        let reading = read(&format!("<script type=\"application/ld+json\">{script}</script>"));
        assert_eq!(reading.state, PageState::Ok, "{script}: {}", reading.reason);
        let found = &reading.listings[0];
        assert_eq!((found.title.as_str(), found.link.as_str()), ("A", "https://shop.example/1?a=1&b=2"), "{script}");
        assert_eq!(found.details.image_url.as_deref(), Some("https://shop.example/i.jpg?a=1&b=2"));
    }
}
