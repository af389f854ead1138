//! `/api/listings/{id}/matches`: which of the caller's alerts and searches found a listing, and why.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use superbot_domain::{ListingId, rfc3339};
use superbot_store::Match;
use superbot_wire::{ListPage, PriceUnits};

use super::api::Api;
use super::extract::{Id, SignedIn};
use super::listings::no_listing;
use crate::problem::{Problem, Result};

/// What found a listing.
type MatchPage = ListPage<MatchView>;

/// An alert or a search of the caller's that found a listing.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MatchView {
    /// `price_alert` or `saved_search`.
    kind: &'static str,
    id: i64,
    /// Null for price alerts, which have no name.
    name: Option<String>,
    keywords: String,
    /// What the ad asked when it was last found, in units of the listing's currency; 0 is free, null is not stated.
    #[schema(value_type = Option<f64>, required)]
    price: PriceUnits,
    /// When the caller was told of that; null while it waits, and where nobody was to be told.
    told_at: Option<String>,
    /// Whether the caller does not want it to tell of the listing.
    ignored: bool,
    /// Whether the listing still matches as it is now.
    still_matches: bool,
    /// The clause that decides about the listing as it is now.
    because: String,
}

impl From<Match> for MatchView {
    fn from(found: Match) -> Self {
        Self {
            kind: found.kind.as_str(),
            id: found.id,
            name: found.name,
            keywords: found.keywords,
            price: found.price.map_or(PriceUnits::NONE, PriceUnits::from),
            told_at: found.told_at.map(rfc3339),
            ignored: found.ignored,
            still_matches: found.still_matches,
            because: found.because,
        }
    }
}

/// Which of the caller's alerts and searches found a listing, and why.
#[utoipa::path(get, path = "/api/listings/{id}/matches", tag = "listings", params(("id" = i64, Path)),
    responses((status = 200, description = "Each alert and search once; the one that found it last comes first",
        body = MatchPage), (status = 404, body = Problem)))]
pub async fn list(State(api): State<Arc<Api>>, caller: SignedIn, Id(id): Id) -> Result<Json<MatchPage>> {
    let (store, user) = (api.store.clone(), caller.user().id);
    let matches = api.queries.run(caller.user(), async move { store.matches().list(user, ListingId::from(id)).await });
    let matches = matches.await?.ok_or_else(no_listing)?;
    Ok(Json(ListPage::whole(matches.into_iter().map(MatchView::from).collect())))
}
