//! Reads the entries of an XML feed, whatever its dialect and its faults.
//!
//! RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, and CDF differ little: an entry is an element `item` or `entry`, whatever its case and
//! prefix and wherever it is. An entry ends with its end tag, and at the latest where the next one begins, so that an element which
//! is never closed costs the entry that it is in at most.

use std::borrow::Cow;

use super::elements::{Element, EntryElements, Prefixes, append, decoded};
use crate::page::MAX_LISTINGS;
use crate::xml::{StartTag, XmlToken, XmlTokens, local_name};

/// No real entry has more elements; those of HTML within it count as well.
const MAX_ELEMENTS: usize = 2_000;
/// No real entry nests its elements deeper.
const MAX_DEPTH: usize = 100;
/// A feed has a title and a description, and some an image with both.
const MAX_HEADINGS: usize = 4;

/// Elements that hold a short text without markup: one that is left open ends where the next element of an entry begins.
const TEXT_FIELDS: [&str; 14] = [
    "category",
    "comments",
    "created",
    "dc:date",
    "dc:title",
    "guid",
    "id",
    "issued",
    "link",
    "modified",
    "pubdate",
    "published",
    "title",
    "updated",
];

/// Elements that hold a text with or without markup.
const RICH_FIELDS: [&str; 6] = ["abstract", "content", "content:encoded", "description", "summary", "tagline"];

/// Elements directly in an entry that HTML does not have.
const ENTRY_FIELDS: [&str; 12] = [
    "author",
    "category",
    "comments",
    "content:encoded",
    "description",
    "enclosure",
    "guid",
    "issued",
    "modified",
    "pubdate",
    "published",
    "updated",
];

/// A feed as far as it was read.
#[derive(Debug, Default)]
pub(super) struct XmlFeed<'a> {
    pub(super) entries: Vec<EntryElements<'a>>,
    /// Entries beyond [`MAX_LISTINGS`].
    pub(super) beyond_limit: usize,
    /// Whether there is a feed's outermost element.
    pub(super) has_root: bool,
    /// Whether every element outside entries has its end, as in a feed that nothing has damaged.
    pub(super) is_whole: bool,
    /// Whether the document is a web page.
    pub(super) is_html: bool,
    pub(super) language: Option<String>,
    /// What its other addresses are relative to, where it says so (`xml:base`): each base is relative to the one before it.
    pub(super) bases: Vec<String>,
    /// Its own address.
    pub(super) own_address: Option<String>,
    /// The address of the page that it belongs to.
    pub(super) home: Option<String>,
    /// What it says of itself: titles and descriptions outside its entries.
    pub(super) headings: Vec<Cow<'a, str>>,
}

/// Reads a feed.
pub(super) fn read_xml(text: &str) -> XmlFeed<'_> {
    let mut reader = FeedReader {
        text,
        feed: XmlFeed::default(),
        prefixes: Prefixes::default(),
        entry: None,
        outer: String::new(),
        open: Vec::new(),
        has_unmatched_tags: false,
    };
    let mut tokens = XmlTokens::new(text);
    loop {
        let before = tokens.position();
        let Some(token) = tokens.next() else { break };
        let after = tokens.position();
        match token {
            XmlToken::Start(tag) => reader.start(tag, before, after),
            XmlToken::End(name) => reader.end(name, before),
            XmlToken::Text(text) => reader.text(decoded(text)),
            XmlToken::CData(text) => reader.text(text.into()),
        }
    }
    reader.finish_entry(text.len());
    reader.feed.is_whole = reader.open.is_empty() && !reader.has_unmatched_tags && !tokens.has_faults();
    reader.feed
}

/// Whether a text has an `item` or an `entry` of any case and prefix, or what refers to one, in tags or in what is left of them.
pub(super) fn mentions_entries(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let tag = &text[at + 1..];
        let tag = tag.strip_prefix('/').unwrap_or(tag);
        let length =
            tag.bytes().take(64).position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'<'));
        let name = tag.get(..length.unwrap_or(tag.len().min(64))).unwrap_or_default();
        let local = local_name(name);
        ["item", "entry", "li"].iter().any(|entry| local.eq_ignore_ascii_case(entry))
    })
}

struct FeedReader<'a> {
    text: &'a str,
    feed: XmlFeed<'a>,
    prefixes: Prefixes,
    entry: Option<OpenEntry<'a>>,
    /// The element of the feed itself that was opened last.
    outer: String,
    /// The elements of the feed itself that are open, as written.
    open: Vec<&'a str>,
    has_unmatched_tags: bool,
}

/// The entry that is being read.
struct OpenEntry<'a> {
    read: EntryElements<'a>,
    /// The prefix that its own elements have in a dialect of which the namespace is unknown.
    own_prefix: String,
    /// The elements that are open: their places, the names as written, where their content begins, and the prefix of what is in
    /// them without one.
    open: Vec<OpenElement<'a>>,
}

struct OpenElement<'a> {
    place: usize,
    written: &'a str,
    content_start: usize,
    default_prefix: &'static str,
}

impl<'a> FeedReader<'a> {
    fn start(&mut self, tag: StartTag<'a>, before: usize, after: usize) {
        let declared = self.prefixes.declare(tag);
        let is_entry = |name: &str| name.eq_ignore_ascii_case("item") || name.eq_ignore_ascii_case("entry");
        if is_entry(local_name(tag.name)) && !self.is_of_known_module(tag.name) {
            self.finish_entry(before);
            self.begin_entry(tag);
            if tag.is_empty {
                self.finish_entry(after);
            }
        } else if self.entry.is_some() {
            self.start_in_entry(tag, declared, before, after);
        } else {
            // Whatever namespace a feed declares for itself, it is a feed: some declare that of a module by mistake.
            self.start_outside(tag);
        }
    }

    /// Whether a name is one of a module such as Media RSS, which may have items of its own.
    fn is_of_known_module(&self, name: &str) -> bool {
        let resolved = self.prefixes.resolve(name, "");
        resolved
            .split_once(':')
            .is_some_and(|(prefix, _)| matches!(prefix, "media" | "g" | "gml" | "itunes" | "dc" | "xhtml"))
    }

    fn begin_entry(&mut self, tag: StartTag<'a>) {
        let resolved = self.prefixes.resolve(tag.name, "");
        let own_prefix = resolved.split_once(':').map_or_else(String::new, |(prefix, _)| format!("{prefix}:"));
        let is_atom = local_name(tag.name).eq_ignore_ascii_case("entry");
        let read = EntryElements { tag, is_atom, elements: Vec::new() };
        self.entry = Some(OpenEntry { read, own_prefix, open: Vec::new() });
    }

    /// Ends the entry that is open, with everything in it.
    fn finish_entry(&mut self, at: usize) {
        let Some(mut entry) = self.entry.take() else { return };
        entry.close_to(0, self.text, at);
        if self.feed.entries.len() < MAX_LISTINGS {
            self.feed.entries.push(entry.read);
        } else {
            self.feed.beyond_limit += 1;
        }
    }

    fn start_outside(&mut self, tag: StartTag<'a>) {
        let name = self.prefixes.resolve(tag.name, "");
        let local = local_name(&name);
        match local {
            "rss" | "rdf" | "feed" | "channel" => self.feed.has_root = true,
            "html" if !self.feed.has_root => self.feed.is_html = true,
            "link" => {
                let rel = tag.attribute("rel").unwrap_or_default();
                let href = tag.attribute("href");
                if rel.eq_ignore_ascii_case("self") {
                    self.feed.own_address = self.feed.own_address.take().or(href);
                } else {
                    self.feed.home = self.feed.home.take().or(href);
                }
            }
            _ => {}
        }
        // Those of other elements are theirs alone.
        if matches!(local, "rss" | "rdf" | "feed" | "channel") {
            self.feed.bases.extend(tag.xml_attribute("xml:base"));
            self.feed.language = tag.xml_attribute("xml:lang").or(self.feed.language.take());
        }
        if tag.is_empty {
            self.outer.clear();
            return;
        }
        self.outer = name;
        if self.open.len() < MAX_DEPTH {
            self.open.push(tag.name);
        }
    }

    fn start_in_entry(&mut self, tag: StartTag<'a>, declared: Option<&'static str>, before: usize, after: usize) {
        let Some(entry) = &mut self.entry else { return };
        let default_prefix = entry.open.last().map_or("", |open| open.default_prefix);
        let default_prefix = declared.unwrap_or(default_prefix);
        let name = self.prefixes.resolve(tag.name, default_prefix);
        let name = match name.strip_prefix(&*entry.own_prefix) {
            Some(own) if !entry.own_prefix.is_empty() => own.to_owned(),
            _ => name,
        };
        entry.close_before(&name, self.text, before);
        if entry.open.len() >= MAX_DEPTH || entry.read.elements.len() >= MAX_ELEMENTS {
            return;
        }
        let place = entry.read.elements.len();
        let parent = entry.open.last().map(|open| open.place);
        if let Some(parent) = parent {
            entry.read.elements[parent].has_children = true;
        }
        let text = Cow::Borrowed("");
        entry.read.elements.push(Element { name, tag, parent, text, inner: "", has_children: false });
        if !tag.is_empty {
            entry.open.push(OpenElement { place, written: tag.name, content_start: after, default_prefix });
        }
    }

    fn end(&mut self, name: &'a str, before: usize) {
        let local = local_name(name).to_ascii_lowercase();
        let Some(entry) = &mut self.entry else {
            self.has_unmatched_tags |= self.open.pop_if(|open| open.eq_ignore_ascii_case(name)).is_none();
            self.outer.clear();
            return;
        };
        if let Some(place) = entry.open.iter().rposition(|open| open.written.eq_ignore_ascii_case(name)) {
            entry.close_to(place, self.text, before);
        } else if matches!(&*local, "item" | "entry" | "channel" | "feed" | "rss" | "rdf") {
            self.finish_entry(before);
        }
    }

    fn text(&mut self, text: Cow<'a, str>) {
        let Some(entry) = &mut self.entry else {
            match &*self.outer {
                "language" | "dc:language" if !text.trim().is_empty() => {
                    self.feed.language = Some(text.trim().to_owned());
                }
                "link" if self.feed.home.is_none() && !text.trim().is_empty() => {
                    self.feed.home = Some(text.trim().to_owned());
                }
                "title" | "description" | "subtitle" | "tagline" if self.feed.headings.len() < MAX_HEADINGS => {
                    self.feed.headings.push(text);
                }
                _ => {}
            }
            return;
        };
        let elements = &mut entry.read.elements;
        match entry.open.last() {
            Some(open) => append(&mut elements[open.place].text, text),
            // "<link/>https://shop.example/1", as programs write it that take a feed for HTML.
            None => {
                if let Some(last) = elements.last_mut().filter(|last| last.name == "link" && last.text.is_empty()) {
                    last.text = text;
                }
            }
        }
    }
}

impl<'a> OpenEntry<'a> {
    /// Closes elements that were left open, before another begins that cannot be in them.
    fn close_before(&mut self, name: &str, text: &'a str, at: usize) {
        let Some(first) = self.open.first() else { return };
        let outer = &*self.read.elements[first.place].name;
        let is_entry_field = ENTRY_FIELDS.binary_search(&name).is_ok();
        let is_known =
            is_entry_field || name.contains(':') || matches!(name, "title" | "link" | "id" | "content" | "summary");
        let ends_text = TEXT_FIELDS.binary_search(&outer).is_ok() && is_known && !name.starts_with("xhtml:");
        // HTML has links and titles as well, in places where descriptions hardly ever have them.
        let is_new = |name: &str| self.read.children(name).next().is_none();
        let ends_rich = RICH_FIELDS.binary_search(&outer).is_ok() && (is_entry_field || name == "link") && is_new(name);
        if ends_text || ends_rich {
            self.close_to(0, text, at);
        }
    }

    /// Closes the elements that are open from that place on.
    fn close_to(&mut self, from: usize, text: &'a str, at: usize) {
        for open in self.open.drain(from..) {
            self.read.elements[open.place].inner = &text[open.content_start..at];
        }
    }
}
