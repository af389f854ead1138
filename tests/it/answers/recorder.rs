//! Records requests with their answers by operation, and compares them with the snapshots.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;
use reqwest::Method;
use serde_json::Value;

use crate::support::{Answer, Http, Server};

/// What differs between runs, and what stands for it in the snapshots.
static VARYING: LazyLock<[(Regex, &str); 4]> = LazyLock::new(|| {
    let pattern = |text: &str| Regex::new(text).unwrap();
    [
        (pattern(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "[time]"),
        (pattern(r"sb[a-z]_[A-Za-z0-9_-]{8,43}"), "[secret]"),
        (pattern(r"127\.0\.0\.1:\d+"), "[address]"),
        (
            pattern(
                r#""(requests_today|uptime_seconds|store_bytes|memory_bytes|seq|head|boot|etag|version)": [^,\n]+"#,
            ),
            r#""$1": "[varies]""#,
        ),
    ]
});

/// Requests with their answers, by operation.
pub(super) struct Recorder {
    /// Method, path template and id of each operation.
    operations: Vec<(Method, String, String)>,
    exchanges: BTreeMap<String, String>,
}

impl Recorder {
    pub(super) async fn new(server: &Server) -> Self {
        let described = server.http().get("/api/openapi.json").await.ok();
        let mut operations = Vec::new();
        for (path, item) in described["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
                let Some(id) = operation["operationId"].as_str() else { continue };
                operations.push((method, path.clone(), id.to_owned()));
            }
        }
        Self { operations, exchanges: BTreeMap::new() }
    }

    pub(super) async fn get(&mut self, client: &Http, path: &str) -> Value {
        self.send(client, Method::GET, path, None).await
    }

    /// Sends a POST request, without a body if `body` is null.
    pub(super) async fn post(&mut self, client: &Http, path: &str, body: &Value) -> Value {
        self.send(client, Method::POST, path, Some(body).filter(|body| !body.is_null())).await
    }

    pub(super) async fn patch(&mut self, client: &Http, path: &str, body: &Value) -> Value {
        self.send(client, Method::PATCH, path, Some(body)).await
    }

    pub(super) async fn send(&mut self, client: &Http, method: Method, path: &str, body: Option<&Value>) -> Value {
        let request = client.request(method.clone(), path);
        let request = if let Some(body) = body { request.json(body) } else { request };
        let answer = client.send(request).await;
        let sent = body.map(|body| format!("{body:#}\n")).unwrap_or_default();
        self.record(&method, path, &sent, answer)
    }

    /// Posts a body that is not JSON.
    pub(super) async fn text(&mut self, client: &Http, path: &str, body: &str) -> Value {
        let request = client.request(Method::POST, path).header("content-type", "text/html");
        let answer = client.send(request.body(body.to_owned())).await;
        self.record(&Method::POST, path, &format!("{body}\n"), answer)
    }

    fn record(&mut self, method: &Method, path: &str, sent: &str, answer: Answer) -> Value {
        let id = self.operation(method, path);
        let media_type = answer.headers.get("content-type").map_or("", |value| value.to_str().unwrap());
        let body = if answer.body == "" { String::new() } else { format!("{:#}\n", answer.body) };
        let exchange = self.exchanges.entry(id).or_default();
        let status = answer.status;
        write!(exchange, "> {method} {path}\n{sent}\n< {status} {media_type}\n{body}\n").unwrap();
        answer.body
    }

    fn operation(&self, method: &Method, path: &str) -> String {
        let path = path.split('?').next().unwrap();
        let is_of = |template: &str| {
            let parts = template.split('/').zip(path.split('/'));
            template.split('/').count() == path.split('/').count()
                && parts.into_iter().all(|(template, part)| template == part || template.starts_with('{'))
        };
        let exact = self.operations.iter().filter(|(of, template, _)| of == method && is_of(template));
        // `/api/users/check` is an operation of its own beside `/api/users/{id}`.
        let id = exact.min_by_key(|(_, template, _)| template.matches('{').count()).map(|(.., id)| id.clone());
        id.unwrap_or_else(|| panic!("no operation is {method} {path}"))
    }

    /// Compares the answers with the snapshots, and checks that no operation is missing but those of `others`.
    pub(super) fn compare(self, others: &[&str]) {
        let ids = self.operations.iter().map(|(.., id)| id.as_str());
        let missing: Vec<&str> = ids.filter(|id| !self.exchanges.contains_key(*id) && !others.contains(id)).collect();
        assert!(missing.is_empty(), "add requests of {missing:?}");
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            for (id, exchanges) in self.exchanges {
                let mut text = exchanges;
                for (pattern, placeholder) in VARYING.iter() {
                    text = pattern.replace_all(&text, *placeholder).into_owned();
                }
                insta::assert_snapshot!(id, text);
            }
        });
    }
}
