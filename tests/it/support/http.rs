//! A client of the REST API.

use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;

use super::{description, soon};

/// A client, with or without credentials.
#[derive(Clone)]
pub struct Http {
    pub client: Client,
    base: String,
    token: Option<String>,
    cookie: Option<String>,
}

/// A response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// Returns the body; panics unless the request succeeded.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.body);
        self.body
    }

    /// Returns the error code; panics unless the status is as given.
    #[track_caller]
    pub fn refused(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        self.body["code"].as_str().unwrap()
    }

    /// Returns the session cookie that was set.
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

    /// Returns a client with an API token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), cookie: None, ..self.clone() }
    }

    /// Returns a client with a session cookie, given as `name=value`.
    pub fn with_cookie(&self, cookie: &str) -> Self {
        Self { token: None, cookie: Some(cookie.to_owned()), ..self.clone() }
    }

    /// Returns a client logged in as a user created by the test server.
    pub async fn signed_in(&self, username: &str) -> Self {
        let body = serde_json::json!({"username": username, "password": "correct horse"});
        let answer = self.post("/api/auth/login", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        self.with_cookie(&answer.session_cookie().unwrap())
    }

    /// Returns the session cookie as `name=value`.
    pub fn cookie(&self) -> &str {
        self.cookie.as_deref().unwrap()
    }

    /// Starts a request.
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

    /// Sends a request and validates the response against the OpenAPI document; a body that is not JSON becomes a
    /// string.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        self.try_send(request).await.unwrap()
    }

    /// Like [`Self::send`], but returns an error if there is no complete response.
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

    /// Sends a request for a stream; returns the status if it was rejected, and `None` if there is no response.
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

    /// Reads all pages of a list.
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

    /// Returns a value from `/metrics`.
    pub async fn metric(&self, name: &str) -> u64 {
        let answer = self.get("/metrics").await;
        let text = answer.body.as_str().unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} is not in\n{text}")).parse().unwrap()
    }

    /// Returns the status of a GET request; `None` if there is no response.
    pub async fn try_get(&self, path: &str) -> Option<u16> {
        Some(self.try_send(self.request(Method::GET, path)).await.ok()?.status)
    }
}

fn media_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).map_or("", |value| value.to_str().unwrap())
}
