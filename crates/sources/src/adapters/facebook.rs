//! Facebook Marketplace: the JSON that search pages carry.

use std::sync::Arc;

use serde_json::Value;
use superbot_domain::{Currency, FoundListing, ListingDetails, Money, ParsedPrice, Price, Timestamp, parse_price};
use url::Url;

use crate::adapter::{SiteAdapter, SiteInfo, SourceKind};
use crate::embedded::{find, first, sequence, text};
use crate::page::{Omissions, PageState, PageText, Reading, line};
use crate::setting_field::{BASE_URL, MILES, OTHER_URLS, SettingField, SettingSection, SettingType};
use crate::source_settings::{Search, SourceSettings, append_query};

pub(super) static KIND: SourceKind = SourceKind {
    name: "facebook",
    title: "Facebook Marketplace",
    summary: "Searches of Marketplace around one place.",
    site: Some(SiteInfo {
        domain: "facebook.com",
        home: "https://www.facebook.com/",
        terms: "Facebook's terms ask for permission in writing before anything is collected by automated means. Read \
                https://www.facebook.com/terms.php and decide for yourself.",
    }),
    settings: &[
        SettingField {
            name: "area",
            label: "Area",
            value_type: SettingType::Word { default: None },
            section: SettingSection::Site,
            help: "As in the site’s addresses: a name or a number.",
            example: "slc",
            missing: Some("is missing; give the part of the site to watch, such as \"slc\""),
        },
        MILES,
        BASE_URL,
        OTHER_URLS,
    ],
    parts: &[],
    configure: |_| Ok(Arc::new(Facebook)),
};

#[derive(Debug)]
struct Facebook;

impl SiteAdapter for Facebook {
    fn read(&self, page: &mut PageText<'_>) -> Reading {
        let body = std::mem::take(&mut page.text);
        if let Some(wall) = wall(page.url) {
            return Reading::without(PageState::LoginWall, format!("the address has become {wall}"));
        }
        // A name that the site does not know leads to another part of the country, without a word.
        if let (Some(asked), Some(found)) = (area(page.asked), area(page.url))
            && asked != found
        {
            let reason =
                format!("the page is of {found:?}, not of {asked:?}: see how the site calls the place you want");
            return Reading::without(PageState::ShapeChanged, reason);
        }
        let answer = body.trim_start();
        let answer = answer.strip_prefix("for (;;);").unwrap_or(answer).trim_start();
        let documents = if answer.starts_with('{') { json_lines(answer) } else { embedded(&body) };
        let read = |document: &Value| find(document, "marketplace_search", &|search| read_search(page, search));
        let mut searches: Vec<Reading> = documents.iter().filter_map(read).collect();
        // An answer may begin with a search whose results follow in another document.
        let best = [PageState::Ok, PageState::Empty]
            .iter()
            .find_map(|state| searches.iter().position(|search| search.state == *state));
        if searches.is_empty() { no_search(&body) } else { searches.swap_remove(best.unwrap_or(0)) }
    }

    fn page_url(&self, base: &Url, settings: &SourceSettings, search: &Search) -> Option<Url> {
        let mut url = base.clone();
        let area = settings.site_text("area").unwrap_or_default();
        url.path_segments_mut().ok()?.pop_if_empty().extend(["marketplace", area, "search", ""]);
        let kilometres = settings.site_number("miles").map(|miles| (miles.saturating_mul(8) / 5).max(1).to_string());
        let pairs = [
            ("query", search.query()),
            ("minPrice", search.min_price()),
            ("maxPrice", search.max_price()),
            ("daysSinceListed", Some("1".to_owned())),
            ("sortBy", Some("creation_time_descend".to_owned())),
            ("radius", kilometres),
        ];
        append_query(&mut url, &pairs);
        Some(url)
    }
}

/// Why a page may have no results at all.
fn no_search(body: &str) -> Reading {
    let canonical = body.split("rel=\"canonical\"").nth(1).and_then(|rest| rest.split('"').nth(1));
    if let Some(wall) = canonical.and_then(wall) {
        return Reading::without(PageState::LoginWall, format!("the page's own address is {wall}"));
    }
    if body.contains("Rate limit exceeded") {
        return Reading::without(PageState::RateLimited, "the page says \"Rate limit exceeded\"");
    }
    if body.contains("CometErrorRoute") {
        return Reading::without(PageState::LoginWall, "the page is an error page that asks to sign in");
    }
    Reading::without(PageState::ShapeChanged, "none of the page's scripts has marketplace_search")
}

/// The place that a search is made in, as its address has it.
fn area(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let mut parts = url.path_segments()?;
    let area = parts.find(|part| *part == "marketplace").and_then(|_| parts.next())?;
    let is_area = !area.is_empty() && !matches!(area, "item" | "search" | "category");
    is_area.then(|| area.to_ascii_lowercase())
}

/// The address, where it is one of those that stand before everything else.
fn wall(address: &str) -> Option<&str> {
    let path = address.split_once("://").map_or(address, |(_, rest)| rest);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.split('/').skip(1).any(|part| matches!(part, "login" | "login.php" | "checkpoint")).then_some(address)
}

/// The documents of an answer: one, or several, mostly on lines of their own. The last one may be cut.
fn json_lines(answer: &str) -> Vec<Value> {
    let has_search = |line: &&str| line.contains("\"marketplace_search\"");
    let lines = answer.lines().filter(has_search).take(MAX_SCRIPTS);
    let lines: Vec<Value> = lines.flat_map(|line| sequence(line.trim(), MAX_SCRIPTS).0).collect();
    if lines.iter().any(Value::is_object) { lines } else { sequence(answer, MAX_SCRIPTS).0 }
}

/// What the page's scripts carry; most of them have nothing to do with it.
fn embedded(body: &str) -> Vec<Value> {
    let scripts = body.split("<script ").skip(1).filter_map(|rest| {
        let (attributes, content) = rest.split_once('>')?;
        let content = content.split("</script").next().unwrap_or_default();
        let is_ours = attributes.contains("application/json") && content.contains("\"marketplace_search\"");
        is_ours.then(|| first(content.trim_start())).flatten()
    });
    scripts.take(MAX_SCRIPTS).collect()
}

/// Pages have one that is of interest, or a few.
const MAX_SCRIPTS: usize = 20;

fn read_search(page: &PageText<'_>, search: &Value) -> Option<Reading> {
    let edges = search["feed_units"]["edges"].as_array()?;
    let nodes: Vec<&Value> = edges.iter().map(|edge| &edge["node"]).collect();
    let is_of = |kind: &'static str| move |node: &&Value| node["__typename"] == kind;
    let ads: Vec<&Value> = nodes.iter().copied().filter(|node| node["listing"].is_object()).collect();
    if ads.is_empty() {
        return Some(if nodes.iter().copied().any(|node| is_of("MarketplaceSearchFeedNoResults")(&node)) {
            Reading::without(PageState::Empty, "the page says that there are no results")
        } else {
            Reading::without(
                PageState::ShapeChanged,
                "marketplace_search has no listings, and does not say there are none",
            )
        });
    }
    let is_gone = |ad: &Value| ["is_sold", "is_pending"].iter().any(|flag| ad[*flag] == true);
    let here = ads.iter().map(|node| &node["listing"]).filter(|ad| !is_gone(ad));
    let mut present = 0;
    let mut listings = Vec::new();
    for ad in here {
        present += 1;
        listings.extend(read_listing(page, ad));
    }
    if listings.is_empty() && present > 0 {
        let reason = format!("none of {present} listings has an id and a title");
        return Some(Reading::without(PageState::ShapeChanged, reason));
    }
    let omissions = Omissions { entries: present, incomplete: present - listings.len(), ..Omissions::default() };
    Some(Reading::of(listings, "marketplace_search", &omissions))
}

fn read_listing(page: &PageText<'_>, ad: &Value) -> Option<FoundListing> {
    let id = text(&ad["id"])?;
    let place = &ad["location"]["reverse_geocode"];
    let parts: Vec<String> = ["city", "state"].iter().filter_map(|part| text(&place[*part])).collect();
    let created = ad["creation_time"].as_i64().filter(|seconds| *seconds > 0);
    let details = ListingDetails {
        location: Some(parts.join(", ")).filter(|place| !place.is_empty()),
        image_url: text(&ad["primary_listing_photo"]["image"]["uri"]).and_then(|image| page.link(&image)),
        ..ListingDetails::default()
    };
    let listing = FoundListing {
        title: line(ad["marketplace_listing_title"].as_str()?)?,
        link: page.link(&format!("/marketplace/item/{id}/"))?,
        price: price(ad, page.currency),
        details,
        created_at: created.and_then(|seconds| Timestamp::from_second(seconds).ok()),
        ..FoundListing::default()
    };
    Some(listing.with_site_id(Some(id)))
}

/// The price has its sign only as it is written; `amount` is in units, and `amount_with_offset_in_currency` in hundredths.
fn price(ad: &Value, currency: Currency) -> ParsedPrice {
    let asked = &ad["listing_price"];
    let written = text(&asked["formatted_amount"]).map(|text| parse_price(&text, currency));
    let currency = written.and_then(|written| written.price.money()).map_or(currency, |money| money.currency);
    let units = text(&asked["amount"]).and_then(|amount| amount.parse().ok());
    let exact = units.and_then(|units| Money::from_units(units, currency)).map(Price::from);
    let mut price = written.unwrap_or(Price::Unstated.into());
    // "$1,850" may be "$1,850.50", rounded.
    if let (Some(exact), Price::Amount(_) | Price::Unstated) = (exact, price.price) {
        price = ParsedPrice { negotiable: price.negotiable, ..exact.into() };
    }
    let before = text(&ad["strikethrough_price"]["formatted_amount"]).map(|text| parse_price(&text, currency));
    price.previous = price.previous.or(before.and_then(|before| before.price.money()));
    price
}
