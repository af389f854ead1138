//! `/api/listings`: search and reading of listings.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use serde::Deserialize;
use superbot_domain::{ListingId, PricePeriod, SourceName, parse_timestamp};
use superbot_store::{ListingQuery, ListingSort, PricePoint};
use superbot_wire::{ListPage, ListingSearchPage, ListingView, PriceView};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use super::api::ApiState;
use super::extract::{PathId, QueryParams, ReadCaller};
use crate::problem::{Problem, Result};

/// Maximum number of sources that a list can be restricted to.
const MAX_SOURCES: usize = 50;
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListingFilter {
    /// Keywords, as alerts have them: `corvette, camaro -parts`.
    q: Option<String>,
    /// Only of these sources, at most 50: repeated, or separated by commas.
    #[serde(default)]
    source: Vec<String>,
    /// Only at this price or more, in units of each listing's own currency; without a price, a listing is left out.
    min_price: Option<f64>,
    /// Only at this price or less, in units of each listing's own currency; without a price, a listing is left out.
    max_price: Option<f64>,
    /// Only with a price for this period. `min_price`, `max_price`, `price_asc` and `price_desc` then compare those prices;
    /// otherwise they compare prices of sales, and leave out listings with other prices.
    #[param(schema_with = period_schema)]
    price_per: Option<String>,
    /// Only first seen at this time (RFC 3339) or later.
    since: Option<String>,
    /// The order, `found` by default. `found` and `posted` begin with the newest. `price_asc` and `price_desc` compare amounts
    /// as they are, whatever their currencies, and leave out listings without a price. `drop` begins with the largest relative
    /// fall and leaves out listings whose latest price change was no fall.
    #[param(schema_with = sort_schema)]
    sort: Option<String>,
    /// Whether to add `count`.
    #[serde(default)]
    count: bool,
    /// `next_cursor` of the previous page, in the same order.
    cursor: Option<String>,
    /// Page size, at most 200; 50 by default.
    limit: Option<u32>,
}

type PriceHistory = ListPage<PriceView>;

/// Lists listings.
#[utoipa::path(get, path = "/api/listings", operation_id = "listListings", tag = "listings", params(ListingFilter),
    responses((status = 200, description = "In the requested order", body = ListingSearchPage<'_>),
        (status = 422, body = Problem), (status = 503, body = Problem)))]
pub async fn list(
    State(api): State<Arc<ApiState>>,
    ReadCaller(principal): ReadCaller,
    QueryParams(filter): QueryParams<ListingFilter>,
) -> Result<Response> {
    let wants_count = filter.count;
    let query = filter.into_query()?;
    let store = api.store.clone();
    // The list and its count are one search for the user's limit.
    let read = async move {
        let page = store.listings().page(&query).await?;
        let count = if wants_count { Some(store.listings().count(&query).await?) } else { None };
        Ok((page, count))
    };
    let (page, count) = api.queries.run(&*principal, read).await?;
    let items = page.items.iter().map(ListingView::from).collect();
    let page = ListPage { items, next_cursor: page.next_cursor };
    Ok(axum::Json(ListingSearchPage::new(page, count)).into_response())
}
fn sort_schema() -> Object {
    let names = ListingSort::all().map(ListingSort::name);
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build()
}

/// The schema of the names of periods.
fn period_schema() -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(PricePeriod::NAMES.iter().copied())).build()
}

impl ListingFilter {
    fn into_query(self) -> Result<ListingQuery> {
        let since = self.since.as_deref().map(parse_timestamp).transpose();
        let since = since.map_err(|error| Problem::field("since", error.to_string()))?;
        for (name, price) in [("min_price", self.min_price), ("max_price", self.max_price)] {
            // `NaN` and `inf` are accepted by the parser.
            if price.is_some_and(|price| !price.is_finite() || price < 0.0) {
                return Err(Problem::field(name, "must be a number from 0"));
            }
        }
        let price_per = self.price_per.as_deref().map(str::parse::<PricePeriod>).transpose();
        let sort = self.sort.as_deref().map_or(Ok(ListingSort::default()), str::parse);
        Ok(ListingQuery {
            q: self.q,
            sources: sources(&self.source)?,
            min_price: self.min_price,
            max_price: self.max_price,
            price_per: price_per.map_err(|error| Problem::field("price_per", error.to_string()))?,
            since,
            sort: sort.map_err(|error| Problem::field("sort", error.to_string()))?,
            cursor: self.cursor,
            limit: page_size(self.limit)?,
        })
    }
}

/// Parses the sources, repeated or separated by commas, without duplicates.
fn sources(parameters: &[String]) -> Result<Vec<SourceName>> {
    let names = parameters.iter().flat_map(|list| list.split(','));
    let sources: std::result::Result<BTreeSet<SourceName>, _> = names.map(SourceName::parse).collect();
    let sources = sources.map_err(|error| Problem::field("source", error.to_string()))?;
    if sources.len() > MAX_SOURCES {
        return Err(Problem::field("source", format!("names {} sources; at most {MAX_SOURCES}", sources.len())));
    }
    Ok(sources.into_iter().collect())
}

/// Which part of a list, where it has no other filter.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageRange {
    /// `next_cursor` of the previous page.
    pub cursor: Option<String>,
    /// Page size, at most 200; 50 by default.
    pub limit: Option<u32>,
}

/// Validates the size of a page; 50 if absent.
///
/// # Errors
/// 422 outside of 1 to 200.
pub fn page_size(limit: Option<u32>) -> Result<u32> {
    match limit {
        None => Ok(50),
        Some(limit @ 1..=200) => Ok(limit),
        Some(limit) => Err(Problem::field("limit", format!("is {limit}; it must be from 1 to 200"))),
    }
}

/// Returns a listing.
#[utoipa::path(get, path = "/api/listings/{id}", operation_id = "getListing", tag = "listings",
    params(("id" = i64, Path)),
    responses((status = 200, body = ListingView<'_>),
        (status = 301, description = "It was merged into another listing: `Location` is that one's address"),
        (status = 404, body = Problem)))]
pub async fn get(State(api): State<Arc<ApiState>>, _: ReadCaller, PathId(id): PathId) -> Result<Response> {
    match api.store.listings().get(ListingId::from(id)).await? {
        Some(listing) => Ok(axum::Json(ListingView::from(&listing)).into_response()),
        None => moved(&api, id, "").await,
    }
}

/// Lists the prices of a listing over time.
#[utoipa::path(get, path = "/api/listings/{id}/price-history", operation_id = "listListingPrices", tag = "listings",
    params(("id" = i64, Path)),
    responses((status = 200, description = "Oldest first", body = PriceHistory),
        (status = 301, description = "It was merged into another listing: `Location` is the address of that one's prices"),
        (status = 404, body = Problem)))]
pub async fn price_history(State(api): State<Arc<ApiState>>, _: ReadCaller, PathId(id): PathId) -> Result<Response> {
    let Some(history) = api.store.listings().price_history(ListingId::from(id)).await? else {
        return moved(&api, id, "/price-history").await;
    };
    let view = |point: PricePoint| PriceView {
        at: point.at.into(),
        price: point.price.into(),
        price_per: point.price.per(),
        currency: point.currency,
    };
    let history: PriceHistory = ListPage::whole(history.into_iter().map(view).collect());
    Ok(axum::Json(history).into_response())
}

/// Answers for a listing that does not exist: it was merged into another one, or there never was one.
async fn moved(api: &ApiState, id: i64, below: &str) -> Result<Response> {
    let target = api.store.listings().merged_into(ListingId::from(id)).await?.ok_or_else(no_listing)?;
    let address = format!("/api/listings/{}{below}", target.get());
    Ok((StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, address)]).into_response())
}

/// Returns the common 404 of all paths that contain a listing's id.
pub(super) fn no_listing() -> Problem {
    Problem::not_found("there is no such listing")
}
