//! What an adapter is: a kind of source, and the code that reads its pages.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use superbot_domain::{Currency, InvalidField, InvalidFields, quoted};
use url::{Host, Url};

use crate::date_reader::DateLanguage;
use crate::decode::MAX_PAGE_BYTES;
use crate::page::{Page, PageState, PageText, Reading};
use crate::refusal::{refused_by_content, refused_by_status};
use crate::setting_field::{COMMON_SETTINGS, SettingField};
use crate::source_settings::{Search, SourceSettings};

/// A kind of source: what it reads and which settings it takes. Each is described by its adapter's file, and listed in
/// [`SOURCE_KINDS`](crate::SOURCE_KINDS).
#[derive(Debug)]
pub struct SourceKind {
    /// The name in settings, commands and the API.
    pub name: &'static str,
    /// The name that people know it by.
    pub title: &'static str,
    /// What it reads, in one sentence.
    pub summary: &'static str,
    /// The site whose pages it reads; none where they may be anywhere.
    pub site: Option<SiteInfo>,
    /// The settings of its own, in the order of a form; [`COMMON_SETTINGS`] follow.
    pub settings: &'static [SettingField],
    /// The parts of a page that have to be pointed out, as texts below the setting `fields`.
    pub parts: &'static [SettingField],
    /// Makes the adapter from `fields`, which is null for a kind without parts.
    pub(crate) configure: fn(&Value) -> Result<Arc<dyn SiteAdapter>, InvalidFields>,
}

/// A site that a kind of source is made for.
#[derive(Debug)]
pub struct SiteInfo {
    /// Its domain, without subdomains.
    pub domain: &'static str,
    /// Where its pages are.
    pub home: &'static str,
    /// What an admin must have read before the site is asked.
    pub terms: &'static str,
}

/// Reads the pages of one kind of source: no network, no clock.
pub(crate) trait SiteAdapter: fmt::Debug + Send + Sync {
    /// Says what a page is and what is on it. An adapter may take the text out of the page, and set what addresses are relative to.
    fn read(&self, page: &mut PageText<'_>) -> Reading;

    /// The page that lists what is searched for, the newest first; none where pages have to be named. `base` is the site's
    /// address, or what the settings give in its place.
    fn page_url(&self, _base: &Url, _settings: &SourceSettings, _search: &Search) -> Option<Url> {
        None
    }
}

/// An adapter that is set up.
#[derive(Clone, Debug)]
pub struct Adapter {
    kind: &'static SourceKind,
    site: Arc<dyn SiteAdapter>,
    date_language: DateLanguage,
}

impl SourceKind {
    /// Every setting that it takes, but for its parts.
    pub fn all_settings(&self) -> impl Iterator<Item = &'static SettingField> {
        self.settings.iter().chain(&COMMON_SETTINGS)
    }

    /// The address of its site; empty where it has none.
    pub fn home(&self) -> &'static str {
        self.site.as_ref().map_or("", |site| site.home)
    }

    /// Whether it knows the addresses of its pages; otherwise they have to be named.
    pub(crate) fn finds_pages(&self) -> bool {
        !self.settings.iter().any(|field| field.name == "urls" && field.is_required())
    }
}

impl SiteInfo {
    /// Whether an address is one of the site's.
    pub(crate) fn has(&self, url: &Url) -> bool {
        let Some(Host::Domain(host)) = url.host() else { return false };
        host == self.domain || host.strip_suffix(self.domain).is_some_and(|rest| rest.ends_with('.'))
    }
}

impl Adapter {
    /// The adapter of that kind; `fields` is an object that says where each part is, or null for kinds without parts.
    ///
    /// # Errors
    /// Every field that is missing or not right.
    pub fn new(kind: &'static SourceKind, fields: &Value) -> Result<Self, InvalidFields> {
        let is_none = fields.is_null() || fields.as_object().is_some_and(serde_json::Map::is_empty);
        if kind.parts.is_empty() && !is_none {
            return Err(InvalidFields::one("", format!("are of no use: {} knows where everything is", kind.name)));
        }
        Ok(Self { kind, site: (kind.configure)(fields)?, date_language: DateLanguage::default() })
    }

    /// The adapter for pages whose dates are in the language of that tag, such as `de` or `pt-BR`.
    ///
    /// # Errors
    /// When the language is not known; the message lists those that are.
    pub fn with_date_language(mut self, tag: &str) -> Result<Self, InvalidField> {
        self.date_language = DateLanguage::of_tag(tag).ok_or_else(|| {
            let tags = DateLanguage::tags().collect::<Vec<_>>().join(", ");
            InvalidField::new(format!("{} is no language of dates; give one of {tags}", quoted(tag)))
        })?;
        Ok(self)
    }

    /// The kind of source that it reads.
    pub const fn kind(&self) -> &'static SourceKind {
        self.kind
    }

    /// Says what a page is and what is on it; prices without a sign are in `currency`.
    pub fn read(&self, page: &Page<'_>, currency: Currency) -> Reading {
        if page.body.len() > MAX_PAGE_BYTES {
            let reason = format!("the page has {} bytes; at most {MAX_PAGE_BYTES} are read", page.body.len());
            return Reading::without(PageState::ShapeChanged, reason);
        }
        if let Some(reading) = refused_by_status(page.status) {
            return reading;
        }
        let Ok(mut text) = page.decode(currency, self.date_language) else {
            let reason = format!("the page has more than {MAX_PAGE_BYTES} bytes, unpacked; no more are read");
            return Reading::without(PageState::ShapeChanged, reason);
        };
        let reading = self.site.read(&mut text);
        if !matches!(reading.state, PageState::Empty | PageState::ShapeChanged) {
            return reading;
        }
        // The adapter may have taken the text out of the page.
        let again = page.decode(currency, self.date_language);
        let refusal = again.ok().and_then(|page| refused_by_content(&page.text, reading.state));
        refusal.unwrap_or(reading)
    }

    pub(crate) fn page_url(&self, base: &Url, settings: &SourceSettings, search: &Search) -> Option<Url> {
        self.site.page_url(base, settings, search)
    }
}
