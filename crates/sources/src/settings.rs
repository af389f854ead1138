//! The settings of a source, checked, and the pages that they mean.

use std::time::Duration;

use serde_json::{Map, Value};
use superbot_domain::{Currency, FieldErrors, InvalidFields, shown};
use url::Url;

use crate::adapter::{Adapter, SiteInfo, SourceKind};
use crate::adapters::SOURCE_KINDS;
use crate::page::{Page, Reading};
use crate::setting_field::{COMMON_SETTINGS, SettingField, SettingType};
use crate::source_settings::{Search, SourceSettings, has_place};

/// A source's settings, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Reads its pages.
    pub adapter: Adapter,
    /// As they were given, with the defaults of what was left out.
    pub given: SourceSettings,
    base: Option<Url>,
}

impl Settings {
    /// Reads settings; errors name the field, the value, and what would be right.
    ///
    /// # Errors
    /// Every setting that is not right.
    pub fn parse(kind: &'static SourceKind, settings: &Value) -> Result<Self, InvalidFields> {
        let given = without_nulls(settings)?;
        let mut errors = FieldErrors::default();
        check(kind, &given, &mut errors);
        let fields = given.get("fields").unwrap_or(&Value::Null);
        let adapter = Adapter::new(kind, fields).map_err(|invalid| errors.extend(invalid.under("fields"))).ok();
        let (Some(adapter), true) = (adapter, errors.is_empty()) else { return errors.finish(None) };
        let given: SourceSettings = serde_path_to_error::deserialize(Value::Object(given))
            .map_err(|error| InvalidFields::one(error.path().to_string(), error.inner().to_string()))?;
        let adapter = match given.date_language.as_deref() {
            Some(tag) => {
                adapter.with_date_language(tag).map_err(|error| InvalidFields::from(error.at("date_language")))?
            }
            None => adapter,
        };
        let home = given.base_url.as_deref().or(kind.site.as_ref().map(|site| site.home));
        let base = home.and_then(|home| Url::parse(home).ok());
        Ok(Self { adapter, given, base })
    }

    /// Why the source cannot run with these settings.
    ///
    /// # Errors
    /// Every setting that is missing, and what to do about it.
    pub fn check_runnable(&self) -> Result<(), InvalidFields> {
        if !self.given.urls.is_empty() {
            return Ok(());
        }
        let mut errors = FieldErrors::default();
        for field in self.adapter.kind().settings {
            if let Some(missing) = field.missing.filter(|_| !self.given.site.contains_key(field.name)) {
                errors.add(field.name, || missing.to_owned());
            }
        }
        errors.finish(Some(()))
    }

    /// All settings as JSON, with defaults; null where there is none, also for those that other kinds take.
    pub fn to_json(&self) -> Value {
        let mut settings = serde_json::to_value(&self.given).unwrap_or_default();
        for field in self.adapter.kind().settings {
            if settings.get(field.name).is_none() {
                settings[field.name] = field.default_value();
            }
        }
        for field in all_fields() {
            if settings.get(field.name).is_none() {
                settings[field.name] = Value::Null;
            }
        }
        settings
    }

    /// What an admin must have read before the source may run: the terms of the site, where that has some.
    pub fn terms(&self) -> Option<&'static str> {
        let everything = Search::default();
        let urls = self.given.urls.iter().filter_map(|url| Url::parse(&everything.fill(url)).ok());
        // Any adapter can be pointed at any site.
        urls.chain(self.base.clone()).find_map(|url| sites().find(|site| site.has(&url)).map(|site| site.terms))
    }

    /// How often it runs.
    pub fn every(&self) -> Duration {
        Duration::from_secs(self.given.interval_seconds.into())
    }

    /// The currency of prices that do not say theirs.
    pub fn currency(&self, default: Currency) -> Currency {
        self.given.currency.as_deref().and_then(|code| Currency::parse(code).ok()).unwrap_or(default)
    }

    /// Reads a page; its prices are in that currency and for the period of the settings where they do not say theirs.
    pub fn read(&self, page: &Page<'_>, currency: Currency) -> Reading {
        let mut reading = self.adapter.read(page, currency);
        for found in &mut reading.listings {
            found.price = found.price.per_unless_stated(self.given.price_per);
        }
        reading
    }

    /// Every page that is to be read, each once; `asked` is what people look for there.
    pub fn pages(&self, asked: &[Search]) -> Vec<Url> {
        let own = self.given.searches.iter();
        let mut searches: Vec<&Search> = own.chain(asked.iter().filter(|_| self.given.follow_searches)).collect();
        let everything = Search::default();
        if searches.is_empty() && !self.given.follow_searches {
            searches.push(&everything);
        }
        let mut pages = Vec::new();
        for search in searches {
            for page in self.pages_of(search) {
                if !pages.contains(&page) {
                    pages.push(page);
                }
            }
        }
        // Pages that have no place for a search are read whatever is searched for.
        for url in self.given.urls.iter().filter(|url| !has_place(url)).filter_map(|url| Url::parse(url).ok()) {
            if !pages.contains(&url) {
                pages.push(url);
            }
        }
        pages
    }

    fn pages_of(&self, search: &Search) -> Vec<Url> {
        if self.given.urls.is_empty() {
            let page = self.base.as_ref().and_then(|base| self.adapter.page_url(base, &self.given, search));
            return page.into_iter().collect();
        }
        let places = self.given.urls.iter().filter(|url| has_place(url));
        places.filter_map(|url| Url::parse(&search.fill(url)).ok()).collect()
    }

    /// Whether a page that was asked for at one address may be found at the other: on the same site only.
    pub(crate) fn may_lead(&self, from: &Url, to: &Url) -> bool {
        let site = self.adapter.kind().site.as_ref();
        let same_site = site.is_some_and(|site| site.has(from) && site.has(to));
        let bare = |url: &Url| url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host).to_owned());
        let same_port = from.port_or_known_default() == to.port_or_known_default()
            || (from.port().is_none() && to.port().is_none());
        // Never back from https to http, where anybody on the way could answer.
        let as_safe = to.scheme() == "https" || (to.scheme() == "http" && from.scheme() == "http");
        as_safe && (same_site || (bare(from) == bare(to) && same_port))
    }
}

impl SettingField {
    /// The value where a source does not say; null where it has none.
    pub fn default_value(&self) -> Value {
        match self.value_type {
            SettingType::Word { default: Some(word) } => word.into(),
            _ => serde_json::to_value(SourceSettings::default()).unwrap_or_default()[self.name].take(),
        }
    }
}

/// Settings as an object, without those that are null: these have their defaults.
fn without_nulls(settings: &Value) -> Result<Map<String, Value>, InvalidFields> {
    let Some(given) = settings.as_object() else {
        return Err(InvalidFields::one("", format!("are {}; give an object", shown(settings))));
    };
    Ok(given.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Adds everything that is wrong with settings. Those that only other kinds take are checked as well: they are kept, and may be
/// of use to a later version.
fn check(kind: &SourceKind, given: &Map<String, Value>, errors: &mut FieldErrors) {
    let mut names: Vec<&str> = vec!["fields"];
    for field in kind.settings.iter().chain(all_fields()) {
        if !names.contains(&field.name) {
            names.push(field.name);
            field.check(given.get(field.name).unwrap_or(&Value::Null), errors);
        }
    }
    for name in given.keys().filter(|name| !names.contains(&name.as_str())) {
        errors.add_unknown(name, "source", &names);
    }
    let urls = given.get("urls").and_then(Value::as_array).into_iter().flatten();
    let finds_pages = kind.finds_pages() || urls.filter_map(Value::as_str).any(has_place);
    if given.get("follow_searches") == Some(&Value::Bool(true)) && !finds_pages {
        errors.add("follow_searches", || "needs at least one of urls with {query} in it".to_owned());
    }
}

/// The settings of all kinds; some have the same name.
fn all_fields() -> impl Iterator<Item = &'static SettingField> {
    COMMON_SETTINGS.iter().chain(SOURCE_KINDS.into_iter().flat_map(|kind| kind.settings))
}

fn sites() -> impl Iterator<Item = &'static SiteInfo> {
    SOURCE_KINDS.into_iter().filter_map(|kind| kind.site.as_ref())
}
