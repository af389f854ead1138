//! Feeds in every dialect, with the faults that feeds have.

use proptest::prelude::*;
use superbot_domain::Currency;
use superbot_sources::{Page, PageState, Reading};

use super::{adapter, listed, read_at};

const URL: &str = "https://shop.example/feed";

fn read(feed: &str) -> Reading {
    read_at("feed", URL, feed)
}

/// The titles and links of a feed that must list something.
fn entries(feed: &str) -> Vec<(String, String)> {
    let reading = read(feed);
    assert_eq!(reading.state, PageState::Ok, "{}: {feed}", reading.reason);
    reading.listings.into_iter().map(|found| (found.title, found.link)).collect()
}

fn titles(feed: &str) -> Vec<String> {
    entries(feed).into_iter().map(|(title, _)| title).collect()
}

#[test]
fn every_dialect_is_read() {
    const AB: &str = "<item><title>A</title><link>https://x.test/1</link></item>\
        <item><title>B</title><link>https://x.test/2</link></item>";
    let entry = |n: u32, name: &str| {
        format!(
            "<entry><title>{name}</title><link rel=\"alternate\" type=\"text/html\" href=\"https://x.test/{n}\"/></entry>"
        )
    };
    let atom = [entry(1, "A"), entry(2, "B")].concat();
    for feed in [
        format!("<rss version=\"2.0\"><channel>{AB}</channel></rss>"),
        format!("<rss version=\"0.91\"><channel><title>c</title></channel>{AB}</rss>"),
        format!("<rss version=\"2.0\" xmlns=\"http://backend.userland.com/rss2\"><channel>{AB}</channel></rss>"),
        format!("<rss xmlns=\"http://blogs.law.harvard.edu/tech/rss\"><channel>{AB}</channel></rss>"),
        format!("<rss xmlns=\"http://shop.example/ns\"><channel>{AB}</channel></rss>"),
        format!("<rss xmlns=\"http://search.yahoo.com/mrss/\"><channel>{AB}</channel></rss>"),
        format!("<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns=\"http://purl.org/rss/1.0/\"><channel/>{AB}</rdf:RDF>"),
        format!("<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns=\"http://my.netscape.com/rdf/simple/0.9/\"><channel></channel>{AB}</rdf:RDF>"),
        format!("<rdf:RDF xmlns:rss=\"http://purl.org/rss/1.0/\">{}</rdf:RDF>", AB.replace('<', "<rss:").replace("<rss:/", "</rss:")),
        format!("<x:rss xmlns:x=\"http://shop.example/ns\"><x:channel>{}</x:channel></x:rss>", AB.replace('<', "<x:").replace("<x:/", "</x:")),
        AB.to_uppercase().replace("HTTPS://X.TEST", "https://x.test").replacen("<ITEM>", "<RSS><CHANNEL><ITEM>", 1),
        format!("<feed xmlns=\"http://www.w3.org/2005/Atom\">{atom}</feed>"),
        format!("<feed version=\"0.3\" xmlns=\"http://purl.org/atom/ns#\">{atom}</feed>"),
        format!("<feed>{atom}</feed>"),
        format!("<a:feed xmlns:a=\"http://www.w3.org/2005/Atom\">{}</a:feed>", atom.replace('<', "<a:").replace("<a:/", "</a:")),
        "<CHANNEL HREF=\"https://x.test/\"><ITEM HREF=\"https://x.test/1\"><TITLE>A</TITLE></ITEM>\
         <ITEM HREF=\"https://x.test/2\"><TITLE>B</TITLE></ITEM></CHANNEL>".to_owned(),
        format!("<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY x \"y\">]><!-- <item> --><rss><channel>{AB}</channel></rss>"),
        "{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{\"id\":1,\"title\":\"A\",\"url\":\"https://x.test/1\"},\
         {\"id\":2.5,\"title\":\"B\",\"url\":\"https://x.test/2\"}]}".to_owned(),
        "{\"items\":[{\"title\":\"A\",\"external_url\":\"https://x.test/1\"},{\"title\":\"B\",\"id\":\"https://x.test/2\"}]}".to_owned(),
    ] {
        let expected = [("A", "https://x.test/1"), ("B", "https://x.test/2")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(entries(&feed), expected, "{feed}");
    }
}

#[test]
fn a_fault_in_one_entry_costs_its_neighbours_nothing() {
    let good = |n: u32| format!("<item><title>Good {n}</title><link>https://x.test/{n}</link></item>");
    for fault in [
        "<item><title>A</title><link>https://x.test/a</link><m:description></m:description></item>",
        "<item><title>A</title><link>https://x.test/a</link><media:group/></item>",
        "<item><title>Salt & pepper mills</title><link>https://x.test/a?b=1&c=2</link></item>",
        "<item><title>A</title><link>https://x.test/a</link>",
        "<item><title>A<link>https://x.test/a</link></item>",
        "<item><title>A</title><link>https://x.test/a<guid>1</guid></item>",
        "<item><title>A</title><link>https://x.test/a</link><description>x<pubDate>no date</pubDate></item>",
        "<item><title>A</title><link>https://x.test/a</link><description><![CDATA[never closed</description></item>",
        "<item><title>A</title><link>https://x.test/a</link><description>a < b <3 <<< > ]]></description></item>",
        "<item><title>A</b></i></title><link>https://x.test/a</link></item>",
        "<item><title>A</title><link>https://x.test/a</link><enclosure url=\"x.jpg></item>",
        "<item><title>A</title><link>https://x.test/a</link><a b=c d></item>",
        "<item><title>A</title><link>https://x.test/a</link>&nosuch; &#xFFFFFFF; \u{0} \u{c}</item>",
        "<item><title>A</title><link>https://x.test/a</link><pubDate>yesterday-ish</pubDate><!-- never closed</item>",
        "<item><title>A</title><link>https://x.test/a</link></itme>",
        "<item><title></title></item>",
        "<item/>",
        "<item><title>A</title><link>javascript:alert(1)</link></item>",
        "<item><title>A</title><link>http://[</link></item>",
        "</item></item>",
    ] {
        let feed = format!(
            "<rss xmlns:m=\"http://search.yahoo.com/mrss/\"><channel>{}{fault}{}</channel></rss>",
            good(1),
            good(2)
        );
        let titles = titles(&feed);
        assert!(titles.contains(&"Good 1".to_owned()) && titles.contains(&"Good 2".to_owned()), "{titles:?}: {feed}");
        let is_whole = fault.contains("https://x.test/a");
        assert_eq!(titles.len(), 2 + usize::from(is_whole), "{titles:?}: {feed}");
    }
    let json = "{\"items\":[{\"title\":\"Good 1\",\"url\":\"/1\"},7,null,{},{\"title\":[1],\"url\":{}},{\"title\":\"Good 2\",\"url\":\"/2\"}]}";
    let reading = read(json);
    assert_eq!(reading.listings.len(), 2);
    assert!(reading.reason.contains("4 of 6 are left out: no title, or no address to follow"), "{}", reading.reason);
}

#[test]
fn an_entry_has_its_address_in_many_places() {
    for (entry, expected) in [
        ("<link>https://x.test/1</link>", "https://x.test/1"),
        ("<link>\n  https://x.test/1 \n</link>", "https://x.test/1"),
        ("<link><![CDATA[https://x.test/1?a=1&b=2]]></link>", "https://x.test/1?a=1&b=2"),
        ("<link/>https://x.test/1", "https://x.test/1"),
        ("<link>/1</link>", "https://shop.example/1"),
        ("<guid>https://x.test/1</guid>", "https://x.test/1"),
        ("<guid isPermaLink=\"true\">https://x.test/1</guid>", "https://x.test/1"),
        ("<link></link><guid>https://x.test/1</guid>", "https://x.test/1"),
        ("<guid isPermaLink=\"false\">https://x.test/0</guid><link>https://x.test/1</link>", "https://x.test/1"),
        ("<atom:link rel=\"alternate\" href=\"https://x.test/1\"/>", "https://x.test/1"),
        ("<atom:link href=\"https://x.test/1\"/>", "https://x.test/1"),
        ("<a:link xmlns:a=\"http://www.w3.org/2005/Atom\" href=\"https://x.test/1\"/>", "https://x.test/1"),
        ("<atom:link rel=\"self\" href=\"https://x.test/0\"/><link>https://x.test/1</link>", "https://x.test/1"),
        (
            "<link rel=\"alternate\" type=\"application/json\" href=\"https://x.test/0\"/><link rel=\"alternate\" href=\"https://x.test/1\"/>",
            "https://x.test/1",
        ),
        ("<enclosure url=\"https://x.test/1.mp3\" type=\"audio/mpeg\"/>", "https://x.test/1.mp3"),
        ("<media:content url=\"https://x.test/1.mp4\"/>", "https://x.test/1.mp4"),
        ("<g:link>https://x.test/1</g:link>", "https://x.test/1"),
        ("<comments>https://x.test/1#comments</comments>", "https://x.test/1#comments"),
        ("<link>mailto:x@x.test</link><guid>https://x.test/1</guid>", "https://x.test/1"),
        ("<link xml:base=\"https://x.test/a/\">b</link>", "https://x.test/a/b"),
    ] {
        let feed = format!("<rss><channel><item><title>A</title>{entry}</item></channel></rss>");
        assert_eq!(entries(&feed), [("A".to_owned(), expected.to_owned())], "{entry}");
    }
    let about = "<rdf:RDF><item rdf:about=\"https://x.test/1\"><title>A</title></item></rdf:RDF>";
    assert_eq!(entries(about)[0].1, "https://x.test/1");
    let based = "<feed xml:base=\"https://x.test/a/\"><entry xml:base=\"https://x.test/a/b/\"><title>A</title><link href=\"c\"/></entry></feed>";
    assert_eq!(entries(based)[0].1, "https://x.test/a/b/c");
    // Without an address of the page, that of the feed counts.
    for own in ["<link>https://x.test/</link>", "<atom:link rel=\"self\" href=\"https://x.test/feed\"/>"] {
        let feed = format!("<rss><channel>{own}<item><title>A</title><link>/1</link></item></channel></rss>");
        assert_eq!(read_at("feed", "", &feed).listings[0].link, "https://x.test/1");
    }
}

#[test]
fn bases_are_relative_to_those_around_them() {
    let entry = "<entry><title>A</title><link href=\"1.html\"/></entry>";
    for (feed, expected) in [
        (format!("<feed>{entry}</feed>"), "https://shop.example/1.html"),
        (format!("<feed xml:base=\"/b/\">{entry}</feed>"), "https://shop.example/b/1.html"),
        (format!("<feed xml:base=\"https://x.test/b/\">{entry}</feed>"), "https://x.test/b/1.html"),
        (format!("<feed><author xml:base=\"https://x.test/\"/>{entry}</feed>"), "https://shop.example/1.html"),
        (format!("<feed><title xml:base=\"https://x.test/\">t</title>{entry}</feed>"), "https://shop.example/1.html"),
        (
            format!("<rss xml:base=\"https://x.test/\"><channel xml:base=\"b/\">{entry}</channel></rss>"),
            "https://x.test/b/1.html",
        ),
    ] {
        assert_eq!(entries(&feed)[0].1, expected, "{feed}");
    }
    for (base, content, expected) in [
        ("sub/", "<link href=\"1.html\"/>", "https://x.test/b/sub/1.html"),
        ("/sub/", "<link href=\"1.html\"/>", "https://x.test/sub/1.html"),
        ("../sub/", "<link href=\"1.html\"/>", "https://x.test/sub/1.html"),
        ("sub/", "<link xml:base=\"deep/\" href=\"1.html\"/>", "https://x.test/b/sub/deep/1.html"),
        ("sub/", "<link xml:base=\"/deep/\">1.html</link>", "https://x.test/deep/1.html"),
        ("sub/", "<link href=\"/1.html\"/>", "https://x.test/1.html"),
        ("sub/", "<link href=\"https://y.test/1.html\"/>", "https://y.test/1.html"),
        ("https://y.test/c/", "<link href=\"1.html\"/>", "https://y.test/c/1.html"),
        (
            "sub/",
            "<media:group xml:base=\"m/\"><media:player url=\"1.html\"/></media:group>",
            "https://x.test/b/sub/m/1.html",
        ),
        ("", "<link href=\"1.html\"/>", "https://x.test/b/1.html"),
    ] {
        let feed = format!(
            "<feed xml:base=\"https://x.test/b/\"><entry xml:base=\"{base}\"><title>A</title>{content}</entry></feed>"
        );
        assert_eq!(entries(&feed)[0].1, expected, "{feed}");
    }
    let picture = "<feed xml:base=\"https://x.test/b/\"><entry xml:base=\"sub/\"><title>A</title><link href=\"1\"/>\
                   <content type=\"html\">&lt;img src='i.jpg'></content></entry></feed>";
    assert_eq!(read(picture).listings[0].details.image_url.as_deref(), Some("https://x.test/b/sub/i.jpg"));
}

#[test]
fn titles_keep_what_only_looks_like_markup() {
    for (title, expected) in [
        ("Lens &lt;wanted&gt; $90", "Lens <wanted> $90"),
        ("&lt;b&gt;Sale&lt;/b&gt; now", "Sale now"),
        ("<b>Sale</b> now", "Sale now"),
        ("<![CDATA[Sale & more <i>now</i>]]>", "Sale & more now"),
        ("AT&amp;T", "AT&T"),
        ("AT&amp;amp;T", "AT&T"),
        ("Caf&eacute; &#233;", "Café é"),
        ("I &lt;3 it", "I <3 it"),
        ("Size &lt;S&gt; or &lt;M&gt;", "Size <S> or <M>"),
        ("one&lt;br/&gt;two", "one two"),
        ("  spread\n over   lines ", "spread over lines"),
    ] {
        let feed = format!("<rss><channel><item><title>{title}</title><link>/1</link></item></channel></rss>");
        assert_eq!(titles(&feed), [expected], "{title}");
    }
    for (title, expected) in [
        ("<title>AT&amp;T &lt;b&gt;</title>", "AT&T <b>"),
        ("<title type=\"html\">AT&amp;amp;T &lt;b&gt;x&lt;/b&gt;</title>", "AT&T x"),
        ("<title type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">a <b>b</b></div></title>", "a b"),
        ("<title mode=\"base64\" type=\"text/html\">PGI+YjwvYj4gYw==</title>", "b c"),
        ("<media:title>m</media:title>", "m"),
        ("<summary>The first line, for want of a title.</summary>", "The first line, for want of a title."),
    ] {
        let feed = format!("<feed><entry>{title}<link href=\"/1\"/></entry></feed>");
        assert_eq!(titles(&feed), [expected], "{title}");
    }
}

#[test]
fn entries_that_share_an_address_are_told_apart_by_their_ids() {
    let item =
        |title: &str, link: &str, id: &str| format!("<item><title>{title}</title><link>{link}</link>{id}</item>");
    let keys = |items: [String; 3]| {
        let reading = read(&format!("<rss><channel>{}</channel></rss>", items.concat()));
        let keys: Vec<Option<String>> = reading.listings.iter().map(|found| found.link_key.clone()).collect();
        (keys, reading.reason)
    };
    let guid = |id: u32| format!("<guid isPermaLink=\"false\">{id}</guid>");
    let some = |key: &str| Some(key.to_owned());
    let (found, _) = keys([item("A", "/a", &guid(1)), item("B", "/a", &guid(2)), item("C", "/c", &guid(3))]);
    assert_eq!(found, [some("1"), some("2"), None]);
    let (found, _) = keys([item("A", "/a#1", ""), item("B", "/a#2", ""), item("C", "/c", "")]);
    assert_eq!(found, [some("1"), some("2"), None]);
    let (found, reason) = keys([item("A", "/a", ""), item("B", "/a", ""), item("A", "/a", "")]);
    assert_eq!(found, [None]);
    assert!(reason.contains("1 entries are left out: their address is that of another"), "{reason}");
    let (found, reason) = keys([item("A", "/a", &guid(1)), item("A", "/a", &guid(1)), item("C", "/c", "")]);
    assert_eq!((found, reason.as_str()), (vec![some("1"), None], "2 listings in the feed"));
}

#[test]
fn only_a_whole_feed_without_any_entry_is_empty() {
    for (feed, expected) in [
        ("<rss><channel><title>t</title></channel></rss>", PageState::Empty),
        ("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>t</title></feed>", PageState::Empty),
        ("<rdf:RDF><channel/></rdf:RDF>", PageState::Empty),
        ("<RSS><CHANNEL></CHANNEL></RSS>", PageState::Empty),
        ("{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[]}", PageState::Empty),
        ("<rss><channel><title>t</title>", PageState::ShapeChanged),
        ("<rss><channel><!-- <item>x</item> --></channel></rss>", PageState::ShapeChanged),
        ("<rss><channel><g:item xmlns:g=\"http://base.google.com/ns/1.0\"/></channel></rss>", PageState::ShapeChanged),
        ("<rss><channel></item></channel></rss>", PageState::ShapeChanged),
        ("<rss><channel>em></channel><em></rss>", PageState::ShapeChanged),
        ("<rss><channel <title>t</title></channel></rss>", PageState::ShapeChanged),
        ("<rss><channel><!-- </channel></rss>", PageState::ShapeChanged),
        ("<rss><channel><itm><title>t</title></ite></channel></rss>", PageState::ShapeChanged),
        ("<rss><channel><item><title>x</title></item></channel></rss>", PageState::ShapeChanged),
        ("<rdf:RDF><channel><items><rdf:Seq><rdf:li/></rdf:Seq></items></channel></rdf:RDF>", PageState::ShapeChanged),
        ("<html><body>Not here any more</body></html>", PageState::ShapeChanged),
        ("{\"items\":[7]}", PageState::ShapeChanged),
        ("{\"error\":\"gone\"}", PageState::ShapeChanged),
        ("{\"items\":[", PageState::ShapeChanged),
        ("not a feed", PageState::ShapeChanged),
    ] {
        let reading = read(feed);
        assert_eq!(reading.state, expected, "{}: {feed}", reading.reason);
    }
}

#[test]
fn what_is_left_out_is_counted() {
    let feed =
        "<rss><channel><item><title>A</title><link>/1</link></item><item><title>B</title></item></channel></rss>";
    assert_eq!(read(feed).reason, "1 listings in the feed; 1 of 2 are left out: no title, or no address to follow");
    let long = format!(
        "<rss><channel>{}</channel></rss>",
        "<item><title>A</title><guid>x</guid><link>/1</link></item>".repeat(5_001)
    );
    assert!(read(&long).reason.contains("only the first 5000 are read"), "{}", read(&long).reason);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn a_damaged_feed_is_never_called_empty(
        dialect in 0..3_usize,
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, prop::collection::vec(any::<u8>(), 0..6)), 1..4),
    ) {
        let feeds = [
            "<rss version=\"2.0\"><channel><title>t</title><item><title>A &amp; b</title><link>https://x.test/1</link><guid>1</guid></item>\
             <item><title>B</title><link>https://x.test/2</link></item></channel></rss>",
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><title type=\"html\">A</title><link href=\"https://x.test/1\"/></entry>\
             <entry><title>B</title><link href=\"https://x.test/2\"/></entry></feed>",
            "{\"items\":[{\"id\":1,\"title\":\"A\",\"url\":\"https://x.test/1\"},{\"id\":2,\"title\":\"B\",\"url\":\"https://x.test/2\"}]}",
        ];
        let mut bytes = feeds[dialect].as_bytes().to_vec();
        for (place, length, noise) in cuts {
            let at = place.index(bytes.len());
            let end = (at + length).min(bytes.len());
            bytes.splice(at..end, noise);
            prop_assume!(!bytes.is_empty());
        }
        let reading = adapter("feed").read(&Page::saved(URL, &bytes), Currency::USD);
        prop_assert_ne!(reading.state, PageState::Empty, "{}", String::from_utf8_lossy(&bytes));
        for found in reading.listings {
            prop_assert!(!found.title.trim().is_empty() && found.link.starts_with("http"));
        }
    }
}

#[test]
fn a_feed_in_any_encoding_is_read() {
    let feed = |label: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"{label}\"?><rss><channel><item><title>Vélo 5 €</title><link>/1</link></item></channel></rss>"
        )
    };
    let wide = |to_bytes: fn(u16) -> [u8; 2]| feed("utf-16").encode_utf16().flat_map(to_bytes).collect::<Vec<u8>>();
    let latin = feed("windows-1252")
        .chars()
        .map(|c| if c == '€' { 0x80 } else { u8::try_from(u32::from(c)).unwrap() })
        .collect();
    for bytes in [
        feed("utf-8").into_bytes(),
        feed("utf-16").into_bytes(),
        feed("iso-8859-1").into_bytes(),
        wide(u16::to_le_bytes),
        wide(u16::to_be_bytes),
        latin,
    ] {
        let reading = adapter("feed").read(&Page::saved(URL, &bytes), Currency::USD);
        assert_eq!(listed(&reading), [("Vélo 5 €", "5".to_owned(), "")]);
    }
}
