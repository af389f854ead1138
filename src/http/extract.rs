//! What handlers take from a request, with every refusal a [`Problem`].

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

/// The caller of a request with a valid credential, within the rate limit.
pub struct Caller(pub Arc<Principal>);

/// A caller that acts as a user.
pub struct SignedIn(pub AuthenticatedUser);

/// A caller that may read what every signed-in user may.
pub struct ReadCaller(pub Arc<Principal>);

/// A caller that may publish.
pub struct MayPublish(pub Arc<Principal>);

/// A caller that may do everything.
pub struct AdminCaller(pub Arc<Principal>);

/// The request's body as JSON of type `T`.
pub struct JsonBody<T>(pub T);

/// The request's body as JSON of type `T`, which may be left out or `null`.
pub struct OptionalBody<T>(pub Option<T>);

/// The request's query as `T`.
pub struct QueryParams<T>(pub T);

/// The id in the request's path.
pub struct PathId(pub i64);

/// The only part of the request's path that varies, as text.
pub struct PathSegment(pub String);

/// The two ids in the request's path, in their order.
pub struct PathIds(pub i64, pub i64);

/// The caller's `Idempotency-Key`, if it sent one.
pub struct Idempotency(Option<String>);

impl FromRequestParts<Arc<ApiState>> for RequestClient {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<ApiState>) -> Result<Self, Infallible> {
        Ok(Self { address: api.edge.client_address(parts) })
    }
}

impl SignedIn {
    /// The user acted as.
    pub fn user(&self) -> &User {
        &self.0.user
    }
}

impl Idempotency {
    /// The key bound to its caller and to the very request it came with.
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
            "this user has as many requests under way as connections are allowed (limits.user_connections)",
        ),
        _ => Problem::unavailable("the server has no room for one more connection; try again"),
    }
}

impl FromRequestParts<Arc<ApiState>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<ApiState>) -> Result<Self> {
        let Some(credential) = credential(&parts.headers)? else {
            return Err(Problem::unauthenticated("sign in, or send `Authorization: Bearer <API token>`"));
        };
        if matches!(credential, PresentedCredential::Session(_)) {
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

/// Bodies larger than this are parsed on a thread of their own, as that takes longer than the threads that serve requests may
/// be kept: some 10 ms for each megabyte.
const INLINE_BYTES: usize = 64 << 10;

/// Parses a body without keeping a thread that serves requests.
///
/// Few large bodies are parsed at the same time: a parsed value takes many times the memory of its text, and parsing keeps a
/// processor busy.
///
/// # Errors
/// 500 where parsing panics.
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
        // Held by the work and not by the request, which may be dropped before it is done.
        let _permit = permit;
        parse(&bytes)
    };
    tokio::task::spawn_blocking(parse).await.map_err(|error| Problem::internal(&error))
}

/// Parses JSON; errors name the field, or the line and column.
///
/// # Errors
/// 400 when it is no JSON, 422 when a field is not right.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        let cause = error.into_inner();
        if cause.is_data() { wrong_field(&field, &cause.to_string()) } else { not_json(&cause) }
    })?;
    deserializer.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

/// 400: the body is no JSON document.
pub fn not_json(error: &serde_json::Error) -> Problem {
    Problem::bad_request(format!("the body is not JSON: {error}"))
}

/// Turns serde's sentence into a field and what is wrong with it.
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
            Err(_) => Err(Problem::not_found("ids are whole numbers")),
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
            Err(_) => Err(Problem::not_found("ids are whole numbers")),
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
