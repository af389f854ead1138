//! Sources: their kinds, and how each is doing.

use serde::Serialize;
use serde_json::Value;
use superbot_domain::{RunCount, SourceState};

use crate::listing::PageListing;
use crate::publishing::ItemResult;
use crate::scalar::Rfc3339;

/// A kind of source: what it reads and which settings it takes.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceKindView {
    /// The name, as `POST /api/sources` takes it.
    pub name: &'static str,
    /// The name that people know it by.
    pub title: &'static str,
    /// What it reads, in one sentence.
    pub summary: &'static str,
    /// The address of its site; null where pages may be anywhere.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub home: Option<&'static str>,
    /// What an admin must have read before the site is asked.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub terms: Option<&'static str>,
    /// The settings it takes, in the order of a form.
    pub settings: Vec<SourceSettingView>,
}

/// A setting of a source.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceSettingView {
    /// The path to it in the settings: `area`, or `fields.title` for where a part of the page is.
    pub name: String,
    /// The name on a form.
    pub label: &'static str,
    /// The values it takes: `word`, `integer`, `boolean`, `url`, `url_list`, `search_list`, `currency`, `css_selector` or
    /// `json_path`.
    #[serde(rename = "type")]
    pub value_type: &'static str,
    /// Where a form shows it: `site`, `parts`, `searches`, `schedule` or `advanced`.
    pub section: &'static str,
    /// Whether a source cannot be started without it; a part below `fields` is needed to save the source. `urls` takes the place of
    /// every other required setting that is no part.
    pub required: bool,
    /// The value where nothing is said; null where there is none.
    #[cfg_attr(feature = "openapi", schema(value_type = Value))]
    pub default: Value,
    /// A value as somebody would write it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub example: Option<&'static str>,
    /// What it does, in one sentence; empty where the label says it all.
    pub help: &'static str,
    /// The lowest number, of those that are numbers.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub minimum: Option<u32>,
    /// The highest number, of those that are numbers.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub maximum: Option<u32>,
}

/// A source.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceView {
    /// The name, which is the `source` of its listings.
    pub name: String,
    /// The kind of source; see `GET /api/source-kinds`.
    pub kind: String,
    /// All settings, with their defaults.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub settings: Value,
    /// Whether it is to run.
    pub running: bool,
    /// The terms of the site that it asks, where those are known.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub terms: Option<&'static str>,
    /// When an admin acknowledged the terms. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub terms_accepted_at: Option<Rfc3339>,
    /// The outcome of its last run.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub state: SourceState,
    /// Why it is in that state, in a short sentence.
    pub reason: String,
    /// Since when it has been in that state. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub since: Rfc3339,
    /// Something odd that is no failure.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub warning: Option<String>,
    /// The number of failed runs in a row.
    pub failures: u32,
    /// When its last run ended. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub last_run_at: Option<Rfc3339>,
    /// When its pages were last as they should be. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub last_good_at: Option<Rfc3339>,
    /// When it runs next; null while it is stopped. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub next_run_at: Option<Rfc3339>,
    /// The number of requests it has made today, in UTC.
    pub requests_today: u32,
    /// The last runs, the oldest first.
    pub runs: Vec<RunView>,
}

/// The reading of a posted page.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageView {
    /// `ok`, `empty`, `blocked`, `login_wall`, `rate_limited` or `shape_changed`.
    pub state: &'static str,
    /// Why it is in that state, in a short sentence.
    pub reason: String,
    /// The listings on the page.
    pub listings: Vec<PageListing>,
    /// With `publish=true`, the outcome of each of them; otherwise null.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub items: Option<Vec<ItemResult>>,
}

/// What one run found.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunView {
    /// When it ended. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Rfc3339,
    /// The number of listings on its pages.
    pub listings: u32,
    /// The number of those that were new.
    pub created: u32,
}

impl From<&RunCount> for RunView {
    fn from(run: &RunCount) -> Self {
        Self { at: run.at.into(), listings: run.listings, created: run.created }
    }
}
