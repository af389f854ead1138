//! What the description says of events: the schemas of their payloads, and which belongs to which event.

use serde_json::{Map, Value};
use superbot_wire::{data_schemas, event_schemas};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::schema::{Object, ObjectBuilder, Schema, Type};
use utoipa::openapi::{OpenApi, RefOr};

/// Adds the payloads to the components, and `x-events`, a map from an event's name to the schema of its payload.
pub(super) fn describe(openapi: &mut OpenApi) {
    let events = event_schemas();
    let components = openapi.components.get_or_insert_default();
    let payloads = events.iter().flat_map(|event| &event.payload.components);
    let data = data_schemas();
    components.schemas.extend(payloads.chain(data.iter().flat_map(|(_, schema)| &schema.components)).cloned());
    for event in events.iter().filter(|event| event.is_logged) {
        if let Some(RefOr::T(Schema::Object(payload))) = components.schemas.get_mut(&event.payload.name) {
            add_seq(payload);
        }
    }
    let names: Map<String, Value> =
        events.iter().map(|event| (event.event.to_owned(), event.payload.reference())).collect();
    let extension = ExtensionsBuilder::new().add("x-events", names).build();
    match &mut openapi.extensions {
        Some(extensions) => extensions.merge(extension),
        none => *none = Some(extension),
    }
}

/// The hub appends the place in the log to the payload; the same object elsewhere does not have it.
fn add_seq(payload: &mut Object) {
    let description = "In an event, its place in the log.";
    let seq = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).description(Some(description));
    payload.properties.insert("seq".to_owned(), seq.into());
}
