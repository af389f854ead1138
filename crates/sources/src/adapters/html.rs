//! Pages of any other site: where each part of a listing is, settings say.

use std::sync::Arc;

use scraper::error::SelectorErrorKind;
use scraper::{ElementRef, Selector};
use serde_json::Value;
use superbot_domain::{Currency, FieldErrors, FoundListing, InvalidFields, ListingDetails, parse_price};

use crate::adapter::{SiteAdapter, SourceKind};
use crate::moment::parse_moment;
use crate::page::{MOST_LISTINGS, Page, PageState, Reading, line};
use crate::setting_field::SettingType::CssSelector;
use crate::setting_field::{PAGE_URLS, SettingField};
use crate::{markup, parts};

/// Where on a page each part of a listing is, as CSS selectors.
#[derive(Clone, Debug)]
struct HtmlFields {
    row: Selector,
    /// As it was written, to be named where it finds nothing.
    row_css: String,
    title: Part,
    link: Part,
    price: Option<Part>,
    location: Option<Part>,
    image: Option<Part>,
    description: Option<Part>,
    id: Option<Part>,
    date: Option<Part>,
    empty: Option<Selector>,
}

/// An element in a row, and what of it counts.
#[derive(Clone, Debug)]
struct Part {
    /// The row itself, where there is none.
    within: Option<Selector>,
    /// Its text, where there is none.
    attribute: Option<String>,
}

pub(super) static KIND: SourceKind = SourceKind {
    name: "html",
    title: "Web page",
    summary: "Any page; you say where on it the listings are.",
    site: None,
    settings: &[PAGE_URLS],
    parts: &PARTS,
    configure: |fields| Ok(Arc::new(HtmlFields::parse(fields)?)),
};

static PARTS: [SettingField; 10] = [
    parts::required("row", "Each listing", CssSelector, "li.ad"),
    parts::required("title", "Title", CssSelector, "h2 a"),
    parts::required("link", "Link", CssSelector, "h2 a"),
    parts::optional("price", "Price", CssSelector, ".price"),
    parts::optional("location", "Place", CssSelector, ".place"),
    parts::optional("image", "Picture", CssSelector, "img@data-src"),
    parts::optional("description", "Description", CssSelector, ".text"),
    parts::optional("id", "The site’s number", CssSelector, "@data-id"),
    parts::optional("date", "Date", CssSelector, "time@datetime"),
    parts::optional("empty", "“Nothing here”", CssSelector, ".no-results"),
];

impl SiteAdapter for HtmlFields {
    fn read(&self, page: &Page<'_>, currency: Currency) -> Reading {
        let html = match markup::parse(&page.text()) {
            Ok(html) => html,
            Err(reason) => return Reading::without(PageState::ShapeChanged, reason),
        };
        let rows: Vec<ElementRef<'_>> = html.select(&self.row).take(MOST_LISTINGS).collect();
        if rows.is_empty() {
            return match &self.empty {
                Some(empty) if html.select(empty).next().is_some() => Reading::without(
                    PageState::Empty,
                    "the page says that there is nothing, where the settings say it would",
                ),
                _ => Reading::without(
                    PageState::ShapeChanged,
                    format!("nothing is where the rows should be: {}", self.row_css),
                ),
            };
        }
        let listings: Vec<FoundListing> = rows.iter().filter_map(|row| self.read_row(page, *row, currency)).collect();
        if listings.is_empty() {
            let reason = format!("none of {} rows has a title and a link where the settings say", rows.len());
            return Reading::without(PageState::ShapeChanged, reason);
        }
        Reading::of(listings, "the page's rows")
    }
}

impl HtmlFields {
    fn parse(settings: &Value) -> Result<Self, InvalidFields> {
        let texts = parts::read(settings, &PARTS)?;
        let mut errors = FieldErrors::default();
        let mut part = |name: &'static str, attribute: Option<&str>| {
            let text = texts.get(name)?;
            errors.take(name, Part::parse(text, attribute).map_err(|error| parts::refused(text, &error)))
        };
        let title = part("title", None);
        let link = part("link", Some("href"));
        let price = part("price", None);
        let location = part("location", None);
        let image = part("image", Some("src"));
        let description = part("description", None);
        let id = part("id", None);
        let date = part("date", None);
        let mut whole = |name: &'static str| {
            let text = texts.get(name)?;
            errors.take(name, Selector::parse(text).map_err(|error| parts::refused(text, &because(&error))))
        };
        let row = whole("row");
        let empty = whole("empty");
        match (row, title, link) {
            (Some(row), Some(title), Some(link)) if errors.is_empty() => {
                let row_css = texts.get("row").cloned().unwrap_or_default();
                Ok(Self { row, row_css, title, link, price, location, image, description, id, date, empty })
            }
            _ => errors.finish(None),
        }
    }

    fn read_row(&self, page: &Page<'_>, row: ElementRef<'_>, currency: Currency) -> Option<FoundListing> {
        let text = |part: &Option<Part>| part.as_ref()?.text(row);
        let id = text(&self.id);
        let listing = FoundListing {
            title: self.title.text(row)?,
            link: page.link(&self.link.text(row)?)?,
            price: text(&self.price).map(|price| parse_price(&price, currency)).unwrap_or_default(),
            details: ListingDetails {
                location: text(&self.location),
                image_url: text(&self.image).and_then(|image| page.link(&image)),
                description: text(&self.description),
                ..ListingDetails::default()
            },
            created_at: text(&self.date).and_then(|date| parse_moment(&date)),
            ..FoundListing::default()
        };
        Some(listing.with_site_id(id))
    }
}

impl Part {
    /// Reads `css`, `css@attribute`, `@attribute`, or nothing for the row itself.
    fn parse(text: &str, default: Option<&str>) -> Result<Self, String> {
        let (css, attribute) = match text.rsplit_once('@') {
            Some((css, attribute)) if is_name(attribute) => (css.trim(), Some(attribute.to_ascii_lowercase())),
            _ => (text.trim(), default.map(str::to_owned)),
        };
        let within = if css.is_empty() { None } else { Some(Selector::parse(css).map_err(|error| because(&error))?) };
        Ok(Self { within, attribute })
    }

    fn text(&self, row: ElementRef<'_>) -> Option<String> {
        let element = match &self.within {
            Some(within) => row.select(within).next()?,
            None => row,
        };
        match &self.attribute {
            Some(attribute) => line(element.attr(attribute)?),
            None => line(&element.text().collect::<Vec<_>>().join(" ")),
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:".contains(&byte))
}

fn because(error: &SelectorErrorKind) -> String {
    format!("is no CSS selector: {error}")
}
