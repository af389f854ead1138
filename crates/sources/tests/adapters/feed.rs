use superbot_sources::PageState;

use super::{listed, read_at};

const URL: &str = "https://shop.example/feed";

#[test]
fn all_three_kinds_of_feed_are_read() {
    let rss = r#"<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><link>https://shop.example</link>
        <item><title>$8,900 - 2016 Subaru &amp;amp; trailer</title><link>https://shop.example/1</link><guid>a-1</guid>
        <description>&lt;b&gt;Runs&lt;/b&gt; well</description><pubDate>Thu, 09 Oct 2025 08:53:20 GMT</pubDate></item>
        <item><title>2016 Subaru 120k miles</title><link>/2</link></item></channel></rss>"#;
    let reading = read_at("feed", URL, rss);
    let rows = listed(&reading);
    assert_eq!((rows[0].1.as_str(), rows[1].1.as_str()), ("8900", "null"));
    let first = &reading.listings[0];
    assert_eq!(
        (first.title.as_str(), first.details.description.as_deref()),
        ("$8,900 - 2016 Subaru & trailer", Some("Runs well"))
    );
    assert_eq!(
        (first.details.external_id.as_deref(), first.created_at.unwrap().as_second()),
        (Some("a-1"), 1_760_000_000)
    );
    assert_eq!(reading.listings[1].link, "https://shop.example/2");

    let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><id>f</id><updated>2025-10-09T08:53:20Z</updated>
        <entry><title>Desk €40</title><id>d</id><link rel="enclosure" href="https://shop.example/d.jpg"/>
        <link href="https://shop.example/d"/><updated>2025-10-09T08:53:20Z</updated></entry></feed>"#;
    let reading = read_at("feed", URL, atom);
    assert_eq!(listed(&reading), [("Desk €40", "40".to_owned(), "")]);
    assert_eq!(reading.listings[0].link, "https://shop.example/d");

    let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[{"id":"7","url":"https://shop.example/7",
        "title":"Lamp $15","content_text":"Bright."}]}"#;
    let reading = read_at("feed", URL, json);
    assert_eq!(listed(&reading), [("Lamp $15", "15".to_owned(), "")]);
    assert_eq!(reading.listings[0].details.description.as_deref(), Some("Bright."));
}

#[test]
fn a_feed_without_entries_is_empty() {
    let state = |body| read_at("feed", URL, body).state;
    assert_eq!(state("<rss version=\"2.0\"><channel><title>t</title></channel></rss>"), PageState::Empty);
    assert_eq!(
        state("<rss version=\"2.0\"><channel><item><title>x</title></item></channel></rss>"),
        PageState::ShapeChanged
    );
    assert_eq!(state("<html><body>Not here any more</body></html>"), PageState::ShapeChanged);
}

#[test]
fn of_a_feed_without_end_the_beginning_is_read() {
    for (root, entry, end) in [
        (
            "<rss version=\"2.0\"><channel><title>t</title>",
            "<item><title>$5 lamp</title><link>/NN</link></item>",
            "</channel></rss>",
        ),
        (
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>t</title>",
            "<entry><title>x</title><link href=\"/NN\"/></entry>",
            "</feed>",
        ),
    ] {
        let entries = (0..6_000).map(|n| entry.replace("NN", &n.to_string()));
        let feed = format!("{root}{}{end}", entries.collect::<String>());
        let reading = read_at("feed", URL, &feed);
        assert_eq!(reading.listings.len(), 5_000, "{}", reading.reason);
    }
}
