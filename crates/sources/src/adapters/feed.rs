//! Feeds: RSS, Atom and JSON Feed.

use std::borrow::Cow;
use std::sync::Arc;

use superbot_domain::{Currency, FoundListing, ListingDetails, Timestamp, parse_title_price};

use crate::adapter::{SiteAdapter, SourceKind};
use crate::markup;
use crate::page::{MOST_LISTINGS, Page, PageState, Reading, line};
use crate::setting_field::PAGE_URLS;

pub(super) static KIND: SourceKind = SourceKind {
    name: "feed",
    title: "Feed",
    summary: "RSS, Atom or JSON Feed: a shop's or a site's own news.",
    site: None,
    settings: &[PAGE_URLS],
    parts: &[],
    configure: |_| Ok(Arc::new(Feed)),
};

#[derive(Debug)]
struct Feed;

impl SiteAdapter for Feed {
    fn read(&self, page: &Page<'_>, currency: Currency) -> Reading {
        let feed = match feed_rs::parser::parse(beginning(&page.text()).as_bytes()) {
            Ok(feed) => feed,
            Err(error) => {
                return Reading::without(PageState::ShapeChanged, format!("it is no RSS, Atom or JSON feed: {error}"));
            }
        };
        if feed.entries.is_empty() {
            return Reading::without(PageState::Empty, "the feed is there and has no entries");
        }
        let count = feed.entries.len();
        let listings: Vec<FoundListing> = feed
            .entries
            .into_iter()
            .take(MOST_LISTINGS)
            .filter_map(|entry| read_entry(page, entry, currency))
            .collect();
        if listings.is_empty() {
            let reason = format!("none of {count} entries has a title and a link");
            return Reading::without(PageState::ShapeChanged, reason);
        }
        Reading::of(listings, "the feed")
    }
}

fn read_entry(page: &Page<'_>, entry: feed_rs::model::Entry, currency: Currency) -> Option<FoundListing> {
    let title = line(&plain(&entry.title?.content))?;
    let is_alternate = |link: &&feed_rs::model::Link| link.rel.as_deref().is_none_or(|rel| rel == "alternate");
    let link = entry.links.iter().find(is_alternate).or(entry.links.first())?;
    let text = entry.summary.map(|summary| summary.content).or(entry.content.and_then(|content| content.body));
    let image = entry.media.iter().find_map(|media| {
        let picture = media
            .content
            .iter()
            .find(|content| content.content_type.as_ref().is_some_and(|kind| kind.as_ref().starts_with("image/")));
        let thumbnail = media.thumbnails.first().map(|thumbnail| thumbnail.image.uri.clone());
        thumbnail.or_else(|| picture?.url.as_ref().map(ToString::to_string))
    });
    let at = entry.published.or(entry.updated).and_then(|at| Timestamp::from_second(at.timestamp()).ok());
    Some(FoundListing {
        price: parse_title_price(&title, currency),
        title,
        link: page.link(&link.href)?,
        details: ListingDetails {
            image_url: image.and_then(|image| page.link(&image)),
            description: text.map(|text| plain(&text)).and_then(|text| line(&text)),
            external_id: Some(entry.id).filter(|id| !id.is_empty()),
            ..ListingDetails::default()
        },
        created_at: at,
        ..FoundListing::default()
    })
}

/// A feed without what comes after more entries than are read; taking those apart would take long.
fn beginning(feed: &str) -> Cow<'_, str> {
    const KINDS: [(&str, &str, &str); 3] =
        [("<rss", "<item", "</channel></rss>"), ("<feed", "<entry", "</feed>"), ("<rdf:RDF", "<item", "</rdf:RDF>")];
    // It is named at the very beginning.
    let head = feed.char_indices().nth(1_000).map_or(feed, |(end, _)| &feed[..end]);
    let kind = KINDS.iter().find(|(root, ..)| head.contains(root));
    match kind.and_then(|(_, entry, end)| Some((feed.match_indices(entry).nth(MOST_LISTINGS)?.0, end))) {
        Some((cut, end)) => format!("{}{end}", &feed[..cut]).into(),
        None => feed.into(),
    }
}

/// A text without its markup.
fn plain(text: &str) -> String {
    if !text.contains(['<', '&']) {
        return text.to_owned();
    }
    markup::parse(text).map(|html| html.root_element().text().collect()).unwrap_or_default()
}
