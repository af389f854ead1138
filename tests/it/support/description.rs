//! What the API's description, docs/openapi.json, says of an answer.

use std::collections::{HashMap, HashSet};
use std::sync::{LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// As it is committed; a test of its own holds it to what is served.
static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| {
    let text = include_str!("../../../docs/openapi.json");
    Description { document: strict(serde_json::from_str(text).unwrap()), validators: Mutex::default() }
});

/// The description itself, and the page for people that shows it.
const OF_THE_DESCRIPTION: [&str; 2] = ["/api/openapi.json", "/api/docs"];
/// What is answered beyond what each operation describes: to paths and methods that there are none of.
const UNDESCRIBED: [u16; 2] = [404, 405];

struct Description {
    document: Value,
    /// By the JSON pointer of a schema.
    validators: Mutex<HashMap<String, &'static Validator>>,
}

/// Checks the answer to a request of the API against its description; other addresses have none.
///
/// # Panics
/// When the operation, the status or the media type is not described, or the body is not as its schema says.
#[track_caller]
pub fn check(method: &str, path: &str, status: u16, media_type: &str, body: &str) {
    if !path.starts_with("/api/") || OF_THE_DESCRIPTION.contains(&path) || method == "OPTIONS" {
        return;
    }
    let what = format!("{method} {path} was answered {status} {media_type}");
    let media_type = media_type.split(';').next().unwrap().trim();
    let pointer = match DESCRIPTION.response(method, path, status) {
        Some(response) => response,
        None if UNDESCRIBED.contains(&status) => "/components/schemas/Problem".to_owned(),
        None => panic!("{what}, which docs/openapi.json does not describe"),
    };
    let described = DESCRIPTION.document.pointer(&pointer).unwrap();
    let schema = match described.get("content") {
        None if pointer.ends_with("/Problem") => pointer,
        None => {
            assert!(body.is_empty(), "{what} with a body, of which docs/openapi.json says nothing: {body}");
            return;
        }
        Some(content) => {
            assert!(content.get(media_type).is_some(), "{what}; docs/openapi.json describes {content}");
            format!("{pointer}/content/{}/schema", media_type.replace('/', "~1"))
        }
    };
    // Of lines, events and pages the description has the media type, and a schema only in words.
    if !["application/json", "application/problem+json"].contains(&media_type) {
        return;
    }
    let value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{what}: {error} in {body}"));
    let validator = DESCRIPTION.validator(&schema);
    let errors: Vec<String> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}, not as docs/openapi.json says:\n{}\n{value}", errors.join("\n"));
}

impl Description {
    /// The JSON pointer of what is said of a status of an operation.
    fn response(&self, method: &str, path: &str, status: u16) -> Option<String> {
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
        paths[template].get(&method)?["responses"].get(status.to_string())?;
        Some(format!("/paths/{}/{method}/responses/{status}", template.replace('/', "~1")))
    }

    fn validator(&self, pointer: &str) -> &'static Validator {
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        validators.entry(pointer.to_owned()).or_insert_with(|| {
            // References in it are to the whole document.
            let mut schema = self.document.clone();
            schema["$ref"] = json!(format!("#{}", pointer.replace('{', "%7B").replace('}', "%7D")));
            Box::leak(Box::new(jsonschema::draft202012::new(&schema).unwrap()))
        })
    }
}

/// The description with objects that have what is described and nothing else.
fn strict(mut document: Value) -> Value {
    let parts = parts(&document);
    close(&mut document["components"]["schemas"], &parts);
    document
}

/// The names of schemas that are part of others by `allOf`; what the others add is not theirs to refuse.
fn parts(document: &Value) -> HashSet<String> {
    let mut found = HashSet::new();
    each(document, &mut |schema| {
        let members = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        let references = members.filter_map(|member| member["$ref"].as_str());
        found.extend(references.map(|reference| reference.rsplit('/').next().unwrap().to_owned()));
    });
    found
}

fn each(value: &Value, look: &mut impl FnMut(&Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            look(object);
            object.values().for_each(|value| each(value, look));
        }
        Value::Array(items) => items.iter().for_each(|item| each(item, look)),
        _ => {}
    }
}

fn close(schemas: &mut Value, parts: &HashSet<String>) {
    for (name, schema) in schemas.as_object_mut().unwrap() {
        let is_object = schema.get("properties").is_some() || schema.get("allOf").is_some();
        if is_object && schema.get("additionalProperties").is_none() && !parts.contains(name) {
            schema["unevaluatedProperties"] = json!(false);
        }
    }
}
