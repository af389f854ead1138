//! `/api/favorites`: listings that the caller has saved.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde_json::{Value, json};
use superbot_domain::{ListingId, NotesChange};
use superbot_wire::{FavoriteView, ListPage};

use super::api::ApiState;
use super::body_reader::read_body;
use super::extract::{PathId, QueryParams, SignedIn, parse_json};
use super::listings::{PageRange, no_listing, page_size};
use super::request_schema::FavoriteNotes;
use crate::problem::{Problem, Result};

type FavoritePage<'a> = ListPage<FavoriteView<'a>>;

/// Lists the caller's favourites. None of them is ever removed for its age.
#[utoipa::path(get, path = "/api/favorites", operation_id = "listFavorites", tag = "listings", params(PageRange),
    responses((status = 200, description = "Most recently added first", body = FavoritePage<'_>),
        (status = 422, body = Problem)))]
pub async fn list(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
    QueryParams(paging): QueryParams<PageRange>,
) -> Result<Response> {
    let limit = page_size(paging.limit)?;
    let page = api.store.favorites().page(caller.user().id, paging.cursor.as_deref(), limit).await?;
    let items = page.items.iter().map(FavoriteView::from).collect();
    Ok(Json(ListPage { items, next_cursor: page.next_cursor }).into_response())
}

/// Adds a listing to the caller's favourites, or changes the notes of one that is there. The body may be left out.
#[utoipa::path(put, path = "/api/favorites/{listing_id}", operation_id = "putFavorite", tag = "listings",
    params(("listing_id" = i64, Path)),
    request_body = FavoriteNotes,
    responses((status = 200, body = FavoriteView<'_>), (status = 201, body = FavoriteView<'_>),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn put(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
    PathId(listing): PathId,
    request: Request,
) -> Result<Response> {
    let body = read_body(request, api.config.limits.body_bytes, &api).await?;
    // Without a body the notes remain as they are.
    let body: Value = if body.is_empty() { json!({}) } else { parse_json(&body)? };
    let notes = NotesChange::from_json(&body)?;
    let put = api.store.favorites().put(caller.user().id, ListingId::from(listing), notes).await?;
    let (favorite, is_new) = put.ok_or_else(no_listing)?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(FavoriteView::from(&favorite))).into_response())
}

/// Removes a listing from the caller's favourites, and deletes its notes.
#[utoipa::path(delete, path = "/api/favorites/{listing_id}", operation_id = "deleteFavorite", tag = "listings",
    params(("listing_id" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn delete(State(api): State<Arc<ApiState>>, caller: SignedIn, PathId(listing): PathId) -> Result<StatusCode> {
    if api.store.favorites().delete(caller.user().id, ListingId::from(listing)).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found(format!("listing {listing} is not among your favourites")))
    }
}
