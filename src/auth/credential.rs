//! Extraction of credentials from requests.

use axum_extra::extract::cookie::Cookie;
use http::header::{self, HeaderMap};

use super::{RandomSecret, SecretKind};
use crate::problem::{Problem, Result};

/// Name of the session cookie over HTTP; over HTTPS it is prefixed with [`HOST_PREFIX`].
pub const SESSION_COOKIE: &str = "superbot_session";
/// Browsers accept cookies with this prefix only over HTTPS, from the host itself and for all its paths: a sibling domain
/// cannot set one (RFC 6265bis, section 4.1.3.2).
pub const HOST_PREFIX: &str = "__Host-";

/// Maximum session cookies tried per request. Browsers send one, or two after a move to HTTPS; more have been injected.
const MAX_SESSIONS: usize = 4;

/// A credential as received, before it is checked.
#[derive(Clone)]
pub enum PresentedCredential {
    /// Values of the session cookies, those with [`HOST_PREFIX`] first; one valid value suffices.
    Session(Vec<String>),
    /// An API token, from a header, a CONNECT payload or a query parameter.
    Token(String),
}

/// Returns the credential of a request: its bearer token, otherwise its session cookie.
///
/// # Errors
/// 401 if there is an `Authorization` header of another form: invalid credentials are rejected, never ignored.
pub fn credential(headers: &HeaderMap) -> Result<Option<PresentedCredential>> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let token = bearer(value.as_bytes());
        return token
            .map(Some)
            .ok_or_else(|| Problem::unauthenticated("the Authorization header must be `Bearer <API token>`"));
    }
    Ok(session_of(headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok())))
}

/// Returns the token of an `Authorization` header's value of the form `Bearer TOKEN`.
pub fn bearer(value: &[u8]) -> Option<PresentedCredential> {
    let (scheme, token) = str::from_utf8(value).ok()?.split_once(' ')?;
    // Names of schemes are case-insensitive (RFC 9110, section 11.1).
    scheme.eq_ignore_ascii_case("bearer").then(|| PresentedCredential::Token(token.trim().to_owned()))
}

/// Returns the sessions in the values of `Cookie` headers.
pub fn session_of<'h>(cookies: impl Iterator<Item = &'h str>) -> Option<PresentedCredential> {
    let mut sessions = Vec::new();
    let mut hosted = 0;
    for cookie in cookies.flat_map(Cookie::split_parse_encoded).filter_map(Result::ok) {
        // Sessions with the prefix first, and otherwise in the order received.
        let (place, name) = match cookie.name().strip_prefix(HOST_PREFIX) {
            Some(name) => (hosted, name),
            None => (sessions.len(), cookie.name()),
        };
        if name == SESSION_COOKIE {
            hosted += usize::from(name.len() < cookie.name().len());
            sessions.insert(place, cookie.value().to_owned());
        }
    }
    sessions.truncate(MAX_SESSIONS);
    (!sessions.is_empty()).then_some(PresentedCredential::Session(sessions))
}

impl PresentedCredential {
    /// Returns kind and hash of each secret; values that are not in the format of a secret are skipped without a lookup.
    pub(super) fn hashes(&self) -> impl Iterator<Item = (SecretKind, [u8; 32])> + '_ {
        let (kind, texts) = match self {
            Self::Session(texts) => (SecretKind::Session, texts.as_slice()),
            Self::Token(text) => (SecretKind::ApiToken, std::slice::from_ref(text)),
        };
        texts.iter().filter_map(move |text| Some((kind, RandomSecret::parse(kind, text)?.hash())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions(cookies: &[&str]) -> Vec<String> {
        match session_of(cookies.iter().copied()) {
            Some(PresentedCredential::Session(sessions)) => sessions,
            _ => Vec::new(),
        }
    }

    #[test]
    fn sessions_of_https_come_first_and_none_is_lost() {
        assert_eq!(sessions(&["a=1; superbot_session=x; b=2"]), ["x"]);
        assert_eq!(sessions(&["superbot_session=x", "__Host-superbot_session=y"]), ["y", "x"]);
        let many = "superbot_session=1; __Host-superbot_session=2; superbot_session=3; __Host-superbot_session=4";
        assert_eq!(sessions(&[many]), ["2", "4", "1", "3"]);
        assert!(sessions(&["superbot_sessions=x; host-superbot_session=y; session=z"]).is_empty());
    }

    #[test]
    fn the_number_of_sessions_is_bounded() {
        let many = "superbot_session=x; ".repeat(1_000);
        assert_eq!(sessions(&[&many]).len(), MAX_SESSIONS);
    }
}
