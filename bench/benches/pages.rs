//! Time for parsing pages with each adapter.
//!
//! `cargo bench --manifest-path bench/Cargo.toml --bench pages` measures pages of ordinary size, and worst-case pages
//! of ten million bytes.

use std::fmt::Write as _;

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};
use superbot_domain::Currency;
use superbot_sources::{Adapter, MAX_PAGE_BYTES, Page, PageState, SOURCE_KINDS, SourceKind, find_source_kind};

const ROWS: usize = 360;

fn adapter(kind: &'static SourceKind) -> Adapter {
    let fields = match kind.name {
        "json" => json!({ "items": "$.data.items", "title": "$.title", "link": "$.url", "price": "$.price" }),
        "html" => {
            json!({ "row": "li", "title": "div.title", "link": "a", "price": "div.price", "location": "div.location" })
        }
        _ => Value::Null,
    };
    Adapter::new(kind, &fields).unwrap_or_else(|invalid| panic!("{invalid}"))
}

fn title(n: usize) -> String {
    format!("2016 Subaru Outback number {n}, one owner &amp; all records")
}

fn craigslist(count: usize) -> String {
    let mut rows = String::new();
    let mut products = Vec::new();
    for n in 0..count {
        let title = title(n);
        let id = 7_700_000_000_u64 + n as u64;
        let _ = write!(
            rows,
            "<li class=\"cl-static-search-result\" title=\"{title}\">\n<a href=\"https://provo.craigslist.org/cto/d/provo-subaru/{id}.html\">\n\
             <div class=\"title\">{title}</div>\n<div class=\"details\">\n<div class=\"price\">$1{n:03}</div>\n\
             <div class=\"location\">\nProvo\n</div>\n</div>\n</a>\n</li>\n"
        );
        if n % 6 != 0 {
            let price = format!("1{n:03}.00");
            let offers = json!({ "price": price, "priceCurrency": "USD", "availableAtOrFrom": { "address": { "addressLocality": "Provo" },
                "geo": { "latitude": 40.2, "longitude": -111.6 } } });
            let name = title.replace("&amp;", "&");
            let item = json!({ "@type": "Product", "name": name, "image": [format!("https://images.example/{n}_600x450.jpg")], "offers": offers });
            products.push(json!({ "position": n.to_string(), "@type": "ListItem", "item": item }));
        }
    }
    let products = json!({ "@type": "ItemList", "itemListElement": products });
    format!(
        "<!DOCTYPE html><html><head><title>provo cars</title><script type=\"application/ld+json\" id=\"ld_searchpage_results\">{products}</script>\
         </head><body><ol class=\"cl-static-search-results\">{rows}</ol></body></html>"
    )
}

fn ksl(count: usize) -> String {
    let entry = |n: usize| {
        json!({ "id": n, "listingType": "classified", "createdAt": "2026-10-01T08:00:00Z", "displayAt": "2026-10-02T08:00:00Z", "title": title(n),
            "primaryImage": { "url": format!("https://image.example/{n}.jpg") }, "location": { "city": "Provo", "state": "UT", "zip": "84601" },
            "price": 1000 + n, "priceModifier": null, "category": "Cars", "marketType": "Sale" })
    };
    let results: Vec<Value> = (0..count).map(entry).collect();
    let flight = format!("7:[\"$\",\"div\",{}]", json!({ "results": [results], "pageInfo": [{ "total": count }] }));
    let pieces = flight.as_bytes().chunks(4_000).map(|piece| String::from_utf8_lossy(piece).into_owned());
    let scripts: Vec<String> =
        pieces.map(|piece| format!("<script>self.__next_f.push({})</script>", json!([1, piece]))).collect();
    format!("<!DOCTYPE html><html><body>{}</body></html>", scripts.concat())
}

fn facebook(count: usize) -> String {
    let edge = |n: usize| {
        json!({ "node": { "__typename": "MarketplaceFeedListingStoryObject", "listing": { "id": n.to_string(), "marketplace_listing_title": title(n),
            "listing_price": { "formatted_amount": format!("${}", 1000 + n), "amount": format!("{}.00", 1000 + n) },
            "location": { "reverse_geocode": { "city": "Provo", "state": "UT" } },
            "primary_listing_photo": { "image": { "uri": format!("https://scontent.example/{n}.jpg") } } } } })
    };
    let edges: Vec<Value> = (0..count).map(edge).collect();
    let data =
        json!({ "require": [["x", [{ "data": { "marketplace_search": { "feed_units": { "edges": edges } } } }]]] });
    let noise: Vec<String> =
        (0..40).map(|n| format!("<script type=\"application/json\" data-sjs>{{\"n\":[{n}]}}</script>")).collect();
    format!(
        "<!DOCTYPE html><html><body>{}<script type=\"application/json\" data-sjs>{data}</script></body></html>",
        noise.concat()
    )
}

fn feed(count: usize) -> String {
    let item = |n: usize| {
        format!(
            "<item><title>{} - $1{n:03}</title><link>https://shop.example/{n}</link><guid>g{n}</guid><description>&lt;p&gt;Runs \
             well.&lt;/p&gt;</description><pubDate>Thu, 09 Oct 2025 08:53:20 GMT</pubDate></item>",
            title(n)
        )
    };
    let items: Vec<String> = (0..count).map(item).collect();
    format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>t</title>{}</channel></rss>", items.concat())
}

fn structured(count: usize) -> String {
    let item = |n: usize| {
        let product = json!({ "@type": "Product", "name": title(n), "url": format!("/ad/{n}"), "image": format!("/i/{n}.jpg"),
            "offers": { "@type": "Offer", "price": format!("1{n:03}.00"), "priceCurrency": "USD" } });
        json!({ "@type": "ListItem", "position": n, "item": product })
    };
    let list = json!({ "@type": "ItemList", "itemListElement": (0..count).map(item).collect::<Vec<_>>() });
    format!("<html><head><script type=\"application/ld+json\">{list}</script></head><body></body></html>")
}

fn answer(count: usize) -> String {
    let item = |n: usize| json!({ "title": title(n), "url": format!("/ad/{n}"), "price": 1000 + n });
    json!({ "data": { "items": (0..count).map(item).collect::<Vec<_>>() } }).to_string()
}

fn page_of(kind: &SourceKind, count: usize) -> String {
    match kind.name {
        "craigslist" | "html" => craigslist(count),
        "ksl" => ksl(count),
        "facebook" => facebook(count),
        "feed" => feed(count),
        "structured" => structured(count),
        "json" => answer(count),
        other => panic!("there are no pages for {other}"),
    }
}

/// A page with as many listings as the size limit permits.
fn longest(kind: &SourceKind) -> String {
    let per_listing = page_of(kind, 1_000).len() / 1_000 + 1;
    let page = page_of(kind, MAX_PAGE_BYTES / per_listing * 95 / 100);
    assert!((MAX_PAGE_BYTES * 9 / 10..=MAX_PAGE_BYTES).contains(&page.len()), "{} {}", kind.name, page.len());
    page
}

/// A page of maximum size in the format of Craigslist's JSON API.
fn api() -> String {
    let item = |n: usize| {
        json!([
            n,
            n,
            145,
            20 + n,
            "1:0~40.2~-111.6",
            "3x",
            [13, format!("{n:022}")],
            [6, "provo-desk"],
            [10, "$20"],
            title(n)
        ])
    };
    let decode =
        json!({ "minPostingId": 7_700_000_000_u64, "minPostedDate": 1_760_000_000, "locationDescriptions": ["Provo"] });
    json!({ "data": { "items": (0..58_000).map(item).collect::<Vec<_>>(), "decode": decode } }).to_string()
}

/// Pages of maximum size, each expensive to parse in another way.
fn worst() -> Vec<(&'static str, String)> {
    let repeat = |piece: &str| piece.repeat(MAX_PAGE_BYTES / piece.len());
    let list = |piece: &str| {
        let head = "<ol class=\"cl-static-search-results\">";
        format!("{head}{}", piece.repeat((MAX_PAGE_BYTES - head.len()) / piece.len()))
    };
    vec![
        ("nothing but tags", repeat("<p>")),
        ("nested", repeat("<div>")),
        ("rows", list(&craigslist_row())),
        ("unclosed formatting", repeat("<b><i><a href=x>")),
        ("table soup", repeat("<table><tr><td>")),
        (
            "attributes",
            format!("<div {}", (0..1_200_000).map(|n| format!("a{n}=1 ")).collect::<Vec<_>>().concat())
                [..MAX_PAGE_BYTES]
                .to_owned(),
        ),
        ("entities", repeat("&amp;&lt;&notit;")),
        ("flight marks", repeat("self.__next_f.push(")),
        ("flight lists", repeat("self.__next_f.push([1,\"[[[[\"])")),
        ("open lists", repeat("[")),
        ("results", format!("self.__next_f.push([1,{}])", json!(("\"results\":[[{".repeat(300_000))))),
        ("scripts", repeat("<script type=\"application/json\">{\"marketplace_search\":{}}</script>")),
        (
            "items",
            format!("<rss version=\"2.0\"><channel>{}", "<item><title>a</title><link>/b</link></item>".repeat(227_000)),
        ),
        ("json", format!("{{\"data\":{{\"items\":[{}{{}}]}}}}", "{\"title\":\"a\",\"url\":\"/b\"},".repeat(350_000))),
        ("one text", repeat("word ")),
    ]
}

fn craigslist_row() -> String {
    "<li class=\"cl-static-search-result\" title=\"x\"><a href=\"/d/x/7712345670.html\"><div class=\"title\">x</div></a></li>".to_owned()
}

fn read(adapter: &Adapter, body: &str) -> PageState {
    let page = Page::saved("https://shop.example/", body.as_bytes());
    adapter.read(&page, Currency::USD).state
}

fn pages(criterion: &mut Criterion) {
    for kind in SOURCE_KINDS {
        let adapter = adapter(kind);
        let body = page_of(kind, ROWS);
        assert_eq!(read(&adapter, &body), PageState::Ok, "{}", kind.name);
        criterion.bench_function(&format!("{ROWS} rows/{}", kind.name), |bencher| {
            bencher.iter(|| read(&adapter, &body));
        });
    }
    let mut group = criterion.benchmark_group("ten million bytes");
    group.sample_size(10);
    for kind in SOURCE_KINDS {
        let adapter = adapter(kind);
        let body = longest(kind);
        assert_eq!(read(&adapter, &body), PageState::Ok, "{}", kind.name);
        group.bench_function(format!("listings/{}", kind.name), |bencher| bencher.iter(|| read(&adapter, &body)));
    }
    let craigslist = adapter(find_source_kind("craigslist").expect("a kind"));
    let body = api();
    assert_eq!(read(&craigslist, &body), PageState::Ok);
    group.bench_function("listings/the API of craigslist", |bencher| bencher.iter(|| read(&craigslist, &body)));
    for (name, body) in worst() {
        for kind in SOURCE_KINDS {
            let adapter = adapter(kind);
            group.bench_function(format!("{name}/{}", kind.name), |bencher| bencher.iter(|| read(&adapter, &body)));
        }
    }
    group.finish();
}

criterion_group!(benches, pages);
criterion_main!(benches);
