//! A client of the REST API.

use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;

use super::{description, soon};

/// A client with or without a credential.
#[derive(Clone)]
pub struct Http {
    pub client: Client,
    base: String,
    token: Option<String>,
    cookie: Option<String>,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The body, of a request that succeeded.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.body);
        self.body
    }

    /// The stable code of a refusal with this status.
    #[track_caller]
    pub fn refused(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        self.body["code"].as_str().unwrap()
    }

    /// The session cookie that was set.
    pub fn session_cookie(&self) -> Option<String> {
        let cookies = self.headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap());
        let mut ours = cookies.filter(|cookie| cookie.starts_with("superbot_session="));
        ours.next().map(|cookie| cookie.split(';').next().unwrap().to_owned())
    }
}

impl Http {
    pub fn new(address: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { client, base: format!("http://{address}"), token: None, cookie: None }
    }

    /// The same with an API token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), cookie: None, ..self.clone() }
    }

    /// The same with a session cookie, as `name=value`.
    pub fn with_cookie(&self, cookie: &str) -> Self {
        Self { token: None, cookie: Some(cookie.to_owned()), ..self.clone() }
    }

    /// The same, signed in as a user made by the test server.
    pub async fn signed_in(&self, username: &str) -> Self {
        let body = serde_json::json!({"username": username, "password": "correct horse"});
        let answer = self.post("/api/auth/login", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        self.with_cookie(&answer.session_cookie().unwrap())
    }

    /// The session cookie, as `name=value`.
    pub fn cookie(&self) -> &str {
        self.cookie.as_deref().unwrap()
    }

    /// A request, to be changed before it is sent.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        request
    }

    /// Sends a request and reads its answer, which must be as the API's description says; a body that is no JSON is a string.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        self.try_send(request).await.unwrap()
    }

    /// The same, or the reason why there is no whole answer.
    pub async fn try_send(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        let request = request.build().unwrap();
        let method = request.method().clone();
        let url = request.url().clone();
        let response = soon("an answer", self.client.execute(request)).await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = soon("a body", response.text()).await?;
        description::check(method.as_str(), url.path(), status, media_type(&headers), &text);
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status, headers, body })
    }

    /// Sends a request whose answer is a stream, or says with which status it was refused. `None` where there is no answer.
    pub async fn try_open_stream(&self, request: RequestBuilder) -> Option<Result<Response, u16>> {
        let request = request.build().unwrap();
        let method = request.method().clone();
        let url = request.url().clone();
        let response = soon("an answer", self.client.execute(request)).await.ok()?;
        let status = response.status().as_u16();
        let media_type = media_type(response.headers()).to_owned();
        if status == 200 {
            description::check_head(method.as_str(), url.path(), status, &media_type);
            return Some(Ok(response));
        }
        let text = soon("a body", response.text()).await.ok()?;
        description::check(method.as_str(), url.path(), status, &media_type, &text);
        Some(Err(status))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(body)).await
    }

    /// All items of a list, read page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let mut page = self.get(&format!("{path}?limit=100{cursor}")).await.ok();
            items.append(page["items"].as_array_mut().unwrap());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }

    /// One figure of `/metrics`.
    pub async fn metric(&self, name: &str) -> u64 {
        let answer = self.get("/metrics").await;
        let text = answer.body.as_str().unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} is not in\n{text}")).parse().unwrap()
    }

    /// The status of a GET, or `None` when nobody answers.
    pub async fn try_get(&self, path: &str) -> Option<u16> {
        Some(self.try_send(self.request(Method::GET, path)).await.ok()?.status)
    }
}

fn media_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).map_or("", |value| value.to_str().unwrap())
}
