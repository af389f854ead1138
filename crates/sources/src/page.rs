//! A page as it was fetched, and what an adapter makes of it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Write as _;

use superbot_domain::{Currency, FoundListing, ListingLink, Timestamp};
use url::Url;

use crate::character_references::decode_references;
use crate::date_reader::{DateLanguage, DateReader};
use crate::decode::{PageTooLarge, decode};

/// A page as it was fetched, posted, or saved.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// The HTTP status; 200 for a saved page.
    pub status: u16,
    /// The address after redirects; the site's own where the page's is unknown, and empty where there is none.
    pub url: &'a str,
    /// The address that was requested; empty where it is unknown.
    pub asked: &'a str,
    /// The `Content-Type` that it came with.
    pub content_type: Option<&'a str>,
    /// When it was read, which relative dates ("2 hours ago") refer to; without it they are left out.
    pub read_at: Option<Timestamp>,
    /// Its bytes, in any encoding.
    pub body: &'a [u8],
}

/// A decoded page, with what adapters need to read it.
#[derive(Debug)]
pub(crate) struct PageText<'a> {
    pub(crate) text: Cow<'a, str>,
    /// As in [`Page`].
    pub(crate) url: &'a str,
    /// As in [`Page`].
    pub(crate) asked: &'a str,
    /// The currency of prices that do not name theirs.
    pub(crate) currency: Currency,
    dates: DateReader,
    base: Option<Url>,
}

/// What a page turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageState {
    /// It lists something.
    Ok,
    /// It says that there is nothing to list.
    Empty,
    /// The site refuses to answer.
    Blocked,
    /// The site wants somebody to sign in first.
    LoginWall,
    /// The site wants fewer requests.
    RateLimited,
    /// It lists nothing, and does not say that there is nothing either: it may look different from now on.
    ShapeChanged,
}

/// What an adapter makes of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What the page turned out to be.
    pub state: PageState,
    /// What shows it, in a short sentence.
    pub reason: String,
    /// What it lists, in its order.
    pub listings: Vec<FoundListing>,
}

impl PageState {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Empty => "empty",
            Self::Blocked => "blocked",
            Self::LoginWall => "login_wall",
            Self::RateLimited => "rate_limited",
            Self::ShapeChanged => "shape_changed",
        }
    }
}

impl<'a> Page<'a> {
    /// A page of status 200 of which only the address and the content are known.
    pub const fn saved(url: &'a str, body: &'a [u8]) -> Self {
        Self { status: 200, url, asked: "", content_type: None, read_at: None, body }
    }

    pub(crate) fn decode(&self, currency: Currency, language: DateLanguage) -> Result<PageText<'a>, PageTooLarge> {
        let base = Url::parse(self.url).ok();
        let domain = base.as_ref().and_then(Url::host_str).and_then(|host| host.rsplit('.').next());
        Ok(PageText {
            text: decode(self.body, self.content_type, domain)?,
            url: self.url,
            asked: self.asked,
            currency,
            dates: DateReader { language, read_at: self.read_at },
            base,
        })
    }
}

impl PageText<'_> {
    /// An address on the page, made absolute; only of the web. Data often has addresses that were escaped for HTML (`?a=1&amp;b=2`).
    pub(crate) fn link(&self, address: &str) -> Option<String> {
        let address = decode_references(address.trim());
        // What scripts turn into a link leads to the page itself.
        if address == "#" {
            return None;
        }
        let link = match &self.base {
            Some(base) => base.join(&address).ok()?,
            None => Url::parse(&address).ok()?,
        };
        (matches!(link.scheme(), "http" | "https") && link.has_host()).then(|| link.into())
    }

    /// An address that is relative to the innermost of `bases`, each of which is relative to the one before it, and the first to
    /// the page.
    pub(crate) fn rebased<'a>(&self, bases: impl IntoIterator<Item = &'a str>, address: &str) -> String {
        let mut bases = bases.into_iter().peekable();
        if bases.peek().is_none() {
            return address.to_owned();
        }
        let join = |outer: Option<Url>, inner: &str| match &outer {
            Some(base) => base.join(inner).ok().or(outer),
            None => Url::parse(inner).ok(),
        };
        let base = bases.fold(self.base.clone(), join);
        base.and_then(|base| base.join(address).ok()).map_or_else(|| address.to_owned(), String::from)
    }

    /// Resolves later addresses against `base`, which may be relative to the page's own address, as `<base href>` is.
    pub(crate) fn set_base(&mut self, base: &str) {
        if let Some(base) = self.link(base).and_then(|base| Url::parse(&base).ok()) {
            self.base = Some(base);
        }
    }

    /// Whether relative addresses can be resolved.
    pub(crate) const fn has_base(&self) -> bool {
        self.base.is_some()
    }

    /// Reads dates in that language, unless the source says which one it is.
    pub(crate) fn suggest_date_language(&mut self, tag: &str) {
        self.dates.language = self.dates.language.or_of_tag(tag);
    }

    /// A moment as text, or as seconds or milliseconds since 1970.
    pub(crate) fn moment(&self, value: &str) -> Option<Timestamp> {
        self.dates.read(value)
    }
}

impl Reading {
    /// A page that lists nothing.
    pub(crate) fn without(state: PageState, reason: impl Into<String>) -> Self {
        Self { state, reason: reason.into(), listings: Vec::new() }
    }

    /// A page that lists something; what it lists twice counts once, and what could not be read is counted in the reason.
    pub(crate) fn of(mut listings: Vec<FoundListing>, from: &str, omissions: &Omissions) -> Self {
        let shared = distinguish_shared_links(&mut listings);
        let mut reason = format!("{} listings in {from}", listings.len());
        omissions.describe(&mut reason);
        if shared > 0 {
            let _ = write!(
                reason,
                "; {shared} entries are left out: their address is that of another, and no id distinguishes them"
            );
        }
        Self { state: PageState::Ok, reason, listings }
    }
}

/// What of a page was left out, for the reason.
#[derive(Clone, Debug, Default)]
pub(crate) struct Omissions {
    /// The number of rows or entries on the page.
    pub(crate) entries: usize,
    /// Those without a title, or without an address that can be followed.
    pub(crate) incomplete: usize,
    /// Whether there are more than [`MAX_LISTINGS`].
    pub(crate) has_more: bool,
    /// Prices that are there and were not understood.
    pub(crate) unread_prices: usize,
    /// Further remarks, such as where prices come from.
    pub(crate) remarks: Vec<String>,
}

impl Omissions {
    fn describe(&self, reason: &mut String) {
        let Self { entries, incomplete, has_more, unread_prices, remarks } = self;
        if *incomplete > 0 {
            let _ = write!(reason, "; {incomplete} of {entries} are left out: no title, or no address to follow");
        }
        if *has_more {
            let _ = write!(reason, "; the page has more, of which only the first {MAX_LISTINGS} are read");
        }
        if *unread_prices > 0 {
            let _ = write!(reason, "; {unread_prices} prices could not be read");
        }
        for remark in remarks {
            let _ = write!(reason, "; {remark}");
        }
    }
}

/// Sets [`FoundListing::link_key`] of listings that share an address and differ in their id or in the fragment of their link, and
/// removes those that nothing distinguishes. Returns the number of removed listings that are not mere repetitions.
fn distinguish_shared_links(listings: &mut Vec<FoundListing>) -> usize {
    let mut counts: HashMap<String, usize> = HashMap::with_capacity(listings.len());
    let canonical = |found: &FoundListing| {
        ListingLink::parse(&found.link).map_or_else(|_| found.link.clone(), |link| link.canonical().to_owned())
    };
    let links: Vec<String> = listings.iter().map(canonical).collect();
    for link in &links {
        *counts.entry(link.clone()).or_default() += 1;
    }
    let mut seen: HashMap<(String, Option<String>), String> = HashMap::new();
    let mut place = 0;
    let mut removed = 0;
    listings.retain_mut(|found| {
        let link = &links[place];
        place += 1;
        if counts[link] == 1 {
            return true;
        }
        let fragment = || found.link.split_once('#').map(|(_, fragment)| fragment.to_owned());
        let key = found.details.external_id.clone().or_else(fragment);
        match seen.entry((link.clone(), key.clone())) {
            Entry::Vacant(vacant) => {
                vacant.insert(found.title.clone());
                found.link_key = key;
                true
            }
            Entry::Occupied(first) => {
                removed += usize::from(first.get() != &found.title);
                false
            }
        }
    });
    removed
}

/// The maximum number of listings read of a page; a longer list begins with what is new.
pub(crate) const MAX_LISTINGS: usize = 5_000;

/// A selector that is written here, read once.
macro_rules! selector {
    ($css:literal) => {
        std::sync::LazyLock::new(|| {
            // Every selector is written in this crate, and tried by its tests.
            scraper::Selector::parse($css).expect("a selector")
        })
    };
}
pub(crate) use selector;

/// A price as text on one line. No-break spaces stay: sites write them within numbers ("310 000 €"), where a plain space may
/// separate two numbers.
pub(crate) fn price_line(text: &str) -> Option<String> {
    let line =
        text.split([' ', '\t', '\n', '\r', '\x0c']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    Some(line).filter(|line| !line.trim().is_empty())
}

/// A text on one line, without what surrounds it.
pub(crate) fn line(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(line).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_addresses_are_links_like_others() {
        let page = Page::saved("https://x.test/list/", b"").decode(Currency::USD, DateLanguage::default()).unwrap();
        for (address, expected) in [
            ("/1?a=1&amp;b=2", "https://x.test/1?a=1&b=2"),
            ("/1?a=1&#38;b=2", "https://x.test/1?a=1&b=2"),
            ("/1?a=1&#038;b=2", "https://x.test/1?a=1&b=2"),
            ("/1?a=1&#x26;b=2", "https://x.test/1?a=1&b=2"),
            ("https:&#47;&#47;x.test&#x2F;1", "https://x.test/1"),
            ("/1?q=&quot;a&quot;", "https://x.test/1?q=%22a%22"),
            ("/1?a=1&b=2", "https://x.test/1?a=1&b=2"),
            ("/1?a=1&copy=2&lt=3", "https://x.test/1?a=1&copy=2&lt=3"),
            ("/1?a=1&reg;", "https://x.test/1?a=1%C2%AE"),
            ("/1?a=&", "https://x.test/1?a=&"),
            ("/1?a=1&nosuch;b", "https://x.test/1?a=1&nosuch;b"),
            (" /1 ", "https://x.test/1"),
        ] {
            assert_eq!(page.link(address).as_deref(), Some(expected), "{address}");
        }
        for none in
            ["java&#115;cript:alert(1)", "javascript:void(0)", "#", " # ", "mailto:a@x.test", "data:text/html,x"]
        {
            assert_eq!(page.link(none), None, "{none}");
        }
        assert_eq!(page.link("#/ad/1").as_deref(), Some("https://x.test/list/#/ad/1"));
    }
}
