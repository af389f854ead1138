//! Completes the description of every operation with its authentication, and the errors of shared code.
//!
//! Both are derived from the operation's shape, so that new operations are described correctly without repeating them.

use http::{Method, StatusCode};
use serde_json::json;
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{OpenApi, Ref, RefOr, SecurityRequirement};

/// Operations without authentication, as method and path.
const PUBLIC: [&str; 6] = [
    "GET /api/auth/options",
    "POST /api/auth/login",
    "POST /api/auth/logout",
    "POST /api/auth/register",
    "POST /api/auth/reset",
    "POST /api/setup",
];

/// Extension of a media type with the schema of each item of a stream.
const ITEM_SCHEMA: &str = "x-item-schema";

/// Properties of an operation that determine its possible errors.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OperationTrait {
    Any,
    /// Requires a credential.
    Secured,
    /// Uses a method that is not safe (RFC 9110, section 9.2.1).
    Writes,
    HasBody,
    HasPath,
    HasQuery,
    /// Accepts an `Idempotency-Key`.
    Idempotent,
}

/// Errors of shared code: the status, its description, and the traits of which one suffices.
const REFUSALS: [(&str, &str, &[OperationTrait]); 12] = [
    ("400", "The request cannot be read", &[OperationTrait::HasBody, OperationTrait::HasQuery]),
    ("401", "No valid credential", &[OperationTrait::Secured]),
    (
        "403",
        "The credential does not permit this, or the request is from a page of another site",
        &[OperationTrait::Secured, OperationTrait::Writes],
    ),
    ("404", "The resource does not exist, or is not visible to the caller", &[OperationTrait::HasPath]),
    ("408", "The body was not complete in time", &[OperationTrait::HasBody]),
    ("409", "The Idempotency-Key was used for another request", &[OperationTrait::Idempotent]),
    ("413", "The body is too large", &[OperationTrait::HasBody]),
    ("415", "With a session cookie, a body whose type a page of another site could send", &[OperationTrait::HasBody]),
    (
        "422",
        "A field or a parameter is invalid",
        &[OperationTrait::HasBody, OperationTrait::HasQuery, OperationTrait::Idempotent],
    ),
    ("429", "Too many requests, or too many responses not read yet", &[OperationTrait::Any]),
    ("503", "Temporarily unavailable; the request can be retried", &[OperationTrait::Any]),
    ("507", "The disk is full", &[OperationTrait::Writes]),
];

/// Completes the description of every operation.
pub(super) fn complete(openapi: &mut OpenApi) {
    for (path, item) in &mut openapi.paths.paths {
        for (method, operation) in operations(item) {
            let is_public = PUBLIC.contains(&format!("{method} {path}").as_str());
            operation.security = Some(security(is_public));
            add_refusals(operation, &traits(&method, operation, is_public));
            for response in operation.responses.responses.values_mut() {
                let RefOr::T(response) = response else { continue };
                response.content.values_mut().for_each(extend_item_schema);
            }
        }
    }
}

/// Moves the schema of a stream's items into an extension: `itemSchema` is defined from `OpenAPI` 3.2 on, and invalid in
/// documents of version 3.1.
fn extend_item_schema(content: &mut RefOr<Content>) {
    let RefOr::T(content) = content else { return };
    let Some(schema) = content.item_schema.take() else { return };
    let extension = ExtensionsBuilder::new().add(ITEM_SCHEMA, json!(schema)).build();
    match &mut content.extensions {
        Some(extensions) => extensions.merge(extension),
        none => *none = Some(extension),
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let methods = [
        (Method::GET, &mut item.get),
        (Method::PUT, &mut item.put),
        (Method::POST, &mut item.post),
        (Method::PATCH, &mut item.patch),
        (Method::DELETE, &mut item.delete),
    ];
    methods.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn security(is_public: bool) -> Vec<SecurityRequirement> {
    let none: [&str; 0] = [];
    if is_public { Vec::new() } else { ["token", "session"].map(|name| SecurityRequirement::new(name, none)).into() }
}

fn traits(method: &Method, operation: &Operation, is_public: bool) -> Vec<OperationTrait> {
    let parameters: Vec<&Parameter> = operation
        .parameters
        .iter()
        .flatten()
        .filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        })
        .collect();
    let has = |place: &ParameterIn| parameters.iter().any(|parameter| parameter.parameter_in == *place);
    let is_idempotent = parameters.iter().any(|parameter| parameter.name == "Idempotency-Key");
    let held = [
        (OperationTrait::Any, true),
        (OperationTrait::Secured, !is_public),
        (OperationTrait::Writes, !method.is_safe()),
        (OperationTrait::HasBody, operation.request_body.is_some()),
        (OperationTrait::HasPath, has(&ParameterIn::Path)),
        (OperationTrait::HasQuery, has(&ParameterIn::Query)),
        (OperationTrait::Idempotent, is_idempotent),
    ];
    held.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name).collect()
}

/// Adds the errors that the operation does not list itself, and makes all of them problem documents.
fn add_refusals(operation: &mut Operation, traits: &[OperationTrait]) {
    let responses = &mut operation.responses.responses;
    for (status, description, of) in REFUSALS {
        if !of.iter().any(|name| traits.contains(name)) {
            continue;
        }
        // An operation's own description of a status is more specific, and is kept.
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(Response::new(description)));
    }
    for (status, response) in responses {
        let RefOr::T(given) = response else { continue };
        if given.description.is_empty() {
            reason(status).clone_into(&mut given.description);
        }
        if status.starts_with(['4', '5']) {
            *response = RefOr::T(problem(status, given));
        }
    }
}
fn reason(status: &str) -> &'static str {
    StatusCode::from_bytes(status.as_bytes()).ok().and_then(|status| status.canonical_reason()).unwrap_or("Other")
}

fn problem(status: &str, given: &Response) -> Response {
    let schema = Some(RefOr::Ref(Ref::from_schema_name("Problem")));
    let content = ContentBuilder::new().schema(schema).build();
    let mut problem =
        ResponseBuilder::new().description(&given.description).content("application/problem+json", content);
    // Problems with these statuses may carry the header.
    if matches!(status, "429" | "503") {
        let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build();
        let header =
            HeaderBuilder::new().schema(Some(seconds)).description(Some("Seconds until a retry makes sense")).build();
        problem = problem.header("Retry-After", header);
    }
    problem.build()
}
