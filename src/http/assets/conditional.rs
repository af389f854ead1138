//! Conditional requests: a browser that holds the current version is told so instead of being sent it again.

use axum::http::{HeaderMap, header};

/// Whether the request's `If-None-Match` names this entity tag (RFC 9110, section 13.1.2).
pub(super) fn is_current(request: &HeaderMap, etag: &str) -> bool {
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|candidate| candidate == "*" || opaque(candidate) == opaque(etag))
}

/// Tags are compared weakly: a proxy that compresses marks its version as weak, and it is still this one.
fn opaque(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn asks_for(if_none_match: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static(if_none_match))])
    }

    #[test]
    fn any_named_tag_will_do() {
        assert!(is_current(&asks_for("\"a\", \"b\""), "\"b\""));
        assert!(is_current(&asks_for("W/\"b\""), "\"b\""));
        assert!(is_current(&asks_for("*"), "\"b\""));
    }

    #[test]
    fn another_tag_or_none_will_not() {
        assert!(!is_current(&asks_for("\"a\""), "\"b\""));
        assert!(!is_current(&HeaderMap::new(), "\"b\""));
    }
}
