//! Pages of the simulated sites, with the structure of the real ones and their difficulties for adapters.

use serde_json::{Value, json};

use super::world::{AskingPrice, DemoAd, SiteKind, mix};

/// Values in a page other than its ads.
pub struct PageContext<'a> {
    /// The site's origin, without a trailing slash.
    pub origin: &'a str,
    /// Start of the marketplace, in Unix seconds.
    pub began: i64,
}
pub fn path(site: SiteKind, ad: &DemoAd) -> String {
    match site {
        SiteKind::Craigslist => format!("/view/d/{}/{}", ad.slug(), token(ad.number)),
        SiteKind::Ksl => format!("/listing/{}", ksl_id(ad.number)),
        SiteKind::Facebook => format!("/marketplace/item/{}/", facebook_id(ad.number)),
    }
}

/// Returns the number of the ad whose path ends in `id`.
pub fn number(site: SiteKind, id: &str) -> Option<u64> {
    match site {
        SiteKind::Craigslist => id.rsplit('-').next()?.parse().ok(),
        SiteKind::Ksl => id.parse::<u64>().ok()?.checked_sub(ksl_id(0)),
        SiteKind::Facebook => id.parse::<u64>().ok()?.checked_sub(facebook_id(0)),
    }
}

/// Returns an id in the format of Craigslist's, 22 characters, with the number at its end.
fn token(number: u64) -> String {
    let noise = format!("{:016x}", mix(number));
    let digits = format!("-{number}");
    format!("{}{digits}", &format!("{noise}000000")[..22 - digits.len()])
}

const fn ksl_id(number: u64) -> u64 {
    75_000_000 + number
}

const fn facebook_id(number: u64) -> u64 {
    1_000_000_000_000_000 + number
}

/// Escapes text for HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// Renders JSON for a script element, which `</` would end.
fn script(json: &Value) -> String {
    json.to_string().replace("</", "<\\/")
}

fn picture(setting: &PageContext<'_>, ad: &DemoAd) -> Option<String> {
    ad.picture.map(|picture| format!("{}/images/{picture}.svg", setting.origin))
}

/// Renders Craigslist's results: plain rows, and JSON-LD for those that have a picture.
pub fn craigslist(setting: &PageContext<'_>, ads: &[DemoAd]) -> String {
    let row = |ad: &DemoAd| {
        let title = escape(&ad.title);
        let town = escape(ad.town);
        let price = ad.written();
        let price = if price.is_empty() { price } else { format!("<div class=\"price\">{price}</div>") };
        format!(
            "<li class=\"cl-static-search-result\" title=\"{title}\">\n<a href=\"{}{}\">\n<div class=\"title\">{title}</div>\n\
             <div class=\"details\">\n{price}\n<div class=\"location\">\n{town}\n</div>\n</div>\n</a>\n</li>\n",
            setting.origin,
            path(SiteKind::Craigslist, ad),
        )
    };
    // Craigslist's page size.
    let rows: Vec<String> = ads.iter().take(360).map(row).collect();
    let product = |(position, ad): (usize, &DemoAd)| {
        let image = picture(setting, ad)?;
        let dollars = format!("{}.00", ad.dollars().unwrap_or(0));
        let address = json!({ "@type": "PostalAddress", "addressLocality": ad.town, "addressRegion": "UT" });
        let place = json!({ "@type": "Place", "address": address, "geo": { "latitude": 0, "longitude": 0 } });
        let offers = json!({ "@type": "Offer", "price": dollars, "priceCurrency": "USD", "availableAtOrFrom": place });
        let item = json!({ "@type": "Product", "name": ad.title, "image": [image], "offers": offers });
        Some(json!({ "@type": "ListItem", "position": position.to_string(), "item": item }))
    };
    let products: Vec<Value> = ads.iter().take(360).enumerate().filter_map(product).collect();
    let list = json!({ "@context": "https://schema.org", "@type": "ItemList", "itemListElement": products });
    format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>for sale (demo)</title>\n\
         <script type=\"application/ld+json\" id=\"ld_searchpage_results\">{}</script>\n</head>\n\
         <body><ol class=\"cl-static-search-results\">\n{}</ol></body></html>\n",
        script(&list),
        rows.concat(),
    )
}

/// Renders KSL's results: data in arbitrary pieces for the page's scripts, including featured ads and wanted ads.
pub fn ksl(setting: &PageContext<'_>, ads: &[DemoAd]) -> String {
    let moment =
        |second: i64| superbot_domain::Timestamp::from_second(second).map(superbot_domain::rfc3339).unwrap_or_default();
    let entry = |ad: &DemoAd, is_featured: bool| {
        let born = setting.began + ad.born;
        let price = ad.dollars().unwrap_or(0);
        let modifier = if matches!(ad.price, AskingPrice::BestOffer(_)) { json!("OBO") } else { Value::Null };
        // A featured ad appears with an old date of creation, which adapters must not take for that of its posting.
        let created = if is_featured { born - 31_536_000 } else { born };
        json!({ "id": ksl_id(ad.number), "listingType": "classified", "createdAt": moment(created), "displayAt": moment(born),
            "title": ad.title, "primaryImage": picture(setting, ad).map(|url| json!({ "url": url })),
            "location": { "city": ad.town, "state": "UT", "zip": "84601" }, "price": price, "priceModifier": modifier,
            "category": "General", "subCategory": "Other", "sellerType": "Private", "marketType": "Sale", "isFeatured": is_featured })
    };
    // KSL's page size; every eleventh ad also appears as a featured one.
    let shown: Vec<&DemoAd> = ads.iter().take(24).collect();
    let mut entries: Vec<Value> = shown.iter().step_by(11).map(|ad| entry(ad, true)).collect();
    entries.extend(shown.iter().map(|ad| entry(ad, false)));
    if !entries.is_empty() {
        entries.push(json!({ "id": 1, "title": "Looking for a kayak", "price": 100, "marketType": "Wanted" }));
    }
    let info = json!([{ "hasNextPage": ads.len() > 24, "endCursor": null, "total": ads.len() }]);
    let flight = format!("7:[\"$\",\"div\",null,{{\"results\":[{}],\"pageInfo\":{info}}}]\n", Value::from(entries));
    let letters: Vec<char> = flight.chars().collect();
    // As on the real page, data is split at arbitrary positions, even within a string.
    let push = |piece: &[char]| {
        let piece: String = piece.iter().collect();
        format!("<script>self.__next_f.push({})</script>\n", script(&json!([1, piece])))
    };
    let pieces: Vec<String> = letters.chunks(1_777).map(push).collect();
    format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>Search (demo)</title></head>\n<body><div id=\"root\"></div>\n\
         <script>(self.__next_f=self.__next_f||[]).push([0])</script>\n{}</body></html>\n",
        pieces.concat(),
    )
}

/// KSL's page after a redesign, without any data that its adapter knows.
pub const REDESIGNED: &str = "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>A new look (demo)</title></head>\n\
     <body><main id=\"app\" data-version=\"3\"></main><script src=\"/app.js\"></script></body></html>\n";

/// Renders Facebook's results: JSON nested in one of several scripts, including sold items.
pub fn facebook(setting: &PageContext<'_>, ads: &[DemoAd]) -> String {
    // Some ads are sold or pending, which the adapter has to leave out.
    let edge = |ad: &DemoAd| {
        let amount = |dollars: u32| {
            json!({ "formatted_amount": if dollars == 0 { "Free".to_owned() } else { format!("${dollars}") },
                "amount": format!("{dollars}.00"), "amount_with_offset_in_currency": format!("{dollars}00") })
        };
        json!({ "node": { "__typename": "MarketplaceFeedListingStoryObject", "listing": {
            "id": facebook_id(ad.number).to_string(), "marketplace_listing_title": ad.title,
            "listing_price": ad.dollars().map(amount), "strikethrough_price": ad.before.map(amount),
            "location": { "reverse_geocode": { "city": ad.town, "state": "UT" } },
            "primary_listing_photo": picture(setting, ad).map(|uri| json!({ "image": { "uri": uri } })),
            "creation_time": setting.began + ad.born, "is_sold": ad.number % 8 == 7, "is_pending": ad.number % 16 == 3, "is_live": true } } })
    };
    let mut edges: Vec<Value> = ads.iter().take(24).map(edge).collect();
    if edges.is_empty() {
        edges.push(json!({ "node": { "__typename": "MarketplaceSearchFeedNoResults" } }));
    }
    let search = json!({ "feed_units": { "edges": edges, "page_info": { "has_next_page": ads.len() > 24, "end_cursor": null } } });
    let data = json!({ "require": [["ScheduledServerJS", "handle", null, [{ "__bbox": { "result": { "data": { "marketplace_search": search } } } }]]] });
    let other = "<script type=\"application/json\" data-sjs>{\"require\":[[\"Other\"]]}</script>\n";
    format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>Marketplace (demo)</title></head>\n<body>\n{other}{other}\
         <script type=\"application/json\" data-sjs>{}</script>\n{other}</body></html>\n",
        script(&data),
    )
}

/// Renders the sign-in page that replaces all others during [`super::WALL`].
pub fn login(setting: &PageContext<'_>) -> String {
    format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>Log in (demo)</title>\n\
         <link rel=\"canonical\" href=\"{}/login/\"></head>\n<body><h1>You must log in to continue</h1></body></html>\n",
        setting.origin,
    )
}
pub fn item(setting: &PageContext<'_>, site: SiteKind, ad: &DemoAd) -> String {
    let title = escape(&ad.title);
    let town = escape(ad.town);
    let price = match ad.price {
        AskingPrice::Unsaid => "No price given".to_owned(),
        AskingPrice::Nothing => "Free".to_owned(),
        AskingPrice::BestOffer(_) => format!("{} or best offer", ad.written()),
        AskingPrice::Dollars(_) => ad.written(),
    };
    let before = ad.before.map_or(String::new(), |dollars| format!(" <s>${dollars}</s>"));
    let picture = picture(setting, ad)
        .map_or(String::new(), |url| format!("<img src=\"{url}\" alt=\"\" width=\"600\" height=\"450\">"));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem;\
         color-scheme:light dark}}img{{width:100%;height:auto;border-radius:.5rem}}small{{opacity:.7}}</style></head>\n\
         <body>{picture}<h1>{title}</h1><p><strong>{price}</strong>{before} &middot; {town}, UT</p>\n\
         <p><small>An invented ad of the Super-Bot demo, in the part of {}.</small></p></body></html>\n",
        site.as_str(),
    )
}

/// Renders an abstract picture, determined by `number`.
pub fn image(number: u64) -> String {
    let hue = mix(number) % 360;
    let x = 180 + mix(number ^ 1) % 240;
    let y = 150 + mix(number ^ 2) % 150;
    let size = 60 + mix(number ^ 3) % 80;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 450\"><defs><linearGradient id=\"g\" x2=\"1\" y2=\"1\">\
         <stop stop-color=\"hsl({hue} 45% 72%)\"/><stop offset=\"1\" stop-color=\"hsl({} 50% 45%)\"/></linearGradient></defs>\
         <path fill=\"url(#g)\" d=\"M0 0h600v450H0z\"/><circle cx=\"{x}\" cy=\"{y}\" r=\"{size}\" fill=\"#fff\" opacity=\".35\"/>\
         <path fill=\"#000\" opacity=\".18\" d=\"M0 {}h600V450H0z\"/></svg>\n",
        (hue + 40) % 360,
        330 + mix(number ^ 4) % 40,
    )
}
