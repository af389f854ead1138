//! Conditional requests, answered with 304 if the client's copy is current.

use axum::http::{HeaderMap, header};

/// Returns whether `If-None-Match` contains this entity tag (RFC 9110, section 13.1.2).
pub(super) fn is_current(request: &HeaderMap, etag: &str) -> bool {
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|candidate| candidate == "*" || opaque(candidate) == opaque(etag))
}

/// Strips the weakness prefix: If-None-Match compares weakly, and a compressing proxy marks our tags as weak.
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
