//! Where a request carries its credential.

use axum_extra::extract::cookie::Cookie;
use http::header::{self, HeaderMap};

use super::{RandomSecret, SecretKind};
use crate::problem::{Problem, Result};

/// The cookie that holds a session over http; over https its name begins with [`HOST_PREFIX`].
pub const SESSION_COOKIE: &str = "superbot_session";
/// A browser takes a cookie of such a name only over https, from the host itself, for the whole host: a page on a sibling
/// domain cannot plant one (RFC 6265bis, section 4.1.3.2).
pub const HOST_PREFIX: &str = "__Host-";

/// A browser sends one session, or two after a move to https; what is beyond that was planted.
const MAX_SESSIONS: usize = 4;

/// A credential as it came, not yet known to be valid.
#[derive(Clone)]
pub enum PresentedCredential {
    /// The values of the session cookies, the ones of https first; any valid one counts.
    Session(Vec<String>),
    /// An API token, from a header, a CONNECT payload or a query.
    Token(String),
}

/// The credential a request carries: a bearer token, else the session cookie.
///
/// # Errors
/// 401 when there is an `Authorization` header of another form: an invalid credential is
/// refused, never skipped.
pub fn credential(headers: &HeaderMap) -> Result<Option<PresentedCredential>> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let token = bearer(value.as_bytes());
        return token
            .map(Some)
            .ok_or_else(|| Problem::unauthenticated("the Authorization header must be `Bearer <API token>`"));
    }
    Ok(session_of(headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok())))
}

/// The token in the value of an `Authorization` header, if that has the form `Bearer TOKEN`.
pub fn bearer(value: &[u8]) -> Option<PresentedCredential> {
    let (scheme, token) = str::from_utf8(value).ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| PresentedCredential::Token(token.trim().to_owned()))
}

/// The sessions that `Cookie` headers carry.
pub fn session_of<'h>(cookies: impl Iterator<Item = &'h str>) -> Option<PresentedCredential> {
    let mut sessions = Vec::new();
    let mut hosted = 0;
    for cookie in cookies.flat_map(Cookie::split_parse_encoded).filter_map(Result::ok) {
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
    /// What its secrets are for and the hashes they are known by; without those that have not the form of one of ours.
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
