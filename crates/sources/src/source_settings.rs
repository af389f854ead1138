//! The settings of a source, as they are written in JSON.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use superbot_domain::PricePeriod;
use url::Url;

/// The settings of a source; everything may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceSettings {
    /// The origin that is asked in place of the site itself, such as `https://www.craigslist.org`.
    pub base_url: Option<String>,
    /// The pages to read, with `{query}`, `{min_price}` and `{max_price}` where a search has its place.
    pub urls: Vec<String>,
    /// What to search for; nothing is everything.
    pub searches: Vec<Search>,
    /// Whether to search also for what price alerts and saved searches ask of this source.
    pub follow_searches: bool,
    /// Seconds from one run to the next.
    pub interval_seconds: u32,
    /// Maximum pages read in one run; the next run continues with the others.
    pub pages_per_run: u32,
    /// Maximum requests a day, in UTC.
    pub requests_per_day: u32,
    /// Whether the site's robots.txt is obeyed.
    pub respect_robots: bool,
    /// The currency of prices that do not say theirs; the server's own, when left out.
    pub currency: Option<String>,
    /// The language of dates, such as `de`; English, when left out.
    pub date_language: Option<String>,
    /// The period of prices that do not say theirs; left out where they are prices of sales.
    pub price_per: Option<PricePeriod>,
    /// Where on the page each part is, for kinds with parts.
    pub fields: Option<Value>,
    /// The settings that only some kinds take, such as `area`.
    #[serde(flatten)]
    pub site: Map<String, Value>,
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

impl Default for SourceSettings {
    fn default() -> Self {
        Self {
            base_url: None,
            urls: Vec::new(),
            searches: Vec::new(),
            follow_searches: false,
            interval_seconds: 300,
            pages_per_run: 10,
            requests_per_day: 2_000,
            respect_robots: true,
            currency: None,
            date_language: None,
            price_per: None,
            fields: None,
            site: Map::new(),
        }
    }
}

impl SourceSettings {
    /// A text that only some kinds take.
    pub(crate) fn site_text(&self, name: &str) -> Option<&str> {
        self.site.get(name)?.as_str()
    }

    /// A number that only some kinds take.
    pub(crate) fn site_number(&self, name: &str) -> Option<u64> {
        self.site.get(name)?.as_u64()
    }
}

impl Search {
    /// The names of its fields in JSON.
    pub(crate) const FIELDS: [&str; 3] = ["query", "min_price", "max_price"];

    /// The words, where there are some.
    pub(crate) fn query(&self) -> Option<String> {
        Some(self.query.clone()).filter(|query| !query.is_empty())
    }

    /// The lowest price as addresses have it.
    pub(crate) fn min_price(&self) -> Option<String> {
        self.min_price.map(|price| price.to_string())
    }

    /// The highest price as addresses have it.
    pub(crate) fn max_price(&self) -> Option<String> {
        self.max_price.map(|price| price.to_string())
    }

    /// An address with the search in its places.
    pub(crate) fn fill(&self, url: &str) -> String {
        let query: String = url::form_urlencoded::byte_serialize(self.query.as_bytes()).collect();
        url.replace("{min_price}", &self.min_price().unwrap_or_default())
            .replace("{max_price}", &self.max_price().unwrap_or_default())
            .replace("{query}", &query)
    }
}

/// Whether an address has a place for a search.
pub(crate) fn has_place(url: &str) -> bool {
    url.contains("{query}")
}

/// Appends the parameters that have a value to an address.
pub(crate) fn append_query(url: &mut Url, pairs: &[(&str, Option<String>)]) {
    let given = pairs.iter().filter_map(|(key, value)| Some((*key, value.as_deref()?)));
    url.query_pairs_mut().extend_pairs(given);
}
