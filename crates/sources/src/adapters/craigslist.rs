//! Craigslist: the list page, with the pictures of its JSON-LD, and the answers of the site's JSON API.

use std::sync::{Arc, LazyLock};

use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use superbot_domain::{Currency, FoundListing, ListingDetails, Money, ParsedPrice, Price, Timestamp, parse_price};
use url::Url;

use crate::adapter::{SiteAdapter, SiteInfo, SourceKind};
use crate::embedded::{first, text, whole};
use crate::markup;
use crate::page::{MAX_LISTINGS, Omissions, PageState, PageText, Reading, line, price_line, selector};
use crate::picture::picture_of;
use crate::setting_field::{BASE_URL, OTHER_URLS, SettingField, SettingSection, SettingType};
use crate::shown_text::shown_text;
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
    fn read(&self, page: &mut PageText<'_>) -> Reading {
        let body = std::mem::take(&mut page.text);
        if body.trim_start().starts_with('{') { read_api(&body, page.currency) } else { read_page(page, &body) }
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

/// Where the parts of a row are, in one of the forms that the page has had.
struct RowLayout {
    /// What the markup has if the page is of this form.
    mark: &'static str,
    rows: LazyLock<Selector>,
    link: LazyLock<Selector>,
    title: LazyLock<Selector>,
    price: LazyLock<Selector>,
    place: LazyLock<Selector>,
    date: LazyLock<Selector>,
}

/// The list that the server sends, and the only one that scripts leave alone.
static STATIC_LIST: RowLayout = RowLayout {
    mark: "<ol class=\"cl-static-search-results",
    rows: selector!("li.cl-static-search-result"),
    link: selector!("a[href]"),
    title: selector!("div.title"),
    price: selector!("div.price"),
    place: selector!("div.location"),
    date: selector!("time[datetime]"),
};

/// What a browser saves: the rows that scripts have put in the place of that list, and those of older pages.
static SAVED_LISTS: [RowLayout; 2] = [
    RowLayout {
        mark: "cl-search-result",
        rows: selector!(".cl-search-result[data-pid]"),
        link: selector!("a.posting-title[href], a.titlestring[href], a.cl-app-anchor[href], a[href]"),
        title: selector!("a.posting-title, a.titlestring"),
        price: selector!(".priceinfo, .result-price, .price"),
        place: selector!(".result-location, .supertitle, .location"),
        date: selector!(".meta [title], time[datetime]"),
    },
    RowLayout {
        mark: "result-row",
        rows: selector!("li.result-row"),
        link: selector!("a.result-title[href], a[href]"),
        title: selector!("a.result-title"),
        price: selector!(".result-price"),
        place: selector!(".result-hood"),
        date: selector!("time[datetime]"),
    },
];

static META: LazyLock<Selector> = selector!(".meta");
static PICTURE: LazyLock<Selector> = selector!("img");

fn read_page(page: &PageText<'_>, body: &str) -> Reading {
    let products = products(body);
    // Only the list is taken apart: the rest of the page may be anything.
    let list = match markup::between(body, STATIC_LIST.mark, "</ol>").map(markup::parse).transpose() {
        Ok(list) => list,
        Err(reason) => return Reading::without(PageState::ShapeChanged, reason),
    };
    let count = list.as_ref().map_or(0, |html| html.select(&STATIC_LIST.rows).count());
    if let Some(html) = list.as_ref().filter(|_| count > 0) {
        return read_rows(page, html, &STATIC_LIST, &products);
    }
    for layout in SAVED_LISTS.iter().filter(|layout| body.contains(layout.mark)) {
        let html = match markup::parse(body) {
            Ok(html) => html,
            Err(reason) => return Reading::without(PageState::ShapeChanged, reason),
        };
        if html.select(&layout.rows).next().is_some() {
            return read_rows(page, &html, layout, &products);
        }
    }
    match list {
        None => Reading::without(PageState::ShapeChanged, "there is no ol.cl-static-search-results"),
        Some(_) if products.is_empty() => Reading::without(PageState::Empty, "the list of results is there and empty"),
        Some(_) => Reading::without(
            PageState::ShapeChanged,
            "the rows are missing, though the page describes products; save the page's source (view-source:) instead",
        ),
    }
}

fn read_rows(page: &PageText<'_>, html: &Html, layout: &RowLayout, products: &[Product]) -> Reading {
    let rows = || html.select(&layout.rows).take(LIST_LENGTH);
    let mut listings: Vec<FoundListing> = rows().filter_map(|row| read_row(page, row, layout)).collect();
    if listings.is_empty() {
        return Reading::without(PageState::ShapeChanged, "the rows have no titles or no links");
    }
    let entries = rows().count();
    let omissions = Omissions { entries, incomplete: entries - listings.len(), ..Omissions::default() };
    illustrate(&mut listings, products);
    Reading::of(listings, "the list page", &omissions)
}

fn read_row(page: &PageText<'_>, row: ElementRef<'_>, layout: &RowLayout) -> Option<FoundListing> {
    let element = |selector: &LazyLock<Selector>| row.select(selector).next();
    let part = |selector: &LazyLock<Selector>| element(selector).and_then(|part| line(&shown_text(part)));
    let link = page.link(element(&layout.link)?.attr("href")?)?;
    let title = part(&layout.title).or_else(|| row.attr("title").and_then(line))?;
    let price = element(&layout.price).and_then(|price| price_line(&shown_text(price)));
    let date = element(&layout.date).and_then(|date| date.attr("datetime").or_else(|| date.attr("title")));
    let image = element(&PICTURE).and_then(|image| picture_of(|name| image.attr(name).map(str::to_owned)));
    let id = row.attr("data-pid").map(str::to_owned).or_else(|| posting_id(&link));
    let details = ListingDetails {
        location: part(&layout.place)
            .or_else(|| place_beside_date(element(&META)?))
            .map(|place| without_parentheses(&place)),
        image_url: image.and_then(|image| page.link(&image)),
        ..ListingDetails::default()
    };
    let listing = FoundListing {
        title,
        link,
        price: price.map(|text| parse_price(&text, page.currency)).unwrap_or_default(),
        details,
        created_at: date.and_then(|date| page.moment(date)),
        ..FoundListing::default()
    };
    Some(listing.with_site_id(id))
}

/// The place of a row whose date and place stand on one line: "8/3 · Provo".
fn place_beside_date(meta: ElementRef<'_>) -> Option<String> {
    let text = line(&shown_text(meta))?;
    let (_, place) = text.split_once(['\u{b7}', '•'])?;
    let place = place.split('$').next().and_then(line)?;
    Some(place).filter(|place| place.contains(char::is_alphabetic))
}

/// Older pages write places as "(Provo)".
fn without_parentheses(place: &str) -> String {
    let inner = place.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inner.unwrap_or(place).trim().to_owned()
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
        // Things are where their offer is; flats have an address of their own.
        let offered = &item["offers"]["availableAtOrFrom"]["address"];
        let address = if offered.is_object() { offered } else { &item["address"] };
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

/// Gives rows their pictures, and their places where they have none. Only some rows have a product, and products have no id: each
/// belongs to the next row with the same title and price.
fn illustrate(listings: &mut [FoundListing], products: &[Product]) {
    let mut from = 0;
    for product in products {
        let is_same = |found: &FoundListing| {
            let minor = found.price.price.money().map(|money| money.minor);
            found.title == product.title && (minor.is_none() || product.minor.is_none() || minor == product.minor)
        };
        let Some(at) = listings[from..].iter().position(is_same) else { continue };
        let details = &mut listings[from + at].details;
        details.image_url = details.image_url.take().or_else(|| product.image_url.clone());
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
    let items = &items[..items.len().min(MAX_LISTINGS)];
    let listings: Vec<FoundListing> = items.iter().filter_map(|item| read_item(item, decode, currency)).collect();
    if listings.is_empty() {
        let reason = format!("none of {} items has an id, a title and a token", items.len());
        return Reading::without(PageState::ShapeChanged, reason);
    }
    let omissions =
        Omissions { entries: items.len(), incomplete: items.len() - listings.len(), ..Omissions::default() };
    Reading::of(listings, "the answer of the JSON API", &omissions)
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
        ..FoundListing::default()
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
