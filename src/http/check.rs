//! Whether the fields of a price alert or a saved search are right, as an answer and not as a refusal.
//!
//! A page asks while its user types. Half of a word is often wrong, and that is no error of the page: browsers write each
//! refusal into their console in red.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::{Map, Value};
use superbot_domain::{FieldError, NewPriceAlert, NewSavedSearch};
use superbot_store::{Store, StoreError};

use super::api::Api;
use super::extract::{Body, SignedIn};
use super::price_alerts::PriceAlertFields;
use super::saved_searches::{self, SavedSearchFields};
use crate::problem::{FieldErrorView, Result};

/// What is wrong with the fields.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Verdict {
    /// The fields that are wrong, as in a refusal with 422; empty where nothing is.
    #[schema(value_type = Vec<FieldErrorView>)]
    errors: Vec<FieldError>,
}

impl Verdict {
    fn of(checked: Result<(), StoreError>) -> Result<Json<Self>> {
        match checked {
            Ok(()) => Ok(Json(Self { errors: Vec::new() })),
            Err(StoreError::Invalid(invalid)) => Ok(Json(Self { errors: invalid.errors })),
            Err(other) => Err(other.into()),
        }
    }
}

/// Says what is wrong with the fields of a price alert.
#[utoipa::path(post, path = "/api/price-alerts/check", tag = "alerts", request_body = PriceAlertFields,
    responses((status = 200, body = Verdict)))]
pub async fn price_alert(State(api): State<Arc<Api>>, _: SignedIn, Body(body): Body<Value>) -> Result<Json<Verdict>> {
    let read = NewPriceAlert::from_json(&body, api.config.listings.currency);
    Verdict::of(read.map_err(StoreError::from).and_then(|wants| Store::check_price_alert(&wants)))
}

/// Says what is wrong with the fields of a saved search; it needs no name yet.
#[utoipa::path(post, path = "/api/saved-searches/check", tag = "alerts", request_body = SavedSearchFields,
    responses((status = 200, body = Verdict)))]
pub async fn saved_search(
    State(api): State<Arc<Api>>,
    _: SignedIn,
    Body(body): Body<Map<String, Value>>,
) -> Result<Json<Verdict>> {
    let read = NewSavedSearch::from_json(&saved_searches::named(body), api.config.listings.currency);
    Verdict::of(read.map_err(StoreError::from).and_then(|wants| Store::check_saved_search(&wants)))
}
