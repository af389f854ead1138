//! HTTP error responses: `application/problem+json` (RFC 9457).

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use superbot_domain::{InvalidFields, clipped};
use superbot_store::{DbError, StoreError};
use superbot_wire::FieldErrorView;

use crate::refusal::RefusalReason;

/// An error: a status, a stable code, and explanations for people.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// The HTTP status, repeated in the body as RFC 9457 asks.
    pub status: u16,
    /// A stable identifier for programs.
    pub code: &'static str,
    /// The kind of problem.
    pub title: &'static str,
    /// What is wrong with this request.
    pub detail: String,
    /// The invalid fields, each with what would be right.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldErrorView>,
    /// Value of `Retry-After`, rounded up to seconds.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
    /// The reason under which the refusal is counted when the response is sent; `None` if it is counted elsewhere, or does
    /// not protect the server.
    #[serde(skip)]
    pub refusal: Option<RefusalReason>,
}

/// Maximum length of `detail` in bytes. Only texts that quote input are longer.
const MAX_DETAIL_BYTES: usize = 1_500;

/// Result of handlers and extractors.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

impl Problem {
    /// Creates a problem from status, code and title.
    fn new(kind: (StatusCode, &'static str, &'static str), detail: impl Into<String>) -> Self {
        let (status, code, title) = kind;
        let detail = clipped(detail.into(), MAX_DETAIL_BYTES);
        Self { status: status.as_u16(), code, title, detail, errors: Vec::new(), retry_after: None, refusal: None }
    }

    /// Sets the reason under which the response is counted as a refusal.
    #[must_use]
    pub fn counted_as(self, reason: RefusalReason) -> Self {
        Self { refusal: Some(reason), ..self }
    }

    /// 400: the request is malformed.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new((StatusCode::BAD_REQUEST, "bad_request", "The request cannot be read"), detail)
    }

    /// 422 for one invalid field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        InvalidFields::one(field, message).into()
    }

    /// 401: the request has no valid credential.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        let kind = (StatusCode::UNAUTHORIZED, "unauthenticated", "Authentication required");
        Self::new(kind, detail).counted_as(RefusalReason::Unauthenticated)
    }

    /// 403: the credential is valid, but not sufficient.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new((StatusCode::FORBIDDEN, "forbidden", "Not allowed"), detail)
    }

    /// 403: the password reset link is invalid. Deliberately without a reason, which could help guessing.
    pub fn bad_reset_token() -> Self {
        let kind = (StatusCode::FORBIDDEN, "bad_reset_token", "The link is not valid");
        Self::new(kind, "the link is invalid or has expired: it works once, for 24 hours; ask the admin for a new one")
    }

    /// 404: the resource does not exist, or is not visible to the caller.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new((StatusCode::NOT_FOUND, "not_found", "Not found"), detail)
    }

    /// 405: the path exists, but not with this method.
    pub fn method_not_allowed() -> Self {
        let kind = (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed");
        Self::new(kind, "this path does not support the method; see /api/docs")
    }

    /// 408: the request was not complete in time.
    pub fn request_timeout(detail: impl Into<String>) -> Self {
        Self::new((StatusCode::REQUEST_TIMEOUT, "request_timeout", "The request took too long"), detail)
    }

    /// 409: the request conflicts with the stored state; `code` says how.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new((StatusCode::CONFLICT, code, "Conflict"), detail)
    }

    /// 413: the body, or the number of items in it, exceeds a limit.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new((StatusCode::PAYLOAD_TOO_LARGE, "too_large", "Too large"), detail)
    }

    /// 415: the body has a type that pages of other sites can send.
    pub fn unsupported_media_type(detail: impl Into<String>) -> Self {
        let kind = (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Unsupported media type");
        Self::new(kind, detail)
    }

    /// 429: the user has reached the limit of connections.
    pub fn too_many_connections(detail: impl Into<String>) -> Self {
        let kind = (StatusCode::TOO_MANY_REQUESTS, "too_many_connections", "Too many connections");
        Self { retry_after: Some(Duration::from_secs(5)), ..Self::new(kind, detail) }
    }

    /// 429: a rate limit is exceeded; `retry_after` is the time until it is not.
    pub fn rate_limited(detail: impl Into<String>, retry_after: Duration) -> Self {
        let kind = (StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many requests");
        Self { retry_after: Some(retry_after), ..Self::new(kind, detail) }
    }

    /// 429: too many bytes of earlier responses have not been read by the client.
    pub fn unread_answers(limit_bytes: usize) -> Self {
        let kind = (StatusCode::TOO_MANY_REQUESTS, "unread_answers", "Too many unread responses");
        let detail = format!("{limit_bytes} bytes of responses are unread; read them before sending more requests");
        Self { retry_after: Some(Duration::from_secs(1)), ..Self::new(kind, detail) }
    }

    /// 503: a temporary condition; the request can be retried.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        let kind = (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Temporarily unavailable");
        Self { retry_after: Some(Duration::from_secs(1)), ..Self::new(kind, detail) }
    }

    /// 500: a bug or an unexpected failure. The cause is logged here and never sent.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        let kind = (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error");
        Self::new(kind, "an internal error occurred; the server's log has the details")
    }
}

impl From<InvalidFields> for Problem {
    fn from(invalid: InvalidFields) -> Self {
        let detail = invalid.summary();
        let kind = (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Some fields are not right");
        let errors = invalid.errors.into_iter().map(FieldErrorView::from).collect();
        Self { errors, ..Self::new(kind, detail) }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Db(DbError::Busy | DbError::Closed) => {
                Self::unavailable("the store is busy; nothing was done; try again")
            }
            // Unlike with `Busy`, the connection may have been lost after the commit.
            StoreError::Db(DbError::Unreachable(_)) => Self::unavailable(
                "the store's database cannot be reached; whether the request took effect is unknown; try again",
            ),
            StoreError::Db(DbError::TooSlow) => {
                let kind = (StatusCode::SERVICE_UNAVAILABLE, "query_too_slow", "The query took too long");
                let detail = "the query took too long and was interrupted; narrow it with more words, a source, a price \
                              range, or more letters before a *";
                Self::new(kind, detail).counted_as(RefusalReason::Query)
            }
            StoreError::Db(DbError::Replaced) => {
                let kind = (StatusCode::SERVICE_UNAVAILABLE, "store_replaced", "The store's file was replaced");
                Self::new(
                    kind,
                    "the store's file was deleted or replaced; nothing is stored until the server is restarted",
                )
            }
            StoreError::Db(DbError::Damaged(_)) => {
                let kind = (StatusCode::SERVICE_UNAVAILABLE, "store_damaged", "The store is damaged");
                Self::new(kind, "the store's file is damaged; restore a backup")
            }
            StoreError::Db(DbError::Full) => {
                let kind = (StatusCode::INSUFFICIENT_STORAGE, "store_full", "The disk is full");
                Self::new(kind, "the store's disk is full; nothing was done")
            }
            StoreError::BadCursor => {
                let message = "is not a cursor of this list in this order; leave it out to read the first page";
                Self::field("cursor", message)
            }
            StoreError::NameTaken => Self::conflict("name_taken", "that username is taken"),
            StoreError::SourceExists => Self::conflict("source_exists", "there is a source of that name"),
            StoreError::TooManyFavorites(most) => {
                Self::conflict("too_many_favorites", format!("you have {most} favourites already; remove some first"))
            }
            StoreError::TooManyIgnored(most) => {
                let detail = format!("it ignores {most} listings already; make its keywords say what you do not want");
                Self::conflict("too_many_ignored", detail)
            }
            StoreError::TooManyTokens(_) => Self::conflict("too_many_tokens", error.to_string()),
            StoreError::LastAdmin => Self::conflict("last_admin", error.to_string()),
            StoreError::AlreadySetUp => Self::conflict("already_set_up", "an admin exists already; sign in instead"),
            StoreError::IdempotencyMismatch => Self::conflict(
                "idempotency_mismatch",
                "Idempotency-Key was used before for another request; use a new key",
            ),
            StoreError::Invalid(invalid) => invalid.into(),
            // Everything else is a bug, or nothing that the client could correct.
            other => Self::internal(&other),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let refusal = self.refusal;
        let mut response = (status, axum::Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(wait) = retry_after {
            // Rounded up: a client that waits too short a time is refused again.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        // A middleware that knows the client's address counts and logs it.
        if let Some(reason) = refusal {
            response.extensions_mut().insert(reason);
        }
        response
    }
}
