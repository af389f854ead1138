//! Sources and their kinds.

use serde::Serialize;
use serde_json::Value;
use superbot_domain::{RunCount, SourceState};

use crate::listing::PageListing;
use crate::publishing::ItemResult;
use crate::scalar::Rfc3339;

/// A kind of source.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceKindView {
    /// Name, as used by `POST /api/sources`.
    pub name: &'static str,
    /// Display name.
    pub title: &'static str,
    /// What it reads, in one sentence.
    pub summary: &'static str,
    /// URL of its site; null if it can read pages of any site.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub home: Option<&'static str>,
    /// Terms that an admin must acknowledge before the site is accessed.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub terms: Option<&'static str>,
    /// Its settings, in the order of a form.
    pub settings: Vec<SourceSettingView>,
}

/// A setting of a source.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceSettingView {
    /// Path in the settings, such as `area`, or `fields.title` for the location of a part of the page.
    pub name: String,
    /// Label in a form.
    pub label: &'static str,
    /// Type of the value: `word`, `integer`, `boolean`, `url`, `url_list`, `search_list`, `currency`, `css_selector` or
    /// `json_path`.
    #[serde(rename = "type")]
    pub value_type: &'static str,
    /// Section of a form: `site`, `parts`, `searches`, `schedule` or `advanced`.
    pub section: &'static str,
    /// Whether a source cannot be started without it; settings below `fields` are required for saving. `urls` replaces
    /// all other required settings except those below `fields`.
    pub required: bool,
    /// Default value; null if there is none.
    #[cfg_attr(feature = "openapi", schema(value_type = Value))]
    pub default: Value,
    /// Example of a value.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub example: Option<&'static str>,
    /// What it does, in one sentence; empty if the label suffices.
    pub help: &'static str,
    /// Minimum of an integer.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub minimum: Option<u32>,
    /// Maximum of an integer.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub maximum: Option<u32>,
}

/// A source.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceView {
    /// Name, which is the `source` of its listings.
    pub name: String,
    /// Kind of source; see `GET /api/source-kinds`.
    pub kind: String,
    /// All settings, including defaults.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub settings: Value,
    /// Whether it is enabled.
    pub running: bool,
    /// Terms of the site, if known.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub terms: Option<&'static str>,
    /// Time when an admin acknowledged the terms. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub terms_accepted_at: Option<Rfc3339>,
    /// Outcome of its last run.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub state: SourceState,
    /// Evidence for the state, in a short sentence.
    pub reason: String,
    /// Time since which it has been in this state. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub since: Rfc3339,
    /// A suspicious observation that is not a failure.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub warning: Option<String>,
    /// Number of consecutive failed runs.
    pub failures: u32,
    /// End of its last run. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub last_run_at: Option<Rfc3339>,
    /// End of its last successful run. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub last_good_at: Option<Rfc3339>,
    /// Time of the next run; null while disabled. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub next_run_at: Option<Rfc3339>,
    /// Number of requests made today, in UTC.
    pub requests_today: u32,
    /// The last runs, oldest first.
    pub runs: Vec<RunView>,
}

/// Result of reading a posted page.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageView {
    /// Outcome: `ok`, `empty`, `blocked`, `login_wall`, `rate_limited` or `shape_changed`.
    pub state: &'static str,
    /// Evidence for the outcome, in a short sentence.
    pub reason: String,
    /// Listings on the page.
    pub listings: Vec<PageListing>,
    /// With `publish=true`, the result for each of them; otherwise null.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub items: Option<Vec<ItemResult>>,
}

/// Numbers of one run.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunView {
    /// End of the run. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Rfc3339,
    /// Number of listings on its pages.
    pub listings: u32,
    /// Number of those that were new.
    pub created: u32,
}

impl From<&RunCount> for RunView {
    fn from(run: &RunCount) -> Self {
        Self { at: run.at.into(), listings: run.listings, created: run.created }
    }
}
