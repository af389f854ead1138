//! `/api/sources` and `/api/source-kinds`: management of sources, for admins.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Path, Request, State};
use http::request::Parts;
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::Value;
use superbot_domain::{FoundListing, InvalidFields, PostedListing, SourceName};
use superbot_sources::{MAX_PAGE_BYTES, Page, SOURCE_KINDS, Settings, find_source_kind};
use superbot_store::{SourceChange, StoredSource};
use superbot_wire::{ListPage, PageListing, PageView, Rfc3339, RunView, SourceKindView, SourceView};

use super::api::ApiState;
use super::body_reader::read_body;
use super::extract::{AdminCaller, JsonBody, MayPublish, QueryParams};
use crate::problem::{Problem, Result};
use crate::source_setup;

type SourceKindPage = ListPage<SourceKindView>;
type SourcePage = ListPage<SourceView>;

/// A new source.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSource {
    /// Its name, which will be the `source` of its listings: 1 to 50 of a-z, 0-9, _ . -
    name: String,
    /// The kind of source, one of those of `GET /api/source-kinds`.
    kind: String,
    /// The settings with other values than their defaults; see `GET /api/source-kinds`.
    #[serde(default)]
    #[schema(value_type = Object)]
    settings: Option<Value>,
}

/// A change of a source.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceEdit {
    /// The settings to change; absent ones remain unchanged, and null resets one to its default.
    #[serde(default)]
    #[schema(value_type = Object)]
    settings: Option<serde_json::Map<String, Value>>,
    /// True confirms that you have read the site's terms and are responsible for complying with them.
    #[serde(default)]
    accept_terms: bool,
}

/// Where a posted page was found.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageParams {
    /// The page's URL after redirects, which relative links refer to.
    #[serde(default)]
    url: String,
    /// The HTTP status of its response.
    #[serde(default = "ok")]
    status: u16,
    /// Whether its listings are published.
    #[serde(default)]
    publish: bool,
}

/// The source's name from the request's path; a malformed one is a 404.
pub struct SourceNamePath(SourceName);

const fn ok() -> u16 {
    200
}

impl FromRequestParts<Arc<ApiState>> for SourceNamePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<ApiState>) -> Result<Self> {
        let name = Path::<String>::from_request_parts(parts, api).await.ok();
        let name = name.and_then(|Path(name)| SourceName::parse(&name).ok());
        name.map(Self).ok_or_else(no_such_source)
    }
}

fn no_such_source() -> Problem {
    Problem::not_found("there is no source of that name")
}

fn view(source: StoredSource) -> SourceView {
    // Settings written by another version may be unreadable here; they are then shown as stored.
    let settings = source_setup::read(&source).ok();
    let health = source.health;
    SourceView {
        name: source.name.to_string(),
        terms: settings.as_ref().and_then(Settings::terms),
        kind: source.kind,
        settings: settings.map_or(source.settings, |settings| settings.to_json()),
        running: source.running,
        terms_accepted_at: source.terms_accepted_at.map(Rfc3339::from),
        state: health.state,
        reason: health.reason,
        since: health.since.into(),
        warning: health.warning,
        failures: health.failures,
        last_run_at: health.last_run_at.map(Rfc3339::from),
        last_good_at: health.last_good_at.map(Rfc3339::from),
        next_run_at: health.next_run_at.map(Rfc3339::from),
        requests_today: source.requests,
        runs: health.runs.iter().map(RunView::from).collect(),
    }
}

fn found(source: Option<StoredSource>) -> Result<Json<SourceView>> {
    source.map(|source| Json(view(source))).ok_or_else(no_such_source)
}

/// Lists the kinds of source, with the settings that each takes.
#[utoipa::path(get, path = "/api/source-kinds", operation_id = "listSourceKinds", tag = "sources",
    responses((status = 200, description = "In the order of presentation", body = SourceKindPage)))]
pub async fn kinds(_: AdminCaller) -> Json<SourceKindPage> {
    Json(ListPage::whole(SOURCE_KINDS.map(source_setup::kind_view).into()))
}

/// Lists the sources.
#[utoipa::path(get, path = "/api/sources", operation_id = "listSources", tag = "sources",
    responses((status = 200, description = "In the order of their names", body = SourcePage)))]
pub async fn list(State(api): State<Arc<ApiState>>, _: AdminCaller) -> Result<Json<SourcePage>> {
    let items = api.store.sources().list().await?.into_iter().map(view).collect();
    Ok(Json(ListPage::whole(items)))
}

/// Makes a source, stopped.
#[utoipa::path(post, path = "/api/sources", operation_id = "createSource", tag = "sources", request_body = NewSource,
    responses((status = 201, body = SourceView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(api): State<Arc<ApiState>>,
    _: AdminCaller,
    JsonBody(new): JsonBody<NewSource>,
) -> Result<(StatusCode, Json<SourceView>)> {
    let name = SourceName::parse(&new.name).map_err(|error| InvalidFields::from(error.at("name")))?;
    let kind = find_source_kind(&new.kind).map_err(|error| InvalidFields::from(error.at("kind")))?;
    let settings = new.settings.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    // Only validated: the settings are stored as given, so that defaults of later versions apply to them.
    source_setup::read_settings(kind, &settings)?;
    let source = api.store.sources().create(&name, kind.name, &settings).await?;
    Ok((StatusCode::CREATED, Json(view(source))))
}

/// Returns a source.
#[utoipa::path(get, path = "/api/sources/{name}", operation_id = "getSource", tag = "sources",
    params(("name" = String, Path)),
    responses((status = 200, body = SourceView), (status = 404, body = Problem)))]
pub async fn get(
    State(api): State<Arc<ApiState>>,
    _: AdminCaller,
    SourceNamePath(name): SourceNamePath,
) -> Result<Json<SourceView>> {
    found(api.store.sources().get(&name).await?)
}

/// Changes a source. If it is running, the change takes effect at once.
#[utoipa::path(patch, path = "/api/sources/{name}", operation_id = "updateSource", tag = "sources",
    params(("name" = String, Path)),
    request_body = SourceEdit,
    responses((status = 200, body = SourceView), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn patch(
    State(api): State<Arc<ApiState>>,
    _: AdminCaller,
    SourceNamePath(name): SourceNamePath,
    JsonBody(edit): JsonBody<SourceEdit>,
) -> Result<Json<SourceView>> {
    let Some(mut source) = api.store.sources().get(&name).await? else { return Err(no_such_source()) };
    if edit.accept_terms {
        source.terms_accepted_at.get_or_insert(api.clock.now());
    }
    // After the terms, so that one request can accept them and change a running source.
    let settings = edit.settings.map(|changes| source_setup::changed(&source, changes)).transpose()?;
    let change = SourceChange { settings, accept_terms: edit.accept_terms, ..SourceChange::default() };
    found(api.store.sources().update(&name, change).await?)
}

/// Deletes a source; its listings stay.
#[utoipa::path(delete, path = "/api/sources/{name}", operation_id = "deleteSource", tag = "sources",
    params(("name" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn delete(
    State(api): State<Arc<ApiState>>,
    _: AdminCaller,
    SourceNamePath(name): SourceNamePath,
) -> Result<StatusCode> {
    if api.store.sources().delete(&name).await? { Ok(StatusCode::NO_CONTENT) } else { Err(no_such_source()) }
}

/// Starts a source: it runs now, and then regularly.
#[utoipa::path(post, path = "/api/sources/{name}/start", operation_id = "startSource", tag = "sources",
    params(("name" = String, Path)),
    responses((status = 200, body = SourceView), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn start(
    State(api): State<Arc<ApiState>>,
    _: AdminCaller,
    SourceNamePath(name): SourceNamePath,
) -> Result<Json<SourceView>> {
    let Some(source) = api.store.sources().get(&name).await? else { return Err(no_such_source()) };
    source_setup::read_runnable(&source)?;
    found(api.store.sources().update(&name, SourceChange { running: Some(true), ..SourceChange::default() }).await?)
}

/// Stops a source; a request in progress is its last.
#[utoipa::path(post, path = "/api/sources/{name}/stop", operation_id = "stopSource", tag = "sources",
    params(("name" = String, Path)),
    responses((status = 200, body = SourceView), (status = 404, body = Problem)))]
pub async fn stop(
    State(api): State<Arc<ApiState>>,
    _: AdminCaller,
    SourceNamePath(name): SourceNamePath,
) -> Result<Json<SourceView>> {
    if api.store.sources().get(&name).await?.is_none() {
        return Err(no_such_source());
    }
    found(api.store.sources().update(&name, SourceChange { running: Some(false), ..SourceChange::default() }).await?)
}

/// Runs a source at once instead of at its scheduled time. A source that is stopped is not run (409).
#[utoipa::path(post, path = "/api/sources/{name}/run", operation_id = "runSource", tag = "sources",
    params(("name" = String, Path)),
    responses((status = 200, body = SourceView), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn run(
    State(api): State<Arc<ApiState>>,
    _: AdminCaller,
    SourceNamePath(name): SourceNamePath,
) -> Result<Json<SourceView>> {
    let Some(source) = api.store.sources().get(&name).await? else { return Err(no_such_source()) };
    if !source.running {
        return Err(Problem::conflict("stopped", format!("{name} is stopped; start it first")));
    }
    found(api.store.sources().update(&name, SourceChange { run: true, ..SourceChange::default() }).await?)
}

/// Reads a saved page with a source's adapter, and publishes its listings if `publish` is true. The body is the page.
#[utoipa::path(post, path = "/api/sources/{name}/page", operation_id = "readSourcePage", tag = "sources",
    params(("name" = String, Path), PageParams), request_body(content = String, content_type = "text/html"),
    responses((status = 200, body = PageView), (status = 404, body = Problem), (status = 413, body = Problem)))]
pub async fn page(
    State(api): State<Arc<ApiState>>,
    _: MayPublish,
    SourceNamePath(name): SourceNamePath,
    QueryParams(params): QueryParams<PageParams>,
    request: Request,
) -> Result<Json<PageView>> {
    let Some(source) = api.store.sources().get(&name).await? else { return Err(no_such_source()) };
    let settings = source_setup::read(&source)?;
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.map(str::to_owned);
    let body = read_body(request, MAX_PAGE_BYTES, &api).await?;
    let read_at = Some(api.clock.now());
    let currency = settings.currency(api.config.listings.currency);
    let PageParams { url, status, publish } = params;
    let url = if url.is_empty() { settings.adapter.kind().home().to_owned() } else { url };
    // Parsing a large page takes too long for a thread that serves requests.
    let reading = tokio::task::spawn_blocking(move || {
        let content_type = content_type.as_deref();
        settings.read(&Page { status, asked: "", url: &url, content_type, read_at, body: &body }, currency)
    });
    let reading = reading.await.map_err(|error| Problem::internal(&error))?;
    // As they would be stored.
    let recurring_price = api.config.listings.recurring_price;
    let shown = |found: &FoundListing| {
        let mut shown = found.clone();
        shown.price.price = recurring_price.apply(found.price.price);
        PageListing::from(&shown)
    };
    let listings = reading.listings.iter().map(shown).collect();
    let items = if publish {
        let parsed = reading
            .listings
            .into_iter()
            .map(|found| found.into_listing(&name, currency).map(PostedListing::from).map_err(InvalidFields::from));
        Some(api.publisher.broadcast_new_listings(parsed.collect()).await?)
    } else {
        None
    };
    Ok(Json(PageView { state: reading.state.as_str(), reason: reading.reason, listings, items }))
}
