//! The adapters, by their names and as they are set up.

use std::str::FromStr;
use std::sync::Arc;

use serde_json::Value;
use superbot_domain::{Currency, Invalid, InvalidField, quoted};

use crate::html::HtmlFields;
use crate::json::JsonFields;
use crate::page::{MAX_PAGE_BYTES, Page, PageState, Reading, refusal};
use crate::{craigslist, facebook, feed, ksl};

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
    /// JSON, with settings that say where each part is.
    Json,
    /// A page, with settings that say where each part is.
    Html,
}

impl Kind {
    /// Every adapter.
    pub const ALL: [Self; 6] = [Self::Craigslist, Self::Ksl, Self::Facebook, Self::Feed, Self::Json, Self::Html];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Craigslist => "craigslist",
            Self::Ksl => "ksl",
            Self::Facebook => "facebook",
            Self::Feed => "feed",
            Self::Json => "json",
            Self::Html => "html",
        }
    }

    /// Where pages are taken to be found when nothing is known of it; nowhere for those that may be anywhere.
    pub const fn home(self) -> &'static str {
        match self {
            Self::Craigslist => "https://www.craigslist.org/",
            Self::Ksl => "https://classifieds.ksl.com/",
            Self::Facebook => "https://www.facebook.com/",
            Self::Feed | Self::Json | Self::Html => "",
        }
    }
}

/// An adapter, set up.
#[derive(Clone, Debug)]
pub enum Adapter {
    /// Craigslist.
    Craigslist,
    /// KSL Classifieds.
    Ksl,
    /// Facebook Marketplace.
    Facebook,
    /// RSS, Atom or JSON Feed.
    Feed,
    /// JSON of any other site.
    Json(Arc<JsonFields>),
    /// Pages of any other site.
    Html(Arc<HtmlFields>),
}

impl Adapter {
    /// The adapter of that kind; `fields` is an object that says where each part is, or null for those that know.
    ///
    /// # Errors
    /// Every field that is missing or not right.
    pub fn new(kind: Kind, fields: &Value) -> Result<Self, Invalid> {
        let needs_none = |adapter| {
            let is_none = fields.is_null() || fields.as_object().is_some_and(serde_json::Map::is_empty);
            let message = || format!("are of no use: {} knows where everything is", kind.as_str());
            if is_none { Ok(adapter) } else { Err(Invalid::one("", message())) }
        };
        match kind {
            Kind::Craigslist => needs_none(Self::Craigslist),
            Kind::Ksl => needs_none(Self::Ksl),
            Kind::Facebook => needs_none(Self::Facebook),
            Kind::Feed => needs_none(Self::Feed),
            Kind::Json => JsonFields::parse(fields).map(Arc::new).map(Self::Json),
            Kind::Html => HtmlFields::parse(fields).map(Arc::new).map(Self::Html),
        }
    }

    /// Which one it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Craigslist => Kind::Craigslist,
            Self::Ksl => Kind::Ksl,
            Self::Facebook => Kind::Facebook,
            Self::Feed => Kind::Feed,
            Self::Json(_) => Kind::Json,
            Self::Html(_) => Kind::Html,
        }
    }

    /// Says what a page is and what is on it; prices without a sign are in `currency`.
    pub fn read(&self, page: &Page<'_>, currency: Currency) -> Reading {
        if page.body.len() > MAX_PAGE_BYTES {
            let reason = format!("the page has {} bytes; at most {MAX_PAGE_BYTES} are read", page.body.len());
            return Reading::without(PageState::ShapeChanged, reason);
        }
        if let Some(refusal) = refusal(page) {
            return refusal;
        }
        match self {
            Self::Craigslist => craigslist::read(page, currency),
            Self::Ksl => ksl::read(page, currency),
            Self::Facebook => facebook::read(page, currency),
            Self::Feed => feed::read(page, currency),
            Self::Json(fields) => fields.read(page, currency),
            Self::Html(fields) => fields.read(page, currency),
        }
    }
}

impl FromStr for Kind {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        let names = || Self::ALL.map(Self::as_str).join(", ");
        found.ok_or_else(|| InvalidField::new(format!("{} is no adapter; there are {}", quoted(text), names())))
    }
}
