//! Pages of any other site: settings say where each part of a listing is.

mod part;

use std::collections::BTreeMap;
use std::sync::Arc;

use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use superbot_domain::{FieldErrors, FoundListing, InvalidFields, ItemCondition, ListingDetails, ParsedPrice};

use self::part::{HtmlPart, because};
use crate::adapter::{SiteAdapter, SourceKind};
use crate::page::{MAX_LISTINGS, Omissions, PageState, PageText, Reading};
use crate::price_value::{AmountUnit, PriceStyle, ZeroMeaning, read_currency};
use crate::setting_field::SettingType::{CssSelector, Word};
use crate::setting_field::{PAGE_URLS, SettingField};
use crate::{markup, parts};

/// Where on a page each part of a listing is, as CSS selectors.
#[derive(Clone, Debug)]
struct HtmlFields {
    row: Selector,
    /// As it was written, to be named where it finds nothing.
    row_css: String,
    parts: BTreeMap<&'static str, HtmlPart>,
    empty: Option<Selector>,
    amount_unit: AmountUnit,
    zero: ZeroMeaning,
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

static PARTS: [SettingField; 15] = [
    parts::required("row", "Each listing", CssSelector, "li.ad"),
    parts::required("title", "Title", CssSelector, "h2 a"),
    parts::required("link", "Link", CssSelector, "h2 a"),
    parts::optional("price", "Price", CssSelector, ".price"),
    parts::optional("former_price", "Former price", CssSelector, ".old-price"),
    parts::optional("currency", "Currency", CssSelector, ".price@data-currency"),
    parts::optional("amount_in", "Amounts are in (units, minor)", Word { default: None }, "units"),
    parts::optional("zero", "A price of 0 is (free, unstated)", Word { default: None }, "free"),
    parts::optional("location", "Place", CssSelector, ".place"),
    parts::optional("image", "Picture", CssSelector, "img"),
    parts::optional("description", "Description", CssSelector, ".text"),
    parts::optional("condition", "Condition", CssSelector, ".condition"),
    parts::optional("id", "The site’s number", CssSelector, "@data-id"),
    parts::optional("date", "Date", CssSelector, "time"),
    parts::optional("empty", "“Nothing here”", CssSelector, ".no-results"),
];

/// Parts that are found within a row.
const ROW_PARTS: [&str; 11] = [
    "title",
    "link",
    "price",
    "former_price",
    "currency",
    "location",
    "image",
    "description",
    "condition",
    "id",
    "date",
];

impl SiteAdapter for HtmlFields {
    fn read(&self, page: &mut PageText<'_>) -> Reading {
        let html = match markup::parse_page(page) {
            Ok(html) => html,
            Err(reason) => return Reading::without(PageState::ShapeChanged, reason),
        };
        let mut rows: Vec<ElementRef<'_>> = html.select(&self.row).take(MAX_LISTINGS + 1).collect();
        if rows.is_empty() {
            return self.without_rows(&html);
        }
        let mut omissions = Omissions { has_more: rows.len() > MAX_LISTINGS, ..Omissions::default() };
        rows.truncate(MAX_LISTINGS);
        if let Some(reading) = self.leave_out_suggestions(&html, &mut rows, &mut omissions) {
            return reading;
        }
        omissions.entries = rows.len();
        let listings: Vec<FoundListing> =
            rows.iter().filter_map(|row| self.read_row(page, *row, &mut omissions.unread_prices)).collect();
        if listings.is_empty() {
            let reason = format!("none of {} rows has a title and a link where the settings say", rows.len());
            return Reading::without(PageState::ShapeChanged, reason);
        }
        omissions.incomplete = rows.len() - listings.len();
        Reading::of(listings, "the page's rows", &omissions)
    }
}

impl HtmlFields {
    fn parse(settings: &Value) -> Result<Self, InvalidFields> {
        let texts = parts::read(settings, &PARTS)?;
        let mut errors = FieldErrors::default();
        let mut found = BTreeMap::new();
        for name in ROW_PARTS {
            let Some(alternatives) = texts.get(name) else { continue };
            if let Some(part) = errors.take(name, HtmlPart::parse(name, alternatives)) {
                found.insert(name, part);
            }
        }
        let mut whole = |name: &'static str| {
            let text = texts.get(name)?.join(", ");
            errors.take(name, Selector::parse(&text).map_err(|error| parts::refused(&text, &because(&error))))
        };
        let row = whole("row");
        let empty = whole("empty");
        let amount_unit = parts::read_choice(
            &texts,
            "amount_in",
            &[("units", AmountUnit::Whole), ("minor", AmountUnit::Minor)],
            &mut errors,
        );
        let meanings = [("free", ZeroMeaning::Free), ("unstated", ZeroMeaning::Unstated)];
        let zero = parts::read_choice(&texts, "zero", &meanings, &mut errors);
        match row {
            Some(row) if errors.is_empty() => Ok(Self {
                row,
                row_css: texts.get("row").map(|texts| texts.join(", ")).unwrap_or_default(),
                parts: found,
                empty,
                amount_unit: amount_unit.unwrap_or_default(),
                zero: zero.unwrap_or_default(),
            }),
            _ => errors.finish(None),
        }
    }

    fn without_rows(&self, html: &Html) -> Reading {
        match &self.empty {
            Some(empty) if html.select(empty).next().is_some() => Reading::without(
                PageState::Empty,
                "the page says that there is nothing, where the settings say it would",
            ),
            _ => Reading::without(
                PageState::ShapeChanged,
                format!("nothing is where the rows should be: {}", self.row_css),
            ),
        }
    }

    /// Removes rows below the sign that there are no results: sites show similar ads there, which nobody searched for.
    fn leave_out_suggestions(
        &self,
        html: &Html,
        rows: &mut Vec<ElementRef<'_>>,
        omissions: &mut Omissions,
    ) -> Option<Reading> {
        let is_shown = |element: &ElementRef<'_>| {
            let hides = |style: &str| style.replace(' ', "").to_ascii_lowercase().contains("display:none");
            element.attr("hidden").is_none() && !element.attr("style").is_some_and(hides)
        };
        let sign = html.select(self.empty.as_ref()?).find(is_shown)?;
        // The parser numbers nodes in the order of the document.
        let count = rows.len();
        rows.retain(|row| row.id() < sign.id() || row.descendants().any(|node| node.id() == sign.id()));
        let left_out = count - rows.len();
        if left_out == 0 {
            return None;
        }
        let remark = format!("{left_out} rows below the sign that there are no more results are left out");
        if rows.is_empty() {
            let reason = format!("the page says that there is nothing, where the settings say it would; {remark}");
            return Some(Reading::without(PageState::Empty, reason));
        }
        omissions.remarks.push(remark);
        None
    }

    fn read_row(&self, page: &PageText<'_>, row: ElementRef<'_>, unread_prices: &mut usize) -> Option<FoundListing> {
        let text = |name: &str| self.parts.get(name)?.text(row);
        let id = text("id");
        let price = self.read_price(page, row);
        let listing = FoundListing {
            title: text("title")?,
            link: page.link(&text("link")?)?,
            price: price.unwrap_or_default(),
            details: ListingDetails {
                location: text("location"),
                image_url: self.parts.get("image").and_then(|image| page.link(&image.text(row)?)),
                description: text("description"),
                condition: text("condition").and_then(|condition| read_condition(&condition)),
                ..ListingDetails::default()
            },
            created_at: text("date").and_then(|date| page.moment(&date)),
            ..FoundListing::default()
        };
        *unread_prices += usize::from(price.is_none());
        Some(listing.with_site_id(id))
    }

    /// The price of a row; none where there is one that is not understood.
    fn read_price(&self, page: &PageText<'_>, row: ElementRef<'_>) -> Option<ParsedPrice> {
        let written = self.parts.get("price").and_then(|part| part.price(row)).unwrap_or_default();
        let currency = match self.parts.get("currency").and_then(|part| part.text(row)) {
            Some(currency) => read_currency(&currency, page.currency)?,
            None => page.currency,
        };
        let style = PriceStyle { currency, unit: self.amount_unit, exponent: None, zero: self.zero };
        let mut price = style.read_text(&written.asked)?;
        let former = self.parts.get("former_price").and_then(|part| part.price(row)).map(|price| price.asked);
        if let Some(former) = former.or(written.former).and_then(|former| style.read_text(&former)) {
            price.previous = price.previous.or(former.price.money());
        }
        Some(price)
    }
}

/// The condition, where a page names it as the API does.
pub(in crate::adapters) fn read_condition(text: &str) -> Option<ItemCondition> {
    ItemCondition::from_words(text)
}
