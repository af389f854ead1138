//! The committed OpenAPI document matches the server.

use std::collections::BTreeSet;
use std::panic::{UnwindSafe, catch_unwind};
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Server, check_acknowledgement, check_acknowledgement_unmodified, check_event};

#[tokio::test]
async fn the_committed_description_is_current() {
    let running = Server::start().await;
    let described = running.http().get("/api/openapi.json").await.ok();
    let served = serde_json::to_string_pretty(&described).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &served).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let how = "docs/openapi.json is out of date: run `UPDATE_OPENAPI=1 cargo test --test it openapi`";
    assert!(committed == served, "{how}");
}

/// Checks that an event is rejected with a message that contains `reason`.
fn refuses(name: &str, payload: &Value, reason: &str) {
    fails_with(reason, || check_event(name, payload));
}

/// Runs a check that must panic with a message that contains `reason`.
fn fails_with(reason: &str, check: impl FnOnce() + UnwindSafe) {
    let refused = catch_unwind(check).unwrap_err();
    let said = refused.downcast_ref::<String>().unwrap();
    assert!(said.contains(reason), "{said}");
}

#[test]
fn the_check_of_events_refuses_what_is_not_described() {
    let read = json!({"ids": [1], "unread": 0, "seq": 7});
    check_event("notification_read", &read);
    refuses("notification_unread", &read, "has no event");
    for (field, value, reason) in [("seq", json!(0), "minimum"), ("undescribed", json!(1), "Unevaluated")] {
        let mut wrong = read.clone();
        wrong[field] = value;
        refuses("notification_read", &wrong, reason);
    }
    for field in ["ids", "seq"] {
        let mut wrong = read.clone();
        wrong.as_object_mut().unwrap().remove(field);
        refuses("notification_read", &wrong, "required");
    }
    let pong = json!({"timestamp": "2026-01-31T10:30:00Z"});
    check_event("pong", &pong);
    refuses("pong", &json!({"timestamp": "yesterday"}), "date-time");
    refuses("pong", &json!({"timestamp": "2026-01-31T10:30:00Z", "seq": 7}), "Unevaluated");
    let status = json!({"timestamp": "2026-01-31T10:30:00Z", "ksl": true});
    check_event("scraper_status_update", &status);
    let mut notification =
        json!({"id": 1, "type": "custom", "data": {}, "timestamp": "2026-01-31T10:30:00Z", "seq": 7});
    check_event("notification", &notification);
    for own in ["price_alert", "saved_search", "source_status"] {
        notification["type"] = json!(own);
        refuses("notification", &notification, "required");
    }
}

#[test]
fn the_check_of_acknowledgements_refuses_what_is_not_described() {
    let refused = json!({"ok": false, "code": "unknown_event", "message": "there is no such event"});
    check_acknowledgement("ping", &json!({"ok": true}));
    check_acknowledgement("ping", &json!({"ok": false, "code": "rate_limited", "message": "too many events"}));
    check_acknowledgement("notification_read", &json!({"ok": true, "unread": 0}));
    check_acknowledgement("no_such_event", &refused);
    let mut accepted = refused.clone();
    accepted["ok"] = json!(true);
    let wrong = [
        ("ping", json!({"ok": true, "unread": 0}), "not valid under any"),
        ("ping", json!({"ok": false}), "not valid under any"),
        ("notification_read", json!({"ok": true}), "not valid under any"),
        ("no_such_event", json!({"ok": false}), "required"),
        ("no_such_event", accepted, "true is not one of false"),
    ];
    for (event, acknowledgement, reason) in wrong {
        fails_with(reason, || check_acknowledgement(event, &acknowledgement));
    }
}

#[test]
fn an_acknowledgement_matches_one_schema_of_the_description_as_it_is_served() {
    check_acknowledgement_unmodified("ping", &json!({"ok": true}));
    let refused = json!({"ok": false, "code": "rate_limited", "message": "too many events"});
    check_acknowledgement_unmodified("ping", &refused);
}

/// Bodies of publishers, who send whatever their source provides, and bodies whose fields are the content.
const OPEN_BODIES: [&str; 5] = [
    "/api/listings",
    "/api/preferences",
    "/api/scraper-status",
    "/api/system-messages",
    "/api/users/{username}/notifications",
];

#[tokio::test]
async fn unknown_fields_of_all_other_bodies_are_refused_by_name() {
    let server = Server::start().await;
    server.add_user("root", true).await;
    let root = server.http().signed_in("root").await;
    let described = root.get("/api/openapi.json").await.ok();
    let schema_of = |operation: &Value| {
        let schema = operation["requestBody"]["content"]["application/json"]["schema"].clone();
        let name = schema["$ref"].as_str().map(|reference| reference.rsplit('/').next().unwrap().to_owned());
        name.map_or(schema, |name| described["components"]["schemas"][name].clone())
    };
    let mut refused = 0;
    for (path, item) in described["paths"].as_object().unwrap() {
        if OPEN_BODIES.contains(&path.as_str()) {
            continue;
        }
        for (method, operation) in item.as_object().unwrap() {
            let schema = schema_of(operation);
            if schema["type"] != "object" {
                continue;
            }
            assert_eq!(schema["additionalProperties"], false, "{method} {path}");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let address = path.replace("{name}", "ksl").replace("{id}", "1").replace("{listing_id}", "1");
            let body = json!({"no_such_field": 1});
            let answer = root.send(root.request(method.clone(), &address).json(&body)).await;
            // What does not exist is not found, whatever is sent to it; checks answer with the errors.
            if answer.status != 404 {
                assert!(answer.status == 422 || path.ends_with("/check"), "{method} {path}: {}", answer.body);
                assert_eq!(answer.body["errors"][0]["field"], "no_such_field", "{path}");
                refused += 1;
            }
        }
    }
    assert!(refused >= 16, "{refused} bodies were refused");
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own() {
    let server = Server::start().await;
    let described = server.http().get("/api/openapi.json").await.ok();
    let mut names = BTreeSet::new();
    for (method, address, operation) in operations(&described) {
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name), "{method} {address} is another {name}");
        let is_speaking = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.contains(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric());
        assert!(is_speaking, "{method} {address} is {name}; give it a verb and a noun, such as listPriceAlerts");
    }
}

/// Returns all operations with an example path for each.
fn operations(described: &Value) -> Vec<(Method, String, &Value)> {
    let paths = described["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let address = path.replace("{name}", "ksl").replace("{username}", "ann");
        let address = address.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
        let address = address.collect::<Vec<_>>().join("/");
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| (method.to_uppercase().parse().unwrap(), address.clone(), operation))
    });
    operations.collect()
}

#[tokio::test]
async fn the_description_says_which_operations_need_a_credential() {
    let server = Server::start().await;
    let described = server.http().get("/api/openapi.json").await.ok();
    for (method, address, operation) in operations(&described) {
        let security = operation["security"].as_array().unwrap();
        let request = server.http().request(method.clone(), &address).json(&Value::Object(serde_json::Map::new()));
        let answer = server.http().send(request).await;
        let name = format!("{method} {address}");
        if security.is_empty() {
            assert_ne!(answer.status, 401, "{name} is said to be public");
        } else {
            assert_eq!(answer.refused(401), "unauthenticated", "{name}");
            let schemes: Vec<&String> = security.iter().flat_map(|scheme| scheme.as_object().unwrap().keys()).collect();
            assert_eq!(schemes, ["token", "session"], "{name}");
        }
    }
}

#[tokio::test]
async fn the_description_lists_the_refusals_of_every_operation() {
    let server = Server::start().await;
    let described = server.http().get("/api/openapi.json").await.ok();
    for (method, address, operation) in operations(&described) {
        let responses = operation["responses"].as_object().unwrap();
        let name = format!("{method} {address}");
        let has_body = operation.get("requestBody").is_some();
        let is_public = operation["security"].as_array().unwrap().is_empty();
        for (status, applies) in [
            ("401", !is_public),
            ("403", !is_public),
            ("400", has_body),
            ("408", has_body),
            ("415", has_body),
            ("413", has_body),
            ("422", has_body),
            ("429", true),
            ("503", true),
            ("507", !method.is_safe()),
        ] {
            assert!(!applies || responses.contains_key(status), "{name} does not list {status}");
        }
        for (status, response) in responses.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
            let types: Vec<&String> = response["content"].as_object().unwrap().keys().collect();
            assert_eq!(types, ["application/problem+json"], "{name} {status}");
            assert!(!response["description"].as_str().unwrap().is_empty(), "{name} {status}");
        }
        if method == Method::PATCH {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let reference = schema["$ref"].as_str().map(|reference| reference.trim_start_matches('#'));
            let schema = reference.map_or(schema, |reference| described.pointer(reference).unwrap());
            assert!(schema.get("required").is_none(), "{name} takes what changes: {schema}");
        }
    }
}
