#![doc = include_str!("../README.md")]

mod craigslist;
mod embedded;
mod facebook;
mod feed;
mod ksl;
mod page;

use std::str::FromStr;

use superbot_domain::{Currency, InvalidField};

pub use page::{Found, Page, PageState, Reading};

/// The adapters there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Craigslist.
    Craigslist,
    /// KSL Classifieds.
    Ksl,
    /// Facebook Marketplace.
    Facebook,
    /// RSS, Atom or JSON Feed.
    Feed,
}

/// A larger page is not read.
pub const MAX_PAGE_BYTES: usize = 10_000_000;

impl Kind {
    /// Every adapter.
    pub const ALL: [Self; 4] = [Self::Craigslist, Self::Ksl, Self::Facebook, Self::Feed];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Craigslist => "craigslist",
            Self::Ksl => "ksl",
            Self::Facebook => "facebook",
            Self::Feed => "feed",
        }
    }

    /// Where pages are taken to be found when nothing is known of it; nowhere for a feed, which may be anywhere.
    pub const fn home(self) -> &'static str {
        match self {
            Self::Craigslist => "https://www.craigslist.org/",
            Self::Ksl => "https://classifieds.ksl.com/",
            Self::Facebook => "https://www.facebook.com/",
            Self::Feed => "",
        }
    }

    /// Says what a page is and what is on it; prices without a sign are in `currency`.
    pub fn read(self, page: &Page<'_>, currency: Currency) -> Reading {
        if page.body.len() > MAX_PAGE_BYTES {
            let reason = format!("the page has {} bytes; at most {MAX_PAGE_BYTES} are read", page.body.len());
            return Reading::without(PageState::ShapeChanged, reason);
        }
        if let Some(refusal) = page::refusal(page) {
            return refusal;
        }
        if self != Self::Feed && page::is_deep(page.body) {
            return Reading::without(PageState::ShapeChanged, "its elements are nested deeper than any real page's");
        }
        match self {
            Self::Craigslist => craigslist::read(page, currency),
            Self::Ksl => ksl::read(page, currency),
            Self::Facebook => facebook::read(page, currency),
            Self::Feed => feed::read(page, currency),
        }
    }
}

impl FromStr for Kind {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        let names = || Self::ALL.map(Self::as_str).join(", ");
        found.ok_or_else(|| InvalidField::new(format!("{text:?} is no adapter; there are {}", names())))
    }
}
