//! `/api/saved-searches`: the caller's saved searches.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};
use superbot_domain::{NewSavedSearch, SavedSearch, SavedSearchId};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::api::Api;
use super::extract::{Body, Id, SignedIn};
use super::preview::PreviewView;
use crate::problem::{Problem, Result};

/// The schema of what is null.
fn always_null() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Null).description(Some("Always null: listings carry words, not positions."))
}

/// A saved search to be saved; to change one, give the fields that change.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SavedSearchFields {
    /// What to call it.
    name: String,
    /// Words to look for, such as `corvette, camaro -parts`.
    keywords: String,
    /// At least so many units of the currency.
    min_price: Option<f64>,
    /// At most so many units of the currency.
    max_price: Option<f64>,
    /// What the prices are in; the server's own currency, when left out.
    currency: Option<String>,
    /// Whether what is given away counts where there is a limit on the price.
    include_free: Option<bool>,
    /// Only listings of these sources; of all, when left out.
    sources: Option<Vec<String>>,
    /// Words that must all be in the listing's place.
    location: Option<String>,
    /// Listings carry the words of their place, not where it lies.
    #[schema(schema_with = always_null, required = false)]
    radius: (),
    /// Whether it tells what it finds (the default).
    notify_new: Option<bool>,
    /// `instant`, `15m` (the default), `hourly` or `daily`.
    cadence: Option<String>,
}

/// A saved search.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SavedSearchView {
    id: i64,
    #[serde(flatten)]
    fields: SavedSearchFields,
    created_at: String,
    updated_at: String,
    /// When it last told what it had found.
    last_told_at: Option<String>,
}

/// Saved searches.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SavedSearches {
    /// Newest first.
    #[schema(value_type = Vec<SavedSearchView>)]
    items: Vec<Value>,
    /// Always null: all are listed.
    next_cursor: Option<String>,
}

fn found(search: Option<SavedSearch>) -> Result<Json<Value>> {
    search.map(|search| Json(search.to_json())).ok_or_else(missing)
}

pub(super) fn missing() -> Problem {
    Problem::not_found("you have no saved search of that number")
}

/// Lists the caller's saved searches.
#[utoipa::path(get, path = "/api/saved-searches", tag = "alerts", responses((status = 200, body = SavedSearches)))]
pub async fn list(State(api): State<Arc<Api>>, caller: SignedIn) -> Result<Json<SavedSearches>> {
    let searches = api.store.saved_searches(caller.user().id).await?;
    Ok(Json(SavedSearches { items: searches.iter().map(SavedSearch::to_json).collect(), next_cursor: None }))
}

/// Saves a saved search. It tells of what comes in from now on.
#[utoipa::path(post, path = "/api/saved-searches", tag = "alerts", request_body = SavedSearchFields,
    responses((status = 201, body = SavedSearchView), (status = 422, body = Problem)))]
pub async fn create(
    State(api): State<Arc<Api>>,
    caller: SignedIn,
    Body(body): Body<Value>,
) -> Result<(StatusCode, Json<Value>)> {
    let wants = NewSavedSearch::from_json(&body, api.config.listings.currency)?;
    let search = api.store.create_saved_search(caller.user().id, &wants).await?;
    Ok((StatusCode::CREATED, Json(search.to_json())))
}

/// One saved search.
#[utoipa::path(get, path = "/api/saved-searches/{id}", tag = "alerts", params(("id" = i64, Path)),
    responses((status = 200, body = SavedSearchView), (status = 404, body = Problem)))]
pub async fn get(State(api): State<Arc<Api>>, caller: SignedIn, Id(id): Id) -> Result<Json<Value>> {
    found(api.store.saved_search(caller.user().id, id.into()).await?)
}

/// Changes a saved search. As it is now, it tells of what comes in from now on.
#[utoipa::path(patch, path = "/api/saved-searches/{id}", tag = "alerts", params(("id" = i64, Path)),
    request_body = SavedSearchFields,
    responses((status = 200, body = SavedSearchView), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn patch(
    State(api): State<Arc<Api>>,
    caller: SignedIn,
    Id(id): Id,
    Body(change): Body<Map<String, Value>>,
) -> Result<Json<Value>> {
    let (user, id) = (caller.user().id, SavedSearchId::from(id));
    let Some(search) = api.store.saved_search(user, id).await? else { return found(None) };
    let mut fields = search.wants.to_json();
    if let Some(fields) = fields.as_object_mut() {
        fields.extend(change);
    }
    let wants = NewSavedSearch::from_json(&fields, api.config.listings.currency)?;
    found(api.store.update_saved_search(user, id, &wants).await?)
}

/// Deletes a saved search.
#[utoipa::path(delete, path = "/api/saved-searches/{id}", tag = "alerts", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn delete(State(api): State<Arc<Api>>, caller: SignedIn, Id(id): Id) -> Result<StatusCode> {
    if api.store.delete_saved_search(caller.user().id, id.into()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        found(None).map(|_| StatusCode::NO_CONTENT)
    }
}

/// The fields of a search that may have no name yet.
pub(super) fn named(mut fields: Map<String, Value>) -> Value {
    fields.entry("name").or_insert_with(|| "unnamed".into());
    fields.into()
}

/// Says what a saved search would have found in the last 30 days, before it is saved; it needs no name yet.
#[utoipa::path(post, path = "/api/saved-searches/preview", tag = "alerts", request_body = SavedSearchFields,
    responses((status = 200, body = PreviewView<'_>), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn preview(
    State(api): State<Arc<Api>>,
    caller: SignedIn,
    Body(body): Body<Map<String, Value>>,
) -> Result<Response> {
    let wants = NewSavedSearch::from_json(&named(body), api.config.listings.currency)?;
    search(&api, &caller, wants).await
}

/// Looks now: what the saved search finds among the listings of the last 30 days, whether it was told or not.
#[utoipa::path(post, path = "/api/saved-searches/{id}/run", tag = "alerts", params(("id" = i64, Path)),
    responses((status = 200, body = PreviewView<'_>), (status = 404, body = Problem), (status = 429, body = Problem)))]
pub async fn run(State(api): State<Arc<Api>>, caller: SignedIn, Id(id): Id) -> Result<Response> {
    let saved = api.store.saved_search(caller.user().id, id.into()).await?.ok_or_else(missing)?;
    search(&api, &caller, saved.wants).await
}

async fn search(api: &Api, caller: &SignedIn, wants: NewSavedSearch) -> Result<Response> {
    let store = api.store.clone();
    let preview = api.queries.run(caller.user(), async move { store.preview_saved_search(&wants).await });
    Ok(Json(PreviewView::from(&preview.await?)).into_response())
}
