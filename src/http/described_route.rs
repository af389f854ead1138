//! Routes with an API description built from values, for handlers that several resources share.

use std::sync::Arc;

use axum::handler::Handler;
use axum::routing::MethodRouter;
use http::StatusCode;
use utoipa::ToSchema;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, Paths};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{Ref, RefOr, Required};
use utoipa_axum::PathItemExt as _;
use utoipa_axum::router::UtoipaMethodRouter;

use super::api::ApiState;

/// The operations of one path, with their description.
pub struct DescribedRoute {
    path: String,
    schemas: Vec<(String, RefOr<Schema>)>,
    paths: Paths,
    router: MethodRouter<Arc<ApiState>>,
}

/// Description of one operation. What all operations have in common is added to the complete document.
pub struct OperationSpec {
    /// `operationId`, unique within the API.
    pub id: String,
    /// One sentence.
    pub summary: String,
    pub body: Option<NamedSchema>,
    /// Status of a successful response.
    pub status: StatusCode,
    /// Schema of the successful response's body.
    pub answer: Option<NamedSchema>,
    /// Error statuses specific to this operation.
    pub refusals: &'static [u16],
}

/// A schema with its name among the document's components.
#[derive(Clone)]
pub struct NamedSchema {
    name: String,
    schema: RefOr<Schema>,
    references: Vec<(String, RefOr<Schema>)>,
}

impl NamedSchema {
    /// Creates a schema without references to others.
    pub fn new(name: impl Into<String>, schema: RefOr<Schema>) -> Self {
        Self { name: name.into(), schema, references: Vec::new() }
    }

    /// Returns the schema of a type, with those it refers to.
    pub fn of<T: ToSchema>() -> Self {
        let mut references = Vec::new();
        T::schemas(&mut references);
        Self { references, ..Self::new(T::name(), T::schema()) }
    }
    pub fn reference(&self) -> RefOr<Schema> {
        RefOr::Ref(Ref::from_schema_name(&self.name))
    }
}

impl DescribedRoute {
    /// Creates a path without operations; its `{...}` parameters are integers.
    pub fn new(path: String) -> Self {
        Self { path, schemas: Vec::new(), paths: Paths::new(), router: MethodRouter::new() }
    }
    #[must_use]
    pub fn on<H, T>(mut self, method: HttpMethod, handler: H, tag: &str, spec: OperationSpec) -> Self
    where
        H: Handler<T, Arc<ApiState>>,
        T: 'static,
    {
        let mut operation = OperationBuilder::new().operation_id(Some(spec.id)).summary(Some(spec.summary)).tag(tag);
        for name in numbers_in(&self.path) {
            operation = operation.parameter(number_in_path(name));
        }
        if let Some(body) = spec.body {
            let content = self.content(body);
            let body = RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True));
            operation = operation.request_body(Some(body.build()));
        }
        let mut success = ResponseBuilder::new().description(spec.status.canonical_reason().unwrap_or_default());
        if let Some(answer) = spec.answer {
            success = success.content("application/json", self.content(answer));
        }
        operation = operation.response(spec.status.as_str(), success.build());
        for status in spec.refusals {
            // `docs::completion` adds the description, and the schema of problems.
            operation = operation.response(status.to_string(), Response::new(""));
        }
        self.router = self.router.on(method.to_method_filter(), handler);
        self.paths.add_path_operation(&self.path, vec![method], operation);
        self
    }

    /// Returns the operations in the form that the router accepts.
    pub fn build(self) -> UtoipaMethodRouter<Arc<ApiState>> {
        (self.schemas, self.paths, self.router)
    }

    fn content(&mut self, body: NamedSchema) -> utoipa::openapi::Content {
        let content = ContentBuilder::new().schema(Some(body.reference())).build();
        self.schemas.extend(body.references);
        self.schemas.push((body.name, body.schema));
        content
    }
}

fn numbers_in(path: &str) -> Vec<String> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(str::to_owned).collect()
}

fn number_in_path(name: String) -> ParameterBuilder {
    let number =
        ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
    ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True).schema(Some(number))
}
