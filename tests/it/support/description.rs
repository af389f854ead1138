//! Validates responses and events against the OpenAPI document, docs/openapi.json.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use jsonschema::Validator;
use parking_lot::Mutex;
use serde_json::{Value, json};

/// The committed document with the additions of [`strict`].
static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| Description::of(strict(committed())));
/// The committed document.
static UNMODIFIED: LazyLock<Description> = LazyLock::new(|| Description::of(committed()));

/// The document itself, and the page that displays it.
const OF_THE_DESCRIPTION: [&str; 2] = ["/api/openapi.json", "/api/docs"];
/// Statuses for unknown paths and methods.
const NO_OPERATION: [u16; 2] = [404, 405];

/// The list of notifications, and the JSON pointer to the schemas of their data by type.
const NOTIFICATIONS: &str = "/api/notifications";
const DATA_TYPES: &str = "/components/schemas/UserNotification/properties/data/x-types";

struct Description {
    document: Value,
    /// Compiled schemas by JSON pointer.
    validators: Mutex<HashMap<String, &'static Validator>>,
}

/// Validates the response to a request of the API; other paths are ignored.
///
/// # Panics
/// If the operation, status or media type is not described, or the body does not match its schema.
#[track_caller]
pub fn check(method: &str, path: &str, status: u16, media_type: &str, body: &str) {
    let what = format!("{method} {path} was answered {status} {media_type}");
    let Some(described) = described(method, path, status, media_type) else { return };
    let Some(media_type) = described.media_type else {
        assert!(body.is_empty(), "{what} with a body, of which docs/openapi.json says nothing: {body}");
        return;
    };
    let schema = format!("{}/content/{}", described.pointer, media_type.replace('/', "~1"));
    match media_type.as_str() {
        "application/x-ndjson" => {
            for line in body.lines() {
                let _ = DESCRIPTION.check_text(&what, &format!("{schema}/x-item-schema"), line);
            }
        }
        "application/json" | "application/problem+json" => {
            let value = DESCRIPTION.check_text(&what, &format!("{schema}/schema"), body);
            if path == NOTIFICATIONS && status == 200 {
                value["items"].as_array().unwrap().iter().for_each(|notification| DESCRIPTION.check_data(notification));
            }
        }
        other => panic!("{what}; a body of {other} cannot be checked"),
    }
}

/// Validates the head of a streaming response, whose events are validated one by one.
///
/// # Panics
/// If the operation, status or media type is not described.
#[track_caller]
pub fn check_head(method: &str, path: &str, status: u16, media_type: &str) {
    described(method, path, status, media_type);
}

/// Validates an event sent by the server. The data of its own notification types must match their schemas.
///
/// # Panics
/// If the event is not described, or its payload does not match its schema.
#[track_caller]
pub fn check_event(name: &str, payload: &Value) {
    check_payload(name, payload);
    if name == "notification" {
        DESCRIPTION.check_data(payload);
    }
}

/// Validates an event, but not the data of notifications, for which publishers may use the server's types with other
/// data.
///
/// # Panics
/// If the event is not described, or its payload does not match its schema.
#[track_caller]
pub fn check_payload(name: &str, payload: &Value) {
    let document = &DESCRIPTION.document;
    assert!(document["x-events"].get(name).is_some(), "docs/openapi.json has no event {name}: {payload}");
    DESCRIPTION.check_value(&format!("the event {name}"), &format!("/x-events/{name}"), payload);
}

/// Validates the acknowledgement of a client's event; for an unknown event it must be an error.
///
/// # Panics
/// If the acknowledgement does not match its schema.
#[track_caller]
pub fn check_acknowledgement(event: &str, acknowledgement: &Value) {
    let is_described = DESCRIPTION.document["x-acknowledgements"].get(event).is_some();
    let refused = "/components/schemas/RefusedEvent".to_owned();
    let pointer = if is_described { format!("/x-acknowledgements/{event}") } else { refused };
    DESCRIPTION.check_value(&format!("the acknowledgement of {event}"), &pointer, acknowledgement);
}

/// Validates an acknowledgement against the document as served, as any standard validator would.
///
/// # Panics
/// If the event is not described, or the acknowledgement does not match its schema.
#[track_caller]
pub fn check_acknowledgement_unmodified(event: &str, acknowledgement: &Value) {
    let what = format!("the acknowledgement of {event}");
    UNMODIFIED.check_value(&what, &format!("/x-acknowledgements/{event}"), acknowledgement);
}

/// Description of a response.
struct Described {
    /// JSON pointer of the response.
    pointer: String,
    /// Media type of the body, if there is one.
    media_type: Option<String>,
}

/// Looks up a response; `None` for paths outside the API.
#[track_caller]
fn described(method: &str, path: &str, status: u16, media_type: &str) -> Option<Described> {
    if !path.starts_with("/api/") || OF_THE_DESCRIPTION.contains(&path) || method == "OPTIONS" {
        return None;
    }
    let what = format!("{method} {path} was answered {status} {media_type}");
    let media_type = media_type.split(';').next().unwrap().trim();
    let pointer = match DESCRIPTION.operation(method, path) {
        Some(operation) => format!("{operation}/responses/{status}"),
        None if NO_OPERATION.contains(&status) => "/components/responses/NoOperation".to_owned(),
        None => panic!("{what}, and docs/openapi.json has no such operation"),
    };
    let described = DESCRIPTION.document.pointer(&pointer);
    let described = described.unwrap_or_else(|| panic!("{what}, a status that docs/openapi.json does not describe"));
    let content = described.get("content");
    if let Some(content) = content {
        assert!(content.get(media_type).is_some(), "{what}; docs/openapi.json describes {content}");
    }
    Some(Described { pointer, media_type: content.map(|_| media_type.to_owned()) })
}

/// Loads the committed document; another test compares it with the served one.
fn committed() -> Value {
    serde_json::from_str(include_str!("../../../docs/openapi.json")).unwrap()
}

impl Description {
    fn of(document: Value) -> Self {
        Self { document, validators: Mutex::default() }
    }

    #[track_caller]
    fn check_text(&self, what: &str, pointer: &str, text: &str) -> Value {
        let value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{what}: {error} in {text}"));
        self.check_value(what, pointer, &value);
        value
    }

    /// Validates the data of a notification of one of the server's own types.
    #[track_caller]
    fn check_data(&self, notification: &Value) {
        let kind = notification["type"].as_str().unwrap();
        let types = self.document.pointer(DATA_TYPES).unwrap();
        if types.get(kind).is_some() {
            let what = format!("the data of a notification of type {kind}");
            self.check_value(&what, &format!("{DATA_TYPES}/{kind}"), &notification["data"]);
        }
    }

    #[track_caller]
    fn check_value(&self, what: &str, pointer: &str, value: &Value) {
        assert!(self.document.pointer(pointer).is_some(), "{what}: docs/openapi.json has no {pointer}");
        let errors = self.validator(pointer).iter_errors(value);
        let errors: Vec<String> = errors.map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{what}, not as docs/openapi.json says:\n{}\n{value}", errors.join("\n"));
    }

    /// Returns the JSON pointer of an operation.
    fn operation(&self, method: &str, path: &str) -> Option<String> {
        let paths = self.document["paths"].as_object().unwrap();
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |template: &str| {
            let template: Vec<&str> = template.split('/').collect();
            let same = |(part, template): (&&str, &&str)| template.starts_with('{') || part == template;
            template.len() == parts.len() && parts.iter().zip(&template).all(same)
        };
        let parameters = |template: &&String| template.matches('{').count();
        let template = paths.keys().filter(|template| fits(template)).min_by_key(parameters)?;
        let method = method.to_lowercase();
        paths[template].get(&method)?;
        Some(format!("/paths/{}/{method}", template.replace('/', "~1")))
    }

    fn validator(&self, pointer: &str) -> &'static Validator {
        let mut validators = self.validators.lock();
        validators.entry(pointer.to_owned()).or_insert_with(|| {
            // References in the schema are relative to the whole document.
            let mut schema = self.document.clone();
            schema["$ref"] = json!(format!("#{}", pointer.replace('{', "%7B").replace('}', "%7D")));
            let options = jsonschema::draft202012::options().should_validate_formats(true);
            Box::leak(Box::new(options.build(&schema).unwrap()))
        })
    }
}

/// Makes the document strict: objects may only have described fields, and 404 and 405 are added for unknown operations.
fn strict(mut document: Value) -> Value {
    let mut parts = HashSet::new();
    find_parts(&document, &mut parts);
    for (name, schema) in document["components"]["schemas"].as_object_mut().unwrap() {
        if !parts.contains(name) {
            close(schema);
        }
    }
    document["x-events"].as_object_mut().unwrap().values_mut().for_each(close);
    close_references(&mut document, &parts);
    let problem = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
    document["components"]["responses"]["NoOperation"] = json!({ "content": { "application/problem+json": problem } });
    document
}

/// Forbids additional properties in an object schema.
fn close(schema: &mut Value) {
    let is_object = schema.get("properties").is_some() || schema.get("allOf").is_some();
    if is_object && schema.get("additionalProperties").is_none() {
        schema["unevaluatedProperties"] = json!(false);
    }
}

/// Collects schemas used in `allOf`; they must stay open, as the other parts add fields.
fn find_parts(value: &Value, parts: &mut HashSet<String>) {
    match value {
        Value::Object(object) => {
            let members = object.get("allOf").and_then(Value::as_array).into_iter().flatten();
            parts.extend(members.filter_map(|member| Some(named(member.get("$ref")?)?.to_owned())));
            object.values().for_each(|value| find_parts(value, parts));
        }
        Value::Array(items) => items.iter().for_each(|item| find_parts(item, parts)),
        _ => {}
    }
}

/// Closes such a schema where it is used on its own.
fn close_references(value: &mut Value, parts: &HashSet<String>) {
    match value {
        Value::Object(object) => {
            if object.get("$ref").and_then(named).is_some_and(|name| parts.contains(name)) {
                object.insert("unevaluatedProperties".to_owned(), json!(false));
            }
            for (key, value) in object {
                if key != "allOf" {
                    close_references(value, parts);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| close_references(item, parts)),
        _ => {}
    }
}

/// Returns the schema that a reference names.
fn named(reference: &Value) -> Option<&str> {
    reference.as_str()?.strip_prefix("#/components/schemas/")
}
