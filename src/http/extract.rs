//! Extractors for handlers, whose rejections are [`Problem`]s.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum_extra::extract::Query;
use http::request::Parts;
use serde::de::DeserializeOwned;
use superbot_domain::User;
use superbot_store::IdempotencyKey;

use super::api::ApiState;
use super::authority::{RequestAuthority, not_valid};
use super::body_reader::read_body;
use super::request_owner::RequestOwner;
use crate::admission::HttpConnection;
use crate::auth::{AccessDenied, AuthenticatedUser, PresentedCredential, Principal, credential};
use crate::problem::{Problem, Result};
use crate::refusal::RefusalReason;

pub use super::client::RequestClient;

/// The principal of a request with a valid credential, charged to its rate limit.
pub struct Caller(pub Arc<Principal>);

/// A caller that acts on behalf of a user.
pub struct SignedIn(pub AuthenticatedUser);

/// A caller permitted to read what every signed-in user may.
pub struct ReadCaller(pub Arc<Principal>);

/// A caller permitted to publish.
pub struct MayPublish(pub Arc<Principal>);

/// A caller with unrestricted rights.
pub struct AdminCaller(pub Arc<Principal>);

/// The request's body, JSON of type `T`.
pub struct JsonBody<T>(pub T);

/// The request's body, JSON of type `T`; absent or `null` is `None`.
pub struct OptionalBody<T>(pub Option<T>);

/// The request's query string, parsed as `T`.
pub struct QueryParams<T>(pub T);

/// The path's only parameter, an integer.
pub struct PathId(pub i64);

/// The path's only parameter, as text.
pub struct PathSegment(pub String);

/// The path's two parameters, integers, in their order.
pub struct PathIds(pub i64, pub i64);

/// The request's `Idempotency-Key` header, if any: 1 to 255 characters.
pub struct Idempotency(Option<String>);

impl FromRequestParts<Arc<ApiState>> for RequestClient {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<ApiState>) -> Result<Self, Infallible> {
        Ok(Self { address: api.edge.client_address(parts) })
    }
}

impl SignedIn {
    /// Returns the user on whose behalf the caller acts.
    pub fn user(&self) -> &User {
        &self.0.user
    }
}

impl Idempotency {
    /// Binds the key to its caller and to the content of the request, so that reuse for another request is detected.
    pub fn bind(self, principal: &Principal, request: &str) -> Option<IdempotencyKey> {
        use sha2::{Digest as _, Sha256};
        let owner = match principal {
            Principal::Session { user, .. } => format!("user:{}", user.id),
            Principal::Token { id, .. } => format!("token:{id}"),
        };
        self.0.map(|key| IdempotencyKey {
            principal: owner,
            key,
            request_hash: Sha256::digest(request.as_bytes()).into(),
        })
    }
}

fn no_room(reason: RefusalReason) -> Problem {
    match reason {
        RefusalReason::UserConnections => Problem::too_many_connections(
            "this user has reached the limit of concurrent requests (limits.user_connections)",
        ),
        _ => Problem::unavailable("the server has reached its limit of connections; try again"),
    }
}

impl FromRequestParts<Arc<ApiState>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<ApiState>) -> Result<Self> {
        let Some(credential) = credential(&parts.headers)? else {
            return Err(Problem::unauthenticated("sign in, or send `Authorization: Bearer <API token>`"));
        };
        if matches!(credential, PresentedCredential::Session(_)) {
            // Only cookies are sent by browsers on their own, so only these requests can be forged by other sites (CSRF).
            api.edge.refuse_forgery(parts)?;
        }
        let Some(principal) = api.auth.authenticate(&credential, api.clock.now()).await? else {
            return Err(not_valid(&credential));
        };
        parts.extensions.insert(RequestAuthority::new(credential, Arc::clone(&principal)));
        if let Some(visit) = parts.extensions.get::<HttpConnection>() {
            let slot = visit.admit(&principal).map_err(no_room)?;
            RequestOwner::hold(&parts.extensions, slot);
        }
        // After admission: a request refused for lack of a place is not charged to the rate limit.
        api.rates.charge(&principal, api.clock.now())?;
        RequestOwner::identify(&parts.extensions, &principal, api)?;
        Ok(Self(principal))
    }
}

impl From<AccessDenied> for Problem {
    fn from(refused: AccessDenied) -> Self {
        Self::forbidden(refused.to_string())
    }
}

impl FromRequestParts<Arc<ApiState>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<ApiState>) -> Result<Self> {
        let Caller(principal) = Caller::from_request_parts(parts, api).await?;
        Ok(Self(principal.as_user()?))
    }
}

impl FromRequestParts<Arc<ApiState>> for ReadCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<ApiState>) -> Result<Self> {
        let Caller(principal) = Caller::from_request_parts(parts, api).await?;
        principal.may_read()?;
        Ok(Self(principal))
    }
}

impl FromRequestParts<Arc<ApiState>> for MayPublish {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<ApiState>) -> Result<Self> {
        let Caller(principal) = Caller::from_request_parts(parts, api).await?;
        principal.may_publish()?;
        Ok(Self(principal))
    }
}

impl FromRequestParts<Arc<ApiState>> for AdminCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<ApiState>) -> Result<Self> {
        let Caller(principal) = Caller::from_request_parts(parts, api).await?;
        principal.may_administer()?;
        Ok(Self(principal))
    }
}

impl<T: DeserializeOwned + Send + 'static> FromRequest<Arc<ApiState>> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Arc<ApiState>) -> Result<Self> {
        let bytes = read_body(request, api.config.limits.body_bytes, api).await?;
        off_thread(api, bytes, parse_json).await?.map(Self)
    }
}

impl<T: DeserializeOwned + Send + 'static> FromRequest<Arc<ApiState>> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Arc<ApiState>) -> Result<Self> {
        let bytes = read_body(request, api.config.limits.body_bytes, api).await?;
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        off_thread(api, bytes, parse_json).await?.map(Self)
    }
}

/// Larger bodies are parsed on a separate thread, because parsing takes about 10 ms per megabyte, for which a thread that
/// serves requests must not be blocked.
const INLINE_BYTES: usize = 64 << 10;

/// Parses a body, on a blocking thread if it is large.
///
/// The number of large bodies parsed concurrently is limited: a parsed value takes many times the memory of its text, and
/// parsing occupies a processor.
///
/// # Errors
/// 500 if parsing panics.
pub async fn off_thread<T: Send + 'static>(
    api: &ApiState,
    bytes: bytes::Bytes,
    parse: impl FnOnce(&[u8]) -> T + Send + 'static,
) -> Result<T> {
    if bytes.len() <= INLINE_BYTES {
        return Ok(parse(&bytes));
    }
    let permit = Arc::clone(&api.parsers).acquire_owned().await.map_err(|error| Problem::internal(&error))?;
    let parse = move || {
        // Owned by the work instead of the request, which may be dropped before the work is done.
        let _permit = permit;
        parse(&bytes)
    };
    tokio::task::spawn_blocking(parse).await.map_err(|error| Problem::internal(&error))
}

/// Parses JSON; errors name the field, or line and column.
///
/// # Errors
/// 400 if it is not JSON, 422 if a field is invalid.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        let cause = error.into_inner();
        if cause.is_data() { wrong_field(&field, &cause.to_string()) } else { not_json(&cause) }
    })?;
    // Rejects trailing characters after the value.
    deserializer.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

/// Returns the 400 for a body that is not a JSON document.
pub fn not_json(error: &serde_json::Error) -> Problem {
    Problem::bad_request(format!("the body is not JSON: {error}"))
}

/// Splits serde's message into the field and what is wrong with it.
fn wrong_field(path: &str, message: &str) -> Problem {
    let message = message.split(" at line ").next().unwrap_or(message);
    let quoted = message.split('`').nth(1);
    let (field, message) = match quoted {
        Some(name) if message.starts_with("missing field") => (name, "is required".to_owned()),
        Some(name) if message.starts_with("unknown field") => (name, message.to_owned()),
        _ => (if path == "." { "body" } else { path }, message.to_owned()),
    };
    Problem::field(field, message)
}

impl<T: DeserializeOwned> FromRequestParts<Arc<ApiState>> for QueryParams<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<ApiState>) -> Result<Self> {
        match Query::<T>::from_request_parts(parts, api).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(rejection) => Err(Problem::bad_request(rejection.body_text())),
        }
    }
}

impl FromRequestParts<Arc<ApiState>> for PathId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<ApiState>) -> Result<Self> {
        match Path::<i64>::from_request_parts(parts, api).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(Problem::not_found("the id in the path must be a whole number")),
        }
    }
}

impl FromRequestParts<Arc<ApiState>> for PathSegment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<ApiState>) -> Result<Self> {
        match Path::<String>::from_request_parts(parts, api).await {
            Ok(Path(text)) => Ok(Self(text)),
            Err(_) => Err(Problem::not_found("the address is not UTF-8")),
        }
    }
}

impl FromRequestParts<Arc<ApiState>> for PathIds {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<ApiState>) -> Result<Self> {
        match Path::<(i64, i64)>::from_request_parts(parts, api).await {
            Ok(Path((first, second))) => Ok(Self(first, second)),
            Err(_) => Err(Problem::not_found("the id in the path must be a whole number")),
        }
    }
}

impl FromRequestParts<Arc<ApiState>> for Idempotency {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<ApiState>) -> Result<Self> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(Self(None));
        };
        match value.to_str() {
            Ok(key) if (1..=255).contains(&key.len()) => Ok(Self(Some(key.to_owned()))),
            _ => Err(Problem::field("Idempotency-Key", "must be 1 to 255 printable characters")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Debug)]
    #[expect(dead_code, reason = "only its shape is of interest")]
    struct Login {
        username: String,
        tries: u8,
    }

    #[test]
    fn a_wrong_field_is_named_with_its_value_and_what_would_be_right() {
        let problem = parse_json::<Login>(br#"{"username": 7, "tries": 1}"#).unwrap_err();
        assert_eq!((problem.status, problem.code), (422, "invalid"));
        assert_eq!(problem.errors[0].field, "username");
        assert_eq!(problem.errors[0].message, "invalid type: integer `7`, expected a string");
        let problem = parse_json::<Login>(br#"{"username": "eve"}"#).unwrap_err();
        assert_eq!(problem.errors[0].field, "tries");
        assert_eq!(problem.errors[0].message, "is required");
    }

    #[test]
    fn what_is_no_json_is_said_to_be_none() {
        for body in ["", "{", "nonsense", "{\"username\":\"a\",\"tries\":1} x"] {
            let problem = parse_json::<Login>(body.as_bytes()).unwrap_err();
            assert_eq!((problem.status, problem.code), (400, "bad_request"), "{body}");
        }
    }
}
