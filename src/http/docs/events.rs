//! Describes events: the schemas of their payloads, by event.

use serde_json::{Map, Value, json};
use superbot_domain::EventKind;
use superbot_wire::{ComponentSchema, EventSchema, acknowledgement_schemas, data_schemas, event_schemas};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Components, OpenApi, RefOr};

/// Adds the payloads' components, and two maps: `x-events` from an event's name to the schema of its payload, and
/// `x-acknowledgements` from the name of an event sent by clients to the schema of its acknowledgement.
pub(super) fn describe(openapi: &mut OpenApi) {
    let events = event_schemas();
    let acknowledgements = acknowledgement_schemas();
    let data = data_schemas();
    let components = openapi.components.get_or_insert_default();
    let payloads = events.iter().map(|event| &event.payload);
    let answers = acknowledgements.iter().flat_map(|acknowledged| &acknowledged.answers);
    for described in payloads.chain(answers).chain(data.iter().map(|(_, schema)| schema)) {
        for (name, schema) in &described.components {
            add_component(components, name, schema);
        }
    }
    let events: Map<String, Value> =
        events.iter().map(|event| (event.event.to_owned(), payload_schema(event))).collect();
    let acknowledgements: Map<String, Value> = acknowledgements
        .iter()
        .map(|acknowledged| {
            let answers = acknowledged.answers.each_ref().map(ComponentSchema::reference);
            (acknowledged.event.to_owned(), json!({ "oneOf": answers }))
        })
        .collect();
    let extension =
        ExtensionsBuilder::new().add("x-events", events).add("x-acknowledgements", acknowledgements).build();
    match &mut openapi.extensions {
        Some(extensions) => extensions.merge(extension),
        none => *none = Some(extension),
    }
}

/// Adds a component, rejecting a second type of the same name, which would be described as the first one.
fn add_component(components: &mut Components, name: &str, schema: &RefOr<Schema>) {
    let known = components.schemas.entry(name.to_owned()).or_insert_with(|| schema.clone());
    // At startup and in tests only: the schemas are constant.
    assert!(known == schema, "two schemas of the API's description are named {name}");
}

/// Returns the payload as received by clients. The hub appends `seq` to events from the log; the components lack it, because
/// they also describe parts of responses.
fn payload_schema(event: &EventSchema) -> Value {
    let payload = event.payload.reference();
    match event.kind {
        // This status is also sent outside of the log, on subscription, so its own schema describes when `seq` is present.
        None | Some(EventKind::ScraperStatus) => payload,
        Some(_) => {
            let seq = json!({
                "type": "integer", "format": "int64", "minimum": 1, "description": "The event's sequence number in the log.",
            });
            let with_seq = json!({ "type": "object", "required": ["seq"], "properties": { "seq": seq } });
            json!({ "allOf": [payload, with_seq] })
        }
    }
}

#[cfg(test)]
mod tests {
    use utoipa::openapi::schema::{ObjectBuilder, Type};

    use super::*;

    #[test]
    #[should_panic(expected = "two schemas of the API's description are named Thing")]
    fn two_components_of_one_name_are_refused() {
        let mut components = Components::new();
        for schema_type in [Type::Object, Type::String] {
            add_component(&mut components, "Thing", &ObjectBuilder::new().schema_type(schema_type).into());
        }
    }
}
