//! Reads JSON Feed, and RSS that was turned into JSON.

use serde_json::Value;

use super::entry::{FeedEntry, is_picture_address};
use super::entry_price::WrittenPrice;
use crate::embedded::{currency_text, text, whole};
use crate::markup_text::text_of_title;
use crate::page::{PageState, Reading, line};
use crate::refused_answer::refused_by_answer;

/// A feed as far as it was read.
#[derive(Debug)]
pub(super) struct JsonFeed {
    pub(super) entries: Vec<FeedEntry>,
    /// Items that are no objects.
    pub(super) unread: usize,
    pub(super) own_address: Option<String>,
    pub(super) home: Option<String>,
    pub(super) language: Option<String>,
}

/// Reads a feed.
///
/// # Errors
/// What it is where it has no items: empty, an error, or no feed.
pub(super) fn read_json(body: &str) -> Result<JsonFeed, Reading> {
    let changed = |reason: String| Reading::without(PageState::ShapeChanged, reason);
    let json = whole(body.trim_start().as_bytes())
        .map_err(|error| changed(format!("it begins like a JSON feed, and is none: {error}")))?;
    let channel = [&json, &json["rss"]["channel"], &json["channel"], &json["feed"]];
    let list = channel
        .iter()
        .find_map(|feed| Some((*feed, ["items", "item", "entries"].iter().find_map(|name| feed[*name].as_array())?)));
    let Some((feed, items)) = list.filter(|(_, items)| !items.is_empty()) else {
        let without_items = || match list {
            Some(_) => Reading::without(PageState::Empty, "the feed is there and its list of items is empty"),
            None => changed("it is no JSON feed: it has no list of items".to_owned()),
        };
        return Err(refused_by_answer(&json).unwrap_or_else(without_items));
    };
    let entries: Vec<FeedEntry> = items.iter().filter(|item| item.is_object()).map(read_item).collect();
    Ok(JsonFeed {
        unread: items.len() - entries.len(),
        entries,
        own_address: text(&feed["feed_url"]),
        home: text(&feed["home_page_url"]).or_else(|| text(&feed["link"])),
        language: text(&feed["language"]),
    })
}

fn read_item(item: &Value) -> FeedEntry {
    let texts = |names: &[&str]| names.iter().filter_map(|name| text(&item[*name])).collect::<Vec<String>>();
    let attachments = || item["attachments"].as_array().into_iter().flatten();
    let escaped = |name: &str| text(&item[name]).map(|plain| plain.replace('&', "&amp;").replace('<', "&lt;"));
    let html = || ["content_html", "description", "content"].iter().filter_map(|name| text(&item[*name]));
    let mut images = texts(&["image", "banner_image", "thumbnail"]);
    images.extend(
        attachments().filter(|attachment| is_picture(attachment)).filter_map(|attachment| text(&attachment["url"])),
    );
    let mut links = texts(&["url", "link", "external_url"]);
    links.extend(texts(&["id", "guid"]).into_iter().filter(|id| id.starts_with("http")));
    links.extend(attachments().filter_map(|attachment| text(&attachment["url"])));
    FeedEntry {
        title: text(&item["title"]).and_then(|title| line(&text_of_title(&title))),
        links,
        id: texts(&["id", "guid"]).into_iter().next(),
        prices: prices(item),
        location: texts(&["location", "_location"]).into_iter().next(),
        images,
        base: None,
        descriptions: ["content_text", "summary"].iter().filter_map(|name| escaped(name)).chain(html()).collect(),
        dates: texts(&["date_published", "pubDate", "published", "date_modified", "updated"]),
        condition: None,
    }
}

/// Prices of the item, and of its extensions, whose names begin with `_`.
fn prices(item: &Value) -> Vec<WrittenPrice> {
    let extensions = item.as_object().into_iter().flatten().filter(|(name, _)| name.starts_with('_'));
    let places = std::iter::once(item).chain(extensions.map(|(_, value)| value));
    let read = |place: &Value| {
        let price = &place["price"];
        let (amount, holder) = if price.is_object() { (&price["amount"], price) } else { (price, place) };
        let amount = text(amount).or_else(|| text(&holder["value"]))?;
        let currency = CURRENCY_FIELDS.iter().find_map(|name| currency_text(&holder[*name]));
        Some(WrittenPrice { amount, currency })
    };
    places.filter_map(read).collect()
}

const CURRENCY_FIELDS: [&str; 5] = ["currency", "currency_code", "currencyCode", "priceCurrency", "price_currency"];

fn is_picture(attachment: &Value) -> bool {
    match text(&attachment["mime_type"]) {
        Some(kind) => kind.starts_with("image"),
        None => text(&attachment["url"]).is_some_and(|url| is_picture_address(&url.to_ascii_lowercase())),
    }
}
