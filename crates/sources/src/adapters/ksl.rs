//! KSL Classifieds: the flight data of today's pages, the form that older ones embed, and the bare page.

use std::sync::{Arc, LazyLock};

use scraper::{ElementRef, Selector};
use serde_json::Value;
use superbot_domain::{Currency, FoundListing, ListingDetails, Money, ParsedPrice, Price, parse_price};
use url::Url;

use crate::adapter::{SiteAdapter, SiteInfo, SourceKind};
use crate::embedded::{after, all_after, text};
use crate::markup;
use crate::page::{Omissions, PageState, PageText, Reading, line, selector};
use crate::setting_field::{BASE_URL, MILES, OTHER_URLS, SettingField, SettingSection, SettingType};
use crate::shown_text::shown_text;
use crate::source_settings::{Search, SourceSettings};

pub(super) static KIND: SourceKind = SourceKind {
    name: "ksl",
    title: "KSL Classifieds",
    summary: "Searches of KSL, around a ZIP code if you like.",
    site: Some(SiteInfo {
        domain: "ksl.com",
        home: "https://classifieds.ksl.com/",
        terms: "Nothing is known of what KSL's terms say about automated reading. Read https://www.ksl.com/terms-of-use \
                and decide for yourself.",
    }),
    settings: &[
        SettingField {
            name: "zip",
            label: "ZIP code",
            value_type: SettingType::Word { default: None },
            section: SettingSection::Site,
            help: "The middle of the circle; everywhere without one.",
            example: "84101",
            missing: None,
        },
        MILES,
        BASE_URL,
        OTHER_URLS,
    ],
    parts: &[],
    configure: |_| Ok(Arc::new(Ksl)),
};

#[derive(Debug)]
struct Ksl;

impl SiteAdapter for Ksl {
    fn read(&self, page: &mut PageText<'_>) -> Reading {
        let body = std::mem::take(&mut page.text);
        read_flight(page, &body)
            .or_else(|| read_embedded(page, &body))
            .or_else(|| read_bare(page, &body))
            .unwrap_or_else(|| {
                let reason = "there are no results: neither flight data, nor renderSearchSection, nor a[role=listitem]";
                Reading::without(PageState::ShapeChanged, reason)
            })
    }

    fn page_url(&self, base: &Url, settings: &SourceSettings, search: &Search) -> Option<Url> {
        let mut url = base.clone();
        let mut segments = url.path_segments_mut().ok()?;
        segments.pop_if_empty().extend(["v2", "search"]);
        let pairs = [
            ("keyword", search.query()),
            ("priceFrom", search.min_price()),
            ("priceTo", search.max_price()),
            ("zip", settings.site_text("zip").map(str::to_owned)),
            ("miles", settings.site_number("miles").map(|miles| miles.to_string())),
            ("sort", Some("0".to_owned())),
            ("page", Some("0".to_owned())),
        ];
        for (key, value) in pairs {
            segments.extend(value.iter().flat_map(|value| [key, value.as_str()]));
        }
        drop(segments);
        Some(url)
    }
}

/// The page hands its data to its scripts in pieces, which are cut anywhere.
fn read_flight(page: &PageText<'_>, body: &str) -> Option<Reading> {
    let pieces = all_after(body, "self.__next_f.push(");
    let flight: String = pieces.flatten().filter_map(|piece| piece[1].as_str().map(str::to_owned)).collect();
    let results = after(&flight, "\"results\":", Value::is_array)?;
    let entries = results.as_array()?.iter().flat_map(|entry| match entry {
        Value::Array(page) => page.iter().collect(),
        other => vec![other],
    });
    let entries: Vec<&Value> = entries.collect();
    if entries.is_empty() {
        let info = after(&flight, "\"pageInfo\":", |_| true).unwrap_or_default();
        let info = if info.is_array() { &info[0] } else { &info };
        return Some(if info["total"] == 0 {
            Reading::without(PageState::Empty, "the page says that there are 0 results")
        } else {
            Reading::without(PageState::ShapeChanged, "the results are empty, and nothing says that there are 0")
        });
    }
    Some(read_entries(page, &entries, "the flight data"))
}

fn read_embedded(page: &PageText<'_>, body: &str) -> Option<Reading> {
    let section = &body[body.find("renderSearchSection(")?..];
    let listings = ["listings:", "\"listings\":"].iter().find_map(|mark| after(section, mark, Value::is_array))?;
    let entries = listings.as_array()?;
    if entries.is_empty() {
        return Some(Reading::without(PageState::Empty, "the page's list of results is there and empty"));
    }
    Some(read_entries(page, &entries.iter().collect::<Vec<_>>(), "the embedded list"))
}

fn read_entries(page: &PageText<'_>, entries: &[&Value], from: &str) -> Reading {
    // Paid places repeat what the list has anyway, and would hide it there.
    let (featured, listed): (Vec<&Value>, Vec<&Value>) = entries.iter().partition(|entry| entry["isFeatured"] == true);
    let read = |entry: &&Value| read_entry(page, entry);
    let listings: Vec<FoundListing> = listed.iter().chain(&featured).filter_map(read).collect();
    let is_offer = |entry: &&&Value| is_offer(entry);
    if listings.is_empty() && entries.iter().filter(is_offer).count() > 0 {
        let reason = format!("none of {} results has an id and a title", entries.len());
        return Reading::without(PageState::ShapeChanged, reason);
    }
    let offers = entries.iter().filter(is_offer).count();
    let omissions = Omissions { entries: offers, incomplete: offers - listings.len(), ..Omissions::default() };
    Reading::of(listings, from, &omissions)
}

/// Whether it is something to be had, not something wanted.
fn is_offer(entry: &Value) -> bool {
    !matches!(entry["marketType"].as_str(), Some("Wanted" | "Job"))
}

fn read_entry(page: &PageText<'_>, entry: &Value) -> Option<FoundListing> {
    if !is_offer(entry) {
        return None;
    }
    let id = text(&entry["id"])?;
    let place = if entry["location"].is_object() { &entry["location"] } else { entry };
    let parts: Vec<String> = ["city", "state"].iter().filter_map(|part| text(&place[*part])).collect();
    let image = text(&entry["primaryImage"]["url"]).or_else(|| text(&entry["photo"]));
    // What a paid place says of its creation may be a year old.
    let shown = ["displayAt", "displayTime", "createdAt", "createTime"]
        .iter()
        .find_map(|name| page.moment(&text(&entry[*name])?));
    let details = ListingDetails {
        location: Some(parts.join(", ")).filter(|place| !place.is_empty()),
        image_url: image.and_then(|image| page.link(&image)),
        description: text(&entry["description"]),
        ..ListingDetails::default()
    };
    let listing = FoundListing {
        title: line(entry["title"].as_str()?)?,
        link: page.link(&format!("/listing/{id}"))?,
        price: price(entry, page.currency),
        details,
        created_at: shown,
        ..FoundListing::default()
    };
    Some(listing.with_site_id(Some(id)))
}

/// A price of 0 is one that was not filled in.
fn price(entry: &Value, currency: Currency) -> ParsedPrice {
    let mut price = match &entry["price"] {
        Value::String(text) => parse_price(text, currency),
        other => {
            let money = other.as_f64().and_then(|units| Money::from_units(units, currency));
            money.map_or(Price::Unstated, Price::from).into()
        }
    };
    if price.price == Price::Free {
        price.price = Price::Unstated;
    }
    price.negotiable |= entry["priceModifier"].as_str().is_some_and(|modifier| modifier.eq_ignore_ascii_case("obo"));
    price
}

static ROW: LazyLock<Selector> = selector!(r#"a[role="listitem"][href*="/listing/"]"#);
static PRICE: LazyLock<Selector> = selector!(r#"div[aria-label^="Price "]"#);
static PLACE: LazyLock<Selector> = selector!(r#"span[role="link"]"#);
static IMAGE: LazyLock<Selector> = selector!("img[src]");

fn read_bare(page: &PageText<'_>, body: &str) -> Option<Reading> {
    // The rows, and not what comes before them.
    let start = body[..body.find("role=\"listitem\"")?].rfind('<')?;
    let html = match markup::parse(&body[start..]) {
        Ok(html) => html,
        Err(reason) => return Some(Reading::without(PageState::ShapeChanged, reason)),
    };
    let listings: Vec<FoundListing> = html.select(&ROW).filter_map(|row| read_row(page, row)).collect();
    (!listings.is_empty()).then(|| Reading::of(listings, "the bare page", &Omissions::default()))
}

fn read_row(page: &PageText<'_>, row: ElementRef<'_>) -> Option<FoundListing> {
    let part = |selector| row.select(selector).next();
    let link = page.link(row.attr("href")?)?;
    let id = link.split(['?', '#']).next()?.trim_end_matches('/').rsplit('/').next().map(str::to_owned);
    let price = part(&PRICE).and_then(|price| price.attr("aria-label"));
    let price = price.and_then(|price| price.strip_prefix("Price "));
    let mut price = price.map_or(Price::Unstated.into(), |price| parse_price(price, page.currency));
    if price.price == Price::Free {
        price.price = Price::Unstated;
    }
    let words = |part: ElementRef<'_>| line(&shown_text(part));
    let details = ListingDetails {
        location: part(&PLACE).and_then(words),
        image_url: part(&IMAGE).and_then(|image| page.link(image.attr("src")?)),
        ..ListingDetails::default()
    };
    let title = row.attr("aria-label").and_then(line)?;
    Some(FoundListing { title, link, price, details, ..FoundListing::default() }.with_site_id(id))
}
