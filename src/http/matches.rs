//! `/api/listings/{id}/matches`: which of the caller's alerts and searches found a listing, and why.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use superbot_domain::ListingId;
use superbot_wire::{ListPage, MatchView};

use super::api::ApiState;
use super::extract::{PathId, SignedIn};
use super::listings::no_listing;
use crate::problem::{Problem, Result};

type MatchPage = ListPage<MatchView>;

/// Lists which of the caller's alerts and searches match a listing, and why.
#[utoipa::path(get, path = "/api/listings/{id}/matches", operation_id = "listListingMatches", tag = "listings",
    params(("id" = i64, Path)),
    responses((status = 200, description = "Each alert and search once, the most recent match first",
        body = MatchPage), (status = 404, body = Problem)))]
pub async fn list(State(api): State<Arc<ApiState>>, caller: SignedIn, PathId(id): PathId) -> Result<Json<MatchPage>> {
    let store = api.store.clone();
    let user = caller.user().id;
    let matches = api.queries.run(caller.user(), async move { store.matches().list(user, ListingId::from(id)).await });
    let matches = matches.await?.ok_or_else(no_listing)?;
    Ok(Json(ListPage::whole(matches.iter().map(MatchView::from).collect())))
}
