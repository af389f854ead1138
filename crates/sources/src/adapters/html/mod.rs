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
use crate::parts::{PlaceSyntax, PriceChoices, listing_places, with_listing_parts};
use crate::period_words::find_period;
use crate::price_value::read_currency;
use crate::setting_field::SettingType::CssSelector;
use crate::setting_field::{PAGE_URLS, SettingField};
use crate::shown_text::{is_in_template, is_shown};
use crate::{markup, parts};

/// Where on a page each part of a listing is, as CSS selectors.
#[derive(Clone, Debug)]
struct HtmlFields {
    row: Selector,
    /// As it was written, to be named where it finds nothing.
    row_css: String,
    parts: BTreeMap<&'static str, HtmlPart>,
    empty: Option<Selector>,
    prices: PriceChoices,
}

/// A page has no more signs that it is empty, shown or hidden.
const MAX_SIGNS: usize = 100;

pub(super) static KIND: SourceKind = SourceKind {
    name: "html",
    title: "Web page",
    summary: "Any page; you say where on it the listings are.",
    site: None,
    settings: &[PAGE_URLS],
    parts: &PARTS,
    configure: |fields| Ok(Arc::new(HtmlFields::parse(fields)?)),
};

static PARTS: [SettingField; 16] = with_listing_parts(
    PlaceSyntax::Css,
    &[
        parts::required(parts::optional("row", "Each listing", CssSelector, "li.ad")),
        parts::optional("empty", "“Nothing here”", CssSelector, ".no-results"),
    ],
);

impl SiteAdapter for HtmlFields {
    fn read(&self, page: &mut PageText<'_>) -> Reading {
        let html = match markup::parse_page(page) {
            Ok(html) => html,
            Err(reason) => return Reading::without(PageState::ShapeChanged, reason),
        };
        let rows = html.select(&self.row).filter(|row| !is_in_template(*row));
        let mut rows: Vec<ElementRef<'_>> = rows.take(MAX_LISTINGS + 1).collect();
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
        for name in listing_places() {
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
        let prices = PriceChoices::read(&texts, &mut errors);
        match row {
            Some(row) if errors.is_empty() => Ok(Self {
                row,
                row_css: texts.get("row").map(|texts| texts.join(", ")).unwrap_or_default(),
                parts: found,
                empty,
                prices,
            }),
            _ => errors.finish(None),
        }
    }

    fn without_rows(&self, html: &Html) -> Reading {
        if self.empty_sign(html).is_some() {
            let reason = "the page says that there is nothing, where the settings say it would";
            return Reading::without(PageState::Empty, reason);
        }
        Reading::without(PageState::ShapeChanged, format!("nothing is where the rows should be: {}", self.row_css))
    }

    /// The sign that there are no results, if it is shown: many pages have it hidden, until a script finds that there are none.
    fn empty_sign<'a>(&self, html: &'a Html) -> Option<ElementRef<'a>> {
        html.select(self.empty.as_ref()?).take(MAX_SIGNS).find(|sign| is_shown(*sign))
    }

    /// Removes rows below the sign that there are no results: sites show similar ads there, which do not match the search.
    fn leave_out_suggestions(
        &self,
        html: &Html,
        rows: &mut Vec<ElementRef<'_>>,
        omissions: &mut Omissions,
    ) -> Option<Reading> {
        let sign = self.empty_sign(html)?;
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
        let style = self.prices.style(currency, None);
        let per = self.parts.get("price_per").and_then(|part| find_period(&part.text(row)?));
        let mut price = style.read_text(&written.asked)?.per_unless_stated(per);
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
