//! What feeds say beside titles and links.

use superbot_domain::{Currency, ItemCondition};
use superbot_sources::{Adapter, Page, Reading};

use super::{kind, read_at};

fn item(content: &str) -> Reading {
    let feed = format!(
        "<rss xmlns:m=\"http://search.yahoo.com/mrss/\" xmlns:g=\"http://base.google.com/ns/1.0\"><channel><item><title>Desk</title>\
         <link>/1</link>{content}</item></channel></rss>"
    );
    let reading = read_at("feed", "https://shop.example/feed", &feed);
    assert_eq!(reading.listings.len(), 1, "{}", reading.reason);
    reading
}

fn price(reading: &Reading) -> String {
    let price = reading.listings[0].price.price;
    price
        .money()
        .map_or_else(|| price.kind().to_owned(), |money| format!("{} {}", price.to_json(), money.currency.as_str()))
}

#[test]
fn prices_are_found_in_elements_and_descriptions() {
    for (content, expected) in [
        ("<g:price>40 EUR</g:price>", "40 EUR"),
        ("<g:price>40.50 USD</g:price>", "40.5 USD"),
        ("<g:price>50 EUR</g:price><g:sale_price>40 EUR</g:sale_price>", "40 EUR"),
        ("<price>40</price>", "40 USD"),
        ("<price currency=\"EUR\">40</price>", "40 EUR"),
        ("<g-core:price>40.00</g-core:price>", "40 USD"),
        (
            "<s:variant xmlns:s=\"http://jadedpixel.com/-/spec/shopify\"><s:price currency=\"CAD\">40.00</s:price></s:variant>",
            "40 CAD",
        ),
        ("<m:price price=\"40\" currency=\"EUR\"/>", "40 EUR"),
        ("<description>Price: $40</description>", "40 USD"),
        (
            "<description>&lt;p&gt;Solid oak.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Price:&lt;/b&gt; $40&lt;/p&gt;</description>",
            "40 USD",
        ),
        ("<description><![CDATA[<table><tr><td>Preis</td><td>40 €</td></tr></table>]]></description>", "40 EUR"),
        ("<description>Prix : 40 €&lt;br/&gt;Lieu : Lyon</description>", "40 EUR"),
        ("<description>&lt;div&gt;$40&lt;/div&gt;&lt;div&gt;12 km&lt;/div&gt;</description>", "40 USD"),
        ("<content:encoded><![CDATA[<p>€40</p>]]></content:encoded>", "40 EUR"),
        ("<description>Solid oak, $40, pick up in Provo</description>", "40 USD"),
        ("<description>Free shipping. Seats 4, built in 2010.</description>", "unstated"),
        ("<description>Call 555-1234</description>", "unstated"),
        ("", "unstated"),
    ] {
        assert_eq!(price(&item(content)), expected, "{content}");
    }
    assert!(item("<g:price>40 EUR</g:price>").reason.ends_with("; prices: 1 in elements of their own"));
    assert!(item("<description>Price: $40</description>").reason.ends_with("; prices: 1 in descriptions"));
}

#[test]
fn the_price_is_that_of_the_item_itself() {
    let shipping = "<g:shipping><g:country>US</g:country><g:price>5 USD</g:price></g:shipping>";
    let own = "<g:price>400 EUR</g:price>";
    for (content, expected) in [
        (format!("{shipping}{own}"), "400 EUR"),
        (format!("{own}{shipping}"), "400 EUR"),
        (shipping.to_owned(), "unstated"),
        (format!("{shipping}{shipping}<g:sale_price>300 EUR</g:sale_price>{own}"), "300 EUR"),
        (format!("<g:tax><g:price>5 USD</g:price></g:tax>{own}"), "400 EUR"),
        (format!("<g:installment><g:months>12</g:months><g:amount>5 USD</g:amount></g:installment>{own}"), "400 EUR"),
        (format!("<g:subscription_cost><g:amount>5 USD</g:amount></g:subscription_cost>{own}"), "400 EUR"),
        (format!("<g:loyalty_program><g:price>5 USD</g:price></g:loyalty_program>{own}"), "400 EUR"),
        (format!("<delivery><price>5</price></delivery>{own}"), "400 EUR"),
        (format!("<offer><delivery><cost><price>5</price></cost></delivery></offer>{own}"), "400 EUR"),
        (format!("<related><item2><price>5</price></item2></related>{own}"), "400 EUR"),
        (format!("<s:variant><s:price currency=\"CAD\">5</s:price></s:variant>{own}"), "400 EUR"),
        ("<s:variant><s:price currency=\"CAD\">5</s:price></s:variant>".to_owned(), "5 CAD"),
    ] {
        assert_eq!(price(&item(&content)), expected, "{content}");
    }
}

#[test]
fn a_currency_beside_a_price_is_that_of_the_price() {
    for (content, expected) in [
        ("<price>12</price><currency>GBP</currency>", "12 GBP"),
        ("<currency>GBP</currency><price>12</price>", "12 GBP"),
        ("<g:price>12</g:price><g:currency>GBP</g:currency>", "12 GBP"),
        ("<price>12.50</price><priceCurrency>GBP</priceCurrency>", "12.5 GBP"),
        ("<price>12</price><price_currency>£</price_currency>", "12 GBP"),
        ("<price>12</price><currencyCode> gbp </currencyCode>", "12 GBP"),
        ("<c:price xmlns:c=\"urn:x\">12</c:price><c:currency xmlns:c=\"urn:x\">GBP</c:currency>", "12 GBP"),
        ("<price><amount>12</amount><currency>GBP</currency></price>", "12 GBP"),
        ("<price><value>12</value><currency>GBP</currency></price><currency>EUR</currency>", "12 GBP"),
        ("<price currencyId=\"GBP\">12</price>", "12 GBP"),
        ("<price currency=\"GBP\">12</price><currency>EUR</currency>", "12 GBP"),
        ("<price>12 EUR</price><currency>GBP</currency>", "12 EUR"),
        ("<price>$12</price><currency>CAD</currency>", "12 CAD"),
        ("<offer><price>12</price><currency>GBP</currency></offer>", "12 GBP"),
        ("<offer><currency>GBP</currency></offer><price>12</price>", "12 USD"),
        ("<price>12</price><currency></currency>", "12 USD"),
        ("<price>12</price><currency>points</currency>", "unstated"),
    ] {
        assert_eq!(price(&item(content)), expected, "{content}");
    }
    for (fields, expected) in [
        (r#""price":12,"currency":{"code":"GBP"}"#, "12 GBP"),
        (r#""price":12,"priceCurrency":"GBP""#, "12 GBP"),
        (r#""_shop":{"price":{"value":"12","currency":{"symbol":"£"}}}"#, "12 GBP"),
    ] {
        let feed = format!(r#"{{"items":[{{"id":1,"url":"/1","title":"Desk",{fields}}}]}}"#);
        assert_eq!(price(&read_at("feed", "https://shop.example/feed.json", &feed)), expected, "{fields}");
    }
}

#[test]
fn pictures_are_found_in_elements_and_descriptions() {
    const PICTURE: &str = "https://shop.example/i.jpg";
    for content in [
        "<g:image_link>/i.jpg</g:image_link>",
        "<m:content url=\"/i.jpg\" medium=\"image\"/>",
        "<m:content url=\"/i.jpg\" type=\"image/jpeg\"/>",
        "<m:content url=\"/i.jpg\"/>",
        "<m:group><m:content url=\"/v.mp4\" type=\"video/mp4\"/><m:thumbnail url=\"/i.jpg\"/></m:group>",
        "<m:thumbnail url=\"/i.jpg\"/>",
        "<enclosure url=\"/i.jpg\" type=\"image\"/>",
        "<enclosure url=\"/i.jpg\" type=\"image/jpeg\" length=\"1\"/>",
        "<enclosure url=\"i.jpg\"/>",
        "<enclosure url=\"/a.mp3\" type=\"audio/mpeg\"/><itunes:image href=\"/i.jpg\"/>",
        "<image><url>/i.jpg</url><title>x</title></image>",
        "<image>/i.jpg</image>",
        "<atom:link rel=\"enclosure\" type=\"image/png\" href=\"/i.jpg\"/>",
        "<description>&lt;img src=\"/i.jpg\"&gt; x</description>",
        "<description>&lt;img src=\"/pixel.gif\" width=\"1\" height=\"1\"&gt;&lt;img src='i.jpg'&gt;</description>",
        "<content:encoded><![CDATA[<p><img src=\"data:image/gif;base64,x\" data-src=\"/i.jpg\"></p>]]></content:encoded>",
        "<description><div>x <img src=\"/i.jpg\"/></div></description>",
    ] {
        assert_eq!(item(content).listings[0].details.image_url.as_deref(), Some(PICTURE), "{content}");
    }
    assert_eq!(item("<enclosure url=\"/a.mp3\"/>").listings[0].details.image_url, None);
}

#[test]
fn places_conditions_and_dates_are_found() {
    for (content, expected) in [
        ("<location>Provo</location>", "Provo"),
        ("<g:location>Provo, UT</g:location>", "Provo, UT"),
        ("<georss:featurename>Provo</georss:featurename>", "Provo"),
        ("<georss:featureName>Provo</georss:featureName>", "Provo"),
        ("<dc:coverage>Provo</dc:coverage>", "Provo"),
        ("<gd:where valueString=\"Provo\"/>", "Provo"),
        ("<description>Location: Provo</description>", "Provo"),
        ("<description>Ort: Wien&lt;br&gt;Preis: 5 €</description>", "Wien"),
        ("<georss:point>40.2 -111.6</georss:point><location>40.2, -111.6</location>", ""),
        ("", ""),
    ] {
        assert_eq!(item(content).listings[0].details.location.as_deref().unwrap_or_default(), expected, "{content}");
    }
    assert_eq!(item("<g:condition>new</g:condition>").listings[0].details.condition, Some(ItemCondition::New));
    for (content, expected) in [
        ("<pubDate>Mon, 13 Oct 2025 08:53:20 GMT</pubDate>", Some("2025-10-13T08:53:20Z")),
        ("<pubDate>2025-10-13 08:53:20</pubDate>", Some("2025-10-13T08:53:20Z")),
        ("<pubDate>Mon, 13 Oct 2025 08:53 CEST</pubDate>", Some("2025-10-13T06:53:00Z")),
        ("<dc:date>2025-10-13</dc:date>", Some("2025-10-13T00:00:00Z")),
        ("<pubDate>soon</pubDate><updated>2025-10-13T08:53:20Z</updated>", Some("2025-10-13T08:53:20Z")),
        ("<pubDate>1760345600</pubDate>", Some("2025-10-13T08:53:20Z")),
        ("<pubDate>soon</pubDate>", None),
    ] {
        let at = item(content).listings[0].created_at.map(|at| at.to_string());
        assert_eq!(at.as_deref(), expected, "{content}");
    }
}

#[test]
fn dates_are_in_the_language_of_the_settings_else_of_the_feed() {
    let feed = |head: &str, date: &str| {
        format!(
            "<rss><channel>{head}<item><title>A</title><link>/1</link><pubDate>{date}</pubDate></item></channel></rss>"
        )
    };
    let read = |language: Option<&str>, feed: &str| {
        let adapter = Adapter::new(kind("feed"), &serde_json::Value::Null).unwrap();
        let adapter = language.map_or(Ok(adapter.clone()), |tag| adapter.with_date_language(tag)).unwrap();
        let page = Page {
            read_at: Some("2025-10-13T15:00:00Z".parse().unwrap()),
            ..Page::saved("https://shop.example/", feed.as_bytes())
        };
        adapter.read(&page, Currency::USD).listings[0].created_at.map(|at| at.to_string()).unwrap_or_default()
    };
    let german = "13. Oktober 2025";
    assert_eq!(read(Some("de"), &feed("", german)), "2025-10-13T00:00:00Z");
    assert_eq!(read(None, &feed("<language>de-AT</language>", german)), "2025-10-13T00:00:00Z");
    assert_eq!(read(None, &feed("", german)), "", "English, where nothing is said");
    assert_eq!(read(Some("fr"), &feed("<language>de</language>", "il y a 2 heures")), "2025-10-13T13:00:00Z");
}

#[test]
fn json_feeds_have_details_too() {
    let feed = r#"{"version":"https://jsonfeed.org/version/1.1","items":[
        {"id":1,"url":"/1","title":"Desk &amp; <b>lamp</b>","image":"/i.jpg","content_html":"<p>Oak</p>","date_published":"2025-10-13T08:53:20Z"},
        {"id":2,"url":"/2","content_text":"No title, 5 < 6","attachments":[{"url":"/a.mp3","mime_type":"audio/mpeg"},{"url":"/i.jpg","mime_type":"image/jpeg"}]},
        {"id":3,"url":"/3","title":"Chair","_shop":{"price":{"amount":"40","currency":"EUR"}},"attachments":[{"url":"/i.jpg"}]},
        {"id":4,"url":"/4","title":"Table","content_html":"<b>Price:</b> €40 <img src='/i.jpg'>"}]}"#;
    let reading = read_at("feed", "https://shop.example/feed.json", feed);
    let titles: Vec<&str> = reading.listings.iter().map(|found| found.title.as_str()).collect();
    assert_eq!(titles, ["Desk & lamp", "No title, 5 < 6", "Chair", "Table"]);
    for found in &reading.listings {
        assert_eq!(found.details.image_url.as_deref(), Some("https://shop.example/i.jpg"), "{}", found.title);
    }
    let prices: Vec<String> = reading.listings.iter().map(|found| found.price.price.to_json().to_string()).collect();
    assert_eq!(prices, ["null", "null", "40", "40"]);
}
