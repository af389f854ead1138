//! `/api/price-alerts/{id}/ignored-listings`, and the same of saved searches: not this one.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use superbot_domain::ListingId;
use superbot_store::IgnoreOutcome;

use super::api::Api;
use super::extract::{Ids, SignedIn};
use super::listings::no_listing;
use super::{price_alerts, saved_searches};
use crate::problem::{Problem, Result};

/// Lets a price alert never tell of a listing again, whatever becomes of its price.
#[utoipa::path(put, path = "/api/price-alerts/{id}/ignored-listings/{listing_id}", tag = "alerts",
    params(("id" = i64, Path), ("listing_id" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn ignore_by_alert(State(api): State<Arc<Api>>, caller: SignedIn, ids: Ids) -> Result<StatusCode> {
    by_alert(&api, &caller, &ids, true).await
}

/// Lets a price alert tell of a listing again; what happened meanwhile is not told.
#[utoipa::path(delete, path = "/api/price-alerts/{id}/ignored-listings/{listing_id}", tag = "alerts",
    params(("id" = i64, Path), ("listing_id" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn hear_by_alert(State(api): State<Arc<Api>>, caller: SignedIn, ids: Ids) -> Result<StatusCode> {
    by_alert(&api, &caller, &ids, false).await
}

/// Lets a saved search never tell of a listing again.
#[utoipa::path(put, path = "/api/saved-searches/{id}/ignored-listings/{listing_id}", tag = "alerts",
    params(("id" = i64, Path), ("listing_id" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn ignore_by_search(State(api): State<Arc<Api>>, caller: SignedIn, ids: Ids) -> Result<StatusCode> {
    by_search(&api, &caller, &ids, true).await
}

/// Lets a saved search tell of a listing again; what happened meanwhile is not told.
#[utoipa::path(delete, path = "/api/saved-searches/{id}/ignored-listings/{listing_id}", tag = "alerts",
    params(("id" = i64, Path), ("listing_id" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn hear_by_search(State(api): State<Arc<Api>>, caller: SignedIn, ids: Ids) -> Result<StatusCode> {
    by_search(&api, &caller, &ids, false).await
}

async fn by_alert(api: &Api, caller: &SignedIn, &Ids(alert, listing): &Ids, ignored: bool) -> Result<StatusCode> {
    let (user, listing) = (caller.user().id, ListingId::from(listing));
    let outcome = api.store.queries::<NewPriceAlert>().set_ignored(user, alert.into(), listing, ignored).await?;
    answer(outcome, price_alerts::missing)
}

async fn by_search(api: &Api, caller: &SignedIn, &Ids(search, listing): &Ids, ignored: bool) -> Result<StatusCode> {
    let (user, listing) = (caller.user().id, ListingId::from(listing));
    let outcome = api.store.queries::<NewSavedSearch>().set_ignored(user, search.into(), listing, ignored).await?;
    answer(outcome, saved_searches::missing)
}

fn answer(outcome: IgnoreOutcome, no_query: fn() -> Problem) -> Result<StatusCode> {
    match outcome {
        IgnoreOutcome::Done => Ok(StatusCode::NO_CONTENT),
        IgnoreOutcome::NoSuchQuery => Err(no_query()),
        IgnoreOutcome::NoSuchListing => Err(no_listing()),
    }
}
