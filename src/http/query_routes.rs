//! Routes of standing queries, with their description.

use std::sync::Arc;

use http::StatusCode;
use superbot_domain::{NewPriceAlert, NewSavedSearch, RequestKind};
use superbot_wire::{FieldVerdict, ListPage, PreviewView};
use utoipa::openapi::path::HttpMethod;
use utoipa_axum::router::OpenApiRouter;

use super::api::ApiState;
use super::described_route::{DescribedRoute, NamedSchema, OperationSpec};
use super::request_schema::{ChangeBody, RequestBody, request_schema};
use super::standing_queries::{self as handlers, QueryResource};

const TAG: &str = "alerts";

/// Returns the routes of price alerts and saved searches.
pub(super) fn query_routes() -> OpenApiRouter<Arc<ApiState>> {
    let only_of_alerts = toggle_route::<NewPriceAlert>();
    let only_of_searches = run_route::<NewSavedSearch>();
    routes_of::<NewPriceAlert>()
        .merge(routes_of::<NewSavedSearch>())
        .routes(only_of_alerts.build())
        .routes(only_of_searches.build())
}

/// Returns the routes that both kinds have.
fn routes_of<Q: QueryResource>() -> OpenApiRouter<Arc<ApiState>> {
    let routes = [all_route::<Q>(), one_route::<Q>(), check_route::<Q>(), preview_route::<Q>(), ignored_route::<Q>()];
    routes.into_iter().fold(OpenApiRouter::new(), |router, route| router.routes(route.build()))
}

fn all_route<Q: QueryResource>() -> DescribedRoute {
    let plural = Q::PLURAL;
    let list = OperationSpec {
        answer: Some(NamedSchema::of::<ListPage<Q::Answer>>()),
        ..operation(format!("list{}", Q::OPERATION_NOUNS.1), format!("Lists the caller's {plural}, newest first."))
    };
    let create = OperationSpec {
        body: Some(NamedSchema::of::<RequestBody<Q>>()),
        status: StatusCode::CREATED,
        answer: Some(NamedSchema::of::<Q::Answer>()),
        refusals: &[422],
        ..operation(
            one_operation::<Q>("create"),
            format!("Saves a {}. It notifies of what comes in from now on.", Q::FIELDS.noun),
        )
    };
    DescribedRoute::new(Q::PATH.to_owned()).on(HttpMethod::Get, handlers::list::<Q>, TAG, list).on(
        HttpMethod::Post,
        handlers::create::<Q>,
        TAG,
        create,
    )
}

fn one_route<Q: QueryResource>() -> DescribedRoute {
    let noun = Q::FIELDS.noun;
    let answer = NamedSchema::of::<Q::Answer>();
    let get = OperationSpec {
        answer: Some(answer.clone()),
        refusals: &[404],
        ..operation(one_operation::<Q>("get"), format!("One {noun}."))
    };
    let patch = OperationSpec {
        body: Some(NamedSchema::of::<ChangeBody<Q>>()),
        answer: Some(answer),
        refusals: &[404, 422],
        ..operation(
            one_operation::<Q>("update"),
            format!(
                "Changes the given fields of a {noun}, which then applies to what comes in from now on. `active` alone pauses or \
                 resumes it, without effect where it is so already."
            ),
        )
    };
    let delete = OperationSpec {
        status: StatusCode::NO_CONTENT,
        refusals: &[404],
        ..operation(one_operation::<Q>("delete"), format!("Deletes a {noun}."))
    };
    DescribedRoute::new(format!("{}/{{id}}", Q::PATH))
        .on(HttpMethod::Get, handlers::get::<Q>, TAG, get)
        .on(HttpMethod::Patch, handlers::patch::<Q>, TAG, patch)
        .on(HttpMethod::Delete, handlers::delete::<Q>, TAG, delete)
}

fn check_route<Q: QueryResource>() -> DescribedRoute {
    let check = OperationSpec {
        body: Some(preview_body::<Q>()),
        answer: Some(NamedSchema::of::<FieldVerdict>()),
        ..operation(one_operation::<Q>("check"), format!("Says what is wrong with the fields of a {}.", Q::FIELDS.noun))
    };
    DescribedRoute::new(format!("{}/check", Q::PATH)).on(HttpMethod::Post, handlers::check::<Q>, TAG, check)
}

fn preview_route<Q: QueryResource>() -> DescribedRoute {
    let summary = format!("Says what a {} would have found in the last 30 days, before it is saved.", Q::FIELDS.noun);
    let preview = OperationSpec {
        body: Some(preview_body::<Q>()),
        answer: Some(NamedSchema::of::<PreviewView<'_>>()),
        refusals: &[422, 429],
        ..operation(one_operation::<Q>("preview"), summary)
    };
    DescribedRoute::new(format!("{}/preview", Q::PATH)).on(HttpMethod::Post, handlers::preview::<Q>, TAG, preview)
}

fn ignored_route<Q: QueryResource>() -> DescribedRoute {
    let noun = Q::FIELDS.noun;
    let ignore = OperationSpec {
        status: StatusCode::NO_CONTENT,
        refusals: &[404, 409],
        ..operation(
            one_operation::<Q>("ignoreListingOf"),
            format!("Excludes a listing from what a {noun} notifies of, whatever its price."),
        )
    };
    let stop_ignoring = OperationSpec {
        status: StatusCode::NO_CONTENT,
        refusals: &[404],
        ..operation(
            one_operation::<Q>("includeListingOf"),
            format!("Includes a listing again in what a {noun} notifies of, from now on."),
        )
    };
    DescribedRoute::new(format!("{}/{{id}}/ignored-listings/{{listing_id}}", Q::PATH))
        .on(HttpMethod::Put, handlers::ignore::<Q>, TAG, ignore)
        .on(HttpMethod::Delete, handlers::stop_ignoring::<Q>, TAG, stop_ignoring)
}

fn toggle_route<Q: QueryResource>() -> DescribedRoute {
    let summary =
        format!("Pauses a {}, or resumes a paused one from now on. `PATCH` with `active` sets either.", Q::FIELDS.noun);
    let toggle = OperationSpec {
        answer: Some(NamedSchema::of::<Q::Answer>()),
        refusals: &[404],
        ..operation(one_operation::<Q>("toggle"), summary)
    };
    DescribedRoute::new(format!("{}/{{id}}/toggle", Q::PATH)).on(HttpMethod::Post, handlers::toggle::<Q>, TAG, toggle)
}

fn run_route<Q: QueryResource>() -> DescribedRoute {
    let summary = format!("Lists what a {} finds among the listings of the last 30 days.", Q::FIELDS.noun);
    let run = OperationSpec {
        answer: Some(NamedSchema::of::<PreviewView<'_>>()),
        refusals: &[404, 429],
        ..operation(one_operation::<Q>("run"), summary)
    };
    DescribedRoute::new(format!("{}/{{id}}/run", Q::PATH)).on(HttpMethod::Post, handlers::run::<Q>, TAG, run)
}
fn one_operation<Q: QueryResource>(verb: &str) -> String {
    format!("{verb}{}", Q::OPERATION_NOUNS.0)
}

fn operation(id: String, summary: String) -> OperationSpec {
    OperationSpec { id, summary, body: None, status: StatusCode::OK, answer: None, refusals: &[] }
}

/// Returns the body of a preview or a check; it shares the schema of creation if they are equal.
fn preview_body<Q: QueryResource>() -> NamedSchema {
    let schema = request_schema::<Q>(RequestKind::Preview);
    // Generated clients would otherwise have two types of the same content.
    if schema == request_schema::<Q>(RequestKind::Create) {
        return NamedSchema::of::<RequestBody<Q>>();
    }
    NamedSchema::new(format!("{}Preview", Q::FIELDS.schema_name), schema)
}
