//! `/api/price-alerts` and `/api/saved-searches`: handlers generic over the kind of standing query.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};
use superbot_domain::{ListingId, NewPriceAlert, NewSavedSearch, QueryChange, StandingQuery, StoredQuery};
use superbot_store::{IgnoreOutcome, StoreError};
use superbot_wire::{FieldErrorView, FieldVerdict, ListPage, PreviewView};
use utoipa::ToSchema;

use super::api::ApiState;
use super::extract::{JsonBody, PathId, PathIds, SignedIn};
use super::listings::no_listing;
use crate::problem::{Problem, Result};

/// Presentation of a kind of standing query in the REST API.
pub trait QueryResource: StandingQuery {
    /// The wire type of a stored query.
    type Answer: From<StoredQuery<Self>> + Serialize + ToSchema + Send;

    /// Path of the collection.
    const PATH: &'static str;
    /// Plural noun for descriptions.
    const PLURAL: &'static str;
    /// Singular and plural noun for operation ids.
    const OPERATION_NOUNS: (&'static str, &'static str);
}

impl QueryResource for NewPriceAlert {
    type Answer = superbot_wire::PriceAlert;

    const PATH: &'static str = "/api/price-alerts";
    const PLURAL: &'static str = "price alerts";
    const OPERATION_NOUNS: (&'static str, &'static str) = ("PriceAlert", "PriceAlerts");
}

impl QueryResource for NewSavedSearch {
    type Answer = superbot_wire::SavedSearch;

    const PATH: &'static str = "/api/saved-searches";
    const PLURAL: &'static str = "saved searches";
    const OPERATION_NOUNS: (&'static str, &'static str) = ("SavedSearch", "SavedSearches");
}

pub(super) async fn list<Q: QueryResource>(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
) -> Result<Json<ListPage<Q::Answer>>> {
    let queries = api.store.queries::<Q>().list(caller.user().id).await?;
    Ok(Json(ListPage::whole(queries.into_iter().map(Q::Answer::from).collect())))
}

pub(super) async fn create<Q: QueryResource>(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
    JsonBody(body): JsonBody<Value>,
) -> Result<(StatusCode, Json<Q::Answer>)> {
    let wants = Q::from_json(&body, api.config.listings.currency)?;
    let query = api.store.queries().create(caller.user().id, &wants).await?;
    Ok((StatusCode::CREATED, Json(query.into())))
}

pub(super) async fn get<Q: QueryResource>(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
    PathId(id): PathId,
) -> Result<Json<Q::Answer>> {
    found(api.store.queries::<Q>().get(caller.user().id, id.into()).await?)
}

pub(super) async fn patch<Q: QueryResource>(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
    PathId(id): PathId,
    JsonBody(change): JsonBody<Map<String, Value>>,
) -> Result<Json<Q::Answer>> {
    let currency = api.config.listings.currency;
    // Applied within the transaction, so that concurrent changes of other fields are not lost.
    let change = move |query: Q| query.change(&change, currency);
    found(api.store.queries().update(caller.user().id, id.into(), change).await?)
}

pub(super) async fn delete<Q: QueryResource>(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
    PathId(id): PathId,
) -> Result<StatusCode> {
    if api.store.queries::<Q>().delete(caller.user().id, id.into()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(missing::<Q>())
    }
}

pub(super) async fn toggle<Q: QueryResource>(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
    PathId(id): PathId,
) -> Result<Json<Q::Answer>> {
    // Inverted within the transaction. `PATCH` with `active` is the idempotent alternative.
    let change = |query: Q| Ok(QueryChange::SetActive(!query.to_parts().active));
    found(api.store.queries().update(caller.user().id, id.into(), change).await?)
}

pub(super) async fn check<Q: QueryResource>(
    State(api): State<Arc<ApiState>>,
    _: SignedIn,
    JsonBody(body): JsonBody<Value>,
) -> Result<Json<FieldVerdict>> {
    let read = Q::from_preview_json(&body, api.config.listings.currency).map_err(StoreError::from);
    match read.and_then(|wants| api.store.queries().check(&wants)) {
        Ok(warnings) => {
            let warnings = warnings.into_iter().map(FieldErrorView::from).collect();
            Ok(Json(FieldVerdict { errors: Vec::new(), warnings }))
        }
        Err(StoreError::Invalid(invalid)) => {
            let errors = invalid.errors.into_iter().map(FieldErrorView::from).collect();
            Ok(Json(FieldVerdict { errors, warnings: Vec::new() }))
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn preview<Q: QueryResource>(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
    JsonBody(body): JsonBody<Value>,
) -> Result<Response> {
    let wants = Q::from_preview_json(&body, api.config.listings.currency)?;
    search(&api, &caller, wants).await
}

pub(super) async fn run<Q: QueryResource>(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
    PathId(id): PathId,
) -> Result<Response> {
    let saved = api.store.queries::<Q>().get(caller.user().id, id.into()).await?.ok_or_else(missing::<Q>)?;
    search(&api, &caller, saved.wants).await
}

pub(super) async fn ignore<Q: QueryResource>(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
    ids: PathIds,
) -> Result<StatusCode> {
    set_ignored::<Q>(&api, &caller, &ids, true).await
}

pub(super) async fn stop_ignoring<Q: QueryResource>(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
    ids: PathIds,
) -> Result<StatusCode> {
    set_ignored::<Q>(&api, &caller, &ids, false).await
}

async fn set_ignored<Q: QueryResource>(
    api: &ApiState,
    caller: &SignedIn,
    &PathIds(query, listing): &PathIds,
    ignored: bool,
) -> Result<StatusCode> {
    let user = caller.user().id;
    let listing = ListingId::from(listing);
    match api.store.queries::<Q>().set_ignored(user, query.into(), listing, ignored).await? {
        IgnoreOutcome::Done => Ok(StatusCode::NO_CONTENT),
        IgnoreOutcome::NoSuchQuery => Err(missing::<Q>()),
        IgnoreOutcome::NoSuchListing => Err(no_listing()),
    }
}

async fn search<Q: QueryResource>(api: &ApiState, caller: &SignedIn, wants: Q) -> Result<Response> {
    let store = api.store.clone();
    // Searches 30 days of listings, so it counts as one of the user's searches.
    let preview = api.queries.run(caller.user(), async move { store.queries().preview(&wants).await });
    Ok(Json(PreviewView::from(&preview.await?)).into_response())
}

fn found<Q: QueryResource>(query: Option<StoredQuery<Q>>) -> Result<Json<Q::Answer>> {
    query.map(|query| Json(query.into())).ok_or_else(missing::<Q>)
}

fn missing<Q: QueryResource>() -> Problem {
    Problem::not_found(format!("you have no {} of that number", Q::FIELDS.noun))
}
