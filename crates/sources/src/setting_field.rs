//! The table of settings: each entry checks its setting and describes it to forms, commands and the API.

use serde_json::Value;
use superbot_domain::{Currency, FieldErrors, PricePeriod, quoted, shown};
use url::Url;

use crate::source_settings::Search;

/// One setting of a source.
#[derive(Clone, Copy, Debug)]
pub struct SettingField {
    /// The name in JSON.
    pub name: &'static str,
    /// The name on a form.
    pub label: &'static str,
    /// The values it takes.
    pub value_type: SettingType,
    /// Where a form shows it.
    pub section: SettingSection,
    /// What it does, in one sentence; empty where the label says it all.
    pub help: &'static str,
    /// A value as somebody would write it; empty where the default says it all.
    pub example: &'static str,
    /// The complaint where it is missing and has to be there; none for optional settings.
    pub missing: Option<&'static str>,
}

/// The values that a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingType {
    /// A word as it stands in the site's addresses: 1 to 50 letters, digits, `-` or `_`.
    Word {
        /// The word where a source does not say.
        default: Option<&'static str>,
    },
    /// A whole number.
    Integer {
        /// The lowest one.
        minimum: u32,
        /// The highest one.
        maximum: u32,
    },
    /// True or false.
    Boolean,
    /// An http(s) address.
    Url,
    /// A list of http(s) addresses with places for a search.
    UrlList,
    /// A list of searches.
    SearchList,
    /// An ISO 4217 code.
    CurrencyCode,
    /// The period of a recurring price.
    PricePeriod,
    /// A CSS selector, with `@attribute` where an attribute is meant.
    CssSelector,
    /// A JSONPath (RFC 9535).
    JsonPath,
}

/// The parts of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingSection {
    /// What of the site is read.
    Site,
    /// Where on a page each part of a listing is.
    Parts,
    /// What is searched for.
    Searches,
    /// How often the site is asked.
    Schedule,
    /// What few sources need.
    Advanced,
}

/// The settings that every kind takes.
pub static COMMON_SETTINGS: [SettingField; 9] = [
    SettingField {
        name: "searches",
        label: "What to search for",
        value_type: SettingType::SearchList,
        section: SettingSection::Searches,
        help: "Everything, unless you name something.",
        example: r#"[{"query": "kayak", "max_price": 500}]"#,
        missing: None,
    },
    SettingField {
        name: "follow_searches",
        label: "Search also for what price alerts and saved searches ask of this source",
        value_type: SettingType::Boolean,
        section: SettingSection::Searches,
        help: "Similar searches are merged, 100 at most.",
        example: "",
        missing: None,
    },
    SettingField {
        name: "interval_seconds",
        label: "Seconds between runs",
        value_type: SettingType::Integer { minimum: 2, maximum: 604_800 },
        section: SettingSection::Schedule,
        help: "",
        example: "",
        missing: None,
    },
    SettingField {
        name: "pages_per_run",
        label: "Pages in one run",
        value_type: SettingType::Integer { minimum: 1, maximum: 100 },
        section: SettingSection::Schedule,
        help: "The next run continues with the others.",
        example: "",
        missing: None,
    },
    SettingField {
        name: "requests_per_day",
        label: "Requests a day",
        value_type: SettingType::Integer { minimum: 1, maximum: 100_000 },
        section: SettingSection::Schedule,
        help: "Counted in UTC, across restarts.",
        example: "",
        missing: None,
    },
    SettingField {
        name: "respect_robots",
        label: "Obey the site’s robots.txt",
        value_type: SettingType::Boolean,
        section: SettingSection::Schedule,
        help: "",
        example: "",
        missing: None,
    },
    SettingField {
        name: "currency",
        label: "Currency",
        value_type: SettingType::CurrencyCode,
        section: SettingSection::Advanced,
        help: "Of prices that do not say theirs; the server’s own, when left out.",
        example: "USD",
        missing: None,
    },
    SettingField {
        name: "date_language",
        label: "Language of dates",
        value_type: SettingType::Word { default: None },
        section: SettingSection::Advanced,
        help: "A tag such as “de”, for dates in words; English, when left out.",
        example: "de",
        missing: None,
    },
    SettingField {
        name: "price_per",
        label: "Prices are per",
        value_type: SettingType::PricePeriod,
        section: SettingSection::Advanced,
        help: "hour, day, week, month, year or area, where all prices are for one, as rents are; prices that say theirs keep it.",
        example: "month",
        missing: None,
    },
];

/// The pages to read, for kinds that cannot find theirs.
pub(crate) const PAGE_URLS: SettingField = SettingField {
    section: SettingSection::Site,
    missing: Some("are missing; give at least one address of a page to read"),
    ..OTHER_URLS
};

/// The pages to read in place of those that the adapter would find.
pub(crate) const OTHER_URLS: SettingField = SettingField {
    name: "urls",
    label: "Pages to read",
    value_type: SettingType::UrlList,
    section: SettingSection::Advanced,
    help: "{query}, {min_price} and {max_price} are the places of a search.",
    example: r#"["https://shop.example/search?q={query}"]"#,
    missing: None,
};

/// The origin that is asked in place of the site's own.
pub(crate) const BASE_URL: SettingField = SettingField {
    name: "base_url",
    label: "Other origin",
    value_type: SettingType::Url,
    section: SettingSection::Advanced,
    help: "In the place of the site’s own, for a copy or a proxy of it.",
    example: "https://proxy.example",
    missing: None,
};

/// How far around to search.
pub(crate) const MILES: SettingField = SettingField {
    name: "miles",
    label: "Miles around",
    value_type: SettingType::Integer { minimum: 1, maximum: 500 },
    section: SettingSection::Site,
    help: "",
    example: "25",
    missing: None,
};

/// More are set up by mistake.
const MAX_ITEMS: usize = 200;
const MAX_QUERY_CHARS: usize = 200;
const MAX_WORD_BYTES: usize = 50;

impl SettingField {
    /// Whether a source cannot run without it.
    pub const fn is_required(&self) -> bool {
        self.missing.is_some()
    }

    /// Adds what is wrong with a value; null is the default, which is always right.
    pub(crate) fn check(&self, value: &Value, errors: &mut FieldErrors) {
        if value.is_null() {
            return;
        }
        let mut refuse = |advice: String| errors.add(self.name, || format!("is {}; {advice}", shown_briefly(value)));
        let text = value.as_str();
        match self.value_type {
            SettingType::Word { .. } if !text.is_some_and(is_word) => {
                refuse("give 1 to 50 letters, digits, - or _, as in the site's addresses".to_owned());
            }
            SettingType::Integer { minimum, maximum }
                if !value.as_u64().is_some_and(|number| (minimum.into()..=maximum.into()).contains(&number)) =>
            {
                refuse(format!("give a whole number from {minimum} to {maximum}"));
            }
            SettingType::Boolean if !value.is_boolean() => refuse("give true or false".to_owned()),
            SettingType::Url if !text.is_some_and(is_page) => refuse("give an http:// or https:// address".to_owned()),
            SettingType::CurrencyCode if text.is_none_or(|code| Currency::parse(code).is_err()) => {
                refuse("give an ISO 4217 code, such as \"USD\"".to_owned());
            }
            SettingType::PricePeriod if text.is_none_or(|period| period.parse::<PricePeriod>().is_err()) => {
                refuse(format!("give {}, or null for prices of sales", PricePeriod::NAMES.join(", ")));
            }
            SettingType::UrlList | SettingType::SearchList => match value.as_array() {
                Some(items) => self.check_items(items, errors),
                None => refuse(format!("give an array such as {}", self.example)),
            },
            _ => {}
        }
    }

    fn check_items(&self, items: &[Value], errors: &mut FieldErrors) {
        if items.len() > MAX_ITEMS {
            errors.add(self.name, || format!("are {}; give at most {MAX_ITEMS}", items.len()));
        }
        for (place, item) in items.iter().enumerate() {
            let at = format!("{}[{place}]", self.name);
            match self.value_type {
                SettingType::UrlList => check_url(&at, item, errors),
                _ => check_search(&at, item, errors),
            }
        }
    }
}

fn check_url(at: &str, url: &Value, errors: &mut FieldErrors) {
    if !url.as_str().is_some_and(|url| is_page(&Search::default().fill(url))) {
        errors.add(at, || format!("is {}; give an http:// or https:// address", shown_briefly(url)));
    }
}

fn check_search(at: &str, search: &Value, errors: &mut FieldErrors) {
    let Some(search) = search.as_object() else {
        let advice = "give an object such as {\"query\": \"kayak\", \"max_price\": 500}";
        errors.add(at, || format!("is {}; {advice}", shown_briefly(search)));
        return;
    };
    for name in search.keys().filter(|name| !Search::FIELDS.contains(&name.as_str())) {
        errors.add_unknown(&format!("{at}.{name}"), "search", &Search::FIELDS);
    }
    let is_query = |text: &str| text.chars().count() <= MAX_QUERY_CHARS && !text.chars().any(char::is_control);
    if let Some(query) = search.get("query").filter(|query| !query.as_str().is_some_and(is_query)) {
        let advice = format!("give at most {MAX_QUERY_CHARS} characters on one line");
        errors.add(&format!("{at}.query"), || format!("is {}; {advice}", shown_briefly(query)));
    }
    let mut bound = |name: &str| {
        let value = search.get(name).filter(|value| !value.is_null())?;
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        if number.is_none() {
            let advice = format!("give a whole number from 0 to {}", u32::MAX);
            errors.add(&format!("{at}.{name}"), || format!("is {}; {advice}", shown_briefly(value)));
        }
        number
    };
    let bounds = bound("min_price").zip(bound("max_price"));
    if bounds.is_some_and(|(min, max)| min > max) {
        errors.add(&format!("{at}.min_price"), || "is more than max_price".to_owned());
    }
}

/// A number needs no remark that it is one.
fn shown_briefly(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        other => shown(other),
    }
}

fn is_word(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=MAX_WORD_BYTES).contains(&text.len()) && text.bytes().all(is_allowed)
}

fn is_page(url: &str) -> bool {
    url.len() <= 2_048 && Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

impl SettingType {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Word { .. } => "word",
            Self::Integer { .. } => "integer",
            Self::Boolean => "boolean",
            Self::Url => "url",
            Self::UrlList => "url_list",
            Self::SearchList => "search_list",
            Self::CurrencyCode => "currency",
            Self::PricePeriod => "price_period",
            Self::CssSelector => "css_selector",
            Self::JsonPath => "json_path",
        }
    }

    /// The lowest and the highest number, of those that are numbers.
    pub const fn bounds(self) -> Option<(u32, u32)> {
        match self {
            Self::Integer { minimum, maximum } => Some((minimum, maximum)),
            _ => None,
        }
    }
}

impl SettingSection {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Parts => "parts",
            Self::Searches => "searches",
            Self::Schedule => "schedule",
            Self::Advanced => "advanced",
        }
    }
}
