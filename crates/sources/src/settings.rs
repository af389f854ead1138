//! How a source is set up, and which pages that means.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use superbot_domain::{Currency, FieldErrors, Invalid, quoted};
use url::{Host, Url};

use crate::adapter::{Adapter, Kind};

/// How a source is set up, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What its pages look like.
    pub adapter: Adapter,
    /// As they were given, with what was left out.
    pub given: Given,
    base: Option<Url>,
}

/// The settings as they are written in JSON; everything may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Given {
    /// The site's address, where it is not the site itself: an origin, such as `https://www.craigslist.org`.
    pub base_url: Option<String>,
    /// The pages to read, with `{query}`, `{min_price}` and `{max_price}` where a search has its place.
    pub urls: Vec<String>,
    /// The part of the site: Craigslist's area (`saltlakecity`), or Facebook's place (`slc`, or its number).
    pub area: Option<String>,
    /// Craigslist's category; `sss` is everything for sale.
    pub category: Option<String>,
    /// KSL: the middle of the circle to search.
    pub zip: Option<String>,
    /// KSL and Facebook: how far around to search.
    pub miles: Option<u32>,
    /// What to search for; nothing is everything.
    pub searches: Vec<Search>,
    /// Also search for what price alerts and saved searches ask of this source.
    pub follow_searches: bool,
    /// How often to look, in seconds.
    pub interval_seconds: u32,
    /// So many pages are asked for in one run; the next one goes on with the others.
    pub pages_per_run: u32,
    /// So many requests a day, in UTC.
    pub requests_per_day: u32,
    /// Whether the site's robots.txt is obeyed.
    pub respect_robots: bool,
    /// The currency of prices that do not say theirs; the server's own, when left out.
    pub currency: Option<String>,
    /// For `json` and `html`: where on the page each part is.
    pub fields: Option<Value>,
}

/// Something to search for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Words that must all be there.
    #[serde(default)]
    pub query: String,
    /// The lowest price, in whole units of the currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_price: Option<u32>,
    /// The highest price, in whole units of the currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_price: Option<u32>,
}

/// More is set up by mistake.
const MAX_SEARCHES: usize = 200;
const MAX_URLS: usize = 200;
const MAX_QUERY_CHARS: usize = 200;

impl Default for Given {
    fn default() -> Self {
        Self {
            base_url: None,
            urls: Vec::new(),
            area: None,
            category: None,
            zip: None,
            miles: None,
            searches: Vec::new(),
            follow_searches: false,
            interval_seconds: 300,
            pages_per_run: 10,
            requests_per_day: 2_000,
            respect_robots: true,
            currency: None,
            fields: None,
        }
    }
}

impl Settings {
    /// Reads settings; errors name the field, the value, and what would be right.
    pub fn parse(kind: Kind, settings: &Value) -> Result<Self, Invalid> {
        let given: Given = serde_path_to_error::deserialize(settings).map_err(|error| {
            let path = error.path().to_string();
            let path = if path == "." { String::new() } else { path };
            Invalid::one(path, error.into_inner().to_string())
        })?;
        let mut errors = given.problems(kind);
        let fields = given.fields.as_ref().unwrap_or(&Value::Null);
        let adapter = Adapter::new(kind, fields).map_err(|invalid| errors.extend(invalid.under("fields"))).ok();
        let home = given.base_url.as_deref().or(Some(kind.home()).filter(|home| !home.is_empty()));
        let base = home.and_then(|home| Url::parse(home).ok());
        match adapter {
            Some(adapter) if errors.is_empty() => Ok(Self { adapter, given, base }),
            _ => errors.finish(None),
        }
    }

    /// Why the source cannot run as it is set up.
    ///
    /// # Errors
    /// What is missing, and what to do about it.
    pub fn check_runnable(&self) -> Result<(), Invalid> {
        match self.adapter.kind() {
            _ if !self.given.urls.is_empty() => Ok(()),
            Kind::Craigslist | Kind::Facebook if self.given.area.is_none() => {
                let example = if self.adapter.kind() == Kind::Craigslist { "saltlakecity" } else { "slc" };
                Err(Invalid::one(
                    "area",
                    format!("is missing; give the part of the site to watch, such as {example:?}"),
                ))
            }
            Kind::Craigslist | Kind::Facebook | Kind::Ksl => Ok(()),
            Kind::Feed | Kind::Json | Kind::Html => {
                Err(Invalid::one("urls", "are missing; give at least one address of a page to read"))
            }
        }
    }

    /// What somebody must have read before it may ask: the terms of the site, if it is one of those that have some.
    pub fn terms(&self) -> Option<&'static str> {
        let urls = self.given.urls.iter().filter_map(|url| Url::parse(&fill(url, &Search::default())).ok());
        // Any adapter can be pointed at any site.
        urls.chain(self.base.clone()).find_map(|url| {
            let site = Kind::ALL.into_iter().find(|kind| kind.site().is_some_and(|site| is_part_of(&url, site)));
            site.and_then(Kind::terms)
        })
    }

    /// How often it runs.
    pub fn every(&self) -> Duration {
        Duration::from_secs(self.given.interval_seconds.into())
    }

    /// The currency of prices that do not say theirs.
    pub fn currency(&self, default: Currency) -> Currency {
        self.given.currency.as_deref().and_then(|code| Currency::parse(code).ok()).unwrap_or(default)
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
            return self.site_page(search).into_iter().collect();
        }
        let places = self.given.urls.iter().filter(|url| has_place(url));
        places.filter_map(|url| Url::parse(&fill(url, search)).ok()).collect()
    }

    /// The page of one of the sites that lists what is searched for, the newest first.
    fn site_page(&self, search: &Search) -> Option<Url> {
        let (base, given) = (self.base.as_ref()?, &self.given);
        let area = given.area.as_deref().unwrap_or_default();
        let number = |price: Option<u32>| price.map(|price| price.to_string());
        let mut url = base.clone();
        let query = Some(search.query.clone()).filter(|query| !query.is_empty());
        match self.adapter.kind() {
            Kind::Craigslist => {
                url.path_segments_mut().ok()?.pop_if_empty().extend(["search", "area", area]);
                let category = given.category.clone().unwrap_or_else(|| "sss".to_owned());
                let pairs = [
                    ("query", query),
                    ("min_price", number(search.min_price)),
                    ("max_price", number(search.max_price)),
                    ("sort", Some("date".to_owned())),
                    ("cat", Some(category)),
                ];
                append(&mut url, &pairs);
            }
            Kind::Facebook => {
                let mut segments = url.path_segments_mut().ok()?;
                segments.pop_if_empty().extend(["marketplace", area, "search", ""]);
                drop(segments);
                let kilometres = given.miles.map(|miles| (miles.saturating_mul(8) / 5).max(1).to_string());
                let pairs = [
                    ("query", query),
                    ("minPrice", number(search.min_price)),
                    ("maxPrice", number(search.max_price)),
                    ("daysSinceListed", Some("1".to_owned())),
                    ("sortBy", Some("creation_time_descend".to_owned())),
                    ("radius", kilometres),
                ];
                append(&mut url, &pairs);
            }
            Kind::Ksl => {
                let mut segments = url.path_segments_mut().ok()?;
                segments.pop_if_empty().extend(["v2", "search"]);
                let pairs = [
                    ("keyword", query),
                    ("priceFrom", number(search.min_price)),
                    ("priceTo", number(search.max_price)),
                    ("zip", given.zip.clone()),
                    ("miles", number(given.miles)),
                    ("sort", Some("0".to_owned())),
                    ("page", Some("0".to_owned())),
                ];
                for (key, value) in pairs {
                    segments.extend(value.iter().flat_map(|value| [key, value.as_str()]));
                }
            }
            Kind::Feed | Kind::Json | Kind::Html => return None,
        }
        Some(url)
    }

    /// Whether a page that was asked for at one address may be found at the other: on the same site only.
    pub(crate) fn may_lead(&self, from: &Url, to: &Url) -> bool {
        let site = self.adapter.kind().site();
        let same_site = site.is_some_and(|site| is_part_of(from, site) && is_part_of(to, site));
        let bare = |url: &Url| url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host).to_owned());
        let same_port = from.port_or_known_default() == to.port_or_known_default()
            || (from.port().is_none() && to.port().is_none());
        // Never back from https to http, where anybody on the way could answer.
        let as_safe = to.scheme() == "https" || (to.scheme() == "http" && from.scheme() == "http");
        as_safe && (same_site || (bare(from) == bare(to) && same_port))
    }
}

impl Given {
    fn problems(&self, kind: Kind) -> FieldErrors {
        let mut problems = FieldErrors::default();
        let mut refuse = |field: &str, message: String| problems.add(field, || message);
        let mut within = |field: &str, value: u32, range: std::ops::RangeInclusive<u32>| {
            if !range.contains(&value) {
                refuse(field, format!("is {value}; give a whole number from {} to {}", range.start(), range.end()));
            }
        };
        within("interval_seconds", self.interval_seconds, 2..=604_800);
        within("pages_per_run", self.pages_per_run, 1..=100);
        within("requests_per_day", self.requests_per_day, 1..=100_000);
        if let Some(miles) = self.miles {
            within("miles", miles, 1..=500);
        }
        if let Some(base) = self.base_url.as_deref().filter(|base| !is_page(base)) {
            refuse(
                "base_url",
                format!("is {}; give an http:// or https:// address, such as {:?}", quoted(base), kind.home()),
            );
        }
        for (place, url) in self.urls.iter().enumerate() {
            if !is_page(&fill(url, &Search::default())) {
                refuse(&format!("urls[{place}]"), format!("is {}; give an http:// or https:// address", quoted(url)));
            }
        }
        for (field, value) in [("area", &self.area), ("category", &self.category), ("zip", &self.zip)] {
            let is_word = |text: &str| {
                (1..=50).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
            };
            if let Some(value) = value.as_deref().filter(|value| !is_word(value)) {
                refuse(
                    field,
                    format!("is {}; give 1 to 50 letters, digits, - or _, as in the site's addresses", quoted(value)),
                );
            }
        }
        for (place, search) in self.searches.iter().enumerate() {
            if search.query.chars().count() > MAX_QUERY_CHARS || search.query.chars().any(char::is_control) {
                refuse(
                    &format!("searches[{place}].query"),
                    format!("must be at most {MAX_QUERY_CHARS} characters on one line"),
                );
            }
            if search.min_price.zip(search.max_price).is_some_and(|(min, max)| min > max) {
                refuse(&format!("searches[{place}].min_price"), "is more than max_price".to_owned());
            }
        }
        for (field, length, limit) in
            [("searches", self.searches.len(), MAX_SEARCHES), ("urls", self.urls.len(), MAX_URLS)]
        {
            if length > limit {
                refuse(field, format!("are {length}; give at most {limit}"));
            }
        }
        if let Some(code) = self.currency.as_deref().filter(|code| Currency::parse(code).is_err()) {
            refuse("currency", format!("is {}; give an ISO 4217 code, such as \"USD\"", quoted(code)));
        }
        let has_own_search = matches!(kind, Kind::Craigslist | Kind::Ksl | Kind::Facebook);
        if self.follow_searches && !has_own_search && !self.urls.iter().any(|url| has_place(url)) {
            refuse("follow_searches", "needs at least one of urls with {query} in it".to_owned());
        }
        problems
    }
}

impl Kind {
    /// The site's own domain, of those that have one.
    pub(crate) const fn site(self) -> Option<&'static str> {
        match self {
            Self::Craigslist => Some("craigslist.org"),
            Self::Ksl => Some("ksl.com"),
            Self::Facebook => Some("facebook.com"),
            Self::Feed | Self::Json | Self::Html => None,
        }
    }

    /// What an admin must have read before the site is asked.
    const fn terms(self) -> Option<&'static str> {
        match self {
            Self::Craigslist => Some(
                "Craigslist's terms of use forbid robots, spiders, scripts and scrapers, and name damages for each violation. \
                 Read https://www.craigslist.org/about/terms.of.use and decide for yourself.",
            ),
            Self::Ksl => Some(
                "Nothing is known of what KSL's terms say about automated reading. Read https://www.ksl.com/terms-of-use \
                 and decide for yourself.",
            ),
            Self::Facebook => Some(
                "Facebook's terms ask for permission in writing before anything is collected by automated means. Read \
                 https://www.facebook.com/terms.php and decide for yourself.",
            ),
            Self::Feed | Self::Json | Self::Html => None,
        }
    }
}

fn append(url: &mut Url, pairs: &[(&str, Option<String>)]) {
    let given = pairs.iter().filter_map(|(key, value)| Some((*key, value.as_deref()?)));
    url.query_pairs_mut().extend_pairs(given);
}

/// Whether an address is one of a site's.
fn is_part_of(url: &Url, site: &str) -> bool {
    let Some(Host::Domain(host)) = url.host() else { return false };
    host == site || host.strip_suffix(site).is_some_and(|rest| rest.ends_with('.'))
}

fn is_page(url: &str) -> bool {
    url.len() <= 2_048 && Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn has_place(url: &str) -> bool {
    url.contains("{query}")
}

/// An address with a search in its places.
fn fill(url: &str, search: &Search) -> String {
    let number = |price: Option<u32>| price.map_or(String::new(), |price| price.to_string());
    let query: String = url::form_urlencoded::byte_serialize(search.query.as_bytes()).collect();
    url.replace("{min_price}", &number(search.min_price))
        .replace("{max_price}", &number(search.max_price))
        .replace("{query}", &query)
}
