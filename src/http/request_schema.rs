//! JSON schemas of request bodies, generated from the field tables that parse them.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde_json::Value;
use superbot_domain::{
    FieldSchema, FieldSpec, NewListing, NewSystemMessage, NotesChange, NotificationDraft, RequestKind, RequestResource,
    UnknownFields,
};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

/// Schema of a request that creates a resource.
pub struct RequestBody<R>(PhantomData<R>);

/// Schema of a request that changes a resource (JSON Merge Patch, RFC 7396).
pub struct ChangeBody<R>(PhantomData<R>);

/// Body for publishing a listing.
pub type ListingFields = RequestBody<NewListing>;
/// Body for sending a notification.
pub type NotificationFields = RequestBody<NotificationDraft>;
/// Body for sending a message to all users.
pub type SystemMessageFields = RequestBody<NewSystemMessage>;
/// Body for adding a favourite.
pub type FavoriteNotes = RequestBody<NotesChange>;

impl<R: RequestResource> PartialSchema for RequestBody<R> {
    fn schema() -> RefOr<Schema> {
        request_schema::<R>(RequestKind::Create)
    }
}

impl<R: RequestResource> ToSchema for RequestBody<R> {
    fn name() -> Cow<'static, str> {
        R::FIELDS.schema_name.into()
    }
}

impl<R: RequestResource> PartialSchema for ChangeBody<R> {
    fn schema() -> RefOr<Schema> {
        request_schema::<R>(RequestKind::Change)
    }
}

impl<R: RequestResource> ToSchema for ChangeBody<R> {
    fn name() -> Cow<'static, str> {
        format!("{}Patch", R::FIELDS.schema_name).into()
    }
}
pub fn request_schema<R: RequestResource>(request: RequestKind) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().schema_type(Type::Object).description(Some(description::<R>(request)));
    if R::FIELDS.unknown == UnknownFields::Refused {
        object = object.additional_properties(Some(AdditionalProperties::FreeForm(false)));
    }
    for spec in R::FIELDS.specs(request) {
        object = object.property(spec.name, field_schema(spec, request));
        if request != RequestKind::Change && spec.presence.requirement(request).is_some() {
            object = object.required(spec.name);
        }
    }
    RefOr::T(object.into())
}

/// Returns the description of the resource, or the rules for absent fields.
fn description<R: RequestResource>(request: RequestKind) -> String {
    match request {
        RequestKind::Create | RequestKind::Preview => R::FIELDS.docs.to_owned(),
        RequestKind::Change => format!(
            "Changes of a {}. Fields that are left out stay as they are; null takes one back to its default.",
            R::FIELDS.noun
        ),
    }
}

fn field_schema(spec: &FieldSpec, request: RequestKind) -> Schema {
    // Fields without a requirement may be null.
    let is_nullable = spec.presence.requirement(request).is_none();
    let typed = |kind: Type| {
        if is_nullable { SchemaType::from_iter([kind, Type::Null]) } else { SchemaType::new(kind) }
    };
    let object = |kind| ObjectBuilder::new().schema_type(typed(kind));
    let described = |object: ObjectBuilder| object.description(Some(spec.docs)).build().into();
    match spec.schema {
        FieldSchema::Text => described(object(Type::String)),
        FieldSchema::BoundedText { min_chars, max_chars } => {
            described(object(Type::String).min_length(Some(min_chars)).max_length(Some(max_chars)))
        }
        FieldSchema::Amount => described(object(Type::Number).minimum(Some(0))),
        FieldSchema::WholeNumber { max } => described(object(Type::Integer).minimum(Some(0)).maximum(Some(max))),
        FieldSchema::Flag => described(object(Type::Boolean)),
        FieldSchema::Choice(names) => {
            let null = is_nullable.then_some(Value::Null);
            let values = names.iter().copied().map(Value::from).chain(null);
            described(object(Type::String).enum_values(Some(values)))
        }
        FieldSchema::TextList => {
            let items = ObjectBuilder::new().schema_type(Type::String);
            ArrayBuilder::new().schema_type(typed(Type::Array)).items(items).description(Some(spec.docs)).build().into()
        }
        FieldSchema::Object => described(object(Type::Object)),
        FieldSchema::Anything => described(ObjectBuilder::new().schema_type(SchemaType::AnyValue)),
        FieldSchema::Null => described(ObjectBuilder::new().schema_type(Type::Null)),
    }
}
