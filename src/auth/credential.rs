//! Where a request carries its credential.

use axum_extra::extract::cookie::Cookie;
use http::header::{self, HeaderMap};

use crate::problem::{Problem, Result};

/// The cookie that holds a session.
pub const SESSION_COOKIE: &str = "superbot_session";

/// A credential as it came, not yet known to be valid.
#[derive(Clone)]
pub enum Credential {
    /// The value of the session cookie.
    Session(String),
    /// An API token, from a header, a CONNECT payload or a query.
    Token(String),
}

/// The credential a request carries: a bearer token, else the session cookie.
///
/// # Errors
/// 401 when there is an `Authorization` header of another form: an invalid credential is
/// refused, never skipped.
pub fn credential(headers: &HeaderMap) -> Result<Option<Credential>> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let text = value.to_str().unwrap_or_default();
        return match text.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Ok(Some(Credential::Token(token.trim().to_owned())))
            }
            _ => Err(Problem::unauthenticated("the Authorization header must be `Bearer <API token>`")),
        };
    }
    Ok(session_of(headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok())))
}

/// The session that `Cookie` headers carry.
pub fn session_of<'h>(cookies: impl Iterator<Item = &'h str>) -> Option<Credential> {
    let mut cookies = cookies.flat_map(Cookie::split_parse_encoded).filter_map(Result::ok);
    let session = cookies.find(|cookie| cookie.name() == SESSION_COOKIE)?;
    Some(Credential::Session(session.value().to_owned()))
}
