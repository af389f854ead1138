//! What the description says of every operation: who may call it, and the refusals that come from what all handlers share.
//!
//! It is worked out from the shape of each operation, so that a new one is described right without naming them again.

use http::{Method, StatusCode};
use serde_json::json;
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{OpenApi, Ref, RefOr, SecurityRequirement};

/// The operations that need no credential, as method and path.
const PUBLIC: [&str; 6] = [
    "GET /api/auth/options",
    "POST /api/auth/login",
    "POST /api/auth/logout",
    "POST /api/auth/register",
    "POST /api/auth/reset",
    "POST /api/setup",
];

/// The extension of a media type that has the schema of each item of a stream.
const ITEM_SCHEMA: &str = "x-item-schema";

/// What about an operation decides how a request for it may be refused.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OperationTrait {
    /// Every operation.
    Any,
    /// It needs a credential.
    Secured,
    /// It changes something.
    Writes,
    HasBody,
    HasPath,
    HasQuery,
    /// It takes an `Idempotency-Key`.
    Idempotent,
}

/// The refusals that operations share: a status, what it means, and the traits of which one is enough.
const REFUSALS: [(&str, &str, &[OperationTrait]); 12] = [
    ("400", "The request cannot be read", &[OperationTrait::HasBody, OperationTrait::HasQuery]),
    ("401", "No valid credential", &[OperationTrait::Secured]),
    (
        "403",
        "The credential does not allow this, or a page of another site asks for it",
        &[OperationTrait::Secured, OperationTrait::Writes],
    ),
    ("404", "There is no such thing, or it is not the caller's to see", &[OperationTrait::HasPath]),
    ("408", "The body was not complete in time", &[OperationTrait::HasBody]),
    ("409", "The Idempotency-Key was used for another request", &[OperationTrait::Idempotent]),
    ("413", "The body is too large", &[OperationTrait::HasBody]),
    ("415", "With a session cookie, a body whose type a page of another site could send", &[OperationTrait::HasBody]),
    (
        "422",
        "A field or a parameter is not right",
        &[OperationTrait::HasBody, OperationTrait::HasQuery, OperationTrait::Idempotent],
    ),
    ("429", "Too many requests, or too many answers not read yet", &[OperationTrait::Any]),
    ("503", "The server cannot do it now; trying again is right", &[OperationTrait::Any]),
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

/// Turns the schema of each item of a stream into an extension: the keyword `itemSchema` came with `OpenAPI` 3.2, and documents of
/// 3.1 that have it are invalid.
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

/// Adds the refusals that the operation does not name itself, and gives all of them the form of a problem document.
fn add_refusals(operation: &mut Operation, traits: &[OperationTrait]) {
    let responses = &mut operation.responses.responses;
    for (status, description, of) in REFUSALS {
        if !of.iter().any(|name| traits.contains(name)) {
            continue;
        }
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

/// The standard's own words for a status.
fn reason(status: &str) -> &'static str {
    StatusCode::from_bytes(status.as_bytes()).ok().and_then(|status| status.canonical_reason()).unwrap_or("Other")
}

fn problem(status: &str, given: &Response) -> Response {
    let schema = Some(RefOr::Ref(Ref::from_schema_name("Problem")));
    let content = ContentBuilder::new().schema(schema).build();
    let mut problem =
        ResponseBuilder::new().description(&given.description).content("application/problem+json", content);
    if matches!(status, "429" | "503") {
        let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build();
        let header =
            HeaderBuilder::new().schema(Some(seconds)).description(Some("Seconds until trying again is right")).build();
        problem = problem.header("Retry-After", header);
    }
    problem.build()
}
