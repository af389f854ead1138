//! Feeds: RSS, Atom, CDF and JSON Feed, in any dialect and with any faults.

mod description;
mod elements;
mod entry;
mod entry_price;
mod json_feed;
mod xml_feed;

use std::sync::Arc;

use superbot_domain::FoundListing;

use self::entry::{FeedEntry, PriceOrigins};
use self::json_feed::read_json;
use self::xml_feed::{XmlFeed, mentions_entries, read_xml};
use crate::adapter::{SiteAdapter, SourceKind};
use crate::page::{MAX_LISTINGS, Omissions, PageState, PageText, Reading};
use crate::refused_answer::refused_by_heading;
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
    fn read(&self, page: &mut PageText<'_>) -> Reading {
        let text = std::mem::take(&mut page.text);
        if text.trim_start().starts_with(['{', '[']) {
            return match read_json(&text) {
                Ok(feed) => {
                    let addresses = [feed.own_address, feed.home];
                    prepare(page, &[], &addresses, feed.language);
                    let count = feed.entries.len() + feed.unread;
                    list(page, feed.entries, count)
                }
                Err(reading) => reading,
            };
        }
        let feed = read_xml(&text);
        if feed.entries.is_empty() {
            return without_entries(&feed, &text);
        }
        let XmlFeed { entries, beyond_limit, bases, own_address, home, language, .. } = feed;
        prepare(page, &bases, &[own_address, home], language);
        let count = entries.len() + beyond_limit;
        let entries = entries.into_iter().map(|entry| entry.into_entry(page)).collect();
        list(page, entries, count)
    }
}

/// What a feed says of itself counts where the page's address and the settings say nothing.
fn prepare(page: &mut PageText<'_>, bases: &[String], addresses: &[Option<String>; 2], language: Option<String>) {
    for address in addresses.iter().flatten() {
        if !page.has_base() {
            page.set_base(address);
        }
    }
    for base in bases {
        page.set_base(base);
    }
    if let Some(language) = language {
        page.suggest_date_language(&language);
    }
}

/// A feed is empty only where nothing in it may be an entry, and it has its end.
fn without_entries(feed: &XmlFeed<'_>, text: &str) -> Reading {
    if let Some(refusal) = feed.headings.iter().find_map(|heading| refused_by_heading(heading)) {
        return refusal;
    }
    let (state, reason) = match feed {
        XmlFeed { is_html: true, .. } => (PageState::ShapeChanged, "it is a web page, and no feed"),
        XmlFeed { has_root: false, .. } => (PageState::ShapeChanged, "it is no RSS, Atom or JSON feed"),
        _ if mentions_entries(text) => (PageState::ShapeChanged, "the feed mentions entries, and none can be read"),
        XmlFeed { is_whole: false, .. } => {
            (PageState::ShapeChanged, "the feed has no entries, and tags without their counterparts")
        }
        _ => (PageState::Empty, "the feed is there and has no entries"),
    };
    Reading::without(state, reason)
}

/// The listings of entries; `count` includes those that were not read.
fn list(page: &PageText<'_>, entries: Vec<FeedEntry>, count: usize) -> Reading {
    let mut origins = PriceOrigins::default();
    let listings: Vec<FoundListing> =
        entries.into_iter().take(MAX_LISTINGS).filter_map(|entry| entry.into_listing(page, &mut origins)).collect();
    if listings.is_empty() {
        let reason = format!("none of {count} entries has a title and an address to follow");
        return Reading::without(PageState::ShapeChanged, reason);
    }
    let omissions = Omissions {
        entries: count,
        incomplete: count.min(MAX_LISTINGS) - listings.len(),
        has_more: count > MAX_LISTINGS,
        remarks: origins.remark().into_iter().collect(),
        ..Omissions::default()
    };
    Reading::of(listings, "the feed", &omissions)
}
