//! Craigslist: the list page, with the pictures of its JSON-LD, and the answers of the site's JSON API.

use std::sync::{Arc, LazyLock};

use scraper::{ElementRef, Selector};
use serde_json::Value;
use superbot_domain::{Currency, FoundListing, ListingDetails, Money, ParsedPrice, Price, Timestamp, parse_price};
use url::Url;

use crate::adapter::{SiteAdapter, SiteInfo, SourceKind};
use crate::embedded::{first, text, whole};
use crate::markup;
use crate::page::{Page, PageState, Reading, line, selector};
use crate::setting_field::{BASE_URL, OTHER_URLS, SettingField, SettingSection, SettingType};
use crate::source_settings::{Search, SourceSettings, append_query};

/// The category that holds all the others.
const EVERYTHING_FOR_SALE: &str = "sss";

pub(super) static KIND: SourceKind = SourceKind {
    name: "craigslist",
    title: "Craigslist",
    summary: "The newest ads of one of Craigslist's areas.",
    site: Some(SiteInfo {
        domain: "craigslist.org",
        home: "https://www.craigslist.org/",
        terms: "Craigslist's terms of use forbid robots, spiders, scripts and scrapers, and name damages for each violation. \
                Read https://www.craigslist.org/about/terms.of.use and decide for yourself.",
    }),
    settings: &[
        SettingField {
            name: "area",
            label: "Area",
            value_type: SettingType::Word { default: None },
            section: SettingSection::Site,
            help: "As in the site’s addresses.",
            example: "saltlakecity",
            missing: Some("is missing; give the part of the site to watch, such as \"saltlakecity\""),
        },
        SettingField {
            name: "category",
            label: "Category",
            value_type: SettingType::Word { default: Some(EVERYTHING_FOR_SALE) },
            section: SettingSection::Site,
            help: "“sss” is everything for sale.",
            example: EVERYTHING_FOR_SALE,
            missing: None,
        },
        BASE_URL,
        OTHER_URLS,
    ],
    parts: &[],
    configure: |_| Ok(Arc::new(Craigslist)),
};

#[derive(Debug)]
struct Craigslist;

impl SiteAdapter for Craigslist {
    fn read(&self, page: &Page<'_>, currency: Currency) -> Reading {
        let body = page.text();
        if body.trim_start().starts_with('{') { read_api(&body, currency) } else { read_page(page, &body, currency) }
    }

    fn page_url(&self, base: &Url, settings: &SourceSettings, search: &Search) -> Option<Url> {
        let mut url = base.clone();
        let area = settings.site_text("area").unwrap_or_default();
        url.path_segments_mut().ok()?.pop_if_empty().extend(["search", "area", area]);
        let category = settings.site_text("category").unwrap_or(EVERYTHING_FOR_SALE);
        let pairs = [
            ("query", search.query()),
            ("min_price", search.min_price()),
            ("max_price", search.max_price()),
            ("sort", Some("date".to_owned())),
            ("cat", Some(category.to_owned())),
        ];
        append_query(&mut url, &pairs);
        Some(url)
    }
}

static ROW: LazyLock<Selector> = selector!("li.cl-static-search-result");
static LINK: LazyLock<Selector> = selector!("a[href]");
static TITLE: LazyLock<Selector> = selector!("div.title");
static PRICE: LazyLock<Selector> = selector!("div.price");
static PLACE: LazyLock<Selector> = selector!("div.location");

fn read_page(page: &Page<'_>, body: &str, currency: Currency) -> Reading {
    // Only the list is taken apart: the rest of the page may be anything.
    let html = match markup::between(body, "<ol class=\"cl-static-search-results", "</ol>").map(markup::parse) {
        Some(Ok(html)) => html,
        Some(Err(reason)) => return Reading::without(PageState::ShapeChanged, reason),
        None => return Reading::without(PageState::ShapeChanged, "there is no ol.cl-static-search-results"),
    };
    let mut listings: Vec<FoundListing> =
        html.select(&ROW).take(LIST_LENGTH).filter_map(|row| read_row(page, row, currency)).collect();
    let products = products(body);
    match (listings.is_empty(), products.is_empty()) {
        (true, true) if html.select(&ROW).next().is_none() => {
            Reading::without(PageState::Empty, "the list of results is there and empty")
        }
        (true, true) => Reading::without(PageState::ShapeChanged, "the rows have no titles or no links"),
        (true, false) => {
            Reading::without(PageState::ShapeChanged, "the rows are missing, though the page describes products")
        }
        (false, _) => {
            illustrate(&mut listings, &products);
            Reading::of(listings, "the list page")
        }
    }
}

fn read_row(page: &Page<'_>, row: ElementRef<'_>, currency: Currency) -> Option<FoundListing> {
    let part = |selector| row.select(selector).next().and_then(|part| line(&part.text().collect::<String>()));
    let link = page.link(row.select(&LINK).next()?.attr("href")?)?;
    let title = part(&TITLE).or_else(|| row.attr("title").and_then(line))?;
    let price = part(&PRICE).map(|text| parse_price(&text, currency)).unwrap_or_default();
    let id = posting_id(&link);
    let details = ListingDetails { location: part(&PLACE), ..ListingDetails::default() };
    Some(FoundListing { title, link, price, details, ..FoundListing::default() }.with_site_id(id))
}

/// The id at the end of a posting's address: ten digits, or a token of 22 characters.
fn posting_id(link: &str) -> Option<String> {
    let path = link.split(['?', '#']).next()?;
    let last = path.rsplit('/').next()?.trim_end_matches(".html");
    let is_number = last.len() == 10 && last.bytes().all(|byte| byte.is_ascii_digit());
    let is_token = last.len() == 22 && last.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    (is_number || is_token).then(|| last.to_owned())
}

/// What JSON-LD says of a posting that has a picture.
struct Product {
    title: String,
    place: Option<String>,
    image_url: Option<String>,
    minor: Option<i64>,
}

fn products(body: &str) -> Vec<Product> {
    let script = markup::between(body, "id=\"ld_searchpage_results\"", "</script>");
    let json = script.and_then(|script| first(script.split_once('>')?.1.trim_start()));
    let items = json.as_ref().and_then(|json| json["itemListElement"].as_array());
    let read = |entry: &Value| {
        let item = &entry["item"];
        let image = if item["image"].is_array() { &item["image"][0] } else { &item["image"] };
        let units = text(&item["offers"]["price"]).and_then(|price| price.parse().ok());
        let currency = item["offers"]["priceCurrency"].as_str().and_then(|code| Currency::parse(code).ok());
        let money = units.and_then(|units| Money::from_units(units, currency.unwrap_or(Currency::USD)));
        let address = &item["offers"]["availableAtOrFrom"]["address"];
        let place = ["addressLocality", "addressRegion"].iter().filter_map(|part| text(&address[*part]));
        Some(Product {
            title: line(item["name"].as_str()?)?,
            place: line(&place.collect::<Vec<_>>().join(", ")),
            image_url: text(image),
            minor: money.map(|money| money.minor),
        })
    };
    items.into_iter().flatten().take(LIST_LENGTH).filter_map(read).collect()
}

/// No list is longer.
const LIST_LENGTH: usize = 1_000;

/// Gives rows their pictures, and their places where they have none. Only some rows have one, and products are told apart by nothing but their order and what they
/// say: each belongs to the next row that says the same.
fn illustrate(listings: &mut [FoundListing], products: &[Product]) {
    let mut from = 0;
    for product in products {
        let is_same = |found: &FoundListing| {
            let minor = found.price.price.money().map(|money| money.minor);
            found.title == product.title && (minor.is_none() || product.minor.is_none() || minor == product.minor)
        };
        let Some(at) = listings[from..].iter().position(is_same) else { continue };
        let details = &mut listings[from + at].details;
        details.image_url.clone_from(&product.image_url);
        details.location = details.location.take().or_else(|| product.place.clone());
        from += at + 1;
    }
}

fn read_api(body: &str, currency: Currency) -> Reading {
    let Ok(json) = whole(body.as_bytes()) else {
        return Reading::without(PageState::ShapeChanged, "it begins like JSON, and is none");
    };
    let items = &json["data"]["items"];
    let decode = &json["data"]["decode"];
    let Some(items) = items.as_array() else {
        return Reading::without(PageState::ShapeChanged, "the JSON has no data.items");
    };
    if items.is_empty() {
        let says_so = decode == 0 || json["data"]["totalResultCount"] == 0;
        let (state, reason) = if says_so {
            (PageState::Empty, "the API says that there are no results")
        } else {
            (PageState::ShapeChanged, "data.items is empty, and nothing says that there are no results")
        };
        return Reading::without(state, reason);
    }
    let listings: Vec<FoundListing> = items.iter().filter_map(|item| read_item(item, decode, currency)).collect();
    if listings.is_empty() {
        let reason = format!("none of {} items has an id, a title and a token", items.len());
        return Reading::without(PageState::ShapeChanged, reason);
    }
    Reading::of(listings, "the answer of the JSON API")
}

/// An item is a list: first some fields by their place, then tagged lists in any order, and the title as the last text.
fn read_item(item: &Value, decode: &Value, currency: Currency) -> Option<FoundListing> {
    let fields = item.as_array()?;
    let tagged = |tag: i64| fields.iter().find(|field| field[0] == tag).map(|field| &field[1]);
    let title = fields.iter().rev().find_map(Value::as_str).and_then(line)?;
    let id = decode["minPostingId"].as_i64()?.checked_add(fields.first()?.as_i64()?)?;
    let token = tagged(13).and_then(text)?;
    let slug = tagged(6).and_then(text).unwrap_or_else(|| "-".to_owned());
    let posted = decode["minPostedDate"].as_i64().zip(fields.get(1).and_then(Value::as_i64));
    let posted = posted.and_then(|(first, later)| Timestamp::from_second(first.checked_add(later)?).ok());
    let image = tagged(4).and_then(text).and_then(|image| Some(image.split_once(':')?.1.to_owned()));
    Some(FoundListing {
        title,
        link: format!("https://www.craigslist.org/view/d/{slug}/{token}"),
        price: item_price(fields.get(3), tagged(10), currency),
        details: ListingDetails {
            location: fields.get(4).and_then(Value::as_str).and_then(|place| town(place, decode)),
            image_url: image.map(|image| format!("https://images.craigslist.org/{image}_600x450.jpg")),
            external_id: Some(id.to_string()),
            ..ListingDetails::default()
        },
        aliases: vec![id.to_string(), token],
        created_at: posted,
    })
}

/// The price as the site writes it, or else its number, where -1 means none.
fn item_price(number: Option<&Value>, written: Option<&Value>, currency: Currency) -> ParsedPrice {
    if let Some(written) = written.and_then(text) {
        return parse_price(&written, currency);
    }
    let units = number.and_then(Value::as_f64).filter(|units| *units >= 0.0);
    units.and_then(|units| Money::from_units(units, currency)).map_or(Price::Unstated, Price::from).into()
}

/// A place is `area:town~latitude~longitude`, both of them indexes.
fn town(place: &str, decode: &Value) -> Option<String> {
    let (_, town) = place.split('~').next()?.split_once(':')?;
    let town: usize = town.parse().ok()?;
    decode["locationDescriptions"][town].as_str().and_then(line)
}
